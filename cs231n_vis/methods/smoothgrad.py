"""SmoothGrad: the mean gradient at noisy copies of the image.

Smilkov, Thorat, Kim, Viégas and Wattenberg, "SmoothGrad: removing noise by adding noise",
arXiv:1706.03825 (2017).
"""

import numpy as np

from ..tensorflow_quiet import tf
from .noise import noisy_gradients


def smoothgrad(
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    samples: int = 25,
    noise: float = 0.15,
    seed: int = 0,
    progress: bool = True,
) -> np.ndarray:
    """The mean over ``samples`` noisy copies of each image of the gradient of its score.

    Args:
        X, y, model: as for ``saliency``.
        samples: noisy copies of each image.
        noise: their standard deviation, as a share of the image's range (maximum minus minimum);
            the paper finds 0.1 to 0.2 best.
        seed: of the noise. The same seed gives the same noise to every image, whatever else is in
            the batch.
        progress: show a bar if it takes more than two seconds.

    Returns:
        float32 (N, H, W, C), signed, in score units per unit of X.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``, and for fewer samples than one or a
            negative noise.
    """
    shape, gradients = noisy_gradients(
        X, y, model, samples, noise, seed, "SmoothGrad" if progress else "", lambda: mean
    )
    mean = np.zeros(shape, np.float32)
    for n, _, gradient in gradients:
        mean[n] += gradient / samples
    return mean
