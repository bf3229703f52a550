"""What the page computes is what Python computes: scores, maps, random networks, fooling images.

Random numbers are NumPy's there too, so even maps that are drawn at random must be the same.
"""

import numpy as np
import pytest

import cs231n_vis as vis
from cs231n_vis.checking.verdict import TOLERANCE, relative_l2
from cs231n_vis.explorer.computing import baseline, with_random_layers
from cs231n_vis.explorer.state import State
from cs231n_vis.image_utils import deprocess_image
from cs231n_vis.maps import drawable
from cs231n_vis.method_table import METHODS
from cs231n_vis.references.fooling import make_fooling_image

from .conftest import floats

# few, because all 20 images are gone through
FEW = {"samples": 2, "steps": 3, "patch": 112, "stride": 80, "masks": 2}
LAYERS = ["fire9_concat", "fire5_concat", "fire3_concat", "fire2_concat", "conv1"]


@pytest.fixture(scope="module")
def photographs():
    images, labels, _ = vis.load_imagenet_val()
    return vis.preprocess_image(images), labels


@pytest.fixture(scope="module")
def model():
    return vis.load_squeezenet()


def in_python(method, X, y, model, settings):
    chosen = State(**settings).settings(method)
    if "baseline" in chosen:
        chosen["baseline"] = baseline(chosen["baseline"])
    return drawable(method, METHODS[method].function(X, y, model, **chosen))


def in_the_page(page, method, numbers, labels, settings, randomised=0):
    maps = []
    for number, label in zip(numbers, labels, strict=True):
        question = {"methods": [method], "label": int(label), "settings": settings}
        question["randomised"] = randomised
        answer = page.evaluate("([number, asked]) => maps(number, asked)", [number, question])
        assert answer["failed"] is None
        maps.append(floats(answer["maps"][method]).reshape(224, 224))
    return np.array(maps)


@pytest.mark.parametrize("method", METHODS)
def test_every_map_of_the_20_images_is_pythons(page, photographs, model, method):
    X, y = photographs
    maps = in_the_page(page, method, range(len(X)), y, FEW)
    assert maps.min() >= 0
    errors = relative_l2(maps, in_python(method, X, y, model, FEW))
    print(f"{method}: at most {errors.max():.1e}, median {np.median(errors):.1e}")
    assert errors.max() < TOLERANCE


def test_scores_are_pythons_and_the_best_guess_is_taken(page, photographs, model):
    expected = model(photographs[0]).numpy()
    for number, of_image in enumerate(expected):
        answer = page.evaluate("number => maps(number, { methods: [] })", number)
        assert answer["label"] == of_image.argmax()
        np.testing.assert_allclose(floats(answer["scores"]), of_image, atol=1e-4)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("method", ["grad_cam", "guided_grad_cam"])
def test_grad_cam_looks_at_the_layer_that_is_asked_for(page, photographs, model, method, layer):
    X, y = photographs
    maps = in_the_page(page, method, [3, 8], y[[3, 8]], {"layer": layer})
    expected = in_python(method, X[[3, 8]], y[[3, 8]], model, {"layer": layer})
    assert relative_l2(maps, expected).max() < TOLERANCE


@pytest.mark.parametrize("colour", ["black", "white"])
def test_integrated_gradients_begin_at_the_colour(page, photographs, model, colour):
    settings = {"steps": 4, "baseline": colour}
    X, y = photographs
    maps = in_the_page(page, "integrated_gradients", [5], y[[5]], settings)
    expected = in_python("integrated_gradients", X[[5]], y[[5]], model, settings)
    assert relative_l2(maps, expected).max() < TOLERANCE


@pytest.mark.parametrize("layers", [1, 5, 14, 26])
def test_layers_become_random_as_in_python(page, photographs, model, layers):
    X, y = photographs
    random = with_random_layers(model, layers)
    for method in ("saliency", "guided_backpropagation", "smoothgrad"):
        maps = in_the_page(page, method, [1, 12], y[[1, 12]], FEW, layers)
        expected = in_python(method, X[[1, 12]], y[[1, 12]], random, FEW)
        assert relative_l2(maps, expected).max() < TOLERANCE
    answer = page.evaluate("n => maps(12, { randomised: n })", layers)
    np.testing.assert_allclose(floats(answer["scores"]), random(X[[12]])[0], rtol=1e-4, atol=1e-4)


def test_random_numbers_are_numpys(page):
    drawn = page.evaluate(
        """() => { const random = new Generator(0, 41), draw = (f) => Array.from({ length: 6 }, f);
            return [draw(() => random.double()), draw(() => random.integer(20)),
                draw(() => random.float()), draw(() => random.double()),
                [...random.shuffle([...Array(9).keys()])], bytes(random.normals(1000000))]; }"""
    )
    random = np.random.default_rng((0, 41))
    assert drawn[0] == random.random(6).tolist()
    assert drawn[1] == random.integers(20, size=6).tolist()
    assert drawn[2] == random.random(6, np.float32).tolist()
    assert drawn[3] == random.random(6).tolist()
    assert drawn[4] == random.permutation(np.arange(9)).tolist()
    normals = random.standard_normal(1000000, np.float32)
    np.testing.assert_allclose(floats(drawn[5]), normals, rtol=1e-6)
    assert (floats(drawn[5]) == normals).mean() > 0.99999


@pytest.mark.parametrize("number, target", [(0, 6), (7, 900)])
def test_a_fooling_image_is_made_as_in_python(page, photographs, model, number, target):
    told = page.evaluate(
        """async ([number, target]) => {
            const image = await pixels(number);
            const told = await answers(() => engine.fool({ pixels: image, target }));
            return told.map((event) => ({ ...event, scores: event.scores && bytes(event.scores),
                image: event.image && bytes(event.image),
                pixels: event.pixels && bytes(event.pixels) })); }""",
        [number, target],
    )
    steps, (last,) = told[:-1], told[-1:]
    assert last["type"] == "idle"
    assert [event["step"] for event in steps] == list(range(len(steps)))
    assert [event["fooled"] for event in steps] == [False] * (len(steps) - 1) + [True]
    original, image = photographs[0][[number]], floats(steps[-1]["image"]).reshape(1, 224, 224, 3)
    slope = vis.methods.saliency(original, np.array([target]), model)
    first = floats(steps[1]["image"]).reshape(original.shape) - original
    assert relative_l2(first, slope / np.linalg.norm(slope)) < TOLERANCE
    # of later steps' kinks each machine has its own, so that the way differs, hardly its length
    expected = make_fooling_image(original, target, model)
    far, as_far = (np.linalg.norm(changed - original) for changed in (image, expected))
    assert far == pytest.approx(as_far, rel=0.1)
    shown = floats(steps[-1]["pixels"]).view(np.uint8).reshape(224, 224, 4)
    np.testing.assert_array_equal(shown[..., :3], deprocess_image(image)[0])
    scores = model(vis.preprocess_image(shown[None, ..., :3])).numpy()[0]
    np.testing.assert_allclose(floats(steps[-1]["scores"]), scores, atol=1e-4)
    assert scores.argmax() == target
