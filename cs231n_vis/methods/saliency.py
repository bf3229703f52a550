"""Saliency: the gradient of a class's score with respect to the pixels.

Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks: Visualising Image
Classification Models and Saliency Maps", arXiv:1312.6034 (2014).
"""

import numpy as np

from ..tensorflow_quiet import tf
from .gradients import Network, in_batches


def saliency(X: np.ndarray, y: np.ndarray, model: tf.keras.Model) -> np.ndarray:
    """The gradient of the score of class y[n] with respect to the pixels of image X[n].

    Args:
        X: preprocessed images, (N, H, W, C).
        y: labels, int (N,).
        model: a Keras model from images to scores (N, classes).

    Returns:
        float32 (N, H, W, C), signed, in score units per unit of X. Its ``as_maps`` are the maps of
        ``compute_saliency_maps``.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``.
    """
    return in_batches(Network.gradient, X, y, model)
