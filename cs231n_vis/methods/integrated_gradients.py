"""Integrated gradients: the gradient, averaged on the straight way from a baseline to the image.

Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", arXiv:1703.01365 (2017).
"""

import numpy as np

from ..tensorflow_quiet import tf
from .checks import checked_baseline, checked_samples
from .gradients import Network, checked_batch, in_batches, in_variations


def integrated_gradients(
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    steps: int = 50,
    baseline: np.ndarray | float = 0,
    rule: str = "midpoint",
    return_gap: bool = False,
    progress: bool = True,
) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
    """(image - baseline) times the mean gradient on the straight way between them.

    Completeness: the attributions of an image sum to its score minus the baseline's, up to the
    error of the numerical integration, the *gap*.

    Args:
        X, y, model: as for ``saliency``.
        steps: at how many points of the way the gradient is taken.
        baseline: where the way begins: a number, a colour (C,), an image (H, W, C) or one for each
            (N, H, W, C), preprocessed like X. 0 is ImageNet's mean colour. A pixel that is like
            the baseline gets 0, so a black baseline is blind to black things.
        rule: ``"midpoint"`` takes the gradient in the middle of each of ``steps`` parts of the way;
            ``"trapezoid"`` at both ends and between, with half the weight at the ends.
        return_gap: also return the completeness gap.
        progress: show a bar if it takes more than two seconds.

    Returns:
        float32 (N, H, W, C), signed, in score units; with ``return_gap`` also the gap, float32
        (N,): the sum of the attributions minus the difference of the scores, in score units.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``; for fewer steps than one (two for the
            trapezoid rule), a baseline that does not fit X, or an unknown rule.
    """
    X, y = checked_batch(Network.gradient, X, y, model)
    places, weights = _quadrature(rule, checked_samples(steps, "steps"))
    X = X.astype(np.float32, copy=False)
    start = checked_baseline(baseline, X)

    def on_the_way(n, s):
        return start[n] + places[s] * (X[n] - start[n])

    total = np.zeros_like(X)
    label = "integrated gradients" if progress else ""
    for n, s, slope in in_variations(
        Network.gradient, on_the_way, y, model, steps, X.shape, label, lambda: total * (X - start)
    ):
        total[n] += weights[s] * slope
    total *= X - start
    if not return_gap:
        return total
    difference = in_batches(Network.score, X, y, model) - in_batches(Network.score, start, y, model)
    return total, total.sum(axis=(1, 2, 3)) - difference


def _quadrature(rule: str, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Places in 0..1 and their weights, which sum to 1."""
    if rule == "midpoint":
        places, weights = (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)
    elif rule == "trapezoid" and steps > 1:
        places, weights = np.linspace(0, 1, steps), np.full(steps, 1 / (steps - 1))
        weights[[0, -1]] /= 2
    elif rule == "trapezoid":
        raise ValueError("The trapezoid rule needs at least 2 steps, one for each end.")
    else:
        raise ValueError(f"rule must be 'midpoint' or 'trapezoid', not {rule!r}.")
    return places.astype(np.float32), weights.astype(np.float32)
