"""Assignment 2: when a fooling image and a step are right."""

import numpy as np

from ....image_utils import deprocess_image, preprocess_image
from ....imagenet import load_class_names
from ...checks import default_model
from ...exchange import Probe
from ...verdict import Verdict, as_numbers

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


def judge_fooling(answer, probe: Probe) -> Verdict:
    """Whether an image is close to the original and fools the network as a photograph."""
    X, target = probe.inputs["X"], int(probe.inputs["target_y"])
    facts: list[str] = []

    def wrong(message):
        return Verdict(False, tuple(facts), message)

    array, message = as_numbers(answer, "X_fooling")
    if array is None:
        return wrong(message if answer is None else f"{message}: an image of shape {X.shape}.")
    facts.append("it returned an array of numbers")
    if array.shape != X.shape:
        return wrong(f"The shape is {array.shape} and should be that of X, {X.shape}.")
    facts.append("the shape of X")
    if not np.isfinite(array).all():
        return wrong("The image holds NaN or infinity.")
    facts.append("no value is infinite or NaN")
    names, scores = load_class_names(), scores_of(as_photo(array))
    if not is_best(target, scores):
        said = f"the network takes it for “{names[int(scores.argmax())]}”, not “{names[target]}”."
        return wrong(f"Saved as a photograph, with whole numbers for colours, {said}")
    facts.append("saved as a photograph, it is taken for the target class")
    distance = distance_between(array, X)
    if distance > FARTHEST:
        return wrong(
            f"It is too far from the original: the L2 distance is {distance:.1f} and should be "
            f"under {FARTHEST}."
        )
    facts.append(f"it is close to the original: the L2 distance is under {FARTHEST}")
    return Verdict(True, tuple(facts))


def judge_step(answer, probe: Probe) -> Verdict:
    """Whether each number of the images took the right step."""
    X, expected = probe.inputs["X"], probe.expected
    facts: list[str] = []

    def wrong(message):
        return Verdict(False, tuple(facts), message)

    array, message = as_numbers(answer, "X_changed")
    if array is None:
        return wrong(message if answer is None else f"{message}: images of shape {X.shape}.")
    facts.append("it returned an array of numbers")
    if array.shape != X.shape:
        return wrong(f"The shape is {array.shape} and should be that of X, {X.shape}.")
    facts.append("the shape of X")
    if not np.isfinite(array).all():
        return wrong("The images hold NaN or infinity.")
    facts.append("no value is infinite or NaN")
    agreement = agreements(array - X, expected - X, float(probe.inputs["epsilon"]))
    if agreement.min() < AGREEMENT:
        return wrong(
            f"Not every number took the right step: {agreement.min():.0%} of one image's did "
            f"(right answers: over {AGREEMENT:.0%})."
        )
    facts.append(f"in {len(X)} of {len(X)} images the numbers took the right step")
    return Verdict(True, tuple(facts))


def agreements(step: np.ndarray, right: np.ndarray, epsilon: float) -> np.ndarray:
    """The share of each image's numbers whose step is the right one, (N,).

    Where the gradient is zero any step is as good as none, so those do not count. A step may be
    off by a tenth: large numbers in float32 lose the last digits of a small epsilon.
    """
    moves = np.abs(right) > epsilon / 2
    agrees = (np.abs(step.astype(np.float64) - right) < 0.1 * epsilon) & moves
    return agrees.sum((1, 2, 3)) / np.maximum(moves.sum((1, 2, 3)), 1)
