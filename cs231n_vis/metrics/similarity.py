"""How alike are two maps of an image? By rank, by structure, by distance."""

import numpy as np
from scipy.stats import rankdata

from ..tensorflow_quiet import tf

SSIM_WINDOW = 11  # pixels; Wang 2004


def rank_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of each of N arrays with its partner.

    Args:
        a, b: (N, ...), of the same shape. Equal values share their mean rank.

    Returns:
        float64 (N,), from -1 to 1: 1 if both put their numbers in the same order. NaN where one of
        the two is constant and so has no order.
    """
    ranks = [rankdata(np.reshape(values, (len(values), -1)), axis=1) for values in (a, b)]
    first, second = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    size = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    return (first * second).sum(axis=1) / np.where(size > 0, size, np.nan)


def structural_similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """SSIM of each of N maps with its partner, after each is divided by its maximum.

    Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility to
    Structural Similarity", IEEE Transactions on Image Processing 13 (2004), with its window, a
    Gaussian of 11 pixels (fewer, if the map is smaller).

    Args:
        a, b: nonnegative maps (N, H, W), of the same shape.

    Returns:
        float64 (N,), at most 1, which equal maps have. NaN where one of the two is 0 everywhere.
    """
    scaled = []
    for maps in (np.asarray(a, np.float32), np.asarray(b, np.float32)):
        brightest = maps.max(axis=(1, 2), keepdims=True)
        scaled.append((maps / np.where(brightest > 0, brightest, np.nan))[..., None])
    window = min(SSIM_WINDOW, *scaled[0].shape[1:3])
    pairs = [
        tf.image.ssim(*pair, max_val=1.0, filter_size=window)  # one by one: it needs much memory
        for pair in zip(*scaled, strict=True)
    ]
    return np.array(pairs, np.float64)


def relative_change(changed: np.ndarray, original: np.ndarray) -> np.ndarray:
    """||changed - original|| / ||original|| (L2) of each of N arrays (N, ...), float64 (N,).

    0 if nothing changed; infinite if something came out of nothing.
    """
    changed, original = (
        np.reshape(values, (len(values), -1)).astype(np.float64) for values in (changed, original)
    )
    distance = np.linalg.norm(changed - original, axis=1)
    size = np.linalg.norm(original, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(distance > 0, distance / size, 0)
