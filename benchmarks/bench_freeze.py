"""How much faster the tape follows ``freeze(model)`` than the Keras model itself.

python benchmarks/bench_freeze.py
"""

import statistics
import time

from cs231n_vis import freeze, load_imagenet_val, load_squeezenet, preprocess_image, tf

ROUNDS = 7


def seconds(network, X, y) -> float:
    """One score for each image, and their gradients by the images."""
    start = time.perf_counter()
    images = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(images)
        scores = tf.gather(network(images), y, axis=1, batch_dims=1)
    tape.gradient(scores, images).numpy()
    return time.perf_counter() - start


def main() -> None:
    X_raw, y, _ = load_imagenet_val()
    X, model = preprocess_image(X_raw), load_squeezenet()
    sides = {"Keras model": model, "freeze(model)": freeze(model)}
    for count in (1, 5, 20):
        took = {name: [] for name in sides}
        for _ in range(ROUNDS + 1):  # the first one of each is for compiling
            for name, network in sides.items():
                took[name].append(seconds(network, X[:count], y[:count]))
        slow, fast = (1000 * statistics.median(times[1:]) for times in took.values())
        print(f"{count:3} images: {slow:6.0f} and {fast:5.0f} ms, {fast / slow:.2f} of the time")


if __name__ == "__main__":
    main()
