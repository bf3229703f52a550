"""The sandbox from inside: build the room, give up every right, become the program.

``sandbox`` runs this file as a script, by ``python -I -S``, so it uses the standard library only.
``warm`` uses its parts to do the same in a process that is already there.
"""

import contextlib
import ctypes
import json
import os
import platform
import signal
import struct
import sys
from collections.abc import Callable
from typing import NoReturn

Program = Callable[[], NoReturn]  # turns this process into the program

_LINUX = sys.platform == "linux"
_NEW_USER = 1 << 28
_NEW = (1 << 17) | (1 << 26) | (1 << 27) | (1 << 29) | (1 << 30)  # mounts, name, IPC, PIDs, network
_BIND, _RECURSIVE, _PRIVATE, _DETACH = 1 << 12, 1 << 14, 1 << 18, 2
_READ_ONLY, _NO_SETUID, _NO_DEVICES, _NO_PROGRAMS = 1, 2, 4, 8  # the same in mount_setattr
_DEVICES = ("null", "zero", "full", "random", "urandom")
# prctl's numbers
_SUICIDE, _DUMPABLE, _SECCOMP, _DROP_BOUND, _SUBREAPER, _NO_NEW_RIGHTS = 1, 4, 22, 24, 36, 38

# System calls that nobody needs here and that lead out of the limits: new namespaces and mounts,
# memory that belongs to no process, other processes' insides, and doors with a history of faults.
# The first row's numbers are the same everywhere: io_uring, open_tree to fspick, mount_setattr,
# clone3 (programs fall back to clone, whose flags can be seen), memfd_secret.
_REFUSED_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 435, 442, 447)
# then, each: unshare, setns, mount, ptrace, memfd_create, shmget, bpf, perf_event_open,
# userfaultfd, add_key, request_key, keyctl, umount2, pivot_root, chroot
_REFUSED = {  # machine: (its number in the kernel, clone, the others)
    "x86_64": (
        *(0xC000003E, 56),
        (272, 308, 165, 101, 319, 29, 321, 298, 323, 248, 249, 250, 166, 155, 161),
    ),
    "aarch64": (
        *(0xC00000B7, 220),
        (97, 268, 40, 117, 279, 194, 280, 241, 282, 217, 218, 219, 39, 41, 51),
    ),
}


def _call(name: str, *arguments) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    converted = [a.encode() if isinstance(a, str) else a for a in arguments]
    if getattr(libc, name)(*converted) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}", str(arguments))


def _prctl(option: int, *values) -> None:
    _call("prctl", option, *map(ctypes.c_ulong, (*values, 0, 0, 0, 0)[:4]))


def dumpable(yes: bool) -> None:
    """Whether other processes of the same user may look into this one, and it into itself."""
    _prctl(_DUMPABLE, int(yes))


def _die_with(parent: int, number: int) -> None:
    if _LINUX:
        _prctl(_SUICIDE, number)
    if os.getppid() not in (parent, 0):  # 0: it is outside our namespace
        sys.exit("the grader is gone")


def _forget_capabilities() -> None:
    """Have no capability and gain none: a forked copy keeps those that it built the room with."""
    with open("/proc/sys/kernel/cap_last_cap") as stream:
        for number in range(int(stream.read()) + 1):
            with contextlib.suppress(OSError):  # one who has none cannot drop any, and needs not
                _prctl(_DROP_BOUND, number)
    header = struct.pack("Ii", 0x20080522, 0)  # the third version of the call; this process
    _call("capset", header, bytes(24))


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


def become(spec: dict, run: Program) -> NoReturn:
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
            _forget_capabilities()
            _refuse_system_calls()
        _limit(spec["limits"], walls)
        if control is not None:
            os.write(control, b".")
            os.read(control, 1)
            os.close(control)
        run()
    except OSError as failure:
        print(failure, file=sys.stderr, flush=True)
        os._exit(1)


def _supervise(spec: dict, run: Program) -> int:
    """Start the program, bury whatever dies, and return the program's status when it ends."""
    program = os.fork()
    if program == 0:
        os.setpgid(0, 0)
        become(spec, run)
    try:
        while True:
            process, status = os.wait()
            if process == program:
                return code(status)
    finally:
        with contextlib.suppress(OSError):
            os.killpg(program, signal.SIGKILL)


def code(status: int) -> int:
    """A waited-for status as a return code: 128 + n if signal n ended the process."""
    number = os.waitstatus_to_exitcode(status)
    return number if number >= 0 else 128 - number


def _with_limits(spec: dict, run: Program) -> int:
    _die_with(spec["parent"], signal.SIGTERM)
    if _LINUX:
        _prctl(_SUBREAPER, 1)  # what loses its parent becomes ours
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return _supervise(spec, run)
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


def start_in_namespaces(spec: dict, run: Program) -> int:
    """Build the room and start the program in it; the number of the room's first process.

    This process must have no other thread. When the first process ends, so does all in the room.
    """
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
        dumpable(False)  # so that the program cannot look into this process
        try:
            _build(spec["views"])
            status = _supervise(spec, run)
        except OSError as failure:
            print(failure, file=sys.stderr, flush=True)
            status = 1
        os._exit(status)  # and with this process, all of the namespace ends
    return first


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


def execute(argv: list[str]) -> NoReturn:
    """Turn this process into a program; one that is not there ends with status 1, and says so."""
    try:
        os.execvp(argv[0], argv)
    except OSError as failure:
        print(f"{argv[0]}: {failure}", file=sys.stderr, flush=True)
        os._exit(1)


def _main(spec: dict, argv: list[str]) -> int:
    def run() -> NoReturn:
        execute(argv)

    if spec["backend"] == "bubblewrap":
        become(spec, run)
    if spec["backend"] == "namespaces":
        return code(os.waitpid(start_in_namespaces(spec, run), 0)[1])
    return _with_limits(spec, run)


if __name__ == "__main__":
    try:
        sys.exit(_main(json.loads(sys.argv[1]), sys.argv[2:]))
    except OSError as problem:
        sys.exit(str(problem))
