"""What a graded kernel finds: the folder that a module is in decides, and nothing else."""

import functools
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from cs231n_vis.grading import grade as grading
from cs231n_vis.grading import room as rooms_of_kernels
from cs231n_vis.making import rooms
from cs231n_vis.making.release import read_source, student_version

ROOT = Path(__file__).parents[2]
LOOKS_AROUND = """
import os
found = []
for top in set(os.listdir("/")) - {"proc"}:
    for folder, _, files in os.walk(f"/{top}"):
        if "a_new_module.py" in files:
            found.append(folder)


def compute_saliency_maps(X, y, model):
    raise ValueError(" ".join(sorted(found)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has walls")
def test_of_a_module_in_each_folder_a_graded_kernel_finds_those_of_its_rooms(tmp_path, monkeypatch):
    package = tmp_path / "cs231n_vis"
    shutil.copytree(rooms.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    folders = {path.parent.relative_to(package) for path in package.rglob("*.py")}
    for folder in folders:
        (package / folder / "a_new_module.py").touch()
    monkeypatch.setattr(
        rooms_of_kernels, "copy_package", functools.partial(rooms.copy_package, package=package)
    )
    source = ROOT / "notebooks/source/01_saliency_maps.py"
    monkeypatch.setitem(rooms.NEEDS, source.stem, ("methods",))
    notebook = student_version(read_source(source))
    (cell,) = (cell for cell in notebook.cells if cell.id == "compute_saliency_maps")
    cell.source = LOOKS_AROUND
    nbformat.write(notebook, tmp_path / "ann.ipynb")
    submission = grading.Submission("ann", tmp_path / "ann.ipynb")
    assignment = grading.load_assignment(source, seed=231)
    (result,) = grading.grade([submission], assignment, tmp_path / "out")
    seen = {f for f in folders if f.parts[:1] in ((), ("checking",), ("explorer",), ("methods",))}
    seen -= {f for f in seen if f.parts[:2] == ("checking", "assignments")}
    assert {"references", "metrics", "making", "grading"} <= {str(f) for f in folders - seen}
    told = " ".join(sorted(str(Path("/course/cs231n_vis") / folder) for folder in seen))
    assert told in result.checks[0].message
