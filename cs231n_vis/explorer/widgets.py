"""The explorer as it stands on the page: widgets that change the state, and what is drawn of it."""

import contextlib
import hashlib
import html
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as w
import numpy as np

from ..image_utils import load_image
from ..imagenet import load_class_names, load_imagenet_val
from ..method_table import METHODS
from ..names import matching
from .computing import Computer, Failed, Map, Scores, saved_map, sentence
from .drawing import as_png, overlay, perturbed
from .parts import Picture, Strip, thumbnail
from .state import BASELINES, COLOUR_MAPS, YOURS, History, Photo, State, as_code, controls_of

Layers = Sequence[tuple[str, str | None]]  # how each is called in the menu, and its name
#: Layers of SqueezeNet that Grad-CAM can look at, the last first; None is the last.
LAYERS = (
    ("the last (conv10)", None),
    *((f"fire{n}", f"fire{n}_concat") for n in range(9, 1, -1)),
    ("conv1", "conv1"),
)
LAYERS_WITH_WEIGHTS = 26
LATE = 0.5  # seconds: a browser keeps a slider's value back while the kernel is at the one before
IMAGENET = 1000  # classes; those of a model that has others have no names here
#: name, label, smallest, largest, step, and how a value is written
SLIDERS = {
    "samples": ("samples", 1, 100, 1, "d"),
    "noise": ("noise", 0.0, 0.5, 0.01, ".2f"),
    "steps": ("steps", 2, 200, 1, "d"),
    "patch": ("patch, pixels", 8, 112, 4, "d"),
    "stride": ("stride, pixels", 4, 56, 4, "d"),
    "masks": ("masks", 20, 1000, 20, "d"),
    "opacity": ("opacity", 0.0, 1.0, 0.01, ".2f"),
    "clip": ("clip, percentile", 50.0, 100.0, 0.1, ".1f"),
    "blur": ("blur, pixels", 0.0, 20.0, 0.5, ".1f"),
    "threshold": ("threshold", 0.0, 1.0, 0.01, ".2f"),
    "grain": ("noise, levels", 0, 100, 1, "d"),
    "brightness": ("brightness", -128, 128, 4, "d"),
    "square": ("square, pixels", 0, 160, 4, "d"),
    "randomised": ("random layers", 0, None, 1, "d"),  # as many as the network has
}


class Explorer(w.VBox):
    """See ``explore``. ``state`` is what is shown; ``change(…)`` does what a control does."""

    def __init__(self, function: Callable | None = None, model: Any = None):
        yours = (YOURS, function) if function else None
        self._yours = getattr(function, "__name__", "")
        self._own_model = model is not None
        titles = {YOURS: f"yours: {self._yours}".removesuffix(": ")} if yours else {}
        if _methods_are_here():
            titles |= {name: method.title for name, method in METHODS.items()}
        if not titles:
            raise ValueError(
                "This copy comes without methods, because they are yours to write: give explore a "
                "function of your own, explore(compute_saliency_maps)."
            )
        self._titles = titles
        self._history = History(State(methods=(next(iter(titles)),)))
        self._lock = threading.RLock()
        self._filling = False
        self._undone = "", 0.0  # the slider whose dragging was undone last, and when
        self._complaint = ""  # what the reader's last step met with
        self._label = 0  # of the class that the maps shown are for
        self._maps: dict[str, Map] = {}
        self._layers: Layers = LAYERS
        self._with_weights = LAYERS_WITH_WEIGHTS
        if model is not None:
            self._layers, self._with_weights = _layers_of(model)
        self._computer = Computer(self._image, self._hear, yours, model)  # begins to load
        self._names = self._names_of_imagenet = load_class_names()
        self._images, self._labels, _ = load_imagenet_val()
        self._build()
        super().__init__(self._rows)
        self.add_class("cs231n-explorer")
        self._show_controls()
        self._draw_image()
        if model is None and (first := saved_map(self.state)):
            self._label, self._maps["saliency"] = int(self._labels[0]), first
            self._draw_maps()
        self._status.value = _words("Loading the network …")
        self._computer.ask(self.state)

    # What can be asked of it

    @property
    def state(self) -> State:
        return self._history.state

    def change(self, **fields: Any) -> None:
        """Set fields of the state, as a control does."""
        before = self.state
        self._go_on(before, self._history.change(**fields))

    def undo(self, _: object = None) -> None:
        self._undone = self._history.dragged, time.monotonic()
        self._go_on(self.state, self._history.undo())

    def redo(self, _: object = None) -> None:
        self._go_on(self.state, self._history.redo())

    def reset(self, _: object = None) -> None:
        self._go_on(self.state, self._history.reset())

    def code(self) -> str:
        """The lines that draw what is shown."""
        label = self._label if self.state.label is None else self.state.label
        return as_code(self.state, label, self._yours, self._own_model)

    def add_photo(self, name: str, content: bytes) -> None:
        """Show a photo; what is no image is told in the page and changes nothing."""
        try:
            image = load_image(content)
        except (ValueError, OSError) as problem:
            self._complain(sentence(problem).replace("The image given as bytes", name))
            return
        photo = Photo(name, hashlib.sha256(content).hexdigest(), image)
        self.change(image=photo, label=None)

    def close(self) -> None:
        self._computer.close()
        super().close()

    # From a change to the page

    def _go_on(self, before: State, state: State) -> None:
        with self._lock:
            if self._complaint:
                self._complaint = ""
                self._say("")
            self._show_controls()
            if (before.image, before.perturbation) != (state.image, state.perturbation):
                self._draw_image()
            self._maps = {name: m for name, m in self._maps.items() if name in state.methods}
            if (before.display, before.methods) != (state.display, state.methods):
                self._draw_maps()
        needed = state.seen(), state.label, state.methods, self._asked(state)
        if needed != (before.seen(), before.label, before.methods, self._asked(before)):
            self._computer.ask(state)

    def _asked(self, state: State) -> list:
        return [state.asked(method, 0) for method in state.methods]

    def _image(self, state: State) -> np.ndarray:
        image = state.image
        return image.pixels if isinstance(image, Photo) else self._images[image]

    def _hear(self, told: Scores | Map | Failed) -> None:
        """What the computer reports, in its thread."""
        with self._lock:
            if isinstance(told, Failed):
                self._complain(told.message)
            elif isinstance(told, Scores):
                self._label = told.label
                self._show_scores(told)
                self._say("Computing …")
            elif told.method in self.state.methods:
                self._maps[told.method] = told
                self._draw_maps(told.method)
                self._bar.value = told.done
                if told.done == 1 and told.method == told.state.methods[-1]:
                    self._say("")

    def _draw_image(self) -> None:
        state = self.state
        self._picture.png = as_png(perturbed(self._image(state), **state.perturbation))
        image = state.image
        name = image.name if isinstance(image, Photo) else self._titles_of_images[image]
        self._picture.caption = name
        self._picture.alt = f"The image: {name}"

    def _draw_maps(self, only: str | None = None) -> None:
        state = self.state
        for picture, method in zip(self._pictures, (*state.methods, None), strict=False):
            picture.layout.display = "" if method else "none"
            if method is None or method not in self._maps or only not in (None, method):
                continue
            found = self._maps[method]
            image = perturbed(self._image(found.state), **found.state.perturbation)
            picture.png = as_png(overlay(image, found.saliency, **state.display))
            asked_for = self._names.get(self._label, f"class {self._label}")
            picture.caption = f"{self._titles[method]}: {asked_for}"
            picture.alt = f"Map by {self._titles[method]} for the class {asked_for}"

    def _show_scores(self, told: Scores) -> None:
        if len(told.scores) != len(self._names):
            self._know(len(told.scores))
        best = np.argsort(-told.scores)[: len(self._guesses)]
        for button in self._guesses[len(best) :]:
            button.layout.display = "none"
        for button, label in zip(self._guesses, best, strict=False):
            chosen = int(label) == told.label
            name = self._names.get(int(label), f"class {label}")
            mark = "● " if chosen else "○ "
            button.description = f"{mark}{told.scores[label]:.1f}  {name}"
            button.tooltip = f"Maps for {name}, score {told.scores[label]:.2f}"
            button.label = int(label)
        name = self._listed.get(told.label, "")
        where = int((told.scores > told.scores[told.label]).sum()) + 1
        self._chosen.value = (
            f"<b>{html.escape(name)}</b>: score {told.scores[told.label]:.1f}, "
            f"number {where} of {len(told.scores)}"
        )

    def _say(self, text: str) -> None:
        """Say how far it is; a complaint is not talked over, it stays until the next change."""
        if not self._complaint:
            self._status.value = _words(text)
            self._bar.layout.visibility = "visible" if text else "hidden"
            self._bar.value = 0

    def _complain(self, text: str) -> None:
        with self._lock:
            self._complaint = text
            self._status.value = _words(f"⚠ {text}")
            self._bar.layout.visibility = "hidden"

    # The widgets

    def _build(self) -> None:
        titles = [self._names[int(label)] for label in self._labels]
        self._titles_of_images = titles
        self._strip = Strip(
            thumbnails=[thumbnail(image) for image in self._images], names=titles, chosen=0
        )
        self._strip.on_msg(self._receive)
        self._picture = Picture(place=True)
        self._picture.observe(self._place_square, "at")
        self._pictures = [Picture(), Picture()]

        self._guesses = [w.Button(layout=w.Layout(width="300px", margin="1px")) for _ in range(5)]
        for button in self._guesses:
            button.label = None
            button.on_click(lambda pressed: self.change(label=pressed.label))
        self._type = w.Combobox(
            placeholder="part of a class's name",
            description="class",
            continuous_update=False,
            layout=w.Layout(width="300px"),
            style={"description_width": "40px"},
        )
        self._type.observe(self._type_class, "value")
        self._know(IMAGENET)
        self._chosen = w.HTML()
        self._status = w.HTML(layout=w.Layout(flex="1 1 auto"))
        self._bar = w.FloatProgress(max=1, layout=w.Layout(width="200px", visibility="hidden"))

        self._sliders = {name: self._slider(name) for name in SLIDERS}
        self._first = w.Dropdown(
            options=[(title, name) for name, title in self._titles.items()], description="method"
        )
        self._second = w.Dropdown(
            options=[("nothing", ""), *((t, n) for n, t in self._titles.items())],
            description="beside it",
        )
        for menu in (self._first, self._second):
            menu.observe(self._choose_methods, "value")
        self._baseline = w.Dropdown(options=BASELINES, description="baseline")
        self._layer = w.Dropdown(options=self._layers, description="layer")
        self._colours = w.Dropdown(options=COLOUR_MAPS, description="colours")
        self._menus = {
            "baseline": self._baseline,
            "layer": self._layer,
            "colour_map": self._colours,
        }
        for name, menu in self._menus.items():
            menu.observe(self._setter(name), "value")
        for menu in (self._first, self._second, *self._menus.values()):
            menu.layout.width, menu.style.description_width = "276px", "110px"

        buttons = {
            "Undo": self.undo,
            "Redo": self.redo,
            "Reset": self.reset,
            "Copy as code": self._copy,
            "Save as PNG": self._save,
        }
        self._buttons = {}
        for name, act in buttons.items():
            button = w.Button(description=name, layout=w.Layout(width="132px"))
            button.on_click(act)
            self._buttons[name] = button
        self._code = w.Textarea(
            layout=w.Layout(width="100%", height="150px", display="none"), disabled=False
        )
        self._code.rows = 8

        def group(title, *children):
            heading = w.HTML(f"<h3>{title}</h3>")
            return w.VBox([heading, *children], layout=w.Layout(width="282px", overflow="hidden"))

        s = self._sliders
        self._method_group = group("The method", self._first, self._second)
        self._rows = [
            self._strip,
            w.HBox(
                [
                    self._picture,
                    *self._pictures,
                    w.VBox([w.HTML("<h3>What the network sees</h3>"), *self._guesses, self._type,
                            self._chosen]),
                ],
                layout=w.Layout(flex_flow="row wrap"),
            ),
            w.HBox([self._bar, self._status]),
            w.HBox(
                [
                    self._method_group,
                    group("The picture", *(s[n] for n in ("opacity", "clip", "blur", "threshold")),
                          self._colours),
                    group("The image", *(s[n] for n in ("grain", "brightness", "square"))),
                    group("The network", *([s["randomised"]] if _methods_are_here() else []),
                          w.HBox(list(self._buttons.values()),
                                 layout=w.Layout(flex_flow="row wrap"))),
                ],
                layout=w.Layout(flex_flow="row wrap"),
            ),
            self._code,
        ]  # fmt: skip

    def _know(self, classes: int) -> None:
        """Name the network's classes, in the guesses and where one is typed."""
        if classes == IMAGENET:
            self._names = self._names_of_imagenet
        else:
            self._names = {label: f"class {label}" for label in range(classes)}
        counts = Counter(self._names.values())
        self._listed = {
            label: name if counts[name] == 1 else f"{name} ({label})"
            for label, name in self._names.items()
        }
        self._type.options = list(self._listed.values())

    def _slider(self, name: str) -> w.IntSlider | w.FloatSlider:
        label, low, high, step, written = SLIDERS[name]
        if name == "randomised":
            high = self._with_weights
        kind = w.IntSlider if isinstance(low, int) else w.FloatSlider
        slider = kind(
            description=label,
            min=low,
            max=high,
            step=step,
            value=getattr(State(), name),
            readout_format=written,
            layout=w.Layout(width="276px"),
            style={"description_width": "110px"},
        )
        slider.observe(self._setter(name), "value")
        return slider

    def _setter(self, name: str) -> Callable:
        def set_it(changed):
            if self._filling:
                return
            undone, when = self._undone
            if name == undone and time.monotonic() - when < LATE:
                self._show_controls()  # its last value, from before the click on Undo
                return
            self.change(**{name: changed["new"]})

        return set_it

    def _show_controls(self) -> None:
        """Let every control show the state; those that the methods do not need go."""
        state, self._filling = self.state, True
        try:
            for name, slider in self._sliders.items():
                slider.value = getattr(state, name)
            for name, menu in self._menus.items():
                menu.value = getattr(state, name)
            self._first.value = state.methods[0]
            self._second.value = state.methods[1] if len(state.methods) > 1 else ""
            self._strip.chosen = -1 if isinstance(state.image, Photo) else state.image
            self._picture.at = list(state.at)
        finally:
            self._filling = False
        needed = [name for method in state.methods for name in controls_of(method).values()]
        of_methods = self._sliders | self._menus
        shown = (
            self._first,
            self._second,
            *(of_methods[name] for name in dict.fromkeys(needed)),
        )
        if self._method_group.children[1:] != shown:
            self._method_group.children = (self._method_group.children[0], *shown)

    # What the controls do

    def _place_square(self, changed: dict) -> None:
        if not self._filling:
            self.change(at=tuple(changed["new"]), square=self.state.square or 48)

    def _choose_methods(self, _: object) -> None:
        if not self._filling:
            chosen = self._first.value, self._second.value
            self.change(methods=tuple(dict.fromkeys(name for name in chosen if name)))

    def _type_class(self, changed: dict) -> None:
        typed = changed["new"].strip()
        if not typed:
            return
        found = matching(typed, self._listed)
        if found and (len(found) == 1 or self._listed[found[0]].lower() == typed.lower()):
            self._type.value = ""
            self.change(label=found[0])
        elif found:
            some = ", ".join(self._listed[label] for label in found[:6])
            more = f" and {len(found) - 6} more" if len(found) > 6 else ""
            self._complain(
                f"{len(found)} classes are called so: {some}{more}. Type more of the name."
            )
        else:
            self._complain(f"No class is called {typed!r}.")

    def _receive(self, _: object, message: dict, buffers: list) -> None:
        name = str(message.get("name", "photo"))[:100]
        if message.get("kind") == "choose":
            self.change(image=int(message["number"]), label=None)
        elif message.get("kind") == "photo" and buffers:
            self.add_photo(name, bytes(buffers[0]))
        elif message.get("kind") == "unreadable":
            self._complain(f"{name} could not be read as an image.")

    def _copy(self, _: object) -> None:
        self._code.value = self.code()
        self._code.layout.display = ""
        self._strip.copy(self._code.value)
        self._complaint = ""
        self._say("The lines are on the clipboard, and below.")
        self._bar.layout.visibility = "hidden"

    def _save(self, _: object) -> None:
        for picture, method in zip(self._pictures, self.state.methods, strict=False):
            picture.save(f"{method}.png")


def _layers_of(model: object) -> tuple[Layers, int]:
    """As LAYERS, of any model: where it convolves or joins; and how many layers have weights."""
    layers = getattr(model, "layers", ())
    names = []
    for layer in reversed(layers):
        with contextlib.suppress(AttributeError, ValueError):  # one that was never called
            joins = isinstance(layer.input, list) and len(layer.input) > 1
            if (joins or hasattr(layer, "kernel")) and len(layer.output.shape) == 4:
                names.append(layer.name)
    return [("the last", None), *zip(names, names, strict=True)], sum(
        bool(layer.weights) for layer in layers
    )


def _methods_are_here() -> bool:
    """Students' copies come without them."""
    from importlib.util import find_spec

    return find_spec("cs231n_vis.methods") is not None


def _words(text: str) -> str:
    return f'<div role="status" aria-live="polite">{html.escape(text)}</div>'
