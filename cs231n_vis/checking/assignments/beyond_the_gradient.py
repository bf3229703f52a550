"""Assignment 4: beyond the gradient. How its answers are called, judged and explained.

Signed attributions are compared with their sign and their colours. How far right answers and the
nearest wrong ones are from the reference stands beside each tolerance.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np

from ...image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ...imagenet import load_class_names
from ...plots import comparison_figure, signed_comparison_figure
from .. import misconceptions
from ..checks import Check, default_model
from ..exchange import Probe
from ..misconceptions import WHAT_WAS_RETURNED, Case, Misconception, any_of
from ..samples import samples, unlikely, varied
from ..scores import one_hot, softmax
from ..verdict import Verdict, Wanted, as_numbers, judge_array
from .saliency_maps import Gradients

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


class Attributions(Gradients):
    """What mistakes about attributions can be computed from."""

    def __init__(self, inputs, model, expected):
        super().__init__(inputs, model, expected)
        self.results: dict[Callable, np.ndarray] = {}

    def gradient_at_images(self, X, derivative: Derivative = _right_class, y=None) -> np.ndarray:
        """The gradient at these images of a function of their scores, (N, H, W, 3)."""
        from ...tensorflow_quiet import tf

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
    _like(lambda c: (c.X.shape[1:], (1, *c.X.shape[1:]))),
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
    method: Callable[[Attributions, Derivative], np.ndarray], best: tuple = (), mixed: tuple = ()
) -> tuple:
    """The mistakes about what is differentiated, for a method that takes any function of scores.

    ``best`` and ``mixed`` are other forms of explaining the best class and of mixed up labels.
    """

    def of(*derivatives):
        return gives(*(lambda c, d=d: method(c, d) for d in derivatives))

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
            "all_classes_summed",
            "The labels make no difference to your result: it explains all the scores together. "
            "Which of an image's scores is the question about?",
            of(_every_class),
        ),
        Misconception(
            "labels_mixed_up",
            "Some images are explained for the label of another. Follow which label goes with "
            "which image, also where you put several batches into one.",
            any_of(
                gives(lambda c: method(c, lambda scores, y: one_hot(y[::-1], scores))),
                gives(lambda c: method(c, lambda scores, y: one_hot(y[:1], scores))),
                gives(*mixed),
            ),
        ),
    )


# Guided backpropagation


def _with_rule(c: Attributions, rule: Callable) -> np.ndarray:
    """The gradient, where ``rule(x, upstream)`` is what each ReLU hands down."""
    from ...relu import with_relu
    from ...tensorflow_quiet import tf

    @tf.custom_gradient
    def relu(x):
        return tf.nn.relu(x), lambda upstream: rule(x, upstream)

    return Attributions(c.inputs, with_relu(c.model, relu), c.expected).gradient


def _where(condition, value):
    from ...tensorflow_quiet import tf

    return tf.where(condition, value, tf.zeros_like(value))


def _guided_reference(inputs, model):
    from ...methods import guided_backpropagation

    return guided_backpropagation(inputs["X"], inputs["y"], model)


def _guided_with(**changed) -> Callable[[Attributions], np.ndarray]:
    """The right function of other inputs."""
    return lambda c: _guided_reference(
        c.inputs | {key: value(c) for key, value in changed.items()}, c.model
    )


GUIDED: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
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
        gives(lambda c: _with_rule(c, lambda x, g: _where(g > 0, g))),
    ),
    Misconception(
        "negative_let_through",
        "Your rule lets the negative part through, or the ReLUs that were off. Which of the two "
        "numbers must be positive? Both are asked.",
        gives(
            lambda c: _with_rule(c, lambda x, g: _where((x > 0) & (g < 0), g)),
            lambda c: _with_rule(c, lambda x, g: _where((x < 0) & (g > 0), g)),
            lambda c: _with_rule(c, lambda x, g: _where((x > 0) | (g > 0), g)),
            lambda c: _with_rule(c, lambda x, g: _where((x > 0), abs(g))),
        ),
    ),
    Misconception(
        "no_rule_at_all",
        "On the way back your ReLUs let everything through, as if they were not there.",
        gives(lambda c: _with_rule(c, lambda x, g: g)),
    ),
    Misconception(
        "gates_instead_of_gradients",
        "Each ReLU hands down whether it is open, and not what came to it. The condition chooses; "
        "what is let through is the gradient itself.",
        gives(
            lambda c: _with_rule(c, lambda x, g: _where((x > 0) & (g > 0), g / g)),
            lambda c: _with_rule(c, lambda x, g: _where(x > 0, g / g)),
        ),
    ),
    Misconception(
        "activation_as_a_factor",
        "Each ReLU multiplies the gradient by the activation. The activation only decides whether "
        "it is let through.",
        gives(
            lambda c: _with_rule(c, lambda x, g: _where((x > 0) & (g > 0), x * g)),
            lambda c: _with_rule(c, lambda x, g: _where((x > 0) & (g > 0), x)),
            lambda c: _with_rule(c, lambda x, g: x * g),
        ),
    ),
    SIGN_LOST,
    SIGN_TURNED,
    TIMES_THE_IMAGE,
    Misconception(
        "predicted_class",
        PREDICTED,
        gives(_guided_with(y=lambda c: c.scores.argmax(1))),
    ),
    Misconception(
        "labels_mixed_up",
        "Some images are explained for the label of another, or all for one. Image number n and "
        "label number n belong together.",
        gives(
            _guided_with(y=lambda c: c.y[::-1]),
            _guided_with(y=lambda c: np.full_like(c.y, c.y[0])),
        ),
    ),
    SCALED,
)


# SmoothGrad


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

    def mean_gradient(
        self, places, weights=None, start=None, way=None, derivative: Derivative = _right_class
    ) -> np.ndarray:
        """The weighted mean of the gradients at ``start + place * way``, (N, H, W, 3)."""
        start = self.baseline if start is None else start
        way = self.way if way is None else way
        gradients = [self.gradient_at_images(start + place * way, derivative) for place in places]
        return np.average(gradients, axis=0, weights=weights)

    @property
    def middles(self) -> np.ndarray:
        """The middles of the parts of 0..1, (steps,)."""
        return (np.arange(self.steps) + 0.5) / self.steps

    @cached_property
    def at_middles(self) -> np.ndarray:
        """The gradients there, (steps, N, H, W, 3)."""
        return np.stack(
            [self.gradient_at_images(self.baseline + m * self.way) for m in self.middles]
        )


def _trapezoid(c: Integrated, points: int) -> np.ndarray:
    weights = np.ones(points)
    weights[[0, -1]] = 0.5
    return c.way * c.mean_gradient(np.linspace(0, 1, points), weights)


INTEGRATED: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
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
            lambda c: c.at_middles.mean(0),
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
        gives(
            lambda c: c.way * c.mean_gradient(np.arange(c.steps) / c.steps),
            lambda c: c.way * c.mean_gradient((np.arange(c.steps) + 1) / c.steps),
            lambda c: c.way * c.mean_gradient(np.linspace(0, 1, c.steps)),
            lambda c: c.way * c.mean_gradient(np.linspace(0, 1, c.steps + 1)),
            lambda c: _trapezoid(c, c.steps),
            lambda c: _trapezoid(c, c.steps + 1),
        ),
    ),
    Misconception(
        "only_the_end_of_the_way",
        "You multiply the gradient at one place, such as the image itself, by the way. The point "
        "of the method is what the gradient does between the baseline and the image.",
        gives(
            lambda c: c.way * c.gradient,
            lambda c: c.way * c.mean_gradient([0.5]),
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
            lambda c: c.way * c.mean_gradient(c.middles, way=c.X),
            lambda c: c.way * c.mean_gradient(c.middles, start=0, way=c.X),
            lambda c: c.way * c.mean_gradient(c.middles, start=0),
            lambda c: c.way * c.mean_gradient(c.middles, start=c.X),
        ),
    ),
    Misconception(
        "baseline_ignored",
        "Your result is right for a baseline of zeros only. The way begins at the baseline you are "
        "given.",
        gives(lambda c: c.X * c.mean_gradient(c.middles, start=0, way=c.X)),
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
    *_about_classes(lambda c, d: c.way * c.mean_gradient(c.middles, derivative=d)),
)


# Grad-CAM


class FeatureMaps(Attributions):
    """What mistakes about Grad-CAM can be computed from."""

    def features_and_gradient(self, derivative: Derivative, layer: str):
        """A layer's feature maps, and the gradient by them, each (N, h, w, channels)."""
        from ...tensorflow_quiet import tf

        whole = tf.keras.Model(
            self.model.inputs, [self.model.get_layer(layer).output, self.model.output]
        )
        with tf.GradientTape() as tape:
            features, scores = whole(self.X)
        weights = derivative(scores.numpy().astype(np.float64), self.y)
        gradient = tape.gradient(scores, features, tf.cast(weights, scores.dtype))
        return features.numpy(), gradient.numpy()

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


# The checks

#: The network takes the jeep for something else, which finds out an answer that explains the
#: predicted class, not y.
IMAGES = (14, 7)


def _cut(X: np.ndarray, height: int, width: int) -> np.ndarray:
    """The middle of each image: the saved attributions should not be large."""
    top, left = (X.shape[1] - height) // 2, (X.shape[2] - width) // 2
    return np.ascontiguousarray(X[:, top : top + height, left : left + width])


def _two_images() -> dict:
    X, y = samples(*IMAGES)
    return {"X": _cut(X, 112, 96), "y": y}


def _one_image() -> dict:
    X, y = samples(IMAGES[1])
    return {"X": _cut(X, 80, 96), "y": y}


def _known_guided() -> list:
    return [("two images", _two_images()), ("a single image", _one_image())]


def _others(rng, model, count, height, width) -> dict:
    """Other images, with labels that are not the best guess."""
    X = _cut(varied(rng, rng.permutation(20)[:count]), height, width)
    return {"X": X, "y": unlikely(rng, X, model)}


#: Relative L2 error: largest of right answers (float32 against float64, whose kinks differ), and
#: of the nearest wrong one.
#:     guided backpropagation  2e-7    0.16 (the best class)
#:     SmoothGrad              0.0038  0.55 (the median)
#:     integrated gradients    0.0067  0.46 (a step left out)
SIGNED = Wanted(
    item="attribution",
    items="attributions",
    axes="(number of images, height, width, colours)",
    returned="attributions",
    shape="one number for each number of the images",
    tolerance=0.05,
)


def _compared(draw, what):
    """Yours, expected and difference, of the results that are wrong."""

    def picture(returned, probe: Probe, verdict: Verdict):
        some = list(verdict.wrong)
        if not some:
            return None
        names = load_class_names()
        titles = [names[int(label)] for label in probe.inputs["y"][some]]
        figure = draw(np.asarray(returned)[some], probe.expected[some], titles)
        alt = f"Your {what}, those expected and their difference, for {', '.join(titles)}."
        return figure, alt

    return picture


def _hidden_guided(rng, model):
    return [
        ("three other images, not square", _others(rng, model, 3, 96, 128)),
        ("a single image", _others(rng, model, 1, 128, 128)),
    ]


def _noise(rng, X, samples: int) -> np.ndarray:
    """Noise as in the paper: its deviation is 15 % of the range of the image, (S, N, H, W, 3)."""
    deviation = 0.15 * (X.max((1, 2, 3)) - X.min((1, 2, 3)))
    noise = rng.standard_normal((samples, *X.shape)) * deviation[:, None, None, None]
    return noise.astype(np.float32)


def _known_smoothgrad() -> list:
    random = np.random.RandomState(231)
    two, one = _two_images(), _one_image()
    return [
        ("four samples of two images", two | {"noise": _noise(random, two["X"], 4)}),
        ("a single sample of a single image", one | {"noise": _noise(random, one["X"], 1)}),
    ]


def _hidden_smoothgrad(rng, model):
    two, one = _others(rng, model, 2, 96, 128), _others(rng, model, 1, 128, 96)
    return [
        ("three samples of two other images", two | {"noise": _noise(rng, two["X"], 3)}),
        ("two samples of a single image", one | {"noise": _noise(rng, one["X"], 2)}),
    ]


def _smoothgrad(inputs, model):
    from ...methods import saliency

    X, y = inputs["X"], inputs["y"]
    return np.mean([saliency(X + noise, y, model) for noise in inputs["noise"]], axis=0)


def _known_integrated() -> list:
    two, one = _two_images(), _one_image()
    baseline = np.zeros_like(two["X"])
    black = baseline[1] = -SQUEEZENET_MEAN / SQUEEZENET_STD
    alone = {"baseline": np.broadcast_to(black, one["X"].shape).astype(np.float32)}
    return [
        ("two images", two | {"baseline": baseline, "steps": np.asarray(STEPS)}),
        ("a single image, and three steps", one | alone | {"steps": np.asarray(3)}),
    ]


STEPS = 6  # with many more, another rule of integration would hardly differ


def _hidden_integrated(rng, model):
    def with_baseline(inputs, steps):
        colour = rng.uniform(-1.5, 1.5, (len(inputs["X"]), 1, 1, 3))
        baseline = np.broadcast_to(colour, inputs["X"].shape).astype(np.float32)
        return inputs | {"baseline": baseline, "steps": np.asarray(steps)}

    return [
        ("two other images and baselines", with_baseline(_others(rng, model, 2, 96, 128), 5)),
        ("a single image", with_baseline(_others(rng, model, 1, 128, 96), 7)),
    ]


def _integrated(inputs, model):
    from ...methods import integrated_gradients

    X, y, baseline = inputs["X"], inputs["y"], inputs["baseline"]
    steps = int(inputs["steps"])
    return integrated_gradients(X, y, model, steps=steps, baseline=baseline, progress=False)


def _judge_integrated(returned, probe: Probe) -> Verdict:
    """As any array; and of a wrong one, whether it is complete."""
    verdict = judge_array(returned, probe.expected, SIGNED)
    array, _ = as_numbers(returned, "")
    if verdict.passed or array is None or array.shape != probe.expected.shape:
        return verdict
    model, y = default_model(), probe.inputs["y"]
    scores = [model(probe.inputs[key]).numpy()[np.arange(len(y)), y] for key in ("X", "baseline")]
    rise, total = scores[0] - scores[1], array.sum((1, 2, 3), dtype=np.float64)
    missing = np.abs(total - rise)
    allowed = np.abs(probe.expected.sum((1, 2, 3)) - rise) + 0.2 * np.abs(rise)
    if not np.isfinite(total).all() or (missing <= allowed).all():
        return verdict
    n = int(np.argmax(missing - allowed))
    told = (
        f" Completeness is violated: the attributions of image {n} add up to {total[n]:.3g}, and "
        f"its score is {rise[n]:.3g} above the baseline's."
    )
    return replace(verdict, message=verdict.message + told)


def _known_grad_cam() -> list:
    X, y = samples(14, 7, 16, 1)
    one = {"X": X[1:2, 16:208, 40:200], "y": y[1:2], "layer": np.asarray("conv10")}
    return [
        ("four images", {"X": X, "y": y, "layer": np.asarray("fire8_concat")}),
        ("the last convolution and a single image, not square", one),
    ]


def _hidden_grad_cam(rng, model):
    layers = rng.permutation(["fire6_concat", "fire7_concat", "fire8_concat"])
    X, y = samples(*rng.permutation(20)[:2])
    return [
        ("another layer", {"X": X, "y": y, "layer": np.asarray(layers[0])}),
        (
            "the last convolution, and images that are not square",
            _others(rng, model, 3, 192, 224) | {"layer": np.asarray("conv10")},
        ),
    ]


def _grad_cam(inputs, model):
    from ...methods import grad_cam

    return grad_cam(inputs["X"], inputs["y"], model, layer=str(inputs["layer"]), upsample=False)


#: Right answers 2e-6. The nearest wrong ones: 0.98 at fire8, and 0.07 at fire9 (no ReLU).
HEAT_MAPS = Wanted(
    item="heat map",
    items="heat maps",
    axes="(number of images, height of the layer, its width)",
    returned="heat_maps",
    shape="one heat map for each image, of the layer's height and width",
    nonnegative=True,
    tolerance=0.01,
)


CHECKS = (
    Check(
        name="guided_backpropagation",
        answer="guided_backpropagation",
        call="answer(X, y, model)",
        known=_known_guided,
        hidden=_hidden_guided,
        judge=lambda returned, probe: judge_array(returned, probe.expected, SIGNED),
        catalogue=GUIDED,
        reference=_guided_reference,
        context=Attributions,
        picture=_compared(signed_comparison_figure, "attributions"),
    ),
    Check(
        name="smoothgrad",
        answer="smoothgrad",
        call="answer(X, y, frozen(model), noise)",
        known=_known_smoothgrad,
        hidden=_hidden_smoothgrad,
        judge=lambda returned, probe: judge_array(returned, probe.expected, SIGNED),
        catalogue=SMOOTHGRAD,
        reference=_smoothgrad,
        context=Noisy,
        picture=_compared(signed_comparison_figure, "attributions"),
    ),
    Check(
        name="integrated_gradients",
        answer="integrated_gradients",
        call="answer(X, y, frozen(model), baseline, steps)",
        known=_known_integrated,
        hidden=_hidden_integrated,
        judge=_judge_integrated,
        catalogue=INTEGRATED,
        reference=_integrated,
        context=Integrated,
        picture=_compared(signed_comparison_figure, "attributions"),
    ),
    Check(
        name="grad_cam",
        answer="grad_cam",
        call="answer(X, y, model, layer)",
        known=_known_grad_cam,
        hidden=_hidden_grad_cam,
        judge=lambda returned, probe: judge_array(returned, probe.expected, HEAT_MAPS),
        catalogue=GRAD_CAM,
        reference=_grad_cam,
        context=FeatureMaps,
        picture=_compared(comparison_figure, "heat maps"),
    ),
)
