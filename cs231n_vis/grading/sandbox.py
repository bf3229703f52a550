"""A room without doors: run one submission's program so that it reaches nothing but its folder.

What it sees: the system's libraries, Python and this package, all read-only, less what is hidden;
its own processes; no network; one folder that it may write to, at the same path as outside. What
it may use is limited, and when it ends, or the grader does, nothing of it is left.

There are three ways to build the room, and the best that works is taken: ``bubblewrap``;
``namespaces``, the same with what Linux itself offers; and ``limits``, where there are no walls,
only limits. ``Sandbox.describe`` says what is missing.

The first half of this file runs in the grader. The second, from "Inside" on, is run as a script
by ``python -I -S``, which has the standard library only.

What is in the folder afterwards was written by a stranger: links may point anywhere, so open files
there without following them.
"""

import contextlib
import ctypes
import functools
import json
import os
import platform
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn

if __name__ != "__main__":
    import psutil

    from ..files import datasets_dir, shipped

BACKENDS = ("bubblewrap", "namespaces", "limits")

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
    """

    folder: Path
    limits: Limits = field(default_factory=Limits)
    hidden: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    backend: str = field(default_factory=lambda: next(b for b in BACKENDS if not problem(b)))

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
        walls = self.backend != "limits"
        views = list(self._views(self._prepare())) if walls else []
        spec = {
            "backend": self.backend,
            "user": self._user if walls else None,
            "folder": str(self._folder),
            "limits": asdict(self.limits),
            "control": control,
            "parent": os.getpid(),
        }
        python = [sys.executable, "-I", "-S"]
        if self.backend == "bubblewrap":
            inside = [*python, "/sandbox.py", json.dumps(spec), *argv]
            return [*self._bubblewrap(views), "--", *inside]
        spec["views"] = views
        return [*python, os.path.abspath(__file__), json.dumps(spec), *argv]

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
        yield "read", os.path.realpath(__file__), "/sandbox.py"
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
    data = {os.path.abspath(shipped()), os.path.abspath(datasets_dir())}
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


# Inside -----------------------------------------------------------------------------------------

_NEW_USER = 1 << 28
_NEW = (1 << 17) | (1 << 26) | (1 << 27) | (1 << 29) | (1 << 30)  # mounts, name, IPC, PIDs, network
_BIND, _RECURSIVE, _PRIVATE, _DETACH = 1 << 12, 1 << 14, 1 << 18, 2
_READ_ONLY, _NO_SETUID, _NO_DEVICES, _NO_PROGRAMS = 1, 2, 4, 8  # the same in mount_setattr
_DEVICES = ("null", "zero", "full", "random", "urandom")
_SUICIDE, _DUMPABLE, _SECCOMP, _SUBREAPER, _NO_NEW_RIGHTS = 1, 4, 22, 36, 38  # prctl's numbers

# System calls that nobody needs here and that lead out of the limits: new namespaces and mounts,
# memory that belongs to no process, other processes' insides, and doors with a history of faults.
# The first row's numbers are the same everywhere: io_uring, open_tree to fspick, mount_setattr,
# clone3 (programs fall back to clone, whose flags can be seen), memfd_secret.
_REFUSED_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 435, 442, 447)
# then, each: unshare, setns, mount, ptrace, memfd_create, shmget, bpf, perf_event_open,
# userfaultfd, add_key, request_key, keyctl
_REFUSED = {  # machine: (its number in the kernel, clone, the others)
    "x86_64": (0xC000003E, 56, (272, 308, 165, 101, 319, 29, 321, 298, 323, 248, 249, 250)),
    "aarch64": (0xC00000B7, 220, (97, 268, 40, 117, 279, 194, 280, 241, 282, 217, 218, 219)),
}


def _call(name: str, *arguments) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    converted = [a.encode() if isinstance(a, str) else a for a in arguments]
    if getattr(libc, name)(*converted) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}", str(arguments))


def _prctl(option: int, *values) -> None:
    _call("prctl", option, *map(ctypes.c_ulong, (*values, 0, 0, 0, 0)[:4]))


def _die_with(parent: int, number: int) -> None:
    if _LINUX:
        _prctl(_SUICIDE, number)
    if os.getppid() not in (parent, 0):  # 0: it is outside our namespace
        sys.exit("the grader is gone")


def _refuse_system_calls() -> None:
    """Let the kernel answer "no such system call" to those refused, from now on."""
    if platform.machine() not in _REFUSED:
        return
    machine, clone, numbers = _REFUSED[platform.machine()]
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    refused = [(equal, number) for number in (*numbers, *_REFUSED_EVERYWHERE)]
    refused += [(at_least, 1 << 30)]  # the x32 way to call
    n = len(refused)
    program = [(load, 0, 0, 4), (equal, 0, n + 4, machine), (load, 0, 0, 0)]
    program += [(code, n + 2 - i, 0, value) for i, (code, value) in enumerate(refused)]
    program += [(equal, 0, 3, clone), (load, 0, 0, 16), (any_bit, 0, 1, _NEW | _NEW_USER)]
    program += [(answer, 0, 0, 0x50000 | 38), (answer, 0, 0, 0x7FFF0000)]  # ENOSYS, allowed
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    block = ctypes.create_string_buffer(code, len(code))
    whole = ctypes.create_string_buffer(struct.pack("HP", len(program), ctypes.addressof(block)))
    _prctl(_SECCOMP, 2, ctypes.addressof(whole))


def _limit(limits: dict, walls: bool) -> None:
    import resource

    values = {
        "CORE": 0,
        "FSIZE": limits["file_size"],
        "NOFILE": 1024,
        "MSGQUEUE": 0,
        # a request beyond all measure fails at once; the sum over all processes is watched outside
        "DATA": 2 * limits["memory"],
        "AS": 4 * limits["memory"],
    }
    if walls:  # a dam until the watch sees the flood; without walls it would count all the user's
        values["NPROC"] = limits["processes"] * 5 // 4 + 16
    for name, value in values.items():
        with contextlib.suppress(AttributeError, OSError, ValueError):  # not every system has all
            number = getattr(resource, f"RLIMIT_{name}")
            most = resource.getrlimit(number)[1]
            value = value if most == resource.RLIM_INFINITY else min(value, most)
            resource.setrlimit(number, (value, value))


def _become(spec: dict, argv: list[str]) -> NoReturn:
    """Give up every right, take on the limits, and turn into the program."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as stream:
        stream.write("1000")  # if the machine runs out of memory, this goes first
    walls, user, control = spec["backend"] != "limits", spec["user"], spec["control"]
    try:
        if user is not None:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        os.chdir(spec["folder"])
        os.umask(0o022)
        for name in ("SIGPIPE", "SIGXFSZ", "SIGINT", "SIGTERM"):  # Python ignores the first two
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        if walls:
            _prctl(_NO_NEW_RIGHTS, 1)
            _refuse_system_calls()
        _limit(spec["limits"], walls)
        if control is not None:
            os.write(control, b".")
            os.read(control, 1)
            os.close(control)
        os.execvp(argv[0], argv)
    except OSError as failure:
        print(f"{argv[0]}: {failure}", file=sys.stderr, flush=True)
        os._exit(1)


def _supervise(spec: dict, argv: list[str]) -> int:
    """Start the program, bury whatever dies, and return the program's status when it ends."""
    program = os.fork()
    if program == 0:
        os.setpgid(0, 0)
        _become(spec, argv)
    try:
        while True:
            process, status = os.wait()
            if process == program:
                return _code(status)
    finally:
        with contextlib.suppress(OSError):
            os.killpg(program, signal.SIGKILL)


def _code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _with_limits(spec: dict, argv: list[str]) -> int:
    _die_with(spec["parent"], signal.SIGTERM)
    if _LINUX:
        _prctl(_SUBREAPER, 1)  # what loses its parent becomes ours
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return _supervise(spec, argv)
    finally:
        if _LINUX:
            _kill_children()


def _kill_children() -> None:
    while True:
        for name in os.listdir("/proc"):
            with (
                contextlib.suppress(OSError, ValueError),
                open(f"/proc/{int(name)}/stat") as stream,
            ):
                if int(stream.read().rpartition(")")[2].split()[1]) == os.getpid():
                    os.kill(int(name), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


def _in_namespaces(spec: dict, argv: list[str]) -> int:
    _die_with(spec["parent"], signal.SIGKILL)
    user, group = os.geteuid(), os.getegid()
    _call("unshare", _NEW if spec["user"] else _NEW | _NEW_USER)
    if not spec["user"]:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as stream:
                stream.write(text)
    first = os.fork()
    if first == 0:
        _die_with(0, signal.SIGKILL)
        _prctl(_DUMPABLE, 0)  # so that the program cannot look into this process
        _build(spec["views"])
        return _supervise(spec, argv)  # and with this process, all of the namespace ends
    return _code(os.waitpid(first, 0)[1])


def _build(views: list[list[str]]) -> None:
    """Make a new root of the views, and let go of the old one."""
    nothing = _READ_ONLY | _NO_SETUID | _NO_DEVICES
    os.umask(0o022)
    _call("mount", "none", "/", None, _RECURSIVE | _PRIVATE, None)
    _call("mount", "tmpfs", "/tmp", "tmpfs", _NO_SETUID | _NO_DEVICES, "mode=755")
    os.mkdir("/tmp/old")
    _call("pivot_root", "/tmp", "/tmp/old")
    os.chdir("/")
    os.makedirs("/proc")
    _call("mount", "proc", "/proc", "proc", _NO_SETUID | _NO_DEVICES | _NO_PROGRAMS, None)
    for name in _DEVICES:
        _bind(f"/dev/{name}", f"/dev/{name}", _NO_SETUID)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"/dev/{name}")
    os.symlink("/proc/self/fd", "/dev/fd")
    for kind, source, target in views:
        if kind == "hide" and os.path.isdir(target):
            _call("mount", "tmpfs", target, "tmpfs", nothing, None)
        elif kind == "hide":
            _bind("/dev/null", target, nothing)
        else:
            _bind(source, target, nothing if kind == "read" else nothing & ~_READ_ONLY)
    _call("umount2", "/old", _DETACH)
    os.rmdir("/old")
    _protect("/", nothing, recursively=False)


def _bind(source: str, target: str, attributes: int) -> None:
    if os.path.isdir("/old" + source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "x").close()
    _call("mount", "/old" + source, target, None, _BIND | _RECURSIVE, None)
    _protect(target, attributes)


def _protect(target: str, attributes: int, recursively: bool = True) -> None:
    mount_setattr, here, all_below = 442, -100, 0x8000  # the C library has no name for this call
    structure = (ctypes.c_uint64 * 4)(attributes)
    flags = all_below if recursively else 0
    arguments = (here, target.encode(), flags, ctypes.byref(structure), 32)
    _call("syscall", ctypes.c_long(mount_setattr), *arguments)


if __name__ == "__main__":
    _spec, _argv = json.loads(sys.argv[1]), sys.argv[2:]
    _run = {"bubblewrap": _become, "namespaces": _in_namespaces, "limits": _with_limits}
    try:
        sys.exit(_run[_spec["backend"]](_spec, _argv))
    except OSError as problem:
        sys.exit(str(problem))
