"""What the walls hold when an ordinary user grades, as most people do."""

import subprocess
import sys
from pathlib import Path

import nbformat
from ordinary_user import as_an_ordinary_user
from submissions import as_notebook, submissions

from cs231n_vis.grading.results import read_result
from cs231n_vis.making.release import read_source, student_version

ROOT = Path(__file__).parents[2]


def test_an_ordinary_user_who_grades_gives_nothing_for_what_was_hidden(tmp_path):
    (cheat,) = (s for s in submissions("cheating") if s.name == "uncovers_what_is_hidden")
    student = student_version(read_source(ROOT / "notebooks/source/01_saliency_maps.py"))
    nbformat.write(as_notebook(cheat, student), tmp_path / "mallory.ipynb")
    files = [str(tmp_path / "mallory.ipynb"), "--out", str(tmp_path / "out")]
    argv = [sys.executable, "-m", "cs231n_vis.cli", "grade", *files]
    done = subprocess.run(as_an_ordinary_user(argv, tmp_path), cwd=ROOT, stdout=subprocess.PIPE)
    (result,) = map(read_result, tmp_path.glob("out/*/*/results.json"))
    assert done.returncode == 0 and "NOT walled off" not in done.stdout.decode()
    assert result.score == 0 and result.checks[0].status == "error", result
