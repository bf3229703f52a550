"""A program in a room, from its start until nothing of it is left, within its bounds.

The processes are looked at ``TICK`` by ``TICK``. Without walls there are bounds only.
"""

import contextlib
import ctypes
import functools
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from .ours import killed_for_memory
from .walls import HOME, LINUX, PATIENCE, TICK, Limits, Room, system_calls

_FILES = 100_000  # in the program's folder; each takes memory that no size counts
_DESCRIPTORS = 4096  # open ones of all processes; behind each may be a buffer of 200 kB

# What runs before the program does, when nothing of a student's has run yet: it takes on the
# limits. In a room it also hands out handles of the folders that can be written to, waits for an
# answer, and, as the first process there, stays to bury whatever loses its parent. Its arguments:
# a JSON object, then the program's.
_FIRST = """
import ctypes, json, os, resource, signal, socket, sys
spec = json.loads(sys.argv[1])
for name, value in spec["limits"].items():
    try:
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
    except (AttributeError, OSError, ValueError):  # lower already; and macOS lacks some
        pass
try:
    with open("/proc/self/oom_score_adj", "w") as stream:
        stream.write("1000")  # if the machine runs out of memory, this goes first
except OSError:
    pass
prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else lambda *arguments: None
os.umask(0o022)
os.chdir(spec["home"])
if spec["control"] is None:
    os.makedirs("tmp", exist_ok=True)  # for there /tmp is everybody's
    for option, value in ((1, 9), (38, 1)):  # die with the parent; no new privileges
        prctl(option, value, 0, 0, 0)
else:
    handles = [os.open(path, os.O_RDONLY) for path in (".", "/tmp", "/dev/shm")]
    with socket.socket(fileno=spec["control"]) as control:
        socket.send_fds(control, [b"."], handles)
        control.recv(1)
    program = os.fork()
    if program:
        prctl(4, 0, 0, 0, 0)  # the program may not look into this process
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

    It ends with the thread that starts it.

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
        self._began, self._last = (time.monotonic(), 0.0), time.monotonic()
        self._groups_kills = killed_for_memory()
        self._ended = threading.Event()
        self._launch(list(argv))
        threading.Thread(target=self._watch, daemon=True).start()

    def wait(self, timeout: float | None = None) -> int:
        """Wait until nothing of it is left, and return the return code.

        Raises:
            TimeoutError: it still runs.
        """
        if not self._ended.wait(timeout) or self.returncode is None:
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

    def begin(self) -> None:
        """What it has used so far does not count."""
        self._began = self.now()

    def used(self, since: tuple[float, float] | None = None) -> float:
        """Seconds of its time that it has used since then, or since it began (``begin``).

        One that keeps every processor busy uses a second in a second; one that waits, or has to
        share the processors with others, uses as little as a third of one (``PATIENCE``).
        """
        wall, cpu = since or self._began
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

    def _watch(self) -> None:
        try:
            while not self._verdict:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(TICK)
                    break
                self._verdict = self._verdict or self._exceeded()
        finally:
            self._end()
            if not self._verdict and killed_for_memory() > self._groups_kills:
                self._verdict = "memory"
            self.reason, code = self._verdict or "exited", self._process.returncode
            self.returncode = code if code >= 0 else 128 - code
            self._ended.set()

    def _launch(self, argv: list[str]) -> None:
        limits = self._rlimits()
        spec: dict[str, object] = {"home": self.seen_home, "limits": limits, "control": None}
        first = [sys.executable, "-I", "-S", "-c", _FIRST]
        if not self._room.walls:
            self._prepare(self.home)
            command = [*first, json.dumps(spec), *argv] if os.name == "posix" else argv
            kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ}
            self._popen(command, env=kept | dict(self._room.env), cwd=self.home)
            self._first = psutil.Process(self._process.pid)
            return
        ours, theirs = socket.socketpair()
        with ours, theirs, system_calls() as seccomp:
            spec["control"] = theirs.fileno()
            options = self._room.bubblewrap(self._limits, seccomp)
            command = ["bwrap", *options, "--", *first, json.dumps(spec), *argv]
            self._popen(command, pass_fds=(theirs.fileno(), seccomp))
            theirs.close()
            ours.settimeout(60)
            ready = b""
            with contextlib.suppress(TimeoutError):
                ready, self._handles, *_ = socket.recv_fds(ours, 1, 3)
            if not ready:
                self._process.kill()  # and with it whatever it has made of the room
                why = self._process.communicate()[1].decode("utf-8", "replace").strip()
                raise OSError(why.rpartition("\n")[2] or "the program did not start")
            # bubblewrap's own child is the first process in the room, and takes all with it
            self._first = psutil.Process(self._process.pid).children()[0]
            self.home = Path(f"/proc/self/fd/{self._handles[0]}")
            self._prepare(self.home)
            ours.send(b"!")

    def _popen(self, argv: list[str], **options) -> None:
        nothing, walls = subprocess.DEVNULL, self._room.walls
        options |= {"stdin": nothing, "stdout": nothing, "start_new_session": os.name == "posix"}
        # read only if it does not start
        options["stderr"] = subprocess.PIPE if walls else nothing
        self._process = subprocess.Popen(argv, **options)

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
        if self._room.walls:  # else all the user's would count
            values["NPROC"] = limits.processes * 5 // 4 + 16  # a dam until the watch sees the flood
        return values

    def _tree(self) -> list:
        """Its living processes."""
        with contextlib.suppress(psutil.NoSuchProcess):
            found = self._first.children(recursive=True)
            if not self._room.walls and LINUX:  # this process is given what loses its parent
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
        cpu, threads, memory, descriptors = _used(tree)
        self.cpu = max(self.cpu, cpu)
        self._last = time.monotonic()
        if self.used() > limits.seconds:
            return "time"
        if threads > limits.processes or descriptors > _DESCRIPTORS:
            return "processes"
        files, written = self._folder_holds()
        held = written if self._room.walls else 0  # in the room, files are memory
        if memory + held > limits.memory and _used(tree, exactly=True)[2] + held > limits.memory:
            return "memory"
        return "disk" if written > limits.disk or files > _FILES else ""

    def _folder_holds(self) -> tuple[int, int]:
        """The number of its files, and their bytes, wherever they are and whoever may see them."""
        if self._room.walls:
            disks = [os.fstatvfs(handle) for handle in self._handles]
            files = sum(disk.f_files - disk.f_ffree for disk in disks)
            return files, sum((disk.f_blocks - disk.f_bfree) * disk.f_frsize for disk in disks)
        files = written = 0
        for root, folders, names in os.walk(self.home):
            for name in (*folders, *names):
                with contextlib.suppress(OSError):
                    one = os.lstat(os.path.join(root, name))
                    files += 1
                    written += getattr(one, "st_blocks", 0) * 512 or one.st_size
            if written > self._limits.disk or files > _FILES:
                break
        return files, written


# What processes use -----------------------------------------------------------------------------


# What processes use -----------------------------------------------------------------------------


@functools.cache
def _processors() -> int:
    return len(os.sched_getaffinity(0)) if LINUX else os.cpu_count() or 1


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _used(processes: list[psutil.Process], exactly: bool = False) -> tuple[float, int, int, int]:
    """Seconds of processors, threads, bytes of memory, and descriptors.

    Memory is at most so much; ``exactly``, a page that several share counts once, which takes
    longer to find. Of a process that lets nobody look into it, all that it uses counts.
    """
    cpu, threads, memory, descriptors = 0.0, 0, 0, 0
    for one in processes:
        with contextlib.suppress(psutil.Error, OSError):
            status = _status(one)
            if exactly:
                with contextlib.suppress(psutil.AccessDenied, PermissionError):
                    about = one.memory_full_info()
                    status["VmRSS"] = getattr(about, "pss", about.rss) >> 10
            threads += status["Threads"]
            memory += sum(status.get(name, 0) << 10 for name in ("VmRSS", "VmSwap", "VmPTE"))
            descriptors += status["descriptors"]
            cpu += sum(one.cpu_times()[:4])  # with those of its children that have ended
    return cpu, threads, memory, descriptors


def _status(process: psutil.Process) -> dict[str, int]:
    """What Linux says of a process, also of one that lets nobody look into it; memory in kB."""
    if not LINUX:
        memory = process.memory_info().rss >> 10
        return {"Threads": process.num_threads(), "VmRSS": memory, "descriptors": 0}
    text = Path(f"/proc/{process.pid}/status").read_text("utf-8", "replace")
    found = {name: int(value) for name, value in re.findall(r"(?m)^(\w+):\s+(\d+)", text)}
    try:
        return found | {"descriptors": len(os.listdir(f"/proc/{process.pid}/fd"))}
    except PermissionError:
        return found | {"descriptors": found["FDSize"]}


def adopt_orphans() -> None:
    """Become the parent of what loses its own, so that it is found again without walls too."""
    if LINUX:
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
