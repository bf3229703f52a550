"""Grade a class: find what must be graded, have it graded, write down what comes of it.

The path of one submission: ``find`` -> ``submission`` (run behind walls, and judged) ->
``results.json``, feedback, the executed notebook. Nothing is written before it is whole, so a run
that was interrupted is taken up where it stopped.

A mark is kept as long as all that it follows from is the same (``key``). What is not the student's
doing, a full disk, a process that was ended, makes no mark at all: it is «not graded», with the
reason, and tried again at the next run.
"""

import contextlib
import secrets
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from ..checking.results import Result
from ..files import atomic_write
from .course import Course
from .feedback import picture_of, write_feedback
from .find import Submission, find_submissions
from .key import key_of_run, sha256_of_submission
from .marks import is_marked, with_marks
from .merge import SubmissionError, take_submission
from .results import folder_of, read_result_if_any, write_result
from .room import room_for
from .submission import (
    LIMITS,
    Assignment,
    Graded,
    Grader,
    GraderFailed,
    Lost,
    Stopped,
    Task,
    grade_task,
    grader_failed,
    load_assignment,
)
from .walls import Room

__all__ = [
    "LIMITS",
    "Assignment",
    "Submission",
    "find_submissions",
    "grade",
    "load_assignment",
    "seed_of",
]


@dataclass(frozen=True)
class Class:
    """What the submissions of a class have in common, for whoever writes their results down.

    Attributes:
        assignment: its name.
        seed: of the hidden inputs.
        out: the folder of the results.
        course: how points are given.
        marked: whether its questions are marked by hand.
        key: all that a mark follows from, less the submission and the seed.
        again: whether what was graded already is graded again all the same.
    """

    assignment: str
    seed: int
    out: Path
    course: Course
    marked: bool
    key: dict[str, str]
    again: bool


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

    Whose kernel was lost while others were graded, and perhaps because of them, since it took too
    long or was ended, is graded again at the end, with nothing beside it.

    Raises:
        NoWalls: no ``room`` was given, and none can be built.
    """
    with contextlib.ExitStack() as stack:
        room = room or stack.enter_context(safe_room(submissions, assignment.name, out))
        course = course or Course()
        walls = "bubblewrap" if room.walls else "none"
        common = class_of(assignment, out, course, walls, again)
        pool = stack.enter_context(ThreadPoolExecutor(jobs + 1))
        turns, stop = threading.Semaphore(jobs), threading.Event()
        grader = Grader(assignment, course.shares, room, turns, stop)

        def one(submission: Submission, alone: bool) -> Result:
            if stop.is_set():
                raise Stopped
            task = begin(submission, common)
            if isinstance(task, Task):
                return write_down(grade_task(task, grader, alone), common)
            return task

        alone = jobs == 1 or len(submissions) == 1
        waiting = {pool.submit(one, each, alone): each for each in submissions}
        lost = []
        try:
            for done in as_completed(waiting):
                try:
                    yield done.result()
                except Lost:
                    lost.append(waiting[done])
            for submission in lost:
                yield pool.submit(one, submission, True).result()
        finally:
            stop.set()
            for future in waiting:
                future.cancel()


def class_of(
    assignment: Assignment, out: Path, course: Course, walls: str, again: bool = False
) -> Class:
    """What these submissions have in common; the arguments are those of ``grade``."""
    key = key_of_run(assignment.pristine, walls, course.shares)
    marked = is_marked(out, assignment.name)
    return Class(assignment.name, assignment.seed, out, course, marked, key, again)


def begin(submission: Submission, common: Class) -> Task | Result:
    """What is to be graded; or its result, if it has one that still holds, or cannot be read."""
    folder = folder_of(common.out, submission.student, common.assignment)
    key = common.key | {"submission_sha256": sha256_of_submission(submission.path)}
    blank = Result(submission.student, common.assignment, "not graded", 0.0, common.seed, key)
    try:
        if submission.problem:
            raise SubmissionError(submission.problem)
        try:
            student, path = submission.student, submission.path
            when = common.course.submitted(student, common.assignment, path)
        except ValueError as unclear:
            raise GraderFailed(str(unclear).rstrip(".")) from None
        blank = replace(blank, submitted=when)
        earlier = read_result_if_any(folder / "results.json")
        if earlier and not common.again and _still_holds(earlier, blank):
            if earlier.submitted == when:
                return earlier
            earlier = replace(earlier, submitted=when)  # which the verdicts do not follow from
            write_result(earlier, folder / "results.json")
            return earlier
        return Task(blank, submission.path.name, take_submission(submission.path))
    except SubmissionError as refusal:
        return write_down(Graded(replace(blank, message=str(refusal))), common)
    except Exception as failure:  # whatever it was, the rest of the class is graded
        return write_down(Graded(replace(blank, message=grader_failed(failure))), common)


def write_down(graded: Graded, common: Class) -> Result:
    """Write what became of a submission into its folder, ``results.json`` last."""
    result = graded.result
    folder = folder_of(common.out, result.student, result.assignment)
    try:
        for check in result.checks:
            picture = picture_of(check.name, folder)
            if check.name not in graded.pictures:
                picture.unlink(missing_ok=True)  # of an earlier answer
                continue
            with atomic_write(picture) as temporary:
                temporary.write_bytes(graded.pictures[check.name])
        if graded.notebook:
            with atomic_write(folder / f"{result.assignment}.ipynb") as temporary:
                temporary.write_bytes(graded.notebook)
        (whole,) = with_marks([result], common.out, common.course, common.marked)
        write_feedback(whole, folder)
        write_result(result, folder / "results.json")
    except (OSError, ValueError) as failure:
        message = grader_failed(failure)
        return replace(result, status="not graded", checks=(), written=(), message=message)
    return result


def _still_holds(earlier: Result, blank: Result) -> bool:
    """Whether an earlier result is what grading would come to again."""
    same = ("student", "seed", "versions")
    return earlier.graded and all(getattr(earlier, name) == getattr(blank, name) for name in same)


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
