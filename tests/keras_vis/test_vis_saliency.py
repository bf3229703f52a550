"""Saliency and class activation maps, against computations written out by hand."""

import threading
import warnings

import numpy as np
import pytest

from cs231n_vis import compute_saliency_maps, tf
from cs231n_vis.checking.verdict import relative_l2
from cs231n_vis.keras_vis.backend import modify_model_backprop
from cs231n_vis.keras_vis.losses import ActivationMaximization, Loss
from cs231n_vis.keras_vis.utils.utils import apply_modifications, normalize
from cs231n_vis.keras_vis.visualization import (
    get_num_filters,
    overlay,
    visualize_cam,
    visualize_cam_with_losses,
    visualize_saliency,
    visualize_saliency_with_losses,
)

keras = tf.keras
layers = keras.layers


def differ(one, other) -> float:
    return relative_l2(np.asarray(one)[None], np.asarray(other)[None])[0]


def tape_gradient(score, x):
    """d score(x) / d x for one sample, with an eager tape."""
    x = tf.constant(np.asarray(x, np.float32)[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = score(x)
    return tape.gradient(value, x)[0].numpy()


def stretched(gradient, channels=True):
    gradient = np.max(gradient, -1) if channels else gradient
    return (gradient - gradient.min()) / (gradient.max() - gradient.min() + 1e-7)


# -------------------------------------------------------------------------- the real network


def test_a_map_of_squeezenet_is_that_of_the_course(model, images):
    X, y = images
    for image, label in zip(X[:2], y[:2], strict=True):
        theirs = normalize(compute_saliency_maps(image[None], [label], model)[0])
        ours = visualize_saliency(model, -1, int(label), image)
        assert ours.shape == (224, 224) and ours.dtype == np.float32
        assert differ(ours, theirs) < 1e-5


def test_saliency_and_guided_saliency_equal_those_of_tf_keras_vis(model, images):
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.utils.scores import CategoricalScore

    X, label = images[0][3], int(images[1][3])

    @tf.custom_gradient
    def guided(x):
        y = tf.nn.relu(x)
        return y, lambda dy: dy * tf.cast(dy > 0, dy.dtype) * tf.cast(x > 0, dy.dtype)

    def guide(copy):
        for layer in copy.layers:
            if getattr(layer, "activation", None) is keras.activations.relu:
                layer.activation = guided

    for theirs, ours in ((None, None), (guide, "guided")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it passes its inputs as a list
            expected = Saliency(model, model_modifier=theirs)(
                CategoricalScore([label]), X[None], normalize_map=False
            )
        found = visualize_saliency(model, -1, label, X, backprop_modifier=ours)
        assert differ(found, normalize(np.asarray(expected)[0])) < 1e-4


def test_grad_cam_of_squeezenet_follows_its_definition(model, images):
    X, label = images[0][1], int(images[1][1])
    to_maps = keras.Model(model.input, [model.get_layer("fire9_concat").output, model.output])
    with tf.GradientTape() as tape:
        maps, scores = to_maps(X[None])
        score = scores[0, label]
    weights = tape.gradient(score, maps).numpy()[0].mean((0, 1))
    cam = np.maximum((maps.numpy()[0] * weights).sum(-1), 0)
    from scipy.ndimage import zoom

    index = [layer.name for layer in model.layers].index("fire9_concat")
    found = visualize_cam(model, -1, label, X, penultimate_layer_idx=index)
    assert found.shape == (224, 224)
    assert differ(found, stretched(zoom(cam, 224 / 13), channels=False)) < 1e-4


# ------------------------------------------------------------------------- what is explained


@pytest.mark.parametrize(
    ("layer", "filters", "score"),
    [
        (-1, 2, lambda outputs: outputs[-1][0, 2]),
        (-1, [2], lambda outputs: outputs[-1][0, 2]),
        (-1, np.array([1, 4]), lambda outputs: outputs[-1][0, 1] + outputs[-1][0, 4]),
        (-1, None, lambda outputs: tf.reduce_mean(outputs[-1])),
        (-1, -1, lambda outputs: outputs[-1][0, 4]),
        (0, 3, lambda outputs: tf.reduce_mean(outputs[0][..., 3])),
        (1, [0, 2], lambda o: tf.reduce_mean(o[1][..., 0]) + tf.reduce_mean(o[1][..., 2])),
        (1, None, lambda outputs: tf.reduce_mean(outputs[1])),
    ],
)
def test_filters_of_any_layer(classifier, image, layer, filters, score):
    def by_hand(x):
        outputs = []
        for each in classifier.layers:
            x = each(x)
            outputs.append(x)
        return score(outputs)

    gradient = tape_gradient(by_hand, image)
    found = visualize_saliency(classifier, layer, filters, image, keepdims=True, grad_modifier=None)
    assert found.shape == (9, 8, 3)
    assert differ(found, stretched(gradient, channels=False)) < 1e-4
    found = visualize_saliency(classifier, layer, filters, image)
    assert differ(found, stretched(np.abs(gradient))) < 1e-4


@pytest.mark.parametrize(
    ("modifier", "expected"),
    [
        (None, lambda g: g),
        ("absolute", np.abs),
        ("negate", lambda g: -g),
        ("relu", lambda g: np.maximum(g, 0)),
        ("small_values", lambda g: np.abs(1 / (g + 1e-7))),
        ("invert", lambda g: 1 / (g + 1e-7)),
        (np.square, np.square),
    ],
)
def test_a_regression_increased_decreased_and_maintained(image, modifier, expected):
    steering = keras.Sequential(
        [keras.Input((9, 8, 3)), layers.Conv2D(4, 3, activation="elu"), layers.Flatten()]
    )
    steering.add(layers.Dense(1))
    gradient = tape_gradient(lambda x: steering(x)[0, 0], image)
    found = visualize_saliency(steering, -1, 0, image, grad_modifier=modifier)
    assert differ(found, stretched(expected(gradient))) < 1e-3


def test_dense_inputs():
    model = keras.Sequential(
        [keras.Input((35,)), layers.Dense(7, activation="tanh"), layers.Dense(3)]
    )
    x = np.random.default_rng(1).normal(size=35)
    gradient = tape_gradient(lambda x: model(x)[0, 1], x)
    found = visualize_saliency(model, -1, 1, x, keepdims=True)
    assert differ(found, stretched(np.abs(gradient), channels=False)) < 1e-4


def test_several_inputs_and_several_outputs(image):
    picture, speed = keras.Input((9, 8, 3), name="picture"), keras.Input((4,), name="speed")
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(5, 3, activation="tanh")(picture))
    both = layers.Concatenate()([seen, layers.Dense(5, activation="tanh")(speed)])
    angle, brake = layers.Dense(1, name="angle")(both), layers.Dense(2, name="brake")(both)
    model = keras.Model([picture, speed], [angle, brake])
    seeds = [image, np.arange(4.0)]
    at = [layer.name for layer in model.layers].index("brake")

    of_picture = tape_gradient(
        lambda x: model([x, tf.constant([seeds[1]], tf.float32)])[1][0, 1], image
    )
    of_speed = tape_gradient(lambda x: model([tf.constant(image[None]), x])[1][0, 1], seeds[1])
    assert differ(visualize_saliency(model, at, 1, seeds), stretched(np.abs(of_picture))) < 1e-4
    first, second = visualize_saliency(model, at, 1, seeds, keepdims=True, input_indices=[0, 1])
    assert first.shape == (9, 8, 3)
    assert differ(second, stretched(np.abs(of_speed), channels=False)) < 1e-4
    cam = visualize_cam(model, at, 1, seeds, penultimate_layer_idx=1)
    assert cam.shape == (9, 8)


def test_gradients_with_respect_to_a_tensor_between(classifier, image):
    maps = classifier.layers[0](image[None])

    def rest(x):
        for layer in classifier.layers[1:]:
            x = layer(x)
        return x[0, 3]

    gradient = tape_gradient(rest, maps[0])
    wrt = classifier.layers[0].output
    found = visualize_saliency(classifier, -1, 3, image, wrt, keepdims=True)
    assert found.shape == (7, 6, 6)
    assert differ(found, stretched(np.abs(gradient), channels=False)) < 1e-4
    # through a copy with changed gradients, the same layer's output in the copy is meant
    guided = modify_model_backprop(classifier, "guided")
    expected = visualize_saliency(guided, -1, 3, image, guided.layers[0].output, keepdims=True)
    found = visualize_saliency(classifier, -1, 3, image, wrt, "guided", keepdims=True)
    assert np.array_equal(found, expected)


def test_models_within_models(classifier, image):
    outer_image = keras.Input((9, 8, 3))
    outer = keras.Model(outer_image, layers.Dense(2)(classifier(outer_image * 2.0)))
    gradient = tape_gradient(lambda x: outer(x)[0, 1], image)
    assert differ(visualize_saliency(outer, -1, 1, image), stretched(np.abs(gradient))) < 1e-4

    index = outer.layers.index(classifier)
    gradient = tape_gradient(lambda x: classifier(2 * x)[0, 1], image)
    assert differ(visualize_saliency(outer, index, 1, image), stretched(np.abs(gradient))) < 1e-4

    # a layer inside is found from outside, both as what is explained and as what it depends on
    losses = [(ActivationMaximization(classifier.layers[1], 2), -1)]
    found = visualize_saliency_with_losses(outer.input, losses, image)
    gradient = tape_gradient(
        lambda x: tf.reduce_mean(classifier.layers[1](classifier.layers[0](2 * x))[..., 2]), image
    )
    assert differ(found, stretched(np.abs(gradient))) < 1e-4
    inside = visualize_saliency(outer, -1, 1, image, wrt_tensor=classifier.layers[1].output)
    assert inside.shape == (5, 4) and inside.max() > 0.9
    cam = visualize_cam_with_losses(outer.inputs[0], losses, image, classifier.layers[0])
    assert cam.shape == (9, 8)


def test_layers_that_serve_two_models(classifier, image):
    shorter = keras.Sequential([keras.Input((9, 8, 3)), *classifier.layers[:2]])
    found = visualize_saliency(shorter, -1, 2, image)
    assert np.array_equal(found, visualize_saliency(classifier, 1, 2, image))


def test_dropout_and_batch_normalisation_run_as_in_inference(image):
    model = keras.Sequential(
        [
            keras.Input((9, 8, 3)),
            layers.BatchNormalization(),
            layers.Dropout(0.9),
            layers.Flatten(),
            layers.Dense(2, activation="tanh"),
        ]
    )
    gradient = tape_gradient(lambda x: model(x, training=False)[0, 1], image)
    assert differ(visualize_saliency(model, -1, 1, image), stretched(np.abs(gradient))) < 1e-4


class Weighted(Loss):
    """A loss of one's own that mixes Keras, TensorFlow and operators on stored tensors."""

    def __init__(self, model):
        super().__init__()
        self.scores, self.image = model.output, model.input

    def build_loss(self):
        brightness = keras.ops.mean(self.image**2)
        return tf.reduce_sum(self.scores[:, 0] * self.scores[:, 2]) + 0.5 * brightness


def test_a_loss_of_ones_own_agrees_with_finite_differences(classifier, image):
    classifier.layers[1].activation = keras.activations.tanh  # a ReLU has kinks to step over
    losses = [(Weighted(classifier), 2.0), (ActivationMaximization(classifier.layers[-1], 1), -3)]
    found = visualize_saliency_with_losses(
        classifier.input, losses, image, grad_modifier=None, keepdims=True
    )

    def loss(x):
        scores = classifier(x.reshape(-1, 9, 8, 3)).numpy().astype(np.float64)
        brightness = np.mean(x.reshape(-1, 216) ** 2, axis=1)
        return 2 * (scores[:, 0] * scores[:, 2] + 0.5 * brightness) + 3 * scores[:, 1]

    step = 1e-2 * np.eye(216).reshape(216, 9, 8, 3).astype(np.float32)
    gradient = ((loss(image + step) - loss(image - step)) / 2e-2).reshape(9, 8, 3)
    assert differ(found, stretched(gradient, channels=False)) < 0.01


def test_channels_first(classifier, image):
    expected = visualize_saliency(classifier, 1, 2, image)
    image_first = keras.Input((3, 9, 8))
    model = keras.Model(image_first, classifier.layers[0](layers.Permute((2, 3, 1))(image_first)))
    model = keras.Model(model.input, layers.Permute((3, 1, 2))(classifier.layers[1](model.output)))
    keras.backend.set_image_data_format("channels_first")
    try:
        for seed in (image.transpose(2, 0, 1), image):  # an image with channels last is turned
            assert differ(visualize_saliency(model, -1, 2, seed), expected) < 1e-5
    finally:
        keras.backend.set_image_data_format("channels_last")


@pytest.mark.parametrize("wrt", ["input", "features"])
def test_channels_first_where_keras_says_last_is_named(image, wrt):
    image_first = keras.Input((3, 9, 8), name="first")
    features = layers.Conv2D(4, 3, data_format="channels_first")(image_first)
    pooled = layers.GlobalAveragePooling2D(data_format="channels_first")(features)
    model = keras.Model(image_first, layers.Dense(2)(pooled))
    tensor = features if wrt == "features" else None
    with pytest.raises(ValueError, match=r"channels of .* come first.*set_image_data_format"):
        visualize_saliency(model, -1, 0, image.transpose(2, 0, 1), wrt_tensor=tensor)


@pytest.mark.parametrize("wrong", [0.5, -1, 300])
def test_numbers_that_an_input_of_bytes_cannot_hold_are_named(wrong):
    pixels = keras.Input((9, 8, 3), dtype="uint8")
    floats = layers.Rescaling(1 / 255)(pixels)
    model = keras.Model(pixels, layers.Dense(2)(layers.Flatten()(floats)))
    with pytest.raises(ValueError, match=r"^seed_input holds .*it takes uint8, whole numbers"):
        visualize_saliency(model, -1, 0, np.full((9, 8, 3), wrong), wrt_tensor=floats)


# ------------------------------------------------------------------- changed back-propagation


def small_chain():
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, activation="relu"),
            layers.Dense(7, activation="relu"),
            layers.Dense(1),
        ]
    )
    return model, [layer.kernel.numpy() for layer in model.layers]


@pytest.mark.parametrize("modifier", ["guided", "rectified", "relu", "deconv"])
def test_changed_gradients_by_hand(modifier):
    model, (a, b, c) = small_chain()
    model.layers[-1].bias.assign([10.0])  # the last layer becomes a ReLU too; keep it open
    x = np.random.default_rng(3).normal(size=6).astype(np.float32)
    first = np.maximum(x @ a, 0)
    second = np.maximum(first @ b, 0)

    def back(gradient, activation):
        gradient = np.maximum(gradient, 0)
        return gradient * (activation > 0) if modifier == "guided" else gradient

    gradient = back(c[:, 0], second)
    gradient = a @ back(b @ gradient, first)
    found = visualize_saliency(
        model, -1, 0, x, backprop_modifier=modifier, grad_modifier=None, keepdims=True
    )
    assert differ(found, stretched(gradient, channels=False)) < 1e-4


def test_a_modifier_of_ones_own(classifier, image):
    def doubled(model):
        x = keras.Input((9, 8, 3))
        return keras.Sequential([x, *model.layers])

    found = visualize_saliency(classifier, -1, 1, image, backprop_modifier=doubled)
    assert np.array_equal(found, visualize_saliency(classifier, -1, 1, image))


def test_models_are_left_as_they_were(classifier, image):
    before = classifier.to_json(), classifier.get_weights(), classifier(image[None]).numpy()
    visualize_saliency(classifier, -1, 1, image, backprop_modifier="guided")
    visualize_cam(classifier, -1, 1, image, backprop_modifier="rectified")
    visualize_saliency(classifier, 0, [1, 2], image, wrt_tensor=classifier.layers[0].output)
    assert classifier.to_json() == before[0]
    assert all(map(np.array_equal, classifier.get_weights(), before[1]))
    assert np.array_equal(classifier(image[None]), before[2])


# -------------------------------------------------------------------- class activation maps


def test_cam_takes_the_nearest_convolution_two_layers_before(classifier, image):
    found = visualize_cam(classifier, -1, 2, image)
    assert np.array_equal(found, visualize_cam(classifier, -1, 2, image, penultimate_layer_idx=1))
    assert found.shape == (9, 8) and found.min() >= 0 and 0.99 < found.max() <= 1
    with pytest.raises(
        ValueError, match=r"No convolution or pooling .* pass penultimate_layer_idx"
    ):
        visualize_cam(classifier, 1, 2, image)
    with pytest.raises(ValueError, match="penultimate_layer_idx 3 comes after layer_idx 1"):
        visualize_cam(classifier, 1, 2, image, penultimate_layer_idx=3)
    with pytest.raises(ValueError, match=r"feature maps have shape .* as many image dimensions"):
        visualize_cam(classifier, -1, 2, image, penultimate_layer_idx=2)


# ------------------------------------------------------------------------------- the softmax


@pytest.mark.parametrize(
    "kind",
    ["in the layer", "as a layer", "as an activation", "as an op", "in a tf.function", "saved"],
)
def test_a_softmax_is_warned_of_once(classifier, image, kind, tmp_path):
    if kind == "in the layer":
        classifier.layers[-1].activation = keras.activations.softmax
        model = classifier
    elif kind == "as an op":
        model = keras.Model(
            classifier.inputs, layers.Identity()(keras.ops.softmax(classifier.outputs[0]))
        )
    elif kind == "saved":
        softmax = keras.Sequential([keras.Input((5,)), layers.Softmax()])
        softmax.export(tmp_path / "saved", verbose=False)
        end = layers.TFSMLayer(tmp_path / "saved", call_endpoint="serve")
        model = keras.Sequential([keras.Input((9, 8, 3)), *classifier.layers, end])
    else:
        end = {
            "as a layer": layers.Softmax(),
            "as an activation": layers.Activation("softmax"),
            "in a tf.function": layers.Lambda(tf.function(tf.nn.log_softmax)),
        }[kind]
        model = keras.Sequential([keras.Input((9, 8, 3)), *classifier.layers, end])
    with pytest.warns(UserWarning, match=r"softmax.*apply_modifications") as caught:
        visualize_saliency(model, -1, 2, image)
    assert len(caught) == 1 and caught[0].filename == __file__


def test_probabilities_without_a_softmax_are_warned_of(classifier, image):
    divided = layers.Lambda(lambda x: tf.exp(x) / tf.reduce_sum(tf.exp(x), 1, keepdims=True))
    model = keras.Sequential([keras.Input((9, 8, 3)), *classifier.layers, divided])
    with pytest.warns(UserWarning, match=r"is probabilities.*explain the layer") as caught:
        visualize_saliency(model, -1, 2, image)
    assert len(caught) == 1 and caught[0].filename == __file__


def test_without_its_softmax_a_model_explains_scores(classifier, image):
    expected = visualize_saliency(classifier, -1, 2, image)
    classifier.layers[-1].activation = keras.activations.softmax
    softmax = apply_modifications(classifier)
    softmax.layers[-1].activation = keras.activations.linear
    model = apply_modifications(softmax)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert differ(visualize_saliency(model, -1, 2, image), expected) < 1e-5
        visualize_saliency(softmax, -2, None, image)  # before the last layer there is none


# -------------------------------------------------------------------------------- bad inputs


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"layer_idx": 4}, ValueError, "layer_idx 4 is out of range: .* has 4 layers"),
        ({"layer_idx": "scores"}, TypeError, "layer_idx must be an integer.*find_layer_idx"),
        ({"filter_indices": 5}, ValueError, "Filter index 5 .* scores has 5 filters.* 0 to 4"),
        ({"filter_indices": [0, -6]}, ValueError, "Filter index -6 is out of range"),
        ({"filter_indices": []}, ValueError, "filter_indices is empty"),
        ({"filter_indices": 1.5}, TypeError, "filter_indices must be an integer"),
        ({"seed_input": np.zeros((2, 9, 8, 3))}, ValueError, "pass one sample at a time"),
        ({"seed_input": np.zeros((9, 7, 3))}, ValueError, r"\(1, 9, 7, 3\) and input .* takes"),
        ({"seed_input": np.full((9, 8, 3), np.nan)}, ValueError, "seed_input holds NaN"),
        ({"seed_input": np.full((9, 8, 3), "x")}, TypeError, "seed_input has dtype <U1"),
        ({"seed_input": [np.zeros((9, 8, 3))] * 2}, ValueError, "a list of 2, but there are 1"),
        ({"grad_modifier": "absolut"}, ValueError, "'absolut'; did you mean absolute"),
        ({"grad_modifier": "get"}, ValueError, "Unknown grad modifier 'get'"),
        ({"grad_modifier": 3}, ValueError, "not 3"),
        (
            {"backprop_modifier": "guidd"},
            ValueError,
            "backprop modifier 'guidd'; did you mean guided",
        ),
        ({"wrt_tensor": 3}, TypeError, "wrt_tensor must be a symbolic tensor"),
        ({"input_indices": 1}, ValueError, "input_indices 1 is out of range"),
    ],
)
def test_bad_arguments_get_one_clear_sentence(classifier, image, change, error, sentence):
    arguments = {"layer_idx": -1, "filter_indices": 0, "seed_input": image, **change}
    with pytest.raises(error, match=sentence):
        visualize_saliency(classifier, **arguments)


def test_tensors_of_another_model_are_noticed(classifier, image):
    other = keras.Sequential([keras.Input((4,)), layers.Dense(2, name="elsewhere")])
    with pytest.raises(ValueError, match="does not follow from input"):
        visualize_saliency(classifier, -1, 0, image, wrt_tensor=other.output)
    with pytest.raises(
        ValueError, match="the output of elsewhere, is not the output of a layer of"
    ):
        visualize_saliency(classifier, -1, 0, image, other.output, backprop_modifier="guided")


def test_a_path_without_a_gradient_is_noticed(image):
    signs = layers.Lambda(lambda x: tf.cast(x > 0, tf.float32))
    model = keras.Sequential([keras.Input((9, 8, 3)), signs, layers.Flatten(), layers.Dense(2)])
    with pytest.raises(
        ValueError, match=r"no gradient with respect to input .* without derivative"
    ):
        visualize_saliency(model, -1, 0, image)


def test_words_have_no_gradient_but_their_embeddings_have():
    words = keras.Input((5,), dtype="int32")
    embedded = layers.Embedding(7, 3)(words)
    model = keras.Model(words, layers.Dense(2)(layers.Flatten()(embedded)))
    with pytest.raises(
        ValueError, match=r"holds integers \(int32\); set wrt_tensor to .* Embedding"
    ):
        visualize_saliency(model, -1, 1, np.arange(5))
    kernel = model.layers[-1].kernel.numpy()[:, 1].reshape(5, 3)
    found = visualize_saliency(model, -1, 1, np.arange(5), wrt_tensor=embedded)
    assert differ(found, stretched(np.abs(kernel))) < 1e-5


def test_nan_in_a_gradient_is_noticed(classifier, image):
    classifier.layers[0].bias.assign([np.nan] * 6)
    with pytest.raises(ValueError, match=r"gradient with respect to input .* holds NaN at step 1"):
        visualize_saliency(classifier, -1, 0, image)


@pytest.mark.parametrize("modifier", [None, "guided"])
def test_models_without_a_graph_are_named(image, modifier):
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    for model in (Subclassed(name="own"), keras.Sequential([layers.Dense(2)], name="own")):
        with pytest.raises(ValueError, match="own has no graph of layers to look into"):
            visualize_saliency(model, -1, 0, image, backprop_modifier=modifier)


# ------------------------------------------------------------------------------------ threads


def test_threads_do_not_mix_up_their_graphs(classifier, image):
    expected = visualize_saliency(classifier, -1, 2, image)
    other = keras.Sequential([keras.Input((9, 8, 3)), layers.Flatten(), layers.Dense(5)])
    expected_of_other = visualize_saliency(other, -1, 2, image)
    wrong = []

    def work(model, right):
        for _ in range(3):
            if differ(visualize_saliency(model, -1, 2, image), right) > 1e-5:
                wrong.append(model.name)

    threads = [
        threading.Thread(target=work, args=args)
        for args in [(classifier, expected), (other, expected_of_other)] * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_outside_of_a_loss_keras_is_as_it_was(classifier, image):
    visualize_saliency(classifier, -1, 2, image)
    with pytest.raises(ValueError, match="KerasTensor cannot be used as input to a TensorFlow"):
        tf.reduce_sum(classifier.outputs[0])
    assert type(classifier.outputs[0].shape) is tuple
    assert type(classifier.outputs[0].dtype) is str


# ------------------------------------------------------------------------------ small helpers


def test_overlay():
    a, b = np.full((2, 3), 100, np.uint8), np.full((2, 3), 201.0)
    assert overlay(a, b).dtype == np.uint8 and (overlay(a, b) == 150).all()
    assert (overlay(a, b, alpha=1) == 100).all() and (overlay(a, b, alpha=0) == 201).all()
    with pytest.raises(ValueError, match=r"alpha must be between 0 and 1, not 1\.5"):
        overlay(a, b, 1.5)
    with pytest.raises(ValueError, match=r"array1 has shape \(2, 3\) and array2 \(3,\)"):
        overlay(a, b[0])


def test_get_num_filters(classifier):
    assert [get_num_filters(layer) for layer in classifier.layers] == [6, 4, 80, 5]
