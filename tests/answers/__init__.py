"""Right and wrong answers to the assignments, and what must become of them.

    ASSIGNMENT/FUNCTION.py    answers to one answer cell, in jupytext's percent format

A cell is one answer. Its first line says what it is:

    # %% right="one image at a time"
    # %% wrong="no absolute value" misconception="no_absolute_value"
    # %% wrong="something odd" misconception="none"      wrong, but called by no name

An answer can use what the notebook imports before its first answer cell, and functions that it
defines there. Several right ones should differ in form: eager or compiled, loop or batch, NumPy or
TensorFlow.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jupytext
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from in_process import SOURCES, imported, judged, probes_of
from nbformat import NotebookNode

from cs231n_vis.grading import grade as grading
from cs231n_vis.checking.assignments import CHECKS
from cs231n_vis.checking.checks import Check, context_of
from cs231n_vis.checking.exchange import Probe
from cs231n_vis.checking.misconceptions import Case
from cs231n_vis.grading.results import folder_of
from cs231n_vis.making.release import points_of_checks, read_source, student_version

FOLDER = Path(__file__).parent
SEED = 231
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}


@dataclass(frozen=True)
class Written:
    """One answer of the collection."""

    function: str
    kind: str
    name: str
    misconception: str | None
    code: str


@cache
def answers(assignment: str, function: str) -> tuple[Written, ...]:
    """The answers to one answer cell.

    Raises:
        ValueError: a cell does not say what it is.
    """
    path = FOLDER / assignment / f"{function}.py"
    cells = jupytext.read(path, fmt=PERCENT).cells
    found = []
    for cell in cells:
        said = {k: v for k, v in cell.metadata.items() if k != "lines_to_next_cell"}
        if cell.cell_type != "code" or not said:
            if cell.cell_type == "code" and cell.source.strip(' "\n').startswith("def "):
                raise ValueError(f"{path} has an answer that is neither right nor wrong.")
            continue
        kind = "right" if "right" in said else "wrong"
        misconception = said.get("misconception")
        if said.keys() != ({"right"} if kind == "right" else {"wrong", "misconception"}):
            raise ValueError(f"{path} has a cell that says {said}.")
        named = None if misconception == "none" else misconception
        found.append(Written(function, kind, said[kind], named, cell.source))
    return tuple(found)


class AnswersTest:
    """Every answer to an assignment, judged in this process with the known and hidden probes; and
    of each check the first right and the first wrong one through the grader, with its kernels.

    ``test_answers`` makes a class of it for each folder here.
    """

    assignment: str

    def pytest_generate_tests(self, metafunc):
        if "check" in metafunc.fixturenames:
            metafunc.parametrize("check", list(collections(self.assignment)))
        for kind in ("right", "wrong"):
            if kind in metafunc.fixturenames:
                chosen = [
                    pytest.param(CHECKS[check], each, id=f"{check}: {each.name}")
                    for check, found in collections(self.assignment).items()
                    for each in found
                    if each.kind == kind
                ]
                metafunc.parametrize(["of", kind], chosen)

    def judgement(self, check, written):
        return judged(check, [written.code], probes_of(check, SEED), imported(self.assignment))

    def test_right_answer_is_right_with_every_input(self, of, right):
        judgement = self.judgement(of, right)
        assert (judgement.passed, judgement.message) == (True, "")

    def test_wrong_answer_is_wrong_and_is_called_by_its_name(self, of, wrong):
        judgement = self.judgement(of, wrong)
        assert not judgement.passed and judgement.message
        assert judgement.misconception == wrong.misconception, judgement.message

    @pytest.mark.filterwarnings("ignore")
    def test_whatever_is_returned_no_judge_detector_or_picture_raises(self, check):
        written = first(collections(self.assignment)[check], "right")
        of, names = CHECKS[check], dict(imported(self.assignment))
        exec(written.code, names)
        probes, fallen = probes_of(of, SEED), []
        for probe in (probes[0], probes[-1]):
            right = np.asarray(of.ask(names[of.answer], probe).returned)
            for name, returned in odd_answers(right, probe.inputs).items():
                if probe is probes[0] or np.shape(returned) != right.shape:  # these are cheap
                    fallen += fallen_over(of, probe, name, returned)
        assert not fallen, "\n".join(fallen)

    @pytest.fixture(scope="class")
    @classmethod
    def graded(cls, tmp_path_factory):
        """What the grader said of a class of two: ``{answer: CheckResult}``."""
        place, out = tmp_path_factory.mktemp("class"), tmp_path_factory.mktemp("graded")
        handed_in = {kind: as_handed_in(cls.assignment, kind) for kind in ("right", "wrong")}
        for kind, (notebook, _) in handed_in.items():
            nbformat.write(notebook, place / f"{kind}.ipynb")
        prepared = grading.load_assignment(SOURCES / f"{cls.assignment}.py", SEED)
        found = grading.find_submissions([place], cls.assignment)
        verdicts = {}
        for result in grading.grade(found, prepared, out):
            given = handed_in[result.student][1]
            assert result.checks, result.message
            verdicts |= {given[c.name]: c for c in result.checks if c.name in given}
            folder = folder_of(out, result.student, cls.assignment)
            assert (folder / "feedback.html").is_file()
        return verdicts

    def test_the_grader_gives_all_points_or_none_and_the_same_name(self, check, graded):
        for kind in ("right", "wrong"):
            written = first(collections(self.assignment)[check], kind)
            result = graded[written]
            assert (result.status == "passed") == (kind == "right"), result.message
            assert result.points == (result.max_points if kind == "right" else 0)
            assert result.misconception == written.misconception, result.message

    def test_there_are_enough_answers_and_nearly_every_wrong_one_has_a_name(self, check):
        found = collections(self.assignment)[check]
        assert len({(each.kind, each.name) for each in found}) == len(found)
        wrong = [each for each in found if each.kind == "wrong"]
        assert len(found) - len(wrong) >= 6 and len(wrong) >= 12
        assert sum(each.misconception is not None for each in wrong) >= 0.9 * len(wrong)

    def test_every_hint_is_a_sentence_or_two_without_code(self, check):
        catalogue = CHECKS[check].catalogue
        assert len({entry.name for entry in catalogue}) == len(catalogue)
        for entry in catalogue:
            assert 40 < len(entry.hint) < 250 and entry.hint.endswith((".", "?")), entry.name
            assert not set("`_=[]") & set(entry.hint), entry.name

    def test_every_answer_defines_its_function(self, check):
        for each in collections(self.assignment)[check]:
            assert f"def {each.function}" in each.code or f"{each.function} =" in each.code
            ast.parse(each.code)


@cache
def collections(assignment: str) -> dict[str, tuple[Written, ...]]:
    """The answers to the assignment's checks that have any here.

    Raises:
        ValueError: there is no such assignment, or a file here answers none of its checks.
    """
    if not (SOURCES / f"{assignment}.py").is_file():
        raise ValueError(f"There is no source of {assignment}, to which tests/answers has answers.")
    pristine = student_version(read_source(SOURCES / f"{assignment}.py"))
    checks = [CHECKS[name] for name in points_of_checks(pristine)]
    files = {path.stem for path in (FOLDER / assignment).glob("*.py")}
    if unasked := files - {check.answer for check in checks}:
        raise ValueError(f"{assignment} has no check of {', '.join(sorted(unasked))}.")
    return {
        check.name: answers(assignment, check.answer)
        for check in checks
        if (FOLDER / assignment / f"{check.answer}.py").is_file()
    }


def odd_answers(right: np.ndarray, inputs: dict[str, np.ndarray]) -> dict[str, object]:
    """Answers that nobody thought of, by what they are, made from a right one."""
    values = (0, 1, -1, 255, 1e-30, -1e300, np.nan, np.inf, -np.inf)
    one_nan = right.astype(np.float64)
    one_nan.flat[0] = np.nan
    return {
        **{f"all {value}": np.full(right.shape, value) for value in values},
        **{f"times {factor}": right * factor for factor in (-1.0, 1e-30, 1e30, 1e300)},
        **{f"and {step}": right + step for step in (5e-5, 1.0, 1e10)},
        **{f"{n} and 5e-5": X + 5e-5 for n, X in inputs.items() if X.dtype == np.float32},
        "one is NaN": one_nan,
        "whole numbers": np.ones(right.shape, np.int64),
        "half precision": np.full(right.shape, 6e-8, np.float16),
        "alternating": np.resize([1.0, -1.0], right.shape),
        "backwards": right.ravel()[::-1].reshape(right.shape),
        "true and false": np.ones(right.shape, bool),
        "objects": np.full(right.shape, None),
        "complex": right.astype(complex),
        # of other shapes
        "flat": right.ravel(),
        "transposed": right.T,
        "one axis more": right[None],
        "one axis more, last": right[..., None],
        "the first": right[0],
        "without the first": right[1:],
        "nothing in it": right[:0],
        "a row of nothing": np.zeros((0, 3)),
        "one number": np.float64(1),
        "0-d": np.array(0.0),
        "nine axes": np.ones((1,) * 9),
        "None": None,
        "a text": "maps",
        "an object": object(),
    }


def fallen_over(check: Check, probe: Probe, name: str, returned: object) -> list[str]:
    """What of a check raises for what was returned, and what."""
    at = "judge"
    try:
        verdict = check.judge(returned, probe)
        assert verdict.passed or verdict.message
        for up_to_scale in (False, True):
            case = Case(returned, context_of(check, probe), up_to_scale=up_to_scale)
            for entry in check.catalogue:
                at = entry.name
                if entry.detect(case):
                    break
        at = "picture"
        if check.picture(returned, probe, verdict):
            plt.close("all")
    except Exception as error:
        return [f"{check.name}'s {at}, {probe.name}, {name}: {error!r}"]
    return []


def first(found: tuple[Written, ...], kind: str) -> Written:
    """The first answer of a kind; of wrong ones, the first that has a name."""
    return next(w for w in found if w.kind == kind and (kind == "right" or w.misconception))


def as_handed_in(assignment: str, kind: str) -> tuple[NotebookNode, dict[str, Written]]:
    """A notebook with the first answer of a kind in every cell, and these: ``{check: answer}``."""
    notebook = student_version(read_source(SOURCES / f"{assignment}.py"))
    given = {check: first(found, kind) for check, found in collections(assignment).items()}
    for written in given.values():
        (cell,) = (cell for cell in notebook.cells if cell.id == written.function)
        cell.source = written.code
    return notebook, given
