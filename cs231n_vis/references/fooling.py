"""The reference answers to the assignment on fooling images.

Szegedy et al., "Intriguing properties of neural networks", arXiv:1312.6199 (2014); Goodfellow,
Shlens and Szegedy, "Explaining and Harnessing Adversarial Examples", arXiv:1412.6572 (2015).
"""

import numpy as np

from ..image_utils import deprocess_image, preprocess_image
from ..tensorflow_quiet import tf


def make_fooling_image(X: np.ndarray, target_y: int, model: tf.keras.Model) -> np.ndarray:
    """An image close to X that the network takes for another class.

    Gradient ascent on the unnormalised score of the target in steps of length 1, at most 100, as
    in CS231n. Szegedy et al. (2014) look for the smallest change with L-BFGS instead. It stops
    when the image fools the network as a photograph, with colours that are whole numbers.

    Args:
        X: one preprocessed image, (1, H, W, 3) float array. It is not changed.
        target_y: the class that the network is to see, an integer.
        model: a Keras model from images to scores (N, classes).

    Returns:
        array of the shape and the dtype of X. After 100 steps, or where the target's score has no
        gradient, it is the image come by so far.
    """
    X_fooling = np.array(X)
    for _ in range(100):
        photo = preprocess_image(deprocess_image(X_fooling)).astype(X_fooling.dtype)
        if np.argmax(model(photo)[0]) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        gradient = tape.gradient(score, image).numpy()
        length = np.linalg.norm(gradient)
        if length == 0:
            break
        X_fooling += gradient / length
    return X_fooling


def fast_gradient_sign(
    X: np.ndarray, y: np.ndarray, model: tf.keras.Model, epsilon: float
) -> np.ndarray:
    """Images each number of which is moved by epsilon, so that the loss of the label y rises.

    Goodfellow et al. (2015), section 4: X + epsilon sign(dJ/dX), J the cross-entropy of y. What
    leaves the range of a photograph is not clipped.

    Args:
        X: preprocessed images, (N, H, W, 3) float array. It is not changed.
        y: labels, (N,) integers.
        model: a Keras model from images to unnormalised scores (N, classes).
        epsilon: how far, in the units of X: 1/255 of a colour's range is about 0.017.

    Returns:
        array of the shape and the dtype of X. Where the gradient is zero, X stays as it is; that
        can be a whole image, if its probability of y is 1 in the precision used.
    """
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(X))
    return (X + epsilon * tf.sign(tape.gradient(loss, X))).numpy()
