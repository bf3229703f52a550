"""Run one merged notebook in a sandboxed kernel and carry the answers out.

    python -m cs231n_vis.grading.worker FOLDER

A process of its own for each submission, so that whatever a notebook sends, it can bring down no
more than this. It is given ``request.json``, ``notebook.ipynb`` and ``inputs.npz`` in FOLDER, and
leaves ``executed.ipynb``, ``answers.npz`` and, last of all, ``reply.json``. Expected maps it has
none.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty

import nbformat
import numpy as np
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from nbformat import NotebookNode

from ..checking.exchange import Probe, examine
from ..making.release import ONLY_SHOWS
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
        folder = sandbox.folder
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
                raise KernelLost(f"A cell ran longer than {self._cell_seconds:.0f} seconds.")
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


def run_notebook(
    kernel: Kernel, notebook: NotebookNode, checks: dict, probes: dict[str, list[Probe]]
) -> tuple[dict, dict]:
    """Run the cells up to the last check; at each check cell, ask the answer instead.

    Cells that only show something are passed by: nobody looks, and it takes time.

    Returns:
        ``{check: [{"error", "changed_input", "lost_precision", "kind"}, …]}`` and the arrays,
        ``{"check/0": …}``.
    """
    last = max(i for i, cell in enumerate(notebook.cells) if cell.id in checks)
    replies: dict[str, list] = {}
    arrays: dict[str, np.ndarray] = {}
    for count, cell in enumerate(notebook.cells[: last + 1], 1):
        if cell.cell_type != "code" or ONLY_SHOWS in cell.metadata.get("tags", ()):
            continue
        cell.execution_count = count
        if cell.id not in checks:
            kernel.run(cell.source, cell.outputs.append)
            continue
        check = checks[cell.id]
        name = check["name"]
        if check["skip"]:
            continue
        folder = Path(check["folder"])
        answers = examine(kernel.run, check["answer"], check["call"], probes[name], folder)
        replies[name] = []
        for number, answer in enumerate(answers):
            plain = isinstance(answer.returned, np.ndarray)
            kind = "" if plain or answer.returned is None else type(answer.returned).__name__
            if plain:
                arrays[f"{name}/{number}"] = answer.returned
            replies[name].append(
                {
                    "error": answer.error,
                    "changed_input": answer.changed_input,
                    "lost_precision": answer.lost_precision,
                    "kind": kind,
                }
            )
    return replies, arrays


def main(folder: Path) -> None:
    """Do what ``request.json`` asks; see above."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    request = json.loads((folder / "request.json").read_text("utf-8"))
    notebook = nbformat.read(folder / "notebook.ipynb", 4)
    with np.load(folder / "inputs.npz") as stored:
        probes = {
            name: [
                Probe(title, {key: stored[f"{name}/{i}/{key}"] for key in keys}, None)
                for i, (title, keys) in enumerate(asked)
            ]
            for name, asked in request["probes"].items()
        }
    work = Path(request["work"])
    sandbox = Sandbox(
        work,
        limits=Limits(**request["limits"]),
        hidden=tuple(map(Path, request["hidden"])),
        backend=request["backend"],
        warm=request["warm"] and Path(request["warm"]),
    )
    reply = {"lost": "", "checks": {}, "walls": sandbox.backend}
    arrays: dict[str, np.ndarray] = {}
    kernel = None
    try:
        kernel = Kernel(sandbox, request["cell_seconds"])
        _bound_own_memory()
        reply["checks"], arrays = run_notebook(kernel, notebook, request["checks"], probes)
    except KernelLost as lost:
        reply["lost"] = str(lost)
    except MemoryError:
        reply["lost"] = "It printed or displayed more than can be read."
    finally:
        if kernel is not None:
            kernel.stop()
    nbformat.write(notebook, folder / "executed.ipynb")
    np.savez(folder / "answers.npz", **arrays)
    (folder / "reply.json").write_text(json.dumps(reply), "utf-8")


def _end_with(parent: int) -> None:
    """End when the grader is gone; the sandbox ends with this process, and all that is in it."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _bound_own_memory() -> None:
    """After the kernel has started, because it would inherit the bound."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_HERE, hard))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
