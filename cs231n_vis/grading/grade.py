"""Grade submissions: find them, merge each into the pristine notebook, run it, judge, write down.

The path of one submission: ``find`` -> ``worker`` (a process that reads it, merges it and runs it
behind walls) -> ``checks`` -> ``results.json``, feedback, the executed notebook. Nothing
is written before it is whole, so a run that was interrupted is taken up where it stopped.

A mark is kept as long as all that it follows from is the same (``key``). What is not the student's
doing, a full disk, a process that was ended, makes no mark at all: it is «not graded», with the
reason, and tried again at the next run.
"""

import contextlib
import io
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
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
from ..files import atomic_write
from ..making.release import (
    points_of_checks,
    points_of_questions,
    read_source,
    student_version,
)
from .course import Course
from .feedback import picture_of, write_feedback
from .find import Submission, find_submissions
from .key import key_of_run, sha256_of_submission
from .marks import is_marked, with_marks
from .merge import SubmissionError, take_submission
from .messages import Question, Reply, Request, Start, read, write
from .ours import temporary_folder
from .results import folder_of, read_result_if_any, write_result
from .room import room_for
from .walls import PATIENCE, Limits, Room, confined, worker_env
from .worker import READY

__all__ = ["Assignment", "Submission", "find_submissions", "grade", "load_assignment", "seed_of"]

CELL_SECONDS = LONGEST_CALL  # for one cell
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
class Run:
    """What is the same for all submissions that are graded together.

    Attributes:
        assignment, out: what is graded, and the folder of the results.
        course: how points are given.
        marked: whether its questions are marked by hand.
        key: all that a mark follows from, less the submission and the seed.
        again: whether what was graded already is graded again all the same.
        room: what kernels run in.
        turns: as many as submissions are run at a time; meanwhile the next one's kernel starts.
        stop: set when nobody waits for results any more.
    """

    assignment: Assignment
    out: Path
    course: Course
    marked: bool
    key: dict[str, str]
    again: bool
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
    pristine = student_version(read_source(source))
    points = points_of_checks(pristine)
    checks = {f"check_{name}": CHECKS[name] for name in points}
    probes = {
        check.name: [*check.known_probes(), *check.hidden_probes(seed)] for check in checks.values()
    }
    questions = points_of_questions(pristine)
    return Assignment(source.stem, pristine, checks, points, questions, probes, seed)


@contextlib.contextmanager
def safe_room(
    submissions: Sequence[Submission], assignment: str, out: Path, walls: bool = True
) -> Iterator[Room]:
    """The room that these submissions are graded in, tried out; ``walls=False`` does without.

    Raises:
        NoWalls: it cannot be built here, or would show what nobody in it may see.
    """
    with room_for(assignment, walls) as room:
        checkout = Path(__file__).resolve().parents[2]
        ours = checkout if (checkout / "pyproject.toml").exists() else checkout / "cs231n_vis"
        room.check([out, ours, *(submission.path for submission in submissions)])
        yield room


def grade(
    submissions: Sequence[Submission],
    assignment: Assignment,
    out: Path,
    jobs: int = 1,
    again: bool = False,
    room: Room | None = None,
    course: Course | None = None,
) -> Generator[Result, None, None]:
    """Grade submissions, ``jobs`` at a time, and yield each result when it is written.

    Whose kernel was lost while others were graded, because it took too long or was ended, is
    graded again at the end, with nothing beside it.

    Raises:
        NoWalls: no ``room`` was given, and none can be built.
    """
    stop = threading.Event()
    with contextlib.ExitStack() as stack:
        room = room or stack.enter_context(safe_room(submissions, assignment.name, out))
        course = course or Course()
        walls = "bubblewrap" if room.walls else "none"
        key = key_of_run(assignment.pristine, walls, course.shares)
        pool = stack.enter_context(ThreadPoolExecutor(jobs + 1))
        turns, marked = threading.Semaphore(jobs), is_marked(out, assignment.name)
        run = Run(assignment, out, course, marked, key, again, room, turns, stop)
        alone = jobs == 1 or len(submissions) == 1
        waiting = {pool.submit(_grade_or_resume, s, run, alone): s for s in submissions}
        lost = []
        try:
            for done in as_completed(waiting):
                try:
                    yield done.result()
                except Lost:
                    lost.append(waiting[done])
            for submission in lost:
                yield pool.submit(_grade_or_resume, submission, run, True).result()
        finally:
            stop.set()
            for future in waiting:
                future.cancel()


def _grade_or_resume(submission: Submission, run: Run, alone: bool) -> Result:
    """The result of one submission, written down; the earlier one if nothing has changed.

    Raises:
        Lost: its kernel was lost, and it was not ``alone``.
        Stopped: nobody waits for it.
    """
    if run.stop.is_set():
        raise Stopped
    assignment = run.assignment
    folder = folder_of(run.out, submission.student, assignment.name)
    key = run.key | {"submission_sha256": sha256_of_submission(submission.path)}
    blank = Result(submission.student, assignment.name, "not graded", 0.0, assignment.seed, key)
    start = time.monotonic()
    try:
        if submission.problem:
            raise SubmissionError(submission.problem)
        try:
            when = run.course.submitted(submission.student, submission.path)
        except ValueError as unclear:
            raise GraderFailed(str(unclear).rstrip(".")) from None
        blank = replace(blank, submitted=when)
        earlier = read_result_if_any(folder / "results.json")
        if earlier and not run.again and _still_holds(earlier, blank):
            return earlier
        result = _run_and_judge(blank, submission, run, folder, alone)
    except (Lost, Stopped):
        raise
    except SubmissionError as refusal:
        result = replace(blank, message=str(refusal))
    except Exception as failure:  # whatever it was, the rest of the class is graded
        result = replace(blank, message=_grader_failed(failure))
    result = replace(result, seconds=round(time.monotonic() - start, 2))
    try:
        (whole,) = with_marks([result], run.out, run.course, run.marked)
        write_feedback(whole, folder)
        write_result(result, folder / "results.json")
    except OSError as failure:
        return replace(blank, message=_grader_failed(failure))
    return result


def _still_holds(earlier: Result, blank: Result) -> bool:
    """Whether an earlier result is what grading would come to again."""
    same = ("student", "seed", "versions", "submitted")
    return earlier.graded and all(getattr(earlier, name) == getattr(blank, name) for name in same)


def _grader_failed(failure: Exception) -> str:
    reason = str(failure)
    if not isinstance(failure, GraderFailed):
        reason = f"{type(failure).__name__}: {reason}"
    return f"The grader failed on this submission ({reason}); grade it again."


def _run_and_judge(
    blank: Result, submission: Submission, run: Run, folder: Path, alone: bool
) -> Result:
    assignment = run.assignment
    with temporary_folder() as place:
        reply = _run_worker(place, submission.path, run)
    if reply.kernels_lost and not alone:
        raise Lost
    if reply.refused:
        raise SubmissionError(reply.refused)
    # read as any JSON: a validation of ten thousand cells takes minutes
    notebook = json.loads(reply.notebook or nbformat.writes(assignment.pristine))
    checks = []
    for cell_id, check in assignment.checks.items():
        judgement = _judge(check, assignment, reply)
        path, picture = picture_of(check.name, folder), ""
        if judgement.verdict and not judgement.verdict.passed:
            returned = reply.answers[check.name][0].returned
            picture = _picture(check, assignment, returned, judgement.verdict, path)
        if not picture:
            path.unlink(missing_ok=True)  # of an earlier answer
        points = assignment.points[check.name]
        parts = _parts(check, assignment, reply, run.course)
        checks.append(judgement.result(check.name, points, parts, picture))
        _write_verdict(notebook, cell_id, checks[-1], judgement.facts)
    with atomic_write(folder / f"{assignment.name}.ipynb") as path:
        content = json.dumps(notebook, indent=1, ensure_ascii=False)
        path.write_bytes(content.encode("utf-8", "backslashreplace"))
    written = tuple(
        Written(name, points, reply.words.get(f"question_{name}", ""))
        for name, points in assignment.questions.items()
    )
    return replace(blank, status="graded", checks=tuple(checks), written=written)


def _run_worker(place: Path, submission: Path, run: Run) -> Reply:
    """Run a submission in a process of its own; what that replied.

    Raises:
        GraderFailed: there is no reply, or what is in it may come from a full disk.
        Stopped: nobody waits for it.
    """
    assignment = run.assignment
    (place / "work").mkdir()
    given = place / "given" / submission.name  # who reads it may not be let into the class
    given.parent.mkdir()
    given.write_bytes(take_submission(submission))
    questions = {
        cell_id: Question.of(check.name, check.answer, check.call, assignment.probes[check.name])
        for cell_id, check in assignment.checks.items()
    }
    request = Request(str(given), nbformat.writes(assignment.pristine), questions)
    write(Start(run.room, LIMITS, CELL_SECONDS), place)
    argv = [sys.executable, "-m", f"{__package__}.worker", str(place), str(os.getpid())]
    with contextlib.ExitStack() as stack:
        command = stack.enter_context(confined(argv, place, run.room, LIMITS))
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
                if run.stop.is_set():
                    raise Stopped
                with contextlib.suppress(subprocess.TimeoutExpired):
                    worker.wait(0.05)
            return False

        try:
            if comes((place / READY).exists) and comes(partial(run.turns.acquire, blocking=False)):
                stack.callback(run.turns.release)
                write(request, place)
                deadline = time.monotonic() + PATIENCE * LIMITS.seconds + 90
                comes(lambda: time.monotonic() > deadline)
            status = worker.poll()
        finally:
            worker.kill()  # and with it, all behind the walls
            worker.wait()
    if status is None:
        too_long = f"It ran longer than {LIMITS.seconds:.0f} seconds in all."
        return Reply(lost=too_long, kernels_lost=1)
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


def _parts(check: Check, assignment: Assignment, reply: Reply, course: Course) -> tuple[Part, ...]:
    """What each part of a check earns, where the course gives points for parts."""
    if not course.shares:
        return ()
    answers = reply.answers.get(check.name, [])
    with _one_at_a_time:
        probes, points = assignment.probes[check.name], assignment.points[check.name]
        return parts_of(check, probes, answers, points, course.shares)


def _picture(
    check: Check, assignment: Assignment, returned: object, verdict: Verdict, path: Path
) -> str:
    """Write what the check shows of an answer to the known inputs, never of a hidden one.

    Returns:
        What it shows, in words; empty if there is nothing to see.
    """
    if not isinstance(returned, np.ndarray):
        return ""
    jpeg = io.BytesIO()
    try:
        with _one_at_a_time:
            picture = check.picture(returned, assignment.probes[check.name][0], verdict)
        if picture is None:
            return ""
        figure, alt = picture
        plots.write_figure(figure, jpeg, format="jpeg", pil_kwargs={"quality": 88})
    except Exception:  # the verdict stands without a picture
        return ""
    with atomic_write(path) as temporary:
        temporary.write_bytes(jpeg.getvalue())
    return alt


def _write_verdict(notebook: dict, cell_id: str, result: CheckResult, facts: Sequence[str]) -> None:
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == cell_id)
    told = f"{result.name}: {result.status}. {result.message}\n"
    text = [*(f"✓ {fact}\n" for fact in facts), told]
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]


def seed_of(out: Path, seed: int | None) -> int:
    """The seed asked for, or that of the run in ``out`` that is taken up, or a new one."""
    path = out / "seed.txt"
    if seed is None and path.is_file():
        kept = path.read_text("utf-8").strip()
        if not kept.isdecimal():
            raise ValueError(
                f"{path} does not hold a whole number; delete it or write one into it."
            )
        return int(kept)
    seed = secrets.randbelow(2**31) if seed is None else seed
    with atomic_write(path) as temporary:
        temporary.write_text(f"{seed}\n")
    return seed
