"""A class's results: which files are written of it, its table, and a summary for the terminal.

Every function takes finished results and computes no grade. No format holds the seed. Names and
messages come from students: in each format they are made visible, so that nothing in them reaches
a terminal, a spreadsheet or a parser as anything but text.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import mean, median

from rich import box
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..checking.results import MARKED, PASSED, Result, markdown_table
from ..files import atomic_write
from . import platforms
from .class_page import class_page
from .course import Course
from .feedback import feedback_page, number, visible
from .key import why_other
from .platforms import by_student, one_line, table
from .results import folder_of

FORMATS = ("canvas", "gradescope", "junit", "markdown", "moodle", "nbgrader", "prairielearn")
NO_COURSE = Course()
MOST_ROWS = 1000  # in Markdown; GitHub takes a summary of one megabyte

CHANGES = ("time", "student", "assignment", "before", "after", "checks", "because")

_BINS = (
    *(("100 %", 100), ("75–99 %", 75), ("50–74 %", 50)),
    *(("25–49 %", 25), ("1–24 %", 1e-9), ("0 %", float("-inf"))),
)


def check_formats(formats: Iterable[str], course: Course) -> None:
    """Raise ValueError if a format is not among those there are, or lacks what it needs."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise ValueError(
            f"There is no format {', '.join(map(visible, unknown))}; "
            f"there are {', '.join(FORMATS)}."
        )
    for name in _OF_A_ROSTER:
        if name in formats and name not in course.roster:
            raise ValueError(
                f"The format {name} fills in {name.capitalize()}'s own export of the class: name "
                f'that file in course.toml, under [roster], as {name} = "{name}.csv".'
            )
        if name in course.roster:
            _OF_A_ROSTER[name]([], course.roster[name])  # which raises if it cannot be filled in


def write_class_report(
    results: Sequence[Result],
    out: Path,
    formats: Sequence[str] = (),
    course: Course = NO_COURSE,
    others: Sequence[Result] = (),
) -> list[str]:
    """Write ``grades.csv``, the pages of the class and of each student, and what else is asked for.

    Args:
        results: one for each submission, with its marks.
        out: the folder. ``report.html``, ``junit.xml``, ``summary.md`` and tables go there, and
            ``gradescope.json`` and ``prairielearn.json`` beside each ``results.json``.
        formats: any of ``FORMATS``. What an earlier run left in another is written anew too.
        course: where the platforms' own exports are.
        others: of the course's other assignments; ``grades.csv`` and ``nbgrader.csv`` hold them.

    Returns:
        Sentences on who is not in such an export.

    Raises:
        ValueError: a format is not known, or cannot be written; nothing was.
    """
    check_formats(formats, course)
    contents, told = {}, []
    for name, path, content in (
        ("", out / "grades.csv", grades_csv),
        ("", out / "report.html", partial(class_page, out=out)),
        ("junit", out / "junit.xml", platforms.junit),
        ("markdown", out / "summary.md", in_markdown),
        ("nbgrader", out / "nbgrader.csv", platforms.nbgrader_csv),
    ):
        if name in ("", *formats) or path.exists():
            contents[path] = content([*results, *others] if path.suffix == ".csv" else results)
    for name, fill_in in _OF_A_ROSTER.items():
        path = out / f"{name}.csv"
        if name in course.roster and (name in formats or path.exists()):
            contents[path], missing = fill_in(results, course.roster[name])
            if missing:
                names = ", ".join(map(visible, missing[:10])) + (", …" if missing[10:] else "")
                told.append(f"Not found, or twice, in {course.roster[name]}: {names}.")
    for result in by_student(results):
        folder = folder_of(out, result.student, result.assignment)
        for name, of_one in _OF_ONE.items():
            path = folder / f"{name}.json"
            if name in formats or path.exists():
                contents[path] = json.dumps(of_one(result, folder), indent=2, ensure_ascii=False)
        contents[folder / "feedback.html"] = feedback_page(result, folder)
    for path, text in contents.items():
        with atomic_write(path) as temporary:
            temporary.write_bytes(text.encode())  # line ends as they are, on Windows too
    return told


_OF_A_ROSTER = {"canvas": platforms.canvas_csv, "moodle": platforms.moodle_csv}
_OF_ONE = {"gradescope": platforms.gradescope, "prairielearn": platforms.prairielearn}


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
    told = path.read_bytes().decode() if path.exists() else table(CHANGES, [])
    with atomic_write(path) as temporary:
        temporary.write_bytes((told + table(row, [])).encode())


def grades_csv(results: Iterable[Result]) -> str:
    """The class as a table (RFC 4180), one row for each submission, sorted by student.

    Each check has a column with its points, empty where the submission has no such check. An
    apostrophe is put before what a spreadsheet would take for a formula. A submission that was
    not graded has the score 0 of its ``results.json``; its status says why that is.
    """
    return table(*_grades(results))


def in_markdown(results: Iterable[Result]) -> str:
    """The class as a table in Markdown, for GitHub's page of a run."""
    header, rows = _grades(results)
    text = f"### {len(rows)} submissions\n\n{markdown_table(header, rows[:MOST_ROWS], 300)}\n"
    more = len(rows) - MOST_ROWS
    return f"{text}\nAnd {more} more, in the artefact.\n" if more > 0 else text


def _grades(results: Iterable[Result]) -> tuple[list[str], list[list[str]]]:
    """The class as a table: its header, and its rows."""
    results = by_student(results)
    checks = list(dict.fromkeys(check.name for result in results for check in result.checks))
    rows = []
    for result in results:
        points = {check.name: 0.0 for check in result.checks}
        for check in result.checks:  # of which several can have a name: adjustments
            points[check.name] += check.points
        names = [check.misconception for check in result.checks if check.misconception]
        row = [
            *(result.student, result.assignment, result.status),
            *(number(result.score), number(result.max_score), f"{result.seconds:.1f}"),
            *(number(points[name]) if name in points else "" for name in checks),
            *("; ".join(names), one_line(result.message, 1000)),
        ]
        rows.append([visible(cell) for cell in row])
    header = ["student", "assignment", "status", "score", "max_score", "seconds"]
    return [*header, *map(visible, checks), "misconceptions", "message"], rows


def summary(results: Iterable[Result], changes: Sequence[Change] = ()) -> RenderableType:
    """The class on a terminal: every submission, how the scores are spread, what went wrong."""
    results = by_student(results)
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
        wrong = [check for check in result.checks if check.status not in (PASSED, MARKED)]
        said = [check.misconception or check.status for check in wrong] or [PASSED]
        messages = [result.message, *(check.message for check in wrong)]
        table.add_row(
            cut(visible(result.student)),
            *([cut(visible(result.assignment))] if len(table.columns) == 5 else []),
            Text(_mark(result) if graded else "–", style),
            Text(visible(", ".join(said) if graded else result.status), style),
            cut(one_line(next(filter(None, messages), ""), 200)),
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
        by_reason[one_line(result.message, 500) or "no reason is known"].append(result.student)
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
