"""The second network is EfficientNet-Lite0 and takes what SqueezeNet takes."""

import numpy as np
import pytest
from independent import relative_l2
from methods.by_hand import few

from cs231n_vis import freeze, load_efficientnet_lite, methods, tf
from cs231n_vis.methods import METHODS


@pytest.fixture(scope="module")
def network():
    return load_efficientnet_lite()


@pytest.fixture(scope="module")
def few_images(images):
    X, y = images
    return X[15:17, 40:136, 30:158], y[15:17]


def test_17_of_20_images_are_named_rightly_and_19_among_the_best_five(network, images):
    X, y = images
    ranking = np.argsort(-network(X).numpy(), axis=1)
    assert np.sum(ranking[:, 0] == y) == 17
    assert np.sum(ranking[:, :5] == y[:, None]) == 19


def test_it_has_the_weights_of_the_paper_and_statistics_of_its_batches(network):
    assert isinstance(network, tf.keras.Model) and network.output_shape == (None, 1000)
    # 4.65 million that are trained, and two statistics of each of 21,008 channels
    assert sum(int(np.prod(w.shape)) for w in network.trainable_weights) == 4_652_008
    assert network.count_params() == 4_652_008 + 2 * 21_008


def test_scores_are_not_probabilities(network, images):
    scores = network(images[0]).numpy()
    assert scores.min() < 0 and scores.max() > 1


@pytest.mark.parametrize("size", [(32, 32), (224, 224), (100, 131)])
def test_images_of_any_size_give_1000_scores(network, size):
    assert network(np.zeros((2, *size, 3), np.float32)).shape == (2, 1000)


def test_frozen_it_has_the_same_scores_and_gradients(network, few_images):
    X, _ = few_images

    def of(model):
        images = tf.constant(X)
        with tf.GradientTape() as tape:
            tape.watch(images)
            scores = model(images)
        return scores.numpy(), tape.gradient(scores, images).numpy()

    for plain, frozen in zip(of(network), of(freeze(network)), strict=True):
        assert relative_l2(frozen, plain).max() < 1e-4


@pytest.mark.parametrize("name", METHODS)
def test_every_method_explains_it(name, network, few_images):
    X, y = few_images
    found = METHODS[name].function(X, y, network, **few(name, X))
    assert found.shape[:3] == X.shape[:3] and np.isfinite(found).all()
    assert all(np.ptp(each) > 0 for each in found)


def test_guided_backpropagation_passes_its_clipped_relus_by_other_rules(network, few_images):
    X, y = few_images
    plain, guided = (
        getattr(methods, m)(X, y, network) for m in ("saliency", "guided_backpropagation")
    )
    assert relative_l2(np.abs(guided), np.abs(plain)).min() > 0.3
