"""What keras-vis took from Keras's backend: ``import cs231n_vis.keras_vis.backend as K``.

Every function of Keras 2's backend that Keras 3 still has (``tf.keras.backend``) is here, with
four that it lost or that there refuse symbolic tensors (``function``, ``gradients``,
``learning_phase``, ``ndim``), and keras-vis's own two.
"""

from ...tensorflow_quiet import tf
from .functions import function, gradients, learning_phase, ndim
from .model_copies import modify_model_backprop

__all__ = [
    "function",
    "gradients",
    "learning_phase",
    "modify_model_backprop",
    "ndim",
    "set_random_seed",
]


def set_random_seed(seed_value: int = 1337) -> None:
    """Seed the random numbers of NumPy, which seeds and jitter are drawn from, and TensorFlow."""
    tf.keras.utils.set_random_seed(seed_value)


def __getattr__(name):
    try:
        return getattr(tf.keras.backend, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
