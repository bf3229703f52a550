"""What a grade is made of, its file ``results.json``, and where that is kept."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..files import atomic_write

PASSED, FAILED, MISSING, ERROR = "passed", "failed", "missing", "error"


@dataclass(frozen=True)
class CheckResult:
    """One check of one submission.

    Attributes:
        name: the check, ``"saliency_maps"``.
        points, max_points: earned and possible.
        status: ``passed``, ``failed`` (the answer is wrong), ``missing`` (there is no answer, or
            more than one) or ``error`` (the answer raised, ran too long, or broke a limit).
        message: a sentence for the student.
        misconception: name of the catalogue entry that the answer fits, or None.
    """

    name: str
    points: float
    max_points: float
    status: str
    message: str
    misconception: str | None = None


@dataclass(frozen=True)
class Result:
    """One submission, graded.

    Attributes:
        student, assignment: whose, and of what.
        status: ``graded``, or ``not graded`` with the reason in ``message``.
        seconds: wall time of grading it.
        seed: of the hidden inputs.
        versions: of this package, Python, NumPy and TensorFlow, and the SHA-256 of the submission.
        checks: one result for each check, in the notebook's order.
        message: why it was not graded; or remarks on the whole notebook; else empty.
    """

    student: str
    assignment: str
    status: str
    seconds: float
    seed: int
    versions: Mapping[str, str]
    checks: tuple[CheckResult, ...] = ()
    message: str = ""
    score: float = field(init=False)
    max_score: float = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "score", sum(check.points for check in self.checks))
        object.__setattr__(self, "max_score", sum(check.max_points for check in self.checks))


def folder_name(student: str) -> str:
    """A student's name as a folder of its own: letters of any script, digits, space and - _ . @"""
    name = re.sub(r"[^\w \-.@+]", "_", student).strip(" .")[:80] or "_"
    if name == student:
        return name
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{name}-{digest}"


def write_result(result: Result, path: Path) -> None:
    """Write ``results.json``, whole or not at all."""
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(asdict(result), indent=2, ensure_ascii=False), "utf-8")


def read_result(path: Path) -> Result:
    """Read what ``write_result`` wrote.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is not such a file.
    """
    try:
        stored = json.loads(path.read_text("utf-8"))
        checks = tuple(CheckResult(**check) for check in stored.pop("checks"))
        del stored["score"], stored["max_score"]
        return Result(**stored, checks=checks)
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise ValueError(f"{path} is not a results.json of this grader: {problem}.") from problem
