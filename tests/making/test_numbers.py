"""Every number in a notebook's text is printed by the notebook, stands in its code, or is excused.

Read are numbers of two digits or more, with a point or before a per cent sign, in the markdown of
all sources; not read are formulas, code, links, dates, headings, and the numbers of questions and
papers. A number is printed if one that is rounds to it (or is it, in per cent). That cannot tell
whether it is said of the right thing; it finds the text that was left behind when a result changed.
"""

import re
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest

from cs231n_vis import tf
from cs231n_vis.checking.assignments.fooling_images import checks as fooling_checks
from cs231n_vis.checking.assignments.fooling_images import judge as fooling_judge
from cs231n_vis.making.release import read_source
from cs231n_vis.references.fooling import make_fooling_image

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted((NOTEBOOKS / "source").glob("0[0-9]_*.py"))
NUMBER = re.compile(
    r"(?<![\w.,/])[+-]?((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?:[ ]?(%))?(?![\w/]|\.\d)"
)
NOT_READ = re.compile(
    r"```.*?```|\$\$.*?\$\$|\$[^$]+\$|`[^`]*`|\]\([^)]*\)|<[^>]+>|https?://\S+|\[?arXiv:\S+"
    r"|^#+ .*$|^\*\*\d+\.\*\*|^\d+\. |\b(?:19|20)\d\d\b|\b\d+(?:\.\d+)? ?[x×] ?\d+(?: ?[x×] ?\d+)?"
    r"|^\* [A-ZÉ]\.[\s\S]*?(?=^\* |\Z)",
    re.DOTALL | re.MULTILINE,
)

#: Numbers that no notebook prints, and where they are from.
EXCUSED: dict[str, dict[str, str]] = {
    "01_saliency_maps": {"255": "the largest value of a colour", "6 %": "Northcutt et al., 2021"},
    "02_fooling_images": {
        "210": "CALLS of its check",
        "97 %": "AGREEMENT of its check",
        "179": "tested below",
        "21": "tested below",
        "0.46": "tested below",
    },
    "04_beyond_the_gradient": {"1.1": "the name of the network"},
    "05_can_you_trust_a_map": {"50": "an example", "3000": "an example"},
    "06_right_for_the_wrong_reason": {
        "99 %": "AGREEMENT of its check",
        "70 %": "a guess",
        "93": "an example",
        "100": "an example",
        "27": "students asked by Ribeiro et al., 2016",
    },
}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_number_in_the_text_is_printed_or_excused(source):
    printed = numbers_printed(source.stem)
    excused = EXCUSED.get(source.stem, {})
    unknown, used = [], set()
    for cell in read_source(source).cells:
        if cell.cell_type != "markdown":
            continue
        text = NOT_READ.sub(lambda found: "\n" * found[0].count("\n") + " ", cell.source)
        for match in NUMBER.finditer(text):
            if match[0] in excused:
                used.add(match[0])
            elif worth_reading(*match.groups()) and not is_printed(*match.groups(), printed):
                line = text[: match.start()].rpartition("\n")[2] + text[match.start() :]
                unknown.append(f"{match[0]!r} in “{line.splitlines()[0].strip()}”")
    assert not unknown, "\n".join(unknown)
    assert used == excused.keys(), "an excuse that nothing needs"


def worth_reading(number: str, percent: str | None) -> bool:
    return bool(percent) or "." in number or len(number) > 1


def is_printed(number: str, percent: str | None, printed: frozenset[float]) -> bool:
    value, digits = float(number.replace(",", "")), len(number.partition(".")[2])
    if percent and any(round(abs(100 * each), digits) == value for each in printed):
        return True
    return any(round(abs(each), digits) == value for each in printed)


@cache
def numbers_printed(name: str) -> frozenset[float]:
    """All numbers in the outputs and in the code of an executed notebook."""
    cells = nbformat.read(NOTEBOOKS / "solutions" / f"{name}.ipynb", 4).cells
    texts = [cell.source for cell in cells if cell.cell_type == "code"]
    for cell in cells:
        for output in cell.get("outputs", ()):
            texts += [output.get("text", ""), str(output.get("data", {}).get("text/plain", ""))]
    found = re.findall(r"\d[\d,_]*(?:\.\d+)?(?:e[+-]?\d+)?", "\n".join(texts))
    return frozenset(float(each.replace(",", "").replace("_", "").rstrip(".")) for each in found)


def test_what_02_says_of_its_limits_is_what_its_checks_know():
    assert (fooling_checks.CALLS, fooling_judge.AGREEMENT) == (210, 0.97)


def test_what_02_says_of_the_bullmastiff_without_printing_it(model, images):
    X, teddy = images[0][:1], 850
    dog = int(images[1][0])
    image = tf.constant(X)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(image)
        scores = model(image)[0]
        loss = tf.reduce_logsumexp(scores) - scores[dog]
        right, target = scores[dog], scores[teddy]
    of_loss, of_right, of_target = (
        np.ravel(tape.gradient(each, image)) for each in (loss, right, target)
    )
    assert round(np.abs(of_loss).sum() / np.linalg.norm(of_loss)) == 179
    lengths = np.linalg.norm(of_right) * np.linalg.norm(of_target)
    assert round(of_right @ of_target / lengths, 2) == 0.46
    rise = model(make_fooling_image(X, teddy, model))[0, dog] - scores[dog]
    assert round(float(rise)) == 21


def test_a_number_that_is_printed_nowhere_is_found():
    assert is_printed("0.86", None, frozenset([0.8597]))
    assert is_printed("86", "%", frozenset([0.8597]))
    assert not is_printed("0.87", None, frozenset([0.8597]))
