"""What checks call answers with."""

import warnings

import numpy as np
import pytest

from cs231n_vis import tf, with_relu
from cs231n_vis.checking import calls
from cs231n_vis.checking.calls import (
    TooManyCalls,
    change_of,
    limited,
    scores_and_again,
    value_and_gradient,
    values_and_gradient,
    weights_of_randomised,
)

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


def test_a_limited_model_counts_however_it_is_asked(small):
    for ask in (
        lambda model: model(X),
        lambda model: model(X, training=False),
        lambda model: model.call(X),
        lambda model: model.predict_on_batch(X),
    ):
        model = limited(small, 2)
        np.testing.assert_allclose(ask(model), small(X), rtol=1e-5)
        with pytest.raises(TooManyCalls):
            for _ in range(2):
                ask(model)


CHANGES = {
    "an activation": lambda model: setattr(model.layers[1], "activation", tf.nn.relu6),
    "weights": lambda model: model.layers[1].set_weights([2 * w for w in model.get_weights()]),
    "a method of a layer": lambda model: setattr(model.layers[1], "call", lambda x: x),
    "a method of the model": lambda model: setattr(model, "call", lambda x, training=None: x),
}


@pytest.fixture
def given(monkeypatch):
    """The network that answers are given, a small one."""

    def new():
        image = tf.keras.Input((None, None, 3))
        x = tf.keras.layers.Conv2D(4, 3, activation="relu")(image)
        return tf.keras.Model(image, tf.keras.layers.GlobalAveragePooling2D()(x))

    monkeypatch.setattr(calls, "_given", [])
    monkeypatch.setattr("cs231n_vis.squeezenet.load_squeezenet", new)
    return calls.given_model


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_model_is_noticed_once_and_replaced(change, given):
    model = given()
    CHANGES[change](model)
    assert calls.model_was_changed() and not calls.model_was_changed()
    assert given() is not model


def test_a_frozen_model_does_not_outlive_a_change_of_its_layers(given):
    before = calls.frozen(given())(X)
    given().layers[1].set_weights([0 * w for w in given().get_weights()])
    assert calls.model_was_changed()
    assert np.ptp(before) > 0 and np.ptp(calls.frozen(given())(X)) > 0


def test_whoever_only_reads_asks_or_copies_a_model_has_not_changed_it(given):
    model = given()
    model(X), model.call(X), model.predict(X, verbose=0), model.get_config(), model.summary()
    tf.function(model)(X)
    copy = tf.keras.models.clone_model(model)
    copy.layers[1].activation = tf.nn.relu6
    part = tf.keras.Model(model.input, [model.layers[1].output, model.output])
    part(X)
    model(tf.keras.Input((8, 8, 3)))
    tf.keras.Sequential([model, tf.keras.layers.Softmax()])(X)
    with_relu(model, tf.nn.relu6)(X)
    model.trainable = False  # as in CS231n
    model.compile("sgd", "mse")
    for network in (calls.frozen(model), limited(model, 5)):
        network(X), network.predict(X, verbose=0)
    assert not calls.model_was_changed()
    assert given() is model


def test_weights_are_looked_at_before_and_after_and_the_model_keeps_its_own(small):
    def zeros(given, layers, rng):
        assert layers == ["conv"]
        copy = tf.keras.models.clone_model(given)
        copy.set_weights([0 * weights for weights in given.get_weights()])
        return copy

    image = tf.keras.Input((None, None, 3))
    model = tf.keras.Model(image, tf.keras.layers.Conv2D(2, 1, name="conv")(image))
    before = np.concatenate([weights.ravel() for weights in model.get_weights()])
    weights = weights_of_randomised(zeros, model, "conv", 2.0, np.array(["conv"]), 7)
    np.testing.assert_array_equal(weights, [*(2 * before), *np.zeros(3 * len(before))])
    np.testing.assert_array_equal(before, np.concatenate([w.ravel() for w in model.get_weights()]))
    assert weights_of_randomised(lambda *a: None, model, "conv", 1, ["conv"], 7) is None


def test_a_value_comes_with_its_gradient_and_what_is_no_number_as_it_is():
    value, gradient = value_and_gradient(lambda X: tf.reduce_sum(X**2), X)
    np.testing.assert_allclose(value, (X**2).sum(), rtol=1e-5)
    np.testing.assert_allclose(gradient, 2 * X, rtol=1e-6)
    assert (value_and_gradient(lambda X: 3.0, X)[1] == 0).all()
    assert value_and_gradient(lambda X: None, X) is None


def test_values_come_with_a_gradient_in_which_none_is_lost():
    found = values_and_gradient(lambda X: tf.reduce_sum(X**2, axis=(1, 2, 3)), X, (2,))
    np.testing.assert_allclose(found[:2], (X**2).sum((1, 2, 3)), rtol=1e-5)
    numbers = found[2:].reshape(X.shape) / (2 * X)
    np.testing.assert_allclose(numbers, numbers[:, :1, :1, :1] * np.ones(X.shape), rtol=1e-4)
    assert (numbers > 0.4).all() and abs(numbers[0, 0, 0, 0] - numbers[1, 0, 0, 0]) > 0.1
    assert not values_and_gradient(lambda X: [1.0, 2.0], X, (2,))[2:].any()
    assert values_and_gradient(lambda X: None, X, (2,)) is None
    assert values_and_gradient(lambda X: 3.0, X, (2,)) == 3


def test_scores_over_views_are_asked_for_twice_with_the_same_generator():
    drawn = []

    def scores(X, y, model, random_view, rng, num_views):
        drawn.append(rng.integers(1000))
        return tf.reduce_sum(random_view(X, rng), axis=(1, 2, 3))

    found = scores_and_again(scores, X, np.array([1, 2]), None, 5, 1)
    assert drawn[0] == drawn[1] and len(drawn) == 2
    assert len(found) == 2 + X.size + 2
    np.testing.assert_array_equal(found[:2], found[-2:])


def test_a_change_is_a_difference_of_equal_shapes():
    np.testing.assert_array_equal(change_of(X, X + 1), (X + 1) - X)
    assert change_of(X, None) is None
