"""Which mistake does this wrong answer look like? Numbers in, a name and a hint out.

A catalogue of misconceptions about saliency maps. Most entries say what a student who has it would
return, and the answer is compared with that by the judge's own relative L2 error, first as it is
and then up to a positive factor for each image, so that a scaled picture of the wrong thing is
still known for what it is. The rest look at the answer's kind, its shape or its statistics. No
entry reads the student's code. Where two mistakes give the same numbers the name says so.

The first entry that fits is the one that is named: what was returned, then its shape, then what
was differentiated, then how colours became one number, then what was done afterwards. What fits is
clear-cut. For the wrong answers in tests/submissions, on the saved maps' five images, the error
against the entry that names them is at most 2e-4, and against any other at least 0.1; the judge's
tolerance lies between.

To add one, add a few lines to ``SALIENCY`` and a file to ``tests/submissions/wrong``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from .judge import TOLERANCE, judge_maps, relative_l2


class Context:
    """What the saliency check's mistakes can be computed from: the inputs an answer was given.

    One context serves any number of answers to the same inputs; each array is computed when a
    detector first asks for it. ``N, H, W, C = X.shape``.

    Args:
        X: preprocessed images, float32 (N, H, W, 3).
        y: their labels, int (N,).
        model: the Keras model from images to scores.
        expected: the right maps, float32 (N, H, W).
    """

    def __init__(self, X: np.ndarray, y: np.ndarray, model, expected: np.ndarray):
        self.X, self.y, self.model, self.expected = X, y, model, expected
        self._gradients: dict[tuple, np.ndarray] = {}

    @cached_property
    def scores(self) -> np.ndarray:
        """The model's scores, float64 (N, classes)."""
        return np.asarray(self.model(self.X), np.float64)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Softmax of the scores, (N, classes)."""
        powers = np.exp(self.scores - self.scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    @cached_property
    def right(self) -> np.ndarray:
        """1 at each image's label, 0 elsewhere, (N, classes)."""
        return self.one_hot(self.y)

    def one_hot(self, labels) -> np.ndarray:
        """1 at these labels, (N,) or one for all, and 0 elsewhere: (N, classes)."""
        return (np.arange(self.scores.shape[1]) == np.reshape(labels, (-1, 1))) * np.ones(
            (len(self.X), 1)
        )

    def gradient_of(self, weights: np.ndarray, X: np.ndarray) -> np.ndarray:
        """The gradient of the weighted sums of the scores of X by X, (N, H, W, 3).

        Every function of the scores has such a gradient: its weights, (N, classes), are its
        derivatives by the scores.
        """
        from ..tensorflow_quiet import tf

        X = tf.constant(X, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(X)
            scores = self.model(X)
        return tape.gradient(scores, X, tf.cast(weights, scores.dtype)).numpy()

    def gradient_at(
        self,
        n: int,
        weights: Callable[["Context"], np.ndarray],
        images: Callable[["Context"], np.ndarray],
    ) -> np.ndarray:
        """``gradient_of`` for image n alone, (H, W, 3), computed once: most answers are told apart
        by their first map."""
        key = n, weights, images
        if key not in self._gradients:
            one = slice(n, n + 1)
            self._gradients[key] = self.gradient_of(weights(self)[one], images(self)[one])[0]
        return self._gradients[key]

    @cached_property
    def gradient(self) -> np.ndarray:
        """The signed gradient of the right score, (N, H, W, 3)."""
        return self.gradient_of(self.right, self.X)

    @cached_property
    def magnitude(self) -> np.ndarray:
        """Its absolute value, (N, H, W, 3)."""
        return np.abs(self.gradient)

    def map_for(self, n: int, label: int) -> np.ndarray:
        """The map of image n for any label, (H, W)."""
        key = n, label
        if key not in self._gradients:
            one = slice(n, n + 1)
            self._gradients[key] = self.gradient_of(self.one_hot(label)[one], self.X[one])[0]
        return np.abs(self._gradients[key]).max(-1)


@dataclass(frozen=True)
class Case:
    """One answer, and what it can be compared with.

    Attributes:
        returned: what the student's function returned.
        changed_input: whether X or y were other numbers after the call.
        context: what mistakes can be computed from.
        up_to_scale: whether each image's map may be off by a positive factor.
    """

    returned: object
    changed_input: bool
    context: Context
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
    def maps(self) -> np.ndarray | None:
        """The answer if it is finite and of the right shape, float64 (N, H, W), else None."""
        if self.shape != self.context.expected.shape or not np.isfinite(self.numbers).all():
            return None
        return self.numbers.astype(np.float64)

    def is_like(self, n: int, map: np.ndarray) -> bool:
        """Whether map n of the answer is this one, (H, W)."""
        answer, map = self.maps[n], np.asarray(map, np.float64)
        if self.up_to_scale:
            product, size = (answer * map).sum(), (map * map).sum()
            if not product > 0:
                return False
            map = map * (product / size)
        return bool(relative_l2(answer[None], map[None])[0] < TOLERANCE)

    def all_like(self, map_of: Callable[[int], np.ndarray]) -> bool:
        """Whether each map n of the answer is ``map_of(n)``; stops at the first that is not."""
        return self.maps is not None and all(
            self.is_like(n, map_of(n)) for n in range(len(self.maps))
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


def explain(answer, context: Context, *, changed_input: bool = False) -> Misconception | None:
    """The misconception that an answer to the saliency check looks like, or None.

    Args:
        answer: what the student's function returned, as the judge takes it.
        context: the inputs it was given and the right maps.
        changed_input: whether the call changed X or y.

    A right answer has none, and neither has a wrong one that looks like nothing we know.
    """
    if not changed_input and judge_maps(answer, context.expected).passed:
        return None
    for up_to_scale in (False, True):
        case = Case(answer, changed_input, context, up_to_scale)
        for misconception in SALIENCY:
            if misconception.detect(case):
                return misconception
    return None


# How a detector is made


def gives(*maps: Callable[[Context], np.ndarray]) -> Callable[[Case], bool]:
    """Detects an answer that is one of these maps, (N, H, W), each a function of the context."""
    return lambda case: (
        case.maps is not None
        and any(case.all_like(each(case.context).__getitem__) for each in maps)
    )


def differentiates(
    *weights: Callable[[Context], np.ndarray],
    at: Callable[[Context], np.ndarray] = lambda c: c.X,
    times: Callable[[Context], np.ndarray] = lambda c: np.ones_like(c.y),
) -> Callable[[Case], bool]:
    """Detects an answer that took the gradient of another function of the scores.

    The weights are that function's derivatives by the scores, (N, classes); ``at`` are the images
    (N, H, W, 3) where the gradient is taken, and it is multiplied by ``times``. The gradient may
    have become a map in any of the usual ways: what was differentiated is the greater mistake.
    """

    def detect(case: Case) -> bool:
        c = case.context
        return case.maps is not None and any(
            case.all_like(lambda n: to_map(c.gradient_at(n, each, at) * times(c)[n]))  # noqa: B023
            for each in weights
            for to_map in WAYS_TO_A_MAP
        )

    return detect


def any_of(*detectors: Callable[[Case], bool]) -> Callable[[Case], bool]:
    """Detects what any of these detects."""
    return lambda case: any(detect(case) for detect in detectors)


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
    if case.maps is None:
        return False
    maps = case.maps
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
    return case.maps is not None and all(
        any(case.is_like(n, case.context.map_for(n, label)) for label in labels)
        for n in range(len(case.maps))
    )


def _one_image_for_all(case: Case) -> bool:
    expected = case.context.expected
    return len(expected) > 1 and any(case.all_like(lambda n: each) for each in expected)  # noqa: B023


def _without_the_network(case: Case) -> bool:
    """The maps are sums of the image's own numbers, or the edges of the image."""
    if case.maps is None:
        return False

    def parts(n):
        image = case.context.X[n].astype(np.float64)
        size = np.abs(image)
        brightest = [image.max(-1), size.max(-1), np.ones(image.shape[:2])]
        return np.stack([*np.moveaxis(image, -1, 0), *np.moveaxis(size, -1, 0), *brightest], -1)

    if not case.up_to_scale and _fits(case.maps, parts):
        return True
    down, across = np.gradient(case.context.X.mean(-1), axis=(1, 2))
    edges = np.hypot(down, across), np.abs(down) + np.abs(across)
    return any(case.all_like(each.__getitem__) for each in edges)


def _smoothed(case: Case) -> bool:
    """Each number is the same weighted sum of the right map around it."""
    reach, step = 7, 3
    size = 2 * reach + 1
    if case.maps is None or case.up_to_scale or min(case.maps.shape[1:]) < 4 * size:
        return False

    def parts(n):
        around = np.lib.stride_tricks.sliding_window_view(case.context.expected[n], (size, size))
        around = around[::step, ::step]
        return around.reshape(*around.shape[:2], -1)

    return _fits(case.maps[:, reach:-reach:step, reach:-reach:step], parts)


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

    if case.maps is None or case.up_to_scale:
        return False
    for each, right in zip(sign * case.maps, case.context.expected, strict=True):
        each = each.ravel()[np.argsort(right, axis=None)]
        rest = np.linalg.norm(isotonic_regression(each).x - each)
        if not rest < TOLERANCE * np.linalg.norm(each - each.mean()):
            return False
    return True


def _log_softmax(c: Context) -> np.ndarray:
    """Softmax is the exponential of this, so its gradient is this one's times the probability."""
    return c.right - c.probabilities


def _keras_cross_entropy_of_scores(c: Context) -> np.ndarray:
    """Its derivative by scores that it takes for probabilities, which it clips to 0..1."""
    low, high = 1e-7, 1 - 1e-7
    clipped = np.clip(c.scores, low, high)
    inside = (c.scores > low) & (c.scores < high)
    return inside * (c.right / clipped - 1 / clipped.sum(1, keepdims=True))


def _right(c: Context) -> np.ndarray:
    return c.right


#: The catalogue for ``compute_saliency_maps``, in the order in which it is tried.
SALIENCY: tuple[Misconception, ...] = (
    # what was returned
    Misconception(
        "nothing_returned",
        "Your function ends without handing anything back. Is the answer filled in, and does the "
        "last line return what you computed?",
        lambda case: case.returned is None,
    ),
    Misconception(
        "changes_its_input",
        "After your function has run, the images or labels it was given are different. Work on a "
        "copy: the next call would get the changed ones.",
        lambda case: case.changed_input,
    ),
    Misconception(
        "not_an_array",
        "What you return is not an array of numbers. A caller wants to compute with the maps: a "
        "picture, a text or lists of different lengths will not do.",
        lambda case: case.numbers is None,
    ),
    Misconception(
        "nan_or_infinity",
        "Some of your numbers are not numbers. Look for a division by something that can be zero, "
        "or a number too large for its type.",
        lambda case: not np.isfinite(case.numbers).all(),
    ),
    # its shape
    Misconception(
        "transposed",
        "Rows and columns, or images and pixels, have changed places. Follow the order of the axes "
        "from the images to your maps.",
        _transposed,
    ),
    Misconception(
        "channels_kept",
        "Each pixel still has an axis of its own for colours. A saliency map has one number for "
        "each pixel, so that axis has to go.",
        _channels_kept,
    ),
    Misconception(
        "wrong_axis",
        "You have reduced over an axis that should stay. Write down what each axis of the gradient "
        "stands for; which of them does a map not have?",
        _other_axes,
    ),
    Misconception(
        "not_one_map_each",
        "The number of maps is not the number of images. Count how often your code stores a map, "
        "and whether the first and the last image get theirs.",
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
            differentiates(_log_softmax, _keras_cross_entropy_of_scores),
            differentiates(_log_softmax, times=lambda c: np.full(len(c.X), 1 / len(c.X))),
        ),
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
        differentiates(lambda c: sum(c.one_hot(label) for label in c.y)),
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
        "The sign is still in your maps. Making a pixel darker can matter as much as making it "
        "brighter, and a map says only how much.",
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
        "The steps are right and their order is not. Take a pixel with the gradient (-5, 1, 2): "
        "what should its number be, and what does yours give?",
        gives(
            lambda c: np.abs(c.gradient.max(-1)),
            lambda c: np.abs(c.gradient.sum(-1)),
            lambda c: np.abs(c.gradient.mean(-1)),
            lambda c: np.abs(c.gradient.min(-1)),
        ),
    ),
    Misconception(
        "sum_over_channels",
        "Your maps add the three colours up. Look at the definition again: which of the three "
        "does it keep?",
        gives(lambda c: c.magnitude.sum(-1)),
    ),
    Misconception(
        "mean_over_channels",
        "Your maps are the average of the three colours. Look at the definition again: a pixel is "
        "as important as which of its colours?",
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
        "Your maps are squares of the right numbers. Squaring also removes the sign, but it makes "
        "large values too large; undo it, or remove the sign otherwise.",
        gives(lambda c: c.expected**2, lambda c: (c.gradient**2).sum(-1)),
    ),
    Misconception(
        "normalised",
        "The order of the pixels is right and the numbers are not: something rescales or cuts "
        "them afterwards. Return the numbers themselves; plots can scale for display.",
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
