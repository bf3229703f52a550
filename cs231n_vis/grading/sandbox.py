"""A room without doors: run one submission's program so that it reaches nothing but its folder.

What it sees: the system's libraries, Python and this package, all read-only, less what is hidden;
its own processes; no network; one folder that it may write to, at the same path as outside. What
it may use is limited, and when it ends, or the grader does, nothing of it is left.

There are three ways to build the room, and the first that works is taken: ``namespaces``, with what
Linux itself offers, where a program can also be forked from a ``warm`` Python, which has its
libraries imported already; ``bubblewrap``, the same walls where only that may build them; and
``limits``, where there are no walls, only limits. ``Sandbox.describe`` says what is missing.

This file runs in the grader; ``inside`` goes on from there in the program's own process.

What is in the folder afterwards was written by a stranger: links may point anywhere, so open files
there without following them.
"""

import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

import psutil

from ..files import datasets_dir, shipped
from ..sources import kept_files
from . import inside
from .warm import Forked

BACKENDS = ("namespaces", "bubblewrap", "limits")

_LINUX = sys.platform == "linux"
_TICK = 0.2  # seconds from one look at the processes to the next
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"),
    *("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime"),
)


@dataclass(frozen=True)
class Limits:
    """What a program and all that it starts may use together.

    Attributes:
        seconds: from start to end.
        memory: in bytes, of all its processes; shared pages count once. What no process maps
            any more, such as data in a pipe, is not seen.
        processes: and threads, at once. TensorFlow takes several for each processor.
        file_size: in bytes, of each file, its output included.
        disk: in bytes, of its folder, /tmp included; None if it does not matter.
    """

    seconds: float = 600
    memory: int = 4 << 30
    processes: int = 512
    file_size: int = 256 << 20
    disk: int | None = 1 << 30


@dataclass(frozen=True)
class Sandbox:
    """Where a program may run.

    Attributes:
        folder: the one folder it can write to; also its HOME and current folder.
        limits: what it may use.
        hidden: files and folders that are not to be seen, whatever holds them.
        readable: more files and folders to be seen, if everyone may read them.
        backend: one of ``BACKENDS``; by default the first that works here.
        warm: the socket of a ``warm.WarmPython`` to fork the program from, with ``namespaces``.
    """

    folder: Path
    limits: Limits = field(default_factory=Limits)
    hidden: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    backend: str = field(default_factory=lambda: next(b for b in BACKENDS if not problem(b)))
    warm: Path | None = None

    def describe(self) -> str:
        """In sentences: how the program is walled off, and what is missing."""
        if self.backend != "limits":
            return (
                f"Walled off by {self.backend}: no network, no other process, no file but the "
                "system's, Python's and its own. Memory, processes and disk are looked at "
                f"every {_TICK} s, so for as long they can be exceeded."
            )
        reasons = "; ".join(f"{name}: {problem(name)}" for name in BACKENDS[:2])
        return (
            "NOT walled off: a submission can read your files and the answers, write where "
            "you can, use the network and end other processes, ours too. Time, memory, processes "
            "and disk are still limited, and its process tree is ended with it, but what hides "
            f"from there may live on. Walls need Linux ({reasons})."
        )

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment variables of the program: a few of ours, and ``extra``."""
        ours = {
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), "/usr/bin", "/bin"]),
            "HOME": str(self._folder),
            "USER": "student",
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(_import_paths()),
            "CS231N_VIS_DATASETS": str(datasets_dir().absolute()),
        }
        if os.name == "nt":  # nothing starts there without
            ours |= {name: os.environ.get(name, "") for name in ("SYSTEMROOT", "TEMP")}
        return ours | dict(extra or {})

    def command(self, argv: Sequence[str], control: int | None = None) -> list[str]:
        """The command that runs ``argv`` walled off; ``start`` also watches it.

        The limits of the folder, of time and of the whole tree need the watching.

        Args:
            argv: the program and its arguments.
            control: a socket's number: the program says there that it is ready, and waits
                for an answer before it begins.
        """
        if os.name != "posix":
            return list(argv)
        spec = self.spec(control)
        python = [sys.executable, "-I", "-S"]
        if self.backend == "bubblewrap":
            return [
                *(*self._bubblewrap(spec["views"]), "--"),
                *(*python, "/inside.py", json.dumps(spec | {"views": []}), *argv),
            ]
        return [*python, os.path.abspath(inside.__file__), json.dumps(spec), *argv]

    def spec(self, control: int | None = None) -> dict:
        """What ``inside`` must know; the folder is made ready."""
        walls = self.backend != "limits"
        return {
            "backend": self.backend,
            "user": self._user if walls else None,
            "folder": str(self._folder),
            "limits": asdict(self.limits),
            "control": control,
            "parent": os.getpid(),
            "views": list(self._views(self._prepare())) if walls else [],
        }

    def start(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        output: BinaryIO | None = None,
    ) -> "Running":
        """Start a program in the sandbox and watch it.

        Args:
            argv: the program and its arguments.
            env: environment variables beside those of ``environment``.
            output: the file that takes what it prints; by default a temporary one.

        Raises:
            OSError: the sandbox could not be built; the message says why.
        """
        return Running(self, argv, self.environment(env), output or tempfile.TemporaryFile())

    @property
    def _folder(self) -> Path:
        return Path(self.folder).resolve()

    @property
    def _user(self) -> int | None:
        """Whom the program runs as if the grader is root: nobody whom the system knows.

        The kernel counts processes by user, and does not for root.
        """
        return 61184 + zlib.crc32(bytes(self._folder)) % 4000 if os.geteuid() == 0 else None

    def _prepare(self) -> str:
        """Make the folder ready, and in it one that will be /tmp, whose name is returned."""
        # on disk, not in memory, so that looking at the folder sees how much is there; a new one,
        # for an earlier program may have left a link in the place of its own
        tmp = tempfile.mkdtemp(prefix=".tmp", dir=self._folder)
        os.chmod(tmp, 0o711)  # this package may lie below /tmp, and bubblewrap's root passes by
        for path in self.hidden:
            if path.suffix == ".py":  # so that it is there to be covered, before Python adds it
                with contextlib.suppress(OSError):
                    (path.parent / "__pycache__").mkdir(exist_ok=True)
        if self._user is not None:
            for root, folders, files in os.walk(self._folder):
                for name in (".", *folders, *files):
                    path = os.path.join(root, name)
                    os.chown(path, self._user, self._user, follow_symlinks=False)
        return tmp

    def _views(self, tmp: str) -> Iterator[tuple[str, str, str]]:
        """``(kind, source, target)`` for each thing to be seen or hidden, in order."""
        yield from (("write", tmp, "/tmp"), ("write", tmp, "/dev/shm"))
        seen: list[str] = []
        for path in sorted(
            {*_SYSTEM, *_python(), *_package(), *map(os.path.abspath, self.readable)}
        ):
            if os.path.exists(path) and not _within(path, seen):
                seen.append(path)
                yield "read", os.path.realpath(path), path
        yield "read", os.path.realpath(inside.__file__), "/inside.py"
        hidden = {os.path.realpath(path) for path in self.hidden}
        hidden |= {
            os.path.join(os.path.dirname(path), "__pycache__")
            for path in hidden
            if path.endswith(".py")
        }
        for target in seen:  # one folder may be seen at two places, as .venv/lib and .venv/lib64
            source = os.path.realpath(target)
            for path in sorted(hidden):
                if os.path.exists(path) and _within(path, [source]):
                    yield "hide", path, target + path[len(source) :]
        yield "write", str(self._folder), str(self._folder)

    def _bubblewrap(self, views: Iterable[tuple[str, str, str]]) -> list[str]:
        options = ["bwrap", "--die-with-parent", "--new-session"]
        options += [f"--unshare-{what}" for what in ("pid", "net", "ipc", "uts", "cgroup-try")]
        if self._user is None:
            options += ["--unshare-user"]
        else:  # no more rights than it takes to become someone else
            options += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        options += ["--dev", "/dev", "--proc", "/proc"]
        for kind, source, target in views:
            for parent in reversed(Path(target).parents[:-1]):  # it would let only root in there
                options += ["--dir", str(parent)]
            if kind == "hide" and os.path.isdir(source):
                options += ["--tmpfs", target, "--remount-ro", target]
            elif kind == "hide":
                options += ["--ro-bind", os.devnull, target]
            else:
                options += ["--bind" if kind == "write" else "--ro-bind", source, target]
        return [*options, "--remount-ro", "/dev", "--remount-ro", "/"]


def _within(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)


def _python() -> set[str]:
    """What belongs to this Python, which may be anywhere, often below a home folder."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    prefixes |= {os.path.realpath(prefix) for prefix in prefixes}
    # not a prefix as a whole: it may be someone's home
    parts = ("bin", "lib", "lib64", "include", "share", "etc", "ssl", "pyvenv.cfg")
    paths = {os.path.join(prefix, part) for prefix in prefixes for part in parts}
    paths |= {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    link = sys.executable
    while os.path.islink(link):
        link = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))
        paths.add(link)
    return paths


def _package() -> set[str]:
    # of folders with data these files and no more: saved maps may lie there, or anything
    data = map(os.path.abspath, (shipped("manifest.json"), *kept_files()))
    return {str(Path(__file__).resolve().parents[1]), *data}


def _import_paths() -> list[str]:
    """What must be in PYTHONPATH: where this package is, and what pip installed for a user."""
    paths = [str(Path(__file__).resolve().parents[2])]
    paths += [path for path in sys.path if path.endswith("site-packages")]
    return [path for path in dict.fromkeys(paths) if not _within(path, [sys.prefix])]


@functools.cache
def problem(backend: str) -> str:
    """Why a backend does not work here, or nothing. The first call tries it."""
    if backend == "limits":
        return ""
    if not _LINUX:
        return "this is not Linux"
    if backend == "bubblewrap" and not shutil.which("bwrap"):
        return "it is not installed"
    with tempfile.TemporaryDirectory() as folder:
        try:
            running = Sandbox(Path(folder), backend=backend).start([sys.executable, "-c", ""])
            return "" if running.wait() == 0 else _last_line(running)
        except OSError as failure:
            return str(failure)


class Running:
    """A program in the sandbox, and all that it started; it can stand in for a ``Popen``.

    Attributes:
        pid: of the outermost process.
        reason: why it ended: ``"exited"``, by itself; ``"killed"``, by ``kill``; or the limit
            that it exceeded: ``"time"``, ``"memory"``, ``"processes"`` or ``"disk"``. None
            while it runs.
        returncode: None while it runs; 128 + n if signal n ended it.
    """

    stdin = stdout = stderr = None

    def __init__(self, sandbox: Sandbox, argv: Sequence[str], env: dict, output: BinaryIO):
        self.reason: str | None = None
        self.returncode: int | None = None
        self._sandbox, self._output = sandbox, output
        self._verdict = ""
        self._deadline = time.monotonic() + sandbox.limits.seconds
        self._started, self._ended = threading.Event(), threading.Event()
        self._failure: BaseException | None = None
        # Linux ends the program when the thread that started it ends; this one stays
        threading.Thread(target=self._run, args=(argv, env), daemon=True).start()
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

    terminate = kill

    def send_signal(self, number: int) -> None:
        """Send a signal, such as SIGINT, to the program itself; SIGKILL is ``kill``."""
        if number == getattr(signal, "SIGKILL", None):
            return self.kill()
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            self._members[-1].send_signal(number)

    def printed(self, most: int = 10_000) -> str:
        """The end of what it printed, at most so many bytes."""
        descriptor = self._output.fileno()
        start = max(0, os.fstat(descriptor).st_size - most)  # not by seeking: it shares our place
        return os.pread(descriptor, most, start).decode("utf-8", "replace").strip()

    def _run(self, argv: Sequence[str], env: dict) -> None:
        try:
            self._launch(argv, env)
        except BaseException as failure:
            self._failure = failure
            return
        finally:
            self._started.set()
        try:
            while self._process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_TICK)
                    break
                self._verdict = self._verdict or self._exceeded()
                if self._verdict:
                    break
        finally:
            self._end()  # even if it ended by itself: bubblewrap goes before all that it held
            self.returncode = self._process.returncode
            self.reason = self._verdict or "exited"
            self._ended.set()

    def _launch(self, argv: Sequence[str], env: dict) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            posix = os.name == "posix"
            if self._sandbox.warm:
                descriptors = theirs.fileno(), self._output.fileno()
                spec = self._sandbox.spec()
                self._process = Forked(self._sandbox.warm, spec, argv, env, descriptors)
            else:
                self._process = subprocess.Popen(
                    self._sandbox.command(argv, theirs.fileno() if posix else None),
                    env=env,
                    cwd=self._sandbox._folder,
                    stdin=subprocess.DEVNULL,
                    stdout=self._output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=[theirs.fileno()] if posix else (),
                )
            self.pid = self._process.pid
            self._outermost = psutil.Process(self.pid)
            self._members = [self._outermost]
            theirs.close()
            if not posix:
                return
            ours.settimeout(30)
            try:
                ready = ours.recv(1)
            except TimeoutError:
                ready = b""
            if not ready:
                self._end()
                raise OSError(f"{self._sandbox.backend} did not start: {_last_line(self)}")
            # the first member, if there are walls, is the one that takes all others with it
            self._members = self._outermost.children(recursive=True)
            ours.send(b"!")

    def _tree(self) -> list:
        """Its living processes, the first first; not the outermost, which waits for them."""
        found = dict.fromkeys(self._members)
        for top in (self._outermost, *self._members[:1]):
            with contextlib.suppress(psutil.NoSuchProcess):
                found |= dict.fromkeys(top.children(recursive=True))
        return [one for one in found if _alive(one)]

    def _end(self) -> None:
        """Kill until nothing is left."""
        while tree := self._tree():
            for one in tree:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            time.sleep(0.002)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)  # it ends by itself now
        self._process.kill()
        self._process.wait()

    def _exceeded(self) -> str:
        """The limit that is exceeded, or nothing."""
        limits, tree = self._sandbox.limits, self._tree()
        tasks = memory = open_but_deleted = 0
        if time.monotonic() > self._deadline:
            return "time"
        for one in tree:
            with contextlib.suppress(psutil.Error, OSError):
                tasks += 1
                tasks += one.num_threads() - 1
                memory += one.memory_info().rss
                open_but_deleted += _open_but_deleted(one.pid)
        if tasks > limits.processes:
            return "processes"
        if memory > limits.memory and _proportional(tree) > limits.memory:
            return "memory"
        if limits.disk is None:
            return ""
        disk = _size(self._sandbox._folder, limits.disk) + open_but_deleted
        return "disk" if disk > limits.disk else ""


def _last_line(running: Running) -> str:
    return running.printed().rpartition("\n")[2]


def _alive(process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _proportional(tree: list) -> int:
    """Bytes of memory of all processes; a page that several share counts once."""
    total = 0
    for one in tree:
        with contextlib.suppress(psutil.Error):
            memory = one.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    return total


def _open_but_deleted(pid: int) -> int:
    """Bytes on disk of files that a process holds open and that no folder lists."""
    total = 0
    with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                about = entry.stat()
                if about.st_nlink == 0:
                    total += about.st_blocks * 512
    return total


def _size(folder: Path, enough: int) -> int:
    """Bytes on disk of all that is in a folder; each entry counts as a block at least."""
    total = 0
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            with contextlib.suppress(OSError):
                total += max(4096, os.lstat(os.path.join(root, name)).st_blocks * 512)
        if total > enough:
            break
    return total
