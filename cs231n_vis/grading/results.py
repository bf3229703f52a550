"""The file of a result, ``results.json``, and where it is kept."""

import hashlib
import json
import re
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..checking.results import CheckResult, Part, Result, Written
from ..files import atomic_write

STUDENTS = "students"  # the folder, below that of the results, that holds one for each student


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
    if earlier and earlier.graded:
        number = sum(1 for _ in (path.parent / "earlier").glob("*.json")) + 1
        with atomic_write(path.parent / "earlier" / f"{number:04d}.json") as temporary:
            shutil.copyfile(path, temporary)
    content = json.dumps(asdict(result), indent=2, ensure_ascii=False)
    with atomic_write(path) as temporary:
        # half a surrogate, as in a file name that is not UTF-8, becomes an escape of JSON
        temporary.write_bytes(content.encode("utf-8", "backslashreplace"))


def with_earlier(results: Sequence[Result], out: Path, assignment: str) -> list[Result]:
    """These results, and those of the students who were graded in an earlier run only."""
    here = {folder_of(out, result.student, assignment) for result in results}
    stored = (out / STUDENTS).glob(f"*/{folder_name(assignment)}/results.json")
    others = (read_result_if_any(path) for path in sorted(stored) if path.parent not in here)
    return [*results, *(result for result in others if result)]


def of_others(out: Path, assignment: str) -> dict[str, list[Result]]:
    """The results of all other assignments that were graded into a folder, by their names."""
    found: dict[str, list[Result]] = {}
    for path in sorted((out / STUDENTS).glob("*/*/results.json")):
        result = read_result_if_any(path)
        if result and result.assignment != assignment:
            found.setdefault(result.assignment, []).append(result)
    return found


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
        checks = [
            CheckResult(**check | {"parts": tuple(Part(**part) for part in check["parts"])})
            for check in stored.pop("checks")
        ]
        written = tuple(Written(**each) for each in stored.pop("written"))
        del stored["score"], stored["max_score"]
        return Result(**stored, checks=tuple(checks), written=written)
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise ValueError(f"{path} is not a results.json of this grader: {problem}.") from problem
