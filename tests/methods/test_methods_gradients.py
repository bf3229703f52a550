"""Saliency, input × gradient, guided backpropagation and deconvnet, against tapes by hand."""

import numpy as np
import pytest
from independent import relative_l2
from methods import by_hand

from cs231n_vis import compute_saliency_maps, methods, tf

keras, layers = tf.keras, tf.keras.layers


@pytest.mark.parametrize(
    ("name", "relu"),
    [
        ("saliency", tf.nn.relu),
        ("guided_backpropagation", by_hand.guided_relu),
        ("deconvnet", by_hand.rectified_relu),
    ],
)
def test_gradients_agree_with_those_of_hand_made_relus(model, batch, name, relu):
    X, y = batch
    found = getattr(methods, name)(X, y, model)
    assert found.shape == X.shape and found.dtype == np.float32
    assert relative_l2(found, by_hand.gradients(X, y, model, relu)).max() < 1e-5


def test_the_three_rules_for_relus_differ(model, batch):
    found = [
        getattr(methods, name)(*batch, model)
        for name in ("saliency", "guided_backpropagation", "deconvnet")
    ]
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert relative_l2(found[i], found[j]).min() > 0.1


def test_input_x_gradient_is_the_product(model, batch):
    X, y = batch
    expected = X * by_hand.gradients(X, y, model)
    assert relative_l2(methods.input_x_gradient(X, y, model), expected).max() < 1e-5


def test_of_a_linear_model_the_gradient_is_its_weights(batch):
    X, y = batch
    w = np.random.default_rng(0).normal(size=(*X.shape[1:], 7)).astype(np.float32)
    model = by_hand.linear_model(w, np.ones(7, np.float32))
    slopes = np.moveaxis(w, 3, 0)[y]
    np.testing.assert_array_equal(methods.saliency(X, y, model), slopes)
    np.testing.assert_array_equal(methods.input_x_gradient(X, y, model), X * slopes)


def test_in_a_network_without_biases_contributions_sum_to_the_score(batch):
    X, y = batch
    model = by_hand.small_model()
    model.set_weights([w if w.ndim > 1 else 0 * w for w in model.get_weights()])
    contributions = methods.input_x_gradient(X, y, model).sum((1, 2, 3))
    np.testing.assert_allclose(contributions, by_hand.scores(X, y, model), rtol=1e-3, atol=1e-5)


def test_saliency_as_maps_is_what_compute_saliency_maps_returns(model, batch):
    maps = methods.as_maps(methods.saliency(*batch, model))
    assert relative_l2(maps, compute_saliency_maps(*batch, model)).max() < 1e-6


@pytest.mark.parametrize("relu", ["a layer", "a layer up to 6", "in an operation"])
def test_relus_of_every_kind_are_replaced(batch, relu):
    """In all of them the gradient of the only ReLU is negative, and deconvnet passes none of it."""
    X, y = batch
    kind = {
        "a layer": lambda: layers.ReLU(),
        "a layer up to 6": lambda: layers.ReLU(max_value=6),
        "in an operation": lambda: layers.Lambda(tf.nn.relu),
    }[relu]
    model = keras.Sequential([keras.Input(X.shape[1:]), kind(), layers.GlobalAveragePooling2D()])
    negated = keras.Sequential([keras.Input(X.shape[1:]), model, layers.Lambda(tf.negative)])
    assert methods.deconvnet(X, y % 3, model).max() > 0
    assert np.array_equal(methods.deconvnet(X, y % 3, negated), 0 * X)
    assert np.array_equal(methods.guided_backpropagation(X, y % 3, negated), 0 * X)
    # where it is positive, a guided ReLU of the image itself is a ReLU, and a rectified one is not
    assert np.array_equal(
        methods.guided_backpropagation(X, y % 3, model), methods.saliency(X, y % 3, model)
    )
    assert np.count_nonzero(methods.deconvnet(X, y % 3, model)) == len(X) * X[0, ..., 0].size


def test_a_relu_after_the_scores_counts_too(batch):
    """The last layers are computed for one class only; their ReLU has the method's rule as well."""
    X, y = batch
    end = layers.Dense(7, activation="relu", bias_initializer="ones")
    model = keras.Sequential([keras.Input(X.shape[1:]), layers.Flatten(), end])
    model.layers[-1].set_weights([w - 3 * (w.ndim == 1) for w in model.layers[-1].get_weights()])
    scores = np.array([model(X).numpy()[n, k] for n, k in enumerate(y)])
    off = scores == 0
    assert off.any() and not off.all()
    assert not methods.saliency(X, y, model)[off].any()
    assert not methods.guided_backpropagation(X, y, model)[off].any()
    assert methods.deconvnet(X, y, model)[off].any((1, 2, 3)).all()


def test_real_pictures(squeezenet, images):
    """On SqueezeNet: the gradient is compute_saliency_maps', and the others have their marks."""
    X, y = images[0][:1], images[1][:1]
    saliency = methods.saliency(X, y, squeezenet)
    assert (
        relative_l2(methods.as_maps(saliency), compute_saliency_maps(X, y, squeezenet)).max() < 1e-5
    )
    assert relative_l2(methods.input_x_gradient(X, y, squeezenet), X * saliency).max() < 1e-5
    for method in (methods.guided_backpropagation, methods.deconvnet):
        assert relative_l2(method(X, y, squeezenet), saliency).min() > 0.5


@pytest.mark.parametrize("name", ["guided_backpropagation", "deconvnet", "guided_grad_cam"])
def test_a_model_without_relus_is_refused(batch, name):
    image = keras.Input(batch[0].shape[1:])
    features = layers.Conv2D(7, 3, activation="tanh")(image)
    model = keras.Model(image, layers.GlobalAveragePooling2D()(features), name="smooth")
    with pytest.raises(ValueError, match="smooth has no ReLU, so this method would give its plain"):
        getattr(methods, name)(*batch, model)


class Traced(keras.Model):
    """A ReLU in plain sight, and others in a tf.function."""

    def __init__(self):
        super().__init__(name="traced")
        self.conv, self.end = layers.Conv2D(4, 3, activation="relu"), layers.Conv2D(7, 3)
        self.pool = layers.GlobalAveragePooling2D()
        self.inner = tf.function(lambda x: self.end(self.conv(x)))

    def call(self, x):
        return self.pool(tf.nn.relu(self.inner(x)))


def test_relus_in_a_tf_function_are_not_passed_over_in_silence(batch):
    X, y = batch
    model = Traced()
    expected = by_hand.eager_gradients(X, y, model)
    assert relative_l2(methods.saliency(X, y, model), expected).max() < 1e-5
    for method in (methods.guided_backpropagation, methods.deconvnet):
        with pytest.raises(ValueError, match=r"traced calls a tf\.function with a ReLU in it"):
            method(X, y, model)
