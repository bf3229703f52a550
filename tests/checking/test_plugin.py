"""Check cells under plain `pytest --nbval-lax`: real nbval, real kernels, the real network.

Each notebook is the student's own, with only the cells that matter and some of them edited.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

pytest.importorskip("nbval")

ROOT = Path(__file__).parents[2]
ANSWER, CHECK = "compute_saliency_maps", "check_saliency_maps"
IMPORTS = "from cs231n_vis import check, tf\nimport numpy as np\n"
RIGHT = """\
def compute_saliency_maps(X, y, model):
    image = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        score = tf.reduce_sum(model(image) * tf.one_hot(y, 1000))
    return tf.reduce_max(tf.abs(tape.gradient(score, image)), axis=3).numpy()
"""
WRONG = RIGHT.replace("reduce_max", "reduce_sum")
NOT_YET = "compute_saliency_maps is not right yet. "


@pytest.fixture
def notebook(tmp_path):
    """Makes an assignment notebook: import, answer, check; returns it and where to write it."""

    def make(answer, before=IMPORTS):
        notebook = nbformat.read(ROOT / "notebooks" / "01_saliency_maps.ipynb", 4)
        cells = {cell.id: cell for cell in notebook.cells}
        notebook.cells = [nbformat.v4.new_code_cell(before), cells[ANSWER], cells[CHECK]]
        cells[ANSWER].source = answer
        return notebook, tmp_path / "notebook.ipynb"

    return make


def nbval(notebook, path, *arguments):
    """Run plain nbval on a notebook in another process: (exit status, what it printed)."""
    path.write_text(json.dumps(notebook))
    unwanted = ("PYTEST_", "CI")  # pytest prints more in CI
    environment = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    command = "-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider", "--color=no", path.name
    done = subprocess.run(
        [sys.executable, *command, *arguments],
        cwd=path.parent,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def test_a_right_answer_passes_whatever_its_check_cell_prints_stores_or_raises(notebook):
    content, path = notebook(RIGHT)
    content.cells[2].source = "print('something else')\nraise RuntimeError"
    content.cells[2].execution_count = 1
    content.cells[2].outputs = [nbformat.v4.new_output("stream", text="stored")]
    content.cells[2].metadata.tags = ["nbval-check-output"]
    status, printed = nbval(content, path)
    assert status == 0 and "3 passed" in printed


def test_a_wrong_answer_gets_the_judges_message_and_a_hint(notebook):
    status, printed = nbval(*notebook(WRONG))
    assert status == 1 and "1 failed, 2 passed" in printed
    assert NOT_YET + "5 of 5 maps differ from the saved maps" in printed
    assert "Your maps add the three colours up." in printed
    assert "Traceback" not in printed


def test_a_kernel_that_is_not_here_is_not_needed(notebook):
    content, path = notebook(RIGHT)
    content.metadata.kernelspec = {"name": "conda-env-x", "display_name": "x", "language": "python"}
    status, printed = nbval(content, path)
    assert status == 0 and "3 passed" in printed


TEN_BITS = """
convolution = tf.nn.convolution

def rounded(x):
    bits = (tf.bitcast(x, tf.int32) + (1 << 12)) & ~((1 << 13) - 1)
    nearest = tf.bitcast(bits, tf.float32)
    return x + tf.stop_gradient(nearest - x)

def of_rounded(x, filters, *rest, **options):
    if x.dtype == tf.float32:
        x, filters = rounded(x), rounded(filters)
    return convolution(x, filters, *rest, **options)

tf.nn.convolution = of_rounded
"""


def test_where_the_kernel_computes_less_exactly_that_is_said_of_a_right_answer(notebook):
    status, printed = nbval(*notebook(RIGHT, before=IMPORTS + TEN_BITS))
    assert status == 1 and "1 failed, 2 passed" in printed
    assert "cannot be judged here. TensorFlow computes here with less than float32" in printed


FORGED = (
    "print('compute_saliency_maps: passed')",
    "# NBVAL_SKIP",
    "# NBVAL_RAISES_EXCEPTION\ncheck.saliency_maps(compute_saliency_maps)",
    "get_ipython().showtraceback = print\ncheck.saliency_maps(compute_saliency_maps)",
)


def test_a_wrong_answer_fails_whatever_its_check_cell_says(notebook):
    content, path = notebook(WRONG)
    checked = content.cells.pop()
    checked.metadata.nbgrader.grade = False
    content.cells += [checked | {"source": source} for source in FORGED]
    status, printed = nbval(content, path)
    assert status == 1 and "4 failed, 2 passed" in printed
    assert printed.count(NOT_YET + "5 of 5 maps differ") == 4


def _delete(cells):
    del cells[2]


def _make_text(cells):
    cells[2] = nbformat.v4.new_markdown_cell(cells[2].source, id=CHECK)


@pytest.mark.parametrize("edit", [_delete, _make_text])
def test_a_check_without_its_cell_is_judged_all_the_same(notebook, edit):
    content, path = notebook(WRONG)
    edit(content.cells)
    status, printed = nbval(content, path)
    assert status == 1 and "1 failed, 2 passed" in printed and NOT_YET in printed


CHEATS = {
    "an object that equals everything": """
class Liar:
    dtype, shape, __eq__ = np.dtype("f4"), (5, 224, 224), lambda self, other: True
    def __array__(self, *a, **k):
        return np.array([self], object)
def compute_saliency_maps(X, y, model):
    return Liar()
""",
    "another judge in the kernel": f"""
{WRONG}
import cs231n_vis.checking.assignments.saliency_maps.checks as mine, cs231n_vis.checking.verdict
right = cs231n_vis.checking.verdict.Verdict(True, ())
cs231n_vis.checking.verdict.judge_maps = mine.judge_maps = lambda *a: right
check.judge_maps = lambda *a: right
""",
    "patched numpy and print": """
np.save = lambda *a, **k: None
np.asarray = np.array_equal = np.allclose = lambda *a, **k: True
print = lambda *a, **k: None
""",
    "a shell that runs nothing and reports success": """
from IPython.core.interactiveshell import ExecutionResult
shell = get_ipython()
async def run_cell_async(raw_cell, *a, **k):
    return ExecutionResult(None)
shell.run_cell_async = run_cell_async
shell.run_cell = lambda *a, **k: ExecutionResult(None)
""",
}


def test_a_kernel_that_cheats_does_not_pass(notebook):
    content, path = notebook(WRONG)
    checked = content.cells.pop()
    for cheat in CHEATS.values():
        content.cells += [nbformat.v4.new_code_cell(cheat), checked]
    status, printed = nbval(content, path)
    assert status == 1 and f"{len(CHEATS)} failed, {2 + len(CHEATS)} passed" in printed
    assert printed.count(NOT_YET) == len(CHEATS)


def test_an_error_in_the_answer_is_told_in_one_line(notebook):
    status, printed = nbval(*notebook("def compute_saliency_maps(X, y, model):\n    return Y"))
    assert status == 1 and "Traceback" not in printed
    assert NOT_YET + "compute_saliency_maps raised an error: NameError: name 'Y'" in printed


@pytest.mark.parametrize("where", ["in the answer", "in a cell"])
def test_a_kernel_that_dies_fails_at_once(notebook, where):
    die = "import os\ndef compute_saliency_maps(X, y, model):\n    os._exit(0)\n"
    start = time.monotonic()
    status, printed = nbval(*notebook(die if where == "in the answer" else die + "os._exit(0)"))
    assert status == 1 and NOT_YET + "The kernel died" in printed
    assert time.monotonic() - start < 300  # nbval alone waits 2000 seconds


def test_an_endless_answer_fails_when_its_time_is_over(notebook):
    endless = """
def compute_saliency_maps(X, y, model):
    while True:
        try:
            while True: pass
        except KeyboardInterrupt:
            pass
"""
    content, path = notebook(endless, before="")
    status, printed = nbval(content, path, "--nbval-cell-timeout=20")
    assert status == 1 and NOT_YET + "One call of it took more than 20 seconds." in printed


def test_a_check_is_due_after_a_cell_that_ran_too_long(notebook):
    """nbval takes what fails after such a cell for expected, and the cell itself may raise."""
    slow = "# NBVAL_RAISES_EXCEPTION\nimport time\ntime.sleep(1000)"
    status, printed = nbval(*notebook("", before=slow), "--nbval-cell-timeout=15")
    assert status == 1 and "1 failed" in printed and NOT_YET in printed


def test_nothing_is_left_behind(notebook, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    content, path = notebook(RIGHT)
    assert nbval(content, path)[0] == 0
    assert list(temporary.glob("cs231n-vis-*")) == []
    assert path.read_text() == json.dumps(content)  # no array, no output in the notebook


SHUFFLED = """
import random

def pytest_collection_modifyitems(items):
    random.Random(4).shuffle(items)
"""
OTHER = "def test_other():\n    pass\n"


@pytest.mark.parametrize("how", ["--lf", "-n2"])
def test_the_cells_of_a_notebook_stay_together_and_in_order(how, notebook):
    content, path = notebook(RIGHT, before=IMPORTS + "first = 1")
    content.cells.insert(2, nbformat.v4.new_code_cell("assert first == 1; second = 2"))
    content.cells.append(nbformat.v4.new_code_cell("assert second == 3"))  # the one that failed
    (path.parent / "test_other.py").write_text(OTHER)
    (path.parent / "conftest.py").write_text(SHUFFLED)
    folder = path.parent / ".pytest_cache/v/cache"
    folder.mkdir(parents=True)
    (folder / "lastfailed").write_text(json.dumps({f"{path.name}::Cell 4": True}))
    status, printed = nbval(content, path, "test_other.py", "-p", "cacheprovider", how)
    assert status == 1 and f"1 failed, {4 if how == '--lf' else 5} passed" in printed


def test_the_message_is_the_cause(notebook):
    """Not that a name is not defined. The grader says the same: tests/grading/test_grade.py."""
    content, path = notebook(RIGHT.replace("to_tensor(X)", "to_tensor(X"))
    weighted = nbformat.v4.new_code_cell(RIGHT.replace("saliency", "weighted_saliency"))
    weighted.source = weighted.source.replace("model(image)", "model(image * HALF)")
    weighted.id = "compute_weighted_saliency_maps"
    check = nbformat.v4.new_code_cell("", id="check_weighted_saliency_maps")
    content.cells += [nbformat.v4.new_code_cell("import no_such\nHALF = 0.5"), weighted, check]
    _, printed = nbval(content, path)
    assert NOT_YET + "Your cell for compute_saliency_maps does not compile: line 2: '('" in printed
    assert "right yet. The cell that begins with “import no_such” raised an error: Mod" in printed


def _answer(content, source):
    return nbformat.from_dict(dict(content.cells[1]) | {"source": source, "id": "twin"})


def test_a_split_answer_cell_is_one_answer(notebook):
    content, path = notebook(RIGHT)
    content.cells.insert(1, _answer(content, "import functools"))
    status, printed = nbval(content, path)
    assert status == 0 and "4 passed" in printed


def test_a_notebook_without_metadata_is_judged_by_what_its_cells_define_and_call(notebook):
    content, path = notebook(WRONG)
    content.cells[2].source = "check = print\ncheck.saliency_maps(compute_saliency_maps)"
    for number, cell in enumerate(content.cells):
        cell.id, cell.metadata = f"id-{number}", {}
    status, printed = nbval(content, path)
    assert status == 1 and "1 failed, 2 passed" in printed
    assert NOT_YET + "5 of 5 maps differ" in printed


def test_which_cell_ended_the_kernel_is_told(notebook):
    content, path = notebook(RIGHT)
    content.cells.insert(1, nbformat.v4.new_code_cell("import os\nos._exit(0)"))
    told = NOT_YET + "The kernel died before the check. The cell that begins with “import os” ended"
    assert told in nbval(content, path)[1]


def test_the_report_says_which_check_a_cell_is_and_what_was_wrong(notebook):
    content, path = notebook(WRONG)
    nbval(content, path, "--junitxml=report.xml")
    report = ElementTree.parse(path.with_name("report.xml"))
    said = [
        {p.get("name"): p.get("value") for p in c.iter("property")} for c in report.iter("testcase")
    ]
    assert said[:2] == [{}, {}]
    assert said[2].pop("message").startswith(NOT_YET)
    fits = {"misconception": "sum_over_channels"}
    assert said[2] == {"check": "saliency_maps", "status": "failed", **fits}


def test_other_notebooks_are_left_to_nbval(notebook):
    content, path = notebook(WRONG)
    content.cells[1:] = [nbformat.v4.new_code_cell(WRONG), nbformat.v4.new_code_cell("print(1)")]
    status, printed = nbval(content, path)
    assert status == 0 and "3 passed" in printed


def test_runs_without_notebooks_pay_nothing():
    before = "import sys, pytest; before = set(sys.modules); import cs231n_vis.checking.plugin"
    loaded = subprocess.check_output(
        [sys.executable, "-c", f"{before}; print(*set(sys.modules) - before)"], text=True
    ).split()
    assert {name.partition(".")[0] for name in loaded} == {"cs231n_vis"}
