"""Completeness of linear networks is known; integrated gradients come near it elsewhere."""

from functools import partial

import numpy as np
import pytest
from small import given, linear_model, small_network

from cs231n_vis import methods, metrics

X = np.random.default_rng(0).normal(size=(3, 6, 4, 2)).astype(np.float32)
Y = np.array([2, 0, 1])


def test_both_sides_of_the_equation_for_a_linear_network():
    model, weights = linear_model()
    w = np.moveaxis(weights[..., Y], -1, 0).astype(float)
    got = metrics.completeness(methods.input_x_gradient, X, Y, model)
    np.testing.assert_allclose(got.total, (w * X).sum(axis=(1, 2, 3)), rtol=1e-4)
    np.testing.assert_allclose(got.difference, (w * X).sum(axis=(1, 2, 3)), rtol=1e-4)
    assert got.gap.max() < 1e-5
    got = metrics.completeness(methods.saliency, X, Y, model, baseline=[1, -1])
    np.testing.assert_allclose(got.total, w.sum(axis=(1, 2, 3)), rtol=1e-4)
    difference = (w * (X - [1, -1])).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(got.difference, difference, rtol=1e-4)
    gap = np.abs(w.sum(axis=(1, 2, 3)) - difference) / np.abs(difference)
    np.testing.assert_allclose(got.gap, gap, rtol=1e-3)


def test_integrated_gradients_are_complete_and_say_the_same_gap():
    model = small_network()
    X = np.random.default_rng(0).normal(size=(2, 12, 12, 3)).astype(np.float32)
    y = np.array([1, 3])
    many = partial(methods.integrated_gradients, steps=200, baseline=0.5)
    got = metrics.completeness(many, X, y, model, baseline=0.5)
    assert got.gap.max() < 0.02
    _, gap = many(X, y, model, return_gap=True)
    np.testing.assert_allclose(got.total - got.difference, gap, atol=1e-4)


def test_where_the_scores_do_not_differ():
    model, _ = linear_model()
    nothing = metrics.completeness(given(0 * X), 0 * X, Y, model)
    something = metrics.completeness(given(X[..., 0] ** 2), 0 * X, Y, model)
    assert (nothing.gap == 0).all() and (something.gap == np.inf).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"baseline": np.ones(3)}, r"baseline has shape \(3,\)"),
        ({"X": X[:0], "y": Y[:0]}, "X holds no image"),
        ({"X": X + np.inf}, "X holds NaN or infinity"),
        ({"method": given(X[0])}, r"returned shape \(6, 4, 2\)"),
    ],
)
def test_bad_input_gets_one_clear_sentence(arguments, sentence):
    arguments = {"method": methods.saliency, "X": X, "y": Y, "model": linear_model()[0]} | arguments
    with pytest.raises(ValueError, match=sentence):
        metrics.completeness(**arguments)
