"""Check cells under plain `pytest --nbval-lax`: real nbval, real kernels, the real network.

Each notebook is the student's own, with only the cells that matter and some of them edited.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbval_runs import Ran
from nbval_runs import nbval as run_nbval

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


def notebook(answer, before=IMPORTS):
    """An assignment notebook: import, answer, check."""
    notebook = nbformat.read(ROOT / "notebooks" / "01_saliency_maps.ipynb", 4)
    cells = {cell.id: cell for cell in notebook.cells}
    notebook.cells = [nbformat.v4.new_code_cell(before), cells[ANSWER], cells[CHECK]]
    cells[ANSWER].source = answer
    return notebook


def nbval(content, path, *arguments) -> Ran:
    """What plain nbval says of one notebook."""
    path.write_text(json.dumps(content))
    return run_nbval([path], *arguments)[str(path)]


TOGETHER: dict[str, Callable] = {}


def together(make: Callable) -> Callable:
    """A notebook that is run with others, in one process of nbval's; ``ran`` says how it went."""
    TOGETHER[make.__name__] = make
    return make


@pytest.fixture(scope="module")
def all_ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("together")
    paths = {name: folder / f"{name}.ipynb" for name in TOGETHER}
    for name, make in TOGETHER.items():
        paths[name].write_text(json.dumps(make()))
    return run_nbval(list(paths.values()))


@pytest.fixture
def ran(all_ran):
    return {Path(path).stem: each for path, each in all_ran.items()}


@together
def right():
    content = notebook(RIGHT)
    content.cells[2].source = "print('something else')\nraise RuntimeError"
    content.cells[2].execution_count = 1
    content.cells[2].outputs = [nbformat.v4.new_output("stream", text="stored")]
    content.cells[2].metadata.tags = ["nbval-check-output"]
    return content


def test_a_right_answer_passes_whatever_its_check_cell_prints_stores_or_raises(ran):
    assert ran["right"].counts == {"passed": 3}


@together
def wrong():
    return notebook(WRONG)


def test_a_wrong_answer_gets_the_judges_message_and_a_hint(ran):
    told = ran["wrong"].told
    assert ran["wrong"].counts == {"failed": 1, "passed": 2}
    assert NOT_YET + "5 of 5 maps differ from the saved maps" in told
    assert "Your maps add the three colours up." in told
    assert "Traceback" not in told


def test_the_report_says_which_check_a_cell_is_and_what_was_wrong(ran):
    *others, said = ran["wrong"].properties
    assert others == [{}, {}]
    assert said.pop("message").startswith(NOT_YET)
    fits = {"misconception": "sum_over_channels"}
    assert said == {"check": "saliency_maps", "status": "failed", **fits}


@together
def kernel_elsewhere():
    content = notebook(RIGHT)
    content.metadata.kernelspec = {"name": "conda-env-x", "display_name": "x", "language": "python"}
    return content


def test_a_kernel_that_is_not_here_is_not_needed(ran):
    assert ran["kernel_elsewhere"].counts == {"passed": 3}


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


@together
def ten_bits():
    return notebook(RIGHT, before=IMPORTS + TEN_BITS)


def test_where_the_kernel_computes_less_exactly_that_is_said_of_a_right_answer(ran):
    assert ran["ten_bits"].counts == {"failed": 1, "passed": 2}
    told = "cannot be judged here. TensorFlow computes here with less than float32"
    assert told in ran["ten_bits"].told


FORGED = (
    "print('compute_saliency_maps: passed')",
    "# NBVAL_SKIP",
    "# NBVAL_RAISES_EXCEPTION\ncheck.saliency_maps(compute_saliency_maps)",
    "get_ipython().showtraceback = print\ncheck.saliency_maps(compute_saliency_maps)",
)


@together
def forged():
    content = notebook(WRONG)
    checked = content.cells.pop()
    checked.metadata.nbgrader.grade = False
    content.cells += [
        checked | {"source": source, "id": f"forged-{n}"} for n, source in enumerate(FORGED)
    ]
    return content


def test_a_wrong_answer_fails_whatever_its_check_cell_says(ran):
    assert ran["forged"].counts == {"failed": 4, "passed": 2}
    assert ran["forged"].told.count(NOT_YET + "5 of 5 maps differ") == 4


@together
def check_deleted():
    content = notebook(WRONG)
    del content.cells[2]
    return content


@together
def check_made_text():
    content = notebook(WRONG)
    content.cells[2] = nbformat.v4.new_markdown_cell(content.cells[2].source, id=CHECK)
    return content


@pytest.mark.parametrize("name", ["check_deleted", "check_made_text"])
def test_a_check_without_its_cell_is_judged_all_the_same(ran, name):
    assert ran[name].counts == {"failed": 1, "passed": 2} and NOT_YET in ran[name].told


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


@together
def cheats():
    content = notebook(WRONG)
    checked = content.cells.pop()
    for number, cheat in enumerate(CHEATS.values()):
        content.cells += [nbformat.v4.new_code_cell(cheat), checked | {"id": f"check-{number}"}]
    return content


def test_a_kernel_that_cheats_does_not_pass(ran):
    assert ran["cheats"].counts == {"failed": len(CHEATS), "passed": 2 + len(CHEATS)}
    assert ran["cheats"].told.count(NOT_YET) == len(CHEATS)


@together
def raises():
    return notebook("def compute_saliency_maps(X, y, model):\n    return Y")


def test_an_error_in_the_answer_is_told_in_one_line(ran):
    told = ran["raises"].told
    assert ran["raises"].counts == {"failed": 1, "passed": 2} and "Traceback" not in told
    assert NOT_YET + "compute_saliency_maps raised an error: NameError: name 'Y'" in told


DIE = "import os\ndef compute_saliency_maps(X, y, model):\n    os._exit(0)\n"


@pytest.mark.parametrize("answer", [DIE, DIE + "os._exit(0)"], ids=["in the answer", "in a cell"])
def test_a_kernel_that_dies_fails_at_once(tmp_path, answer):
    start = time.monotonic()
    died = nbval(notebook(answer), tmp_path / "notebook.ipynb")
    assert "failed" in died.counts and NOT_YET + "The kernel died" in died.told
    assert time.monotonic() - start < 300  # nbval alone waits 2000 seconds


def test_an_endless_answer_fails_when_its_time_is_over(tmp_path):
    endless = """
def compute_saliency_maps(X, y, model):
    while True:
        try:
            while True: pass
        except KeyboardInterrupt:
            pass
"""
    content = notebook(endless, before="")
    ended = nbval(content, tmp_path / "notebook.ipynb", "--nbval-cell-timeout=20")
    assert NOT_YET + "One call of it took more than 20 seconds." in ended.told


def test_a_check_is_due_after_a_cell_that_ran_too_long(tmp_path):
    """nbval takes what fails after such a cell for expected, and the cell itself may raise."""
    slow = "# NBVAL_RAISES_EXCEPTION\nimport time\ntime.sleep(1000)"
    content = notebook("", before=slow)
    ran = nbval(content, tmp_path / "notebook.ipynb", "--nbval-cell-timeout=15")
    assert ran.counts["failed"] == 1 and NOT_YET in ran.told


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    content, path = notebook(RIGHT), tmp_path / "notebook.ipynb"
    assert nbval(content, path).counts == {"passed": 3}
    assert list(temporary.glob("cs231n-vis-*")) == []
    assert path.read_text() == json.dumps(content)  # no array, no output in the notebook


SHUFFLED = """
import random

def pytest_collection_modifyitems(items):
    random.Random(4).shuffle(items)
"""
OTHER = "def test_other():\n    pass\n"


@pytest.mark.parametrize("how", ["--lf", "-n2"])
def test_the_cells_of_a_notebook_stay_together_and_in_order(how, tmp_path):
    content, path = notebook(RIGHT, before=IMPORTS + "first = 1"), tmp_path / "notebook.ipynb"
    content.cells.insert(2, nbformat.v4.new_code_cell("assert first == 1; second = 2"))
    content.cells.append(nbformat.v4.new_code_cell("assert second == 3"))  # the one that failed
    (tmp_path / "test_other.py").write_text(OTHER)
    (tmp_path / "conftest.py").write_text(SHUFFLED)
    folder = tmp_path / ".pytest_cache/v/cache"
    folder.mkdir(parents=True)
    (folder / "lastfailed").write_text(json.dumps({f"{path.name}::Cell 4": True}))
    ran = nbval(content, path, "test_other.py", "-p", "cacheprovider", how)
    assert ran.outcomes == ["passed"] * 4 + ["failed"]


@together
def two_causes():
    content = notebook(RIGHT.replace("to_tensor(X)", "to_tensor(X"))
    weighted = nbformat.v4.new_code_cell(RIGHT.replace("saliency", "weighted_saliency"))
    weighted.source = weighted.source.replace("model(image)", "model(image * HALF)")
    weighted.id = "compute_weighted_saliency_maps"
    check = nbformat.v4.new_code_cell("", id="check_weighted_saliency_maps")
    content.cells += [nbformat.v4.new_code_cell("import no_such\nHALF = 0.5"), weighted, check]
    return content


def test_the_message_is_the_cause(ran):
    """Not that a name is not defined. The grader says the same: tests/grading/test_grade.py."""
    told = ran["two_causes"].told
    assert NOT_YET + "Your cell for compute_saliency_maps does not compile: line 2: '('" in told
    assert "right yet. The cell that begins with “import no_such” raised an error: Mod" in told


@together
def split():
    content = notebook(RIGHT)
    first = dict(content.cells[1]) | {"source": "import functools", "id": "twin"}
    content.cells.insert(1, nbformat.from_dict(first))
    return content


def test_a_split_answer_cell_is_one_answer(ran):
    assert ran["split"].counts == {"passed": 4}


@together
def no_metadata():
    content = notebook(WRONG)
    content.cells[2].source = "check = print\ncheck.saliency_maps(compute_saliency_maps)"
    for number, cell in enumerate(content.cells):
        cell.id, cell.metadata = f"id-{number}", {}
    return content


def test_a_notebook_without_metadata_is_judged_by_what_its_cells_define_and_call(ran):
    assert ran["no_metadata"].counts == {"failed": 1, "passed": 2}
    assert NOT_YET + "5 of 5 maps differ" in ran["no_metadata"].told


@together
def ends_its_kernel():
    content = notebook(RIGHT)
    content.cells.insert(1, nbformat.v4.new_code_cell("import os\nos._exit(0)"))
    return content


def test_which_cell_ended_the_kernel_is_told(ran):
    told = NOT_YET + "The kernel died before the check. The cell that begins with “import os” ended"
    assert told in ran["ends_its_kernel"].told


@together
def no_assignment():
    content = notebook(WRONG)
    content.cells[1:] = [nbformat.v4.new_code_cell(WRONG), nbformat.v4.new_code_cell("print(1)")]
    return content


def test_other_notebooks_are_left_to_nbval(ran):
    assert ran["no_assignment"].counts == {"passed": 3}


def test_runs_without_notebooks_pay_nothing():
    before = "import sys, pytest; before = set(sys.modules); import cs231n_vis.checking.plugin"
    loaded = subprocess.check_output(
        [sys.executable, "-c", f"{before}; print(*set(sys.modules) - before)"], text=True
    ).split()
    assert {name.partition(".")[0] for name in loaded} == {"cs231n_vis"}
