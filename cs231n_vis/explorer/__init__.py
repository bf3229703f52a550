"""The explorer: drag a slider, watch the map change.

``state`` is what is shown, ``computing`` makes scores and maps, ``drawing`` makes pictures of them,
and ``panel`` puts widgets before the three. The functions here are those that "copy as code" uses.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..maps import as_maps, drawable
from .computing import baseline, randomised
from .drawing import overlay, perturbed

if TYPE_CHECKING:
    from .panel import Explorer

__all__ = ["as_maps", "baseline", "drawable", "explore", "overlay", "perturbed", "randomised"]


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
    from .panel import Explorer

    return Explorer(function, model)
