"""The reference answers to the assignment on being right for the wrong reason.

Lapuschkin, Wäldchen, Binder, Montavon, Samek and Müller, "Unmasking Clever Hans predictors and
assessing what machines really learn", Nature Communications 10, 1096, arXiv:1902.10178 (2019);
Dombrowski, Alber, Anders, Ackermann, Müller and Kessel, "Explanations can be manipulated and
geometry is to blame", arXiv:1906.07983 (2019).
"""

from collections.abc import Callable

import numpy as np

from ..tensorflow_quiet import tf


def times_its_share(maps: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """How many times its share of the area a region has of a map.

    Args:
        maps: nonnegative, (N, H, W) real numbers.
        regions: for each map the pixels of its region, bool (N, H, W), neither none nor all.

    Returns:
        array (N,), from 0 to the number of pixels; 1 for a map that is the same everywhere, also
        if it is zero everywhere.
    """
    maps = np.asarray(maps, np.float64)
    total, inside = maps.sum((1, 2)), (maps * regions).sum((1, 2))
    area = np.mean(regions, (1, 2))
    return np.where(total > 0, inside / np.where(total > 0, total, 1) / area, 1)


def step_towards_the_box(
    X: np.ndarray,
    X_start: np.ndarray,
    y: np.ndarray,
    box: np.ndarray,
    model: Callable,
    epsilon: float,
    step: float,
) -> np.ndarray:
    """One step that moves the saliency maps of images into a box and keeps their classes.

    Each number goes by ``step`` in the direction of the sign of the gradient of log(share of the
    map in the box) + log(probability of the class) / 10, and no further from ``X_start`` than
    ``epsilon``. Dombrowski et al. (2019) follow the gradient itself towards a whole target map, and
    keep all outputs of the network near what they were.

    Args:
        X: preprocessed images, float (N, H, W, 3). Not changed.
        X_start: the images as they were before the first step, of the same shape.
        y: labels, (N,) integers.
        box: the pixels of the box, bool (H, W).
        model: from images to unnormalised scores (N, classes). With ReLUs for activations the map
            has no gradient.
        epsilon, step: in the units of X.

    Returns:
        array of the shape and dtype of X.
    """
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            of_class = tf.gather(scores, y, axis=1, batch_dims=1)
        maps = tf.reduce_max(tf.abs(inner.gradient(of_class, X)), axis=3)
        share = tf.reduce_sum(maps * tf.cast(box, X.dtype), (1, 2)) / tf.reduce_sum(maps, (1, 2))
        log_probability = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        objective = tf.math.log(share) + 0.1 * log_probability
    stepped = X + step * tf.sign(outer.gradient(objective, X))
    return tf.clip_by_value(stepped, X_start - epsilon, X_start + epsilon).numpy()
