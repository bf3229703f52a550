"""Methods that explain a score by the pixels, one to a file, all called the same way.

    from cs231n_vis import methods

    attributions = methods.smoothgrad(X, y, model, samples=50)   # (N, H, W, 3), signed
    maps = methods.as_maps(attributions)                         # (N, H, W), nonnegative

Every method takes images X (N, H, W, C), labels y (N,) and any Keras model from images to scores,
and returns float32 attributions, (N, H, W, C) or (N, H, W). Images go through the network a few at
a time, so memory grows with neither N nor the samples; those that draw random numbers give the same
result for the same seed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..maps import as_maps
from ..method_table import METHODS, Method

# bound only now: an import of a file binds its name to the file, and both have the method's name
globals().update({name: getattr(import_module(f".{name}", __name__), name) for name in METHODS})

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...


__all__ = ["METHODS", "Method", "as_maps", *METHODS]
