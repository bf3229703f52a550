"""Assignment 3: the mistakes that are known, and their hints."""

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from ....image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ... import scores
from ...misconceptions import (
    WHAT_WAS_RETURNED,
    Case,
    Catalogue,
    Context,
    Detector,
    Misconception,
    another_shape,
    gives,
    only_scaled,
    wrong_result,
)
from ...scores import Derivative
from ..gradients import Gradients
from .trace import Problem, findings


class Step(Gradients):
    """A step from ``X``, (1, H, W, 3), whose objective is the score of ``target_y`` less
    ``l2_reg`` ||X||^2. Gradients are of the shape of X.
    """

    target_y: int
    l2_reg: float
    learning_rate: float

    def of(self, derivative: Derivative) -> np.ndarray:
        """The gradient of a function of the scores."""
        return self.gradient_at(self.X, derivative, np.array([self.target_y])).astype(np.float64)

    @property
    def of_score(self) -> np.ndarray:
        return self.of(scores.right_class)

    @property
    def of_penalty(self) -> np.ndarray:
        """Of l2_reg ||X||^2."""
        return 2 * self.l2_reg * self.X.astype(np.float64)

    @property
    def gradient(self) -> np.ndarray:
        return self.of_score - self.of_penalty

    @property
    def of_other_penalties(self) -> list[np.ndarray]:
        """Of l2_reg times the squares of the image less some mean, or in the numbers of a photo."""
        X = self.X.astype(np.float64)
        about = [X - X.mean(), X - X.mean((1, 2), keepdims=True), X - SQUEEZENET_MEAN]
        photo = SQUEEZENET_STD * (X * SQUEEZENET_STD + SQUEEZENET_MEAN)
        return [2 * self.l2_reg * each for each in (*about, photo, 255**2 * photo)]

    def along(self, gradient: np.ndarray) -> np.ndarray:
        """The step along a gradient, of the length learning_rate."""
        return self.learning_rate * gradient / np.maximum(np.linalg.norm(gradient), 1e-30)


def _instead(*derivatives: Derivative) -> Detector[Step]:
    """Detects a step along the gradient of something else than the score, with any penalty."""
    return gives(
        lambda c: (
            c.along(c.of(derivative) - part * c.of_penalty)
            for derivative in derivatives
            for part in (1, 0.5, 0)
        )
    )


UPDATE_STEP = Catalogue(
    Step,
    *WHAT_WAS_RETURNED,
    Misconception(
        "image_of_another_shape",
        "The new image has not the shape of the old one. A step changes numbers and no axes; the "
        "batch of one image stays a batch of one image.",
        another_shape,
    ),
    wrong_result(
        "nothing_changes",
        "The image that comes back is the one that went in. Is the step added to it, and is the "
        "sum what you return?",
        lambda c: np.zeros_like(c.expected),
    ),
    wrong_result(
        "returns_the_step",
        "You return how the image changes. What is wanted is the image after the change.",
        lambda c: (c.expected - c.X, c.gradient - c.X, -c.expected - c.X),
    ),
    wrong_result(
        "goes_down",
        "You go downhill, as in training, where a loss is to become small. What is to become of "
        "the objective here?",
        lambda c: -c.expected,
        lambda c: -c.along(c.of_score),
        lambda c: -c.along(c.of_score + c.of_penalty),
        lambda c: -c.learning_rate * c.gradient,
    ),
    wrong_result(
        "sign_of_the_regularisation",
        "The regularisation has the wrong sign: your image is rewarded for large pixels. Which of "
        "the two terms of the objective should be large, and which small?",
        lambda c: c.along(c.of_score + c.of_penalty),
        lambda c: c.along(c.of_score + c.of_penalty / 2),
        lambda c: c.learning_rate * (c.of_score + c.of_penalty),
    ),
    wrong_result(
        "regularisation_left_out",
        "Your step raises the score alone, or nearly. The size of the image has to be part of "
        "what is differentiated, and it is a sum of squares: neither a mean nor a root.",
        lambda c: (c.along(c.of_score), c.learning_rate * c.of_score),
    ),
    wrong_result(
        "half_the_regularisation",
        "The regularisation pulls half as strongly as it should. What is the derivative of a "
        "square, and what exactly does the l2 loss of tf.nn compute?",
        lambda c: c.along(c.of_score - c.of_penalty / 2),
    ),
    wrong_result(
        "regularisation_about_a_mean",
        "Your regularisation measures another image: with a mean taken off, or turned back into a "
        "photograph. Whose size is part of the objective?",
        lambda c: (
            c.along(c.of_score - part * penalty)
            for part in (1, 0.5)
            for penalty in c.of_other_penalties
        ),
    ),
    wrong_result(
        "penalty_not_differentiated",
        "You take the penalty itself off the gradient. A gradient is made of derivatives: what is "
        "that of the penalty?",
        lambda c: (
            c.along(c.of_score - c.l2_reg * penalty)
            for X in (c.X.astype(np.float64), c.X - c.X.mean(dtype=np.float64))
            for penalty in (X**2, (X**2).sum())
        ),
    ),
    wrong_result(
        "regularisation_by_itself",
        "The score and the regularisation are brought in one after the other, each with its own "
        "length. Make one objective of both, then one gradient, then one step.",
        lambda c: c.along(c.of_score) - c.of_penalty,
        lambda c: c.along(c.of_score) - c.learning_rate * c.of_penalty,
        lambda c: c.along(c.of_score) - c.of_penalty / 2,
        lambda c: c.along(c.of_score) - c.learning_rate * c.of_penalty / 2,
        lambda c: c.along(c.of_score) - c.along(c.of_penalty),
        lambda c: c.along(c.along(c.of_score) / c.learning_rate - c.of_penalty),
    ),
    Misconception(
        "probability_instead_of_score",
        "You raise the probability or its logarithm, which can be done by lowering the other "
        "classes. The objective has the unnormalised score.",
        _instead(scores.probability, scores.log_probability),
    ),
    Misconception(
        "another_class",
        "The score that you raise is not that of the wanted class. Which entry of the scores do "
        "you take, and does it depend on what the network sees already?",
        _instead(scores.best_class, scores.every_class),
    ),
    Misconception(
        "sign_of_the_gradient",
        "Every number of the image changes by the same amount: only the signs of the gradient "
        "are left. Its large entries should count for more than its small ones.",
        lambda case: (
            case.values.any() and np.ptp(np.abs(case.values)) < 0.01 * np.abs(case.values).max()
        ),
    ),
    Misconception(
        "not_normalised",
        "The direction is right and the length is not: it is the gradient's own. Divide by "
        "something first, so that the learning rate alone decides how far you go.",
        lambda case: (
            not case.up_to_scale
            and any(
                case.all_like((rate * case.context.gradient).__getitem__)
                for rate in (case.context.learning_rate, 1)
            )
        ),
    ),
    Misconception(
        "length_of_the_step",
        "The direction is right and the length is not. By which norm do you divide, over which "
        "axes, and is the learning rate in it once?",
        only_scaled,
    ),
    wrong_result(
        "normalised_by_parts",
        "Each pixel or each colour has been divided by a norm of its own. The gradient of the "
        "whole image has one length, one number.",
        lambda c: (
            c.learning_rate
            * c.gradient
            / np.maximum(np.linalg.norm(c.gradient, axis=axis, keepdims=True), 1e-30)
            for axis in (1, 2, 3, (1, 2))
        ),
    ),
)


class Picture(Context):
    """What was found with the last answer; every entry of the catalogue asks for it."""

    _last: tuple[object, str] = (None, "")

    def problem(self, returned: object) -> str:
        if self._last[0] is not returned:
            name = ""
            try:
                deque(findings(returned, self.inputs), maxlen=0)
            except Problem as problem:
                name = problem.name
            self._last = returned, name
        return self._last[1]


def _is(name: str) -> Detector[Picture]:
    return lambda case: case.context.problem(case.returned) == name


#: The problems that ``trace`` finds, and their hints.
PROBLEMS = {
    "no_step_taken": (
        "The picture comes back without a step. Does your loop run, and does it call the function "
        "that it was given for taking a step?"
    ),
    "image_of_another_shape": (
        "What you return has not the shape of the image you were given: a batch of one image, "
        "its height, its width and three colours."
    ),
    "number_of_iterations": (
        "Count the turns of your loop. How many are asked for, and does it return too early?"
    ),
    "starts_from_another_image": (
        "You have been given an image to start from. Is it the one that the first step gets?"
    ),
    "colours_shifted": (
        "Jitter has moved red, green and blue into each other's places. Which axes of the image "
        "are its height and its width?"
    ),
    "step_thrown_away": (
        "Each turn of your loop starts from the same image. What becomes of the result of the "
        "step, and from what does the next turn start?"
    ),
    "no_jitter": (
        "Every step sees the image in the same place. Where does the random shift come in, and "
        "is its result what the step is given?"
    ),
    "same_jitter_for_every_step": (
        "Your shift is drawn once and serves all steps, so the network always looks at the same "
        "place after all. When should chance be asked again?"
    ),
    "jitter_in_one_direction": (
        "The image moves up and down only, or left and right only. Both its height and its width "
        "should be shifted."
    ),
    "jitter_not_undone": (
        "After the step the image is not, or not wholly, where it was before. Whatever was "
        "shifted for the step has to be shifted back, by the same amounts."
    ),
    "jitter_undone_wrongly": (
        "The shift back does not cancel the shift. Try it with one row of five numbers on paper: "
        "which sign, which amount and which axis bring them home?"
    ),
    "jitter_too_far": (
        "Your shifts are larger than they are allowed to be. Who decides how far, you or the one "
        "who calls the function?"
    ),
    "another_generator": (
        "Your shifts do not come from the random generator that you are given. Whoever passes one "
        "of a certain seed wants the same picture again, and of another seed another picture."
    ),
    "range_of_pixels": (
        "You clip, but to other numbers than black and white have here. What does preprocessing "
        "make of 0 and of 255, in each of the three colours?"
    ),
    "not_clipped": (
        "In your image are colours that no screen can show. After every step the pixels have to "
        "be brought back to what lies between black and white."
    ),
    "never_blurred": (
        "Your image is never blurred. Is the condition for it ever true, and is the blurred image "
        "what you go on with?"
    ),
    "width_of_the_blur": (
        "Your blur is wider than it should be. Which sigma does the task name, and which does the "
        "function take if you give none?"
    ),
    "rhythm_of_the_blur": (
        "Your blur comes too often or not often enough. Write down the iterations in which your "
        "condition is true."
    ),
}

PICTURE = Catalogue(
    Picture,
    *WHAT_WAS_RETURNED,
    *(Misconception(name, hint, _is(name)) for name, hint in PROBLEMS.items()),
)


class Variation(Context):
    """The total variation of ``X``, (N, H, W, 3); all in float64."""

    X: np.ndarray

    def differences(self, axis: int) -> np.ndarray:
        """Of neighbours along an axis."""
        return np.diff(self.X.astype(np.float64), axis=axis)

    @property
    def down(self) -> np.ndarray:
        return self.differences(1)

    @property
    def across(self) -> np.ndarray:
        return self.differences(2)

    @property
    def right(self) -> float:
        return _squares(self.down, self.across)

    @property
    def jumps(self) -> np.ndarray:
        """The squares of a pixel's two differences, added, without a border, (N, H-1, W-1, 3)."""
        return self.down[:, :, :-1] ** 2 + self.across[:, :-1] ** 2


def _squares(*arrays: np.ndarray) -> float:
    return sum(np.sum(array**2) for array in arrays)


def _returns(
    name: str, hint: str, *values: Callable[[Variation], float | Sequence[float]]
) -> Misconception[Variation]:
    """One of these numbers."""

    def detect(case: Case[Variation]) -> bool:
        answer = case.values[0].flat[0]
        return any(np.isclose(answer, each(case.context), rtol=1e-3).any() for each in values)

    return Misconception(name, hint, detect)


VARIATION = Catalogue(
    Variation,
    *WHAT_WAS_RETURNED,
    Misconception(
        "more_than_one_number",
        "You return several numbers. What is to be added to an objective is one number, a sum "
        "over all images, pixels and colours.",
        another_shape,
    ),
    Misconception(
        "tape_cannot_follow",
        "The number is right, but the tape cannot follow how you got it, so there is no gradient. "
        "Which of your operations are not those of TensorFlow?",
        lambda case: (
            np.isclose(case.values[0].flat[0], case.context.right, rtol=1e-3)
            and not case.values[1].any()
        ),
    ),
    _returns(
        "not_squared",
        "You add up the sizes of the differences. The definition adds their squares, which makes "
        "one large jump dearer than many small ones.",
        lambda c: np.abs(c.down).sum() + np.abs(c.across).sum(),
        lambda c: c.down.sum() + c.across.sum(),
    ),
    _returns(
        "square_of_the_sum",
        "The order matters: square each difference, then add. If you add first, ups and downs "
        "cancel before they count.",
        lambda c: c.down.sum() ** 2 + c.across.sum() ** 2,
        lambda c: (c.down.sum() + c.across.sum()) ** 2,
    ),
    _returns(
        "square_root",
        "You take a root at the end. Such a definition exists too, but here the exponent is two "
        "and no root is taken.",
        lambda c: np.sqrt(c.right),
        lambda c: np.sqrt(_squares(c.down)) + np.sqrt(_squares(c.across)),
        lambda c: np.sqrt(c.jumps).sum(),
    ),
    _returns(
        "another_power",
        "The power is another one than two. There are definitions with other powers, for other "
        "purposes; how much should a jump that is twice as large count here?",
        # as in Keras's example of style transfer, and without its border
        lambda c: [(c.jumps**power).sum() for power in (1.25, 2)],
        lambda c: [
            sum((np.abs(each) ** power).sum() for each in (c.down, c.across))
            for power in (1.25, 2.5, 3, 4)
        ],
    ),
    _returns(
        "mean_instead_of_sum",
        "You take a mean. The definition is a sum: nothing is divided by how many pixels, colours "
        "or images there are.",
        lambda c: np.mean(c.down**2) + np.mean(c.across**2),
        lambda c: (np.mean(c.down**2) + np.mean(c.across**2)) / 2,
        lambda c: _squares(c.down) / c.down[0].size + _squares(c.across) / c.across[0].size,
        lambda c: c.right / (c.down.size + c.across.size),
        lambda c: c.right / c.X[0].size ** 2,
        lambda c: [c.right / each.size for each in (c.X, c.X[0], c.X[..., 0], c.X[0, ..., 0])],
        lambda c: [c.right / count for count in (len(c.X), 3)],
    ),
    _returns(
        "half_or_twice",
        "Your number is half or twice what it should be. How often do you count each pair of "
        "neighbours, and what exactly does the l2 loss of tf.nn compute?",
        lambda c: (c.right / 2, c.right * 2),
    ),
    _returns(
        "one_direction_only",
        "Only neighbours in one direction count in your number. A pixel has neighbours beside it "
        "and neighbours below it.",
        lambda c: [n * _squares(each) for n in (1, 2) for each in (c.down, c.across)],
    ),
    _returns(
        "border_left_out",
        "Some pairs of neighbours at the border do not count in your number. In an image of H "
        "rows, how many rows have a row below them, and how long is each?",
        lambda c: _squares(c.down[:, :, :-1], c.across[:, :-1]),
        lambda c: _squares(c.down[:, :, 1:], c.across[:, 1:]),
        lambda c: _squares(c.down[:, :-1], c.across[:, :, :-1]),
        lambda c: _squares(c.down[:, 1:], c.across[:, :, 1:]),
    ),
    _returns(
        "last_meets_first",
        "You compare the last row with the first and the last column with the first. Are they "
        "neighbours in a picture?",
        lambda c: [_squares(*(np.roll(c.X, 1, axis) - c.X.astype(float) for axis in (1, 2)))],
    ),
    _returns(
        "one_image_only",
        "Only one of the images counts in your number. There may be several in X.",
        lambda c: [_squares(c.down[k], c.across[k]) for k in (0, -1)],
    ),
    _returns(
        "wrong_axes",
        "You take differences along an axis that counts images or colours. Which two axes of X "
        "are its height and its width?",
        lambda c: [
            _squares(*map(c.differences, axes))
            for axes in ((0, 1), (0, 2), (1, 3), (2, 3), (1, 2, 3), (0, 1, 2), (0, 1, 2, 3))
        ],
    ),
    _returns(
        "pixels_two_apart",
        "You compare pixels that are two apart, with one between them. An image of thin stripes, "
        "black and white in turn, would count as perfectly smooth.",
        lambda c: [
            _squares(c.X[:, 2:] - c.X[:, :-2], c.X[:, :, 2:] - c.X[:, :, :-2]) / size
            for size in (1, 4)
        ],
    ),
)
