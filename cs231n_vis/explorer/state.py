"""What the explorer shows, in one small object; its past; and the lines that reproduce it."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from ..method_table import METHODS

BASELINES = ("grey", "black", "white")
COLOUR_MAPS = ("inferno", "viridis", "cividis", "gray")
MOST_UNDONE = 200  # steps that are remembered
YOURS = "yours"  # what the reader's own function is called among the methods


def controls_of(method: str) -> Mapping[str, str]:
    """The keywords of a method that have a control here, and their controls, fields of State."""
    return METHODS[method].settings if method in METHODS else {}


@dataclass(frozen=True)
class Photo:
    """One that the reader gave, which states keep for as long as one can go back to them.

    Attributes:
        name: of its file; cameras call many ``image.jpg``.
        sha256: of its content.
        pixels: uint8 (224, 224, 3).
    """

    name: str
    sha256: str
    pixels: np.ndarray = field(compare=False, repr=False)


@dataclass(frozen=True)
class State:
    """All that can be set.

    Attributes:
        image: number of a sample image, or a photo that was uploaded.
        label: of the class that the maps are for; None means the network's best guess.
        methods: names of one or two methods.
        samples, noise, steps, baseline, layer, patch, stride, masks: settings of methods, see
            ``method_table``. ``layer`` None means the last.
        grain: standard deviation of noise added to the image, in grey levels.
        brightness: grey levels added to the image, -128..128.
        square: side of a grey square put on the image, in pixels; 0 is none.
        at: row and column of its middle.
        randomised: how many layers, from the scores down, have random weights.
        opacity: of the map over the image, 0..1.
        clip: percentile of the map that gets the last colour.
        blur: standard deviation of the Gaussian that the map is blurred with, in pixels.
        threshold: share of the last colour's value below which the map is not drawn, 0..1.
        colour_map: its name in Matplotlib.
    """

    image: int | Photo = 0
    label: int | None = None
    methods: tuple[str, ...] = ("saliency",)
    samples: int = 25
    noise: float = 0.15
    steps: int = 50
    baseline: str = "grey"
    layer: str | None = None
    patch: int = 32
    stride: int = 16
    masks: int = 200
    grain: int = 0
    brightness: int = 0
    square: int = 0
    at: tuple[int, int] = (112, 112)
    randomised: int = 0
    opacity: float = 0.65
    clip: float = 99.5
    blur: float = 0.0
    threshold: float = 0.0
    colour_map: str = "inferno"

    def settings(self, method: str) -> dict[str, Any]:
        """The keywords that a method is called with, as they stand here."""
        chosen = {key: getattr(self, name) for key, name in controls_of(method).items()}
        if "stride" in chosen:
            chosen["stride"] = min(self.stride, self.patch)
        return chosen

    @property
    def perturbation(self) -> dict[str, Any]:
        """What is done to the image, as keywords of ``drawing.perturbed``."""
        return {
            "grain": self.grain,
            "brightness": self.brightness,
            "square": self.square,
            "at": self.at if self.square else (0, 0),
        }

    @property
    def display(self) -> dict[str, Any]:
        """How a map is drawn, as keywords of ``drawing.overlay``."""
        names = ("opacity", "clip", "blur", "threshold", "colour_map")
        return {name: getattr(self, name) for name in names}

    def seen(self) -> Hashable:
        """What the scores depend on."""
        image = self.image.sha256 if isinstance(self.image, Photo) else self.image
        return image, tuple(self.perturbation.values()), self.randomised

    def asked(self, method: str, label: int) -> Hashable:
        """What a map depends on."""
        return self.seen(), label, method, tuple(self.settings(method).items())


class History:
    """States, one after another, with a place among them."""

    def __init__(self, state: State):
        self._first = state
        self._states, self._place = [state], 0
        self._last_changed: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        return self._states[self._place]

    @property
    def dragged(self) -> str:
        """The slider that the last change was made with, or nothing."""
        return self._last_changed[0] if self._last_changed in _DRAGGED else ""

    def change(self, **changes: Any) -> State:
        """Go on to a state that differs in this. Dragging one slider is one step."""
        new = replace(self.state, **changes)
        if new == self.state:
            return new
        same_slider = tuple(changes) == self._last_changed and self._place == len(self._states) - 1
        if same_slider and len(self._states) > 1 and tuple(changes) in _DRAGGED:
            self._states[self._place] = new
        else:
            self._states = [*self._states[: self._place + 1], new][-MOST_UNDONE:]
            self._place = len(self._states) - 1
        self._last_changed = tuple(changes)
        return new

    def undo(self) -> State:
        self._place, self._last_changed = max(self._place - 1, 0), ()
        return self.state

    def redo(self) -> State:
        self._place = min(self._place + 1, len(self._states) - 1)
        self._last_changed = ()
        return self.state

    def reset(self) -> State:
        """Everything as it was at first, but for image and class."""
        self._last_changed = ()
        return self.change(**{
            field.name: getattr(self._first, field.name)
            for field in fields(State)
            if field.name not in ("image", "label")
        })  # fmt: skip


_DRAGGED = {
    (field.name,)
    for field in fields(State)
    if field.name not in ("image", "label", "methods", "baseline", "layer", "colour_map")
}


def as_code(state: State, label: int, yours: str = "", own_model: bool = False) -> str:
    """The lines that draw what is shown, and save it as PNG.

    Args:
        state: what is shown.
        label: of the class that the maps are for.
        yours: the name of the reader's own function, if there is one.
        own_model: whether the network is the reader's own, which the lines then take as ``model``.
    """
    lines = ["import numpy as np", "from PIL import Image", "", "import cs231n_vis as vis"]
    lines += ["from cs231n_vis import explorer", ""]
    if isinstance(state.image, Photo):
        lines.append(f"image = vis.load_image({state.image.name!r})  # your photo")
    else:
        lines.append(f"image = vis.load_imagenet_val()[0][{state.image}]")
    if state.perturbation != State().perturbation:
        lines.append(f"image = explorer.perturbed(image, {_keywords(state.perturbation)})")
    lines.append("X = vis.preprocess_image(image)[None]")
    lines.append(f"y = np.array([{label}])")
    network = "model"
    if own_model:
        lines.append("# model is the one that you gave explore(model=...)")
    else:
        lines.append("model = vis.load_squeezenet()")
    if state.randomised:
        network = "randomised" if own_model else "model"  # yours stays as it is
        lines.append(f"{network} = explorer.with_random_layers(model, {state.randomised})")
    if YOURS in state.methods and not yours.isidentifier():
        yours = YOURS
        lines.append("yours = ...  # your function, which has no name of its own")
    lines.append("")
    for number, method in enumerate(state.methods, 1):
        settings = state.settings(method)
        if "baseline" in settings:
            settings["baseline"] = _Plain(f"explorer.baseline({settings['baseline']!r})")
        call = yours if method == YOURS else f"vis.methods.{method}"
        keywords = f", {_keywords(settings)}" if settings else ""
        name = f"map{number}" if len(state.methods) > 1 else "saliency"
        lines.append(f"{name} = {call}(X, y, {network}{keywords})")
        lines.append(f"{name} = explorer.drawable({method!r}, {name})[0]")
        lines.append(f"picture = explorer.overlay(image, {name}, {_keywords(state.display)})")
        lines.append(f'Image.fromarray(picture).save("{method}.png")')
    return "\n".join(lines) + "\n"


class _Plain(str):
    """Code, as it is."""

    def __repr__(self):
        return str(self)


def _keywords(chosen: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in chosen.items())
