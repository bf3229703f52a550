"""Judge an answer in the test's own process: what the grader does, without a kernel for each.

For right and wrong answers, which do no harm; what cheats goes through the grader's walls.
"""

import ast
import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from cs231n_vis.checking.checks import Check, Judgement, judge_answers
from cs231n_vis.checking.exchange import Answer, Probe
from cs231n_vis.making.release import read_source, student_version

SOURCES = Path(__file__).parents[1] / "notebooks" / "source"
SECONDS = 300  # for one answer with all its probes, while other tests keep the machine busy


@cache
def probes_of(check: Check, seed: int) -> tuple[Probe, ...]:
    """The known probes and the hidden ones of a seed."""
    return (*check.known_probes(), *check.hidden_probes(seed))


def judged(
    check: Check, code: Sequence[str], probes: Sequence[Probe], names: dict[str, object]
) -> Judgement:
    """What the check says of an answer.

    Args:
        check: the check.
        code: the student's cells, in order.
        probes: what the answer is called with, the known one first.
        names: what the notebook has when they are run; they get a namespace of their own.
    """
    namespace = dict(names)
    with _in_time():
        for source in code:
            with contextlib.suppress(Exception):  # a kernel goes on, too, and the call says why
                exec(source, namespace)
        function, answers = namespace.get(check.answer), []
        for probe in probes:
            answers.append(_ask(check, function, probe))
            judgement = judge_answers(check, probes[: len(answers)], answers)
            if not judgement.passed:
                break
    return judgement


def _ask(check: Check, function: Callable | None, probe: Probe) -> Answer:
    try:
        return check.ask(function, probe)
    except Exception as error:
        return Answer(None, f"{type(error).__name__}: {error}")


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    """Ends a test whose answer does not return, where there are alarms (not on Windows)."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def end(*_):
        pytest.fail(f"The answer has not returned after {SECONDS} seconds.")

    earlier = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)


@cache
def imported(assignment: str) -> dict[str, object]:
    """What the notebook of an assignment imports, and the functions that it defines, before its
    first answer cell, by name."""
    names: dict[str, object] = {}
    for cell in student_version(read_source(SOURCES / f"{assignment}.py")).cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            return names
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            kinds = ast.Import | ast.ImportFrom | ast.FunctionDef
            tree.body = [each for each in tree.body if isinstance(each, kinds)]
            exec(compile(tree, assignment, "exec"), names)
    raise ValueError(f"{assignment} has no answer cell.")
