"""A Python that has imported TensorFlow once, and turns copies of itself into sandboxed programs.

    python -m cs231n_vis.grading.warm SOCKET

Importing takes a kernel longer than most of a notebook does. A copy, made by ``fork``, has the
imports behind it; it then builds its room (``inside``, the namespaces' way) and becomes the program
as any other does. The warm process itself never runs anything of a student's and computes nothing,
because TensorFlow can be copied only before its first computation.

The first half of this file is for the grader, the second, from "The warm process" on, for that
process.
"""

import contextlib
import importlib
import json
import os
import random
import runpy
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from ..files import place_for_sockets
from . import inside

_IMPORTED = ("cs231n_vis.tensorflow_quiet", "matplotlib.pyplot", "ipykernel.kernelapp")
_GONE = "the warm Python that kernels are copied from is gone"
_LENGTH = struct.Struct("!I")


class WarmPython:
    """A warm process, which ends with this one; a context manager.

    It gets ready while other work goes on, and whoever wants a copy of it waits until it is.

    Attributes:
        socket: the file through which copies are asked for.
    """

    def __init__(self, env: Mapping[str, str]):
        # nobody else may look into it
        self._folder = tempfile.mkdtemp(prefix="warm-", dir=place_for_sockets())
        self.socket = Path(self._folder, "socket")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.socket))
        listener.listen(64)
        with listener:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(listener.fileno())],
                env={**env, "CUDA_VISIBLE_DEVICES": ""},  # in the sandbox there is none
                stdin=subprocess.PIPE,  # it ends when this is closed
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL if "CS231N_VIS_DEBUG" not in os.environ else None,
                pass_fds=[listener.fileno()],
                start_new_session=True,  # Ctrl-C in a terminal is for the grader alone
            )

    def __enter__(self) -> "WarmPython":
        return self

    def __exit__(self, *_) -> None:
        self._process.stdin.close()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


class Forked:
    """A copy of a warm process that became a program; it stands in for the ``Popen`` of one.

    Args:
        place: the ``socket`` of the warm process.
        spec: what ``inside`` wants to know.
        argv: the program: Python itself, with ``-m MODULE`` or ``-c CODE``; or any other, which
            gains nothing from being forked.
        env: its environment.
        descriptors: of the socket where it says that it is ready, and of the file for its output.

    Raises:
        OSError: the warm process is gone.
    """

    def __init__(self, place: Path, spec: dict, argv: Sequence[str], env: dict, descriptors):
        self.returncode: int | None = None
        self._one_reads = threading.Lock()
        self._connection = socket.socket(socket.AF_UNIX)
        try:
            self._connection.connect(str(place))
        except OSError as failure:
            raise ConnectionError(_GONE) from failure
        request = json.dumps({"spec": spec, "argv": list(argv), "env": env}).encode()
        socket.send_fds(self._connection, [_LENGTH.pack(len(request))], list(descriptors))
        self._connection.sendall(request)
        self.pid = int.from_bytes(_receive(self._connection, 4), "big")

    def poll(self) -> int | None:
        """The return code, or None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the return code.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        if not select.select([self._connection], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("the program", timeout)
        with self._one_reads:
            if self.returncode is None:
                said = self._connection.recv(1)  # nothing: the copy did not come to say anything
                self.returncode = said[0] if said else 128 + signal.SIGKILL
        return self.returncode

    def kill(self) -> None:
        """End it; a connection that is closed is what it takes."""
        with contextlib.suppress(OSError):  # it has ended
            self._connection.shutdown(socket.SHUT_WR)


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionError(_GONE)
        received += part
    return received


# The warm process -------------------------------------------------------------------------------


def _serve(listener: socket.socket) -> None:
    """Make copies until standard input is closed."""
    for name in _IMPORTED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the copies
    while sys.stdin not in select.select([sys.stdin, listener], [], [])[0]:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError, ValueError):
            connection.settimeout(10)
            head, descriptors, *_ = socket.recv_fds(connection, _LENGTH.size, 2)
            request = json.loads(_receive(connection, *_LENGTH.unpack(head)))
            connection.settimeout(None)
            if os.fork() == 0:
                _copy(listener.detach(), connection.detach(), *descriptors, **request)
            for descriptor in descriptors:
                os.close(descriptor)


def _copy(
    listener: int, connection: int, control: int, output: int, spec: dict, argv: list, env: dict
) -> NoReturn:
    """What a copy does: start the program, wait for its end, report it."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.close(listener)
        nowhere = os.open(os.devnull, os.O_RDONLY)
        for number, descriptor in enumerate((nowhere, output, output)):
            os.dup2(descriptor, number)
        for descriptor in (nowhere, output):
            os.close(descriptor)
        os.write(connection, os.getpid().to_bytes(4, "big"))
        spec |= {"control": control, "parent": os.getppid()}
        first = inside.start_in_namespaces(spec, lambda: _become(argv, env, spec["folder"]))
        os.close(control)
        ended = os.pidfd_open(first)
        if ended not in select.select([ended, connection], [], [])[0]:  # nobody wants it any more
            os.kill(first, signal.SIGKILL)
        status = inside.code(os.waitpid(first, 0)[1])
    except OSError as failure:
        print(failure, file=sys.stderr, flush=True)
    finally:
        with contextlib.suppress(OSError):
            os.write(connection, bytes([status]))
        os._exit(status)


def _become(argv: list[str], env: dict[str, str], folder: str) -> NoReturn:
    """Leave of the warm process what a Python that was just started has, and its libraries."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    inside.dumpable(True)  # a program that is executed becomes so by itself
    os.environ.clear()
    os.environ.update(env)
    if argv[:1] != [sys.executable] or argv[1:2] not in (["-m"], ["-c"]):
        inside.execute(argv)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    tempfile.tempdir = None
    # our modules are imported again, as far as they are there for the program
    for name in [name for name in sys.modules if name.partition(".")[0] == "cs231n_vis"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    sys.path_importer_cache.clear()
    sys.path[0] = folder
    for seed in (random.seed, sys.modules["numpy"].random.seed):
        seed()  # or all copies would draw the same numbers
    _, how, what, *rest = argv
    sys.argv = [how, *rest]
    _exit_as_python_does(
        (lambda: runpy.run_module(what, run_name="__main__", alter_sys=True))
        if how == "-m"
        else (lambda: _run_code(what))
    )


def _run_code(code: str) -> None:
    sys.modules["__main__"] = main = ModuleType("__main__")
    exec(compile(code, "<string>", "exec"), vars(main))


def _exit_as_python_does(run: Callable[[], object]) -> NoReturn:
    status = 0
    try:
        run()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if end.code is not None and not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    finally:
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(status & 255)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as _listener:
        _serve(_listener)
