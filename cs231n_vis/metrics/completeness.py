"""Completeness: do the attributions of an image add up to its score?

Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", arXiv:1703.01365 (2017),
section 3: the sum should be the score of the image minus that of a baseline.
"""

from typing import NamedTuple

import numpy as np

from ..methods.checks import checked_baseline
from ..methods.gradients import Network, in_batches
from ..tensorflow_quiet import tf
from .checks import MethodFunction, attributions_of, checked_images


class Completeness(NamedTuple):
    """The two sides of the equation, and how far apart they are.

    Attributes:
        total: the sum of all attributions of each image, float64 (N,).
        difference: its score minus the baseline's, float64 (N,), in score units.
        gap: ``|total - difference| / |difference|``, float64 (N,); 0 is complete. Infinite where
            the scores do not differ and the total is not 0.
    """

    total: np.ndarray
    difference: np.ndarray
    gap: np.ndarray


def completeness(
    method: MethodFunction,
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    baseline: np.ndarray | float = 0,
) -> Completeness:
    """Compare the sum of the attributions with the difference of the scores.

    Only attributions in score units can be complete: integrated gradients, expected gradients
    (with a mean over baselines instead of one) and, if the network is linear, input x gradient. Of
    other methods the number says no more than that they are something else.

    Args:
        method, X, y, model: as for ``deletion``; the score is what goes into a softmax at the end.
        baseline: a number, a colour (C,), an image (H, W, C) or one for each, as the method's.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``; for no image, a baseline that does not
            fit X, and a method that does not return one map for each image.
    """
    X, y = checked_images(X, y, model)
    start = checked_baseline(baseline, X)
    attributions = attributions_of(method, X, y, model)
    total = attributions.reshape(len(X), -1).sum(axis=1, dtype=np.float64)
    scores = in_batches(Network.score, X, y, model).astype(np.float64)
    difference = scores - in_batches(Network.score, start, y, model)
    apart = np.abs(total - difference)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.where(apart > 0, apart / np.abs(difference), 0)
    return Completeness(total, difference, gap)
