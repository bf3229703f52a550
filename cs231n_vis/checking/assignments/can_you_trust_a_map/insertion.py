"""Assignment 5: how good a map is by insertion, and how good one must be that knows nothing.

It must exceed the saliency maps of the same images, which ask the network, in the mean area over
twenty of them. Measured with the known images, 112 x 112 pixels, where saliency has 0.26: edges
exceed it by 0.12, the step to the next pixel by 0.05, what a blur took away by 0.16; chance is 0.12
below, the brightness 0.04. With hidden ones, parts of the same photographs, edges exceed it by 0.04
to 0.10 and chance is 0.05 to 0.15 below.
"""

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter

from ....image_utils import preprocess_image
from ....imagenet import load_imagenet_val
from ...checks import default_model
from ...scores import softmax

SIGMA = 3  # pixels; five of an image of 224 are 2.5 of one of 112
FRACTIONS = np.array([0, 0.1, 0.2, 0.4, 0.6, 0.8, 1])


def halved() -> np.ndarray:
    """The sample images at half of their size, preprocessed: (20, 112, 112, 3)."""
    X_raw = load_imagenet_val()[0]
    return preprocess_image(X_raw.reshape(20, 112, 2, 112, 2, 3).mean(axis=(2, 4)))


def labelled(X: np.ndarray) -> dict[str, np.ndarray]:
    """The images, the labels that the network gives them, and what their saliency maps get."""
    from ....maps import as_maps
    from ....methods.saliency import saliency

    y = np.argmax(_scores(X), axis=1)
    least = insertion_area(as_maps(saliency(X, y, default_model())), X, y)
    return {"X": X, "y": y, "least": np.asarray(least)}


def insertion_area(maps: np.ndarray, X: np.ndarray, y: np.ndarray) -> float:
    """The area under the insertion curve from the blurred images, mean over all of them.

    Args:
        maps: (N, H, W), finite. Where they are flat, chance decides.
        X: preprocessed images, (N, H, W, 3).
        y: labels, (N,).
    """
    chance = np.random.default_rng(0).random(maps[0].size)
    ranks = np.empty(maps.shape, int)
    for each, saliency in zip(ranks, maps, strict=True):
        each.ravel()[np.lexsort((chance, -saliency.ravel()))] = np.arange(saliency.size)
    blurred = gaussian_filter(X, SIGMA, axes=(1, 2))
    curves = []
    for fraction in FRACTIONS:
        there = ranks < fraction * maps[0].size
        probabilities = softmax(_scores(np.where(there[..., None], X, blurred)))
        curves.append(probabilities[np.arange(len(y)), y].mean())
    return float(np.trapezoid(curves, FRACTIONS))


def _scores(X: np.ndarray) -> np.ndarray:
    return _network()(X.astype(np.float32)).numpy().astype(np.float64)


@cache
def _network():
    from ....squeezenet import freeze

    return freeze(default_model())
