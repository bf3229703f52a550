"""A mark follows from what it should, and from nothing else: not an old one, nor misfortune."""

import contextlib
import csv
import importlib.metadata
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from rich.console import Console

from cs231n_vis.grading import course, key, report, submission
from cs231n_vis.grading import grade as grading
from cs231n_vis.grading.messages import Reply
from cs231n_vis.grading.results import (
    CheckResult,
    Result,
    folder_of,
    read_result,
    with_earlier,
    write_result,
)
from cs231n_vis.grading.walls import NoWalls, Room
from cs231n_vis.making.release import read_source, student_version

ROOT = Path(__file__).parents[2]
NAME = "01_saliency_maps"
OF_NO_ROSTER = [name for name in report.FORMATS if name not in ("canvas", "moodle")]
SOURCE = ROOT / "notebooks" / "source" / f"{NAME}.py"
NOTEBOOK = ROOT / "notebooks" / "solutions" / f"{NAME}.ipynb"


@pytest.fixture(scope="module")
def assignment():
    return grading.load_assignment(SOURCE, seed=231)


@pytest.fixture
def handed_in(tmp_path):
    """A class of one, who handed in the solution."""
    (tmp_path / "class").mkdir()
    shutil.copy(NOTEBOOK, tmp_path / "class" / "ann.ipynb")
    return tmp_path / "class"


# What a mark follows from ----------------------------------------------------------------------


def pristine(text=None):
    """What students get of this source; of the assignment's own by default."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, f"{NAME}.py")
        path.write_text(text or SOURCE.read_text("utf-8"), "utf-8")
        return student_version(read_source(path))


def part_of_key(name, notebook=None, walls="bubblewrap"):
    return key.key_of_run(notebook or pristine(), walls)[name]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("points=10", "points=12"),
        ("    check,\n", "    check,\n    tf1,\n"),
        ("(X, y,", "(X, y, z,"),
    ],
)
def test_points_and_code_of_the_assignment_are_in_the_key(before, after):
    text = SOURCE.read_text("utf-8")
    assert before in text
    changed = pristine(text.replace(before, after))
    assert part_of_key("assignment_digest", changed) != part_of_key("assignment_digest")


def test_what_the_assignment_says_in_words_and_its_solution_are_not():
    text = SOURCE.read_text("utf-8")
    solution = re.search(r"### BEGIN SOLUTION\n(\s*)", text)
    for changed in (
        text.replace("# %% [markdown]\n# ", "# %% [markdown]\n# Dear class: ", 1),
        text.replace(solution[0], f"{solution[0]}pass\n{solution[1]}", 1),
    ):
        assert changed != text
        notebook = pristine(changed)
        assert part_of_key("assignment_digest", notebook) == part_of_key("assignment_digest")


@pytest.mark.parametrize(
    "file",
    [
        "checking/assignments/saliency_maps/mistakes.py",
        "grading/merge.py",
        "grading/feedback.html.jinja",
        "squeezenet.py",
    ],
)
def test_a_mended_check_a_catalogue_and_any_code_of_the_package_are_in_the_key(
    file, tmp_path, monkeypatch
):
    before = part_of_key("package_digest")
    package = tmp_path / "cs231n_vis"
    shutil.copytree(ROOT / "cs231n_vis", package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(key, "__file__", str(package / "grading" / "key.py"))
    assert part_of_key("package_digest") == before
    with open(package / file, "a") as stream:
        stream.write("# mended\n")
    assert part_of_key("package_digest") != before


def test_saved_maps_are_in_the_key(tmp_path, monkeypatch):
    before = part_of_key("data_digest")
    shutil.copytree(ROOT / "datasets" / "saved_maps", tmp_path / "saved_maps")
    shutil.copy(ROOT / "datasets" / "manifest.json", tmp_path)
    monkeypatch.setattr(key, "shipped", tmp_path.joinpath)
    assert part_of_key("data_digest") == before
    with open(tmp_path / "saved_maps" / "saliency_maps.safetensors", "ab") as stream:
        stream.write(b"\0")
    assert part_of_key("data_digest") != before


def test_every_installed_library_is_in_the_key(monkeypatch):
    before = part_of_key("installed_digest")
    more = SimpleNamespace(name="pandas", version="3.0")
    all_of_them = [*importlib.metadata.distributions(), more]
    monkeypatch.setattr(key, "distributions", lambda path: all_of_them)
    assert part_of_key("installed_digest") != before


def test_what_a_library_puts_on_the_path_for_itself_is_not_in_the_key(monkeypatch, tmp_path):
    before = part_of_key("installed_digest")
    about = tmp_path / "setuptools" / "_vendor" / "wheel-0.46.3.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: wheel\nVersion: 0.46.3\n")
    monkeypatch.syspath_prepend(about.parent)
    assert "0.46.3" in {one.version for one in importlib.metadata.distributions(name="wheel")}
    assert part_of_key("installed_digest") == before


def test_walls_are_in_the_key():
    assert part_of_key("walls", walls="limits") != part_of_key("walls")


# A second run ----------------------------------------------------------------------------------


@pytest.fixture
def run(monkeypatch, assignment, tmp_path):
    """Grade a class with a check that gives these points: ``run(folder, points, …) -> results``.

    It stands in for the run of a kernel, and raises what it is given in place of points.
    """
    monkeypatch.setattr(grading, "safe_room", lambda *_: contextlib.nullcontext(Room((), {})))
    asked = []

    def grade(folder, points, again=False, run_key=None, seed=231):
        def run_and_judge(task, *_):
            asked.append(task.blank.student)
            if isinstance(points, Exception):
                raise points
            checks = (CheckResult("saliency_maps", points, 10, "passed", ""),)
            return submission.Graded(replace(task.blank, status="graded", checks=checks))

        monkeypatch.setattr(submission, "run_and_judge", run_and_judge)
        monkeypatch.setattr(grading, "key_of_run", lambda *_: run_key or {"package_digest": "1"})
        found = grading.find_submissions([folder], NAME)
        asked.clear()
        prepared = replace(assignment, seed=seed)
        results = list(grading.grade(found, prepared, tmp_path / "out", again=again))
        return results, list(asked)

    return grade


def test_what_has_not_changed_is_not_graded_twice_unless_asked_to(handed_in, run):
    first, asked = run(handed_in, 10)
    assert asked == ["ann"]
    assert run(handed_in, 5) == (first, [])
    again, asked = run(handed_in, 5, again=True)
    assert (again[0].score, asked) == (5, ["ann"])


def test_another_time_of_handing_in_is_written_down_and_nothing_graded_again(
    handed_in, run, monkeypatch
):
    (first,), _ = run(handed_in, 10)
    monkeypatch.setattr(course.Course, "submitted", lambda *_: "2026-10-09T21:59:00+00:00")
    (second,), asked = run(handed_in, 5)
    assert asked == [] and second == replace(first, submitted="2026-10-09T21:59:00+00:00")
    assert run(handed_in, 5) == ([second], [])


@pytest.mark.parametrize("what", ["submission", "key", "seed"])
def test_what_has_changed_is_graded_again_and_the_earlier_result_kept(
    what, handed_in, run, tmp_path
):
    (first,), _ = run(handed_in, 10)
    if what == "submission":
        with open(handed_in / "ann.ipynb", "a") as stream:
            stream.write("\n")
    changed = {"key": {"run_key": {"package_digest": "2"}}, "seed": {"seed": 7}}.get(what, {})
    (second,), asked = run(handed_in, 5, **changed)
    assert asked == ["ann"] and second.score == 5
    folder = folder_of(tmp_path / "out", "ann", NAME)
    assert read_result(folder / "results.json") == second
    assert read_result(folder / "earlier" / "0001.json") == first


@pytest.mark.parametrize(
    "misfortune",
    [
        OSError(28, "No space left on device"),
        MemoryError(),
        RuntimeError("latex could not be found"),
        grading.GraderFailed("the process that runs it was ended by signal 9"),
    ],
)
def test_misfortune_gives_no_mark_and_is_tried_again(misfortune, handed_in, run, tmp_path):
    (first,), _ = run(handed_in, misfortune)
    assert first.status == "not graded" and str(misfortune) in first.message
    page = folder_of(tmp_path / "out", "ann", NAME) / "feedback.html"
    assert "not graded" in page.read_text("utf-8")
    (second,), asked = run(handed_in, 10)
    assert (second.status, second.score, asked) == ("graded", 10, ["ann"])


def test_a_file_with_another_name_is_looked_at_again(handed_in, run):
    (handed_in / "ben").mkdir()
    (handed_in / "ann.ipynb").rename(handed_in / "ben" / "homework.ipynb")
    (first,), _ = run(handed_in, 10)
    assert "only homework.ipynb" in first.message
    (handed_in / "ben" / "homework.ipynb").rename(handed_in / "ben" / f"{NAME}.ipynb")
    assert run(handed_in, 10)[0][0].score == 10


def test_a_second_file_of_a_student_undoes_the_mark_of_the_first(handed_in, run):
    run(handed_in, 10)
    (handed_in / "ann").mkdir()
    shutil.copy(NOTEBOOK, handed_in / "ann" / f"{NAME}.ipynb")
    (second,), _ = run(handed_in, 10)
    assert second.status == "not graded" and "two files of this student" in second.message


def test_results_that_cannot_be_written_end_nothing(handed_in, run, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(grading, "write_result", full)
    (result,), _ = run(handed_in, 10)
    assert result.status == "not graded" and "No space left on device" in result.message


def test_a_run_says_who_moved_from_what_to_what_and_why(tmp_path):
    def result(points, digest, student="ann", status="graded"):
        check = CheckResult("saliency_maps", points, 10, "passed", "")
        versions = {"package_digest": digest, "submission_sha256": "a"}
        return Result(student, NAME, status, 1, 1, versions, (check,) if status == "graded" else ())

    assert report.change(None, result(5, "1")) is None
    assert report.change(result(5, "1"), result(5, "2")) is None
    moved = report.change(result(5, "1"), result(10, "2"))
    back = report.change(result(0, "1", "=ben\n", "not graded"), result(10, "1", "=ben\n"))
    for each in (moved, back):
        report.add_to_changes(each, tmp_path)
    rows = list(csv.DictReader((tmp_path / "changes.csv").read_text("utf-8").splitlines()))
    told = [[row[name] for name in report.CHANGES[1:]] for row in rows]
    assert told == [
        ["ann", NAME, "5/10", "10/10", "saliency_maps 5 → 10", "this package's code"],
        ["'=ben\\n", NAME, "not graded", "10/10", "saliency_maps – → 10", "graded again"],
    ]
    screen = Console(file=io.StringIO(), width=120)
    screen.print(report.summary([moved.after, back.after], [moved, back]))
    text = screen.file.getvalue()
    assert "Moved since the run before: 2" in text
    assert re.search(r"ann +5/10 → 10/10 +saliency_maps 5 → 10 +\(this package's code\)", text)


def test_a_form_that_was_asked_for_once_is_kept_up_to_date(tmp_path):
    versions = {"numpy": "2"}
    for points in (0, 10):
        check = CheckResult("saliency_maps", points, 10, "passed", "")
        result = Result("ann", NAME, "graded", 1, 1, versions, (check,))
        report.write_class_report([result], tmp_path, () if points else OF_NO_ROSTER)
    assert "10.0" in (tmp_path / "nbgrader.csv").read_text("utf-8").splitlines()[1]
    stored = folder_of(tmp_path, "ann", NAME) / "gradescope.json"
    assert '"score": 10' in stored.read_text("utf-8")


def test_who_is_graded_again_alone_takes_no_one_out_of_the_table(tmp_path):
    def result(student, points):
        check = CheckResult("saliency_maps", points, 10, "passed", "")
        return Result(student, NAME, "graded", 1, 1, {"numpy": "2"}, (check,))

    for each in (result("ann", 0), result("Ben ", 5)):
        write_result(each, folder_of(tmp_path, each.student, NAME) / "results.json")
    (folder_of(tmp_path, "zoe", NAME)).mkdir(parents=True)  # never graded
    again = result("ann", 10)
    assert with_earlier([again], tmp_path, NAME) == [again, result("Ben ", 5)]
    assert with_earlier([again], tmp_path, "02_other") == [again]


# Misfortune, for real --------------------------------------------------------------------------


def test_what_was_lost_beside_others_is_graded_again_alone(assignment, tmp_path, monkeypatch):
    """Only in the second go, when nothing else runs, does the slow one get through."""
    for name in ("ann", "ben", "slow"):
        shutil.copy(NOTEBOOK, tmp_path / f"{name}.ipynb")
    running, beside, lock = set(), [], threading.Lock()

    def run_worker(place, task, grader):
        student = task.blank.student
        with lock:
            running.add(student)
            beside.append((student, len(running) - 1))
        time.sleep(0.5)
        tries = [name for name, _ in beside].count("slow")
        slow = student == "slow" and tries < 2
        lost = "A cell ran longer than 60 seconds." if slow else ""
        running.discard(student)
        problems = {check.answer: "no" for check in grader.assignment.checks.values()}
        return Reply(problems=problems, lost=lost, in_doubt=slow)

    monkeypatch.setattr(grading, "safe_room", lambda *_: contextlib.nullcontext(Room((), {})))
    monkeypatch.setattr(submission, "_run_worker", run_worker)
    found = grading.find_submissions([tmp_path], NAME)
    results = list(grading.grade(found, assignment, tmp_path / "out", jobs=2))
    assert [result.student for result in results][-1] == "slow"
    assert [each for each in beside if each[0] == "slow"][1:] == [("slow", 0)]
    assert {result.status for result in results} == {"graded"}


def workers_of(process):
    """Processes below this one that run a submission, once its kernel is up."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if "cs231n_vis.grading.worker" in child.cmdline() and child.children():
                    yield child


def when_one_works(process, act):
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        if found := list(workers_of(process)):
            return act(found[0])
        time.sleep(0.05)
    raise AssertionError("no worker was seen")


def test_a_worker_that_is_killed_is_the_graders_misfortune(assignment, handed_in, tmp_path):
    hunter = threading.Thread(
        target=when_one_works, args=(psutil.Process(), lambda worker: worker.kill())
    )
    hunter.start()
    found = grading.find_submissions([handed_in], NAME)
    (result,) = grading.grade(found, assignment, tmp_path / "out")
    hunter.join()
    assert (result.status, result.score, result.checks) == ("not graded", 0, ())
    assert "the process that runs it was ended by signal 9" in result.message


@pytest.mark.skipif(os.name != "posix", reason="Windows has other signals")
def test_ctrl_c_makes_no_mark_and_leaves_no_process(handed_in, tmp_path):
    shutil.copy(NOTEBOOK, handed_in / "ben.ipynb")
    arguments = ["grade", str(handed_in), "--out", str(tmp_path / "out"), "--jobs", "2"]
    run = subprocess.Popen(
        [sys.executable, "-m", "cs231n_vis.cli", *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process = psutil.Process(run.pid)
    when_one_works(process, lambda worker: time.sleep(1))
    children = process.children(recursive=True)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to all of its processes
    _, said = run.communicate(timeout=120)
    assert run.returncode == 130, said
    assert re.search(r"Interrupted: \d of 2 are done, and no mark was made of the rest", said)
    assert "Traceback" not in said
    stored = [read_result(path) for path in tmp_path.glob("out/students/*/*/results.json")]
    assert all(result.score == result.max_score == 15 for result in stored)
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive


@contextlib.contextmanager
def full_disk(megabytes):
    """A folder on a disk of this size; None if we may not make one."""
    with tempfile.TemporaryDirectory() as place:
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", place]
        if subprocess.run(command, capture_output=True).returncode:
            yield None
            return
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)


@contextlib.contextmanager
def short_of_disk(megabytes, monkeypatch):
    with full_disk(megabytes) as place:
        if place is not None:
            monkeypatch.setattr(tempfile, "tempdir", place)
            yield
            return
        import resource  # not root: a file of no size is a disk that takes nothing

        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (megabytes << 10, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_up_is_the_graders_misfortune(
    assignment, handed_in, tmp_path, monkeypatch
):
    """The kernel has started, and cannot hand its answers over; without root it is not asked."""
    found = grading.find_submissions([handed_in], NAME)
    with contextlib.ExitStack() as stack:
        room = None
        if os.geteuid():  # a limit on the size of files would stop the room from being made
            room = stack.enter_context(grading.safe_room(found, NAME, tmp_path / "out"))
        stack.enter_context(short_of_disk(17, monkeypatch))
        (result,) = grading.grade(found, assignment, tmp_path / "out", room=room)
    assert (result.status, result.checks) == ("not graded", ())
    assert "The grader failed on this submission" in result.message


def test_a_disk_that_is_full_is_told_before_anything_is_graded(
    assignment, handed_in, tmp_path, monkeypatch
):
    with short_of_disk(1, monkeypatch):
        found = grading.find_submissions([handed_in], NAME)
        with pytest.raises(NoWalls, match=r"could not be written to .*: make space there"):
            list(grading.grade(found, assignment, tmp_path / "out"))
    assert not (tmp_path / "out" / "students").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such limit")
def test_too_few_open_files_are_told_before_anything_is_graded(handed_in, tmp_path):
    command = f"ulimit -n 100; exec {sys.executable} -m cs231n_vis.cli grade {handed_in}"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "Only 100 files may be open at once here" in done.stderr
