"""A class's table for GitHub's run page: ``python -m cs231n_vis.grading.class_summary CSV``."""

import csv
import sys
from pathlib import Path

from ..checking.run_summary import as_text

MOST = 1000  # rows; GitHub takes a summary of one megabyte


def in_markdown(grades: Path) -> str:
    """``grades.csv`` as a table in Markdown."""
    if not grades.is_file():
        return "### Nothing was graded\n\nSee the log of this run.\n"
    with open(grades, encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    lines = [f"### {len(rows)} submissions", "", _row(header), "|---" * len(header) + "|"]
    lines += map(_row, rows[:MOST])
    if len(rows) > MOST:
        lines += ["", f"And {len(rows) - MOST} more, in the artefact."]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(as_text(cell, 300) for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(in_markdown(Path(sys.argv[1])))
