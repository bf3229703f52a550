"""Assignment 5: the mistakes that are known, and their hints."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy.stats import kendalltau, rankdata

from ...misconceptions import (
    AXIS_OF_ONE_LOST,
    CHANGES_ITS_INPUT,
    NAN_OR_INFINITY,
    NOTHING_RETURNED,
    SOME_LEFT_EMPTY,
    WHAT_WAS_RETURNED,
    Case,
    Context,
    Misconception,
    any_of,
    gives,
)
from ...scores import softmax


def _each(function: Callable) -> Callable[[Context], np.ndarray]:
    """A function of two flat maps, pair by pair: (N,)."""
    return lambda c: np.array(
        [function(p.ravel(), q.ravel()) for p, q in zip(c.a, c.b, strict=True)], np.float64
    )


def _pearson(p, q) -> float:
    return np.corrcoef(p, q)[0, 1]


def _ranks(p) -> np.ndarray:
    return rankdata(p)


def _ordinal(p) -> np.ndarray:
    return rankdata(p, "ordinal")


def _squared_differences(ranks) -> Callable:
    """The formula of textbooks, which is right where there are no ties."""

    def formula(p, q):
        n = len(p)
        return 1 - 6 * ((ranks(p) - ranks(q)) ** 2).sum() / (n * (n**2 - 1.0))

    return formula


def _one_for_all(case: Case) -> bool:
    return case.shape in ((), (1,)) and len(case.context.a) > 1


def _wrong_number_of_correlations(case: Case) -> bool:
    return case.shape is not None and case.shape != case.context.expected.shape


def _covariance(p, q) -> float:
    return np.cov(_ranks(p), _ranks(q))[0, 1]


CORRELATION: tuple[Misconception, ...] = (
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
        _wrong_number_of_correlations,
    ),
    Misconception(
        "values_instead_of_ranks",
        "That is the correlation of the values. One huge pixel changes it a lot, and changes a "
        "rank hardly at all. Where do the ranks come in?",
        gives(_each(_pearson)),
    ),
    Misconception(
        "order_instead_of_ranks",
        "The sorting order of the pixels tells which pixel is the smallest, which the second... "
        "A rank tells of each pixel how many are smaller. Try both on the numbers 30, 10, 20.",
        gives(
            _each(lambda p, q: _pearson(np.argsort(p), np.argsort(q))),
            _each(
                lambda p, q: _pearson(np.argsort(p, kind="stable"), np.argsort(q, kind="stable"))
            ),
        ),
    ),
    Misconception(
        "squared_differences_with_ties",
        "The formula with the squared differences of ranks holds only if no two values are equal, "
        "and maps are full of equal values. Which formula always holds?",
        gives(_each(_squared_differences(_ranks)), _each(_squared_differences(_ordinal))),
    ),
    Misconception(
        "ties_not_shared",
        "Equal pixels get different ranks, in the order in which they happen to come, or all the "
        "smallest or largest of them. What would be fair to both?",
        gives(
            *(
                _each(lambda p, q, way=way: _pearson(rankdata(p, way), rankdata(q, way)))
                for way in ("ordinal", "min", "max", "dense")
            ),
            _each(lambda p, q: _pearson(*(np.argsort(np.argsort(m)) for m in (p, q)))),
        ),
    ),
    Misconception(
        "only_one_ranked",
        "One of the two maps enters with its ranks, the other with its values.",
        gives(
            _each(lambda p, q: _pearson(_ranks(p), q)), _each(lambda p, q: _pearson(p, _ranks(q)))
        ),
    ),
    Misconception(
        "sign_lost",
        "Your numbers say how strongly two maps are related and not in which direction. If one map "
        "is bright where the other is dark, what should come out?",
        gives(lambda c: np.abs(c.expected), lambda c: c.expected**2),
    ),
    Misconception(
        "absolute_values_ranked",
        "You rank the absolute values. Whether a sign is to be kept is for the caller to decide: "
        "the function takes the maps as they are.",
        gives(_each(lambda p, q: _pearson(_ranks(np.abs(p)), _ranks(np.abs(q))))),
    ),
    Misconception(
        "mean_not_subtracted",
        "Your numbers come out too near to 1. All ranks are positive: what has to be subtracted "
        "before their products say anything?",
        gives(
            _each(
                lambda p, q: (
                    (_ranks(p) @ _ranks(q))
                    / np.sqrt((_ranks(p) @ _ranks(p)) * (_ranks(q) @ _ranks(q)))
                )
            )
        ),
    ),
    Misconception(
        "not_normalised",
        "Your numbers grow with the number of pixels. A correlation lies between -1 and 1: by "
        "what is the covariance divided?",
        any_of(
            gives(
                _each(_covariance),
                _each(lambda p, q: _covariance(p, q) * (len(p) - 1)),
                _each(lambda p, q: _covariance(p, q) * (len(p) - 1) / len(p)),
            ),
            lambda case: case.values is not None and bool((np.abs(case.values) > 1.01).any()),
        ),
    ),
    Misconception(
        "kendall",
        "That is Kendall's correlation, which counts pairs of pixels in the same order. Asked for "
        "is Spearman's: the ordinary correlation, of ranks.",
        gives(_each(lambda p, q: kendalltau(p, q)[0])),
    ),
    Misconception(
        "reversed",
        "All signs are the wrong way round. Are both maps ranked in the same direction?",
        gives(lambda c: -c.expected),
    ),
)


class Weights(Context):
    """What was given to ``randomise_layers``, and the answer's weights beside it.

    An array here is one of a layer's, flat; ``before`` holds them all in order.
    """

    @cached_property
    def part(self):
        from ....tensorflow_quiet import tf

        last = self.model.get_layer(str(self.last)).output
        return tf.keras.Model(self.model.inputs, last)

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        return [w.shape for w in self.part.get_weights()]

    @cached_property
    def before(self) -> list[np.ndarray]:
        """The arrays of the model that was given."""
        scale = float(self.scale)
        return [np.ravel(w * scale) for w in self.part.get_weights()]

    @cached_property
    def layer_of(self) -> list[str]:
        """Of each array, the name of its layer."""
        return [layer.name for layer in self.part.layers for _ in layer.weights]

    @cached_property
    def named(self) -> list[int]:
        """Which arrays belong to a layer that is to become random."""
        wanted = {str(name) for name in self.layers}
        return [i for i, name in enumerate(self.layer_of) if name in wanted]

    @cached_property
    def others(self) -> list[int]:
        return [i for i in range(len(self.before)) if i not in self.named]

    def models(self, returned) -> list[list[np.ndarray]] | None:
        """The arrays of what was given, afterwards, and of three answers; None if they are of
        another network."""
        ends = np.cumsum([len(w) for w in self.before])
        numbers = np.asarray(returned)
        if numbers.shape != (4 * ends[-1],):
            return None
        return [np.split(each, ends[:-1]) for each in np.split(numbers, 4)]

    def same(self, arrays, which) -> bool:
        return all(np.array_equal(arrays[i], self.before[i]) for i in which)

    def reordered(self, array: np.ndarray, i: int) -> bool:
        """Whether an array holds the numbers of array i."""
        return np.array_equal(np.sort(array), np.sort(self.before[i]))

    def kept_together(self, array: np.ndarray, i: int) -> bool:
        """Whether array i was cut along an axis and only the slices changed places, or each slice
        was shuffled by itself."""
        shape = self.shapes[i]
        for axis in range(len(shape)) if len(shape) > 1 else ():
            others = tuple(a for a in range(len(shape)) if a != axis)
            if 1 < shape[axis] < len(array):
                sums = [
                    np.sort(w.reshape(shape).sum(axis=others, dtype=np.float64))
                    for w in (array, self.before[i])
                ]
                if np.allclose(*sums, rtol=1e-6, atol=1e-6):
                    return True
        return False


def _weights_say(test: Callable[[Weights, list], bool]) -> Callable[[Case], bool]:
    """Detects by the arrays of the answer, (what was given, first, again, other)."""

    def detect(case: Case) -> bool:
        models = None if case.numbers is None else case.context.models(case.numbers)
        return models is not None and bool(test(case.context, models))

    return detect


def _named_alone(c: Weights, models) -> bool:
    """Exactly one of several named layers has changed."""
    changed = {c.layer_of[i] for i in c.named if not np.array_equal(models[1][i], c.before[i])}
    return len(changed) == 1 < len({c.layer_of[i] for i in c.named})


def _all_named(c: Weights, models, test: Callable[[np.ndarray, np.ndarray], bool]) -> bool:
    """Whether the test holds for every kernel, new and old, of the named layers."""
    kernels = [i for i in c.named if len(c.shapes[i]) > 1]
    return bool(kernels) and all(test(models[1][i], c.before[i]) for i in kernels)


def _about_the_same_scale(new, old) -> bool:
    return abs(new.std() / old.std() - 1) < 0.1


RANDOMISED: tuple[Misconception, ...] = (
    NOTHING_RETURNED,
    CHANGES_ITS_INPUT,
    Misconception(
        "not_a_model",
        "What you return is not a model. The caller wants to ask it for scores, as the one that "
        "was given.",
        lambda case: case.numbers is None,
    ),
    Misconception(
        "another_network",
        "What you return has not the layers of the model that was given. Any model may be given: "
        "copy that one, do not load or build one.",
        lambda case: case.context.models(case.numbers) is None,
    ),
    Misconception(
        "changes_the_given_model",
        "After your function has run, the model it was given has other weights. Two models can "
        "share their layers: then whatever is done to one is done to both.",
        _weights_say(lambda c, models: not c.same(models[0], range(len(c.before)))),
    ),
    NAN_OR_INFINITY,
    Misconception(
        "nothing_changed",
        "Your model has the old weights everywhere. Reading the weights of a layer gives copies: "
        "what has to happen for the layer to take the new ones?",
        _weights_say(lambda c, models: c.same(models[1], range(len(c.before)))),
    ),
    Misconception(
        "weights_not_copied",
        "The layers that are not named have new numbers too. A cloned model has the same layers "
        "and fresh weights: what must be carried over?",
        _weights_say(
            lambda c, models: not all(c.reordered(models[1][i], i) for i in c.others),
        ),
    ),
    Misconception(
        "the_other_layers",
        "The named layers are kept, and the others are random. It should be the other way round.",
        _weights_say(
            lambda c, models: (
                c.named and c.same(models[1], c.named) and not c.same(models[1], c.others)
            )
        ),
    ),
    Misconception(
        "too_many_layers",
        "Layers that were not named are random as well. The function randomises exactly those "
        "that are named; whoever wants all above them names them all.",
        _weights_say(lambda c, models: not c.same(models[1], c.others)),
    ),
    Misconception(
        "one_layer_only",
        "Only one of the named layers is random. Does each turn of your loop go on from the turn "
        "before, and does the loop come to its end?",
        _weights_say(_named_alone),
    ),
    Misconception(
        "biases_left",
        "The kernels are random and the biases are as they were. They are weights too, and were "
        "learned with the rest.",
        _weights_say(
            lambda c, models: c.same(models[1], [i for i in c.named if len(c.shapes[i]) == 1])
        ),
    ),
    Misconception(
        "kernels_left",
        "The biases are random and the kernels, where nearly all weights are, have stayed.",
        _weights_say(
            lambda c, models: c.same(models[1], [i for i in c.named if len(c.shapes[i]) > 1])
        ),
    ),
    Misconception(
        "all_the_same",
        "All new weights of a kernel are the same number. Such a network computes next to "
        "nothing; random is something else.",
        _weights_say(lambda c, models: _all_named(c, models, lambda new, old: np.ptp(new) == 0)),
    ),
    Misconception(
        "drawn_with_replacement",
        "Every new number is an old one, but some come twice and others never. To change places "
        "means that each comes exactly once.",
        _weights_say(
            lambda c, models: (
                not all(c.reordered(models[1][i], i) for i in c.named)
                and _all_named(c, models, lambda new, old: np.isin(new, old).all())
            )
        ),
    ),
    Misconception(
        "arrays_mixed",
        "The numbers are the old ones, but they have wandered from one array to another. Kernels "
        "and biases are of different size, and so are layers: each keeps its own.",
        _weights_say(
            lambda c, models: (
                not all(c.reordered(models[1][i], i) for i in c.named)
                and np.array_equal(
                    *(
                        np.sort(np.concatenate([m[i] for i in c.named]))
                        for m in (models[1], c.before)
                    )
                )
            )
        ),
    ),
    Misconception(
        "noise_added",
        "Your new weights still resemble the old ones: you have added noise to them, or only "
        "changed their signs or size. What the network has learned must be gone.",
        _weights_say(
            lambda c, models: (
                not all(c.reordered(models[1][i], i) for i in c.named)
                and (
                    _all_named(c, models, lambda new, old: np.corrcoef(new, old)[0, 1] > 0.5)
                    or _all_named(
                        c, models, lambda new, old: np.corrcoef(abs(new), abs(old))[0, 1] > 0.5
                    )
                )
            )
        ),
    ),
    Misconception(
        "drawn_from_a_distribution",
        "Your weights are new numbers of about the right size. That is a fair test too, but not "
        "the one described: here the numbers stay and only their places change.",
        _weights_say(
            lambda c, models: (
                not all(c.reordered(models[1][i], i) for i in c.named)
                and _all_named(c, models, _about_the_same_scale)
            )
        ),
    ),
    Misconception(
        "another_scale",
        "Your weights are new numbers, and much smaller or larger than the old. Then the maps "
        "could change because the network is weaker, not because it has forgotten.",
        _weights_say(lambda c, models: not all(c.reordered(models[1][i], i) for i in c.named)),
    ),
    Misconception(
        "rows_kept_together",
        "Numbers that were neighbours in a kernel have stayed together: only whole rows changed "
        "places. A kernel has four axes; what does your shuffle see of them?",
        _weights_say(lambda c, models: any(c.kept_together(models[1][i], i) for i in c.named)),
    ),
    Misconception(
        "ignores_the_generator",
        "The same generator gives another model each time. Is every random number of yours drawn "
        "from the generator that is given?",
        _weights_say(
            lambda c, models: not all(map(np.array_equal, models[1], models[2])),
        ),
    ),
    Misconception(
        "always_the_same",
        "Your model is the same whatever generator is given: the order is fixed, or a seed is. "
        "Where does chance come from?",
        _weights_say(lambda c, models: all(map(np.array_equal, models[1], models[3]))),
    ),
)


class Deletion(Context):
    """What mistakes about curves can be computed from."""

    def __init__(self, inputs, model, expected):
        super().__init__(inputs, model, expected)
        self._scores: dict[str, np.ndarray] = {}

    @cached_property
    def ranks(self) -> np.ndarray:
        """Of each pixel the number of pixels that are more important, (N, H, W)."""
        flat = -self.maps.reshape(len(self.maps), -1)
        return flat.argsort(axis=1).argsort(axis=1).reshape(self.maps.shape)

    @property
    def pixels(self) -> int:
        return self.maps[0].size

    def parts(self):
        return np.arange(int(self.steps) + 1) / int(self.steps)

    def scores(self, name: str) -> np.ndarray:
        """The scores along the curves of a way of changing the images, (N, steps + 1, classes)."""
        if name not in self._scores:
            way = WAYS[name]
            self._scores[name] = np.stack(
                [self.model(way(self, part)).numpy() for part in self.parts()], axis=1
            ).astype(np.float64)
        return self._scores[name]

    def curves(self, name: str, read: str) -> np.ndarray:
        return READ[read](self.scores(name), np.asarray(self.y))


def _mixed(gone, baseline, X) -> np.ndarray:
    return np.where(gone[..., None], baseline, X).astype(np.float32)


def _gone(c: Deletion, part: float) -> np.ndarray:
    return c.ranks < round(part * c.pixels)


def _gone_in_this_step(c: Deletion, part: float) -> np.ndarray:
    return _gone(c, part) & ~_gone(c, part - 1 / int(c.steps))


def _ranked_colours(c: Deletion, part: float) -> np.ndarray:
    """Each number of the image for itself, three of a pixel in turn."""
    flat = np.repeat(c.maps[..., None], 3, axis=3).reshape(len(c.maps), -1)
    ranks = (-flat).argsort(axis=1).argsort(axis=1).reshape(c.X.shape)
    return np.where(ranks < round(part * c.pixels), c.baseline, c.X).astype(np.float32)


#: Ways of changing the images when a part of the pixels has been dealt with.
WAYS: dict[str, Callable[[Deletion, float], np.ndarray]] = {
    "right": lambda c, part: _mixed(_gone(c, part), c.baseline, c.X),
    "least important first": lambda c, part: _mixed(
        c.ranks >= c.pixels - round(part * c.pixels), c.baseline, c.X
    ),
    "exchanged": lambda c, part: _mixed(_gone(c, part), c.X, c.baseline),
    "this step alone": lambda c, part: _mixed(_gone_in_this_step(c, part), c.baseline, c.X),
    "grey": lambda c, part: _mixed(_gone(c, part), np.float32(0), c.X),
    "first baseline": lambda c, part: _mixed(_gone(c, part), c.baseline[:1], c.X),
    "first map": lambda c, part: _mixed(
        np.broadcast_to(_gone(c, part)[:1], c.ranks.shape), c.baseline, c.X
    ),
    "order as places": lambda c, part: _mixed(
        (-c.maps.reshape(len(c.maps), -1)).argsort(axis=1).reshape(c.maps.shape)
        < round(part * c.pixels),
        c.baseline,
        c.X,
    ),
    "ascending order as places": lambda c, part: _mixed(
        c.maps.reshape(len(c.maps), -1).argsort(axis=1).reshape(c.maps.shape)
        >= c.pixels - round(part * c.pixels),
        c.baseline,
        c.X,
    ),
    "by value": lambda c, part: _mixed(
        c.maps > (1 - part) * c.maps.max(axis=(1, 2), keepdims=True), c.baseline, c.X
    ),
    "by value, range": lambda c, part: _mixed(
        c.maps
        >= c.maps.max(axis=(1, 2), keepdims=True)
        - part * np.ptp(c.maps, axis=(1, 2), keepdims=True),
        c.baseline,
        c.X,
    ),
    "colours": _ranked_colours,
    "as many pixels as steps": lambda c, part: _mixed(
        c.ranks < round(part * int(c.steps)), c.baseline, c.X
    ),
}


def _of(labels, values) -> np.ndarray:
    return np.take_along_axis(values, np.reshape(labels, (-1, 1, 1)), axis=2)[..., 0]


#: Ways of reading a number for each image and step from the scores.
READ: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "right": lambda scores, y: _of(y, softmax(scores)),
    "scores": lambda scores, y: _of(y, scores),
    "logarithm": lambda scores, y: _of(y, np.log(softmax(scores))),
    "best": lambda scores, y: softmax(scores).max(axis=-1),
    "first label": lambda scores, y: softmax(scores)[..., y[0]],
    "share of scores": lambda scores, y: _of(y, scores / scores.sum(axis=-1, keepdims=True)),
    "over the batch": lambda scores, y: _of(y, softmax(scores.swapaxes(0, -1)).swapaxes(0, -1)),
    "sigmoid": lambda scores, y: 1 / (1 + np.exp(-_of(y, scores))),
}


def _is_curve(*ways: str, read: str = "right") -> Callable[[Case], bool]:
    return gives(*(lambda c, way=way: c.curves(way, read) for way in ways))


def _read_as(*reads: str) -> Callable[[Case], bool]:
    return gives(*(lambda c, read=read: c.curves("right", read) for read in reads))


def _curves_transposed(case: Case) -> bool:
    return case.shape == case.context.expected.shape[::-1]


def _a_step_missing(case: Case) -> bool:
    N, points = case.context.expected.shape
    return case.shape in ((N, points - 1), (N, points - 2), (N, points + 1))


def _one_curve(case: Case) -> bool:
    N, points = case.context.expected.shape
    return case.shape in ((points,), (points - 1,), (1, points)) and N > 1


def _area(case: Case) -> bool:
    return case.shape in ((), (len(case.context.X),))


def _shifted(case: Case) -> bool:
    """The right curve a step early or late."""
    if case.values is None:
        return False
    right, N = case.context.expected.astype(np.float64), len(case.values)
    return any(
        np.abs(mine - theirs).max() < 0.02
        for mine, theirs in (
            (case.values[:, 1:], right[:, :-1]),
            (case.values[:, :-1], right[:, 1:]),
        )
        if N
    )


def _never_changes(case: Case) -> bool:
    return case.values is not None and bool((np.ptp(case.values, axis=1) < 1e-4).all())


DELETION: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    SOME_LEFT_EMPTY,
    Misconception(
        "transposed",
        "Your curves stand upright: the first axis counts the steps. Images come first, as "
        "everywhere here.",
        _curves_transposed,
    ),
    Misconception(
        "a_step_missing",
        "Count the points of a curve. It begins with the untouched image and ends with all pixels "
        "replaced: that makes one point more than there are steps.",
        _a_step_missing,
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
        _area,
    ),
    Misconception(
        "every_class",
        "You return a number for each of the classes. The curve follows one of them: which one, is "
        "said for each image.",
        lambda case: case.shape is not None and 1000 in case.shape,
    ),
    Misconception(
        "nothing_is_replaced",
        "Your curves are flat: the network gets the same image in each step. Is what you change "
        "the thing that you hand to the model?",
        _never_changes,
    ),
    Misconception(
        "scores_instead_of_probabilities",
        "Your numbers are not the probabilities of the class: they are scores, or made from the "
        "score of that class alone. A probability depends on all the classes.",
        _read_as("scores", "share of scores", "sigmoid", "logarithm"),
    ),
    Misconception(
        "softmax_over_the_wrong_axis",
        "You have the images compete with each other for the class. For one image, the "
        "probabilities of which things add up to 1?",
        _read_as("over the batch"),
    ),
    Misconception(
        "best_class",
        "You follow whatever class is the best in each step. The question is what becomes of the "
        "class that is given for the image.",
        _read_as("best"),
    ),
    Misconception(
        "first_label_for_all",
        "You read the class of the first image for all of them. Each image has its own label.",
        _read_as("first label"),
    ),
    Misconception(
        "least_important_first",
        "The pixels go in the wrong order: the least important ones first. In which order does "
        "sorting put numbers?",
        _is_curve("least important first"),
    ),
    Misconception(
        "image_and_baseline_exchanged",
        "Your curves begin with the baseline and end with the image. That is insertion, and you "
        "get it later for nothing, by exchanging the two in the call.",
        any_of(
            _is_curve("exchanged"),
            gives(lambda c: c.curves("least important first", "right")[:, ::-1]),
        ),
    ),
    Misconception(
        "reversed_curves",
        "Your curves run backwards: the untouched image should come first.",
        gives(lambda c: c.expected[:, ::-1]),
    ),
    Misconception(
        "not_cumulative",
        "In each step only the pixels of that step are replaced, and those of the steps before "
        "are back again. What has gone stays gone.",
        _is_curve("this step alone"),
    ),
    Misconception(
        "a_step_early_or_late",
        "Your curves are the right ones, one step early or late. How many pixels are replaced at "
        "the very first point?",
        _shifted,
    ),
    Misconception(
        "by_value_instead_of_rank",
        "You replace the pixels above a part of the map's maximum. Then a step may take no pixel "
        "or nearly all; each step should take as many as any other.",
        _is_curve("by value", "by value, range"),
    ),
    Misconception(
        "order_taken_for_ranks",
        "Sorting tells which pixel is the most important, then which is the second, and so on. You "
        "use these numbers as if they were written at the pixels themselves.",
        _is_curve("order as places", "ascending order as places"),
    ),
    Misconception(
        "baseline_ignored",
        "The pixels that go become grey. What they should become is given, for every image and "
        "pixel.",
        _is_curve("grey"),
    ),
    Misconception(
        "first_image_for_all",
        "The map or the baseline of the first image is used for all images.",
        _is_curve("first map", "first baseline"),
    ),
    Misconception(
        "colours_ranked_separately",
        "A step replaces numbers where it should replace pixels: one number of the map stands for "
        "three numbers of the image.",
        _is_curve("colours"),
    ),
    Misconception(
        "too_few_pixels",
        "Each step replaces a single pixel. How many pixels must a step take, so that the last "
        "step leaves none?",
        _is_curve("as many pixels as steps"),
    ),
    Misconception(
        "scaled_curves",
        "Your curves have the right shape and are scaled, by their first value perhaps. Return "
        "the probabilities as they are.",
        lambda case: case.up_to_scale and gives(lambda c: c.expected)(case),
    ),
)


def _four(maps) -> np.ndarray:
    """Sums over top left, top right, bottom left and bottom right: (N, 4)."""
    n, height, width = maps.shape
    parts = maps.astype(np.float64).reshape(n, 2, height // 2, 2, width // 2)
    return parts.sum(axis=(2, 4)).reshape(n, 4)


def _at(four: np.ndarray, quadrants) -> np.ndarray:
    return four[np.arange(len(four)), quadrants]


def _divided(a, b) -> np.ndarray:
    return np.divide(a, b, out=np.zeros(np.shape(a)), where=np.asarray(b) != 0)


def _shares_of(four: Callable, total: Callable, quadrants: Callable = lambda c: c.quadrants):
    """A wrong share: something of the quadrants over something of the whole."""
    return lambda c: _divided(_at(four(c), quadrants(c)), total(c))


def _positive(c) -> np.ndarray:
    return _four(np.maximum(c.maps, 0))


def _hits(c) -> np.ndarray:
    """Whether the largest value lies in the quadrant."""
    n, height, width = c.maps.shape
    place = c.maps.reshape(n, -1).argmax(axis=1)
    rows, columns = place // width, place % width
    return (2 * (rows >= height // 2) + (columns >= width // 2) == c.quadrants).astype(float)


def _but_where_nothing_is_positive(case: Case) -> bool:
    """Right but for maps with nothing positive, which have another number than 0."""
    if case.numbers is None or case.shape != case.context.expected.shape:
        return False
    some = case.context.expected > 0
    return not some.all() and np.allclose(
        case.numbers[some], case.context.expected[some], rtol=0.01
    )


POINTING: tuple[Misconception, ...] = (
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
        lambda case: case.shape in ((len(case.context.maps), 4), (4, len(case.context.maps))),
    ),
    Misconception(
        "one_number_for_all",
        "You return one number for all maps. Each has its own share; a mean can be taken later.",
        lambda case: case.shape in ((), (1,)) and len(case.context.maps) > 1,
    ),
    Misconception(
        "every_quadrant_for_every_map",
        "You get a number for each map and each quadrant of the list. Map number n goes with "
        "quadrant number n.",
        lambda case: case.shape is not None and case.shape != case.context.expected.shape,
    ),
    Misconception(
        "absolute_values",
        "Negative attributions count in yours as if they were positive. They speak against the "
        "class; what does the description do with them?",
        gives(
            _shares_of(lambda c: _four(np.abs(c.maps)), lambda c: np.abs(c.maps).sum(axis=(1, 2))),
            _shares_of(_positive, lambda c: np.abs(c.maps).sum(axis=(1, 2))),
        ),
    ),
    Misconception(
        "squared",
        "You square the map. That makes negative values positive, and large ones count too much.",
        gives(_shares_of(lambda c: _four(c.maps**2), lambda c: (c.maps**2).sum(axis=(1, 2)))),
    ),
    Misconception(
        "signs_cancel",
        "Positive and negative pixels cancel in your sums. Look at each pixel first, then add.",
        gives(
            *(
                _shares_of(each, total)
                for each in (
                    lambda c: _four(c.maps),
                    lambda c: np.maximum(_four(c.maps), 0),
                )
                for total in (
                    lambda c: c.maps.sum(axis=(1, 2)),
                    lambda c: np.maximum(_four(c.maps), 0).sum(axis=1),
                    lambda c: _positive(c).sum(axis=1),
                )
            ),
        ),
    ),
    Misconception(
        "rows_and_columns_exchanged",
        "Top right and bottom left have changed places. How are the four quadrants numbered, and "
        "which axis of a map runs down?",
        gives(
            _shares_of(
                _positive,
                lambda c: _positive(c).sum(axis=1),
                lambda c: np.array([0, 2, 1, 3])[c.quadrants],
            )
        ),
    ),
    Misconception(
        "another_quadrant",
        "You look into another quadrant. Are they counted from 0, from the top, and in the order "
        "in which one reads?",
        gives(
            *(
                _shares_of(
                    _positive,
                    lambda c: _positive(c).sum(axis=1),
                    lambda c, places=places: np.array(places)[c.quadrants],
                )
                for places in ((3, 2, 1, 0), (2, 3, 0, 1), (1, 0, 3, 2), (3, 0, 1, 2), (0, 1, 3, 2))
            ),
        ),
    ),
    Misconception(
        "one_quadrant_for_all",
        "You look into the same quadrant of every map. Each map has its own.",
        gives(
            *(
                _shares_of(
                    _positive,
                    lambda c: _positive(c).sum(axis=1),
                    lambda c, q=q: np.full(len(c.maps), q),
                )
                for q in range(4)
            ),
            _shares_of(
                _positive,
                lambda c: _positive(c).sum(axis=1),
                lambda c: np.full(len(c.maps), c.quadrants[0]),
            ),
        ),
    ),
    Misconception(
        "not_a_share",
        "Your numbers are sums or means over a quadrant. A share compares them with the whole map, "
        "so that a map twice as bright has the same.",
        gives(
            lambda c: _at(_positive(c), c.quadrants),
            lambda c: _at(_positive(c), c.quadrants) / (c.maps[0].size / 4),
            lambda c: _at(_positive(c), c.quadrants) / c.maps[0].size,
            lambda c: _at(_positive(c), c.quadrants) / c.maps.max(axis=(1, 2)),
        ),
    ),
    Misconception(
        "compared_with_the_rest",
        "You compare the quadrant with the other three, or with their mean or the best of them. "
        "A share is a part of the whole.",
        gives(
            _shares_of(
                _positive,
                lambda c: _positive(c).sum(axis=1) - _at(_positive(c), c.quadrants),
            ),
            _shares_of(_positive, lambda c: _positive(c).max(axis=1)),
            _shares_of(_positive, lambda c: _positive(c).mean(axis=1)),
        ),
    ),
    Misconception(
        "divided_by_all_maps",
        "You divide by the sum over all maps. The share is of one map at a time.",
        gives(_shares_of(_positive, lambda c: np.full(len(c.maps), _positive(c).sum()))),
    ),
    Misconception(
        "hit_or_miss",
        "You return hit or miss. The share says more: how much of the map lies in the quadrant.",
        any_of(
            gives(_hits, lambda c: (_positive(c).argmax(axis=1) == c.quadrants).astype(float)),
            lambda case: case.values is not None and bool(np.isin(case.values, (0, 1)).all()),
        ),
    ),
    Misconception(
        "pixels_counted",
        "You count the positive pixels. A strong attribution should count for more than a weak "
        "one.",
        gives(
            _shares_of(lambda c: _four(c.maps > 0), lambda c: (c.maps > 0).sum(axis=(1, 2))),
            lambda c: _at(_four(c.maps > 0), c.quadrants) / (c.maps[0].size / 4),
        ),
    ),
)
