"""What a notebook's check cells call: judge an answer, say what was found, show a wrong one.

from cs231n_vis import check
check.saliency_maps(compute_saliency_maps)
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from . import plots
from .grading.judge import Verdict, judge_maps
from .imagenet import load_class_names


class NotYetRight(AssertionError):
    """An answer did not pass its check. Notebooks show the message alone, without a traceback."""

    def _render_traceback_(self):
        return [f"{type(self).__name__}: {self}"]


def saliency_maps(compute_saliency_maps: Callable) -> None:
    """Check the answer ``compute_saliency_maps(X, y, model)`` against the saved maps.

    Prints what was found right; the lines are the same on every machine. For maps that are wrong
    it also shows yours, the expected ones and the difference.

    Raises:
        NotYetRight: the answer is wrong; the message says in a sentence what is wrong.
        Whatever the answer itself raises.
    """
    from .grading.saved_maps import load_saved_maps

    saved = load_saved_maps("saliency_maps")
    X, y = saved.X, saved.y.copy()
    answer = compute_saliency_maps(X, y, _model())
    _report("compute_saliency_maps", judge_maps(answer, saved.maps), saved, answer)


@lru_cache(maxsize=1)
def _model():
    from .squeezenet import load_squeezenet

    return load_squeezenet()


def _report(name: str, verdict: Verdict, saved, answer) -> None:
    for fact in verdict.facts:
        print(f"✓ {fact}")
    if verdict.passed:
        print(f"{name}: passed")
        return
    if verdict.wrong:
        wrong = list(verdict.wrong)
        names = load_class_names()
        titles = [names[label] for label in saved.y[wrong]]
        plots.show_comparison(np.asarray(answer)[wrong], saved.maps[wrong], titles)
    raise NotYetRight(f"{name} is not right yet. {verdict.message}")
