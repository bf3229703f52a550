"""A class's results as files that other systems read: nbgrader, Gradescope, PrairieLearn,
Classroom 50, JUnit, and the tables of Canvas and Moodle. Each function names whose format it is.

No format holds the seed. Names and messages come from students: in each they are made visible, so
that nothing in them reaches a spreadsheet or a parser as anything but text.
"""

import csv
import io
import os
import re
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from html import escape
from pathlib import Path

from ..checking.results import ADJUSTED, ERROR, LATE, MARKED, PASSED, WAITING, CheckResult, Result
from ..files import open_regular
from .feedback import number, picture_of, readable, visible

#: The columns of nbgrader 0.9.6's ``nbgrader export`` (nbgrader/plugins/export.py).
NBGRADER_COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)

# What a spreadsheet takes for a formula, the wide signs of East Asian keyboards included. A
# spreadsheet that separates by semicolons starts a new cell after one.
_FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠])")


def nbgrader_csv(results: Iterable[Result]) -> str:
    """The class in the columns and the order of ``nbgrader export``.

    What we do not know (names, dates) is empty. nbgrader gives 0 to who handed nothing in; it has
    no column that could say «not graded», so there the scores are empty rather than 0.
    """
    results = sorted(results, key=lambda result: (result.assignment, result.student))
    possible: dict[str, float] = defaultdict(
        float
    )  # what could not be graded may not know how much it could earn
    for result in results:
        possible[result.assignment] = max(possible[result.assignment], result.max_score)
    rows = []
    for result in results:
        score = float(result.score) if result.graded else ""
        late = -float(sum(check.points for check in result.checks if check.status == LATE))
        raw = float(result.score) + late if result.graded else ""
        row = {"assignment": result.assignment, "student_id": result.student, "raw_score": raw}
        row |= {"timestamp": result.submitted, "late_submission_penalty": late, "score": score}
        row |= {"max_score": float(possible[result.assignment])}
        rows.append([row.get(column, "") for column in NBGRADER_COLUMNS])
    return table(NBGRADER_COLUMNS, rows)


def gradescope(result: Result, folder: Path) -> dict:
    """One submission in the form of Gradescope's results.json.

    https://gradescope-autograders.readthedocs.io/en/latest/specs/. All text is declared to be
    text: for the output of a whole submission, Gradescope's default is HTML. Only the output of a
    check with a picture is HTML, in which the text is escaped. A submission that was not graded
    scores 0 and says why; without a score, Gradescope would show nothing of it.

    Args:
        result: the submission.
        folder: where its pictures are.
    """
    tests = []
    for check in result.checks:
        test = {
            "name": visible(check.name),
            "score": check.points,
            "max_score": check.max_points,
            "status": "passed" if not _kind(check) else "failed",
            "output": _with_parts(check),
            "visibility": "visible",
        }
        if picture := _data_url(check, folder):
            text = escape(str(test["output"])).replace("\n", "<br>")
            shown = f'<img alt="{escape(check.picture)}" src="{picture}" style="max-width:100%">'
            test |= {"output": f"<p>{text}</p>{shown}", "output_format": "html"}
        tests.append(test)
    output = readable(result.message)
    if not result.graded:
        output = f"Not graded: {output}"
        tests.insert(
            0, {"name": "grading", "status": "failed", "output": output, "visibility": "visible"}
        )
    return {
        "score": result.score,
        "execution_time": round(result.seconds, 3),
        "output": output,
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def prairielearn(result: Result, folder: Path) -> dict:
    """One submission in the form of PrairieLearn's /grade/results/results.json.

    https://prairielearn.readthedocs.io/en/latest/externalGrading/#grading-results. The score is a
    part of 1, and the file may have 1 MB: pictures stay out when they would not fit.
    """
    if not result.graded:
        return {"gradable": False, "format_errors": [readable(result.message)]}
    room, tests = 700_000, []
    for check in result.checks:
        test = {
            "name": visible(check.name),
            "points": check.points,
            "max_points": check.max_points,
            "message": _with_parts(check),
        }
        if (picture := _data_url(check, folder)) and len(picture) < room:
            room -= len(picture)
            test["images"] = [{"label": readable(check.picture), "url": picture}]
        tests.append(test)
    part = result.score / result.max_score if result.max_score else 0
    return {
        "gradable": True,
        "score": min(max(part, 0.0), 1.0),
        "message": readable(result.message),
        "tests": tests,
    }


def classroom50(result: Result, environment: Mapping[str, str] = os.environ) -> dict:
    """One submission in the form of Classroom 50's result.json, ``classroom50/result/v1``.

    https://github.com/foundation50/classroom50/wiki/Advanced-Autograding. Its points are whole
    numbers: they are given in hundredths if some of ours are not.

    Args:
        result: the submission.
        environment: what its runner says of the submission.
    """
    numbers = [n for check in result.checks for n in (check.points, check.max_points)]
    unit = 1 if all(float(n).is_integer() for n in numbers) else 100
    tests = [
        {
            "test-name": visible(check.name),
            "passed": not _kind(check),
            "score": round(check.points * unit),
            "max-score": round(check.max_points * unit),
            "message": _with_parts(check),
        }
        for check in result.checks
    ]
    if not result.graded:
        message = f"Not graded: {readable(result.message)}"
        tests = [{"test-name": "grading", "passed": False, "score": 0, "max-score": 0}]
        tests[0]["message"] = message
    return {
        "schema": "classroom50/result/v1",
        "classroom": environment.get("CLASSROOM", ""),
        "assignment": environment.get("ASSIGNMENT", result.assignment),
        "submission": environment.get("SUBMISSION_TAG", ""),
        "commit": environment.get("COMMIT_URL", ""),
        "release": environment.get("RELEASE_URL", ""),
        "review": environment.get("REVIEW_URL") or environment.get("COMMIT_URL", ""),
        "datetime": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(int(str(test["score"])) for test in tests),
        "max-score": sum(int(str(test["max-score"])) for test in tests),
        "tests": tests,
    }


def canvas_csv(results: Iterable[Result], roster: Path) -> tuple[str, list[str]]:
    """The class in the columns of Canvas's own export of its gradebook, to be imported there.

    Args:
        results: of one assignment.
        roster: that export. Students are found by any of its first columns, their names or ids;
            the assignment by the column that begins with its name, or it is a new one.

    Returns:
        The table, and the students who are not in it.

    Raises:
        OSError, ValueError: the file is not there, or is no such table.
    """
    header, rows = _roster(roster, "Student")
    results = list(results)
    name = results[0].assignment if results else "assignment"
    those = [c for c in header if c == name or re.fullmatch(rf"{re.escape(name)} \(\d+\)", c)]
    column = those[0] if those else name
    theirs = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
    identity: list[str] = [c for c in theirs if c in header]
    possible = max((result.max_score for result in results), default=0)
    found, missing = _found(results, rows, identity)
    points = [["    Points Possible", *[""] * (len(identity) - 1), number(possible)]]
    told = [
        [*(row[c] for c in identity), number(found[place].score) if place in found else ""]
        for place, row in enumerate(rows)
        if not row["Student"].strip().startswith("Points Possible")
    ]
    return table([*identity, column], points + told), missing


def moodle_csv(results: Iterable[Result], roster: Path) -> tuple[str, list[str]]:
    """The class as Moodle's grading worksheet, with grades and comments, to be uploaded there.

    Args, Returns and Raises as ``canvas_csv``; the file is the worksheet that Moodle hands out,
    and the assignment is the one that it is of.
    """
    header, rows = _roster(roster, "Grade")
    results = list(results)
    identity = [c for c in header if c in ("Identifier", "ID number", "Username")]
    identity += [c for c in header if c in ("Full name", "Email address")]
    found, missing = _found(results, rows, identity)
    for place, row in enumerate(rows):
        if place in found:
            row["Grade"] = number(found[place].score)
            if "Feedback comments" in row:
                said = (f"{check.name}: {_with_parts(check)}" for check in found[place].checks)
                row["Feedback comments"] = "\n".join(said)
    return table(header, ([row[c] for c in header] for row in rows)), missing


def _roster(path: Path, needed: str) -> tuple[list[str], list[dict[str, str]]]:
    with open_regular(path, 64 << 20) as stream:
        lines = stream.read().decode("utf-8-sig", "replace")
    reader = csv.DictReader(io.StringIO(lines, newline=""))
    if needed not in (reader.fieldnames or ()):
        raise ValueError(f"{path} has no column {needed!r}: it is to be the platform's own export.")
    rows = [{name: row.get(name) or "" for name in reader.fieldnames or ()} for row in reader]
    return list(reader.fieldnames or ()), rows


def _found(
    results: list[Result], rows: list[dict[str, str]], identity: list[str]
) -> tuple[dict[int, Result], list[str]]:
    """The rows of the students who were graded, and the students who have none, or several."""
    places: dict[str, set[int]] = defaultdict(set)
    for place, row in enumerate(rows):
        for column in identity:
            value = row[column].strip().casefold()
            short = {value, value.rpartition(" ")[2]} if column == "Identifier" else {value}
            if column == "Email address":
                short.add(value.partition("@")[0])
            for each in short - {""}:
                places[each].add(place)
    found, missing = {}, []
    for result in results:
        # Moodle calls a folder Full name_1234567_assignsubmission_file
        name = result.student.casefold()
        parts = [name, *name.removesuffix("_assignsubmission_file").split("_")[::-1]]
        those = next((places[each] for each in parts if places.get(each)), set())
        if result.graded and len(those) == 1:
            found[min(those)] = result
        elif result.graded:
            missing.append(result.student)
    return found, missing


def _with_parts(check: CheckResult) -> str:
    """What a check says, and what each of its parts earned."""
    parts = (
        f"{part.name}: {number(part.points)} of {number(part.max_points)}"
        + (f" ({readable(part.message)})" if part.message else "")
        for part in check.parts
    )
    return "\n".join([readable(check.message), *parts])


def _data_url(check: CheckResult, folder: Path) -> str:
    """The picture of a check, to stand in a page; empty if it has none."""
    path = picture_of(check.name, folder)
    if not check.picture or not path.is_file():
        return ""
    return f"data:image/jpeg;base64,{b64encode(path.read_bytes()).decode()}"


def junit(results: Iterable[Result]) -> str:
    """The class as JUnit XML: a suite for each submission, a case for each check.

    A wrong or missing answer is a failure; one that raised, and a submission that was not graded,
    an error. GitHub's readers show the attribute ``message``, GitLab the content; both are there.
    Only a submission's time is known, so its cases share it evenly: some readers stumble over a
    case without a time.
    """
    root, results = ET.Element("testsuites", name="cs231n-vis"), by_student(results)
    for result in results:
        name = f"{visible(result.student)}/{visible(result.assignment)}"
        suite = ET.SubElement(root, "testsuite", name=name)
        cases = [(c.name, _kind(c), c.misconception or c.status, c.message) for c in result.checks]
        if not result.graded:
            cases.insert(0, ("grading", "error", "not graded", result.message))
        share = f"{result.seconds / max(len(cases), 1):.3f}"
        for case, kind, type_, message in cases:
            about = {"classname": name, "name": visible(case), "time": share}
            element = ET.SubElement(suite, "testcase", about)
            if kind:
                about = {"message": one_line(message), "type": visible(type_)}
                ET.SubElement(element, kind, about).text = readable(message)
        if result.message and result.graded:
            ET.SubElement(suite, "system-out").text = readable(result.message)
        _count(suite, result.seconds)
    _count(root, sum(result.seconds for result in results))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _kind(check: CheckResult) -> str | None:
    if check.status in (PASSED, MARKED, WAITING, ADJUSTED, LATE):
        return None
    return "error" if check.status == ERROR else "failure"


def _count(element: ET.Element, seconds: float) -> None:
    """Say how many cases there are below an element, and how they went."""
    found = Counter(each.tag for each in element.iter())
    told = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in told.items():
        element.set(name, str(found[tag]))
    element.set("time", f"{seconds:.3f}")


def table(header: Iterable[str], rows: Iterable[Iterable]) -> str:
    stream = io.StringIO()
    safe = ([_FORMULA.sub(r"\1'", visible(cell)) for cell in row] for row in (header, *rows))
    csv.writer(stream).writerows(safe)
    return stream.getvalue()


def one_line(message: str, longest: int = 300) -> str:
    return " ".join(readable(message, longest).split())


def by_student(results: Iterable[Result]) -> list[Result]:
    return sorted(results, key=lambda result: (result.student, result.assignment))
