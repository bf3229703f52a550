"""Where a model looks: saliency maps and class activation maps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.ndimage import zoom

from ...tensorflow_quiet import tf
from ..backend import epsilon, floatx, image_data_format
from ..losses import ActivationMaximization, Filters
from ..optimizer import Optimizer
from ..utils import utils
from .what_to_explain import Losses, Modifier, chosen, input_of, layer_at, output_in, prepared_model

_FEATURE_MAPS = tuple(
    getattr(tf.keras.layers, f"{kind}{dimensions}D{transpose}")
    for kind, transpose, all_dimensions in (
        ("Conv", "", "123"),
        ("Conv", "Transpose", "123"),
        ("SeparableConv", "", "12"),
        ("DepthwiseConv", "", "12"),
        ("MaxPooling", "", "123"),
        ("AveragePooling", "", "123"),
    )
    for dimensions in all_dimensions
)


def visualize_saliency_with_losses(
    input_tensor: Any,
    losses: Losses,
    seed_input: Any,
    wrt_tensor: Any = None,
    grad_modifier: Modifier = "absolute",
    keepdims: bool = False,
    input_indices: int | Sequence[int] = 0,
) -> np.ndarray:
    """The gradient of weighted losses, as a picture.

    Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks", arXiv:1312.6034 (2014).

    Args:
        input_tensor: a model's symbolic input, or a list of them.
        losses: list of (Loss, weight). A Loss is made to be minimised: a weight of -1 makes its
            increase positive.
        seed_input: the input to explain, of the input's shape with or without a first dimension
            of 1, any numbers; a list of arrays for several inputs.
        wrt_tensor: the tensor to take the gradient with respect to, any between the input and the
            losses; the input, if it is not given.
        grad_modifier: what to do with the gradient: "absolute", "relu", "negate", "invert",
            "small_values", a function of an array, or None.
        keepdims: keep the channels, instead of taking the largest of them.
        input_indices: for several inputs (or tensors in ``wrt_tensor``), which to return the map
            of; a list of numbers for a list of maps.

    Returns:
        float32 array of the shape of one input (of ``wrt_tensor``), without channels unless
        ``keepdims``; stretched linearly to 0..1, as :func:`utils.normalize` does.

    Raises:
        ValueError, TypeError: as :class:`Optimizer` and its ``minimize``.
    """
    optimizer = Optimizer(_as_list(input_tensor), losses, wrt_tensor=wrt_tensor, norm_grads=False)
    results = optimizer.minimize(
        _as_list(seed_input), max_iter=1, grad_modifier=grad_modifier, verbose=False
    )
    maps = [_as_map(gradient, keepdims) for _, gradient, _ in results]
    return chosen(maps, input_indices, "gradients")


def _as_list(x: Any) -> list:
    return list(x) if isinstance(x, list | tuple) else [x]


def _as_map(gradient: np.ndarray, keepdims: bool) -> np.ndarray:
    if not keepdims:
        gradient = np.max(gradient, axis=_channels())
    return utils.normalize(gradient)[0]


def _channels() -> int:
    return 1 if image_data_format() == "channels_first" else -1


def visualize_saliency(
    model: tf.keras.Model,
    layer_idx: int,
    filter_indices: Filters,
    seed_input: Any,
    wrt_tensor: Any = None,
    backprop_modifier: Modifier = None,
    grad_modifier: Modifier = "absolute",
    keepdims: bool = False,
    input_indices: int | Sequence[int] = 0,
) -> np.ndarray:
    """The gradient of some outputs of a layer, as a picture.

    Args:
        model: a functional or Sequential model; it is not changed.
        layer_idx: number of the layer in ``model.layers``.
        filter_indices: an int or a list of ints, channels of the layer or outputs of a Dense
            layer: their means over positions, summed. None for the mean over all.
        seed_input, wrt_tensor, grad_modifier, keepdims, input_indices: see
            :func:`visualize_saliency_with_losses`. By default the map is positive where a change
            of the input would change the output; with "relu" where it would increase it, with
            "negate" large where it would decrease it, with "small_values" where it would keep it.
        backprop_modifier: "guided", "rectified" (also "relu" or "deconv"), or a function from a
            model to a changed copy.

    Returns:
        See :func:`visualize_saliency_with_losses`.

    Raises:
        ValueError: ``layer_idx`` or a filter index is out of range, a modifier is unknown, and as
            :func:`visualize_saliency_with_losses`.
        TypeError: ``layer_idx`` is not an integer.

    It warns if what is explained comes out of a softmax.
    """
    model, wrt_tensor = prepared_model(model, backprop_modifier, wrt_tensor)
    return visualize_saliency_with_losses(
        input_of(model),
        [_increase_of(model, layer_idx, filter_indices)],
        seed_input,
        wrt_tensor,
        grad_modifier,
        keepdims,
        input_indices,
    )


def _increase_of(
    model: tf.keras.Model, layer_idx: int, filter_indices: Filters
) -> tuple[ActivationMaximization, int]:
    """The loss whose gradient is that of the filters; it falls as they rise, hence the -1."""
    layer = layer_at(model, layer_idx)
    return ActivationMaximization(layer, filter_indices, output_in(model, layer)), -1


def visualize_cam_with_losses(
    input_tensor: Any,
    losses: Losses,
    seed_input: Any,
    penultimate_layer: Any,
    grad_modifier: Modifier = None,
    input_indices: int | Sequence[int] = 0,
) -> Any:
    """Grad-CAM: the feature maps of a layer, weighted by how the losses depend on them.

    Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
    Localization", arXiv:1610.02391 (2017). As in keras-vis, gradients are first divided by the
    largest of them, which is harmless unless all are negative: then the signs turn.

    Args:
        input_tensor, losses, seed_input: see :func:`visualize_saliency_with_losses`.
        penultimate_layer: the layer whose feature maps to use, between the input and the losses;
            or its symbolic output.
        grad_modifier: what to do with the gradients first; nothing, if it is None.
        input_indices: for several inputs, to the size of which the map is zoomed; a list of
            numbers for a list of maps.

    Returns:
        float32 array of the input's shape without channels, zoomed by cubic splines, stretched
        to 0..1.

    Raises:
        ValueError: the layer has no feature maps, or not of as many dimensions as the input; and
            as :func:`visualize_saliency_with_losses`.
    """
    features = getattr(penultimate_layer, "output", penultimate_layer)
    optimizer = Optimizer(_as_list(input_tensor), losses, wrt_tensor=features, norm_grads=False)
    seeds = optimizer.checked_seeds(_as_list(seed_input))
    _, grads, maps = optimizer.minimize(
        seeds, max_iter=1, grad_modifier=grad_modifier, verbose=False
    )[0]

    axis = _channels()
    grads = np.moveaxis(grads / (np.max(grads) + epsilon()), axis, -1)
    weights = grads.mean(axis=tuple(range(grads.ndim - 1)))
    heatmap = np.maximum(np.moveaxis(maps, axis, -1)[0] @ weights, 0)
    seeds = chosen(seeds, input_indices, "inputs")
    if isinstance(seeds, list):
        return [_zoomed(heatmap, seed) for seed in seeds]
    return _zoomed(heatmap, seeds)


def _zoomed(heatmap: np.ndarray, seed: np.ndarray) -> np.ndarray:
    size = utils.get_img_shape(seed)[2:]
    if heatmap.ndim != len(size) or not size:
        raise ValueError(
            f"The penultimate layer's feature maps have shape {heatmap.shape} without channels and "
            f"the input {size}; choose a layer with as many image dimensions as the input, at "
            "least one."
        )
    factors = [to / of for to, of in zip(size, heatmap.shape, strict=True)]
    return utils.normalize(zoom(heatmap.astype(floatx()), factors))


def visualize_cam(
    model: tf.keras.Model,
    layer_idx: int,
    filter_indices: Filters,
    seed_input: Any,
    penultimate_layer_idx: int | None = None,
    backprop_modifier: Modifier = None,
    grad_modifier: Modifier = None,
    input_indices: int | Sequence[int] = 0,
) -> np.ndarray:
    """Grad-CAM of some outputs of a layer.

    Args:
        model, layer_idx, filter_indices, seed_input, backprop_modifier: see
            :func:`visualize_saliency`.
        penultimate_layer_idx: number of the layer whose feature maps to use. If it is not given,
            the nearest convolution or (not global) pooling that lies at least two layers before
            ``layer_idx``, as in keras-vis.
        grad_modifier, input_indices: see :func:`visualize_cam_with_losses`.

    Returns:
        See :func:`visualize_cam_with_losses`.

    Raises:
        ValueError: there is no such layer before ``layer_idx``, and as :func:`visualize_saliency`
            and :func:`visualize_cam_with_losses`.
        TypeError: ``layer_idx`` is not an integer.

    It warns if what is explained comes out of a softmax.
    """
    model, _ = prepared_model(model, backprop_modifier, None)
    losses = [_increase_of(model, layer_idx, filter_indices)]
    layer = _penultimate_layer(model, layer_idx, penultimate_layer_idx)
    return visualize_cam_with_losses(
        input_of(model), losses, seed_input, output_in(model, layer), grad_modifier, input_indices
    )


def _penultimate_layer(
    model: tf.keras.Model, layer_idx: int, penultimate_layer_idx: int | None
) -> tf.keras.layers.Layer:
    if penultimate_layer_idx is None:
        for _, layer in utils.reverse_enumerate(model.layers[: layer_idx - 1]):
            inner = layer.layer if isinstance(layer, tf.keras.layers.Wrapper) else layer
            if isinstance(inner, _FEATURE_MAPS):
                return layer
        raise ValueError(
            f"No convolution or pooling lies two or more layers before layer {layer_idx} of "
            f"{model.name}; pass penultimate_layer_idx, or use visualize_saliency."
        )
    layer = layer_at(model, penultimate_layer_idx)
    if penultimate_layer_idx % len(model.layers) > layer_idx % len(model.layers):
        raise ValueError(
            f"penultimate_layer_idx {penultimate_layer_idx} comes after layer_idx {layer_idx}; it "
            "must come before."
        )
    return layer
