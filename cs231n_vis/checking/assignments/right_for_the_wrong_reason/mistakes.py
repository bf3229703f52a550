"""Assignment 6: the mistakes that are known, and their hints."""

from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np

from ...calls import softened
from ...misconceptions import (
    AXIS_OF_ONE_LOST,
    WHAT_WAS_RETURNED,
    Array,
    Case,
    Catalogue,
    Context,
    Misconception,
    another_shape,
    kept,
    wrong_result,
)
from .judge import AGREEMENT, TELLING, agreements, boxes, most_telling, outside

# 1. times_its_share


class Maps(Context):
    """Nonnegative ``maps`` and ``regions``, bool, both (N, H, W)."""

    maps: np.ndarray
    regions: np.ndarray

    @property
    def inside(self) -> np.ndarray:
        return (self.maps * self.regions).sum((1, 2))

    @property
    def total(self) -> np.ndarray:
        return np.maximum(self.maps.sum((1, 2)), 1e-30)

    @property
    def area(self) -> np.ndarray:
        return self.regions.mean((1, 2))

    def or_one(self, times: np.ndarray) -> Iterable[np.ndarray]:
        """With what is right for a map of zeros, and with what comes out by itself."""
        empty = self.maps.sum((1, 2)) == 0
        return [times, np.where(empty, 1, times)]


SHARES = Catalogue(
    Maps,
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    Misconception(
        "one_number_for_all",
        "You return one number for all maps together. Each map has a region of its own, and a "
        "number of its own.",
        lambda case: case.shape in ((), (1,)) and case.context.shape[0] > 1,
    ),
    Misconception(
        "not_one_number_each",
        "Each map has one number. Along which axes do you have to add up?",
        another_shape,
    ),
    wrong_result(
        "area_forgotten",
        "That is the share of the map. A large region gets a large share of any map, by chance "
        "alone: what is it to be compared with?",
        lambda c: c.or_one(c.inside / c.total),
        lambda c: c.or_one(c.inside / c.total / c.regions.sum((1, 2))),
    ),
    wrong_result(
        "map_not_divided_by_its_total",
        "Your numbers depend on how large the values of a map are as a whole. A map "
        "twice as bright everywhere says the same: which division takes that away?",
        lambda c: c.or_one(c.inside),
        lambda c: c.or_one(c.inside / c.area),
        lambda c: c.or_one(c.inside / c.regions.sum((1, 2))),
    ),
    wrong_result(
        "compared_with_the_outside",
        "You compare the region with what lies outside of it. Asked for is the region's share of "
        "the whole, the region included, both of the map and of the area.",
        lambda c: c.or_one(
            (c.inside / c.regions.sum((1, 2)))
            / np.maximum((c.maps * ~c.regions).sum((1, 2)) / (~c.regions).sum((1, 2)), 1e-30)
        ),
        lambda c: c.or_one(
            c.inside / np.maximum((c.maps * ~c.regions).sum((1, 2)), 1e-30) / c.area
        ),
    ),
    wrong_result(
        "the_outside",
        "That is for what lies outside of the regions. Which pixels are true in a region?",
        lambda c: c.or_one((c.total - c.inside) / c.total / (1 - c.area)),
    ),
    wrong_result(
        "difference",
        "You subtract the two shares. How many times one is the other is asked for: then 1 means "
        "chance for a region of any size.",
        lambda c: [*c.or_one(c.inside / c.total - c.area), np.abs(c.inside / c.total - c.area)],
    ),
    wrong_result(
        "upside_down",
        "Your numbers are small where the region is bright. Which of the two shares is divided by "
        "which?",
        lambda c: c.or_one(c.area / np.maximum(c.inside / c.total, 1e-30)),
    ),
    wrong_result(
        "one_area_for_all",
        "You divide by the mean area of all regions. Each region has an area of its own.",
        lambda c: c.or_one(c.inside / c.total / c.area.mean()),
        lambda c: c.or_one(c.inside / c.total / c.area[0]),
    ),
    wrong_result(
        "one_total_for_all",
        "You divide by the sum over all maps. A bright map beside it must not change what is said "
        "of another.",
        lambda c: c.or_one(c.inside / c.maps.sum() / c.area),
        lambda c: c.or_one(c.inside / c.maps.sum((1, 2)).mean() / c.area),
    ),
    wrong_result(
        "brightest_instead_of_sum",
        "One pixel decides your number, the brightest. The share of a map is made of all its "
        "values.",
        lambda c: c.or_one(
            (c.maps * c.regions).max((1, 2)) / np.maximum(c.maps.max((1, 2)), 1e-30) / c.area
        ),
        lambda c: c.or_one((c.maps * c.regions).max((1, 2)) / c.total / c.area),
    ),
    wrong_result(
        "pixels_counted",
        "You count pixels that are brighter than some limit. The share of a map is made of their "
        "values.",
        lambda c: (
            np.nan_to_num(above.sum((1, 2)) / np.maximum(all_above.sum((1, 2)), 1) / c.area)
            for all_above in (c.maps > 0, c.maps > c.maps.mean((1, 2), keepdims=True))
            for above in [all_above & c.regions]
        ),
    ),
    wrong_result(
        "map_of_zeros",
        "All is right but for a map that is zero everywhere. It is the same everywhere, so no "
        "region has more or less of it than its area.",
        lambda c: (np.where(c.maps.sum((1, 2)) == 0, wrong, c.expected) for wrong in (0, -1)),
    ),
    wrong_result(
        "percent",
        "Your numbers are a hundred times as large. Not percent, but how many times the one share "
        "is the other.",
        lambda c: c.or_one(100 * c.expected),
    ),
)


# 2. break_the_link


class Collection(Context):
    """Images ``X``, uint8 (N, H, W, 3), which of them are ``tagged``, and ``places`` of boxes."""

    X: np.ndarray
    tagged: np.ndarray
    places: np.ndarray
    tag: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.X.shape

    @cached_property
    def inside(self) -> np.ndarray:
        return boxes(self.X, self.places, self.tag)


def _changed(case: Case[Collection]) -> np.ndarray:
    """Which images are other than before, bool (N,)."""
    return (np.abs(case.values - case.context.X) > 0.5).any((1, 2, 3))


def _outside_changed(case: Case[Collection]) -> np.ndarray:
    c = case.context
    difference = np.abs(case.values - c.X).max(3) > 0.5
    return difference & outside(c.shape, c.places, c.tag)


def _has_the_tag(case: Case[Collection]) -> np.ndarray:
    """Which images have the tag in their box now, bool (N,)."""
    c = case.context
    return np.abs(boxes(case.values, c.places, c.tag) - c.tag).max((1, 2, 3)) < 0.5


def _whole_images(case: Case[Collection]) -> bool:
    """Most of what is outside of the boxes has changed, in some images."""
    changed, free = (
        _outside_changed(case),
        outside(case.shape, case.context.places, case.context.tag),
    )
    return bool((changed.sum((1, 2)) > 0.7 * free.sum((1, 2))).any())


def _still_telling(case: Case[Collection]) -> bool:
    c = case.context
    return most_telling(boxes(case.values, c.places, c.tag), c.tagged, c.tag) > TELLING


CURE = Catalogue(
    Collection,
    *WHAT_WAS_RETURNED,
    Misconception(
        "images_left_out",
        "There are fewer images than before. All of them have to stay, or the class that carried "
        "the tags is gone.",
        lambda case: (
            case.shape[1:] == case.context.shape[1:] and len(case.numbers) < len(case.context.X)
        ),
    ),
    Misconception(
        "boxes_instead_of_images",
        "What comes back has not the shape of the images. Images come in and images go out, with "
        "other numbers in one box of each.",
        another_shape,
    ),
    Misconception(
        "not_photographs",
        "Your numbers are not those of photographs, whole numbers from 0 to 255. Leave the "
        "preprocessing to whoever trains the network.",
        lambda case: case.values.min() < 0 or case.values.max() <= 1,
    ),
    Misconception(
        "unchanged",
        "What comes back is X. Does what you write get into what you return?",
        lambda case: not _changed(case).any(),
    ),
    Misconception(
        "whole_images",
        "Whole images have changed. What has to be hidden is in the box, and the rest is what the "
        "network shall learn from.",
        _whole_images,
    ),
    Misconception(
        "another_place",
        "Pixels outside of the boxes have changed. Where does a box begin, how high and how wide "
        "is it, and which of the two numbers of a place is the row?",
        lambda case: _outside_changed(case).any(),
    ),
    Misconception(
        "the_mask_is_the_new_tag",
        "Only the images that had the tag have changed. A network that looks for your paint in the "
        "box can tell them as well as before: what is missing on the others?",
        lambda case: (
            (_changed(case) <= case.context.tagged).all()
            and not _has_the_tag(case)[case.context.tagged].all()
        ),
    ),
    Misconception(
        "link_reversed",
        "Now the others have the tag, and those that had it have not. The tag tells as much as "
        "before, the other way round.",
        lambda case: (
            _has_the_tag(case)[~case.context.tagged].mean() > 0.9
            and _has_the_tag(case)[case.context.tagged].mean() < 0.1
        ),
    ),
    Misconception(
        "link_only_loosened",
        "All images that had the tag have it still, and only some of the others. So an image "
        "without it is surely one of the others: how often must each kind have it?",
        lambda case: (
            _has_the_tag(case)[case.context.tagged].all()
            and 0.02 < _has_the_tag(case)[~case.context.tagged].mean() < 0.98
        ),
    ),
    Misconception(
        "the_others_marked_in_another_way",
        "The others are marked now, but by something that is not the tag. Which of the two is in "
        "the box still tells them apart.",
        lambda case: (
            _has_the_tag(case)[case.context.tagged].all()
            and _changed(case)[~case.context.tagged].mean() > 0.9
        ),
    ),
    Misconception(
        "traces_of_the_tag",
        "Every box has changed, and something of what was in it shines through. What is made of "
        "the old numbers of a box can tell of the tag.",
        lambda case: _changed(case)[case.context.tagged].mean() > 0.5 and _still_telling(case),
    ),
)


# 3. step_towards_the_box

CLASS_WEIGHT = 0.1  # of the logarithm of the probability in the objective


class OnTheWay(Context):
    """Images ``X`` on their way from ``X_start``, (N, H, W, 3), and what a step depends on."""

    X: np.ndarray
    X_start: np.ndarray
    y: np.ndarray
    box: np.ndarray
    epsilon: float
    step: float

    @kept
    def gradient(
        self,
        share: str = "share",
        of_map: str = "abs max",
        of_class: str = "log_softmax",
        weight: float = CLASS_WEIGHT,
    ) -> np.ndarray:
        """The gradient of an objective that is made as these say, of the shape of X."""
        from ....tensorflow_quiet import tf

        X, y = tf.constant(self.X), tf.constant(self.y)
        box, model = tf.constant(self.box, tf.float32), softened(self.model)
        with tf.GradientTape() as outer:
            outer.watch(X)
            with tf.GradientTape() as inner:
                inner.watch(X)
                scores = model(X)
                explained = {
                    "probability": tf.nn.log_softmax(scores),
                    "all classes": tf.tile(tf.reduce_sum(scores, 1, True), (1, scores.shape[1])),
                }.get(of_map, scores)
                chosen = tf.gather(explained, y, axis=1, batch_dims=1)
            gradient = inner.gradient(chosen, X)
            maps = {
                "signed max": lambda: tf.reduce_max(gradient, 3),
                "signed sum": lambda: tf.reduce_sum(gradient, 3),
                "abs sum": lambda: tf.reduce_sum(tf.abs(gradient), 3),
                "squares": lambda: tf.reduce_sum(gradient**2, 3),
            }.get(of_map, lambda: tf.reduce_max(tf.abs(gradient), 3))()
            inside, total = tf.reduce_sum(maps * box, (1, 2)), tf.reduce_sum(maps, (1, 2))
            drawn = {
                "none": lambda: 0 * total,
                "share": lambda: tf.math.log(inside / total),
                "plain share": lambda: inside / total,
                "brightness": lambda: tf.math.log(inside),
                "plain brightness": lambda: inside,
                "outside": lambda: tf.math.log((total - inside) / total),
                "shares of all": lambda: tf.math.log(
                    tf.ones_like(total) * tf.reduce_sum(inside) / tf.reduce_sum(total)
                ),
            }[share]()
            ends = {
                "log_softmax": tf.nn.log_softmax(scores),
                "softmax": tf.nn.softmax(scores),
                "score": scores,
            }[of_class]
            objective = drawn + weight * tf.gather(ends, y, axis=1, batch_dims=1)
        return outer.gradient(objective, X).numpy()

    def after(self, way: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
        """X after a step of this way, kept within its limits."""
        stepped = (self.X if start is None else start) + self.step * way
        return np.clip(stepped, self.X_start - self.epsilon, self.X_start + self.epsilon)

    def along(self, *objective, **options) -> np.ndarray:
        """X after a step along the sign of the gradient of an objective."""
        return self.after(np.sign(self.gradient(*objective, **options)))


def _near(case: Case[OnTheWay], other: np.ndarray) -> bool:
    """Nearly all numbers are those of another result."""
    return bool((agreements(case.values, other, case.context.step) > AGREEMENT).all())


def _steps(
    name: str, hint: str, *wrong: Callable[[OnTheWay], Array | Iterable[Array]]
) -> Misconception[OnTheWay]:
    """An answer whose numbers are nearly all those of one of these."""
    return Misconception(
        name,
        hint,
        lambda case: any(_near(case, other) for each in wrong for other in case.context.made(each)),
    )


def _beyond(case: Case[OnTheWay]) -> bool:
    c = case.context
    return np.abs(case.values - c.X_start).max() > 1.001 * c.epsilon


def _too_far(case: Case[OnTheWay]) -> bool:
    """A right step that is not kept within the limits, or within limits around X."""
    return _beyond(case) and _near(
        case, case.context.X + case.context.step * np.sign(case.context.gradient())
    )


def _only_in_the_box(case: Case[OnTheWay]) -> bool:
    """Outside of the box no number has gone a step."""
    c = case.context
    moved = np.abs(case.values - c.X).max(3) > 0.1 * c.step
    return moved[:, c.box].any() and not moved[:, ~c.box].any()


STEPS = Catalogue(
    OnTheWay,
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    Misconception(
        "not_images",
        "What comes back has not the shape of the images. Which of your arrays goes a step, and is "
        "that what you return?",
        another_shape,
    ),
    _steps(
        "unchanged",
        "What comes back is X. Does the step get into what you return, and has the objective a "
        "gradient?",
        lambda c: c.X,
        lambda c: c.after(np.zeros_like(c.X)),
    ),
    Misconception(
        "only_the_step",
        "You return the step alone. What is asked for are the images after they took it.",
        lambda case: np.abs(case.values).max() < 1.01 * case.context.step,
    ),
    Misconception(
        "leaves_the_limits",
        "The step is right, and some numbers have gone too far. The limits lie around where the "
        "images began, and hold for the result.",
        _too_far,
    ),
    _steps(
        "starts_over",
        "Your step sets out from X start, so all earlier steps are lost. Where are the images now, "
        "and what are the limits around?",
        lambda c: c.after(np.sign(c.gradient()), c.X_start),
    ),
    _steps(
        "downhill",
        "You go the opposite way: the share in the box falls. Should the objective rise or fall?",
        lambda c: c.after(-np.sign(c.gradient())),
    ),
    _steps(
        "map_has_no_gradient",
        "Your step raises the probability of the class and nothing else. The outer tape must see "
        "how the map is made: did an array of NumPy's, or a function that returns one, come "
        "between?",
        lambda c: c.along("none"),
    ),
    _steps(
        "class_forgotten",
        "Your step moves the map and lets the class go where it will. What else is in the "
        "objective?",
        lambda c: c.along(weight=0),
    ),
    _steps(
        "class_counts_too_much",
        "The class counts as much as the map in your objective, or more. How are its two parts "
        "weighed?",
        lambda c: c.along(weight=1),
        lambda c: c.along(weight=10),
    ),
    _steps(
        "class_pushed_away",
        "Your step lowers the probability of the class. A loss and an objective have opposite "
        "signs: what has to rise?",
        lambda c: c.along(weight=-CLASS_WEIGHT),
        lambda c: c.along(weight=-1),
    ),
    _steps(
        "away_from_the_box",
        "The share outside of the box rises. Is the box true where the map shall be bright?",
        lambda c: c.along("outside"),
    ),
    _steps(
        "brightness_instead_of_share",
        "You raise what is in the box, and the map may rise everywhere else, too. Which division "
        "makes it a share?",
        lambda c: c.along("brightness"),
        lambda c: c.along("plain brightness"),
    ),
    _steps(
        "no_logarithm",
        "Both parts of the objective are logarithms. Without them, how much each counts changes "
        "with every image.",
        lambda c: c.along("plain share"),
        lambda c: c.along(of_class="softmax"),
        lambda c: c.along("plain share", of_class="softmax"),
    ),
    _steps(
        "score_instead_of_probability",
        "You raise the score of the class. The scores of others can rise with it: what does the "
        "objective ask for?",
        lambda c: c.along(of_class="score"),
    ),
    _steps(
        "map_of_probabilities",
        "Your map is that of a probability. A saliency map is the gradient of the unnormalised "
        "score.",
        lambda c: c.along(of_map="probability"),
    ),
    _steps(
        "map_of_all_classes",
        "Your map belongs to the scores of all classes together. Each image has one class to be "
        "explained.",
        lambda c: c.along(of_map="all classes"),
    ),
    _steps(
        "another_map",
        "The map that you move is not the saliency map: the absolute value, and of it the largest "
        "of the three colours.",
        *(
            lambda c, kind=kind: c.along(of_map=kind)
            for kind in ("signed max", "signed sum", "abs sum", "squares")
        ),
    ),
    _steps(
        "one_share_for_all",
        "You add up the maps of all images before you divide. Each image has a share of its own.",
        lambda c: c.along("shares of all"),
        lambda c: c.along("shares of all", weight=CLASS_WEIGHT / len(c.X)),
    ),
    Misconception(
        "only_in_the_box",
        "Only pixels in the box have moved. It is the map that shall be bright there; which pixels "
        "bring that about, the gradient says.",
        _only_in_the_box,
    ),
    _steps(
        "no_sign",
        "Your steps are in proportion to the gradient: some numbers go far and most hardly at all. "
        "What does the sign make of it?",
        lambda c: (
            c.after(c.gradient() / length)
            for length in (
                1,
                np.sqrt((c.gradient() ** 2).sum()),
                np.sqrt((c.gradient() ** 2).sum((1, 2, 3), keepdims=True)),
                np.abs(c.gradient()).max((1, 2, 3), keepdims=True),
                np.abs(c.gradient()).max(),
            )
        ),
    ),
    Misconception(
        "another_length",
        "The directions are right, and the length is not that of a step.",
        lambda case: any(
            _near(case, case.context.after(factor * np.sign(case.context.gradient())))
            for factor in (
                case.context.epsilon / case.context.step,
                1 / case.context.step,
                1 / 255,
            )
        ),
    ),
)
