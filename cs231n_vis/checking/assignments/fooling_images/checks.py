"""Assignment 2: how its answers are called."""

import numpy as np

from ....image_utils import deprocess_image, preprocess_image
from ....imagenet import load_class_names
from ....plots import fooling_figure
from ...checks import Check
from ...exchange import Probe
from ...samples import inputs, samples, unlikely, varied
from ...verdict import Verdict, as_array
from .judge import distance_between, judge_fooling, judge_step, scores_of
from .mistakes import FOOLING, SIGNS

CALLS = 210  # two in each of 100 steps, and some to spare


def _known_fooling() -> list:
    X, _ = samples(13, 0)  # a cannon and a Bullmastiff
    return [
        ("a cannon that is to become a sea lion", inputs(X=X[:1], target_y=150)),
        ("an image that is not square", inputs(X=X[1:, 24:184, 16:208], target_y=850)),
    ]


def _hidden_fooling(rng, model):
    """Other images and targets, such that the reference needs a few steps and stays close."""
    from ....references.fooling import make_fooling_image

    probes = []
    while len(probes) < 2:
        X = varied(rng, rng.permutation(20)[:1])
        target = np.argsort(-scores_of(X))[rng.integers(5, 200)]
        distance = distance_between(make_fooling_image(X, int(target), model), X)
        if 2.5 < distance < 6:
            probes.append(("another image and target", {"X": X, "target_y": target}))
    return probes


def _known_sign() -> list:
    """The middle of three images: a Bullmastiff and a goose, which the network sees too, and a
    drum. Its label, taxicab, has almost no probability: that tells one softmax from two."""
    X, _ = samples(0, 15, 10)
    return [
        ("three images", inputs(X=X[:, 56:168, 56:168], y=[243, 99, 468], epsilon=0.02)),
        (
            "a single image, not square, and a tiny epsilon",
            inputs(X=X[1:2, 64:160, 48:176], y=[22], epsilon=0.004),
        ),
    ]


def _hidden_sign(rng, model):
    X = varied(rng, rng.permutation(20)[:3])
    one = varied(rng, rng.permutation(20)[:1])[:, :160]
    return [
        (
            "three other images, with labels that are not the best guess",
            inputs(X=X, y=unlikely(rng, X, model), epsilon=0.05),
        ),
        (
            "a single image and a tiny epsilon",
            inputs(X=one, y=unlikely(rng, one, model), epsilon=0.004),
        ),
    ]


def _shown(returned, probe: Probe, verdict: Verdict):
    """The original, the image that came back, and what is between them."""
    X, image = probe.inputs["X"], as_array(returned)
    if image is None or image.shape != X.shape or not np.isfinite(image).all():
        return None
    names, photos = load_class_names(), deprocess_image(np.concatenate((X, image)))
    seen = [names[int(scores_of(preprocess_image(photo[None])).argmax())] for photo in photos]
    figure = fooling_figure(photos[0], photos[1], seen)
    return figure, f"The original, seen as {seen[0]}; yours, seen as {seen[1]}; the difference."


CHECKS = (
    Check(
        name="fooling_image",
        answer="make_fooling_image",
        call=f"answer(X, target_y, limited(model, {CALLS}))",
        known=_known_fooling,
        hidden=_hidden_fooling,
        judge=judge_fooling,
        catalogue=FOOLING,
        picture=_shown,
    ),
    Check(
        name="fast_gradient_sign",
        answer="fast_gradient_sign",
        call="answer(X, y, frozen(model), epsilon)",
        known=_known_sign,
        hidden=_hidden_sign,
        judge=judge_step,
        catalogue=SIGNS,
        reference="references.fooling:fast_gradient_sign",
    ),
)
