"""What a model wants to see: inputs that make some outputs of a layer large."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...tensorflow_quiet import tf
from ..backend import image_data_format
from ..losses import ActivationMaximization, Filters
from ..optimizer import Optimizer
from ..regularizers import LPNorm, TotalVariation
from ..utils import utils
from .what_to_explain import (
    Losses,
    Modifier,
    Pair,
    chosen,
    input_of,
    layer_at,
    output_in,
    prepared_model,
)


def visualize_activation_with_losses(
    input_tensor: Any,
    losses: Losses,
    wrt_tensor: Any = None,
    seed_input: Any = None,
    input_range: Pair | list[Pair] = (0, 255),
    input_indices: int | Sequence[int] = 0,
    **optimizer_params: Any,
) -> np.ndarray:
    """An input that makes weighted losses small.

    Args:
        input_tensor: a model's symbolic input, or a list of them.
        losses: list of (Loss, weight).
        wrt_tensor: see :class:`Optimizer`; only with respect to the input is it optimised.
        seed_input: where to start, of the input's shape with or without a first dimension of 1;
            None for noise. A list for several inputs.
        input_range: (min, max) of the result; a list of such pairs for several inputs.
        input_indices: for several inputs, which to return; a list of numbers for a list of them.
        optimizer_params: arguments of ``Optimizer.minimize``; 200 steps without printing if they
            do not say otherwise.

    Returns:
        The input after the best step, as :func:`utils.deprocess_input` shows it, without the
        first dimension and with channels last: uint8 if the range is of two ints, else floats.

    Raises:
        ValueError, TypeError: as :class:`Optimizer` and its ``minimize``.
    """
    params = utils.add_defaults_to_kwargs(
        {"seed_input": seed_input, "max_iter": 200, "verbose": False}, **optimizer_params
    )
    tensors = list(input_tensor) if isinstance(input_tensor, list | tuple) else [input_tensor]
    optimizer = Optimizer(tensors, losses, input_range, wrt_tensor)
    images = [
        _as_image(best, own_range)
        for (best, _, _), own_range in zip(
            # with respect to one tensor there is one result, however many inputs
            optimizer.minimize(**params),
            optimizer.input_ranges,
            strict=False,
        )
    ]
    return chosen(images, input_indices, "inputs")


def _as_image(best: np.ndarray, input_range: Pair) -> np.ndarray:
    if all(isinstance(end, int) for end in input_range):
        best = np.clip(best, *input_range).astype(np.uint8)
    return np.moveaxis(best, 0, -1) if image_data_format() == "channels_first" else best


def visualize_activation(
    model: tf.keras.Model,
    layer_idx: int,
    filter_indices: Filters = None,
    wrt_tensor: Any = None,
    seed_input: Any = None,
    input_range: Pair | list[Pair] = (0, 255),
    backprop_modifier: Modifier = None,
    grad_modifier: Modifier = None,
    act_max_weight: float | None = 1,
    lp_norm_weight: float | None = 10,
    tv_weight: float | None = 10,
    input_indices: int | Sequence[int] = 0,
    **optimizer_params: Any,
) -> np.ndarray:
    """An input that makes some outputs of a layer large.

    Simonyan et al., arXiv:1312.6034, section 2; the regularisers are those of Mahendran and
    Vedaldi, arXiv:1512.02017.

    Args:
        model: a functional or Sequential model; it is not changed.
        layer_idx: number of the layer in ``model.layers``.
        filter_indices: an int or a list of ints, channels of the layer or outputs of a Dense
            layer: their means over positions, summed. None for the mean over all.
        wrt_tensor, seed_input, input_range, input_indices, optimizer_params: see
            :func:`visualize_activation_with_losses`.
        backprop_modifier: "guided", "rectified" (also "relu" or "deconv"), or a function from a
            model to a changed copy.
        grad_modifier: a name or a function, see :mod:`~cs231n_vis.keras_vis.grad_modifiers`; with
            "negate" the outputs become small.
        act_max_weight, lp_norm_weight, tv_weight: weights of :class:`ActivationMaximization`, of
            :class:`LPNorm` and of :class:`TotalVariation` (of each input); 0 or None for none.

    Returns:
        See :func:`visualize_activation_with_losses`.

    Raises:
        ValueError: ``layer_idx`` or a filter index is out of range, a modifier is unknown, and as
            :func:`visualize_activation_with_losses`.
        TypeError: ``layer_idx`` is not an integer.

    It warns if what is maximised comes out of a softmax.
    """
    model, wrt_tensor = prepared_model(model, backprop_modifier, wrt_tensor)
    layer = layer_at(model, layer_idx)
    maximization = ActivationMaximization(layer, filter_indices, output_in(model, layer))
    losses = [
        (maximization, act_max_weight),
        *((LPNorm(tensor), lp_norm_weight) for tensor in model.inputs),
        *((TotalVariation(tensor), tv_weight) for tensor in model.inputs),
    ]
    return visualize_activation_with_losses(
        input_of(model),
        losses,
        wrt_tensor,
        seed_input,
        input_range,
        input_indices,
        **utils.add_defaults_to_kwargs({"grad_modifier": grad_modifier}, **optimizer_params),
    )
