"""The reference answers on fooling images; answers to the assignment are in tests/answers."""

import numpy as np
import pytest

from cs231n_vis import deprocess_image, preprocess_image, tf
from cs231n_vis.references.fooling import fast_gradient_sign, make_fooling_image


def test_a_fooling_image_fools_as_a_photograph_and_is_close(model, images):
    X, target = images[0][:1], 3
    before = X.copy()
    fooling = make_fooling_image(X, target, model)
    assert fooling.shape == X.shape and fooling.dtype == X.dtype
    photo = preprocess_image(deprocess_image(fooling))
    assert np.argmax(model(photo)[0]) == target
    assert 0 < np.linalg.norm(fooling - X) < 20
    np.testing.assert_array_equal(X, before)


def test_an_image_that_is_of_the_target_class_stays(model, images):
    X = images[0][:1]
    np.testing.assert_array_equal(make_fooling_image(X, np.argmax(model(X)), model), X)


def test_without_a_gradient_the_image_stays():
    image = tf.keras.Input((4, 4, 3))
    nothing = tf.keras.layers.Lambda(lambda x: tf.reduce_mean(x, (1, 2)) * [1.0, 0.0, 0.0])(image)
    X = np.ones((1, 4, 4, 3), np.float32)
    np.testing.assert_array_equal(make_fooling_image(X, 2, tf.keras.Model(image, nothing)), X)


@pytest.fixture
def linear():
    """Scores are w . x, so that the right answer can be written down."""
    layer = tf.keras.layers.Dense(2, use_bias=False)
    model = tf.keras.Sequential([tf.keras.Input((2, 2, 3)), tf.keras.layers.Flatten(), layer])
    w = np.arange(-6.0, 6.0, dtype=np.float32)
    layer.set_weights([np.stack((w, np.zeros_like(w)), 1)])
    return model, w.reshape(2, 2, 3)


def test_the_sign_of_a_linear_model(linear):
    model, w = linear
    X = np.random.default_rng(0).normal(size=(2, 2, 2, 3)).astype(np.float32)
    changed = fast_gradient_sign(X, np.array([0, 1]), model, 0.1)
    # the loss of label 0 rises as its score falls, that of label 1 as the score of 0 rises
    np.testing.assert_allclose(changed - X, 0.1 * np.sign([-w, w]), atol=1e-6)


def test_one_step_fools_where_a_random_one_does_not(model, images):
    X, y = images[0][:3], np.argmax(model(images[0][:3]), axis=1)
    changed = fast_gradient_sign(X, y, model, 0.02)
    assert np.abs(changed - X).max() == pytest.approx(0.02, rel=1e-3)
    assert (np.argmax(model(changed), axis=1) != y).all()
    at_random = X + 0.02 * np.random.default_rng(0).choice((-1, 1), X.shape)
    assert (np.argmax(model(at_random.astype(np.float32)), axis=1) == y).all()
