"""How long does grading take? Our grader and `nbgrader autograde`, the same notebook, in turn.

    .venv/bin/python benchmarks/bench_grading.py [--students 4] [--rounds 2] [--assignment NAME]

Every round grades the same class of right answers three times: with nbgrader, with ours one after
another, and with ours two at a time. Times are of whole commands, divided by the number of
students; ours include preparing the hidden inputs once for a class, nbgrader's do not include
`generate_assignment`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from cs231n_vis.making.release import SOLUTION, read_source

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
#: nbgrader's own 30 seconds for a cell are too few for some, and 4 for its outputs.
PATIENT = ["--ExecutePreprocessor.timeout=600", "--ExecutePreprocessor.iopub_timeout=60"]


def seconds(*command: object, cwd: Path) -> float:
    start = time.perf_counter()
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}  # for alembic
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, env=environment
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
    return time.perf_counter() - start


def prepare(course: Path, students: int, name: str) -> Path:
    """A course folder for nbgrader; the class, right answers all, is in its submitted/."""
    source = course / "source" / name / f"{name}.ipynb"
    source.parent.mkdir(parents=True)
    instructors = read_source(ROOT / "notebooks" / "source" / f"{name}.py")
    nbformat.write(instructors, source)
    seconds(BIN / "nbgrader", "generate_assignment", name, cwd=course)
    released = nbformat.read(course / "release" / name / f"{name}.ipynb", 4)
    solved = {c.id: c.source for c in instructors.cells if SOLUTION.search(c.source)}
    for cell in released.cells:
        cell.source = solved.get(cell.id, cell.source)
    submissions = course / "class"
    for number in range(students):
        for folder in (course / "submitted" / f"s{number}" / name, submissions / f"s{number}"):
            folder.mkdir(parents=True)
            nbformat.write(released, folder / f"{name}.ipynb")
    return submissions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--assignment", default="01_saliency_maps")
    options = parser.parse_args()
    name = options.assignment
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        course = Path(temporary)
        submissions = prepare(course, options.students, name)
        for number in range(options.rounds):
            ours = [BIN / "cs231n-vis", "grade", submissions, "--seed", 231]
            ours += ["--assignment", name]
            for side, cwd, command in (
                (
                    "nbgrader autograde",
                    course,
                    [BIN / "nbgrader", "autograde", name, "--force", *PATIENT],
                ),
                ("ours", ROOT, [*ours, "--out", course / f"one-{number}"]),
                ("ours, --jobs 2", ROOT, [*ours, "--out", course / f"two-{number}", "--jobs", 2]),
            ):
                taken = seconds(*command, cwd=cwd) / options.students
                times.setdefault(side, []).append(taken)
    table = Table(
        title=f"Seconds per submission of {name}, "
        f"{options.students} students, {options.rounds} rounds"
    )
    for column in ("", "median s", "nbgrader's time is … times ours"):
        table.add_column(column, justify="left" if not column else "right")
    theirs = statistics.median(times["nbgrader autograde"])
    for side, taken in times.items():
        median = statistics.median(taken)
        table.add_row(side, f"{median:.1f}", f"{theirs / median:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
