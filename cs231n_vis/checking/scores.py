"""Numbers that mistakes are computed from: what becomes of scores, (…, classes)."""

import numpy as np


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis, of the shape of the scores."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def one_hot(labels, scores: np.ndarray) -> np.ndarray:
    """1 at these labels, (N,) or one for all, and 0 elsewhere: float64 (N, classes)."""
    chosen = np.arange(scores.shape[1]) == np.reshape(labels, (-1, 1))
    return np.broadcast_to(chosen, scores.shape).astype(np.float64)


# The derivatives by the scores, (N, classes), of what is often differentiated instead of a score


def over_the_images(scores: np.ndarray, y) -> np.ndarray:
    """Cross-entropy of TensorFlow with the right scores, and the labels as their probabilities:
    its derivative is that of probabilities that add up to 1."""
    right = one_hot(y, scores)
    return right * (softmax((right * scores).sum(1)) - y)[:, None]


def over_the_batch_axis(scores: np.ndarray, y) -> np.ndarray:
    """The right entries of a softmax along the first axis."""
    right, shares = one_hot(y, scores), softmax(scores.T).T
    return right * shares - shares * (right * shares).sum(0)


def keras_sparse(scores: np.ndarray, y) -> np.ndarray:
    """Keras's cross-entropy with labels, of scores that it takes for probabilities."""
    low, high = 1e-7, 1 - 1e-7
    clipped = np.clip(scores, low, high)
    inside = (scores > low) & (scores < high)
    return inside * (1 / clipped.sum(1, keepdims=True) - one_hot(y, scores) / clipped)


def keras_dense(scores: np.ndarray, y) -> np.ndarray:
    """The same with labels in one-hot form, which divides by the sum before it clips."""
    total = scores.sum(1, keepdims=True)
    right = one_hot(y, scores)
    score = (right * scores).sum(1, keepdims=True)
    inside = (score > 1e-7 * total) & (score < (1 - 1e-7) * total)
    return np.where(inside, 1 / total - right / np.where(inside, score, 1), 0)
