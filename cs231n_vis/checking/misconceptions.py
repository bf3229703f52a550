"""Which mistake does this wrong answer look like? Numbers in, a name and a hint out.

A misconception says what a student who has it would return. The answer is compared with that by
the judge's own relative L2 error, first as it is and then up to a positive factor for each item,
so that a scaled picture of the wrong thing is still known for what it is. Others look at the
answer's kind, its shape or its statistics. None reads the student's code. The first of a check's
catalogue that fits is named: what was returned comes first, then its shape, then its numbers.

The catalogues are in ``assignments/``, in the file ``mistakes.py`` of each.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import numpy as np

from .exchange import plain
from .verdict import TOLERANCE, as_array, relative_l2

Array = np.ndarray | np.generic


class Context:
    """What mistakes can be computed from: the inputs an answer was given, under their own names
    (``context.X``), the model, and the right result. What a check's inputs are is declared in a
    class of its own.

    One context serves any number of answers to the same inputs; what is costly is kept in it.

    Args:
        inputs: the arrays of a probe; those without axes become plain numbers or text.
        model: the Keras model from images to scores.
        expected: the right result, or None if there is not one alone.
    """

    expected: np.ndarray

    def __init__(self, inputs: dict[str, np.ndarray], model, expected):
        self.inputs, self.model, self.expected = plain(inputs), model, expected
        self.__dict__.update(self.inputs)
        self._kept: dict[tuple, Any] = {}
        self._made: dict[Callable, tuple[list[np.ndarray], Iterator[Array]]] = {}

    @property
    def shape(self) -> tuple[int, ...]:
        """That of a right result."""
        return self.expected.shape

    def made(self, recipe: Callable[..., Array | Iterable[Array]]) -> Iterator[np.ndarray]:
        """What a recipe makes of this context, one array or several; each is made when it is asked
        for, and once."""
        if recipe not in self._made:
            made = recipe(self)
            self._made[recipe] = [], iter([made] if isinstance(made, Array) else made)
        found, others = self._made[recipe]
        yield from found
        for array in others:
            found.append(np.atleast_1d(array))
            yield found[-1]


C = TypeVar("C", bound=Context)
P = ParamSpec("P")
R = TypeVar("R")
C_co = TypeVar("C_co", bound=Context, covariant=True)
C_contra = TypeVar("C_contra", bound=Context, contravariant=True)


def kept(method: Callable[Concatenate[C, P], R]) -> Callable[Concatenate[C, P], R]:
    """Keeps in a context what a method makes of its arguments, arrays or what has a hash."""

    def short(value: object) -> object:
        return (value.shape, hash(value.tobytes())) if isinstance(value, np.ndarray) else value

    @wraps(method)
    def keeping(self: C, *args: P.args, **options: P.kwargs) -> R:
        key = method.__name__, *options, *map(short, (*args, *options.values()))
        if key not in self._kept:
            self._kept[key] = method(self, *args, **options)
        return self._kept[key]

    return keeping


class NotComparable(Exception):
    """A detector asks for numbers that the answer has not; so the answer is not what it detects."""


@dataclass(frozen=True)
class Case(Generic[C_co]):
    """One answer, and what it can be compared with.

    Attributes:
        returned: what the student's function returned.
        context: what mistakes can be computed from.
        changed_input: whether an array it was given was another after the call.
        changed_model: whether the model it was given was.
        up_to_scale: whether each item may be off by a positive factor.
    """

    returned: object
    context: C_co
    changed_input: bool = False
    changed_model: bool = False
    up_to_scale: bool = False

    @cached_property
    def numbers(self) -> np.ndarray:
        """The answer as an array of numbers.

        Raises:
            NotComparable: it is not one.
        """
        array = as_array(self.returned)
        if array is None:
            raise NotComparable
        return array

    @property
    def shape(self) -> tuple[int, ...]:
        """Of ``numbers``, which raises where there are none."""
        return self.numbers.shape

    @cached_property
    def values(self) -> np.ndarray:
        """The answer as float64; a single number is an array of one.

        Raises:
            NotComparable: it is not of the right shape, or not finite.
        """
        if self.shape != self.context.shape or not np.isfinite(self.numbers).all():
            raise NotComparable
        return np.atleast_1d(self.numbers).astype(np.float64)

    def is_like(self, n: int, item) -> bool:
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
        return all(self.is_like(n, item(n)) for n in range(len(self.values)))


Detector = Callable[[Case[C]], bool | np.bool_]


class Misconception(Generic[C_contra]):
    """A wrong answer that is recognised by its numbers.

    Args:
        name: as it stands in results, the same for good.
        hint: for the student; it points to what to think about and not to the line to write.
        detectors: each says whether an answer, known to be wrong, looks like this. They need not
            look whether there are numbers to compare.
    """

    def __init__(
        self, name: str, hint: str, *detectors: Callable[[Case[C_contra]], bool | np.bool_]
    ):
        self.name, self.hint, self._detectors = name, hint, detectors

    def detect(self, case: Case[C_contra]) -> bool:
        """Whether an answer looks like this to one of the detectors."""
        for detector in self._detectors:
            with suppress(NotComparable):
                if detector(case):
                    return True
        return False


class Catalogue(tuple[Misconception, ...]):
    """The mistakes that a check knows, in the order in which they are tried.

    Args:
        context: what they are computed from.
        entries: the mistakes.

    Raises:
        ValueError: two have the same name.
    """

    context: type[Context]

    def __new__(cls, context: type[C], *entries: Misconception[C]) -> "Catalogue":
        names = [entry.name for entry in entries]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"There are two misconceptions {twice[0]} in a catalogue.")
        catalogue = super().__new__(cls, entries)
        catalogue.context = context
        return catalogue


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


def gives(*wrong: Callable[[C], Array | Iterable[Array]]) -> Detector[C]:
    """Detects an answer that is one of these arrays, each a function of the context.

    A function may also make several, a tuple or a generator of them.
    """

    def detect(case: Case[C]) -> bool:
        size = len(case.values)
        return any(
            len(array) == size and case.all_like(array.__getitem__)
            for each in wrong
            for array in case.context.made(each)
        )

    return detect


def wrong_result(
    name: str, hint: str, *wrong: Callable[[C], Array | Iterable[Array]]
) -> Misconception[C]:
    """A misconception by what ``gives`` detects: the results of those who have it."""
    return Misconception(name, hint, gives(*wrong))


def has_shape(shapes: Callable[[C], Iterable[tuple[int, ...]]]) -> Detector[C]:
    """Detects an answer of one of these shapes."""
    return lambda case: case.shape in shapes(case.context)


def another_shape(case: Case) -> bool:
    """Whether the shape is not the right one."""
    return case.shape != case.context.shape


def only_scaled(case: Case) -> bool:
    """Whether each item is the right one times a positive factor."""
    return case.up_to_scale and case.all_like(case.context.expected.__getitem__)


# What was returned, before any of its numbers is looked at: the same for every check.

NOTHING_RETURNED: Misconception[Context] = Misconception(
    "nothing_returned",
    "Your function ends without handing anything back. Is the answer filled in, and does the "
    "last line return what you computed?",
    lambda case: case.returned is None,
)
CHANGES_ITS_INPUT: Misconception[Context] = Misconception(
    "changes_its_input",
    "After your function has run, the arrays it was given are different. Work on a copy: the next "
    "call would get the changed ones.",
    lambda case: case.changed_input,
)
CHANGES_THE_MODEL: Misconception[Context] = Misconception(
    "changes_the_model",
    "After your function has run, the network it was given is another one, and whoever asks it "
    "next gets other answers. Change a copy; and load your own network anew: it has changed too.",
    lambda case: case.changed_model,
)
NOT_AN_ARRAY: Misconception[Context] = Misconception(
    "not_an_array",
    "What you return is not an array of numbers. A caller wants to compute with it: a picture, a "
    "text or lists of different lengths will not do.",
    lambda case: as_array(case.returned) is None,
)
NAN_OR_INFINITY: Misconception[Context] = Misconception(
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
    wanted = case.context.shape
    return wanted[0] == 1 and case.shape in (wanted[1:], np.squeeze(case.context.expected).shape)


def _some_left_empty(case: Case) -> bool:
    """Some items are right, and the others are one number each."""
    right = case.context.expected
    if case.up_to_scale or right.ndim < 2:
        return False
    empty = np.ptp(case.values.reshape(len(right), -1), axis=1) == 0
    return 0 < empty.sum() < len(right) and all(
        case.is_like(n, right[n]) for n in range(len(right)) if not empty[n]
    )


AXIS_OF_ONE_LOST: Misconception[Context] = Misconception(
    "axis_of_one_lost",
    "With one item in the batch, the axis that counts them is gone. A batch of one is a batch, "
    "too: which of your operations takes away every axis of length one?",
    _axis_of_one_lost,
)
SOME_LEFT_EMPTY: Misconception[Context] = Misconception(
    "some_left_empty",
    "Some of your results are right and the others were never filled in. From where does your code "
    "know how many images there are?",
    _some_left_empty,
)

#: What can be wrong with any results of a batch, before they are looked at.
OF_A_BATCH = (*WHAT_WAS_RETURNED, AXIS_OF_ONE_LOST, SOME_LEFT_EMPTY)

# What an answer may have raised; ``explain_error`` tells them apart

ARRAY_WATCHED: Misconception[Context] = Misconception(
    "array_watched",
    "A tape can only watch what is TensorFlow's own, and this is an array of NumPy's. What has to "
    "be made of the images first?",
)
SIZES_WRITTEN_OUT: Misconception[Context] = Misconception(
    "sizes_written_out",
    "The inputs have other sizes than in the notebook. Does your code count on a certain number of "
    "images, or on anything else that can be read from what it is given?",
)
