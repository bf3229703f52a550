"""From attributions to maps that can be drawn and compared."""

import numpy as np

from .method_table import METHODS


def as_maps(attributions: np.ndarray) -> np.ndarray:
    """Maps that can be drawn and compared: nonnegative, one number a pixel.

    Args:
        attributions: what a method returned, (N, H, W, C) or (N, H, W).

    Returns:
        float32 (N, H, W): of attributions with channels the largest absolute value of each pixel,
        of others the positive part.

    Raises:
        ValueError: another shape.
    """
    attributions = np.asarray(attributions, np.float32)
    if attributions.ndim == 4:
        return np.abs(attributions).max(axis=3)
    if attributions.ndim == 3:
        return np.maximum(attributions, 0)
    raise ValueError(
        f"attributions have shape {attributions.shape}; they must be (N, H, W) or (N, H, W, C)."
    )


def drawable(method: str, attributions: np.ndarray) -> np.ndarray:
    """Maps (N, H, W) as they are drawn: ``as_maps``, and some methods' from each map's minimum.

    ``method`` is a name in the table of methods, or any other text.
    """
    maps = as_maps(attributions)
    if method in METHODS and METHODS[method].from_minimum:
        return maps - maps.min(axis=(1, 2), keepdims=True)
    return maps
