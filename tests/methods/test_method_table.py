"""The table of methods: a row and a file are all that a new method takes."""

import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cs231n_vis
from cs231n_vis.method_table import METHODS

PACKAGE = Path(cs231n_vis.__file__).parent

NEW_METHOD = '''
import numpy as np

def flat(X, y, model, *, samples=25, height=1.0):
    """The same everywhere."""
    return np.full(X.shape[:3], height * samples, np.float32)
'''
NEW_ROW = 'Method("flat", "flat map", {"samples": "samples"}, {"samples": 3}),\n    '

USED = """
import sys

from cs231n_vis.explorer.state import State, as_code
from cs231n_vis.names import find_methods
from cs231n_vis.terminal.commands import METHODS_HELP

assert "tensorflow" not in sys.modules
assert find_methods(["Flat"]) == ["flat"] and find_methods(["all"])[0] == "flat"
assert METHODS_HELP.startswith("The methods: flat, saliency, ")
assert State(samples=7).settings("flat") == {"samples": 7}
assert "vis.methods.flat(X, y, model, samples=25)" in as_code(State(methods=("flat",)), 1)

import numpy as np

from cs231n_vis import methods, metrics
from cs231n_vis.explorer.widgets import Explorer

X, y = np.zeros((2, 8, 8, 3), np.float32), np.zeros(2, int)
assert methods.METHODS["flat"].function is methods.flat and "flat" in methods.__all__
assert (methods.flat(X, y, None) == 25).all()
assert metrics.QUICK["flat"] == {"samples": 3}
assert (metrics.quick_methods()["flat map"](X, y, None) == 3).all()
explorer = Explorer()
assert ("flat map", "flat") in explorer._first.options
assert explorer._computer.wait()  # Python does not end well while TensorFlow is at work
"""


def test_a_row_and_a_file_are_all_that_a_new_method_takes(tmp_path):
    copy = tmp_path / "cs231n_vis"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PACKAGE.parent / "datasets", tmp_path / "datasets")
    table = copy / "method_table.py"
    before, first, after = table.read_text("utf-8").partition('Method("saliency"')
    table.write_text(before + NEW_ROW + first + after, "utf-8")
    (copy / "methods" / "flat.py").write_text(NEW_METHOD, "utf-8")
    used = subprocess.run(
        [sys.executable, "-c", USED], cwd=tmp_path, capture_output=True, text=True
    )
    assert used.returncode == 0, used.stderr


def test_parameters_for_a_quick_comparison_are_keywords_of_the_method():
    for method in METHODS.values():
        assert method.quick.keys() <= inspect.signature(method.function).parameters.keys()


def test_two_methods_of_one_name_are_refused_when_they_are_defined():
    text = (PACKAGE / "method_table.py").read_text("utf-8")
    twice = text.replace('Method("rise",', 'Method("saliency",')
    with pytest.raises(ValueError, match="Two methods have one name"):
        exec(compile(twice, "method_table.py", "exec"), {"__name__": METHODS["rise"].__module__})
