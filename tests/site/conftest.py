"""The site, built once for all tests of it, however many processes there are."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def build(out: Path, *options: str) -> None:
    command = [sys.executable, "-m", "cs231n_vis.cli", "site", "--out", str(out), *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def once(tmp_path_factory, name: str, *options: str) -> Path:
    """A site in the folder that all test processes of this run have in common."""
    common = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = common.parent
    with (common / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (common / name).is_dir():
            shutil.rmtree(common / f"{name}.part", ignore_errors=True)
            build(common / f"{name}.part", *options)
            (common / f"{name}.part").rename(common / name)
    return common / name


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The folder that ``make site`` builds."""
    return once(tmp_path_factory, "site")


@pytest.fixture(scope="session")
def site_without_answers(tmp_path_factory) -> Path:
    """What ``make site ARGS=--no-answers`` builds."""
    return once(tmp_path_factory, "site-without-answers", "--no-answers")
