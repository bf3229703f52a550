"""Assignment 4: the mistakes that are known, and their hints."""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from ....image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ... import misconceptions
from ...misconceptions import (
    AXIS_OF_ONE_LOST,
    SOME_LEFT_EMPTY,
    WHAT_WAS_RETURNED,
    Case,
    Misconception,
    any_of,
)
from ...scores import (
    keras_dense,
    keras_sparse,
    one_hot,
    over_the_batch_axis,
    over_the_images,
    softmax,
)
from ..gradients import SOFTMAX_OVER_THE_IMAGES, Gradients

Derivative = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of a function by scores (N, classes)


def _right_class(scores, y):
    return one_hot(y, scores)


def _best_class(scores, y):
    return one_hot(scores.argmax(1), scores)


def _probability(scores, y):
    p = softmax(scores)
    return p[np.arange(len(y)), y, None] * (one_hot(y, scores) - p)


def _log_probability(scores, y):
    return one_hot(y, scores) - softmax(scores)


def _minus_log_probability(scores, y):
    return -_log_probability(scores, y)


def _every_class(scores, y):
    return np.ones_like(scores)


def _with_either_sign(derivative: Derivative) -> tuple[Derivative, Derivative]:
    return derivative, lambda scores, y: -derivative(scores, y)


class Attributions(Gradients):
    """What mistakes about attributions can be computed from."""

    def __init__(self, inputs, model, expected):
        super().__init__(inputs, model, expected)
        self.results: dict[Callable, np.ndarray] = {}

    def gradient_at_images(self, X, derivative: Derivative = _right_class, y=None) -> np.ndarray:
        """The gradient at these images of a function of their scores, (N, H, W, 3)."""
        from ....tensorflow_quiet import tf

        X, y = tf.constant(X, tf.float32), self.y if y is None else y
        with tf.GradientTape() as tape:
            tape.watch(X)
            scores = self.model(X)
        weights = derivative(scores.numpy().astype(np.float64), y)
        return tape.gradient(scores, X, tf.cast(weights, scores.dtype)).numpy()


def gives(*wrong: Callable[[Attributions], np.ndarray]) -> Callable[[Case], bool]:
    """As in ``misconceptions``; what was computed once is kept, because gradients are costly."""

    def kept(function):
        def result(c):
            if function not in c.results:
                c.results[function] = np.asarray(function(c), np.float32)
            return c.results[function]

        return result

    return misconceptions.gives(*map(kept, wrong))


# Mistakes that can be made in more than one answer


def _like(shape: Callable[[Attributions], tuple]) -> Callable[[Case], bool]:
    """Detects a result of one of these shapes."""
    return lambda case: case.shape in shape(case.context)


COLOURS_REDUCED = Misconception(
    "colours_reduced",
    "Your result has no colours any more. An attribution keeps one number for each number of the "
    "image; making a map of it comes later, for the picture.",
    _like(lambda c: (c.X.shape[:3], (*c.X.shape[:3], 1))),
)
IMAGES_REDUCED = Misconception(
    "images_reduced",
    "The images have been averaged or added, or only one is left. Every image has attributions "
    "of its own; which axis counts the images?",
    _like(lambda c: (c.X.shape[1:], (1, *c.X.shape[1:])) if len(c.X) > 1 else ()),
)
SIGN_LOST = Misconception(
    "sign_lost",
    "Your numbers have lost their sign. Here a pixel may also speak against the class, and the "
    "sign says so.",
    gives(lambda c: np.abs(c.expected), lambda c: np.maximum(c.expected, 0)),
)
SIGN_TURNED = Misconception(
    "sign_turned",
    "Every sign is the wrong way round. Something was subtracted in the wrong order, or a loss "
    "was differentiated that falls when the score rises.",
    gives(lambda c: -c.expected),
)
TIMES_THE_IMAGE = Misconception(
    "times_the_image",
    "The right numbers have been multiplied by the image. The definition says nothing of that.",
    gives(lambda c: c.expected * c.X, lambda c: np.abs(c.expected * c.X)),
)
SCALED = Misconception(
    "scaled",
    "Your result is the right one, stretched or shifted. Sum or mean, over what, how many times? "
    "And leave scaling to the picture.",
    lambda case: _straight_line(case),
)


def _straight_line(case: Case) -> bool:
    """Each item is the right one times a positive number plus a number."""
    if case.values is None:
        return False
    for answer, right in zip(case.values, case.context.expected.astype(np.float64), strict=True):
        answer, right = answer - answer.mean(), right - right.mean()
        factor = (answer * right).sum() / max((right**2).sum(), np.finfo(float).tiny)
        rest = np.linalg.norm(answer - factor * right)
        if not (factor > 0 and rest < 0.03 * np.linalg.norm(answer)):
            return False
    return True


PREDICTED = (
    "You explain the class that the network likes best. You are given a label for each image, and "
    "the network does not always agree with it."
)


def _about_classes(
    *methods: Callable[[Attributions, Derivative], np.ndarray], best: tuple = (), mixed: tuple = ()
) -> tuple:
    """The mistakes about what is differentiated, for a method that takes any function of scores,
    or for several: what was differentiated is a greater mistake than by which of them.

    ``best`` and ``mixed`` are other forms of explaining the best class and of mixed up labels.
    """

    def of(*derivatives):
        return gives(*(lambda c, d=d, m=m: m(c, d) for m in methods for d in derivatives))

    return (
        Misconception(
            "predicted_class",
            PREDICTED,
            any_of(of(_best_class), gives(*best)),
        ),
        Misconception(
            "softmax",
            "These look like gradients of a probability, or of its logarithm. The methods here "
            "explain a score, of one class alone.",
            of(_probability, _log_probability, _minus_log_probability),
        ),
        Misconception(
            "loss_of_scores",
            "These look like gradients of a loss that takes the scores for probabilities. The "
            "methods here explain a score itself, of one class alone.",
            of(*_with_either_sign(keras_sparse), *_with_either_sign(keras_dense)),
        ),
        Misconception(
            "softmax_over_the_images",
            SOFTMAX_OVER_THE_IMAGES,
            of(*_with_either_sign(over_the_images), over_the_batch_axis),
        ),
        Misconception(
            "all_classes_summed",
            "The labels make no difference to your result: it explains all the scores together. "
            "Which of an image's scores is the question about?",
            of(_every_class),
        ),
        Misconception(
            "every_label_for_every_image",
            "Each image is explained for the labels of all of them. Look at the shape of the "
            "scores you selected: how many numbers should there be for each image?",
            of(
                lambda scores, y: sum(one_hot(label, scores) for label in y),
                lambda scores, y: sum(one_hot(n, scores) for n in (*y, *range(len(y)))),
            ),
        ),
        Misconception(
            "labels_mixed_up",
            "Some images are explained for the label of another. Follow which label goes with "
            "which image, also where you put several batches into one.",
            any_of(
                of(
                    lambda scores, y: one_hot(y[::-1], scores),
                    lambda scores, y: one_hot(y[:1], scores),
                ),
                gives(*mixed),
            ),
        ),
    )


# Guided backpropagation


def _with_rule(c: Attributions, rule: Callable) -> Attributions:
    """For gradients where ``rule(x, upstream)`` is what each ReLU hands down."""
    from ....relu import with_relu
    from ....tensorflow_quiet import tf

    @tf.custom_gradient
    def relu(x):
        return tf.nn.relu(x), lambda upstream: rule(x, upstream)

    return Attributions(c.inputs, with_relu(c.model, relu), c.expected)


def _where(condition, value):
    from ....tensorflow_quiet import tf

    return tf.where(condition, value, tf.zeros_like(value))


class Guided(Attributions):
    """What mistakes about guided backpropagation can be computed from."""

    @cached_property
    def by_the_right_rule(self) -> Attributions:
        return _with_rule(self, lambda x, g: _where((x > 0) & (g > 0), g))


GUIDED: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    SOME_LEFT_EMPTY,
    COLOURS_REDUCED,
    IMAGES_REDUCED,
    Misconception(
        "plain_gradient",
        "This is the plain gradient: your rule is not used on the way back, or it lets everything "
        "through that an ordinary ReLU lets through.",
        gives(
            lambda c: c.gradient,
            lambda c: c.magnitude,
            lambda c: c.gradient_at_images(c.X, _best_class),
        ),
    ),
    Misconception(
        "rectified_at_the_image_only",
        "You took an ordinary gradient and removed its negative part at the end. The rule "
        "belongs into every ReLU on the way, and the result may be negative.",
        gives(lambda c: np.maximum(c.gradient, 0)),
    ),
    Misconception(
        "deconvnet",
        "You let through what is positive on the way back and forgot what came forward. That is "
        "the deconvolution of Zeiler and Fergus; the rule here asks for both.",
        gives(lambda c: _with_rule(c, lambda x, g: _where(g > 0, g)).gradient),
    ),
    Misconception(
        "negative_let_through",
        "Your rule lets the negative part through, or the ReLUs that were off. Which of the two "
        "numbers must be positive? Both are asked.",
        gives(
            lambda c: _with_rule(c, lambda x, g: _where((x > 0) & (g < 0), g)).gradient,
            lambda c: _with_rule(c, lambda x, g: _where((x < 0) & (g > 0), g)).gradient,
            lambda c: _with_rule(c, lambda x, g: _where((x > 0) | (g > 0), g)).gradient,
            lambda c: _with_rule(c, lambda x, g: _where((x > 0), abs(g))).gradient,
        ),
    ),
    Misconception(
        "no_rule_at_all",
        "On the way back your ReLUs let everything through, as if they were not there.",
        gives(lambda c: _with_rule(c, lambda x, g: g).gradient),
    ),
    Misconception(
        "gates_instead_of_gradients",
        "Each ReLU hands down whether it is open, and not what came to it. The condition chooses; "
        "what is let through is the gradient itself.",
        gives(
            lambda c: _with_rule(c, lambda x, g: _where((x > 0) & (g > 0), g / g)).gradient,
            lambda c: _with_rule(c, lambda x, g: _where(x > 0, g / g)).gradient,
        ),
    ),
    Misconception(
        "activation_as_a_factor",
        "Each ReLU multiplies the gradient by the activation. The activation only decides whether "
        "it is let through.",
        gives(
            lambda c: _with_rule(c, lambda x, g: _where((x > 0) & (g > 0), x * g)).gradient,
            lambda c: _with_rule(c, lambda x, g: _where((x > 0) & (g > 0), x)).gradient,
            lambda c: _with_rule(c, lambda x, g: x * g).gradient,
        ),
    ),
    SIGN_LOST,
    SIGN_TURNED,
    TIMES_THE_IMAGE,
    # before what is scaled: guided, a probability's derivatives by the other scores leave nothing
    *_about_classes(lambda c, d: c.by_the_right_rule.gradient_at_images(c.X, d)),
    SCALED,
)


# SmoothGrad

BLACK, WHITE = ((edge - SQUEEZENET_MEAN) / SQUEEZENET_STD for edge in (0.0, 1.0))


def _smoothed(c: Attributions, derivative: Derivative) -> np.ndarray:
    return np.mean([c.gradient_at_images(c.X + each, derivative) for each in c.noise], axis=0)


def _smoothed_for(c: Attributions, labels: np.ndarray) -> np.ndarray:
    """For these labels of all samples of all images, (S * N,)."""
    return np.mean(
        [
            c.gradient_at_images(c.X + each, y=of_each)
            for each, of_each in zip(c.noise, np.reshape(labels, (len(c.noise), -1)), strict=True)
        ],
        axis=0,
    )


class Noisy(Attributions):
    """What mistakes about SmoothGrad can be computed from."""

    @cached_property
    def each(self) -> np.ndarray:
        """The gradient with each noise, (S, N, H, W, 3)."""
        return np.stack([self.gradient_at_images(self.X + each) for each in self.noise])


SMOOTHGRAD: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    SOME_LEFT_EMPTY,
    COLOURS_REDUCED,
    IMAGES_REDUCED,
    Misconception(
        "samples_not_averaged",
        "There is a result for each noise. The noisy copies of an image share one attribution.",
        _like(lambda c: (c.noise.shape, (len(c.noise) * len(c.X), *c.X.shape[1:]))),
    ),
    Misconception(
        "noise_left_out",
        "This is the plain gradient: the noise makes no difference to your result.",
        gives(lambda c: c.gradient, lambda c: c.gradient * len(c.noise)),
    ),
    Misconception(
        "noise_averaged_first",
        "You average the images and differentiate once. The noise nearly cancels like that; what "
        "is to be averaged?",
        gives(lambda c: c.gradient_at_images(c.X + c.noise.mean(0))),
    ),
    Misconception(
        "image_left_out",
        "You differentiate at the noise alone. Where is the image?",
        gives(lambda c: np.mean([c.gradient_at_images(each) for each in c.noise], axis=0)),
    ),
    Misconception(
        "noise_piles_up",
        "The noise piles up: each copy has that of the copies before in it. Start from the clean "
        "image every time.",
        gives(
            lambda c: np.mean(
                [c.gradient_at_images(c.X + each) for each in np.cumsum(c.noise, axis=0)], axis=0
            )
        ),
    ),
    Misconception(
        "noise_changed",
        "The noise you add is not the one you are given: scaled once more, subtracted, or drawn "
        "by you. It comes ready to be added.",
        any_of(
            *(
                gives(
                    lambda c, f=f: np.mean([c.gradient_at_images(c.X + f * n) for n in c.noise], 0)
                )
                for f in (-1, 0.1, 0.15, 0.2)
            ),
            gives(lambda c: np.mean([c.gradient_at_images(c.X * (1 + n)) for n in c.noise], 0)),
            gives(lambda c: np.mean([c.gradient_at_images(c.X * n) for n in c.noise], 0)),
        ),
    ),
    Misconception(
        "noisy_images_cut_off",
        "You cut the noisy images off at some limits. X is preprocessed, and its numbers are not "
        "within those; and the definition cuts nothing.",
        gives(
            *(
                lambda c, low=low, high=high: np.mean(
                    [c.gradient_at_images(np.clip(c.X + each, low, high)) for each in c.noise], 0
                )
                for low, high in ((0, 1), (-1, 1), (0, 255), (BLACK, WHITE))
            )
        ),
    ),
    Misconception(
        "one_sample_only",
        "Only one of the noisy copies is in your result. Does each turn of your loop add to what "
        "is there, and does the loop come to its end?",
        gives(
            *(lambda c, k=k: c.each[k] for k in (0, -1)),
            *(lambda c, k=k: c.each[k] / len(c.each) for k in (0, -1)),
        ),
    ),
    Misconception(
        "a_sample_left_out_or_added",
        "One of the copies is missing, or the clean image is counted among them. Count the turns "
        "of your loop.",
        gives(
            lambda c: c.each[1:].mean(0),
            lambda c: c.each[:-1].mean(0),
            lambda c: (c.each.sum(0) + c.gradient) / (len(c.each) + 1),
        ),
    ),
    Misconception(
        "one_noise_for_all_images",
        "Every image gets the noise of the first. The axes of the noise are samples, images, rows, "
        "columns, colours.",
        gives(
            lambda c: np.mean([c.gradient_at_images(c.X + each[:1]) for each in c.noise], axis=0)
        ),
    ),
    Misconception(
        "sign_lost_before_the_mean",
        "You average absolute values or squares. Gradients of opposite sign should cancel: that "
        "is how the noise goes away.",
        gives(lambda c: np.abs(c.each).mean(0), lambda c: (c.each**2).mean(0)),
    ),
    Misconception(
        "spread_instead_of_mean",
        "You measure how much the gradients differ, or take the largest or the middle one. "
        "SmoothGrad is their mean.",
        gives(
            lambda c: c.each.std(0),
            lambda c: c.each.var(0),
            lambda c: c.each.max(0),
            lambda c: np.median(c.each, axis=0),
            lambda c: np.abs(c.each).max(0),
        ),
    ),
    SIGN_LOST,
    SIGN_TURNED,
    TIMES_THE_IMAGE,
    SCALED,
    *_about_classes(
        _smoothed,
        best=(lambda c: _smoothed_for(c, np.tile(c.scores.argmax(1), len(c.noise))),),
        mixed=(lambda c: _smoothed_for(c, np.repeat(c.y, len(c.noise))),),
    ),
)


# Integrated gradients


class Integrated(Attributions):
    """What mistakes about integrated gradients can be computed from."""

    @property
    def way(self) -> np.ndarray:
        """From the baseline to the image, (N, H, W, 3)."""
        return self.X - self.baseline

    def mean_gradient(self, start=None, way=None) -> np.ndarray:
        """The mean of the gradients in the middles of the parts of another way, (N, H, W, 3)."""
        start = self.baseline if start is None else start
        way = self.way if way is None else way
        places, _ = _middles(self.steps)
        return np.mean([self.gradient_at_images(start + place * way) for place in places], axis=0)

    def by_rule(self, rule: Callable, derivative: Derivative = _right_class) -> np.ndarray:
        """The mean of the gradients on the way, by a rule of integration, (N, H, W, 3)."""
        places, weights = rule(self.steps)
        for place in np.round(places, 9):  # most rules share some
            if (place, derivative) not in self._gradients:
                images = self.baseline + place * self.way
                self._gradients[place, derivative] = self.gradient_at_images(images, derivative)
        gradients = [self._gradients[place, derivative] for place in np.round(places, 9)]
        return np.average(gradients, axis=0, weights=weights)

    @cached_property
    def at_middles(self) -> np.ndarray:
        """The gradients in the middles, (steps, N, H, W, 3)."""
        self.by_rule(_middles)
        return np.stack(
            [self._gradients[m, _right_class] for m in np.round(_middles(self.steps)[0], 9)]
        )


# Rules of integration: of the number of steps, the places, 0 to 1, and their weights


def _middles(steps):
    return (np.arange(steps) + 0.5) / steps, None


def _trapezoid(points: int):
    weights = np.ones(points)
    weights[[0, -1]] = 0.5
    return np.linspace(0, 1, points), weights


OTHER_RULES = (
    lambda steps: (np.arange(steps) / steps, None),
    lambda steps: ((np.arange(steps) + 1) / steps, None),
    lambda steps: (np.linspace(0, 1, steps), None),
    lambda steps: (np.linspace(0, 1, steps + 1), None),
    lambda steps: _trapezoid(int(steps)),
    lambda steps: _trapezoid(int(steps) + 1),
)
RULES = (_middles, *OTHER_RULES)


INTEGRATED: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    SOME_LEFT_EMPTY,
    COLOURS_REDUCED,
    IMAGES_REDUCED,
    Misconception(
        "steps_not_averaged",
        "There is a result for each step. The integral over the way is one number for each number "
        "of the image.",
        _like(
            lambda c: (
                (c.steps, *c.X.shape),
                (len(c.X), c.steps, *c.X.shape[1:]),
                (c.steps * len(c.X), *c.X.shape[1:]),
            )
        ),
    ),
    Misconception(
        "not_multiplied_by_the_way",
        "This is the mean gradient. A pixel that did not change between baseline and image should "
        "get nothing; what is missing?",
        gives(
            *(lambda c, rule=rule: c.by_rule(rule) for rule in RULES),
            lambda c: c.at_middles.sum(0),
            lambda c: np.abs(c.at_middles.mean(0)),
        ),
    ),
    Misconception(
        "multiplied_by_the_image",
        "You multiply by the image. How far has each number come since the baseline?",
        gives(lambda c: c.X * c.at_middles.mean(0), lambda c: c.baseline * c.at_middles.mean(0)),
    ),
    Misconception(
        "ends_instead_of_middles",
        "Your points lie at the ends of the parts and not in their middles. Where, for instance, "
        "should the only point of one single step lie?",
        gives(*(lambda c, rule=rule: c.way * c.by_rule(rule) for rule in OTHER_RULES)),
    ),
    Misconception(
        "only_the_end_of_the_way",
        "You multiply the gradient at one place, such as the image itself, by the way. The point "
        "of the method is what the gradient does between the baseline and the image.",
        gives(
            lambda c: c.way * c.gradient,
            lambda c: c.way * c.by_rule(lambda steps: ([0.5], None)),
            lambda c: c.way * c.gradient_at_images(c.baseline),
            lambda c: c.gradient,
        ),
    ),
    Misconception(
        "one_step_only",
        "Only one of the steps is in your result. Does each turn of your loop add to what is "
        "there, and does the loop come to its end?",
        gives(
            *(lambda c, k=k: c.way * c.at_middles[k] for k in (0, -1)),
            *(lambda c, k=k: c.way * c.at_middles[k] / c.steps for k in (0, -1)),
        ),
    ),
    Misconception(
        "a_step_left_out",
        "One of the steps is missing. Count the turns of your loop.",
        gives(
            *(
                lambda c, k=k, n=n: c.way * (c.at_middles.sum(0) - c.at_middles[k]) / (c.steps - n)
                for k in (0, -1)
                for n in (0, 1)
            )
        ),
    ),
    Misconception(
        "another_way",
        "Your points do not lie between the baseline and the image. Where should you be at 0, and "
        "where at 1? Try both in your formula.",
        gives(
            lambda c: c.way * c.mean_gradient(way=c.X),
            lambda c: c.way * c.mean_gradient(start=0, way=c.X),
            lambda c: c.way * c.mean_gradient(start=0),
            lambda c: c.way * c.mean_gradient(start=c.X),
        ),
    ),
    Misconception(
        "baseline_ignored",
        "Your result is right for a baseline of zeros only. The way begins at the baseline you are "
        "given.",
        gives(lambda c: c.X * c.mean_gradient(start=0, way=c.X)),
    ),
    Misconception(
        "sign_lost_before_the_mean",
        "You average absolute values. What speaks for the class on one part of the way and against "
        "it on another should cancel.",
        gives(
            lambda c: c.way * np.abs(c.at_middles).mean(0),
            lambda c: np.abs(c.way) * np.abs(c.at_middles).mean(0),
        ),
    ),
    SIGN_LOST,
    SIGN_TURNED,
    SCALED,
    TIMES_THE_IMAGE,
    *_about_classes(
        *(lambda c, d, rule=rule: c.way * c.by_rule(rule, d) for rule in RULES),
        *(lambda c, d, rule=rule: c.by_rule(rule, d) for rule in RULES),
    ),
)


# Grad-CAM


class FeatureMaps(Attributions):
    """What mistakes about Grad-CAM can be computed from."""

    def features_and_gradient(self, derivative: Derivative, layer: str):
        """A layer's feature maps, and the gradient by them, each (N, h, w, channels)."""
        from ....tensorflow_quiet import tf

        whole = tf.keras.Model(
            self.model.inputs, [self.model.get_layer(layer).output, self.model.output]
        )
        with tf.GradientTape() as tape:
            features, scores = whole(self.X)
        weights = derivative(scores.numpy().astype(np.float64), self.y)
        gradient = tape.gradient(scores, features, tf.cast(weights, scores.dtype))
        return features.numpy(), gradient.numpy()

    @cached_property
    def guided(self) -> "FeatureMaps":
        """The same where every ReLU hands down as in guided backpropagation."""
        model = _with_rule(self, lambda x, g: _where((x > 0) & (g > 0), g)).model
        return FeatureMaps(self.inputs, model, self.expected)

    def of(self, combine: Callable, derivative: Derivative = _right_class, layer=None):
        """What ``combine`` makes of the features and the gradient, each (N, h, w, channels)."""
        key = derivative, layer or str(self.layer)
        if key not in self._gradients:
            self._gradients[key] = self.features_and_gradient(*key)
        return combine(*self._gradients[key])


def _weights(gradient):
    return gradient.mean((1, 2), keepdims=True)


def _heat(features, gradient):
    return np.maximum((_weights(gradient) * features).sum(-1), 0)


def _combines(*ways: Callable) -> Callable[[Case], bool]:
    return gives(*(lambda c, way=way: c.of(way) for way in ways))


GRAD_CAM: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    SOME_LEFT_EMPTY,
    Misconception(
        "upsampled",
        "Your map is as large as the image. Leave it as it comes from the layer; the picture "
        "brings it to the size of the image.",
        _like(lambda c: (c.X.shape[:3], (*c.X.shape[:3], 1))),
    ),
    Misconception(
        "feature_maps_kept",
        "There is a map for each feature map, or an axis too many. The weighted feature maps are "
        "added up to one.",
        lambda case: case.shape is not None and len(case.shape) == 4,
    ),
    Misconception(
        "wrong_axis",
        "You have averaged or added over an axis that should stay. Of feature maps (images, rows, "
        "columns, channels), over which does the weight average, and over which goes the sum?",
        lambda case: case.shape is not None and len(case.shape) < 3,
    ),
    Misconception(
        "one_map_for_all_images",
        "The images have been averaged or added, or only one is left.",
        lambda case: case.shape is not None and case.shape[0] != len(case.context.X),
    ),
    Misconception(
        "another_layer",
        "These maps are of another layer, or not of its output. Use the layer you are given.",
        any_of(
            lambda case: case.shape is not None and case.shape != case.context.expected.shape,
            gives(
                *(
                    lambda c, layer=layer: c.of(_heat, layer=layer)
                    for layer in ("conv10", "fire9_concat", "fire7_concat", "fire8_expand1x1")
                )
            ),
        ),
    ),
    Misconception(
        "no_relu",
        "Your map has negative values. What speaks against the class is to be left out at the end.",
        _combines(lambda f, g: (_weights(g) * f).sum(-1)),
    ),
    Misconception(
        "absolute_value_instead_of_relu",
        "What speaks against the class is as bright in your maps as what speaks for it.",
        _combines(lambda f, g: np.abs((_weights(g) * f).sum(-1))),
    ),
    Misconception(
        "guided_gradients",
        "Your gradient was let through only where it and the feature maps are positive, as in "
        "guided backpropagation. Grad-CAM averages the gradient as it is.",
        any_of(
            _combines(lambda f, g: _heat(f, np.where((f > 0) & (g > 0), g, 0))),
            gives(lambda c: c.guided.of(_heat)),
        ),
    ),
    Misconception(
        "relu_too_early",
        "You remove the negative part before the sum. A feature map that speaks against the class "
        "must be able to outweigh others; only then comes the ReLU.",
        _combines(
            lambda f, g: (np.maximum(_weights(g), 0) * f).sum(-1),
            lambda f, g: np.maximum(_weights(g) * f, 0).sum(-1),
            lambda f, g: _heat(f, np.maximum(g, 0)),
            lambda f, g: np.maximum(g * f, 0).sum(-1),
            lambda f, g: _heat(f, np.abs(g)),
            lambda f, g: (np.abs(_weights(g)) * f).sum(-1),
        ),
    ),
    Misconception(
        "gradient_not_averaged",
        "You multiply feature maps and gradient place by place. In Grad-CAM a feature map has one "
        "weight for all its places.",
        _combines(lambda f, g: np.maximum((g * f).sum(-1), 0), lambda f, g: (g * f).sum(-1)),
    ),
    Misconception(
        "gradient_averaged_over_other_axes",
        "Your weights are averages over other axes than rows and columns. Each image has its own "
        "weight for each feature map.",
        _combines(
            lambda f, g: np.maximum((g.mean((0, 1, 2)) * f).sum(-1), 0),
            lambda f, g: np.maximum((g.mean(-1, keepdims=True) * f).sum(-1), 0),
            lambda f, g: np.maximum((g.mean(1, keepdims=True) * f).sum(-1), 0),
            lambda f, g: np.maximum((g.mean(2, keepdims=True) * f).sum(-1), 0),
            lambda f, g: np.maximum((g.mean(0, keepdims=True) * f).sum(-1), 0),
        ),
    ),
    Misconception(
        "largest_instead_of_sum",
        "Each place has the largest of the weighted feature maps. They are added up.",
        _combines(
            lambda f, g: np.maximum((_weights(g) * f).max(-1), 0),
            lambda f, g: _heat(f, g.max((1, 2), keepdims=True)),
        ),
    ),
    Misconception(
        "features_left_out",
        "Only the gradient is in your maps. What are the weights for?",
        _combines(
            lambda f, g: np.maximum(g.sum(-1), 0),
            lambda f, g: np.abs(g).max(-1),
            lambda f, g: np.maximum(g.max(-1), 0),
            lambda f, g: np.abs(g).sum(-1),
        ),
    ),
    Misconception(
        "gradient_left_out",
        "Only the feature maps are in your result, and so every class gets the same. What tells "
        "how much a feature map means to the class?",
        _combines(
            lambda f, g: np.maximum(f.sum(-1), 0),
            lambda f, g: f.max(-1),
            lambda f, g: _heat(f, f),
        ),
    ),
    SCALED,
    *_about_classes(lambda c, d: c.of(_heat, d)),
)
