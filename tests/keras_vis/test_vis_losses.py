"""Losses in every dialect: Keras 2's backend, Keras 3's operations, TensorFlow, operators."""

import numpy as np
import pytest

import cs231n_vis.keras_vis.backend as ours
from cs231n_vis import tf
from cs231n_vis.keras_vis.losses import ActivationMaximization, Loss
from cs231n_vis.keras_vis.optimizer import Optimizer
from cs231n_vis.keras_vis.regularizers import LPNorm, TotalVariation

keras = tf.keras
legacy = keras.backend
ops = keras.ops


def value_and_gradient(loss, x, model_input):
    optimizer = Optimizer(model_input, [(loss, 1)], norm_grads=False)
    _, overall, gradient, _ = optimizer.compute_fn([np.asarray(x, np.float32)])
    return overall, gradient


class Expression(Loss):
    def __init__(self, expression):
        super().__init__()
        self.build_loss = expression


@pytest.fixture
def linear():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, name="linear")])
    kernel = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    model.set_weights([kernel, np.zeros(4, np.float32)])
    return model


@pytest.mark.parametrize(
    "expression",
    [
        lambda y: legacy.sum(y * y),
        lambda y: legacy.sum(legacy.square(y)),
        lambda y: legacy.mean(y[:, 1]) * 0 + legacy.sum(legacy.pow(y, 2)),
        lambda y: 4 * legacy.mean(legacy.square(y)),
        lambda y: 4 * (legacy.var(y) + legacy.square(legacy.mean(y))),
        lambda y: legacy.sum(legacy.square(legacy.concatenate([y[:, :2], y[:, 2:]]))),
        lambda y: legacy.sum(legacy.dot(y, legacy.transpose(y))),
        lambda y: ours.sum(ours.square(y)) * (ours.ndim(y) - 1) * (legacy.ndim(y) - 1),
        lambda y: ops.sum(ops.square(y)),
        lambda y: ops.sum(y**2),
        lambda y: tf.reduce_sum(tf.square(y)),
        lambda y: tf.reduce_sum(tf.matmul(y, y, transpose_b=True)),
        lambda y: tf.reduce_sum(tf.stack([y[:, i] ** 2 for i in range(4)])),
        lambda y: tf.reduce_sum(y[..., :2] ** 2) + legacy.sum(y[..., 2:] ** 2),
        lambda y: tf.einsum("ni,ni->", y, y),
        lambda y: tf.norm(y) ** 2,
        lambda y: y * y,  # not a scalar: its elements are summed
        lambda y: legacy.sum(tf.convert_to_tensor(y) * y),
        lambda y: legacy.sum(y * tf.convert_to_tensor(y)),
        lambda y: legacy.int_shape(y)[1] * legacy.mean(ops.multiply(y, tf.identity(y))),
    ],
)
def test_every_dialect_may_be_spoken_and_mixed(linear, expression):
    x = np.array([[0.5, -1.0, 2.0]], np.float32)
    kernel = linear.get_weights()[0]
    y = linear.outputs[0]  # symbolic, and from outside of build_loss
    overall, gradient = value_and_gradient(Expression(lambda: expression(y)), x, linear.input)
    np.testing.assert_allclose(overall, np.sum((x @ kernel) ** 2), rtol=1e-5)
    np.testing.assert_allclose(gradient, 2 * x @ kernel @ kernel.T, rtol=1e-4)


def test_tensors_may_be_derived_before_the_loss_is_built(linear):
    doubled = linear.output * 2.0 + linear.input[:, :1]
    x = np.array([[1.0, 2.0, 3.0]], np.float32)
    overall, _ = value_and_gradient(Expression(lambda: legacy.sum(doubled)), x, linear.input)
    expected = np.sum(2 * x @ linear.get_weights()[0] + 1)
    np.testing.assert_allclose(overall, expected, rtol=1e-5)


def test_gradients_within_a_loss(linear):
    def squared_gradient():
        (gradient,) = ours.gradients(linear.output[:, 0] ** 2, linear.input)
        return legacy.sum(legacy.square(gradient))

    x = np.array([[1.0, -2.0, 0.5]], np.float32)
    w = linear.get_weights()[0][:, 0]
    overall, _ = value_and_gradient(Expression(squared_gradient), x, linear.input)
    np.testing.assert_allclose(overall, 4 * (x[0] @ w) ** 2 * (w @ w), rtol=1e-4)


def test_a_loss_that_says_nothing(linear):
    with pytest.raises(NotImplementedError, match="Loss does not say what to minimise"):
        Optimizer(linear.input, [(Loss(), 1)])
    assert str(Loss()) == "Unnamed Loss"


def test_layers_with_several_outputs_or_without_filters():
    x = keras.Input((4, 2))
    lstm = keras.layers.LSTM(3, return_state=True, name="memory")
    total = ops.sum(lstm(x)[0], axis=1)
    summed = total._keras_history.operation
    model = keras.Model(x, total)
    with pytest.raises(ValueError, match="Layer memory has 3 outputs"):
        Optimizer(model.inputs[0], [(ActivationMaximization(lstm, 0), 1)])
    with pytest.raises(
        ValueError, match=r"shape \(None,\), without filters .* filter_indices=None"
    ):
        Optimizer(model.inputs[0], [(ActivationMaximization(summed, 0), 1)])
    Optimizer(model.inputs[0], [(ActivationMaximization(summed, None), 1)])


# ------------------------------------------------------------------------------- regularisers


@pytest.mark.parametrize("p", [1, 2.0, 6.0, np.inf])
def test_the_p_norm(p):
    x = np.random.default_rng(0).normal(size=(1, 5, 4, 3))
    symbolic = keras.Input((5, 4, 3))
    norm, gradient = value_and_gradient(LPNorm(symbolic, p), x, symbolic)
    if np.isinf(p):
        expected = x.max()
        assert np.count_nonzero(gradient) == 1
    else:
        expected = np.sum(np.abs(x) ** p) ** (1 / p)
        by_hand = np.sign(x) * np.abs(x) ** (p - 1) * expected ** (1 - p) / 60
        np.testing.assert_allclose(gradient, by_hand, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(norm, expected / 60, rtol=1e-5)


def test_the_p_norm_of_a_black_image_has_a_gradient():
    symbolic = keras.Input((None, None, 3))  # and the size need not be known beforehand
    norm, gradient = value_and_gradient(LPNorm(symbolic), np.zeros((1, 5, 4, 3)), symbolic)
    assert norm < 1e-6 and np.array_equal(gradient, np.zeros((1, 5, 4, 3)))
    with pytest.raises(ValueError, match=r"p must be 1 or more .* not 0\.5"):
        LPNorm(symbolic, 0.5)
    assert LPNorm(symbolic).name == "L-6.0 Norm Loss"


@pytest.mark.parametrize("beta", [1.5, 2.0, 3.0])
@pytest.mark.parametrize("shape", [(7, 2), (5, 4, 3), (4, 3, 5, 2)])
def test_total_variation(shape, beta):
    x = np.random.default_rng(0).normal(size=shape)
    total = 0
    for at in np.ndindex(*(size - 1 for size in shape[:-1])):
        for channel in range(shape[-1]):
            squares = 0
            for i in range(len(at)):
                ahead = tuple(a + (i == j) for j, a in enumerate(at))
                squares += (x[(*ahead, channel)] - x[(*at, channel)]) ** 2
            total += squares ** (beta / 2)
    symbolic = keras.Input(shape)
    found, _ = value_and_gradient(TotalVariation(symbolic, beta), x[None], symbolic)
    np.testing.assert_allclose(found, total / np.prod(shape), rtol=1e-4)


def test_total_variation_of_what_is_no_image_is_nothing():
    symbolic = keras.Input((6,))
    loss = Optimizer(symbolic, [(TotalVariation(symbolic), 1), (LPNorm(symbolic), 1)])
    assert loss.loss_names == ["TV(2.0) Loss", "L-6.0 Norm Loss"]
    assert loss.compute_fn([np.ones((1, 6), np.float32)])[0] == 0
