"""The notebooks as people run them: real kernels, real nbval, and the commands of the README."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
STUDENTS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def run(*command, **options):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *map(str, command)],
        **{"cwd": ROOT, "capture_output": True, "text": True, "env": environment} | options,
    )


def nbval(notebook):
    """Run nbval in a process of its own; return (exit status, what it printed)."""
    done = run("-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider", "--color=no", notebook)
    return done.returncode, done.stdout


def edit(path, to, cell_id, before, after):
    notebook = nbformat.read(path, 4)
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    assert before in cell.source
    cell.source = cell.source.replace(before, after)
    nbformat.write(notebook, to)
    return to


@pytest.mark.parametrize("notebook", SOLUTIONS, ids=lambda path: path.stem)
class TestSolution:
    def test_passes_nbval(self, notebook):
        status, printed = nbval(notebook)
        assert status == 0, printed

    def test_prints_no_warning_and_nothing_to_stderr(self, notebook):
        outputs = [o for c in nbformat.read(notebook, 4).cells for o in c.get("outputs", ())]
        assert outputs
        assert [o.text for o in outputs if o.get("name") == "stderr"] == []
        assert not [
            o for o in outputs if o.output_type == "error" or "Warning" in o.get("text", "")
        ]

    def test_every_picture_has_alternative_text(self, notebook):
        outputs = [o for c in nbformat.read(notebook, 4).cells for o in c.get("outputs", ())]
        pictures = [o.data["text/html"] for o in outputs if "<img" in str(o.get("data", {}))]
        assert pictures and all(re.match('<img alt="[^"]{20,}" src=', p) for p in pictures)


@pytest.mark.parametrize("notebook", STUDENTS, ids=lambda path: path.stem)
def test_the_untouched_student_notebook_fails_at_its_checks_and_nowhere_else(notebook):
    cells = nbformat.read(notebook, 4).cells
    answers = [c.id for c in cells if c.cell_type == "code" and _grade(c).get("solution")]
    checks = [c.id for c in cells if c.cell_type == "code" and _grade(c).get("points")]
    status, printed = nbval(notebook)
    assert status == (1 if checks else 0), printed
    if checks:
        assert f" {len(checks)} failed" in printed
    for answer in answers:
        assert f"{answer} is not right yet. It returned nothing: fill in the" in printed
    assert "Traceback (most recent call last)" not in printed


def _grade(cell):
    return cell.metadata.get("nbgrader", {})


def test_a_student_who_fills_in_the_answer_passes(tmp_path):
    answer = (
        "image = tf.convert_to_tensor(X)\n"
        "    with tf.GradientTape() as t:\n"
        "        t.watch(image)\n"
        "        score = tf.reduce_sum(model(image) * tf.one_hot(y, 1000))\n"
        "    saliency = np.abs(t.gradient(score, image)).max(axis=3)"
    )
    notebook = edit(
        ROOT / "notebooks" / "01_saliency_maps.ipynb",
        tmp_path / "01_saliency_maps.ipynb",
        "compute_saliency_maps",
        "# *** your code goes here ***",
        answer,
    )
    status, printed = nbval(notebook)
    assert status == 1 and " 1 failed" in printed, printed  # the other answer
    assert "compute_weighted_saliency_maps is not right yet" in printed


def test_a_student_without_the_absolute_value_fails(tmp_path):
    notebook = edit(
        ROOT / "notebooks" / "solutions" / "01_saliency_maps.ipynb",
        tmp_path / "01_saliency_maps.ipynb",
        "compute_saliency_maps",
        "tf.abs(gradient)",
        "gradient",
    )
    status, printed = nbval(notebook)
    assert status == 1 and "Some values are negative" in printed


def test_the_demo_writes_the_figure(tmp_path):
    done = run("-m", "cs231n_vis.cli", "demo", "--build", tmp_path / "build")
    assert done.returncode == 0, done.stdout + done.stderr
    with Image.open(tmp_path / "build" / "saliency_maps.png") as figure:
        assert figure.format == "PNG" and figure.width > 1000
    assert "passed" in done.stdout and done.stderr == ""


@pytest.mark.parametrize("command", ["demo", "release"])
def test_a_command_run_in_the_wrong_folder_says_so(command, tmp_path):
    done = run("-m", "cs231n_vis.cli", command, cwd=tmp_path)
    assert done.returncode == 1 and list(tmp_path.iterdir()) == []
    assert "run this from the folder that holds notebooks/" in done.stderr
