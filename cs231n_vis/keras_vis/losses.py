"""What an input is optimised for, or explained by: expressions over tensors of a model."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..model_ends import SCORES, before_the_end, what_are
from ..tensorflow_quiet import tf
from .backend.graph import as_tensor
from .messages import warn_user
from .utils import utils

ops = tf.keras.ops
Filters = int | Iterable[int | None] | None


class Loss:
    """A loss to be minimised. Subclasses define ``build_loss``.

    ``name`` says what the loss is called when it is printed.
    """

    name = "Unnamed Loss"

    def __init__(self):
        self.name = "Unnamed Loss"

    def __str__(self):
        return self.name

    def build_loss(self) -> tf.Tensor:
        """The loss: a scalar tensor, or one whose elements are to be summed.

        It is called once, while TensorFlow traces a graph. Symbolic tensors (``layer.output``,
        ``model.input``), wherever they were stored, may go through ``keras.ops``, the functions
        of ``tf.keras.backend``, those of ``tf``, operators and slices, in any mixture.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say what to minimise; define its build_loss(self)."
        )


class ActivationMaximization(Loss):
    """Minus the mean activation of some filters of a layer, summed over those filters.

    Args:
        layer: a layer of the model.
        filter_indices: an int or a list of ints: channels of the layer, or for a Dense layer its
            outputs. None for the mean over all of them.
        output: the symbolic tensor to take for the layer's output, for a layer that is used more
            than once; ``layer.output``, its first use, if it is not given.

    It warns if the layer's output comes out of a softmax or is probabilities: it can be raised by
    lowering the scores of other classes, so that the gradient tells of those.

    Raises (by ``build_loss``):
        ValueError: a filter index is out of range, or the layer has several outputs.
    """

    def __init__(self, layer: Any, filter_indices: Filters, output: Any = None):
        super().__init__()
        self.name = "ActivationMax Loss"
        self.layer = layer
        self.filter_indices = _list_of_indices(filter_indices)
        self.output = output
        self.to_look_at = None  # the output in a graph, for look_at

    def build_loss(self) -> tf.Tensor:
        output = self.layer.output if self.output is None else self.output
        if isinstance(output, list | tuple | dict):
            raise ValueError(
                f"Layer {self.layer.name} has {len(output)} outputs; pass a layer with one."
            )
        output = as_tensor(output)
        self.to_look_at = output
        if _is_softmax(output):
            self.to_look_at = None
            warn_user(
                f"The output of layer {self.layer.name} has gone through a softmax, so its "
                "gradient also tells of all other classes; to explain the score itself, set "
                "model.layers[layer_idx].activation = keras.activations.linear and call "
                "utils.apply_modifications(model)."
            )
        return sum(-ops.mean(self._filter(output, index)) for index in self.filter_indices)

    def look_at(self, output: np.ndarray) -> None:
        """Warn if the layer gives probabilities, though no softmax was found in the graph."""
        kind = what_are(output) if output.ndim == 2 else SCORES
        if kind != SCORES:
            warn_user(
                f"The output of layer {self.layer.name} is {kind}, so its gradient also tells of "
                "all other classes; explain the layer that gives the scores."
            )

    def _filter(self, output, index):
        if index is None:
            return output
        if len(output.shape) < 2:
            raise ValueError(
                f"The output of layer {self.layer.name} has shape {tuple(output.shape)}, without "
                "filters to choose from; pass filter_indices=None."
            )
        channels = utils.get_img_shape(output)[1]
        if channels is not None and not -channels <= index < channels:
            raise ValueError(
                f"Filter index {index} is out of range: layer {self.layer.name} has {channels} "
                f"filters, numbered 0 to {channels - 1}."
            )
        return output[utils.slicer[:, index, ...]] if len(output.shape) > 2 else output[:, index]


def _list_of_indices(filter_indices: Filters) -> list[int | None]:
    indices = list(filter_indices) if isinstance(filter_indices, Iterable) else [filter_indices]
    if not indices:
        raise ValueError("filter_indices is empty; pass at least one index, or None for all.")
    try:
        return [None if i is None else i.__index__() for i in indices]
    except AttributeError:
        raise TypeError(
            "filter_indices must be an integer, a list of integers or None, not "
            f"{filter_indices!r}."
        ) from None


def _is_softmax(output: Any) -> bool:
    # of a tensor in a graph; symbolic and eager ones have no operation
    return hasattr(output, "op") and before_the_end(output)[1] in ("Softmax", "LogSoftmax")
