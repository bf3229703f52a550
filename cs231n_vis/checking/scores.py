"""Derivatives by the scores, (N, classes), of what is differentiated, or is often by mistake.

Each is a function of the scores, float64 (N, classes), and of labels, (N,), or one label for all.
"""

from collections.abc import Callable

import numpy as np

Derivative = Callable[[np.ndarray, np.ndarray], np.ndarray]


def minus(derivative: Derivative) -> Derivative:
    """That of the same function with a minus."""
    return lambda scores, y: -derivative(scores, y)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis, of the shape of the scores."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def right_class(scores: np.ndarray, y) -> np.ndarray:
    """The score of the label, whose derivative is 1 there and 0 elsewhere."""
    chosen = np.arange(scores.shape[1]) == np.reshape(y, (-1, 1))
    return np.broadcast_to(chosen, scores.shape).astype(np.float64)


def best_class(scores: np.ndarray, y) -> np.ndarray:
    return right_class(scores, scores.argmax(1))


def every_class(scores: np.ndarray, y) -> np.ndarray:
    return np.ones_like(scores)


def every_label(scores: np.ndarray, y) -> np.ndarray:
    """The labels of all images, for each image."""
    return np.add.reduce([right_class(scores, label) for label in y])


def every_label_and_number(scores: np.ndarray, y) -> np.ndarray:
    """With the numbers of the images taken for labels, too."""
    return every_label(scores, (*y, *range(len(y))))


def log_probability(scores: np.ndarray, y) -> np.ndarray:
    return right_class(scores, y) - softmax(scores)


#: Of the cross-entropy.
minus_log_probability = minus(log_probability)


def probability(scores: np.ndarray, y) -> np.ndarray:
    p = (right_class(scores, y) * softmax(scores)).sum(1, keepdims=True)
    return p * log_probability(scores, y)


def over_the_images(scores: np.ndarray, y) -> np.ndarray:
    """Cross-entropy of TensorFlow with the right scores, and the labels as their probabilities:
    its derivative is that of probabilities that add up to 1."""
    right = right_class(scores, y)
    return right * (softmax((right * scores).sum(1)) - y)[:, None]


def over_the_batch_axis(scores: np.ndarray, y) -> np.ndarray:
    """The right entries of a softmax along the first axis."""
    right, shares = right_class(scores, y), softmax(scores.T).T
    return right * shares - shares * (right * shares).sum(0)


def two_softmaxes(scores: np.ndarray, y) -> np.ndarray:
    """Cross-entropy of probabilities that it takes for scores."""
    p = softmax(scores)
    by_p = minus_log_probability(p, y)
    return p * (by_p - (p * by_p).sum(1, keepdims=True))


def keras_sparse(scores: np.ndarray, y) -> np.ndarray:
    """Keras's cross-entropy with labels, of scores that it takes for probabilities."""
    low, high = 1e-7, 1 - 1e-7
    clipped = np.clip(scores, low, high)
    inside = (scores > low) & (scores < high)
    return inside * (1 / clipped.sum(1, keepdims=True) - right_class(scores, y) / clipped)


def keras_dense(scores: np.ndarray, y) -> np.ndarray:
    """The same with labels in one-hot form, which divides by the sum before it clips."""
    total = scores.sum(1, keepdims=True)
    right = right_class(scores, y)
    score = (right * scores).sum(1, keepdims=True)
    inside = (score > 1e-7 * total) & (score < (1 - 1e-7) * total)
    return np.where(inside, 1 / total - right / np.where(inside, score, 1), 0)
