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

from ..checking.results import ERROR, PASSED, CheckResult, Result, markdown_table
from ..files import atomic_write
from .feedback import number, readable, visible
from .key import why_other
from .results import folder_of

FORMATS = ("gradescope", "junit", "markdown", "nbgrader")
MOST_ROWS = 1000  # in Markdown; GitHub takes a summary of one megabyte

#: The columns of nbgrader 0.9.6's ``nbgrader export`` (nbgrader/plugins/export.py).
NBGRADER_COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)

CHANGES = ("time", "student", "assignment", "before", "after", "checks", "because")

# What a spreadsheet takes for a formula, the wide signs of East Asian keyboards included. A
# spreadsheet that separates by semicolons starts a new cell after one.
_FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠])")

_BINS = (
    *(("100 %", 100), ("75–99 %", 75), ("50–74 %", 50)),
    *(("25–49 %", 25), ("1–24 %", 1e-9), ("0 %", float("-inf"))),
)


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
        out: the folder. ``junit.xml``, ``summary.md``, ``nbgrader.csv`` and ``grades.csv`` go
            there, and ``gradescope.json`` beside the ``results.json`` of each submission.
        formats: any of ``FORMATS``. What an earlier run left in another is written anew too.

    Raises:
        ValueError: a format is not known; nothing was written.
    """
    check_formats(formats)
    contents = {}
    for name, path, content in (
        ("", out / "grades.csv", grades_csv),
        ("junit", out / "junit.xml", junit),
        ("markdown", out / "summary.md", in_markdown),
        ("nbgrader", out / "nbgrader.csv", nbgrader_csv),
    ):
        if name in ("", *formats) or path.exists():
            contents[path] = content(results)
    for result in _sorted(results):
        path = folder_of(out, result.student, result.assignment) / "gradescope.json"
        if "gradescope" in formats or path.exists():
            contents[path] = json.dumps(gradescope(result), indent=2, ensure_ascii=False)
    for path, text in contents.items():
        with atomic_write(path) as temporary:
            temporary.write_bytes(text.encode())  # line ends as they are, on Windows too
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
        change.after.student,
        change.after.assignment,
        _mark(change.before),
        _mark(change.after),
        change.checks,
        change.because,
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
    return _csv(*_grades(results))


def in_markdown(results: Iterable[Result]) -> str:
    """The class as a table in Markdown, for GitHub's page of a run."""
    header, rows = _grades(results)
    text = f"### {len(rows)} submissions\n\n{markdown_table(header, rows[:MOST_ROWS], 300)}\n"
    more = len(rows) - MOST_ROWS
    return f"{text}\nAnd {more} more, in the artefact.\n" if more > 0 else text


def _grades(results: Iterable[Result]) -> tuple[list[str], list[list[str]]]:
    """The class as a table: its header, and its rows."""
    results = _sorted(results)
    checks = list(dict.fromkeys(check.name for result in results for check in result.checks))
    rows = []
    for result in results:
        points = {check.name: number(check.points) for check in result.checks}
        names = [check.misconception for check in result.checks if check.misconception]
        row = [
            *(result.student, result.assignment, result.status),
            *(number(result.score), number(result.max_score), f"{result.seconds:.1f}"),
            *(points.get(name, "") for name in checks),
            *("; ".join(names), _one_line(result.message, 1000)),
        ]
        rows.append([visible(cell) for cell in row])
    header = ["student", "assignment", "status", "score", "max_score", "seconds"]
    return [*header, *map(visible, checks), "misconceptions", "message"], rows


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
        row = {"assignment": result.assignment, "student_id": result.student, "raw_score": score}
        row |= {"late_submission_penalty": 0.0, "score": score}
        row |= {"max_score": float(possible[result.assignment])}
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


def junit(results: Iterable[Result]) -> str:
    """The class as JUnit XML: a suite for each submission, a case for each check.

    A wrong or missing answer is a failure; one that raised, and a submission that was not graded,
    an error. GitHub's readers show the attribute ``message``, GitLab the content; both are there.
    Only a submission's time is known, so its cases share it evenly: some readers stumble over a
    case without a time.
    """
    root, results = ET.Element("testsuites", name="cs231n-vis"), _sorted(results)
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
                about = {"message": _one_line(message), "type": visible(type_)}
                ET.SubElement(element, kind, about).text = readable(message)
        if result.message and result.graded:
            ET.SubElement(suite, "system-out").text = readable(result.message)
        _count(suite, result.seconds)
    _count(root, sum(result.seconds for result in results))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def summary(results: Iterable[Result], changes: Sequence[Change] = ()) -> RenderableType:
    """The class on a terminal: every submission, how the scores are spread, what went wrong."""
    results = _sorted(results)
    if not results:
        return Text("There are no submissions.")
    parts: list[RenderableType] = [_table(results)]
    parts += _distribution([r for r in results if r.graded and r.max_score > 0])
    parts += _misconceptions(results)
    parts += _changes(changes)
    parts += _not_graded([r for r in results if not r.graded])
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
        graded, full = result.graded, result.score >= result.max_score
        style = "bold red" if not graded else "green" if full else ""
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


def _section(
    title: str, style: str, rows: Iterable[Sequence], right: int = 1, gap: int = 1
) -> list[RenderableType]:
    """A title and a grid, whose first ``right`` columns are numbers; nothing without rows."""
    grid = Table.grid(padding=(0, gap))
    for row in rows:
        while len(grid.columns) < len(row):
            grid.add_column(justify="right" if len(grid.columns) < right else "left")
        grid.add_row(*row)
    return [Text(title, style), grid, Text()] if grid.rows else []


def _distribution(graded: Sequence[Result]) -> list[RenderableType]:
    if not graded:
        return []
    percents = [100 * result.score / result.max_score for result in graded]
    found = Counter(next(name for name, least in _BINS if p >= least) for p in percents)
    most = max(found.values())

    def bar(count: int) -> ProgressBar:
        return ProgressBar(most, count, 30, complete_style="cyan", finished_style="cyan")

    rows = [(name, str(found[name]), bar(found[name])) for name, _ in _BINS]
    middle = f"mean {mean(percents):.0f} %, median {median(percents):.0f} %"
    return _section(f"Scores: {len(graded)} graded, {middle}", "bold", rows, right=2)


def _misconceptions(results: Sequence[Result], most: int = 10) -> list[RenderableType]:
    counts = Counter(c.misconception for r in results for c in r.checks if c.misconception)
    commonest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    more = f" ({most} of {len(counts)})" if len(counts) > most else ""
    rows = [(str(count), Text(visible(name))) for name, count in commonest]
    return _section(f"Commonest misconceptions{more}", "bold", rows)


def _changes(changes: Sequence[Change]) -> list[RenderableType]:
    rows = [
        (
            Text(visible(change.after.student)),
            Text(f"{_mark(change.before)} → {_mark(change.after)}"),
            Text(visible(change.checks)),
            Text(f"({change.because})", "dim"),
        )
        for change in sorted(changes, key=lambda change: change.after.student)
    ]
    return _section(f"Moved since the run before: {len(changes)}", "bold yellow", rows, 0, gap=2)


def _not_graded(missing: Sequence[Result]) -> list[RenderableType]:
    by_reason = defaultdict(list)
    for result in missing:
        by_reason[_one_line(result.message, 500) or "no reason is known"].append(result.student)
    rows = []
    for reason, students in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        who = ", ".join(map(visible, students[:5])) + (", …" if len(students) > 5 else "")
        rows.append((str(len(students)), Text.assemble(reason, (f" ({who})", "dim"))))
    return _section(f"Not graded: {len(missing)}", "bold red", rows)


def _marks(result: Result) -> tuple:
    """All of a result that counts."""
    return result.status, [(c.name, c.points, c.max_points) for c in result.checks]


def _mark(result: Result) -> str:
    return f"{number(result.score)}/{number(result.max_score)}" if result.graded else "not graded"


def _points(points: dict[str, float], name: str) -> str:
    return number(points[name]) if name in points else "–"


def _sorted(results: Iterable[Result]) -> list[Result]:
    return sorted(results, key=lambda result: (result.student, result.assignment))


def _one_line(message: str, longest: int = 300) -> str:
    return " ".join(readable(message, longest).split())


def _csv(header: Iterable[str], rows: Iterable[Iterable]) -> str:
    stream = io.StringIO()
    safe = ([_FORMULA.sub(r"\1'", visible(cell)) for cell in row] for row in (header, *rows))
    csv.writer(stream).writerows(safe)
    return stream.getvalue()


def _kind(check: CheckResult) -> str | None:
    return None if check.status == PASSED else "error" if check.status == ERROR else "failure"


def _count(element: ET.Element, seconds: float) -> None:
    """Say how many cases there are below an element, and how they went."""
    found = Counter(each.tag for each in element.iter())
    told = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in told.items():
        element.set(name, str(found[tag]))
    element.set("time", f"{seconds:.3f}")
