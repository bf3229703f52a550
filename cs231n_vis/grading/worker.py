"""Read one submission, run it in a sandboxed kernel and carry the answers out.

    python -m cs231n_vis.grading.worker FOLDER

A process of its own for each submission, so that whatever a notebook sends, it can bring down no
more than this. It is given ``request.json``, ``pristine.ipynb`` and ``inputs.npz`` in FOLDER, and
leaves ``executed.ipynb``, ``answers.npz`` and, last of all, ``reply.json``. Expected maps it has
none. Without a reply it is the grader that failed: what a student can be blamed for is in one.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import Empty

import nbformat
import numpy as np
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from nbformat import NotebookNode

from ..checking.cells import Failed, cause
from ..checking.exchange import Answer, Probe, examine
from ..files import place_for_sockets
from ..making.release import ONLY_SHOWS
from .merge import SubmissionError, merge, read_submission
from .sandbox import Limits, Sandbox

OUTPUT_KEPT = 1_000_000  # characters of a cell's outputs
KERNEL_ENV = {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1"}
MEMORY_HERE = 4 << 30  # bytes of address space for reading what the kernel sends


class KernelLost(RuntimeError):
    """The kernel is gone or was ended; the message says why, for the student."""


class Kernel:
    """A kernel in a sandbox. It speaks through sockets in its folder; it has no network."""

    def __init__(self, sandbox: Sandbox, cell_seconds: float):
        self._cell_seconds = cell_seconds
        self._limits = sandbox.limits
        self.folder = folder = sandbox.folder
        connection, _ = write_connection_file(
            str(folder / "kernel.json"), transport="ipc", ip=str(folder / "k"), **_ports()
        )
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", connection]
        client = BlockingKernelClient(connection_file=connection)
        client.load_connection_file()
        self._running = sandbox.start(argv, KERNEL_ENV)
        self._client = client
        client.start_channels(hb=False, stdin=False, control=False)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self._client.kernel_info()
            try:
                self._client.get_shell_msg(timeout=1)
                return
            except Empty:
                self._raise_if_ended()
        raise KernelLost("The kernel did not start.")

    def _raise_if_ended(self) -> None:
        if self._running.poll() is None:
            return
        why = {
            "time": f"The notebook ran longer than {self._limits.seconds:.0f} seconds in all.",
            "memory": f"It used more than {self._limits.memory >> 20} MB of memory.",
            "processes": f"It started more than {self._limits.processes} processes or threads.",
            "disk": f"It wrote more than {(self._limits.disk or 0) >> 20} MB of files.",
        }
        raise KernelLost(why.get(self._running.reason, "It ended the Python that it runs in."))

    def run(self, code: str, keep: Callable[[NotebookNode], None] = lambda output: None) -> str:
        """Execute code; return the error it raised, as one line, or nothing.

        Raises:
            KernelLost: it took too long, or the kernel ended.
        """
        deadline = time.monotonic() + self._cell_seconds
        request = self._client.execute(code, allow_stdin=False, store_history=False)
        error, kept = "", 0
        while True:
            try:
                message = self._client.get_iopub_msg(timeout=0.5)
            except Empty:
                message = None
            if time.monotonic() > deadline:
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
                kept += len(str(content))
                if kept < OUTPUT_KEPT:
                    keep(nbformat.v4.output_from_msg(message))

    def stop(self) -> None:
        """End the kernel and all that it started."""
        self._client.stop_channels()
        self._running.kill()


def _ports() -> dict[str, int]:
    names = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")
    return {name: number for number, name in enumerate(names, 1)}


class _Run:
    """A notebook's cells in a kernel, and in another one when that is lost.

    A cell in which a kernel was lost is left out of the next.

    Attributes:
        left_out: the cells that were left out, by their places.
        kernels_lost: how many.
        kernel: the one that lives, or None.
    """

    def __init__(self, start: Callable[[float], Kernel], cells: list[NotebookNode], seconds: float):
        self._start, self._cells, self._seconds = start, cells, seconds
        self._begin = time.monotonic()
        self.left_out: dict[int, Failed] = {}
        self._raised: dict[int, Failed] = {}
        self.kernel: Kernel | None = None
        self.kernels_lost = 0

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
                self.kernels_lost += 1
                self.end()
                self._leave_out(self._next, str(lost))

    def execute(self, code: str, keep: Callable[[NotebookNode], None] = lambda output: None) -> str:
        """As ``Kernel.run``; if it is lost, because all the time is over, that is said."""
        try:
            return self.kernel.run(code, keep)
        except MemoryError:
            raise KernelLost("It printed or displayed more than can be read.") from None
        except KernelLost:
            self._raise_if_over()
            raise

    def end(self) -> None:
        if self.kernel is not None:
            self.kernel.stop()
            self.kernel = None

    def _run_cell(self, place: int) -> None:
        cell = self._cells[place]
        if (
            cell.cell_type != "code"
            or ONLY_SHOWS in cell.metadata.get("tags", ())
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
        return time.monotonic() - self._begin

    def _raise_if_over(self) -> None:
        if self._used() > self._seconds:
            raise KernelLost(f"The notebook ran longer than {self._seconds:.0f} seconds in all.")


def run_notebook(
    start: Callable[[float], Kernel],
    notebook: NotebookNode,
    checks: dict,
    probes: dict[str, list[Probe]],
    seconds: float,
) -> tuple[dict, dict]:
    """Run the cells up to the last check; at each check cell, ask the answer instead.

    An answer is asked as soon as its check is reached, so what comes later takes nothing from it.

    Args:
        start: starts a kernel that may live for so many seconds.
        notebook: from ``merge``.
        checks: ``{id of the check's cell: {"name", "answer", "call"}}``.
        probes: of each check.
        seconds: for all of it.

    Returns:
        The reply, ``{"lost": why not all were asked, "checks": {check: [{"kind", and of the answer
        "error", "cause", "changed_input", "changed_model", "lost_precision"}, …]}, "left_out":
        {check: [sentence on a cell, …]}, "kernels_lost": number}``, and the arrays,
        ``{"check/0": …}``.
    """
    reply = {"lost": "", "checks": {}, "left_out": {}}
    arrays: dict[str, np.ndarray] = {}
    run = _Run(start, notebook.cells, seconds)
    try:
        for place, cell in enumerate(notebook.cells):
            if cell.id not in checks:
                continue
            check = checks[cell.id]
            name = check["name"]
            run.reach(place)
            answers = _ask(run, check, probes[name])
            reply["left_out"][name] = [str(cell) for cell in run.left_out.values()]
            reply["checks"][name] = []
            for number, answer in enumerate(answers):
                plain = isinstance(answer.returned, np.ndarray)
                kind = "" if plain or answer.returned is None else type(answer.returned).__name__
                if plain:
                    arrays[f"{name}/{number}"] = answer.returned
                reply["checks"][name].append(
                    {
                        "error": answer.error,
                        "cause": answer.cause,
                        "changed_input": answer.changed_input,
                        "changed_model": answer.changed_model,
                        "lost_precision": answer.lost_precision,
                        "kind": kind,
                    }
                )
    except KernelLost as lost:
        run.kernels_lost += 1
        reply["lost"] = " ".join([str(lost), *map(str, run.left_out.values())])
    finally:
        run.end()
    return reply | {"kernels_lost": run.kernels_lost}, arrays


def _ask(run: _Run, check: dict, probes: list[Probe]) -> list[Answer]:
    """The answers to the probes; after one in which the kernel is lost, that is all the others'."""
    lost = ""

    def execute(code: str) -> str:
        nonlocal lost
        if not lost:
            try:
                return run.execute(code)
            except KernelLost as why:
                lost = str(why)
                run.kernels_lost += 1
                run.end()
        return lost

    try:
        answers = examine(execute, check["answer"], check["call"], probes, run.kernel.folder)
    except OSError:
        lost = lost or "It took away the folder in which its results are handed over."
        run.end()
        answers = [Answer(None, lost)] * len(probes)

    def with_cause(answer: Answer) -> Answer:
        if lost and answer.error == lost:
            return replace(answer, cause=lost)
        return replace(answer, cause=cause(check["answer"], answer.error, run.failed()))

    return [with_cause(answer) for answer in answers]


def main(folder: Path) -> None:
    """Do what ``request.json`` asks; see above."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    request = json.loads((folder / "request.json").read_text("utf-8"))
    reply: dict = {"refused": "", "problems": {}, "lost": "", "checks": {}, "left_out": {}}
    reply["kernels_lost"] = 0
    arrays: dict[str, np.ndarray] = {}
    _bound_own_memory(MEMORY_HERE)
    try:
        submission = read_submission(Path(request["submission"]))
        merged = merge(submission, nbformat.read(folder / "pristine.ipynb", 4))
        reply["problems"] = merged.problems
        due = {
            id: check
            for id, check in request["checks"].items()
            if check["answer"] not in merged.problems
        }
        if due:
            told, arrays = _run(folder, request, merged.notebook, due)
            reply |= told
        # half a surrogate that a student printed becomes an escape of JSON
        executed = nbformat.writes(merged.notebook).encode("utf-8", "backslashreplace")
        (folder / "executed.ipynb").write_bytes(executed)
    except SubmissionError as refusal:
        reply["refused"] = str(refusal)
    except MemoryError:
        reply["refused"] = f"It takes more than {MEMORY_HERE >> 30} GB of memory to read it."
    np.savez(folder / "answers.npz", **arrays)
    (folder / "reply.json").write_text(json.dumps(reply), "utf-8")


def _run(folder: Path, request: dict, notebook: NotebookNode, checks: dict) -> tuple[dict, dict]:
    with np.load(folder / "inputs.npz") as stored:
        probes = {
            name: [
                Probe(title, {key: stored[f"{name}/{i}/{key}"] for key in keys}, None)
                for i, (title, keys) in enumerate(asked)
            ]
            for name, asked in request["probes"].items()
        }
    limits = Limits(**request["limits"])
    walls = ""
    rooms = contextlib.ExitStack()

    def start(seconds: float) -> Kernel:
        nonlocal walls
        first = not walls
        rooms.close()  # that of the kernel before, with what it wrote
        sandbox = Sandbox(
            rooms.enter_context(temporary_folder(folder / "work")),
            limits=replace(limits, seconds=seconds),
            hidden=tuple(map(Path, request["hidden"])),
            backend=request["backend"],
            warm=request["warm"] and Path(request["warm"]),
        )
        walls = sandbox.backend
        _bound_own_memory(None)  # the kernel would inherit the bound
        try:
            return Kernel(sandbox, request["cell_seconds"])
        except KernelLost as lost:
            if first:  # nothing of the student's has run
                raise RuntimeError(f"no kernel starts: {lost}") from lost
            raise
        finally:
            _bound_own_memory(MEMORY_HERE)

    with rooms:
        reply, arrays = run_notebook(start, notebook, checks, probes, limits.seconds)
    return reply | {"walls": walls}, arrays


@contextlib.contextmanager
def temporary_folder(inside: Path | None = None) -> Iterator[Path]:
    """A folder that is removed afterwards, however deep or odd what a stranger put there."""
    place = Path(tempfile.mkdtemp(prefix="vis-", dir=inside or place_for_sockets()))
    try:
        yield place
    finally:
        if os.name == "posix":  # Python's own removal goes no deeper than its stack
            subprocess.run(["rm", "-rf", str(place)], stderr=subprocess.DEVNULL, check=False)
        else:
            shutil.rmtree(place, ignore_errors=True)


def _end_with(parent: int) -> None:
    """End when the grader is gone; the sandbox ends with this process, and all that is in it."""
    while os.getppid() == parent:
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
    main(Path(sys.argv[1]))
