"""The reference answers to the assignments on saliency.

Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks: Visualising Image
Classification Models and Saliency Maps", arXiv:1312.6034 (2014).
"""

from collections.abc import Callable, Sequence

import numpy as np

from ..methods.gradients import Network, in_batches
from ..tensorflow_quiet import tf


def compute_saliency_maps(X: np.ndarray, y: np.ndarray, model: tf.keras.Model) -> np.ndarray:
    """Saliency maps of the images X for the classes y.

    The map of an image is the gradient of the unnormalised score of its class with respect to
    its pixels: absolute value, then maximum over the channels (Simonyan 2014, section 3.1).

    Args:
        X: preprocessed images, (N, H, W, C) real numbers, NumPy array or tensor; N may be 0.
        y: labels, (N,) integers in 0..classes - 1.
        model: a Keras model from images to scores (N, classes). If it ends in a softmax, its
            logarithm or a sigmoid, the gradient is taken of the scores that go in.

    Returns:
        float32 array (N, H, W), nonnegative, in score units per unit of X.

    Raises:
        TypeError: X or y is not made of numbers.
        ValueError: the shapes do not fit each other or the model, X holds NaN or infinity, or a
            label is not one of the model's classes. The model returns something else than scores,
            or probabilities in which no softmax is found to leave out (set
            ``model.outputs_are_scores = True`` to explain those), or has its channels first.

    The gradient is compiled at the first call for a model and kept as long as the model lives;
    new weights are seen, a layer changed in place is not (``tf.keras.models.clone_model`` first).
    Memory does not grow with N beyond X and the result.
    """
    return in_batches(saliency_map, X, y, model)


def saliency_map(network: Network, X: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """The recipe: images (N, H, W, C) and labels (N,) to maps (N, H, W)."""
    return tf.reduce_max(tf.abs(network.gradient(X, y)), axis=3)


def compute_weighted_saliency_maps(
    X: np.ndarray,
    losses: Sequence[tuple[Callable[[tf.Tensor], tf.Tensor], float]],
    model: tf.keras.Model,
) -> np.ndarray:
    """Saliency maps of a weighted sum of losses, as keras-vis's ``visualize_saliency_with_losses``.

    Args:
        X: preprocessed images, float32 (N, H, W, C).
        losses: pairs of a function from scores (N, classes) to one number an image (N,), and its
            weight.
        model: a Keras model from images to scores (N, classes).

    Returns:
        float array (N, H, W), nonnegative: the gradient of the weighted sum with respect to the
        pixels, absolute value, maximum over the channels. The dtype is that of X.
    """
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(weight * loss(scores) for loss, weight in losses)
    return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()
