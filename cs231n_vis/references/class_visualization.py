"""The reference answers to the assignment on class visualisation.

Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks: Visualising Image
Classification Models and Saliency Maps", arXiv:1312.6034 (2014), section 2; with jitter and blur in
the manner of Yosinski et al., "Understanding Neural Networks Through Deep Visualization",
arXiv:1506.06579 (2015), and of CS231n.
"""

from collections.abc import Callable

import numpy as np

from ..image_utils import BLACK, WHITE, blur_image
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


def create_class_visualization(
    X: np.ndarray,
    target_y: int,
    model: Callable,
    update_step: Callable,
    rng: np.random.Generator,
    num_iterations: int = 100,
    l2_reg: float = 1e-3,
    learning_rate: float = 25,
    max_jitter: int = 16,
    blur_every: int = 10,
) -> np.ndarray:
    """An image that has a high score for a class, by many steps from X.

    In each iteration the image is shifted by a random number of pixels in both directions (jitter;
    what leaves on one side comes back on the other), takes a step, is shifted back, and its pixels
    are clipped to what lies between black and white.

    Args:
        X: the image to start from, preprocessed float (1, H, W, 3).
        target_y: the class whose score is to rise.
        model: from images to unnormalised scores (1, classes).
        update_step: as ``class_visualization_update_step``; it is given arrays.
        rng: where the shifts come from.
        num_iterations: how many steps.
        l2_reg, learning_rate: for ``update_step``.
        max_jitter: the greatest shift, in pixels.
        blur_every: after so many iterations a blur of sigma 0.5 pixels.

    Returns:
        The image, float32 of the shape of X, which is not changed.
    """
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, BLACK, WHITE)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X


def total_variation(X: tf.Tensor) -> tf.Tensor:
    """The sum of the squared differences of all neighbouring pixels, in height and in width.

    Mahendran and Vedaldi, "Understanding Deep Image Representations by Inverting Them",
    arXiv:1412.0035 (2015), section 3, with beta = 2; there the last row and the last column count
    for nothing, here every pair of neighbours counts.

    Args:
        X: images, float tensor (N, H, W, C).

    Returns:
        A tensor of shape (): one number, 0 or more, for all images together.
    """
    down = X[:, 1:] - X[:, :-1]
    across = X[:, :, 1:] - X[:, :, :-1]
    return tf.reduce_sum(down**2) + tf.reduce_sum(across**2)
