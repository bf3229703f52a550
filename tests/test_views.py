"""Random views: what they show, and that a tape can follow them exactly."""

import numpy as np
import pytest

from cs231n_vis import random_view, tf

X = np.random.default_rng(0).standard_normal((2, 20, 31, 3)).astype(np.float32)


class Chance:
    """A generator whose four numbers are known."""

    def __init__(self, *numbers):
        self.numbers = np.array(numbers)

    def uniform(self, low, high, size):
        return self.numbers


def test_nothing_by_nothing_is_the_image_itself():
    np.testing.assert_array_equal(random_view(X, Chance(0, 0, 0, 0)), X)


def test_a_shift_moves_down_and_across_and_mirrors_what_comes_in():
    seen = random_view(X, Chance(0, 0, 1, -1), max_shift=3).numpy()
    np.testing.assert_allclose(seen[:, 3:, :-3], X[:, :-3, 3:], atol=1e-6)
    np.testing.assert_allclose(seen[:, 2, :-3], X[:, 1, 3:], atol=1e-6)


def test_a_quarter_turn_of_a_square_is_exact():
    square = X[:, :, :20]
    seen = random_view(square, Chance(1, 0, 0, 0), max_angle=np.pi / 2)
    turned = [np.rot90(square, k, (1, 2)) for k in (1, 3)]
    assert min(np.abs(seen - each).max() for each in turned) < 1e-5


def test_it_is_scaled_about_its_middle():
    X = np.zeros((1, 21, 21, 1), np.float32)
    X[0, 10, 14] = 1
    nearer = random_view(X, Chance(0, 1, 0, 0), max_zoom=0.5).numpy()
    assert np.unravel_index(nearer.argmax(), nearer.shape) == (0, 10, 16, 0)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_its_gradient_is_exact(compiled):
    def view(images):
        return random_view(images, np.random.default_rng(3))

    weights, direction = np.random.default_rng(1).standard_normal((2, *X.shape)).astype(np.float32)
    images = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(images)
        value = tf.reduce_sum((tf.function(view) if compiled else view)(images) * weights)
    slope = tf.reduce_sum(tape.gradient(value, images) * direction)
    change = tf.reduce_sum(view(direction) * weights)  # a view is linear
    np.testing.assert_allclose(slope, change, rtol=1e-4)


def test_views_of_one_seed_are_the_same_and_all_images_are_moved_alike():
    both, again = (random_view(X, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(both, again)
    one = random_view(X[1:], np.random.default_rng(5))
    np.testing.assert_allclose(both[1:], one, atol=1e-6)
    assert np.abs(both - random_view(X, np.random.default_rng(6))).max() > 0.1


def test_it_keeps_double_precision():
    assert random_view(X.astype(np.float64), np.random.default_rng(0)).dtype == tf.float64
