"""Saliency, class activation maps and activation maximisation; ``overlay`` to show them."""

import numpy as np

from ..utils.utils import get_num_filters
from .activation_maximization import visualize_activation, visualize_activation_with_losses
from .saliency import (
    visualize_cam,
    visualize_cam_with_losses,
    visualize_saliency,
    visualize_saliency_with_losses,
)

__all__ = [
    "get_num_filters",
    "overlay",
    "visualize_activation",
    "visualize_activation_with_losses",
    "visualize_cam",
    "visualize_cam_with_losses",
    "visualize_saliency",
    "visualize_saliency_with_losses",
]


def overlay(array1: np.ndarray, array2: np.ndarray, alpha: float = 0.5) -> np.ndarray:
    """``array1`` laid over ``array2``: alpha * array1 + (1 - alpha) * array2.

    Args:
        array1, array2: arrays of one shape.
        alpha: 0 shows only ``array2``, 1 only ``array1``.

    Returns:
        An array of the dtype of ``array1``; fractions are cut off if that is integers.

    Raises:
        ValueError: ``alpha`` is not in 0..1, or the shapes differ.
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha must be between 0 and 1, not {alpha}.")
    if array1.shape != array2.shape:
        raise ValueError(
            f"array1 has shape {array1.shape} and array2 {array2.shape}; they must be the same."
        )
    return (array1 * alpha + array2 * (1.0 - alpha)).astype(array1.dtype)
