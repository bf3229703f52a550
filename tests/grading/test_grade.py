"""A class is graded rightly, whatever is in it: real kernels behind real walls."""

import csv
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest
from submissions import ATTACKED, as_notebook, submissions

from cs231n_vis.checking.assignments import CHECKS
from cs231n_vis.grading import grade as grading
from cs231n_vis.grading import submission as submission_of_one
from cs231n_vis.grading.ours import GROUPS, remove_what_is_nobodys
from cs231n_vis.grading.ours import NAME as OURS
from cs231n_vis.grading.results import CheckResult, Result, folder_name, read_result
from cs231n_vis.making.release import read_source, student_version

ROOT = Path(__file__).parents[2]
NAME = "01_saliency_maps"
CLASS = {
    "right/returns_a_tensor": ("passed", None),
    "right/lost_metadata": ("passed", None),
    "right/tf1_graph": ("passed", None),
    "wrong/absolute_after_maximum": ("failed", "absolute_value_after_maximum"),
    "wrong/all_classes": ("failed", "all_classes_summed"),
    "cheating/array_that_equals_everything": ("failed", None),
    "cheating/copies_a_classmate": ("error", None),
    "cheating/environment_variables": ("failed", None),
    "cheating/fetches_answers": ("failed", None),
    "cheating/forged_stdout": ("failed", None),
    "cheating/imports_the_reference": ("error", None),
    "cheating/patched_numpy": ("failed", None),
    "cheating/reads_saved_maps": ("error", None),
    "cheating/reads_the_judge_memory": ("failed", None),
    "cheating/right_for_the_saved_images_only": ("failed", None),
    "cheating/sitecustomize": ("failed", None),
    "cheating/two_answer_cells": ("missing", None),
    "cheating/uncovers_what_is_hidden": ("error", None),
    "hostile/busy_gpu_and_threads": ("failed", None),
    "hostile/deletes_its_folder": ("failed or error", None),
    "hostile/disk_that_cannot_be_seen": ("error", None),
    "hostile/exhausts_descriptors": ("failed", None),
    "hostile/exits": ("error", None),
    "hostile/fills_the_disk": ("error", None),
    "hostile/fork_bomb": ("error", None),
    "hostile/infinite_loop": ("error", None),
    "hostile/kills_everything": ("error", None),
    "hostile/links_for_sockets": ("failed or error", None),
    "hostile/memory_flood": ("error", None),
    "hostile/memory_that_cannot_be_seen": ("failed or error", None),
    "hostile/output_flood_of_descriptors": ("error", None),
}
# What uses up its bounds is so done sooner, and TensorFlow has what it takes.
BOUNDS = {"seconds": 60, "memory": 2 << 30, "file_size": 64 << 20, "disk": 256 << 20}


@pytest.fixture(scope="module")
def student():
    return student_version(read_source(ROOT / "notebooks" / "source" / f"{NAME}.py"))


@pytest.fixture(scope="module")
def graded(student, tmp_path_factory):
    """The class above, graded once: {submission: its result}, and the folder of the results."""
    place = tmp_path_factory.mktemp("class")
    chosen = {s.id: s for s in submissions() if s.id in CLASS}
    for name, submission in chosen.items():
        nbformat.write(as_notebook(submission, student), place / f"{name.replace('/', '-')}.ipynb")
    (place / "empty file.ipynb").write_text("")
    out = tmp_path_factory.mktemp("graded")
    assignment = grading.load_assignment(ROOT / "notebooks" / "source" / f"{NAME}.py", seed=231)
    found = grading.find_submissions([place], NAME)
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(4) as pool:
        patch.setattr(submission_of_one, "CELL_SECONDS", 10)
        patch.setattr(submission_of_one, "LIMITS", replace(grading.LIMITS, **BOUNDS))
        with grading.safe_room(found, NAME, out) as room:

            def part(submissions):  # one grader at a time takes no kernel's loss for a neighbour's
                return list(grading.grade(submissions, assignment, out, room=room))

            # four, because most of what harms waits, or is waited for
            parts = pool.map(part, [found[n::4] for n in range(4)])
            results = [one for some in parts for one in some]
    return {result.student: result for result in results}, out, assignment


RIGHT = """
def {name}(X, {argument}, model):
    image = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        scores = model(image)
        score = {score}
    return np.abs(tape.gradient(score, image)).max(axis=3)
"""
FIRST = RIGHT.format(
    name="compute_saliency_maps",
    argument="y",
    score="tf.reduce_sum(scores * tf.one_hot(y, 1000))",
)
SECOND = RIGHT.format(
    name="compute_weighted_saliency_maps",
    argument="losses",
    score="sum(weight * loss(scores) for loss, weight in losses)",
)


def _untidy(cells, add):
    """All right, and green in the student's own CI."""
    cells["cell-02"].source += "\nimport functools"
    cells["compute_saliency_maps"].source = FIRST
    twin = add("HELPER = functools.partial(np.max, axis=3)", before="compute_saliency_maps")
    twin.metadata = cells["compute_saliency_maps"].metadata  # JupyterLab's Split Cell
    cells["compute_saliency_maps"].source = FIRST.replace(
        "np.abs(tape.gradient(score, image)).max(axis=3)",
        "HELPER(np.abs(tape.gradient(score, image)))",
    )
    cells["compute_weighted_saliency_maps"].source = SECOND.replace(
        "model(image)", "model(image + 0 * classes[0])"
    )  # classes is of a cell that only shows something
    add("import time\ntime.sleep(1000)")
    add("exit()")


def _dies_between(cells, add):
    cells["compute_saliency_maps"].source = FIRST
    cells["compute_weighted_saliency_maps"].source = SECOND
    add("import os\nos._exit(0)", before="compute_weighted_saliency_maps")


def _endless(cells, add):
    cells["compute_saliency_maps"].source = FIRST
    cells["compute_weighted_saliency_maps"].source = SECOND.replace(
        "    image =", "    while True: pass\n    image ="
    )


def _does_not_compile(cells, add):
    cells["compute_saliency_maps"].source = FIRST.replace("to_tensor(X)", "to_tensor(X")
    cells["compute_weighted_saliency_maps"].source = "import no_such_module\n" + SECOND


def _missing_in_another_cell(cells, add):
    add("# mine\nimport no_such_module\nHALF = 1 / 2", before="compute_saliency_maps")
    cells["compute_saliency_maps"].source = FIRST.replace("model(image)", "model(image * HALF)")
    cells["compute_weighted_saliency_maps"].source = SECOND.replace("weighted_", "")


ONE_ANSWERS_FAULT = {
    _untidy: (15, "Right with every input.", "Right with every input."),
    _dies_between: (15, "Right with every input.", "Right with every input."),
    _endless: (10, "Right with every input.", "It ran longer than 10 seconds."),
    _does_not_compile: (
        0,
        "Your cell for compute_saliency_maps does not compile: line 2: '(' was never closed.",
        "Your cell for compute_weighted_saliency_maps raised an error: ModuleNotFoundError: No "
        "module named 'no_such_module'.",
    ),
    _missing_in_another_cell: (
        0,
        "The cell that begins with “import no_such_module” raised an error: ModuleNotFoundError: "
        "No module named 'no_such_module'.",
        "There is no function compute_weighted_saliency_maps when its check is reached: no cell "
        "defines it.",
    ),
}


@pytest.fixture(scope="module")
def graded_by_answer(student, tmp_path_factory):
    place = tmp_path_factory.mktemp("edited")
    for edit in ONE_ANSWERS_FAULT:
        notebook = nbformat.from_dict(student)
        cells = {cell.id: cell for cell in notebook.cells}

        def add(source, before=None, notebook=notebook):
            at = [cell.id for cell in notebook.cells].index(before) if before else None
            notebook.cells.insert(
                len(notebook.cells) if at is None else at, nbformat.v4.new_code_cell(source)
            )
            return notebook.cells[-1 if at is None else at]

        edit(cells, add)
        nbformat.write(notebook, place / f"{edit.__name__}.ipynb")
    assignment = grading.load_assignment(ROOT / "notebooks" / "source" / f"{NAME}.py", seed=231)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submission_of_one, "CELL_SECONDS", 10)
        found = grading.find_submissions([place], NAME)
        results = list(grading.grade(found, assignment, tmp_path_factory.mktemp("out"), jobs=2))
    return {result.student: result for result in results}


@pytest.mark.parametrize("edit", ONE_ANSWERS_FAULT, ids=lambda edit: edit.__name__)
def test_what_one_cell_does_is_no_other_answers_fault_and_the_message_is_the_cause(
    edit, graded_by_answer
):
    result = graded_by_answer[edit.__name__]
    score, *messages = ONE_ANSWERS_FAULT[edit]
    assert [check.message for check in result.checks] == messages, result
    assert result.score == score


@pytest.mark.parametrize("name", CLASS)
def test_each_gets_its_verdict(name, graded):
    result = graded[0][name.replace("/", "-")]
    check, _ = result.checks  # nobody wrote the second answer
    status, misconception = CLASS[name]
    assert result.status == "graded" and check.status in status.split(" or "), check.message
    assert result.score == (10 if name.startswith("right/") else 0)
    assert check.message
    if misconception:
        assert check.misconception == misconception


def test_every_attack_says_on_what_and_the_class_has_one_of_each():
    attacks = [one for one in submissions() if one.kind in ATTACKED]
    there = {(one.kind, one.attacks) for one in attacks}
    assert there == {(kind, name) for kind, names in ATTACKED.items() for name in names}
    assert there == {(one.kind, one.attacks) for one in attacks if one.id in CLASS}


def test_what_is_no_notebook_is_told_and_the_rest_is_graded(graded):
    result = graded[0]["empty file"]
    assert (result.status, result.message) == ("not graded", "empty file.ipynb is empty.")
    assert len(graded[0]) == len(CLASS) + 1


def test_each_result_has_the_documented_fields(graded):
    path = graded[1] / "students" / "right-tf1_graph" / NAME / "results.json"
    stored = json.loads(path.read_text("utf-8"))
    assert stored.keys() == {
        *("student", "assignment", "status", "score", "max_score", "seconds", "seed"),
        *("versions", "checks", "message", "submitted", "written"),
    }
    assert stored["checks"][:1] == [
        {
            "name": "saliency_maps",
            "points": 10,
            "max_points": 10,
            "status": "passed",
            "message": "Right with every input.",
            "misconception": None,
            "parts": [],
            "picture": "",
        }
    ]


def test_beside_it_are_the_executed_notebook_and_the_feedback(graded):
    folder = graded[1] / "students" / "wrong-all_classes" / NAME
    notebook = nbformat.read(folder / f"{NAME}.ipynb", 4)
    (check,) = (cell for cell in notebook.cells if cell.id == "check_saliency_maps")
    assert "saliency_maps: failed." in check.outputs[0].text

    page = (folder / "feedback.html").read_text("utf-8")
    assert "data:image/jpeg;base64," in page and "seed" not in page.lower()


def test_a_run_that_is_taken_up_grades_nothing_twice(graded, monkeypatch):
    results, out, assignment = graded
    monkeypatch.setattr(grading, "grade_task", None)  # would raise if it were called
    submission = grading.Submission("x", Path("no such file"))
    student = "right-tf1_graph"
    path = next(iter(out.parent.glob(f"class*/{student}.ipynb")))
    submission = grading.Submission(student, path)
    (again,) = grading.grade([submission], assignment, out)
    assert again == results[student]


def test_nothing_of_any_submission_is_left_running(graded):
    own = psutil.Process()
    strangers = [p for p in psutil.process_iter(["cmdline"]) if "ipykernel_launcher" in str(p.info)]
    assert not [p for p in strangers if "/vis-" in str(p.info["cmdline"]) and own in p.parents()]


def test_hidden_inputs_are_others_than_the_saved_ones_and_fixed_by_the_seed():
    source = ROOT / "notebooks" / "source" / f"{NAME}.py"
    known = len(CHECKS["saliency_maps"].known_probes())
    one, same, other = (
        grading.load_assignment(source, s).probes["saliency_maps"][known:] for s in (1, 1, 2)
    )
    assert sorted(len(probe.inputs["X"]) for probe in one) == [1, 3, 7, 7]
    for a, b, c in zip(one, same, other, strict=True):
        assert all((a.inputs[name] == b.inputs[name]).all() for name in ("X", "y"))
        assert not np.array_equal(a.inputs["X"], c.inputs["X"])
    assert all(probe.expected.max(axis=(1, 2)).min() > 0 for probe in one)


@pytest.mark.parametrize("name", ["..", ".", "a/../../b", "a\nb", "-rf", " ", "x" * 300, "\ud800"])
def test_a_students_name_becomes_one_folder(name, tmp_path):
    folder = tmp_path / folder_name(name)
    folder.mkdir()
    assert folder.resolve().parent == tmp_path.resolve()


def test_names_that_look_alike_stay_apart():
    names = ["a/b", "a_b", "a\\b", "a\nb"]
    assert len({folder_name(name) for name in names}) == len(names)
    assert folder_name("Zoë Müller-Ünal") == "Zoë Müller-Ünal"


# The command


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "cs231n_vis.cli", "grade", *map(str, arguments)],
        **{"capture_output": True, "text": True, "cwd": ROOT} | options,
    )


def test_the_command_grades_writes_the_table_and_says_by_its_status_what_happened(
    student, tmp_path
):
    (tmp_path / "class").mkdir()
    shutil.copy(ROOT / "notebooks" / f"{NAME}.ipynb", tmp_path / "class" / "ann.ipynb")
    out = tmp_path / "out"
    done = command(tmp_path / "class", "--out", out, "--format", "junit", "--fail-under", 50)
    assert done.returncode == 1 and "0/15" in done.stdout, done.stderr
    (row,) = csv.DictReader((out / "grades.csv").read_text("utf-8").splitlines())
    assert row["student"] == "ann" and float(row["score"]) == 0
    assert (out / "junit.xml").is_file() and int((out / "seed.txt").read_text()) >= 0
    again = command(tmp_path / "class", "--out", out)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["nowhere"], 1, "There is no nowhere: give a notebook or a folder"),
        (["notebooks", "--assignment", "99"], 1, "There is no assignment notebooks/source/99.py"),
        (["notebooks", "--format", "xls"], 1, "no format xls; there are canvas, gradescope"),
        (["notebooks", "--jobs", "0"], 2, "jobs"),
        ([], 2, "SUBMISSIONS"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(arguments, status, sentence):
    done = command(*arguments)
    assert done.returncode == status and sentence.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr


def _made_by_graders():
    return {*Path(tempfile.gettempdir()).glob(f"{OURS}*"), *GROUPS.rglob(f"{OURS}*")}


def test_a_run_killed_in_the_middle_leaves_whole_results_no_process_and_what_the_next_takes_away(
    student, tmp_path
):
    before = _made_by_graders()
    for number in range(3):
        shutil.copy(ROOT / "notebooks" / f"{NAME}.ipynb", tmp_path / f"student {number}.ipynb")
    run = subprocess.Popen(
        [sys.executable, "-m", "cs231n_vis.cli", "grade", str(tmp_path), "--out", tmp_path / "out"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 200
    while not list(tmp_path.glob("out/students/*/*/results.json")) and time.monotonic() < deadline:
        time.sleep(0.2)
    children = psutil.Process(run.pid).children(recursive=True)
    made = _made_by_graders() - before
    run.send_signal(signal.SIGKILL)
    run.wait()
    whole = [read_result(path) for path in tmp_path.glob("out/students/*/*/results.json")]
    assert 1 <= len(whole) < 3 and not list(tmp_path.glob("out/**/*.tmp"))
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    assert made & _made_by_graders()
    remove_what_is_nobodys()
    for left in made & _made_by_graders():  # of a grader beside this one, which lives
        assert subprocess.run(["flock", "--nonblock", left, "true"]).returncode


def test_a_score_is_the_sum_of_its_checks():
    checks = (CheckResult("a", 3, 5, "passed", ""), CheckResult("b", 0, 5, "failed", ""))
    result = Result("ann", NAME, "graded", 1.0, 7, {}, checks)
    assert (result.score, result.max_score) == (3, 10)
