"""Which mistake does this wrong answer look like? Numbers in, a name and a hint out.

A misconception says what a student who has it would return. The answer is compared with that by
the judge's own relative L2 error, first as it is and then up to a positive factor for each item,
so that a scaled picture of the wrong thing is still known for what it is. Others look at the
answer's kind, its shape or its statistics. None reads the student's code. The first of a check's
catalogue that fits is named: what was returned comes first, then its shape, then its numbers.

The catalogues are in ``assignments/``, in the file ``mistakes.py`` of each.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .verdict import TOLERANCE, relative_l2


class Context:
    """What mistakes can be computed from: the inputs an answer was given, under their own names
    (``context.X``), the model, and the right result.

    One context serves any number of answers to the same inputs; what is costly is kept in it.

    Args:
        inputs: the arrays of a probe.
        model: the Keras model from images to scores.
        expected: the right result, or None if there is not one alone.
    """

    def __init__(self, inputs: dict[str, np.ndarray], model, expected: np.ndarray | None):
        self.__dict__.update(inputs)
        self.inputs, self.model, self.expected = inputs, model, expected


@dataclass(frozen=True)
class Case:
    """One answer, and what it can be compared with.

    Attributes:
        returned: what the student's function returned.
        context: what mistakes can be computed from.
        changed_input: whether an array it was given was another after the call.
        changed_model: whether the model it was given was.
        up_to_scale: whether each item may be off by a positive factor.
    """

    returned: object
    context: Context
    changed_input: bool = False
    changed_model: bool = False
    up_to_scale: bool = False

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """The answer as an array, or None if it is not one of numbers."""
        try:
            array = np.asarray(self.returned)
        except Exception:
            return None
        return array if array.dtype.kind in "fiu" else None

    @property
    def shape(self) -> tuple[int, ...] | None:
        return None if self.numbers is None else self.numbers.shape

    @cached_property
    def values(self) -> np.ndarray | None:
        """The answer as float64 if it is finite and of the right shape, else None."""
        if self.shape != self.context.expected.shape or not np.isfinite(self.numbers).all():
            return None
        return self.numbers.astype(np.float64)

    def is_like(self, n: int, item: np.ndarray) -> bool:
        """Whether item n of the answer, a map for instance, is this one."""
        answer, item = self.values[n], np.asarray(item, np.float64)
        if self.up_to_scale:
            product, size = (answer * item).sum(), (item * item).sum()
            if not product > 0:
                return False
            item = item * (product / size)
        return bool(relative_l2(answer[None], item[None])[0] < TOLERANCE)

    def all_like(self, item: Callable[[int], np.ndarray]) -> bool:
        """Whether each item n of the answer is ``item(n)``; stops at the first that is not."""
        return self.values is not None and all(
            self.is_like(n, item(n)) for n in range(len(self.values))
        )


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that is recognised by its numbers.

    Attributes:
        name: as it stands in results, the same for good.
        hint: for the student; it points to what to think about and not to the line to write.
        detect: whether an answer, known to be wrong, looks like this.
    """

    name: str
    hint: str
    detect: Callable[[Case], bool]


def explain(catalogue: Sequence[Misconception], case: Case) -> Misconception | None:
    """The first misconception that a wrong answer looks like, or None.

    A detector that raises is passed over: it may need a part of the package that holds answers,
    which students' copies come without; and whatever was returned, it must not cost the verdict.
    """
    expected = case.context.expected
    scalars = expected is None or expected.ndim < 2  # one factor makes them equal
    for up_to_scale in (False,) if scalars else (False, True):
        case = replace(case, up_to_scale=up_to_scale)
        for misconception in catalogue:
            with suppress(Exception):
                if misconception.detect(case):
                    return misconception
    return None


def explain_error(error: str, other_sizes: bool) -> Misconception | None:
    """What an error looks like that an answer raised.

    Args:
        error: "ValueError: …".
        other_sizes: whether it was right with inputs of other shapes.
    """
    if error.startswith("ValueError: Passed in object"):  # what follows can be a whole array
        return ARRAY_WATCHED
    return SIZES_WRITTEN_OUT if other_sizes else None


# How a detector is made


def gives(*wrong: Callable[[Context], np.ndarray]) -> Callable[[Case], bool]:
    """Detects an answer that is one of these arrays, each a function of the context."""

    def detect(case: Case) -> bool:
        for each in wrong if case.values is not None else ():
            array = np.asarray(each(case.context))
            if array.shape == () == case.values.shape:
                array, case = array[None], _as_vector(case)
            if len(array) == len(case.values) and case.all_like(array.__getitem__):
                return True
        return False

    return detect


def _as_vector(case: Case) -> Case:
    """A single number is judged as one item."""
    one = Context(case.context.inputs, case.context.model, case.context.expected[None])
    return replace(case, returned=np.asarray(case.returned)[None], context=one)


def any_of(*detectors: Callable[[Case], bool]) -> Callable[[Case], bool]:
    """Detects what any of these detects."""
    return lambda case: any(detect(case) for detect in detectors)


# What was returned, before any of its numbers is looked at: the same for every check.

NOTHING_RETURNED = Misconception(
    "nothing_returned",
    "Your function ends without handing anything back. Is the answer filled in, and does the "
    "last line return what you computed?",
    lambda case: case.returned is None,
)
CHANGES_ITS_INPUT = Misconception(
    "changes_its_input",
    "After your function has run, the arrays it was given are different. Work on a copy: the next "
    "call would get the changed ones.",
    lambda case: case.changed_input,
)
CHANGES_THE_MODEL = Misconception(
    "changes_the_model",
    "After your function has run, the network it was given is another one, and whoever asks it "
    "next gets other answers. Change a copy; and load your own network anew: it has changed too.",
    lambda case: case.changed_model,
)
NOT_AN_ARRAY = Misconception(
    "not_an_array",
    "What you return is not an array of numbers. A caller wants to compute with it: a picture, a "
    "text or lists of different lengths will not do.",
    lambda case: case.numbers is None,
)
NAN_OR_INFINITY = Misconception(
    "nan_or_infinity",
    "Some of your numbers are not numbers. Look for a division by something that can be zero, "
    "or a number too large for its type.",
    lambda case: not np.isfinite(case.numbers).all(),
)
WHAT_WAS_RETURNED = (
    NOTHING_RETURNED,
    CHANGES_ITS_INPUT,
    CHANGES_THE_MODEL,
    NOT_AN_ARRAY,
    NAN_OR_INFINITY,
)


# Mistakes about the axis that counts the items, for checks with batches of several sizes


def _axis_of_one_lost(case: Case) -> bool:
    wanted = case.context.expected.shape
    return wanted[0] == 1 and case.shape in (wanted[1:], np.squeeze(case.context.expected).shape)


def _some_left_empty(case: Case) -> bool:
    """Some items are right, and the others are one number each."""
    right = case.context.expected
    if case.values is None or case.up_to_scale or right.ndim < 2:
        return False
    empty = np.ptp(case.values.reshape(len(right), -1), axis=1) == 0
    return 0 < empty.sum() < len(right) and all(
        case.is_like(n, right[n]) for n in np.flatnonzero(~empty)
    )


AXIS_OF_ONE_LOST = Misconception(
    "axis_of_one_lost",
    "With one item in the batch, the axis that counts them is gone. A batch of one is a batch, "
    "too: which of your operations takes away every axis of length one?",
    _axis_of_one_lost,
)
SOME_LEFT_EMPTY = Misconception(
    "some_left_empty",
    "Some of your results are right and the others were never filled in. From where does your code "
    "know how many images there are?",
    _some_left_empty,
)

# What an answer may have raised; ``explain_error`` tells them apart

ARRAY_WATCHED = Misconception(
    "array_watched",
    "A tape can only watch what is TensorFlow's own, and this is an array of NumPy's. What has to "
    "be made of the images first?",
    lambda case: False,
)
SIZES_WRITTEN_OUT = Misconception(
    "sizes_written_out",
    "The inputs have other sizes than in the notebook. Does your code count on a certain number of "
    "images, or on anything else that can be read from what it is given?",
    lambda case: False,
)
