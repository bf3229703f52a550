"""The methods that explain a score, a row for each: what is known of them without TensorFlow.

A new method is a file ``methods/NAME.py``, which defines a function of that name and says where it
comes from, and a row here. The package, the command line, the explorer and the comparison of
methods all read this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Method:
    """A method, and how it is called in pictures and tables.

    Attributes:
        name: of its function and of the file in ``methods/`` that defines it.
        title: in pictures and tables.
        settings: its keywords that the explorer has a control for, and the name of that control
            (a field of ``explorer.state.State``).
        quick: parameters with which all methods are compared in minutes instead of an hour; see
            ``metrics.QUICK``.
        from_minimum: its maps are drawn from each map's minimum, because what they show is the
            differences.
    """

    name: str
    title: str
    settings: Mapping[str, str] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    from_minimum: bool = False

    @property
    def function(self) -> Callable[..., Any]:
        """The method itself, ``function(X, y, model, ...)``; asking for it imports TensorFlow."""
        return getattr(import_module(f"{__package__}.methods"), self.name)


_NOISE = {"samples": "samples", "noise": "noise"}
_LAYER = {"layer": "layer"}

_ROWS = (
    Method("saliency", "saliency"),
    Method("input_x_gradient", "input × gradient"),
    Method("guided_backpropagation", "guided backpropagation"),
    Method("deconvnet", "deconvnet"),
    Method("smoothgrad", "SmoothGrad", _NOISE, {"samples": 10}),
    Method("smoothgrad_squared", "SmoothGrad²", _NOISE, {"samples": 10}),
    Method("vargrad", "VarGrad", _NOISE, {"samples": 10}),
    Method(
        "integrated_gradients",
        "integrated gradients",
        {"steps": "steps", "baseline": "baseline"},
        {"steps": 16},
    ),
    Method("expected_gradients", "expected gradients", {"samples": "samples"}, {"samples": 16}),
    Method("grad_cam", "Grad-CAM", _LAYER),
    Method("guided_grad_cam", "guided Grad-CAM", _LAYER),
    Method(
        "occlusion",
        "occlusion",
        {"patch": "patch", "stride": "stride"},
        {"patch": 64, "stride": 48},
    ),
    # means of probabilities, large everywhere if the network is sure under most masks
    Method("rise", "RISE", {"samples": "masks"}, {"samples": 80}, from_minimum=True),
)

#: All methods by name, gradients first.
METHODS = {method.name: method for method in _ROWS}
if len(METHODS) < len(_ROWS):
    raise ValueError("Two methods have one name; give each row of the table a name of its own.")
