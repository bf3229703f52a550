"""How fast are the methods, and what do they hold in memory? One table, in one run.

    make bench          (or: python benchmarks/bench_methods.py [--batches 1 5 20 100])

Ours, the usual eager GradientTape and five libraries (benchmarks/sides.py), with the same weights,
images, samples and steps, in one process and in turn: each round runs every side once, so a machine
that slows down slows all of them. TensorFlow's settings are ours, oneDNN's kernels included, for
all that use TensorFlow. Medians are given, and how many times slower than ours a side is.

Peak memory is what a fresh process gains by the first call, model and compilation included; such a
process is forked for each cell before anything is computed. The floor of saliency is twice the
forward pass's floating-point operations, at the rate of a large matrix product taken in the same
rounds.
"""

import argparse
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from rich.console import Console
from rich.table import Table
from sides import METHODS, SALIENCY, SIDES
from start_up import print_start_up

from cs231n_vis import load_imagenet_val, load_squeezenet, preprocess_image, tf

SECONDS_A_CELL, ROUNDS = 30, 15  # rounds are made until one of these is spent
MATRIX = 2048
NEEDS = {
    "tf-keras-vis": "tf_keras_vis",
    "PAIR saliency": "saliency",
    "xplique": "xplique",
    "captum": "captum",
}
ONE_BY_ONE = "PAIR saliency"  # for it a batch is a loop, so more images say nothing new


def images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """``count`` preprocessed images and labels: the 20 samples, over and over."""
    X_raw, y, _ = load_imagenet_val()
    chosen = np.arange(count) % len(X_raw)
    return preprocess_image(X_raw)[chosen], y[chosen]


def peak_memory(side: str, method: str, count: int) -> float | None:
    """MB that a forked process gains by making the model and the first call; Linux only."""

    def child(sender):
        def resident(which):
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith(which))

        X, y = images(count)
        before = resident("VmRSS")
        SIDES[side](load_squeezenet())[method](X, y)
        sender.send((resident("VmHWM") - before) / 1024)

    try:
        open("/proc/self/status").close()
    except OSError:
        return None
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=child, args=(sender,))
    process.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:  # it ran out of memory
        return float("inf")
    finally:
        process.join()


def forward_flops(model) -> int:
    """Floating-point operations of the convolutions for one image: two for each product."""
    convolutions = [layer for layer in model.layers if isinstance(layer, tf.keras.layers.Conv2D)]
    outputs = tf.keras.Model(model.inputs, [layer.output for layer in convolutions])
    shapes = [output.shape for output in outputs(np.zeros((1, 224, 224, 3), np.float32))]
    return sum(
        2 * height * width * int(np.prod(layer.kernel.shape))
        for layer, (_, height, width, _) in zip(convolutions, shapes, strict=True)
    )


def matrix_products() -> dict[str, Callable]:
    """Two ways of a large float32 matrix product; the faster one is the machine's rate."""
    A = np.random.default_rng(0).random((MATRIX, MATRIX), np.float32)
    B = tf.constant(A)
    product = tf.function(lambda: tf.matmul(B, B))
    return {"NumPy": lambda: A @ A, "TensorFlow": lambda: product().numpy()}


def timed(functions: dict[str, Callable]) -> dict[str, float]:
    """Median seconds of each function, in turn.

    The first round warms up and is not counted, unless it alone takes all the time there is: then
    compiling is a small part of it.
    """
    started = time.perf_counter()
    rounds: list[dict[str, float]] = []
    while len(rounds) <= ROUNDS and (not rounds or time.perf_counter() < started + SECONDS_A_CELL):
        rounds.append({name: _seconds(function) for name, function in functions.items()})
    counted = rounds[1:] or rounds
    return {name: statistics.median(each[name] for each in counted) for name in functions}


def _seconds(function: Callable) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 5, 20, 100])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--sides", nargs="+", choices=list(SIDES), default=list(SIDES))
    options = parser.parse_args()
    console = Console() if sys.stdout.isatty() else Console(width=100)

    names = [n for n in options.sides if n not in NEEDS or find_spec(NEEDS[n])]
    if missing := [name for name in options.sides if name not in names]:
        console.print(f"Left out, not installed: {', '.join(missing)} (`make peers` installs them)")
    for name in names:
        if name in NEEDS:
            __import__(NEEDS[name])  # before forking, and without computing anything

    def cells(method, count):
        """The sides that have the method, and are worth timing at this batch."""
        for name in names:
            if method in has[name] and not (name == ONE_BY_ONE and count > 20):
                yield name

    has = multiprocessing.get_context("fork").Pool(1).apply(_methods_of, (names,))
    memory = {
        (method, count, name): peak_memory(name, method, count)
        for method in options.methods
        for count in options.batches
        for name in cells(method, count)
    }

    model = load_squeezenet()
    sides = {name: SIDES[name](model) for name in names}
    flops = 2 * forward_flops(model)
    table = Table(title="Methods: medians, all sides in turn in one process")
    for column in (
        "method",
        "images",
        "",
        "median, ms",
        "an image, ms",
        "times the first",
        "MB",
    ):
        table.add_column(column, justify="right" if column not in ("method", "") else "left")
    for method in options.methods:
        for count in options.batches:
            X, y = images(count)
            running = {
                name: lambda name=name, X=X, y=y: sides[name][method](X, y)  # noqa: B023
                for name in cells(method, count)
            }
            products = matrix_products() if method == SALIENCY else {}
            medians = timed(running | products)
            mine = medians[names[0]]
            for name in running:
                taken = medians[name]
                table.add_row(
                    method,
                    str(count),
                    name,
                    f"{taken * 1e3:.1f}",
                    f"{taken * 1e3 / count:.2f}",
                    f"{taken / mine:.2f}",
                    f"{memory[method, count, name] or float('nan'):.0f}",
                )
            if products:
                seconds = min(medians[name] for name in products)
                floor = flops * count * seconds / (2 * MATRIX**3)
                rate = f"floor at {2 * MATRIX**3 / seconds / 1e9:.0f} GFLOP/s"
                row = (f"{floor * 1e3:.1f}", f"{floor * 1e3 / count:.2f}", f"{floor / mine:.2f}")
                table.add_row(method, str(count), rate, *row, "")
            table.add_section()
    console.print(table)
    print_start_up(console)
    versions = f"TensorFlow {tf.__version__}, Keras {tf.keras.__version__}, NumPy {np.__version__}"
    console.print(f"{versions}, Python {sys.version.split()[0]}")


def _methods_of(names: list[str]) -> dict[str, list[str]]:
    """Which methods each side has; asked in a process of its own, because it loads the model."""
    model = load_squeezenet()
    return {name: list(SIDES[name](model)) for name in names}


if __name__ == "__main__":
    main()
