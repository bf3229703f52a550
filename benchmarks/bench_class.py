"""A whole class graded by one command: how long it takes, and how much memory.

    .venv/bin/python benchmarks/bench_class.py [--students 200] [--endless 0] [--cluster local]

The class is generated: nine of ten hand in the right answer to assignment 1, the tenth one of five
wrong ones; of these, so many as ``--endless`` says hand in a loop that never ends. Memory is the
largest sum, seen every two seconds, of what the processes of one kind hold for themselves (USS):
the command's own, Dask's scheduler and workers, and the students' kernels.
"""

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil

NAME = "01_saliency_maps"
ROOT = Path(__file__).resolve().parents[1]
RIGHT = "return saliency"
WRONG = ["return 2 * saliency", "return -saliency", "return saliency[:, ::-1]", "return None"]
WRONG.append("return saliency[0]")


def generate(folder: Path, students: int, endless: int) -> None:
    """Write the class, one notebook a student."""
    text = nbformat.writes(nbformat.read(ROOT / "notebooks" / "solutions" / f"{NAME}.ipynb", 4))
    notebook = nbformat.reads(text, 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    text = nbformat.writes(notebook)
    if RIGHT not in text:
        sys.exit(f"The solution of {NAME} has no line {RIGHT!r} to change.")
    every = students // endless if endless else students + 1
    for number in range(students):
        answer = RIGHT
        if number % every == every - 1:
            answer = "while True: pass"
        elif number % 10 == 5:
            answer = WRONG[number // 10 % len(WRONG)]
        path = folder / f"s{number:04}" / f"{NAME}.ipynb"
        path.parent.mkdir()
        path.write_text(text.replace(RIGHT, answer, 1))


def kind_of(process: psutil.Process, command: int) -> str:
    words = " ".join(process.cmdline())
    if process.pid == command:
        return "command"
    for kind, sign in (("scheduler", "dask_scheduler"), ("workers", "dask_worker")):
        if sign in words:
            return kind
    return "kernels"


def watch(command: int, largest: dict[str, int], end: threading.Event) -> None:
    while not end.wait(2):
        now: dict[str, int] = {}
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                kind = kind_of(process, command)
                now[kind] = now.get(kind, 0) + process.memory_full_info().uss
        for kind, size in now.items():
            largest[kind] = max(largest.get(kind, 0), size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--endless", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cluster", action="store_true", help="on a scheduler and workers of Dask")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, out = Path(temporary, "class"), Path(temporary, "out")
        folder.mkdir()
        generate(folder, options.students, options.endless)
        grade = [sys.executable, "-m", "cs231n_vis.cli", "grade", folder, "--out", out]
        grade += ["--seed", 231, "--jobs", options.jobs]
        others = []
        if options.cluster:
            dask = [sys.executable, "-m"]
            ours = ["--scheduler-file", f"{temporary}/scheduler.json", "--no-dashboard"]
            here = ["--host", "127.0.0.1", "--port", "0"]
            worker = ["distributed.cli.dask_worker", *ours, "--nthreads", "1", "--no-nanny"]
            for words in (
                ["distributed.cli.dask_scheduler", *ours, *here],
                *[[*worker, "--memory-limit", "0"]] * options.jobs,
            ):
                others.append(psutil.Popen([*dask, *words], stdout=-3, stderr=-3))
            time.sleep(15)
            address = Path(temporary, "scheduler.json").read_text().split('"address": "')[1]
            grade += ["--cluster", address.split('"')[0]]
        start, largest, end = time.perf_counter(), {}, threading.Event()
        command = psutil.Popen(list(map(str, grade)), cwd=ROOT, stdout=-3, stderr=-1)
        watcher = threading.Thread(target=watch, args=(command.pid, largest, end))
        watcher.start()
        _, problem = command.communicate()
        taken = time.perf_counter() - start
        end.set()
        watcher.join()
        graded = len(list((out / "students").glob("*"))) if (out / "students").is_dir() else 0
        for process in others:
            process.kill()
        if command.returncode not in (0, 1):
            sys.exit(problem.decode())
        rows = (out / "grades.csv").read_text().splitlines()
    used = psutil.Process().cpu_times()
    print(f"{options.students} submissions, {options.endless} without end: {taken:.0f} s")
    print(f"{taken / options.students:.2f} s each; {len(rows) - 1} rows in grades.csv; {graded}")
    print(f"CPU of the command, without workers: {used.children_user + used.children_system:.0f} s")
    for kind, size in largest.items():
        print(f"largest memory of {kind}: {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
