"""Assignment 1: how its answers are called and judged."""

import numpy as np

from ....plots import comparison_figure
from ...checks import Check
from ...samples import samples, unlikely, varied
from ...verdict import judge_maps
from ..pictures import compared
from .mistakes import SALIENCY, WEIGHTED

#: The network takes the jeep (7) and the Dalmatian (16) for something else, which finds out an
#: answer that explains the predicted class, not y.
IMAGES = (0, 7, 14, 16, 15)


def _known_saliency() -> list:
    X, y = samples(*IMAGES)
    return [
        ("five images", {"X": X, "y": y}),
        ("a single image, not square", {"X": X[1:2, 56:152, 40:168], "y": y[1:2]}),
    ]


SIDE = 128  # pixels of hidden images: a third of the work of 224, for a network of any size


def _hidden_saliency(rng, model):
    """Other images, crops and flips; labels that are not the best guess; batches of 1 and of 7."""
    X = varied(rng, rng.permutation(20)[:7], SIDE)
    y = unlikely(rng, X, model)
    one = varied(rng, rng.permutation(20)[:1], SIDE)
    three, labels = samples(*rng.permutation(20)[:3])
    return [
        ("a batch of 7 other images, with labels that are not the best guess", {"X": X, "y": y}),
        ("the same images with the labels in another order", {"X": X, "y": rng.permutation(y)}),
        ("a single image", {"X": one, "y": unlikely(rng, one, model)}),
        ("three sample images", {"X": three, "y": labels}),
    ]


_picture = compared(
    comparison_figure,
    "Your maps, the expected maps and their difference",
    lambda probe: samples(*IMAGES)[1],
)


def _known_weighted() -> list:
    X, _ = samples(*IMAGES[:3])
    classes, weights = np.array([243, 609, 22]), np.array([1.0, -0.5, 2.0])
    one = {"X": X[1:2, 56:152, 40:168], "classes": classes[1:2], "weights": weights[2:]}
    return [
        ("three images", {"X": X, "classes": classes, "weights": weights}),
        ("a single image, not square, and two losses", one),
    ]


def _hidden_weighted(rng, model):
    X = varied(rng, rng.permutation(20)[:2], SIDE)
    one = varied(rng, rng.permutation(20)[:1], SIDE)
    classes, weights = rng.permutation(1000)[:4], rng.uniform(-2, 2, 4)
    return [
        ("five losses", {"X": X, "classes": classes, "weights": weights}),
        ("two losses", {"X": one, "classes": classes[:1], "weights": weights[:1]}),
    ]


CHECKS = (
    Check(
        name="saliency_maps",
        answer="compute_saliency_maps",
        call="answer(X, y, frozen(model))",
        known=_known_saliency,
        hidden=_hidden_saliency,
        judge=lambda returned, probe: judge_maps(returned, probe.expected),
        catalogue=SALIENCY,
        reference="references.saliency:compute_saliency_maps",
        picture=_picture,
    ),
    Check(
        name="weighted_saliency_maps",
        answer="compute_weighted_saliency_maps",
        call="answer(X, weighted_losses(classes, weights), frozen(model))",
        known=_known_weighted,
        hidden=_hidden_weighted,
        judge=lambda returned, probe: judge_maps(returned, probe.expected),
        catalogue=WEIGHTED,
        reference="references.saliency:compute_weighted_saliency_maps",
        picture=_picture,
    ),
)
