"""What a judgement says of the inputs with which an answer was right, and of the one where not."""

import numpy as np
import pytest

from cs231n_vis.checking.assignments import CHECKS
from cs231n_vis.checking.checks import Check, judge_answers
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
