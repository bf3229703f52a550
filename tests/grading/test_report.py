"""Reports hold what the results hold, in forms that others read, and nothing in them acts."""

import csv
import html
import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from cs231n_vis.checking.results import ERROR, FAILED, MISSING, PASSED, CheckResult, Result
from cs231n_vis.grading.feedback import (
    STATUS_WORDS,
    feedback_page,
    readable,
    visible,
    write_feedback,
)
from cs231n_vis.grading.platforms import NBGRADER_COLUMNS, gradescope, junit, nbgrader_csv
from cs231n_vis.grading.report import (
    FORMATS,
    grades_csv,
    in_markdown,
    summary,
    write_class_report,
)

ASSIGNMENT = "01_saliency_maps"
SEED = 987654321
HINT = "The maps differ. End it with `return saliency`."

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title><svg onload=alert(1)>",
    "]]><!-- &amp; &#0;",
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "＝1+1",
    "ann;=1+1",
    'two,"fields"',
    "two\nlines",
    "two\r\nlines",
    "other\u2028line\u2029ends\x85here",
    "NUL\x00in it",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "right\u202eto left\u2066",
    "lone\udcffsurrogate\ud800",
    "not a character \ufffe\uffff",
    "[red]markup[/red] [/] :smile:",
    "$student ${seed} {0} %s",
    "x" * 5000,
]


def check(
    status=PASSED, points=10, misconception=None, message="", name="saliency_maps", picture=""
):
    earned = points if status == PASSED else 0
    return CheckResult(name, earned, points, status, message, misconception, (), picture)


def graded(student, *checks, **changed):
    told = {"status": "graded", "seconds": 12.34, "seed": SEED, "versions": {"numpy": "2.4.1"}}
    return Result(student, ASSIGNMENT, **told | changed, checks=checks or (check(),))


CLASS = [
    graded("cleo", check(FAILED, misconception="no absolute value", message=HINT)),
    graded("ann"),
    graded("bob", check(ERROR, message="It raised an error: NameError: tf")),
    graded("dan", check(MISSING, message="There is no answer cell.")),
    graded("eve", check(FAILED, misconception="no absolute value", message=HINT)),
    Result("fay", ASSIGNMENT, "not graded", 0.1, SEED, {}, (), "It is not a notebook."),
]


NOWHERE = Path("no such folder")
OF_NO_ROSTER = [name for name in FORMATS if name not in ("canvas", "moodle")]


def jpeg(width, height):
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "purple").save(stream, "JPEG")
    return stream.getvalue()


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def on_a_terminal(renderable, width=100):
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(renderable)
    return console.file.getvalue()


def acts(text):
    """The characters of a text that are control characters or turn the direction of writing."""
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


# Text from strangers ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_visible_text_is_one_printable_line_and_valid_utf8(text):
    assert not acts(visible(text))
    visible(text).encode()


def test_different_names_stay_different():
    names = ["ann", "ann\n", "\x1b[31mann", "ann\u202e", "ann\x00", "ann\x7f", "ann\u200b"]
    assert len({visible(name) for name in names}) == len(names)


def test_names_of_all_scripts_are_left_alone():
    for name in ("Zoë Åström", "李小龍", "محمد", "می\u200cخواهم", "निशा", "O'Brien-Núñez", "🦜"):
        assert visible(name) == name


def test_a_message_keeps_its_lines_and_loses_its_colours():
    assert readable("\x1b[0;31mNameError\x1b[0m:\n\tname\x07") == "NameError:\n name\\x07"
    assert len(readable("x" * 10**6)) < 5000


# grades.csv ------------------------------------------------------------------------------------


def test_grades_have_a_row_for_each_submission_sorted_by_student():
    rows = read(grades_csv(CLASS))
    assert [row["student"] for row in rows] == ["ann", "bob", "cleo", "dan", "eve", "fay"]
    assert rows[0] == {
        "student": "ann",
        "assignment": ASSIGNMENT,
        "status": "graded",
        "score": "10",
        "max_score": "10",
        "seconds": "12.3",
        "saliency_maps": "10",
        "misconceptions": "",
        "message": "",
    }
    assert rows[2]["misconceptions"] == "no absolute value" and rows[2]["score"] == "0"
    assert rows[5]["status"] == "not graded" and rows[5]["message"] == "It is not a notebook."


def test_each_check_has_a_column_and_what_a_submission_lacks_is_empty():
    both = graded("ann", check(points=2.5), check(FAILED, name="fooling", misconception="sign"))
    first, second = read(grades_csv([both, graded("bob")]))
    assert (first["saliency_maps"], first["fooling"], first["score"]) == ("2.5", "0", "2.5")
    assert (second["saliency_maps"], second["fooling"]) == ("10", "")


def test_grades_end_their_lines_as_the_standard_has_it():
    assert grades_csv(CLASS).count("\r\n") == grades_csv(CLASS).count("\n") == len(CLASS) + 1


def test_the_order_of_grading_does_not_change_the_files():
    assert grades_csv(CLASS) == grades_csv(CLASS[::-1])
    assert junit(CLASS) == junit(CLASS[::-1])


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("to_csv", [grades_csv, nbgrader_csv])
def test_no_cell_is_a_formula_and_no_name_breaks_the_table(to_csv, text):
    hostile = Result(text, text, "graded", 1, SEED, {}, (check(misconception=text),), text)
    rows = read(to_csv([hostile, graded("ann")]))
    assert len(rows) == 2
    for row in rows:
        assert None not in row and None not in row.values()
        for cell in row.values():
            assert not re.search(r"(^|;)\s*[=+\-@＝＋－＠]", cell), cell
            assert not acts(cell)
            cell.encode()


# Markdown --------------------------------------------------------------------------------------


def test_markdown_is_the_table_of_grades():
    title, _, header, line, *rows = in_markdown(CLASS).splitlines()
    assert title == "### 6 submissions"
    assert header.replace("&#95;", "_").strip("| ").split(" | ") == list(read(grades_csv(CLASS))[0])
    assert line == "|---" * 9 + "|"
    start = "| ann | 01&#95;saliency&#95;maps | graded | 10 | 10 | 12.3 | 10 |  |  |"
    assert rows[0] == start and len(rows) == 6


def test_markdown_of_a_large_class_is_cut_and_says_so():
    text = in_markdown([graded(f"n{n}") for n in range(1010)])
    assert text.startswith("### 1010 submissions\n") and text.count("\n| n") == 1000
    assert text.endswith("|\n\nAnd 10 more, in the artefact.\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_student_acts_in_markdown(text):
    hostile = Result(text, text, "graded", 1, SEED, {}, (check(misconception=text),), text)
    *_, row = in_markdown([hostile]).splitlines()
    assert row.count("|") == 10 and not re.search(r"[<>`*_\\~$@\[\]]|&(?!amp;|lt;|gt;|#\d+;)", row)
    assert not acts(row)


# nbgrader --------------------------------------------------------------------------------------


def test_nbgrader_columns_are_those_of_its_export():
    exporter = pytest.importorskip("nbgrader.plugins.export")
    import inspect

    source = inspect.getsource(exporter.CsvExportPlugin.export)
    keys = re.findall(r'"(\w+)"', source[source.index("keys = [") : source.index("]\n        fh.")])
    assert tuple(keys) == NBGRADER_COLUMNS


def test_nbgrader_rows_leave_what_was_not_graded_empty_but_know_what_it_could_earn():
    rows = {row["student_id"]: row for row in read(nbgrader_csv(CLASS))}
    assert tuple(rows["ann"]) == NBGRADER_COLUMNS
    assert (rows["ann"]["raw_score"], rows["ann"]["score"]) == ("10.0", "10.0")
    assert rows["bob"]["score"] == "0.0"
    assert rows["fay"]["score"] == "" and rows["fay"]["max_score"] == "10.0"


# Gradescope ------------------------------------------------------------------------------------


def test_gradescope_has_the_fields_that_it_documents():
    result = gradescope(CLASS[0], NOWHERE)
    assert set(result) <= {
        *("score", "execution_time", "output", "output_format", "test_output_format"),
        *("test_name_format", "visibility", "stdout_visibility", "extra_data", "tests"),
    }
    assert result["score"] == 0 and result["execution_time"] == 12.34
    assert result["tests"] == [
        {
            "name": "saliency_maps",
            "score": 0,
            "max_score": 10,
            "status": "failed",
            "output": HINT,
            "visibility": "visible",
        }
    ]
    assert gradescope(CLASS[1], NOWHERE)["tests"][0]["status"] == "passed"


def test_gradescope_renders_nothing_as_html_and_shows_no_output_of_the_grader():
    result = gradescope(CLASS[0], NOWHERE)
    formats = [value for name, value in result.items() if name.endswith("format")]
    assert formats == ["text"] * 3 and result["stdout_visibility"] == "hidden"


def test_gradescope_says_why_a_submission_was_not_graded():
    result = gradescope(CLASS[-1], NOWHERE)
    assert result["score"] == 0 and "It is not a notebook." in result["output"]
    assert result["tests"][0]["status"] == "failed"


# JUnit -----------------------------------------------------------------------------------------


def test_junit_tells_wrong_answers_from_errors_and_counts_both():
    root = ET.fromstring(junit(CLASS).encode())
    assert root.tag == "testsuites" and len(root) == len(root.findall("testsuite")) == 6
    counts = {"tests": "6", "failures": "3", "errors": "2", "skipped": "0", "time": "61.800"}
    assert {name: root.get(name) for name in counts} == counts
    outcome = {
        case.get("classname").split("/")[0]: (case.get("name"), [child.tag for child in case])
        for case in root.iter("testcase")
    }
    assert outcome == {
        "ann": ("saliency_maps", []),
        "bob": ("saliency_maps", ["error"]),
        "cleo": ("saliency_maps", ["failure"]),
        "dan": ("saliency_maps", ["failure"]),
        "eve": ("saliency_maps", ["failure"]),
        "fay": ("grading", ["error"]),
    }
    failure = root.find(".//failure")
    assert failure.text == failure.get("message") == HINT
    assert failure.get("type") == "no absolute value"


def test_junit_names_each_case_once_and_gives_it_a_time():
    """GitLab drops all but the first case of a name; other readers show NaN without a time."""
    two = graded("ann", check(), check(name="fooling"))
    cases = list(ET.fromstring(junit([two, *CLASS[2:]]).encode()).iter("testcase"))
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    assert [float(case.get("time")) for case in cases[:2]] == [6.17, 6.17]


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_is_xml_whatever_it_holds(text):
    hostile = Result(text, text, "not graded", 1, SEED, {}, (check(FAILED, 1, text, text),), text)
    (suite,) = ET.fromstring(junit([hostile]).encode())
    assert suite.get("name") == f"{visible(text)}/{visible(text)}"
    assert suite.find(".//failure").text == readable(text)
    assert not [c for c in acts(junit([hostile])) if c != "\n"]


# The terminal ----------------------------------------------------------------------------------


def test_the_summary_has_the_class_its_scores_and_its_misconceptions():
    text = on_a_terminal(summary(CLASS))
    assert re.search(r"ann +10/10 +passed", text)
    assert re.search(r"fay +– +not graded +It is not a notebook", text)
    assert "5 graded, mean 20 %, median 0 %" in text
    assert re.search(r"\b100 % +1 ━+", text) and re.search(r"\b0 % +4 ━+", text)
    assert re.search(r"\b2 no absolute value", text)
    assert "Not graded: 1" in text and "1 It is not a notebook. (fay)" in text


def test_every_score_is_counted_once():
    points = (0, 1, 24.9, 25, 50, 74.9, 75, 99, 100, 101)
    results = [
        graded(f"s{n}", CheckResult("c", earned, 100, FAILED, ""))
        for n, earned in enumerate(points)
    ]
    text = on_a_terminal(summary(results))
    counts = dict(re.findall(r"^ *([\d–]+ %) +(\d+)", text, re.MULTILINE))
    assert counts == {"100 %": "2", "75–99 %": "2", "50–74 %": "2"} | {
        "25–49 %": "1",
        "1–24 %": "2",
        "0 %": "1",
    }


def test_the_summary_of_nobody_is_a_sentence():
    assert on_a_terminal(summary([])) == "There are no submissions.\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_student_reaches_the_terminal_raw(text):
    hostile = [
        Result(text, text, "graded", 1, SEED, {}, (check(FAILED, 1, text, text),), ""),
        Result(text, text, "not graded", 1, SEED, {}, (), text),
    ]
    shown = on_a_terminal(summary(hostile), width=200)
    assert not [c for c in acts(shown) if c != "\n"]
    if text.startswith("["):
        assert text in shown


def test_long_messages_are_cut_and_each_submission_has_one_line():
    results = [graded(f"s{n}", check(FAILED, message="long " * 100)) for n in range(3)]
    text = on_a_terminal(summary(results), width=60)
    assert text.count("0/10  failed ") == 3
    assert len(re.findall(r"^ s\d .*…", text, re.MULTILINE)) == 3


# Writing ---------------------------------------------------------------------------------------


def test_all_that_was_asked_for_is_written_and_nothing_else(tmp_path):
    write_class_report(CLASS, tmp_path, OF_NO_ROSTER)
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {
        *("grades.csv", "junit.xml", "nbgrader.csv", "report.html", "summary.md")
    }
    stored = tmp_path / "students" / "cleo" / ASSIGNMENT / "gradescope.json"
    assert json.loads(stored.read_text("utf-8")) == gradescope(CLASS[0], NOWHERE)
    assert {path.name for path in stored.parent.iterdir()} == {
        *("feedback.html", "gradescope.json", "prairielearn.json")
    }
    assert (tmp_path / "grades.csv").read_bytes() == grades_csv(CLASS).encode()


def test_grades_and_the_page_are_written_without_any_format(tmp_path):
    assert write_class_report(CLASS, tmp_path, ()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"grades.csv", "report.html", "students"}
    (page,) = (tmp_path / "students" / "cleo").rglob("*.*")
    assert page.name == "feedback.html"


def test_an_unknown_format_is_named_with_the_known_ones_and_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match="no format xml; there are canvas, gradescope, junit"):
        write_class_report(CLASS, tmp_path, ["junit", "xml"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["..", ".", "", "../fay", "a/b", "/etc", "x\0", "\ud800"])
def test_a_name_that_leads_elsewhere_stays_in_the_folder_all_the_same(tmp_path, name):
    out = tmp_path / "deep" / "out"
    write_class_report([graded(name), graded("ann")], out, ["gradescope"])
    assert (out / "students" / "ann" / ASSIGNMENT / "gradescope.json").is_file()
    assert len(list(out.glob(f"students/*/{ASSIGNMENT}/gradescope.json"))) == 2
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        *("feedback.html", "grades.csv", "report.html", "gradescope.json")
    }


def test_the_seed_is_in_no_report(tmp_path):
    write_class_report(CLASS, tmp_path, OF_NO_ROSTER)
    write_feedback(CLASS[0], tmp_path)
    for path in tmp_path.rglob("*.*"):
        assert path.is_dir() or str(SEED) not in path.read_text("utf-8")
    assert str(SEED) not in on_a_terminal(summary(CLASS))


# The page --------------------------------------------------------------------------------------


class Page(HTMLParser):
    """A page's tags, attributes and text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def pictured(tmp_path):
    """A submission with two pictures, and its folder."""
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "saliency_maps.jpg").write_bytes(jpeg(1000, 600))
    (tmp_path / "pictures" / "other.jpg").write_bytes(jpeg(200, 200))
    first = check(FAILED, message=HINT, picture="Yours & expected, for one image.")
    other = check(FAILED, name="other", picture='Bright where they "differ".')
    return graded("cleo", first, other, check(name="without")), tmp_path


def test_the_page_says_who_what_and_how_it_went(pictured):
    page = Page(feedback_page(*pictured))
    for fact in ("cleo", ASSIGNMENT, "10 of 30 points", "✗ Not right yet", "The maps differ."):
        assert fact in page.text
    assert page.tags.count("img") == page.tags.count("figcaption") == 2
    assert ("alt", 'Bright where they "differ".') in page.attributes
    assert "return saliency" in page.text and "code" in page.tags


@pytest.mark.parametrize("status", STATUS_WORDS)
def test_every_status_has_a_sign_and_words(status):
    sign, words = STATUS_WORDS[status]
    assert f"{sign} {words}" in Page(feedback_page(graded("ann", check(status)), NOWHERE)).text
    assert len(set(STATUS_WORDS.values())) == len(STATUS_WORDS)


def test_the_page_of_what_was_not_graded_says_why_and_gives_no_score():
    text = Page(feedback_page(CLASS[-1], NOWHERE)).text
    assert "This submission was not graded" in text and "It is not a notebook." in text
    assert "not graded" in text and "0 of 0" not in text


def test_the_page_loads_nothing_and_runs_nothing(pictured):
    page = feedback_page(*pictured)
    parsed = Page(page)
    assert not {"script", "link", "iframe", "object", "form", "base"} & set(parsed.tags)
    addresses = [value for name, value in parsed.attributes if name in ("src", "href", "srcset")]
    assert len(addresses) == 2 and all(a.startswith("data:image/jpeg;base64,") for a in addresses)
    assert not [name for name, _ in parsed.attributes if name.startswith("on") or name == "style"]
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert not re.search(r"url\(|@import|https?:", page)


def test_the_policy_lets_the_page_have_its_own_style():
    from base64 import b64encode
    from hashlib import sha256

    page = feedback_page(CLASS[0], NOWHERE)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in page


def test_the_colours_of_words_can_be_read_on_both_papers():
    """WCAG 2 asks for a contrast of 4.5 between text and what is behind it."""

    def luminance(colour):
        values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
        return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    style = re.search(r"<style>(.*?)</style>", feedback_page(CLASS[0], NOWHERE), re.DOTALL)[1]
    for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL):
        colours = dict(re.findall(r"--(\w+): (#\w{6})", block))
        for ink in ("ink", "soft", "passed", "failed", "missing", "error"):
            for paper in ("paper", "card"):
                dark, light = sorted(luminance(colours[name]) for name in (ink, paper))
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)
    assert len(re.findall(r":root \{", style)) == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_student_becomes_part_of_the_page(text):
    calm = Page(feedback_page(graded("ann", check(FAILED, message="m"), message="m"), NOWHERE))
    hostile = Result(
        text, text, "graded", 1, SEED, {"numpy": text}, (check(FAILED, message=text),), text
    )
    page = feedback_page(hostile, NOWHERE)
    parsed = Page(page)
    assert parsed.tags == calm.tags
    assert html.escape(visible(text)) in page
    assert not [c for c in acts(page) if c != "\n"]
    page.encode()


def test_the_page_is_written_whole(tmp_path):
    write_feedback(CLASS[0], tmp_path / "cleo")
    page = (tmp_path / "cleo" / "feedback.html").read_text("utf-8")
    assert page == feedback_page(CLASS[0], NOWHERE)
    assert [path.name for path in (tmp_path / "cleo").iterdir()] == ["feedback.html"]
