"""Deconvnet: the gradient, with each ReLU applied to the gradient instead of to the features.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901 (2014),
section 2.1; that it is backpropagation with another rule for ReLUs is in Simonyan 2014, section 4.
"""

import numpy as np

from ..tensorflow_quiet import tf
from .gradients import Network, in_batches, relu_gradient

RECTIFIED_RELU = "cs231n_vis_rectified_relu"


def deconvnet(X: np.ndarray, y: np.ndarray, model: tf.keras.Model) -> np.ndarray:
    """The gradient of the score, where each ReLU passes it on where the *gradient* is positive.

    keras-vis calls it rectified. Only the positions of the maxima in pooling still depend on the
    image. The model is not changed.

    Args:
        X, y, model: as for ``saliency``; the model must have a ReLU.

    Returns:
        float32 (N, H, W, C), signed.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``, and for a model without ReLUs.
    """
    return in_batches(rectified_gradient, X, y, model)


def rectified_gradient(network: Network, X: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """The recipe: images (N, H, W, C) and labels (N,) to attributions (N, H, W, C)."""
    return network.gradient(X, y, relu=RECTIFIED_RELU)


@relu_gradient(RECTIFIED_RELU)
def _rectified_relu(relu: tf.Operation, gradient: tf.Tensor) -> tf.Tensor:
    return tf.nn.relu(gradient)
