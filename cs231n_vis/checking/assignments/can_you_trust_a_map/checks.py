"""Assignment 5: how its answers are called and judged."""

from collections.abc import Iterator

import numpy as np
from scipy.ndimage import gaussian_filter

from ....image_utils import blur_image
from ....plots import lines_figure
from ...checks import Check, default_model
from ...exchange import Probe
from ...samples import inputs, varied
from ...verdict import Verdict, Wanted, Wrong, WrongForm, judge, judge_array, numbers
from .insertion import halved, insertion_area, labelled
from .mistakes import DELETION, KNOWS_NOTHING, RANDOMISED, Weights

# 1. randomise_layers


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
        raise WrongForm(
            "What it returned is not a model with the layers of the model it was given."
        )
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


# 2. deletion_curve

#: Right answers differ by 2e-6. The nearest
#: wrong ones are 0.067 away (divided by the first probability) and 0.25 (one order for all images).
CURVES = Wanted(
    item="curve",
    axes="(number of images, number of counts)",
    returned="probabilities",
    shape="one curve for each image, of one probability for each count",
    nonnegative=True,
)


def _ranked(random, count: int, height: int, width: int) -> np.ndarray:
    """Smooth maps in which no two pixels are equal: float32 (N, H, W), from 0 to 1."""
    blobs = gaussian_filter(random.normal(size=(count, height, width)), (0, 12, 12))
    ranks = blobs.reshape(count, -1).argsort(axis=1).argsort(axis=1)
    shaped = (ranks / ranks.shape[1]) ** 3  # the values are not spread as the ranks are
    return shaped.reshape(blobs.shape).astype(np.float32)


def _curve_inputs(random, X, y, baseline, points: int, brightest: float = 1) -> dict:
    maps = brightest * _ranked(random, *X.shape[:3])
    parts = np.linspace(0, 1, points) ** 1.5  # closer to each other at first
    counts = np.rint(parts * maps[0].size).astype(int)
    return inputs(X=X, y=y, maps=maps, baseline=baseline, counts=counts)


def _seen(X: np.ndarray) -> np.ndarray:
    """What the network sees: only a curve that begins high can fall."""
    return np.argmax(default_model()(X), axis=1)


def _known_curves() -> list:
    random = np.random.RandomState(231)
    X = halved()[[15, 17, 9]]
    one = X[2:, :, 8:104]
    return [
        ("two images", _curve_inputs(random, X[:2], _seen(X[:2]), blur_image(X[:2], 5), 8)),
        ("a single image, not square", _curve_inputs(random, one, _seen(one), 0 * one, 5)),
    ]


def _hidden_curves(rng, model):
    sure = np.array((1, 8, 9, 10, 12, 13, 15, 17, 18))
    X = varied(rng, rng.permutation(sure)[:4], 112)
    three, one, other = X[:3, 8:104], X[2:3], X[3:]
    return [
        (
            "three images of another size",
            _curve_inputs(rng, three, _seen(three), blur_image(three, 4), 6),
        ),
        (
            "insertion, with image and baseline exchanged",
            _curve_inputs(rng, blur_image(one, 5), _seen(one), one, 7),
        ),
        (
            "one image, and another as its baseline",
            _curve_inputs(rng, one, _seen(one), other, 4, brightest=100),
        ),
    ]


def _curves(X, y, maps, model, baseline, counts):
    from ....metrics import deletion

    def method(*_):
        return maps

    fractions = counts / maps[0].size
    curves = deletion(method, X, y, model, fractions=fractions, baseline=baseline, progress=False)
    return curves.probabilities


def _curves_compared(returned: np.ndarray, probe: Probe, verdict: Verdict):
    if not verdict.wrong:
        return None
    panels = {
        f"image {n}": {"yours": np.asarray(returned)[n], "expected": probe.expected[n]}
        for n in verdict.wrong
    }
    share = (100 * probe.inputs["counts"] / probe.inputs["counts"][-1]).tolist()
    figure = lines_figure(share, panels, "pixels replaced (%)", "probability of the class")
    return figure, "Your curves and the expected ones: probability against pixels replaced."


# 3. map_that_knows_nothing


def _known_photographs() -> list:
    X = halved()
    return [
        ("the twenty photographs", labelled(X)),
        ("the same, mirrored and not square", labelled(X[:, 8:104, ::-1])),
    ]


def _hidden_photographs(rng, model):
    X = varied(rng, rng.permutation(20), 112)
    return [("twenty other images, not square", labelled(X[:, 8:104]))]


@judge
def _judge_knowing_nothing(answer, probe: Probe) -> Iterator[str]:
    X, y, least = (probe.inputs[name] for name in ("X", "y", "least"))
    maps = numbers(answer, "maps", f"one map for each image, shape {X.shape[:3]}")
    yield "it returned an array of numbers"
    if maps.shape != X.shape[:3]:
        raise WrongForm(
            f"The shape is {maps.shape} and should be {X.shape[:3]}: a map for each image."
        )
    yield "one map for each image, of the image's height and width"
    if not np.isfinite(maps).all():
        raise Wrong("The maps hold NaN or infinity.")
    yield "no value is infinite or NaN"
    area = insertion_area(maps, X, y)
    if area <= least:
        raise Wrong(
            f"It does not pass: its insertion area is {area:.3f}, mean over {len(X)} images, and "
            f"the saliency maps have {float(least):.3f}."
        )
    yield "without a network it is better in insertion than the saliency maps are"


CHECKS = (
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
        call="answer(X, y, maps, frozen(model), baseline, counts)",
        known=_known_curves,
        hidden=_hidden_curves,
        judge=lambda returned, probe: judge_array(returned, probe.expected, CURVES),
        catalogue=DELETION,
        reference=_curves,
        picture=_curves_compared,
    ),
    Check(
        name="knows_nothing",
        answer="map_that_knows_nothing",
        call="without_networks(answer, X)",
        known=_known_photographs,
        hidden=_hidden_photographs,
        judge=_judge_knowing_nothing,
        catalogue=KNOWS_NOTHING,
    ),
)
