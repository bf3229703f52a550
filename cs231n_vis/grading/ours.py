"""What a grader makes on a machine, folders and control groups, is gone when the grader is.

Each is locked by whoever made it. The system opens the lock when that process ends, however it
ended; what then bears our name and is not locked is nobody's, and the next run takes it away.
"""

import contextlib
import functools
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..files import place_for_sockets

try:
    import fcntl
except ImportError:  # Windows, where nothing can be locked, nor is taken away
    fcntl = None  # type: ignore[assignment]

NAME = "vis-grade-"  # short, for the sake of the names of sockets
GROUPS = Path("/sys/fs/cgroup")
_TRIAL = 64 << 20  # bytes


@contextlib.contextmanager
def temporary_folder(inside: Path | None = None) -> Iterator[Path]:
    """A folder, or inside a control group another, that is removed afterwards.

    However deep or odd what a stranger put there; and what runs in the group is ended.

    Raises:
        OSError: none can be made there.
    """
    parent = Path(inside or place_for_sockets() or tempfile.gettempdir())
    with contextlib.ExitStack() as lock:
        there = False
        while not there:  # it goes if another run comes between, and takes it for nobody's
            path = parent / f"{NAME}{secrets.token_hex(4)}"
            path.mkdir(0o755 if GROUPS in path.parents else 0o700)  # all may see its use
            try:
                there = _lock(path, fcntl.LOCK_EX, lock) if fcntl else True
            except OSError:  # some file systems know no locks
                there = True
        try:
            yield path
        finally:
            _remove(path)


def _lock(path: Path, how: int, lock: contextlib.ExitStack) -> bool:
    """Lock a folder until the stack ends; whether it is still there.

    Raises:
        OSError: it cannot be locked, or is locked, and ``how`` says not to wait.
    """
    with contextlib.suppress(FileNotFoundError):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        lock.callback(os.close, handle)
        fcntl.flock(handle, how)
    return path.exists()


def remove_what_is_nobodys() -> None:
    """Take away what graders left that were ended before they could."""
    folders = {tempfile.gettempdir(), place_for_sockets() or tempfile.gettempdir()}
    found = [path for folder in folders for path in Path(folder).glob(f"{NAME}*")]
    for path in [*found, *GROUPS.rglob(f"{NAME}*")] if fcntl else ():
        with contextlib.suppress(OSError), contextlib.ExitStack() as lock:
            if _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB, lock):
                _remove(path)


def _remove(path: Path) -> None:
    if GROUPS in path.parents:
        _remove_group(path)
    elif os.name == "posix":  # Python's own removal goes no deeper than its stack
        subprocess.run(["rm", "-rf", str(path)], stderr=subprocess.DEVNULL, check=False)
    else:
        shutil.rmtree(path, ignore_errors=True)


def _remove_group(group: Path) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError):
            for pid in (group / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            group.rmdir()
            return
        time.sleep(0.02)


# Control groups ---------------------------------------------------------------------------------


@contextlib.contextmanager
def in_a_group(argv: Sequence[str], memory: int) -> Iterator[list[str]]:
    """The command that runs ``argv`` in a control group of its own, where there may be one."""
    if groups() == "systemd":
        yield [*_scope(memory), *argv]
    elif groups():
        with _made_groups(memory) as made:
            join = "".join(f"echo $$ >{shlex.quote(str(one))}/cgroup.procs; " for one in made)
            yield ["sh", "-c", f'{join}exec "$@"', "sh", *argv]
    else:
        yield list(argv)


@functools.cache
def groups() -> str:
    """How a control group for memory and processors can be made here: a name, or nothing."""
    if sys.platform != "linux":
        return ""
    if os.path.isdir("/run/systemd/system") and shutil.which("systemd-run"):
        show = "cat /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max"
        command = [*_scope(_TRIAL), "sh", "-c", show]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run(command, capture_output=True, text=True, timeout=20)
            if done.stdout.strip() == str(_TRIAL):
                return "systemd"
    with contextlib.suppress(OSError), _made_groups(_TRIAL) as made:
        return {1: "version 2", 2: "version 1"}.get(len(made), "")
    return ""


def _scope(memory: int) -> list[str]:
    manager = [] if os.geteuid() == 0 else ["--user"]
    settings = (f"MemoryMax={memory}", "MemorySwapMax=0", "CPUWeight=100")
    options = [f"--property={setting}" for setting in settings]
    return ["systemd-run", *manager, "--scope", "--quiet", "--collect", *options, "--"]


@contextlib.contextmanager
def _made_groups(memory: int) -> Iterator[list[Path]]:
    """Control groups of our own, one for each hierarchy; none where there may be none."""
    own, made = _own_groups(), []
    v2 = GROUPS / own.get("", "")
    with contextlib.ExitStack() as stack:
        if "memory" in own and "cpu" in own:
            for name in ("memory", "cpu"):
                made.append(stack.enter_context(temporary_folder(GROUPS / name / own[name])))
            (made[0] / "memory.limit_in_bytes").write_text(str(memory))
        elif (GROUPS / "cgroup.controllers").exists() and "" in own:
            # beside our own: a group that holds processes can have none below it
            parent = v2.parent if own[""] else v2
            if {"memory", "cpu"} <= set((parent / "cgroup.subtree_control").read_text().split()):
                made.append(stack.enter_context(temporary_folder(parent)))
                (made[0] / "memory.max").write_text(str(memory))
        yield made


def _own_groups() -> dict[str, str]:
    """Where this process is in each hierarchy, by the controller; by nothing in version 2's."""
    lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    return {one: path.strip("/") for _, several, path in lines for one in several.split(",")}


def killed_for_memory() -> int:
    """How often the system ended a process of our control group because of its memory."""
    count = 0
    with contextlib.suppress(OSError):
        own = _own_groups()
        for file in (
            GROUPS / own.get("", "") / "memory.events",
            GROUPS / "memory" / own.get("memory", "") / "memory.oom_control",
        ):
            with contextlib.suppress(OSError):
                found = re.search(r"(?m)^oom_kill (\d+)", file.read_text())
                count += int(found[1]) if found else 0
    return count
