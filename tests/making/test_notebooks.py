"""The notebooks as people run them: real kernels, real nbval, and the commands of the README."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbval_runs import nbval
from PIL import Image

ROOT = Path(__file__).parents[2]


def run(*command, **options):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *map(str, command)],
        **{"cwd": ROOT, "capture_output": True, "text": True, "env": environment} | options,
    )


def edit(path, to, cell_id, before, after):
    notebook = nbformat.read(path, 4)
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    assert before in cell.source
    cell.source = cell.source.replace(before, after)
    nbformat.write(notebook, to)
    return to


class NotebookTest:
    """A notebook as students get it and, if it is of the course, its solution, each run once."""

    path: Path

    solution: Path | None

    @pytest.fixture(scope="class")
    @classmethod
    def ran(cls):
        return nbval([path for path in (cls.path, cls.solution) if path])

    def test_the_untouched_student_notebook_fails_at_its_checks_and_nowhere_else(self, ran):
        code = [c for c in nbformat.read(self.path, 4).cells if c.cell_type == "code"]
        failed = [
            c for c, end in zip(code, ran[str(self.path)].outcomes, strict=True) if end == "failed"
        ]
        assert failed == [c for c in code if _grade(c).get("points")], ran[str(self.path)].told
        for answer in (c.id for c in code if _grade(c).get("solution")):
            told = f"{answer} is not right yet. It returned nothing: fill in the"
            assert told in ran[str(self.path)].told
        assert "Traceback (most recent call last)" not in ran[str(self.path)].told

    def test_the_solution_passes(self, ran):
        if self.solution:
            assert set(ran[str(self.solution)].outcomes) == {"passed"}, ran[str(self.solution)].told

    def test_the_solution_prints_no_warning_and_its_pictures_have_alternative_text(self):
        cells = nbformat.read(self.solution, 4).cells if self.solution else ()
        outputs = [o for c in cells for o in c.get("outputs", ())]
        assert bool(outputs) == bool(self.solution)
        assert [o.text for o in outputs if o.get("name") == "stderr"] == []
        assert not [
            o for o in outputs if o.output_type == "error" or "Warning" in o.get("text", "")
        ]
        pictures = [o.data["text/html"] for o in outputs if "<img" in str(o.get("data", {}))]
        assert bool(pictures) == bool(self.solution)
        assert all(re.match('<img alt="[^"]{20,}" src=', p) for p in pictures)


for _path in sorted((ROOT / "notebooks").glob("*.ipynb")):
    _solution = _path.parent / "solutions" / _path.name
    _about = {"path": _path, "solution": _solution if _solution.is_file() else None}
    globals()[f"Test_{_path.stem}"] = type(f"Test_{_path.stem}", (NotebookTest,), _about)


def _grade(cell):
    return cell.metadata.get("nbgrader", {})


def test_a_student_is_told_which_answer_is_right_and_what_is_wrong_with_the_other(tmp_path):
    answer = (
        "image = tf.convert_to_tensor(X)\n"
        "    with tf.GradientTape() as t:\n"
        "        t.watch(image)\n"
        "        score = tf.reduce_sum(model(image) * tf.one_hot(y, 1000))\n"
        "    saliency = np.abs(t.gradient(score, image)).max(axis=3)"
    )
    filled_in = edit(
        ROOT / "notebooks" / "01_saliency_maps.ipynb",
        tmp_path / "filled_in.ipynb",
        "compute_saliency_maps",
        "# *** your code goes here ***",
        answer,
    )
    negative = edit(
        ROOT / "notebooks" / "solutions" / "01_saliency_maps.ipynb",
        tmp_path / "negative.ipynb",
        "compute_saliency_maps",
        "tf.abs(gradient)",
        "gradient",
    )
    first, second = nbval([filled_in, negative]).values()
    assert first.counts["failed"] == 1  # the other answer
    assert "compute_weighted_saliency_maps is not right yet" in first.told
    assert second.counts["failed"] == 1 and "Some values are negative" in second.told


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
