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
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from queue import Empty

import nbformat
import pytest
from nbval.kernel import CURRENT_ENV_KERNEL_NAME
from nbval.plugin import IPyNbCell, IPyNbFile

from ..installation import few_open_files
from .assignments import CHECKS
from .cells import Failed, cause, find, grade_id, judged_at
from .checks import Check, Judgement, judge_answers
from .exchange import LONGEST_CALL, examine
from .results import ERROR, MISSING

LONGEST_GOODBYE = 5  # seconds to obey an interrupt, or to hand over the last message


class NotAsked(Exception):
    """There is no answer, or it did not come. The message is a sentence for the student."""


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


def _code(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _pairs(checks: Iterable[Check]) -> list[tuple[str, str]]:
    return [(check.name, check.answer) for check in checks]


def _checks_of(notebook) -> list[Check]:
    """The checks that are due: those of which there is the answer cell or the check cell.

    ``grade: false`` is no way out of being graded, and neither is a cell that became text.
    """
    named = {name for cell in notebook.cells for name in (cell.get("id"), grade_id(cell))}
    called = find(_code(notebook), _pairs(CHECKS.values())).checks
    return [
        check
        for check in CHECKS.values()
        if named & {f"check_{check.name}", check.answer} or called[check.name]
    ]


def together(items: list[pytest.Item]) -> list[pytest.Item]:
    """The items with every cell of each assignment of which there is one, side by side in order.

    Whatever chose or shuffled them (``--lf``, ``-k``, random order): a cell needs those before it.
    """
    ours = (item.parent if isinstance(item.parent, Assignment) else item for item in items)
    return [item for one in dict.fromkeys(ours) for item in getattr(one, "cells_in_order", [one])]


class Assignment(IPyNbFile):
    """A notebook with answers to judge: one that has an answer or check cell."""

    def collect(self):
        """nbval's cells, with ours in place of check cells, and checks that have no cell there."""
        cells = [
            PlainCell.from_parent(
                self, name=item.name, cell_num=item.cell_num, cell=item.cell, options=item.options
            )
            for item in super().collect()
        ]
        checks = _checks_of(self.nb)
        self.found = find(_code(self.nb), _pairs(checks))
        self.failed: list[Failed] = []
        self.ended_by = ""
        without_cell = defaultdict(list)
        for check in checks:
            for place in judged_at(self.found, check.name, check.answer, len(cells)):
                if place in self.found.checks[check.name]:
                    item = cells[place]
                    cells[place] = self._check_cell(
                        check, item.name, place, item.cell, item.options
                    )
                else:
                    name = f"check_{check.name}"
                    missing = nbformat.v4.new_code_cell(f"# {name}: this cell is missing")
                    item = self._check_cell(check, name, place, missing, {"skip": True})
                    without_cell[place].append(item)
        self.cells_in_order = [
            item
            for place, cell in enumerate([*cells, None])
            for item in (*without_cell[place], *([cell] if cell else []))
        ]
        return self.cells_in_order

    def _check_cell(self, check, name, number, cell, options):
        return CheckCell.from_parent(
            self, check=check, name=name, cell_num=number, cell=cell, options=options
        )

    def setup(self):
        """Start the kernel; before that, read what the judge needs, while nobody can touch it.

        It is this Python's own, whatever the notebook was last opened with: here is the package.
        """
        self.probes = {check.name: check.known_probes() for check in _checks_of(self.nb)}
        few_open_files()  # allows the kernel more of them
        self.nb.metadata["kernelspec"] = {"name": CURRENT_ENV_KERNEL_NAME}
        super().setup()
        _notice_death(self.kernel)


class PlainCell(IPyNbCell):
    """A cell as nbval runs it; if it fails, that is remembered for the checks that follow."""

    def runtest(self):
        try:
            super().runtest()
        finally:
            cell = Failed(self.cell.source, self._answer(), self._raised())
            if cell.raised:
                self.parent.failed.append(cell)
            if not self.parent.kernel.is_alive():
                self.parent.ended_by = self.parent.ended_by or f" {cell.name} ended it."

    def _answer(self) -> str | None:
        answers = self.parent.found.answers.items()
        return next((name for name, places in answers if self.cell_num in places), None)

    def _raised(self) -> str:
        outputs = self.test_outputs or ()
        errors = [f"{o.ename}: {o.evalue}" for o in outputs if o.output_type == "error"]
        return _one_line(errors[-1]) if errors else ""


class CheckCell(IPyNbCell):
    """A check: passes if the answer's arrays are right, whatever its cell has to say."""

    def __init__(self, *, check: Check, **options):
        super().__init__(**options)
        self.check = check
        self.test_outputs: list = []
        self.user_properties.append(("check", check.name))  # for the report

    def setup(self):
        """nbval expects cells to fail after one that ran too long; a check is due all the same."""

    def runtest(self):
        name, answer = self.check.name, self.check.answer
        try:
            judgement = self._judge()
            if not self.options["skip"]:
                with contextlib.suppress(Exception):
                    super().runtest()
        except NotAsked as lost:
            if not self.parent.kernel.is_alive():
                self.parent.ended_by = self.parent.ended_by or f" Calling {answer} ended it."
            judgement = Judgement(
                MISSING if answer in self.parent.found.problems else ERROR, str(lost)
            )
        if not judgement.passed:
            sentence = judgement.sentence(answer)
            result = replace(judgement.result(name), message=sentence)
            said = [
                (name, getattr(result, name)) for name in ("status", "message", "misconception")
            ]
            self.user_properties += [(name, value) for name, value in said if value]
            self.raise_cell_error(sentence)

    def _judge(self) -> Judgement:
        """Call the answer in the kernel, and judge here what it returned."""
        check, probes = self.check, self.parent.probes[self.check.name]
        if problem := self.parent.found.problems.get(check.answer):
            raise NotAsked(problem)
        with tempfile.TemporaryDirectory(
            prefix="cs231n-vis-", ignore_cleanup_errors=True
        ) as folder:
            answers = examine(self._run, check.answer, check.call, probes, Path(folder))
        failed = self.parent.failed
        answers = [replace(a, cause=cause(check.answer, a.error, failed)) for a in answers]
        return judge_answers(check, probes, answers)

    def _run(self, code: str) -> str:
        """Execute code in the kernel and return what it raised, as one line, or nothing.

        Raises:
            NotAsked: it died, or ran into the time limit.
        """
        kernel = self.parent.kernel
        if not kernel.is_alive():
            raise NotAsked(f"The kernel died before the check.{self.parent.ended_by}")
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
            raise NotAsked(f"One call of it took more than {limit:g} seconds.") from None
        with contextlib.suppress(Empty):  # what it prints is not for nbval
            _answer(kernel, "iopub", request, LONGEST_GOODBYE)
        if reply.get("status") == "ok":
            return ""
        return _one_line(f"{reply.get('ename')}: {reply.get('evalue')}")


def _one_line(error: str) -> str:
    return "".join(filter(str.isprintable, " ".join(error.split())))[:300].rstrip(": ")


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
    """Make this one kernel's ``get_message`` raise NotAsked soon after the kernel has died.

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
                    why = few_open_files() or "something ended its process."
                    raise NotAsked(f"The kernel died: {why}") from None
                if left <= 1:
                    raise

    kernel.get_message = get_message_of_the_living
