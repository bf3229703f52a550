"""Walls around a student's program, made by bubblewrap, and bounds on what it uses.

What a ``Room`` shows is a list: what is not on it is not there, so nothing can be uncovered. The
program has no network, no other process, no capability and no way to new ones, and one folder to
write to, which is memory of a bounded size and is gone with the room. Whoever starts the program
is an ordinary user: a grader who is root becomes one first (``confined``).

Linux bounds memory and shares out processors by control groups, where it lets us make one; and
everywhere the processes are looked at ``_TICK`` by ``_TICK``. Without walls there are bounds only.
"""

import contextlib
import ctypes
import functools
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

OLDEST = (0, 8, 0)  # of bubblewrap, the first with --disable-userns; --size came just before
HOME = "/home/student"  # the program's folder, as the program sees it
PATIENCE = 3  # a program may take so many times as long as if it had the processors to itself

_LINUX = sys.platform == "linux"
_TICK = 0.2  # seconds from one look at the processes to the next
_SHARED_MEMORY = 64 << 20  # bytes of /dev/shm
_FILES = 100_000  # in the program's folder; each takes memory that no size counts
_DESCRIPTORS = 4096  # open ones of all processes; behind each may be a buffer of 200 kB
_OURS = 1 << 30  # bytes that the process which watches may use, beside the program's

# Refused: memory and messages that belong to no process, and doors with a history of faults.
_REFUSED = (
    "memfd_create memfd_secret shmget semget msgget mq_open io_uring_setup bpf perf_event_open "
    "userfaultfd add_key request_key keyctl ptrace unshare setns chroot pivot_root mount umount2 "
    "open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr"
)

# What runs in the room before the program does, when nothing of a student's has run yet: it takes
# on the limits, hands out handles of the folders that can be written to, waits for an answer,
# starts the program, and stays to bury whatever loses its parent. Its arguments: a JSON object,
# then the program's.
_FIRST = """
import ctypes, json, os, resource, signal, socket, sys
spec = json.loads(sys.argv[1])
for name, value in spec["limits"].items():
    number = getattr(resource, "RLIMIT_" + name, None)
    if number is not None:
        most = resource.getrlimit(number)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        try:
            resource.setrlimit(number, (value, value))
        except (OSError, ValueError):  # macOS refuses some
            pass
try:
    with open("/proc/self/oom_score_adj", "w") as stream:
        stream.write("1000")  # if the machine runs out of memory, this goes first
except OSError:
    pass
if sys.platform == "linux" and not spec["walls"]:
    for option, value in ((1, 9), (38, 1)):  # die with the parent; no new privileges
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
os.umask(0o022)
os.chdir(spec["home"])
os.makedirs("tmp", exist_ok=True)  # without walls, for there /tmp is everybody's
writable = (".", "/tmp", "/dev/shm") if spec["walls"] else (".",)
handles = [os.open(path, os.O_RDONLY) for path in writable]
with socket.socket(fileno=spec["control"]) as control:
    socket.send_fds(control, [b"."], handles)
    control.recv(1)
program = os.fork()
if program:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # the program may not look into this process
    os.closerange(3, 1024)
    while True:
        ended, status = os.wait()
        if ended == program:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)
log = os.open("output.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
for number in (1, 2):
    os.dup2(log, number)
os.closerange(3, 1024)
for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them, and so would the program
    signal.signal(getattr(signal, name), signal.SIG_DFL)
try:
    os.execvp(sys.argv[2], sys.argv[2:])
except OSError as failure:
    sys.exit(f"{sys.argv[2]}: {failure}")
"""


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
        with tempfile.TemporaryDirectory(prefix="vis-") as place:
            command = [sys.executable, "-c", _TRIAL, json.dumps(asdict(self))]
            with confined(command, Path(place), self, Limits()) as argv:
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
            f"{held} Memory is looked at every {_TICK} s and can be exceeded for as long, and what "
            "pipes and sockets hold is not counted: for that, grade as root, or where systemd lets "
            "you make control groups."
        )

    def bubblewrap(self, limits: Limits, seccomp: int) -> list[str]:
        """The options of bubblewrap; ``seccomp`` is the descriptor of what ``_filter`` writes."""
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
    if not _LINUX:
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
    switches = {
        "kernel/apparmor_restrict_unprivileged_userns": ("0", lambda now: now == "1"),
        "kernel/unprivileged_userns_clone": ("1", lambda now: now == "0"),
        "user/max_user_namespaces": ("10000", lambda now: now == "0"),
    }
    for name, (wanted, wrong) in switches.items():
        with contextlib.suppress(OSError):
            if wrong(Path("/proc/sys", name).read_text().strip()):
                setting = name.replace("/", ".")
                return f"Let it make namespaces: sudo sysctl -w {setting}={wanted}"
    return "In a container, grade outside it, or say --without-walls if it is itself the wall."


# Where the watching process runs ----------------------------------------------------------------


@contextlib.contextmanager
def confined(argv: Sequence[str], place: Path, room: Room, limits: Limits) -> Iterator[list[str]]:
    """The command that runs ``argv``, which will start a program, where it can do no harm.

    That is in a control group of its own, where there may be one, and, if this is root, as a user
    whom nobody knows, to whom ``place`` is given with all that is in it. Afterwards the group is
    gone.
    """
    argv = list(argv)
    if not room.walls:
        yield argv
        return
    if os.geteuid() == 0:
        sources = {source for source, _ in room.shown if not source.startswith("->")}
        argv = as_ordinary_user(argv, place, sources)
    if groups() == "systemd":
        manager = [] if os.geteuid() == 0 else ["--user"]
        most = limits.memory + _OURS
        settings = (f"MemoryMax={most}", "MemorySwapMax=0", "CPUWeight=100")
        options = [f"--property={setting}" for setting in settings]
        yield ["systemd-run", *manager, "--scope", "--quiet", "--collect", *options, "--", *argv]
        return
    made = []
    try:
        for parent, name in _group_parents() if groups() else ():
            group = parent / f"cs231n-vis-{secrets.token_hex(6)}"
            group.mkdir()
            made.append(group)
            if name:
                (group / name).write_text(str(limits.memory + _OURS))
        join = "".join(f"echo $$ >{shlex.quote(str(group))}/cgroup.procs; " for group in made)
        yield ["sh", "-c", f'{join}exec "$@"', "sh", *argv] if made else argv
    finally:
        for group in made:
            _remove_group(group)


def _remove_group(group: Path) -> None:
    for _ in range(100):
        try:
            for pid in (group / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            group.rmdir()
            return
        except OSError:
            time.sleep(0.02)


@functools.cache
def groups() -> str:
    """How a control group for memory and processors can be made here: a name, or nothing."""
    if not _LINUX:
        return ""
    if os.path.isdir("/run/systemd/system") and shutil.which("systemd-run"):
        manager = [] if os.geteuid() == 0 else ["--user"]
        show = "cat /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max"
        command = ["systemd-run", *manager, "--scope", "--quiet", "-p", "MemoryMax=64M"]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run(
                [*command, "sh", "-c", show], capture_output=True, text=True, timeout=20
            )
            if done.stdout.strip() == str(64 << 20):
                return "systemd"
    with contextlib.suppress(OSError):
        for parent, name in _group_parents():
            trial = parent / f"cs231n-vis-{secrets.token_hex(6)}"
            trial.mkdir()
            try:
                if name:
                    (trial / name).write_text(str(64 << 20))
            finally:
                trial.rmdir()
        return {1: "version 2", 2: "version 1"}.get(len(_group_parents()), "")
    return ""


def _group_parents() -> list[tuple[Path, str]]:
    """Where a group can be made, each with the name of the file that bounds its memory."""
    found = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            found[controller] = path.lstrip("/")
    top = Path("/sys/fs/cgroup")
    if "memory" in found and "cpu" in found:
        memory, cpu = top / "memory" / found["memory"], top / "cpu" / found["cpu"]
        return [(memory, "memory.limit_in_bytes"), (cpu, "")]
    if (top / "cgroup.controllers").exists() and "" in found:
        # beside our own: a group that holds processes can have none below it
        parent = (top / found[""]).parent if found[""] else top
        if {"memory", "cpu"} <= set((parent / "cgroup.subtree_control").read_text().split()):
            return [(parent, "memory.max")]
    return []


def as_ordinary_user(argv: Sequence[str], place: Path, sources: Iterable[str] = ()) -> list[str]:
    """The command by which root runs ``argv`` as a user whom nobody knows.

    The user owns ``place`` and can read ``sources``, this Python and this package. What of these
    stands in a folder that only root may pass, as a Python below ``/root`` does, is shown at its
    place in a mount namespace of the command's own; nothing outside is changed.
    """
    user = 61184 + zlib.crc32(bytes(place)) % 4000
    package = Path(__file__).resolve().parents[2]
    needed = {str(place), str(package), sys.prefix, sys.base_prefix, *sources}
    needed |= {os.path.realpath(sys.executable), *(p for p in sys.path if os.path.isdir(p))}
    closed: dict[str, list[str]] = {}
    for path in sorted(needed):
        for parent in reversed(Path(path).parents):
            if not parent.stat().st_mode & 0o001:
                shown = closed.setdefault(str(parent), [])
                if not within(path, shown):
                    shown.append(path)
                break
    quote = shlex.quote
    lines = ["set -e", f"chown -R {user}:{user} {quote(str(place))}"]
    for parent, paths in closed.items():
        lines.append("mount -t tmpfs none /mnt")
        for number, path in enumerate(paths):
            make = "mkdir" if os.path.isdir(path) else "touch"
            lines.append(f"{make} /mnt/{number}; mount --rbind {quote(path)} /mnt/{number}")
        lines.append(f"mount -t tmpfs -o mode=755 none {quote(parent)}")
        for number, path in enumerate(paths):
            make = f"mkdir -p {quote(path if os.path.isdir(path) else os.path.dirname(path))}"
            make += "" if os.path.isdir(path) else f"; touch {quote(path)}"
            lines.append(f"{make}; mount --rbind /mnt/{number} {quote(path)}")
        lines.append("umount -l /mnt")
    lines.append(f'exec setpriv --reuid={user} --regid={user} --clear-groups "$@"')
    own = ["unshare", "--mount", "--propagation", "private"] if closed else []
    return [*own, "sh", "-c", "\n".join(lines), "sh", *argv]


# The program ------------------------------------------------------------------------------------


class Running:
    """A program that was started in a room, and all that it started.

    Args:
        room: what it finds.
        argv: the program and its arguments.
        limits: what it may use.
        folder: where there are no walls, its folder.
        prepare: given the program's folder, puts into it what the program needs.

    Attributes:
        home: the program's folder, by a name that leads there and nowhere else from this process.
        seen_home: the name that the program has for it.
        reason: why it ended: ``"exited"``, by itself; ``"killed"``, by ``kill``; or the limit
            that it exceeded: ``"time"``, ``"memory"``, ``"processes"`` or ``"disk"``. None
            while it runs.
        returncode: None while it runs; 128 + n if signal n ended it.
        cpu: seconds of processors that it has used.

    Raises:
        OSError: it could not be started; the message says why.
    """

    def __init__(
        self,
        room: Room,
        argv: Sequence[str],
        limits: Limits,
        folder: Path,
        prepare: Callable[[Path], None] = lambda home: None,
    ):
        self.reason: str | None = None
        self.returncode: int | None = None
        self.cpu = 0.0
        self.home = folder
        self.seen_home = HOME if room.walls else str(folder)
        self._room, self._limits, self._prepare = room, limits, prepare
        self._handles: list[int] = []
        self._verdict = ""
        self._began = self._last = time.monotonic()
        self._groups_kills = _killed_for_memory()
        self._started, self._ended = threading.Event(), threading.Event()
        self._failure: BaseException | None = None
        # Linux ends the program when the thread that started it ends; this one stays
        threading.Thread(target=self._run, args=(list(argv),), daemon=True).start()
        self._started.wait()
        if self._failure:
            raise self._failure

    def poll(self) -> int | None:
        """The return code, or None while any of it runs."""
        return self.returncode if self._ended.is_set() else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until nothing of it is left, and return the return code.

        Raises:
            TimeoutError: it still runs.
        """
        if not self._ended.wait(timeout):
            raise TimeoutError(f"still running after {timeout} s")
        return self.returncode

    def kill(self) -> None:
        """End it and all that it started; return when nothing is left."""
        self._verdict = self._verdict or "killed"
        self._end()
        self._ended.wait()

    def close(self) -> None:
        """``kill``, and let go of its folder."""
        self.kill()
        while self._handles:
            os.close(self._handles.pop())

    def now(self) -> tuple[float, float]:
        """A point in its time, for ``used``."""
        return time.monotonic(), self.cpu

    def used(self, since: tuple[float, float] | None = None) -> float:
        """Seconds of its time that it has used since then, or since it began.

        One that keeps every processor busy uses a second in a second; one that waits, or has to
        share the processors with others, uses as little as a third of one (``PATIENCE``).
        """
        wall, cpu = since or (self._began, 0.0)
        return max((self.cpu - cpu) / _processors(), (self._last - wall) / PATIENCE)

    def printed(self, most: int = 10_000) -> str:
        """The end of what it printed, at most so many bytes."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            with open(os.open(self.home / "output.log", flags), "rb") as stream:
                stream.seek(max(0, os.fstat(stream.fileno()).st_size - most))
                return stream.read(most).decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def _run(self, argv: list[str]) -> None:
        try:
            self._launch(argv)
        except BaseException as failure:
            self._failure = failure
            return
        finally:
            self._started.set()
        try:
            while self._process.poll() is None and not self._verdict:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_TICK)
                    break
                self._verdict = self._verdict or self._exceeded()
        finally:
            self._end()
            if not self._verdict and _killed_for_memory() > self._groups_kills:
                self._verdict = "memory"
            self.returncode = self._process.returncode
            if self.returncode < 0:
                self.returncode = 128 - self.returncode
            self.reason = self._verdict or "exited"
            self._ended.set()

    def _launch(self, argv: list[str]) -> None:
        if os.name != "posix":
            self._prepare(self.home)
            env = {name: os.environ.get(name, "") for name in ("SYSTEMROOT", "TEMP", "PATH")}
            env |= self._room.env
            self._process = subprocess.Popen(
                argv, env=env, cwd=self.home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
            self._first = psutil.Process(self._process.pid)
            return
        ours, theirs = socket.socketpair()
        with ours, theirs:
            spec = {
                "walls": self._room.walls,
                "home": self.seen_home,
                "control": theirs.fileno(),
                "limits": self._rlimits(),
            }
            first = [sys.executable, "-I", "-S", "-c", _FIRST, json.dumps(spec), *argv]
            if self._room.walls:
                with _filter() as seccomp, tempfile.TemporaryFile() as listed:
                    options = self._room.bubblewrap(self._limits, seccomp)
                    listed.write(b"".join(os.fsencode(option) + b"\0" for option in options))
                    listed.seek(0)
                    command = [
                        shutil.which("bwrap") or "bwrap",
                        "--args",
                        str(listed.fileno()),
                        "--",
                        *first,
                    ]
                    passed = [theirs.fileno(), seccomp, listed.fileno()]
                    self._popen(command, passed, {})
            else:
                self._popen(first, [theirs.fileno()], dict(self._room.env))
            theirs.close()
            ours.settimeout(60)
            try:
                ready, self._handles, *_ = socket.recv_fds(ours, 1, 3)
            except TimeoutError:
                ready = b""
            if not ready:
                self._end()
                why = self._process.stderr.read(10_000).decode("utf-8", "replace").strip()
                why = why.rpartition("\n")[2]
                raise OSError(why or "the program did not start")
            if self._room.walls:
                # bubblewrap's own child is the first process in the room, and takes all with it
                self._first = psutil.Process(self._process.pid).children()[0]
                self.home = Path(f"/proc/self/fd/{self._handles[0]}")
            self._prepare(self.home)
            ours.send(b"!")

    def _popen(self, argv: list[str], passed: list[int], env: dict) -> None:
        self._process = subprocess.Popen(
            argv,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,  # read only if it does not start
            start_new_session=True,
            pass_fds=passed,
        )
        self._first = psutil.Process(self._process.pid)

    def _rlimits(self) -> dict[str, int]:
        limits = self._limits
        values = {
            "CORE": 0,
            "FSIZE": limits.file_size,
            "NOFILE": 1024,
            "MSGQUEUE": 0,
            # a request beyond all measure fails at once; the sum over all processes is watched
            "DATA": 2 * limits.memory,
            "AS": 4 * limits.memory,
        }
        if (
            self._room.walls
        ):  # a dam until the watch sees the flood; else all the user's would count
            values["NPROC"] = limits.processes * 5 // 4 + 16
        return values

    def _tree(self) -> list:
        """Its living processes."""
        with contextlib.suppress(psutil.NoSuchProcess):
            found = self._first.children(recursive=True)
            if not self._room.walls and _LINUX:  # this process is given what loses its parent
                found = psutil.Process().children(recursive=True)
            return [one for one in dict.fromkeys((self._first, *found)) if _alive(one)]
        return []

    def _end(self) -> None:
        """Kill until nothing is left. With the first process in a room, all in it ends."""
        while tree := self._tree():
            for one in tree[:1] if self._room.walls else tree:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            time.sleep(0.002)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)  # it ends by itself now
        self._process.kill()
        self._process.wait()

    def _exceeded(self) -> str:
        """The limit that is exceeded, or nothing."""
        limits, tree = self._limits, self._tree()
        tasks = memory = descriptors = 0
        cpu = 0.0
        for one in tree:
            with contextlib.suppress(psutil.Error, OSError):
                about = _usage(one)
                tasks += about["Threads"]
                memory += about["memory"]
                descriptors += about["descriptors"]
                cpu += sum(one.cpu_times()[:4])  # with those of its children that have ended
        self.cpu = max(self.cpu, cpu)
        self._last = time.monotonic()
        if self.used() > limits.seconds:
            return "time"
        if tasks > limits.processes or descriptors > _DESCRIPTORS:
            return "processes"
        files, written = self._folder_holds()
        held = written if self._room.walls else 0  # in the room, files are memory
        if memory + held > limits.memory and _proportional(tree) + held > limits.memory:
            return "memory"
        return "disk" if written > limits.disk or files > _FILES else ""

    def _folder_holds(self) -> tuple[int, int]:
        """The number of its files, and their bytes, wherever they are and whoever may see them."""
        if self._room.walls:
            about = [os.fstatvfs(handle) for handle in self._handles]
            files = sum(one.f_files - one.f_ffree for one in about)
            return files, sum((one.f_blocks - one.f_bfree) * one.f_frsize for one in about)
        files = written = 0
        for root, folders, names in os.walk(self.home):
            for name in (*folders, *names):
                with contextlib.suppress(OSError):
                    about = os.lstat(os.path.join(root, name))
                    files += 1
                    written += getattr(about, "st_blocks", 0) * 512 or about.st_size
            if written > self._limits.disk or files > _FILES:
                break
        return files, written


@functools.cache
def _processors() -> int:
    return len(os.sched_getaffinity(0)) if _LINUX else os.cpu_count() or 1


def adopt_orphans() -> None:
    """Become the parent of what loses its own, so that it is found again without walls too."""
    if _LINUX:
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def _alive(process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _usage(process) -> dict[str, int]:
    """Threads, memory and descriptors of a process, also of one that lets nobody look into it."""
    if not _LINUX:
        memory = process.memory_info().rss
        return {"Threads": process.num_threads(), "memory": memory, "descriptors": 0}
    text = Path(f"/proc/{process.pid}/status").read_text("utf-8", "replace")
    found = {name: int(value) for name, value in re.findall(r"(?m)^(\w+):\s+(\d+)", text)}
    found["memory"] = sum(found.get(name, 0) << 10 for name in ("VmRSS", "VmSwap", "VmPTE"))
    try:
        found["descriptors"] = len(os.listdir(f"/proc/{process.pid}/fd"))
    except PermissionError:
        found["descriptors"] = found["FDSize"]
    return found


def _proportional(tree: list) -> int:
    """Bytes of memory of all processes; a page that several share counts once.

    Of a process that lets nobody look into it, all that it uses counts.
    """
    total = 0
    for one in tree:
        with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            try:
                memory = one.memory_full_info()
                total += getattr(memory, "pss", memory.rss) + getattr(memory, "swap", 0)
            except (psutil.AccessDenied, PermissionError):
                total += _usage(one)["memory"]
    return total


def _killed_for_memory() -> int:
    """How often the system ended a process of our control group because of its memory."""
    count = 0
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            where = {"": f"/sys/fs/cgroup{path}/memory.events"}
            where["memory"] = f"/sys/fs/cgroup/memory{path}/memory.oom_control"
            if controllers in where:
                with contextlib.suppress(OSError):
                    found = re.search(r"(?m)^oom_kill (\d+)", Path(where[controllers]).read_text())
                    count += int(found[1]) if found else 0
    return count


# System calls -----------------------------------------------------------------------------------


@functools.cache
def _seccomp() -> ctypes.CDLL:
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    return library


class _Compared(ctypes.Structure):
    _fields_ = [
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    ]


@contextlib.contextmanager
def _filter() -> Iterator[int]:
    """A file with the filter of system calls, as libseccomp writes it for bubblewrap."""
    allow, fail_with, masked_equal = 0x7FFF0000, 0x00050000, 7
    no_such_call, refused, nothing = 38, 1, 0
    library = _seccomp()
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(allow)))

    def rule(name: str, error: int, *compared: _Compared) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number == -1:  # this libseccomp does not know it, nor this machine
            return
        action = ctypes.c_uint32(fail_with | error)
        array = (_Compared * len(compared))(*compared)
        if library.seccomp_rule_add_array(context, action, number, len(compared), array):
            raise OSError(f"libseccomp has no rule for {name}")

    try:
        for name in _REFUSED.split():
            rule(name, no_such_call)
        # memory that stays although no process maps it: shared, and of no file
        rule("mmap", refused, _Compared(3, masked_equal, 0x21, 0x21))
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
from cs231n_vis.grading.walls import Limits, Room, Running
room = Room(**json.loads(sys.argv[1]))
try:
    running = Running(room, [sys.executable, "-c", ""], Limits(), Path("/"))
except OSError as failure:
    sys.exit(str(failure))
sys.exit(running.wait(60) and running.printed())
"""
