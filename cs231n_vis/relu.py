"""The same network, with another function in place of every ReLU."""

from collections.abc import Callable

from .tensorflow_quiet import tf


def with_relu(model: tf.keras.Model, function: Callable[[tf.Tensor], tf.Tensor]) -> tf.keras.Model:
    """A copy of a model in which every ReLU is another function.

    A function whose values are those of a ReLU, but not its derivative, leaves the scores as they
    are and changes what comes back through the network; see ``tf.custom_gradient``.

    Args:
        model: a functional Keras model whose ReLUs are the activations of its layers, as in
            ``load_squeezenet``. It is not changed.
        function: from a tensor of any shape to one of the same shape.

    Returns:
        A model with the same layers by name and the same weights. What is done to the weights of
        one is not seen by the other.

    Raises:
        TypeError: ``function`` cannot be called.
        ValueError: no layer of the model has a ReLU for its activation.
    """
    if not callable(function):
        raise TypeError(f"function must be a function of a tensor, not {function!r}.")
    relu = tf.keras.activations.relu
    if not any(getattr(layer, "activation", None) is relu for layer in model.layers):
        raise ValueError(f"No layer of {model.name} has a ReLU for its activation.")

    def clone(layer):
        new = type(layer).from_config(layer.get_config())
        if getattr(layer, "activation", None) is relu:
            new.activation = function
        return new

    copy = tf.keras.models.clone_model(model, clone_function=clone)
    copy.set_weights(model.get_weights())
    return copy
