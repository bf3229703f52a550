"""From (model, layer_idx, modifier) to tensors: what the three kinds of pictures begin with."""

from collections.abc import Callable, Sequence
from typing import Any

from ...tensorflow_quiet import tf
from ..backend.graph import KerasTensor, name_of, node_of
from ..backprop_modifiers import get
from ..losses import Loss

Losses = Sequence[tuple[Loss, float | None]]
Modifier = str | Callable | None  # its name, or a function
Pair = tuple[float, float]


def prepared_model(
    model: tf.keras.Model, backprop_modifier: Modifier, wrt_tensor: Any
) -> tuple[tf.keras.Model, Any]:
    """The model to look into, and ``wrt_tensor`` in it.

    With a modifier it is a copy; a tensor of the model is then replaced by that of the copy's
    layer of the same name.
    """
    if not getattr(model, "layers", None) or not hasattr(model, "outputs"):
        raise ValueError(
            f"{getattr(model, 'name', model)} has no graph of layers to look into; it must be a "
            "functional model or a Sequential one that knows its input shape."
        )
    if backprop_modifier is None:
        return model, wrt_tensor
    copy = get(backprop_modifier)(model)
    if isinstance(wrt_tensor, list | tuple):
        return copy, [_counterpart(tensor, copy) for tensor in wrt_tensor]
    return copy, wrt_tensor if wrt_tensor is None else _counterpart(wrt_tensor, copy)


def _counterpart(tensor: KerasTensor, copy: tf.keras.Model) -> KerasTensor:
    original = node_of(tensor)
    for node in _ancestors(copy):
        if original is not None and node.operation.name == original.operation.name:
            return node.outputs[tensor._keras_history.tensor_index]
    raise ValueError(
        f"wrt_tensor, {name_of(tensor)}, is not the output of a layer of the model, so it has no "
        "counterpart in the copy that backprop_modifier makes; call the modifier on the model "
        "yourself, and pass the copy and a tensor of it."
    )


def layer_at(model: tf.keras.Model, layer_idx: int) -> tf.keras.layers.Layer:
    """``model.layers[layer_idx]``, or a sentence about how many there are."""
    try:
        return model.layers[layer_idx]
    except IndexError:
        raise ValueError(
            f"layer_idx {layer_idx} is out of range: {model.name} has {len(model.layers)} layers, "
            f"numbered 0 to {len(model.layers) - 1}."
        ) from None
    except TypeError:
        raise TypeError(
            f"layer_idx must be an integer, not {layer_idx!r}; utils.find_layer_idx(model, name) "
            "finds it by name."
        ) from None


def output_in(model: tf.keras.Model, layer: tf.keras.layers.Layer) -> KerasTensor:
    """The output of a layer in this model.

    ``layer.output`` is that of the layer's first use, which may have been in another model.
    """
    for node in reversed(_ancestors(model)):
        if node.operation is layer:
            if len(node.outputs) > 1:
                raise ValueError(
                    f"Layer {layer.name} has {len(node.outputs)} outputs; choose one with one."
                )
            return node.outputs[0]
    return layer.output


def _ancestors(model: tf.keras.Model) -> list:
    """The calls of layers that the model's outputs come from, outputs first."""
    found: dict[Any, None] = {}
    pending = list(model.outputs)
    while pending:
        node = node_of(pending.pop(0))
        if node is not None and node not in found:
            found[node] = None
            pending += node.input_tensors
    return list(found)


def input_of(model: tf.keras.Model) -> KerasTensor | list[KerasTensor]:
    """The symbolic input of a model, or a list of them if it has several."""
    return model.inputs[0] if len(model.inputs) == 1 else list(model.inputs)


def chosen(results: Sequence, input_indices: int | Sequence[int], of_what: str) -> Any:
    """The result of number ``input_indices``, or for a list of numbers a list of them."""
    for index in tf.nest.flatten(input_indices):
        if not -len(results) <= index < len(results):
            raise ValueError(
                f"input_indices {index} is out of range: there are {len(results)} {of_what}, "
                f"numbered 0 to {len(results) - 1}."
            )
    if isinstance(input_indices, Sequence):
        return [results[i] for i in input_indices]
    return results[input_indices]
