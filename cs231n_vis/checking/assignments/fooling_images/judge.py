"""Assignment 2: when a fooling image and a step are right.

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

from collections.abc import Generator, Iterator

import numpy as np

from ....image_utils import deprocess_image, preprocess_image
from ....imagenet import load_class_names
from ...checks import default_model
from ...exchange import Probe
from ...verdict import Wrong, WrongForm, judge, numbers

FARTHEST = 10  # L2 distance from the original
AGREEMENT = 0.97  # of the signs of a step
TIE = 1e-3  # scores this close count as equal: compiled, they differ by 1e-5


def as_photo(image: np.ndarray) -> np.ndarray:
    """A preprocessed image after it was saved with whole numbers."""
    return preprocess_image(deprocess_image(image))


def scores_of(image: np.ndarray) -> np.ndarray:
    return np.asarray(default_model()(image.astype(np.float32)))[0]


def distance_between(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(a.astype(np.float64) - b))


def is_best(label: int, scores: np.ndarray) -> bool:
    return bool(scores[label] > scores.max() - TIE)


def _like(
    X: np.ndarray, answer, returned: str, kind: str, holds: str
) -> Generator[str, None, np.ndarray]:
    """What was returned, if it is an array like X."""
    array = numbers(answer, returned, f"{kind} of shape {X.shape}")
    yield "it returned an array of numbers"
    if array.shape != X.shape:
        raise WrongForm(f"The shape is {array.shape} and should be that of X, {X.shape}.")
    yield "the shape of X"
    if not np.isfinite(array).all():
        raise Wrong(f"The {holds} NaN or infinity.")
    yield "no value is infinite or NaN"
    return array


@judge
def judge_fooling(answer, probe: Probe) -> Iterator[str]:
    """Whether an image is close to the original and fools the network as a photograph."""
    X, target = probe.inputs["X"], int(probe.inputs["target_y"])
    array = yield from _like(X, answer, "X_fooling", "an image", "image holds")
    names, scores = load_class_names(), scores_of(as_photo(array))
    if not is_best(target, scores):
        said = f"the network takes it for “{names[int(scores.argmax())]}”, not “{names[target]}”."
        raise Wrong(f"Saved as a photograph, with whole numbers for colours, {said}")
    yield "saved as a photograph, it is taken for the target class"
    distance = distance_between(array, X)
    if distance > FARTHEST:
        raise Wrong(
            f"It is too far from the original: the L2 distance is {distance:.1f} and should be "
            f"under {FARTHEST}."
        )
    yield f"it is close to the original: the L2 distance is under {FARTHEST}"


@judge
def judge_step(answer, probe: Probe) -> Iterator[str]:
    """Whether each number of the images took the right step."""
    X, expected = probe.inputs["X"], probe.expected
    array = yield from _like(X, answer, "X_changed", "images", "images hold")
    agreement = _agreements(array - X, expected - X, float(probe.inputs["epsilon"]))
    if agreement.min() < AGREEMENT:
        raise Wrong(
            f"Not every number took the right step: {agreement.min():.0%} of one image's did "
            f"(right answers: over {AGREEMENT:.0%})."
        )
    yield f"in {len(X)} of {len(X)} images the numbers took the right step"


def _agreements(step: np.ndarray, right: np.ndarray, epsilon: float) -> np.ndarray:
    """The share of each image's numbers whose step is the right one, (N,).

    Where the gradient is zero any step is as good as none, so those do not count. A step may be
    off by a tenth: large numbers in float32 lose the last digits of a small epsilon.
    """
    moves = np.abs(right) > epsilon / 2
    agrees = (np.abs(step.astype(np.float64) - right) < 0.1 * epsilon) & moves
    return agrees.sum((1, 2, 3)) / np.maximum(moves.sum((1, 2, 3)), 1)
