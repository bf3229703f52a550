"""Assignments and their check cells, as nbval collects and runs them.

nbval compares what the student's kernel printed, and a student's kernel can print anything. A check
cell of ours passes if, and only if, the student's function returns the right arrays: they come out
of the kernel as files and are judged in this process. What the cell itself prints or raises, its
stored outputs and its tags are courtesy, and a check cell that was deleted is judged all the same.
"""

import contextlib
import math
import tempfile
import time
from pathlib import Path
from queue import Empty

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from .assignments import CHECKS
from .checks import Check, Judgement, judge_answers
from .exchange import examine

LONGEST_CALL = 120  # seconds that one call of an answer may take; a right one takes a few
LONGEST_GOODBYE = 5  # seconds to obey an interrupt, or to hand over the last message


class KernelLost(Exception):
    """The kernel died or does not react any more. The message is a sentence for the student."""


def assignment(collector: pytest.Collector) -> pytest.Collector:
    """``collector``, or an ``Assignment`` in its place if it is nbval's for a notebook of ours."""
    if type(collector) is not IPyNbFile:
        return collector
    try:
        notebook = nbformat.read(collector.path, 4)
    except Exception:  # nbval reads it in the same way and will say so
        return collector
    if not _checks_of(notebook):
        return collector
    return Assignment.from_parent(collector.parent, path=collector.path)


def _checks_of(notebook) -> list[Check]:
    """The checks that are due: those of which there is the answer cell or the check cell."""
    return [
        check
        for check in CHECKS.values()
        if any(_is(cell, f"check_{check.name}", check.answer) for cell in notebook.cells)
    ]


def _is(cell, *names: str) -> bool:
    """Whether a cell bears one of these names. Old notebooks have no id, some tools lose the rest;
    ``grade: false`` is no way out of being graded."""
    nbgrader = dict(cell.get("metadata") or {}).get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return cell.get("id") in names or grade_id in names


class Assignment(IPyNbFile):
    """A notebook with answers to judge: one that has an answer or check cell, by their names."""

    def collect(self):
        """nbval's cells, with ours in place of check cells; then the checks that have no cell."""
        cells = list(super().collect())
        for check in _checks_of(self.nb):
            name = f"check_{check.name}"
            places = [n for n, item in enumerate(cells) if _is(item.cell, name)]
            for n in places:
                item = cells[n]
                cells[n] = self._check_cell(check, item.name, n, item.cell, item.options)
            if not places:
                missing = nbformat.v4.new_code_cell(f"# {name}: this cell is missing")
                cells.append(self._check_cell(check, name, len(cells), missing, {"skip": True}))
        return cells

    def _check_cell(self, check, name, number, cell, options):
        return CheckCell.from_parent(
            self, check=check, name=name, cell_num=number, cell=cell, options=options
        )

    def setup(self):
        """Start the kernel; before that, read what the judge needs, while nobody can touch it."""
        self.probes = {check.name: check.known_probe() for check in _checks_of(self.nb)}
        super().setup()
        _notice_death(self.kernel)


class CheckCell(IPyNbCell):
    """A check: passes if the answer's arrays are right, whatever its cell has to say."""

    def __init__(self, *, check: Check, **options):
        super().__init__(**options)
        self.check = check
        self.test_outputs = []

    def setup(self):
        """nbval expects cells to fail after one that ran too long; a check is due all the same."""

    def runtest(self):
        try:
            judgement = self._judge()
        except KernelLost as lost:
            self.raise_cell_error(f"{self.check.answer} is not right yet. {lost}")
        if not self.options["skip"]:
            with contextlib.suppress(Exception):
                super().runtest()
        if not judgement.passed:
            self.raise_cell_error(judgement.sentence(self.check.answer))

    def _judge(self) -> Judgement:
        """Call the answer in the kernel, and judge here what it returned."""
        check, probes = self.check, [self.parent.probes[self.check.name]]
        with tempfile.TemporaryDirectory(
            prefix="cs231n-vis-", ignore_cleanup_errors=True
        ) as folder:
            answers = examine(self._run, check.answer, check.call, probes, Path(folder))
        return judge_answers(check, probes, answers)

    def _run(self, code: str) -> str:
        """Execute code in the kernel and return what it raised, as one line, or nothing.

        Raises:
            KernelLost: it died, or ran into the time limit.
        """
        kernel = self.parent.kernel
        if not kernel.is_alive():
            raise KernelLost("The kernel died before the check.")
        limit = min(self.config.option.nbval_cell_timeout, LONGEST_CALL)
        request = kernel.execute_cell_input(code, allow_stdin=False)
        try:
            reply = _answer(kernel, "shell", request, limit)
        except Empty:
            kernel.interrupt()
            try:
                _answer(kernel, "shell", request, LONGEST_GOODBYE)
            except Empty:
                kernel.stop()  # else every cell that follows would wait for it
            raise KernelLost(f"One call of it took more than {limit:g} seconds.") from None
        with contextlib.suppress(Empty):  # what it prints is not for nbval
            _answer(kernel, "iopub", request, LONGEST_GOODBYE)
        if reply.get("status") == "ok":
            return ""
        error = " ".join(f"{reply.get('ename')}: {reply.get('evalue')}".split())
        return "".join(filter(str.isprintable, error))[:300]


def _answer(kernel, channel: str, request: str, seconds: float) -> dict:
    """The reply to a request on the channel "shell", or on "iopub" the message that it is done.

    Raises:
        queue.Empty: it did not come in time.
    """
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        message = kernel.get_message(channel, timeout=left)
        if message["parent_header"].get("msg_id") == request and (
            channel == "shell" or message["content"].get("execution_state") == "idle"
        ):
            return message["content"]
    raise Empty


def _notice_death(kernel) -> None:
    """Make this one kernel's ``get_message`` raise KernelLost soon after the kernel has died.

    nbval's own waits on for a reply until the time limit of a cell is over, half an hour.
    """
    get_message = kernel.get_message

    def get_message_of_the_living(stream, timeout=None):
        deadline = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            left = max(0, deadline - time.monotonic())
            try:
                return get_message(stream, timeout=min(left, 1))
            except Empty:
                if not kernel.is_alive():
                    raise KernelLost("The kernel died: something ended its process.") from None
                if left <= 1:
                    raise

    kernel.get_message = get_message_of_the_living
