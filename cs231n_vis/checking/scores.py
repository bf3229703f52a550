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
