"""The reference computes what the definition says, for any model and any batch."""

import gc
import warnings
import weakref

import numpy as np
import pytest
from independent import relative_l2, scores_and_gradients

from cs231n_vis import compute_saliency_maps, tf

keras = tf.keras


def by_the_book(X, y, model):
    """The definition, written with an eager tape and one image at a time."""
    maps = []
    for image, label in zip(X, y, strict=True):
        image = tf.constant(image[None])
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image, training=False)[0, int(label)]
        maps.append(np.abs(tape.gradient(score, image)[0].numpy()).max(axis=-1))
    return np.array(maps)


@pytest.fixture
def small_model():
    keras.utils.set_random_seed(231)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((12, 10, 3)),
            layers.Conv2D(8, 3, activation="tanh"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(7),
        ]
    )


@pytest.fixture
def small_batch():
    rng = np.random.default_rng(231)
    return rng.normal(size=(6, 12, 10, 3)).astype(np.float32), rng.integers(0, 7, 6)


def test_maps_agree_with_an_independent_computation(model, images):
    X, y = images
    _, gradients = scores_and_gradients(X, y)
    errors = relative_l2(compute_saliency_maps(X, y, model), np.abs(gradients).max(axis=-1))
    # six of the images have an input so near a kink that float32 falls on its other side
    assert errors.max() < 0.01 and np.sort(errors)[13] < 1e-5


def test_maps_agree_with_the_definition_written_eagerly(model, images):
    X, y = images[0][:6], images[1][:6]
    maps = compute_saliency_maps(X, y, model)
    assert maps.shape == (6, 224, 224) and maps.dtype == np.float32 and maps.min() >= 0
    assert relative_l2(maps, by_the_book(X, y, model)).max() < 1e-5


def test_the_label_decides_not_the_prediction(model, images):
    X = images[0][:2]
    one, other = (compute_saliency_maps(X, [label, label], model) for label in (243, 559))
    assert relative_l2(one, other).min() > 0.2


@pytest.mark.parametrize("count", [0, 1, 2, 5, 6, 11])
def test_any_number_of_images(small_model, count):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(count, 12, 10, 3)), rng.integers(0, 7, count)
    maps = compute_saliency_maps(X, y, small_model)
    assert maps.shape == (count, 12, 10) and maps.dtype == np.float32
    if count:
        expected = by_the_book(X.astype(np.float32), y, small_model)
        assert relative_l2(maps, expected).max() < 1e-5


@pytest.mark.parametrize(
    "kind", [np.asarray, tf.convert_to_tensor, list, lambda a: np.asarray(a)[::1].copy(order="F")]
)
def test_arrays_tensors_and_lists_are_taken(small_model, small_batch, kind):
    X, y = small_batch
    expected = compute_saliency_maps(X, y, small_model)
    assert np.array_equal(compute_saliency_maps(kind(X), kind(y), small_model), expected)


def test_the_input_is_left_as_it_was(small_model, small_batch):
    X, y = small_batch
    before = X.copy(), y.copy()
    compute_saliency_maps(X, y, small_model)
    assert np.array_equal(X, before[0]) and np.array_equal(y, before[1])


def test_new_weights_are_seen(small_model, small_batch):
    X, y = small_batch
    before = compute_saliency_maps(X, y, small_model)
    small_model.layers[-1].set_weights([2 * w for w in small_model.layers[-1].get_weights()])
    assert relative_l2(compute_saliency_maps(X, y, small_model), 2 * before).max() < 1e-5


@pytest.mark.parametrize("softmax", ["in the last layer", "as an activation", "as a layer"])
def test_a_softmax_at_the_end_makes_no_difference(small_model, small_batch, softmax):
    X, y = small_batch
    expected = compute_saliency_maps(X, y, small_model)
    layers = keras.layers
    if softmax == "in the last layer":
        last = layers.Dense(7, activation="softmax")
        with_softmax = keras.Sequential([*small_model.layers[:-1], last])
        with_softmax.build((None, 12, 10, 3))
        last.set_weights(small_model.layers[-1].get_weights())
    else:
        end = layers.Activation("softmax") if softmax == "as an activation" else layers.Softmax()
        with_softmax = keras.Sequential([*small_model.layers, end])
    np.testing.assert_allclose(with_softmax(X[:1]).numpy().sum(), 1, rtol=1e-6)
    assert relative_l2(compute_saliency_maps(X, y, with_softmax), expected).max() < 1e-5


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.pool = keras.layers.Conv2D(5, 3), keras.layers.GlobalMaxPooling2D()

    def call(self, x):
        return self.pool(self.conv(x))


def test_a_subclassed_model_that_was_never_called():
    X = np.random.default_rng(0).normal(size=(3, 9, 8, 1)).astype(np.float32)
    model = Subclassed()
    maps = compute_saliency_maps(X, [0, 1, 4], model)
    assert relative_l2(maps, by_the_book(X, [0, 1, 4], model)).max() < 1e-5


def test_functional_models_with_nested_models(small_model, small_batch):
    X, y = small_batch
    image = keras.Input((12, 10, 3))
    nested = keras.Model(image, small_model(image) * 3.0)
    expected = 3 * compute_saliency_maps(X, y, small_model)
    assert relative_l2(compute_saliency_maps(X, y, nested), expected).max() < 1e-5


def test_a_model_can_be_freed_after_use(small_batch):
    model = keras.Sequential([keras.Input((12, 10, 3)), keras.layers.GlobalAveragePooling2D()])
    compute_saliency_maps(small_batch[0], small_batch[1] % 3, model)
    gone = weakref.ref(model)
    del model
    keras.backend.clear_session()
    gc.collect()
    assert gone() is None


def test_one_compilation_serves_every_batch_size(small_model, small_batch, monkeypatch):
    from cs231n_vis.methods import gradients

    X, y = small_batch
    compute_saliency_maps(X[:1], y[:1], small_model)
    monkeypatch.setattr(gradients, "_compile", None)  # would raise if it were called again
    for count in (2, 3, 6):
        assert len(compute_saliency_maps(X[:count], y[:count], small_model)) == count


X, Y = np.zeros((2, 12, 10, 3), np.float32), np.zeros(2, int)


@pytest.mark.parametrize(
    ("X", "y", "error", "sentence"),
    [
        (X[0], Y, ValueError, r"X has shape \(12, 10, 3\); .* pass X\[None\]"),
        (X.astype(object), Y, TypeError, "X has dtype object"),
        (X.astype(str), Y, TypeError, "X has dtype <U"),
        (X * np.nan, Y, ValueError, "X holds NaN or infinity"),
        (X + np.inf, Y, ValueError, "X holds NaN or infinity"),
        (X, Y[:1], ValueError, r"X holds 2 images and y has shape \(1,\)"),
        (X, Y[:, None], ValueError, r"y has shape \(2, 1\)"),
        (X, Y + 0.5, TypeError, "y has dtype float64; labels must be integers"),
        (X, Y + 7, ValueError, "Label 7 in y is not a class of sequential.* numbered 0 to 6"),
        (X, Y - 1, ValueError, "Label -1 in y is not a class"),
        (X[:, :5], Y, ValueError, r"X has shape \(2, 5, 10, 3\) and sequential.* takes"),
        (X[..., :1], Y, ValueError, r"X has shape \(2, 12, 10, 1\) and sequential.* takes"),
    ],
)
def test_bad_input_gets_one_clear_sentence(small_model, X, y, error, sentence):
    with pytest.raises(error, match=sentence):
        compute_saliency_maps(X, y, small_model)


def test_a_label_out_of_range_is_noticed_in_a_subclassed_model_too():
    X = np.zeros((2, 9, 8, 1), np.float32)
    with pytest.raises(ValueError, match="Label 5 in y is not a class"):
        compute_saliency_maps(X, [0, 5], Subclassed())


def test_a_model_that_returns_no_scores_is_named():
    image = keras.Input((12, 10, 3))
    model = keras.Model(image, keras.layers.Conv2D(4, 3)(image), name="convolution")
    with pytest.raises(ValueError, match=r"convolution returns .*; it must return scores"):
        compute_saliency_maps(X, Y, model)


def test_maps_equal_those_of_tf_keras_vis(model, images):
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.utils.scores import CategoricalScore

    X, y = images[0][:3], images[1][:3]
    peer = Saliency(model, clone=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it passes its inputs as a list
        theirs = peer(CategoricalScore([int(label) for label in y]), X, normalize_map=False)
    assert relative_l2(compute_saliency_maps(X, y, model), theirs).max() < 1e-5
