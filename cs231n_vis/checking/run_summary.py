"""What runs of ``pytest --nbval-lax NAME.ipynb --junitxml=REPORTS/NAME.xml`` found, for GitHub.

python -m cs231n_vis.checking.run_summary REPORTS NOTEBOOK…           a summary in Markdown
python -m cs231n_vis.checking.run_summary --points REPORTS NOTEBOOK…  notices on GitHub's run page
"""

import contextlib
import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from .results import ERROR, MISSING, PASSED, CheckResult, Result, as_text, markdown_table

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DID_NOT_RUN = "It did not run: see the log of this run."
NOT_JUDGED = "It was not judged: its cell and that of its answer are not there."


def read_run(notebook: Path, report: Path) -> Result:
    """The checks of a notebook, each once; the message tells of other cells that failed.

    The plugin writes into the report which check a cell is, and what was wrong. A check of which
    there are several cells passes if all of them do.
    """
    points = points_of(notebook)
    checks, failed = {}, []
    try:
        cases = list(ET.parse(report).iter("testcase"))
    except (OSError, ET.ParseError) as problem:
        print(f"{report} cannot be read: {problem}.", file=sys.stderr)
        checks = {name: CheckResult(name, 0, points[name], ERROR, DID_NOT_RUN) for name in points}
        cases = []
    for case in cases:
        said = {each.get("name", ""): each.get("value", "") for each in case.iter("property")}
        wrong = case.find("failure") is not None or case.find("error") is not None
        if name := said.get("check"):
            worth = points.setdefault(name, 0)
            result = CheckResult(name, worth, worth, PASSED, "Right.")
            if wrong:
                message = said.get("message") or "It failed."
                about = said.get("status", ERROR), message, said.get("misconception")
                result = CheckResult(name, 0, worth, *about)
            if name not in checks or checks[name].status == PASSED:
                checks[name] = result
        elif wrong:
            failed.append(case.get("name", ""))
    every = [
        checks.get(name) or CheckResult(name, 0, worth, MISSING, NOT_JUDGED)
        for name, worth in points.items()
    ]
    ran = any(check.message != DID_NOT_RUN for check in every)
    message = f"These cells raised an error: {', '.join(failed)}." if failed else ""
    status, message = ("graded", message) if ran else ("not graded", DID_NOT_RUN)
    return Result("", notebook.stem, status, checks=tuple(every), message=message)


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


def in_markdown(result: Result) -> str:
    """Of one notebook: a table of the checks, and which other cells failed."""
    title = f"### {as_text(result.assignment)}: "
    if not result.graded:
        return f"{title}nothing was checked\n\n{result.message}\n\n"
    rows = [
        (check.name, "✅" if check.status == PASSED else "❌", check.message)
        for check in result.checks
    ]
    parts = [
        f"{title}{result.score:g} of {result.max_score:g} points",
        markdown_table(("check", "", ""), rows, 600),
        as_text(result.message),
        "The notebook with its pictures is in the artefact *feedback* of this run.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n\n"


def notices(results: list[Result]) -> str:
    """The points as notices, which GitHub shows on the page of the run."""
    earned, possible = (sum(getattr(r, n) for r in results) for n in ("score", "max_score"))
    report = json.dumps({"totalPoints": earned, "maxPoints": possible})
    return (
        f"::notice title=Autograding complete::Points {earned:g}/{possible:g}\n"
        f"::notice title=Autograding report::{report}\n"
    )


def main() -> None:
    only_points = sys.argv[1] == "--points"
    reports, *notebooks = map(Path, sys.argv[2:] if only_points else sys.argv[1:])
    results = [read_run(notebook, reports / f"{notebook.stem}.xml") for notebook in notebooks]
    told = notices(results) if only_points else "".join(map(in_markdown, results))
    sys.stdout.buffer.write(told.encode())


if __name__ == "__main__":
    main()
