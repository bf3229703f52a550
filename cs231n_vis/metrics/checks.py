"""What every metric asks of its arguments, and of what a method returns."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from ..methods.gradients import Network, checked_batch
from ..tensorflow_quiet import tf

#: A method: images (N, H, W, C), labels (N,) and a model to (N, H, W) or (N, H, W, C).
MethodFunction = Callable[[np.ndarray, np.ndarray, tf.keras.Model], np.ndarray]


def checked_images(
    X: ArrayLike, y: ArrayLike, model: tf.keras.Model
) -> tuple[np.ndarray, np.ndarray]:
    """X float32 (N, H, W, C) and y int32 (N,), N of 1 or more, that fit each other and the model.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``, and for no image.
    """
    X, y = checked_batch(Network.probability, X, y, model)
    if not len(X):
        raise ValueError("X holds no image; give at least one.")
    return X.astype(np.float32, copy=False), y


def attributions_of(
    method: MethodFunction, X: np.ndarray, y: np.ndarray, model: tf.keras.Model
) -> np.ndarray:
    """What the method returns, float32 (N, H, W) or (N, H, W, C), or one sentence about it.

    Raises:
        TypeError: the method cannot be called, or does not return numbers.
        ValueError: it returns another shape, NaN or infinity.
    """
    if not callable(method):
        raise TypeError(
            f"A method must be a function of (X, y, model), as methods.saliency is, not {method!r}."
        )
    returned, name = method(X, y, model), name_of(method)
    if returned is None:
        raise TypeError(f"{name} returned nothing; let it end with `return` and its maps.")
    try:
        attributions = np.asarray(returned)
    except Exception:  # rows of different lengths, a graph's tensor
        attributions = np.asarray(None)
    if attributions.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} returned {type(returned).__name__}, which is not an array of numbers; let it "
            f"return one map for each image, shape {X.shape[:3]}."
        )
    if attributions.ndim not in (3, 4) or attributions.shape[:3] != X.shape[:3]:
        raise ValueError(
            f"{name} returned shape {attributions.shape}; it must return one map for each image, "
            f"{X.shape[:3]} or {X.shape}."
        )
    attributions = attributions.astype(np.float32, copy=False)
    bad = np.flatnonzero(~np.isfinite(attributions).all(axis=tuple(range(1, attributions.ndim))))
    if len(bad):
        raise ValueError(
            f"{name} returned NaN or infinity for image {bad[0]}; look for a division by zero in "
            "it."
        )
    return attributions


def name_of(method: MethodFunction) -> str:
    """How a method is called in an error or a table."""
    while isinstance(method, partial):
        method = method.func
    return getattr(method, "__name__", type(method).__name__)


def signed_maps(attributions: np.ndarray) -> np.ndarray:
    """Attributions summed over channels: (N, H, W), with their signs."""
    return attributions.sum(axis=3) if attributions.ndim == 4 else attributions
