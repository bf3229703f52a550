"""A machine set up for something else: it works all the same, or a sentence names the setting."""

import json
import os
import socket
import subprocess
import sys
import tempfile

import pytest

from cs231n_vis import check, compute_saliency_maps, plots
from cs231n_vis.checking.assignments import CHECKS

SESSION = """
from cs231n_vis import check, check_installation, compute_saliency_maps

check_installation()
check.saliency_maps(compute_saliency_maps)
try:
    check.saliency_maps(lambda X, y, model: 2 * compute_saliency_maps(X, y, model))
except check.NotYetRight as wrong:
    print(wrong)
"""


def run(*command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, env=os.environ | environment, capture_output=True)


def test_keras_matplotlib_and_the_terminal_set_up_for_something_else(tmp_path):
    keras = {"backend": "jax", "image_data_format": "channels_first", "floatx": "float16"}
    (tmp_path / "keras.json").write_text(json.dumps(keras))
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfigure.facecolor: black\n")
    ended = run(
        *(sys.executable, "-c", SESSION),
        KERAS_BACKEND="jax",
        TF_USE_LEGACY_KERAS="1",
        KERAS_HOME=str(tmp_path),
        MATPLOTLIBRC=str(tmp_path / "matplotlibrc"),
        PATH=str(tmp_path),  # no LaTeX, wherever it is
        PYTHONIOENCODING="cp1252",
        PYTHONUTF8="0",
        LC_ALL="C",
    )
    assert ended.returncode == 0, ended.stderr
    told = ended.stdout.decode("cp1252").splitlines()
    assert "All is well." in told and "+ 5 of 5 maps agree with the saved maps" in told
    assert "compute_saliency_maps: passed" in told
    assert "Your maps, the expected maps and their difference, for" in told[-2]
    assert told[-1].startswith("compute_saliency_maps is not right yet. 5 of 5 maps differ")


def test_keras_that_was_imported_with_another_backend_is_told():
    pretence = "from tensorflow import keras; keras.backend.backend = lambda: 'jax'"
    ended = run(sys.executable, "-c", f"{pretence}; import cs231n_vis.tf1")
    assert ended.returncode == 1
    assert b"ImportError: Keras was imported with jax as its backend, and" in ended.stderr
    assert b"set KERAS_BACKEND=tensorflow in the environment" in ended.stderr


def test_a_picture_that_cannot_be_drawn_takes_nothing_from_the_verdict(monkeypatch, capsys):
    def no_picture(figure, alt):
        raise RuntimeError("Failed to process string with tex")

    monkeypatch.setattr(plots, "show_figure", no_picture)
    with pytest.raises(check.NotYetRight, match="5 of 5 maps differ"):
        check.saliency_maps(lambda X, y, model: 2 * compute_saliency_maps(X, y, model))
    assert "The picture could not be drawn (RuntimeError: Failed to" in capsys.readouterr().out


def test_nor_from_the_result_of_grading(monkeypatch):
    from types import SimpleNamespace

    from cs231n_vis.checking.verdict import Verdict
    from cs231n_vis.grading import submission

    check = CHECKS["saliency_maps"]
    probe = check.known_probes()[0]
    assignment = SimpleNamespace(probes={check.name: [probe]})

    def no_picture(figure, file, **options):
        raise RuntimeError("Failed to process string with tex")

    monkeypatch.setattr(plots, "write_figure", no_picture)
    returned, verdict = probe.expected * 2, Verdict(False, (), "Wrong.", (0,))
    assert submission._picture(check, assignment, returned, verdict) is None


def test_a_command_prints_its_table_in_any_encoding():
    ended = run(
        *(sys.executable, "-m", "cs231n_vis.cli", "fetch", "--list"),
        PYTHONIOENCODING="cp1252",
        PYTHONUTF8="0",
    )
    assert ended.returncode == 0, ended.stderr
    assert "squeezenet-caffe" in ended.stdout.decode("cp1252")


def test_where_few_files_may_be_open_it_is_allowed_or_said():
    code = (
        "import resource; from cs231n_vis.installation import few_open_files;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 1000)); print(few_open_files(), end='');"
        "print(*resource.getrlimit(resource.RLIMIT_NOFILE));"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); print(few_open_files())"
    )
    assert run(sys.executable, "-c", code).stdout.decode().splitlines() == [
        "1000 1000",
        "Only 64 files may be open at once here: allow more, with `ulimit -n 1024`.",
    ]


def test_a_long_path_of_temporary_files_leaves_room_for_the_names_of_sockets(tmp_path, monkeypatch):
    from cs231n_vis.grading.ours import temporary_folder

    long = tmp_path / ("x" * 87)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with temporary_folder() as place:
        (place / "work").mkdir()
        with temporary_folder(place / "work") as inner, socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(inner / "k-1"))
