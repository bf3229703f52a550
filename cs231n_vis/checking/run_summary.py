"""What runs of ``pytest --nbval-lax NAME.ipynb --junitxml=REPORTS/NAME.xml`` found, for GitHub.

python -m cs231n_vis.checking.run_summary REPORTS NOTEBOOK…           a summary in Markdown
python -m cs231n_vis.checking.run_summary --points REPORTS NOTEBOOK…  notices on GitHub's run page
"""

import contextlib
import html
import json
import re
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DID_NOT_RUN = "It did not run: see the log of this run."
NOT_JUDGED = "It was not judged: its cell and that of its answer are not there."


@dataclass(frozen=True)
class Cell:
    """One cell that was run, or a check that should have been.

    Attributes:
        name: of a check, ``saliency_maps``; of any other cell, ``Cell 3``.
        points: what it carries; None if it is no check.
        failure: what went wrong, in plain text; None if nothing did.
    """

    name: str
    points: float | None
    failure: str | None


def read_run(notebook: Path, report: Path) -> list[Cell]:
    """The checks of a notebook, each once, and the other cells that were run.

    The plugin writes into the report which check a cell is, and what was wrong. A check of which
    there are several cells passes if all of them do.
    """
    points = points_of(notebook)
    try:
        cases = list(ET.parse(report).iter("testcase"))
    except (OSError, ET.ParseError) as problem:
        print(f"{report} cannot be read: {problem}.", file=sys.stderr)
        return [Cell(name, worth, DID_NOT_RUN) for name, worth in points.items()]
    others, judged = [], defaultdict(list)
    for case in cases:
        said = {each.get("name"): each.get("value") for each in case.iter("property")}
        failed = case.find("failure") is not None or case.find("error") is not None
        failure = said.get("message") or "It failed." if failed else None
        if check := said.get("check"):
            judged[check].append(failure)
        else:
            others.append(Cell(case.get("name", ""), None, failure))
    checks = [
        Cell(name, points.get(name, 0), next(filter(None, judged.get(name, [NOT_JUDGED])), None))
        for name in {**points, **judged}
    ]
    return checks + others


def points_of(notebook: Path, project: Path = Path("pyproject.toml")) -> dict[str, float]:
    """The points of a notebook's checks: as handed out with it, or else as its metadata say."""
    points = {}
    with contextlib.suppress(OSError, KeyError, TypeError, AttributeError, ValueError):
        for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
            grade = cell.get("metadata", {}).get("nbgrader", {})
            if str(grade.get("grade_id")).startswith("check_"):
                points[grade["grade_id"].removeprefix("check_")] = grade.get("points")
    with contextlib.suppress(OSError, KeyError, ValueError):
        handed_out = tomllib.loads(project.read_text("utf-8"))["tool"]["cs231n-vis"]["points"]
        points = handed_out[notebook.stem]
    return {name: worth if isinstance(worth, int | float) else 0 for name, worth in points.items()}


def in_markdown(name: str, cells: list[Cell]) -> str:
    """Of one notebook: a table of the checks, and which other cells failed."""
    checks = [cell for cell in cells if cell.points is not None]
    title = f"### {as_text(name)}: "
    if all(check.failure == DID_NOT_RUN for check in checks):
        return f"{title}nothing was checked\n\n{DID_NOT_RUN}\n\n"
    earned, possible = _points(checks)
    lines = [f"{title}{earned:g} of {possible:g} points", "", "| check | | |", "|---|---|---|"]
    for check in checks:
        mark = "❌" if check.failure else "✅"
        lines.append(f"| {as_text(check.name)} | {mark} | {as_text(check.failure or 'Right.')} |")
    others = [cell.name for cell in cells if cell.points is None and cell.failure]
    if others:
        lines += ["", f"These cells raised an error: {as_text(', '.join(others))}."]
    lines += ["", "The notebook with its pictures is in the artefact *feedback* of this run."]
    return "\n".join(lines) + "\n\n"


def notices(cells: list[Cell]) -> str:
    """The points as notices, which GitHub shows on the page of the run."""
    earned, possible = _points([cell for cell in cells if cell.points is not None])
    report = json.dumps({"totalPoints": earned, "maxPoints": possible})
    return (
        f"::notice title=Autograding complete::Points {earned:g}/{possible:g}\n"
        f"::notice title=Autograding report::{report}\n"
    )


def _points(checks: list[Cell]) -> tuple[float, float]:
    return sum(c.points for c in checks if not c.failure), sum(c.points for c in checks)


def as_text(text: str, longest: int = 600) -> str:
    """What somebody wrote, as it is, on one line of a Markdown table."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    text = html.escape(text, quote=False)  # which would write # for the next line to escape
    return re.sub(r"([\\`*_\[\]|~$:@#])", lambda sign: f"&#{ord(sign[1])};", text)


def main() -> None:
    only_points = sys.argv[1] == "--points"
    reports, *notebooks = map(Path, sys.argv[2:] if only_points else sys.argv[1:])
    runs = {
        notebook.stem: read_run(notebook, reports / f"{notebook.stem}.xml")
        for notebook in notebooks
    }
    sys.stdout.reconfigure(encoding="utf-8")
    if only_points:
        sys.stdout.write(notices([cell for cells in runs.values() for cell in cells]))
    else:
        sys.stdout.writelines(in_markdown(name, cells) for name, cells in runs.items())


if __name__ == "__main__":
    main()
