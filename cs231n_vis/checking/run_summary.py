"""What runs of ``pytest --nbval-lax NAME.ipynb --junitxml=REPORTS/NAME.xml`` found, for GitHub.

python -m cs231n_vis.checking.run_summary REPORTS NOTEBOOK…           a summary in Markdown
python -m cs231n_vis.checking.run_summary --points REPORTS NOTEBOOK…  notices for GitHub Classroom
"""

import html
import json
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

_COLOUR = re.compile(r"(?:\x1b|#x1B)\[[\d;]*m")  # pytest writes the escape sign as #x1B
_CHECK = "check_"


@dataclass(frozen=True)
class Cell:
    """One cell that was run.

    Attributes:
        name: of a check, ``saliency_maps``; of any other cell, ``Cell 3``.
        points: what it carries; None if it is no check.
        failure: what went wrong, in plain text; None if nothing did.
    """

    name: str
    points: float | None
    failure: str | None


def read_run(notebook: Path, report: Path) -> list[Cell]:
    """The cells that were run, in order.

    Raises:
        OSError, ValueError: the notebook or the report is not there or cannot be read.
    """
    try:
        written = json.loads(notebook.read_text("utf-8"))["cells"]
        code = [cell for cell in written if cell["cell_type"] == "code"]
        names = [str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")) for cell in code]
        points = [cell.get("metadata", {}).get("nbgrader", {}).get("points") for cell in code]
        cases = list(ET.parse(report).iter("testcase"))
    except (KeyError, TypeError, AttributeError, ValueError, ET.ParseError) as problem:
        raise ValueError(f"{notebook} or {report} cannot be read: {problem}.") from problem
    cells = []
    for case in cases:
        name, worth = case.get("name", ""), None
        number = re.fullmatch(r"Cell (\d+)", name)
        if number and int(number[1]) < len(code) and names[int(number[1])].startswith(_CHECK):
            name, worth = names[int(number[1])], points[int(number[1])]
        if name.startswith(_CHECK):
            name = name.removeprefix(_CHECK)
            worth = worth if isinstance(worth, int | float) else 0
        cells.append(Cell(name, worth, _failure(case)))
    return cells


def _failure(case: ET.Element) -> str | None:
    for kind in ("failure", "error"):
        if (found := case.find(kind)) is not None:
            text = _COLOUR.sub("", found.text or found.get("message", ""))
            text = text.removeprefix("Notebook cell execution failed").split("\n\nInput:\n")[0]
            return re.sub(r"^\s*Cell \d+: ", "", text).strip() or "It failed."
    return None


def in_markdown(name: str, cells: list[Cell]) -> str:
    """Of one notebook: a table of the checks, and which other cells failed."""
    checks = [cell for cell in cells if cell.points is not None]
    title = f"### {as_text(name)}: "
    if not checks:
        return f"{title}nothing was checked\n\nIt did not run: see the log of this run.\n\n"
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
    """The points as GitHub Classroom's own reporter writes them."""
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
    return re.sub(r"([\\`*_\[\]|~$:@#])", lambda sign: f"&#{ord(sign[1])};", html.escape(text))


def main() -> None:
    only_points = sys.argv[1] == "--points"
    reports, *notebooks = map(Path, sys.argv[2:] if only_points else sys.argv[1:])
    runs: dict[str, list[Cell]] = {}
    for notebook in notebooks:
        try:
            runs[notebook.stem] = read_run(notebook, reports / f"{notebook.stem}.xml")
        except (OSError, ValueError) as problem:
            print(problem, file=sys.stderr)
            runs[notebook.stem] = []
    sys.stdout.reconfigure(encoding="utf-8")
    if only_points:
        sys.stdout.write(notices([cell for cells in runs.values() for cell in cells]))
    else:
        sys.stdout.writelines(in_markdown(name, cells) for name, cells in runs.items())


if __name__ == "__main__":
    main()
