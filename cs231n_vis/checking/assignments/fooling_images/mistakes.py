"""Assignment 2: the mistakes that are known, and their hints."""

from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
from numpy.linalg import norm

from ....image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ... import scores
from ...misconceptions import (
    AXIS_OF_ONE_LOST,
    WHAT_WAS_RETURNED,
    Array,
    Case,
    Catalogue,
    Context,
    Misconception,
    another_shape,
)
from ...scores import Derivative
from ..gradients import Gradients
from .judge import AGREEMENT, FARTHEST, as_photo, distance_between, is_best, scores_of


class Fooling(Context):
    """What the network says of ``X``, (1, H, W, 3), that is to become ``target_y``."""

    X: np.ndarray
    target_y: int

    @property
    def shape(self) -> tuple[int, ...]:
        return self.X.shape

    @cached_property
    def scores(self) -> np.ndarray:
        return scores_of(self.X)

    def gain(self, image: np.ndarray) -> np.ndarray:
        """What an image has made of each score, (classes,)."""
        return scores_of(image) - self.scores


def _change(case: Case) -> np.ndarray:
    return case.values - case.context.X


def _not_preprocessed(case: Case) -> bool:
    """The numbers of a picture, 0 to 255 or 0 to 1."""
    picture = case.context.X * SQUEEZENET_STD + SQUEEZENET_MEAN
    return any(
        distance_between(case.values, size * picture) < 0.2 * size * norm(picture)
        for size in (1, 255)
    )


def _does_not_start_from_the_image(case: Case[Fooling]) -> bool:
    """No more like the original than other images are: it was noise, or grey, to begin with."""
    image, X = case.values, case.context.X.astype(np.float64)
    return (image * X).sum() < 0.3 * norm(image) * norm(X)


def _sign_steps(case: Case[Fooling]) -> bool:
    """Each number went up or down by a multiple of one length."""
    change = np.abs(_change(case))
    sizes = change[change > 1e-4]
    if norm(change) < 1e-2 or not len(sizes):
        return False
    in_steps = sizes / sizes.min()
    return in_steps.max() < 200 and np.abs(in_steps - np.rint(in_steps)).max() < 0.05


def _more_of_the_same(case: Case[Fooling]) -> bool:
    """It is still the class it was, whose score has risen more than the target's."""
    c = case.context
    best, gain = int(c.scores.argmax()), c.gain(case.values)
    still = best != c.target_y and (c.scores + gain).argmax() == best
    return still and gain[best] > max(gain[c.target_y], 0.5)


def _stops_too_early(case: Case[Fooling]) -> bool:
    """The target's score has risen, but not enough."""
    c, target = case.context, case.context.target_y
    return c.gain(case.values)[target] > 0.2 and not is_best(target, scores_of(case.values))


def _does_not_stop(case: Case[Fooling]) -> bool:
    """Far, and the target is ahead of all others by far more than one step brings."""
    if norm(_change(case)) < FARTHEST:
        return False
    target, after = case.context.target_y, scores_of(case.values)
    return after[target] - np.delete(after, target).max() > 10


FOOLING = Catalogue(
    Fooling,
    *WHAT_WAS_RETURNED,
    Misconception(
        "batch_axis_lost",
        "The first axis is gone. The network takes batches of images, and a batch of one image is "
        "a batch, too.",
        lambda case: case.shape == case.context.shape[1:],
    ),
    Misconception(
        "not_an_image_like_x",
        "What comes back has not the axes of an image as the network takes it. What did your loop "
        "change, and is that what you return?",
        another_shape,
    ),
    Misconception(
        "not_preprocessed",
        "You return a picture to look at. What is asked for is an image for the network, with the "
        "mean subtracted, like the one you were given.",
        _not_preprocessed,
    ),
    Misconception(
        "unchanged",
        "What comes back is the original. Does your loop run, and does what it computes get into "
        "what you return?",
        lambda case: norm(_change(case)) < 1e-2,
    ),
    Misconception(
        "only_the_change",
        "You return the change alone. The fooling image is the original with that change made.",
        lambda case: 0 < norm(case.values) < 0.15 * norm(case.context.X),
    ),
    Misconception(
        "does_not_start_from_the_image",
        "Your image has little to do with the original. Where does the ascent start, and how long "
        "is a step?",
        _does_not_start_from_the_image,
    ),
    Misconception(
        "sign_steps",
        "Every number of your image went equally far. Such a step of a certain size is very long "
        "as a whole; here the gradient keeps its proportions and has length 1 in all.",
        _sign_steps,
    ),
    Misconception(
        "only_before_rounding",
        "Before rounding it does fool the network. Which image should the loop look at when it "
        "decides whether to stop?",
        lambda case: (
            is_best(case.context.target_y, scores_of(case.values))
            and not is_best(case.context.target_y, scores_of(as_photo(case.values)))
        ),
    ),
    Misconception(
        "does_not_stop",
        "The target is far ahead of all other classes. It is enough to be just ahead: when does "
        "your loop end?",
        _does_not_stop,
    ),
    Misconception(
        "away_from_the_target",
        "The score of the target is lower than it was. A gradient points to where a function "
        "grows: in which direction do you go, and of which function?",
        lambda case: case.context.gain(case.values)[case.context.target_y] < -0.5,
    ),
    Misconception(
        "more_of_the_same",
        "The network is now more certain of what it saw before. Whose score does your gradient "
        "belong to?",
        _more_of_the_same,
    ),
    Misconception(
        "another_class",
        "The network is fooled, but sees something else than it should. What exactly does your "
        "loop wait for, and whose score does it raise?",
        lambda case: (
            scores_of(case.values).argmax()
            not in (case.context.target_y, case.context.scores.argmax())
        ),
    ),
    Misconception(
        "stops_too_early",
        "The score of the target has risen, but not enough yet. How many steps does your loop "
        "take, how long is each, and does each start where the last one ended?",
        _stops_too_early,
    ),
    Misconception(
        "steps_too_long",
        "A shorter way leads there. How long is one of your steps, all its numbers together, and "
        "does that depend on how steep the score is?",
        lambda case: norm(_change(case)) > FARTHEST,
    ),
)


# The fast gradient sign


class Signs(Gradients):
    """Steps of ``epsilon`` along gradients at the images, of the shape of X."""

    epsilon: float

    def along(self, derivative: Derivative, y=None) -> np.ndarray:
        """The step along the sign of the gradient of a function of the scores."""
        return self.epsilon * np.sign(self.gradient_at(self.X, derivative, y))

    @property
    def of_loss(self) -> np.ndarray:
        return self.gradient_at(self.X, scores.minus_log_probability)


def _steps(
    name: str, hint: str, *wrong: Callable[[Signs], Array | Iterable[Array]]
) -> Misconception[Signs]:
    """An answer that is X plus one of these steps."""

    def detect(case: Case[Signs]) -> bool:
        step = _change(case)
        return any(_same(step, other) for each in wrong for other in case.context.made(each))

    return Misconception(name, hint, detect)


def _same(step: np.ndarray, other: Array) -> bool:
    """Whether steps differ by less than a fifth in all but 3 % of the numbers, image by image."""
    other = np.broadcast_to(other, step.shape)
    size = np.abs(other).max(axis=(1, 2, 3), keepdims=True)
    moves = np.abs(other) > 1e-3 * size
    close = np.abs(step - other) < np.where(moves, 0.2 * np.abs(other), 1e-3 * size + 1e-9)
    return bool((close.mean(axis=(1, 2, 3)) > AGREEMENT).all())


def _another_length(case: Case[Signs]) -> bool:
    """The right signs, all with one length that is not epsilon."""
    step, right = _change(case), case.context.expected - case.context.X
    moves = np.abs(right) > case.context.epsilon / 2
    length = np.median(np.abs(step[moves]))
    return length > 1e-7 and _same(step, np.sign(right) * moves * length)


def _alike(case: Case[Signs], axis: int) -> bool:
    """The steps are nearly the same along an axis."""
    spread = np.ptp(_change(case), axis=axis)
    return (spread < 0.1 * case.context.epsilon).mean() > AGREEMENT


SIGNS = Catalogue(
    Signs,
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    Misconception(
        "one_image_only",
        "You return one image, and X is a batch. Each of its images takes a step of its own.",
        lambda case: another_shape(case) and case.shape[-3:] == case.context.shape[1:],
    ),
    Misconception(
        "colours_lost",
        "An axis is missing, or there is one too many. Images come in and images go out: nothing "
        "is reduced on the way.",
        another_shape,
    ),
    Misconception(
        "unchanged",
        "What comes back is X. Does the step get into what you return?",
        lambda case: np.abs(_change(case)).max() < 1e-7,
    ),
    Misconception(
        "only_the_step",
        "You return the step alone. What is asked for are the images after they took it.",
        lambda case: _same(case.values, case.context.expected - case.context.X),
    ),
    _steps(
        "downhill",
        "Your images go the opposite way: they make the network more certain of the label. Should "
        "the loss rise or fall?",
        lambda c: c.along(scores.log_probability),
    ),
    _steps(
        "score_instead_of_loss",
        "You went by the gradient of the score of the label. The loss depends on the scores of all "
        "classes: what else makes it rise?",
        lambda c: c.along(scores.right_class),
        lambda c: -c.along(scores.right_class),
    ),
    _steps(
        "scores_taken_for_probabilities",
        "Your loss took the scores for probabilities. Look up what it expects by default, and what "
        "the network returns.",
        lambda c: c.along(scores.keras_sparse),
        lambda c: c.along(scores.keras_dense),
        lambda c: -c.along(scores.keras_sparse),
        lambda c: -c.along(scores.keras_dense),
    ),
    _steps(
        "two_softmaxes",
        "There are two softmaxes in your loss: one that you wrote and one that the loss brings "
        "along.",
        lambda c: c.along(scores.two_softmaxes),
    ),
    _steps(
        "labels_not_used",
        "Your images flee from what the network sees, which is not always what the label says.",
        lambda c: c.along(scores.minus_log_probability, c.scores.argmax(1)),
    ),
    _steps(
        "one_label_for_all",
        "Every image went by the label of the first one. Each has a label of its own.",
        lambda c: c.along(scores.minus_log_probability, c.y[:1]),
    ),
    _steps(
        "no_sign",
        "Your steps are in proportion to the gradient: some numbers move a lot and most hardly at "
        "all. What does the sign make of it?",
        lambda c: (
            c.epsilon * c.of_loss / length
            for length in (
                1,
                len(c.X),
                norm(c.of_loss),
                np.sqrt(np.square(c.of_loss).sum((1, 2, 3), keepdims=True)),
                np.abs(c.of_loss).max((1, 2, 3), keepdims=True),
                np.abs(c.of_loss).max(),
            )
        ),
    ),
    _steps(
        "no_direction",
        "All your numbers went up. The sign of the gradient tells which should go down.",
        lambda c: np.float64(c.epsilon),
        lambda c: np.abs(c.along(scores.minus_log_probability)),
    ),
    Misconception(
        "one_step_for_three_colours",
        "The three colours of a pixel always went the same way. Each has a derivative of its own.",
        lambda case: _alike(case, -1) and np.abs(_change(case)).max() > case.context.epsilon / 2,
    ),
    Misconception(
        "one_step_for_all_images",
        "All your images took the same step. The gradient of each image is its own.",
        lambda case: (
            len(case.values) > 1
            and _alike(case, 0)
            and np.abs(_change(case)).max() > case.context.epsilon / 100
        ),
    ),
    Misconception(
        "another_length",
        "The directions are right, and the length is not epsilon. Epsilon is in the units of X, "
        "and one step is all there is.",
        _another_length,
    ),
    _steps(
        "cut_off",
        "Your images are right, but then cut off at some limits. X is preprocessed: its numbers "
        "are neither within 0 and 1 nor within 0 and 255, and the definition cuts nothing.",
        lambda c: (
            np.clip(c.expected, low, high) - c.X for low, high in ((0, 1), (-1, 1), (0, 255))
        ),
    ),
    Misconception(
        "not_preprocessed",
        "You return pictures to look at. What is asked for are images for the network, like those "
        "you were given.",
        _not_preprocessed,
    ),
)
