"""The notebooks work with the real nbgrader, unchanged: it releases them, runs and marks them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from cs231n_vis.grading.grade import load_assignment
from cs231n_vis.making.release import SOLUTION, read_source

pytest.importorskip("nbgrader")

ROOT = Path(__file__).resolve().parents[2]
NAME = "01_saliency_maps"
STUB = "# YOUR CODE HERE\n    raise NotImplementedError()"  # nbgrader's own
RIGHT = """image = tf.convert_to_tensor(X)
    with tf.GradientTape() as t:
        t.watch(image)
        score = tf.reduce_sum(model(image) * tf.one_hot(y, 1000))
    saliency = np.abs(t.gradient(score, image)).max(axis=3)"""
WRONG = RIGHT.replace("np.abs(t.gradient(score, image))", "t.gradient(score, image).numpy()")
BY_HAND = "probability"
FORGED = f'{WRONG}\n    print("compute_saliency_maps: passed")'


def nbgrader(course, *arguments):
    """Run nbgrader in a course's folder; return what it logged. It must succeed."""
    scripts = Path(sys.executable).parent  # it looks for alembic's command on the path
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    environment |= {
        "PATH": os.pathsep.join([str(scripts), os.environ["PATH"]]),
        "JUPYTER_CONFIG_DIR": str(course / "no configuration"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={course}"],
        cwd=course,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """Our source, with two points that a person gives for one of its questions."""
    text = (ROOT / "notebooks" / "source" / f"{NAME}.py").read_text("utf-8")
    assert text.count(f'question="{BY_HAND}"\n') == 1
    text = text.replace(f'question="{BY_HAND}"', f'question="{BY_HAND}" points=2')
    path = tmp_path_factory.mktemp("source") / f"{NAME}.py"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def course(tmp_path_factory, text):
    """A course's folder with our source, released by nbgrader."""
    course = tmp_path_factory.mktemp("course")
    source = course / "source" / NAME / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(read_source(text), source)
    nbgrader(course, "generate_assignment", NAME)
    return course


@pytest.fixture(scope="module")
def released(course):
    return nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", 4)


@pytest.fixture(scope="module")
def log(course, released):
    """What nbgrader logged when it graded one right answer, one wrong and one that cheats."""
    for student, answer in {"right": RIGHT, "wrong": WRONG, "forged": FORGED}.items():
        notebook = nbformat.from_dict(released)
        sources = [cell.source for cell in notebook.cells]
        assert sum(STUB in source for source in sources) == 2
        for cell, source in zip(notebook.cells, sources, strict=True):
            if cell.id == "compute_saliency_maps":  # nobody writes the second answer
                cell.source = source.replace(STUB, answer)
            if student == "right" and cell.id == f"question_{BY_HAND}":
                cell.source = "Nearly zero."
            if student == "forged" and cell.id == "check_saliency_maps":
                cell.source = "pass"
        submitted = course / "submitted" / student / NAME / f"{NAME}.ipynb"
        submitted.parent.mkdir(parents=True)
        nbformat.write(notebook, submitted)
        for cell, source in zip(notebook.cells, sources, strict=True):
            cell.source = source
    return nbgrader(course, "autograde", NAME)


@pytest.fixture(scope="module")
def gradebook(course, log):
    from nbgrader.api import Gradebook

    path = os.environ["PATH"]
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
    try:
        with Gradebook(f"sqlite:///{(course / 'gradebook.db').as_posix()}") as gradebook:
            yield gradebook
    finally:
        os.environ["PATH"] = path


def test_no_line_of_a_solution_is_released(released, text):
    source = read_source(text)
    handed_out = "\n".join(cell.source for cell in released.cells)
    answers = [match[0] for cell in source.cells for match in SOLUTION.finditer(cell.source)]
    assert len(answers) == 2
    for line in map(str.strip, "\n".join(answers).splitlines()):
        assert line not in map(str.strip, handed_out.splitlines())
    words = [c for c in source.cells if c.cell_type == "markdown" and "nbgrader" in c.metadata]
    assert words and not [cell for cell in words if cell.source in handed_out]


def test_every_cell_is_released_in_its_place(released, text):
    source = read_source(text)
    assert [cell.id for cell in released.cells] == [cell.id for cell in source.cells]
    for before, after in zip(source.cells, released.cells, strict=True):
        grade = after.metadata.get("nbgrader", {})
        assert grade.get("grade_id") == before.metadata.get("nbgrader", {}).get("grade_id")
        if not grade.get("solution"):
            assert after.source == before.source
        if grade:
            assert re.fullmatch("[0-9a-f]{32}", grade["checksum"])


@pytest.mark.parametrize(("student", "score"), [("right", 10), ("wrong", 0), ("forged", 0)])
def test_score_in_the_gradebook(student, score, gradebook):
    submission = gradebook.find_submission(NAME, student)
    assert (submission.score, submission.max_score) == (score, 17)
    grades = {grade.name: grade for grade in submission.notebooks[0].grades}
    assert grades.pop("check_saliency_maps").score == score
    assert grades.pop("check_weighted_saliency_maps").score == 0
    by_hand = grades.pop(f"question_{BY_HAND}")
    assert by_hand.max_score == 2
    assert {grade.max_score for grade in grades.values()} == {0}  # the other questions
    waits = student == "right"  # the others wrote nothing, which nbgrader marks by itself
    assert by_hand.needs_manual_grade == submission.needs_manual_grade == waits


def test_our_grader_counts_no_points_that_a_person_gives(text):
    assert sum(load_assignment(text, 231).points.values()) == 15


def test_nbgrader_complains_of_the_forged_check_and_of_nothing_else(log):
    complaints = re.findall(r"App \| (?:WARNING|ERROR|CRITICAL)\] (.+)", log)
    complaints = [line for line in complaints if "nbgrader_config.py" not in line]
    assert len(complaints) == 1
    assert complaints[0].startswith("Attribute 'checksum' for cell check_saliency_maps has changed")
    assert "Traceback" not in log


def test_the_students_own_copy_after_grading_says_what_was_wrong(course, log):
    graded = nbformat.read(course / "autograded" / "wrong" / NAME / f"{NAME}.ipynb", 4)
    (check,) = (cell for cell in graded.cells if cell.id == "check_saliency_maps")
    assert "Some values are negative" in str(check.outputs)
