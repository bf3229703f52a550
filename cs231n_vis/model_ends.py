"""Both ends of a model: what it returns, where its scores are, which way round its channels lie.

Nothing here goes by what layers are called. What a model returns is seen by trying it; where its
softmax is, and its channels, from the graph that TensorFlow traces of it, also through functions
that are called there: those of ``tf.function``, of ``jit_compile`` and of a saved model.
"""

import warnings
from typing import NamedTuple

import numpy as np

from .tensorflow_quiet import tf

SCORES, PROBABILITIES, LOGARITHMS = "scores", "probabilities", "logarithms of probabilities"

#: Operations from scores to what is made of them, element by element or over the classes.
ENDS = {"Softmax": PROBABILITIES, "Sigmoid": PROBABILITIES, "LogSoftmax": LOGARITHMS}

#: Steps that move numbers and leave them as they are, done to others.
_MOVES = {
    "Identity": lambda x, _: x,
    "Cast": lambda x, _: x,
    "EnsureShape": lambda x, _: x,
    "Reshape": lambda x, op: tf.reshape(x, op.inputs[1]),
    "Squeeze": lambda x, op: tf.squeeze(x, op.get_attr("squeeze_dims")),
    "ExpandDims": lambda x, op: tf.expand_dims(x, op.inputs[1]),
    "Transpose": lambda x, op: tf.transpose(x, op.inputs[1]),
}

_CALLS = ("PartitionedCall", "StatefulPartitionedCall")


class Answers(NamedTuple):
    """What a model returns: numbers for ``classes``, and whether they ``are`` SCORES,
    PROBABILITIES or LOGARITHMS, as far as that can be seen from outside."""

    classes: int
    are: str


def answers_of(model: tf.keras.Model, shape: tuple[int, ...], dtype: str) -> Answers:
    """Try the model on two images of noise, together and one alone.

    Args:
        model: a Keras model of images.
        shape: of images that it takes, (N, H, W, C).
        dtype: of images that it takes.

    Raises:
        ValueError: it does not return scores (N, classes).

    It warns if the numbers of one image depend on the other, or on chance.
    """
    noise = np.random.default_rng(0).normal(size=(2, *shape[1:])) * [[[[1]]], [[[3]]]]
    if tf.as_dtype(dtype).is_integer:
        noise = noise * 16 + 64
    with tf.init_scope():  # eagerly, whatever is being traced
        both = outputs_of(model, tf.cast(noise, dtype))
        alone = outputs_of(model, tf.cast(noise[:1], dtype))
    rounding = 1e-3 if both.dtype.size > 2 else 0.03
    values, first = (tf.cast(each, tf.float64).numpy() for each in (both, alone))
    if np.linalg.norm(values[0] - first[0]) > 20 * rounding * np.linalg.norm(first):
        warnings.warn(
            f"{model.name} gives an image other scores each time, or beside other images, as with "
            "Dropout or BatchNormalization in training mode, and its maps vary with them; call "
            "such layers without training=True.",
            stacklevel=2,
        )
    return Answers(values.shape[1], what_are(values, rounding))


def outputs_of(model: tf.keras.Model, X: tf.Tensor) -> tf.Tensor:
    """What the model returns for images, (N, classes), in inference.

    Raises:
        ValueError: it returns something else.
    """
    given = tf.nest.map_structure(lambda _: X, getattr(model, "input", None))  # or Keras warns
    outputs = tf.nest.flatten(model(given, training=False))
    if len(outputs) > 1:
        shapes = " and ".join(_shape_for(X, output) for output in outputs)
        raise ValueError(
            f"{model.name} returns {len(outputs)} outputs, {shapes}; make a model of the one with "
            "the scores, as by tf.keras.Model(model.inputs, model.outputs[0])."
        )
    shape: tuple = getattr(outputs[0], "shape", ())
    if tf.executing_eagerly() and not (len(shape) == 2 and shape[0] == len(X) and shape[1]):
        raise ValueError(
            f"{model.name} returns {_shape_for(X, outputs[0])}; it must return scores (N, classes)."
        )
    return outputs[0]


def _shape_for(X: tf.Tensor, output: object) -> str:
    if not hasattr(output, "shape"):
        return str(output)
    shape = [*output.shape]
    if shape[:1] == [X.shape[0]]:
        shape[0] = "N"
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def what_are(values: np.ndarray, rounding: float = 1e-3) -> str:
    """What rows of numbers, (N, classes), could be: PROBABILITIES, LOGARITHMS, or just SCORES."""
    if values.shape[1] > 1:
        exponentials = np.exp(np.minimum(values, 1))
        for kind, chances in ((PROBABILITIES, values), (LOGARITHMS, exponentials)):
            sums_to_one = np.abs(chances.sum(axis=1) - 1) < rounding
            if (sums_to_one & (chances >= 0).all(axis=1)).all():
                return kind
    return SCORES


def rounded_for(
    dtype: tf.DType, X: np.ndarray, name: str, what: str = "X", exact: bool = False
) -> np.ndarray:
    """X in whole numbers, if ``dtype`` is one of integers, and else as it is.

    Args:
        dtype: of what a model takes.
        X: numbers.
        name: of who takes them, for the error.
        what: X is called there.
        exact: X must hold whole numbers already.

    Raises:
        ValueError: the dtype cannot hold X.
    """
    if not dtype.is_integer:
        return X
    whole = np.rint(X)
    wrong = X[(whole < dtype.min) | (whole > dtype.max) | (exact & (whole != X))]
    if wrong.size:
        raise ValueError(
            f"{what} holds {wrong[0]:g}, which {name} cannot take: it takes {dtype.name}, whole "
            f"numbers from {dtype.min} to {dtype.max}."
        )
    return whole


def before_the_end(outputs: tf.Tensor) -> tuple[tf.Tensor, str | None]:
    """What goes into the softmax, sigmoid or log-softmax that a graph's tensor was made by.

    Returns:
        That tensor, of the shape of ``outputs``, and the type of the operation; or ``outputs``
        itself and None, if there is no such operation at its end.
    """
    scores, end = _before(outputs, (outputs.graph,))
    if end:
        scores.set_shape(outputs.shape)
    return (scores, end) if end else (outputs, None)


def _before(tensor: tf.Tensor, graphs: tuple[tf.Graph, ...]) -> tuple[tf.Tensor, str | None]:
    kind = tensor.op.type
    if kind in ENDS:
        return tensor.op.inputs[0], kind
    if kind in _CALLS:
        body = _body(tensor.op, graphs)
        return _before(_inlined(tensor, body), (body, *graphs))
    if kind in _MOVES:
        scores, end = _before(tensor.op.inputs[0], graphs)
        return (_MOVES[kind](scores, tensor.op), end) if end else (scores, None)
    return tensor, None


def _inlined(tensor: tf.Tensor, body: tf.Graph) -> tf.Tensor:
    """The same numbers, computed by the steps of the function that returned them."""
    inputs = zip(body.inputs, tensor.op.inputs, strict=True)
    (result,) = tf.graph_util.import_graph_def(
        body.as_graph_def(),
        {inside.name: outside for inside, outside in inputs},
        [body.outputs[tensor.value_index].name],
    )
    return result


def _body(call: tf.Operation, graphs: tuple[tf.Graph, ...]) -> tf.Graph:
    """The graph of the function that an operation calls, of those known in some graphs."""
    name = call.get_attr("f").name
    # a graph that a call was imported into knows no more than the function's signature
    functions = (graph._get_function(name) for graph in graphs)
    return next(function.graph for function in functions if hasattr(function, "graph"))


def takes_channels_first(images: tf.Tensor) -> bool:
    """Whether a graph's tensor (N, ?, ?, ?) is used as (N, channels, H, W) from here on."""
    pending, seen = [images], set()
    while pending:
        tensor = pending.pop()
        for op in tensor.consumers():
            if op in seen:
                continue
            seen.add(op)
            if op.type in _CALLS:
                body = _body(op, (tensor.graph,))
                same = zip(body.inputs, op.inputs, strict=True)
                pending += [inside for inside, outside in same if outside is tensor]
            elif op.type == "Transpose":
                if _permutation(op) == [0, 2, 3, 1]:
                    return True
            elif layout := _layout(op):
                if layout == b"NCHW":
                    return True
            else:
                pending += [output for output in op.outputs if output.shape.rank == 4]
    return False


def gives_channels_first(features: tf.Tensor) -> bool:
    """Whether a graph's tensor (N, ?, ?, ?) was made as (N, channels, h, w)."""
    while True:
        op = features.op
        if op.type == "Transpose":
            return _permutation(op) == [0, 3, 1, 2]
        if layout := _layout(op):
            return layout == b"NCHW"
        before = [tensor for tensor in op.inputs if tensor.shape.rank == 4]
        if op.type in _CALLS or not before:
            return False
        features = before[0]


def _layout(op: tf.Operation) -> bytes | None:
    """What a convolution, a pool or the like takes an image for."""
    if op.type == "BiasAdd" or "data_format" not in op.node_def.attr:  # Keras adds either way
        return None
    return op.get_attr("data_format")


def _permutation(transpose: tf.Operation) -> list[int] | None:
    axes = tf.get_static_value(transpose.inputs[1])
    return None if axes is None else axes.tolist()
