"""The network is SqueezeNet 1.1 and gives the scores that its authors' weights give."""

import numpy as np
import pytest
from independent import relative_l2, scores_and_gradients

from cs231n_vis import freeze, load_squeezenet, tf
from cs231n_vis.checking.calls import limited
from cs231n_vis.weights import CONVOLUTIONS


def test_the_scores_agree_with_an_independent_computation(model, images):
    X, y = images
    expected, _ = scores_and_gradients(X, y)
    assert relative_l2(model(X).numpy(), expected).max() < 1e-5


def test_14_of_20_images_are_named_rightly_and_17_among_the_best_five(model, images):
    X, y = images
    ranking = np.argsort(-model(X).numpy(), axis=1)
    assert np.sum(ranking[:, 0] == y) == 14
    assert np.sum(ranking[:, :5] == y[:, None]) == 17


def test_it_is_a_keras_model_with_the_number_of_weights_that_torchvision_documents(model):
    assert isinstance(model, tf.keras.Model)
    assert model.count_params() == 1_235_496
    assert model.output_shape == (None, 1000)


def test_the_layers_and_the_weights_files_agree_on_every_shape(model):
    assert {c.name: c.kernel for c in CONVOLUTIONS} == {
        layer.name: tuple(layer.kernel.shape)
        for layer in model.layers
        if isinstance(layer, tf.keras.layers.Conv2D)
    }


@pytest.mark.parametrize("size", [(31, 31), (227, 227), (100, 301)])
def test_images_of_any_size_that_is_large_enough_give_1000_scores(model, size):
    X = np.zeros((2, *size, 3), np.float32)
    assert model(X).shape == (2, 1000)


def test_scores_are_not_probabilities(model, images):
    scores = model(images[0]).numpy()
    assert scores.min() >= 0 and scores.sum(axis=1).min() > 100


def test_two_models_do_not_share_weights(model):
    other = load_squeezenet()
    before = model.get_layer("conv10").get_weights()[1]
    other.get_layer("conv10").set_weights([w * 0 for w in other.get_layer("conv10").get_weights()])
    assert np.array_equal(model.get_layer("conv10").get_weights()[1], before)


def gradient_of_scores(network, X, y):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = tf.gather(network(X), y, axis=1, batch_dims=1)
    return tape.gradient(scores, X).numpy()


class TestFreeze:
    def test_scores_and_gradients_agree_with_an_independent_computation(self, model, images):
        X, y = images
        scores, gradients = scores_and_gradients(X, y)
        network = freeze(model)
        assert relative_l2(network(X).numpy(), scores).max() < 1e-5
        far = relative_l2(gradient_of_scores(network, X, y), gradients)
        assert np.median(far) < 1e-5 and far.max() < 0.02  # float32 takes a kink the other way

    def test_it_is_called_like_the_model_with_images_of_any_size_and_float(self, model, images):
        network, X = freeze(model), images[0]
        for each in (X[:1], X[:2, :100], X[:2].astype(np.float64)):
            scores = network(each, training=False).numpy()
            assert scores.dtype == np.float32
            assert np.allclose(scores, model(each).numpy(), atol=1e-4)

    @pytest.mark.parametrize("make", [lambda model: model, freeze, lambda m: limited(m, 9)])
    def test_whatever_a_notebook_or_a_check_hands_over_is_used_as_a_keras_model(
        self, make, model, images
    ):
        network, X = make(model), images[0][:2, :96, :96]
        expected = model(X)
        assert isinstance(network, tf.keras.Model)
        assert network.input_shape == model.input_shape
        assert [layer.name for layer in network.layers] == [layer.name for layer in model.layers]
        copy = tf.keras.models.clone_model(network)
        copy.set_weights(network.get_weights())
        read = type(network).from_config(network.get_config())
        read.set_weights(network.get_weights())
        both = tf.keras.Model(network.inputs, [network.get_layer("conv10").output, network.output])
        for scores in (
            network(X),
            network(tf.constant(X), training=False),
            network.call(X),
            network.predict(X, verbose=0),
            network.predict_on_batch(X),
            tf.keras.Model([network.inputs], [network.get_layer("scores").output])(X),
            tf.keras.Sequential([network])(X),
            both(X)[1],
            copy(X),
            read(X),
        ):
            assert scores.shape == (2, 1000)
            np.testing.assert_allclose(scores, expected, atol=1e-4)

    def test_a_frozen_model_is_compiled_once(self, model, images):
        network = freeze(model)
        assert freeze(network)._compiled is network._compiled

    def test_weights_that_are_set_later_are_seen_and_the_model_stays_trainable(self, images):
        model = load_squeezenet()
        network = freeze(model)
        before = network(images[0][:1]).numpy()
        last = model.get_layer("conv10")
        last.set_weights([2 * w for w in last.get_weights()])
        assert np.allclose(network(images[0][:1]), 2 * before, rtol=1e-5)
        assert len(model.trainable_variables) == 52

    def test_the_tape_follows_it_to_the_images_and_not_to_the_weights(self, model, images):
        network = freeze(model)
        with tf.GradientTape() as tape:
            score = network(images[0][:1])[0, 0]
        assert tape.gradient(score, model.trainable_variables) == [None] * 52


def test_a_frozen_network_can_be_compiled_with_xla():
    """It took minutes, until the grader's time was over, with a compiled function in it."""
    X = np.random.default_rng(231).standard_normal((1, 64, 64, 3)).astype(np.float32)
    frozen = freeze(load_squeezenet())

    def gradient(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.reduce_sum(frozen(images)[:, 243])
        return tape.gradient(score, images)

    by_xla = tf.function(gradient, jit_compile=True)(tf.constant(X)).numpy()
    plain = gradient(tf.constant(X)).numpy()
    assert np.linalg.norm(by_xla - plain) < 0.02 * np.linalg.norm(plain)
