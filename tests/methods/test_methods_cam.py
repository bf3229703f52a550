"""Grad-CAM and guided Grad-CAM, against the paper's formula on features computed by hand."""

import numpy as np
import pytest
from independent import relative_l2
from methods import by_hand

from cs231n_vis import methods, tf

keras, layers = tf.keras, tf.keras.layers


def cam(X, y, model):
    """The map of the layer ``late`` of the small model, (N, h, w)."""
    weights = [tf.constant(w) for w in model.get_weights()]
    maps = []
    for image, label in zip(X, y, strict=True):
        features = by_hand.late_features(tf.constant(image[None]), weights, tf.nn.relu)
        with tf.GradientTape() as tape:
            tape.watch(features)
            score = by_hand.scores_of(features, weights)[0, int(label)]
        alpha = tape.gradient(score, features).numpy()[0].mean((0, 1))
        maps.append(np.maximum((features.numpy()[0] * alpha).sum(-1), 0))
    return np.array(maps)


@pytest.fixture(scope="module")
def batch(model):
    """Each image with the class whose map is the largest: no map is 0 everywhere."""
    X, _ = by_hand.small_batch()
    return X, np.array([max(range(7), key=lambda k: cam([x], [k], model).sum()) for x in X])


def upsampled(maps, size):
    return np.array([by_hand.bilinear(each, size) for each in maps])


def test_maps_agree_with_the_formula(model, batch):
    X, y = batch
    expected = cam(X, y, model)
    found = methods.grad_cam(X, y, model, upsample=False)
    assert found.shape == (7, 3, 2) and found.dtype == np.float32
    assert relative_l2(found, expected).max() < 1e-5
    found = methods.grad_cam(X, y, model)
    assert found.shape == (7, 13, 10) and found.dtype == np.float32 and found.min() >= 0
    assert relative_l2(found, upsampled(expected, (13, 10))).max() < 1e-5


def test_the_default_layer_is_the_last_with_height_and_width(model, batch):
    found = methods.grad_cam(*batch, model)
    assert np.array_equal(found, methods.grad_cam(*batch, model, layer="late"))


def test_an_earlier_layer(model, batch):
    X, y = batch
    first, pool = model.layers[0].name, model.layers[1].name
    shapes = [
        methods.grad_cam(X, y, model, layer=layer, upsample=False).shape for layer in (first, pool)
    ]
    assert shapes == [(7, 11, 8), (7, 5, 4)]


def test_guided_grad_cam_is_the_product(model, batch):
    X, y = batch
    expected = by_hand.gradients(X, y, model, by_hand.guided_relu)
    expected = expected * upsampled(cam(X, y, model), (13, 10))[..., None]
    found = methods.guided_grad_cam(X, y, model)
    assert found.shape == X.shape and found.dtype == np.float32
    assert relative_l2(found, expected).max() < 1e-5
    first = model.layers[0].name
    expected = methods.grad_cam(X, y, model, layer=first)[..., None]
    expected = expected * methods.guided_backpropagation(X, y, model)
    assert np.array_equal(methods.guided_grad_cam(X, y, model, layer=first), expected)


def test_under_a_global_mean_it_is_the_original_cam(batch):
    """One feature map a class: weight 1/(h w) for its own and 0 for the others (Zhou 2016)."""
    X, y = batch
    conv = layers.Conv2D(7, 3)
    model = keras.Sequential([keras.Input(X.shape[1:]), conv, layers.GlobalAveragePooling2D()])
    own = np.array([conv(X).numpy()[n, ..., k] for n, k in enumerate(y)])
    found = methods.grad_cam(X, y, model, upsample=False)
    np.testing.assert_allclose(found, np.maximum(own, 0) / own[0].size, rtol=1e-5, atol=1e-8)


def test_squeezenets_default_layer_is_conv10(squeezenet, images):
    X, y = images[0][:2], images[1][:2]
    tops = keras.Model(squeezenet.input, squeezenet.get_layer("conv10").output)(X).numpy()
    own = np.array([tops[n, ..., k] for n, k in enumerate(y)]) / 169
    assert relative_l2(methods.grad_cam(X, y, squeezenet, upsample=False), own).max() < 1e-5
    assert relative_l2(methods.grad_cam(X, y, squeezenet), upsampled(own, (224, 224))).max() < 1e-5


def test_a_head_that_keeps_one_pixel_is_not_where_to_look(batch):
    """As in Keras's MobileNet: the last outputs (N, h, w, channels) have h = w = 1."""
    X, y = batch
    image = keras.Input(X.shape[1:])
    features = layers.Conv2D(6, 3, activation="relu", name="features")(image)
    pooled = layers.GlobalAveragePooling2D(keepdims=True, name="pooled")(features)
    scores = layers.Reshape((7,))(layers.Conv2D(7, 1, name="head")(pooled))
    model = keras.Model(image, scores)
    found = methods.grad_cam(X, y, model)
    assert np.array_equal(found, methods.grad_cam(X, y, model, layer="features"))
    # asked for by name, it is taken; of one pixel there is one number
    assert np.ptp(methods.grad_cam(X, y, model, layer="head"), axis=(1, 2)).max() == 0


@pytest.mark.parametrize("shape", ["nested", "sequential in functional", "subclassed"])
def test_layers_are_found_at_any_depth(model, batch, shape):
    X, y = batch
    expected = methods.grad_cam(X, y, model)
    if shape == "subclassed":

        class Wrapped(keras.Model):
            def __init__(self):
                super().__init__()
                self.inner = model

            def call(self, x):
                return self.inner(x)

        outer = Wrapped()
    else:
        image = keras.Input(X.shape[1:])
        outer = keras.Model(image, model(image))
        if shape == "nested":
            outer = keras.Sequential([keras.Input(X.shape[1:]), outer])
    assert relative_l2(methods.grad_cam(X, y, outer, layer="late"), expected).max() < 1e-6
    assert relative_l2(methods.grad_cam(X, y, outer), expected).max() < 1e-6


def test_a_layer_used_twice_stands_at_its_last_use(batch):
    X, y = batch
    image = keras.Input(X.shape[1:])
    twice = layers.Conv2D(3, 3, padding="same", name="twice", bias_initializer="normal")
    once = twice(image)
    head = layers.Dense(7, use_bias=False)
    model = keras.Model(image, head(layers.GlobalAveragePooling2D()(tf.keras.ops.sin(twice(once)))))
    features = twice(twice(X))
    with tf.GradientTape() as tape:
        tape.watch(features)
        scores = tf.reduce_mean(tf.sin(features), (1, 2)) @ head.kernel
        scores = tf.gather(scores, y, batch_dims=1)
    alpha = tape.gradient(scores, features).numpy().mean((1, 2), keepdims=True)
    expected = np.maximum((alpha * features.numpy()).sum(-1), 0)
    found = methods.grad_cam(X, y, model, layer="twice", upsample=False)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_a_layer_inside_the_last_steps_is_not_skipped(batch):
    """The last steps are computed for one class alone, but not before the layer looked at."""
    X, y = batch
    for tail in (
        [layers.Conv2D(7, 1, use_bias=False, name="look")],
        [layers.Conv2D(7, 1, name="look"), layers.ReLU()],
        [layers.Conv2D(7, 1), layers.ReLU(name="look")],
        [layers.Conv2D(7, 1), layers.Activation("linear", name="look"), layers.ReLU()],
        [layers.Conv2D(9, 3, name="look"), layers.Conv2D(7, 1, activation="relu")],
    ):
        first = layers.Conv2D(6, 3, activation="relu")
        model = keras.Sequential(
            [keras.Input(X.shape[1:]), first, *tail, layers.GlobalAveragePooling2D()]
        )
        at = 1 + [layer.name for layer in tail].index("look")
        features = first(X)
        for layer in tail[:at]:
            features = layer(features)
        with tf.GradientTape() as tape:
            tape.watch(features)
            after = features
            for layer in tail[at:]:
                after = layer(after)
            score = tf.gather(tf.reduce_mean(after, (1, 2)), y, batch_dims=1)
        alpha = tape.gradient(score, features).numpy().mean((1, 2), keepdims=True)
        expected = np.maximum((alpha * features.numpy()).sum(-1), 0)
        found = methods.grad_cam(X, y, model, layer="look", upsample=False)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


def test_the_layers_are_left_as_they_were(batch):
    """A layer's call, also one that someone put there for this layer alone."""
    X, y = batch
    model = by_hand.small_model()
    late = model.get_layer("late")
    late.call = lambda x, call=late.call: 2 * call(x)
    own, before = late.call, model(X).numpy()
    expected = methods.grad_cam(X, y, model)
    assert late.call is own and np.array_equal(model(X), before)
    assert all("call" not in vars(layer) for layer in model.layers if layer is not late)
    late.call = None  # the network cannot be called, and an error leaves it as it was too
    with pytest.raises(TypeError):
        methods.grad_cam(X, y, model, layer=model.layers[0].name)
    assert late.call is None
    late.call = own
    assert np.array_equal(methods.grad_cam(X, y, model), expected)


@pytest.mark.parametrize("name", ["grad_cam", "guided_grad_cam"])
@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        ("lat", "'lat' is not a layer of .* with an output .*; did you mean late?"),
        ("scores", "'scores' is not a layer of .*; there are conv2d.*, max_pooling2d.*, late\\.$"),
        ("conv10", "'conv10' is not a layer of"),
        (3, "3 is not a layer of"),
    ],
)
def test_an_unknown_layer_gets_a_hint(model, batch, name, layer, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        getattr(methods, name)(*batch, model, layer=layer)


def test_a_layer_that_the_score_does_not_depend_on(batch):
    image = keras.Input(batch[0].shape[1:])
    seen = layers.Conv2D(7, 3, name="seen")(image)
    unseen = layers.Conv2D(7, 3, name="unseen")(image)
    unseen = tf.keras.ops.stop_gradient(unseen)
    model = keras.Model(image, layers.GlobalAveragePooling2D()(seen + unseen), name="half")
    assert methods.grad_cam(*batch, model, layer="seen").any()
    with pytest.raises(ValueError, match=r"^The scores of half have no gradient with respect to"):
        methods.grad_cam(*batch, model, layer="unseen")


def test_a_model_without_feature_maps(batch):
    model = keras.Sequential(
        [keras.Input(batch[0].shape[1:]), layers.Flatten(), layers.Dense(7)], name="flat"
    )
    with pytest.raises(ValueError, match=r"^No layer of flat has an output \(N, h, w, channels\)"):
        methods.grad_cam(*batch, model)
