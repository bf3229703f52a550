"""Assignment 5: the mistakes that are known, and their hints."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.stats import rankdata

from ...misconceptions import (
    AXIS_OF_ONE_LOST,
    CHANGES_ITS_INPUT,
    NAN_OR_INFINITY,
    NOT_AN_ARRAY,
    NOTHING_RETURNED,
    OF_A_BATCH,
    WHAT_WAS_RETURNED,
    Case,
    Catalogue,
    Context,
    Detector,
    Misconception,
    another_shape,
    has_shape,
    kept,
    only_scaled,
    wrong_result,
)
from ...scores import softmax
from .insertion import insertion_area

# 1. randomise_layers

Arrays = list[np.ndarray]  # those of a network, each flat


class Models(NamedTuple):
    """The weights of the model that was given, afterwards, and of three answers."""

    given: Arrays
    first: Arrays
    again: Arrays
    other: Arrays


class Weights(Context):
    """The network up to the layer ``last``, its weights times ``scale``, whose ``layers`` are to
    become random.

    An array here is one of a layer's, flat; ``before`` holds them all in order.
    """

    last: str
    layers: np.ndarray
    scale: float

    @cached_property
    def part(self):
        from ....tensorflow_quiet import tf

        return tf.keras.Model(self.model.inputs, self.model.get_layer(self.last).output)

    @cached_property
    def before(self) -> Arrays:
        """The arrays of the model that was given."""
        return [np.ravel(w * self.scale) for w in self.part.get_weights()]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of all weights of four models, one after another."""
        return (4 * sum(map(len, self.before)),)

    @cached_property
    def places(self) -> list[tuple[str, tuple[int, ...]]]:
        """Of each array the name of its layer, and its shape there."""
        return [(layer.name, w.shape) for layer in self.part.layers for w in layer.get_weights()]

    @cached_property
    def named(self) -> list[int]:
        """Which arrays belong to a layer that is to become random."""
        return [i for i, (name, _) in enumerate(self.places) if name in self.layers]

    @property
    def others(self) -> list[int]:
        return [i for i in range(len(self.before)) if i not in self.named]

    @property
    def kernels(self) -> list[int]:
        """Which of the named have more than one axis."""
        return [i for i in self.named if len(self.places[i][1]) > 1]

    def models(self, numbers: np.ndarray) -> Models:
        """The models whose weights these are, one after another."""
        ends = np.cumsum([len(w) for w in self.before])
        return Models(*(np.split(each, ends[:-1]) for each in np.split(numbers, 4)))

    def same(self, arrays: Arrays, which: Iterable[int] | None = None) -> bool:
        """Whether these arrays (by default all) are as before."""
        which = range(len(self.before)) if which is None else which
        return all(np.array_equal(arrays[i], self.before[i]) for i in which)

    def reordered(self, arrays: Arrays, which: Iterable[int] | None = None) -> bool:
        """Whether each of these arrays (by default the named) holds the numbers it held."""
        which = self.named if which is None else which
        return all(np.array_equal(np.sort(arrays[i]), np.sort(self.before[i])) for i in which)

    def kept_together(self, arrays: Arrays) -> bool:
        """Whether a named array was cut along an axis and only the slices changed places, or each
        slice was shuffled by itself."""

        def sums(array: np.ndarray, i: int, axis: int) -> np.ndarray:
            along = np.moveaxis(array.reshape(self.places[i][1]), axis, 0)
            return np.sort(along.reshape(len(along), -1).sum(axis=1, dtype=np.float64))

        return any(
            np.allclose(sums(arrays[i], i, axis), sums(self.before[i], i, axis), 1e-6, 1e-6)
            for i in self.kernels
            for axis, size in enumerate(self.places[i][1])
            if 1 < size < len(arrays[i])
        )

    def all_named(self, arrays: Arrays) -> np.ndarray:
        """The numbers of the named layers, sorted."""
        return np.sort(np.concatenate([arrays[i] for i in self.named]))

    def every_kernel(
        self, arrays: Arrays, test: Callable[[np.ndarray, np.ndarray], bool | np.bool_]
    ) -> bool:
        """Whether the test holds for every kernel, new and old, of the named layers."""
        return bool(self.kernels) and all(test(arrays[i], self.before[i]) for i in self.kernels)

    def changed(self, arrays: Arrays) -> set[str]:
        """The named layers of which something has changed."""
        return {self.places[i][0] for i in self.named if not self.same(arrays, [i])}


def _weights_say(
    name: str, hint: str, test: Callable[[Weights, Models], bool]
) -> Misconception[Weights]:
    return Misconception(
        name, hint, lambda case: test(case.context, case.context.models(case.numbers))
    )


def _resembles(new: np.ndarray, old: np.ndarray) -> bool:
    return np.corrcoef(new, old)[0, 1] > 0.5


RANDOMISED = Catalogue(
    Weights,
    NOTHING_RETURNED,
    CHANGES_ITS_INPUT,
    Misconception(
        "not_a_model",
        "What you return is not a model. The caller wants to ask it for scores, as the one that "
        "was given.",
        NOT_AN_ARRAY.detect,
    ),
    Misconception(
        "another_network",
        "What you return has not the layers of the model that was given. Any model may be given: "
        "copy that one, do not load or build one.",
        another_shape,
    ),
    _weights_say(
        "changes_the_given_model",
        "After your function has run, the model it was given has other weights. Two models can "
        "share their layers: then whatever is done to one is done to both.",
        lambda c, models: not c.same(models.given),
    ),
    NAN_OR_INFINITY,
    _weights_say(
        "nothing_changed",
        "Your model has the old weights everywhere. Reading the weights of a layer gives copies: "
        "what has to happen for the layer to take the new ones?",
        lambda c, models: c.same(models.first),
    ),
    _weights_say(
        "weights_not_copied",
        "The layers that are not named have new numbers too. A cloned model has the same layers "
        "and fresh weights: what must be carried over?",
        lambda c, models: not c.reordered(models.first, c.others),
    ),
    _weights_say(
        "the_other_layers",
        "The named layers are kept, and the others are random. It should be the other way round.",
        lambda c, models: (
            bool(c.named) and c.same(models.first, c.named) and not c.same(models.first, c.others)
        ),
    ),
    _weights_say(
        "too_many_layers",
        "Layers that were not named are random as well. The function randomises exactly those "
        "that are named; whoever wants all above them names them all.",
        lambda c, models: not c.same(models.first, c.others),
    ),
    _weights_say(
        "one_layer_only",
        "Only one of the named layers is random. Does each turn of your loop go on from the turn "
        "before, and does the loop come to its end?",
        lambda c, models: (
            len(c.changed(models.first)) == 1 < len({c.places[i][0] for i in c.named})
        ),
    ),
    _weights_say(
        "biases_left",
        "The kernels are random and the biases are as they were. They are weights too, and were "
        "learned with the rest.",
        lambda c, models: c.same(models.first, [i for i in c.named if i not in c.kernels]),
    ),
    _weights_say(
        "kernels_left",
        "The biases are random and the kernels, where nearly all weights are, have stayed.",
        lambda c, models: c.same(models.first, c.kernels),
    ),
    _weights_say(
        "all_the_same",
        "All new weights of a kernel are the same number. Such a network computes next to "
        "nothing; random is something else.",
        lambda c, models: c.every_kernel(models.first, lambda new, old: np.ptp(new) == 0),
    ),
    _weights_say(
        "drawn_with_replacement",
        "Every new number is an old one, but some come twice and others never. To change places "
        "means that each comes exactly once.",
        lambda c, models: (
            not c.reordered(models.first)
            and c.every_kernel(models.first, lambda new, old: np.isin(new, old).all())
        ),
    ),
    _weights_say(
        "arrays_mixed",
        "The numbers are the old ones, but they have wandered from one array to another. Kernels "
        "and biases are of different size, and so are layers: each keeps its own.",
        lambda c, models: (
            not c.reordered(models.first)
            and np.array_equal(c.all_named(models.first), c.all_named(c.before))
        ),
    ),
    _weights_say(
        "noise_added",
        "Your new weights still resemble the old ones: you have added noise to them, or only "
        "changed their signs or size. What the network has learned must be gone.",
        lambda c, models: (
            not c.reordered(models.first)
            and (
                c.every_kernel(models.first, _resembles)
                or c.every_kernel(models.first, lambda new, old: _resembles(abs(new), abs(old)))
            )
        ),
    ),
    _weights_say(
        "drawn_from_a_distribution",
        "Your weights are new numbers of about the right size. That is a fair test too, but not "
        "the one described: here the numbers stay and only their places change.",
        lambda c, models: (
            not c.reordered(models.first)
            and c.every_kernel(models.first, lambda n, old: abs(n.std() / old.std() - 1) < 0.1)
        ),
    ),
    _weights_say(
        "another_scale",
        "Your weights are new numbers, and much smaller or larger than the old. Then the maps "
        "could change because the network is weaker, not because it has forgotten.",
        lambda c, models: not c.reordered(models.first),
    ),
    _weights_say(
        "rows_kept_together",
        "Numbers that were neighbours in a kernel have stayed together: only whole rows changed "
        "places. A kernel has four axes; what does your shuffle see of them?",
        lambda c, models: c.kept_together(models.first),
    ),
    _weights_say(
        "ignores_the_generator",
        "The same generator gives another model each time. Is every random number of yours drawn "
        "from the generator that is given?",
        lambda c, models: not all(map(np.array_equal, models.first, models.again)),
    ),
    _weights_say(
        "always_the_same",
        "Your model is the same whatever generator is given: the order is fixed, or a seed is. "
        "Where does chance come from?",
        lambda c, models: all(map(np.array_equal, models.first, models.other)),
    ),
)


# 2. deletion_curve


class Deletion(Context):
    """Curves of the images ``X``, (N, H, W, 3), by ``maps``, (N, H, W), at these ``counts``."""

    X: np.ndarray
    y: np.ndarray
    maps: np.ndarray
    baseline: np.ndarray
    counts: np.ndarray

    @property
    def pixels(self) -> int:
        return self.maps[0].size

    def order(self, importance: np.ndarray) -> np.ndarray:
        """The numbers of the pixels, the most important first, of the shape of the maps."""
        return (-importance.reshape(len(self.X), -1)).argsort(axis=1).reshape(importance.shape)

    @cached_property
    def ranks(self) -> np.ndarray:
        """Of each pixel the number of pixels that are more important, (N, H, W)."""
        return self.order(-self.order(self.maps))

    @property
    def brightest(self) -> np.ndarray:
        return self.maps.max(axis=(1, 2), keepdims=True)

    def gone(self, count: int) -> np.ndarray:
        """Which pixels are the first so many, (N, H, W)."""
        return self.ranks < count

    def part(self, point: int, even: bool = False) -> float:
        """Which part of all pixels, or of all points, there is up to a point."""
        return point / (len(self.counts) - 1) if even else self.counts[point] / self.pixels

    def mixed(self, gone: np.ndarray, baseline=None, X=None) -> np.ndarray:
        """The images when these pixels, or these numbers, have been replaced."""
        gone = gone if gone.ndim == 4 else gone[..., None]
        baseline = self.baseline if baseline is None else baseline
        return np.where(gone, baseline, self.X if X is None else X).astype(np.float32)

    @kept
    def scores(self, way: "Way") -> np.ndarray:
        """The scores along the curves of a way of changing the images, (N, points, classes)."""
        scores = [self.model(way(self, point)).numpy() for point in range(len(self.counts))]
        return np.stack(scores, axis=1).astype(np.float64)

    def curves(self, way: "Way") -> np.ndarray:
        """The probabilities of the labels, (N, points)."""
        return _of(self.y, softmax(self.scores(way)))


#: Makes the images at a point of the curve, by its number.
Way = Callable[[Deletion, int], np.ndarray]


def _right(c: Deletion, point: int) -> np.ndarray:
    return c.mixed(c.gone(c.counts[point]))


def _least_important_first(c: Deletion, point: int) -> np.ndarray:
    return c.mixed(c.ranks >= c.pixels - c.counts[point])


def _exchanged(c: Deletion, point: int) -> np.ndarray:
    return c.mixed(c.gone(c.counts[point]), c.X, c.baseline)


def _colours_ranked(c: Deletion, point: int) -> np.ndarray:
    """Each number of the image goes for itself, three of a pixel in turn."""
    return c.mixed(c.order(-c.order(np.repeat(c.maps[..., None], 3, 3))) < c.counts[point])


def _of(labels: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.take_along_axis(values, np.reshape(labels, (-1, 1, 1)), axis=2)[..., 0]


def _curve(name: str, hint: str, *ways: Way) -> Misconception[Deletion]:
    """The curves of images that were changed in another way."""
    return wrong_result(name, hint, lambda c: (c.curves(way) for way in ways))


def _read_as(
    name: str, hint: str, *reads: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> Misconception[Deletion]:
    """Other numbers of the right images: of their scores, and of the labels."""
    return wrong_result(name, hint, lambda c: (read(c.scores(_right), c.y) for read in reads))


def _one_curve(case: Case[Deletion]) -> bool:
    N, points = case.context.shape
    return case.shape in ((points,), (points - 1,), (1, points)) and N > 1


def _shifted(case: Case[Deletion]) -> bool:
    """The right curve a step early or late."""
    mine, right = case.values, case.context.expected.astype(np.float64)
    return any(np.abs(a[:, 1:] - b[:, :-1]).max() < 0.02 for a, b in ((mine, right), (right, mine)))


DELETION = Catalogue(
    Deletion,
    *OF_A_BATCH,
    Misconception(
        "transposed",
        "Your curves stand upright: the first axis counts the points. Images come first, as "
        "everywhere here.",
        has_shape(lambda c: [c.shape[::-1]]),
    ),
    Misconception(
        "a_point_missing",
        "Count the points of a curve. There is one for each of the counts: the first, zero, is the "
        "untouched image, and the last is the baseline.",
        has_shape(lambda c: [(len(c.X), len(c.counts) + more) for more in (-2, -1, 1)]),
    ),
    Misconception(
        "one_curve_for_all",
        "You return one curve for all images. Each image has its own; whoever wants a mean can "
        "take it afterwards.",
        _one_curve,
    ),
    Misconception(
        "area_returned",
        "You return one number for each image, as the area under a curve would be. Asked for is "
        "the curve itself.",
        has_shape(lambda c: [(), (len(c.X),)]),
    ),
    Misconception(
        "every_class",
        "You return a number for each of the classes. The curve follows one of them: which one, is "
        "said for each image.",
        lambda case: 1000 in case.shape,
    ),
    Misconception(
        "nothing_is_replaced",
        "Your curves are flat: the network gets the same image at each point. Is what you change "
        "the thing that you hand to the model?",
        lambda case: (np.ptp(case.values, axis=1) < 1e-4).all(),
    ),
    _read_as(
        "scores_instead_of_probabilities",
        "Your numbers are not the probabilities of the class: they are scores, or made from the "
        "score of that class alone. A probability depends on all the classes.",
        lambda scores, y: _of(y, scores),
        lambda scores, y: _of(y, scores / scores.sum(axis=-1, keepdims=True)),
        lambda scores, y: 1 / (1 + np.exp(-_of(y, scores))),
        lambda scores, y: _of(y, np.log(softmax(scores))),
    ),
    _read_as(
        "softmax_over_the_wrong_axis",
        "You have the images compete with each other for the class. For one image, the "
        "probabilities of which things add up to 1?",
        lambda scores, y: _of(y, softmax(scores.swapaxes(0, -1)).swapaxes(0, -1)),
    ),
    _read_as(
        "best_class",
        "You follow whatever class is the best at each point. The question is what becomes of the "
        "class that is given for the image.",
        lambda scores, y: softmax(scores).max(axis=-1),
    ),
    _read_as(
        "first_label_for_all",
        "You read the class of the first image for all of them. Each image has its own label.",
        lambda scores, y: softmax(scores)[..., y[0]],
    ),
    _curve(
        "least_important_first",
        "The pixels go in the wrong order: the least important ones first. In which order does "
        "sorting put numbers?",
        _least_important_first,
    ),
    wrong_result(
        "image_and_baseline_exchanged",
        "Your curves begin with the baseline and end with the image. That is insertion, and you "
        "get it later for nothing, by exchanging the two in the call.",
        lambda c: c.curves(_exchanged),
        lambda c: c.curves(_least_important_first)[:, ::-1],
    ),
    wrong_result(
        "reversed_curves",
        "Your curves run backwards: the untouched image should come first.",
        lambda c: c.expected[:, ::-1],
    ),
    _curve(
        "not_cumulative",
        "At each point only the pixels since the last one are replaced, and those before are back "
        "again. What has gone stays gone.",
        lambda c, point: c.mixed(
            c.gone(c.counts[point]) & ~c.gone(c.counts[max(point - 1, 0)]),
        ),
    ),
    Misconception(
        "a_point_early_or_late",
        "Your curves are the right ones, one point early or late. How many pixels are replaced at "
        "the very first point?",
        _shifted,
    ),
    _curve(
        "by_value_instead_of_rank",
        "You replace the pixels above a part of the map's maximum. Then a step may take no pixel "
        "or nearly all; how many are gone at each point is given.",
        lambda c, point: c.mixed(c.maps > (1 - c.part(point)) * c.brightest),
        lambda c, point: c.mixed(
            c.maps >= c.brightest - c.part(point) * np.ptp(c.maps, (1, 2), keepdims=True)
        ),
    ),
    _curve(
        "order_taken_for_ranks",
        "Sorting tells which pixel is the most important, then which is the second, and so on. You "
        "use these numbers as if they were written at the pixels themselves.",
        lambda c, point: c.mixed(c.order(c.maps) < c.counts[point]),
        lambda c, point: c.mixed(c.order(-c.maps) >= c.pixels - c.counts[point]),
    ),
    _curve(
        "counts_added_up",
        "You replace at each point so many pixels more. The counts say how many are gone in all.",
        lambda c, point: c.mixed(c.gone(c.counts[: point + 1].sum())),
    ),
    _curve(
        "baseline_ignored",
        "The pixels that go become grey. What they should become is given, for every image and "
        "pixel.",
        lambda c, point: c.mixed(c.gone(c.counts[point]), 0),
    ),
    _curve(
        "first_image_for_all",
        "The map or the baseline of the first image is used for all images.",
        lambda c, point: c.mixed(np.broadcast_to(c.gone(c.counts[point])[:1], c.maps.shape)),
        lambda c, point: c.mixed(c.gone(c.counts[point]), c.baseline[:1]),
    ),
    _curve(
        "colours_ranked_separately",
        "You replace numbers where you should replace pixels: one number of the map stands for "
        "three numbers of the image.",
        _colours_ranked,
    ),
    _curve(
        "points_counted_instead_of_pixels",
        "Each point of your curve replaces a single pixel more, or as many as the point before. "
        "How many are gone at each is given.",
        lambda c, point: c.mixed(c.gone(point)),
        lambda c, point: c.mixed(c.gone(round(c.part(point, even=True) * c.pixels))),
    ),
    Misconception(
        "scaled_curves",
        "Your curves have the right shape and are scaled, by their first value perhaps. Return "
        "the probabilities as they are.",
        only_scaled,
    ),
)


# 3. map_that_knows_nothing


class Rated(Context):
    """Images ``X``, (N, H, W, 3), the labels ``y`` that the network gives them, and the insertion
    area ``least`` that a map of them has to exceed."""

    X: np.ndarray
    y: np.ndarray
    least: float

    @property
    def shape(self) -> tuple[int, ...]:
        return self.X.shape[:3]

    @property
    def grey(self) -> np.ndarray:
        return self.X.mean(axis=3)

    @kept
    def area(self, maps: np.ndarray) -> float:
        """The mean insertion area of maps, (N, H, W)."""
        return insertion_area(maps, self.X, self.y)

    def passes(self, maps: np.ndarray) -> bool:
        return self.area(maps) > self.least


def _passes(change: Callable[[np.ndarray], np.ndarray]) -> Detector[Rated]:
    """Detects maps that would pass if they were changed."""
    return lambda case: case.context.passes(change(case.values))


def _alike(case: Case[Rated]) -> bool:
    return bool(np.ptp(case.values, axis=0).max() < 1e-6 * np.ptp(case.values))


def _by_chance(case: Case[Rated]) -> bool:
    """What neighbours have says nothing of each other."""
    values = case.values
    return abs(np.corrcoef(values[:, :, 1:].ravel(), values[:, :, :-1].ravel())[0, 1]) < 0.02


def _brightness(case: Case[Rated]) -> bool:
    """The order is that of what the image shows itself, sharp or blurred, or the opposite."""
    X, c = case.context.X, case.context
    shown = [c.grey, gaussian_filter(c.grey, (0, 4, 4)), X.max(axis=3), X.min(axis=3)]
    ranked = [rankdata(each.reshape(len(X), -1), axis=1) for each in (case.values, *shown)]
    return max(abs(np.corrcoef(ranked[0].ravel(), r.ravel())[0, 1]) for r in ranked[1:]) > 0.95


KNOWS_NOTHING = Catalogue(
    Rated,
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    Misconception(
        "colours_kept",
        "Your result has colours still. A map has one number for each pixel: how do you make one "
        "of three?",
        has_shape(lambda c: [c.X.shape, (*c.X.shape[:3], 1)]),
    ),
    Misconception(
        "one_map_for_all",
        "You return one map for all images. Which axis counts the images, and did one of your "
        "operations take it away?",
        has_shape(lambda c: [c.X.shape[1:3], (1, *c.X.shape[1:3]), c.X.shape[1:]]),
    ),
    Misconception(
        "a_pixel_lost_at_the_border",
        "The map is a little smaller than its image: between so many pixels there is one "
        "difference less. What should stand at the border?",
        another_shape,
    ),
    Misconception(
        "the_same_everywhere",
        "Your map is the same at all places, so it says nothing of which pixel comes first.",
        lambda case: bool((np.ptp(case.values, axis=(1, 2)) == 0).any()),
    ),
    Misconception(
        "the_same_for_every_image",
        "Your map is the same for every image. It need not know what a network knows, but it may "
        "look at the picture.",
        _alike,
    ),
    Misconception(
        "left_to_chance",
        "Your map is left to chance. That is the yardstick, and the gradient beats it. What has "
        "the blur taken from the image, that insertion gives back?",
        _by_chance,
    ),
    Misconception(
        "turned_round",
        "The other way round it would pass: your brightest pixels are those that tell least. Which "
        "of them come first?",
        _passes(np.negative),
    ),
    Misconception(
        "brightness",
        "Your map is bright where the image is, or where it is dark. How much has blurring changed "
        "in the middle of a bright wall, and how much at its end?",
        _brightness,
    ),
    Misconception(
        "sign_kept",
        "Your map has signs, and what is negative comes last: from bright to dark is as much of a "
        "step as from dark to bright.",
        _passes(np.abs),
    ),
)
