"""What became of a check and of a notebook. Every way of checking, a check cell, nbval and the
grader, comes to these; every page, table and report is a view of them.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

PASSED, FAILED, MISSING, ERROR = "passed", "failed", "missing", "error"
#: What people and the calendar add: points by hand, or not yet; an adjustment; days too late.
MARKED, WAITING, ADJUSTED, LATE = "marked", "waiting", "adjusted", "late"


@dataclass(frozen=True)
class Part:
    """One part of a check, where the course gives points for parts.

    Attributes:
        name: ``shape``, ``known`` (right with the inputs that students have) or ``hidden``.
        points, max_points: earned and possible.
        message: why not; empty if it is right.
    """

    name: str
    points: float
    max_points: float
    message: str = ""


@dataclass(frozen=True)
class Written:
    """An answer in words, which somebody marks.

    Attributes:
        question: its name.
        max_points: possible.
        text: what the student wrote; empty if nothing.
    """

    question: str
    max_points: float
    text: str


@dataclass(frozen=True)
class CheckResult:
    """One check of one submission; or what else its points come from.

    Attributes:
        name: the check, ``"saliency_maps"``.
        points, max_points: earned and possible.
        status: ``passed``, ``failed`` (the answer is wrong), ``missing`` (there is no answer, or
            more than one) or ``error`` (the answer raised, ran too long, or broke a limit); of
            what is not a check, ``marked``, ``waiting``, ``adjusted`` or ``late``.
        message: a sentence for the student.
        misconception: name of the catalogue entry that the answer fits, or None.
        parts: where points are given for parts, each of them.
        picture: what its picture shows, in words; empty if it has none.
    """

    name: str
    points: float
    max_points: float
    status: str
    message: str
    misconception: str | None = None
    parts: tuple[Part, ...] = ()
    picture: str = ""


@dataclass(frozen=True)
class Result:
    """One submission, graded.

    Attributes:
        student, assignment: whose, and of what.
        status: ``graded``, or ``not graded`` with the reason in ``message``.
        seconds: wall time of grading it.
        seed: of the hidden inputs; None if there were none.
        versions: of this package, Python and libraries, and digests of all else that the mark
            follows from, the submission among it; see ``grading/key.py``.
        checks: one result for each check, in the notebook's order.
        message: why it was not graded; or remarks on the whole notebook; else empty.
        submitted: when it was handed in, ISO 8601 in UTC; empty if that is not known.
        written: the answers in words that carry points.
    """

    student: str
    assignment: str
    status: str
    seconds: float = 0.0
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[CheckResult, ...] = ()
    message: str = ""
    submitted: str = ""
    written: tuple[Written, ...] = ()
    score: float = field(init=False)
    max_score: float = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "score", sum(check.points for check in self.checks))
        object.__setattr__(self, "max_score", sum(check.max_points for check in self.checks))

    @property
    def graded(self) -> bool:
        return self.status == "graded"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], longest: int) -> str:
    """A table in Markdown, of cells that anybody wrote, each cut to ``longest`` characters."""
    lines = [f"| {' | '.join(as_text(cell, longest) for cell in row)} |" for row in (header, *rows)]
    return "\n".join([lines[0], "|---" * len(header) + "|", *lines[1:]])


def as_text(text: str, longest: int = 600) -> str:
    """What somebody wrote, as it is, on one line of Markdown."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    text = html.escape(text, quote=False)  # which would write # for the next line to escape
    return re.sub(r"([\\`*_\[\]|~$:@#])", lambda sign: f"&#{ord(sign[1])};", text)
