"""Occlusion: how far the score falls when a patch of the image is covered.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901 (2014),
section 4.2.
"""

import numpy as np

from ..tensorflow_quiet import tf
from .checks import checked_baseline, checked_samples
from .gradients import Network, checked_batch, in_batches, in_variations


def occlusion(
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    patch: int = 32,
    stride: int = 16,
    baseline: np.ndarray | float = 0,
    progress: bool = True,
) -> np.ndarray:
    """The fall of the score when a square is covered, averaged over the squares that hold a pixel.

    Nothing is differentiated: this works for any model, and costs a forward pass for each square.

    Args:
        X, y, model: as for ``saliency``.
        patch: side of the square, in pixels; at most that of the image.
        stride: from one square to the next, in pixels, at most ``patch``. The last square of a row
            or column ends at the border, so every pixel is covered.
        baseline: what covers: a number, a colour (C,), an image (H, W, C) or one for each. 0 is
            ImageNet's mean colour.
        progress: show a bar if it takes more than two seconds.

    Returns:
        float32 (N, H, W), signed, in score units; negative where covering raises the score.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``; for a patch larger than the image, a
            stride larger than the patch, or a baseline that does not fit X.
    """
    X, y = checked_batch(Network.score, X, y, model)
    patch, stride = checked_samples(patch, "patch"), checked_samples(stride, "stride")
    height, width = X.shape[1:3]
    if patch > min(height, width):
        raise ValueError(f"A patch of {patch} does not fit in images of {height} x {width}.")
    if stride > patch:
        raise ValueError(f"With a stride of {stride}, patches of {patch} leave pixels uncovered.")
    X = X.astype(np.float32, copy=False)
    cover = checked_baseline(baseline, X)
    squares = [
        (slice(top, top + patch), slice(left, left + patch))
        for top in _starts(height, patch, stride)
        for left in _starts(width, patch, stride)
    ]

    def covered(n, s):
        image = X[n].copy()
        image[squares[s]] = cover[n][squares[s]]
        return image

    before = in_batches(Network.score, X, y, model)
    fall, times = np.zeros(X.shape[:3], np.float32), np.zeros((height, width), np.float32)
    for square in squares:
        times[square] += 1
    label = "occlusion" if progress else ""
    for n, s, after in in_variations(
        Network.score, covered, y, model, len(squares), X.shape, label, lambda: fall / times
    ):
        fall[n][squares[s]] += before[n] - after
    return fall / times


def _starts(length: int, patch: int, stride: int) -> list[int]:
    return [*range(0, length - patch, stride), length - patch]
