"""Input × gradient: how much each pixel contributes to the score, to first order.

Shrikumar, Greenside, Shcherbina and Kundaje, "Not Just a Black Box: Learning Important Features
Through Propagating Activation Differences", arXiv:1605.01713 (2016), who compare with it.
"""

import numpy as np

from ..tensorflow_quiet import tf
from .gradients import Network, in_batches


def input_x_gradient(X: np.ndarray, y: np.ndarray, model: tf.keras.Model) -> np.ndarray:
    """The gradient of the score times the pixel it was taken at.

    It depends on where 0 lies: here a pixel of 0 is ImageNet's mean colour, which therefore never
    contributes.

    Args:
        X, y, model: as for ``saliency``.

    Returns:
        float32 (N, H, W, C), signed, in score units.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``.
    """
    return in_batches(product, X, y, model)


def product(network: Network, X: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """The recipe: images (N, H, W, C) and labels (N,) to attributions (N, H, W, C)."""
    return X * network.gradient(X, y)
