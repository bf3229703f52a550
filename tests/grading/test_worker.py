"""What is run of a notebook, and run again when a kernel is lost: kernels that follow a script."""

import os
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from cs231n_vis.checking.exchange import Answer, Probe
from cs231n_vis.grading.merge import merge
from cs231n_vis.grading.messages import Question, Reply, Request, read, write
from cs231n_vis.grading.worker import KernelLost, run_notebook

CELL = nbformat.v4.new_code_cell
PROBES = [Probe("known", {"X": np.ones(2)}, None)] * 2
QUESTIONS = {f"check_{name}": Question(name, name, "answer(X)", PROBES) for name in "ab"}


class Kernel:
    """Executes nothing; a cell that holds ``die`` ends it, and so does a call of what holds it."""

    def __init__(self, seconds, started, folder):
        self.home, self.seen_home, self.seconds, self.ran = folder, str(folder), seconds, []
        self._slept = 0
        started.append(self)

    def run(self, code, keep=None):
        called = next((name for name in "ab" if f"_call({name}," in code), None)
        if not called or self.ran[-1] != called:  # each is asked twice
            self.ran.append(called or code)
        if called:
            defined = [c for c in self.ran if c.startswith(f"def {called}")]
            if not defined:
                return f"NameError: name '{called}' is not defined"
            code = defined[-1]
        elif code.startswith("def"):
            return ""
        if "remove" in code:
            shutil.rmtree(next(self.home.glob("exchange-*")))
        if "nap" in code:
            self._slept += 0.3
        if "die" in code:
            raise KernelLost("It ended.", certain="by itself" in code)
        return ""

    def used(self):
        return self._slept

    def stop(self):
        self.ran.append("stopped")


@pytest.fixture
def run(tmp_path):
    """Runs a notebook of these cells: (reply, what each kernel ran)."""

    def run(*sources, seconds=100):
        given = [CELL("def a(X): 0", id="a"), CELL("check.a(a)", id="check_a")]
        given += [CELL("def b(X): 0", id="b"), CELL("check.b(b)", id="check_b")]
        for cell in given:
            check = cell.id.startswith("check")
            cell.metadata = {"nbgrader": {"grade": check, "solution": not check}}
        submission = nbformat.v4.new_notebook(cells=[CELL(source) for source in sources])
        merged = merge(submission, nbformat.v4.new_notebook(cells=given))
        started = []
        reply = run_notebook(
            lambda left: Kernel(left, started, tmp_path), merged.notebook, QUESTIONS, seconds
        )
        assert all(kernel.ran.pop() == "stopped" for kernel in started)
        return reply, [kernel.ran for kernel in started]

    return run


A, B = "def a(X): 1", "def b(X): 1"


def test_one_kernel_runs_a_notebook_in_which_nothing_is_lost_and_stops_at_the_last_check(run):
    reply, ran = run("x", A, "check.a(a)", B, "check.b(b)", "die")
    assert ran == [["x", A, "a", B, "b"]]
    assert not reply.lost and reply.left_out == {"a": [], "b": []}


def test_a_cell_in_which_a_kernel_is_lost_is_left_out_of_the_next(run):
    reply, ran = run("x", A, "check.a(a)", "die", "y", B, "check.b(b)")
    assert ran == [["x", A, "a", "die"], ["x", A, "y", B, "b"]]
    assert not reply.answers["b"][0].error
    assert reply.left_out["b"] == ["The cell that begins with “die” was left out: it ended."]


def test_an_answer_in_which_a_kernel_is_lost_is_the_only_one_that_has_no_result(run):
    mortal = "def a(X): die"
    reply, ran = run(mortal, "check.a(a)", B, "check.b(b)")
    assert ran == [[mortal, "a"], [mortal, B, "b"]]
    assert reply.answers["a"][0].cause == "It ended." and not reply.answers["b"][0].error
    assert not run(A, "check.a(a)", "def b(X): die", "check.b(b)")[0].answers["a"][0].error


def test_who_lost_a_kernel_is_in_doubt_unless_it_was_certainly_his_doing(run):
    assert not run(A, "check.a(a)", B, "check.b(b)")[0].in_doubt
    mortal = "def a(X): 'die{}'"
    assert run(mortal.format(""), "check.a(a)", B, "check.b(b)")[0].in_doubt
    assert not run(mortal.format(" by itself"), "check.a(a)", B, "check.b(b)")[0].in_doubt
    mixed = run(
        "x",
        A,
        "check.a(a)",
        "die",
        mortal.format(" by itself").replace("a(X)", "b(X)"),
        "check.b(b)",
    )
    assert mixed[0].in_doubt


def test_after_a_kernel_that_does_not_start_nothing_is_tried_again():
    def start(seconds):
        raise KernelLost("The kernel did not start.")

    cells = [CELL("check.a(a)", id="check_a"), CELL("check.b(b)", id="check_b")]
    reply = run_notebook(start, nbformat.v4.new_notebook(cells=cells), QUESTIONS, 9)
    assert (reply.lost, reply.answers) == ("The kernel did not start.", {})


def test_when_half_of_the_time_is_over_cells_that_no_answer_needs_are_left_out(run):
    nap, needed = "print('nap')", "helper = 'nap'"
    reply, ran = run(
        nap, nap, needed, nap, A, "check.a(a)", "def b(X): helper", "check.b(b)", seconds=1
    )
    assert ran == [[nap, nap, needed, A, "a", "def b(X): helper", "b"]]
    assert "half of the time was over" in reply.left_out["b"][0]


def test_the_time_in_all_is_that_of_all_kernels_together(run):
    dies, needs = "helper = 'nap, die'", "def b(X): helper"
    reply, ran = run(A, "check.a(a)", *[dies] * 9, needs, "check.b(b)", seconds=0.8)
    assert len(ran) < 4 and list(reply.answers) == ["a"]
    assert reply.lost.startswith("The notebook ran longer than 1 seconds in all. The cell that")


def test_an_answer_that_removes_where_results_are_handed_over_harms_itself_alone(run):
    reply, ran = run("def a(X): remove", "check.a(a)", B, "check.b(b)")
    assert "took away the folder" in reply.answers["a"][0].cause
    assert not reply.answers["b"][0].error and len(ran) == 2


def test_no_kernel_is_started_when_the_time_is_over(run):
    slow = "def a(X): 'nap, die'"
    reply, ran = run(slow, "check.a(a)", B, "check.b(b)", seconds=0.2)
    assert len(ran) == 1 and reply.lost == "The notebook ran longer than 0 seconds in all."
    assert reply.answers["a"][0].cause == reply.lost


def test_what_is_written_is_read_and_nothing_in_it_acts(tmp_path):
    odd = type("Room", (), {})()  # named like a part of a message
    reply = Reply(
        answers={
            "a": [Answer(np.float32([[1, 2]])), Answer(np.array(3)), Answer(odd), Answer(None)]
        },
        left_out={"a": ['\udcff {" kind": "Room"}']},
        notebook='{" kind": "Room"}',
    )
    write(reply, tmp_path)
    again = read(Reply, tmp_path)
    first, second, third, fourth = again.answers["a"]
    assert first.returned.dtype == np.float32 and first.returned.tolist() == [[1, 2]]
    assert (second.returned.shape, fourth.returned) == ((), None)
    assert type(third.returned).__name__ == "Room" and not vars(third.returned)
    assert (again.left_out, again.notebook) == (reply.left_out, reply.notebook)
    write(Reply(answers={"a": [Answer(np.array([None]))]}), tmp_path)
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        read(Reply, tmp_path)


def test_the_worker_is_not_told_what_is_right():
    told = [Probe("hidden", {"X": np.ones(2)}, np.ones(2), True)]
    (probe,) = Question.of("a", "a", "answer(X)", told).probes
    assert probe.expected is None


def test_an_input_that_is_one_number_comes_to_the_worker_as_it_is(tmp_path):
    inputs = {"target": np.arange(3)[1], "rate": np.array(0.5, np.float32)}
    question = Question("a", "answer", "answer(target, rate)", [Probe("known", inputs, None)])
    write(Request("", "", {"cell": question}), tmp_path)
    given = read(Request, tmp_path).questions["cell"].probes[0].inputs
    assert {name: (given[name].dtype, given[name].shape) for name in given} == {
        "target": (np.int64, ()),
        "rate": (np.float32, ()),
    }
    assert (given["target"], given["rate"]) == (1, 0.5)


def test_a_worker_whose_grader_was_gone_before_it_began_ends(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / "start.json").touch()
    os.mkfifo(tmp_path / "start.npz")  # it would wait for somebody to write into it
    argv = [sys.executable, "-m", "cs231n_vis.grading.worker", str(tmp_path), str(gone.pid)]
    assert subprocess.run(argv, cwd=tmp_path, timeout=200).returncode == 1
