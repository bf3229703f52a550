"""One text makes both notebooks, and no solution ever reaches a student."""

import ast
from pathlib import Path

import nbformat
import pytest

from cs231n_vis.making import release

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOURCE = '''# %% [markdown]
# # A title

# %% answer="double" tags=["mine"]
def double(x):
    """Twice x."""
    result = None
    ### BEGIN SOLUTION
    result = 2 * x
    ### END SOLUTION
    return result

# %% check="double" points=3
assert double(2) == 4

# %% [markdown] question="why"
# Because.
'''


@pytest.fixture
def notebooks(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "01_double.py").write_text(SOURCE)
    return tmp_path


def test_what_is_committed_is_in_step_with_its_source():
    assert list(release.out_of_step(NOTEBOOKS)) == []


@pytest.mark.parametrize(
    "source", sorted((NOTEBOOKS / "source").glob("0[1-9]_*.py")), ids=lambda path: path.stem
)
def test_no_line_of_a_solution_is_left_in_an_answer_cell(source):
    notebook = release.for_people(source, NOTEBOOKS.parent)
    student = nbformat.read(NOTEBOOKS / f"{source.stem}.ipynb", 4)
    solved = 0
    for cell, left in zip(notebook.cells, student.cells, strict=True):
        for match in release.SOLUTION.finditer(cell.source):
            lines = [line.strip() for line in match[0].splitlines()]
            assert not [line for line in lines if len(line) > 3 and line in left.source]
            solved += 1
    assert solved


def test_the_student_gets_the_frame_and_the_instructor_the_solution(notebooks):
    list(release.release(notebooks))
    student = nbformat.read(notebooks / "01_double.ipynb", 4)
    solution = nbformat.read(notebooks / "solutions" / "01_double.ipynb", 4)
    assert student.cells[1].source == (
        'def double(x):\n    """Twice x."""\n    result = None\n'
        "    # *** your code goes here ***\n    return result"
    )
    assert "result = 2 * x" in solution.cells[1].source
    assert [cell.source for cell in (student.cells[3], solution.cells[3])] == [
        "*Your answer goes here.*",
        "Because.",
    ]
    assert [cell.id for cell in student.cells] == [
        "cell-00",
        "double",
        "check_double",
        "question_why",
    ]
    assert solution.cells[2].execution_count and not student.cells[2].execution_count


def test_cells_carry_nbgraders_metadata(notebooks):
    cells = release.read_source(notebooks / "source" / "01_double.py").cells
    common = {"schema_version": 3, "task": False}
    assert "nbgrader" not in cells[0].metadata
    assert [cell.metadata.nbgrader for cell in cells[1:]] == [
        common | {"grade_id": "double", "solution": True, "grade": False, "locked": False},
        common
        | {"grade_id": "check_double", "solution": False, "grade": True, "locked": True}
        | {"points": 3},
        common
        | {"grade_id": "question_why", "solution": True, "grade": True, "locked": False}
        | {"points": 0},
    ]
    assert cells[1].metadata.tags == ["mine"] and cells[2].metadata.tags == ["nbval-check-output"]


def test_a_question_marked_by_hand_has_points_that_are_no_checks(notebooks):
    source = notebooks / "source" / "01_double.py"
    source.write_text(SOURCE.replace('question="why"', 'question="why" points=2'))
    notebook = release.read_source(source)
    grade = notebook.cells[3].metadata.nbgrader
    assert grade["points"] == 2 and grade["grade"] and grade["solution"] and not grade["locked"]
    assert release.points_of_checks(notebook) == {"double": 3}
    assert release.student_version(notebook).cells[3].source == release.WORDS_GO_HERE


def test_the_gradient_that_is_given_is_the_same_wherever_it_is_and_not_given_with_01():
    given = {}
    for source in release.sources(NOTEBOOKS):
        for cell in release.student_version(release.read_source(source)).cells:
            if cell.cell_type == "code" and "def gradient_of_score" in cell.source:
                given[source.stem] = ast.dump(ast.parse(cell.source))
    assert {"02_fooling_images", "04_beyond_the_gradient"} <= given.keys()
    assert "01_saliency_maps" not in given and len(set(given.values())) == 1


def test_releasing_twice_gives_the_same_bytes(notebooks):
    first = [path.read_bytes() for path in release.release(notebooks)]
    assert [path.read_bytes() for path in release.release(notebooks)] == first


@pytest.mark.parametrize("name", ["01_double.ipynb", "solutions/01_double.ipynb"])
def test_an_edited_notebook_is_found_out_of_step(notebooks, name):
    list(release.release(notebooks))
    assert list(release.out_of_step(notebooks)) == []
    edited = nbformat.read(notebooks / name, 4)
    edited.cells[1].source += "\n"
    nbformat.write(edited, notebooks / name)
    assert list(release.out_of_step(notebooks)) == [notebooks / name]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("    ### END SOLUTION\n", "", "has no lines between"),
        ("### BEGIN SOLUTION", "# nothing", "has no lines between"),
        ("assert double(2) == 4", "### BEGIN SOLUTION\n1\n### END SOLUTION", "would hand students"),
    ],
)
def test_a_solution_that_would_reach_students_is_refused(notebooks, before, after, sentence):
    source = notebooks / "source" / "01_double.py"
    source.write_text(SOURCE.replace(before, after))
    with pytest.raises(ValueError, match=sentence):
        list(release.release(notebooks))
    assert not (notebooks / "01_double.ipynb").exists()


def test_a_folder_without_sources_says_where_to_be(tmp_path):
    with pytest.raises(FileNotFoundError, match="run this from the folder that holds notebooks/"):
        list(release.sources(tmp_path))
