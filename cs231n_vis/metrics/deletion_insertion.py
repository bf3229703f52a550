"""Deletion and insertion: how fast the probability goes, or comes, with the pixels a map marks.

Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models",
arXiv:1806.07421 (2018), section 4.1.
"""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter

from ..methods import as_maps
from ..methods.checks import checked_baseline, checked_level, checked_samples
from ..methods.gradients import Network, in_variations
from ..tensorflow_quiet import tf
from .checks import MethodFunction, attributions_of, checked_images

STEPS = 20
SIGMA = 10.0  # pixels: of the sample images it leaves the network 0.5 % of their classes


class Curves(NamedTuple):
    """A curve for each image, and the area under it.

    Attributes:
        fractions: of the pixels that were changed, from 0 to 1, float64 (steps + 1,).
        probabilities: of the class, as for ``rise``, float32 (N, steps + 1).
        areas: under each curve by the trapezoid rule, float64 (N,), from 0 to 1.
    """

    fractions: np.ndarray
    probabilities: np.ndarray
    areas: np.ndarray


def deletion(
    method: MethodFunction,
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    steps: int = STEPS,
    baseline: np.ndarray | float = 0,
    seed: int = 0,
    progress: bool = True,
) -> Curves:
    """The probability of the class while pixels are deleted, the most important first.

    A small area is good: what the map marks was needed. A map is ranked after ``as_maps``. The
    paper deletes a fixed number of pixels in each step; here the number of steps is fixed, which is
    the same for images of one size.

    Args:
        method: any function ``method(X, y, model)`` that returns (N, H, W) or (N, H, W, C).
        X: preprocessed images, (N, H, W, C).
        y: labels, int (N,).
        model: a Keras model from images to scores (N, classes).
        steps: in how many steps all pixels go; a forward pass for each.
        baseline: what a deleted pixel becomes: a number, a colour (C,), an image (H, W, C) or one
            for each. 0, as in the paper, is ImageNet's mean colour.
        seed: of the order among pixels of equal importance.
        progress: show a bar if it takes more than two seconds.

    Returns:
        ``Curves``, from the image itself to the baseline.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``; for no image, for parameters out of
            range, and for a method that does not return one map for each image.
    """
    X, y = checked_images(X, y, model)
    end = checked_baseline(baseline, X)
    return _curves(method, X, y, model, X, end, steps, seed, "deletion" if progress else "")


def insertion(
    method: MethodFunction,
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    steps: int = STEPS,
    sigma: float = SIGMA,
    baseline: np.ndarray | float | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Curves:
    """The probability of the class while a blurred image gets its pixels back, as ``deletion``.

    A large area is good: what the map marks is enough. The paper starts from a blurred image
    because on a plain one the first pixels would be edges that were never there. Its blur is weaker
    than ours: a Gaussian of 5 pixels, cut to 11 x 11.

    Args:
        method, X, y, model, steps, seed, progress: as for ``deletion``.
        sigma: standard deviation of the Gaussian blur, in pixels.
        baseline: what to start from instead: a number, a colour (C,), an image (H, W, C) or one for
            each.

    Returns:
        ``Curves``, from the blurred image to the image itself.

    Raises:
        TypeError, ValueError: as ``deletion``.
    """
    X, y = checked_images(X, y, model)
    if baseline is None:
        checked_level("sigma", sigma)
        start = gaussian_filter(X, sigma, axes=(1, 2))
    else:
        start = checked_baseline(baseline, X)
    return _curves(method, X, y, model, start, X, steps, seed, "insertion" if progress else "")


def _curves(
    method: MethodFunction,
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    start: np.ndarray,
    end: np.ndarray,
    steps: int,
    seed: int,
    progress: str,
) -> Curves:
    steps = checked_samples(steps, "steps")
    maps = as_maps(attributions_of(method, X, y, model))
    # Where a map is flat, the first rows must not go first; chance decides, alike for every image.
    chance = np.random.default_rng(seed).random(maps[0].size)
    orders = [np.lexsort((chance, -saliency.ravel())) for saliency in maps]
    counts = np.rint(np.linspace(0, maps[0].size, steps + 1)).astype(int)

    def changed(n, s):
        image, pixels = start[n].copy(), orders[n][: counts[s]]
        image.reshape(-1, image.shape[2])[pixels] = end[n].reshape(-1, image.shape[2])[pixels]
        return image

    probabilities = np.empty((len(X), steps + 1), np.float32)
    for n, s, sure in in_variations(
        Network.probability, changed, y, model, steps + 1, X.shape, progress
    ):
        probabilities[n, s] = sure
    fractions = counts / counts[-1]
    areas = np.trapezoid(probabilities.astype(np.float64), fractions, axis=1)
    return Curves(fractions, probabilities, areas)
