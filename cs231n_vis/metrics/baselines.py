"""Two methods that know nothing of the network: what a metric gives to these, it gives for free.

Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim, "Sanity Checks for Saliency Maps",
arXiv:1810.03292 (2018), compare with an edge detector.
"""

import numpy as np
from scipy.ndimage import sobel

from ..tensorflow_quiet import tf


def random_map(X: np.ndarray, y: np.ndarray, model: tf.keras.Model, *, seed: int = 0) -> np.ndarray:
    """Random numbers, uniform in 0..1: float32 (N, H, W), the same map for every image.

    Args:
        X: images, (N, H, W, C); only their shape matters.
        y, model: not looked at.
        seed: of the numbers.
    """
    X = np.asarray(X)
    numbers = np.random.default_rng(seed).random(X.shape[1:3], np.float32)
    return np.repeat(numbers[None], len(X), axis=0)


def edges(X: np.ndarray, y: np.ndarray, model: tf.keras.Model) -> np.ndarray:
    """Where neighbouring pixels differ: the length of the Sobel gradient of the mean colour.

    Args:
        X: images, (N, H, W, C).
        y, model: not looked at.

    Returns:
        float32 (N, H, W), nonnegative, in units of X.
    """
    grey = np.asarray(X, np.float32).mean(axis=3)
    # image by image, for along the batch it would smooth; it adds up eight differences
    steep = [np.hypot(sobel(image, axis=0), sobel(image, axis=1)) / 8 for image in grey]
    return np.reshape(steep, grey.shape)
