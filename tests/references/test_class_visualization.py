"""The reference answers on class visualisation, on functions whose gradients are known."""

import numpy as np
import pytest

from cs231n_vis import (
    blur_image,
    class_visualization_update_step,
    create_class_visualization,
    tf,
    total_variation,
)
from cs231n_vis.checking.calls import steps_watched
from cs231n_vis.image_utils import BLACK, WHITE

X = np.random.RandomState(0).uniform(-1, 1, (1, 6, 8, 3)).astype(np.float32)


def linear(weights):
    """A model of two classes; the score of class 1 is the weighted sum of the pixels."""
    return lambda image: tf.stack([[0.0, tf.reduce_sum(weights * image)]])


def test_a_step_goes_along_the_gradient_of_score_and_regularisation():
    weights = np.random.RandomState(1).standard_normal(X.shape).astype(np.float32)
    gradient = weights - 2 * 0.3 * X
    new = class_visualization_update_step(X, linear(weights), 1, 0.3, 2.5)
    np.testing.assert_allclose(new - X, 2.5 * gradient / np.linalg.norm(gradient), atol=1e-6)
    assert new.dtype == np.float32


def test_steps_raise_the_score_of_the_network(model):
    X = np.random.RandomState(0).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    rng = np.random.default_rng(0)
    new = create_class_visualization(
        X, 366, model, class_visualization_update_step, rng, num_iterations=8
    )
    assert model(new)[0, 366] > 2 * model(X)[0, 366]
    assert (new >= BLACK - 1e-6).all() and (new <= WHITE + 1e-6).all()


def test_without_jitter_a_picture_is_step_clip_and_blur():
    def step(X, *others):
        return X + 1.5

    options = {"num_iterations": 2, "max_jitter": 0, "blur_every": 2}
    new = create_class_visualization(X, 0, None, step, np.random.default_rng(0), **options)
    expected = blur_image(np.clip(np.clip(X + 1.5, BLACK, WHITE) + 1.5, BLACK, WHITE), 0.5)
    np.testing.assert_allclose(new, expected, atol=1e-6)


def test_jitter_shifts_by_at_most_its_maximum_and_is_undone():
    seen = []

    def step(X, *others):
        seen.append(X)
        return X

    image = np.clip(X, BLACK, WHITE)
    options = {"num_iterations": 40, "max_jitter": 2, "blur_every": 100}
    new = create_class_visualization(image, 0, None, step, np.random.default_rng(0), **options)
    np.testing.assert_array_equal(new, image)
    shifts = {
        (a, b)
        for each in seen
        for a in range(-2, 4)
        for b in range(-3, 5)
        if np.array_equal(np.roll(image, (a, b), (1, 2)), each)
    }
    assert {a for a, _ in shifts} == {b for _, b in shifts} == {0, 1, 2}


def test_total_variation_adds_squares_of_all_neighbours():
    image = np.zeros((2, 3, 3, 1), np.float32)
    image[0, 1, 1] = 2  # four neighbours
    image[1, 0, 0] = 3  # two
    assert total_variation(tf.constant(image)).numpy() == 4 * 4 + 2 * 9


def test_total_variation_has_a_gradient():
    image = tf.constant([[[[0.0], [1.0], [5.0]]]])
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = total_variation(image)
    assert tape.gradient(value, image).numpy().ravel().tolist() == [-2, -6, 8]


def test_watched_steps_hand_out_what_they_were_given():
    options = {"l2_reg": 0.1, "learning_rate": 0.2}

    def two_steps(X, target_y, model, update_step, rng, l2_reg, learning_rate):
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        return update_step(X.numpy(), model, target_y, l2_reg, learning_rate)

    watched = steps_watched(two_steps, X, 5, "model", 0, **options)
    assert watched.shape == (3, 3, *X.shape[1:])  # three calls of two steps
    np.testing.assert_array_equal(watched[0, 1], X[0])
    assert steps_watched(lambda *a, **o: None, X, 5, "model", 0, **options) is None


def test_a_step_takes_the_tensor_that_cs231n_hands_over():
    with_array, with_tensor = (
        class_visualization_update_step(image, linear(X), 1, 0.3, 2.5)
        for image in (X, tf.Variable(X))
    )
    np.testing.assert_array_equal(with_array, with_tensor)


def test_watched_steps_refuse_other_arguments():
    def wrong_order(X, target_y, model, update_step, rng, l2_reg, learning_rate):
        return update_step(X, model, target_y, learning_rate, l2_reg)

    with pytest.raises(ValueError, match="not in this order"):
        steps_watched(wrong_order, X, 5, "model", 0, l2_reg=0.1, learning_rate=0.2)
