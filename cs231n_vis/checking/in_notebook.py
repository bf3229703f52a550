"""What a notebook's check cells call: judge an answer, say what was found, show a wrong one.

    from cs231n_vis import check
    check.saliency_maps(compute_saliency_maps)

There is one function for each check of the assignments, ``check.NAME(answer)``. It prints what was
found right; the lines are the same on every machine. Of a wrong result it also shows what can be
seen, and raises ``NotYetRight``, which says what is wrong and, if it looks like a known mistake,
gives a hint. What the answer itself raises goes through.

A check whose function is not there never gets as far as this module: Python raises a NameError. So
after such a cell a sentence says why, which is in another cell.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from textwrap import fill

from .results import CheckResult

WIDTH = 100  # characters of a line; JupyterLab would break longer ones in the middle of a word


class NotYetRight(AssertionError):
    """An answer did not pass its check. Notebooks show the message alone, without a traceback.

    Args:
        sentence: the message.
        result: what the grader would write down.
    """

    def __init__(self, sentence: str, result: CheckResult):
        super().__init__(sentence)
        self.result = result

    def _render_traceback_(self):
        return [fill(f"{type(self).__name__}: {self}", WIDTH, break_on_hyphens=False)]


def __getattr__(name: str) -> Callable[[Callable], None]:
    if name.startswith("_"):
        raise AttributeError(name)
    from .assignments import CHECKS

    if name not in CHECKS:
        raise AttributeError(f"There is no check {name}; there are {', '.join(CHECKS)}.")
    return partial(_check, CHECKS[name])


def __dir__() -> list[str]:
    from .assignments import CHECKS

    return [*globals(), *CHECKS]


def _check(check, answer: Callable) -> None:
    __tracebackhide__ = True  # of an answer that raises, IPython shows the student's own lines

    from ..plots import show_figure
    from ..printing import bear_any_encoding
    from .checks import judge_answers

    bear_any_encoding()
    probes, asked = check.known_probes(), []
    for probe in probes:
        try:
            asked.append(check.ask(answer, probe))
        except Exception:
            if asked:
                print(f"With the first input it is right; with another, {probe.name}, it raises:")
            raise
        judgement = judge_answers(check, probes[: len(asked)], asked)
        if len(asked) == 1:
            for fact in judgement.facts:
                print(f"✓ {fact}")
        if not judgement.passed:
            break
    else:
        print(f"{check.answer}: passed")
        return
    if judgement.verdict and not (judgement.verdict.passed or judgement.undecided):
        try:
            if picture := check.picture(asked[0].returned, probes[0], judgement.verdict):
                show_figure(*picture)
        except Exception as failure:  # the verdict stands without it
            print(f"The picture could not be drawn ({type(failure).__name__}: {failure}).")
    raise NotYetRight(judgement.sentence(check.answer), judgement.result(check.name))


def _say_why_a_function_is_not_there() -> None:
    """In a notebook, remember which cells fail, and say which one a check cell misses."""
    from .cells import CHECK_CALL, Failed, cause, names

    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    failed: list[Failed] = []

    def after(result) -> None:
        error = result.error_before_exec or result.error_in_exec
        if error is None:
            return
        source, raised = result.info.raw_cell or "", f"{type(error).__name__}: {error}"
        for _, answer in CHECK_CALL.findall(source):
            if raised != f"NameError: name '{answer}' is not defined":
                continue
            defining = [replace(c, answer=answer) for c in failed if answer in names(c.source)[0]]
            told = f"There is no function {answer} yet: run the cell that defines it."
            print(cause(answer, raised, defining) if defining else told)
            return
        failed.append(Failed(source, None, raised))

    if shell is not None:
        shell.events.register("post_run_cell", after)


_say_why_a_function_is_not_there()
