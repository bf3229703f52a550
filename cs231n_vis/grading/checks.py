"""The checks there are: what each calls the answer with, and how it judges what comes back.

Every way of checking, in the notebook, in a student's own CI and in the instructor's grading, takes
its inputs and its verdict from here, and differs only in which inputs it uses: ``saved`` ones are
known to everybody, ``hidden`` ones are drawn from a seed that only the instructor has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..image_utils import preprocess_image
from ..imagenet import load_imagenet_val
from .examine import Answer, Probe
from .judge import Verdict, judge_maps
from .saved_maps import load_saved_maps


@dataclass(frozen=True)
class Check:
    """One check of an assignment.

    Attributes:
        name: as in results; its cell in the notebook is ``check_NAME``.
        answer: name of the function that it judges, and of the answer cell.
        saved: makes the probes with saved results; the first is the one that is explained.
        hidden: makes the hidden probes of a seed.
        explain: names the misconception in a wrong answer to a probe, or None.
    """

    name: str
    answer: str
    saved: Callable[[], list[Probe]]
    hidden: Callable[[int], list[Probe]]
    explain: Callable[[Answer, Probe], object]


@dataclass(frozen=True)
class Judgement:
    """What a check says of an answer.

    Attributes:
        passed: whether every probe came back right.
        error: the function raised, which is not the same as being wrong.
        facts: what was found right with the saved probe, without measured numbers.
        message: what is wrong, in a sentence or two; empty if nothing is.
        misconception: the name of the catalogue's entry, or None.
        verdict: the verdict on the saved probe, for its picture.
    """

    passed: bool
    error: bool
    facts: tuple[str, ...]
    message: str
    misconception: str | None
    verdict: Verdict | None


def judge_answers(check: Check, probes: Sequence[Probe], answers: Sequence[Answer]) -> Judgement:
    """Judge what came back. The first probe is a saved one and is explained if it is wrong."""
    facts: tuple[str, ...] = ()
    first: Verdict | None = None
    for number, (probe, answer) in enumerate(zip(probes, answers, strict=True)):
        if answer.error:
            message = f"{check.answer} raised an error: {answer.error}"
            return Judgement(False, True, facts, message, None, first)
        verdict = judge_maps(answer.returned, probe.expected)
        if number == 0:
            first, facts = verdict, verdict.facts
        if verdict.passed and not answer.changed_input:
            continue
        found = check.explain(answer, probe)
        message = verdict.message or "It writes into the arrays it is given."
        if number and not found:
            message = f"The saved maps come out right, but another input does not ({probe.name})."
        if found:
            message = f"{message} {found.hint}".strip()
        return Judgement(False, False, facts, message, found.name if found else None, first)
    return Judgement(True, False, facts, "", None, first)


# Saliency maps ---------------------------------------------------------------------------------


def _saved_saliency() -> list[Probe]:
    saved = load_saved_maps("saliency_maps")
    return [Probe("saved maps", saved.X, saved.y, saved.maps)]


def _hidden_saliency(seed: int) -> list[Probe]:
    """Other images, crops and flips; labels that are not the best guess; batches of 1 and of 7."""
    from ..saliency import compute_saliency_maps

    rng, model = np.random.default_rng(seed), default_model()
    X_raw, y, _ = load_imagenet_val()

    def changed(image):
        """Half of an image's width and height or more, from anywhere, perhaps mirrored."""
        from PIL import Image

        size = int(rng.integers(120, 224))
        top, left = rng.integers(0, 224 - size, 2)
        image = image[top : top + size, left : left + size, :: rng.choice((-1, 1))]
        return np.asarray(Image.fromarray(image).resize((224, 224), Image.Resampling.BILINEAR))

    def unlikely(X):
        """For each image a class among its best 30, but not the best; scores of 0 have no map."""
        ranking = np.argsort(-model(X).numpy(), axis=1)
        return ranking[np.arange(len(X)), rng.integers(1, 30, len(X))]

    def probe(name, X, y):
        return Probe(name, X, y, compute_saliency_maps(X, y, model))

    seven = rng.permutation(20)[:7]
    X = preprocess_image(np.stack([changed(X_raw[i]) for i in seven]))
    labels = unlikely(X)
    order = rng.permutation(7)
    one = preprocess_image(changed(X_raw[rng.integers(20)])[None])
    three = rng.permutation(20)[:3]
    return [
        probe("a batch of 7 other images, with labels that are not the best guess", X, labels),
        probe("the same images with the labels in another order", X, labels[order]),
        probe("a single image", one, unlikely(one)),
        probe("three sample images", preprocess_image(X_raw[three]), y[three]),
    ]


def _explain_saliency(answer: Answer, probe: Probe):
    from .misconceptions import Context, explain

    if id(probe) not in _contexts:  # its gradients serve every answer to the same probe
        _contexts[id(probe)] = Context(probe.X, probe.y, default_model(), probe.expected)
    context = _contexts[id(probe)]
    return explain(answer.returned, context, changed_input=answer.changed_input)


_contexts: dict[int, object] = {}


@lru_cache(maxsize=1)
def default_model():
    """The network with its default weights, loaded once in a process."""
    from ..squeezenet import load_squeezenet

    return load_squeezenet()


CHECKS = {
    check.name: check
    for check in (
        Check(
            "saliency_maps",
            "compute_saliency_maps",
            _saved_saliency,
            _hidden_saliency,
            _explain_saliency,
        ),
    )
}
