"""Changed rules for back-propagation: functions from a model to a changed copy of it."""

from collections.abc import Callable

from ..tensorflow_quiet import tf
from .backend import modify_model_backprop
from .utils import utils


def guided(model: tf.keras.Model) -> tf.keras.Model:
    """A copy of a functional or Sequential model in which every activation is a ReLU that lets
    only positive gradients pass, and only where the activation was positive.

    Springenberg et al., "Striving for Simplicity: The All Convolutional Net", arXiv:1412.6806.
    """
    return modify_model_backprop(model, "guided")


def rectified(model: tf.keras.Model) -> tf.keras.Model:
    """As ``guided``, but positive gradients pass whatever the activation was: "deconvolution".

    Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901.
    """
    return modify_model_backprop(model, "rectified")


relu = deconv = rectified


def get(identifier: str | Callable) -> Callable:
    """The modifier of this name, or ``identifier`` itself if it is a function of a model.

    Raises:
        ValueError: there is no modifier of this name.
    """
    return utils.get_identifier(identifier, globals(), __name__)
