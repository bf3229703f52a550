"""VarGrad: the variance of the gradient at noisy copies of the image.

Adebayo, Gilmer, Goodfellow and Kim, "Local Explanation Methods for Deep Neural Networks Lack
Sensitivity to Parameter Values", arXiv:1810.03307 (2018).
"""

import numpy as np

from ..tensorflow_quiet import tf
from .noise import noisy_gradients


def vargrad(
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    samples: int = 25,
    noise: float = 0.15,
    seed: int = 0,
    progress: bool = True,
) -> np.ndarray:
    """The variance over noisy copies of each image of the gradient of its score.

    It is SmoothGrad² less the square of SmoothGrad: what the noise makes of the gradient, without
    the gradient itself (Seo 2018, arXiv:1806.03000).

    Args:
        X, y, model, samples, noise, seed, progress: as for ``smoothgrad``.

    Returns:
        float32 (N, H, W, C), nonnegative, in squared score units per squared unit of X. The
        squared deviations are divided by ``samples``.

    Raises:
        TypeError, ValueError: as ``smoothgrad``.
    """
    shape, gradients = noisy_gradients(
        X, y, model, samples, noise, seed, "VarGrad" if progress else "", lambda: squares
    )
    mean, squares = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for n, s, gradient in gradients:  # Welford 1962: no difference of two large numbers
        deviation = gradient - mean[n]
        mean[n] += deviation / (s + 1)
        squares[n] += deviation * (gradient - mean[n])
    return squares / samples
