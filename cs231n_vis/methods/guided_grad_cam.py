"""Guided Grad-CAM: guided backpropagation, kept where Grad-CAM is bright.

Selvaraju, Cogswell, Das, Vedantam, Parikh and Batra, "Grad-CAM: Visual Explanations from Deep
Networks via Gradient-based Localization", arXiv:1610.02391 (2017), section 3.2.
"""

import numpy as np

from ..tensorflow_quiet import tf
from .grad_cam import grad_cam
from .guided_backpropagation import guided_backpropagation


def guided_grad_cam(
    X: np.ndarray, y: np.ndarray, model: tf.keras.Model, *, layer: str | None = None
) -> np.ndarray:
    """Guided backpropagation times the upsampled Grad-CAM: fine, and of one class.

    Args:
        X, y, model: as for ``saliency``; the model must have a ReLU.
        layer: as for ``grad_cam``.

    Returns:
        float32 (N, H, W, C), signed.

    Raises:
        TypeError, ValueError: as ``grad_cam`` and ``guided_backpropagation``.
    """
    return guided_backpropagation(X, y, model) * grad_cam(X, y, model, layer=layer)[..., None]
