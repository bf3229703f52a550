"""Is this answer right? Numbers in, verdict out: no files, no network, no notebook, no TensorFlow.

Maps are compared by relative L2 error, ||answer - expected|| / ||expected||, image by image. A
network of ReLUs and max-pools has kinks: on another processor, or compiled, a few pixels' inputs
fall on the other side of one and their gradients change, while the map as a whole hardly does.
Comparing pixel by pixel would fail a right answer for that.
"""

from dataclasses import dataclass

import numpy as np

#: An image's map is right if its relative L2 error is below this. Right answers stay under 0.005
#: however they are written and compiled, and the nearest wrong one is at 0.27: the table is in
#: tests/test_judge.py. This is near the geometric mean of the two.
TOLERANCE = 0.03


@dataclass(frozen=True)
class Verdict:
    """What became of one answer.

    Attributes:
        passed: whether it is right.
        facts: what was found right, in order, one short line each. They hold no measured number,
            so they are the same on every machine.
        message: if it is wrong, one sentence on what is wrong; else empty.
        wrong: numbers of the images whose maps are wrong, if it came to comparing them.
    """

    passed: bool
    facts: tuple[str, ...]
    message: str = ""
    wrong: tuple[int, ...] = ()


def relative_l2(answer: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """||answer - expected|| / ||expected|| of each of N arrays: (N, ...) and (N, ...) to (N,)."""
    axes = tuple(range(1, np.ndim(expected)))
    difference = np.asarray(answer, np.float64) - expected
    size = np.sqrt(np.sum(np.square(expected, dtype=np.float64), axis=axes))
    with np.errstate(over="ignore"):  # infinitely wrong, where nothing was expected
        return np.sqrt(np.sum(difference**2, axes)) / np.maximum(size, np.finfo(np.float64).tiny)


def judge_maps(answer, expected: np.ndarray) -> Verdict:
    """Judge saliency maps.

    Args:
        answer: whatever the student's function returned.
        expected: the right maps, float32 (N, H, W).
    """
    facts: list[str] = []

    def wrong(message, images=()):
        return Verdict(False, tuple(facts), message, tuple(images))

    if answer is None:
        return wrong(
            "It returned nothing: fill in the answer cell, and end it with `return saliency`."
        )
    try:
        maps = np.asarray(answer)
    except Exception:
        maps = np.asarray(None)
    if maps.dtype.kind not in "fiu":
        return wrong(
            f"It returned {_a_kind_of(answer)}, and an array of numbers is needed: "
            f"one map for each image, shape {expected.shape}."
        )
    facts.append("it returned an array of numbers")
    if maps.shape != expected.shape:
        return wrong(
            f"The shape is {maps.shape} and should be {expected.shape}: "
            "(number of images, height, width)."
        )
    facts.append("one map for each image, of the image's height and width")
    if not np.isfinite(maps).all():
        return wrong("The maps hold NaN or infinity.")
    if (maps < 0).any():
        return wrong("Some values are negative, and a saliency map has no negative values.")
    facts.append("no value is negative, infinite or NaN")
    errors = relative_l2(maps, expected)
    images = np.flatnonzero(~(errors < TOLERANCE))
    if len(images):
        return wrong(
            f"{len(images)} of {len(expected)} maps differ from the saved maps, by up to "
            f"{errors.max():.0%} (relative L2 error; right answers stay under {TOLERANCE:.0%}).",
            images.tolist(),
        )
    facts.append(f"{len(expected)} of {len(expected)} maps agree with the saved maps")
    return Verdict(True, tuple(facts))


def _a_kind_of(thing) -> str:
    if isinstance(thing, np.ndarray):
        return f"an array of dtype {thing.dtype}"
    name = type(thing).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
