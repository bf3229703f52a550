"""Guided backpropagation: the gradient, with only the positive part let through every ReLU.

Springenberg, Dosovitskiy, Brox and Riedmiller, "Striving for Simplicity: The All Convolutional
Net", arXiv:1412.6806 (2015).
"""

import numpy as np

from ..tensorflow_quiet import tf
from .gradients import Network, in_batches, relu_gradient

GUIDED_RELU = "cs231n_vis_guided_relu"


def guided_backpropagation(X: np.ndarray, y: np.ndarray, model: tf.keras.Model) -> np.ndarray:
    """The gradient of the score, where each ReLU passes it on only if input and gradient are > 0.

    The pictures are sharp; that they hardly depend on the upper layers was found later (Adebayo
    2018, arXiv:1810.03292). The model is not changed.

    Args:
        X, y, model: as for ``saliency``; the model must have a ReLU.

    Returns:
        float32 (N, H, W, C), signed.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``, and for a model without ReLUs.
    """
    return in_batches(guided_gradient, X, y, model)


def guided_gradient(network: Network, X: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """The recipe: images (N, H, W, C) and labels (N,) to attributions (N, H, W, C)."""
    return network.gradient(X, y, relu=GUIDED_RELU)


@relu_gradient(GUIDED_RELU)
def _guided_relu(relu: tf.Operation, gradient: tf.Tensor) -> tf.Tensor:
    return tf.where((relu.outputs[0] > 0) & (gradient > 0), gradient, 0)
