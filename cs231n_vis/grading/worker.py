"""Read one submission, run it in a walled-off kernel and carry the answers out.

    python -m cs231n_vis.grading.worker FOLDER GRADER

A process of its own for each submission, so that whatever a notebook sends, it can bring down no
more than this. It finds a ``Start`` in FOLDER, starts a kernel, and says with the file READY that
it waits for a ``Request``; then it leaves a ``Reply``. Expected maps it has none. Without a reply
it is the grader that failed: what a student can be blamed for is in one.
"""

import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import Empty

import nbformat
import psutil
import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from nbformat import NotebookNode

from ..checking.cells import Failed, cause
from ..checking.exchange import Answer, examine
from .bounds import Running, adopt_orphans
from .merge import SubmissionError, merge, read_submission
from .messages import Question, Reply, Request, Start, read, write
from .ours import temporary_folder
from .walls import HOME, Limits, Room

READY = "ready"
_IMPORT = "from cs231n_vis.tensorflow_quiet import tf as _tf; del _tf"  # what takes seconds
OUTPUT_KEPT = 4_000_000  # bytes of all outputs of a notebook
MEMORY_HERE = 4 << 30  # bytes of address space for reading what the kernel sends
_KEPT = ("text/plain", "image/png")  # what of a display is kept: nothing that a page would run


class KernelLost(RuntimeError):
    """The kernel is gone or was ended; the message says why, for the student.

    Attributes:
        certain: that this came of what ran in it, whatever ran beside it.
    """

    def __init__(self, message: str, certain: bool = False):
        super().__init__(message)
        self.certain = certain


class Kernel:
    """A kernel in a room. It speaks through sockets in its folder; it has no network.

    Args:
        room: what it finds.
        limits: what it may use.
        cell_seconds: what one cell may take, as ``Limits.seconds``.
        folder: where there are no walls, its folder.
    """

    def __init__(self, room: Room, limits: Limits, cell_seconds: float, folder: Path):
        self._cell_seconds, self._limits, self._kept = cell_seconds, limits, 0
        seen = HOME if room.walls else str(folder)
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", f"{seen}/kernel.json"]

        def prepare(home: Path) -> None:
            path, ip = str(home / "kernel.json"), f"{seen}/k"
            write_connection_file(path, transport="ipc", ip=ip, **_ports())  # type: ignore[arg-type]
            self._connection = json.loads((home / "kernel.json").read_text("utf-8"))

        try:
            self._running = Running(room, argv, limits, folder, prepare)
        except OSError as failure:
            raise KernelLost(f"The kernel did not start: {failure}") from None
        self.home, self.seen_home = self._running.home, self._running.seen_home
        context = zmq.Context()
        # what is in the place of a socket later on may be a link, and lead anywhere
        context.setsockopt(zmq.RECONNECT_IVL, -1)
        self._client = BlockingKernelClient(context=context)
        self._client.load_connection_info(self._connection | {"ip": f"{self.home}/k"})
        try:
            self._wait_until_ready()
        except KernelLost:
            self.stop()
            raise

    def _wait_until_ready(self) -> None:
        began = self._running.now()
        ports = _ports()
        for name in ("shell_port", "iopub_port"):
            while not _listens(f"{self.home}/k-{ports[name]}"):
                self._raise_if_ended()
                if self._running.used(began) > 60:
                    raise KernelLost("The kernel did not start.")
                time.sleep(0.02)
        self._client.start_channels(hb=False, stdin=False, control=False)
        while self._running.used(began) < 60:
            self._client.kernel_info()
            try:
                self._client.get_shell_msg(timeout=1)
                return
            except Empty:
                self._raise_if_ended()
        raise KernelLost("The kernel did not start.")

    def _raise_if_ended(self) -> None:
        if self._running.returncode is None:
            return
        why = {
            "time": f"The notebook ran longer than {self._limits.seconds:.0f} seconds in all.",
            "memory": f"It used more than {self._limits.memory >> 20} MB of memory.",
            "processes": f"It started more than {self._limits.processes} processes or threads, "
            "or opened too many files.",
            "disk": f"It wrote more than {self._limits.disk >> 20} MB of files, or too many.",
        }
        if "CS231N_VIS_DEBUG" in os.environ:
            print(self._running.printed(), file=sys.stderr)
        reason = self._running.reason or ""
        certain = reason != "time" and reason in why  # what is used up was used by it alone
        raise KernelLost(why.get(reason, "It ended the Python that it runs in."), certain)

    def run(self, code: str, keep: Callable[[NotebookNode], None] = lambda output: None) -> str:
        """Execute code; return the error it raised, as one line, or nothing.

        Raises:
            KernelLost: it took too long, or the kernel ended.
        """
        began = self._running.now()
        request = self._client.execute(code, allow_stdin=False, store_history=False)
        error = ""
        while True:
            try:
                message = self._client.get_iopub_msg(timeout=0.5)
            except Empty:
                message = None
            if self._running.used(began) > self._cell_seconds:
                self._running.kill()
                raise KernelLost(f"It ran longer than {self._cell_seconds:.0f} seconds.")
            if message is None:
                self._raise_if_ended()
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return error
            if kind == "error":
                error = f"{content['ename']}: {content['evalue']}"[:500]
            if kind in ("stream", "display_data", "execute_result", "error"):
                self._keep(message, keep)

    def _keep(self, message: dict, keep: Callable[[NotebookNode], None]) -> None:
        """Keep text and pictures, until there is enough of them."""
        output = nbformat.v4.output_from_msg(message)
        if "data" in output:
            output.data = {kind: text for kind, text in output.data.items() if kind in _KEPT}
            output.metadata = {}
        self._kept += 100 + len(json.dumps(output, ensure_ascii=False).encode("utf-8", "replace"))
        if self._kept < OUTPUT_KEPT:
            keep(output)

    @property
    def lives(self) -> bool:
        return self._running.returncode is None

    def begin(self) -> None:
        """What it has used so far does not count, as ``Running.begin``."""
        self._running.begin()

    def used(self) -> float:
        """Seconds that it has used of its time, as ``Running.used``."""
        return self._running.used()

    def stop(self) -> None:
        """End the kernel and all that it started."""
        self._client.stop_channels()
        self._running.close()


def _listens(path: str) -> bool:
    """Whether a kernel takes connections at a socket's path."""
    if not hasattr(socket, "AF_UNIX"):  # Windows
        return os.path.exists(path)
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.connect(path)
            return True
        except OSError:
            return False


def _ports() -> dict[str, int]:
    names = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")
    return {name: number for number, name in enumerate(names, 1)}


class _Run:
    """A notebook's cells in a kernel, and in another one when that is lost.

    A cell in which a kernel was lost is left out of the next.

    Attributes:
        left_out: the cells that were left out, by their places.
        in_doubt: whether one was lost and a neighbour may be why.
        kernel: the one that lives, or None.
    """

    def __init__(self, start: Callable[[float], Kernel], cells: list[NotebookNode], seconds: float):
        self._start, self._cells, self._seconds = start, cells, seconds
        self._used_before = 0.0  # by kernels that were lost
        self.left_out: dict[int, Failed] = {}
        self._raised: dict[int, Failed] = {}
        self.kernel: Kernel | None = None
        self.in_doubt = False

    def failed(self) -> list[Failed]:
        """The cells so far that were left out or raised an error, in order."""
        return [cell for _, cell in sorted({**self.left_out, **self._raised}.items())]

    def reach(self, place: int) -> None:
        """Run what stands before a place and has not been run in this kernel.

        Raises:
            KernelLost: no kernel starts, or there is no time left.
        """
        while True:
            if self.kernel is None:
                self._raise_if_over()
                self.kernel = self._start(self._seconds - self._used())
                self._next, self._raised = 0, {}
            try:
                while self._next < place:
                    self._run_cell(self._next)
                    self._next += 1
                return
            except KernelLost as lost:
                self.lose(lost)
                self._leave_out(self._next, str(lost))

    def execute(self, code: str, keep: Callable[[NotebookNode], None] = lambda output: None) -> str:
        """As ``Kernel.run``; if it is lost, because all the time is over, that is said."""
        assert self.kernel is not None  # ``reach`` started it
        try:
            return self.kernel.run(code, keep)
        except MemoryError:
            raise KernelLost("It printed or displayed more than can be read.", True) from None
        except KernelLost:
            self._raise_if_over()
            raise

    def lose(self, lost: KernelLost) -> None:
        self.in_doubt |= not lost.certain
        self.end()

    def end(self) -> None:
        if self.kernel is not None:
            self.kernel.stop()
            self._used_before += self.kernel.used()
            self.kernel = None

    def _run_cell(self, place: int) -> None:
        cell = self._cells[place]
        if (
            cell.cell_type != "code"
            or not cell.metadata.get("run", True)
            or cell.metadata.get("nbgrader", {}).get("grade")
            or place in self.left_out
        ):
            return
        if not cell.metadata.get("needed", True) and self._used() > self._seconds / 2:
            self._leave_out(place, "No answer needs it, and half of the time was over.")
            return
        cell.outputs, cell.execution_count = [], place + 1
        if raised := self.execute(cell.source, cell.outputs.append):
            self._raised[place] = Failed(cell.source, cell.metadata.get("answer"), raised)

    def _leave_out(self, place: int, why: str) -> None:
        self._raise_if_over()
        cell = self._cells[place]
        self.left_out[place] = Failed(cell.source, cell.metadata.get("answer"), left_out=why)
        cell.outputs.append(nbformat.v4.new_output("stream", text=f"{self.left_out[place]}\n"))

    def _used(self) -> float:
        return self._used_before + (self.kernel.used() if self.kernel else 0)

    def _raise_if_over(self) -> None:
        if self._used() > self._seconds:
            raise KernelLost(f"The notebook ran longer than {self._seconds:.0f} seconds in all.")


def run_notebook(
    start: Callable[[float], Kernel],
    notebook: NotebookNode,
    questions: dict[str, Question],
    seconds: float,
) -> Reply:
    """Run the cells up to the last check; at each check cell, ask the answer instead.

    An answer is asked as soon as its check is reached, so what comes later takes nothing from it.

    Args:
        start: starts a kernel that may live for so many seconds.
        notebook: from ``merge``.
        questions: by the id of the check's cell.
        seconds: for all of it.
    """
    reply = Reply()
    run = _Run(start, notebook.cells, seconds)
    try:
        for place, cell in enumerate(notebook.cells):
            if question := questions.get(cell.id):
                run.reach(place)
                reply.answers[question.check] = _ask(run, question)
                reply.left_out[question.check] = [str(cell) for cell in run.left_out.values()]
    except KernelLost as lost:
        run.in_doubt |= not lost.certain
        reply.lost = " ".join([str(lost), *map(str, run.left_out.values())])
    finally:
        run.end()
    reply.in_doubt = run.in_doubt
    return reply


def _ask(run: _Run, question: Question) -> list[Answer]:
    """The answers to the probes; after one in which the kernel is lost, that is all the others'."""
    lost = ""

    def execute(code: str) -> str:
        nonlocal lost
        if not lost:
            try:
                return run.execute(code)
            except KernelLost as why:
                lost = str(why)
                run.lose(why)
        return lost

    assert run.kernel is not None
    places = run.kernel.home, run.kernel.seen_home
    try:
        answers = examine(execute, question.answer, question.call, question.probes, *places)
    except OSError:
        lost = lost or "It took away the folder in which its results are handed over, or filled it."
        run.end()
        answers = [Answer(None, lost)] * len(question.probes)

    def with_cause(answer: Answer) -> Answer:
        if lost and answer.error == lost:
            return replace(answer, cause=lost)
        return replace(answer, cause=cause(question.answer, answer.error, run.failed()))

    return [with_cause(answer) for answer in answers]


def main(folder: Path, grader: int) -> None:
    """Do what the request in a folder asks of the process ``grader``, and leave the reply."""
    threading.Thread(target=_end_with, args=(grader,), daemon=True).start()
    begin = read(Start, folder)
    _bound_own_memory(MEMORY_HERE)
    adopt_orphans()
    with contextlib.ExitStack() as stack:
        kernels = _Kernels(begin, stack, folder / "work")
        kernels.prepare()
        (folder / READY).touch()
        while not (folder / "request.json").exists():
            kernels.rest()
            time.sleep(0.02)
        try:
            reply = _reply(read(Request, folder), kernels, begin.limits.seconds)
        except SubmissionError as refusal:
            reply = Reply(refused=str(refusal))
        except MemoryError:
            reply = Reply(
                refused=f"It takes more than {MEMORY_HERE >> 30} GB of memory to read it."
            )
    write(reply, folder)


class _Kernels:
    """Starts one kernel after another; the first is ready before there is a submission for it.

    Args:
        begin: what they run in, and what they may use.
        stack: what is left of them is cleared away when this closes.
        work: for their folders.
    """

    def __init__(self, begin: Start, stack: contextlib.ExitStack, work: Path):
        self._begin, self._work = begin, work
        self._rooms = stack.enter_context(contextlib.ExitStack())
        self._ready: Kernel | None = None
        stack.callback(self._drop)

    def prepare(self) -> None:
        """Start the first, up to the import of TensorFlow.

        Raises:
            RuntimeError: none starts.
        """
        try:
            self._ready = self._new(self._begin.limits.seconds)
            self._ready.run(_IMPORT)
        except KernelLost as lost:
            raise RuntimeError(f"no kernel starts: {lost}") from lost

    def rest(self) -> None:
        """The one that is ready has used nothing yet; if it is gone, there is none."""
        if self._ready:
            self._ready.begin()

    def start(self, seconds: float) -> Kernel:
        """A kernel that may live for so many seconds.

        Raises:
            KernelLost: it does not start.
        """
        ready, self._ready = self._ready, None
        if ready and ready.lives:
            return ready
        return self._new(seconds)

    def _new(self, seconds: float) -> Kernel:
        self._rooms.close()  # that of the kernel before, with what it wrote
        place = self._rooms.enter_context(temporary_folder(self._work))
        limits = replace(self._begin.limits, seconds=seconds)
        _bound_own_memory(None)  # the kernel would inherit the bound
        try:
            return Kernel(self._begin.room, limits, self._begin.cell_seconds, place)
        finally:
            _bound_own_memory(MEMORY_HERE)

    def _drop(self) -> None:
        if self._ready:
            self._ready.stop()


def _reply(request: Request, kernels: _Kernels, seconds: float) -> Reply:
    submission = read_submission(Path(request.submission))
    merged = merge(submission, nbformat.reads(request.pristine, 4))
    due = {
        id: question
        for id, question in request.questions.items()
        if question.answer not in merged.problems
    }
    kernels.rest()
    reply = run_notebook(kernels.start, merged.notebook, due, seconds)
    reply.problems, reply.notebook = merged.problems, nbformat.writes(merged.notebook)
    reply.words = dict(submission.metadata.words)
    return reply


def _end_with(grader: int) -> None:
    """End when the grader is gone; the walls end with this process, and all behind them."""
    parent = os.getppid()
    while os.getppid() == parent and psutil.pid_exists(grader):  # it may be gone already
        time.sleep(0.5)
    os._exit(1)


def _bound_own_memory(most: int | None) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard if most is None else most, hard))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
