import numpy as np
import pytest

from cs231n_vis import load_squeezenet, tf, with_relu
from cs231n_vis.making.write_saved_maps import float64_squeezenet


@pytest.fixture(scope="module")
def model():
    return load_squeezenet()


@pytest.fixture(scope="module")
def X():
    return np.random.default_rng(231).normal(size=(2, 48, 64, 3)).astype(np.float32)


@tf.custom_gradient
def relu_of_zero_slope(x):
    return tf.nn.relu(x), lambda upstream: tf.zeros_like(upstream)


def test_the_function_takes_the_place_of_every_relu(model, X):
    seen = []

    def noted(x):
        seen.append(x)
        return tf.nn.relu(x)

    copy = with_relu(model, noted)
    seen.clear()
    copy(X)
    assert len(seen) == 1 + 8 * 3 + 1  # conv1, three in each of eight fire modules, conv10


def test_values_follow_the_function(model, X):
    assert np.array_equal(with_relu(model, tf.nn.relu)(X), model(X))
    assert not np.allclose(with_relu(model, tf.nn.softplus)(X), model(X))


def test_derivatives_follow_the_function(model, X):
    X = tf.constant(X)
    copy = with_relu(model, relu_of_zero_slope)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = copy(X)
    assert np.array_equal(scores, model(X))
    assert not np.any(tape.gradient(scores, X))


def test_the_model_itself_stays_as_it_is_and_shares_no_weights(model, X):
    before = model(X).numpy()
    copy = with_relu(model, relu_of_zero_slope)
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    copy.get_layer("conv1").bias.assign_add(tf.ones(64))
    assert np.array_equal(model(X), before)
    assert model.get_layer("conv1").activation is tf.keras.activations.relu


def test_double_precision_stays_double(X):
    assert with_relu(float64_squeezenet(), tf.nn.relu)(X).dtype == tf.float64


def test_what_is_not_a_function_and_what_has_no_relu_is_told(model):
    with pytest.raises(TypeError, match="must be a function of a tensor, not None"):
        with_relu(model, None)
    image = tf.keras.Input((4, 4, 3))
    linear = tf.keras.Model(image, tf.keras.layers.Conv2D(1, 3)(image), name="linear")
    with pytest.raises(ValueError, match="No layer of linear has a ReLU"):
        with_relu(linear, tf.nn.relu)
