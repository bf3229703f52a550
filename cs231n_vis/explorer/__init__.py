"""The explorer: drag a slider, watch the map change.

``state`` is what is shown, ``computing`` makes scores and maps, ``drawing`` makes pictures of them,
and ``widgets`` puts controls before them. The functions here are those that "copy as code" uses.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..maps import as_maps, drawable
from .computing import baseline, with_random_layers
from .drawing import overlay, perturbed

if TYPE_CHECKING:
    from .widgets import Explorer

randomised = with_random_layers  # its name in lines that were copied from earlier editions

__all__ = [
    "as_maps",
    "baseline",
    "drawable",
    "explore",
    "overlay",
    "perturbed",
    "randomised",
    "with_random_layers",
]


def explore(function: Callable | None = None, *, model: Any = None) -> "Explorer":
    """Images, methods and sliders, in a notebook.

    Args:
        function: your own, ``function(X, y, model)``, from preprocessed images (N, H, W, 3) and
            labels (N,) to maps (N, H, W) or attributions (N, H, W, 3). It stands first among the
            methods.
        model: a Keras model from preprocessed images (N, 224, 224, 3) to scores; None means
            SqueezeNet.

    Returns:
        A widget. At the end of a cell it is shown.
    """
    from .widgets import Explorer

    return Explorer(function, model)
