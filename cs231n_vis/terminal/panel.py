"""A panel: photos, what the network takes them for, and why, in one figure.

For each photo the square that the network sees, its best guesses as bars, and a map for each
method, all for one class.
"""

import inspect
import os
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..image_utils import preprocess_image
from ..maps import drawable
from ..method_table import METHODS
from ..plots import draw_map

BEST = 5  # guesses that are shown
MOST_PHOTOS = 30  # in one figure; beyond it there is more scrolling than looking

# inches
CELL, GAP, TITLE, HEADER, MARGIN = 2.2, 0.14, 0.27, 0.46, 0.15
COLUMNS = 6  # at most
DPI = 144
MOST_PIXELS = 16_000  # in height; WebP holds 16383

DARK, GREY, PALE, ORANGE = "#222222", "#767676", "#c4c4c4", "#e8710a"


class Explained(NamedTuple):
    """A photo, the network's scores for it, and maps for one class.

    Attributes:
        name: of the photo, as it is called in the figure.
        image: uint8 (H, W, 3), what the network saw.
        scores: unnormalised, float32 (1000,).
        label: of the class that the maps are for.
        maps: title of a method to its map, nonnegative (H, W).
    """

    name: str
    image: np.ndarray
    scores: np.ndarray
    label: int
    maps: dict[str, np.ndarray]

    @property
    def probabilities(self) -> np.ndarray:
        """The softmax of the scores, (1000,)."""
        exponentials = np.exp(self.scores - self.scores.max())
        return exponentials / exponentials.sum()

    @property
    def best(self) -> list[int]:
        """The labels of the network's best guesses, the best first."""
        return np.argsort(-self.scores, kind="stable")[:BEST].tolist()


def name_of(source: str | os.PathLike) -> str:
    """How a photo is called in a figure: the last part of its path or address."""
    name = Path(source).name
    if str(source).lower().startswith(("http://", "https://")):
        address = urlsplit(str(source))
        name = unquote(address.path).rstrip("/").rpartition("/")[2] or address.netloc
    # a name that is not text, or runs over lines, could be neither drawn nor kept in a file
    name = " ".join(name.encode("utf-8", "replace").decode("utf-8").split())
    return name if len(name) <= 48 else f"{name[:30]}…{name[-16:]}"


def explain(
    images: np.ndarray,
    names: Sequence[str],
    methods: Sequence[str],
    label: int | None = None,
    weights: str = "imagenet",
    progress: bool = True,
) -> list[Explained]:
    """Ask SqueezeNet what the photos show, and each method why.

    Args:
        images: uint8 (N, 224, 224, 3), from ``load_image``.
        names: of the photos.
        methods: keys of ``methods.METHODS``.
        label: of the class that the maps are for; None means the best guess for each photo.
        weights: as for ``load_squeezenet``.
        progress: let slow methods show a bar.

    Raises:
        OSError, ValueError: as ``load_squeezenet``.
    """
    from ..squeezenet import load_squeezenet

    model = load_squeezenet(weights)
    X = preprocess_image(images)
    scores = model(X, training=False).numpy()
    y = scores.argmax(axis=1) if label is None else np.full(len(X), label)
    maps = {}
    for name in methods:
        function = METHODS[name].function
        options = (
            {"progress": progress} if "progress" in inspect.signature(function).parameters else {}
        )
        maps[METHODS[name].title] = drawable(name, function(X, y, model, **options))
    return [
        Explained(
            names[n], images[n], scores[n], int(y[n]), {title: m[n] for title, m in maps.items()}
        )
        for n in range(len(X))
    ]


def panel_figure(panels: Sequence[Explained], class_names: dict[int, str]) -> Figure:
    """The figure: a block for each photo, its cells in as many rows as they need.

    Args:
        panels: what to draw, with the same methods in each.
        class_names: label to name.
    """
    cells = 2 + len(panels[0].maps)
    rows = -(-cells // COLUMNS)
    columns = -(-cells // rows)  # rows of nearly one length
    width = 2 * MARGIN + columns * CELL + (columns - 1) * GAP
    block = HEADER + rows * (TITLE + CELL) + (rows - 1) * GAP
    height = 2 * MARGIN + len(panels) * block + (len(panels) - 1) * 2 * GAP
    figure = Figure(figsize=(width, height), dpi=min(DPI, MOST_PIXELS / height))

    def cell(top, place, title):
        row, column = divmod(place, columns)
        left = MARGIN + column * (CELL + GAP)
        bottom = top - HEADER - row * (TITLE + CELL + GAP) - TITLE - CELL
        axis = figure.add_axes((left / width, bottom / height, CELL / width, CELL / height))
        axis.set_xticks([])
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
        axis.set_title(title, fontsize=10, color=DARK, pad=4)
        return axis

    for n, panel in enumerate(panels):
        top = height - MARGIN - n * (block + 2 * GAP)
        _header(figure, panel, class_names, top, width, height)
        cell(top, 0, "what the network sees").imshow(panel.image)
        _guesses(cell(top, 1, "what it takes it for"), panel, class_names)
        for place, (title, drawn) in enumerate(panel.maps.items(), start=2):
            axis = cell(top, place, title)
            draw_map(axis, drawn)
            if not drawn.any():
                axis.text(0.5, 0.5, "0 everywhere", **_MIDDLE, transform=axis.transAxes)
    return figure


_MIDDLE = {"ha": "center", "va": "center", "color": "white", "fontsize": 9}


def _header(
    figure: Figure,
    panel: Explained,
    class_names: dict[int, str],
    top: float,
    width: float,
    height: float,
) -> None:
    def line(text, below, **style):
        place = (MARGIN / width, (top - below) / height)
        figure.text(*place, text, va="top", parse_math=False, **style)

    room = int((width - 2 * MARGIN) * 72 / 9 / 0.6)  # letters of 9 points
    rest = f"score {panel.scores[panel.label]:.1f}, probability {_percent(panel)}"
    name = shorten(class_names[panel.label], room - len(f"maps for  · {rest}"), placeholder=" …")
    line(panel.name, 0, fontsize=12, fontweight="bold", color=DARK)
    line(f"maps for {name} · {rest}", 0.26, fontsize=9, color=DARK)


def _guesses(axis: Axes, panel: Explained, class_names: dict[int, str]) -> None:
    """Bars of probability, a name over each; the class that the maps are for in orange."""
    shown = panel.best if panel.label in panel.best else [*panel.best, panel.label]
    axis.set_xlim(0, 1)
    axis.set_ylim(len(shown), 0)
    for row, label in enumerate(shown):
        asked = label == panel.label
        name = shorten(class_names[label], 32, placeholder=" …", break_on_hyphens=False)
        style: dict[str, Any] = {"fontsize": 8.5 if len(name) < 27 else 7.5, "va": "bottom"}
        style |= {"color": DARK, "fontweight": "bold"} if asked else {"color": GREY}
        axis.text(0, row + 0.52, name, **style)
        axis.text(1, row + 0.52, _percent(panel, label), ha="right", **style)
        axis.barh(row + 0.68, 1, height=0.2, color="#eeeeee")
        axis.barh(
            row + 0.68, panel.probabilities[label], height=0.2, color=ORANGE if asked else PALE
        )


def _percent(panel: Explained, label: int | None = None) -> str:
    share = float(panel.probabilities[panel.label if label is None else label])
    return "<1 %" if share < 0.01 else f"{100 * share:.0f} %"


def in_words(panel: Explained, class_names: dict[int, str]) -> str:
    """A panel for those who cannot see it, and for the terminal."""
    best = ", ".join(f"{class_names[label]} {_percent(panel, label)}" for label in panel.best[:3])
    words = f"{panel.name}: {best}; maps for {class_names[panel.label]}"
    if not panel.scores[panel.label]:
        words += ", whose score is 0; there is no gradient"
    return words + "."
