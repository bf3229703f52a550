"""Nothing that the students of an assignment have passes the check of a later one.

Every function of their copy of the package, and every one that their notebook defines, is called as
the answers of all later assignments are, and judged.
"""

import ast
import contextlib
import importlib
import inspect
import io
from functools import cache
from pathlib import Path

import pytest
from in_process import SOURCES
from matplotlib.figure import Figure

from cs231n_vis.checking.assignments import CHECKS
from cs231n_vis.making.release import points_of_checks, read_source, student_version
from cs231n_vis.making.rooms import copy_package

#: Many a simple function of an image passes this one, which is what it teaches.
OPEN = {"knows_nothing"}
NAMES = sorted(path.stem for path in SOURCES.glob("0[1-9]_*.py"))


@cache
def functions_in_the_package(name: str, place: Path) -> dict[str, object]:
    """The functions of the modules that are in a student's copy, by their full names."""
    copy_package(place / "cs231n_vis", [name])
    found = {}
    for path in sorted((place / "cs231n_vis").rglob("*.py")):
        module = ".".join(path.relative_to(place).with_suffix("").parts).removesuffix(".__init__")
        with contextlib.suppress(ImportError):
            for each in vars(importlib.import_module(module)).values():
                if inspect.isfunction(each) and each.__module__ == module:
                    found[f"{module}.{each.__name__}"] = each
    return found


def functions_in_the_notebook(name: str) -> dict[str, object]:
    """The functions that a student's notebook defines, untouched answers among them."""
    names: dict[str, object] = {"__name__": name}
    for cell in student_version(read_source(SOURCES / f"{name}.py")).cells:
        for node in ast.parse(cell.source).body if cell.cell_type == "code" else ():
            if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.Assign):
                if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Constant):
                    continue  # what is computed is not needed to define a function
                with contextlib.suppress(NameError):  # but for a default that is
                    exec(compile(ast.Module([node], []), name, "exec"), names)
    own = (each for each in names.values() if inspect.isfunction(each))
    return {f"{name}: {each.__name__}": each for each in own if each.__module__ == name}


def inputs_of_answer(name: str, answer: str) -> int:
    """How many arguments an answer of an assignment takes."""
    for cell in read_source(SOURCES / f"{name}.py").cells:
        if cell.id == answer:
            (function,) = (
                each for each in ast.parse(cell.source).body if isinstance(each, ast.FunctionDef)
            )
            return len(function.args.args)
    raise ValueError(f"{name} has no answer {answer}.")


def takes(function, count: int) -> bool:
    """Whether it can be called with so many arguments, and says of itself that it draws nothing."""
    if inspect.get_annotations(function).get("return", ...) in (Figure, "Figure", None):
        return False
    try:
        inspect.signature(function).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


@cache  # most functions are in every student's copy
def passes(check_name: str, function) -> bool:
    check = CHECKS[check_name]
    probe = check.known_probes()[0]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return check.judge(check.ask(function, probe).returned, probe).passed
    except Exception:
        return False


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES[:-1])
def test_what_students_have_answers_nothing_later(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # whatever a function writes, when it is called so oddly
    given = functions_in_the_package(name, tmp_path) | functions_in_the_notebook(name)
    ahead: list[str] = []
    for later in NAMES[NAMES.index(name) + 1 :]:
        for check_name in points_of_checks(read_source(SOURCES / f"{later}.py")).keys() - OPEN:
            count = inputs_of_answer(later, CHECKS[check_name].answer)
            ahead += [
                f"{full} passes {check_name} of {later}"
                for full, function in given.items()
                if takes(function, count) and passes(check_name, function)
            ]
    assert ahead == []


def test_what_a_notebook_defines_is_tried():
    assert "04_beyond_the_gradient: share_left" in functions_in_the_notebook(NAMES[3])


def test_an_answer_that_is_given_away_is_found():
    from cs231n_vis.methods.guided_backpropagation import guided_backpropagation

    assert passes("guided_backpropagation", guided_backpropagation)
