"""What a notebook's check cells call: judge an answer, say what was found, show a wrong one.

from cs231n_vis import check
check.saliency_maps(compute_saliency_maps)
"""

from collections.abc import Callable

import numpy as np


class NotYetRight(AssertionError):
    """An answer did not pass its check. Notebooks show the message alone, without a traceback."""

    def _render_traceback_(self):
        return [f"{type(self).__name__}: {self}"]


def saliency_maps(compute_saliency_maps: Callable) -> None:
    """Check the answer ``compute_saliency_maps(X, y, model)`` against the saved maps.

    Prints what was found right; the lines are the same on every machine. For maps that are wrong
    it also shows yours, the expected ones and the difference.

    Raises:
        NotYetRight: the answer is wrong; the message says what is wrong and, if it looks like a
            known mistake, gives a hint.
        Whatever the answer itself raises.
    """
    _check("saliency_maps", compute_saliency_maps)


def _check(name: str, function: Callable) -> None:
    from . import plots
    from .grading.checks import CHECKS, default_model, judge_answers
    from .grading.examine import Answer
    from .imagenet import load_class_names

    check = CHECKS[name]
    probe = check.saved()[0]
    X = probe.X.copy()
    returned = function(X, probe.y.copy(), default_model())
    answer = Answer(returned, changed_input=not np.array_equal(X, probe.X))
    judgement = judge_answers(check, [probe], [answer])
    for fact in judgement.facts:
        print(f"✓ {fact}")
    if judgement.passed:
        print(f"{check.answer}: passed")
        return
    if judgement.verdict and (wrong := list(judgement.verdict.wrong)):
        names = load_class_names()
        titles = [names[label] for label in probe.y[wrong]]
        plots.show_comparison(np.asarray(returned)[wrong], probe.expected[wrong], titles)
    raise NotYetRight(f"{check.answer} is not right yet. {judgement.message}")
