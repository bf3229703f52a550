"""The reference answers on class visualisation, on functions whose gradients are known."""

import re
from pathlib import Path

import nbformat
import numpy as np

from cs231n_vis import (
    SQUEEZENET_MEAN,
    SQUEEZENET_STD,
    class_visualization_update_step,
    image_from_waves,
    load_imagenet_val,
    robust_scores,
    tf,
)

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

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


def test_scores_are_averaged_over_views_of_the_images_themselves():
    def view(X, rng):
        return X + rng.uniform()

    def model(X):
        return tf.reduce_sum(X, axis=(1, 2))

    two, y = np.concatenate([X, 2 * X]), np.array([2, 0])
    found = robust_scores(tf.constant(two), y, model, view, np.random.default_rng(0), 3)
    added = 6 * 8 * np.random.default_rng(0).uniform(size=3).mean()
    expected = [two[0, ..., 2].sum() + added, two[1, ..., 0].sum() + added]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_wave_is_a_cosine_with_an_amplitude_over_its_frequency():
    waves, frequency = np.zeros((2, 1, 3, 8, 6), np.float32), np.ones((8, 6), np.float32)
    frequency[0, 2] = 4
    waves[0, 0, 1, 0, 2] = 0.6
    mix = np.array([[0, 1, 0], [0, 0, 0], [0, 2, 0]], np.float32)
    found = image_from_waves(tf.constant(waves), frequency, mix)
    # a wave and its mirror image, which a real image has as well
    plane = np.broadcast_to(2 * 0.6 / 4 * np.cos(2 * np.pi * 2 * np.arange(10) / 10), (8, 10))
    colours = 1 / (1 + np.exp(-np.stack([plane, 0 * plane, 2 * plane], axis=-1)))
    np.testing.assert_allclose(deprocessed(found)[0], colours, atol=1e-6)


def test_no_waves_are_a_middle_grey_and_many_stay_between_black_and_white():
    frequency, mix = np.ones((8, 6), np.float32), np.eye(3, dtype=np.float32)
    waves = np.random.RandomState(0).standard_normal((2, 2, 3, 8, 6)).astype(np.float32)
    np.testing.assert_allclose(deprocessed(image_from_waves(0 * waves, frequency, mix)), 0.5)
    many = deprocessed(image_from_waves(tf.constant(5 * waves), frequency, mix))
    assert many.shape == (2, 8, 10, 3) and -1e-6 < many.min() < 0.1 and 0.9 < many.max() < 1 + 1e-6


def deprocessed(X):
    return np.asarray(X) * SQUEEZENET_STD + SQUEEZENET_MEAN


def test_a_step_takes_the_tensor_that_cs231n_hands_over():
    with_array, with_tensor = (
        class_visualization_update_step(image, linear(X), 1, 0.3, 2.5)
        for image in (X, tf.Variable(X))
    )
    np.testing.assert_array_equal(with_array, with_tensor)


def test_the_gallery_of_the_notebook_is_recognised_as_its_text_says():
    """As it was executed: the benchmark makes the pictures anew."""
    notebook = nbformat.read(NOTEBOOKS / "solutions" / "03_class_visualization.ipynb", 4)
    printed = "".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", ()))
    _, y, names = load_imagenet_val()
    classes = list(dict.fromkeys(y.tolist()))[:8]
    ranks = [int(re.search(rf"^{names[c]} +(\d+)$", printed, re.M)[1]) for c in classes]
    assert sum(rank <= 5 for rank in ranks) >= 6
    assert f"among the first five: {sum(rank <= 5 for rank in ranks)} of 8" in printed
