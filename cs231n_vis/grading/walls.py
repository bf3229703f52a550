"""Walls around a student's program, made by bubblewrap, and nothing else.

What a ``Room`` shows is a list: what is not on it is not there, so nothing can be uncovered. The
program has no network, no other process, no capability and no way to new ones, and one folder to
write to, which is memory of a bounded size and is gone with the room. Whoever starts the program
is an ordinary user: a grader who is root becomes one first (``confined``).
"""

import contextlib
import ctypes
import functools
import json
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .ours import groups, in_a_group, temporary_folder

OLDEST = (0, 8, 0)  # of bubblewrap, the first with --disable-userns; --size came just before
HOME = "/home/student"  # the program's folder, as the program sees it
PATIENCE = 3  # a program may take so many times as long as if it had the processors to itself
TICK = 0.2  # seconds from one look at the processes to the next
LINUX = sys.platform == "linux"

_WATCH = 1 << 30  # bytes that the process which watches may use, beside the program's
_SHARED_MEMORY = 64 << 20  # bytes of /dev/shm

# Refused: memory and messages that belong to no process, and doors with a history of faults.
_REFUSED = (
    "memfd_create memfd_secret shmget semget msgget mq_open io_uring_setup bpf perf_event_open "
    "userfaultfd add_key request_key keyctl ptrace unshare setns chroot pivot_root mount umount2 "
    "open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr"
)


class NoWalls(RuntimeError):
    """The walls cannot be built here; the message says why, and what to install or to set."""


@dataclass(frozen=True)
class Limits:
    """What a program and all that it starts may use together.

    Attributes:
        seconds: of every processor at once; ``PATIENCE`` times as much may pass by the clock, so
            that a neighbour's load costs nothing.
        memory: in bytes, of all its processes and its files; shared pages count once.
        processes: and threads, at once. TensorFlow takes several for each processor.
        file_size: in bytes, of each file.
        disk: in bytes, of its folder, /tmp included.
    """

    seconds: float = 600
    memory: int = 4 << 30
    processes: int = 512
    file_size: int = 256 << 20
    disk: int = 1 << 30


@dataclass(frozen=True)
class Room:
    """What a program finds. Where ``walls`` is false it finds everything.

    Attributes:
        shown: files and folders to be read, each with its place in the room; or, as a source that
            begins with ``->``, what a symbolic link there points to.
        env: its environment variables.
        walls: whether there are any.
    """

    shown: tuple[tuple[str, str], ...]
    env: Mapping[str, str]
    walls: bool = True

    def check(self, secret: Iterable[Path]) -> None:
        """See that the room can be built, and shows nothing of what is secret.

        Raises:
            NoWalls: it cannot, or does.
        """
        if not self.walls:
            return
        for path in map(os.path.realpath, secret):
            for source, _ in self.shown:
                if within(path, [source]):
                    raise NoWalls(
                        f"{path} lies in {source}, which students' code must be able to read; "
                        "move it elsewhere."
                    )
        _bubblewrap_or_raise()
        with temporary_folder() as place:
            command = [sys.executable, "-c", _TRIAL, json.dumps(asdict(self))]
            with confined(command, place, self, Limits()) as argv:
                done = subprocess.run(argv, capture_output=True, text=True, env=worker_env(place))
            if done.returncode:
                why = done.stderr.strip().rpartition("\n")[2]
                raise NoWalls(f"bubblewrap cannot build the walls here ({why}). {_what_to_set()}")

    def describe(self) -> str:
        """In sentences: what holds, and what does not."""
        if not self.walls:
            return (
                "NOT walled off, as asked: a submission can read your files and the answers, write "
                "where you can, use the network and end other processes, ours too. Time, memory, "
                "processes and files are looked at, and what hides from there may live on."
            )
        held = (
            "Walled off by bubblewrap: no network, no other process, no file but the system's, "
            "Python's, the students' packages and its own."
        )
        kind = groups()
        if kind:
            return f"{held} Memory and processors are shared out by control groups ({kind})."
        return (
            f"{held} Memory is looked at every {TICK} s and can be exceeded for as long, "
            "and what pipes and sockets hold is not counted: for that, grade as root, or where "
            "systemd lets you make control groups."
        )

    def bubblewrap(self, limits: Limits, seccomp: int) -> list[str]:
        """The options of bubblewrap; ``seccomp`` is the descriptor that ``system_calls`` gives."""
        options = ["--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"]
        options += ["--cap-drop", "ALL"]
        options += [f"--unshare-{what}" for what in ("user", "pid", "net", "ipc", "uts", "cgroup")]
        options += ["--disable-userns", "--hostname", "room", "--seccomp", str(seccomp)]
        options += ["--proc", "/proc", "--perms", "0755", "--dir", "/dev"]
        for name in ("null", "full", "random", "urandom"):
            options += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            options += ["--symlink", f"/proc/self/fd/{number}", f"/dev/{name}"]
        options += ["--symlink", "/proc/self/fd", "/dev/fd"]
        # what can be written comes first: Python may lie below one of these folders
        for size, place in (
            (_SHARED_MEMORY, "/dev/shm"),
            (limits.disk, "/tmp"),
            (limits.disk, HOME),
        ):
            options += ["--size", str(size), "--tmpfs", place]
        for source, target in self.shown:
            link = source.startswith("->")
            options += ["--symlink" if link else "--ro-bind", source.removeprefix("->"), target]
        options += ["--remount-ro", "/"]
        for name, value in self.env.items():
            options += ["--setenv", name, value]
        return options


def within(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of the folders or lies in one."""
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def _bubblewrap_or_raise() -> None:
    get = "install bubblewrap 0.8 or newer (Debian and Ubuntu: apt-get install bubblewrap)"
    otherwise = "or say --without-walls and grade only what you trust."
    if not LINUX:
        raise NoWalls(
            f"There are no walls for students' code outside Linux: grade there, {otherwise}"
        )
    if not shutil.which("bwrap"):
        raise NoWalls(f"There are no walls for students' code: {get}, {otherwise}")
    said = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout
    numbers = tuple(map(int, re.findall(r"\d+", said)))
    if numbers < OLDEST:
        raise NoWalls(
            f"This is {said.strip()}, too old to wall in students' code: {get}, {otherwise}"
        )
    try:
        _seccomp()
    except OSError:
        raise NoWalls(
            "There are no walls for students' code without libseccomp: install it (Debian and "
            f"Ubuntu: apt-get install libseccomp2), {otherwise}"
        ) from None


def _what_to_set() -> str:
    for name, wrong, right in (
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("user.max_user_namespaces", "0", "10000"),
    ):
        with contextlib.suppress(OSError):
            if Path("/proc/sys", name.replace(".", "/")).read_text().strip() == wrong:
                return f"Let it make namespaces: sudo sysctl -w {name}={right}"
    return "In a container, grade outside it, or say --without-walls if it is itself the wall."


# Where the watching process runs ----------------------------------------------------------------


@contextlib.contextmanager
def confined(argv: Sequence[str], place: Path, room: Room, limits: Limits) -> Iterator[list[str]]:
    """The command that runs ``argv``, which will start a program, where it can do no harm.

    That is in a control group of its own, where there may be one, and, if this is root, as a user
    whom nobody knows, to whom ``place`` is given with all that is in it. Afterwards the group is
    gone.
    """
    if not room.walls:
        yield list(argv)
        return
    if os.geteuid() == 0:
        sources = {source for source, _ in room.shown if not source.startswith("->")}
        argv = as_ordinary_user(argv, place, sources)
    with in_a_group(argv, limits.memory + _WATCH) as command:
        yield command


def as_ordinary_user(argv: Sequence[str], place: Path, sources: Iterable[str] = ()) -> list[str]:
    """The command by which root runs ``argv`` as a user whom nobody knows.

    The user is given ``place``, with all that is in it, and can read ``sources``, this Python and
    this package. What of these stands in a folder that only root may pass, as a Python below
    ``/root`` does, is shown at its place in a mount namespace of the command's own; nothing
    outside is changed.
    """
    user = 61184 + zlib.crc32(bytes(place)) % 4000
    subprocess.run(["chown", "-R", f"{user}:{user}", str(place)], check=True)
    package = Path(__file__).resolve().parents[2]
    needed = {str(place), str(package), sys.prefix, sys.base_prefix, *sources}
    needed |= {os.path.realpath(sys.executable), *(p for p in sys.path if os.path.isdir(p))}
    folders = {folder for path in needed for folder in Path(path).parents}
    closed: list[str] = []  # the outermost: what is in one is shown anew with it
    for folder in sorted(str(folder) for folder in folders if not folder.stat().st_mode & 0o001):
        if not within(folder, closed):
            closed.append(folder)
    quote = shlex.quote
    become = f'exec setpriv --reuid={user} --regid={user} --clear-groups "$@"'
    lines = ["set -e; umask 022", "mount --rbind / /mnt"]
    lines += [f"mount -t tmpfs -o mode=755 none {quote(folder)}" for folder in closed]
    for path in sorted(path for path in needed if within(path, closed)):
        parent = quote(path if os.path.isdir(path) else os.path.dirname(path))
        lines.append(f"mkdir -p {parent}; [ -e {quote(path)} ] || touch {quote(path)}")
        lines.append(f"mount --rbind /mnt{quote(path)} {quote(path)}")
    script = "\n".join([*lines, "umount -l /mnt", become])
    own = ["unshare", "--mount", "--propagation", "private"] if closed else []
    return [*own, "sh", "-c", script if closed else become, "sh", *argv]


# System calls -----------------------------------------------------------------------------------


@functools.cache
def _seccomp() -> ctypes.CDLL:
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    return library


@contextlib.contextmanager
def system_calls() -> Iterator[int]:
    """A file with the filter of system calls, as libseccomp writes it for bubblewrap."""
    allow, fail_with, masked_equal = 0x7FFF0000, 0x00050000, 7
    no_such_call, refused, nothing = 38, 1, 0
    library = _seccomp()
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(allow)))

    def rule(name: str, error: int, *compared: int) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number == -1:  # this libseccomp does not know it, nor this machine
            return
        action = ctypes.c_uint32(fail_with | error)
        array = struct.pack("@IiQQ", *compared) if compared else None
        if library.seccomp_rule_add_array(context, action, number, bool(compared), array):
            raise OSError(f"libseccomp has no rule for {name}")

    try:
        for name in _REFUSED.split():
            rule(name, no_such_call)
        # memory that stays although no process maps it: shared, and of no file
        rule("mmap", refused, 3, masked_equal, 0x21, 0x21)
        # a session is a share of the processors where there are no control groups: one for each
        rule("setsid", nothing)
        with tempfile.TemporaryFile() as file:
            if library.seccomp_export_bpf(context, file.fileno()):
                raise OSError("libseccomp could not write its filter")
            file.seek(0)
            yield file.fileno()
    finally:
        library.seccomp_release(context)


def worker_env(place: str | os.PathLike) -> dict[str, str]:
    """The environment of a process that starts programs, and may have become another user."""
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path, "HOME": str(place), "TMPDIR": str(place)}


_TRIAL = """
import json, sys
from pathlib import Path
from cs231n_vis.grading.bounds import Running
from cs231n_vis.grading.walls import Limits, Room
room = Room(**json.loads(sys.argv[1]))
try:
    running = Running(room, [sys.executable, "-c", ""], Limits(), Path("/"))
except OSError as failure:
    sys.exit(str(failure))
sys.exit(running.wait(60) and running.printed())
"""
