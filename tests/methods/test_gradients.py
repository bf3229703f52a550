"""The engine under the methods: one class picked early, compiled once, run by two threads."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from independent import relative_l2
from methods import by_hand

from cs231n_vis import compute_saliency_maps, tf
from cs231n_vis.methods import gradients
from cs231n_vis.methods.grad_cam import ClassActivationMap
from cs231n_vis.methods.gradients import Network, compiled, in_batches, in_variations, two_at_a_time
from cs231n_vis.methods.guided_backpropagation import guided_gradient
from cs231n_vis.model_ends import answers_of
from cs231n_vis.references.saliency import saliency_map

keras, layers = tf.keras, tf.keras.layers

SHAPE = (9, 8, 3)


class Add(layers.Layer):
    """Adds weights of a shape, before or after."""

    def __init__(self, *shape, first=False, kind="normal"):
        super().__init__()
        self.shape, self.first, self.kind = shape, first, kind

    def build(self, _):
        self.weight = self.add_weight(shape=self.shape, initializer=self.kind)

    def call(self, x):
        return self.weight + x if self.first else x + self.weight


class FromScores(layers.Layer):
    """A function of the scores, written with TensorFlow's own operations."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x)


class Pointwise(layers.Layer):
    """A 1 x 1 convolution with arguments that Keras's does not have."""

    def __init__(self, filters, **arguments):
        super().__init__()
        self.filters, self.arguments = filters, {"strides": 1, "padding": "VALID"} | arguments

    def build(self, shape):
        shape = (1, 1, shape[-1], self.filters)
        self.weight = self.add_weight(shape=shape, initializer="glorot_normal")

    def call(self, x):
        return tf.nn.conv2d(x, self.weight, **self.arguments)


@tf.RegisterGradient("tests_reversed")
def _reversed(operation, slope):
    return -slope


@pytest.fixture(scope="module")
def model(squeezenet):
    return squeezenet


def gradient_reversed(operation, kind):
    """An operation with another gradient, as people did in TensorFlow 1."""

    def call(x):
        if tf.executing_eagerly():
            return tf.custom_gradient(
                lambda x: (
                    operation(x),
                    lambda g: -g,
                )
            )(x)
        with tf.compat.v1.get_default_graph().gradient_override_map({kind: "tests_reversed"}):
            return operation(x)

    return FromScores(call)


def biased(kind, *args, **kwargs):
    return kind(*args, bias_initializer="normal", **kwargs)


pooled = layers.GlobalAveragePooling2D

#: name -> (number of classes, what follows a convolution with 6 channels)
HEADS = {
    "dense": (7, lambda x: biased(layers.Dense, 7)(layers.Flatten()(x))),
    "dense without bias": (7, lambda x: layers.Dense(7, use_bias=False)(pooled()(x))),
    "dense and relu": (7, lambda x: biased(layers.Dense, 7, activation="relu")(pooled()(x))),
    "dense, relu as a layer": (7, lambda x: layers.ReLU()(layers.Dense(7)(pooled()(x)))),
    "dense and relu6": (7, lambda x: layers.ReLU(6)(biased(layers.Dense, 7)(pooled()(x)))),
    "dense and tanh": (7, lambda x: layers.Dense(7, activation="tanh")(pooled()(x))),
    "two denses": (7, lambda x: layers.Dense(7)(layers.Dense(7)(layers.Flatten()(x)))),
    "relus and biases in a row": (
        7,
        lambda x: layers.ReLU()(Add(7)(layers.ReLU()(Add(1, 7)(layers.Dense(7)(pooled()(x)))))),
    ),
    "one class": (1, lambda x: biased(layers.Dense, 1)(layers.Flatten()(x))),
    "one class, of two branches": (
        1,
        lambda x: layers.Dense(1)(pooled()(x)) + biased(layers.Dense, 1)(layers.Flatten()(x)),
    ),
    "as many classes as images in a batch": (5, lambda x: biased(layers.Dense, 5)(pooled()(x))),
    "as many classes as channels": (6, lambda x: pooled()(x)),
    "conv, relu, mean": (7, lambda x: pooled()(biased(layers.Conv2D, 7, 1, activation="relu")(x))),
    "conv, mean": (7, lambda x: pooled()(biased(layers.Conv2D, 7, 1)(x))),
    "conv without bias, mean": (7, lambda x: pooled()(layers.Conv2D(7, 1, use_bias=False)(x))),
    "conv, batch normalization, mean": (
        7,
        lambda x: pooled()(layers.BatchNormalization(beta_initializer="normal")(Pointwise(7)(x))),
    ),
    "conv, mean, bias": (7, lambda x: Add(7)(pooled()(Pointwise(7)(x)))),
    "conv, maximum": (7, lambda x: layers.GlobalMaxPooling2D()(layers.Conv2D(7, 1)(x))),
    "conv 3 x 3, mean": (7, lambda x: pooled()(biased(layers.Conv2D, 7, 3)(x))),
    "conv of stride 2": (7, lambda x: pooled()(biased(layers.Conv2D, 7, 1, strides=2)(x))),
    "conv of same padding": (7, lambda x: pooled()(layers.Conv2D(7, 1, padding="same")(x))),
    "conv in two groups": (4, lambda x: pooled()(layers.Conv2D(4, 1, groups=2)(x))),
    "conv with a border": (
        7,
        lambda x: pooled()(Pointwise(7, padding=[[0, 0], [1, 2], [3, 0], [0, 0]])(x)),
    ),
    "depthwise conv": (6, lambda x: pooled()(layers.DepthwiseConv2D(1)(x))),
    "dense on the channels": (7, lambda x: pooled()(biased(layers.Dense, 7)(x))),
    "mean, keeping dimensions": (
        7,
        lambda x: layers.Flatten()(pooled(keepdims=True)(layers.Conv2D(7, 1)(x))),
    ),
    "mean, then conv": (
        7,
        lambda x: layers.Reshape((7,))(biased(layers.Conv2D, 7, 1)(pooled(keepdims=True)(x))),
    ),
    "mean over other axes": (
        7,
        lambda x: FromScores(lambda x: tf.reduce_mean(x, (1, 3)))(layers.Conv2D(9, 1)(x)),
    ),
    "mean over axes from the end": (
        7,
        lambda x: FromScores(lambda x: tf.reduce_mean(x, (-2, -3)))(layers.Conv2D(7, 1)(x)),
    ),
    "mean over rows, then columns": (
        7,
        lambda x: FromScores(lambda x: tf.reduce_mean(tf.reduce_mean(x, 1), 1))(
            layers.Conv2D(7, 1)(x)
        ),
    ),
    "sum over pixels": (
        7,
        lambda x: FromScores(lambda x: tf.reduce_sum(x, (1, 2)))(layers.Conv2D(7, 1)(x)),
    ),
    "channels first": (
        6,
        lambda x: FromScores(lambda x: tf.reduce_mean(tf.transpose(x, (0, 3, 1, 2)), (2, 3)))(x),
    ),
    "biases of channels in the place of classes": (
        6,
        lambda x: FromScores(
            lambda x: tf.reduce_mean(
                tf.nn.relu(
                    tf.nn.bias_add(
                        tf.transpose(x[:, :6, :6], (0, 3, 1, 2)), tf.range(6.0) - 3, "NCHW"
                    )
                ),
                (1, 2),
            )
        )(x),
    ),
    "softmax": (7, lambda x: biased(layers.Dense, 7, activation="softmax")(pooled()(x))),
    "softmax, as a layer": (7, lambda x: layers.Softmax()(biased(layers.Dense, 7)(pooled()(x)))),
    "layer normalization": (7, lambda x: layers.LayerNormalization()(layers.Dense(7)(pooled()(x)))),
    "unit norm": (7, lambda x: layers.UnitNormalization()(layers.Dense(7)(pooled()(x)))),
    "dropout": (7, lambda x: layers.Dropout(0.5)(biased(layers.Dense, 7)(pooled()(x)))),
    "two branches": (
        7,
        lambda x: layers.Add()(
            [layers.Dense(7)(pooled()(x)), layers.Dense(7)(layers.Flatten()(x))]
        ),
    ),
    "two branches of feature maps": (
        7,
        lambda x: pooled()(layers.Conv2D(7, 1)(x) + layers.Conv2D(7, 1)(x)),
    ),
    "a branch with one column": (
        7,
        lambda x: layers.Dense(7)(pooled()(x)) + layers.Dense(1)(layers.Flatten()(x)),
    ),
    "one column and a bias for each class": (
        7,
        lambda x: Add(7)(layers.Dense(1, use_bias=False)(layers.Flatten()(x))),
    ),
    "one column with a bias and a bias for each class": (
        7,
        lambda x: Add(1, 7)(biased(layers.Dense, 1)(layers.Flatten()(x))),
    ),
    "one feature map and a bias for each class": (
        7,
        lambda x: pooled()(layers.ReLU()(Add(7)(Pointwise(1)(x)))),
    ),
    "bias first": (7, lambda x: Add(7, first=True)(layers.Dense(7)(pooled()(x)))),
    "bias (1, classes) first": (7, lambda x: Add(1, 7, first=True)(layers.Dense(7)(pooled()(x)))),
    "one number for all": (7, lambda x: Add()(layers.Dense(7)(pooled()(x)))),
    "one number for all, in an array": (7, lambda x: Add(1)(layers.Dense(7)(pooled()(x)))),
    "a bias with too many dimensions": (
        7,
        lambda x: layers.Reshape((7,))(Add(1, 1, 1, 7)(layers.Dense(7)(pooled(keepdims=True)(x)))),
    ),
    "what looks like a bias depends on the image": (
        7,
        lambda x: FromScores(
            lambda x: x + tf.reshape(tf.math.top_k(x[:, :1], 1)[0], (-1, 1)) * tf.ones((1, 7))
        )(layers.Dense(7)(pooled()(x))),
    ),
    "times a number": (7, lambda x: layers.Dense(7)(pooled()(x)) * 3.5),
    "times a number for each class": (
        7,
        lambda x: FromScores(lambda x: x * tf.range(1.0, 8))(layers.Dense(7)(pooled()(x))),
    ),
    "less a number": (7, lambda x: layers.Dense(7)(pooled()(x)) - 1.0),
    "the other way round": (
        7,
        lambda x: FromScores(lambda x: x[:, ::-1])(layers.Dense(7)(pooled()(x))),
    ),
    "transposed weights": (
        6,
        lambda x: FromScores(lambda x: tf.linalg.matmul(x, tf.eye(6) + 1, transpose_b=True))(
            pooled()(x)
        ),
    ),
    "weights that depend on the image": (
        1,
        lambda x: FromScores(lambda x: tf.linalg.diag_part(x @ tf.transpose(x))[:, None])(
            pooled()(x)
        ),
    ),
    "concatenated": (
        8,
        lambda x: layers.Concatenate()(
            [layers.Dense(3)(pooled()(x)), layers.Dense(5)(pooled()(x))]
        ),
    ),
    "of unknown shape on the way": (
        7,
        lambda x: FromScores(
            lambda x: tf.ensure_shape(
                x + tf.numpy_function(lambda: np.ones((1, 7), np.float32), [], tf.float32),
                (None, 7),
            )
        )(layers.Dense(7)(pooled()(x))),
    ),
    "an identity with another gradient": (
        7,
        lambda x: gradient_reversed(tf.identity, "Identity")(layers.Dense(7)(pooled()(x))),
    ),
    "a relu with another gradient": (
        7,
        lambda x: gradient_reversed(tf.nn.relu, "Relu")(layers.Dense(7)(pooled()(x))),
    ),
    "a relu of the custom gradient kind": (
        7,
        lambda x: FromScores(by_hand.guided_relu)(layers.Dense(7)(pooled()(x))),
    ),
}


def headed(name):
    """A model with this head, the number of its classes, images and labels."""
    keras.utils.set_random_seed(231)
    classes, head = HEADS[name]
    image = keras.Input(SHAPE)
    features = layers.Conv2D(6, 2, activation="tanh", bias_initializer="normal")(image)
    rng = np.random.default_rng(231)
    X = rng.normal(size=(7, *SHAPE)).astype(np.float32)
    return keras.Model(image, head(features)), X, rng.permutation(7) % classes


def score_and_gradient(network, X, y):
    """A recipe: (N, 1 + H W C)."""
    score = network.score(X, y)
    slope = network.gradient_of(score, X)
    return tf.concat([score[:, None], tf.reshape(slope, (tf.shape(X)[0], -1))], axis=1)


@pytest.mark.parametrize("name", HEADS)
def test_one_class_has_the_gradient_it_has_among_all(name):
    model, X, y = headed(name)
    plain = model
    if name == "softmax":
        plain = keras.models.clone_model(model)
        plain.set_weights(model.get_weights())
        plain.layers[-1].activation = keras.activations.linear
    elif name == "softmax, as a layer":
        plain = keras.Model(model.input, model.layers[-2].output)
    expected = by_hand.eager_gradients(X, y, plain).reshape(1, -1)
    found = in_batches(score_and_gradient, X, y, model)
    assert expected.any()  # there is something to compare
    assert relative_l2(found[:, 1:].reshape(1, -1), expected)[0] < 1e-5
    np.testing.assert_allclose(found[:, 0], by_hand.scores(X, y, plain), rtol=1e-4, atol=1e-6)


def graph_of(recipe, model, X):
    """The recipe as a graph: the operations that its result needs."""
    answers = answers_of(model, X.shape, "float32")

    @tf.function(
        input_signature=[tf.TensorSpec((None, *X.shape[1:])), tf.TensorSpec((None,), tf.int32)],
        autograph=False,
    )
    def graph(X, y):
        return recipe(Network(model, answers), X, y)

    function = graph.get_concrete_function()
    needed, found = [function.outputs[0].op], {}
    while needed:
        operation = needed.pop()
        if operation.name not in found:
            found[operation.name] = operation
            needed += [tensor.op for tensor in operation.inputs] + list(operation.control_inputs)
    return list(found.values())


@pytest.mark.parametrize("recipe", [saliency_map, Network.gradient, guided_gradient, Network.score])
def test_of_a_thousand_classes_one_is_computed(model, images, recipe):
    """Nor are gradients of weights: both are in the graph, perhaps, and nothing needs them."""
    operations = graph_of(recipe, model, images[0])
    assert any(operation.type == "Conv2D" for operation in operations)
    assert not any("BackpropFilter" in operation.type for operation in operations)
    assert not any("BiasAddGrad" in operation.type for operation in operations)
    shapes = [tensor.shape for operation in operations for tensor in operation.outputs]
    assert [
        shape for shape in shapes if shape.rank and shape[0] is None and shape[-1] == 1000
    ] == []


@pytest.mark.parametrize("recipe", [saliency_map, guided_gradient, ClassActivationMap(None, True)])
def test_weights_get_no_gradients(recipe):
    model = by_hand.small_model()
    X, _ = by_hand.small_batch()
    operations = {operation.type for operation in graph_of(recipe, model, X)}
    assert not {"Conv2DBackpropFilter", "BiasAddGrad"} & operations
    assert ("Conv2DBackpropInput" in operations) != isinstance(recipe, ClassActivationMap)


def test_all_classes_where_all_are_wanted(model, images):
    X, y = images[0][:2], images[1][:2]
    expected = tf.nn.softmax(model(X)).numpy()[[0, 1], y]
    np.testing.assert_allclose(in_batches(Network.probability, X, y, model), expected, rtol=1e-4)


def test_a_mixed_precision_head():
    keras.utils.set_random_seed(231)
    X = np.random.default_rng(0).normal(size=(5, *SHAPE)).astype(np.float32)
    for end in ({"dtype": "mixed_float16"}, {"dtype": "float32"}):
        model = keras.Sequential(
            [
                keras.Input(SHAPE),
                layers.Conv2D(6, 2, activation="relu", dtype="mixed_float16"),
                layers.GlobalAveragePooling2D(dtype="mixed_float16"),
                layers.Dense(4, bias_initializer="normal", dtype="mixed_float16"),
                layers.Activation("softmax", **end),
            ]
        )
        scores = keras.Sequential(model.layers[:-1])
        y = np.arange(5) % 4
        found = in_batches(Network.gradient, X, y, model)
        assert found.dtype == np.float32
        assert relative_l2(found, by_hand.eager_gradients(X, y, scores)).max() < 0.02


# Compiling ---------------------------------------------------------------------------------------


def test_a_recipe_is_traced_once_for_a_model_and_a_shape():
    model, X, y = headed("dense")
    traced = []

    def recipe(network, X, y):
        traced.append(tuple(X.shape))
        return network.score(X, y)

    for count in (7, 1, 0, 3):
        in_batches(recipe, X[:count], y[:count], model)
    assert traced == [(None, *SHAPE)]
    in_batches(recipe, X, y, headed("dense")[0])
    assert len(traced) == 2


def test_threads_that_ask_at_once_get_one_compilation():
    model, X, y = headed("dense")
    traced = []

    def recipe(network, X, y):
        traced.append(1)
        time.sleep(0.1)
        return network.score(X, y)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: in_batches(recipe, X, y, model), range(4)))
    assert traced == [1] and all(np.array_equal(each, found[0]) for each in found)


def test_a_recipe_that_failed_is_tried_again():
    model, X, y = headed("dense")
    fails = [True]

    def recipe(network, X, y):
        if fails.pop() if fails else False:
            raise RuntimeError("not yet")
        return network.score(X, y)

    with pytest.raises(RuntimeError, match="not yet"):
        in_batches(recipe, X, y, model)
    assert in_batches(recipe, X, y, model).shape == (7,)


def test_compiling_knows_the_classes():
    assert compiled(Network.score, headed("dense")[0], (2, *SHAPE)).classes == 7
    assert compiled(Network.score, headed("one class")[0], (2, *SHAPE)).classes == 1


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ([(5,)], r"takes \[\(None, 5\)\]; it must take one batch of images"),
        ([SHAPE, SHAPE], r"takes \[\(None, 9, 8, 3\), \(None, 9, 8, 3\)\]; it must take one batch"),
    ],
)
def test_models_of_other_things_than_images(inputs, sentence):
    inputs = [keras.Input(shape) for shape in inputs]
    scores = sum(layers.Dense(7)(layers.Flatten()(each)) for each in inputs)
    model = keras.Model(inputs if len(inputs) > 1 else inputs[0], scores)
    with pytest.raises(ValueError, match=sentence):
        compute_saliency_maps(np.zeros((2, *SHAPE)), [0, 0], model)


# Two at a time -----------------------------------------------------------------------------------


@pytest.fixture
def no_thread_stays():
    before = threading.enumerate()
    yield
    after = [thread for thread in threading.enumerate() if thread.name != "tqdm_monitor"]
    assert set(after) <= set(before)


def test_results_come_in_order_from_two_threads(no_thread_stays):
    running, most, lock, threads = set(), [], threading.Lock(), set()

    def slow(i):
        with lock:
            running.add(i)
            most.append(len(running))
            threads.add(threading.get_ident())
        time.sleep(0.03 if i % 2 else 0.005)
        with lock:
            running.remove(i)
        return i * i

    assert list(two_at_a_time(slow, range(12), 12)) == [i * i for i in range(12)]
    assert max(most) == 2 and len(threads) == 2


def test_no_more_is_computed_than_will_be_read(no_thread_stays):
    begun = []
    results = two_at_a_time(lambda i: begun.append(i) or i, range(1000), 1000)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    time.sleep(0.05)
    assert len(begun) <= 3 + gradients.BATCHES_AT_ONCE
    results.close()
    time.sleep(0.05)
    assert len(begun) <= 3 + gradients.BATCHES_AT_ONCE


@pytest.mark.parametrize("count", [1, 2, 9])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, MemoryError])
def test_an_error_in_a_thread_reaches_the_reader(no_thread_stays, count, error):
    def fails(i):
        if i == count - 1:
            raise error("here")
        return i

    read = []
    with pytest.raises(error, match="here"):
        for result in two_at_a_time(fails, range(count), count):
            read.append(result)
    assert read == list(range(count - 1))


def test_an_error_of_the_reader_ends_the_threads(no_thread_stays):
    with pytest.raises(KeyboardInterrupt):
        for _ in two_at_a_time(lambda i: time.sleep(0.01), range(100), 100):
            raise KeyboardInterrupt


def test_an_error_in_the_arguments_ends_the_threads(no_thread_stays):
    def arguments():
        yield from range(4)
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        list(two_at_a_time(str, arguments(), 9))


def test_nothing_to_do(no_thread_stays):
    assert list(two_at_a_time(str, [], 0)) == []


def test_ctrl_c_stops_a_method():
    """A real interrupt, while the main thread waits for a batch: it ends, and soon."""
    script = """
import _thread, threading, time
from cs231n_vis import methods
from methods import by_hand
X, y = by_hand.small_batch()
model = by_hand.small_model()
methods.smoothgrad(X, y, model, samples=2, progress=False)
threading.Timer(0.5, _thread.interrupt_main).start()
try:
    methods.smoothgrad(X, y, model, samples=10**7, progress=False)
except KeyboardInterrupt:
    time.sleep(0.1)
    print("interrupted", *{thread.name for thread in threading.enumerate()} - {"tqdm_monitor"})
"""
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tests, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "interrupted MainThread\n", done.stderr


def test_every_variation_comes_once_and_in_order_for_each_image(monkeypatch):
    model, X, y = headed("dense")
    made = []

    def vary(n, s):
        made.append((n, s))
        return X[n] * np.float32(s + 1)

    for size in (1, 4, 100):
        monkeypatch.setattr(gradients, "BATCH_SIZE", size)
        made.clear()
        found = list(in_variations(Network.score, vary, y, model, 3, X.shape))
        assert sorted(made) == sorted((n, s) for n, s, _ in found)
        for n in range(7):
            assert [s for m, s, _ in found if m == n] == [0, 1, 2]
        for n, s, result in found:
            expected = model(X[n : n + 1] * (s + 1)).numpy()[0, y[n]]
            np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-6)


def test_variations_that_fail_or_are_not_wanted_leave_no_thread(no_thread_stays):
    model, X, y = headed("dense")

    def vary(n, s):
        if s == 40:
            raise LookupError("no such variation")
        return X[n]

    with pytest.raises(LookupError, match="no such variation"):
        list(in_variations(Network.score, vary, y, model, 50, X.shape))
    some = in_variations(Network.score, vary, y, model, 50, X.shape)
    next(some)
    some.close()


# The progress bar --------------------------------------------------------------------------------


def test_the_bar_shows_only_when_it_takes_long(monkeypatch, capsys):
    list(two_at_a_time(lambda i: time.sleep(0.02), range(10), 10, "Label"))
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(gradients, "SECONDS_BEFORE_PROGRESS", 0.3)
    shown = []
    for i in two_at_a_time(lambda i: time.sleep(0.25) or i, range(8), 8, "Label"):
        shown.append((i, capsys.readouterr().err))
    end = capsys.readouterr().err
    assert shown[0] == (0, "") and "Label: " in shown[-1][1] + end
    *_, last, nothing = end.split("\r")
    assert last.strip() == "" and nothing == ""  # wiped


def test_no_label_no_bar(monkeypatch, capsys):
    monkeypatch.setattr(gradients, "SECONDS_BEFORE_PROGRESS", 0)
    for count in (1, 5):
        list(two_at_a_time(str, range(count), count))
    assert capsys.readouterr() == ("", "")


def test_the_bar_is_wiped_after_an_error_too(monkeypatch, capsys):
    monkeypatch.setattr(gradients, "SECONDS_BEFORE_PROGRESS", 0)

    def fails(i):
        raise ZeroDivisionError

    for count in (1, 5):
        with pytest.raises(ZeroDivisionError):
            list(two_at_a_time(fails, range(count), count, "Label"))
        *_, last, nothing = capsys.readouterr().err.split("\r")
        assert last.strip() == "" and nothing == ""
