"""The helpers of ``utils.utils`` and ``backend``."""

import numpy as np
import pytest
from PIL import Image

import cs231n_vis.keras_vis.backend as K
from cs231n_vis import tf
from cs231n_vis.keras_vis import backprop_modifiers, grad_modifiers
from cs231n_vis.keras_vis.backend import modify_model_backprop
from cs231n_vis.keras_vis.utils import utils
from cs231n_vis.keras_vis.utils.test_utils import across_data_formats, skip_backends

keras = tf.keras
layers = keras.layers


def test_normalize_stretches_to_the_range():
    x = np.array([[-1.0, 0.0], [1.0, 3.0]])
    np.testing.assert_allclose(utils.normalize(x), [[0, 0.25], [0.5, 1]], atol=1e-6)
    np.testing.assert_allclose(utils.normalize(x, -2, 2), [[-2, -1], [0, 2]], atol=1e-6)
    assert np.array_equal(utils.normalize(np.full(3, 7.0)), np.zeros(3))


def test_shapes_and_slices_in_both_layouts():
    first, last = np.zeros((5, 4, 1, 2, 3)), np.zeros((5, 1, 2, 3, 4))

    @across_data_formats
    def both():
        x = first if K.image_data_format() == "channels_first" else last
        for kind in (x, tf.constant(x), keras.KerasTensor(x.shape)):
            assert utils.get_img_shape(kind) == (5, 4, 1, 2, 3)
        assert x[utils.slicer[:, 3, ...]].shape == (5, 1, 2, 3)
        assert x[utils.slicer[:, :, 0, :1, 1:]].shape in ((5, 4, 1, 2), (5, 1, 2, 4))

    both()
    assert keras.config.image_data_format() == "channels_last"


def test_small_python_helpers():
    assert list(utils.reverse_enumerate("ab")) == [(1, "b"), (0, "a")]
    assert utils.listify([1]) == [1] and utils.listify(1) == [1] and utils.listify(None) == [None]
    assert utils.listify((0, 255)) == [(0, 255)]
    assert utils.add_defaults_to_kwargs({"a": 1, "b": 2}, b=3) == {"a": 1, "b": 3}


def test_random_arrays_have_the_mean_and_deviation_and_follow_the_seed():
    utils.set_random_seed(5)
    x = utils.random_array((40, 30), mean=10, std=3)
    np.testing.assert_allclose([x.mean(), x.std()], [10, 3], rtol=1e-5)
    utils.set_random_seed(5)
    assert np.array_equal(x, utils.random_array((40, 30), mean=10, std=3))


def test_deprocess_input():
    x = np.random.default_rng(0).normal(3, 7, size=(50, 40))
    before = x.copy()
    shown = utils.deprocess_input(x, (-1, 3))
    np.testing.assert_allclose([shown.mean(), shown.std()], [1, 0.4], rtol=1e-3)
    assert np.array_equal(x, before)
    assert set(utils.deprocess_input(np.array([0.0] * 999 + [1.0]))[-1:]) == {255.0}


def test_grad_modifiers():
    x = np.array([-2.0, 0.5, 0.0])
    before = x.copy()
    expected = {
        "negate": [2, -0.5, 0],
        "absolute": [2, 0.5, 0],
        "relu": [0, 0.5, 0],
        "invert": [-0.5, 2, 1e7],
        "small_values": [0.5, 2, 1e7],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(grad_modifiers.get(name)(x), values, rtol=1e-5)
    assert np.array_equal(x, before)
    assert grad_modifiers.get(np.sign) is np.sign
    assert backprop_modifiers.get("deconv") is backprop_modifiers.rectified


def test_pictures(tmp_path):
    rgb = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    Image.fromarray(rgb).save(tmp_path / "x.png")
    assert np.array_equal(utils.load_img(tmp_path / "x.png"), rgb)
    assert utils.load_img(tmp_path / "x.png", grayscale=True).shape == (20, 30)
    assert utils.load_img(tmp_path / "x.png", target_size=(10, 15)).shape == (10, 15, 3)
    assert np.array_equal(utils.bgr2rgb(rgb)[..., 0], rgb[..., 2])
    with pytest.raises(FileNotFoundError):
        utils.load_img(tmp_path / "y.png")


def test_text_is_drawn_on_a_copy():
    for shape in ((40, 60, 3), (40, 60, 1), (40, 60)):
        white = np.full(shape, 255, np.uint8)
        for font in ("FreeSans.ttf", "no such font"):
            written = utils.draw_text(white, "Step 1", font=font, font_size=20)
            assert written.shape == shape and written.min() == 0 and white.min() == 255


def test_images_side_by_side():
    images = [np.full((2, 3, 1), i, np.uint8) for i in (1, 2, 3)]
    expected = [
        [1, 1, 1, 0, 2, 2, 2],
        [1, 1, 1, 0, 2, 2, 2],
        [0, 0, 0, 0, 0, 0, 0],
        [3, 3, 3, 0, 0, 0, 0],
        [3, 3, 3, 0, 0, 0, 0],
    ]
    assert np.array_equal(utils.stitch_images(images, margin=1, cols=2)[..., 0], expected)
    assert utils.stitch_images([images[0]]).shape == (2, 3, 1)
    assert utils.stitch_images([]) is None


def test_names_of_imagenet():
    from cs231n_vis import load_class_names

    names = load_class_names()
    assert utils.lookup_imagenet_labels(20) == [names[20]]
    assert utils.get_imagenet_label([1, np.int64(2)], join=" or ") == f"{names[1]} or {names[2]}"
    with pytest.raises(ValueError, match="ImageNet has no class 1000"):
        utils.lookup_imagenet_labels([1000])


def test_layers_are_found_by_name(classifier):
    assert utils.find_layer_idx(classifier, "second") == 1
    with pytest.raises(ValueError, match="no layer 'score'; did you mean scores"):
        utils.find_layer_idx(classifier, "score")
    with pytest.raises(ValueError, match="there are first, second, flat"):
        utils.find_layer_idx(classifier, "?!")


# ------------------------------------------------------------------------------------ copies


class Doubling(layers.Layer):
    def call(self, x):
        return 2 * x


def big_model():
    """One of everything that is not easily copied."""
    inner_input = keras.Input((5, 4, 3))
    inner = keras.Model(
        inner_input, layers.Conv2D(3, 1, activation="elu")(Doubling()(inner_input)), name="inner"
    )
    image = keras.Input((5, 4, 3), name="image")
    x = inner(inner(image)) + keras.ops.relu(image)
    x = keras.Sequential(
        [keras.Input((5, 4, 3)), layers.BatchNormalization(), layers.PReLU()], name="chain"
    )(x)
    x = layers.Lambda(lambda x: x + 1.0)(layers.Reshape((5, 12))(x))
    x = layers.TimeDistributed(layers.Dense(6, activation="tanh"), name="each")(x)
    x = layers.Bidirectional(layers.LSTM(3), name="both")(layers.LeakyReLU(name="leaky")(x))
    x = layers.Dense(4, activation=lambda x: x * tf.sigmoid(2 * x), name="own")(x)
    model = keras.Model(image, layers.Dense(2, activation="softmax", name="scores")(x), name="big")
    model.compile("adam", loss=lambda a, b: keras.ops.sum(a - b))
    return model


def test_a_copy_computes_the_same_and_shares_nothing():
    model = big_model()
    x = np.random.default_rng(0).normal(size=(2, 5, 4, 3)).astype(np.float32)
    expected = model(x).numpy()
    copy = utils.apply_modifications(model)
    np.testing.assert_allclose(copy(x), expected, rtol=1e-5)
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    assert not {id(w) for w in copy.weights} & {id(w) for w in model.weights}

    model.get_layer("scores").activation = keras.activations.linear
    scores = utils.apply_modifications(model)
    np.testing.assert_allclose(tf.nn.softmax(scores(x)), expected, rtol=1e-5)
    assert copy.get_layer("scores").activation is keras.activations.softmax


@pytest.mark.parametrize("only_relu", [False, True])
def test_every_activation_of_the_copy_is_a_relu_with_another_gradient(only_relu):
    model = big_model()
    copy = modify_model_backprop(model, "guided", only_relu)
    relu, others = keras.activations.relu, not only_relu
    inner = copy.get_layer("inner").layers[-1]
    assert (inner.activation == relu) is others
    assert (copy.get_layer("each").layer.activation == relu) is others
    assert isinstance(copy.get_layer("leaky"), layers.Activation) is others
    assert isinstance(copy.get_layer("chain").layers[-1], layers.Activation) is others
    assert (copy.get_layer("scores").activation == relu) is others
    assert copy.get_layer("both").forward_layer.activation is keras.activations.tanh
    assert model.get_layer("scores").activation is keras.activations.softmax
    assert isinstance(model.get_layer("leaky"), layers.LeakyReLU)


@pytest.mark.parametrize("kind", ["in the layer", "as a layer", "as an activation"])
@pytest.mark.parametrize("only_relu", [False, True])
def test_guided_gradients_also_for_a_tape(kind, only_relu):
    inside = "relu" if kind == "in the layer" else None
    after = {"as a layer": [layers.ReLU()], "as an activation": [layers.Activation("relu")]}
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(2, activation=inside, use_bias=False),
            *after.get(kind, []),
            layers.Dense(1, use_bias=False),
        ]
    )
    model.set_weights([np.array([[-1.0, 1.0], [-1.0, 1.0]]), np.array([[-1.0], [1.0]])])
    copy = modify_model_backprop(model, "guided", only_relu)
    for x, plain, guided in (
        ([1.0, 0.0], [1, 1], [1, 1]),
        ([-1.0, 0.0], [1, 1], [0, 0]),
        ([0.0, 0.0], [0, 0], [0, 0]),
    ):
        for each, expected in ((model, plain), (copy, guided)):
            at = tf.constant([x])
            with tf.GradientTape() as tape:
                tape.watch(at)
                y = each(at)
            assert np.array_equal(tape.gradient(y, at)[0], expected)
            (symbolic,) = K.gradients(each.output, each.input)
            run = K.function([each.input, K.learning_phase()], [symbolic, each.output])
            gradient, value = run([np.array([x]), 0])
            assert np.array_equal(gradient[0], expected) and np.array_equal(value, y)


def test_only_graphs_can_be_copied_and_modifiers_have_names():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    with pytest.raises(ValueError, match="backprop modifier 'rectify'; did you mean rectified"):
        modify_model_backprop(model, "rectify")
    with pytest.raises(ValueError, match=r"cannot be copied: .* can be wrapped"):
        utils.apply_modifications(keras.Sequential([layers.Dense(2)]))


# ----------------------------------------------------------------------------------- backend


def test_the_backend_has_what_keras_2_had():
    x = K.ones((2, 3))
    assert K.ndim(x) == 2 and float(K.sum(x)) == 6 and K.epsilon() == 1e-7
    assert K.learning_phase() == 0
    with pytest.raises(AttributeError, match="has no attribute 'placeholder'"):
        K.placeholder  # noqa: B018


def test_keras_got_only_what_it_lacked():
    import keras as keras_itself

    assert float(keras_itself.backend.sum(keras_itself.backend.ones((2, 2)))) == 4
    assert keras_itself.backend.image_data_format is keras_itself.config.image_data_format
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    assert model.input is model.inputs[0] and model.output is model.outputs[0]
    with pytest.raises(AttributeError, match="no defined inputs yet"):
        keras.Sequential([layers.Dense(3)]).input  # noqa: B018


def test_decorators_of_tests():
    called = []
    skip_backends("theano")(called.append)(1)
    skip_backends(["theano", "tensorflow"])(called.append)(2)
    assert called == [1]
