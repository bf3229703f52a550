"""Integrated and expected gradients, against their sums in NumPy and against known integrals."""

import numpy as np
import pytest
from independent import relative_l2
from methods import by_hand

from cs231n_vis import load_imagenet_val, methods, preprocess_image, tf

keras, layers = tf.keras, tf.keras.layers


@pytest.fixture(scope="module")
def quadratic():
    """Scores k + 1 times the sum of the squares of the pixels: everything about it is known."""
    model = keras.Sequential(
        [
            keras.Input((13, 10, 3)),
            layers.Lambda(tf.square),
            layers.Flatten(),
            layers.Dense(7, use_bias=False),
        ]
    )
    kernel = model.layers[-1].get_weights()[0]
    model.layers[-1].set_weights([np.ones_like(kernel) * np.arange(1, 8, dtype=np.float32)])
    return model


def by_sum(X, y, model, start, places, weights):
    slopes = sum(
        w * by_hand.gradients(start + p * (X - start), y, model)
        for p, w in zip(np.float32(places), weights, strict=True)
    )
    return (X - start) * slopes


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_midpoint_rule(model, batch, steps):
    X, y = batch[0][:3], batch[1][:3]
    start = np.full_like(X, 0.25)
    found = methods.integrated_gradients(X, y, model, steps=steps, baseline=0.25)
    expected = by_sum(X, y, model, start, (np.arange(steps) + 0.5) / steps, [1 / steps] * steps)
    assert found.shape == X.shape and found.dtype == np.float32
    assert relative_l2(found, expected).max() < 1e-5


@pytest.mark.parametrize("steps", [2, 3, 6])
def test_trapezoid_rule(model, batch, steps):
    X, y = batch[0][:3], batch[1][:3]
    weights = np.full(steps, 1.0)
    weights[[0, -1]] = 0.5
    expected = by_sum(
        X, y, model, np.zeros_like(X), np.linspace(0, 1, steps), weights / weights.sum()
    )
    found = methods.integrated_gradients(X, y, model, steps=steps, rule="trapezoid")
    assert relative_l2(found, expected).max() < 1e-5


@pytest.mark.parametrize("rule", ["midpoint", "trapezoid"])
@pytest.mark.parametrize("steps", [2, 7])
def test_of_a_linear_model_it_is_exact(batch, rule, steps):
    X, y = batch
    w = np.random.default_rng(0).normal(size=(*X.shape[1:], 7)).astype(np.float32)
    model = by_hand.linear_model(w, np.arange(7, dtype=np.float32))
    start = np.random.default_rng(1).normal(size=X.shape).astype(np.float32)
    found, gap = methods.integrated_gradients(
        X, y, model, steps=steps, rule=rule, baseline=start, return_gap=True
    )
    assert relative_l2(found, (X - start) * np.moveaxis(w, 3, 0)[y]).max() < 1e-6
    assert gap.shape == (7,) and gap.dtype == np.float32 and np.abs(gap).max() < 1e-3


@pytest.mark.parametrize("rule", ["midpoint", "trapezoid"])
def test_of_a_quadratic_model_it_is_exact(quadratic, batch, rule):
    """The gradient is linear on the way, and both rules integrate a line without error."""
    X, y = batch
    found, gap = methods.integrated_gradients(
        X, y, quadratic, steps=3, rule=rule, baseline=0.5, return_gap=True
    )
    factor = (y + 1)[:, None, None, None]
    assert relative_l2(found, factor * (X**2 - 0.25)).max() < 1e-5
    assert np.abs(gap).max() < 1e-2  # of scores of some thousands


def test_the_gap_is_what_it_says_and_shrinks(model, batch):
    X, y = batch
    for rule in ("midpoint", "trapezoid"):
        gaps = []
        for steps in (2, 64):
            found, gap = methods.integrated_gradients(
                X, y, model, steps=steps, rule=rule, return_gap=True, baseline=0.1
            )
            rise = by_hand.scores(X, y, model) - by_hand.scores(np.full_like(X, 0.1), y, model)
            np.testing.assert_allclose(gap, found.sum((1, 2, 3)) - rise, atol=1e-5)
            gaps.append(np.abs(gap).mean())
        assert gaps[1] < gaps[0] / 5


def test_every_kind_of_baseline(model, batch):
    X, y = batch
    rng = np.random.default_rng(5)
    for baseline in (
        1,
        np.float64(0.5),
        [0.1, 0.2, 0.3],
        rng.normal(size=X.shape[1:]),
        rng.normal(size=X.shape),
        tf.ones(X.shape),
    ):
        start = np.broadcast_to(np.asarray(baseline, np.float32), X.shape)
        found = methods.integrated_gradients(X, y, model, steps=2, baseline=baseline)
        expected = by_sum(X, y, model, start, [0.25, 0.75], [0.5, 0.5])
        assert relative_l2(found, expected).max() < 1e-5


def test_a_pixel_like_the_baseline_gets_nothing(model, batch):
    X, y = batch
    found = methods.integrated_gradients(X, y, model, steps=3, baseline=X[0])
    assert not found[0].any() and found[1:].any((1, 2, 3)).all()


def test_no_images_have_no_gaps(model):
    X = np.zeros((0, 13, 10, 3))
    found, gap = methods.integrated_gradients(X, [], model, return_gap=True)
    assert found.shape == X.shape and gap.shape == (0,)


@pytest.mark.parametrize(
    ("wrong", "error", "sentence"),
    [
        ({"steps": 0}, ValueError, "steps must be at least 1, not 0"),
        ({"steps": True}, TypeError, "steps must be an integer, not True"),
        ({"rule": "simpson"}, ValueError, "rule must be 'midpoint' or 'trapezoid', not 'simpson'"),
        ({"rule": None}, ValueError, "rule must be 'midpoint' or 'trapezoid', not None"),
        (
            {"rule": "trapezoid", "steps": 1},
            ValueError,
            "The trapezoid rule needs at least 2 steps",
        ),
        ({"baseline": "black"}, TypeError, "baseline must be made of numbers, not of dtype <U5"),
        ({"baseline": np.nan}, ValueError, "baseline holds NaN or infinity"),
        (
            {"baseline": np.zeros(4)},
            ValueError,
            r"baseline has shape \(4,\), which does not fit X of shape \(7, 13, 10, 3\); give a",
        ),
        (
            {"baseline": np.zeros((2, 13, 10, 3))},
            ValueError,
            r"baseline has shape \(2, 13, 10, 3\)",
        ),
    ],
)
def test_wrong_parameters(model, batch, wrong, error, sentence):
    with pytest.raises(error, match=f"^{sentence}"):
        methods.integrated_gradients(*batch, model, **wrong)


# Expected gradients ------------------------------------------------------------------------------


def test_expected_gradients_are_the_mean_of_their_samples(model, batch):
    X, y = batch[0][:3], batch[1][:3]
    background = batch[0][3:]
    rng = np.random.default_rng(11)
    others, points = rng.integers(4, size=5), rng.random(5, np.float32)
    expected = np.mean(
        [
            (X - background[o])
            * by_hand.gradients(background[o] + p * (X - background[o]), y, model)
            for o, p in zip(others, points, strict=True)
        ],
        axis=0,
    )
    found = methods.expected_gradients(X, y, model, samples=5, background=background, seed=11)
    assert found.shape == X.shape and found.dtype == np.float32
    assert relative_l2(found, expected).max() < 1e-5


def test_against_one_image_they_tend_to_integrated_gradients(quadratic, batch):
    X, y = batch
    found = methods.expected_gradients(X, y, quadratic, samples=500, background=X[:1] * 0 + 0.5)
    expected = methods.integrated_gradients(X, y, quadratic, baseline=0.5)
    assert relative_l2(found, expected).max() < 0.1


def test_of_a_linear_model_they_are_known(batch):
    X, y = batch
    w = np.random.default_rng(0).normal(size=(*X.shape[1:], 7)).astype(np.float32)
    model = by_hand.linear_model(w, np.zeros(7, np.float32))
    background = np.random.default_rng(1).normal(size=(6, *X.shape[1:]))
    found = methods.expected_gradients(X, y, model, samples=40, background=background, seed=3)
    drawn = background[np.random.default_rng(3).integers(6, size=40)]
    assert relative_l2(found, (X - drawn.mean(0)) * np.moveaxis(w, 3, 0)[y]).max() < 1e-5


def test_the_background_is_the_sample_photographs_unless_given(squeezenet, images):
    X, y = images[0][:1], images[1][:1]
    found = methods.expected_gradients(X, y, squeezenet, samples=2)
    photographs = preprocess_image(load_imagenet_val()[0])
    given = methods.expected_gradients(X, y, squeezenet, samples=2, background=photographs)
    assert np.array_equal(found, given)


@pytest.mark.parametrize(
    ("wrong", "error", "sentence"),
    [
        ({"samples": 0}, ValueError, "samples must be at least 1, not 0"),
        ({}, ValueError, r"background has shape \(20, 224, 224, 3\) .* numbers of shape \(M, 13"),
        ({"background": np.zeros((13, 10, 3))}, ValueError, r"background has shape \(13, 10, 3\)"),
        ({"background": np.zeros((4, 13, 10, 1))}, ValueError, r"background has shape \(4, 13"),
        ({"background": 0}, ValueError, r"background has shape \(\) and dtype int64"),
        ({"background": [["a"]]}, ValueError, r"background has shape \(1, 1\) and dtype <U1"),
        ({"background": np.zeros((0, 13, 10, 3))}, ValueError, "background holds no image; give"),
        ({"background": np.full((1, 13, 10, 3), np.nan)}, ValueError, "background holds NaN"),
    ],
)
def test_wrong_parameters_of_expected_gradients(model, batch, wrong, error, sentence):
    with pytest.raises(error, match=f"^{sentence}"):
        methods.expected_gradients(*batch, model, **wrong)
