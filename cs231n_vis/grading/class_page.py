"""The class as one page: how each check went, what was misunderstood, what took how long.

Laid out in ``class.html.jinja``, with a policy that lets a browser load nothing else. It names
students: it is the instructor's.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

from ..checking.results import ERROR, FAILED, LATE, MARKED, MISSING, PASSED, WAITING, Result
from .feedback import STATUS_WORDS, page, picture_in_page, picture_of
from .platforms import by_student
from .results import folder_of
from .similar import Pair, similar

STATUSES = (PASSED, FAILED, MISSING, ERROR)
BINS = 10  # of a distribution
NAMED = 8  # students, in one line


def class_page(results: Sequence[Result], out: Path) -> str:
    """The page.

    Args:
        results: of one class, with their marks.
        out: the folder with their pictures and notebooks.
    """
    results = by_student(results)  # not as they were done
    graded = [result for result in results if result.graded]
    percents = [100 * r.score / r.max_score for r in graded if r.max_score > 0]
    pairs: list[Pair] | None
    try:
        pairs = similar(results, out)
    except ModuleNotFoundError:
        pairs = None
    return page(
        "class.html.jinja",
        assignment=", ".join(sorted({result.assignment for result in results})),
        graded=len(graded),
        missing=[result for result in results if not result.graded],
        middle={"mean": mean(percents), "median": median(percents)} if percents else None,
        scores=_bins(percents, 100, "%"),
        checks=_checks(graded),
        misconceptions=_misconceptions(graded, out),
        questions=_questions(graded),
        late=_late(graded),
        seconds=_seconds(graded),
        pairs=pairs,
        status_words=STATUS_WORDS,
        statuses=STATUSES,
        named=NAMED,
    )


def _bins(values: Sequence[float], most: float, unit: str) -> list[dict]:
    """How many values are in each tenth of the way to the largest there can be."""
    found = Counter(min(int(BINS * value / most), BINS - 1) if value > 0 else 0 for value in values)
    highest = max(found.values(), default=1)
    return [
        {
            "label": f"{most * i / BINS:g}–{most * (i + 1) / BINS:g} {unit}",
            "count": found[i],
            "height": 100 * found[i] / highest,
        }
        for i in range(BINS)
    ]


def _checks(graded: Sequence[Result]) -> list[dict]:
    found: dict[str, Counter] = defaultdict(Counter)
    earned: dict[str, list[float]] = defaultdict(list)
    for result in graded:
        for check in result.checks:
            if check.status in STATUSES:
                found[check.name][check.status] += 1
                earned[check.name].append(check.points / (check.max_points or 1))
    rows = []
    for name, counts in found.items():
        whole, begin, parts = sum(counts.values()), 0.0, []
        for status in STATUSES:
            width = 100 * counts[status] / whole
            parts.append({"status": status, "count": counts[status], "x": begin, "width": width})
            begin += width
        rows.append({"name": name, "parts": parts, "mean": 100 * mean(earned[name])})
    return rows


def _misconceptions(graded: Sequence[Result], out: Path) -> list[dict]:
    found: dict[tuple[str, str], list] = defaultdict(list)
    for result in graded:
        for check in result.checks:
            if check.misconception:
                found[check.misconception, check.name].append((result, check))
    rows = []
    for (misconception, name), those in sorted(found.items(), key=lambda one: -len(one[1])):
        picture = None
        for result, check in those:
            path = picture_of(name, folder_of(out, result.student, result.assignment))
            if check.picture and path.is_file():
                picture = picture_in_page(path, check.picture)
                break
        rows.append(
            {
                "name": misconception,
                "check": name,
                "count": len(those),
                "students": [result.student for result, _ in those],
                "message": those[0][1].message,
                "picture": picture,
            }
        )
    return rows


def _questions(graded: Sequence[Result]) -> list[dict]:
    found: dict[str, list] = defaultdict(list)
    for result in graded:
        for check in result.checks:
            if check.status in (MARKED, WAITING):
                found[check.name].append(check)
    return [
        {
            "name": name.removeprefix("question "),
            "marked": sum(check.status == MARKED for check in those),
            "of": len(those),
            "mean": mean([c.points for c in those if c.status == MARKED] or [0]),
            "most": max(check.max_points for check in those),
        }
        for name, those in found.items()
    ]


def _late(graded: Sequence[Result]) -> list[dict]:
    return [
        {"student": result.student, "points": check.points, "message": check.message}
        for result in graded
        for check in result.checks
        if check.status == LATE
    ]


def _seconds(graded: Sequence[Result]) -> dict | None:
    seconds = sorted((result.seconds, result.student) for result in graded)
    if not seconds:
        return None
    return {
        "median": median(each for each, _ in seconds),
        "sum": sum(each for each, _ in seconds),
        "longest": [{"student": who, "seconds": each} for each, who in seconds[:-4:-1]],
    }
