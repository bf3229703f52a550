"""Assignment 3: the mistakes that are known, and their hints."""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from ....image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ...exchange import plain
from ...misconceptions import WHAT_WAS_RETURNED, Case, Context, Misconception, gives
from .trace import find_problem


class Step(Context):
    """What mistakes about a step can be computed from. Gradients are float64, of the shape of X."""

    def __init__(self, inputs: dict[str, np.ndarray], model, expected: np.ndarray):
        super().__init__(plain(inputs), model, expected)

    def _gradient(self, function: Callable) -> np.ndarray:
        from ....tensorflow_quiet import tf

        X = tf.constant(self.X, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(X)
            value = function(tf, self.model(X)[0])
        return tape.gradient(value, X).numpy().astype(np.float64)

    @cached_property
    def of_score(self) -> np.ndarray:
        return self._gradient(lambda tf, scores: scores[self.target_y])

    @cached_property
    def of_probability(self) -> np.ndarray:
        return self._gradient(lambda tf, scores: tf.nn.softmax(scores)[self.target_y])

    @cached_property
    def of_log_probability(self) -> np.ndarray:
        return self._gradient(lambda tf, scores: tf.nn.log_softmax(scores)[self.target_y])

    @cached_property
    def of_best_score(self) -> np.ndarray:
        return self._gradient(lambda tf, scores: tf.reduce_max(scores))

    @cached_property
    def of_all_scores(self) -> np.ndarray:
        return self._gradient(lambda tf, scores: tf.reduce_sum(scores))

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
        return self.learning_rate * gradient / max(np.linalg.norm(gradient), 1e-30)


def _instead(of: Callable[[Step], np.ndarray]) -> Callable[[Case], bool]:
    """Detects a step along the gradient of something else than the score, with any penalty."""
    return gives(
        lambda c: c.along(of(c) - c.of_penalty),
        lambda c: c.along(of(c) - c.of_penalty / 2),
        lambda c: c.along(of(c)),
    )


def _direction_alone(case: Case) -> bool:
    return case.up_to_scale and gives(lambda c: c.expected)(case)


UPDATE_STEP: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    Misconception(
        "image_of_another_shape",
        "The new image has not the shape of the old one. A step changes numbers and no axes; the "
        "batch of one image stays a batch of one image.",
        lambda case: case.shape != case.context.expected.shape,
    ),
    Misconception(
        "nothing_changes",
        "The image that comes back is the one that went in. Is the step added to it, and is the "
        "sum what you return?",
        gives(lambda c: np.zeros_like(c.expected)),
    ),
    Misconception(
        "returns_the_step",
        "You return how the image changes. What is wanted is the image after the change.",
        gives(lambda c: c.expected - c.X, lambda c: c.gradient - c.X, lambda c: -c.expected - c.X),
    ),
    Misconception(
        "goes_down",
        "You go downhill, as in training, where a loss is to become small. What is to become of "
        "the objective here?",
        gives(
            lambda c: -c.expected,
            lambda c: -c.along(c.of_score),
            lambda c: -c.along(c.of_score + c.of_penalty),
            lambda c: -c.learning_rate * c.gradient,
        ),
    ),
    Misconception(
        "sign_of_the_regularisation",
        "The regularisation has the wrong sign: your image is rewarded for large pixels. Which of "
        "the two terms of the objective should be large, and which small?",
        gives(
            lambda c: c.along(c.of_score + c.of_penalty),
            lambda c: c.along(c.of_score + c.of_penalty / 2),
            lambda c: c.learning_rate * (c.of_score + c.of_penalty),
        ),
    ),
    Misconception(
        "regularisation_left_out",
        "Your step raises the score alone, or nearly. The size of the image has to be part of "
        "what is differentiated, and it is a sum of squares: neither a mean nor a root.",
        # the norm itself, or the mean of the squares, counts for less than the tolerance
        gives(lambda c: c.along(c.of_score), lambda c: c.learning_rate * c.of_score),
    ),
    Misconception(
        "half_the_regularisation",
        "The regularisation pulls half as strongly as it should. What is the derivative of a "
        "square, and what exactly does the l2 loss of tf.nn compute?",
        gives(lambda c: c.along(c.of_score - c.of_penalty / 2)),
    ),
    Misconception(
        "regularisation_about_a_mean",
        "Your regularisation measures another image: with a mean taken off, or turned back into a "
        "photograph. Whose size is part of the objective?",
        gives(
            *(lambda c, k=k: c.along(c.of_score - c.of_other_penalties[k]) for k in range(5)),
            *(lambda c, k=k: c.along(c.of_score - c.of_other_penalties[k] / 2) for k in range(5)),
        ),
    ),
    Misconception(
        "penalty_not_differentiated",
        "You take the penalty itself off the gradient. A gradient is made of derivatives: what is "
        "that of the penalty?",
        gives(
            *(
                lambda c, of=of: c.along(c.of_score - c.l2_reg * of(c.X.astype(np.float64)))
                for of in (
                    lambda X: X**2,
                    lambda X: (X**2).sum(),
                    lambda X: (X - X.mean()) ** 2,
                    lambda X: ((X - X.mean()) ** 2).sum(),
                )
            )
        ),
    ),
    Misconception(
        "regularisation_by_itself",
        "The score and the regularisation are brought in one after the other, each with its own "
        "length. Make one objective of both, then one gradient, then one step.",
        gives(
            lambda c: c.along(c.of_score) - c.of_penalty,
            lambda c: c.along(c.of_score) - c.learning_rate * c.of_penalty,
            lambda c: c.along(c.of_score) - c.of_penalty / 2,
            lambda c: c.along(c.of_score) - c.learning_rate * c.of_penalty / 2,
            lambda c: c.along(c.of_score) - c.along(c.of_penalty),
            lambda c: c.along(c.along(c.of_score) / c.learning_rate - c.of_penalty),
        ),
    ),
    Misconception(
        "probability_instead_of_score",
        "You raise the probability or its logarithm, which can be done by lowering the other "
        "classes. The objective has the unnormalised score.",
        lambda case: any(
            _instead(of)(case)
            for of in (lambda c: c.of_probability, lambda c: c.of_log_probability)
        ),
    ),
    Misconception(
        "another_class",
        "The score that you raise is not that of the wanted class. Which entry of the scores do "
        "you take, and does it depend on what the network sees already?",
        lambda case: any(
            _instead(of)(case) for of in (lambda c: c.of_best_score, lambda c: c.of_all_scores)
        ),
    ),
    Misconception(
        "sign_of_the_gradient",
        "Every number of the image changes by the same amount: only the signs of the gradient "
        "are left. Its large entries should count for more than its small ones.",
        lambda case: (
            case.values is not None
            and bool(case.values.any())
            and np.ptp(np.abs(case.values)) < 0.01 * np.abs(case.values).max()
        ),
    ),
    Misconception(
        "not_normalised",
        "The direction is right and the length is not: it is the gradient's own. Divide by "
        "something first, so that the learning rate alone decides how far you go.",
        lambda case: (
            not case.up_to_scale
            and gives(lambda c: c.learning_rate * c.gradient, lambda c: c.gradient)(case)
        ),
    ),
    Misconception(
        "length_of_the_step",
        "The direction is right and the length is not. By which norm do you divide, over which "
        "axes, and is the learning rate in it once?",
        _direction_alone,
    ),
    Misconception(
        "normalised_by_parts",
        "Each pixel or each colour has been divided by a norm of its own. The gradient of the "
        "whole image has one length, one number.",
        gives(
            *(
                lambda c, axis=axis: (
                    c.learning_rate
                    * c.gradient
                    / np.maximum(np.linalg.norm(c.gradient, axis=axis, keepdims=True), 1e-30)
                )
                for axis in (1, 2, 3, (1, 2))
            )
        ),
    ),
)


class Picture(Context):
    """What was found with the last answer; every entry of the catalogue asks for it."""

    _last: tuple = (None, "")

    def problem(self, returned) -> str:
        if self._last[0] is not returned:
            self._last = returned, find_problem(returned, self.inputs)[0]
        return self._last[1]


def _is(name: str) -> Callable[[Case], bool]:
    return lambda case: case.context.problem(case.returned) == name


PICTURE: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    Misconception(
        "no_step_taken",
        "The picture comes back without a step. Does your loop run, and does it call the function "
        "that it was given for taking a step?",
        _is("never called"),
    ),
    Misconception(
        "image_of_another_shape",
        "What you return has not the shape of the image you were given: a batch of one image, "
        "its height, its width and three colours.",
        _is("shape"),
    ),
    Misconception(
        "number_of_iterations",
        "Count the turns of your loop. How many are asked for, and does it return too early?",
        _is("count"),
    ),
    Misconception(
        "starts_from_another_image",
        "You have been given an image to start from. Is it the one that the first step gets?",
        _is("start"),
    ),
    Misconception(
        "colours_shifted",
        "Jitter has moved red, green and blue into each other's places. Which axes of the image "
        "are its height and its width?",
        _is("colours"),
    ),
    Misconception(
        "step_thrown_away",
        "Each turn of your loop starts from the same image. What becomes of the result of the "
        "step, and from what does the next turn start?",
        _is("thrown away"),
    ),
    Misconception(
        "no_jitter",
        "Every step sees the image in the same place. Where does the random shift come in, and "
        "is its result what the step is given?",
        _is("no jitter"),
    ),
    Misconception(
        "same_jitter_for_every_step",
        "Your shift is drawn once and serves all steps, so the network always looks at the same "
        "place after all. When should chance be asked again?",
        _is("one jitter"),
    ),
    Misconception(
        "jitter_in_one_direction",
        "The image moves up and down only, or left and right only. Both its height and its width "
        "should be shifted.",
        _is("one direction"),
    ),
    Misconception(
        "jitter_not_undone",
        "After the step the image is not, or not wholly, where it was before. Whatever was "
        "shifted for the step has to be shifted back, by the same amounts.",
        _is("not undone"),
    ),
    Misconception(
        "jitter_undone_wrongly",
        "The shift back does not cancel the shift. Try it with one row of five numbers on paper: "
        "which sign, which amount and which axis bring them home?",
        _is("undone wrongly"),
    ),
    Misconception(
        "jitter_too_far",
        "Your shifts are larger than they are allowed to be. Who decides how far, you or the one "
        "who calls the function?",
        _is("too far"),
    ),
    Misconception(
        "another_generator",
        "Your shifts do not come from the random generator that you are given. Whoever passes one "
        "of a certain seed wants the same picture again, and of another seed another picture.",
        _is("generator"),
    ),
    Misconception(
        "range_of_pixels",
        "You clip, but to other numbers than black and white have here. What does preprocessing "
        "make of 0 and of 255, in each of the three colours?",
        _is("range"),
    ),
    Misconception(
        "not_clipped",
        "In your image are colours that no screen can show. After every step the pixels have to "
        "be brought back to what lies between black and white.",
        _is("not clipped"),
    ),
    Misconception(
        "never_blurred",
        "Your image is never blurred. Is the condition for it ever true, and is the blurred image "
        "what you go on with?",
        _is("no blur"),
    ),
    Misconception(
        "width_of_the_blur",
        "Your blur is wider than it should be. Which sigma does the task name, and which does the "
        "function take if you give none?",
        _is("blur width"),
    ),
    Misconception(
        "rhythm_of_the_blur",
        "Your blur comes too often or not often enough. Write down the iterations in which your "
        "condition is true.",
        _is("blur rhythm"),
    ),
)


class Variation(Context):
    """What mistakes about the total variation can be computed from."""

    @cached_property
    def differences(self) -> tuple[np.ndarray, np.ndarray]:
        """Down and across, float64 (N, H - 1, W, 3) and (N, H, W - 1, 3)."""
        X = self.X.astype(np.float64)
        return np.diff(X, axis=1), np.diff(X, axis=2)


def _returns(*values: Callable[[np.ndarray, np.ndarray, np.ndarray], float]):
    """Detects one of these numbers, of the differences down and across and of X."""

    def detect(case: Case) -> bool:
        if case.shape != case.context.expected.shape:
            return False
        answer = float(case.numbers[0].flat[0])
        return any(
            np.isclose(answer, float(value(*case.context.differences, case.context.X)), rtol=1e-3)
            for value in values
        )

    return detect


def _sum_of_squares(*arrays: np.ndarray) -> float:
    return sum(np.sum(array**2) for array in arrays)


def _right_number(case: Case) -> bool:
    return _returns(lambda down, across, X: _sum_of_squares(down, across))(case)


VARIATION: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    Misconception(
        "more_than_one_number",
        "You return several numbers. What is to be added to an objective is one number, a sum "
        "over all images, pixels and colours.",
        lambda case: case.shape != case.context.expected.shape,
    ),
    Misconception(
        "tape_cannot_follow",
        "The number is right, but the tape cannot follow how you got it, so there is no gradient. "
        "Which of your operations are not those of TensorFlow?",
        lambda case: _right_number(case) and not case.numbers[1].any(),
    ),
    Misconception(
        "not_squared",
        "You add up the sizes of the differences. The definition adds their squares, which makes "
        "one large jump dearer than many small ones.",
        _returns(
            lambda down, across, X: np.abs(down).sum() + np.abs(across).sum(),
            lambda down, across, X: down.sum() + across.sum(),
        ),
    ),
    Misconception(
        "square_of_the_sum",
        "The order matters: square each difference, then add. If you add first, ups and downs "
        "cancel before they count.",
        _returns(
            lambda down, across, X: down.sum() ** 2 + across.sum() ** 2,
            lambda down, across, X: (down.sum() + across.sum()) ** 2,
        ),
    ),
    Misconception(
        "square_root",
        "You take a root at the end. Such a definition exists too, but here the exponent is two "
        "and no root is taken.",
        _returns(
            lambda down, across, X: np.sqrt(_sum_of_squares(down, across)),
            lambda down, across, X: (
                np.sqrt(_sum_of_squares(down)) + np.sqrt(_sum_of_squares(across))
            ),
            lambda down, across, X: np.sqrt(down[:, :, :-1] ** 2 + across[:, :-1] ** 2).sum(),
        ),
    ),
    Misconception(
        "another_power",
        "The power is another one than two. There are definitions with other powers, for other "
        "purposes; how much should a jump that is twice as large count here?",
        _returns(
            # as in Keras's example of style transfer, and without its border
            lambda down, across, X: ((down[:, :, :-1] ** 2 + across[:, :-1] ** 2) ** 1.25).sum(),
            lambda down, across, X: ((down**2) ** 1.25).sum() + ((across**2) ** 1.25).sum(),
            lambda down, across, X: ((down[:, :, :-1] ** 2 + across[:, :-1] ** 2) ** 2).sum(),
            *(
                lambda down, across, X, power=power: (
                    (np.abs(down) ** power).sum() + (np.abs(across) ** power).sum()
                )
                for power in (1.25, 3, 4)
            ),
        ),
    ),
    Misconception(
        "mean_instead_of_sum",
        "You take a mean. The definition is a sum: nothing is divided by how many pixels, colours "
        "or images there are.",
        _returns(
            lambda down, across, X: np.mean(down**2) + np.mean(across**2),
            lambda down, across, X: _sum_of_squares(down, across) / X.size,
            lambda down, across, X: _sum_of_squares(down, across) / len(X),
            lambda down, across, X: _sum_of_squares(down, across) / 3,
            lambda down, across, X: _sum_of_squares(down, across) / X[0].size,
            lambda down, across, X: _sum_of_squares(down, across) / X[0, ..., 0].size,
            lambda down, across, X: _sum_of_squares(down, across) / X[..., 0].size,
            lambda down, across, X: _sum_of_squares(down / X[0].size, across / X[0].size),
            lambda down, across, X: (
                _sum_of_squares(down) / down[0].size + _sum_of_squares(across) / across[0].size
            ),
            lambda down, across, X: _sum_of_squares(down, across) / (down.size + across.size),
            lambda down, across, X: (np.mean(down**2) + np.mean(across**2)) / 2,
        ),
    ),
    Misconception(
        "half_or_twice",
        "Your number is half or twice what it should be. How often do you count each pair of "
        "neighbours, and what exactly does the l2 loss of tf.nn compute?",
        _returns(
            lambda down, across, X: _sum_of_squares(down, across) / 2,
            lambda down, across, X: _sum_of_squares(down, across) * 2,
        ),
    ),
    Misconception(
        "one_direction_only",
        "Only neighbours in one direction count in your number. A pixel has neighbours beside it "
        "and neighbours below it.",
        _returns(
            lambda down, across, X: _sum_of_squares(down),
            lambda down, across, X: _sum_of_squares(across),
            lambda down, across, X: 2 * _sum_of_squares(down),
            lambda down, across, X: 2 * _sum_of_squares(across),
        ),
    ),
    Misconception(
        "border_left_out",
        "Some pairs of neighbours at the border do not count in your number. In an image of H "
        "rows, how many rows have a row below them, and how long is each?",
        _returns(
            lambda down, across, X: _sum_of_squares(down[:, :, :-1], across[:, :-1]),
            lambda down, across, X: _sum_of_squares(down[:, :, 1:], across[:, 1:]),
            lambda down, across, X: _sum_of_squares(down[:, :-1], across[:, :, :-1]),
            lambda down, across, X: _sum_of_squares(down[:, 1:], across[:, :, 1:]),
        ),
    ),
    Misconception(
        "last_meets_first",
        "You compare the last row with the first and the last column with the first. Are they "
        "neighbours in a picture?",
        _returns(
            lambda down, across, X: _sum_of_squares(
                *(np.roll(X.astype(np.float64), 1, axis) - X for axis in (1, 2))
            ),
        ),
    ),
    Misconception(
        "one_image_only",
        "Only one of the images counts in your number. There may be several in X.",
        _returns(
            lambda down, across, X: _sum_of_squares(down[0], across[0]),
            lambda down, across, X: _sum_of_squares(down[-1], across[-1]),
        ),
    ),
    Misconception(
        "wrong_axes",
        "You take differences along an axis that counts images or colours. Which two axes of X "
        "are its height and its width?",
        _returns(
            *(
                lambda down, across, X, axes=axes: _sum_of_squares(
                    *(np.diff(X.astype(np.float64), axis=axis) for axis in axes)
                )
                for axes in ((0, 1), (0, 2), (1, 3), (2, 3), (1, 2, 3), (0, 1, 2), (0, 1, 2, 3))
            )
        ),
    ),
    Misconception(
        "pixels_two_apart",
        "You compare pixels that are two apart, with one between them. An image of thin stripes, "
        "black and white in turn, would count as perfectly smooth.",
        _returns(
            lambda down, across, X: _sum_of_squares(
                X[:, 2:] - X[:, :-2], X[:, :, 2:] - X[:, :, :-2]
            ),
            lambda down, across, X: (
                _sum_of_squares(X[:, 2:] - X[:, :-2], X[:, :, 2:] - X[:, :, :-2]) / 4
            ),
        ),
    ),
)
