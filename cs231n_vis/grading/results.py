"""What a grade is made of, its file ``results.json``, and where that is kept."""

import hashlib
import json
import re
import shutil
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..files import atomic_write

STUDENTS = "students"  # the folder, below that of the results, that holds one for each student
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
        versions: of this package, Python and libraries, and digests of all else that the mark
            follows from, the submission among it; see ``key``.
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
    """A student's name as a folder of its own: letters of any script, digits, space and - _ . @

    Of at most 127 bytes, for half of the 255 that most file systems take is what some leave.
    """
    student = unicodedata.normalize("NFC", student)  # macOS hands out the other form
    name = re.sub(r"[^\w \-.@+]", "_", student).strip(" .")[:80]
    name = name.encode()[:120].decode(errors="ignore").strip(" .") or "_"
    if name == student:
        return name
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{name}-{digest}"


def folder_of(out: Path, student: str, assignment: str) -> Path:
    """Where the results of one submission are kept."""
    return out / STUDENTS / folder_name(student) / folder_name(assignment)


def write_result(result: Result, path: Path) -> None:
    """Write ``results.json``, whole or not at all; a grade that was there goes to ``earlier/``."""
    earlier = read_result_if_any(path)
    if earlier and earlier.status == "graded":
        number = sum(1 for _ in (path.parent / "earlier").glob("*.json")) + 1
        with atomic_write(path.parent / "earlier" / f"{number:04d}.json") as temporary:
            shutil.copyfile(path, temporary)
    content = json.dumps(asdict(result), indent=2, ensure_ascii=False)
    with atomic_write(path) as temporary:
        # half a surrogate, as in a file name that is not UTF-8, becomes an escape of JSON
        temporary.write_bytes(content.encode("utf-8", "backslashreplace"))


def read_result_if_any(path: Path) -> Result | None:
    """What ``read_result`` returns; None if there is no such file that can be read."""
    try:
        return read_result(path)
    except (OSError, ValueError):
        return None


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
