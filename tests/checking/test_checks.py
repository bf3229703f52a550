"""What a judgement says of the inputs with which an answer was right, and of the one where not."""

import numpy as np
import pytest

from cs231n_vis.checking.assignments import CHECKS
from cs231n_vis.checking.checks import Check, judge_answers, parts_of
from cs231n_vis.checking.exchange import Answer, Probe
from cs231n_vis.checking.misconceptions import OF_A_BATCH, Catalogue, Context
from cs231n_vis.checking.verdict import Wanted, judge_array

CORRELATIONS = Wanted("correlation", "(number of pairs,)", "correlation", "one for each pair")
CHECK = Check(
    name="correlations",
    answer="correlation",
    call="answer(a, b)",
    known=list,
    hidden=lambda rng, model: [],
    judge=lambda returned, probe: judge_array(returned, probe.expected, CORRELATIONS),
    catalogue=Catalogue(Context, *OF_A_BATCH),
)
RIGHT = np.array([0.25, -0.5])
MAPS = {"a": np.zeros((2, 3, 3)), "b": np.zeros((2, 3, 3))}
PROBES = [
    Probe("two pairs", MAPS, RIGHT),
    Probe("one pair", MAPS, RIGHT[:1]),
    Probe("seven pairs", MAPS, RIGHT, hidden=True),
]


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ([Answer(0.25)], "Right with the first input; with another, one pair, it is not. The sh"),
        ([Answer(None, "IndexError: 1")], "Right with the first input; with another, one pair, it"),
        (
            [Answer(RIGHT[:1]), Answer(None, "IndexError: 1")],
            "Right with the known inputs; with another, seven pairs, it raised an error: IndexEr",
        ),
        (
            [Answer(RIGHT[:1]), Answer(RIGHT[:1])],
            "Right with the known inputs; with another, seven pairs, it is not. The shape is (1,)",
        ),
    ],
)
def test_what_is_right_is_said_and_the_input_that_is_not_is_described(last, message):
    answers = [Answer(RIGHT), *last]
    judgement = judge_answers(CHECK, PROBES[: len(answers)], answers)
    assert not judgement.passed and judgement.message.startswith(message)
    assert judgement.status == ("error" if answers[-1].error else "failed")


def test_an_answer_that_is_right_with_all_of_them_passes():
    answers = [Answer(RIGHT), Answer(RIGHT[:1]), Answer(RIGHT)]
    assert judge_answers(CHECK, PROBES, answers).passed


@pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))
def test_more_than_one_input_is_known_and_each_is_described(check):
    probes = check.known_probes()
    names = [probe.name for probe in probes]
    assert len(set(names)) == len(names) >= 2
    assert not any(probe.hidden for probe in probes)
    assert all((probe.expected is None) == (check.reference is None) for probe in probes)


SHARES = {"shape": 0.1, "known": 0.4, "hidden": 0.5}


@pytest.mark.parametrize(
    ("answers", "earned", "why"),
    [
        ([RIGHT, RIGHT[:1], RIGHT], [1, 4, 5], ["", "", ""]),
        ([RIGHT, RIGHT[:1], 2 * RIGHT], [1, 4, 0], ["", "", "With seven pairs: 2 of 2 corr"]),
        ([2 * RIGHT, RIGHT[:1], RIGHT], [1, 0, 5], ["", "With two pairs: 2 of 2 corr", ""]),
        ([RIGHT, 0.25, RIGHT], [0, 0, 5], ["The shape is ()", "With one pair: The shape", ""]),
        ([None, None, None], [0, 0, 0], ["It returned nothing", "With two pairs: It ret", "With"]),
    ],
)
def test_parts_of_a_check_have_their_points_and_their_reasons(answers, earned, why):
    parts = parts_of(CHECK, PROBES, [Answer(each) for each in answers], 10, SHARES)
    assert [part.points for part in parts] == earned
    assert all(part.message.startswith(told) for part, told in zip(parts, why, strict=True))
    judgement = judge_answers(CHECK, PROBES, [Answer(each) for each in answers])
    assert judgement.result("correlations", 10, parts).points == sum(earned)


def test_an_answer_that_raises_or_writes_into_its_input_has_no_part_for_that():
    raised = [Answer(RIGHT), Answer(RIGHT[:1]), Answer(None, "IndexError: 1")]
    parts = parts_of(CHECK, PROBES, raised, 10, SHARES)
    assert [part.points for part in parts] == [1, 4, 0]
    assert parts[2].message == "With seven pairs: IndexError: 1"
    changed = [Answer(RIGHT, changed_input=True), Answer(RIGHT[:1]), Answer(RIGHT)]
    parts = parts_of(CHECK, PROBES, changed, 10, SHARES)
    assert [part.points for part in parts] == [1, 0, 5]
    assert parts[1].message == "With two pairs: It changes what it is given."


def test_what_a_check_has_not_the_other_parts_share():
    parts = parts_of(CHECK, PROBES[:2], [Answer(RIGHT), Answer(RIGHT[:1])], 10, SHARES)
    assert [(part.name, part.points) for part in parts] == [("shape", 2), ("known", 8)]


def test_what_was_not_reached_earns_nothing_and_says_so():
    parts = parts_of(CHECK, PROBES, [], 10, SHARES)
    assert {(part.points, part.message) for part in parts} == {(0, "It was not reached.")}
