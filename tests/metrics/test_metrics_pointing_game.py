"""The pointing game with maps whose share is known: all, nothing, a quarter."""

import numpy as np
import pytest
from small import colour_images, colour_model, given, linear_model

from cs231n_vis import methods, metrics


def test_shares_of_maps_drawn_by_hand():
    maps = np.zeros((4, 4, 6))
    maps[0, :2, 3:] = 5  # all of it top right
    maps[1] = 1  # everywhere alike
    maps[2, 2:, :3], maps[2, :2, :3] = 3, -9  # what is negative does not count
    expected = [[0, 1, 0, 0], [0.25] * 4, [0, 0, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(metrics.share_in_quadrants(maps), expected)


def test_channels_are_summed_before_the_negative_is_dropped():
    attributions = np.zeros((1, 2, 2, 2))
    attributions[0, 0, 0], attributions[0, 1, 1] = (3, -2), (1, 2)
    np.testing.assert_allclose(metrics.share_in_quadrants(attributions), [[0.25, 0, 0, 0.75]])


def opposite(X, y, model):
    """Everything but what speaks for the class."""
    return (methods.input_x_gradient(X, y, model).sum(axis=3) <= 0).astype(float)


@pytest.mark.parametrize(
    ("method", "share"),
    [
        (methods.input_x_gradient, 1),  # the channel of a class is 0 outside its quadrant
        (methods.saliency, 0.25),  # the gradient of a mean is the same everywhere
        (opposite, 0),
        (metrics.random_map, 0.25),
    ],
)
def test_methods_whose_share_is_known(method, share):
    X, y = colour_images([2, 0, 3, 1, 1], size=32)
    got = metrics.pointing_game(method, X, y, colour_model(), mosaics=3)
    assert got.shape == (3, 4)
    np.testing.assert_allclose(got, share, atol=0.03 if method is metrics.random_map else 1e-6)


def test_a_mosaic_holds_the_images_it_says_in_the_order_it_says():
    rng = np.random.default_rng(0)
    X, y = colour_images([2, 0, 3, 1, 1, 0])
    X += rng.normal(scale=0.01, size=X.shape).astype(np.float32)
    drawn = metrics.draw_mosaics(X, y, colour_model(), mosaics=7)
    assert drawn.X.shape == (7, 8, 8, 4)
    for mosaic, labels, images in zip(*drawn, strict=True):
        assert len(set(labels)) == 4 and np.array_equal(labels, y[images])
        quadrants = (mosaic[:4, :4], mosaic[:4, 4:], mosaic[4:, :4], mosaic[4:, 4:])
        assert all(np.array_equal(q, X[i]) for q, i in zip(quadrants, images, strict=True))
    assert len({tuple(images) for images in drawn.images}) > 1


def test_the_seed_decides_and_the_model_must_be_sure():
    X, y = colour_images([2, 0, 3, 1, 1, 0])
    X[3] = 0  # of this one it cannot be sure
    draw = [metrics.draw_mosaics(X, y, colour_model(), mosaics=9, seed=s).images for s in (0, 0, 1)]
    assert np.array_equal(draw[0], draw[1]) and not np.array_equal(draw[0], draw[2])
    assert 3 not in draw[0]
    assert 3 in metrics.draw_mosaics(X, y, colour_model(), mosaics=9, least=0).images


def test_images_can_be_halved_so_that_a_mosaic_has_the_size_of_an_image():
    X, y = colour_images([0, 1, 2, 3])
    X += np.random.default_rng(0).random(X.shape).astype(np.float32) / 100
    drawn = metrics.draw_mosaics(X, y, colour_model(), mosaics=1, shrink=True)
    assert drawn.X.shape == (1, 4, 4, 4)
    first = X[drawn.images[0, 0]]
    np.testing.assert_allclose(drawn.X[0, 0, 1], first[:2, 2:].mean(axis=(0, 1)), rtol=1e-5)


def test_squeezenet_points_better_than_chance_by_grad_cam(model, images):
    shares = metrics.pointing_game(methods.grad_cam, *images, model, mosaics=2)
    assert shares.shape == (2, 4) and shares.min() > 0.3  # chance is 0.25


X, Y = colour_images([0, 1, 2, 3])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"X": X[:3], "y": Y[:3]}, "A mosaic takes 4 images and X holds 3; give at least 4"),
        ({"X": X[:0], "y": Y[:0]}, "X holds no image"),
        ({"y": Y * 0}, "A mosaic takes 4 classes, and colours is sure of 1 of those in X by 50%"),
        ({"least": 2}, "least must be a probability, between 0 and 1, not 2"),
        ({"mosaics": 0}, "mosaics must be at least 1"),
        ({"X": X[:, :3, :3], "shrink": True}, "Images of 3 x 3 cannot be halved"),
    ],
)
def test_bad_input_gets_one_clear_sentence(arguments, sentence):
    arguments = {"X": X, "y": Y, "model": colour_model()} | arguments
    with pytest.raises(ValueError, match=sentence):
        metrics.pointing_game(methods.saliency, **arguments)


def test_a_model_of_one_size_is_told_to_shrink():
    model, _ = linear_model(classes=4)
    X, y = np.random.default_rng(0).normal(size=(4, 6, 4, 2)), np.arange(4)
    with pytest.raises(ValueError, match="of one size only, and a mosaic has twice"):
        metrics.pointing_game(methods.saliency, X, y, model, least=0)
    shares = metrics.pointing_game(methods.saliency, X, y, model, least=0, shrink=True)
    assert ((shares >= 0) & (shares <= 1)).all()


def test_a_method_that_returns_maps_of_another_size_is_named():
    with pytest.raises(ValueError, match=r"<lambda> returned shape \(1, 4, 4\); it must"):
        metrics.pointing_game(given(np.ones((1, 4, 4))), X, Y, colour_model())
