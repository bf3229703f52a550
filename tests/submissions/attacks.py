"""Grade every cheating and hostile notebook, as root and as an ordinary user, and print a table.

    python tests/submissions/attacks.py FOLDER [KIND/NAME | KIND …]

Beside them an honest, slow student is graded, who must lose nothing by it. Exit status 1: a cheat
got points, a hostile notebook took too long or too much, the honest student lost points, or
something was left: a process, a mount, a control group, a file.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ordinary_user import as_an_ordinary_user  # noqa: E402
from submissions.__main__ import ROOT, write  # noqa: E402

from cs231n_vis.grading import walls  # noqa: E402
from cs231n_vis.grading.results import read_result  # noqa: E402

HONEST = "right-slow"
LONGEST = 1000  # seconds of one submission
LARGEST = 20 << 20  # bytes of what is written for one submission


def left(before: set[str] = frozenset()) -> set[str]:
    """What there is of us, or ours: processes, mounts, control groups, temporary files."""
    here = {f"process {p.pid} {' '.join(p.cmdline())[:60]}" for p in psutil.process_iter() if _ours(p)}
    here |= {f"mount {line.split()[4]}" for line in open("/proc/self/mountinfo")}
    for parent, _ in walls._group_parents() if walls.groups() else ():
        here |= {f"group {path}" for path in parent.glob("cs231n-vis-*")}
    here |= {f"file {path}" for path in Path(tempfile.gettempdir()).glob("vis-*")}
    return here - before


def _ours(process) -> bool:
    try:
        line = " ".join(process.cmdline())
    except psutil.Error:
        return False
    return "ipykernel_launcher" in line or "bwrap" in line or "cs231n_vis.grading.worker" in line


def attack(who: str, folder: Path, wanted: list[str], console: Console) -> int:
    """Grade the class as ``who``, print its table, and return the number of faults."""
    home = Path(tempfile.mkdtemp(prefix=f"attacks-{who}-"))
    write(home / "class", ["right/slow", *wanted])
    argv = [sys.executable, "-m", "cs231n_vis.cli", "grade", str(home / "class"), "--jobs", "2"]
    argv += ["--out", str(home / "out"), "--seed", "231"]
    before = left()
    subprocess.run(as_an_ordinary_user(argv, home) if who == "user" else argv, cwd=ROOT)
    time.sleep(2)
    table = Table("as", "submission", "points", "status", "seconds", "MB", "fault")
    faults = 0
    for path in sorted(home.glob("out/students/*/*/results.json")):
        result = read_result(path)
        size = sum(file.stat().st_size for file in path.parent.rglob("*"))
        honest = result.student == HONEST
        wrong = [
            word
            for word, bad in (
                ("not graded", result.status != "graded"),
                ("points", result.checks and bool(result.checks[0].points) != honest),
                ("time", result.seconds > LONGEST),
                ("size", size > LARGEST),
            )
            if bad
        ]
        faults += bool(wrong)
        status = result.checks[0].status if result.checks else result.status
        row = who, result.student, f"{result.score:g}", status, f"{result.seconds:.0f}"
        table.add_row(*row, f"{size / 1e6:.1f}", " ".join(wrong))
    console.print(table)
    missing = len(list((home / "class").glob("*.ipynb"))) - table.row_count
    remains = left(before)
    console.print(f"as {who}: {faults} faults, {missing} missing, left behind: {remains or 'nothing'}")
    shutil.rmtree(folder / who, ignore_errors=True)
    shutil.copytree(home / "out", folder / who)
    shutil.rmtree(home)
    return faults + missing + len(remains)


if __name__ == "__main__":
    folder, wanted = Path(sys.argv[1]), sys.argv[2:] or ["cheating", "hostile"]
    console = Console(width=120)
    users = ("root", "user") if os.geteuid() == 0 else ("user",)
    sys.exit(1 if sum(attack(who, folder, wanted, console) for who in users) else 0)
