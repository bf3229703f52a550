"""How fast is compute_saliency_maps? One table, both sides in turn, in one run.

    make bench          (or: python benchmarks/bench_saliency.py)

Compared are the reference, the usual eager GradientTape, and tf-keras-vis's Saliency, with the
same weights and images in the same process. Every round runs each of them once, so a machine that
slows down slows all of them; the table gives medians and the ratio of medians. Start-up times are
taken in fresh processes.
"""

import argparse
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np
from rich.console import Console
from rich.table import Table

from cs231n_vis import (
    compute_saliency_maps,
    load_imagenet_val,
    load_squeezenet,
    preprocess_image,
    tf,
)
from cs231n_vis.grading.judge import relative_l2


def eager_tape(X, y, model):
    """The assignment's solution, as most people write it."""
    X = tf.convert_to_tensor(X)
    y = tf.cast(y, tf.int32)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        correct_scores = tf.gather_nd(scores, tf.stack((tf.range(X.shape[0]), y), axis=1))
    return tf.reduce_max(tf.abs(tape.gradient(correct_scores, X)), axis=3).numpy()


def tf_keras_vis(model):
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.utils.scores import CategoricalScore

    saliency = Saliency(model, clone=False)

    def maps(X, y, model):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it passes its inputs as a list
            return saliency(CategoricalScore([int(label) for label in y]), X, normalize_map=False)

    return maps


START_UP = {
    "import cs231n_vis": ("", "import cs231n_vis", 0.1),
    "load_squeezenet(), TensorFlow imported": (
        "from cs231n_vis import tf, load_squeezenet",
        "load_squeezenet()",
        1.0,
    ),
    "first compute_saliency_maps, one image": (
        "import numpy as np, cs231n_vis; m = cs231n_vis.load_squeezenet();"
        "f = cs231n_vis.compute_saliency_maps; X = np.ones((1, 224, 224, 3), np.float32)",
        "f(X, [0], m)",
        1.5,
    ),
}


def seconds_in_a_new_process(before: str, timed: str) -> float:
    program = (
        f"{before}\nimport time; t = time.perf_counter(); {timed}\nprint(time.perf_counter() - t)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 5, 20])
    options = parser.parse_args()

    model = load_squeezenet()
    X_raw, labels, _ = load_imagenet_val()
    images = preprocess_image(X_raw)
    sides = {
        "compute_saliency_maps": compute_saliency_maps,
        "eager GradientTape": eager_tape,
        "tf-keras-vis Saliency": tf_keras_vis(model),
    }
    console = Console()
    table = Table(title=f"Saliency maps, median of {options.rounds} rounds, in turn")
    for column in ("images", "", "ms", "times slower than ours", "relative L2 from ours"):
        table.add_column(column, justify="left" if not column else "right")
    for count in options.batches:
        X, y = images[:count], labels[:count]
        maps = {name: side(X, y, model) for name, side in sides.items()}  # and warm up
        times = {name: [] for name in sides}
        for _ in range(options.rounds):
            for name, side in sides.items():
                start = time.perf_counter()
                side(X, y, model)
                times[name].append(time.perf_counter() - start)
        ours = statistics.median(times["compute_saliency_maps"])
        for name in sides:
            median = statistics.median(times[name])
            error = relative_l2(maps[name], maps["compute_saliency_maps"]).max()
            table.add_row(
                str(count), name, f"{median * 1e3:.1f}", f"{median / ours:.2f}", f"{error:.0e}"
            )
        table.add_section()
    console.print(table)

    table = Table(title="Start-up, median of 3 new processes")
    for column in ("", "s", "to stay under, s"):
        table.add_column(column, justify="left" if not column else "right")
    for name, (before, timed, limit) in START_UP.items():
        median = statistics.median(seconds_in_a_new_process(before, timed) for _ in range(3))
        table.add_row(name, f"{median:.3f}", f"{limit}")
    console.print(table)
    versions = f"TensorFlow {tf.__version__}, Keras {tf.keras.__version__}, NumPy {np.__version__}"
    console.print(f"{versions}, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
