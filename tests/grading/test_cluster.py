"""A class graded on a cluster has the same files; what a cluster lacks is told in a sentence."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from cs231n_vis.grading import cluster
from cs231n_vis.grading.find import find_submissions
from cs231n_vis.grading.walls import NoWalls

ROOT = Path(__file__).parents[2]
NAME = "01_saliency_maps"
SOURCE = ROOT / "notebooks" / "source" / f"{NAME}.py"
SOLUTION = ROOT / "notebooks" / "solutions" / f"{NAME}.ipynb"


@pytest.fixture(scope="module")
def dask():
    """A real scheduler and two real workers, each a process of its own."""
    processes = []

    def start(*argv):
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + argv[0], *argv[1:]],
            stderr=subprocess.STDOUT,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        processes.append(process)
        return process

    file = Path(os.environ.get("TMPDIR", "/tmp")) / f"scheduler-{os.getpid()}.json"
    here = ["--host=127.0.0.1", "--port=0", "--no-dashboard"]
    start("dask_scheduler", *here, "--scheduler-file", file)
    workers = ["--nthreads=1", "--no-nanny", "--no-dashboard", "--memory-limit=0"]
    for _ in range(2):
        start("dask_worker", *workers, "--scheduler-file", file)
    end = time.monotonic() + 120
    while not file.exists() and time.monotonic() < end:
        time.sleep(0.1)
    address = json.loads(file.read_text())["address"]
    while time.monotonic() < end:
        with contextlib.suppress(cluster.ClusterError), cluster.connected(address, 1) as client:
            if len(client.scheduler_info()["workers"]) == 2:
                break
        time.sleep(0.5)
    yield address, processes[1:]
    for process in processes:
        process.kill()
        process.wait()
    file.unlink()


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    notebook = nbformat.read(SOLUTION, 4)
    for student in ("ann", "bob"):
        nbformat.write(notebook, folder / f"{student}.ipynb")
    for cell in notebook.cells:
        cell.source = cell.source.replace("return saliency", "return 2 * saliency")
    nbformat.write(notebook, folder / "wrong.ipynb")
    (folder / "empty.ipynb").touch()
    return folder


def command(*argv, **environment):
    return subprocess.run(
        [sys.executable, "-m", "cs231n_vis.cli", "grade", *map(str, argv), "--seed", "231"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def contents(out):
    """The files of a graded class, but for times."""
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file():
            text = path.read_bytes().decode("latin-1")
            text = re.sub(r'"seconds": [\d.]+', "", text)
            if path.name in ("grades.csv", "report.html"):
                text = re.sub(r"<h2>Time used.*?</p>", "", text, flags=re.DOTALL)
                text = re.sub(r"\d+\.\d", "", text)
            found[str(path.relative_to(out))] = text
    return found


def test_a_worker_is_killed_and_the_files_are_those_without_a_cluster(dask, handed_in, tmp_path):
    address, workers = dask
    here, there = tmp_path / "here", tmp_path / "there"
    graded = []
    with cluster.connected(address, 1) as client:
        run = cluster.grade_on_cluster(
            client, find_submissions([handed_in], NAME), SOURCE, 231, there
        )
        for result in run:
            graded.append(result.student)
            if len(graded) == 2:  # both are at work now
                workers[0].send_signal(signal.SIGKILL)
    assert sorted(graded) == ["ann", "bob", "empty", "wrong"]
    done = command(handed_in, "--out", there, "--cluster", address)  # all are kept; makes tables
    assert done.returncode == 1 and "wrong" in done.stdout, done.stderr
    alone = command(handed_in, "--out", here)
    assert alone.returncode == 1, alone.stderr
    assert contents(there) == contents(here)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "tls://127.0.0.1:9"])
def test_a_cluster_that_is_not_there_is_told_in_a_sentence(handed_in, tmp_path, address):
    done = command(handed_in, "--out", tmp_path / "out", "--cluster", address)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"There is no scheduler of Dask at {address}" in done.stderr
    assert "cs231n-vis" not in done.stdout and not list((tmp_path / "out").glob("students"))


class Told:
    """Stands in for a client whose workers say this when they are asked to prepare themselves."""

    def __init__(self, said):
        self.said = said

    def run(self, *_, **__):
        return {"tcp://10.0.0.7:1234": self.said}


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        (NoWalls("bubblewrap is not installed."), NoWalls, "10.0.0.7:1234: bubblewrap is not"),
        (ModuleNotFoundError(name="cs231n_vis"), cluster.ClusterError, "There is no cs231n_vis at"),
        (cluster.ClusterError("It differs."), cluster.ClusterError, "1234: It differs"),
        (MemoryError("no"), cluster.ClusterError, "cannot grade: MemoryError"),
    ],
)
def test_what_workers_lack_is_told_before_anything_is_graded(said, kind, told):
    with pytest.raises(kind, match=told):
        cluster._try_all(Told(said), None, type("Class", (), {"key": {}}))


def test_a_worker_that_would_come_to_other_marks_says_in_what_it_differs(monkeypatch):
    monkeypatch.setattr(cluster, "_prepared", lambda order: (None, {"python": "3.11.2"}))
    with pytest.raises(cluster.ClusterError, match="differs from the machine that asks in: Python"):
        cluster._prepare_here(None, {"python": "3.12.1"})


def _ends_its_worker(task, order, key, alone):
    if task.blank.student == "wrong":
        os._exit(1)
    return cluster.Graded(cluster.replace(task.blank, status="graded"))


def test_who_brings_down_every_worker_is_reported_and_the_rest_is_graded(
    handed_in, tmp_path, monkeypatch
):
    monkeypatch.setattr(cluster, "_do", _ends_its_worker)
    monkeypatch.setattr(cluster, "_try_all", lambda *_: None)
    found = find_submissions([handed_in], NAME)
    with cluster.connected("local", 2) as client:
        results = list(cluster.grade_on_cluster(client, found, SOURCE, 231, tmp_path / "out"))
    said = {result.student: (result.status, result.message) for result in results}
    assert {who for who, (status, _) in said.items() if status == "graded"} == {
        "ann",
        "bob",
        "empty",
    }, said
    assert said["wrong"][1].startswith("It ended the process that grades it again and again")


def test_an_interrupted_client_leaves_whole_files_and_goes_on(handed_in, tmp_path):
    shutil.copytree(handed_in, tmp_path / "class")
    out = tmp_path / "out"
    with cluster.connected("local", 1) as client:
        found = find_submissions([tmp_path / "class"], NAME)
        run = cluster.grade_on_cluster(client, found, SOURCE, 231, out)
        next(run), next(run)
        run.close()
        kept = {path: path.read_bytes() for path in out.rglob("results.json")}
        assert len(kept) == 2
        results = list(cluster.grade_on_cluster(client, found, SOURCE, 231, out))
    assert len(results) == 4
    graded = [path for path in kept if b'"status": "graded"' in kept[path]]
    assert graded and all(path.read_bytes() == kept[path] for path in graded)
