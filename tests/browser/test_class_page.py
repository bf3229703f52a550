"""The page of a class can be read on a phone, and asks nothing of any server."""

import pytest

from cs231n_vis.checking.results import FAILED, LATE, CheckResult, Result
from cs231n_vis.grading.report import write_class_report

NAME = "01_saliency_maps"
CHECKS = (
    CheckResult("weighted_saliency_maps", 0, 10, FAILED, "They differ.", "normalised"),
    CheckResult("late", -1, 0, LATE, "Handed in 1 day after the deadline."),
)


@pytest.fixture
def page(chromium, tmp_path):
    results = [Result(who, NAME, "graded", 3.0, 7, checks=CHECKS) for who in ("ann-marie", "bob")]
    results.append(Result("someone", NAME, "not graded", message="notebook.ipynb is empty."))
    write_class_report(results, tmp_path)
    page = chromium.new_page(viewport={"width": 360, "height": 740})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())
    yield page
    assert len(asked) == 1
    page.close()


def test_names_stay_in_one_line_and_only_tables_are_pushed_sideways(page):
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    first = page.locator("td:first-child")
    assert {"weighted_saliency_maps", "ann-marie", "someone"} <= set(first.all_inner_texts())
    lines = """cell => { const range = document.createRange(); range.selectNodeContents(cell);
        return new Set([...range.getClientRects()].map(one => Math.round(one.top))).size }"""
    assert max(cell.evaluate(lines) for cell in first.all()) == 1
