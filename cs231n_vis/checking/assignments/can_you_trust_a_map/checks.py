"""Assignment 5: how its answers are called and judged."""

from collections.abc import Iterator

import numpy as np
from scipy.ndimage import gaussian_filter

from ....image_utils import blur_image
from ....plots import lines_figure
from ...checks import Check, default_model
from ...exchange import Probe
from ...samples import inputs, samples, varied
from ...verdict import Verdict, Wanted, Wrong, judge, judge_array, numbers
from .mistakes import CORRELATION, DELETION, POINTING, RANDOMISED, Weights

# 1. rank_correlation

#: Right answers differ by 4e-8, as ranks are exact. The nearest wrong ones are 0.012 away (ties in
#: the order in which they come), 0.035 (the smallest rank for all ties) and 0.077 (the formula with
#: the squared differences), and others 0.27 or more.
CORRELATIONS = Wanted(
    item="correlation",
    axes="(number of maps,)",
    returned="correlation",
    shape="one number for each pair of maps",
    tolerance=0.001,
)


def _pairs(random, count: int, height: int, width: int) -> dict:
    """Pairs of maps that are alike, alike but for the sign, full of ties, or with a few peaks."""
    a = random.normal(size=(count, height, width))
    noise = random.normal(size=a.shape)
    slope = np.resize([1.0, -0.9, 1.5, 0.8], count)[:, None, None]
    b = slope * a + 0.7 * noise
    b[0] = np.exp(3 * b[0])  # monotone, and no longer linear
    for n in range(2, count, 4):  # two thirds are equal, as where a map was cut at zero
        a[n], b[n] = (np.round(3 * np.maximum(m[n] - 0.4, 0)) for m in (a, b))
    for n in range(3, count, 4):
        a[n] = np.sinh(3 * a[n])
    return {"a": a.astype(np.float32), "b": b.astype(np.float32)}


def _known_pairs() -> list:
    random = np.random.RandomState(231)
    return [("five pairs", _pairs(random, 5, 12, 14)), ("one pair", _pairs(random, 1, 10, 7))]


def _hidden_pairs(rng, model):
    return [
        ("seven pairs of maps", _pairs(rng, 7, 9, 16)),
        ("one pair", _pairs(rng, 1, 20, 11)),
    ]


# 2. randomise_layers


def _weights_inputs(last: str, layers, scale: float, seed: int) -> dict:
    return inputs(last=last, layers=np.array(list(layers), "U32"), scale=scale, seed=seed)


def _known_weights() -> list:
    three = ("fire3_squeeze1x1", "fire2_expand3x3", "conv1")
    return [
        ("three layers", _weights_inputs("fire3_concat", three, 1.25, 231)),
        ("no layer", _weights_inputs("fire2_concat", (), 0.75, 231)),
    ]


def _hidden_weights(rng, model):
    names = [layer.name for layer in model.layers if layer.weights][:13]  # up to fire5
    several = rng.permutation(names[:10])[: rng.integers(3, 7)]
    one = rng.permutation(names[1:7])[:1]
    scale, seed = float(rng.uniform(0.5, 2)), int(rng.integers(10**6))
    return [
        (
            "other layers of a larger network",
            _weights_inputs("fire4_concat", several, scale, seed),
        ),
        ("one layer", _weights_inputs("fire3_concat", one, 1 / scale, seed + 9)),
        ("no layer", _weights_inputs("fire2_concat", (), scale, seed + 99)),
    ]


@judge
def _judge_randomised(answer, probe: Probe) -> Iterator[str]:
    weights = numbers(answer, "new_model", kind="a model")
    c = Weights(probe.inputs, default_model(), None)
    if weights.shape != c.shape:
        raise Wrong("What it returned is not a model with the layers of the model it was given.")
    yield "it returned a model of the same layers"
    given, first, again, other = c.models(weights)
    if not c.same(given):
        raise Wrong("The weights of the model it was given are not what they were.")
    yield "the model it was given is as it was"
    if not np.isfinite(weights).all():
        raise Wrong("Some of the new weights are NaN or infinite.")
    if not c.same(first, c.others):
        raise Wrong("Layers that are not named have other weights than before.")
    yield "the layers that are not named are as they were"
    if any(c.same(first, [i]) for i in c.named):
        raise Wrong("Some weights of the named layers, kernels or biases, are as they were.")
    if not c.reordered(first):
        raise Wrong("In a named layer there are other numbers than before, in any order.")
    yield "in each array of a named layer are the old numbers"
    if c.kept_together(first):
        raise Wrong("The numbers of a kernel have not changed places freely.")
    if not all(map(np.array_equal, first, again)):
        raise Wrong("The same generator gave two different models.")
    if c.named and all(np.array_equal(first[i], other[i]) for i in c.named):
        raise Wrong("Two different generators gave the same model.")
    yield "they have changed places at random, as the generator says"


#: Right answers differ by 2e-6, also when they round the number of pixels otherwise. The nearest
#: wrong ones are 0.067 away (divided by the first probability) and 0.25 (one order for all images).
CURVES = Wanted(
    item="curve",
    axes="(number of images, steps + 1)",
    returned="probabilities",
    shape="one curve for each image, of one probability more than there are steps",
    nonnegative=True,
)


def _ranked(random, count: int, height: int, width: int) -> np.ndarray:
    """Smooth maps in which no two pixels are equal: float32 (N, H, W), from 0 to 1."""
    blobs = gaussian_filter(random.normal(size=(count, height, width)), (0, 12, 12))
    ranks = blobs.reshape(count, -1).argsort(axis=1).argsort(axis=1)
    shaped = (ranks / ranks.shape[1]) ** 3  # the values are not spread as the ranks are
    return shaped.reshape(blobs.shape).astype(np.float32)


def _curve_inputs(random, X, y, baseline, steps: int, brightest: float = 1) -> dict:
    maps = brightest * _ranked(random, *X.shape[:3])
    return inputs(X=X, y=y, maps=maps, baseline=baseline, steps=steps)


def _known_curves() -> list:
    random = np.random.RandomState(231)
    (X, y), (one, label) = samples(15, 9), samples(17)
    one = one[:, 16:208, 32:192]
    return [
        ("two images", _curve_inputs(random, X, y, blur_image(X, 10), 8)),
        (
            "a single image, not square",
            _curve_inputs(random, one, label, blur_image(one, 10), 5),
        ),
    ]


def _hidden_curves(rng, model):
    sure = np.array((1, 8, 10, 12, 13, 17, 18))  # of these the network is sure, whole or in part
    X, y = samples(*rng.permutation(sure)[:3])
    top, left = rng.integers(0, 32, 2)
    X = X[:, top : top + 192, left : left + 160]
    three = _curve_inputs(rng, X, y, blur_image(X, 8), 6)
    one, label = samples(*rng.permutation(sure)[:1])
    other = varied(rng, rng.permutation(20)[:1])
    return [
        ("three images of another size", three),
        (
            "insertion, with image and baseline exchanged",
            _curve_inputs(rng, blur_image(one, 10), label, one, 7),
        ),
        (
            "one image, and another as its baseline",
            _curve_inputs(rng, one, label, other, 4, brightest=100),
        ),
    ]


def _curves(X, y, maps, model, baseline, steps):
    from ....metrics import deletion

    def method(*_):
        return maps

    curves = deletion(method, X, y, model, steps=steps, baseline=baseline, progress=False)
    return curves.probabilities


def _curves_compared(returned: np.ndarray, probe: Probe, verdict: Verdict):
    if not verdict.wrong:
        return None
    panels = {
        f"image {n}": {"yours": np.asarray(returned)[n], "expected": probe.expected[n]}
        for n in verdict.wrong
    }
    share = np.linspace(0, 100, probe.expected.shape[1]).tolist()
    figure = lines_figure(share, panels, "pixels replaced (%)", "probability of the class")
    return figure, "Your curves and the expected ones: probability against pixels replaced."


# 4. pointing_game

#: Right answers differ by 1e-7, the nearest wrong one (the positive part over all absolute values)
#: by 0.54. Where a map has nothing positive, the share must be 0 to the bit.
SHARES = Wanted(
    item="share",
    axes="(number of maps,)",
    returned="shares",
    shape="one number for each map",
    nonnegative=True,
    tolerance=0.003,
)


def _mosaics(random, count: int, height: int, width: int) -> dict:
    """Signed maps with more in one quadrant than in the others; the last has nothing positive."""
    maps = random.normal(size=(count, height, width))
    quadrants = np.resize([2, 1, 3, 0, 1, 2], count)
    for n, sign in enumerate(np.resize([1.5, 1.0, -0.5, 2.0], count)):
        top, left = divmod(int(quadrants[n]) if n % 2 else int(3 - quadrants[n]), 2)
        rows = slice(top * height // 2, (top + 1) * height // 2)
        columns = slice(left * width // 2, (left + 1) * width // 2)
        maps[n, rows, columns] += sign
    maps[:, : height // 2] *= 1.4  # so that no two quadrants are alike
    maps[:, :, : width // 2] *= 1.2
    if count > 1:
        maps[-1] = -np.abs(maps[-1])
    return {"maps": maps.astype(np.float32), "quadrants": quadrants}


def _known_mosaics() -> list:
    random = np.random.RandomState(231)
    return [("seven maps", _mosaics(random, 7, 12, 14)), ("one map", _mosaics(random, 1, 8, 6))]


def _hidden_mosaics(rng, model):
    positive = _mosaics(rng, 5, 16, 12)
    positive["maps"] = np.abs(positive["maps"])
    return [
        ("nine maps", _mosaics(rng, 9, 10, 18)),
        ("maps without negative values", positive),
        ("one map", _mosaics(rng, 1, 20, 8)),
    ]


def _shares(maps, quadrants):
    from ....metrics import share_in_quadrants

    return share_in_quadrants(maps)[np.arange(len(maps)), quadrants]


CHECKS = (
    Check(
        name="rank_correlation",
        answer="rank_correlation",
        call="answer(a, b)",
        known=_known_pairs,
        hidden=_hidden_pairs,
        judge=lambda returned, probe: judge_array(returned, probe.expected, CORRELATIONS),
        catalogue=CORRELATION,
        reference="metrics:rank_correlation",
    ),
    Check(
        name="randomised_layers",
        answer="randomise_layers",
        call="weights_of_randomised(answer, model, last, scale, layers, seed)",
        known=_known_weights,
        hidden=_hidden_weights,
        judge=_judge_randomised,
        catalogue=RANDOMISED,
    ),
    Check(
        name="deletion_curves",
        answer="deletion_curve",
        call="answer(X, y, maps, frozen(model), baseline, steps)",
        known=_known_curves,
        hidden=_hidden_curves,
        judge=lambda returned, probe: judge_array(returned, probe.expected, CURVES),
        catalogue=DELETION,
        reference=_curves,
        picture=_curves_compared,
    ),
    Check(
        name="pointing_game",
        answer="pointing_game",
        call="answer(maps, quadrants)",
        known=_known_mosaics,
        hidden=_hidden_mosaics,
        judge=lambda returned, probe: judge_array(returned, probe.expected, SHARES),
        catalogue=POINTING,
        reference=_shares,
    ),
)
