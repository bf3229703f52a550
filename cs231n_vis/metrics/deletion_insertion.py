"""Deletion and insertion: how fast the probability goes, or comes, with the pixels a map marks.

Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models",
arXiv:1806.07421 (2018), section 4.1.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter

from ..methods import as_maps
from ..methods.checks import checked_baseline, checked_level
from ..methods.gradients import Network, in_variations
from ..tensorflow_quiet import tf
from .checks import MethodFunction, attributions_of, checked_images, signed_maps

#: At which parts of the pixels the network is asked: 224 pixels of 224 x 224 apart in the first
#: tenth, where nearly all of the probability goes, then by twentieths.
FRACTIONS = np.concatenate([np.arange(0, 0.1, 1 / 224), np.linspace(0.1, 1, 19)])
SIGMA = 5.0  # pixels, as in the authors' code


class Curves(NamedTuple):
    """A curve for each image, and the area under it.

    Attributes:
        fractions: of the pixels that were changed, from 0 to 1, float64 (points,).
        probabilities: of the class, as for ``rise``, float32 (N, points).
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
    fractions: ArrayLike = FRACTIONS,
    signed: bool = False,
    baseline: np.ndarray | float = 0,
    seed: int = 0,
    progress: bool = True,
) -> Curves:
    """The probability of the class while pixels are deleted, the most important first.

    A small area is good: what the map marks was needed. The paper deletes as many pixels in each
    step, 224 of 224 x 224. Here so only in the first tenth: an area cannot be smaller than half the
    first step, and later on the curve is nearly flat.

    Args:
        method: any function ``method(X, y, model)`` that returns (N, H, W) or (N, H, W, C).
        X: preprocessed images, (N, H, W, C).
        y: labels, int (N,).
        model: a Keras model from images to scores (N, classes).
        fractions: of the pixels that are gone when the network is asked, rising from 0 to 1; a
            forward pass for each.
        signed: rank pixels by the sum of their attributions, with its sign, so that what speaks
            against the class goes last; False means by ``as_maps``, the largest absolute value.
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
    return _curves(
        method, X, y, model, X, end, fractions, signed, seed, "deletion" if progress else ""
    )


def insertion(
    method: MethodFunction,
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    fractions: ArrayLike = FRACTIONS,
    signed: bool = False,
    sigma: float = SIGMA,
    baseline: np.ndarray | float | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Curves:
    """The probability of the class while a blurred image gets its pixels back, as ``deletion``.

    A large area is good: what the map marks is enough. The paper starts from a blurred image
    because on a plain one the first pixels would be edges that were never there. Its blur is weaker
    than ours: a Gaussian of 5 pixels too, but cut to 11 x 11.

    Args:
        method, X, y, model, fractions, signed, seed, progress: as for ``deletion``.
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
    return _curves(
        method, X, y, model, start, X, fractions, signed, seed, "insertion" if progress else ""
    )


def checked_fractions(fractions: ArrayLike) -> np.ndarray:
    """The fractions as float64 (points,), or one sentence about them.

    Raises:
        ValueError: they do not rise from 0 to 1.
    """
    parts = np.atleast_1d(np.asarray(fractions, np.float64))
    rises = parts.ndim == 1 and parts[0] == 0 and parts[-1] == 1 and (np.diff(parts) > 0).all()
    if not rises:
        raise ValueError(
            "fractions must be numbers that rise from 0, the first, to 1, the last, such as "
            "np.linspace(0, 1, 21)."
        )
    return parts


def _curves(
    method: MethodFunction,
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    start: np.ndarray,
    end: np.ndarray,
    fractions: ArrayLike,
    signed: bool,
    seed: int,
    progress: str,
) -> Curves:
    parts = checked_fractions(fractions)
    attributions = attributions_of(method, X, y, model)
    maps = signed_maps(attributions) if signed else as_maps(attributions)
    # Where a map is flat, the first rows must not go first; chance decides, alike for every image.
    chance = np.random.default_rng(seed).random(maps[0].size)
    orders = [np.lexsort((chance, -saliency.ravel())) for saliency in maps]
    counts = np.rint(parts * maps[0].size).astype(int)

    def changed(n, s):
        image, pixels = start[n].copy(), orders[n][: counts[s]]
        image.reshape(-1, image.shape[2])[pixels] = end[n].reshape(-1, image.shape[2])[pixels]
        return image

    probabilities = np.empty((len(X), len(counts)), np.float32)
    for n, s, sure in in_variations(
        Network.probability, changed, y, model, len(counts), X.shape, progress
    ):
        probabilities[n, s] = sure
    parts = counts / counts[-1]
    areas = np.trapezoid(probabilities.astype(np.float64), parts, axis=1)
    return Curves(parts, probabilities, areas)
