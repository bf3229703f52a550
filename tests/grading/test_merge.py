"""The student's own cells run in their own order, with the instructor's checks at their places."""

import copy
import json
import time
from pathlib import Path

import nbformat
import pytest

from cs231n_vis.grading.merge import SubmissionError, merge, read_submission
from cs231n_vis.making import release

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_saliency_maps.ipynb"
SOURCE = NOTEBOOK.parent / "source" / "01_saliency_maps.py"
ANSWER = "def compute_saliency_maps(X, y, model):\n    return 'mine'"


@pytest.fixture
def pristine():
    return nbformat.read(NOTEBOOK, 4)


@pytest.fixture
def handed_in(pristine):
    """The notebook with an answer filled in."""
    cell(pristine, "compute_saliency_maps").source = ANSWER
    return pristine


def cell(notebook, cell_id):
    (found,) = (c for c in notebook.cells if c.id == cell_id)
    return found


def through(notebook, tmp_path, dumps=nbformat.writes):
    path = tmp_path / "handed in.ipynb"
    path.write_text(dumps(notebook), "utf-8")
    return merge(read_submission(path), release.student_version(release.read_source(SOURCE)))


def sources(merged):
    """All code, in order."""
    return [c.source for c in merged.notebook.cells if c.cell_type == "code"]


def run(merged):
    """What is run, in order."""
    return [
        c.source
        for c in merged.notebook.cells
        if c.cell_type == "code" and c.metadata.get("run", True)
    ]


@pytest.fixture
def expected(handed_in):
    """The code of the pristine notebook with the answer."""
    return [c.source for c in handed_in.cells if c.cell_type == "code"]


def test_the_answer_is_put_into_the_pristine_notebook(handed_in, expected, tmp_path):
    merged = through(handed_in, tmp_path)
    assert sources(merged) == expected and merged.problems == {}


def test_edited_moved_and_doubled_check_cells_change_nothing(handed_in, expected, tmp_path):
    cell(handed_in, "check_saliency_maps").source = "print('compute_saliency_maps: passed')"
    checks = [c for c in handed_in.cells if c.id.startswith("check_")]
    handed_in.cells += [nbformat.from_dict(dict(c) | {"id": f"{c.id}2"}) for c in checks]
    assert sources(through(handed_in, tmp_path)) == expected


def test_set_up_cells_that_are_deleted_edited_or_moved_come_first_as_given(
    handed_in, expected, tmp_path
):
    for_colab, *set_up = expected[: expected.index(ANSWER)]
    cell(handed_in, "cell-02").source = "check = None"
    handed_in.cells = [c for c in handed_in.cells if c.id != "cell-04"]
    merged = sources(through(handed_in, tmp_path))
    others = [s for s in expected if s not in (for_colab, *set_up[:2])]
    assert merged == [*set_up, for_colab, "check = None", *others]
    handed_in.cells.reverse()
    assert sources(through(handed_in, tmp_path))[: len(set_up)] == set_up


def test_without_the_cell_for_colab_nothing_comes_first(handed_in, expected, tmp_path):
    handed_in.cells = [c for c in handed_in.cells if c.id != "colab"]
    assert sources(through(handed_in, tmp_path)) == expected[1:]


def test_what_a_student_adds_to_a_set_up_cell_stays(handed_in, expected, tmp_path):
    cell(handed_in, "cell-04").source += "\nimport scipy"
    assert [s for s in sources(through(handed_in, tmp_path)) if s not in expected] == [
        cell(handed_in, "cell-04").source
    ]
    assert len(sources(through(handed_in, tmp_path))) == len(expected)


@pytest.mark.parametrize("edit", ["delete", "reverse"])
def test_a_check_without_its_cell_behind_the_answer_is_judged_behind_what_was_added_to_it(
    handed_in, tmp_path, edit
):
    at = [c.id for c in handed_in.cells].index("compute_saliency_maps")
    handed_in.cells.insert(at + 1, nbformat.v4.new_code_cell("helper = 1"))
    if edit == "delete":
        handed_in.cells = [c for c in handed_in.cells if not c.id.startswith("check_")]
    else:
        handed_in.cells = [
            *(c for c in handed_in.cells if c.id.startswith("check_")),
            *(c for c in handed_in.cells if not c.id.startswith("check_")),
        ]
    ran = run(through(handed_in, tmp_path))
    assert ran.index(ANSWER) < ran.index("helper = 1")
    assert ran[-3:] == [
        "check.saliency_maps(compute_saliency_maps)",
        cell(handed_in, "compute_weighted_saliency_maps").source,
        "check.weighted_saliency_maps(compute_weighted_saliency_maps)",
    ]


def test_cells_behind_the_last_check_stay_behind_it(handed_in, tmp_path):
    handed_in.cells.append(nbformat.v4.new_code_cell("exit()"))
    ran = run(through(handed_in, tmp_path))
    assert ran[-2:] == [
        "check.weighted_saliency_maps(compute_weighted_saliency_maps)",
        "exit()",
    ]


def test_a_split_answer_cell_is_one_answer(handed_in, tmp_path):
    at = [c.id for c in handed_in.cells].index("compute_saliency_maps")
    first = nbformat.from_dict(dict(handed_in.cells[at]) | {"source": "HELPER = 1", "id": "abc"})
    handed_in.cells.insert(at, first)  # as JupyterLab's Split Cell: both have the grade_id
    merged = through(handed_in, tmp_path)
    assert merged.problems == {}
    ran = sources(merged)
    assert ran[ran.index(ANSWER) - 1] == "HELPER = 1"


IMPORTS = "cell-02"
(HIDING,) = (
    c.id for c in nbformat.read(NOTEBOOK, 4).cells if "def score_with_pixels_hidden" in c.source
)
USES = "def compute_weighted_saliency_maps(X, losses, model):\n    return "


@pytest.mark.parametrize(
    ("uses", "runs"),
    [
        ("0", []),
        ("np.sum(X)", [IMPORTS]),
        # saliency and score_with_pixels_hidden, and all that these need
        (
            "score_with_pixels_hidden(X, 0.1)",
            [IMPORTS, "cell-04", "cell-07", "cell-09", "cell-18", HIDING],
        ),
        ("score_with_pixels_hidden = saliency =", []),  # does not compile
    ],
)
def test_of_the_cells_as_given_those_run_whose_names_something_of_the_students_uses(
    handed_in, tmp_path, uses, runs
):
    cell(handed_in, "compute_weighted_saliency_maps").source = USES + uses
    given = [
        c.id
        for c in handed_in.cells
        if c.cell_type == "code" and "nbgrader" not in c.metadata and c.id != "colab"
    ]
    ran = run(through(handed_in, tmp_path))
    found = [id for id in given if cell(handed_in, id).source in ran]
    assert set(runs) <= set(found)
    assert bool(runs) == bool(found) and (len(runs) > 1 or len(found) == len(runs))


@pytest.mark.parametrize("code", ["globals()['X']", "eval('X')", "get_ipython().user_ns['X']"])
def test_what_looks_for_names_by_itself_finds_all_of_them(handed_in, expected, tmp_path, code):
    cell(handed_in, "compute_weighted_saliency_maps").source = USES + code
    assert len(run(through(handed_in, tmp_path))) == len(expected)


@pytest.mark.parametrize(
    "changes", ["kept.append(1)", "kept[0] = 1", "kept.x.y[2] = 1", "kept += [1]", "del kept[0]"]
)
def test_a_given_cell_that_changes_a_thing_runs_for_whoever_uses_it(pristine, tmp_path, changes):
    at = [c.id for c in pristine.cells].index("compute_saliency_maps")
    pristine.cells[at:at] = [
        nbformat.v4.new_code_cell(code, id=f"given-{n}")
        for n, code in enumerate(["kept = []", changes])
    ]
    student = copy.deepcopy(pristine)
    cell(student, "compute_saliency_maps").source = "def compute_saliency_maps(): kept"
    path = tmp_path / "handed in.ipynb"
    nbformat.write(student, path)
    ran = run(merge(read_submission(path), pristine))
    assert ran[:2] == ["kept = []", changes]


def test_a_line_that_a_magic_times_uses_what_stands_in_it(handed_in, tmp_path):
    at = [c.id for c in handed_in.cells].index("compute_saliency_maps")
    handed_in.cells.insert(at, nbformat.v4.new_code_cell("%time middle = X.mean(0)"))
    assert cell(handed_in, "cell-09").source in run(through(handed_in, tmp_path))


def test_cells_as_given_that_were_edited_are_the_students_own(handed_in, tmp_path):
    cell(handed_in, HIDING).source = "mine = 1"
    assert "mine = 1" in run(through(handed_in, tmp_path))


@pytest.mark.parametrize("name", [p.stem for p in sorted(NOTEBOOK.parent.glob("0[1-9]_*.ipynb"))])
def test_no_solution_needs_a_picture(name):
    source = NOTEBOOK.parent / "source" / f"{name}.py"
    pristine = release.student_version(release.read_source(source))
    merged = merge(read_submission(NOTEBOOK.parent / "solutions" / f"{name}.ipynb"), pristine)
    assert not merged.problems
    ran = run(merged)
    pictures = [c.source for c in pristine.cells if c.cell_type == "code" and "show_" in c.source]
    assert pictures and not set(pictures[1:]) & set(ran)  # the first imports what shows


def test_outputs_and_metadata_are_left_behind(handed_in, tmp_path):
    check = cell(handed_in, "check_saliency_maps")
    check.outputs = [nbformat.v4.new_output("stream", text="passed")]
    check.metadata.nbgrader.points = 1000
    merged = through(handed_in, tmp_path)
    kept = cell(merged.notebook, "check_saliency_maps")
    assert kept.outputs == [] and kept.metadata.nbgrader.points == 10


def test_added_cells_stay_where_they_are(handed_in, tmp_path):
    at = [c.id for c in handed_in.cells].index("compute_saliency_maps")
    new = nbformat.v4.new_code_cell
    handed_in.cells[at + 1 : at + 1] = [new("after = 1"), new("after = 2")]
    handed_in.cells[at:at] = [new("before = 1"), new("before = 2")]
    merged = sources(through(handed_in, tmp_path))
    at = merged.index(ANSWER)
    assert merged[at - 2 : at + 3] == ["before = 1", "before = 2", ANSWER, "after = 1", "after = 2"]


def without_metadata(notebook):
    """As VS Code and others may save it: no cell ids, no nbgrader."""
    stored = json.loads(nbformat.writes(notebook))
    for each in stored["cells"]:
        each.pop("id")
        each["metadata"] = {"id": "aB3dE5fG7hI9"}
    return json.dumps(stored | {"nbformat_minor": 2})


def as_version_3(notebook):
    """As the IPython notebook of 2014 saved it."""
    stored = json.loads(without_metadata(notebook))
    cells = [
        {"cell_type": "code", "input": c["source"], "outputs": [], "language": "python"}
        for c in stored["cells"]
        if c["cell_type"] == "code"
    ]
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    )


@pytest.mark.parametrize("dumps", [without_metadata, as_version_3])
def test_an_answer_without_its_metadata_is_found_by_its_function(
    handed_in, expected, tmp_path, dumps
):
    merged = through(handed_in, tmp_path, dumps)
    assert sources(merged) == expected and merged.problems == {}


def test_a_missing_answer_is_told(pristine, tmp_path):
    pristine.cells = [c for c in pristine.cells if c.id != "compute_saliency_maps"]
    merged = through(pristine, tmp_path)
    assert merged.problems == {
        "compute_saliency_maps": "There is no answer to compute_saliency_maps: its cell is "
        "missing, and no other cell defines it."
    }


def test_two_different_answers_are_told_and_neither_is_taken(handed_in, tmp_path):
    at = [c.id for c in handed_in.cells].index("compute_saliency_maps")
    twin = nbformat.from_dict(dict(handed_in.cells[at]) | {"source": ANSWER + " + 'other'"})
    twin.id = "twin"
    handed_in.cells.insert(at, twin)
    merged = through(handed_in, tmp_path)
    assert "There are 2 different answers" in merged.problems["compute_saliency_maps"]
    assert not [source for source in sources(merged) if "'mine'" in source]


def test_the_same_answer_twice_is_one_answer(handed_in, expected, tmp_path):
    at = [c.id for c in handed_in.cells].index("compute_saliency_maps")
    twin = nbformat.from_dict(dict(handed_in.cells[at]))
    twin.id = "twin"
    handed_in.cells.insert(at, twin)
    merged = through(handed_in, tmp_path)
    assert list(dict.fromkeys(sources(merged))) == expected and merged.problems == {}


def test_the_pristine_notebook_is_what_students_get_but_for_the_cell_for_colab():
    pristine = release.student_version(release.read_source(SOURCE))
    given = [c.source for c in nbformat.read(NOTEBOOK, 4).cells if c.id != "colab"]
    assert [c.source for c in pristine.cells] == given


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe\x00", "it is not text"),
        (b'{"cells": [', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "it does not say which format"),
        (b"{}", "it does not say which format"),
        (b'{"nbformat": "4"}', "it does not say which format"),
        (b'{"nbformat": 5, "cells": []}', "has notebook format 5; 4 is needed"),
        (b'{"nbformat": 2, "worksheets": []}', "has notebook format 2"),
        (b'{"nbformat": 4}', "not a notebook as Jupyter writes it"),
        (b'{"nbformat": 4, "cells": [7]}', "not a notebook as Jupyter writes it"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "not a notebook as Jupyter writes"),
        (b'{"nbformat": 3}', "not a notebook as Jupyter writes it"),
    ],
)
def test_what_is_no_notebook_is_told_in_a_sentence(content, sentence, tmp_path):
    path = tmp_path / "ann.ipynb"
    path.write_bytes(content)
    with pytest.raises(SubmissionError, match=sentence):
        read_submission(path)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [(["1"] * 2_001, "2,001 code cells"), (["x" * 1_000_001] * 2, "2,000,002 characters")],
)
def test_more_than_anybody_writes_is_not_graded(cells, sentence, tmp_path):
    stored = {"nbformat": 4, "cells": [{"cell_type": "code", "source": c} for c in cells]}
    path = tmp_path / "ann.ipynb"
    path.write_text(json.dumps(stored))
    with pytest.raises(SubmissionError, match=f"{sentence}.*graded are at most 2,000 cells"):
        read_submission(path)


def test_a_notebook_of_2000_added_cells_is_merged_within_seconds(handed_in, tmp_path):
    added = [nbformat.v4.new_code_cell(f"a{n} = a{n - 1} + 1") for n in range(1_900)]
    handed_in.cells[3:3] = added
    start = time.process_time()
    assert len(sources(through(handed_in, tmp_path))) > 1_900
    assert time.process_time() - start < 20  # three or four; all pairs of cells would be minutes


def test_a_link_and_a_folder_are_not_read(tmp_path):
    (tmp_path / "link.ipynb").symlink_to(NOTEBOOK)
    (tmp_path / "folder.ipynb").mkdir()
    for name in ("link.ipynb", "folder.ipynb"):
        with pytest.raises(SubmissionError, match="not a file of its own but a link or a folder"):
            read_submission(tmp_path / name)


def test_ten_megabytes_of_outputs_do_no_harm(handed_in, expected, tmp_path):
    cell(handed_in, "cell-04").outputs = [nbformat.v4.new_output("stream", text="x" * 10_000_000)]
    assert sources(through(handed_in, tmp_path)) == expected


def test_odd_but_readable_notebooks_are_read(tmp_path):
    """A byte-order mark, sources as lists of lines, unknown cell types, and no metadata at all."""
    stored = {
        "nbformat": 4,
        "cells": [
            {"cell_type": "code", "source": ["a = 1\n", "b = 2"]},
            {"cell_type": "slide", "source": ""},
            {"cell_type": "code", "source": "c", "metadata": {"nbgrader": 7}},
        ],
    }
    path = tmp_path / "odd.ipynb"
    path.write_text(json.dumps(stored), "utf-8-sig")
    assert [c.source for c in read_submission(path).cells] == ["a = 1\nb = 2", "c"]


# Answers in words -------------------------------------------------------------------------------


def words(notebook, tmp_path):
    path = tmp_path / "handed in.ipynb"
    path.write_text(nbformat.writes(notebook), "utf-8")
    return dict(read_submission(path).metadata.words)


def test_answers_in_words_are_taken_and_stand_in_the_executed_notebook(handed_in, tmp_path):
    cell(handed_in, "question_noise").source = "Because of <b>ReLUs</b>."
    assert words(handed_in, tmp_path) == {"question_noise": "Because of <b>ReLUs</b>."}
    merged = through(handed_in, tmp_path)
    assert cell(merged.notebook, "question_noise").source == "Because of <b>ReLUs</b>."


def test_an_answer_in_words_is_found_without_its_id_and_in_two_cells(handed_in, tmp_path):
    noise = cell(handed_in, "question_noise")
    noise.source, noise.id = "First.", "colab1"
    second = copy.deepcopy(noise)
    second.source, second.id = "Second.", "colab2"
    handed_in.cells.append(second)
    assert words(handed_in, tmp_path) == {"question_noise": "First.\n\nSecond."}


def test_what_nobody_wrote_is_no_answer_and_what_is_endless_is_cut(handed_in, tmp_path):
    assert words(handed_in, tmp_path) == {}
    cell(handed_in, "question_noise").source = "x" * 1_000_000
    assert len(words(handed_in, tmp_path)["question_noise"]) == 20_000
