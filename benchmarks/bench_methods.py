"""How fast are the methods, and what do they hold in memory? One table, in one run.

    make bench          (or: python benchmarks/bench_methods.py [--batches 1 5 20 100])

Ours, the usual eager GradientTape and five libraries (benchmarks/sides.py), with the same weights,
images, samples and steps. Each side lives in a process of its own, for in one the threads of
PyTorch and TensorFlow hinder each other, and they run in turn: each round runs every side once,
while the others wait, so a machine that slows down slows all of them. TensorFlow's settings are
ours, oneDNN's kernels included, for all that use TensorFlow. Medians are given, and how many times
slower than ours a side is.

Peak memory is what a fresh process gains by the first call, model and compilation included. The
floor of saliency is twice the forward pass's floating-point operations, at the rate of a large
matrix product taken in the same rounds.
"""

import argparse
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from multiprocessing.connection import Connection

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
FLOOR = "floor"  # the name of the process that multiplies matrices
ONE_BY_ONE = "PAIR saliency"  # for it a batch is a loop, so more images say nothing new


def images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """``count`` preprocessed images and labels: the 20 samples, over and over."""
    X_raw, y, _ = load_imagenet_val()
    chosen = np.arange(count) % len(X_raw)
    return preprocess_image(X_raw)[chosen], y[chosen]


class InItsProcess:
    """A side in a new process, which imports nothing of the others: called, it runs once."""

    def __init__(self, side: str):
        self.side = side
        self.start()

    def start(self) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        new = multiprocessing.get_context("spawn")
        new.Process(target=serve, args=(self.side, theirs), daemon=True).start()
        theirs.close()
        self.methods = self.connection.recv()

    def __call__(self, method: str, count: int) -> float:
        """Seconds of one call; infinite if it ran out of memory."""
        self.connection.send((method, count))
        try:
            return self.connection.recv()
        except EOFError:
            self.start()
            return float("inf")


def serve(side: str, connection: Connection) -> None:
    """Say which methods a side has, then run one for each (method, count) that comes."""
    functions = matrix_products() if side == FLOOR else SIDES[side](load_squeezenet())
    connection.send(list(functions))
    batches = {}
    while True:
        try:
            method, count = connection.recv()
        except EOFError:  # all is measured
            return
        if count not in batches:
            batches = {count: images(count)}
        start = time.perf_counter()
        functions[method](*batches[count])
        connection.send(time.perf_counter() - start)


def in_a_fork(function: Callable, *arguments):
    """What a function returns in a process forked for it; infinity if that ran out of memory."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=lambda: sender.send(function(*arguments))
    )
    process.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        return float("inf")
    finally:
        process.join()


def peak_memory(side: str, method: str, count: int) -> float:
    """MB that a process gains by making the model and the first call; Linux only."""

    def resident(which):
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(which))

    X, y = images(count)
    before = resident("VmRSS")
    SIDES[side](load_squeezenet())[method](X, y)
    return (resident("VmHWM") - before) / 1024


def forward_flops() -> int:
    """Floating-point operations of the convolutions for one image: two for each product."""
    model = load_squeezenet()
    convolutions = [layer for layer in model.layers if isinstance(layer, tf.keras.layers.Conv2D)]
    outputs = tf.keras.Model(model.input, [layer.output for layer in convolutions])
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
    return {"NumPy": lambda X, y: A @ A, "TensorFlow": lambda X, y: product().numpy()}


def timed(functions: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Median seconds of functions that return theirs, in turn.

    The first round warms up and is not counted, unless it alone takes all the time there is: then
    compiling is a small part of it.
    """
    started = time.perf_counter()
    rounds: list[dict[str, float]] = []
    while len(rounds) <= ROUNDS and (not rounds or time.perf_counter() < started + SECONDS_A_CELL):
        rounds.append({name: function() for name, function in functions.items()})
    counted = rounds[1:] or rounds
    return {name: statistics.median(each[name] for each in counted) for name in functions}


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
    sides = {name: InItsProcess(name) for name in [*names, FLOOR]}
    for name in names:
        if name in NEEDS:
            __import__(NEEDS[name])  # before forking, and without computing anything
    flops = 2 * in_a_fork(forward_flops)
    linux = sys.platform == "linux"
    table = Table(title="Methods: medians, each side in a process of its own, in turn")
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
            running = [
                name
                for name in names
                if method in sides[name].methods and not (name == ONE_BY_ONE and count > 20)
            ]
            functions = {name: partial(sides[name], method, count) for name in running}
            if method == SALIENCY:
                products = sides[FLOOR].methods
                functions |= {name: partial(sides[FLOOR], name, 1) for name in products}
            medians = timed(functions)
            mine = medians[names[0]]
            for name in running:
                taken = medians[name]
                memory = in_a_fork(peak_memory, name, method, count) if linux else float("nan")
                table.add_row(
                    method,
                    str(count),
                    name,
                    f"{taken * 1e3:.1f}",
                    f"{taken * 1e3 / count:.2f}",
                    f"{taken / mine:.2f}",
                    f"{memory:.0f}",
                )
            if method == SALIENCY:
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


if __name__ == "__main__":
    main()
