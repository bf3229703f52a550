"""Models as people bring them: what ends in a probability, wherever the softmax is, and whatever
else a model can be. Each is explained rightly, or named in one sentence."""

import warnings

import numpy as np
import pytest
from independent import relative_l2
from methods import by_hand

from cs231n_vis import compute_saliency_maps, methods, metrics, tf
from cs231n_vis.metrics.input_shift import shifted_model
from cs231n_vis.metrics.randomisation import randomised

keras, layers = tf.keras, tf.keras.layers

SHAPE = (9, 8, 3)
CLASSES = 5


@pytest.fixture(scope="module")
def scores():
    """Images (9, 8, 3) to 5 scores."""
    keras.utils.set_random_seed(231)
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            layers.Conv2D(6, 3, activation="relu", bias_initializer="normal", name="features"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(CLASSES, bias_initializer="normal"),
        ],
        name="scores",
    )


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(231)
    return rng.normal(size=(6, *SHAPE)).astype(np.float32), np.arange(6) % CLASSES


class Wrapped(keras.Model):
    """A model that is a class, and computes a function of its images."""

    def __init__(self, scores, function, **arguments):
        super().__init__(**arguments)
        self.scores, self.function = scores, function

    def call(self, x):
        return self.function(x)


def ended(scores, end):
    """The model with a function of its scores behind it."""
    return keras.Sequential([keras.Input(SHAPE), scores, layers.Lambda(end)], name="ended")


def saved(model, folder):
    """A model of one layer that runs what was saved of another."""
    model.export(folder, verbose=False)
    end = layers.TFSMLayer(folder, call_endpoint="serving_default")
    image = keras.Input(SHAPE)
    return keras.Model(image, end(image))


def around(scores, function, **arguments):
    return Wrapped(scores, tf.function(lambda x: function(scores(x)), **arguments))


def pointwise(scores, end):
    """The scores as feature maps of 1 x 1, and what comes after them."""
    image = keras.Input(SHAPE)
    return keras.Model(image, end(layers.Reshape((1, 1, CLASSES))(scores(image))))


softmax = tf.nn.softmax
functional = keras.activations

#: name -> a model whose outputs are made from the scores by a softmax or the like
FOUND = {
    "a layer": lambda s, _: ended(s, softmax),
    "a tf.function": lambda s, _: ended(s, tf.function(softmax)),
    "a tf.function in a tf.function": lambda s, _: around(s, tf.function(softmax)),
    "the model in a tf.function": lambda s, _: around(s, softmax),
    "compiled by XLA": lambda s, _: around(s, softmax, jit_compile=True),
    "a custom layer": lambda s, _: Wrapped(s, lambda x: softmax(s(x))),
    "a saved model": lambda s, folder: saved(ended(s, softmax), folder),
    "a saved model of a tf.function": lambda s, folder: saved(around_functional(s), folder),
    "a nested model": lambda s, _: keras.Sequential([keras.Input(SHAPE), ended(s, softmax)]),
    "a concrete function": lambda s, _: Wrapped(
        s,
        tf.function(lambda x: softmax(s(x))).get_concrete_function(tf.TensorSpec((None, *SHAPE))),
    ),
    "then flattened": lambda s, _: pointwise(s, lambda x: layers.Flatten()(layers.Softmax()(x))),
    "then squeezed": lambda s, _: pointwise(
        s, lambda x: layers.Lambda(lambda x: tf.squeeze(softmax(x), (1, 2)))(x)
    ),
    "over another axis": lambda s, _: pointwise(
        s,
        lambda x: layers.Flatten()(
            layers.Softmax(axis=1)(layers.Permute((3, 1, 2))(x)),
        ),
    ),
    "of another precision": lambda s, _: ended(s, lambda x: tf.cast(softmax(x), tf.float64)),
    "the logarithm of a softmax": lambda s, _: ended(s, tf.nn.log_softmax),
    "a sigmoid": lambda s, _: ended(s, tf.nn.sigmoid),
    "a sigmoid in a tf.function": lambda s, _: around(s, functional.sigmoid),
    "one output in a dictionary": lambda s, _: keras.Model(s.inputs, {"a": softmax_of(s)}),
    "one output in a list": lambda s, _: keras.Model(s.inputs, [softmax_of(s)]),
    "of unknown shape": lambda s, _: ended(
        s, lambda x: softmax(tf.numpy_function(lambda x: x, [x], tf.float32) * 0 + x)
    ),
}


def softmax_of(scores):
    return layers.Softmax()(scores.outputs[0])


def around_functional(scores):
    image = keras.Input(SHAPE)
    return keras.Model(image, layers.Lambda(tf.function(softmax))(scores(image)))


@pytest.mark.parametrize("name", FOUND)
def test_the_scores_are_found_before_a_softmax_or_sigmoid(scores, batch, name, tmp_path):
    X, y = batch
    model = FOUND[name](scores, str(tmp_path / "saved"))
    expected = by_hand.eager_gradients(X, y, scores)
    assert relative_l2(methods.saliency(X, y, model), expected).max() < 1e-5


def divided(x):
    return tf.exp(x) / tf.reduce_sum(tf.exp(x), axis=1, keepdims=True)


def nearest(x):
    """The nearest point whose coordinates are probabilities (sparsemax)."""
    ordered = tf.sort(x, direction="DESCENDING", axis=1)
    excess = (tf.cumsum(ordered, axis=1) - 1) / tf.range(1.0, CLASSES + 1)
    tau = tf.reduce_max(excess, axis=1, keepdims=True)
    return tf.nn.relu(x - tau)


#: name -> probabilities made from scores in which no softmax can be left out
NOT_FOUND = {
    "written out": divided,
    "written out, in a tf.function": tf.function(divided),
    "clipped": lambda x: tf.clip_by_value(softmax(x), 1e-7, 1 - 1e-7),
    "of two networks": lambda x: (softmax(x) + softmax(-x)) / 2,
    "mixed by a matrix": lambda x: softmax(x) @ (np.eye(CLASSES, dtype="f") * 0.8 + 0.2 / CLASSES),
    "of two classes": lambda x: tf.concat([1 - tf.sigmoid(x[:, :1]), tf.sigmoid(x[:, :1])], axis=1),
    "sparse": nearest,
}


@pytest.mark.parametrize("name", NOT_FOUND)
def test_probabilities_are_named_unless_one_insists(scores, batch, name):
    X, y = batch[0], batch[1] % 2
    model = ended(scores, NOT_FOUND[name])
    for method in (methods.saliency, compute_saliency_maps):
        with pytest.raises(ValueError, match=r"^ended returns probabilities, .*outputs_are_scores"):
            method(X, y, model)
    model.outputs_are_scores = True
    found = methods.saliency(X, y, model)
    assert relative_l2(found, by_hand.eager_gradients(X, y, model)).max() < 1e-4
    for copy in (shifted_model(model, np.zeros(3, np.float32)), *first_stage(model)):
        assert methods.saliency(X, y, copy).shape == X.shape


def first_stage(model):
    return [copy for _, copy in randomised(model)][:1]


def test_logarithms_of_probabilities_are_named(scores, batch):
    model = ended(scores, lambda x: tf.math.log(divided(x)))
    with pytest.raises(ValueError, match=r"^ended returns logarithms of probabilities"):
        methods.saliency(*batch, model)


def test_insisting_explains_the_probability_itself(scores, batch):
    model = ended(scores, softmax)
    before = methods.saliency(*batch, model)
    model.outputs_are_scores = True
    after = methods.saliency(*batch, model)
    assert relative_l2(after, by_hand.eager_gradients(*batch, model)).max() < 1e-4
    assert relative_l2(after, before).min() > 0.3
    model.outputs_are_scores = False
    assert np.array_equal(methods.saliency(*batch, model), before)


@pytest.mark.parametrize("name", NOT_FOUND)
def test_what_needs_probabilities_takes_them_as_they_are(scores, batch, name):
    X, y = batch[0], batch[1] % 2
    model = ended(scores, NOT_FOUND[name])
    curves = metrics.deletion(metrics.random_map, X, y, model, fractions=(0, 0.5, 1))
    expected = model(X).numpy()[np.arange(len(X)), y]
    np.testing.assert_allclose(curves.probabilities[:, 0], expected, rtol=1e-4, atol=1e-6)


# One output, and several that are no softmax -----------------------------------------------------


@pytest.fixture(scope="module")
def logit():
    """A class's score by the pixels of the upper left corner alone, for images of 12 x 12."""
    weights = np.zeros((12, 12, 3, 1), np.float32)
    weights[:4, :4] = 0.2
    return by_hand.linear_model(weights, np.array([-4.0]))


@pytest.mark.parametrize("end", [lambda x: x, tf.nn.sigmoid, tf.function(tf.nn.sigmoid)])
def test_of_one_output_the_probability_is_its_sigmoid(logit, end):
    model = keras.Sequential([keras.Input((12, 12, 3)), logit, layers.Lambda(end)])
    X = np.ones((2, 12, 12, 3), np.float32)
    X[1] *= 0.5
    y = [0, 0]
    maps = methods.rise(X, y, model, samples=300, cells=3, progress=False)
    inside, outside = maps[:, :4, :4].mean(axis=(1, 2)), maps[:, 8:, 8:].mean(axis=(1, 2))
    assert (inside > 1.3 * outside).all()
    assert relative_l2(maps[:1], maps[1:])[0] > 0.1
    by_score = 1 / (1 + np.exp(-logit(X).numpy()[:, 0]))
    for curve, at in ((metrics.deletion, 0), (metrics.insertion, -1)):
        curves = curve(
            methods.saliency,
            X,
            y,
            model,
            fractions=(0, 0.25, 0.5, 0.75, 1),
            baseline=0,
            progress=False,
        )
        np.testing.assert_allclose(curves.probabilities[:, at], by_score, rtol=1e-5)
        assert np.ptp(curves.probabilities, axis=1).min() > 0.05
    falls = methods.occlusion(X, y, model, patch=4, stride=4, progress=False)
    np.testing.assert_allclose(falls[0, :4, :4], 16 * 3 * 0.2, rtol=1e-4)


def test_of_several_sigmoids_each_is_its_own_probability(scores, batch):
    X, y = batch
    model = ended(scores, tf.nn.sigmoid)
    curves = metrics.deletion(metrics.random_map, X, y, model, fractions=(0, 0.5, 1))
    expected = model(X).numpy()[np.arange(len(X)), y]
    np.testing.assert_allclose(curves.probabilities[:, 0], expected, rtol=1e-5)


def test_a_mosaic_of_a_binary_model_is_named(logit):
    X = np.ones((4, 12, 12, 3), np.float32)
    with pytest.raises(ValueError, match=r"A mosaic takes 4 classes and .* has 1; the pointing"):
        metrics.pointing_game(methods.saliency, X, [0] * 4, logit, shrink=True, least=0)


# What a model takes and returns ------------------------------------------------------------------


def channels_first(scores=None):
    keras.utils.set_random_seed(231)
    image = keras.Input((3, 9, 8))
    x = layers.Rescaling(0.5)(image)
    x = layers.ZeroPadding2D(1, data_format="channels_first")(x)
    x = layers.Conv2D(6, 3, activation="relu", data_format="channels_first", name="features")(x)
    x = layers.GlobalAveragePooling2D(data_format="channels_first")(x)
    return keras.Model(image, layers.Dense(5)(x), name="first")


@pytest.mark.parametrize("kind", ["as it is", "in a tf.function", "transposed inside"])
def test_a_model_with_its_channels_first_is_named_and_right_with_what_is_said(batch, kind):
    X, y = batch
    first = channels_first()
    if kind == "in a tf.function":
        model = Wrapped(first, tf.function(first), name="first")
    elif kind == "transposed inside":
        last = keras.Sequential([keras.Input(SHAPE), *channels_last_layers()])
        image = keras.Input((3, 9, 8))
        model = keras.Model(image, last(layers.Permute((2, 3, 1))(image)), name="first")
    else:
        model = first
    turned = X.transpose(0, 3, 1, 2)
    for method in (compute_saliency_maps, methods.occlusion, methods.rise):
        with pytest.raises(ValueError, match=r"^first takes .* channels first.*Permute\(\(3, 1"):
            method(turned, y, model)
    right = keras.Sequential([keras.Input(SHAPE), layers.Permute((3, 1, 2)), model])
    expected = np.abs(by_hand.eager_gradients(turned, y, model)).max(axis=1)
    assert relative_l2(compute_saliency_maps(X, y, right), expected).max() < 1e-5


def channels_last_layers():
    return [layers.Conv2D(4, 3, activation="relu"), layers.GlobalMaxPooling2D(), layers.Dense(5)]


@pytest.mark.parametrize("layer", [None, "features", "pooled"])
def test_grad_cam_looks_at_a_layer_with_its_channels_first(batch, layer):
    """The same network, written with its channels first and last, has the same maps."""
    X, y = batch
    models = {}
    for form in ("channels_first", "channels_last"):
        keras.utils.set_random_seed(231)
        image = keras.Input(SHAPE)
        x = layers.Permute((3, 1, 2))(image) if form == "channels_first" else image
        x = layers.Conv2D(6, 3, activation="relu", data_format=form, name="features")(x)
        x = layers.MaxPooling2D(2, data_format=form, name="pooled")(x)
        x = layers.Activation("tanh")(x)
        x = layers.GlobalAveragePooling2D(data_format=form, keepdims=True)(x)
        models[form] = keras.Model(image, layers.Dense(5)(layers.Flatten()(x)))
    models["channels_first"].set_weights(models["channels_last"].get_weights())
    first, last = (
        methods.grad_cam(X, y, model, layer=layer).reshape(1, -1) for model in models.values()
    )
    assert last.max() > 0 and relative_l2(first, last)[0] < 1e-5


@pytest.mark.parametrize(
    ("outputs", "sentence"),
    [
        (lambda x: [layers.Dense(5)(layers.Flatten()(x)), x], r"2 outputs, \(N, 5\) and \(N, 9, "),
        (lambda x: {"a": layers.Dense(5)(layers.Flatten()(x)), "b": x}, "returns 2 outputs"),
        (lambda x: layers.Conv2D(5, 1)(x), r"returns \(N, 9, 8, 5\); it must return scores"),
        (lambda x: layers.Lambda(lambda x: x[:, 0, 0, 0])(x), r"returns \(N,\); it must return"),
    ],
)
def test_what_is_not_scores_is_named(batch, outputs, sentence):
    image = keras.Input(SHAPE)
    model = keras.Model(image, outputs(image), name="other")
    with pytest.raises(ValueError, match=f"^other .*{sentence}"):
        compute_saliency_maps(*batch, model)


def test_a_model_that_returns_nothing_is_named(scores, batch):
    with pytest.raises(ValueError, match=r"^empty returns None; it must return scores"):
        compute_saliency_maps(*batch, Wrapped(scores, lambda x: None, name="empty"))


@pytest.mark.parametrize("form", [lambda x: {"image": x}, lambda x: [x], lambda x: x])
def test_one_input_in_any_form_is_an_input(scores, batch, form):
    image = keras.Input(SHAPE, name="image")
    model = keras.Model(form(image), scores(image))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = methods.saliency(*batch, model)
    assert relative_l2(found, by_hand.eager_gradients(*batch, scores)).max() < 1e-5


def test_a_model_of_one_image_at_a_time_takes_many(batch):
    keras.utils.set_random_seed(231)
    image = keras.Input(SHAPE, batch_size=1)
    model = keras.Model(image, layers.Dense(5)(layers.Flatten()(image)))
    expected = by_hand.eager_gradients(*batch, model)
    assert relative_l2(methods.saliency(*batch, model), expected).max() < 1e-5


# Integers, and less precision --------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_bytes(scores):
    image = keras.Input(SHAPE, dtype="uint8")
    return keras.Model(image, scores(layers.Rescaling(1 / 64, -2)(image)), name="bytes")


@pytest.mark.parametrize("wrong", [0.5, -1, 256])
def test_what_a_model_of_bytes_cannot_take_is_named(of_bytes, wrong):
    X = np.full((2, *SHAPE), wrong)
    with pytest.raises(ValueError, match=r"^X holds .*, which bytes cannot take.* 0 to 255"):
        methods.occlusion(X, [0, 1], of_bytes, patch=4, stride=4)


def test_a_cover_that_a_model_of_bytes_cannot_take_is_named(of_bytes):
    X = np.full((2, *SHAPE), 7, np.uint8)
    with pytest.raises(ValueError, match=r"which bytes cannot take"):
        methods.occlusion(X, [0, 1], of_bytes, patch=4, stride=4, baseline=-3)


def test_images_are_rounded_for_a_model_of_bytes_and_not_cut_off(of_bytes, scores, monkeypatch):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (3, *SHAPE)), [0, 1, 2]
    of_floats = keras.Sequential([keras.Input(SHAPE), layers.Rescaling(1 / 64, -2), scores])
    for method, few in (("occlusion", {"patch": 4, "stride": 4}), ("rise", {"samples": 20})):
        function = getattr(methods, method)
        found, expected = (function(X, y, model, **few) for model in (of_bytes, of_floats))
        assert relative_l2(found, expected).max() < 2e-3
    assert np.array_equal(
        methods.occlusion(X.astype(np.uint8), y, of_bytes, patch=4, stride=4),
        methods.occlusion(X.astype(np.float64), y, of_bytes, patch=4, stride=4),
    )


def test_a_model_of_bytes_has_no_gradient(of_bytes):
    with pytest.raises(ValueError, match=r"^bytes takes uint8, through which no gradient goes"):
        methods.saliency(np.zeros((2, *SHAPE), np.uint8), [0, 1], of_bytes)


@pytest.mark.parametrize(
    ("dtype", "limit"), [("float16", 0.02), ("bfloat16", 0.1), ("float64", 1e-5)]
)
def test_models_of_another_precision(batch, dtype, limit):
    X, y = batch
    keras.utils.set_random_seed(231)

    def of(dtype):
        return keras.Sequential(
            [
                keras.Input(SHAPE, dtype=dtype),
                layers.Conv2D(6, 3, activation="relu", name="features", dtype=dtype),
                layers.GlobalAveragePooling2D(dtype=dtype),
                layers.Dense(5, activation="softmax", dtype=dtype),
            ]
        )

    model, plain = of(dtype), of("float32")
    plain.set_weights([w.astype(np.float32) for w in model.get_weights()])
    for method in (methods.saliency, methods.grad_cam, methods.guided_backpropagation):
        found, expected = (method(X, y, each).reshape(1, -1) for each in (model, plain))
        assert found.dtype == np.float32
        assert relative_l2(found, expected)[0] < limit


# Training, chance --------------------------------------------------------------------------------


TRAINED = {
    "Dropout": lambda: layers.Dropout(0.5),
    "BatchNormalization": layers.BatchNormalization,
    "GaussianNoise": lambda: layers.GaussianNoise(1.0),
}


@pytest.mark.parametrize("layer", TRAINED)
def test_a_layer_that_is_always_training_is_warned_of(scores, batch, layer):
    trained = TRAINED[layer]()
    model = Wrapped(scores, lambda x: scores(trained(x, training=True)), name="training")
    model.trained = trained
    with pytest.warns(UserWarning, match="^training gives an image other scores"):
        methods.saliency(*batch, model)


@pytest.mark.parametrize("layer", TRAINED)
def test_training_is_off_in_a_graph_of_layers(scores, batch, layer):
    image = keras.Input(SHAPE)
    model = keras.Model(image, scores(TRAINED[layer]()(image, training=True)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = methods.saliency(*batch, model)
    assert relative_l2(found, by_hand.eager_gradients(*batch, scores)).max() < 0.01


def test_training_is_off_where_a_model_can_be_told(scores, batch):
    class Trained(Wrapped):
        dropout = layers.Dropout(0.5)

        def call(self, x, training=True):
            return self.function(self.dropout(x, training=training))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = methods.saliency(*batch, Trained(scores, scores))
    assert relative_l2(found, by_hand.eager_gradients(*batch, scores)).max() < 1e-5


# Images and labels -------------------------------------------------------------------------------

X, Y = np.zeros((2, *SHAPE), np.float32), np.zeros(2, int)


@pytest.mark.parametrize(
    ("X", "y", "error", "sentence"),
    [
        (None, Y, TypeError, "X has dtype object; it must be .*, with images of one shape"),
        ([X[0], X[1, :5]], Y, TypeError, "X has dtype object; .*, with images of one shape"),
        (tf.ragged.stack([X[0], X[1, :5]]), Y, TypeError, "X has dtype object; .* of one shape"),
        (X, [[0], [1, 2]], TypeError, "y has dtype object; labels must be integers"),
        (X, None, TypeError, "y has dtype object; labels must be integers"),
        (X, [True, False], TypeError, "y has dtype bool; labels must be integers"),
        (X, 3, ValueError, r"X holds 2 images and y has shape \(\); y must hold one label"),
        (X, np.eye(5, dtype=int)[:2], ValueError, r"X holds 2 images and y has shape \(2, 5\)"),
        (X, np.array([0, 2**63], np.uint64), ValueError, "Label 9223372036854775808 in y is not a"),
        (X, [0, -(2**40)], ValueError, "Label -1099511627776 in y is not a class of scores"),
        (X, [0.0, 1.0], TypeError, "y has dtype float64; labels must be integers"),
    ],
)
def test_images_and_labels_that_do_not_fit_get_one_sentence(scores, X, y, error, sentence):
    for method in (compute_saliency_maps, methods.rise):
        with pytest.raises(error, match=f"^{sentence}"):
            method(X, y, scores)
