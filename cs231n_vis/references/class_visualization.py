"""The reference answers to the assignment on class visualisation.

A step is that of Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks: Visualising
Image Classification Models and Saliency Maps", arXiv:1312.6034 (2014), section 2, with the
gradient normalised as in CS231n. What makes pictures recognisable, robustness to transformations
and waves with decorrelated colours, is from Olah, Mordvintsev and Schubert, "Feature
Visualization", Distill (2017), doi:10.23915/distill.00007.
"""

from collections.abc import Callable

import numpy as np

from ..image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ..tensorflow_quiet import tf


def class_visualization_update_step(
    X: tf.Tensor, model: Callable, target_y: int, l2_reg: float, learning_rate: float
) -> np.ndarray:
    """One step of gradient ascent on ``score - l2_reg * ||X||^2``.

    Args:
        X: a preprocessed image, float tensor or array (1, H, W, 3).
        model: from images to unnormalised scores (1, classes).
        target_y: the class whose score is to rise.
        l2_reg: strength of the regularisation, 0 or more.
        learning_rate: the length of the step: the L2 norm of the difference to X.

    Returns:
        The new image, an array of the shape and dtype of X, which is not changed.
    """
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    gradient = tape.gradient(objective, X)
    return (X + learning_rate * gradient / tf.norm(gradient)).numpy()


def robust_scores(
    X: tf.Tensor,
    y: np.ndarray,
    model: Callable,
    random_view: Callable,
    rng: np.random.Generator,
    num_views: int,
) -> tf.Tensor:
    """The mean score of images over random views of them: what a robust picture has high.

    Args:
        X: preprocessed images, float tensor (N, H, W, 3).
        y: the class of each, int (N,).
        model: from images to unnormalised scores (N, classes).
        random_view: makes another view of all images, ``random_view(X, rng)``.
        rng: where the views come from.
        num_views: how many views, 1 or more.

    Returns:
        A tensor (N,), which the tape can follow.
    """
    views = [random_view(X, rng) for _ in range(num_views)]
    return sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views) / num_views


def image_from_waves(waves: tf.Tensor, frequency: np.ndarray, colour_mix: np.ndarray) -> tf.Tensor:
    """Images as sums of waves, each with an amplitude in proportion to its wavelength.

    Args:
        waves: real and imaginary parts of the amplitudes before they are weighted, float tensor
            (2, N, 3, H, W // 2 + 1), as ``tf.signal.irfft2d`` orders them; W is even.
        frequency: of each wave, in waves per image, greater than 0: (H, W // 2 + 1).
        colour_mix: (3, 3); the colours of a pixel are this matrix times three numbers.

    Returns:
        Preprocessed images, a tensor (N, H, W, 3) of the dtype of waves, between black and white.
    """
    height, half = frequency.shape
    width = 2 * (half - 1)
    amplitudes = tf.complex(waves[0], waves[1]) / frequency
    planes = height * width * tf.signal.irfft2d(amplitudes, [height, width])
    colours = tf.sigmoid(tf.einsum("ck,nkhw->nhwc", colour_mix, planes))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD
