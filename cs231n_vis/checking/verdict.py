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
        wrong: which items are wrong, if it came to comparing them.
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


@dataclass(frozen=True)
class Wanted:
    """How a right result is spoken of in sentences.

    Attributes:
        item, items: what the first axis counts: "map", "maps".
        axes: what the axes are: "(number of images, height, width)".
        returned: the name that the answer cell returns.
        shape: what is right about the shape: "one map for each image, of its height and width".
        nonnegative: whether a negative value is wrong.
        tolerance: the relative L2 error of an item below which it is right.
    """

    item: str
    items: str
    axes: str
    returned: str
    shape: str
    nonnegative: bool = False
    tolerance: float = TOLERANCE


MAPS = Wanted(
    item="saliency map",
    items="maps",
    axes="(number of images, height, width)",
    returned="saliency",
    shape="one map for each image, of the image's height and width",
    nonnegative=True,
)


def judge_maps(answer, expected: np.ndarray) -> Verdict:
    """Judge saliency maps: whatever was returned, and the right maps, float32 (N, H, W)."""
    return judge_array(answer, expected, MAPS)


def judge_array(answer, expected: np.ndarray, wanted: Wanted) -> Verdict:
    """Judge an array by the relative L2 error of each of its items.

    Args:
        answer: whatever the student's function returned.
        expected: the right result, (N, ...), or a single number.
        wanted: how it is spoken of, and the tolerance.
    """
    facts: list[str] = []

    def wrong(message, items=()):
        return Verdict(False, tuple(facts), message, tuple(items))

    array, message = as_numbers(answer, wanted.returned)
    if array is None:
        if answer is not None:
            message = f"{message}: {wanted.shape}, shape {expected.shape}."
        return wrong(message)
    facts.append("it returned an array of numbers" if expected.ndim else "it returned a number")
    if array.shape != expected.shape:
        return wrong(f"The shape is {array.shape} and should be {expected.shape}: {wanted.axes}.")
    facts.append(wanted.shape)
    if not np.isfinite(array).all():
        return wrong(f"The {wanted.items} hold NaN or infinity.")
    if wanted.nonnegative and (array < 0).any():
        return wrong(f"Some values are negative, and a {wanted.item} has no negative values.")
    sign = "negative, infinite or NaN" if wanted.nonnegative else "infinite or NaN"
    facts.append(f"no value is {sign}")
    array, expected = np.atleast_1d(array), np.atleast_1d(expected)
    errors = relative_l2(array, expected)
    items = np.flatnonzero(~(errors < wanted.tolerance))
    if len(items):
        return wrong(
            f"{len(items)} of {len(expected)} {wanted.items} differ from the saved "
            f"{wanted.items}, by up to {errors.max():.0%} (relative L2 error; right answers stay "
            f"under {100 * wanted.tolerance:.2g}%).",
            items.tolist(),
        )
    facts.append(
        f"{len(expected)} of {len(expected)} {wanted.items} agree with the saved {wanted.items}"
    )
    return Verdict(True, tuple(facts))


def as_numbers(answer, returned: str) -> tuple[np.ndarray | None, str]:
    """What was returned as an array of real numbers; or None, and a sentence that says why."""
    if answer is None:
        return None, (
            f"It returned nothing: fill in the answer cell, and end it with `return {returned}`."
        )
    try:
        array = np.asarray(answer)
    except Exception:
        array = np.asarray(None)
    if array.dtype.kind in "fiu":
        return array, ""
    return None, f"It returned {_a_kind_of(answer)}, and an array of numbers is needed"


def _a_kind_of(thing) -> str:
    if isinstance(thing, np.ndarray):
        return f"an array of dtype {thing.dtype}"
    name = type(thing).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
