"""Whatever files a class hands in, each is graded, named with what to do, or passed over."""

import csv
import io
import json
import os
import re
import socket
import tempfile
import unicodedata
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from cs231n_vis.grading import grade as grading
from cs231n_vis.grading import report, submission
from cs231n_vis.grading.find import find_submissions
from cs231n_vis.grading.merge import SubmissionError, read_submission
from cs231n_vis.grading.results import CheckResult, folder_name, folder_of, read_result
from cs231n_vis.grading.walls import Room

NAME = "01_saliency_maps"
OF_NO_ROSTER = [name for name in report.FORMATS if name not in ("canvas", "moodle")]
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / f"{NAME}.ipynb"


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def found_in(folder, out=None):
    """{student: (path in the folder, problem)}, and what was told."""
    told = []
    found = find_submissions([folder], NAME, out, told.append)
    assert len({each.student for each in found}) == len(found)
    return {s.student: (str(s.path.relative_to(folder)), s.problem) for s in found}, told


def test_files_and_folders_of_both_kinds_are_found(tmp_path):
    names = ("ann.ipynb", f"ben/{NAME}.ipynb", "née O'Hara.ipynb", ".hidden.ipynb", "notes.txt")
    touch(tmp_path, *names)
    found, told = found_in(tmp_path)
    assert sorted(found) == ["ann", "ben", "née O'Hara"]
    assert not [problem for _, problem in found.values() if problem]
    assert told == ["Passed over: .hidden.ipynb, notes.txt."]


@pytest.mark.parametrize("where", ["notebooks", "for-students-main/notebooks", "a/b/c"])
def test_a_students_notebook_is_found_below_their_folder(where, tmp_path):
    """As in the repository that students are given, alone or as it comes out of an archive."""
    others = ("00_start_here", "02_fooling_images", f"solutions/{NAME}")
    touch(tmp_path / "ann" / where, f"{NAME}.ipynb", *(f"{other}.ipynb" for other in others))
    assert found_in(tmp_path)[0] == {"ann": (f"ann/{where}/{NAME}.ipynb", "")}


def test_a_notebook_that_is_given_by_itself_is_the_students_whose_folder_it_is_in(tmp_path):
    touch(tmp_path, f"ann/notebooks/{NAME}.ipynb", f"ben/{NAME}.ipynb", "cleo.ipynb")
    found = find_submissions(sorted(tmp_path.rglob("*.ipynb")), NAME)
    assert [each.student for each in found] == ["ann", "ben", "cleo"]


def test_of_several_notebooks_in_a_students_folder_the_least_deep_is_meant(tmp_path):
    touch(tmp_path / "ann", f"{NAME}.ipynb", f"old/{NAME}.ipynb")
    touch(tmp_path / "ben", f"a/{NAME}.ipynb", f"b/{NAME}.ipynb", f"c/d/{NAME}.ipynb")
    found, _ = found_in(tmp_path)
    assert found["ann"] == (f"ann/{NAME}.ipynb", "")
    assert (
        f"There are 2 files {NAME}.ipynb: a/{NAME}.ipynb, b/{NAME}.ipynb; keep" in found["ben"][1]
    )


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (["ann.ipynb", f"ann/{NAME}.ipynb"], "There are two files of this student"),
        (["ann.ipynb", "Ann.ipynb"], "There are two files of this student; remove one of them: "),
        (
            [f"ann.ipynb/notebooks/deep/{NAME}.ipynb", f"Ann/{NAME}.ipynb"],
            f"Ann/{NAME}.ipynb, ann.ipynb/notebooks/deep/{NAME}.ipynb.",
        ),
        (["ann/02_other.ipynb"], f"There is no {NAME}.ipynb, only 02_other.ipynb."),
        (["ann/notes.txt"], f"There is no {NAME}.ipynb."),
        (["ann.zip"], "ann.zip is an archive: unpack it into a folder with the student's name."),
        (["ann.tar.gz"], "ann.tar.gz is an archive: unpack it"),
        (["ann.IPYNB"], "if it is the notebook, rename it to ann.ipynb."),
        (["ann.ipynb.txt"], "if it is the notebook, rename it to ann.ipynb."),
        (["ann.json"], "if it is the notebook, rename it to ann.ipynb."),
        (["ann.ipynb (1)"], "if it is the notebook, rename it to ann.ipynb."),
        ([f"ann/{NAME}.IPYNB"], f"only {NAME}.IPYNB. {NAME}.IPYNB does not end in .ipynb"),
        (["ann/all.zip"], "only all.zip. all.zip is an archive: unpack it"),
        (["ann.ipynb/nothing.txt"], f"There is no {NAME}.ipynb."),
    ],
)
def test_what_cannot_be_graded_is_found_with_the_reason(files, sentence, tmp_path):
    touch(tmp_path, *files)
    ((student, (_, problem)),) = found_in(tmp_path)[0].items()
    assert student.lower() == "ann" and sentence in problem


def test_what_nearly_is_a_notebook_does_not_stand_in_the_way_of_one(tmp_path):
    touch(tmp_path, "ann.ipynb", "ann.zip", "ann.ipynb.txt")
    found, told = found_in(tmp_path)
    assert found == {"ann": ("ann.ipynb", "")}
    assert told == ["Passed over: ann.ipynb.txt, ann.zip."]


def test_a_name_in_both_forms_of_unicode_is_one_student(tmp_path):
    names = [unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD")]
    touch(tmp_path, *(f"{name}.ipynb" for name in names))
    ((_, problem),) = found_in(tmp_path)[0].values()
    assert "There are two files of this student" in problem
    assert {folder_name(name) for name in names} == {names[0]}


def test_folders_of_programs_and_of_results_are_passed_over(tmp_path):
    touch(tmp_path, f"ann/{NAME}.ipynb", f"__MACOSX/ann/._{NAME}.ipynb", "._ann.ipynb")
    touch(tmp_path, ".ipynb_checkpoints/ann-checkpoint.ipynb", f".git/{NAME}.ipynb")
    touch(tmp_path, f"ann/.ipynb_checkpoints/{NAME}.ipynb", f"ann/__MACOSX/{NAME}.ipynb")
    touch(tmp_path, "graded/second/grades.csv", "earlier/seed.txt", "earlier/students/ann")
    found, told = found_in(tmp_path, out=tmp_path / "graded" / "second")
    assert found == {"ann": (f"ann/{NAME}.ipynb", "")}
    assert told == ["Passed over: earlier (results of grading)."]


def test_links_are_named_and_only_a_folder_that_was_given_may_be_one(tmp_path):
    touch(tmp_path, f"class/ann/{NAME}.ipynb")
    (tmp_path / "class" / "ben").symlink_to("ann")
    (tmp_path / "class" / "cleo.ipynb").symlink_to(f"ann/{NAME}.ipynb")
    (tmp_path / "given").symlink_to("class")
    found, _ = found_in(tmp_path / "given")
    assert found["ann"][1] == ""
    assert {found[name][1].partition(" is a link; ")[1] for name in ("ben", "cleo")} == {
        " is a link; "
    }


def test_a_path_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="give a notebook or a folder of them"):
        find_submissions([tmp_path / "nowhere"], NAME)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_a_folder_that_may_not_be_read_is_one_students_misfortune():
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        folder = Path(place)
        touch(folder, "ann.ipynb", f"mallory/{NAME}.ipynb", f"norman/x/{NAME}.ipynb")
        for locked in ("mallory", "norman/x"):
            os.chmod(folder / locked, 0)
        root = os.geteuid() == 0
        try:
            if root:  # whom nothing is forbidden
                os.seteuid(65534)
            found, _ = found_in(folder)
        finally:
            if root:
                os.seteuid(0)
            for locked in ("mallory", "norman/x"):
                os.chmod(folder / locked, 0o755)
    assert found["ann"][1] == ""
    assert found["mallory"][1] == "mallory cannot be read: Permission denied."
    assert found["norman"][1] == "norman cannot be read: Permission denied."


# Odd classes, against all that needs no kernel ----------------------------------------------------

PIECES = st.sampled_from(
    [
        *("ann", "Ann", "ANN", "zoë", "zoe\u0308", "ß", "ss", "seed.txt", "grades.csv", "students"),
        *("..", "-rf", "=1+1", "@x", "\t+1", "\n", "\r", "\x1b[31m", "\x7f", "\u202e", "\u2028"),
        *(
            "\udcfc",
            "\udcff",
            "<b>",
            "&amp;",
            '"',
            "'",
            "[red]",
            "$x",
            "{0}",
            "%s",
            ";=1",
            ",",
            " ",
        ),
        *(".ipynb", ".IPYNB", ".txt", ".zip", ".json", NAME, "notebooks", "\U00010300", "con", "~"),
    ]
)
LONGEST = 240  # bytes, so that a suffix fits


def as_a_file_system_has_it(name):
    """The name, of bytes that are not all UTF-8 perhaps, and not too many."""
    return os.fsdecode(name.encode("utf-8", "surrogateescape")[:LONGEST])


NAMES = (
    st.lists(PIECES | st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=5)
    .map(lambda pieces: as_a_file_system_has_it(re.sub("[/\0]", "", "".join(pieces))))
    .filter(lambda name: name.strip("."))
)
CONTENTS = st.sampled_from(["notebook", "empty", "bytes", "json", "sparse", "half a surrogate"])
KINDS = st.sampled_from(["file", "file", "file", "folder", "pipe", "socket", "link", "nested"])
CLASSES = st.lists(st.tuples(NAMES, st.sampled_from(["", ".ipynb"]), KINDS, CONTENTS), max_size=8)


def put(path, content):
    if content == "notebook":
        path.write_bytes(NOTEBOOK.read_bytes())
    elif content == "sparse":
        with open(path, "wb") as stream:
            stream.truncate(200 << 30)
    elif content == "half a surrogate":
        cell = {"cell_type": "code", "source": "'\ud800'", "metadata": {}, "outputs": []}
        path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": [cell]}))
    else:
        path.write_bytes({"empty": b"", "bytes": b"\xff\xfe\0", "json": b"[]"}[content])


def hand_in(folder, name, kind, content):
    path = folder / name
    if os.path.lexists(path):
        return
    if kind == "file":
        put(path, content)
    elif kind == "folder":
        path.mkdir()
        put(path / f"{NAME}.ipynb", content)
    elif kind == "nested":
        (path / "notebooks" / "deep").mkdir(parents=True)
        put(path / "notebooks" / "deep" / f"{NAME}.ipynb", content)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        here = os.getcwd()
        os.chdir(folder)  # the address of a socket is short
        try:
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(os.fsencode(name)[:90])
        finally:
            os.chdir(here)
    else:
        path.symlink_to("/dev/zero")


def read_instead_of_run(task, grader, alone):
    """In place of a kernel: whoever's notebook can be read gets the points."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "given.ipynb").write_bytes(task.content)
        read_submission(Path(place) / "given.ipynb")
    student = task.blank.student
    checks = (CheckResult("saliency_maps", 10, 10, "passed", student),)
    result = grading.replace(task.blank, status="graded", checks=checks, message=student)
    return submission.Graded(result)


@pytest.mark.skipif(os.name != "posix", reason="these are names and files of POSIX")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(CLASSES)
def test_no_file_ends_the_run_and_every_student_has_a_row(monkeypatch, odd):
    monkeypatch.setattr(submission, "run_and_judge", read_instead_of_run)
    monkeypatch.setattr(grading, "safe_room", lambda *_: nullcontext(Room((), {})))
    monkeypatch.setattr(grading, "key_of_run", lambda *_: {"numpy": "2"})
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place, "class"), Path(place, "class", "graded")
        folder.mkdir()
        (folder / "honest zoe.ipynb").write_bytes(NOTEBOOK.read_bytes())
        for name, suffix, kind, content in odd:
            hand_in(folder, name + suffix, kind, content)
        told = []
        found = find_submissions([folder], NAME, out, told.append)
        assignment = SimpleNamespace(name=NAME, seed=1, pristine=None)
        results = list(grading.grade(found, assignment, out, jobs=2))
        assert {r.student for r in results} >= {"honest zoe"}
        assert {r.status for r in results if r.student == "honest zoe"} == {"graded"}
        for result in results:
            stored = folder_of(out, result.student, NAME) / "results.json"
            assert read_result(stored) == result and stored.resolve().is_relative_to(out.resolve())
        report.write_class_report(results, out, OF_NO_ROSTER)
        rows = list(csv.reader(io.StringIO((out / "grades.csv").read_bytes().decode())))
        assert len(rows) == 1 + len(results) == 1 + len(found)
        screen = Console(file=io.StringIO(), width=120)
        screen.print(report.summary(results))
        resumed = {r.student: r for r in grading.grade(found, assignment, out, jobs=1)}
        for result in results:
            assert result.status == "not graded" or result == resumed[result.student]
        spoken_of = "".join(told) + "".join(f"{s.path} {s.problem}" for s in found)
        for entry in folder.iterdir():
            assert entry.name in spoken_of or entry.name.startswith(".") or entry == out


def test_a_pipe_is_not_waited_for_and_a_huge_file_is_not_read(tmp_path):
    from cs231n_vis.grading.key import sha256_of_submission

    os.mkfifo(tmp_path / "pipe.ipynb")
    put(tmp_path / "huge.ipynb", "sparse")
    for name in ("pipe", "huge"):
        assert sha256_of_submission(tmp_path / f"{name}.ipynb") == ""
        with pytest.raises(SubmissionError):
            read_submission(tmp_path / f"{name}.ipynb")
