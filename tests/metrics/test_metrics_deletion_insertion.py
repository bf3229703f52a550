"""Deletion and insertion curves against a loop over pixels, in NumPy."""

import numpy as np
import pytest
from small import given, linear_model, softmax

from cs231n_vis import blur_image, compute_saliency_maps, methods, metrics

FIFTHS, EIGHTHS = np.linspace(0, 1, 6), np.linspace(0, 1, 9)


@pytest.fixture
def linear():
    model, weights = linear_model()
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(3, 6, 4, 2)).astype(np.float32), np.array([2, 0, 1])
    return model, weights, X, y


def curve_by_hand(order, start, end, label, weights, counts):
    """Probabilities while pixels of ``end`` replace those of ``start``, one pixel at a time."""
    image, curve = start.astype(float).copy(), []
    for done in range(len(order) + 1):
        if done in counts:
            curve.append(softmax(np.einsum("hwc,hwck->k", image, weights))[label])
        if done < len(order):
            row, column = divmod(int(order[done]), image.shape[1])
            image[row, column] = end[row, column]
    return np.array(curve)


@pytest.mark.parametrize("baseline", [0, 0.3, [0.5, -1]])
@pytest.mark.parametrize("counts", [range(25), (0, 6, 12, 18, 24), (0, 1, 2, 5, 24)])
def test_curves_of_a_linear_network_are_those_worked_out_by_hand(linear, baseline, counts):
    model, weights, X, y = linear
    maps = np.random.default_rng(5).random((3, 6, 4)).astype(np.float32)
    other = np.broadcast_to(baseline, X.shape)
    for metric, start, end in ((metrics.deletion, X, other), (metrics.insertion, other, X)):
        got = metric(given(maps), X, y, model, fractions=np.array(counts) / 24, baseline=baseline)
        np.testing.assert_allclose(got.fractions, np.array(counts) / 24)
        for n in range(3):
            order = np.argsort(-maps[n].ravel())
            curve = curve_by_hand(order, start[n], end[n], y[n], weights, counts)
            np.testing.assert_allclose(got.probabilities[n], curve, rtol=1e-4, atol=1e-6)
            area = (np.diff(counts) * (curve[1:] + curve[:-1])).sum() / 2 / 24
            np.testing.assert_allclose(got.areas[n], area, rtol=1e-4)


def test_insertion_in_one_order_is_deletion_in_the_other_run_backwards(linear):
    model, _, X, y = linear
    maps = np.random.default_rng(5).random((3, 6, 4))
    inserted = metrics.insertion(given(maps), X, y, model, baseline=0, fractions=EIGHTHS)
    deleted = metrics.deletion(given(1 - maps), X, y, model, fractions=EIGHTHS)
    np.testing.assert_allclose(inserted.probabilities, deleted.probabilities[:, ::-1], rtol=1e-5)


def test_the_true_contributions_give_the_smallest_deletion_area(linear):
    model, weights, X, y = linear
    y = np.zeros(3, int)
    X = np.abs(X) * np.sign(weights[..., 0] - weights[..., 1:].mean(axis=-1))
    true = np.einsum("nhwc,hwc->nhw", X, weights[..., 0] - weights[..., 1:].mean(axis=-1))
    assert true.min() > 0
    areas = [
        metrics.deletion(given(maps), X, y, model, fractions=np.arange(25) / 24).areas.mean()
        for maps in (true, np.random.default_rng(3).random(true.shape), true.max() - true)
    ]
    assert areas[0] < areas[1] < areas[2]


def test_where_a_map_is_flat_the_seed_decides_and_not_the_place(linear):
    model, _, X, y = linear
    flat = given(np.ones((3, 6, 4)))
    one, again, other = (
        metrics.deletion(flat, X, y, model, seed=seed).probabilities for seed in (0, 0, 1)
    )
    rows_first = given(np.arange(24, 0, -1).reshape(1, 6, 4).repeat(3, axis=0))
    in_order = metrics.deletion(rows_first, X, y, model).probabilities
    assert np.array_equal(one, again)
    assert np.abs(one - other).max() > 0.01 and np.abs(one - in_order).max() > 0.01


def test_signed_attributions_with_channels_are_ranked_by_their_largest_absolute_value(linear):
    model, weights, X, y = linear
    signed = np.moveaxis(weights[..., y], -1, 0)
    by_hand = metrics.deletion(given(np.abs(signed).max(axis=-1)), X, y, model)
    got = metrics.deletion(methods.saliency, X, y, model)
    assert np.array_equal(got.probabilities, by_hand.probabilities)


def test_by_sign_what_speaks_against_the_class_goes_last(linear):
    model, weights, X, y = linear
    signed = np.moveaxis(weights[..., y], -1, 0) * X
    by_hand = metrics.deletion(given(signed.sum(axis=-1) + 100), X, y, model)
    got = metrics.deletion(methods.input_x_gradient, X, y, model, signed=True)
    np.testing.assert_allclose(got.probabilities, by_hand.probabilities, rtol=1e-5)
    assert (got.areas < metrics.deletion(methods.input_x_gradient, X, y, model).areas).all()


def test_a_map_that_finds_everything_at_once_is_not_held_up_by_the_first_step(model, images):
    fractions = metrics.deletion(
        methods.saliency, images[0][15:16], images[1][15:16], model
    ).fractions
    assert np.isclose(np.diff(fractions)[:22], 1 / 224).all() and len(fractions) == 42


def test_on_squeezenet_curves_begin_and_end_where_they_should(model, images):
    X, y = images[0][:2], images[1][:2]

    def sure(X):
        return softmax(model(X).numpy().astype(float))[np.arange(2), y]

    deleted = metrics.deletion(methods.grad_cam, X, y, model, fractions=FIFTHS)
    inserted = metrics.insertion(methods.grad_cam, X, y, model, fractions=FIFTHS, sigma=3)
    np.testing.assert_allclose(deleted.probabilities[:, 0], sure(X), rtol=1e-4)
    np.testing.assert_allclose(deleted.probabilities[:, -1], sure(0 * X), rtol=1e-3)
    np.testing.assert_allclose(inserted.probabilities[:, 0], sure(blur_image(X, 3)), rtol=1e-3)
    np.testing.assert_allclose(inserted.probabilities[:, -1], sure(X), rtol=1e-4)
    worst = given(1 - methods.as_maps(methods.grad_cam(X, y, model)))
    assert (
        metrics.insertion(worst, X, y, model, fractions=FIFTHS, sigma=3).areas[0]
        < inserted.areas[0]
    )


X, Y, MAPS = np.ones((2, 6, 4, 2), np.float32), np.zeros(2, int), np.ones((2, 6, 4))


def student(returned):
    def my_maps(X, y, model):
        return returned

    return my_maps


@pytest.mark.parametrize(
    ("method", "error", "sentence"),
    [
        ("saliency", TypeError, "A method must be a function of .* not 'saliency'"),
        (student(None), TypeError, "my_maps returned nothing; let it end with `return`"),
        (student("a map"), TypeError, "my_maps returned str, which is not an array of numbers"),
        (student([[1], [1, 2]]), TypeError, "my_maps returned list, which is not an array"),
        (student(MAPS[:1]), ValueError, r"returned shape \(1, 6, 4\); .* \(2, 6, 4\) or \(2, 6"),
        (student(MAPS[0]), ValueError, r"my_maps returned shape \(6, 4\); it must return one map"),
        (student(MAPS * [[[1]], [[np.nan]]]), ValueError, "my_maps returned NaN .* for image 1"),
        (student(MAPS * np.inf), ValueError, "my_maps returned NaN or infinity for image 0"),
    ],
)
def test_a_method_that_does_not_return_maps_is_told_so(method, error, sentence):
    with pytest.raises(error, match=sentence):
        metrics.deletion(method, X, Y, linear_model()[0])


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"X": X[:0], "y": Y[:0]}, ValueError, "X holds no image; give at least one"),
        ({"X": X * np.nan}, ValueError, "X holds NaN"),
        ({"y": Y + 3}, ValueError, "Label 3 in y is not a class of linear"),
        ({"fractions": [0.5, 1]}, ValueError, "fractions must be numbers that rise from 0"),
        ({"fractions": [0, 0.5, 0.5, 1]}, ValueError, "fractions must be numbers that rise"),
        ({"fractions": 20}, ValueError, "such as np.linspace"),
        ({"baseline": [1, 2, 3]}, ValueError, r"baseline has shape \(3,\)"),
        ({"baseline": np.nan}, ValueError, "baseline holds NaN"),
    ],
)
@pytest.mark.parametrize("metric", [metrics.deletion, metrics.insertion])
def test_bad_input_gets_one_clear_sentence(metric, arguments, error, sentence):
    arguments = {"X": X, "y": Y, "model": linear_model()[0]} | arguments
    with pytest.raises(error, match=sentence):
        metric(compute_saliency_maps, **arguments)


def test_a_negative_blur_is_refused():
    with pytest.raises(ValueError, match="sigma must be 0 or more, not -1"):
        metrics.insertion(compute_saliency_maps, X, Y, linear_model()[0], sigma=-1)
