"""The parameters of methods, checked: one sentence about what is wrong with them."""

import math

import numpy as np
from numpy.typing import ArrayLike


def checked_samples(samples: int, name: str = "samples") -> int:
    """A number of samples, steps, pixels: an integer of 1 or more."""
    if isinstance(samples, bool) or not isinstance(samples, int | np.integer):
        raise TypeError(f"{name} must be an integer, not {samples!r}.")
    if samples < 1:
        raise ValueError(f"{name} must be at least 1, not {samples}.")
    return int(samples)


def checked_level(name: str, level: float) -> None:
    """A level of noise: 0 or more."""
    if isinstance(level, bool) or not isinstance(level, int | float | np.number):
        raise TypeError(f"{name} must be a number, not {level!r}.")
    if not 0 <= level < math.inf:
        raise ValueError(f"{name} must be 0 or more, not {level}.")


def checked_baseline(baseline: ArrayLike, X: np.ndarray, name: str = "baseline") -> np.ndarray:
    """One image for each of X, (N, H, W, C), from a number, a colour, an image or a batch."""
    values = np.asarray(baseline)
    if values.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be made of numbers, not of dtype {values.dtype}.")
    try:
        values = np.broadcast_to(values, X.shape)
    except ValueError:
        raise ValueError(
            f"{name} has shape {values.shape}, which does not fit X of shape {X.shape}; give a "
            "number, a colour (C,), an image (H, W, C) or one for each (N, H, W, C)."
        ) from None
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds NaN or infinity.")
    return values.astype(np.float32)
