"""A shifted input with a model for it: equal scores, and the change of attributions by hand."""

import numpy as np
import pytest
from small import linear_model, small_network

from cs231n_vis import methods, metrics
from cs231n_vis.metrics.input_shift import rounded, shifted_model


@pytest.fixture
def linear():
    model, weights = linear_model()
    X = np.random.default_rng(0).normal(size=(3, 6, 4, 2)).astype(np.float32)
    return model, weights, X, np.array([2, 0, 1])


@pytest.mark.parametrize("shift", [2.0, [0.7, -1.3], 255])
def test_the_change_of_input_x_gradient_of_a_linear_network(linear, shift):
    model, weights, X, y = linear
    got = metrics.input_shift(methods.input_x_gradient, X, y, model, shift=shift)
    w = np.moveaxis(weights[..., y], -1, 0)
    before, after = X * w, (X + np.float32(shift)) * w
    expected = np.linalg.norm((after - before).reshape(3, -1), axis=1)
    expected /= np.linalg.norm(before.reshape(3, -1), axis=1)
    np.testing.assert_allclose(got.change, expected, rtol=1e-3)
    assert (got.rank_correlation < 1).all()


@pytest.mark.parametrize("method", [methods.saliency, metrics.random_map, metrics.edges])
def test_what_does_not_depend_on_where_zero_lies_does_not_change(linear, method):
    model, _, X, y = linear
    got = metrics.input_shift(method, X, y, model)
    np.testing.assert_allclose(got.change, 0, atol=1e-6)
    np.testing.assert_allclose(got.rank_correlation, 1)


@pytest.mark.parametrize("shift", [2.0, -0.123456789, 1e-4, [0.7, -1.3, 311.7]])
def test_both_networks_get_exactly_the_same_numbers(shift):
    X = np.random.default_rng(0).normal(size=(4, 9, 8, 3)).astype(np.float32)
    X_rounded, colour = rounded(X, shift)
    assert np.array_equal((X_rounded + colour) - colour, X_rounded)
    again, _ = rounded(X_rounded, colour)
    assert np.array_equal(again, X_rounded)
    np.testing.assert_allclose(X_rounded, X, atol=np.abs(X_rounded + colour).max() * 1e-6)
    model = small_network()
    shifted = shifted_model(model, colour)
    assert np.array_equal(shifted(X_rounded + colour).numpy(), model(X_rounded).numpy())


def test_on_squeezenet_the_gradient_is_invariant_and_its_product_with_the_input_is_not(
    model, images
):
    X, y = images[0][:2], images[1][:2]
    before = [weights.copy() for weights in model.get_weights()]
    changes = [
        metrics.input_shift(method, X, y, model).change
        for method in (methods.saliency, methods.grad_cam, methods.input_x_gradient)
    ]
    assert changes[0].max() < 1e-5 and changes[1].max() < 1e-5 and changes[2].min() > 0.5
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("shift", "error", "sentence"),
    [
        ([1, 2, 3], ValueError, r"shift has shape \(3,\), which does not fit X"),
        (np.ones((6, 4, 2)), ValueError, r"shift has shape \(6, 4, 2\); it must be a number or a"),
        (np.nan, ValueError, "shift holds NaN"),
        ("red", TypeError, "shift must be made of numbers"),
    ],
)
def test_a_shift_that_does_not_fit_gets_one_sentence(linear, shift, error, sentence):
    model, _, X, y = linear
    with pytest.raises(error, match=sentence):
        metrics.input_shift(methods.saliency, X, y, model, shift=shift)
