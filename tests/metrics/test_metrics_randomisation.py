"""Randomisation works on a copy, from the top down, and tells methods that look from those not."""

import numpy as np
import pytest
from small import given, layers, small_network

from cs231n_vis import compute_saliency_maps, methods, metrics, tf

TOP_DOWN = ("third", "second", "first")


@pytest.fixture
def batch():
    rng = np.random.default_rng(1)
    return rng.normal(size=(3, 14, 12, 3)).astype(np.float32), np.array([0, 4, 2])


def weights_of(model):
    return [weights.copy() for weights in model.get_weights()]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_layers_become_random_from_the_top_down():
    model = small_network()
    before = weights_of(model)
    seen = []
    for name, copy in metrics.randomised(model):
        seen.append(name)
        changed = [
            layer.name
            for layer, original in zip(copy.layers, model.layers, strict=True)
            if layer.weights and not same(layer.get_weights(), original.get_weights())
        ]
        assert changed == list(reversed(seen))
    assert tuple(seen) == TOP_DOWN
    assert same(model.get_weights(), before)


def test_the_numbers_of_an_array_are_kept_and_change_places():
    model = small_network()
    *_, (_, copy) = metrics.randomised(model)
    for random, original in zip(copy.get_weights(), model.get_weights(), strict=True):
        assert np.array_equal(np.sort(random.ravel()), np.sort(original.ravel()))


def test_the_seed_decides_whatever_layers_are_looked_at():
    model = small_network()
    final = {}
    for key, layer_names, seed in (
        ("all", None, 0),
        ("one", ["first"], 0),
        ("two", ["first", "third"], 0),
        ("other", None, 1),
    ):
        *_, (_, copy) = metrics.randomised(model, layers=layer_names, seed=seed)
        final[key] = weights_of(copy)
    assert same(final["all"], final["one"]) and same(final["all"], final["two"])
    assert not same(final["all"], final["other"])


def test_layers_of_nested_models_are_found():
    inner = small_network()
    image = tf.keras.Input((None, None, 3))
    model = tf.keras.Model(image, layers.Dense(2, name="outer")(inner(image)))
    before = weights_of(model)
    assert tuple(name for name, _ in metrics.randomised(model)) == ("outer", *TOP_DOWN)
    assert same(model.get_weights(), before)


def test_similarities_are_those_of_the_two_networks_maps(batch):
    X, y = batch
    model = small_network()
    got = metrics.cascading_randomisation(methods.saliency, X, y, model, layers=["second"], seed=3)
    ((_, copy),) = metrics.randomised(model, layers=["second"], seed=3)
    before, after = methods.saliency(X, y, model), methods.saliency(X, y, copy)
    maps = compute_saliency_maps(X, y, model), compute_saliency_maps(X, y, copy)
    assert got.layers == ("second",)
    expected = metrics.rank_correlation(before.sum(axis=3), after.sum(axis=3))
    np.testing.assert_allclose(got.rank_correlation, expected[None], atol=1e-6)
    expected = metrics.rank_correlation(*maps)
    np.testing.assert_allclose(got.absolute_rank_correlation, expected[None], atol=1e-6)
    np.testing.assert_allclose(got.ssim, metrics.structural_similarity(*maps)[None], atol=1e-5)


@pytest.mark.parametrize("method", [metrics.edges, metrics.random_map])
def test_what_does_not_look_at_the_network_stays_the_same(method, batch):
    got = metrics.cascading_randomisation(method, *batch, small_network())
    assert got.layers == TOP_DOWN
    for similarity in got[1:]:
        np.testing.assert_allclose(similarity, np.ones((3, 3)), atol=1e-5)


def test_edges_are_where_colours_change():
    X = np.zeros((1, 8, 8, 3))
    X[:, :, 4:] = 1
    steep = metrics.edges(X, [0], None)[0]
    assert np.allclose(steep[:, 3:5], 0.5) and not steep[:, :3].any() and not steep[:, 5:].any()
    both = np.concatenate([X, np.random.default_rng(0).random(X.shape)])
    assert np.array_equal(metrics.edges(both, [0, 0], None)[0], steep)


def test_guided_backpropagation_hardly_sees_squeezenets_upper_layers(model, images):
    """Adebayo 2018, figure 2, with another network."""
    X, y = images[0][:2], images[1][:2]
    before = weights_of(model)
    kept = {
        method.__name__: metrics.cascading_randomisation(
            method, X, y, model, layers=["fire9_squeeze1x1"], progress=False
        ).rank_correlation.mean()
        for method in (methods.saliency, methods.guided_backpropagation)
    }
    assert kept["guided_backpropagation"] > kept["saliency"] + 0.1
    assert abs(kept["saliency"]) < 0.3
    assert same(model.get_weights(), before)


class Subclassed(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.pool = layers.Conv2D(5, 3), layers.GlobalMaxPooling2D()

    def call(self, x):
        return self.pool(self.conv(x))


@pytest.mark.parametrize(
    ("layer_names", "sentence"),
    [
        (["thrid"], "'thrid' is not a layer of small with weights; did you mean third"),
        (["?"], "'\\?' is not a layer of small with weights; there are third, second, first"),
        ([], "layers names no layer; give at least one"),
    ],
)
def test_an_unknown_layer_gets_names_like_it(layer_names, sentence, batch):
    with pytest.raises(ValueError, match=sentence):
        metrics.cascading_randomisation(
            methods.saliency, *batch, small_network(), layers=layer_names
        )


def test_models_that_cannot_be_randomised_are_told_why(batch):
    model = Subclassed()
    with pytest.raises(ValueError, match="Keras cannot copy subclassed"):
        metrics.cascading_randomisation(methods.saliency, *batch, model)
    image = tf.keras.Input((None, None, 3))
    bare = tf.keras.Model(image, layers.GlobalAveragePooling2D()(image), name="bare")
    with pytest.raises(ValueError, match="No layer of bare has weights"):
        metrics.cascading_randomisation(methods.saliency, batch[0], [0, 1, 2], bare)


def test_a_method_of_the_wrong_shape_and_no_image_are_told(batch):
    X, y = batch
    with pytest.raises(ValueError, match=r"returned shape \(3, 14\)"):
        metrics.cascading_randomisation(given(np.ones((3, 14))), X, y, small_network())
    with pytest.raises(ValueError, match="X holds no image"):
        metrics.cascading_randomisation(methods.saliency, X[:0], y[:0], small_network())
