"""The reference answers to the assignments on saliency.

Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks: Visualising Image
Classification Models and Saliency Maps", arXiv:1312.6034 (2014).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from weakref import WeakKeyDictionary, ref

import numpy as np

from .tensorflow_quiet import tf

# Measured with benchmarks/bench_saliency.py: what two batches of five keep in memory stays in the
# processor's caches, and while one waits for the other's single-threaded steps no core is idle.
BATCH_SIZE = 5
BATCHES_AT_ONCE = 2


def compute_saliency_maps(X: np.ndarray, y: np.ndarray, model: tf.keras.Model) -> np.ndarray:
    """Saliency maps of the images X for the classes y.

    The map of an image is the gradient of the unnormalised score of its class with respect to
    its pixels: absolute value, then maximum over the channels (Simonyan 2014, section 3.1).

    Args:
        X: preprocessed images, (N, H, W, C) real numbers, NumPy array or tensor; N may be 0.
        y: labels, (N,) integers in 0..classes - 1.
        model: a Keras model from images to scores (N, classes). If it ends in a softmax, the
            gradient is taken of the scores that go into the softmax.

    Returns:
        float32 array (N, H, W), nonnegative, in score units per unit of X.

    Raises:
        TypeError: X or y is not made of numbers.
        ValueError: the shapes do not fit each other or the model, X holds NaN or infinity, or a
            label is not one of the model's classes.

    The gradient is compiled at the first call for a model and kept as long as the model lives;
    new weights are seen, a layer changed in place is not (``tf.keras.models.clone_model`` first).
    Memory does not grow with N beyond X and the result.
    """
    X, y = _checked_batch(X, y)
    maps, dtype, classes = _compiled_maps(model, X.shape)
    if len(y) and not 0 <= y.min() <= y.max() < classes:
        wrong = y[(y < 0) | (y >= classes)][0]
        raise ValueError(
            f"Label {wrong} in y is not a class of {model.name}: it has {classes}, numbered 0 to "
            f"{classes - 1}."
        )

    def maps_of(batch):
        return maps(tf.constant(X[batch], dtype), tf.constant(y[batch], tf.int32)).numpy()

    batches = [slice(i, i + BATCH_SIZE) for i in range(0, len(X), BATCH_SIZE)]
    with ThreadPoolExecutor(BATCHES_AT_ONCE) as pool:
        return np.concatenate(
            [np.empty((0, *X.shape[1:3]), np.float32), *pool.map(maps_of, batches)]
        )


class _Compiled(NamedTuple):
    maps: Callable  # (X, y) -> maps, for any batch size
    dtype: str  # of X
    classes: int


_compiled: WeakKeyDictionary = WeakKeyDictionary()  # model -> {shape of an image: _Compiled}


def _compiled_maps(model: tf.keras.Model, shape: tuple[int, ...]) -> _Compiled:
    """The gradient of this model, compiled at the first call for images of this shape."""
    inputs = getattr(model, "inputs", None) or [tf.keras.Input(shape[1:], name="X")]
    expected = (None, *inputs[0].shape[1:])
    if len(inputs) != 1 or len(expected) != 4:
        raise ValueError(
            f"{model.name} takes {[tuple(i.shape) for i in inputs]}; it must take one batch of "
            "images (N, H, W, channels)."
        )
    if any(e not in (None, have) for e, have in zip(expected, shape, strict=True)):
        raise ValueError(f"X has shape {shape} and {model.name} takes {expected}.")
    compiled = _compiled.setdefault(model, {})
    if expected not in compiled:
        compiled[expected] = _compile(model, tf.TensorSpec(expected, inputs[0].dtype))
    return compiled[expected]


def _compile(model: tf.keras.Model, images: tf.TensorSpec) -> _Compiled:
    the_model = ref(model)  # a strong reference here would keep the model alive for ever
    classes = 0

    @tf.function(input_signature=[images, tf.TensorSpec((None,), tf.int32)], autograph=False)
    def maps(X, y):
        nonlocal classes
        scores = the_model()(X, training=False)
        shape = getattr(scores, "shape", None)
        if shape is None or len(shape) != 2 or shape[1] is None:
            raise ValueError(f"{model.name} returns {shape}; it must return scores (N, classes).")
        classes = shape[1]
        correct_scores = tf.gather(_before_softmax(scores), y, axis=1, batch_dims=1)
        (gradient,) = tf.gradients(correct_scores, X)
        return tf.cast(tf.reduce_max(tf.abs(gradient), axis=3), tf.float32)

    return _Compiled(maps.get_concrete_function(), images.dtype, classes)


def _before_softmax(scores: tf.Tensor) -> tf.Tensor:
    """The unnormalised scores, if these have been through a softmax; otherwise these."""
    last = scores
    while last.op.type in ("Identity", "Cast"):
        last = last.op.inputs[0]
    return last.op.inputs[0] if last.op.type == "Softmax" else scores


def _checked_batch(X, y) -> tuple[np.ndarray, np.ndarray]:
    """X and y as arrays of numbers, or one sentence about what is wrong with them."""
    X, y = np.asarray(X), np.asarray(y)
    if X.dtype.kind not in "fiu":
        raise TypeError(f"X has dtype {X.dtype}; it must be an array of real numbers.")
    if X.ndim != 4:
        raise ValueError(
            f"X has shape {X.shape}; it must be a batch of images (N, H, W, channels). "
            "For one image, pass X[None]."
        )
    if not np.isfinite(X).all():
        raise ValueError("X holds NaN or infinity; a gradient there means nothing. Check X.")
    if y.dtype.kind not in "iu" and y.size:  # an empty list becomes an array of floats
        raise TypeError(f"y has dtype {y.dtype}; labels must be integers.")
    if y.shape != (len(X),):
        raise ValueError(
            f"X holds {len(X)} images and y has shape {y.shape}; y must hold one label for each "
            f"image, shape ({len(X)},)."
        )
    return X, y
