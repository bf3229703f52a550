"""What people add to what the grader found: marks for answers in words, adjustments, late days.

They are kept in ``by_hand.json`` beside ``results.json``, which grading never writes, so that no
regrade loses them; every mark that was given stays in it, the last one counts. ``with_marks`` makes
of both, and of the course's deadlines, one ``Result``, of which all pages and tables are views.
"""

import contextlib
import getpass
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from ..checking.results import ADJUSTED, LATE, MARKED, WAITING, CheckResult, Result, Written
from ..files import atomic_write
from .course import Course
from .results import (
    STUDENTS,
    folder_name,
    folder_of,
    of_others,
    read_result_if_any,
    with_earlier,
)

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FILE = "by_hand.json"


@dataclass(frozen=True)
class HandMark:
    """Points that somebody gave.

    Attributes:
        points: given; or of an adjustment, added, which may be less than 0.
        comment: for the student; of an adjustment, the reason.
        by, time: who gave them, and when.
        answer: digest of the answer that was marked.
    """

    points: float
    comment: str
    by: str
    time: str
    answer: str = ""


@dataclass(frozen=True)
class ByHand:
    """All that people said of one submission; of each question all marks, the last one counts."""

    questions: dict[str, list[HandMark]] = field(default_factory=dict)
    adjustments: list[HandMark] = field(default_factory=list)


class MarkedMeanwhile(ValueError):
    """Somebody else marked the same answer; the message says who, and how."""


def read_by_hand(folder: Path) -> ByHand:
    """What people said of the submission of a folder.

    Raises:
        ValueError: the file is damaged.
    """
    path = folder / FILE
    try:
        stored = json.loads(path.read_text("utf-8"))
        questions = {n: [HandMark(**m) for m in those] for n, those in stored["questions"].items()}
        return ByHand(questions, [HandMark(**mark) for mark in stored["adjustments"]])
    except FileNotFoundError:
        return ByHand()
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise ValueError(
            f"{path} cannot be read ({problem}); put a copy of it from before in its place."
        ) from problem


def give_mark(
    folder: Path, written: Written, points: float, comment: str, seen: int, by: str = ""
) -> HandMark:
    """Give an answer in words its points.

    Args:
        folder: of the submission.
        written: the answer.
        points: from 0 to ``written.max_points``.
        comment: for the student.
        seen: how many marks this answer had when it was looked at.
        by: who marks.

    Raises:
        MarkedMeanwhile: it has more now.
        ValueError: there are no such points to give.
    """
    if not 0 <= points <= written.max_points:
        raise ValueError(f"{points:g} points cannot be given: there are {written.max_points:g}.")
    mark = HandMark(points, comment.strip(), by or _user(), _now(), digest(written.text))
    with _changing(folder) as by_hand:
        marks = by_hand.questions.setdefault(written.question, [])
        if len(marks) != seen:
            last = marks[-1]
            raise MarkedMeanwhile(
                f"{last.by} has given {last.points:g} of {written.max_points:g} points meanwhile"
                f"{f' ({last.comment})' if last.comment else ''}; yours are not written. Look at "
                "the answer again."
            )
        marks.append(mark)
    return mark


def adjust(folder: Path, points: float, reason: str, by: str = "") -> HandMark:
    """Add points to a submission, or take some, with a reason that the student reads.

    Raises:
        ValueError: there is no reason.
    """
    if not reason.strip():
        raise ValueError("An adjustment needs a reason, which the student reads: give --reason.")
    mark = HandMark(points, reason.strip(), by or _user(), _now())
    with _changing(folder) as by_hand:
        by_hand.adjustments.append(mark)
    return mark


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@contextlib.contextmanager
def _changing(folder: Path) -> Iterator[ByHand]:
    """What people said, to be changed by one at a time, and then written whole."""
    with open(folder / f".{FILE}.lock", "wb") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        by_hand = read_by_hand(folder)
        yield by_hand
        with atomic_write(folder / FILE) as temporary:
            content = json.dumps(asdict(by_hand), indent=1, ensure_ascii=False)
            temporary.write_bytes(content.encode("utf-8", "backslashreplace"))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody"


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


# One result of all ------------------------------------------------------------------------------


def is_marked(out: Path, assignment: str) -> bool:
    """Whether somebody marks the questions of an assignment: one answer at least has its points."""
    found = (out / STUDENTS).glob(f"*/{folder_name(assignment)}/{FILE}")
    return any(read_by_hand(path.parent).questions for path in found)


def whole_class(
    out: Path, assignment: str, course: Course, results: Sequence[Result] = ()
) -> tuple[list[Result], list[Result]]:
    """All that is in a folder of results, with what people and the calendar add.

    Args:
        out: the folder.
        assignment: the one that it is about.
        course: its deadlines.
        results: those of a run, which come first; of the other students, what is stored counts.

    Returns:
        The results of the assignment, and those of all others.

    Raises:
        ValueError: a file of marks is damaged.
    """
    stored = {assignment: with_earlier(results, out, assignment)} | of_others(out, assignment)
    own, *others = (
        with_marks(those, out, course, is_marked(out, name)) for name, those in stored.items()
    )
    return own, [result for those in others for result in those]


def with_marks(results: Sequence[Result], out: Path, course: Course, marked: bool) -> list[Result]:
    """The results with what people and the calendar add.

    Days too late cost a part of all that was earned before.

    Args:
        results: from ``results.json``, of one assignment.
        out: the folder that they are kept in.
        course: its deadlines.
        marked: whether its questions count; who has no marks yet is then waiting.

    Raises:
        ValueError: a file of marks is damaged.
    """
    whole = []
    for result in results:
        those = read_by_hand(folder_of(out, result.student, result.assignment))
        checks = list(result.checks)
        if result.graded and marked:
            checks += [_of_question(written, those) for written in result.written]
        checks += [
            CheckResult("adjustment", mark.points, 0, ADJUSTED, mark.comment)
            for mark in those.adjustments
        ]
        earned = sum(check.points for check in checks)
        if late := _late(result, out, course, earned):
            checks.append(late)
        whole.append(replace(result, checks=tuple(checks)))
    return whole


def _of_question(written: Written, by_hand: ByHand) -> CheckResult:
    marks = by_hand.questions.get(written.question)
    name = f"question {written.question}"
    if not marks:
        return CheckResult(name, 0, written.max_points, WAITING, "Not marked yet.")
    last = marks[-1]
    message = last.comment or "Marked by hand."
    if last.answer != digest(written.text):
        message += " (The answer has changed since.)"
    return CheckResult(
        name, min(last.points, written.max_points), written.max_points, MARKED, message
    )


def _late(result: Result, out: Path, course: Course, earned: float) -> CheckResult | None:
    """What the days that a submission is late cost; None if it was in time."""
    student, assignment = result.student, result.assignment
    days = course.days_late(student, assignment, result.submitted)
    if not days or not result.graded:
        return None
    free = max(course.late.free_days - _free_days_used(result, out, course), 0)
    paid = max(days - free, 0)
    spared = f", {min(free, days)} of them free" if min(free, days) else ""
    message = f"Handed in {days} {'day' if days == 1 else 'days'} after the deadline{spared}."
    percent = min(paid * course.late.percent, 100)
    if course.late.most_days is not None and paid > course.late.most_days:
        percent = 100
        message += f" More than {course.late.most_days} days late counts nothing."
    elif paid:
        message += f" It costs {percent:g} % of the points."
    return CheckResult("late", -round(max(earned, 0) * percent / 100, 6), 0, LATE, message)


def _free_days_used(result: Result, out: Path, course: Course) -> int:
    """How many free days the student's assignments of earlier deadlines took."""
    student, own = result.student, course.deadline(result.student, result.assignment)
    used = 0
    for name in {*course.deadlines, *course.extensions.get(student, {})} - {result.assignment}:
        when = course.deadline(student, name)
        assert when is not None and own is not None
        earlier = read_result_if_any(folder_of(out, student, name) / "results.json")
        if earlier and (when, name) < (own, result.assignment):
            used += course.days_late(student, name, earlier.submitted)
    return used
