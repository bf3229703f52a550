"""Assignment 2: how its answers are called and judged.

No single fooling image is right, so the first check looks at what an answer does. Measured on the
sample images: of 160 pairs of an image and a random target, unit steps fool the network within 100
steps in 156, at a distance of 2 to 28, half of them under 6; in 37 of those the first image that
fools does not any more once its colours are rounded. The known pair (cannon, sea lion) takes 7
steps. The distance of right answers is 4.9 with steps of length 1, 4.5 with 0.3 and 5.4 with 2;
that of gradients as long as they come 13.6, and of a loop that does not stop 29.

The second compares signs, where the right one is not zero. Right answers agree with the saved
ones, made in double precision, in 99.9 % or more of the numbers. Of the wrong ones the nearest is
two softmaxes, 63 % with the known input and 89 to 92 % with hidden ones; then the sign of the
score's gradient, 84 % at most for any label of the sample images.
"""

import numpy as np

from ....image_utils import deprocess_image, preprocess_image
from ....imagenet import load_class_names
from ....plots import fooling_figure
from ...checks import Check
from ...exchange import Probe
from ...samples import samples, unlikely, varied
from ...verdict import Verdict, as_numbers
from .judge import distance_between, judge_fooling, judge_step, scores_of
from .mistakes import FOOLING, SIGNS, Fooling, Signs

CALLS = 210  # two in each of 100 steps, and some to spare


# The checks


def _known_fooling() -> list:
    X, _ = samples(13, 0)  # a cannon and a Bullmastiff
    return [
        ("a cannon that is to become a sea lion", {"X": X[:1], "target_y": np.array(150)}),
        (
            "an image that is not square",
            {"X": X[1:, 24:184, 16:208], "target_y": np.array(850)},
        ),
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
    y = np.array([243, 99, 468])
    one = {"X": X[1:2, 64:160, 48:176], "y": np.array([22]), "epsilon": np.array(0.004)}
    return [
        ("three images", {"X": X[:, 56:168, 56:168], "y": y, "epsilon": np.array(0.02)}),
        ("a single image, not square, and a tiny epsilon", one),
    ]


def _hidden_sign(rng, model):
    X = varied(rng, rng.permutation(20)[:3])
    one = varied(rng, rng.permutation(20)[:1])[:, :160]
    return [
        (
            "three other images, with labels that are not the best guess",
            {"X": X, "y": unlikely(rng, X, model), "epsilon": np.array(0.05)},
        ),
        (
            "a single image and a tiny epsilon",
            {"X": one, "y": unlikely(rng, one, model), "epsilon": np.array(0.004)},
        ),
    ]


def _sign(inputs, model):
    from ....references.fooling import fast_gradient_sign

    return fast_gradient_sign(inputs["X"], inputs["y"], model, float(inputs["epsilon"]))


def _shown(returned, probe: Probe, verdict: Verdict):
    """The original, the image that came back, and what is between them."""
    X, (image, _) = probe.inputs["X"], as_numbers(returned, "")
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
        context=Fooling,
        picture=_shown,
    ),
    Check(
        name="fast_gradient_sign",
        answer="fast_gradient_sign",
        call="answer(X, y, model, epsilon)",
        known=_known_sign,
        hidden=_hidden_sign,
        judge=judge_step,
        catalogue=SIGNS,
        reference=_sign,
        context=Signs,
    ),
)
