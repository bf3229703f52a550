"""What people and the calendar add to a result is kept through regrades, and has its reason."""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cs231n_vis.checking.results import PASSED, WAITING, CheckResult, Result, Written
from cs231n_vis.grading.course import Course, Late, read_course
from cs231n_vis.grading.marking import Marking, MarkingServer, Question
from cs231n_vis.grading.marks import (
    MarkedMeanwhile,
    adjust,
    give_mark,
    is_marked,
    read_by_hand,
    with_marks,
)
from cs231n_vis.grading.results import folder_of, write_result

ROOT = Path(__file__).parents[2]
NAME = "04_beyond_the_gradient"
QUESTIONS = [Question("why", 2, "**1.** Why?", "Because.\n\n*Rubric:* 2 points for because.")]
TEXTS = {
    "ann": "Because it <b>saturates</b>.",
    "bob": "",
    "zoë": "</script><script>alert(1)</script>",
}


def result(student, text="", points=4, assignment=NAME, submitted=""):
    checks = (CheckResult("smoothgrad", points, 5, PASSED, "Right with every input."),)
    written = (Written("why", 2, text),)
    about = {"checks": checks, "submitted": submitted, "written": written}
    return Result(student, assignment, "graded", 1.0, 7, {"numpy": "2"}, **about)


def graded_into(out, *results):
    for each in results:
        write_result(each, folder_of(out, each.student, each.assignment) / "results.json")
    return list(results)


@pytest.fixture
def out(tmp_path):
    graded_into(tmp_path, *(result(name, text) for name, text in TEXTS.items()))
    return tmp_path


def folder(out, student="ann"):
    return folder_of(out, student, NAME)


def totals(out, course=Course(), names=TEXTS):  # noqa: B008
    results = [result(name, TEXTS[name]) for name in names]
    whole = with_marks(results, out, course, is_marked(out, NAME))
    return {each.student: (each.score, each.max_score) for each in whole}


# Marks ------------------------------------------------------------------------------------------


def test_questions_count_for_all_as_soon_as_one_is_marked(out):
    assert totals(out) == {"ann": (4, 5), "bob": (4, 5), "zoë": (4, 5)}
    give_mark(folder(out), result("ann", TEXTS["ann"]).written[0], 1.5, "Which unit?", 0, "eva")
    assert totals(out) == {"ann": (5.5, 7), "bob": (4, 7), "zoë": (4, 7)}
    whole = with_marks([result("bob")], out, Course(), True)[0]
    assert (whole.checks[-1].status, whole.checks[-1].message) == (WAITING, "Not marked yet.")


def test_a_regrade_loses_no_mark_and_says_when_the_answer_is_another(out):
    give_mark(folder(out), result("ann", TEXTS["ann"]).written[0], 2, "Good.", 0, "eva")
    graded_into(out, result("ann", TEXTS["ann"], points=5))
    (whole,) = with_marks([result("ann", TEXTS["ann"], points=5)], out, Course(), True)
    assert whole.score == 7 and whole.checks[-1].message == "Good."
    (whole,) = with_marks([result("ann", "Something else.")], out, Course(), True)
    assert whole.checks[-1].message == "Good. (The answer has changed since.)"


def test_of_two_who_mark_at_once_the_second_is_told_and_nothing_is_lost(out):
    written = result("ann", TEXTS["ann"]).written[0]
    give_mark(folder(out), written, 1, "Half of it.", 0, "eva")
    with pytest.raises(MarkedMeanwhile, match=r"eva has given 1 of 2 points meanwhile \(Half of"):
        give_mark(folder(out), written, 2, "All of it.", 0, "tom")
    give_mark(folder(out), written, 2, "After all.", 1, "tom")
    marks = read_by_hand(folder(out)).questions["why"]
    assert [(mark.points, mark.by) for mark in marks] == [(1, "eva"), (2, "tom")]


def test_many_who_mark_at_once_in_processes_of_their_own_lose_nothing(out):
    code = (
        "import sys; from pathlib import Path\n"
        "from cs231n_vis.grading.marks import adjust\n"
        "[adjust(Path(sys.argv[1]), 1, f'{sys.argv[2]} {i}') for i in range(10)]"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(folder(out)), str(n)]) for n in range(3)
    ]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert len({mark.comment for mark in read_by_hand(folder(out)).adjustments}) == 30


@pytest.mark.parametrize("points", [-1, 2.5, float("nan")])
def test_no_more_can_be_given_than_there_is(out, points):
    with pytest.raises(ValueError, match="points cannot be given: there are 2"):
        give_mark(folder(out), result("ann").written[0], points, "", 0)


def test_a_damaged_file_is_not_written_over(out):
    (folder(out) / "by_hand.json").write_text('{"questions": {"why": [')
    with pytest.raises(ValueError, match=r"by_hand.json cannot be read .*; put a copy of it"):
        give_mark(folder(out), result("ann").written[0], 1, "", 0)
    assert (folder(out) / "by_hand.json").read_text() == '{"questions": {"why": ['


def test_an_adjustment_has_a_reason_which_the_student_reads(out):
    with pytest.raises(ValueError, match="needs a reason"):
        adjust(folder(out), 1, " ")
    adjust(folder(out), -1, "The notebook was not run.")
    (whole,) = with_marks([result("ann")], out, Course(), False)
    assert (whole.score, whole.max_score) == (3, 5)
    assert whole.checks[-1].message == "The notebook was not run."


# Late days --------------------------------------------------------------------------------------

RULES = """
[deadlines]
03_class_visualization = 2026-10-01T00:00:00+00:00
04_beyond_the_gradient = 2026-10-08T00:00:00+00:00
[late]
free_days = 2
percent = 10
most_days = 3
"""


def late(tmp_path, days, days_before=0):
    (tmp_path / "course.toml").write_text(RULES)
    course = read_course(tmp_path / "course.toml")
    before = f"2026-10-{1 + days_before:02}T00:00:00+00:00"
    graded_into(tmp_path, result("ann", assignment="03_class_visualization", submitted=before))
    own = result("ann", submitted=f"2026-10-{8 + days:02}T00:00:00+00:00")
    return with_marks([own], tmp_path, course, False)[0]


def test_who_is_in_time_loses_nothing_and_is_told_nothing(tmp_path):
    assert late(tmp_path, 0).checks == result("ann").checks


def test_free_days_are_taken_first_and_by_the_earlier_deadline(tmp_path):
    whole = late(tmp_path, 1)
    assert whole.score == 4
    told = "Handed in 1 day after the deadline, 1 of them free."
    assert whole.checks[-1].message == told
    whole = late(tmp_path, 2, days_before=1)
    assert whole.score == pytest.approx(3.6)
    assert whole.checks[-1].message == (
        "Handed in 2 days after the deadline, 1 of them free. It costs 10 % of the points."
    )


def test_who_is_later_than_counts_has_no_points_and_no_fewer(tmp_path):
    whole = late(tmp_path, 9)
    assert whole.score == 0
    assert "More than 3 days late counts nothing." in whole.checks[-1].message


def test_without_a_deadline_nothing_is_late(tmp_path):
    course = Course(late=Late(percent=10))
    own = result("ann", submitted="2027-01-01T00:00:00+00:00")
    assert with_marks([own], tmp_path, course, False)[0].score == 4


# The page ---------------------------------------------------------------------------------------


@pytest.fixture
def server(out):
    with MarkingServer(Marking(out, NAME, QUESTIONS, Course())) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def fetch(address, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data, headers)) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read().decode(), problem.headers


def mark(student="ann", points=2, comment="Good.", seen=0):
    return {"student": student, "points": points, "comment": comment, "seen": seen}


def test_a_mark_reaches_the_feedback_and_the_tables(server, out):
    status, text, _ = fetch(server.address + "why", mark())
    assert status == 200 and json.loads(text)["points"] == 2
    page = (folder(out) / "feedback.html").read_text()
    assert "6 of 7 points" in page and "Good." in page
    server.marking.finish()
    assert "question why" in (out / "grades.csv").read_text()
    assert "…" in (folder(out, "bob") / "feedback.html").read_text()


def test_two_browsers_at_once_are_told_of_each_other(server):
    assert fetch(server.address + "why", mark())[0] == 200
    status, text, _ = fetch(server.address + "why", mark(points=1))
    assert status == 409 and "has given 2 of 2 points meanwhile" in text


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("wrong/why", {}),
        ("KEY/why", {"Host": "evil.example"}),
        ("KEY/why", {"Origin": "http://evil.example"}),
        ("KEY/../why", {}),
    ],
)
def test_nobody_comes_in_without_the_key_or_from_another_page(server, out, address, headers):
    base = f"http://127.0.0.1:{server.server_address[1]}/"
    status, _, _ = fetch(base + address.replace("KEY", server.key), mark(), **headers)
    assert status in (403, 404)
    assert not read_by_hand(folder(out)).questions


@pytest.mark.parametrize(
    "body", [mark(student="nobody"), mark(points="x"), mark(points=3), {"student": "ann"}, [], 1]
)
def test_what_is_no_mark_is_refused(server, out, body):
    assert fetch(server.address + "why", body)[0] == 400
    assert not is_marked(out, NAME)


def test_nothing_that_a_student_wrote_becomes_part_of_the_page(server):
    status, page, headers = fetch(server.address + "why")
    assert status == 200 and page.count("<script") == 1 and "alert(1)" in page
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "script-src 'nonce-" in headers["Content-Security-Policy"]


def test_a_hundred_marks_at_once_are_all_kept(server, out):
    def one(n):
        seen = len(read_by_hand(folder(out)).questions.get("why", ()))
        return fetch(server.address + "why", mark(points=n % 3, seen=seen))[0]

    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(one, range(100))).count(200)
    assert len(read_by_hand(folder(out)).questions["why"]) == kept > 0


def test_there_must_be_something_to_mark(tmp_path):
    with pytest.raises(ValueError, match="has no question that carries points"):
        Marking(tmp_path, NAME, [], Course())
    with pytest.raises(ValueError, match="grade the class first"):
        Marking(tmp_path, NAME, QUESTIONS, Course())


def test_a_port_that_is_taken_is_told_in_a_sentence(server, out):
    port = server.server_address[1]
    with pytest.raises(OSError, match=f"Port {port} cannot be had .*; name another with --port"):
        MarkingServer(server.marking, port)


# The commands -----------------------------------------------------------------------------------


def command(*argv):
    argv = [sys.executable, "-m", "cs231n_vis.cli", *map(str, argv)]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)


def test_points_are_taken_with_a_reason_and_all_of_the_course_is_in_the_table(out):
    graded_into(out, result("ann", points=5, assignment="03_class_visualization"))
    about = "--reason", "Not run.", "--out", out, "--assignment", NAME
    done = command("adjust", "ann", "-1", *about)
    assert done.returncode == 0 and done.stdout == "ann: 3/5\n", done.stderr
    table = (out / "grades.csv").read_text("utf-8")
    assert "ann,03_class_visualization,graded,5,5" in table
    assert f"ann,{NAME},graded,3,5" in table
    done = command("adjust", "anne", "1", *about)
    assert done.returncode == 1 and "There is no anne graded" in done.stderr
    assert "did you mean ann?" in done.stderr and "Traceback" not in done.stderr


def test_without_anything_graded_there_is_nothing_to_mark(tmp_path):
    done = command("mark", tmp_path / "nowhere", "--assignment", NAME)
    assert done.returncode == 1 and "grade the class first" in done.stderr
    done = command("mark", tmp_path, "--assignment", "09_none")
    assert done.returncode == 1 and "There is no assignment" in done.stderr


def test_a_roster_that_is_not_there_is_told_before_anything_is_graded(tmp_path):
    (tmp_path / "course.toml").write_text('[roster]\ncanvas = "missing.csv"\n')
    notebook = ROOT / "notebooks" / f"{NAME}.ipynb"
    about = "--course", tmp_path / "course.toml", "--format", "canvas", "--out", tmp_path / "out"
    done = command("grade", notebook, "--assignment", NAME, *about)
    assert done.returncode == 1 and "missing.csv" in done.stderr and "Trace" not in done.stderr
    assert not (tmp_path / "out").exists()
