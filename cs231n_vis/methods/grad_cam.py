"""Grad-CAM: the feature maps of a late layer, weighted by what the score gains from each.

Selvaraju, Cogswell, Das, Vedantam, Parikh and Batra, "Grad-CAM: Visual Explanations from Deep
Networks via Gradient-based Localization", arXiv:1610.02391 (2017).
"""

from dataclasses import dataclass

import numpy as np

from ..tensorflow_quiet import tf
from .gradients import Network, channels_last, in_batches


def grad_cam(
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    layer: str | None = None,
    upsample: bool = True,
) -> np.ndarray:
    """Where a layer's feature maps speak for the class.

    Each feature map is weighted by the mean over its pixels of the gradient of the score; the
    positive part of the weighted sum is the map.

    Args:
        X, y, model: as for ``saliency``.
        layer: the name of the layer whose output is looked at, at any depth of nested models. None
            means the last whose output has height and width, and not just 1 of each. In SqueezeNet
            that is ``conv10``, which has one feature map a class: there Grad-CAM is the original
            CAM (Zhou 2016, arXiv:1512.04150).
        upsample: bring the map to the size of the image, bilinearly, as the paper does.

    Returns:
        float32 (N, H, W), nonnegative; without ``upsample`` of the size of the feature maps.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``, and for a layer that is not there or
            that the score does not depend on.
    """
    return in_batches(ClassActivationMap(layer, upsample), X, y, model)


@dataclass(frozen=True)
class ClassActivationMap:
    """The recipe, for one layer: images (N, H, W, C) and labels (N,) to maps (N, H, W)."""

    layer: str | None
    upsample: bool

    def __call__(self, network: Network, X: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        score, features = network.score_and_features(X, y, self.layer)
        features, slope = channels_last(features, network.gradient_of(score, features))
        weights = tf.reduce_mean(slope, (1, 2), keepdims=True)
        maps = tf.nn.relu(tf.reduce_sum(weights * features, axis=3, keepdims=True))
        if self.upsample:
            maps = tf.image.resize(maps, tf.shape(X)[1:3], "bilinear")
        return maps[..., 0]
