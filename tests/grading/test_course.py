"""The rules of a course are read whole, or refused in a sentence: what, where and what to do."""

import os
from datetime import datetime, timezone

import pytest

from cs231n_vis.grading.course import Course, read_course

NAME = "01_saliency_maps"
WHOLE = """\
[points]
shape = 0.1
known = 0.4
hidden = 0.5

[deadlines]
01_saliency_maps = 2026-10-09T23:59:00+02:00
02_fooling_images = 2026-10-16T23:59:00+02:00

[extensions.ann]
01_saliency_maps = 2026-10-12T23:59:00+02:00

[late]
free_days = 3
percent = 10
most_days = 4
grace_minutes = 15
times = "timestamps"

[roster]
canvas = "canvas.csv"
"""


@pytest.fixture
def course(tmp_path):
    def read(text):
        (tmp_path / "course.toml").write_text(text, "utf-8")
        return read_course(tmp_path / "course.toml")

    return read


def test_a_whole_course_is_read(course, tmp_path):
    read = course(WHOLE)
    assert read.shares == {"shape": 0.1, "known": 0.4, "hidden": 0.5}
    assert read.deadline("bob", "01_saliency_maps") == datetime(
        2026, 10, 9, 21, 59, tzinfo=timezone.utc
    )
    assert read.deadline("ann", "01_saliency_maps").day == 12
    assert read.deadline("ann", "03_class_visualization") is None
    assert (read.late.free_days, read.late.percent, read.late.most_days) == (3, 10, 4)
    assert read.roster == {"canvas": tmp_path / "canvas.csv"}


def test_without_a_file_nothing_is_late_and_checks_are_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_course() == Course()
    assert read_course().days_late("ann", "01_saliency_maps", "2026-10-09T23:59:00+00:00") == 0


def test_a_file_that_was_named_must_be_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_course(tmp_path / "course.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[late]\nfree_day = 3", r"no 'free_day' in \[late\] here; did you mean free_days\?"),
        ("[dedlines]", r"no 'dedlines' here; did you mean deadlines\?"),
        ("late = 3", r"late is to be a table, \[late\]"),
        ("[points]\nshape = 0.5", r"shares in \[points\] are 0.5, and are to be 1 in all"),
        ("[points]\nshape = true", r"points.shape is True, and is to be a number from 0 to 1"),
        ("[points]\nform = 1", r"no 'form' in \[points\] here"),
        ("[late]\npercent = 110", "late.percent is 110, and is to be a number from 0 to 100"),
        ("[late]\nfree_days = -1", "late.free_days is -1, and is to be a number from 0 on"),
        ("[late]\nmost_days = 1.5", "late.most_days is 1.5, and is to be a whole number"),
        ('[late]\ntimes = "git"', "late.times is 'git', and is to be 'files', 'timestamps', or"),
        ("[deadlines]\na = 2026-10-09T23:59:00", "does not say in which time zone; write it as"),
        ("[deadlines]\na = 2026-10-09", "does not say in which time zone"),
        ('[deadlines]\na = "soon"', "deadlines.a is 'soon', and is to be a time without quotes"),
        ("[extensions]\nann = 3", r"extensions.ann is to be a table of deadlines"),
        ("[roster]\ncanvas = 3", "roster.canvas is 3, and is to be a file's name"),
        ("[late", "is not TOML"),
        ("\x00", "is not TOML"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_with_the_file(course, text, told):
    with pytest.raises(ValueError, match=told) as problem:
        course(text)
    assert "course.toml" in str(problem.value) and "\n" not in str(problem.value)


@pytest.mark.parametrize(
    ("submitted", "days"),
    [
        ("2026-10-09T21:59:00+00:00", 0),  # the deadline is two hours ahead of UTC
        ("2026-10-09T22:13:00+00:00", 0),  # within the minutes of grace
        ("2026-10-09T22:15:00+00:00", 1),
        ("2026-10-10T21:59:00+00:00", 1),
        ("2026-10-10T22:00:00+00:00", 2),
        ("2026-10-10T05:58:00+09:00", 0),  # the same instant elsewhere on earth
        ("", 0),
    ],
)
def test_a_day_is_late_when_it_has_begun_wherever_the_clock_stands(course, submitted, days):
    assert course(WHOLE).days_late("bob", "01_saliency_maps", submitted) == days


@pytest.mark.parametrize(
    ("told", "when"),
    [
        ("2026-10-09 23:59:00.123456 UTC", "2026-10-09T23:59:00+00:00"),
        ("2026-10-09T23:59:00Z", "2026-10-09T23:59:00+00:00"),
        ("2026-10-09T23:59:00+02:00", "2026-10-09T21:59:00+00:00"),
    ],
)
def test_the_time_stands_beside_the_notebook_as_nbgrader_writes_it(course, tmp_path, told, when):
    (tmp_path / "timestamp.txt").write_text(told)
    assert course(WHOLE).submitted("ann", NAME, tmp_path / "a.ipynb") == when


@pytest.mark.parametrize("told", ["yesterday evening", "2026-10-09 23:59:00", ""])
def test_a_time_that_is_none_is_not_guessed(course, tmp_path, told):
    (tmp_path / "timestamp.txt").write_text(told)
    with pytest.raises(ValueError, match=r"timestamp.txt: '.*' (is not a time|does not say how)"):
        course(WHOLE).submitted("ann", NAME, tmp_path / "a.ipynb")


def test_times_come_from_the_file_or_from_a_table(course, tmp_path):
    (tmp_path / "a.ipynb").touch()
    os.utime(tmp_path / "a.ipynb", (1_800_000_000, 1_800_000_000))
    due = "[deadlines]\n01_saliency_maps = 2026-10-09T23:59:00+02:00\n"
    assert course(due).submitted("ann", NAME, tmp_path / "a.ipynb") == "2027-01-15T08:00:00+00:00"
    assert course("").submitted("ann", NAME, tmp_path / "a.ipynb") == ""
    (tmp_path / "times.csv").write_text("student,submitted\nann,2026-10-09T23:59:00+02:00\n")
    table = course(due + '[late]\ntimes = "times.csv"')
    assert table.submitted("ann", NAME, tmp_path / "a.ipynb") == "2026-10-09T21:59:00+00:00"
    assert table.submitted("bob", NAME, tmp_path / "a.ipynb") == ""
    (tmp_path / "times.csv").write_text("who,when\nann,2026-10-09\n")
    with pytest.raises(ValueError, match=r"times.csv is to have the columns student and submitted"):
        table.submitted("ann", NAME, tmp_path / "a.ipynb")
