"""Assignment 1: the mistakes that are known, and their hints.

The entries on gradients are clear-cut. For the wrong answers in tests/submissions, on the saved
maps' five images, the error against the entry that names them is at most 2e-4, and against any
other at least 0.1; the judge's tolerance lies between. Where two mistakes give the same numbers the
name says so.
"""

from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np

from ....image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ... import scores
from ...calls import Losses, value_and_gradient, weighted_losses
from ...misconceptions import (
    OF_A_BATCH,
    Case,
    Catalogue,
    Detector,
    Misconception,
    another_shape,
    gives,
    wrong_result,
)
from ...scores import Derivative
from ...verdict import TOLERANCE, relative_l2
from ..gradients import SOFTMAX_OVER_THE_IMAGES, Gradients

# How a detector is made

#: The right way from a gradient (..., 3) to a map, and the usual wrong ones. To a gradient of the
#: other sign they give the same maps, in another order.
WAYS_TO_A_MAP: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    lambda gradient: np.abs(gradient).max(-1),
    lambda gradient: gradient.max(-1),
    lambda gradient: -gradient.min(-1),
    lambda gradient: np.abs(gradient).sum(-1),
    lambda gradient: np.abs(gradient).mean(-1),
    lambda gradient: np.linalg.norm(gradient, axis=-1),
)


def differentiates(
    *derivatives: Derivative,
    at: Callable[[Gradients], Iterable[np.ndarray]] = lambda c: (c.X,),
) -> Detector[Gradients]:
    """Detects an answer that took the gradient of another function of the scores.

    ``at`` are the images (N, H, W, 3) where the gradient is taken, several if need be. The gradient
    may have become a map in any of the usual ways: what was differentiated is the greater mistake.
    Most answers are told apart by their first map, so gradients are taken of one image at a time.
    """

    def detect(case: Case[Gradients]) -> bool:
        c = case.context

        def is_gradient(derivative: Derivative, X: np.ndarray, to_map: Callable) -> bool:
            weights = derivative(c.scores, c.y)
            return case.all_like(lambda n: to_map(c.gradient_of_one(n, weights, X)))

        return any(
            is_gradient(derivative, X, to_map)
            for derivative in derivatives
            for X in at(c)
            for to_map in WAYS_TO_A_MAP
        )

    return detect


def _channels_kept(case: Case[Gradients]) -> bool:
    N, H, W, C = case.context.X.shape
    return case.shape in ((N, H, W, C), (N, H, W, 1), (N, C, H, W), (N, 1, H, W))


def _other_axes(case: Case[Gradients]) -> bool:
    """An axis other than the channels was reduced, or several."""
    N, H, W, C = case.context.X.shape
    return case.shape in (
        *((H, W, C), (N, W, C), (N, H, C), (1, H, W, C), (N, 1, W, C), (N, H, 1, C)),
        *((N, C), (N, H), (N, W), (N,), (H,), (W,), (C,), ()),
    )


def _transposed(case: Case[Gradients]) -> bool:
    """The right maps with their axes in another order."""
    orders = ((0, 2, 1), (1, 2, 0), (2, 1, 0), (1, 0, 2), (2, 0, 1))
    return any(
        case.shape == maps.shape and relative_l2(case.numbers[None], maps[None])[0] < TOLERANCE
        for maps in map(case.context.expected.transpose, orders)
    )


def _flipped(c: Gradients) -> Iterable[np.ndarray]:
    maps = c.expected
    yield from (maps[:, ::-1], maps[:, :, ::-1], maps[:, ::-1, ::-1])
    if maps.shape[1] == maps.shape[2]:
        yield from (np.rot90(maps, turn, (1, 2)) for turn in (1, -1))


def _the_same_for_every_image(case: Case[Gradients]) -> bool:
    """Nothing of the images is in it: constants, one map for different images, or white noise."""
    maps = case.values
    if not np.ptp(maps, axis=(1, 2)).any():
        return True
    if len(maps) > 1 and np.ptp(case.context.X, axis=0).any() and not np.ptp(maps, axis=0).any():
        return True
    # noise drawn for each pixel alone is like neither its neighbour nor the right map: then these
    # correlations have a standard deviation of one over the root of the number of pixels
    limit = 5 / np.sqrt(maps[0].size)
    return all(
        abs(_correlation(a, b)) < limit
        for each, right in zip(maps, case.context.expected, strict=True)
        for a, b in ((each[:, 1:], each[:, :-1]), (each[1:], each[:-1]), (each, right))
    )


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a**2).sum() * (b**2).sum())
    return float((a * b).sum() / size) if size else 0.0


def _labels_mixed_up(case: Case[Gradients]) -> bool:
    """Every image has the map of some label in the batch."""
    c = case.context
    weights = [scores.right_class(c.scores, label) for label in np.unique(c.y)]
    return all(
        any(case.is_like(n, np.abs(c.gradient_of_one(n, w, c.X)).max(-1)) for w in weights)
        for n in range(len(case.values))
    )


def _edges(c: Gradients) -> Iterable[np.ndarray]:
    down, across = np.gradient(c.X.mean(-1), axis=(1, 2))
    return np.hypot(down, across), np.abs(down) + np.abs(across)


def _sums_of_colours(case: Case[Gradients]) -> bool:
    """The maps are sums of the image's own numbers."""

    def parts(n: int) -> np.ndarray:
        image = case.context.X[n].astype(np.float64)
        size = np.abs(image)
        brightest = [image.max(-1), size.max(-1), np.ones(image.shape[:2])]
        return np.stack([*np.moveaxis(image, -1, 0), *np.moveaxis(size, -1, 0), *brightest], -1)

    return not case.up_to_scale and _fits(case.values, parts)


def _smoothed(case: Case[Gradients]) -> bool:
    """Each number is the same weighted sum of the right map around it."""
    reach, step = 7, 3
    size = 2 * reach + 1
    if case.up_to_scale or min(case.values.shape[1:]) < 4 * size:
        return False

    def parts(n: int) -> np.ndarray:
        around = np.lib.stride_tricks.sliding_window_view(case.context.expected[n], (size, size))
        around = around[::step, ::step]
        return around.reshape(*around.shape[:2], -1)

    return _fits(case.values[:, reach:-reach:step, reach:-reach:step], parts)


def _fits(maps: np.ndarray, parts: Callable[[int], np.ndarray]) -> bool:
    """Whether each map n, (H, W), is a weighted sum of its parts, (H, W, P)."""
    for n, each in enumerate(maps):
        each, columns = each.ravel(), parts(n).astype(np.float64).reshape(each.size, -1)
        # the normal equations: an error of 1e-6 does no harm here, and they are ten times faster
        weights = np.linalg.lstsq(columns.T @ columns, columns.T @ each, rcond=None)[0]
        rest = np.linalg.norm(columns @ weights - each)
        if not rest < TOLERANCE * np.linalg.norm(each - each.mean()):
            return False
    return True


def _in_order_of_the_right_maps(case: Case[Gradients], sign: int = 1) -> bool:
    """Where the right map rises, this one does (sign 1), or falls (sign -1), or stays."""
    from scipy.optimize import isotonic_regression

    if case.up_to_scale:
        return False
    for each, right in zip(sign * case.values, case.context.expected, strict=True):
        each = each.ravel()[np.argsort(right, axis=None)]
        rest = np.linalg.norm(isotonic_regression(each).x - each)
        if not rest < TOLERANCE * np.linalg.norm(each - each.mean()):
            return False
    return True


# Mistakes that can be made in both answers

CHANNELS_KEPT = Misconception(
    "channels_kept",
    "Each pixel still has an axis of its own for colours. A saliency map has one number for "
    "each pixel, so that axis has to go.",
    _channels_kept,
)
WRONG_AXIS = Misconception(
    "wrong_axis",
    "You have reduced over an axis that should stay. Write down what each axis of the gradient "
    "stands for; which of them does a map not have?",
    _other_axes,
)
COLOURS: tuple[Misconception[Gradients], ...] = (
    wrong_result(
        "no_absolute_value",
        "The sign is still in your maps. Making a pixel darker can matter as much as making it "
        "brighter, and a map says only how much.",
        lambda c: c.gradient.max(-1),
        lambda c: -c.gradient.min(-1),
        lambda c: c.gradient.min(-1),
        lambda c: c.gradient.sum(-1),
        lambda c: c.gradient.mean(-1),
        lambda c: np.maximum(c.gradient, 0).max(-1),
        lambda c: np.maximum(c.gradient, 0).sum(-1),
    ),
    wrong_result(
        "absolute_value_after_maximum",
        "The steps are right and their order is not. Take a pixel with the gradient (-5, 1, 2): "
        "what should its number be, and what does yours give?",
        lambda c: np.abs(c.gradient.max(-1)),
        lambda c: np.abs(c.gradient.sum(-1)),
        lambda c: np.abs(c.gradient.mean(-1)),
        lambda c: np.abs(c.gradient.min(-1)),
    ),
    wrong_result(
        "sum_over_channels",
        "Your maps add the three colours up. Look at the definition again: which of the three "
        "does it keep?",
        lambda c: c.magnitude.sum(-1),
    ),
    wrong_result(
        "mean_over_channels",
        "Your maps are the average of the three colours. Look at the definition again: a pixel is "
        "as important as which of its colours?",
        lambda c: c.magnitude.mean(-1),
    ),
)
SQUARED: Misconception[Gradients] = wrong_result(
    "squared",
    "Your maps are squares of the right numbers. Squaring also removes the sign, but it makes "
    "large values too large; undo it, or remove the sign otherwise.",
    lambda c: (c.expected**2, (c.gradient**2).sum(-1)),
)
NORMALISED = Misconception(
    "normalised",
    "The order of the pixels is right and the numbers are not: something rescales or cuts "
    "them afterwards. Return the numbers themselves; plots can scale for display.",
    _in_order_of_the_right_maps,
)


#: The catalogue for ``compute_saliency_maps``, in the order in which it is tried.
SALIENCY = Catalogue(
    Gradients,
    *OF_A_BATCH,
    # its shape
    Misconception(
        "transposed",
        "Rows and columns, or images and pixels, have changed places. Follow the order of the axes "
        "from the images to your maps.",
        _transposed,
    ),
    CHANNELS_KEPT,
    WRONG_AXIS,
    Misconception(
        "not_one_map_each",
        "Along the first axis there is not one map for each image. Does your code store a map for "
        "the first and the last of them, and is an axis missing or one too many?",
        lambda case: another_shape(case) and case.shape[-2:] == case.context.shape[1:],
    ),
    Misconception(
        "resized",
        "Your maps are not as high and wide as the images. The gradient has one entry for each "
        "number of the image, so nothing needs to be cut or resized.",
        lambda case: (
            another_shape(case)
            and len(case.shape) == 3
            and len(case.numbers) == len(case.context.X)
        ),
    ),
    wrong_result(
        "flipped",
        "Your maps are the right ones, turned or mirrored. The gradient already lies as the image "
        "does.",
        _flipped,
    ),
    wrong_result(
        "averaged_over_batch",
        "Your maps become fainter the more images there are, or are one average for all. Each "
        "image should have the map that it would have alone.",
        lambda c: (c.expected / len(c.X), np.broadcast_to(c.expected.mean(0), c.shape)),
    ),
    wrong_result(
        "one_image_for_all",
        "All your maps are those of one image. Check which image each turn of your code looks at.",
        lambda c: (np.broadcast_to(each, c.shape) for each in c.expected if len(c.X) > 1),
    ),
    Misconception(
        "ignores_the_image",
        "Your maps do not depend on the images: they are constant, all the same, or noise. Does "
        "the gradient reach what you return?",
        _the_same_for_every_image,
    ),
    # what was differentiated
    Misconception(
        "predicted_class",
        "You explain the class that the network likes best. You are given a label for each image, "
        "and the network does not always agree with it.",
        differentiates(scores.best_class),
    ),
    Misconception(
        "softmax",
        "These look like gradients of a probability. A probability also rises when other classes "
        "fall; which number says how strongly the network sees this class alone?",
        differentiates(scores.probability),
    ),
    Misconception(
        "log_softmax_or_cross_entropy",
        "These look like gradients of the training loss, the logarithm of a probability. The loss "
        "compares all classes; a saliency map asks about the score of one.",
        differentiates(
            scores.log_probability,
            scores.keras_sparse,
            scores.keras_dense,
            lambda scores_of, y: scores.log_probability(scores_of, y) / len(y),
        ),
    ),
    Misconception(
        "softmax_over_the_images",
        SOFTMAX_OVER_THE_IMAGES,
        differentiates(scores.over_the_images, scores.over_the_batch_axis),
    ),
    Misconception(
        "all_classes_summed",
        "The labels make no difference to your maps: they are gradients of all the scores "
        "together. Which of an image's scores is the question about?",
        differentiates(scores.every_class),
    ),
    Misconception(
        "every_label_for_every_image",
        "Each image is explained for the labels of the whole batch. Look at the shape of the "
        "scores you selected: how many numbers should there be for each image?",
        differentiates(scores.every_label, scores.every_label_and_number),
    ),
    Misconception(
        "label_off_by_one",
        "You explain the class next to the right one. Classes are counted from 0, in the labels "
        "and in the scores alike.",
        differentiates(
            lambda scores_of, y: scores.right_class(scores_of, (y + 1) % scores_of.shape[1]),
            lambda scores_of, y: scores.right_class(scores_of, y - 1),
        ),
    ),
    Misconception(
        "labels_mixed_up",
        "Some images are explained for the label of another image. Check that image number n and "
        "label number n stay together.",
        _labels_mixed_up,
    ),
    # how the colours became one number
    *COLOURS,
    wrong_result(
        "l2_norm_over_channels",
        "Your maps are the length of the gradient at each pixel. That is a sensible choice, but "
        "the definition here keeps a single one of the colours.",
        lambda c: np.linalg.norm(c.gradient, axis=-1),
    ),
    wrong_result(
        "minimum_or_median_over_channels",
        "Each pixel got one of its colours, but not the one that matters most to the score.",
        lambda c: (c.magnitude.min(-1), np.median(c.magnitude, axis=-1)),
    ),
    wrong_result(
        "one_channel",
        "Your maps look at one colour only and would miss a pixel whose other colours matter.",
        lambda c: (g[..., k] for g in (c.magnitude, c.gradient) for k in range(3)),
    ),
    wrong_result(
        "sign_only",
        "Only the direction of the gradient is left in your maps. How large it is, is what makes "
        "one pixel brighter than another.",
        lambda c: (np.sign(c.gradient).max(-1), np.sign(c.gradient).sum(-1)),
    ),
    # what was done besides
    wrong_result(
        "gradient_times_input",
        "Your maps mix the gradient with the image itself. That is another method; a saliency map "
        "is made of the gradient alone.",
        lambda c: (to_map(c.gradient * c.X) for to_map in WAYS_TO_A_MAP),
    ),
    SQUARED,
    NORMALISED,
    Misconception(
        "inverted",
        "Your maps are dark where they should be bright. Where is the score most sensitive?",
        lambda case: _in_order_of_the_right_maps(case, -1),
    ),
    Misconception(
        "preprocessed_again",
        "These are maps of other images than yours: scaled again, or with red and blue exchanged. "
        "X comes ready for the network.",
        differentiates(
            scores.right_class,
            at=lambda c: (
                c.X[..., ::-1],
                c.X * 255,
                c.X / 255,
                (c.X / 255 - SQUEEZENET_MEAN) / SQUEEZENET_STD,
                c.X * SQUEEZENET_STD + SQUEEZENET_MEAN,
            ),
        ),
    ),
    Misconception(
        "without_the_network",
        "Your maps can be made from the images alone. What has the network to say, and where in "
        "your function is it asked?",
        _sums_of_colours,
        gives(_edges),
    ),
    Misconception(
        "smoothed",
        "Your maps are the right ones, blurred. They look better so, but they are not the "
        "gradient any more.",
        _smoothed,
    ),
)


class Weighted(Gradients):
    """The gradient of a weighted sum of losses: the scores of ``classes``, and one besides."""

    classes: np.ndarray
    weights: np.ndarray

    @cached_property
    def losses(self) -> Losses:
        return weighted_losses(self.classes, self.weights)

    @cached_property
    def factors(self) -> np.ndarray:
        """The weights of all losses, (L,)."""
        return np.array([weight for _, weight in self.losses])

    @cached_property
    def gradients(self) -> np.ndarray:
        """The gradient of each loss alone, (L, N, H, W, 3)."""
        from ....tensorflow_quiet import tf

        def gradient(loss: Callable) -> np.ndarray:
            return value_and_gradient(lambda X: tf.reduce_sum(loss(self.model(X))), self.X)[1]

        return np.stack([gradient(loss) for loss, _ in self.losses])

    def total(self, factors: np.ndarray) -> np.ndarray:
        """The gradient of the sum with these weights, (N, H, W, 3)."""
        return np.tensordot(factors, self.gradients, 1)

    @property
    def gradient(self) -> np.ndarray:
        return self.total(self.factors)

    def map(self, factors: np.ndarray) -> np.ndarray:
        return np.abs(self.total(factors)).max(-1)

    @property
    def maps(self) -> np.ndarray:
        """The map of each loss alone, (L, N, H, W)."""
        return np.abs(self.gradients).max(-1)

    def one(self, place: int) -> np.ndarray:
        """The weight at one place, and zeros, (L,)."""
        return np.where(np.arange(len(self.factors)) == place, self.factors, 0)


#: The catalogue for ``compute_weighted_saliency_maps``.
WEIGHTED = Catalogue(
    Weighted,
    *OF_A_BATCH,
    CHANNELS_KEPT,
    Misconception(
        "one_map_for_each_loss",
        "You return a map for each loss. The losses become one number before anything is "
        "differentiated, so each image has one map.",
        lambda case: len(case.shape) > 3,
    ),
    WRONG_AXIS,
    wrong_result(
        "weights_left_out",
        "All losses count the same in your maps. Where do the weights come in?",
        lambda c: c.map(np.ones_like(c.factors)),
    ),
    wrong_result(
        "maps_added_instead_of_losses",
        "You make a map for each loss and add the maps. Take two losses that want the same pixel "
        "changed in opposite directions: what should be left of it, and what is left in yours?",
        lambda c: np.tensordot(c.factors, c.maps, 1),
        lambda c: np.tensordot(np.abs(c.factors), c.maps, 1),
        lambda c: np.abs(np.tensordot(c.factors, c.maps, 1)),
        lambda c: c.maps.sum(0),
        lambda c: c.maps.max(0),
        lambda c: (np.abs(c.factors)[:, None, None, None] * c.maps).max(0),
    ),
    wrong_result(
        "sign_of_the_weights",
        "A loss with a negative weight counts as if its weight were positive, or not at all.",
        lambda c: (c.map(np.abs(c.factors)), c.map(np.maximum(c.factors, 0))),
    ),
    wrong_result(
        "one_loss_only",
        "Only one of the losses is in your maps. Does each turn of your loop add to what is "
        "there, or does it replace it? And does it come to its end?",
        lambda c: (c.map(c.one(0)), c.map(c.one(len(c.losses) - 1)), c.maps[0], c.maps[-1]),
    ),
    wrong_result(
        "a_loss_left_out",
        "One of the losses is missing. Count the turns of your loop.",
        lambda c: (c.map(c.factors - c.one(k)) for k in (0, len(c.losses) - 1)),
    ),
    wrong_result(
        "weights_in_the_wrong_place",
        "Each loss has a weight, but not its own: the pairs have been taken apart and put "
        "together in another order, or the weights were squared.",
        lambda c: c.map(c.factors[::-1]),
        lambda c: c.map(np.roll(c.factors, 1)),
        lambda c: c.map(np.roll(c.factors, -1)),
        lambda c: c.map(c.factors**2),
    ),
    *COLOURS,
    SQUARED,
    wrong_result(
        "weights_made_to_sum_to_one",
        "Your maps are the right ones, divided by a number. The weights are used as they are: not "
        "divided by their sum, nor by how many there are, nor by the number of images.",
        lambda c: (
            c.expected / size / images
            for size in (abs(c.factors.sum()), np.abs(c.factors).sum(), len(c.factors), 1)
            for images in (1, len(c.X))
            if (size, images) != (1, 1)
        ),
    ),
    NORMALISED,
)
