"""What platforms read has their form; their own exports are filled in for the right students."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from cs231n_vis.checking.results import FAILED, PASSED, CheckResult, Part, Result
from cs231n_vis.grading.autograder import PLATFORMS, write_autograder
from cs231n_vis.grading.platforms import (
    canvas_csv,
    classroom50,
    gradescope,
    moodle_csv,
    prairielearn,
)

ROOT = Path(__file__).parents[2]
NAME = "01_saliency_maps"
PARTS = (Part("shape", 1, 1), Part("known", 0, 4, "They differ."), Part("hidden", 0, 5, "No."))
WRONG = CheckResult("saliency_maps", 1, 10, FAILED, "Not <b>yet</b>.", None, PARTS, "Yours, and")
RIGHT = CheckResult("weighted", 5, 5, PASSED, "Right.")


def result(student, *checks):
    return Result(student, NAME, "graded", 1.0, 7, {}, checks or (WRONG, RIGHT))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (60, 40), "purple").save(tmp_path / "pictures" / "saliency_maps.jpg")
    return tmp_path


def read(text):
    return list(csv.reader(io.StringIO(text, newline="")))


# One submission ---------------------------------------------------------------------------------


def test_gradescope_shows_the_picture_and_the_text_of_a_wrong_answer_as_text(folder):
    test = gradescope(result("ann"), folder)["tests"][0]
    assert test["output_format"] == "html" and test["score"] == 1
    assert "Not &lt;b&gt;yet&lt;/b&gt;." in test["output"] and "<b>" not in test["output"]
    assert "data:image/jpeg;base64," in test["output"]
    assert "known: 0 of 4 (They differ.)" in test["output"]


def test_prairielearn_gets_a_part_of_one_and_pictures_that_fit_a_megabyte(folder):
    told = prairielearn(result("ann"), folder)
    assert told["gradable"] and told["score"] == pytest.approx(6 / 15)
    assert told["tests"][0]["images"][0]["url"].startswith("data:image/jpeg;base64,")
    (folder / "pictures" / "saliency_maps.jpg").write_bytes(os.urandom(800_000))
    assert len(json.dumps(prairielearn(result("ann"), folder))) < 1_000_000


def test_prairielearn_is_told_why_a_submission_cannot_be_graded(folder):
    told = prairielearn(Result("ann", NAME, "not graded", message="It is empty."), folder)
    assert told == {"gradable": False, "format_errors": ["It is empty."]}


def test_classroom50_gets_whole_numbers_and_what_its_runner_says():
    runner = {"CLASSROOM": "vision", "ASSIGNMENT": "maps", "COMMIT_URL": "https://x/c"}
    told = classroom50(result("ann"), runner)
    assert (told["schema"], told["classroom"]) == ("classroom50/result/v1", "vision")
    assert (told["score"], told["max-score"]) == (6, 15)
    half = CheckResult("saliency_maps", 2.5, 10, FAILED, "Half.")
    told = classroom50(result("ann", half), runner)
    assert (told["score"], told["max-score"], told["tests"][0]["passed"]) == (250, 1000, False)
    assert told["review"] == told["commit"]


# The class --------------------------------------------------------------------------------------

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,01_saliency_maps (4711),Other (12)
    Points Possible,,,,,15,3
"Lee, Ann",101,,ann,A,,2
"Ng, Bob",102,s-17,bob@uni.example,A,,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Feedback comments
Participant 31,Ann Lee,ann@uni.example,Submitted,,15.00,
Participant 32,Bob Ng,bob@uni.example,Submitted,,15.00,
Participant 33,Bob Ng,ng@uni.example,Submitted,,15.00,
"""


def test_canvas_gets_its_own_column_back_with_scores(tmp_path):
    (tmp_path / "canvas.csv").write_text(CANVAS)
    text, missing = canvas_csv(
        [result("ann"), result("s-17", RIGHT), result("eve")], tmp_path / "canvas.csv"
    )
    assert read(text) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_saliency_maps (4711)"],
        ["    Points Possible", "", "", "", "", "15"],
        ["Lee, Ann", "101", "", "ann", "A", "6"],
        ["Ng, Bob", "102", "s-17", "bob@uni.example", "A", "5"],
    ]
    assert missing == ["eve"]


def test_moodle_gets_its_worksheet_back_and_two_of_one_name_are_not_guessed(tmp_path):
    (tmp_path / "moodle.csv").write_text(MOODLE)
    those = [result("Ann Lee_31_assignsubmission_file"), result("Bob Ng", RIGHT), result("ng")]
    text, missing = moodle_csv(those, tmp_path / "moodle.csv")
    rows = {row[0]: row for row in read(text)}
    assert rows["Participant 31"][4] == "6" and "They differ." in rows["Participant 31"][6]
    assert rows["Participant 32"][4] == "" and rows["Participant 33"][4] == "6"
    assert missing == ["Bob Ng"]


def test_a_roster_that_is_none_is_refused(tmp_path):
    (tmp_path / "canvas.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"canvas.csv has no column 'Student': it is to be the"):
        canvas_csv([result("ann")], tmp_path / "canvas.csv")


# Autograders ------------------------------------------------------------------------------------


def unpack(platform, place):
    """An autograder, set up as its own set-up does, but with the packages that are here."""
    out = place / ("autograder.zip" if platform == "gradescope" else "autograder")
    write_autograder(platform, ROOT, NAME, out, 231, True)
    folder = place / "source"
    if platform == "gradescope":
        with zipfile.ZipFile(out) as archive:
            archive.extractall(folder)
    else:
        out.rename(folder)
    venv = folder / "course" / ".venv"
    venv.mkdir()
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", venv)
    for name in ("bin", "lib"):
        (venv / name).symlink_to(Path(sys.prefix) / name)
    stamp = 'touch .venv/.installed-$({ pwd; cat requirements.lock; } | cksum | tr " " "-")'
    subprocess.run(f"{stamp} .venv/.ready", shell=True, cwd=folder / "course", check=True)
    return folder


def wrong_notebook(path):
    notebook = nbformat.read(ROOT / "notebooks" / "solutions" / f"{NAME}.ipynb", 4)
    for cell in notebook.cells:
        if cell.id == "compute_saliency_maps":
            cell.source = cell.source.replace("return saliency", "return 2 * saliency")
    path.parent.mkdir()
    nbformat.write(notebook, path)


def test_gradescope_runs_the_autograder_of_the_zip(tmp_path):
    folder = unpack("gradescope", tmp_path)
    wrong_notebook(tmp_path / "submission" / "my homework.ipynb")
    subprocess.run(
        ["bash", folder / "run_autograder"],
        env=os.environ | {"AUTOGRADER": str(tmp_path)},
        check=True,
    )
    told = json.loads((tmp_path / "results" / "results.json").read_text("utf-8"))
    first, second = told["tests"]
    assert (told["score"], first["score"], second["score"]) == (5, 0, 5), told
    assert "data:image/jpeg;base64," in first["output"]


def test_prairielearn_runs_the_question_and_says_what_is_wrong_with_the_file(tmp_path):
    folder = unpack("prairielearn", tmp_path)
    about = json.loads((folder / "questions" / NAME / "info.json").read_text("utf-8"))
    assert len(about["uuid"]) == 36 and about["externalGradingOptions"]["timeout"] <= 600
    assert f'file-names="{NAME}.ipynb"' in (
        folder / "questions" / NAME / "question.html"
    ).read_text("utf-8")
    (tmp_path / "student").mkdir()
    (tmp_path / "student" / f"{NAME}.ipynb").write_text("{")
    grade = {"GRADE": str(tmp_path)}
    subprocess.run(["bash", folder / "run.sh"], env=os.environ | grade, check=True)
    told = json.loads((tmp_path / "results" / "results.json").read_text("utf-8"))
    assert not told["gradable"] and "not valid JSON" in told["format_errors"][0], told


def test_classroom50_runs_its_autograder_in_the_students_repository(tmp_path):
    folder = unpack("classroom50", tmp_path)
    (tmp_path / "repository").mkdir()
    runner = {"CLASSROOM": "vision", "ASSIGNMENT": "maps", "SUBMISSION_TAG": "submit/1"}
    subprocess.run(
        [sys.executable, folder / "autograder.py"],
        cwd=tmp_path / "repository",
        env=os.environ | runner,
        check=True,
    )
    told = json.loads((tmp_path / "repository" / "result.json").read_text("utf-8"))
    assert (told["submission"], told["score"], told["max-score"]) == ("submit/1", 0, 0), told
    assert f"There is no {NAME}.ipynb" in told["tests"][0]["message"], told


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_is_written_over(platform, tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(FileExistsError, match="is there already; name another, or remove it"):
        write_autograder(platform, ROOT, NAME, tmp_path / "there", None, True)
