"""Grade submissions: find them, merge each into the pristine notebook, run it, judge, write down.

The path of one submission: file -> ``worker`` (a process that reads it, with ``merge``, and runs it
in a sandboxed kernel) -> ``checks`` -> ``results.json``, feedback and the executed notebook.
Nothing of it is written before it is whole, so a run that was interrupted is taken up where it
stopped.
"""

import contextlib
import hashlib
import io
import json
import os
import platform
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode

from .. import __version__, plots
from ..checking.assignments import CHECKS
from ..checking.checks import Check, judge_answers
from ..checking.exchange import LONGEST_CALL, Answer, Probe
from ..checking.verdict import Verdict
from ..files import atomic_write, shipped
from ..making.release import read_source, student_version
from ..making.rooms import rooms_without
from .merge import SubmissionError
from .results import (
    ERROR,
    FAILED,
    MISSING,
    PASSED,
    CheckResult,
    Result,
    folder_name,
    read_result,
    write_result,
)
from .sandbox import Limits, Sandbox
from .warm import WarmPython
from .worker import KERNEL_ENV, temporary_folder

CELL_SECONDS = LONGEST_CALL  # for one cell
LIMITS = Limits(seconds=240, memory=4 << 30, processes=400, file_size=256 << 20, disk=1 << 30)


@dataclass(frozen=True)
class Assignment:
    """What is needed to grade one assignment: its pristine notebook and its checks' probes."""

    name: str
    pristine: NotebookNode
    checks: dict[str, Check]  # by the id of the check's cell
    points: dict[str, float]
    probes: dict[str, list[Probe]]
    seed: int


@dataclass(frozen=True)
class Submission:
    """A file to grade; ``problem`` says why it cannot be, if it cannot."""

    student: str
    path: Path
    problem: str = ""


def load_assignment(source: Path, seed: int) -> Assignment:
    """Read an assignment's text source and make its probes, the hidden ones from the seed."""
    pristine = student_version(read_source(source))
    cells = [c for c in pristine.cells if c.metadata.get("nbgrader", {}).get("points")]
    checks = {cell.id: CHECKS[cell.id.removeprefix("check_")] for cell in cells}
    points = {CHECKS[c.id.removeprefix("check_")].name: c.metadata.nbgrader.points for c in cells}
    probes = {
        check.name: [check.known_probe(), *check.hidden_probes(seed)] for check in checks.values()
    }
    return Assignment(source.stem, pristine, checks, points, probes, seed)


def find_submissions(paths: Sequence[Path], assignment: str) -> list[Submission]:
    """The submissions in files and folders.

    A folder holds ``STUDENT.ipynb`` or ``STUDENT/ASSIGNMENT.ipynb``. Of a student with two files
    neither is graded, because nobody can say which one was meant.
    """
    found: list[Submission] = []
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            for entry in sorted(path.iterdir()):
                if entry.name.startswith("."):
                    continue
                if entry.is_dir() and not entry.is_symlink():
                    inside = entry / f"{assignment}.ipynb"
                    if inside.exists() or inside.is_symlink():
                        found.append(Submission(entry.name, inside))
                    elif notebooks := sorted(entry.glob("*.ipynb")):
                        names = ", ".join(notebook.name for notebook in notebooks)
                        problem = f"There is no {assignment}.ipynb, only {names}."
                        found.append(Submission(entry.name, notebooks[0], problem))
                    else:
                        problem = f"There is no {assignment}.ipynb."
                        found.append(Submission(entry.name, inside, problem))
                elif entry.suffix == ".ipynb":
                    found.append(Submission(entry.stem, entry))
        elif path.exists() or path.is_symlink():
            student = path.parent.name if path.stem == assignment else path.stem
            found.append(Submission(student or path.stem, path))
        else:
            raise FileNotFoundError(f"There is no {path}: give a notebook or a folder of them.")
    counts: dict[str, int] = {}
    for submission in found:
        key = folder_name(submission.student).casefold()
        counts[key] = counts.get(key, 0) + 1
    twice = "There are two files of this student; remove one of them."
    unique = {}
    for submission in found:
        key = folder_name(submission.student).casefold()
        unique[key] = submission if counts[key] == 1 else replace(submission, problem=twice)
    return list(unique.values())


def grade(
    submissions: Sequence[Submission], assignment: Assignment, out: Path, jobs: int = 1
) -> Iterator[Result]:
    """Grade submissions, ``jobs`` at a time, and yield each result when it is written."""
    with _warm_python() as warm, ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(_grade_or_resume, s, assignment, out, warm) for s in submissions]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            for future in waiting:
                future.cancel()


@contextlib.contextmanager
def _warm_python() -> Iterator[WarmPython | None]:
    """What kernels are forked from; None where they are walled off in another way."""
    sandbox = Sandbox(Path("/"))
    if sandbox.backend != "namespaces":
        yield None
        return
    with WarmPython(sandbox.environment(KERNEL_ENV)) as warm:
        yield warm


def _grade_or_resume(
    submission: Submission, assignment: Assignment, out: Path, warm: WarmPython | None
) -> Result:
    folder = out / folder_name(submission.student) / assignment.name
    versions = _versions(submission)
    try:
        earlier = read_result(folder / "results.json")
        if (dict(earlier.versions), earlier.seed) == (versions, assignment.seed):
            return earlier
    except (OSError, ValueError):
        pass  # not graded yet, or not wholly
    start = time.monotonic()
    blank = Result(
        submission.student, assignment.name, "not graded", 0.0, assignment.seed, versions
    )
    try:
        if submission.problem:
            raise SubmissionError(submission.problem)
        result = _run_and_judge(blank, submission, assignment, folder, warm)
    except SubmissionError as refusal:
        result = replace(blank, message=str(refusal))
    except Exception as failure:  # whatever it was, the rest of the class is graded
        reason = f"{type(failure).__name__}: {failure}"
        result = replace(blank, message=f"The grader failed on this submission ({reason}).")
    result = replace(result, seconds=round(time.monotonic() - start, 2))
    write_result(result, folder / "results.json")
    return result


def _versions(submission: Submission) -> dict[str, str]:
    try:
        plain = not submission.path.is_symlink() and submission.path.is_file()
        content = submission.path.read_bytes() if plain else b""
    except OSError:
        content = b""
    libraries = {name: version(name) for name in ("tensorflow", "keras", "numpy", "nbval")}
    ours = {"cs231n-vis": __version__, "python": platform.python_version()}
    return ours | libraries | {"submission_sha256": hashlib.sha256(content).hexdigest()}


def _run_and_judge(
    blank: Result,
    submission: Submission,
    assignment: Assignment,
    folder: Path,
    warm: WarmPython | None,
) -> Result:
    with temporary_folder() as place:
        reply, arrays = _run_worker(place, submission, assignment, warm)
        if reply["refused"]:
            raise SubmissionError(reply["refused"])
        executed = place / "executed.ipynb"
        notebook = nbformat.read(executed if executed.exists() else place / "pristine.ipynb", 4)
    checks, pictures = [], {}
    for cell_id, check in assignment.checks.items():
        result, judgement = _judge(check, assignment, reply, arrays)
        checks.append(result)
        if judgement is not None and judgement.verdict and not judgement.verdict.passed:
            pictures[check.name] = _pictures(check, assignment, arrays, judgement.verdict)
        _write_verdict(notebook, cell_id, result, judgement)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / f"{assignment.name}.ipynb") as path:
        nbformat.write(notebook, path)
    result = replace(blank, status="graded", checks=tuple(checks))
    from .feedback import write_feedback

    write_feedback(result, pictures, folder / "feedback.html")
    return result


def _run_worker(
    place: Path, submission: Submission, assignment: Assignment, warm: WarmPython | None
) -> tuple[dict, dict]:
    """Read and run a submission in a process of its own; what that replied, and the arrays."""
    work = place / "work"
    work.mkdir()
    nbformat.write(assignment.pristine, place / "pristine.ipynb")
    inputs = {
        f"{name}/{i}/{key}": value
        for name, probes in assignment.probes.items()
        for i, probe in enumerate(probes)
        for key, value in probe.inputs.items()
    }
    np.savez(place / "inputs.npz", **inputs)
    request = {
        "submission": str(submission.path.absolute()),
        "limits": asdict(LIMITS),
        "backend": Sandbox(work).backend,  # found out once for all: it takes a trial
        "warm": str(warm.socket) if warm else None,
        "cell_seconds": CELL_SECONDS,
        "hidden": [str(path) for path in hidden_paths(assignment.name)],
        "probes": {
            name: [(probe.name, list(probe.inputs)) for probe in probes]
            for name, probes in assignment.probes.items()
        },
        "checks": {
            cell_id: {"name": check.name, "answer": check.answer, "call": check.call}
            for cell_id, check in assignment.checks.items()
        },
    }
    (place / "request.json").write_text(json.dumps(request), "utf-8")
    lost = {"refused": "", "problems": {}, "checks": {}, "left_out": {}}
    lost["lost"] = "It broke the process that watches it."
    worker = subprocess.Popen(
        [sys.executable, "-m", "cs231n_vis.grading.worker", str(place)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if "CS231N_VIS_DEBUG" not in os.environ else None,
    )
    try:
        worker.wait(LIMITS.seconds + 90)
    except subprocess.TimeoutExpired:
        lost["lost"] = f"It ran longer than {LIMITS.seconds:.0f} seconds in all."
    finally:
        worker.kill()  # and with it, the sandbox
        worker.wait()
    try:
        reply = json.loads((place / "reply.json").read_text("utf-8"))
        with np.load(place / "answers.npz") as stored:
            return reply, dict(stored)
    except (OSError, ValueError):
        return lost, {}


def hidden_paths(assignment: str) -> list[Path]:
    """What a student's kernel must not see: the reference, the judge, the saved maps, solutions.

    Wherever there is a copy of the package: an editable installation leaves one of its data in
    site-packages.
    """
    root = Path(__file__).resolve().parents[2]
    hidden = [shipped("saved_maps")]
    for place in {root, *map(Path, filter(None, sys.path))}:
        package = place / "cs231n_vis"
        hidden += rooms_without([assignment], package)
        hidden += [package / "checking" / "assignments", package / "_datasets" / "saved_maps"]
    if (root / "datasets" / "manifest.json").is_file():  # a checkout
        folders = ("notebooks", "tests", "docs", "benchmarks", "build", ".git")
        hidden += [root / name for name in folders]
    return [path for path in hidden if path.exists()]


def _judge(check: Check, assignment: Assignment, reply: dict, arrays: dict):
    """The result of one check, and the judgement behind it if it came to one."""
    points = assignment.points[check.name]
    if check.answer in reply["problems"]:
        message = reply["problems"][check.answer]
        return CheckResult(check.name, 0, points, MISSING, message), None
    if check.name not in reply["checks"]:
        message = reply["lost"] or "The notebook did not come as far as this check."
        return CheckResult(check.name, 0, points, ERROR, message), None
    answers = []
    for number, said in enumerate(reply["checks"][check.name]):
        returned, kind = arrays.get(f"{check.name}/{number}"), said.pop("kind")
        if returned is None and kind:
            returned = type(kind, (), {})()
        answers.append(Answer(returned, **said))
    with _one_at_a_time:  # explaining runs the network, which uses every core by itself
        judgement = judge_answers(check, assignment.probes[check.name], answers)
    status = PASSED if judgement.passed else ERROR if judgement.error else FAILED
    message = judgement.message or "Right with every input."
    if not judgement.passed:  # it may have needed them
        left_out = [told for told in reply["left_out"][check.name] if told not in message]
        message = " ".join([message, *left_out])
    earned = points if judgement.passed else 0
    result = CheckResult(check.name, earned, points, status, message, judgement.misconception)
    return result, judgement


_one_at_a_time = threading.Lock()


def _pictures(check: Check, assignment: Assignment, arrays: dict, verdict: Verdict) -> list:
    """What the check shows of an answer to the known inputs; never of a hidden one."""
    returned = arrays.get(f"{check.name}/0")
    if returned is None:
        return []
    jpeg = io.BytesIO()
    try:
        with _one_at_a_time:
            picture = check.picture(returned, assignment.probes[check.name][0], verdict)
        if picture is None:
            return []
        figure, alt = picture
        plots.write_figure(figure, jpeg, format="jpeg", pil_kwargs={"quality": 88})
    except Exception:  # the verdict stands without a picture
        return []
    return [(alt.partition(", for ")[0].rstrip("."), alt, jpeg.getvalue())]


def _write_verdict(notebook: NotebookNode, cell_id: str, result: CheckResult, judgement) -> None:
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    facts = [f"✓ {fact}" for fact in judgement.facts] if judgement else []
    lines = [*facts, f"{result.name}: {result.status}. {result.message}"]
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="\n".join(lines) + "\n")]


def seed_of(out: Path, seed: int | None) -> int:
    """The seed asked for, or that of the run in ``out`` that is taken up, or a new one."""
    path = out / "seed.txt"
    if seed is None and path.is_file():
        kept = path.read_text("utf-8").strip()
        if not kept.isdecimal():
            raise ValueError(
                f"{path} does not hold a whole number; delete it or write one into it."
            )
        return int(kept)
    seed = secrets.randbelow(2**31) if seed is None else seed
    with atomic_write(path) as temporary:
        temporary.write_text(f"{seed}\n")
    return seed
