"""Copies of a model with layers changed; the model itself is never touched."""

import warnings
from collections.abc import Callable

from ...names import near
from ...tensorflow_quiet import tf
from .graph import is_nested, node_of

keras = tf.keras
layers = keras.layers


def copy_model(model: tf.keras.Model, replace: Callable | None = None) -> tf.keras.Model:
    """A new model with the same layers, as their attributes are now, and the same weights.

    Args:
        model: a functional or Sequential model; models within it are copied too.
        replace: takes a new layer and the old one, and returns the layer to use.

    Returns:
        A model that shares neither layers nor weights with ``model``. It is not compiled.

    Raises:
        ValueError: the model is of another kind.
    """
    if not is_nested(model):
        raise ValueError(
            f"{getattr(model, 'name', model)} cannot be copied: it must be a functional or a built "
            "Sequential model; one that is subclassed can be wrapped, "
            "x = keras.Input(shape); keras.Model(x, model(x))."
        )

    copies: list[tuple] = []  # (layer, its copy)

    def clone(layer):
        if is_nested(layer):
            return copy_model(layer, replace)
        new = _copy_layer(layer)
        new = new if replace is None else replace(new, layer)
        copies.append((layer, new))
        return new

    if isinstance(model, keras.Sequential):
        new_layers = [_copy_input(model.inputs[0]), *map(clone, model.layers)]
        copy = keras.Sequential(new_layers, name=model.name)
    else:
        # Keras would name inputs after tensors, so that find_layer_idx would not find them, and
        # compile the copy as the model is, which fails if that is with functions of one's own
        inputs = keras.tree.map_structure(_copy_input, model.input)
        not_compiled = keras.Model(model.input, model.output, name=model.name)
        copy = keras.models.clone_model(not_compiled, inputs, clone_function=clone)
    for layer, new in copies:
        if isinstance(layer, layers.Layer) and isinstance(new, type(layer)):
            new.set_weights(layer.get_weights())
    return copy


def _copy_input(tensor):
    name = node_of(tensor).operation.name
    return keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=name)


def _has_settable_activation(layer: tf.keras.layers.Layer) -> bool:
    """RNNs only show their cell's activation."""
    return hasattr(layer, "activation") and not isinstance(
        getattr(type(layer), "activation", None), property
    )


def _copy_layer(layer):
    if isinstance(layer, layers.Lambda):  # Keras does not make one from its configuration
        return layers.Lambda(
            layer.function,
            output_shape=layer._output_shape,
            mask=layer.mask,
            arguments=layer.arguments,
            name=layer.name,
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of lambdas, as unsafe to save; nothing is saved
        config = layer.get_config()
    if not _has_settable_activation(layer) or "activation" not in config:
        return type(layer).from_config(config)
    config["activation"] = "linear"  # any function can be an activation, but not be looked up
    new = type(layer).from_config(config)
    new.activation = layer.activation
    return new


# ------------------------------------------------------------------- changed back-propagation

_ACTIVATION_LAYERS = (layers.ReLU, layers.LeakyReLU, layers.PReLU, layers.ELU, layers.Softmax)


class ModifiedRelu:
    """ReLU, with another rule for back-propagation.

    ``"guided"`` lets a gradient through where it is positive and the activation was positive
    (Springenberg et al. 2015, arXiv:1412.6806), ``"rectified"`` where it is positive, whatever the
    activation (the deconvolution of Zeiler and Fergus 2014, arXiv:1311.2901).

    It is equal to ``keras.activations.relu``, which it is but for its gradient.
    """

    __name__ = "relu"

    def __init__(self, modifier: str):
        self.modifier = modifier

    def __call__(self, x):
        @tf.custom_gradient
        def relu(x):
            y = tf.nn.relu(x)

            def gradient(upstream):
                passes = upstream > 0
                if self.modifier == "guided":
                    passes &= y > 0
                return tf.where(passes, upstream, tf.zeros_like(upstream))

            return y, gradient

        return relu(tf.convert_to_tensor(x))

    def __eq__(self, other):
        if isinstance(other, ModifiedRelu):
            return self.modifier == other.modifier
        return other is keras.activations.relu

    def __hash__(self):
        return hash(keras.activations.relu)


def modify_model_backprop(
    model: tf.keras.Model, backprop_modifier: str, only_relu: bool = False
) -> tf.keras.Model:
    """A copy of a model in which every activation is a ReLU with another gradient.

    So did keras-vis 0.4.1. keras-vis 0.5 changed the gradient of ReLUs and left the rest alone,
    which is what the papers do; for a network that is all ReLUs that is the same.

    Args:
        model: a functional or Sequential model. It is not changed.
        backprop_modifier: ``"guided"`` or ``"rectified"``, see :class:`ModifiedRelu`.
        only_relu: leave activations other than ReLU as they are.

    Returns:
        A model of the same layers by name and of the same weights. Replaced are the ``activation``
        of layers, also within nested models and wrappers, and the layers ReLU, LeakyReLU, PReLU,
        ELU and Softmax. Activations of recurrent cells, and what a layer of your own computes by
        itself, stay as they are.

    Raises:
        ValueError: the modifier is unknown, or the model is subclassed.
    """
    if backprop_modifier not in ("guided", "rectified"):
        raise ValueError(
            f"Unknown backprop modifier {backprop_modifier!r}; "
            f"{near(backprop_modifier, ('guided', 'rectified'))}"
        )

    def replace(new, old):
        if isinstance(new, layers.Wrapper):
            replace_activation(new.layer)
        if isinstance(new, _ACTIVATION_LAYERS) and (not only_relu or _is_plain_relu(new)):
            return layers.Activation(ModifiedRelu(backprop_modifier), name=old.name)
        replace_activation(new)
        return new

    def replace_activation(layer):
        if _has_settable_activation(layer) and (
            not only_relu or layer.activation == keras.activations.relu
        ):
            layer.activation = ModifiedRelu(backprop_modifier)

    return copy_model(model, replace)


def _is_plain_relu(layer: tf.keras.layers.Layer) -> bool:
    return (
        isinstance(layer, layers.ReLU)
        and layer.max_value is None
        and not layer.negative_slope
        and not layer.threshold
    )
