"""A model that can be asked so often and no more."""

import warnings

import numpy as np
import pytest

from cs231n_vis import tf
from cs231n_vis.call_limit import TooManyCalls, limited

X = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def small():
    image = tf.keras.Input((None, None, 3))
    x = tf.keras.layers.Conv2D(4, 3, activation="relu")(image)
    return tf.keras.Model(image, tf.keras.layers.GlobalAveragePooling2D()(x))


def test_it_returns_what_the_model_returns_without_a_warning(small):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = limited(small, 3)(X)
    np.testing.assert_array_equal(scores, small(X))


def test_gradients_are_those_of_the_model(small):
    def gradient(model):
        images = tf.constant(X)
        with tf.GradientTape() as tape:
            tape.watch(images)
            scores = model(images)
        return tape.gradient(scores, images)

    np.testing.assert_array_equal(gradient(limited(small, 1)), gradient(small))


def test_so_many_calls_and_no_more(small):
    model = limited(small, 3)
    for _ in range(3):
        model(X)
    with pytest.raises(TooManyCalls, match=r"^the network was asked more than 3 times$"):
        model(X)


def test_each_limit_counts_for_itself_and_the_model_has_none(small):
    limited(small, 1)(X)
    limited(small, 1)(X)
    small(X)


def test_a_compiled_call_counts_when_it_is_traced(small):
    model = limited(small, 1)
    compiled = tf.function(model)
    for _ in range(4):
        compiled(tf.constant(X))
