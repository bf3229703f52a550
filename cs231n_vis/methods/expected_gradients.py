"""Expected gradients: integrated gradients, averaged over baselines drawn from real images.

Erion, Janizek, Sturmfels, Lundberg and Lee, "Improving performance of deep learning models with
axiomatic attribution priors and expected gradients", arXiv:1906.10670 (2021).
"""

import numpy as np

from ..imagenet import sample_photographs
from ..tensorflow_quiet import tf
from .checks import checked_samples
from .gradients import Network, checked_batch, in_variations


def expected_gradients(
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    samples: int = 50,
    background: np.ndarray | None = None,
    seed: int = 0,
    progress: bool = True,
) -> np.ndarray:
    """The mean of (image - other) times the gradient at a random point between the two.

    For each sample another image is drawn from the background, and a point on the way from it, both
    uniformly: no single baseline has to be chosen. The attributions sum to the score minus the mean
    score of the background, up to the error of the sampling.

    Args:
        X, y, model: as for ``saliency``.
        samples: pairs of another image and a point, for each image.
        background: the other images, (M, H, W, C), preprocessed like X; None means the 20 sample
            photographs.
        seed: of the draws. The same seed gives the same draws to every image.
        progress: show a bar if it takes more than two seconds.

    Returns:
        float32 (N, H, W, C), signed, in score units.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``, and for a background that does not fit.
    """
    X, y = checked_batch(Network.gradient, X, y, model)
    samples = checked_samples(samples)
    background = sample_photographs()[0] if background is None else np.asarray(background)
    if background.dtype.kind not in "fiu" or background.shape[1:] != X.shape[1:]:
        raise ValueError(
            f"background has shape {background.shape} and dtype {background.dtype}; it must hold "
            f"images like X, numbers of shape (M, {', '.join(map(str, X.shape[1:]))})."
        )
    if not len(background):
        raise ValueError("background holds no image; give at least one.")
    if not np.isfinite(background).all():
        raise ValueError("background holds NaN or infinity.")
    rng = np.random.default_rng(seed)
    others, points = rng.integers(len(background), size=samples), rng.random(samples, np.float32)
    X, background = X.astype(np.float32, copy=False), background.astype(np.float32, copy=False)

    def between(n, s):
        other = background[others[s]]
        return other + points[s] * (X[n] - other)

    mean = np.zeros_like(X)
    label = "expected gradients" if progress else ""
    for n, s, slope in in_variations(
        Network.gradient, between, y, model, samples, X.shape, label, lambda: mean
    ):
        mean[n] += (X[n] - background[others[s]]) * slope / samples
    return mean
