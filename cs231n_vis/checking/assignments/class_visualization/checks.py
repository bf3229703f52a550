"""Assignment 3: how its answers are called and judged.

Each is judged by itself: scores over views and images from waves by their values, and by their
gradient, because it is under a tape that they are used.
"""

from collections.abc import Iterator

import numpy as np

from ....image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ...checks import Check
from ...exchange import Probe
from ...samples import inputs, samples, unlikely, varied
from ...verdict import Wanted, Wrong, WrongForm, judge, judge_array, numbers, relative_l2
from .mistakes import ROBUST_SCORES, UPDATE_STEP, WAVES, shape_of

# One step


#: Right answers, eager or compiled, come within 7e-7; on another processor, where a few pixels fall
#: on the other side of a kink, within some 1e-3 (as in judge.py). The nearest wrong one, with half
#: the regularisation, is at 0.34 with the known input and at 0.25 with a photograph.
STEP = Wanted(
    item="step",
    axes="(1, height, width, 3)",
    returned="X_new",
    shape="the new image has the shape of the old one",
    tolerance=0.03,
)


def _noise(random, height: int, width: int) -> np.ndarray:
    """An image of noise, preprocessed, float32 (1, height, width, 3)."""
    image = random.uniform(0, 1, (1, height, width, 3))
    return ((image - SQUEEZENET_MEAN) / SQUEEZENET_STD).astype(np.float32)


def _known_step() -> list:
    random = np.random.RandomState(231)
    # at this l2_reg both parts of the gradient are of about the same length
    first = {"X": _noise(random, 96, 112), "l2_reg": 6e-3, "learning_rate": 10.0}
    other = {"X": _noise(random, 64, 48), "l2_reg": 0.0, "learning_rate": 2.5}
    return [
        ("noise", inputs(target_y=76, **first)),
        ("no regularisation", inputs(target_y=366, **other)),
    ]


def _hidden_step(rng, model):
    def drawn(X, l2_reg):
        target = int(rng.choice(np.argsort(-model(X).numpy()[0])[1:40]))
        rate = float(rng.uniform(1, 40))
        return inputs(X=X, target_y=target, l2_reg=l2_reg, learning_rate=rate)

    def photograph():
        return varied(rng, [rng.integers(20)], side=112)

    return [
        ("noise and another class", drawn(_noise(rng, 112, 96), float(rng.uniform(3e-3, 8e-3)))),
        ("a photograph", drawn(photograph(), float(rng.uniform(5e-3, 1e-2)))),
        ("no regularisation", drawn(photograph(), 0.0)),
    ]


# The mean score over views

#: Right scores are within 1e-5, however the views are batched; the nearest wrong ones, of views
#: that are averaged before the network sees them, are 0.07 off.
SCORES_TOLERANCE = 2e-3


def _known_scores() -> list:
    X, y = samples(15, 18)
    X = X[:, ::2, ::2]
    return [
        ("two images", inputs(X=X, y=y, seed=231, num_views=3)),
        ("a single image, a single view", inputs(X=X[:1, 8:], y=y[:1], seed=7, num_views=1)),
    ]


def _hidden_scores(rng, model):
    def drawn(count, num_views):
        X = varied(rng, rng.permutation(20)[:count], side=96)
        y, seed = unlikely(rng, X, model), int(rng.integers(2**31))
        return inputs(X=X, y=y, seed=seed, num_views=num_views)

    return [
        ("three other images", drawn(3, int(rng.integers(3, 6)))),
        ("a single image", drawn(1, 2)),
    ]


@judge
def _judge_scores(returned, probe: Probe) -> Iterator[str]:
    count = len(probe.inputs["y"])
    array = numbers(returned, "scores", f"a score for each image, shape ({count},)")
    if array.shape != probe.expected.shape:
        raise WrongForm(
            f"The shape is {array.shape} and should be ({count},): a score for each image."
        )
    yield "it returned a score for each image"
    if not np.isfinite(array).all():
        raise Wrong("The scores or their gradient hold NaN or infinity.")
    (scores, gradient, again), (right, slope, _) = (
        np.split(each, (count, -count)) for each in (array, probe.expected)
    )
    if not np.allclose(scores, again, SCORES_TOLERANCE):
        raise Wrong("Generators of the same seed gave different scores.")
    yield "with a generator of the same seed they come out again"
    if not np.allclose(scores, right, SCORES_TOLERANCE):
        wanted, found = (np.array2string(each, precision=3) for each in (right, scores))
        raise Wrong(f"The mean scores are {wanted}, and you return {found}.")
    yield "they agree with the saved ones"
    shape = count, -1
    if not (relative_l2(gradient.reshape(shape), slope.reshape(shape)) < STEP.tolerance).all():
        raise Wrong("The scores are right, and their gradient with respect to X is not.")
    yield "so does their gradient"


# Images from waves

#: There are no kinks: right answers are within 1e-5, images and gradients; the nearest wrong ones,
#: whose real and imaginary parts are confused, are far off.
WAVES_TOLERANCE = 3e-3


def _waves(random, count: int, height: int, width: int) -> dict[str, np.ndarray]:
    """Waves of a likely strength, (2, count, 3, height, width // 2 + 1), and what goes with them.

    The mix of colours is not symmetric, so that it shows if it is the wrong way round.
    """
    down, across = np.fft.fftfreq(height, 1 / height), np.fft.rfftfreq(width, 1 / width)
    frequency = np.maximum(np.hypot(down[:, None], across), 1)
    waves = 0.1 * random.standard_normal((2, count, 3, *frequency.shape))
    mix = random.uniform(-1, 1, (3, 3)) + np.eye(3)
    names = ("waves", waves), ("frequency", frequency), ("colour_mix", mix)
    return {name: each.astype(np.float32) for name, each in names}


def _known_waves() -> list:
    random = np.random.RandomState(231)
    return [
        ("three images", _waves(random, 3, 24, 32)),
        ("a single image", _waves(random, 1, 32, 20)),
    ]


def _hidden_waves(rng, model):
    height, width = (2 * int(rng.integers(8, 20)) for _ in range(2))
    return [
        ("four other images", _waves(rng, 4, height, width)),
        ("a single image of another size", _waves(rng, 1, height + 10, width + 6)),
    ]


@judge
def _judge_waves(returned, probe: Probe) -> Iterator[str]:
    waves = probe.inputs["waves"]
    shape = shape_of(waves)
    array = numbers(returned, "X", f"images, shape {shape}")
    if array.shape != probe.expected.shape:
        raise WrongForm(f"The shape is {array.shape} and should be {shape}: the colours come last.")
    yield "it returned images, with the colours last"
    if not np.isfinite(array).all():
        raise Wrong("The images or their gradient hold NaN or infinity.")
    images, gradient = np.split(array, (-waves.size,))
    right, slope = np.split(probe.expected, (-waves.size,))
    off = relative_l2(images.reshape(len(waves[0]), -1), right.reshape(len(waves[0]), -1))
    if not (off < WAVES_TOLERANCE).all():
        raise Wrong(f"The images differ from the saved ones, by up to {off.max():.0%}.")
    yield "they agree with the saved ones"
    if not relative_l2(gradient[None], slope[None])[0] < WAVES_TOLERANCE:
        raise Wrong("The images are right, and their gradient with respect to waves is not.")
    yield "so does their gradient"


CHECKS = (
    Check(
        name="class_visualization_update_step",
        answer="class_visualization_update_step",
        call="change_of(X, answer(tensor(X), frozen(model), target_y, l2_reg, learning_rate))",
        known=_known_step,
        hidden=_hidden_step,
        judge=lambda returned, probe: judge_array(returned, probe.expected, STEP),
        catalogue=UPDATE_STEP,
        reference="references.class_visualization:class_visualization_update_step",
    ),
    Check(
        name="robust_scores",
        answer="robust_scores",
        call="scores_and_again(answer, X, y, frozen(model), seed, num_views)",
        known=_known_scores,
        hidden=_hidden_scores,
        judge=_judge_scores,
        catalogue=ROBUST_SCORES,
        reference="references.class_visualization:robust_scores",
    ),
    Check(
        name="image_from_waves",
        answer="image_from_waves",
        call=(
            "values_and_gradient(lambda waves: answer(waves, frequency, colour_mix), waves,"
            " (len(waves[0]), len(frequency), 2 * len(frequency[0]) - 2, 3))"
        ),
        known=_known_waves,
        hidden=_hidden_waves,
        judge=_judge_waves,
        catalogue=WAVES,
        reference="references.class_visualization:image_from_waves",
    ),
)
