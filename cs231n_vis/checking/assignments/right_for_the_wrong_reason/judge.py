"""Assignment 6: when a shortcut is gone, and when a step towards the box is right.

No single cure is right, so the second check looks at what an answer leaves in the boxes. A network
that is trained on it learns whatever tells the images that had the tag from the others, so the
judge looks for that with four numbers of each box. Of 300 images a number that tells nothing has
an area under the ROC curve of 0.5 with a standard deviation of 0.033. Right answers that draw no
random numbers are at 0.5, and those that do stayed within 0.1; the nearest wrong ones are at 0.25
(the tag on a random half of the others) and 0.35 (blurred boxes) from it.

The third compares the step of each number with the right one. Right answers agree in 99.99 % of
them, eager, compiled or one image at a time; of the wrong ones the nearest, a map whose colours are
added up, agrees in 96.7 to 98.2 %, and others in 96 % or less.
"""

from collections.abc import Iterator

import numpy as np
from scipy.stats import rankdata

from ...exchange import Probe
from ...verdict import Wrong, WrongForm, judge, numbers

TELLING = 0.15  # how far from 0.5 an area under the curve may be
AGREEMENT = 0.99  # of the numbers of a step


def boxes(X: np.ndarray, places: np.ndarray, tag: np.ndarray) -> np.ndarray:
    """What is in the boxes of images (N, H, W, 3): (N, h, w, 3)."""
    h, w = tag.shape[:2]
    return np.stack([X[n, top : top + h, left : left + w] for n, (top, left) in enumerate(places)])


def outside(shape: tuple[int, ...], places: np.ndarray, tag: np.ndarray) -> np.ndarray:
    """The pixels that are in no box, bool (N, H, W)."""
    h, w = tag.shape[:2]
    free = np.ones(shape[:3], bool)
    for n, (top, left) in enumerate(places):
        free[n, top : top + h, left : left + w] = False
    return free


def most_telling(inside: np.ndarray, tagged: np.ndarray, tag: np.ndarray) -> float:
    """How far from 0.5 the area under the ROC curve is of the number that tells best which images
    were tagged: mean and spread of a box, its distance from the tag and from the mean box."""
    inside = inside.astype(np.float64)
    axes = (1, 2, 3)
    tells = (
        inside.mean(axes),
        inside.std(axes),
        np.abs(inside - tag).mean(axes),
        np.abs(inside - inside.mean(0)).mean(axes),
    )
    with_tag, without = tagged.sum(), (~tagged).sum()
    places = np.array([rankdata(np.round(each, 6))[tagged].sum() for each in tells])
    areas = (places - with_tag * (with_tag + 1) / 2) / (with_tag * without)
    return float(np.abs(areas - 0.5).max())


@judge
def judge_cure(answer, probe: Probe) -> Iterator[str]:
    """Whether nothing in the boxes tells any more which images were tagged."""
    X, tagged, places, tag = (probe.inputs[name] for name in ("X", "tagged", "places", "tag"))
    array = numbers(answer, "X_new", f"images of shape {X.shape}")
    yield "it returned an array of numbers"
    if array.shape != X.shape:
        raise WrongForm(f"The shape is {array.shape} and should be that of X, {X.shape}.")
    yield "the shape of X"
    if not np.isfinite(array).all():
        raise Wrong("The images hold NaN or infinity.")
    if array.min() < 0 or array.max() > 255 or array.max() <= 1:
        raise Wrong(
            f"The numbers go from {array.min():.3g} to {array.max():.3g}; those of a photograph go "
            "from 0 to 255."
        )
    yield "the numbers of photographs"
    difference = np.abs(array.astype(np.float64) - X).max(axis=3)
    changed = (difference > 0.5) & outside(X.shape, places, tag)
    if changed.any():
        raise Wrong(
            f"Outside of the boxes {changed.any(axis=(1, 2)).sum()} of {len(X)} images have "
            "changed; only what is in a box may change."
        )
    yield "outside of the boxes nothing has changed"
    telling = most_telling(boxes(array, places, tag), tagged, tag)
    if telling > TELLING:
        raise Wrong(
            "From what is now in its box one can still tell whether an image had the tag: the area "
            f"under the ROC curve is {0.5 + telling:.2f}, and 0.5 is chance."
        )
    yield "nothing in a box tells whether the image had the tag"


@judge
def judge_step(answer, probe: Probe) -> Iterator[str]:
    """Whether each number of the images took the right step and stayed within its limits."""
    X, start, step, epsilon = (probe.inputs[n] for n in ("X", "X_start", "step", "epsilon"))
    array = numbers(answer, "X_new", f"images of shape {X.shape}").astype(np.float64)
    yield "it returned an array of numbers"
    if array.shape != X.shape:
        raise WrongForm(f"The shape is {array.shape} and should be that of X, {X.shape}.")
    yield "the shape of X"
    if not np.isfinite(array).all():
        raise Wrong("The images hold NaN or infinity.")
    yield "no value is infinite or NaN"
    farthest = np.abs(array - start).max()
    if farthest > 1.001 * epsilon:
        raise Wrong(f"A number is {farthest / epsilon:.2f} times as far from X_start as it may be.")
    yield "no number is further from X_start than epsilon"
    agreement = agreements(array, probe.expected, float(step))
    if agreement.min() < AGREEMENT:
        raise Wrong(
            f"Not every number took the right step: {agreement.min():.0%} of one image's did "
            f"(right answers: over {AGREEMENT:.0%})."
        )
    yield f"in {len(X)} of {len(X)} images the numbers took the right step"


def agreements(X_new: np.ndarray, right: np.ndarray, step: float) -> np.ndarray:
    """The share of each image's numbers that are where they should be, (N,)."""
    return (np.abs(X_new - right.astype(np.float64)) < 0.1 * step).mean(axis=(1, 2, 3))
