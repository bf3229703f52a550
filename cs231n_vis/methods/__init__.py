"""Methods that explain a score by the pixels, one to a file, all called the same way.

    from cs231n_vis import methods

    attributions = methods.smoothgrad(X, y, model, samples=50)   # (N, H, W, 3), signed
    maps = methods.as_maps(attributions)                         # (N, H, W), nonnegative

Every method takes images X (N, H, W, C), labels y (N,) and any Keras model from images to scores,
and returns float32 attributions, (N, H, W, C) or (N, H, W). Images go through the network a few at
a time, so memory grows with neither N nor the samples; those that draw random numbers give the same
result for the same seed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..maps import as_maps
from ..names import METHOD_TITLES
from .deconvnet import deconvnet
from .expected_gradients import expected_gradients
from .grad_cam import grad_cam
from .guided_backpropagation import guided_backpropagation
from .guided_grad_cam import guided_grad_cam
from .input_x_gradient import input_x_gradient
from .integrated_gradients import integrated_gradients
from .occlusion import occlusion
from .rise import rise
from .saliency import saliency
from .smoothgrad import smoothgrad
from .smoothgrad_squared import smoothgrad_squared
from .vargrad import vargrad


class Method(NamedTuple):
    """A method and how it is called in pictures and tables."""

    title: str
    function: Callable[..., np.ndarray]


#: All methods by name, gradients first.
METHODS = {
    function.__name__: Method(METHOD_TITLES[function.__name__], function)
    for function in (
        saliency,
        input_x_gradient,
        guided_backpropagation,
        deconvnet,
        smoothgrad,
        smoothgrad_squared,
        vargrad,
        integrated_gradients,
        expected_gradients,
        grad_cam,
        guided_grad_cam,
        occlusion,
        rise,
    )
}

__all__ = ["METHODS", "Method", "as_maps", *METHODS]
