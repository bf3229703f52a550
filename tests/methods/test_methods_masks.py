"""Occlusion and RISE, against loops in NumPy and models whose maps are known."""

import numpy as np
import pytest
from independent import relative_l2
from methods import by_hand

from cs231n_vis import methods, tf
from cs231n_vis.methods.rise import random_mask

keras, layers = tf.keras, tf.keras.layers


@pytest.fixture(scope="module")
def mean_model():
    """Scores k are means of channel k."""
    return keras.Sequential([keras.Input((13, 10, 3)), layers.GlobalAveragePooling2D()])


def starts(length, patch, stride):
    found = list(range(0, length - patch + 1, stride))
    return found if found[-1] == length - patch else [*found, length - patch]


def occlusion_by_hand(X, y, model, patch, stride, cover):
    falls = []
    for image, label, color in zip(X, y, np.broadcast_to(cover, X.shape), strict=True):
        total, times = np.zeros(image.shape[:2]), np.zeros(image.shape[:2])
        for top in starts(image.shape[0], patch, stride):
            for left in starts(image.shape[1], patch, stride):
                square = np.s_[top : top + patch, left : left + patch]
                covered = image.copy()
                covered[square] = color[square]
                before, after = by_hand.scores([image, covered], [label, label], model)
                total[square] += before - after
                times[square] += 1
        falls.append(total / times)
    return np.array(falls)


@pytest.mark.parametrize(
    ("patch", "stride", "baseline"), [(4, 4, 0), (5, 3, 0.5), (10, 10, [1, 2, 3]), (8, 1, -1)]
)
def test_occlusion_agrees_with_a_loop(model, batch, patch, stride, baseline):
    X, y = batch[0][:2], batch[1][:2]
    found = methods.occlusion(X, y, model, patch=patch, stride=stride, baseline=baseline)
    assert found.shape == X.shape[:3] and found.dtype == np.float32
    assert relative_l2(found, occlusion_by_hand(X, y, model, patch, stride, baseline)).max() < 1e-4


@pytest.mark.parametrize("baseline", ["an image", "one for each"])
def test_occlusion_by_an_image(model, batch, baseline):
    X, y = batch[0][:2], batch[1][:2]
    cover = batch[0][2] if baseline == "an image" else batch[0][2:4]
    found = methods.occlusion(X, y, model, patch=6, stride=4, baseline=cover)
    assert relative_l2(found, occlusion_by_hand(X, y, model, 6, 4, cover)).max() < 1e-4


def test_occlusion_of_a_mean_is_each_pixels_share(mean_model, batch):
    X, y = batch[0], batch[1] % 3
    channel = np.array([image[..., k] for image, k in zip(X, y, strict=True)])
    found = methods.occlusion(X, y, mean_model, patch=1, stride=1)
    np.testing.assert_allclose(found, channel / 130, atol=1e-6)
    found = methods.occlusion(X, y, mean_model, patch=1, stride=1, baseline=[5, 6, 7])
    np.testing.assert_allclose(
        found, (channel - np.array([5, 6, 7])[y][:, None, None]) / 130, atol=1e-6
    )


def test_occlusion_reaches_the_borders(mean_model):
    """Of an image of ones each square hides its area, wherever it is and however often."""
    X = np.ones((1, 13, 10, 3))
    for patch, stride in ((4, 3), (7, 7), (10, 2), (9, 4)):
        found = methods.occlusion(X, [0], mean_model, patch=patch, stride=stride)
        np.testing.assert_allclose(found, patch**2 / 130, rtol=1e-5)


def test_occlusion_can_raise_the_score(mean_model):
    assert methods.occlusion(-np.ones((1, 13, 10, 3)), [1], mean_model, patch=5, stride=5).max() < 0


def test_occlusion_takes_models_without_gradients(batch):
    X, y = batch
    image = keras.Input(X.shape[1:])
    rounded = keras.layers.Lambda(tf.round)(image)
    model = keras.Model(image, layers.Dense(7)(layers.Flatten()(rounded)))
    found = methods.occlusion(X, y, model, patch=10, stride=10)
    assert relative_l2(found, occlusion_by_hand(X, y, model, 10, 10, 0)).max() < 1e-4


@pytest.mark.parametrize(
    ("wrong", "error", "sentence"),
    [
        ({"patch": 11}, ValueError, "A patch of 11 does not fit in images of 13 x 10"),
        ({}, ValueError, "A patch of 32 does not fit in images of 13 x 10"),
        ({"patch": 4, "stride": 5}, ValueError, "With a stride of 5, patches of 4 leave pixels"),
        ({"patch": 0}, ValueError, "patch must be at least 1, not 0"),
        ({"patch": 4, "stride": 0}, ValueError, "stride must be at least 1, not 0"),
        ({"patch": 4.0}, TypeError, r"patch must be an integer, not 4\.0"),
        ({"patch": True}, TypeError, "patch must be an integer, not True"),
        ({"patch": 4, "stride": 2, "baseline": [1, 2]}, ValueError, r"baseline has shape \(2,\)"),
        ({"patch": 4, "stride": 2, "baseline": np.inf}, ValueError, "baseline holds NaN or inf"),
    ],
)
def test_wrong_parameters_of_occlusion(model, batch, wrong, error, sentence):
    with pytest.raises(error, match=f"^{sentence}"):
        methods.occlusion(*batch, model, **wrong)


# RISE --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("samples", "cells", "keep", "seed"), [(6, 3, 0.5, 0), (4, 20, 0.2, 9)])
def test_rise_is_the_weighted_sum_of_its_masks(model, batch, samples, cells, keep, seed):
    X, y = batch
    masks = [random_mask((13, 10), cells, keep, (seed, s)) for s in range(samples)]
    expected = np.zeros(X.shape[:3])
    for mask in masks:
        sure = tf.nn.softmax(model(X * mask[..., None])).numpy()[np.arange(len(X)), y]
        expected += sure[:, None, None] * mask / (samples * keep)
    found = methods.rise(X, y, model, samples=samples, cells=cells, keep=keep, seed=seed)
    assert found.shape == (7, 13, 10) and found.dtype == np.float32 and found.min() >= 0
    assert relative_l2(found, expected).max() < 1e-5


def test_rise_of_a_model_that_always_says_the_same(batch):
    X, y = batch
    model = by_hand.linear_model(np.zeros((*X.shape[1:], 7)), np.zeros(7))
    found = methods.rise(X, y, model, samples=40, keep=0.3)
    mean = np.mean([random_mask((13, 10), 7, 0.3, (0, s)) for s in range(40)], axis=0)
    np.testing.assert_allclose(found, np.broadcast_to(mean / 0.3 / 7, found.shape), rtol=1e-5)
    found = methods.rise(X[:1], y[:1], model, samples=2000, keep=0.3)
    np.testing.assert_allclose(found, 1 / 7, rtol=0.2)


def test_rise_finds_the_pixels_that_matter(batch):
    """Only the pixels of the upper left corner count, and only there is the map high."""
    w = np.zeros((13, 10, 3, 7), np.float32)
    w[:4, :3, :, 2] = 0.1
    X = np.ones((1, 13, 10, 3))
    model = by_hand.linear_model(w, np.zeros(7))
    found = methods.rise(X, [2], model, samples=400, cells=4)[0]
    assert found[:4, :3].mean() > 1.2 * found[7:, 6:].mean()


def test_a_softmax_is_not_taken_twice(model, batch):
    with_softmax = keras.Sequential([*model.layers, layers.Softmax()])
    few = {"samples": 5, "cells": 3}
    expected = methods.rise(*batch, model, **few)
    assert relative_l2(methods.rise(*batch, with_softmax, **few), expected).max() < 1e-6


@pytest.mark.parametrize(("size", "cells"), [((13, 10), 3), ((224, 224), 7), ((5, 40), 11)])
def test_masks(size, cells):
    masks = np.array([random_mask(size, cells, 0.5, (3, s)) for s in range(300)])
    assert masks.shape == (300, *size) and masks.dtype == np.float32
    assert masks.min() == 0 and masks.max() == 1
    assert np.abs(masks.mean(0) - 0.5).max() < 0.15  # no place is favoured
    assert np.abs(random_mask(size, cells, 0.999999, (0, 0)) - 1).max() < 1e-6


@pytest.mark.parametrize(
    ("wrong", "error", "sentence"),
    [
        ({"keep": 0}, ValueError, "keep must lie between 0 and 1, not 0"),
        ({"keep": 1}, ValueError, "keep must lie between 0 and 1, not 1"),
        ({"keep": -0.5}, ValueError, r"keep must lie between 0 and 1, not -0\.5"),
        ({"keep": np.nan}, ValueError, "keep must lie between 0 and 1, not nan"),
        ({"samples": 0}, ValueError, "samples must be at least 1, not 0"),
        ({"samples": True}, TypeError, "samples must be an integer, not True"),
        ({"cells": 0}, ValueError, "cells must be at least 1, not 0"),
        ({"cells": 2.5}, TypeError, r"cells must be an integer, not 2\.5"),
    ],
)
def test_wrong_parameters_of_rise(model, batch, wrong, error, sentence):
    with pytest.raises(error, match=f"^{sentence}"):
        methods.rise(*batch, model, **wrong)
