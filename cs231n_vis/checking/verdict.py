"""Is this answer right? Numbers in, verdict out: no files, no network, no notebook, no TensorFlow.

Maps are compared by relative L2 error, ||answer - expected|| / ||expected||, image by image. A
network of ReLUs and max-pools has kinks: on another processor, or compiled, a few pixels' inputs
fall on the other side of one and their gradients change, while the map as a whole hardly does.
Comparing pixel by pixel would fail a right answer for that.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

import numpy as np

P = ParamSpec("P")

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
        form: whether it is of the right kind and shape, whatever its numbers are.
    """

    passed: bool
    facts: tuple[str, ...]
    message: str = ""
    wrong: tuple[int, ...] = ()
    form: bool = True


class Wrong(Exception):
    """What is wrong with an answer, in a sentence; and which items, if they were compared."""

    def __init__(self, message: str, items: Iterable[int] = ()):
        super().__init__(message)
        self.items = tuple(items)


class WrongForm(Wrong):
    """An answer that is not of the right kind or shape."""


def judge(findings: Callable[P, Iterable[str]]) -> Callable[P, Verdict]:
    """Makes a judge of a generator that yields what it finds right, in order, and raises Wrong."""

    @wraps(findings)
    def verdict(*args: P.args, **options: P.kwargs) -> Verdict:
        facts: list[str] = []
        try:
            for fact in findings(*args, **options):
                facts.append(fact)
        except Wrong as wrong:
            form = not isinstance(wrong, WrongForm)
            return Verdict(False, tuple(facts), str(wrong), wrong.items, form)
        return Verdict(True, tuple(facts))

    return verdict


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
        item: what the first axis counts: "curve".
        axes: what the axes are: "(number of images, height, width)".
        returned: the name that the answer cell returns.
        shape: what is right about the shape: "one map for each image, of its height and width".
        nonnegative: whether a negative value is wrong.
        tolerance: the relative L2 error of an item below which it is right.
        items: several of them, if that is not "curves".
    """

    item: str
    axes: str
    returned: str
    shape: str
    nonnegative: bool = False
    tolerance: float = TOLERANCE
    items: str = ""


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


@judge
def judge_array(answer, expected: np.ndarray, wanted: Wanted) -> Iterator[str]:
    """Judge an array by the relative L2 error of each of its items.

    Args:
        answer: whatever the student's function returned.
        expected: the right result, (N, ...), or a single number.
        wanted: how it is spoken of, and the tolerance.
    """
    counted = wanted.items or f"{wanted.item}s"
    array = numbers(answer, wanted.returned, f"{wanted.shape}, shape {expected.shape}")
    yield "it returned an array of numbers" if expected.ndim else "it returned a number"
    if array.shape != expected.shape:
        raise WrongForm(
            f"The shape is {array.shape} and should be {expected.shape}: {wanted.axes}."
        )
    yield wanted.shape
    if not np.isfinite(array).all():
        raise Wrong(f"The {counted} hold NaN or infinity.")
    if wanted.nonnegative and (array < 0).any():
        raise Wrong(f"Some values are negative, and a {wanted.item} has no negative values.")
    yield f"no value is {'negative, ' * wanted.nonnegative}infinite or NaN"
    array, expected = np.atleast_1d(array), np.atleast_1d(expected)
    errors = relative_l2(array, expected)
    items = np.flatnonzero(~(errors < wanted.tolerance))
    if len(items):
        raise Wrong(
            f"{len(items)} of {len(expected)} {counted} differ from the saved "
            f"{counted}, by up to {errors.max():.0%} (relative L2 error; right answers stay "
            f"under {100 * wanted.tolerance:.2g}%).",
            items.tolist(),
        )
    yield f"{len(expected)} of {len(expected)} {counted} agree with the saved {counted}"


def numbers(
    answer, returned: str, wanted: str = "", kind: str = "an array of numbers"
) -> np.ndarray:
    """What was returned as an array of real numbers.

    Args:
        answer: whatever it is.
        returned: the name that the answer cell returns.
        wanted: what the array should be.
        kind: what the answer should be.

    Raises:
        WrongForm: it is not one.
    """
    if answer is None:
        raise WrongForm(
            f"It returned nothing: fill in the answer cell, and end it with `return {returned}`."
        )
    if (array := as_array(answer)) is not None:
        return array
    needed = f"{kind} is needed" + (wanted and f": {wanted}")
    raise WrongForm(f"It returned {_a_kind_of(answer)}, and {needed}.")


def as_array(answer) -> np.ndarray | None:
    """What was returned as an array; None if it is not one of real numbers."""
    with suppress(Exception):
        array = np.asarray(answer)
        if array.dtype.kind in "fiu":
            return array
    return None


def _a_kind_of(thing) -> str:
    if isinstance(thing, np.ndarray):
        return f"an array of dtype {thing.dtype}"
    name = type(thing).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
