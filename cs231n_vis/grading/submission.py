"""Run and judge one submission: bytes come in, a ``Graded`` goes out, and nothing of the class is
read or written here. So it is the same wherever it is done, in the grader or on a cluster.

    Task -> worker (a process that reads it, merges it and runs it behind walls) -> checks -> Graded
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode

from .. import plots
from ..checking.assignments import CHECKS
from ..checking.checks import Check, Judgement, judge_answers, parts_of
from ..checking.exchange import LONGEST_CALL, Probe
from ..checking.results import ERROR, MISSING, CheckResult, Part, Result, Written
from ..checking.verdict import Verdict
from ..making.release import (
    points_of_checks,
    points_of_questions,
    read_source,
    student_version,
)
from .merge import SubmissionError
from .messages import Question, Reply, Request, Start, read, write
from .ours import temporary_folder
from .walls import PATIENCE, Limits, Room, confined, worker_env
from .worker import READY

CELL_SECONDS = LONGEST_CALL  # for one cell; XLA alone can take half of it
LIMITS = Limits(seconds=240, memory=4 << 30, processes=400, file_size=256 << 20, disk=1 << 30)
LEAST_DISK = 32 << 20  # bytes; with less left, an error may be for want of room


@dataclass(frozen=True)
class Assignment:
    """What is needed to grade one assignment: its pristine notebook and its checks' probes."""

    name: str
    pristine: NotebookNode
    checks: dict[str, Check]  # by the id of the check's cell
    points: dict[str, float]
    questions: dict[str, float]  # in words, that carry points
    probes: dict[str, list[Probe]]
    seed: int


@dataclass(frozen=True)
class Task:
    """One submission to grade.

    Attributes:
        blank: its result, as far as it is known before.
        name: of its file.
        content: of its file.
    """

    blank: Result
    name: str
    content: bytes


@dataclass(frozen=True)
class Graded:
    """What became of a task, before it is written down.

    Attributes:
        result: graded, or why not.
        notebook: as it was run, with the verdicts, a file's content; empty if nothing was.
        pictures: of checks, JPEGs.
    """

    result: Result
    notebook: bytes = b""
    pictures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Grader:
    """What is the same for all tasks that are done in one place.

    Attributes:
        assignment: what is graded.
        shares: of a check's points, by its parts; empty if it is all or nothing.
        room: what kernels run in.
        turns: as many as submissions are run at a time; meanwhile the next one's kernel starts.
        stop: set when nobody waits for results any more.
    """

    assignment: Assignment
    shares: Mapping[str, float]
    room: Room
    turns: threading.Semaphore
    stop: threading.Event


class GraderFailed(RuntimeError):
    """Something that no student can be blamed for; the message says what."""


class Lost(Exception):
    """A kernel was lost beside others, and perhaps because of them."""


class Stopped(Exception):
    """Nobody waits for the result any more."""


def load_assignment(source: Path, seed: int) -> Assignment:
    """Read an assignment's text source and make its probes, the hidden ones from the seed."""
    assignment = read_assignment(source, seed)
    checks = assignment.checks.values()
    probes = {each.name: [*each.known_probes(), *each.hidden_probes(seed)] for each in checks}
    return replace(assignment, probes=probes)


def read_assignment(source: Path, seed: int) -> Assignment:
    """The same without the probes, for who grades nothing himself."""
    pristine = student_version(read_source(source))
    points = points_of_checks(pristine)
    checks = {f"check_{name}": CHECKS[name] for name in points}
    questions = points_of_questions(pristine)
    return Assignment(source.stem, pristine, checks, points, questions, {}, seed)


def grade_task(task: Task, grader: Grader, alone: bool) -> Graded:
    """What becomes of a task; whatever happens, the rest of the class is graded.

    Raises:
        Lost: its kernel was lost, perhaps because of others, and it was not ``alone``.
        Stopped: nobody waits for it.
    """
    if grader.stop.is_set():
        raise Stopped
    start = time.monotonic()
    try:
        graded = run_and_judge(task, grader, alone)
    except (Lost, Stopped):
        raise
    except SubmissionError as refusal:
        graded = Graded(replace(task.blank, message=str(refusal)))
    except Exception as failure:
        graded = Graded(replace(task.blank, message=grader_failed(failure)))
    seconds = round(time.monotonic() - start, 2)
    return replace(graded, result=replace(graded.result, seconds=seconds))


def grader_failed(failure: Exception) -> str:
    """In a sentence, that it was not the student's doing."""
    reason = str(failure)
    if not isinstance(failure, GraderFailed):
        reason = f"{type(failure).__name__}: {reason}"
    return f"The grader failed on this submission ({reason}); grade it again."


def run_and_judge(task: Task, grader: Grader, alone: bool) -> Graded:
    """Run a submission and judge its answers.

    Raises:
        SubmissionError: it cannot be read.
        GraderFailed, Lost, Stopped: as ``grade_task`` tells.
    """
    assignment = grader.assignment
    with temporary_folder() as place:
        reply = _run_worker(place, task, grader)
    if reply.in_doubt and not alone:
        raise Lost
    if reply.refused:
        raise SubmissionError(reply.refused)
    # read as any JSON: a validation of ten thousand cells takes minutes
    notebook = json.loads(reply.notebook or nbformat.writes(assignment.pristine))
    checks, pictures = [], {}
    for cell_id, check in assignment.checks.items():
        judgement, alt = _judge(check, assignment, reply), ""
        if judgement.verdict and not judgement.verdict.passed:
            returned = reply.answers[check.name][0].returned
            if picture := _picture(check, assignment, returned, judgement.verdict):
                alt, pictures[check.name] = picture
        points = assignment.points[check.name]
        parts = _parts(check, assignment, reply, grader.shares)
        checks.append(judgement.result(check.name, points, parts, alt))
        _write_verdict(notebook, cell_id, checks[-1], judgement.facts)
    written = tuple(
        Written(name, points, reply.words.get(f"question_{name}", ""))
        for name, points in assignment.questions.items()
    )
    result = replace(task.blank, status="graded", checks=tuple(checks), written=written)
    content = json.dumps(notebook, indent=1, ensure_ascii=False)
    return Graded(result, content.encode("utf-8", "backslashreplace"), pictures)


def _run_worker(place: Path, task: Task, grader: Grader) -> Reply:
    """Run a submission in a process of its own; what that replied.

    Raises:
        GraderFailed: there is no reply, or what is in it may come from a full disk.
        Stopped: nobody waits for it.
    """
    assignment = grader.assignment
    (place / "work").mkdir()
    given = place / "given" / task.name  # who reads it may not be let into the class
    given.parent.mkdir()
    given.write_bytes(task.content)
    questions = {
        cell_id: Question.of(check.name, check.answer, check.call, assignment.probes[check.name])
        for cell_id, check in assignment.checks.items()
    }
    request = Request(str(given), nbformat.writes(assignment.pristine), questions)
    write(Start(grader.room, LIMITS, CELL_SECONDS), place)
    argv = [sys.executable, "-m", f"{__package__}.worker", str(place), str(os.getpid())]
    with contextlib.ExitStack() as stack:
        command = stack.enter_context(confined(argv, place, grader.room, LIMITS))
        said = stack.enter_context(open(place / "said.txt", "wb"))
        worker = subprocess.Popen(
            command,
            cwd=place,
            env=worker_env(place),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said if "CS231N_VIS_DEBUG" not in os.environ else None,
            start_new_session=True,  # Ctrl-C in a terminal is for the grader alone
        )

        def comes(what: Callable[[], bool]) -> bool:
            """Whether something becomes true while the worker lives."""
            while worker.poll() is None:
                if what():
                    return True
                if grader.stop.is_set():
                    raise Stopped
                with contextlib.suppress(subprocess.TimeoutExpired):
                    worker.wait(0.05)
            return False

        try:
            turn = partial(grader.turns.acquire, blocking=False)
            if comes((place / READY).exists) and comes(turn):
                stack.callback(grader.turns.release)
                write(request, place)
                deadline = time.monotonic() + PATIENCE * LIMITS.seconds + 90
                comes(lambda: time.monotonic() > deadline)
            status = worker.poll()
        finally:
            worker.kill()  # and with it, all behind the walls
            worker.wait()
    if status is None:
        too_long = f"It ran longer than {LIMITS.seconds:.0f} seconds in all."
        return Reply(lost=too_long, in_doubt=True)
    try:
        reply = read(Reply, place)
    except FileNotFoundError:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        last = (place / "said.txt").read_text("utf-8", "replace").strip().rpartition("\n")[2]
        raise GraderFailed(
            f"the process that runs it {how}{f', {last[:300]}' if last else ''}"
        ) from None
    wrong = reply.lost or any(answer.error for those in reply.answers.values() for answer in those)
    if wrong and shutil.disk_usage(place).free < LEAST_DISK:
        raise GraderFailed(f"the disk that holds {place.parent} is full")
    return reply


def _judge(check: Check, assignment: Assignment, reply: Reply) -> Judgement:
    if problem := reply.problems.get(check.answer):
        return Judgement(MISSING, problem)
    if check.name not in reply.answers:
        return Judgement(ERROR, reply.lost or "The notebook did not come as far as this check.")
    with _one_at_a_time:  # explaining runs the network, which uses every core by itself
        judgement = judge_answers(check, assignment.probes[check.name], reply.answers[check.name])
    if judgement.passed:
        return judgement
    message = judgement.message  # it may have needed what was left out
    left_out = [told for told in reply.left_out[check.name] if told not in message]
    return replace(judgement, message=" ".join([message, *left_out]))


_one_at_a_time = threading.Lock()


def _parts(
    check: Check, assignment: Assignment, reply: Reply, shares: Mapping[str, float]
) -> tuple[Part, ...]:
    """What each part of a check earns, where the course gives points for parts."""
    if not shares:
        return ()
    answers = reply.answers.get(check.name, [])
    with _one_at_a_time:
        probes, points = assignment.probes[check.name], assignment.points[check.name]
        return parts_of(check, probes, answers, points, shares)


def _picture(
    check: Check, assignment: Assignment, returned: object, verdict: Verdict
) -> tuple[str, bytes] | None:
    """What the check shows of an answer to the known inputs, never of a hidden one.

    Returns:
        What it shows, in words, and a JPEG; None if there is nothing to see.
    """
    if not isinstance(returned, np.ndarray):
        return None
    jpeg = io.BytesIO()
    try:
        with _one_at_a_time:
            picture = check.picture(returned, assignment.probes[check.name][0], verdict)
        if picture is None:
            return None
        figure, alt = picture
        plots.write_figure(figure, jpeg, format="jpeg", pil_kwargs={"quality": 88})
    except Exception:  # the verdict stands without a picture
        return None
    return alt, jpeg.getvalue()


def _write_verdict(notebook: dict, cell_id: str, result: CheckResult, facts: Sequence[str]) -> None:
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == cell_id)
    told = f"{result.name}: {result.status}. {result.message}\n"
    text = [*(f"✓ {fact}\n" for fact in facts), told]
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
