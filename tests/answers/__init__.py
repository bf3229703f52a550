"""Right and wrong answers to the assignments, and what must become of them.

    ASSIGNMENT/FUNCTION.py    answers to one answer cell, in jupytext's percent format

A cell is one answer. Its first line says what it is:

    # %% right="one image at a time"
    # %% wrong="no absolute value" misconception="no_absolute_value"
    # %% wrong="something odd" misconception="none"      wrong, but called by no name

An answer can use what the notebook imports at its beginning. Several right ones should differ in
form: eager or compiled, loop or batch, NumPy or TensorFlow.
"""

import ast
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest

import cs231n_vis
from cs231n_vis.grading import grade as grading
from cs231n_vis.grading.assignments import CHECKS
from cs231n_vis.grading.checks import judge_answers
from cs231n_vis.grading.examine import Answer
from cs231n_vis.grading.release import read_source, student_version

FOLDER = Path(__file__).parent
NOTEBOOKS = FOLDER.parents[1] / "notebooks"
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

    def define(self):
        """The function, defined in this process with what the notebooks import."""
        names = {name: getattr(cs231n_vis, name) for name in cs231n_vis.__all__}
        names |= {"np": np, "tf": cs231n_vis.tf}
        exec(self.code, names)
        return names[self.function]


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


@cache
def probes(name: str):
    check = CHECKS[name]
    return check.known_probe(), *check.hidden_probes(SEED)


class AnswersTest:
    """The tests of the answers to one check; a subclass says which.

    class TestSaliencyMaps(AnswersTest):
        assignment, check = "01_saliency_maps", "saliency_maps"
    """

    assignment: str
    check: str

    def pytest_generate_tests(self, metafunc):
        for kind in ("right", "wrong"):
            if kind in metafunc.fixturenames:
                found = answers(self.assignment, CHECKS[self.check].answer)
                chosen = [each for each in found if each.kind == kind]
                metafunc.parametrize(kind, chosen, ids=[each.name for each in chosen])

    def judge(self, written):
        check = CHECKS[self.check]
        function = written.define()
        asked = []
        for probe in probes(self.check):
            try:
                asked.append(check.ask(function, probe))
            except Exception as problem:
                asked.append(Answer(None, f"{type(problem).__name__}: {problem}"))
            if (
                written.kind == "wrong"
                and not judge_answers(check, probes(self.check)[: len(asked)], asked).passed
            ):
                break  # the rest would change nothing
        return judge_answers(check, probes(self.check)[: len(asked)], asked)

    @pytest.mark.filterwarnings("ignore")  # students' code warns of this and that
    def test_right_answer_passes_with_known_and_hidden_inputs(self, right):
        judgement = self.judge(right)
        assert judgement.passed, judgement.message

    @pytest.mark.filterwarnings("ignore")
    def test_wrong_answer_fails_and_is_called_by_its_name(self, wrong):
        judgement = self.judge(wrong)
        assert not judgement.passed and judgement.message
        assert judgement.misconception == wrong.misconception, judgement.message

    def test_there_are_enough_answers_and_nearly_every_wrong_one_has_a_name(self):
        found = answers(self.assignment, CHECKS[self.check].answer)
        assert len({(each.kind, each.name) for each in found}) == len(found)
        wrong = [each for each in found if each.kind == "wrong"]
        assert len(found) - len(wrong) >= 6 and len(wrong) >= 12
        assert sum(each.misconception is not None for each in wrong) >= 0.9 * len(wrong)

    def test_every_hint_is_a_sentence_or_two_without_code(self):
        catalogue = CHECKS[self.check].catalogue
        assert len({entry.name for entry in catalogue}) == len(catalogue)
        for entry in catalogue:
            assert 40 < len(entry.hint) < 250 and entry.hint.endswith((".", "?")), entry.name
            assert not set("`_=[]") & set(entry.hint), entry.name

    def test_every_answer_defines_its_function(self):
        for each in answers(self.assignment, CHECKS[self.check].answer):
            assert f"def {each.function}" in each.code or f"{each.function} =" in each.code
            ast.parse(each.code)


def as_class(assignment: str) -> dict[str, tuple[object, dict[str, Written]]]:
    """A class that hands in the assignment: ``{student: (notebook, {check: answer})}``.

    Student number n gives the n-th answer to every answer cell, so that each answer is handed in
    by somebody.
    """
    pristine = student_version(read_source(NOTEBOOKS / "source" / f"{assignment}.py"))
    cells = [c.id for c in pristine.cells if c.metadata.get("nbgrader", {}).get("points")]
    checks = [CHECKS[id.removeprefix("check_")] for id in cells]
    collections = {
        check.name: answers(assignment, check.answer)
        for check in checks
        if (FOLDER / assignment / f"{check.answer}.py").is_file()
    }
    handed_in = {}
    for number in range(max(map(len, collections.values()))):
        notebook = student_version(read_source(NOTEBOOKS / "source" / f"{assignment}.py"))
        given = {name: found[number % len(found)] for name, found in collections.items()}
        for written in given.values():
            (cell,) = (cell for cell in notebook.cells if cell.id == written.function)
            cell.source = written.code
        handed_in[f"student-{number:02d}"] = notebook, given
    return handed_in


class GraderTest:
    """Every answer to an assignment, through the grader with its kernels and its sandbox."""

    assignment: str

    def test_every_answer_gets_its_points_or_its_hint(self, tmp_path, monkeypatch):
        # other tests keep the machine busy: answers that never stop are asked 210 times
        monkeypatch.setattr(grading, "CELL_SECONDS", 300)
        monkeypatch.setattr(grading, "LIMITS", replace(grading.LIMITS, seconds=600))
        handed_in = as_class(self.assignment)
        for student, (notebook, _) in handed_in.items():
            nbformat.write(notebook, tmp_path / f"{student}.ipynb")
        source = NOTEBOOKS / "source" / f"{self.assignment}.py"
        prepared = grading.load_assignment(source, SEED)
        found = grading.find_submissions([tmp_path], self.assignment)
        out = tmp_path / "graded"
        unlike = []
        for result in grading.grade(found, prepared, out, jobs=1):
            given = handed_in[result.student][1]
            for check in result.checks:
                if written := given.get(check.name):
                    passed, misconception = check.status == "passed", check.misconception
                    if (passed, misconception) != (written.kind == "right", written.misconception):
                        unlike.append((written.function, written.name, check.message))
            assert (out / result.student / self.assignment / "feedback.html").is_file()
        assert not unlike
