"""Finding one's way in a model, and changing a copy of it."""

from ...names import near
from ...tensorflow_quiet import tf
from ..backend.model_copies import copy_model
from .arrays import get_img_shape


def find_layer_idx(model: tf.keras.Model, layer_name: str) -> int:
    """The index in ``model.layers`` of the layer of this name.

    Raises:
        ValueError: there is no such layer; the error lists near names.
    """
    names = [layer.name for layer in model.layers]
    if layer_name not in names:
        raise ValueError(f"{model.name} has no layer {layer_name!r}; {near(layer_name, names)}")
    return names.index(layer_name)


def get_num_filters(layer: tf.keras.layers.Layer) -> int | None:
    """The number of filters of a layer: its channels, or for a Dense layer its outputs."""
    return get_img_shape(layer.output)[1]


def apply_modifications(
    model: tf.keras.Model, custom_objects: dict | None = None
) -> tf.keras.Model:
    """A copy of a model that computes what its layers' attributes now say.

    Setting ``model.layers[-1].activation = keras.activations.linear`` changes a layer, and with it
    ``model`` itself; the copy is what keras-vis asks for, and what to use from there.

    Args:
        model: a functional or Sequential model; not changed.
        custom_objects: names of your own classes and functions, for layers that look those up.

    Returns:
        A new model with the same weights. It shares nothing with ``model`` and is not compiled.

    Raises:
        ValueError: the model is subclassed.
    """
    with tf.keras.utils.custom_object_scope(custom_objects or {}):
        return copy_model(model)
