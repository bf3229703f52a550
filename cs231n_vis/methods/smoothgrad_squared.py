"""SmoothGrad²: the mean *squared* gradient at noisy copies of the image.

Hooker, Erhan, Kindermans and Kim, "A Benchmark for Interpretability Methods in Deep Neural
Networks", arXiv:1806.10758 (2019).
"""

import numpy as np

from ..tensorflow_quiet import tf
from .noise import noisy_gradients


def smoothgrad_squared(
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    samples: int = 25,
    noise: float = 0.15,
    seed: int = 0,
    progress: bool = True,
) -> np.ndarray:
    """The mean over noisy copies of each image of the square of the gradient of its score.

    Unlike SmoothGrad, gradients of opposite sign do not cancel.

    Args:
        X, y, model, samples, noise, seed, progress: as for ``smoothgrad``.

    Returns:
        float32 (N, H, W, C), nonnegative, in squared score units per squared unit of X.

    Raises:
        TypeError, ValueError: as ``smoothgrad``.
    """
    shape, gradients = noisy_gradients(
        X, y, model, samples, noise, seed, "SmoothGrad²" if progress else "", lambda: mean
    )
    mean = np.zeros(shape, np.float32)
    for n, _, gradient in gradients:
        mean[n] += gradient**2 / samples
    return mean
