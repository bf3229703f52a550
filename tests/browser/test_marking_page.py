"""A class is marked by keys alone, in a real Chromium; nothing that a student wrote acts."""

import threading

import pytest
from playwright.sync_api import expect

from cs231n_vis.checking.results import PASSED, CheckResult, Result, Written
from cs231n_vis.grading.course import Course
from cs231n_vis.grading.marking import Marking, MarkingServer, Question
from cs231n_vis.grading.marks import give_mark, read_by_hand
from cs231n_vis.grading.results import folder_of, write_result

NAME = "04_beyond_the_gradient"
TEXTS = {
    "ann": "It saturates.",
    "bob": "",
    "cleo": "<img src=x onerror='document.title=1'></script><script>document.title=1</script>",
}
QUESTION = Question("why", 2, "**1.** Why?", "Because.\n\n*Rubric:* 2 points for because.")


@pytest.fixture
def served(tmp_path):
    """A class of three, and the address of its page."""
    for student, text in TEXTS.items():
        checks = (CheckResult("smoothgrad", 5, 5, PASSED, ""),)
        written = (Written("why", 2, text),)
        result = Result(student, NAME, "graded", seed=7, checks=checks, written=written)
        write_result(result, folder_of(tmp_path, student, NAME) / "results.json")
    with MarkingServer(Marking(tmp_path, NAME, [QUESTION], Course())) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield tmp_path, server.address
        server.shutdown()


@pytest.fixture
def page(chromium, served):
    """The page, which must stay without errors, as narrow as a phone."""
    page = chromium.new_page(viewport={"width": 360, "height": 740})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(served[1])
    page.get_by_role("link", name="why").click()
    yield page
    assert errors == []
    page.close()


def marks(out, student):
    found = read_by_hand(folder_of(out, student, NAME)).questions.get("why", [])
    return [(mark.points, mark.comment) for mark in found]


def test_a_class_is_marked_by_keys_alone(page, served):
    out, _ = served
    press, said = page.keyboard.press, page.get_by_role("status")
    expect(page.locator("#answer")).to_have_text("It saturates.")
    press("c")
    page.keyboard.type("Where?")
    press("Escape")
    press("1")
    expect(said).to_have_text("Kept.")
    press(".")
    expect(page.get_by_role("button", name="1.5")).to_have_attribute("aria-pressed", "true")
    expect(said).to_have_text("Kept.")
    press("n")
    expect(page.locator("#who")).to_have_text("bob")
    press("3")
    expect(said).to_have_text("There are 2 points.")
    press("0")
    expect(page.locator("#count")).to_have_text("2 of 3, 2 marked")
    press("n")
    expect(page.locator("#answer")).to_have_text(TEXTS["cleo"])
    assert page.title() != "1" and page.locator("#answer *").count() == 0
    press("h")
    expect(page.locator("#who")).to_have_text("Answer 3")
    assert marks(out, "ann") == [(1, "Where?"), (1.5, "Where?")]
    assert marks(out, "bob") == [(0, "")] and marks(out, "cleo") == []
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)


def test_who_was_marked_meanwhile_is_shown_and_not_written_over(page, served):
    out, _ = served
    expect(page.locator("#who")).to_have_text("ann")
    give_mark(folder_of(out, "ann", NAME), Written("why", 2, TEXTS["ann"]), 2, "Yes.", 0, "eva")
    with page.expect_response(lambda answer: answer.status == 409):
        page.evaluate("give(1)")
    expect(page.get_by_role("status")).to_contain_text("eva has given 2 of 2 points meanwhile")
    assert marks(out, "ann") == [(2, "Yes.")]
