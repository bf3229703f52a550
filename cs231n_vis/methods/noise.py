"""Gradients at noisy copies of an image: what SmoothGrad, its square and VarGrad have in common."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from ..tensorflow_quiet import tf
from .checks import checked_level, checked_samples
from .gradients import Network, SoFar, checked_batch, in_variations


def noisy_gradients(
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    samples: int,
    noise: float,
    seed: int,
    progress: str,
    so_far: SoFar,
) -> tuple[tuple[int, ...], Iterator[tuple[int, int, np.ndarray]]]:
    """The shape of X, and ``n, s, gradient`` of image n with its s-th noise, in order.

    The noise is normal, with a standard deviation of ``noise`` times the range of the image's own
    values. It depends on the seed and on s alone, so an image's result does not depend on what
    else is in the batch. ``so_far`` as for ``in_variations``.
    """
    X, y = checked_batch(Network.gradient, X, y, model)
    samples = checked_samples(samples)
    checked_level("noise", noise)
    X = X.astype(np.float32, copy=False)
    deviation = [noise * (image.max() - image.min()) for image in X]

    @lru_cache(maxsize=4)  # one serves all images of a batch
    def normal(s):
        return np.random.default_rng((seed, s)).standard_normal(X.shape[1:], np.float32)

    def noisy(n, s):
        return X[n] + deviation[n] * normal(s)

    return X.shape, in_variations(
        Network.gradient, noisy, y, model, samples, X.shape, progress, so_far
    )
