"""The worked example of docs/instructors.md, followed to the letter in a copy of the course."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "instructors.md"
KEPT = (
    "LICENSE",
    "Makefile",
    "environment.yml",
    "postBuild",
    "pyproject.toml",
    "requirements.lock",
)
FOLDERS = ("cs231n_vis", "datasets", "docs", ".github", "notebooks/source", "notebooks/solutions")
BLOCK = re.compile(
    r"(?:^`(?P<file>[\w/.]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S
)


def squeezed(text):
    return " ".join(text.split())


@pytest.mark.skipif(sys.platform == "win32", reason="the page's commands are for a POSIX shell")
def test_the_worked_example_works_as_it_is_written(tmp_path):
    course = tmp_path / "course"
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, course / name, ignore=ignored)
    for name in KEPT:
        shutil.copy(ROOT / name, course / name)
    command = tmp_path / "bin" / "cs231n-vis"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cs231n_vis.cli "$@"\n')
    command.chmod(0o755)
    environment = os.environ | {
        "PYTHONPATH": str(course),
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "160",
    }
    printed, edited, before = "", None, None
    done = []
    for block in BLOCK.finditer(PAGE.read_text("utf-8")):
        kind, text = block["kind"], block["text"]
        done.append(kind)
        if kind == "python":
            edited = course / block["file"]
            edited.write_text(text, "utf-8")
        elif kind == "before":
            before = text
        elif kind == "after":
            source = edited.read_text("utf-8")
            assert source.count(before) == 1
            edited.write_text(source.replace(before, before + text), "utf-8")
        elif kind == "sh":
            ran = subprocess.run(
                ["sh", "-e", "-c", text],
                cwd=course,
                env=environment,
                capture_output=True,
                text=True,
            )
            assert ran.returncode == 0, ran.stdout + ran.stderr
            printed = squeezed(ran.stdout)
        else:
            assert kind == "text" and squeezed(text) in printed, printed
    assert done.count("sh") >= 6 and done.count("python") == 3 and done.count("text") == 3
    assert (tmp_path / "for-students/notebooks/07_input_times_gradient.ipynb").is_file()
    feedback = course / "graded/second/students/ann/07_input_times_gradient/feedback.html"
    assert "What does the name of the method say" in feedback.read_text("utf-8")
