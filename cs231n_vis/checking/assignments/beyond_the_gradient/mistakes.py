"""Assignment 4: the mistakes that are known, and their hints."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TypeVar

import numpy as np

from ....image_utils import BLACK, WHITE
from ... import scores
from ...misconceptions import (
    OF_A_BATCH,
    Case,
    Catalogue,
    Context,
    Detector,
    Misconception,
    another_shape,
    gives,
    has_shape,
    kept,
    wrong_result,
)
from ...scores import Derivative, minus, right_class
from ..gradients import SOFTMAX_OVER_THE_IMAGES, Gradients

G = TypeVar("G", bound=Gradients)

# Mistakes that can be made in more than one answer


def _straight_line(case: Case) -> bool:
    """Each item is the right one times a positive number plus a number."""
    for answer, right in zip(case.values, case.context.expected.astype(np.float64), strict=True):
        answer, right = answer - answer.mean(), right - right.mean()
        factor = (answer * right).sum() / max((right**2).sum(), np.finfo(float).tiny)
        rest = np.linalg.norm(answer - factor * right)
        if not (factor > 0 and rest < 0.03 * np.linalg.norm(answer)):
            return False
    return True


COLOURS_REDUCED: Misconception[Gradients] = Misconception(
    "colours_reduced",
    "Your result has no colours any more. An attribution keeps one number for each number of the "
    "image; making a map of it comes later, for the picture.",
    has_shape(lambda c: (c.X.shape[:3], (*c.X.shape[:3], 1))),
)
IMAGES_REDUCED: Misconception[Gradients] = Misconception(
    "images_reduced",
    "The images have been averaged or added, or only one is left. Every image has attributions "
    "of its own; which axis counts the images?",
    has_shape(lambda c: (c.X.shape[1:], (1, *c.X.shape[1:])) if len(c.X) > 1 else ()),
)
SIGN_LOST: Misconception[Context] = wrong_result(
    "sign_lost",
    "Your numbers have lost their sign. Here a pixel may also speak against the class, and the "
    "sign says so.",
    lambda c: (np.abs(c.expected), np.maximum(c.expected, 0)),
)
SIGN_TURNED: Misconception[Context] = wrong_result(
    "sign_turned",
    "Every sign is the wrong way round. Something was subtracted in the wrong order, or a loss "
    "was differentiated that falls when the score rises.",
    lambda c: -c.expected,
)
TIMES_THE_IMAGE: Misconception[Gradients] = wrong_result(
    "times_the_image",
    "The right numbers have been multiplied by the image. The definition says nothing of that.",
    lambda c: (c.expected * c.X, np.abs(c.expected * c.X)),
)
SCALED = Misconception(
    "scaled",
    "Your result is the right one, stretched or shifted. Sum or mean, over what, how many times? "
    "And leave scaling to the picture.",
    _straight_line,
)


class Attributions(Gradients):
    """What a method makes of a function of the scores."""

    def explained(
        self, derivative: Derivative, y: np.ndarray | None = None
    ) -> Iterable[np.ndarray]:
        """The attributions if another function of the scores is differentiated than the right one,
        or for other labels: by this method, and by what it is often taken for."""
        raise NotImplementedError

    @property
    def mixed_up(self) -> list[np.ndarray]:
        """Labels that are those of other images."""
        return [self.y[::-1], np.resize(self.y[:1], len(self.y))]


def _explains(*derivatives: Derivative) -> Detector[Attributions]:
    return gives(lambda c: (array for d in derivatives for array in c.explained(d)))


#: What was differentiated is a greater mistake than by which method.
ABOUT_CLASSES: tuple[Misconception[Attributions], ...] = (
    Misconception(
        "predicted_class",
        "You explain the class that the network likes best. You are given a label for each "
        "image, and the network does not always agree with it.",
        _explains(scores.best_class),
        gives(lambda c: c.explained(right_class, c.scores.argmax(1))),
    ),
    Misconception(
        "softmax",
        "These look like gradients of a probability, or of its logarithm. The methods here "
        "explain a score, of one class alone.",
        _explains(scores.probability, scores.log_probability, scores.minus_log_probability),
    ),
    Misconception(
        "loss_of_scores",
        "These look like gradients of a loss that takes the scores for probabilities. The "
        "methods here explain a score itself, of one class alone.",
        _explains(scores.keras_sparse, scores.keras_dense),
        _explains(minus(scores.keras_sparse), minus(scores.keras_dense)),
    ),
    Misconception(
        "softmax_over_the_images",
        SOFTMAX_OVER_THE_IMAGES,
        _explains(scores.over_the_images, minus(scores.over_the_images)),
        _explains(scores.over_the_batch_axis),
    ),
    Misconception(
        "all_classes_summed",
        "The labels make no difference to your result: it explains all the scores together. "
        "Which of an image's scores is the question about?",
        _explains(scores.every_class),
    ),
    Misconception(
        "every_label_for_every_image",
        "Each image is explained for the labels of all of them. Look at the shape of the "
        "scores you selected: how many numbers should there be for each image?",
        _explains(scores.every_label, scores.every_label_and_number),
    ),
    Misconception(
        "labels_mixed_up",
        "Some images are explained for the label of another. Follow which label goes with "
        "which image, also where you put several batches into one.",
        gives(lambda c: (array for y in c.mixed_up for array in c.explained(right_class, y))),
    ),
)


# Guided backpropagation


Rule = Callable  # of what came forward and what comes back, tensors: what a ReLU hands down


def _where(condition, value):
    from ....tensorflow_quiet import tf

    return tf.where(condition, value, tf.zeros_like(value))


def _guided(x, g):
    return _where((x > 0) & (g > 0), g)


def _by_rule(c: G, rule: Rule) -> G:
    """For gradients where every ReLU hands down by a rule."""
    from ....relu import with_relu
    from ....tensorflow_quiet import tf

    @tf.custom_gradient
    def relu(x):
        return tf.nn.relu(x), lambda upstream: rule(x, upstream)

    return type(c)(c.inputs, with_relu(c.model, relu), c.expected)


@kept
def _gradient_by_rule(c: Gradients, rule: Rule) -> np.ndarray:
    return _by_rule(c, rule).gradient


def _ruled(name: str, hint: str, *rules: Rule) -> Misconception[Gradients]:
    """The gradient by one of these rules."""
    return wrong_result(name, hint, lambda c: (_gradient_by_rule(c, rule) for rule in rules))


class Guided(Attributions):
    @cached_property
    def guided(self) -> Gradients:
        return _by_rule(self, _guided)

    def explained(self, derivative: Derivative, y=None) -> Iterable[np.ndarray]:
        yield self.guided.gradient_at(self.X, derivative, y)


GUIDED = Catalogue(
    Guided,
    *OF_A_BATCH,
    COLOURS_REDUCED,
    IMAGES_REDUCED,
    wrong_result(
        "plain_gradient",
        "This is the plain gradient: your rule is not used on the way back, or it lets everything "
        "through that an ordinary ReLU lets through.",
        lambda c: (c.gradient, c.magnitude, c.gradient_at(c.X, scores.best_class)),
    ),
    wrong_result(
        "rectified_at_the_image_only",
        "You took an ordinary gradient and removed its negative part at the end. The rule "
        "belongs into every ReLU on the way, and the result may be negative.",
        lambda c: np.maximum(c.gradient, 0),
    ),
    _ruled(
        "deconvnet",
        "You let through what is positive on the way back and forgot what came forward. That is "
        "the deconvolution of Zeiler and Fergus; the rule here asks for both.",
        lambda x, g: _where(g > 0, g),
    ),
    _ruled(
        "negative_let_through",
        "Your rule lets the negative part through, or the ReLUs that were off. Which of the two "
        "numbers must be positive? Both are asked.",
        lambda x, g: _where((x > 0) & (g < 0), g),
        lambda x, g: _where((x < 0) & (g > 0), g),
        lambda x, g: _where((x > 0) | (g > 0), g),
        lambda x, g: _where(x > 0, abs(g)),
    ),
    _ruled(
        "no_rule_at_all",
        "On the way back your ReLUs let everything through, as if they were not there.",
        lambda x, g: g,
    ),
    _ruled(
        "gates_instead_of_gradients",
        "Each ReLU hands down whether it is open, and not what came to it. The condition chooses; "
        "what is let through is the gradient itself.",
        lambda x, g: _where((x > 0) & (g > 0), g / g),
        lambda x, g: _where(x > 0, g / g),
    ),
    _ruled(
        "activation_as_a_factor",
        "Each ReLU multiplies the gradient by the activation. The activation only decides whether "
        "it is let through.",
        lambda x, g: _where((x > 0) & (g > 0), x * g),
        lambda x, g: _where((x > 0) & (g > 0), x),
        lambda x, g: x * g,
    ),
    SIGN_LOST,
    SIGN_TURNED,
    TIMES_THE_IMAGE,
    # before what is scaled: guided, a probability's derivatives by the other scores leave nothing
    *ABOUT_CLASSES,
    SCALED,
)


# SmoothGrad


class Noisy(Attributions):
    """Means of gradients with ``noise``, (S, N, H, W, 3)."""

    noise: np.ndarray

    def gradients(
        self, images: np.ndarray, derivative: Derivative = right_class, y=None
    ) -> np.ndarray:
        """Of several batches of images, for the same labels or their own, (S, N, H, W, 3)."""
        y = np.broadcast_to(self.y if y is None else y, images.shape[:2])
        return np.stack([self.gradient_at(X, derivative, y[s]) for s, X in enumerate(images)])

    def mean(self, images: np.ndarray, *others) -> np.ndarray:
        return self.gradients(images, *others).mean(axis=0)

    @property
    def noisy(self) -> np.ndarray:
        return self.X + self.noise

    @property
    def each(self) -> np.ndarray:
        """The gradient with each noise, (S, N, H, W, 3)."""
        return self.gradients(self.noisy)

    def explained(self, derivative: Derivative, y=None) -> Iterable[np.ndarray]:
        yield self.mean(self.noisy, derivative, y)

    @property
    def mixed_up(self) -> list[np.ndarray]:
        S, N = self.noise.shape[:2]
        return [*super().mixed_up, np.repeat(self.y, S).reshape(S, N)]


SMOOTHGRAD = Catalogue(
    Noisy,
    *OF_A_BATCH,
    COLOURS_REDUCED,
    IMAGES_REDUCED,
    Misconception(
        "samples_not_averaged",
        "There is a result for each noise. The noisy copies of an image share one attribution.",
        has_shape(lambda c: (c.noise.shape, (len(c.noise) * len(c.X), *c.X.shape[1:]))),
    ),
    wrong_result(
        "noise_left_out",
        "This is the plain gradient: the noise makes no difference to your result.",
        lambda c: (c.gradient, c.gradient * len(c.noise)),
    ),
    wrong_result(
        "noise_averaged_first",
        "You average the images and differentiate once. The noise nearly cancels like that; what "
        "is to be averaged?",
        lambda c: c.gradient_at(c.X + c.noise.mean(0)),
    ),
    wrong_result(
        "image_left_out",
        "You differentiate at the noise alone. Where is the image?",
        lambda c: c.mean(c.noise),
    ),
    wrong_result(
        "noise_piles_up",
        "The noise piles up: each copy has that of the copies before in it. Start from the clean "
        "image every time.",
        lambda c: c.mean(c.X + np.cumsum(c.noise, axis=0)),
    ),
    wrong_result(
        "noise_changed",
        "The noise you add is not the one you are given: scaled once more, subtracted, or drawn "
        "by you. It comes ready to be added.",
        lambda c: (c.mean(c.X + factor * c.noise) for factor in (-1, 0.1, 0.15, 0.2)),
        lambda c: (c.mean(c.X * noise) for noise in (1 + c.noise, c.noise)),
    ),
    wrong_result(
        "noisy_images_cut_off",
        "You cut the noisy images off at some limits. X is preprocessed, and its numbers are not "
        "within those; and the definition cuts nothing.",
        lambda c: (
            c.mean(np.clip(c.noisy, *limits))
            for limits in ((0, 1), (-1, 1), (0, 255), (BLACK, WHITE))
        ),
    ),
    wrong_result(
        "one_sample_only",
        "Only one of the noisy copies is in your result. Does each turn of your loop add to what "
        "is there, and does the loop come to its end?",
        lambda c: (c.each[k] / size for size in (1, len(c.each)) for k in (0, -1)),
    ),
    wrong_result(
        "a_sample_left_out_or_added",
        "One of the copies is missing, or the clean image is counted among them. Count the turns "
        "of your loop.",
        lambda c: c.each[1:].mean(0),
        lambda c: c.each[:-1].mean(0),
        lambda c: (c.each.sum(0) + c.gradient) / (len(c.each) + 1),
    ),
    wrong_result(
        "one_noise_for_all_images",
        "Every image gets the noise of the first. The axes of the noise are samples, images, rows, "
        "columns, colours.",
        lambda c: c.mean(c.X + c.noise[:, :1]),
    ),
    wrong_result(
        "sign_lost_before_the_mean",
        "You average absolute values or squares. Gradients of opposite sign should cancel: that "
        "is how the noise goes away.",
        lambda c: (np.abs(c.each).mean(0), (c.each**2).mean(0)),
    ),
    wrong_result(
        "spread_instead_of_mean",
        "You measure how much the gradients differ, or take the largest or the middle one. "
        "SmoothGrad is their mean.",
        lambda c: c.each.std(0),
        lambda c: c.each.var(0),
        lambda c: c.each.max(0),
        lambda c: np.median(c.each, axis=0),
        lambda c: np.abs(c.each).max(0),
    ),
    SIGN_LOST,
    SIGN_TURNED,
    TIMES_THE_IMAGE,
    SCALED,
    *ABOUT_CLASSES,
)


# Integrated gradients


#: Of the number of steps, the places, from 0 to 1, and their weights if they differ.
Integration = Callable[[int], tuple[np.ndarray, np.ndarray | None]]


def _middles(steps: int) -> tuple[np.ndarray, None]:
    return (np.arange(steps) + 0.5) / steps, None


def _trapezoid(points: int) -> tuple[np.ndarray, np.ndarray]:
    weights = np.ones(points)
    weights[[0, -1]] = 0.5
    return np.linspace(0, 1, points), weights


OTHER_RULES: tuple[Integration, ...] = (
    lambda steps: (np.arange(steps) / steps, None),
    lambda steps: ((np.arange(steps) + 1) / steps, None),
    lambda steps: (np.linspace(0, 1, steps), None),
    lambda steps: (np.linspace(0, 1, steps + 1), None),
    lambda steps: _trapezoid(steps),
    lambda steps: _trapezoid(steps + 1),
)
RULES = (_middles, *OTHER_RULES)


class Integrated(Attributions):
    """Gradients on the way from ``baseline``, (N, H, W, 3), to the image, in ``steps`` steps."""

    baseline: np.ndarray
    steps: int

    @property
    def way(self) -> np.ndarray:
        return self.X - self.baseline

    def gradients(
        self, rule: Integration, derivative: Derivative = right_class, y=None, start=None, way=None
    ) -> np.ndarray:
        """At the places of a rule, on this or on another way, (places, N, H, W, 3)."""
        start = self.baseline if start is None else start
        way = self.way if way is None else way
        places = np.round(rule(self.steps)[0], 9)  # most rules share some
        return np.stack([self.gradient_at(start + p * way, derivative, y) for p in places])

    @kept
    def mean(self, rule: Integration = _middles, *others, **another_way) -> np.ndarray:
        """The mean of ``gradients`` by a rule of integration, (N, H, W, 3)."""
        weights = rule(self.steps)[1]
        return np.average(self.gradients(rule, *others, **another_way), axis=0, weights=weights)

    def explained(self, derivative: Derivative, y=None) -> Iterable[np.ndarray]:
        for rule in RULES:
            yield self.way * self.mean(rule, derivative, y)
            yield self.mean(rule, derivative, y)

    @property
    def at_middles(self) -> np.ndarray:
        return self.gradients(_middles)


INTEGRATED = Catalogue(
    Integrated,
    *OF_A_BATCH,
    COLOURS_REDUCED,
    IMAGES_REDUCED,
    Misconception(
        "steps_not_averaged",
        "There is a result for each step. The integral over the way is one number for each number "
        "of the image.",
        has_shape(
            lambda c: (
                (c.steps, *c.X.shape),
                (len(c.X), c.steps, *c.X.shape[1:]),
                (c.steps * len(c.X), *c.X.shape[1:]),
            )
        ),
    ),
    wrong_result(
        "not_multiplied_by_the_way",
        "This is the mean gradient. A pixel that did not change between baseline and image should "
        "get nothing; what is missing?",
        lambda c: (c.mean(rule) for rule in RULES),
        lambda c: (c.at_middles.sum(0), np.abs(c.mean())),
    ),
    wrong_result(
        "multiplied_by_the_image",
        "You multiply by the image. How far has each number come since the baseline?",
        lambda c: (c.X * c.mean(), c.baseline * c.mean()),
    ),
    wrong_result(
        "ends_instead_of_middles",
        "Your points lie at the ends of the parts and not in their middles. Where, for instance, "
        "should the only point of one single step lie?",
        lambda c: (c.way * c.mean(rule) for rule in OTHER_RULES),
    ),
    wrong_result(
        "only_the_end_of_the_way",
        "You multiply the gradient at one place, such as the image itself, by the way. The point "
        "of the method is what the gradient does between the baseline and the image.",
        lambda c: c.gradient,
        lambda c: c.way * c.gradient,
        lambda c: c.way * c.gradient_at(c.baseline + 0.5 * c.way),
        lambda c: c.way * c.gradient_at(c.baseline),
    ),
    wrong_result(
        "one_step_only",
        "Only one of the steps is in your result. Does each turn of your loop add to what is "
        "there, and does the loop come to its end?",
        lambda c: (c.way * c.at_middles[k] / n for n in (1, c.steps) for k in (0, -1)),
    ),
    wrong_result(
        "a_step_left_out",
        "One of the steps is missing. Count the turns of your loop.",
        lambda c: (
            c.way * (c.at_middles.sum(0) - c.at_middles[k]) / (c.steps - n)
            for k in (0, -1)
            for n in (0, 1)
        ),
    ),
    wrong_result(
        "another_way",
        "Your points do not lie between the baseline and the image. Where should you be at 0, and "
        "where at 1? Try both in your formula.",
        lambda c: c.way * c.mean(way=c.X),
        lambda c: c.way * c.mean(start=0, way=c.X),
        lambda c: c.way * c.mean(start=0),
        lambda c: c.way * c.mean(start=c.X),
    ),
    wrong_result(
        "baseline_ignored",
        "Your result is right for a baseline of zeros only. The way begins at the baseline you are "
        "given.",
        lambda c: c.X * c.mean(start=0, way=c.X),
    ),
    wrong_result(
        "sign_lost_before_the_mean",
        "You average absolute values. What speaks for the class on one part of the way and against "
        "it on another should cancel.",
        lambda c: (way * np.abs(c.at_middles).mean(0) for way in (c.way, np.abs(c.way))),
    ),
    SIGN_LOST,
    SIGN_TURNED,
    SCALED,
    TIMES_THE_IMAGE,
    *ABOUT_CLASSES,
)


# Grad-CAM


class FeatureMaps(Attributions):
    """The feature maps of ``layer`` and the gradient by them."""

    layer: str

    @kept
    def features_and_gradient(
        self, derivative: Derivative, layer: str, y: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """A layer's feature maps, and the gradient by them, each (N, h, w, channels)."""
        from ....tensorflow_quiet import tf

        whole = tf.keras.Model(
            self.model.inputs, [self.model.get_layer(layer).output, self.model.output]
        )
        with tf.GradientTape() as tape:
            features, scores = whole(self.X)
        weights = derivative(scores.numpy().astype(np.float64), y)
        gradient = tape.gradient(scores, features, tf.cast(weights, scores.dtype))
        return features.numpy(), gradient.numpy()

    def of(self, combine: Callable, derivative=right_class, layer="", y=None) -> np.ndarray:
        """What ``combine`` makes of the features and the gradient."""
        y = self.y if y is None else y
        return combine(*self.features_and_gradient(derivative, layer or self.layer, y))

    @cached_property
    def guided(self) -> "FeatureMaps":
        return _by_rule(self, _guided)

    def explained(self, derivative: Derivative, y=None) -> Iterable[np.ndarray]:
        yield self.of(_heat, derivative, y=y)


def _weights(gradient: np.ndarray) -> np.ndarray:
    return gradient.mean((1, 2), keepdims=True)


def _heat(features: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    return np.maximum((_weights(gradient) * features).sum(-1), 0)


def _combines(
    name: str, hint: str, *ways: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> Misconception[FeatureMaps]:
    """One of these of the features and the gradient."""
    return wrong_result(name, hint, lambda c: (c.of(way) for way in ways))


GRAD_CAM = Catalogue(
    FeatureMaps,
    *OF_A_BATCH,
    Misconception(
        "upsampled",
        "Your map is as large as the image. Leave it as it comes from the layer; the picture "
        "brings it to the size of the image.",
        has_shape(lambda c: (c.X.shape[:3], (*c.X.shape[:3], 1))),
    ),
    Misconception(
        "feature_maps_kept",
        "There is a map for each feature map, or an axis too many. The weighted feature maps are "
        "added up to one.",
        lambda case: len(case.shape) == 4,
    ),
    Misconception(
        "wrong_axis",
        "You have averaged or added over an axis that should stay. Of feature maps (images, rows, "
        "columns, channels), over which does the weight average, and over which goes the sum?",
        lambda case: len(case.shape) < 3,
    ),
    Misconception(
        "one_map_for_all_images",
        "The images have been averaged or added, or only one is left.",
        lambda case: case.shape[0] != len(case.context.X),
    ),
    Misconception(
        "another_layer",
        "These maps are of another layer, or not of its output. Use the layer you are given.",
        another_shape,
        gives(
            lambda c: (
                c.of(_heat, layer=layer)
                for layer in ("conv10", "fire9_concat", "fire7_concat", "fire8_expand1x1")
            )
        ),
    ),
    _combines(
        "no_relu",
        "Your map has negative values. What speaks against the class is to be left out at the end.",
        lambda f, g: (_weights(g) * f).sum(-1),
    ),
    _combines(
        "absolute_value_instead_of_relu",
        "What speaks against the class is as bright in your maps as what speaks for it.",
        lambda f, g: np.abs((_weights(g) * f).sum(-1)),
    ),
    Misconception(
        "guided_gradients",
        "Your gradient was let through only where it and the feature maps are positive, as in "
        "guided backpropagation. Grad-CAM averages the gradient as it is.",
        gives(lambda c: c.of(lambda f, g: _heat(f, np.where((f > 0) & (g > 0), g, 0)))),
        gives(lambda c: c.guided.of(_heat)),
    ),
    _combines(
        "relu_too_early",
        "You remove the negative part before the sum. A feature map that speaks against the class "
        "must be able to outweigh others; only then comes the ReLU.",
        lambda f, g: (np.maximum(_weights(g), 0) * f).sum(-1),
        lambda f, g: np.maximum(_weights(g) * f, 0).sum(-1),
        lambda f, g: _heat(f, np.maximum(g, 0)),
        lambda f, g: np.maximum(g * f, 0).sum(-1),
        lambda f, g: _heat(f, np.abs(g)),
        lambda f, g: (np.abs(_weights(g)) * f).sum(-1),
    ),
    _combines(
        "gradient_not_averaged",
        "You multiply feature maps and gradient place by place. In Grad-CAM a feature map has one "
        "weight for all its places.",
        lambda f, g: np.maximum((g * f).sum(-1), 0),
        lambda f, g: (g * f).sum(-1),
    ),
    _combines(
        "gradient_averaged_over_other_axes",
        "Your weights are averages over other axes than rows and columns. Each image has its own "
        "weight for each feature map.",
        *(
            lambda f, g, axes=axes: np.maximum((g.mean(axes, keepdims=True) * f).sum(-1), 0)
            for axes in ((0, 1, 2), -1, 1, 2, 0)
        ),
    ),
    _combines(
        "largest_instead_of_sum",
        "Each place has the largest of the weighted feature maps. They are added up.",
        lambda f, g: np.maximum((_weights(g) * f).max(-1), 0),
        lambda f, g: _heat(f, g.max((1, 2), keepdims=True)),
    ),
    _combines(
        "features_left_out",
        "Only the gradient is in your maps. What are the weights for?",
        lambda f, g: np.maximum(g.sum(-1), 0),
        lambda f, g: np.abs(g).max(-1),
        lambda f, g: np.maximum(g.max(-1), 0),
        lambda f, g: np.abs(g).sum(-1),
    ),
    _combines(
        "gradient_left_out",
        "Only the feature maps are in your result, and so every class gets the same. What tells "
        "how much a feature map means to the class?",
        lambda f, g: np.maximum(f.sum(-1), 0),
        lambda f, g: f.max(-1),
        lambda f, g: _heat(f, f),
    ),
    SCALED,
    *ABOUT_CLASSES,
)
