"""What a grader makes on a machine is gone when the grader is, however that ended."""

import subprocess
import sys
from pathlib import Path

import pytest

from cs231n_vis.grading.ours import remove_what_is_nobodys, temporary_folder

HOLDER = """
import contextlib, sys
from cs231n_vis.grading.ours import _made_groups, groups, temporary_folder
made = _made_groups(1 << 30) if groups().startswith("version") else contextlib.nullcontext(())
with temporary_folder() as place, made as its_groups:
    (place / "deep" / "er").mkdir(parents=True)
    print(place, *its_groups, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder():
    """Starts a process that has a folder, and control groups where it may; its places."""
    started = []

    def start():
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER], stdin=pipe, stdout=pipe, text=True
        )
        started.append(process)
        return process, [Path(name) for name in process.stdout.readline().split()]

    yield start
    for process in started:
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot lock a folder")
def test_what_a_killed_one_left_the_next_takes_away_and_nothing_of_one_that_lives(holder):
    killed, its = holder()
    _, anothers = holder()
    killed.kill()
    killed.wait()
    assert its and all(place.exists() for place in its)
    remove_what_is_nobodys()
    assert not any(place.exists() for place in its)
    assert all(place.exists() for place in anothers)


def test_what_ends_by_itself_leaves_nothing(holder):
    process, its = holder()
    process.communicate()
    assert its and not any(place.exists() for place in its)


def test_a_folder_that_was_taken_for_nobodys_before_it_was_locked_is_made_again(monkeypatch):
    import fcntl

    lost = []

    def flock(handle, how, lock=fcntl.flock):
        lock(handle, how)
        if not lost:
            (found,) = made
            lost.append(found)
            found.rmdir()

    made, mkdir = [], Path.mkdir
    monkeypatch.setattr(fcntl, "flock", flock)
    monkeypatch.setattr(Path, "mkdir", lambda path, mode: (made.append(path), mkdir(path, mode)))
    with temporary_folder() as place:
        assert place.is_dir() and place not in lost and len(lost) == 1
