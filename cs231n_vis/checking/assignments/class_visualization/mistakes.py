"""Assignment 3: the mistakes that are known, and their hints."""

from collections.abc import Callable, Iterable

import numpy as np
from scipy.special import expit

from ....image_utils import BLACK, SQUEEZENET_MEAN, SQUEEZENET_STD, WHITE
from ... import scores
from ...calls import smaller_view
from ...misconceptions import (
    WHAT_WAS_RETURNED,
    Array,
    Case,
    Catalogue,
    Context,
    Detector,
    Misconception,
    another_shape,
    gives,
    has_shape,
    kept,
    only_scaled,
    wrong_result,
)
from ...scores import Derivative
from ...verdict import relative_l2
from ..gradients import Gradients


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


class Robust(Gradients):
    """Scores of ``X``, (N, H, W, 3), for the classes ``y``, over views that ``smaller_view`` makes.

    An answer is flat: N scores, their gradient by X, and N scores of a second call.
    """

    seed: int
    num_views: int

    @kept
    def view(self, number: int, seed: int) -> np.ndarray:
        """The view that a generator of this seed makes after so many others, (N, H, W, 3)."""
        rng = np.random.default_rng(seed)
        for _ in range(number):
            rng.uniform(size=4)
        return smaller_view(self.X, rng).numpy()

    def views(self, count: int | None = None, seed: int | None = None) -> list[np.ndarray]:
        seed = self.seed if seed is None else seed
        return [self.view(n, seed) for n in range(self.num_views if count is None else count)]

    def of(self, X: np.ndarray) -> np.ndarray:
        """The scores that count, each image's own, (N,)."""
        return self.scores_at(X)[np.arange(len(X)), self.y]

    def of_views(self, count: int | None = None, seed: int | None = None) -> np.ndarray:
        """The scores of all views, (views, N)."""
        return np.stack([self.of(view) for view in self.views(count, seed)])

    @property
    def probabilities(self) -> np.ndarray:
        """Those of each image's class in all views, (views, N)."""
        rows = np.arange(len(self.y)), self.y
        return np.stack([scores.softmax(self.scores_at(view))[rows] for view in self.views()])

    @property
    def of_other_classes(self) -> list[np.ndarray]:
        """The best scores, sums and means of all, and those of one image's class for all images."""
        every = np.stack([self.scores_at(view) for view in self.views()])
        labels = every[:, :, self.y]
        of_one = [labels[:, :, n] for n in range(len(self.y))]
        return [every.max(2), every.sum(2), every.mean(2), labels.mean(2), *of_one]

    @property
    def piled_up(self) -> np.ndarray:
        """The scores of views of views, (views, N)."""
        rng, X, found = np.random.default_rng(self.seed), self.X, []
        for _ in range(self.num_views):
            X = smaller_view(X, rng).numpy()
            found.append(self.of(X))
        return np.stack(found)


def _scores(
    name: str, hint: str, *wrong: Callable[[Robust], Array | Iterable[Array]]
) -> Misconception[Robust]:
    """These scores, (N,) or one of the rows of (several, N)."""

    def detect(case: Case[Robust]) -> bool:
        scores = case.values[: len(case.context.y)]
        return any(
            np.allclose(scores, row, 1e-3, 1e-6)
            for recipe in wrong
            for each in case.context.made(recipe)
            for row in np.atleast_2d(each)
        )

    return Misconception(name, hint, detect)


def _right_scores(case: Case[Robust]) -> bool:
    count = len(case.context.y)
    return np.allclose(case.values[:count], case.context.expected[:count], 1e-3)


def _not_again(case: Case[Robust]) -> bool:
    count = len(case.context.y)
    return not np.allclose(case.values[:count], case.values[-count:], 1e-3)


ROBUST_SCORES = Catalogue(
    Robust,
    *WHAT_WAS_RETURNED,
    Misconception(
        "views_not_averaged",
        "You return a score for each view. How is one number for each image to be made of them?",
        has_shape(lambda c: ((c.num_views, len(c.y)), (len(c.y), c.num_views))),
    ),
    Misconception(
        "not_one_score_for_each_image",
        "What you return is not one score for each image. Which entry of its row of scores is an "
        "image's own, and over what is the mean taken?",
        another_shape,
    ),
    Misconception(
        "another_generator",
        "Your views do not come from the random generator that you are given. Whoever passes one "
        "of a certain seed wants the same views again.",
        _not_again,
    ),
    Misconception(
        "tape_cannot_follow",
        "The scores are right, but the tape cannot follow how you got them, so there is no "
        "gradient. Which of your operations are not those of TensorFlow?",
        lambda case: (
            _right_scores(case)
            and not case.values[len(case.context.y) : -len(case.context.y)].any()
        ),
    ),
    Misconception(
        "part_of_the_gradient",
        "The scores are right, but the tape follows only a part of them. Does each of the views "
        "that you average lead back to the images?",
        _right_scores,
    ),
    _scores(
        "no_views",
        "These are the scores of the images as they are. Where does the random view come in, and "
        "is it what the network is given?",
        lambda c: c.of(c.X),
    ),
    _scores(
        "one_view_only",
        "Only one view counts. Is another one drawn in every turn, and does each of them add to "
        "the mean?",
        lambda c: c.of_views(),
    ),
    _scores(
        "sum_instead_of_mean",
        "Your numbers grow with the number of views. A mean is wanted, which does not.",
        lambda c: c.of_views().sum(0),
    ),
    _scores(
        "divided_by_another_number",
        "The views are right and are added, and then they are divided by another number than that "
        "of the views. How many are there?",
        lambda c: [
            c.of_views().sum(0) / size for size in (len(c.y), c.num_views + 1, c.num_views - 1 or 2)
        ],
    ),
    _scores(
        "images_averaged",
        "You average the views and ask the network once. A mean of turned images is a blurred "
        "image. What is to be averaged, images or scores?",
        lambda c: c.of(np.mean(c.views(), axis=0)),
    ),
    _scores(
        "views_pile_up",
        "Each of your views is a view of the one before it, so the images wander off. What should "
        "every view be a view of?",
        lambda c: c.piled_up.mean(0),
        lambda c: c.piled_up,
    ),
    _scores(
        "best_or_worst_view",
        "One view decides alone, the best or the worst. What does the formula do with all of them?",
        lambda c: [c.of_views().max(0), c.of_views().min(0), np.median(c.of_views(), 0)],
    ),
    _scores(
        "the_original_counts",
        "The image as it is counts as a view, too. The mean is over random views alone.",
        lambda c: [
            (c.of(c.X) + c.of_views(count).sum(0)) / (count + 1)
            for count in (c.num_views, c.num_views - 1)
        ],
    ),
    _scores(
        "number_of_views",
        "Your mean is over another number of views than is asked for. Who decides how many, you or "
        "the one who calls the function?",
        lambda c: [c.of_views(n).mean(0) for n in (*range(1, 11), 16)],
    ),
    _scores(
        "views_of_another_seed",
        "Your views are made by a generator of your own, with a seed of its own. Which one are you "
        "given?",
        lambda c: [c.of_views(seed=seed).mean(0) for seed in (0, 1, 42, 231)],
    ),
    _scores(
        "goes_down",
        "Your scores have the wrong sign. In training a loss is to become small; what is to become "
        "of the score here?",
        lambda c: -c.of_views().mean(0),
    ),
    _scores(
        "probability_instead_of_score",
        "You take the probability or its logarithm, which also rises when other classes fall. The "
        "formula has the unnormalised score.",
        lambda c: [c.probabilities.mean(0), np.log(c.probabilities).mean(0)],
    ),
    _scores(
        "another_class",
        "The scores that you take are not those of the images' own classes. Which entry of the row "
        "does each image need?",
        lambda c: [each.mean(0) for each in c.of_other_classes],
    ),
)


class Waves(Context):
    """Images made of ``waves``, (2, N, 3, H, W // 2 + 1); all in float64.

    An answer is flat: the images, and their gradient by the waves.
    """

    waves: np.ndarray
    frequency: np.ndarray
    colour_mix: np.ndarray

    @property
    def amplitudes(self) -> np.ndarray:
        return self.waves[0] + 1j * self.waves[1].astype(np.float64)

    @property
    def count(self) -> int:
        """How many numbers the images have."""
        return int(np.prod(shape_of(self.waves)))

    def added_up(self, amplitudes: np.ndarray) -> np.ndarray:
        """The planes of weighted waves, as pixels, (N, H, W, 3)."""
        _, height, width, _ = shape_of(self.waves)
        planes = height * width * np.fft.irfft2(amplitudes, (height, width))
        return planes.transpose(0, 2, 3, 1)

    @property
    def planes(self) -> np.ndarray:
        """Those of a right answer, before the colours are mixed."""
        return self.added_up(self.amplitudes / self.frequency)

    @property
    def mixed(self) -> np.ndarray:
        return self.planes @ self.colour_mix.T

    def image(self, planes: np.ndarray, mix: np.ndarray | None = None) -> np.ndarray:
        return _preprocessed(expit(planes @ (self.colour_mix if mix is None else mix).T))


def shape_of(waves: np.ndarray) -> tuple[int, int, int, int]:
    """The shape of the images made of waves, (N, H, W, 3)."""
    _, count, _, height, half = waves.shape
    return count, height, 2 * (half - 1), 3


def _preprocessed(colours: np.ndarray) -> np.ndarray:
    centred = colours - SQUEEZENET_MEAN
    return centred / SQUEEZENET_STD


def _images(
    name: str, hint: str, *wrong: Callable[[Waves], Array | Iterable[Array]]
) -> Misconception[Waves]:
    """These images, any of them."""

    def detect(case: Case[Waves]) -> bool:
        images = case.values[: case.context.count]
        return any(
            relative_l2(images[None], each.ravel()[None])[0] < 0.01
            for recipe in wrong
            for each in case.context.made(recipe)
        )

    return Misconception(name, hint, detect)


WAVES = Catalogue(
    Waves,
    *WHAT_WAS_RETURNED,
    Misconception(
        "colours_first",
        "Your images have the colours before the height. The network takes the colours last.",
        has_shape(lambda c: [(shape_of(c.waves)[0], 3, *shape_of(c.waves)[1:3])]),
    ),
    Misconception(
        "image_of_another_shape",
        "What you return has not the shape of a batch of images. Follow the axes through your "
        "lines: how many images, colours, rows and columns are there after each?",
        another_shape,
    ),
    Misconception(
        "tape_cannot_follow",
        "The images are right, but the tape cannot follow how you got them, so there is no "
        "gradient. Which of your operations are not those of TensorFlow?",
        lambda case: (
            relative_l2(
                case.values[None, : case.context.count],
                case.context.expected[None, : case.context.count],
            )[0]
            < 0.01
            and not case.values[case.context.count :].all()
        ),
    ),
    _images(
        "waves_of_equal_strength",
        "Fine waves are as strong as coarse ones in your image. By what is each wave weighted in "
        "the formula?",
        lambda c: c.image(c.added_up(c.amplitudes)),
    ),
    _images(
        "fine_waves_too_strong",
        "You multiply where you should divide: the finer a wave, the stronger it gets. Which "
        "waves are strong in photographs?",
        lambda c: c.image(c.added_up(c.amplitudes * c.frequency)),
    ),
    _images(
        "another_power_of_the_frequency",
        "The weight of a wave is another power of its frequency than in the formula. How much "
        "weaker is a wave that is twice as fine?",
        lambda c: [
            c.image(c.added_up(c.amplitudes / c.frequency**power)) for power in (0.5, 1.5, 2)
        ],
    ),
    _images(
        "sum_of_the_waves",
        "Your planes are the right ones times a number. What does the inverse transform of "
        "TensorFlow divide the sum by, and have you taken that back in full?",
        lambda c: [
            c.image(c.planes * factor)
            for height, width in [shape_of(c.waves)[1:3]]
            for factor in (
                1 / (height * width),
                1 / np.sqrt(height * width),
                1 / height,
                1 / width,
                height * width,
                2,
                0.5,
                c.frequency.size / (height * width),
            )
        ],
    ),
    _images(
        "real_and_imaginary_parts",
        "The two parts of the amplitudes are confused, or one is lost. Which of them is the real "
        "part, and does the other one count, with its sign?",
        lambda c: [
            c.image(c.added_up(each / c.frequency))
            for a, b in [c.waves.astype(np.float64)]
            for each in (
                a,
                b,
                b + 1j * a,
                a - 1j * b,
                np.abs(a + 1j * b),
                a * np.exp(1j * b),
                a + b,
            )
        ],
    ),
    _images(
        "colours_left_as_they_are",
        "The colours are not mixed in your image: red, green and blue rise and fall each for "
        "itself.",
        lambda c: c.image(c.planes, np.eye(3)),
    ),
    _images(
        "mix_the_wrong_way_round",
        "The mix of colours is applied the wrong way round. In a matrix times a column, is it a "
        "row or a column of the matrix that makes the new red?",
        lambda c: c.image(c.planes, c.colour_mix.T),
        lambda c: c.image(c.planes, np.linalg.inv(c.colour_mix)),
    ),
    _images(
        "mixed_too_late",
        "You squeeze first and mix then, so the colours can leave the range from black to white. "
        "In which order do the steps come?",
        lambda c: [_preprocessed(expit(c.planes) @ mix) for mix in (c.colour_mix.T, c.colour_mix)],
        lambda c: [_preprocessed(expit(c.planes)) @ mix for mix in (c.colour_mix.T, c.colour_mix)],
    ),
    _images(
        "another_range",
        "Your colours are brought between black and white in another way, or not at all. Which "
        "function squeezes any number between 0 and 1?",
        lambda c: [
            _preprocessed(each)
            for each in (
                c.mixed,
                np.clip(c.mixed, 0, 1),
                np.clip(c.mixed + 0.5, 0, 1),
                np.tanh(c.mixed),
                (1 + np.tanh(c.mixed)) / 2,
                1 - expit(c.mixed),
            )
        ],
        lambda c: c.mixed,
        lambda c: np.clip(c.mixed, BLACK, WHITE),
    ),
    _images(
        "preprocessing",
        "Your images are not what the network takes, or not quite. What does preprocessing do with "
        "colours from 0 to 1, and in which order?",
        lambda c: [
            expit(c.mixed),
            255 * expit(c.mixed),
            expit(c.mixed) - SQUEEZENET_MEAN,
            expit(c.mixed) / SQUEEZENET_STD,
            expit(c.mixed) / SQUEEZENET_STD - SQUEEZENET_MEAN,
            expit(c.mixed) * SQUEEZENET_STD + SQUEEZENET_MEAN,
            _preprocessed(255 * expit(c.mixed)),
            _preprocessed(expit(c.mixed) / 255),
            2 * expit(c.mixed) - 1,
        ],
    ),
    _images(
        "image_scrambled",
        "The numbers of your image are all there, and in other places. To reshape keeps the order "
        "of the numbers; what is needed changes the order of the axes.",
        lambda c: [
            c.image(c.planes.transpose(0, 3, 1, 2).reshape(c.planes.shape)),
            _preprocessed(expit(c.mixed.transpose(0, 3, 1, 2).reshape(c.mixed.shape))),
            c.image(np.fft.fftshift(c.planes, (1, 2))),
        ],
    ),
)
