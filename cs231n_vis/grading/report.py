"""A class's results as files that other systems read, and as a summary for the terminal.

Every function takes finished results and computes no grade. No format holds the seed. Names and
messages come from students: in each format they are made visible, so that nothing in them reaches
a terminal, a spreadsheet or a parser as anything but text.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean, median

from rich import box
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..files import atomic_write
from .feedback import number, readable, visible
from .key import why_other
from .results import ERROR, PASSED, CheckResult, Result, folder_of

FORMATS = ("gradescope", "junit", "nbgrader")

#: The columns of nbgrader 0.9.6's ``nbgrader export`` (nbgrader/plugins/export.py).
NBGRADER_COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)

CHANGES = ("time", "student", "assignment", "before", "after", "checks", "because")

# What a spreadsheet takes for a formula, the wide signs of East Asian keyboards included. A
# spreadsheet that separates by semicolons starts a new cell after one.
_FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠])")

_BINS = (("100 %", 100), ("75–99 %", 75), ("50–74 %", 50), ("25–49 %", 25), ("1–24 %", 1e-9))
_NOTHING = "0 %"


def check_formats(formats: Iterable[str]) -> None:
    """Raise ValueError, naming the formats there are, if one of these is not among them."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise ValueError(
            f"There is no format {', '.join(map(visible, unknown))}; "
            f"there are {', '.join(FORMATS)}."
        )


def write_class_report(
    results: Sequence[Result], out: Path, formats: Sequence[str] = ()
) -> list[Path]:
    """Write ``grades.csv`` and what else is asked for, and return where it was written.

    Args:
        results: one for each submission.
        out: the folder. ``junit.xml``, ``nbgrader.csv`` and ``grades.csv`` go there, and
            ``gradescope.json`` beside the ``results.json`` of each submission.
        formats: any of ``FORMATS``. What an earlier run left in another is written anew too.

    Raises:
        ValueError: a format is not known; nothing was written.
    """
    check_formats(formats)
    contents = {out / "grades.csv": grades_csv(results)}
    for name, path, content in (
        ("junit", out / "junit.xml", junit),
        ("nbgrader", out / "nbgrader.csv", nbgrader_csv),
    ):
        if name in formats or path.exists():
            contents[path] = content(results)
    for result in _sorted(results):
        path = folder_of(out, result.student, result.assignment) / "gradescope.json"
        if "gradescope" in formats or path.exists():
            contents[path] = json.dumps(gradescope(result), indent=2, ensure_ascii=False)
    for path, content in contents.items():
        with atomic_write(path) as temporary:
            temporary.write_bytes(content.encode())  # line ends as they are, on Windows too
    return list(contents)


@dataclass(frozen=True)
class Change:
    """A mark that is another than before.

    Attributes:
        before, after: the results.
    """

    before: Result
    after: Result

    @property
    def checks(self) -> str:
        """Which checks moved, from how many points to how many."""
        before, after = ({c.name: c.points for c in r.checks} for r in (self.before, self.after))
        return ", ".join(
            f"{name} {_points(before, name)} → {_points(after, name)}"
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name)
        )

    @property
    def because(self) -> str:
        """What is not as it was."""
        reasons = why_other(self.before.versions, self.after.versions)
        reasons += ["seed"] if self.before.seed != self.after.seed else []
        return ", ".join(reasons) or "graded again"


def change(before: Result | None, after: Result) -> Change | None:
    """What became of an earlier mark; None if there was none, or it is the same."""
    if before is None or _marks(before) == _marks(after):
        return None
    return Change(before, after)


def add_to_changes(change: Change, out: Path) -> None:
    """Add a line to ``changes.csv``, which tells of all runs, the earliest first."""
    path = out / "changes.csv"
    row = [
        datetime.now().astimezone().isoformat(timespec="seconds"),
        *map(_cell, (change.after.student, change.after.assignment)),
        *(_mark(result) for result in (change.before, change.after)),
        *map(_cell, (change.checks, change.because)),
    ]
    told = path.read_bytes().decode() if path.exists() else _csv(CHANGES, [])
    with atomic_write(path) as temporary:
        temporary.write_bytes((told + _csv(row, [])).encode())


def grades_csv(results: Iterable[Result]) -> str:
    """The class as a table (RFC 4180), one row for each submission, sorted by student.

    Each check has a column with its points, empty where the submission has no such check. An
    apostrophe is put before what a spreadsheet would take for a formula. A submission that was
    not graded has the score 0 of its ``results.json``; its status says why that is.
    """
    results = _sorted(results)
    checks = list(dict.fromkeys(check.name for result in results for check in result.checks))
    rows = []
    for result in results:
        points = {check.name: number(check.points) for check in result.checks}
        names = [check.misconception for check in result.checks if check.misconception]
        rows.append(
            [
                _cell(result.student),
                _cell(result.assignment),
                _cell(result.status),
                number(result.score),
                number(result.max_score),
                f"{result.seconds:.1f}",
                *(points.get(name, "") for name in checks),
                _cell("; ".join(names)),
                _cell(_one_line(result.message, 1000)),
            ]
        )
    header = ["student", "assignment", "status", "score", "max_score", "seconds"]
    return _csv([*header, *map(_cell, checks), "misconceptions", "message"], rows)


def nbgrader_csv(results: Iterable[Result]) -> str:
    """The class in the columns and the order of ``nbgrader export``.

    What we do not know (names, dates) is empty. nbgrader gives 0 to who handed nothing in; it has
    no column that could say «not graded», so there the scores are empty rather than 0.
    """
    results = sorted(results, key=lambda result: (result.assignment, result.student))
    possible = defaultdict(float)  # what could not be graded may not know how much it could earn
    for result in results:
        possible[result.assignment] = max(possible[result.assignment], result.max_score)
    rows = []
    for result in results:
        graded = result.status == "graded"
        row = {
            "assignment": _cell(result.assignment),
            "student_id": _cell(result.student),
            "raw_score": float(result.score) if graded else "",
            "late_submission_penalty": 0.0,
            "score": float(result.score) if graded else "",
            "max_score": float(possible[result.assignment]),
        }
        rows.append([row.get(column, "") for column in NBGRADER_COLUMNS])
    return _csv(NBGRADER_COLUMNS, rows)


def gradescope(result: Result) -> dict:
    """One submission in the form of Gradescope's results.json.

    https://gradescope-autograders.readthedocs.io/en/latest/specs/. All text is declared to be
    text: for the output of a whole submission, Gradescope's default is HTML. A submission that
    was not graded scores 0 and says why; without a score, Gradescope would show nothing of it.
    """
    tests = [
        {
            "name": visible(check.name),
            "score": check.points,
            "max_score": check.max_points,
            "status": "passed" if check.status == PASSED else "failed",
            "output": readable(check.message),
            "visibility": "visible",
        }
        for check in result.checks
    ]
    output = readable(result.message)
    if result.status != "graded":
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


def junit(results: Iterable[Result]) -> str:
    """The class as JUnit XML: a suite for each submission, a case for each check.

    A wrong or missing answer is a failure; one that raised, and a submission that was not graded,
    an error. GitHub's readers show the attribute ``message``, GitLab the content; both are there.
    Only a submission's time is known, so its cases share it evenly: some readers stumble over a
    case without a time.
    """
    root = ET.Element("testsuites", name="cs231n-vis")
    total = Counter()
    seconds = 0.0
    for result in _sorted(results):
        name = f"{visible(result.student)}/{visible(result.assignment)}"
        suite = ET.SubElement(root, "testsuite", name=name)
        cases = [(c.name, _kind(c), c.misconception or c.status, c.message) for c in result.checks]
        if result.status != "graded":
            cases.insert(0, ("grading", "error", "not graded", result.message))
        for case, kind, type_, message in cases:
            share = f"{result.seconds / len(cases):.3f}"
            element = ET.SubElement(
                suite, "testcase", classname=name, name=visible(case), time=share
            )
            if kind:
                text = readable(message)
                about = {"message": _one_line(message), "type": visible(type_)}
                ET.SubElement(element, kind, about).text = text
        if result.message and result.status == "graded":
            ET.SubElement(suite, "system-out").text = readable(result.message)
        counts = Counter(kind for _, kind, _, _ in cases if kind)
        _count(suite, len(cases), counts, result.seconds)
        total += counts + Counter(cases=len(cases))
        seconds += result.seconds
    _count(root, total["cases"], total, seconds)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def summary(results: Iterable[Result], changes: Sequence[Change] = ()) -> RenderableType:
    """The class on a terminal: every submission, how the scores are spread, what went wrong."""
    results = _sorted(results)
    if not results:
        return Text("There are no submissions.")
    parts: list[RenderableType] = [_table(results)]
    parts += _distribution([r for r in results if r.status == "graded" and r.max_score > 0])
    parts += _misconceptions(results)
    parts += _changes(changes)
    parts += _not_graded([r for r in results if r.status != "graded"])
    return Group(*parts)


def _table(results: Sequence[Result]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
    # score and result stay whole on a narrow terminal; the cells of the others are cut
    table.add_column("student", max_width=40)
    if len({result.assignment for result in results}) > 1:
        table.add_column("assignment", max_width=20)
    table.add_column("score", no_wrap=True, justify="right")
    table.add_column("result", no_wrap=True)
    table.add_column("message", ratio=1)

    def cut(text):
        return Text(text, no_wrap=True, overflow="ellipsis")

    for result in results:
        graded = result.status == "graded"
        full = result.score >= result.max_score
        style = "green" if graded and full else "" if graded else "bold red"
        wrong = [check for check in result.checks if check.status != PASSED]
        said = [check.misconception or check.status for check in wrong] or [PASSED]
        messages = [result.message, *(check.message for check in wrong)]
        table.add_row(
            cut(visible(result.student)),
            *([cut(visible(result.assignment))] if len(table.columns) == 5 else []),
            Text(_mark(result) if graded else "–", style),
            Text(visible(", ".join(said) if graded else result.status), style),
            cut(_one_line(next(filter(None, messages), ""), 200)),
        )
    return table


def _distribution(graded: Sequence[Result]) -> list[RenderableType]:
    if not graded:
        return []
    percents = [100 * result.score / result.max_score for result in graded]
    counts = Counter(
        next((name for name, least in _BINS if percent >= least), _NOTHING) for percent in percents
    )
    title = f"Scores: {len(graded)} graded, mean {mean(percents):.0f} %"
    grid = Table.grid(padding=(0, 1))
    for justify in ("right", "right", "left"):
        grid.add_column(justify=justify)
    for name in (*(name for name, _ in _BINS), _NOTHING):
        bar = ProgressBar(
            max(counts.values()), counts[name], 30, complete_style="cyan", finished_style="cyan"
        )
        grid.add_row(name, str(counts[name]), bar)
    return [Text(f"{title}, median {median(percents):.0f} %", "bold"), grid, Text()]


def _misconceptions(results: Sequence[Result], most: int = 10) -> list[RenderableType]:
    counts = Counter(c.misconception for r in results for c in r.checks if c.misconception)
    if not counts:
        return []
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right")
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]:
        grid.add_row(str(count), Text(visible(name)))
    more = f" ({most} of {len(counts)})" if len(counts) > most else ""
    return [Text(f"Commonest misconceptions{more}", "bold"), grid, Text()]


def _changes(changes: Sequence[Change]) -> list[RenderableType]:
    if not changes:
        return []
    grid = Table.grid(padding=(0, 2))
    for change in sorted(changes, key=lambda change: change.after.student):
        grid.add_row(
            Text(visible(change.after.student)),
            Text(f"{_mark(change.before)} → {_mark(change.after)}"),
            Text(visible(change.checks)),
            Text(f"({change.because})", "dim"),
        )
    return [Text(f"Moved since the run before: {len(changes)}", "bold yellow"), grid, Text()]


def _not_graded(missing: Sequence[Result]) -> list[RenderableType]:
    if not missing:
        return []
    by_reason = defaultdict(list)
    for result in missing:
        by_reason[_one_line(result.message, 500) or "no reason is known"].append(result.student)
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", vertical="top")
    for reason, students in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        who = ", ".join(map(visible, students[:5])) + (", …" if len(students) > 5 else "")
        grid.add_row(str(len(students)), Text.assemble(reason, (f" ({who})", "dim")))
    return [Text(f"Not graded: {len(missing)}", "bold red"), grid, Text()]


def _marks(result: Result) -> tuple:
    """All of a result that counts."""
    return result.status, [(c.name, c.points, c.max_points) for c in result.checks]


def _mark(result: Result) -> str:
    graded = result.status == "graded"
    return f"{number(result.score)}/{number(result.max_score)}" if graded else "not graded"


def _points(points: dict[str, float], name: str) -> str:
    return number(points[name]) if name in points else "–"


def _sorted(results: Iterable[Result]) -> list[Result]:
    return sorted(results, key=lambda result: (result.student, result.assignment))


def _one_line(message: str, longest: int = 300) -> str:
    return " ".join(readable(message, longest).split())


def _cell(text: str) -> str:
    return _FORMULA.sub(r"\1'", visible(text))


def _csv(header: Iterable[str], rows: Iterable[Iterable]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *rows])
    return stream.getvalue()


def _kind(check: CheckResult) -> str | None:
    return None if check.status == PASSED else "error" if check.status == ERROR else "failure"


def _count(element: ET.Element, cases: int, kinds: Counter, seconds: float) -> None:
    element.set("tests", str(cases))
    element.set("failures", str(kinds["failure"]))
    element.set("errors", str(kinds["error"]))
    element.set("skipped", "0")
    element.set("time", f"{seconds:.3f}")
