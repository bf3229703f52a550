"""What to do with a gradient before it is looked at or stepped along: array in, array out."""

from collections.abc import Callable

import numpy as np

from .backend import epsilon
from .utils import utils


def negate(grads: np.ndarray) -> np.ndarray:
    """``-grads``: what would decrease the output."""
    return -grads


def absolute(grads: np.ndarray) -> np.ndarray:
    """``|grads|``: what would change the output, either way."""
    return np.abs(grads)


def invert(grads: np.ndarray) -> np.ndarray:
    """``1 / (grads + epsilon)``, with Keras's epsilon."""
    return 1.0 / (grads + epsilon())


def relu(grads: np.ndarray) -> np.ndarray:
    """``max(grads, 0)``: what would increase the output."""
    return np.maximum(grads, 0.0)


def small_values(grads: np.ndarray) -> np.ndarray:
    """``|1 / (grads + epsilon)|``: what keeps the output as it is."""
    return absolute(invert(grads))


def get(identifier: str | Callable) -> Callable:
    """The modifier of this name, or ``identifier`` itself if it is a function of an array.

    Raises:
        ValueError: there is no modifier of this name.
    """
    return utils.get_identifier(identifier, globals(), __name__)
