"""A comparison as a table for the terminal and as figures.

Colours are two that differ in lightness as well, and open and filled marks say the rest: all of it
reads in greyscale.
"""

import warnings
from collections.abc import Callable, Sequence
from textwrap import fill
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from rich import box
from rich.table import Table

from ..plots import DPI, draw_map
from .pointing_game import CHANCE

Numbers = dict[str, np.ndarray]  # as in ``compare.Comparison``
POINTING_GAME, COMPLETENESS = "pointing game", "completeness gap"

DARK, PALE, BAND = "#3b0f70", "#f1a340", "#f2f2f2"  # inferno's purple, an orange, nearly white


class Measure(NamedTuple):
    """A number for each method, and how it is shown.

    Attributes:
        title: of its panel in the figure.
        column: its heading in the table, narrow enough for all to fit in 80 characters.
        better: ``"lower"`` or ``"higher"``.
        values: from the numbers of a comparison to (R, ...), all of which are drawn.
        digits: after the point.
        middle: of the values of a method, what is in the table.
    """

    title: str
    column: str
    better: str
    values: Callable[[dict[str, np.ndarray]], np.ndarray]
    digits: int = 2
    middle: Callable = np.nanmean

    def of(self, numbers: Numbers) -> tuple[np.ndarray, np.ndarray]:
        """All values, (R, ...) flattened to (R, K), and the middle of each method, (R,)."""
        values = self.values(numbers)
        values = values.reshape(len(values), -1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a method without any map
            return values, self.middle(values, axis=1)


MEASURES = (
    Measure("deletion", "dele-\ntion", "lower", lambda n: n["deletion"], 3),
    Measure("insertion", "inser-\ntion", "higher", lambda n: n["insertion"], 3),
    Measure(POINTING_GAME, "point-\ning", "higher", lambda n: n["pointing_game"]),
    Measure(
        "rank correlation, top layer random",
        "rank\ntop",
        "lower",
        lambda n: n["absolute_rank_correlation"][:, 0],
    ),
    Measure(
        "rank correlation, all random",
        "rank\nall",
        "lower",
        lambda n: n["absolute_rank_correlation"][:, -1],
    ),
    Measure("SSIM, all random", "SSIM\nall", "lower", lambda n: n["ssim"][:, -1]),
    Measure("change by input shift", "input\nshift", "lower", lambda n: n["input_shift"]),
    Measure(COMPLETENESS, "compl.\ngap", "lower", lambda n: n["completeness"], middle=np.nanmedian),
)


def measures_table(titles: Sequence[str], numbers: Numbers) -> Table:
    """A row for each method and a column for each of ``MEASURES``."""
    middles = np.stack([measure.of(numbers)[1] for measure in MEASURES], axis=1)
    caption = (
        f"Images: {numbers['deletion'].shape[1]}. Mosaics: {numbers['pointing_game'].shape[1]}. "
        "↓ less is better, ↑ more is better. Means; of the completeness gap, the median."
    )
    if np.isnan(middles).any():
        caption += " – where there is no map: it is the same everywhere."
    table = Table(
        box=box.SIMPLE_HEAD, padding=0, pad_edge=False, caption=caption, caption_justify="left"
    )
    table.add_column("method", no_wrap=True, vertical="bottom")
    for measure in MEASURES:
        arrow = "↓" if measure.better == "lower" else "↑"
        table.add_column(f"{measure.column} {arrow}", justify="right", no_wrap=True)
    for row, title in enumerate(titles):
        cells = [_number(x, m.digits) for x, m in zip(middles[row], MEASURES, strict=True)]
        table.add_row(title, *cells, end_section=row == len(titles) - 3)
    return table


def _number(value: float, digits: int) -> str:
    if np.isnan(value):
        return "–"
    if abs(value) < 10:
        return f"{value:.{digits}f}"
    if abs(value) < 1e5:
        return f"{float(f'{value:.2g}'):.0f}"  # two digits that count
    return f"{value:.0e}" if np.isfinite(value) else "∞"


def measures_figure(titles: Sequence[str], numbers: Numbers) -> Figure:
    """A panel for each of ``MEASURES``: a dot for each value, a mark for what the table says."""
    rows = len(titles)
    figure = Figure(figsize=(11, 2.1 + 0.5 * rows), dpi=DPI, layout="constrained")
    axes = figure.subplots(2, 4, sharey=True)
    places = np.arange(rows)
    for axis, measure in zip(axes.flat, MEASURES, strict=True):
        values, middle = measure.of(numbers)
        for place in places[::2]:
            axis.axhspan(place - 0.5, place + 0.5, color=BAND, zorder=0)
        # what a map has that knows nothing of the network
        axis.axvline(
            CHANCE if measure.title == POINTING_GAME else middle[-1], color=DARK, lw=0.8, ls="--"
        )
        many = np.repeat(places, values.shape[1])
        axis.scatter(values.ravel(), many, s=10, color=PALE, lw=0, zorder=2)
        axis.scatter(middle, places, s=40, color=DARK, zorder=3)
        if measure.title == COMPLETENESS:  # from 0.01 to thousands
            axis.set_xscale("log")
        else:
            low, high = min(0, np.nanmin(values)), max(0.1, np.nanmax(values))
            axis.set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
        better = "← less is better" if measure.better == "lower" else "more is better →"
        axis.set_title(f"{fill(measure.title, 22)}\n", fontsize=10, loc="left", linespacing=1.1)
        axis.text(0, 1.01, better, transform=axis.transAxes, fontsize=8.5, color="#555555")
        axis.tick_params(labelsize=9, length=0)
        axis.spines[["top", "right", "left"]].set_visible(False)
    axes.flat[0].set(yticks=places, yticklabels=titles, ylim=(rows - 0.5, -0.5))
    marks = [
        Line2D([], [], marker="o", ls="", ms=6, color=DARK, label="mean (gap: median)"),
        Line2D([], [], marker="o", ls="", ms=3, color=PALE, label="each image or quadrant"),
        Line2D([], [], ls="--", lw=0.8, color=DARK, label="a random map"),
    ]
    figure.legend(handles=marks, loc="outside lower right", ncols=3, frameon=False, fontsize=9)
    return figure


def curves_figure(titles: Sequence[str], numbers: Numbers) -> Figure:
    """A panel for each method with its mean deletion and insertion curve."""
    columns = min(5, len(titles))
    lines = -(-len(titles) // columns)
    figure = Figure(figsize=(2.2 * columns, 0.5 + 2.1 * lines), dpi=DPI, layout="constrained")
    axes = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    for row, (axis, title) in enumerate(zip(axes.flat, titles, strict=False)):
        for name, colour, style in (("deletion", DARK, "-"), ("insertion", PALE, "--")):
            mean = numbers[f"{name}_curves"][row].mean(axis=0)
            axis.plot(numbers["fractions"], mean, color=colour, ls=style, lw=1.8, label=name)
            axis.fill_between(numbers["fractions"], mean, color=colour, alpha=0.12, lw=0)
        axis.set_title(title, fontsize=10)
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8.5)
    for axis in axes.flat[len(titles) :]:
        axis.set_visible(False)
    for axis in axes.flat:  # the first tenth, where most happens, takes a third of the width
        axis.set_xscale("function", functions=(np.sqrt, np.square))
    axes[0, 0].set(xlim=(0, 1), ylim=(0, 1), xticks=(0, 0.1, 0.5, 1), yticks=(0, 0.5, 1))
    axes[0, 0].set_xticklabels(["0", "0.1", "0.5", "1"])
    figure.supxlabel("fraction of the pixels deleted or inserted", fontsize=10)
    figure.supylabel("mean probability of the class", fontsize=10)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return figure


def maps_figure(
    maps: Sequence[Sequence[np.ndarray]], rows: Sequence[str], columns: Sequence[str]
) -> Figure:
    """A grid of maps, such as of a mosaic's four classes, or before and after randomisation.

    Args:
        maps: for each row and column a map, nonnegative (H, W), or an image, uint8 (H, W, 3).
        rows, columns: what to call them.
    """
    figure = Figure(
        figsize=(0.4 + 1.9 * len(columns), 0.4 + 1.9 * len(rows)), dpi=DPI, layout="constrained"
    )
    axes = figure.subplots(len(rows), len(columns), squeeze=False)
    for line, line_of_maps in zip(axes, maps, strict=True):
        for axis, shown in zip(line, line_of_maps, strict=True):
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
            axis.imshow(shown) if np.ndim(shown) == 3 else draw_map(axis, shown)
    for axis, name in zip(axes[:, 0], rows, strict=True):
        axis.set_ylabel(name, fontsize=10)
    for axis, name in zip(axes[0], columns, strict=True):
        axis.set_title(name, fontsize=10)
    return figure
