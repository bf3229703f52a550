"""Times of the first steps, each in fresh processes."""

import statistics
import subprocess
import sys

from rich.console import Console
from rich.table import Table

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


def print_start_up(console: Console) -> None:
    """Print the table: medians of three processes, and what each is to stay under."""
    table = Table(title="Start-up, median of 3 new processes")
    for column in ("", "s", "to stay under, s"):
        table.add_column(column, justify="left" if not column else "right")
    for name, (before, timed, limit) in START_UP.items():
        median = statistics.median(_seconds(before, timed) for _ in range(3))
        table.add_row(name, f"{median:.3f}", f"{limit}")
    console.print(table)


def _seconds(before: str, timed: str) -> float:
    program = (
        f"{before}\nimport time; t = time.perf_counter(); {timed}\nprint(time.perf_counter() - t)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return float(done.stdout)
