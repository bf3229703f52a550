"""Grade every cheating and hostile notebook, as root and as an ordinary user, and print a table.

    python tests/submissions/attacks.py FOLDER [KIND/NAME | KIND …]

Beside them an honest, slow student is graded, who must lose nothing by it. Exit status 1: a cheat
got points, a hostile notebook took too long or too much, the honest student lost points, or
something was left: a process, a mount, a control group, a file, an object of System V.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ordinary_user import as_an_ordinary_user  # noqa: E402
from submissions.__main__ import ROOT, write  # noqa: E402

from cs231n_vis.grading import bounds  # noqa: E402
from cs231n_vis.grading.grade import LIMITS  # noqa: E402
from cs231n_vis.grading.ours import NAME as OURS  # noqa: E402
from cs231n_vis.grading.results import read_result  # noqa: E402
from cs231n_vis.grading.walls import HOME  # noqa: E402

HONEST = "right-slow"
LONGEST = 1000  # seconds of one submission
LARGEST = 20 << 20  # bytes of what is written for one submission
MOST = LIMITS.memory + (2 << 30)  # bytes of one kernel, with what it takes between two looks


class Watch(threading.Thread):
    """Looks at the workers of a grader again and again, until it ends.

    Attributes:
        memory: the most bytes that each submission's processes had, by the student; pages that
            several share count once.
        files: the most bytes that its folders in memory held.
    """

    def __init__(self, grader: subprocess.Popen):
        super().__init__(daemon=True)
        self._grader = grader
        self.memory: dict[str, int] = defaultdict(int)
        self.files: dict[str, int] = defaultdict(int)

    def run(self) -> None:
        grader = psutil.Process(self._grader.pid)
        while self._grader.poll() is None:
            with contextlib.suppress(psutil.Error, OSError):
                for process in grader.children(recursive=True):
                    with contextlib.suppress(psutil.Error, OSError, StopIteration):
                        self._look_at(process)
            time.sleep(0.3)

    def _look_at(self, worker: psutil.Process) -> None:
        line = worker.cmdline()
        if line[1:3] != ["-m", "cs231n_vis.grading.worker"]:
            return
        student = next(Path(line[3], "given").iterdir()).stem
        inside = worker.children(recursive=True)
        if sum(one.memory_info().rss for one in inside) > self.memory[student]:
            used = bounds._used(inside, exactly=True)[2]
            self.memory[student] = max(self.memory[student], used)
        held = 0
        for place in (HOME, "/tmp", "/dev/shm") if inside else ():
            about = os.statvfs(f"/proc/{inside[-1].pid}/root{place}")
            held += (about.f_blocks - about.f_bfree) * about.f_frsize
        self.files[student] = max(self.files[student], held)


def left(home: Path) -> set[str]:
    """What there is of ours, or on the machine, that a grader could have made."""
    living = [p for p in psutil.Process().children(recursive=True) if bounds._alive(p)]
    here = {f"process {p.pid} {p.name()}" for p in living}
    here |= {f"mount {line.split()[4]}" for line in open("/proc/self/mountinfo")}
    here |= {f"group {path}" for path in Path("/sys/fs/cgroup").rglob(f"{OURS}*")}
    here |= {f"file {path}" for path in (home / "tmp").iterdir()}
    here |= {f"{kind} {line}" for kind in ("shm", "sem", "msg") for line in _system_v(kind)}
    return here


def _system_v(kind: str) -> list[str]:
    return [" ".join(line.split()[:2]) for line in open(f"/proc/sysvipc/{kind}")][1:]


def attack(who: str, folder: Path, wanted: list[str], console: Console) -> int:
    """Grade the class as ``who``, print its table, and return the number of faults."""
    home = Path(tempfile.mkdtemp(prefix=f"attacks-{who}-"))
    write(home / "class", ["right/slow", *wanted])
    (home / "tmp").mkdir()
    argv = [sys.executable, "-m", "cs231n_vis.cli", "grade", str(home / "class"), "--jobs", "2"]
    argv += ["--out", str(home / "out"), "--seed", "231"]
    if who == "user":
        argv = as_an_ordinary_user(argv, home)
    before = left(home)
    began = time.monotonic()
    grader = subprocess.Popen(argv, cwd=ROOT, env=os.environ | {"TMPDIR": str(home / "tmp")})
    watch = Watch(grader)
    watch.start()
    grader.wait()
    watch.join()
    took = time.monotonic() - began
    time.sleep(2)
    remains = left(home) - before
    table = Table(*("as", "submission", "points", "status", "seconds"))
    for unit in ("memory", "files", "written"):
        table.add_column(f"{unit}, MB", justify="right")
    table.add_column("fault")
    faults = 0
    for path in sorted(home.glob("out/students/*/*/results.json")):
        result = read_result(path)
        size = sum(file.stat().st_size for file in path.parent.rglob("*"))
        memory, files = watch.memory[result.student], watch.files[result.student]
        honest = result.student == HONEST
        wrong = [
            word
            for word, bad in (
                ("not graded", result.status != "graded"),
                ("points", result.checks and bool(result.checks[0].points) != honest),
                ("time", result.seconds > LONGEST),
                ("memory", memory > MOST),
                ("files", files > 2 * LIMITS.disk + (64 << 20)),
                ("size", size > LARGEST),
            )
            if bad
        ]
        faults += bool(wrong)
        status = result.checks[0].status if result.checks else result.status
        row = who, result.student, f"{result.score:g}", status, f"{result.seconds:.0f}"
        megabytes = f"{memory / 1e6:.0f}", f"{files / 1e6:.0f}", f"{size / 1e6:.1f}"
        table.add_row(*row, *megabytes, " ".join(wrong))
    console.print(table)
    missing = len(list((home / "class").glob("*.ipynb"))) - table.row_count
    console.print(
        f"as {who}, {took:.0f} s: {faults} faults, {missing} missing, "
        f"left behind: {remains or 'nothing'}"
    )
    shutil.rmtree(folder / who, ignore_errors=True)
    shutil.copytree(home / "out", folder / who)
    shutil.rmtree(home)
    return faults + missing + len(remains)


if __name__ == "__main__":
    folder, wanted = Path(sys.argv[1]), sys.argv[2:] or ["cheating", "hostile"]
    bounds.adopt_orphans()  # so that what is left is found among the children
    console = Console(width=140)
    users = ("root", "user") if os.geteuid() == 0 else ("user",)
    sys.exit(1 if sum(attack(who, folder, wanted, console) for who in users) else 0)
