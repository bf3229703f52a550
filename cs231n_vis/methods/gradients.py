"""Scores and gradients of any Keras model, compiled once and run in batches on every core.

A *recipe* is a function ``recipe(network, X, y) -> tensor`` that says, in TensorFlow, what is
wanted of one batch of images. It is made from what ``Network`` has, of which ``Network.score``,
``Network.probability`` and ``Network.gradient`` are recipes themselves.
``compiled`` turns a recipe into a function of arrays for one model, ``in_batches`` runs it over the
images, and ``in_variations`` over many variations of each. Gradients are taken with respect to the
images alone: those of the weights, a third of the work of training, are never computed.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from threading import RLock
from typing import NamedTuple
from weakref import WeakKeyDictionary, ref

import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

from ..model_ends import (
    ENDS,
    LOGARITHMS,
    SCORES,
    Answers,
    answers_of,
    before_the_end,
    gives_channels_first,
    outputs_of,
    rounded_for,
    takes_channels_first,
)
from ..names import near
from ..tensorflow_quiet import tf

# Measured with benchmarks/bench_methods.py: what two batches of five keep in memory stays in the
# processor's caches, and while one waits for the other's single-threaded steps no core is idle.
BATCH_SIZE = 5
BATCHES_AT_ONCE = 2

SECONDS_BEFORE_PROGRESS = 2

SoFar = Callable[[], np.ndarray]
AfterBatch = Callable[[int, int, SoFar | None], None]


class Network:
    """A model while a recipe for it is compiled: its scores and gradients, as tensors.

    Attributes:
        name: of the model, for errors.
        answers: what it was seen to return.
    """

    def __init__(self, model: tf.keras.Model, answers: Answers):
        self.model, self.name, self.answers = model, model.name, answers

    def scores(self, X: tf.Tensor) -> tf.Tensor:
        """The unnormalised scores (N, classes): if the model ends in a softmax, its logarithm or a
        sigmoid, what goes in; whatever the model returns, if ``model.outputs_are_scores`` is set.
        """
        _, scores, are = self._read(X)
        if scores is None:
            raise ValueError(
                f"{self.name} returns {are}, whose gradient tells of all other classes too, and no "
                "softmax was found to leave out; pass a model that returns the scores, or set "
                "model.outputs_are_scores = True to explain what it returns."
            )
        return scores

    def probabilities(self, X: tf.Tensor) -> tf.Tensor:
        """The probabilities (N, classes): what the model returns, if that is probabilities, and
        else the softmax of its scores; of a single score, the sigmoid."""
        outputs, scores, are = self._read(X)
        if are == SCORES:
            return tf.nn.sigmoid(scores) if self.answers.classes == 1 else tf.nn.softmax(scores)
        return tf.exp(outputs) if are == LOGARITHMS else outputs

    def _read(self, X: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None, str]:
        """What the model returns, the scores if they are known, and what it is that it returns."""
        outputs = outputs_of(self.model, X)
        outputs.set_shape((None, self.answers.classes))
        if takes_channels_first(X):
            channels, height, width = X.shape[1:]
            raise ValueError(
                f"{self.name} takes (N, {channels}, {height}, {width}), its channels first; pass "
                f"tf.keras.Sequential([tf.keras.Input(({height}, {width}, {channels})), "
                "tf.keras.layers.Permute((3, 1, 2)), model]), and X with its channels last."
            )
        if explains_outputs(self.model):
            return outputs, outputs, SCORES
        scores, end = before_the_end(outputs)
        are = ENDS[end] if end else self.answers.are
        return outputs, scores if end or are == SCORES else None, are

    def score(self, X: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        """The score of each image's class, (N,)."""
        return pick_class(self.scores(X), y)

    def probability(self, X: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        """The probability of each image's class, (N,)."""
        return tf.gather(self.probabilities(X), y, axis=1, batch_dims=1)

    def gradient(self, X: tf.Tensor, y: tf.Tensor, relu: str | None = None) -> tf.Tensor:
        """The gradient of each image's score with respect to its pixels, of the shape of X.

        ``relu`` names another gradient for every ReLU in the model; see ``relu_gradient``.
        """
        graph = tf.compat.v1.get_default_graph()
        other = {operation: relu for operation in ("Relu", "Relu6") if relu}
        with graph.gradient_override_map(other):
            score = self.score(X, y)
        if other:
            called = graph.as_graph_def().library.function
            if any(node.op in other for function in called for node in function.node_def):
                raise ValueError(
                    f"{self.name} calls a tf.function with a ReLU in it, whose gradient cannot be "
                    "replaced there; take away the @tf.function and pass the model again."
                )
            if not any(op.type in other for op in graph.get_operations()):
                raise ValueError(
                    f"{self.name} has no ReLU, so this method would give its plain gradient; use "
                    "another method."
                )
        return self.gradient_of(score, X)

    def score_and_features(
        self, X: tf.Tensor, y: tf.Tensor, layer: str | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The scores (N,) and the feature maps (N, h, w, channels) of a layer they depend on.

        ``layer`` is the name of a layer, at any depth of nested models; None means the last one
        whose output has height and width, and not just 1 of each.
        """
        outputs = _outputs_of_layers(self.model, lambda: self.scores(X))
        scores = outputs.pop(None)
        spatial = {name: value for name, value in outputs.items() if len(value.shape) == 4}
        if not spatial:
            raise ValueError(f"No layer of {self.name} has an output (N, h, w, channels).")
        if layer is None:
            pixels = [name for name, value in spatial.items() if _size(value) != (1, 1)]
            layer = (pixels or list(spatial))[-1]
        if layer not in spatial:
            raise ValueError(
                f"{layer!r} is not a layer of {self.name} with an output (N, h, w, channels); "
                f"{near(str(layer), map(str, spatial))}."
            )
        return pick_class(scores, y, not_before=spatial[layer]), spatial[layer]

    def gradient_of(self, score: tf.Tensor, tensor: tf.Tensor) -> tf.Tensor:
        """The gradient of a score with respect to a tensor it was computed from."""
        if not tensor.dtype.is_floating:
            raise ValueError(
                f"{self.name} takes {tensor.dtype.name}, through which no gradient goes; pass a "
                "model that takes floats, or use occlusion or RISE, which need no gradient."
            )
        (gradient,) = tf.gradients(score, tensor)
        if gradient is None:
            raise ValueError(
                f"The scores of {self.name} have no gradient with respect to {tensor.name}: look "
                "for a layer that rounds, compares or stops gradients."
            )
        return gradient


def explains_outputs(model: tf.keras.Model) -> bool:
    """Whether ``model.outputs_are_scores`` is set: what it returns is explained as it is."""
    return bool(getattr(model, "outputs_are_scores", False))


def channels_last(features: tf.Tensor, *others: tf.Tensor) -> list[tf.Tensor]:
    """A layer's output as (N, h, w, channels), and others of its shape in the same way."""
    tensors = [features, *others]
    if gives_channels_first(features):
        tensors = [tf.transpose(tensor, (0, 2, 3, 1)) for tensor in tensors]
    return tensors


def _size(features: tf.Tensor) -> tuple[int | None, ...]:
    """Height and width of a layer's output."""
    return tuple(features.shape[2:4] if gives_channels_first(features) else features.shape[1:3])


def relu_gradient(name: str) -> Callable:
    """Register ``function(op, gradient) -> gradient`` as a gradient of ReLUs, under a name."""

    def register(function):
        with contextlib.suppress(KeyError):  # the module is loaded again, in a notebook
            tf.RegisterGradient(name)(function)
        return function

    return register


def _outputs_of_layers(model: tf.keras.Model, call: Callable) -> dict[str | None, tf.Tensor]:
    """What each layer returns while ``call`` runs, in order; under None what that returns.

    Works at any depth and for models that are classes. For as long as it takes, each layer has a
    ``call`` of its own that takes notes; afterwards it is as it was.
    """
    outputs: dict[str | None, tf.Tensor] = {}
    graph = tf.compat.v1.get_default_graph()

    def noting(layer, original):
        def call(*args, **kwargs):
            output = original(*args, **kwargs)
            # another thread may use the model meanwhile, eagerly or in a graph of its own
            if isinstance(output, tf.Tensor) and getattr(output, "graph", None) is graph:
                outputs.pop(layer.name, None)  # a layer that is used twice stands at its last use
                outputs[layer.name] = output
            return output

        return call

    layers = list(dict.fromkeys(model._flatten_layers(include_self=False)))  # each of them once
    own = {layer: layer.__dict__["call"] for layer in layers if "call" in layer.__dict__}
    try:
        for layer in layers:
            layer.__dict__["call"] = noting(layer, layer.call)
        outputs[None] = call()
    finally:
        for layer in layers:
            layer.__dict__.pop("call", None)
            if layer in own:
                layer.__dict__["call"] = own[layer]
    return outputs


Recipe = Callable[[Network, tf.Tensor, tf.Tensor], tf.Tensor]


def pick_class(scores: tf.Tensor, y: tf.Tensor, not_before: tf.Tensor | None = None) -> tf.Tensor:
    """The score of class y[n] in row n, picked as early in the computation as that is possible.

    The last layers of a classifier compute each class by itself: a dense layer or a 1 x 1
    convolution, a ReLU, a mean. Where one class of a thousand is wanted, only its column of the
    weights is needed; in SqueezeNet that saves a quarter of all the work. So instead of picking
    from the result, this goes back through such layers, picks there and repeats the layers for the
    class alone; TensorFlow drops what is then no longer used.

    Args:
        scores: (N, classes) or (N, h, w, classes), in a graph.
        y: labels, int32 (N,).
        not_before: a tensor that the result must be computed from.

    Returns:
        (N,) or (N, h, w).
    """
    kind, inputs = scores.op.type, scores.op.inputs
    other_gradient = scores.op.node_def.attr["_gradient_op_type"].s.decode()
    if kind == "Relu" and scores is not not_before:
        score = pick_class(inputs[0], y, not_before)
        with scores.graph.gradient_override_map({kind: other_gradient} if other_gradient else {}):
            return tf.nn.relu(score)
    if scores is not not_before and not other_gradient:
        if kind == "Identity":
            return pick_class(inputs[0], y, not_before)
        if kind == "Mean" and len(scores.shape) == 2 and _reduces_height_and_width(scores.op):
            return tf.reduce_mean(pick_class(inputs[0], y, not_before), axis=(1, 2))
        if kind in ("BiasAdd", "AddV2") and _adds_one_number_a_class(scores.op):
            bias = tf.gather(tf.reshape(inputs[1], (-1,)), y)
            score = pick_class(inputs[0], y, not_before)
            return score + tf.reshape(bias, (-1, *[1] * (len(score.shape) - 1)))
        if kind == "MatMul" and not (
            scores.op.get_attr("transpose_a") or scores.op.get_attr("transpose_b")
        ):
            return tf.einsum("nc,nc->n", inputs[0], tf.gather(tf.transpose(inputs[1]), y))
        if kind == "Conv2D" and _is_pointwise(scores.op):
            weights = tf.gather(tf.transpose(inputs[1][0, 0]), y)
            return tf.einsum("nhwc,nc->nhw", inputs[0], weights)
    return tf.gather(scores, y, axis=len(scores.shape) - 1, batch_dims=1)


def _reduces_height_and_width(mean: tf.Operation) -> bool:
    axes = tf.get_static_value(mean.inputs[1])
    return len(mean.inputs[0].shape) == 4 and axes is not None and sorted(np.ravel(axes)) == [1, 2]


def _adds_one_number_a_class(add: tf.Operation) -> bool:
    (before, bias), after = (tensor.shape for tensor in add.inputs), add.outputs[0].shape
    return (
        bool(bias.rank)
        and before.rank == after.rank
        and bias.num_elements() == bias[-1] == before[-1] == after[-1]
        and (add.type != "BiasAdd" or add.get_attr("data_format") == b"NHWC")
    )


def _is_pointwise(convolution: tf.Operation) -> bool:
    image, kernel = convolution.inputs
    return (
        kernel.shape[:2] == (1, 1)
        and image.shape[3] == kernel.shape[2]
        and list(convolution.get_attr("strides")) == [1, 1, 1, 1]
        and convolution.get_attr("padding") != b"EXPLICIT"
        and convolution.get_attr("data_format") == b"NHWC"
    )


class Compiled(NamedTuple):
    """A recipe for one model: ``run(X, y)`` takes and gives arrays, for any number of images."""

    run: Callable[[np.ndarray, np.ndarray], np.ndarray]
    classes: int
    dtype: tf.DType


_compiled: WeakKeyDictionary = WeakKeyDictionary()  # model -> {(recipe, shape, ...): Compiled}
_answers: WeakKeyDictionary = WeakKeyDictionary()  # model -> Answers
_compiling = RLock()


def compiled(recipe: Recipe, model: tf.keras.Model, shape: tuple[int, ...]) -> Compiled:
    """The recipe, compiled at the first call for this model and images of this shape.

    It is kept as long as the model lives and found again by the recipe, which must therefore be
    hashable and equal to another that does the same. New weights are seen; a layer changed in place
    is not (``tf.keras.models.clone_model`` first).

    Raises:
        TypeError: ``model`` is not a Keras model.
        ValueError: it does not take images of this shape, does not return scores (N, classes), has
            its channels first, or the recipe does not apply to it.
    """
    if not isinstance(model, tf.keras.Model):
        raise TypeError(f"model must be a Keras model, not {type(model).__name__}.")
    inputs = getattr(model, "inputs", None) or [tf.keras.Input(shape[1:], name="X")]
    expected = (None, *inputs[0].shape[1:])
    if len(inputs) != 1 or len(expected) != 4:
        raise ValueError(
            f"{model.name} takes {[tuple(i.shape) for i in inputs]}; it must take one batch of "
            "images (N, H, W, channels)."
        )
    if any(e not in (None, have) for e, have in zip(expected, shape, strict=True)):
        raise ValueError(f"X has shape {shape} and {model.name} takes {expected}.")
    dtype = tf.as_dtype(inputs[0].dtype)
    with _compiling:
        if model not in _answers:
            _answers[model] = answers_of(model, shape, dtype)
        of_model = _compiled.setdefault(model, {})
        key = recipe, expected, explains_outputs(model)
        if key not in of_model:
            images = tf.TensorSpec(expected, dtype, "X")
            of_model[key] = _compile(recipe, model, images, _answers[model])
        return of_model[key]


def _compile(
    recipe: Recipe, model: tf.keras.Model, images: tf.TensorSpec, answers: Answers
) -> Compiled:
    the_model = ref(model)  # a strong reference here would keep the model alive for ever

    @tf.function(input_signature=[images, tf.TensorSpec((None,), tf.int32)], autograph=False)
    def graph(X, y):
        return tf.cast(recipe(Network(the_model(), answers), X, y), tf.float32)

    function, name = graph.get_concrete_function(), model.name

    def run(X, y):
        X = rounded_for(images.dtype, X, name)
        return function(tf.constant(X, images.dtype), tf.constant(y, tf.int32)).numpy()

    return Compiled(run, answers.classes, images.dtype)


def in_batches(
    recipe: Recipe, X: ArrayLike, y: ArrayLike, model: tf.keras.Model, progress: str = ""
) -> np.ndarray:
    """The recipe for every image, float32 (N, ...), in batches of a few images.

    Args:
        recipe: what to compute.
        X, y, model: as for ``compute_saliency_maps``, and checked here.
        progress: what a progress bar says, if it takes longer than two seconds; none by default.

    Raises:
        TypeError, ValueError: see ``checked_batch`` and ``compiled``.
    """
    X, y = checked_batch(recipe, X, y, model)
    run = compiled(recipe, model, X.shape).run
    if not len(X):
        return np.empty(
            (0, *run(np.zeros((1, *X.shape[1:])), np.zeros(1, np.int32)).shape[1:]), np.float32
        )
    batches = [slice(i, i + BATCH_SIZE) for i in range(0, len(X), BATCH_SIZE)]
    results = two_at_a_time(lambda batch: run(X[batch], y[batch]), batches, len(batches), progress)
    every = np.empty(0)
    for batch, result in zip(batches, results, strict=True):
        if batch.start == 0:  # the result's shape is known now; lists of parts would hold it twice
            every = np.empty((len(X), *result.shape[1:]), result.dtype)
        every[batch] = result
    return every


def in_variations(
    recipe: Recipe,
    vary: Callable[[int, int], np.ndarray],
    y: np.ndarray,
    model: tf.keras.Model,
    samples: int,
    shape: tuple[int, ...],
    progress: str = "",
    so_far: SoFar | None = None,
) -> Iterator[tuple[int, int, np.ndarray]]:
    """The recipe for ``samples`` variations of each image, one result after another.

    Variations are made when they are needed, a batch at a time, and a batch may hold variations of
    different images: memory grows neither with the images nor with the samples.

    Args:
        recipe: what to compute.
        vary: ``vary(n, s)`` makes variation s of image n, an array (H, W, C). It is called from
            more than one thread.
        y: checked labels, int (N,).
        model: a Keras model.
        samples: how many variations of each image.
        shape: of the images, (N, H, W, C).
        progress: as for ``in_batches``.
        so_far: what the reader has made of the results up to now, for who watches.

    Yields:
        ``n, s, result``: variation 0 of every image, then variation 1 of every image, and so on.
    """
    run = compiled(recipe, model, shape).run
    total = len(y) * samples

    def run_batch(first):
        pairs = [(i % len(y), i // len(y)) for i in range(first, min(first + BATCH_SIZE, total))]
        varied = np.stack([vary(n, s) for n, s in pairs])
        return pairs, run(varied, y[[n for n, _ in pairs]])

    firsts = range(0, total, BATCH_SIZE)
    for pairs, results in two_at_a_time(run_batch, firsts, len(firsts), progress, so_far):
        for (n, s), result in zip(pairs, results, strict=True):
            yield n, s, result


@contextlib.contextmanager
def watched(after_batch: AfterBatch) -> Iterator[None]:
    """Inside, whatever is computed here in batches calls ``after_batch(done, total, so_far)`` after
    each, from this thread.

    ``done`` of ``total`` batches are in the result; ``so_far()`` is an array that looks like it up
    to a factor, or ``so_far`` is None. What ``after_batch`` raises ends the computation.
    """
    before = _watcher.set(after_batch)
    try:
        yield
    finally:
        _watcher.reset(before)


_watcher: ContextVar[AfterBatch | None] = ContextVar("_watcher", default=None)


def progress_bar(total: int, title: str) -> tqdm:
    """A bar that is shown if it takes longer than two seconds, and goes; none without a title."""
    return tqdm(
        total=total,
        desc=title,
        delay=SECONDS_BEFORE_PROGRESS,
        mininterval=0.5,
        leave=False,
        disable=not title,
    )


def two_at_a_time(
    function: Callable,
    arguments: Iterable,
    total: int,
    progress: str = "",
    so_far: SoFar | None = None,
) -> Iterator:
    """``map(function, arguments)`` by two threads, no more than one result ahead of its reader."""
    bar = progress_bar(total, progress)
    if total == 1:  # a thread costs more than it could save
        yield from map(function, arguments)
        return
    pool = ThreadPoolExecutor(BATCHES_AT_ONCE)
    running: deque = deque()
    watcher, done = _watcher.get(), 0

    def count():
        nonlocal done
        done += 1
        bar.update()
        if watcher:
            watcher(done, total, so_far)

    with bar:
        try:
            for argument in arguments:
                running.append(pool.submit(function, argument))
                if len(running) > BATCHES_AT_ONCE:
                    yield running.popleft().result()
                    count()
            while running:
                yield running.popleft().result()
                count()
        finally:  # also when the reader has gone: nothing is computed that no one will read
            pool.shutdown(cancel_futures=True)


def checked_batch(
    recipe: Recipe, X: ArrayLike, y: ArrayLike, model: tf.keras.Model
) -> tuple[np.ndarray, np.ndarray]:
    """X and y as arrays that fit the model, or one sentence about what is wrong with them.

    Raises:
        TypeError: X or y is not made of numbers.
        ValueError: the shapes do not fit each other or the model, X holds NaN or infinity, or a
            label is not one of the model's classes.
    """
    X, y = _array(X), _array(y)
    if X.dtype.kind not in "fiu":
        raise TypeError(
            f"X has dtype {X.dtype}; it must be an array of real numbers, with images of one shape."
        )
    if X.ndim != 4:
        raise ValueError(
            f"X has shape {X.shape}; it must be a batch of images (N, H, W, channels). "
            "For one image, pass X[None]."
        )
    if not np.isfinite(X).all():
        raise ValueError("X holds NaN or infinity; a gradient there means nothing. Check X.")
    if y.dtype.kind not in "iu" and (y.size or y.dtype == object):  # [] is an array of floats
        raise TypeError(f"y has dtype {y.dtype}; labels must be integers.")
    if y.shape != (len(X),):
        raise ValueError(
            f"X holds {len(X)} images and y has shape {y.shape}; y must hold one label for each "
            f"image, shape ({len(X)},)."
        )
    _, classes, dtype = compiled(recipe, model, X.shape)
    rounded_for(dtype, X, model.name, exact=True)
    if len(y) and not 0 <= y.min() <= y.max() < classes:
        wrong = y[(y < 0) | (y >= classes)][0]
        raise ValueError(
            f"Label {wrong} in y is not a class of {model.name}: it has {classes}, numbered 0 to "
            f"{classes - 1}."
        )
    return X, y.astype(np.int32)


def _array(values: ArrayLike) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:  # rows of different lengths
        return np.empty(0, object)
