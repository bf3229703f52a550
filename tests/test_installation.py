"""The check of the installation says in words what is wrong, and looks at everything."""

import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import psutil
import pytest
from packaging.requirements import Requirement

from cs231n_vis import check_installation, installation


def test_a_good_installation_is_well(capsys):
    assert check_installation()
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "All is well." and all(line[0] == "✓" for line in printed[:-1])
    assert len(printed) == 9 and any("14 images, 17 among" in line for line in printed)


def told(capsys) -> list[str]:
    assert not check_installation()
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "Mend what is marked with ✗, restart, and run this again."
    return [line for line in printed if line.startswith("✗")]


def test_another_python_is_told(capsys, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    (line,) = told(capsys)
    assert "runs on Python 3.9, and Python 3.10 to 3.13 is needed: choose another kernel" in line


def test_a_package_that_is_too_old_or_missing_is_told_as_the_metadata_has_it(capsys, monkeypatch):
    def found(name):
        if name == "h5py":
            raise PackageNotFoundError
        return "2.15.0" if name == "tensorflow" else version(name)

    monkeypatch.setattr(installation, "version", found)
    (line,) = told(capsys)
    asked = {Requirement(each).name: each for each in requires("cs231n-vis") if ";" not in each}
    assert f"{asked['tensorflow']} is needed, and it is 2.15.0" in line
    assert f"{asked['h5py']} is needed, and it is missing" in line
    assert line.endswith(": install the course's pinned packages (`make setup`).")


def test_tensorflow_that_is_not_there_is_told_with_the_python_that_lacks_it(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "cs231n_vis.tensorflow_quiet", None)
    lines = told(capsys)
    assert "TensorFlow could not be imported" in lines[0] and sys.executable in lines[0]


def test_a_network_that_sees_other_things_is_told(capsys, monkeypatch):
    from cs231n_vis import imagenet

    X_raw, y, names = imagenet.load_imagenet_val()
    monkeypatch.setattr(imagenet, "load_imagenet_val", lambda: (X_raw[::-1], y, names))
    (line,) = told(capsys)
    assert "it should be 14 and 17" in line and "requirements.lock" in line


def test_a_damaged_file_is_told_and_the_rest_is_looked_at(capsys, monkeypatch):
    def broken():
        raise ValueError("datasets/x is damaged; get it again with `cs231n-vis fetch x`.")

    monkeypatch.setattr("cs231n_vis.squeezenet.load_squeezenet", broken)
    (line,) = told(capsys)
    assert "get it again with `cs231n-vis fetch x`" in line


def test_little_memory_is_told(capsys, monkeypatch):
    memory = type("Memory", (), {"available": 5e8})
    monkeypatch.setattr(psutil, "virtual_memory", memory)
    (line,) = told(capsys)
    assert "Only 0.5 GB of memory are free" in line


def test_a_folder_that_cannot_be_written_is_told(capsys, monkeypatch):
    monkeypatch.setattr(installation.os, "access", lambda path, mode: False)
    (line,) = told(capsys)
    assert f"The folder {Path.cwd()} cannot be written" in line


def test_it_never_raises(capsys, monkeypatch):
    def broken():
        raise RuntimeError("quite unforeseen")

    monkeypatch.setattr(installation, "_memory", broken)
    assert "✗ RuntimeError: quite unforeseen" in told(capsys)


@pytest.mark.parametrize("page", ["notebooks/00_start_here.ipynb", "docs/glossary.md"])
def test_what_the_start_page_links_to_is_there(page):
    import re

    root = Path(__file__).parents[1]
    for link in re.findall(r"\]\(([\w./]+)\)", (root / page).read_text("utf-8")):
        assert (root / page).parent.joinpath(link).resolve().exists(), link
