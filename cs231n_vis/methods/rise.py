"""RISE: the mean of random masks, weighted by how sure the network is of what they leave.

Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models",
arXiv:1806.07421 (2018).
"""

from functools import lru_cache

import numpy as np
from PIL import Image

from ..tensorflow_quiet import tf
from .checks import checked_samples
from .gradients import Network, checked_batch, in_variations


def rise(
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    samples: int = 500,
    cells: int = 7,
    keep: float = 0.5,
    seed: int = 0,
    progress: bool = True,
) -> np.ndarray:
    """The mean probability of the class over the random masks that leave a pixel to be seen.

    A mask is a small grid of zeros and ones, upsampled bilinearly and shifted at random; the image
    is multiplied with it, so that 0, the mean colour, covers. Nothing is differentiated. The paper
    takes 4000 to 8000 masks; a few hundred show where the object is.

    Args:
        X, y, model: as for ``saliency``. The probability is what the model returns, if it returns
            probabilities, and else the softmax of its scores; of a single score, the sigmoid.
        samples: masks for each image.
        cells: of the grid, in each direction.
        keep: probability that a cell is left to be seen, between 0 and 1.
        seed: of the masks; they are the same for every image.
        progress: show a bar if it takes more than two seconds.

    Returns:
        float32 (N, H, W), nonnegative: the paper's sum over masks, over ``samples * keep``.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``, and for parameters out of range.
    """
    X, y = checked_batch(Network.probability, X, y, model)
    samples, cells = checked_samples(samples), checked_samples(cells, "cells")
    if not 0 < keep < 1:
        raise ValueError(f"keep must lie between 0 and 1, not {keep}.")
    X = X.astype(np.float32, copy=False)

    @lru_cache(maxsize=16)  # one serves all images, and is met again with the results
    def mask(s):
        return random_mask(X.shape[1:3], cells, keep, (seed, s))

    def masked(n, s):
        return X[n] * mask(s)[..., None]

    maps = np.zeros(X.shape[:3], np.float32)
    label = "RISE" if progress else ""
    for n, s, sure in in_variations(
        Network.probability, masked, y, model, samples, X.shape, label, lambda: maps
    ):
        maps[n] += sure * mask(s)
    return maps / (samples * keep)


def random_mask(
    size: tuple[int, int], cells: int, keep: float, seed: tuple[int, ...]
) -> np.ndarray:
    """A mask (H, W), float32 in 0..1: a grid, upsampled to a cell more than needed, and shifted."""
    rng = np.random.default_rng(seed)
    cell = [-(-side // cells) for side in size]
    grid = Image.fromarray((rng.random((cells, cells)) < keep).astype(np.float32))
    height, width = ((cells + 1) * side for side in cell)
    mask = np.asarray(grid.resize((width, height), Image.Resampling.BILINEAR))
    top, left = rng.integers(cell)
    return mask[top : top + size[0], left : left + size[1]]
