"""Assignment 6: how its answers are called and judged."""

import numpy as np
from scipy.ndimage import gaussian_filter

from ....imagenet import load_imagenet_val
from ...calls import softened
from ...checks import Check, default_model
from ...samples import inputs, samples, varied
from ...scores import softmax
from ...verdict import Wanted, judge_array
from .judge import judge_cure, judge_step
from .mistakes import CURE, SHARES, STEPS

# 1. times_its_share

#: Right answers differ by 2e-7. The nearest wrong ones are 0.04 away (the mean inside over the mean
#: outside, of small regions) and others 0.1 or more.
TIMES = Wanted(
    item="number",
    axes="(number of maps,)",
    returned="times",
    shape="one number for each map",
    nonnegative=True,
    tolerance=0.003,
)


def _maps_and_regions(random, count: int, height: int, width: int) -> dict:
    """Maps as smooth or as grainy as real ones, and regions of many sizes; of several maps the
    last is zero."""
    maps = np.abs(gaussian_filter(random.normal(size=(count, height, width)), (0, 2, 2)))
    maps *= np.exp(random.normal(size=(count, 1, 1)))  # each map has a scale of its own
    regions = np.zeros(maps.shape, bool)
    for n in range(count):
        h, w = random.integers(3, height // 2), random.integers(3, width // 2)
        top, left = random.integers(0, height - h), random.integers(0, width - w)
        regions[n, top : top + h, left : left + w] = True
        if n % 2:  # not every region is a rectangle
            regions[n, top, left] = False
            regions[n, -1, -1] = True
        maps[n] *= 1 + (2 if n % 3 else -0.7) * regions[n]
    if count > 2:
        maps[-1] = 0
    return {"maps": maps.astype(np.float32), "regions": regions}


def _known_maps() -> list:
    random = np.random.default_rng(231)
    return [
        ("seven maps", _maps_and_regions(random, 7, 24, 28)),
        ("one map", _maps_and_regions(random, 1, 12, 20)),
    ]


def _hidden_maps(rng, model):
    return [
        ("eight other maps", _maps_and_regions(rng, 8, 20, 36)),
        ("one map", _maps_and_regions(rng, 1, 30, 14)),
    ]


# 2. break_the_link


def _collection(random, count: int, height: int, width: int) -> dict:
    """Small parts of the sample images, of which a random half or so hold a tag."""
    X_raw = load_imagenet_val()[0]
    tops, lefts = random.integers(0, 224 - height, count), random.integers(0, 224 - width, count)
    X = np.stack(
        [
            X_raw[i, top : top + height, left : left + width]
            for i, top, left in zip(random.integers(0, 20, count), tops, lefts, strict=True)
        ]
    )
    tag = np.full((5, 11, 3), 255, np.uint8)
    tag[1:4, 1:10:2] = random.integers(0, 60, (3, 5, 3))
    places = np.stack(
        [random.integers(0, height - 5, count), random.integers(0, width - 11, count)], 1
    )
    tagged = random.permutation(np.arange(count) < random.uniform(0.4, 0.6) * count)
    for n in np.flatnonzero(tagged):
        top, left = places[n]
        X[n, top : top + 5, left : left + 11] = tag
    return {"X": X, "tagged": tagged, "places": places, "tag": tag}


def _known_collection() -> list:
    random = np.random.default_rng(231)
    return [
        ("300 small images", _collection(random, 300, 20, 24)),
        ("300 images that are higher than wide", _collection(random, 300, 28, 16)),
    ]


def _hidden_collection(rng, model):
    return [("300 other images", _collection(rng, 300, 26, 18))]


# 3. step_towards_the_box


def _on_the_way(random, X: np.ndarray, epsilon: float, step: float) -> dict:
    """Images on their way from ``X``, some of whose numbers have gone as far as they may; for each
    a class of which a smooth network is neither sure nor not at all."""
    moved = (X + random.uniform(-epsilon, epsilon, X.shape)).astype(np.float32)
    p = softmax(np.asarray(softened(default_model())(moved), np.float64))
    height, width = X.shape[1:3]
    box = np.zeros((height, width), bool)
    top, left = random.integers(4, height - height // 3), random.integers(4, width - width // 3)
    box[top : top + height // 4, left : left + width // 4] = True
    return inputs(
        X=moved,
        X_start=X,
        y=np.abs(p - 0.3).argmin(axis=1),
        box=box,
        epsilon=epsilon,
        step=step,
    )


def _known_steps() -> list:
    random = np.random.default_rng(231)
    X, _ = samples(0, 17)
    two, one = X[:, 64:160, 64:160], X[1:, 70:166, 40:152]
    return [
        ("two images", _on_the_way(random, two, 0.2, 0.08)),
        ("a single image, not square", _on_the_way(random, one, 0.3, 0.1)),
    ]


def _hidden_steps(rng, model):
    two, one = (varied(rng, rng.permutation(20)[:n], side=96) for n in (2, 1))
    return [
        ("two other images", _on_the_way(rng, two, 0.25, 0.1)),
        ("a single image", _on_the_way(rng, one[:, 4:92], 0.15, 0.06)),
    ]


CHECKS = (
    Check(
        name="times_its_share",
        answer="times_its_share",
        call="answer(maps, regions)",
        known=_known_maps,
        hidden=_hidden_maps,
        judge=lambda returned, probe: judge_array(returned, probe.expected, TIMES),
        catalogue=SHARES,
        reference="references.right_reasons:times_its_share",
    ),
    Check(
        name="broken_link",
        answer="break_the_link",
        call="answer(X, tagged, places, tag)",
        known=_known_collection,
        hidden=_hidden_collection,
        judge=judge_cure,
        catalogue=CURE,
    ),
    Check(
        name="step_towards_the_box",
        answer="step_towards_the_box",
        call="answer(X, X_start, y, box, softened(model), epsilon, step)",
        known=_known_steps,
        hidden=_hidden_steps,
        judge=judge_step,
        catalogue=STEPS,
        reference="references.right_reasons:step_towards_the_box",
    ),
)
