"""What a check is, and how what came back from an answer becomes a verdict.

Every way of checking, in the notebook, in a student's own CI and in the instructor's grading, takes
its inputs and its verdict from here, and differs only in which inputs it uses: the ``known`` ones
are the same for everybody, ``hidden`` ones are drawn from a seed that only the instructor has.
The checks themselves are in ``assignments/``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pkgutil import resolve_name

import numpy as np
from matplotlib.figure import Figure

from . import calls
from .exchange import Answer, Probe, call_answer, plain
from .misconceptions import (
    NOTHING_RETURNED,
    Case,
    Catalogue,
    Context,
    Misconception,
    explain,
    explain_error,
)
from .results import ERROR, FAILED, PASSED, CheckResult, Part
from .saved_maps import load_saved_maps
from .verdict import Verdict

Inputs = dict[str, np.ndarray]


@dataclass(frozen=True)
class Check:
    """One check of an assignment.

    Attributes:
        name: as in results; its cell in the notebook is ``check_NAME``.
        answer: name of the function that it judges, and of the answer cell.
        call: a Python expression that calls it, with the names of the inputs, ``answer``,
            ``model``, and the functions of ``calls.py``: ``"answer(X, y, model)"``.
        known: makes the inputs that everybody knows, ``[(what they are, inputs)]``: first those
            of which something is shown, then whatever else the docstring of the answer promises,
            a single image or no jitter, so that what is right in the notebook is right with
            hidden inputs. It costs every student time: make them small.
        hidden: makes other inputs in the same form, from a generator of random numbers and the
            model.
        judge: a verdict on what was returned for a probe.
        catalogue: the misconceptions, in the order in which they are tried.
        reference: a function that is called as an answer is and gives the right results, or where
            it is in the package, "references.saliency:compute_saliency_maps". Those for the known
            inputs are saved, because students' copies come without what this imports. None if no
            single result is right.
        picture: a figure of a wrong answer to the known inputs, and its description; None if
            there is nothing to see.
    """

    name: str
    answer: str
    call: str
    known: Callable[[], list[tuple[str, Inputs]]]
    hidden: Callable[[np.random.Generator, object], list[tuple[str, Inputs]]]
    judge: Callable[[object, Probe], Verdict]
    catalogue: Catalogue
    reference: Callable[..., np.ndarray] | str | None = None
    picture: Callable[[np.ndarray, Probe, Verdict], tuple[Figure, str] | None] = (
        lambda returned, probe, verdict: None
    )

    def known_probes(self) -> list[Probe]:
        """The probes whose results are saved; made once in a process."""
        if self.name not in _known_probes:
            known = self.known()
            expected = load_saved_maps(self.name) if self.reference else [None] * len(known)
            _known_probes[self.name] = [
                Probe(name, inputs, right)
                for (name, inputs), right in zip(known, expected, strict=True)
            ]
        return _known_probes[self.name]

    def hidden_probes(self, seed: int) -> list[Probe]:
        """The probes of a seed, the same whenever they are made."""
        model = default_model()
        return [
            Probe(name, inputs, self.right(inputs, model), hidden=True)
            for name, inputs in self.hidden(np.random.default_rng(seed), model)
        ]

    def right(self, inputs: Inputs, model) -> np.ndarray | None:
        """The right result for inputs, by the reference; None if there is not one alone."""
        if self.reference is None:
            return None
        answer = self.reference
        if isinstance(answer, str):
            answer = resolve_name(f"{__package__.rpartition('.')[0]}.{answer}")
        given = {"answer": answer, "model": model, "frozen": lambda model: model}
        return eval(self.call, vars(calls) | plain(inputs) | given)

    def ask(self, function: Callable, probe: Probe) -> Answer:
        """Call a function here, in this process, as ``examine`` does in a kernel of its own.

        Raises:
            Whatever the function raises.
        """
        __tracebackhide__ = True
        from ..tensorflow_quiet import lost_precision

        returned, changed_model, after = call_answer(function, self.call, probe.inputs)
        changed = any(not np.array_equal(probe.inputs[n], np.asarray(a)) for n, a in after.items())
        lost = lost_precision() if probe is self.known_probes()[0] else ""
        return Answer(returned, "", changed, changed_model, lost)


_known_probes: dict[str, list[Probe]] = {}


@dataclass(frozen=True)
class Judgement:
    """What a check says of an answer: its result, and what can be shown beside it.

    Attributes:
        status: as in ``CheckResult``.
        message: what is wrong, in a sentence or two; empty if nothing is.
        misconception: the name of the catalogue's entry, or None.
        facts: what was found right with the first probe, without measured numbers.
        verdict: the verdict on the first probe, for its picture.
        undecided: it may be right, but where it ran no right answer could be told from a wrong one.
    """

    status: str
    message: str = ""
    misconception: str | None = None
    facts: tuple[str, ...] = ()
    verdict: Verdict | None = None
    undecided: bool = False

    @property
    def passed(self) -> bool:
        """Whether every probe came back right."""
        return self.status == PASSED

    def sentence(self, answer: str) -> str:
        """What a student is told of an answer that did not pass."""
        state = "cannot be judged here" if self.undecided else "is not right yet"
        return f"{answer} {state}. {self.message}"

    def result(
        self, check: str, points: float = 0, parts: tuple[Part, ...] = (), picture: str = ""
    ) -> CheckResult:
        """The result of a check, which carries so many points: all, none, or those of its parts."""
        earned, message = points if self.passed else 0, self.message or "Right with every input."
        if parts and not self.passed:
            earned = round(sum(part.points for part in parts), 6)
        about = self.status, message, self.misconception, parts, picture
        return CheckResult(check, earned, points, *about)


def judge_answers(check: Check, probes: Sequence[Probe], answers: Sequence[Answer]) -> Judgement:
    """Judge what came back. The known probes come first."""
    facts: tuple[str, ...] = ()
    first: Verdict | None = None
    for number, (probe, answer) in enumerate(zip(probes, answers, strict=True)):
        if answer.error:
            message = answer.cause or f"{check.answer} raised an error: {answer.error}"
            if number and not answer.cause:
                message = f"{_right_so_far(probe)}, it raised an error: {answer.error}"
            found = None if answer.cause else _explain_error(answer, probe, probes[0])
            if found:
                message = f"{message} {found.hint}"
            return Judgement(ERROR, message, found.name if found else None, facts, first)
        verdict = _verdict(check, answer, probe)
        if number == 0:
            first, facts = verdict, verdict.facts
        if verdict.passed and not (answer.changed_input or answer.changed_model):
            continue
        if lost := answers[0].lost_precision:
            return Judgement(ERROR, lost, None, facts, first, undecided=True)
        found = _explain(check, answer, probe)
        message = verdict.message or "It changes what it is given."
        if number and not verdict.passed:
            message = f"{_right_so_far(probe)}, it is not. {message}"
        if found and found is not NOTHING_RETURNED:  # of which the verdict says all there is to say
            message = f"{message} {found.hint}".strip()
        return Judgement(FAILED, message, found.name if found else None, facts, first)
    return Judgement(PASSED, facts=facts, verdict=first)


def parts_of(
    check: Check,
    probes: Sequence[Probe],
    answers: Sequence[Answer],
    points: float,
    shares: Mapping[str, float],
) -> tuple[Part, ...]:
    """What each part of a check earns: the shape, the known inputs, the hidden ones.

    Args:
        check, probes, answers: as for ``judge_answers``; no answers, if it was not reached.
        points: of the check.
        shares: of these points, by the part's name, 1 in all. What the check has not, no hidden
            inputs for instance, the other parts share.
    """
    known = [one for one in zip(probes, answers, strict=False) if not one[0].hidden]
    hidden = [one for one in zip(probes, answers, strict=False) if one[0].hidden]
    wrong = {"shape": "", "known": "", "hidden": ""}
    for part, those in (("known", known), ("hidden", hidden)):
        for probe, answer in those:
            verdict = Verdict(False, (), form=False)
            if not answer.error:
                verdict = _verdict(check, answer, probe)
            if part == "known" and not verdict.form and not wrong["shape"]:
                wrong["shape"] = answer.error or verdict.message
            unchanged = not (answer.changed_input or answer.changed_model)
            if not (verdict.passed and unchanged) and not wrong[part]:
                message = answer.error or verdict.message or "It changes what it is given."
                wrong[part] = f"With {probe.name}: {message}"
    there = [part for part in wrong if part != "hidden" or any(probe.hidden for probe in probes)]
    if not answers:
        wrong = dict.fromkeys(wrong, "It was not reached.")
    whole = sum(shares.get(part, 0) for part in there)
    worth = {part: round(points * shares.get(part, 0) / whole, 6) for part in there}
    return tuple(
        Part(part, 0 if wrong[part] else worth[part], worth[part], wrong[part]) for part in there
    )


def _right_so_far(probe: Probe) -> str:
    known = "the known inputs" if probe.hidden else "the first input"
    return f"Right with {known}; with another, {probe.name}"


def _verdict(check: Check, answer: Answer, probe: Probe) -> Verdict:
    """The judge's verdict; one that falls over what was returned says that it is wrong."""
    try:
        return check.judge(answer.returned, probe)
    except Exception as failure:
        reason = f"{type(failure).__name__}: {failure}"
        return Verdict(False, (), f"What it returned cannot be judged ({reason}).")


def _explain(check: Check, answer: Answer, probe: Probe) -> Misconception | None:
    context = context_of(check, probe)
    case = Case(answer.returned, context, answer.changed_input, answer.changed_model)
    return explain(check.catalogue, case)


def _explain_error(answer: Answer, probe: Probe, known: Probe) -> Misconception | None:
    sizes = [{n: np.shape(value) for n, value in each.inputs.items()} for each in (probe, known)]
    return explain_error(answer.error, sizes[0] != sizes[1])


def context_of(check: Check, probe: Probe) -> Context:
    """What the catalogue computes from; what it has computed serves every answer to the probe."""
    key = check.name, id(probe)
    if key not in _contexts:
        context = check.catalogue.context(probe.inputs, default_model(), probe.expected)
        _contexts[key] = probe, context  # the probe too, so that its id stays its own
    return _contexts[key][1]


_contexts: dict[tuple, tuple[Probe, Context]] = {}


@lru_cache(maxsize=1)
def default_model():
    """The judge's own network, with its default weights; answers never get it."""
    from ..squeezenet import load_squeezenet

    return load_squeezenet()
