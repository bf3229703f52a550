"""Assignment 1: the mistakes that are known, and their hints.

The entries on gradients are clear-cut. For the wrong answers in tests/submissions, on
the saved maps' five images, the error against the entry that names them is at most 2e-4, and
against any other at least 0.1; the judge's tolerance lies between. Where two mistakes give the same
numbers the name says so.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from ....image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ...misconceptions import (
    AXIS_OF_ONE_LOST,
    SOME_LEFT_EMPTY,
    WHAT_WAS_RETURNED,
    Case,
    Context,
    Misconception,
    any_of,
    gives,
)
from ...scores import (
    keras_dense,
    keras_sparse,
    over_the_batch_axis,
    over_the_images,
)
from ...verdict import TOLERANCE, relative_l2
from ..gradients import SOFTMAX_OVER_THE_IMAGES, Gradients

# How a detector is made


def differentiates(
    *weights: Callable[[Gradients], np.ndarray],
    at: Callable[[Gradients], np.ndarray] = lambda c: c.X,
    times: Callable[[Gradients], np.ndarray] = lambda c: np.ones_like(c.y),
) -> Callable[[Case], bool]:
    """Detects an answer that took the gradient of another function of the scores.

    The weights are that function's derivatives by the scores, (N, classes); ``at`` are the images
    (N, H, W, 3) where the gradient is taken, and it is multiplied by ``times``. The gradient may
    have become a map in any of the usual ways: what was differentiated is the greater mistake.
    """

    def detect(case: Case) -> bool:
        c = case.context
        return case.values is not None and any(
            case.all_like(lambda n: to_map(c.gradient_at(n, each, at) * times(c)[n]))  # noqa: B023
            for each in weights
            for to_map in WAYS_TO_A_MAP
        )

    return detect


#: The right way from a gradient (H, W, 3) to a map (H, W), and the usual wrong ones.
WAYS_TO_A_MAP = (
    lambda gradient: np.abs(gradient).max(-1),
    lambda gradient: gradient.max(-1),
    lambda gradient: -gradient.min(-1),
    lambda gradient: np.abs(gradient).sum(-1),
    lambda gradient: np.abs(gradient).mean(-1),
    lambda gradient: np.linalg.norm(gradient, axis=-1),
)


def _channels_kept(case: Case) -> bool:
    N, H, W, C = case.context.X.shape
    return case.shape in ((N, H, W, C), (N, H, W, 1), (N, C, H, W), (N, 1, H, W))


def _other_axes(case: Case) -> bool:
    """An axis other than the channels was reduced, or several."""
    N, H, W, C = case.context.X.shape
    return case.shape in (
        *((H, W, C), (N, W, C), (N, H, C), (1, H, W, C), (N, 1, W, C), (N, H, 1, C)),
        *((N, C), (N, H), (N, W), (N,), (H,), (W,), (C,), ()),
    )


def _not_one_map_each(case: Case) -> bool:
    N, H, W, _ = case.context.X.shape
    shape = case.shape
    return shape is not None and shape[-2:] == (H, W) and shape != (N, H, W)


def _another_size(case: Case) -> bool:
    return (
        case.shape is not None
        and len(case.shape) == 3
        and case.shape[0] == len(case.context.X)
        and case.shape != case.context.expected.shape
    )


def _transposed(case: Case) -> bool:
    """The right maps with their axes in another order."""
    if case.numbers is None:
        return False
    for order in ((0, 2, 1), (1, 2, 0), (2, 1, 0), (1, 0, 2), (2, 0, 1)):
        maps = case.context.expected.transpose(order)
        if case.shape == maps.shape and relative_l2(case.numbers[None], maps[None])[0] < TOLERANCE:
            return True
    return False


def _flipped(case: Case) -> bool:
    expected = case.context.expected
    H, W = expected.shape[1:]
    flips = [np.flipud, np.fliplr, lambda map: map[::-1, ::-1]]
    if H == W:
        flips += [np.rot90, lambda map: np.rot90(map, -1)]
    return any(case.all_like(lambda n: flip(expected[n])) for flip in flips)  # noqa: B023


def _the_same_for_every_image(case: Case) -> bool:
    """Nothing of the images is in it: constants, one map for different images, or white noise."""
    if case.values is None:
        return False
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


def _labels_mixed_up(case: Case) -> bool:
    """Every image has the map of some label in the batch."""
    labels = np.unique(case.context.y)
    return case.values is not None and all(
        any(case.is_like(n, case.context.map_for(n, label)) for label in labels)
        for n in range(len(case.values))
    )


def _one_image_for_all(case: Case) -> bool:
    expected = case.context.expected
    return len(expected) > 1 and any(case.all_like(lambda n: each) for each in expected)  # noqa: B023


def _without_the_network(case: Case) -> bool:
    """The maps are sums of the image's own numbers, or the edges of the image."""
    if case.values is None:
        return False

    def parts(n):
        image = case.context.X[n].astype(np.float64)
        size = np.abs(image)
        brightest = [image.max(-1), size.max(-1), np.ones(image.shape[:2])]
        return np.stack([*np.moveaxis(image, -1, 0), *np.moveaxis(size, -1, 0), *brightest], -1)

    if not case.up_to_scale and _fits(case.values, parts):
        return True
    down, across = np.gradient(case.context.X.mean(-1), axis=(1, 2))
    edges = np.hypot(down, across), np.abs(down) + np.abs(across)
    return any(case.all_like(each.__getitem__) for each in edges)


def _smoothed(case: Case) -> bool:
    """Each number is the same weighted sum of the right map around it."""
    reach, step = 7, 3
    size = 2 * reach + 1
    if case.values is None or case.up_to_scale or min(case.values.shape[1:]) < 4 * size:
        return False

    def parts(n):
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


def _in_order_of_the_right_maps(case: Case, sign: int = 1) -> bool:
    """Where the right map rises, this one does (sign 1), or falls (sign -1), or stays."""
    from scipy.optimize import isotonic_regression

    if case.values is None or case.up_to_scale:
        return False
    for each, right in zip(sign * case.values, case.context.expected, strict=True):
        each = each.ravel()[np.argsort(right, axis=None)]
        rest = np.linalg.norm(isotonic_regression(each).x - each)
        if not rest < TOLERANCE * np.linalg.norm(each - each.mean()):
            return False
    return True


def _log_softmax(c: Gradients) -> np.ndarray:
    """Softmax is the exponential of this, so its gradient is this one's times the probability."""
    return c.right - c.probabilities


def _by(derivative: Callable) -> Callable[[Gradients], np.ndarray]:
    """A derivative of ``scores.py`` as weights, of the sign with which the score rises."""
    return lambda c: -derivative(c.scores, c.y)


def _right(c: Gradients) -> np.ndarray:
    return c.right


# Hints of mistakes that can be made in both answers
CHANNELS_KEPT = (
    "Each pixel still has an axis of its own for colours. A saliency map has one number for "
    "each pixel, so that axis has to go."
)
WRONG_AXIS = (
    "You have reduced over an axis that should stay. Write down what each axis of the gradient "
    "stands for; which of them does a map not have?"
)
NO_ABSOLUTE_VALUE = (
    "The sign is still in your maps. Making a pixel darker can matter as much as making it "
    "brighter, and a map says only how much."
)
ABSOLUTE_AFTER = (
    "The steps are right and their order is not. Take a pixel with the gradient (-5, 1, 2): "
    "what should its number be, and what does yours give?"
)
SUM_OVER_CHANNELS = (
    "Your maps add the three colours up. Look at the definition again: which of the three "
    "does it keep?"
)
MEAN_OVER_CHANNELS = (
    "Your maps are the average of the three colours. Look at the definition again: a pixel is "
    "as important as which of its colours?"
)
SQUARED = (
    "Your maps are squares of the right numbers. Squaring also removes the sign, but it makes "
    "large values too large; undo it, or remove the sign otherwise."
)

NORMALISED = (
    "The order of the pixels is right and the numbers are not: something rescales or cuts "
    "them afterwards. Return the numbers themselves; plots can scale for display."
)
#: The catalogue for ``compute_saliency_maps``, in the order in which it is tried.
SALIENCY: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    SOME_LEFT_EMPTY,
    # its shape
    Misconception(
        "transposed",
        "Rows and columns, or images and pixels, have changed places. Follow the order of the axes "
        "from the images to your maps.",
        _transposed,
    ),
    Misconception(
        "channels_kept",
        CHANNELS_KEPT,
        _channels_kept,
    ),
    Misconception(
        "wrong_axis",
        WRONG_AXIS,
        _other_axes,
    ),
    Misconception(
        "not_one_map_each",
        "Along the first axis there is not one map for each image. Does your code store a map for "
        "the first and the last of them, and is an axis missing or one too many?",
        _not_one_map_each,
    ),
    Misconception(
        "resized",
        "Your maps are not as high and wide as the images. The gradient has one entry for each "
        "number of the image, so nothing needs to be cut or resized.",
        _another_size,
    ),
    Misconception(
        "flipped",
        "Your maps are the right ones, turned or mirrored. The gradient already lies as the image "
        "does.",
        _flipped,
    ),
    Misconception(
        "averaged_over_batch",
        "Your maps become fainter the more images there are, or are one average for all. Each "
        "image should have the map that it would have alone.",
        gives(
            lambda c: c.expected / len(c.X),
            lambda c: np.broadcast_to(c.expected.mean(0), c.expected.shape),
        ),
    ),
    Misconception(
        "one_image_for_all",
        "All your maps are those of one image. Check which image each turn of your code looks at.",
        _one_image_for_all,
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
        differentiates(lambda c: c.one_hot(c.scores.argmax(1))),
    ),
    Misconception(
        "softmax",
        "These look like gradients of a probability. A probability also rises when other classes "
        "fall; which number says how strongly the network sees this class alone?",
        differentiates(_log_softmax, times=lambda c: (c.right * c.probabilities).sum(1)),
    ),
    Misconception(
        "log_softmax_or_cross_entropy",
        "These look like gradients of the training loss, the logarithm of a probability. The loss "
        "compares all classes; a saliency map asks about the score of one.",
        any_of(
            differentiates(_log_softmax, _by(keras_sparse), _by(keras_dense)),
            differentiates(_log_softmax, times=lambda c: np.full(len(c.X), 1 / len(c.X))),
        ),
    ),
    Misconception(
        "softmax_over_the_images",
        SOFTMAX_OVER_THE_IMAGES,
        differentiates(_by(over_the_images), _by(over_the_batch_axis)),
    ),
    Misconception(
        "all_classes_summed",
        "The labels make no difference to your maps: they are gradients of all the scores "
        "together. Which of an image's scores is the question about?",
        differentiates(lambda c: np.ones_like(c.scores)),
    ),
    Misconception(
        "every_label_for_every_image",
        "Each image is explained for the labels of the whole batch. Look at the shape of the "
        "scores you selected: how many numbers should there be for each image?",
        differentiates(
            lambda c: sum(c.one_hot(label) for label in c.y),
            # with the numbers of the images taken for labels, too
            lambda c: sum(c.one_hot(label) for label in (*c.y, *range(len(c.y)))),
        ),
    ),
    Misconception(
        "label_off_by_one",
        "You explain the class next to the right one. Classes are counted from 0, in the labels "
        "and in the scores alike.",
        differentiates(
            lambda c: c.one_hot((c.y + 1) % c.scores.shape[1]), lambda c: c.one_hot(c.y - 1)
        ),
    ),
    Misconception(
        "labels_mixed_up",
        "Some images are explained for the label of another image. Check that image number n and "
        "label number n stay together.",
        _labels_mixed_up,
    ),
    # how the colours became one number
    Misconception(
        "no_absolute_value",
        NO_ABSOLUTE_VALUE,
        gives(
            lambda c: c.gradient.max(-1),
            lambda c: -c.gradient.min(-1),
            lambda c: c.gradient.min(-1),
            lambda c: c.gradient.sum(-1),
            lambda c: c.gradient.mean(-1),
            lambda c: np.maximum(c.gradient, 0).max(-1),
            lambda c: np.maximum(c.gradient, 0).sum(-1),
        ),
    ),
    Misconception(
        "absolute_value_after_maximum",
        ABSOLUTE_AFTER,
        gives(
            lambda c: np.abs(c.gradient.max(-1)),
            lambda c: np.abs(c.gradient.sum(-1)),
            lambda c: np.abs(c.gradient.mean(-1)),
            lambda c: np.abs(c.gradient.min(-1)),
        ),
    ),
    Misconception(
        "sum_over_channels",
        SUM_OVER_CHANNELS,
        gives(lambda c: c.magnitude.sum(-1)),
    ),
    Misconception(
        "mean_over_channels",
        MEAN_OVER_CHANNELS,
        gives(lambda c: c.magnitude.mean(-1)),
    ),
    Misconception(
        "l2_norm_over_channels",
        "Your maps are the length of the gradient at each pixel. That is a sensible choice, but "
        "the definition here keeps a single one of the colours.",
        gives(lambda c: np.linalg.norm(c.gradient, axis=-1)),
    ),
    Misconception(
        "minimum_or_median_over_channels",
        "Each pixel got one of its colours, but not the one that matters most to the score.",
        gives(lambda c: c.magnitude.min(-1), lambda c: np.median(c.magnitude, axis=-1)),
    ),
    Misconception(
        "one_channel",
        "Your maps look at one colour only and would miss a pixel whose other colours matter.",
        gives(
            *(lambda c, k=k: c.magnitude[..., k] for k in range(3)),
            *(lambda c, k=k: c.gradient[..., k] for k in range(3)),
        ),
    ),
    Misconception(
        "sign_only",
        "Only the direction of the gradient is left in your maps. How large it is, is what makes "
        "one pixel brighter than another.",
        gives(lambda c: np.sign(c.gradient).max(-1), lambda c: np.sign(c.gradient).sum(-1)),
    ),
    # what was done besides
    Misconception(
        "gradient_times_input",
        "Your maps mix the gradient with the image itself. That is another method; a saliency map "
        "is made of the gradient alone.",
        differentiates(_right, times=lambda c: c.X),
    ),
    Misconception(
        "squared",
        SQUARED,
        gives(lambda c: c.expected**2, lambda c: (c.gradient**2).sum(-1)),
    ),
    Misconception(
        "normalised",
        NORMALISED,
        _in_order_of_the_right_maps,
    ),
    Misconception(
        "inverted",
        "Your maps are dark where they should be bright. Where is the score most sensitive?",
        lambda case: _in_order_of_the_right_maps(case, -1),
    ),
    Misconception(
        "preprocessed_again",
        "These are maps of other images than yours: scaled again, or with red and blue exchanged. "
        "X comes ready for the network.",
        any_of(
            *(
                differentiates(_right, at=images)
                for images in (
                    lambda c: c.X[..., ::-1],
                    lambda c: c.X * 255,
                    lambda c: c.X / 255,
                    lambda c: (c.X / 255 - SQUEEZENET_MEAN) / SQUEEZENET_STD,
                    lambda c: c.X * SQUEEZENET_STD + SQUEEZENET_MEAN,
                )
            )
        ),
    ),
    Misconception(
        "without_the_network",
        "Your maps can be made from the images alone. What has the network to say, and where in "
        "your function is it asked?",
        _without_the_network,
    ),
    Misconception(
        "smoothed",
        "Your maps are the right ones, blurred. They look better so, but they are not the "
        "gradient any more.",
        _smoothed,
    ),
)


def losses_of(inputs) -> list:
    from ...calls import weighted_losses

    return weighted_losses(inputs["classes"], inputs["weights"])


class Weighted(Context):
    """What mistakes about weighted losses can be computed from."""

    @cached_property
    def weights_of_losses(self) -> np.ndarray:
        """(L,)"""
        return np.array([weight for _, weight in losses_of(self.inputs)])

    @cached_property
    def gradients(self) -> np.ndarray:
        """The gradient of each loss alone, (L, N, H, W, 3)."""
        from ....tensorflow_quiet import tf

        X = tf.constant(self.X)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(X)
            losses = [loss(self.model(X)) for loss, _ in losses_of(self.inputs)]
        return np.stack([tape.gradient(loss, X).numpy() for loss in losses])

    def total(self, weights=None) -> np.ndarray:
        """The gradient of the sum with these weights (default: the right ones), (N, H, W, 3)."""
        weights = self.weights_of_losses if weights is None else weights
        return np.tensordot(weights, self.gradients, 1)

    def maps(self) -> np.ndarray:
        """The map of each loss alone, (L, N, H, W)."""
        return np.abs(self.gradients).max(-1)


def _map(gradient):
    return np.abs(gradient).max(-1)


def _one_at(c: Weighted, place: int) -> np.ndarray:
    """The weight at one place alone."""
    weights = np.zeros_like(c.weights_of_losses)
    weights[place] = c.weights_of_losses[place]
    return weights


WEIGHTED: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    SOME_LEFT_EMPTY,
    Misconception("channels_kept", CHANNELS_KEPT, _channels_kept),
    Misconception(
        "one_map_for_each_loss",
        "You return a map for each loss. The losses become one number before anything is "
        "differentiated, so each image has one map.",
        lambda case: case.shape is not None and len(case.shape) > len(case.context.X.shape) - 1,
    ),
    Misconception("wrong_axis", WRONG_AXIS, _other_axes),
    Misconception(
        "weights_left_out",
        "All losses count the same in your maps. Where do the weights come in?",
        gives(lambda c: _map(c.total(np.ones_like(c.weights_of_losses)))),
    ),
    Misconception(
        "maps_added_instead_of_losses",
        "You make a map for each loss and add the maps. Take two losses that want the same pixel "
        "changed in opposite directions: what should be left of it, and what is left in yours?",
        gives(
            lambda c: np.tensordot(c.weights_of_losses, c.maps(), 1),
            lambda c: np.tensordot(np.abs(c.weights_of_losses), c.maps(), 1),
            lambda c: np.abs(np.tensordot(c.weights_of_losses, c.maps(), 1)),
            lambda c: c.maps().sum(0),
            lambda c: c.maps().max(0),
            lambda c: (np.abs(c.weights_of_losses)[:, None, None, None] * c.maps()).max(0),
        ),
    ),
    Misconception(
        "sign_of_the_weights",
        "A loss with a negative weight counts as if its weight were positive, or not at all.",
        gives(
            lambda c: _map(c.total(np.abs(c.weights_of_losses))),
            lambda c: _map(c.total(np.maximum(c.weights_of_losses, 0))),
        ),
    ),
    Misconception(
        "one_loss_only",
        "Only one of the losses is in your maps. Does each turn of your loop add to what is "
        "there, or does it replace it? And does it come to its end?",
        gives(
            *(lambda c, k=k: _map(c.total(_one_at(c, k))) for k in (0, -1)),
            *(lambda c, k=k: c.maps()[k] for k in (0, -1)),
        ),
    ),
    Misconception(
        "a_loss_left_out",
        "One of the losses is missing. Count the turns of your loop.",
        gives(
            *(lambda c, k=k: _map(c.total(c.weights_of_losses - _one_at(c, k))) for k in (0, -1))
        ),
    ),
    Misconception(
        "weights_in_the_wrong_place",
        "Each loss has a weight, but not its own: the pairs have been taken apart and put "
        "together in another order, or the weights were squared.",
        gives(
            lambda c: _map(c.total(c.weights_of_losses[::-1])),
            lambda c: _map(c.total(np.roll(c.weights_of_losses, 1))),
            lambda c: _map(c.total(np.roll(c.weights_of_losses, -1))),
            lambda c: _map(c.total(c.weights_of_losses**2)),
        ),
    ),
    Misconception(
        "no_absolute_value",
        NO_ABSOLUTE_VALUE,
        gives(
            lambda c: c.total().max(-1),
            lambda c: c.total().sum(-1),
            lambda c: c.total().mean(-1),
            lambda c: c.total().min(-1),
            lambda c: np.maximum(c.total(), 0).max(-1),
        ),
    ),
    Misconception(
        "absolute_value_after_maximum",
        ABSOLUTE_AFTER,
        gives(
            lambda c: np.abs(c.total().max(-1)),
            lambda c: np.abs(c.total().sum(-1)),
            lambda c: np.abs(c.total().mean(-1)),
        ),
    ),
    Misconception(
        "sum_over_channels",
        SUM_OVER_CHANNELS,
        gives(
            lambda c: np.abs(c.total()).sum(-1),
        ),
    ),
    Misconception(
        "mean_over_channels",
        MEAN_OVER_CHANNELS,
        gives(
            lambda c: np.abs(c.total()).mean(-1),
        ),
    ),
    Misconception(
        "squared",
        SQUARED,
        gives(lambda c: _map(c.total()) ** 2, lambda c: (c.total() ** 2).sum(-1)),
    ),
    Misconception(
        "weights_made_to_sum_to_one",
        "Your maps are the right ones, divided by a number. The weights are used as they are: not "
        "divided by their sum, nor by how many there are, nor by the number of images.",
        gives(
            lambda c: c.expected / np.abs(c.weights_of_losses.sum()),
            lambda c: c.expected / np.abs(c.weights_of_losses).sum(),
            lambda c: c.expected / len(c.weights_of_losses),
            lambda c: c.expected / len(c.X),
            lambda c: c.expected / len(c.weights_of_losses) / len(c.X),
            lambda c: c.expected / np.abs(c.weights_of_losses.sum()) / len(c.X),
        ),
    ),
    Misconception("normalised", NORMALISED, _in_order_of_the_right_maps),
)
