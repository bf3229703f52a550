"""Assignment 5: the mistakes that are known, and their hints."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.stats import kendalltau, rankdata

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
    gives,
    has_shape,
    kept,
    only_scaled,
    wrong_result,
)
from ...scores import softmax


def _one_for_all(case: Case) -> bool:
    return case.shape in ((), (1,)) and case.context.shape[0] > 1


# 1. rank_correlation


class Pairs(Context):
    """Pairs of maps, ``a`` and ``b``, (N, H, W)."""

    a: np.ndarray
    b: np.ndarray


def _each(
    name: str, hint: str, *functions: Callable[[np.ndarray, np.ndarray], float]
) -> Misconception[Pairs]:
    """One of these functions of two flat maps, pair by pair."""
    return Misconception(name, hint, _gives_each(*functions))


def _gives_each(*functions: Callable[[np.ndarray, np.ndarray], float]) -> Detector[Pairs]:
    return gives(
        lambda c: (
            np.array([f(p.ravel(), q.ravel()) for p, q in zip(c.a, c.b, strict=True)])
            for f in functions
        )
    )


def _pearson(p: np.ndarray, q: np.ndarray) -> float:
    return np.corrcoef(p, q)[0, 1]


def _covariance(p: np.ndarray, q: np.ndarray) -> float:
    return np.cov(rankdata(p), rankdata(q))[0, 1]


def _by_squared_differences(p: np.ndarray, q: np.ndarray) -> float:
    """The formula of textbooks, which is right for ranks where there are no ties."""
    n = len(p)
    return 1 - 6 * ((p - q) ** 2).sum() / (n * (n**2 - 1.0))


def _of_ranks(function: Callable, way: str = "average") -> Callable:
    """A function of the ranks of two maps, with ties as ``rankdata`` has them."""
    return lambda p, q: function(rankdata(p, way), rankdata(q, way))


CORRELATION = Catalogue(
    Pairs,
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    Misconception(
        "one_number_for_all",
        "You return one number for all pairs together. Each pair of maps has a correlation of its "
        "own.",
        _one_for_all,
    ),
    Misconception(
        "not_one_number_each",
        "A pair of maps has one correlation: of all its pixels together, whatever row they are in. "
        "What shape should the ranks of one map have?",
        another_shape,
    ),
    _each(
        "values_instead_of_ranks",
        "That is the correlation of the values. One huge pixel changes it a lot, and changes a "
        "rank hardly at all. Where do the ranks come in?",
        _pearson,
    ),
    _each(
        "order_instead_of_ranks",
        "The sorting order of the pixels tells which pixel is the smallest, which the second... "
        "A rank tells of each pixel how many are smaller. Try both on the numbers 30, 10, 20.",
        lambda p, q: _pearson(np.argsort(p), np.argsort(q)),
        lambda p, q: _pearson(np.argsort(p, kind="stable"), np.argsort(q, kind="stable")),
    ),
    _each(
        "squared_differences_with_ties",
        "The formula with the squared differences of ranks holds only if no two values are equal, "
        "and maps are full of equal values. Which formula always holds?",
        *(_of_ranks(_by_squared_differences, way) for way in ("average", "ordinal")),
    ),
    _each(
        "ties_not_shared",
        "Equal pixels get different ranks, in the order in which they happen to come, or all the "
        "smallest or largest of them. What would be fair to both?",
        *(_of_ranks(_pearson, way) for way in ("ordinal", "min", "max", "dense")),
        lambda p, q: _pearson(*(np.argsort(np.argsort(m)) for m in (p, q))),
    ),
    _each(
        "only_one_ranked",
        "One of the two maps enters with its ranks, the other with its values.",
        lambda p, q: _pearson(rankdata(p), q),
        lambda p, q: _pearson(p, rankdata(q)),
    ),
    wrong_result(
        "sign_lost",
        "Your numbers say how strongly two maps are related and not in which direction. If one map "
        "is bright where the other is dark, what should come out?",
        lambda c: (np.abs(c.expected), c.expected**2),
    ),
    _each(
        "absolute_values_ranked",
        "You rank the absolute values. Whether a sign is to be kept is for the caller to decide: "
        "the function takes the maps as they are.",
        lambda p, q: _pearson(rankdata(np.abs(p)), rankdata(np.abs(q))),
    ),
    _each(
        "mean_not_subtracted",
        "Your numbers come out too near to 1. All ranks are positive: what has to be subtracted "
        "before their products say anything?",
        _of_ranks(lambda p, q: (p @ q) / np.sqrt((p @ p) * (q @ q))),
    ),
    Misconception(
        "not_normalised",
        "Your numbers grow with the number of pixels. A correlation lies between -1 and 1: by "
        "what is the covariance divided?",
        _gives_each(
            _covariance,
            lambda p, q: _covariance(p, q) * (len(p) - 1),
            lambda p, q: _covariance(p, q) * (len(p) - 1) / len(p),
        ),
        lambda case: (np.abs(case.values) > 1.01).any(),
    ),
    _each(
        "kendall",
        "That is Kendall's correlation, which counts pairs of pixels in the same order. Asked for "
        "is Spearman's: the ordinary correlation, of ranks.",
        lambda p, q: kendalltau(p, q)[0],
    ),
    wrong_result(
        "reversed",
        "All signs are the wrong way round. Are both maps ranked in the same direction?",
        lambda c: -c.expected,
    ),
)


# 2. randomise_layers

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


# 3. deletion_curve


class Deletion(Context):
    """Curves of the images ``X``, (N, H, W, 3), by ``maps``, (N, H, W), in ``steps`` steps."""

    X: np.ndarray
    y: np.ndarray
    maps: np.ndarray
    baseline: np.ndarray
    steps: int

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

    def gone(self, part: float) -> np.ndarray:
        """Which pixels have been replaced after a part of the steps, (N, H, W)."""
        return self.ranks < round(part * self.pixels)

    def mixed(self, gone: np.ndarray, baseline=None, X=None) -> np.ndarray:
        """The images when these pixels, or these numbers, have been replaced."""
        gone = gone if gone.ndim == 4 else gone[..., None]
        baseline = self.baseline if baseline is None else baseline
        return np.where(gone, baseline, self.X if X is None else X).astype(np.float32)

    @kept
    def scores(self, way: "Way") -> np.ndarray:
        """The scores along the curves of a way of changing the images, (N, steps + 1, classes)."""
        parts = np.arange(self.steps + 1) / self.steps
        scores = [self.model(way(self, part)).numpy() for part in parts]
        return np.stack(scores, axis=1).astype(np.float64)

    def curves(self, way: "Way") -> np.ndarray:
        """The probabilities of the labels, (N, steps + 1)."""
        return _of(self.y, softmax(self.scores(way)))


#: Makes the images when a part of the pixels has been dealt with.
Way = Callable[[Deletion, float], np.ndarray]


def _right(c: Deletion, part: float) -> np.ndarray:
    return c.mixed(c.gone(part))


def _least_important_first(c: Deletion, part: float) -> np.ndarray:
    return c.mixed(c.ranks >= c.pixels - round(part * c.pixels))


def _exchanged(c: Deletion, part: float) -> np.ndarray:
    return c.mixed(c.gone(part), c.X, c.baseline)


def _colours_ranked(c: Deletion, part: float) -> np.ndarray:
    """Each number of the image goes for itself, three of a pixel in turn."""
    return c.mixed(c.order(-c.order(np.repeat(c.maps[..., None], 3, 3))) < round(part * c.pixels))


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
        "Your curves stand upright: the first axis counts the steps. Images come first, as "
        "everywhere here.",
        has_shape(lambda c: [c.shape[::-1]]),
    ),
    Misconception(
        "a_step_missing",
        "Count the points of a curve. It begins with the untouched image and ends with all pixels "
        "replaced: that makes one point more than there are steps.",
        has_shape(lambda c: [(len(c.X), c.steps + more) for more in (0, -1, 2)]),
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
        "Your curves are flat: the network gets the same image in each step. Is what you change "
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
        "You follow whatever class is the best in each step. The question is what becomes of the "
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
        "In each step only the pixels of that step are replaced, and those of the steps before "
        "are back again. What has gone stays gone.",
        lambda c, part: c.mixed(c.gone(part) & ~c.gone(part - 1 / c.steps)),
    ),
    Misconception(
        "a_step_early_or_late",
        "Your curves are the right ones, one step early or late. How many pixels are replaced at "
        "the very first point?",
        _shifted,
    ),
    _curve(
        "by_value_instead_of_rank",
        "You replace the pixels above a part of the map's maximum. Then a step may take no pixel "
        "or nearly all; each step should take as many as any other.",
        lambda c, part: c.mixed(c.maps > (1 - part) * c.brightest),
        lambda c, part: c.mixed(
            c.maps >= c.brightest - part * np.ptp(c.maps, (1, 2), keepdims=True)
        ),
    ),
    _curve(
        "order_taken_for_ranks",
        "Sorting tells which pixel is the most important, then which is the second, and so on. You "
        "use these numbers as if they were written at the pixels themselves.",
        lambda c, part: c.mixed(c.order(c.maps) < round(part * c.pixels)),
        lambda c, part: c.mixed(c.order(-c.maps) >= c.pixels - round(part * c.pixels)),
    ),
    _curve(
        "baseline_ignored",
        "The pixels that go become grey. What they should become is given, for every image and "
        "pixel.",
        lambda c, part: c.mixed(c.gone(part), 0),
    ),
    _curve(
        "first_image_for_all",
        "The map or the baseline of the first image is used for all images.",
        lambda c, part: c.mixed(np.broadcast_to(c.gone(part)[:1], c.maps.shape)),
        lambda c, part: c.mixed(c.gone(part), c.baseline[:1]),
    ),
    _curve(
        "colours_ranked_separately",
        "A step replaces numbers where it should replace pixels: one number of the map stands for "
        "three numbers of the image.",
        _colours_ranked,
    ),
    _curve(
        "too_few_pixels",
        "Each step replaces a single pixel. How many pixels must a step take, so that the last "
        "step leaves none?",
        lambda c, part: c.mixed(c.ranks < round(part * c.steps)),
    ),
    Misconception(
        "scaled_curves",
        "Your curves have the right shape and are scaled, by their first value perhaps. Return "
        "the probabilities as they are.",
        only_scaled,
    ),
)


# 4. pointing_game


def _four(maps: np.ndarray) -> np.ndarray:
    """Sums over top left, top right, bottom left and bottom right: (N, 4)."""
    n, height, width = maps.shape
    parts = maps.astype(np.float64).reshape(n, 2, height // 2, 2, width // 2)
    return parts.sum(axis=(2, 4)).reshape(n, 4)


class Mosaics(Context):
    """Maps, (N, H, W), and the quadrant that is asked for of each, (N,)."""

    maps: np.ndarray
    quadrants: np.ndarray

    @cached_property
    def positive(self) -> np.ndarray:
        """What is positive in each quadrant, (N, 4)."""
        return _four(np.maximum(self.maps, 0))

    def at(self, four: np.ndarray, quadrants: np.ndarray | None = None) -> np.ndarray:
        return four[np.arange(len(four)), self.quadrants if quadrants is None else quadrants]

    def share(self, four: np.ndarray, total=None, quadrants=None) -> np.ndarray:
        """Something of the quadrants over something of the whole, by default over its sum."""
        total = four.sum(axis=1) if total is None else total
        part = self.at(four, quadrants)
        return np.divide(part, total, out=np.zeros(len(part)), where=total != 0)

    @property
    def hits(self) -> np.ndarray:
        """Whether the largest value lies in the quadrant."""
        n, height, width = self.maps.shape
        rows, columns = np.divmod(self.maps.reshape(n, -1).argmax(axis=1), width)
        return (2 * (rows >= height // 2) + (columns >= width // 2) == self.quadrants).astype(float)


def _but_where_nothing_is_positive(case: Case[Mosaics]) -> bool:
    """Right but for maps with nothing positive, which have another number than 0."""
    right = case.context.expected
    some = right > 0
    if some.all() or another_shape(case):
        return False
    return np.allclose(case.numbers[some], right[some], rtol=0.01)


POINTING = Catalogue(
    Mosaics,
    *WHAT_WAS_RETURNED[:-1],  # NaN may be what nothing_positive is about
    AXIS_OF_ONE_LOST,
    Misconception(
        "nothing_positive",
        "All is well but where a map has nothing positive. There the share is zero by nothing: "
        "what does the description say it should be?",
        _but_where_nothing_is_positive,
    ),
    NAN_OR_INFINITY,
    Misconception(
        "all_four_quadrants",
        "You return the shares of all four quadrants. Which of the four is wanted is given for "
        "each map.",
        has_shape(lambda c: [(len(c.maps), 4), (4, len(c.maps))]),
    ),
    Misconception(
        "one_number_for_all",
        "You return one number for all maps. Each has its own share; a mean can be taken later.",
        _one_for_all,
    ),
    Misconception(
        "every_quadrant_for_every_map",
        "You get a number for each map and each quadrant of the list. Map number n goes with "
        "quadrant number n.",
        another_shape,
    ),
    wrong_result(
        "absolute_values",
        "Negative attributions count in yours as if they were positive. They speak against the "
        "class; what does the description do with them?",
        lambda c: (
            c.share(four, _four(np.abs(c.maps)).sum(axis=1))
            for four in (_four(np.abs(c.maps)), c.positive)
        ),
    ),
    wrong_result(
        "squared",
        "You square the map. That makes negative values positive, and large ones count too much.",
        lambda c: c.share(_four(c.maps**2)),
    ),
    wrong_result(
        "signs_cancel",
        "Positive and negative pixels cancel in your sums. Look at each pixel first, then add.",
        lambda c: (
            c.share(four, total.sum(axis=1))
            for four in (_four(c.maps), np.maximum(_four(c.maps), 0))
            for total in (_four(c.maps), np.maximum(_four(c.maps), 0), c.positive)
        ),
    ),
    wrong_result(
        "rows_and_columns_exchanged",
        "Top right and bottom left have changed places. How are the four quadrants numbered, and "
        "which axis of a map runs down?",
        lambda c: c.share(c.positive, quadrants=np.array([0, 2, 1, 3])[c.quadrants]),
    ),
    wrong_result(
        "another_quadrant",
        "You look into another quadrant. Are they counted from 0, from the top, and in the order "
        "in which one reads?",
        lambda c: (
            c.share(c.positive, quadrants=np.array(places)[c.quadrants])
            for places in ((3, 2, 1, 0), (2, 3, 0, 1), (1, 0, 3, 2), (3, 0, 1, 2), (0, 1, 3, 2))
        ),
    ),
    wrong_result(
        "one_quadrant_for_all",
        "You look into the same quadrant of every map. Each map has its own.",
        lambda c: (c.share(c.positive, quadrants=np.full(len(c.maps), q)) for q in range(4)),
    ),
    wrong_result(
        "not_a_share",
        "Your numbers are sums or means over a quadrant. A share compares them with the whole map, "
        "so that a map twice as bright has the same.",
        lambda c: (
            c.at(c.positive) / size
            for size in (1, c.maps[0].size / 4, c.maps[0].size, c.maps.max(axis=(1, 2)))
        ),
    ),
    wrong_result(
        "compared_with_the_rest",
        "You compare the quadrant with the other three, or with their mean or the best of them. "
        "A share is a part of the whole.",
        lambda c: c.share(c.positive, c.positive.sum(axis=1) - c.at(c.positive)),
        lambda c: c.share(c.positive, c.positive.max(axis=1)),
        lambda c: c.share(c.positive, c.positive.mean(axis=1)),
    ),
    wrong_result(
        "divided_by_all_maps",
        "You divide by the sum over all maps. The share is of one map at a time.",
        lambda c: c.share(c.positive, np.full(len(c.maps), c.positive.sum())),
    ),
    Misconception(
        "hit_or_miss",
        "You return hit or miss. The share says more: how much of the map lies in the quadrant.",
        gives(lambda c: (c.hits, (c.positive.argmax(axis=1) == c.quadrants).astype(float))),
        lambda case: np.isin(case.values, (0, 1)).all(),
    ),
    wrong_result(
        "pixels_counted",
        "You count the positive pixels. A strong attribution should count for more than a weak "
        "one.",
        lambda c: (c.share(_four(c.maps > 0)), 4 * c.at(_four(c.maps > 0)) / c.maps[0].size),
    ),
)
