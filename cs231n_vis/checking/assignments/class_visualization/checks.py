"""Assignment 3: how its answers are called and judged.

No single picture is the right one, so ``create_class_visualization`` is judged by what it does
between the steps: it is given an ``update_step`` that needs no network and notes what it gets, and
from this every shift, clip and blur can be worked out exactly. So a wrong answer to the first cell
does no harm to the second.
"""

from collections.abc import Iterator

import numpy as np

from ....image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ...checks import Check
from ...exchange import Probe, plain
from ...samples import inputs, varied
from ...verdict import Wanted, Wrong, judge, judge_array, numbers, relative_l2
from .mistakes import PICTURE, UPDATE_STEP, VARIATION
from .trace import blur, findings

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

    return [
        ("noise and another class", drawn(_noise(rng, 112, 96), float(rng.uniform(3e-3, 8e-3)))),
        ("a photograph", drawn(varied(rng, [rng.integers(20)]), float(rng.uniform(5e-3, 1e-2)))),
        ("no regularisation", drawn(varied(rng, [rng.integers(20)]), 0.0)),
    ]


# Many steps


def _known_picture() -> list:
    def of_size(height, width, **options):
        X = _noise(np.random.RandomState(231), height, width)
        return inputs(X=X, target_y=76, seed=231, l2_reg=0.01, learning_rate=0.2, **options)

    return [
        ("noise", of_size(48, 64, num_iterations=24, max_jitter=12, blur_every=6)),
        ("no jitter", of_size(40, 40, num_iterations=8, max_jitter=0, blur_every=3)),
        (
            "no blur within so few iterations",
            of_size(40, 32, num_iterations=8, max_jitter=5, blur_every=100),
        ),
    ]


def _hidden_picture(rng, model):
    def of_size(height, width, **others):
        drawn = {
            "X": _noise(rng, height, width),
            "target_y": int(rng.integers(1000)),
            "seed": int(rng.integers(2**31)),
            "num_iterations": int(rng.integers(15, 25)),
            "l2_reg": float(rng.uniform(0.01, 0.03)),
            "learning_rate": float(rng.uniform(0.15, 0.25)),
            "max_jitter": int(rng.integers(5, 10)),
            "blur_every": int(rng.integers(3, 8)),
        }
        return inputs(**drawn | others)

    return [
        ("another class, size and jitter", of_size(72, 56)),
        ("no jitter", of_size(40, 40, max_jitter=0)),
        ("no blur within so few iterations", of_size(56, 48, blur_every=100)),
    ]


@judge
def _judge_picture(returned, probe: Probe) -> Iterator[str]:
    return findings(returned, plain(probe.inputs))


# Total variation

#: Right answers are within 1e-6 of the value and of the gradient, in float32 and in any order of
#: summation; the nearest wrong one, which leaves out pairs at the border, is 0.05 off (0.025 with
#: hidden images).
VARIATION_TOLERANCE = 2e-3


def _known_variation() -> list:
    random = np.random.RandomState(231)
    X = blur(np.concatenate([_noise(random, 24, 32) for _ in range(3)]), 1)
    return [("three images", {"X": X}), ("a single image", {"X": _noise(random, 16, 20)})]


def _hidden_variation(rng, model):
    photographs = varied(rng, rng.permutation(20)[:3])[:, ::4, ::5]
    return [
        ("three photographs", {"X": photographs}),
        ("a single image", {"X": _noise(rng, 40, 24)}),
    ]


@judge
def _judge_variation(returned, probe: Probe) -> Iterator[str]:
    array = numbers(returned, "variation", "one number")
    if array.shape != probe.expected.shape:
        raise Wrong(f"The shape is {array.shape} and should be (): one number for all images.")
    yield "it returned one number"
    value, right = float(array[0].flat[0]), float(probe.expected[0].flat[0])
    if not np.isfinite(array).all():
        raise Wrong("The number or its gradient is NaN or infinite.")
    if not abs(value - right) < VARIATION_TOLERANCE * right:
        raise Wrong(f"The total variation is {right:.6g}, and you return {value:.6g}.")
    yield "the number agrees with the saved one"
    if not relative_l2(array[1:], probe.expected[1:])[0] < VARIATION_TOLERANCE:
        raise Wrong("The number is right, and its gradient with respect to X is not.")
    yield "its gradient agrees with the saved one"


CHECKS = (
    Check(
        name="class_visualization_update_step",
        answer="class_visualization_update_step",
        call="change_of(X, answer(tensor(X), model, target_y, l2_reg, learning_rate))",
        known=_known_step,
        hidden=_hidden_step,
        judge=lambda returned, probe: judge_array(returned, probe.expected, STEP),
        catalogue=UPDATE_STEP,
        reference="references.class_visualization:class_visualization_update_step",
    ),
    Check(
        name="create_class_visualization",
        answer="create_class_visualization",
        call=(
            "steps_watched(answer, X, target_y, model, seed, num_iterations=num_iterations,"
            " l2_reg=l2_reg, learning_rate=learning_rate, max_jitter=max_jitter,"
            " blur_every=blur_every)"
        ),
        known=_known_picture,
        hidden=_hidden_picture,
        judge=_judge_picture,
        catalogue=PICTURE,
    ),
    Check(
        name="total_variation",
        answer="total_variation",
        call="value_and_gradient(answer, X)",
        known=_known_variation,
        hidden=_hidden_variation,
        judge=_judge_variation,
        catalogue=VARIATION,
        reference="references.class_visualization:total_variation",
    ),
)
