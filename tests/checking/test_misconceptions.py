"""Every wrong answer is called by its name, and no right one is called anything.

The answers are the files of tests/submissions; to add a case, add a file there.
"""

import ast
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from in_process import SOURCES, imported, judged
from submissions import KINDS, Submission, as_notebook, submissions

from cs231n_vis.checking.assignments import CHECKS, collect
from cs231n_vis.checking.assignments.gradients import Gradients
from cs231n_vis.checking.assignments.saliency_maps.mistakes import SALIENCY
from cs231n_vis.checking.calls import given_model
from cs231n_vis.checking.checks import Check, Judgement, judge_answers
from cs231n_vis.checking.exchange import Answer, Probe
from cs231n_vis.checking.misconceptions import Case, Catalogue, Context, Misconception, explain
from cs231n_vis.making.release import read_source, student_version
from cs231n_vis.making.write_saved_maps import float64_squeezenet
from cs231n_vis.references.saliency import compute_saliency_maps

ASSIGNMENT = "01_saliency_maps"
NAMES = [entry.name for entry in SALIENCY]


@pytest.fixture(scope="module")
def probes() -> list[Probe]:
    """Three of the saved maps' images, cut to an eighth, to save time; then one of them alone."""
    _, known = CHECKS["saliency_maps"].known()[0]
    X, y = known["X"][[0, 1, 3], 72:152, 72:152], known["y"][[0, 1, 3]]
    maps = compute_saliency_maps(X, y, float64_squeezenet())
    return [Probe(f"{n} small", {"X": X[:n], "y": y[:n]}, maps[:n]) for n in (3, 1)]


def judgement_of(submission: Submission, probes: list[Probe]) -> Judgement:
    assert submission.kind in ("right", "wrong")  # the others never in this process
    names = imported(ASSIGNMENT) | probes[0].inputs | {"model": given_model()}
    return judged(CHECKS["saliency_maps"], submission.code, probes, names)


def names(submissions):
    return [submission.name for submission in submissions]


RIGHT = submissions("right")
NAMED = [each for each in submissions("wrong") if each.misconception]
UNNAMED = [each for each in submissions("wrong") if not each.misconception]


@pytest.fixture(scope="module")
def student_notebook():
    return student_version(read_source(SOURCES / f"{ASSIGNMENT}.py"))


@pytest.mark.filterwarnings("ignore")  # students' code warns of this and that
@pytest.mark.parametrize("submission", RIGHT, ids=names(RIGHT))
def test_a_right_answer_passes(submission, probes):
    judgement = judgement_of(submission, probes)
    assert judgement.passed, judgement.message


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("submission", NAMED, ids=names(NAMED))
def test_a_wrong_answer_is_called_by_its_name(submission, probes):
    judgement = judgement_of(submission, probes)
    assert not judgement.passed and judgement.misconception == submission.misconception


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("submission", UNNAMED, ids=names(UNNAMED))
def test_a_wrong_answer_that_looks_like_nothing_we_know_is_not_given_a_name(submission, probes):
    judgement = judgement_of(submission, probes)
    assert not judgement.passed and judgement.misconception is None


def test_every_misconception_has_an_example_and_a_hint_without_code():
    assert len(set(NAMES)) == len(NAMES)
    of_errors = {"array_watched", "sizes_written_out"}
    assert {each.misconception for each in NAMED} == set(NAMES) | of_errors
    for entry in SALIENCY:
        assert 40 < len(entry.hint) < 250 and entry.hint.endswith((".", "?"))
        assert not set("`_=[]") & set(entry.hint)


def test_the_collections_are_large_enough():
    sizes = {kind: len(submissions(kind)) for kind in KINDS}
    assert sizes["right"] >= 16 and sizes["wrong"] >= 40
    assert sizes["cheating"] >= 24 and sizes["hostile"] >= 14


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_makes_a_notebook(kind, student_notebook):
    for submission in submissions(kind):
        notebook = as_notebook(submission, student_notebook)
        nbformat.validate(notebook)
        handed_in = "\n".join(cell.source for cell in notebook.cells)
        assert all(source in handed_in for source in submission.code), submission.id
        if submission.name not in ("syntax_error", "indentation_error"):
            for source in submission.code:
                ast.parse(source)


def test_an_answer_without_numbers_of_the_right_shape_needs_no_model():
    X, y = np.zeros((2, 6, 5, 3), np.float32), np.array([1, 2])
    context = Gradients({"X": X, "y": y}, None, np.ones((2, 6, 5), np.float32))
    for answer, name in (
        (None, "nothing_returned"),
        ("maps", "not_an_array"),
        (np.full((2, 6, 5), np.nan), "nan_or_infinity"),
        (X, "channels_kept"),
        (X.max(axis=2), "wrong_axis"),
        (np.ones((2, 3, 3)), "resized"),
        (np.zeros((2, 6, 5)), "ignores_the_image"),
    ):
        assert explain(SALIENCY, Case(answer, context)).name == name
    written_into = explain(SALIENCY, Case(context.expected, context, changed_input=True))
    assert written_into.name == "changes_its_input"
    assert explain(SALIENCY, Case(np.ones((7, 7, 7, 7, 7)), context)) is None


def raises(*_):
    raise ZeroDivisionError


def test_a_detector_that_raises_is_passed_over():
    broken, fits = (Misconception(*e) for e in (("a", "", raises), ("b", "", lambda case: True)))
    case = Case(1, Context({}, None, None))
    assert explain([broken, fits], case) is fits
    assert explain([broken], case) is None


def test_a_judge_that_raises_gives_a_verdict():
    check = Check("c", "answer", "answer()", dict, None, raises, Catalogue(Context))
    judgement = judge_answers(check, [Probe("the known input", {}, None)], [Answer(np.ones(3))])
    assert judgement.status == "failed" and not judgement.verdict.passed
    assert "cannot be judged (ZeroDivisionError: )" in judgement.message


def test_importing_the_catalogue_does_not_import_tensorflow():
    code = "import sys, cs231n_vis.checking.assignments; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_two_checks_of_one_name_are_an_error_that_names_both_places():
    check = next(iter(CHECKS.values()))
    modules = [SimpleNamespace(__name__=name, CHECKS=(check,)) for name in ("one", "another")]
    with pytest.raises(ValueError, match=f"two checks {check.name}, in one and in another"):
        collect(modules)
