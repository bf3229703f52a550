"""Assignment 4: how its answers are called and judged.

Signed attributions are compared with their sign and their colours. How far right answers and the
nearest wrong ones are from the reference stands beside each tolerance.
"""

from dataclasses import replace

import numpy as np

from ....image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ....plots import comparison_figure, signed_comparison_figure
from ...checks import Check, default_model
from ...exchange import Probe
from ...samples import samples, unlikely, varied
from ...verdict import Verdict, Wanted, as_array, judge_array
from ..pictures import compared
from .mistakes import (
    GRAD_CAM,
    GUIDED,
    INTEGRATED,
    SMOOTHGRAD,
)

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
    axes="(number of images, height, width, colours)",
    returned="attributions",
    shape="one number for each number of the images",
    tolerance=0.05,
)


def _compared(draw, what: str):
    told = f"Your {what}, those expected and their difference"
    return compared(draw, told, lambda probe: probe.inputs["y"])


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


def _smoothgrad(X, y, model, noise):
    from ....methods import saliency

    return np.mean([saliency(X + each, y, model) for each in noise], axis=0)


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


def _integrated(X, y, model, baseline, steps):
    from ....methods import integrated_gradients

    return integrated_gradients(X, y, model, steps=steps, baseline=baseline, progress=False)


def _judge_integrated(returned, probe: Probe) -> Verdict:
    """As any array; and of a wrong one, whether it is complete."""
    verdict = judge_array(returned, probe.expected, SIGNED)
    array = as_array(returned)
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


def _grad_cam(X, y, model, layer):
    from ....methods import grad_cam

    return grad_cam(X, y, model, layer=layer, upsample=False)


#: Right answers 2e-6. The nearest wrong ones: 0.98 at fire8, and 0.07 at fire9 (no ReLU).
HEAT_MAPS = Wanted(
    item="heat map",
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
        reference="methods:guided_backpropagation",
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
        picture=_compared(comparison_figure, "heat maps"),
    ),
)
