"""SmoothGrad, its square and VarGrad, against their formulas in NumPy."""

import numpy as np
import pytest
from independent import relative_l2
from methods import by_hand

from cs231n_vis import methods

FORMULAS = {
    "smoothgrad": lambda gradients: gradients.mean(0),
    "smoothgrad_squared": lambda gradients: (gradients**2).mean(0),
    "vargrad": lambda gradients: gradients.var(0),
}


def gradients_at_noisy_copies(X, y, model, samples, noise, seed):
    """(samples, N, H, W, C)"""
    ranges = np.ptp(X.reshape(len(X), -1), axis=1)[:, None, None, None]
    draws = by_hand.noise(X.shape[1:], samples, seed)
    noisy = [X + np.float32(noise) * ranges * draw for draw in draws]
    return np.array([by_hand.gradients(x, y, model) for x in noisy], np.float64)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize(("samples", "noise", "seed"), [(4, 0.15, 0), (1, 0.3, 7), (6, 0, 3)])
def test_formulas(model, batch, name, samples, noise, seed):
    X, y = batch[0][:3], batch[1][:3]
    found = getattr(methods, name)(X, y, model, samples=samples, noise=noise, seed=seed)
    expected = FORMULAS[name](gradients_at_noisy_copies(X, y, model, samples, noise, seed))
    assert found.shape == X.shape and found.dtype == np.float32
    if name == "vargrad" and (samples == 1 or noise == 0):
        assert np.array_equal(found, np.zeros_like(X))
    else:
        assert relative_l2(found, expected).max() < 1e-5


def test_defaults_are_those_of_the_docstring(model, batch):
    X, y = batch[0][:1], batch[1][:1]
    for name, formula in FORMULAS.items():
        expected = formula(gradients_at_noisy_copies(X, y, model, 25, 0.15, 0))
        assert relative_l2(getattr(methods, name)(X, y, model), expected).max() < 1e-5


def test_vargrad_is_the_difference_of_the_other_two(model, batch):
    mean, squares, variance = (
        getattr(methods, name)(*batch, model, samples=9) for name in FORMULAS
    )
    assert relative_l2(variance, squares.astype(float) - mean.astype(float) ** 2).max() < 1e-4
    assert variance.min() >= 0 and squares.min() >= 0


def test_no_noise_is_the_gradient(model, batch):
    found = methods.smoothgrad(*batch, model, noise=0, samples=2)
    assert relative_l2(found, methods.saliency(*batch, model)).max() < 1e-6


def test_a_linear_models_gradient_has_no_noise(batch):
    X, y = batch
    w = np.random.default_rng(0).normal(size=(*X.shape[1:], 7)).astype(np.float32)
    model, slopes = by_hand.linear_model(w, np.zeros(7, np.float32)), np.moveaxis(w, 3, 0)[y]
    assert relative_l2(methods.smoothgrad(X, y, model, samples=8), slopes).max() < 1e-6
    assert relative_l2(methods.smoothgrad_squared(X, y, model, samples=8), slopes**2).max() < 1e-6
    assert np.array_equal(methods.vargrad(X, y, model, samples=8), np.zeros_like(X))


def test_a_large_gradient_does_not_swamp_its_variance(batch):
    """The mean of squares less the square of the mean would be wrong by more than all of it."""
    X, y = batch
    linear = by_hand.linear_model(np.full((*X.shape[1:], 7), 100), np.zeros(7))
    small = by_hand.small_model()
    image = by_hand.keras.Input(X.shape[1:])
    both = by_hand.keras.Model(image, small(image) + linear(image))
    expected = methods.vargrad(X, y, small, samples=5)
    assert relative_l2(methods.vargrad(X, y, both, samples=5), expected).max() < 0.01


def test_an_image_of_one_colour_gets_no_noise(model, batch):
    X = np.full_like(batch[0][:2], 0.7)
    found = methods.smoothgrad(X, batch[1][:2], model, samples=2, noise=0.5)
    np.testing.assert_allclose(found, methods.saliency(X, batch[1][:2], model), rtol=1e-5)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize(
    ("wrong", "error", "sentence"),
    [
        ({"samples": 0}, ValueError, "samples must be at least 1, not 0"),
        ({"samples": -3}, ValueError, "samples must be at least 1, not -3"),
        ({"samples": True}, TypeError, "samples must be an integer, not True"),
        ({"samples": 2.0}, TypeError, r"samples must be an integer, not 2\.0"),
        ({"samples": "9"}, TypeError, "samples must be an integer, not '9'"),
        ({"noise": -0.1}, ValueError, r"noise must be 0 or more, not -0\.1"),
        ({"noise": np.nan}, ValueError, "noise must be 0 or more, not nan"),
        ({"noise": np.inf}, ValueError, "noise must be 0 or more, not inf"),
        ({"noise": "0.1"}, TypeError, "noise must be a number, not '0.1'"),
        ({"noise": None}, TypeError, "noise must be a number, not None"),
    ],
)
def test_wrong_parameters(model, batch, name, wrong, error, sentence):
    with pytest.raises(error, match=f"^{sentence}"):
        getattr(methods, name)(*batch, model, **wrong)
