"""Pictures of images and maps.

Every ``show_…`` function draws a figure and puts it into the notebook as a JPEG, which keeps
notebooks full of photographs small, in an ``<img>`` with a text for those who cannot see it.
``…_figure`` functions return the figure instead, to save or change. Wherever an array is asked for,
a tensor or a list will do.

Maps are drawn with one colour map, from black over purple and orange to pale yellow, whose
lightness rises steadily: it reads the same in greyscale and for colour-blind eyes. A map is
mostly small values with a few peaks, so its brightest 0.5 % share the last colour; the numbers
are not changed, only the colours.
"""

import io
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import LogLocator

COLOUR_MAP = "inferno"
SIGNED_COLOUR_MAP = "PuOr_r"  # for colour-blind eyes too
BRIGHTEST = 99.5  # percentile of a map that gets the last colour
DPI = 96
SMALLEST = float(np.finfo(np.float32).tiny)  # so that a map of zeros has a last colour, too


def show_images(X: np.ndarray, titles: Sequence[str], columns: int = 5) -> None:
    """Show images, uint8 (N, H, W, 3), in a grid with a title over each."""
    show_figure(images_figure(X, titles, columns), f"{len(X)} images: {', '.join(titles)}.")


def show_saliency_maps(
    X: np.ndarray, y: np.ndarray, maps: np.ndarray | None, class_names: dict[int, str]
) -> None:
    """Show images and under each its saliency map.

    Args:
        X: images, uint8 (N, H, W, 3).
        y: labels, int (N,).
        maps: saliency maps, nonnegative (N, H, W); None (an answer not yet written) is told.
        class_names: label to name.
    """
    if maps is None:
        print("There are no maps yet: fill in the answer cell, run it, then run this cell again.")
        return
    if np.shape(maps) != np.shape(X)[:3]:
        raise ValueError(
            f"The maps have shape {np.shape(maps)}; there must be one for each image, of its "
            f"height and width: {np.shape(X)[:3]}."
        )
    names = ", ".join(class_names[int(label)] for label in y)
    alt = f"{len(X)} images and under each its saliency map, bright where the score depends most "
    alt += f"on the pixels. The classes: {names}."
    show_figure(saliency_figure(X, y, maps, class_names), alt)


def images_figure(X: np.ndarray, titles: Sequence[str], columns: int = 5) -> Figure:
    """The figure that ``show_images`` shows."""
    rows = -(-len(X) // columns)
    figure, axes = _grid(rows, min(columns, len(X)))
    for axis, image, title in zip(axes.flat, X, titles, strict=False):
        axis.imshow(np.asarray(image))
        _title(axis, title)
    more_lines = max((axis.get_title().count("\n") for axis in axes.flat), default=0)
    figure.set_figheight(figure.get_figheight() + 0.2 * rows * more_lines)
    return figure


def native_figure(
    X: Sequence[np.ndarray] | np.ndarray, titles: Sequence[str], columns: int = 4, zoom: int = 1
) -> Figure:
    """Images in a grid, each of their pixels drawn as ``zoom`` by ``zoom`` pixels of the figure.

    Args:
        X: uint8 (N, H, W, 3), or N images; those that are not as large as the first are scaled.
        titles: N of them; line breaks in them are kept, and nothing else is broken.
        columns: how many in a row.
        zoom: 1 for the size that they have.
    """
    rows, columns = -(-len(X) // columns), min(columns, len(X))
    height, width = (zoom * side for side in np.shape(X[0])[:2])
    across, down = width + 8, height + 18 * (1 + max(title.count("\n") for title in titles))
    size = columns * across, rows * down
    figure = Figure(figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI)
    for n, (image, title) in enumerate(zip(X, titles, strict=True)):
        left, bottom = n % columns * across, (rows - 1 - n // columns) * down
        axis = figure.add_axes(
            (left / size[0], bottom / size[1], width / size[0], height / size[1])
        )
        axis.imshow(np.asarray(image), interpolation="nearest")
        axis.set_axis_off()
        axis.set_title(title, fontsize=9, pad=3)
    return figure


def saliency_figure(
    X: np.ndarray,
    y: np.ndarray,
    maps: np.ndarray,
    class_names: dict[int, str],
    method: str = "saliency map",
) -> Figure:
    """The figure that ``show_saliency_maps`` shows; ``method`` stands beside the maps."""
    figure, axes = _grid(2, len(X), row_labels=("image", method))
    for i, (image, label, saliency) in enumerate(zip(X, y, maps, strict=True)):
        axes[0, i].imshow(np.asarray(image))
        _title(axes[0, i], class_names[int(label)])
        draw_map(axes[1, i], saliency)
    return figure


def comparison_figure(yours: np.ndarray, expected: np.ndarray, titles: Sequence[str]) -> Figure:
    """Maps (N, H, W) in three rows: yours, the expected ones, and the absolute difference.

    The three of a column share their colours."""
    rows = ("yours", "expected", "difference")
    figure, axes = _grid(3, len(expected), row_labels=rows)
    for i, (mine, right, title) in enumerate(zip(yours, expected, titles, strict=True)):
        brightest = np.percentile(right, BRIGHTEST)
        _title(axes[0, i], title)
        draw_map(axes[0, i], mine, brightest)
        draw_map(axes[1, i], right, brightest)
        draw_map(axes[2, i], np.abs(np.asarray(mine, float) - right), brightest)
    return figure


def attributions_figure(
    X: np.ndarray, titles: Sequence[str], rows: dict[str, np.ndarray], signed: bool = True
) -> Figure:
    """Images in a row, and under them a row for each method.

    Each panel has the size of its image or, where there are few, twice that, so that the signs of
    single pixels can be seen.

    Args:
        X: images, uint8 (N, H, W, 3).
        titles: N of them.
        rows: name of a method to attributions (N, H, W, 3) or heat maps (N, h, w). Heat maps are
            laid over the image.
        signed: draw attributions with their sign, the colours added up (``draw_signed``); else the
            largest absolute value of each pixel (``draw_map``).
    """
    figure, axes = _grid(1 + len(rows), len(X), row_labels=("image", *rows))
    height, width = np.shape(X)[1:3]
    times = 2 if len(X) < 3 and len(rows) < 3 else 1
    side = 1.06 * times / DPI
    figure.set_size_inches(side * width * len(X) + 0.3, (side * height + 0.3) * (1 + len(rows)))
    if width > height:  # shrunk to the width of the page, with their letters
        for axis in axes.flat:
            axis.yaxis.label.set_fontsize(16)
    for i, (image, title) in enumerate(zip(X, titles, strict=True)):
        axes[0, i].imshow(np.asarray(image))
        _title(axes[0, i], title, 17 if width > height else 11)
        for axis, values in zip(axes[1:, i], rows.values(), strict=True):
            if np.ndim(values) == 3:
                draw_heat(axis, image, values[i])
            elif signed:
                draw_signed(axis, values[i])
            else:
                draw_map(axis, np.abs(values[i]).max(axis=-1))
    return figure


def signed_comparison_figure(
    yours: np.ndarray, expected: np.ndarray, titles: Sequence[str]
) -> Figure:
    """As ``comparison_figure``, for signed attributions (N, H, W, 3), their colours added up."""
    rows = ("yours", "expected", "difference")
    figure, axes = _grid(3, len(expected), row_labels=rows)
    for i, (mine, right, title) in enumerate(zip(yours, expected, titles, strict=True)):
        limit = np.percentile(np.abs(np.sum(right, axis=-1)), BRIGHTEST)
        _title(axes[0, i], title)
        for axis, values in zip(axes[:, i], (mine, right, np.subtract(mine, right)), strict=True):
            draw_signed(axis, values, limit)
    return figure


def completeness_figure(steps: Sequence[int], gaps: np.ndarray, names: Sequence[str]) -> Figure:
    """The gap against the number of steps, on logarithmic axes: one line for each of ``names``.

    Args:
        steps: S numbers of steps.
        gaps: as a share of the difference of the scores, signed (S, N).
        names: what the N lines are.
    """
    figure = Figure(figsize=(6.4, 3.4), dpi=DPI, layout="constrained")
    axis = figure.subplots()
    for line, name, mark, dash in zip(
        np.abs(gaps).T, names, "os^Dv", ("-", "--", ":", "-.", "-"), strict=False
    ):
        axis.loglog(steps, 100 * line, marker=mark, linestyle=dash, label=name)
    axis.set_xticks(steps, [str(count) for count in steps])
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
    axis.set_xlabel("steps")
    axis.set_ylabel("gap, % of the score difference")
    axis.set_title("How far the attributions are from adding up")
    axis.grid(alpha=0.3)
    axis.legend()
    return figure


def table_of_maps_figure(
    rows: Sequence[Sequence[np.ndarray]], row_titles: Sequence[str], column_titles: Sequence[str]
) -> Figure:
    """Images (H, W, 3), uint8, and maps (H, W) in a table; each map has colours of its own.

    The first is drawn at its own size or larger, for on fewer pixels a map shows what is not there.
    """
    side = 1.05 * max(np.shape(rows[0][0])[:2]) / DPI
    figure = Figure(
        figsize=(side * len(column_titles) + 0.4, side * len(rows) + 0.4),
        dpi=DPI,
        layout="constrained",
    )
    axes = figure.subplots(len(rows), len(column_titles), squeeze=False)
    for i, row in enumerate(rows):
        axes[i, 0].set_ylabel(fill(row_titles[i], 16), fontsize=10)
        for axis, cell in zip(axes[i], row, strict=True):
            axis.set_xticks([])
            axis.set_yticks([])
            axis.spines[:].set_visible(False)
            if np.ndim(cell) == 3:
                axis.imshow(np.asarray(cell))
            else:
                draw_map(axis, cell)
    for axis, title in zip(axes[0], column_titles, strict=True):
        axis.set_title(fill(title, 16), fontsize=10)
    return figure


def lines_figure(
    x: Sequence,
    panels: dict[str, dict[str, Sequence[float]]],
    x_label: str,
    y_label: str,
) -> Figure:
    """Panels side by side, by title, each with lines by name; x are numbers or names of places.

    Lines differ in colour, dash and mark, so that they can be told apart in greyscale.
    """
    colours = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
    dashes, marks = ("-", "--", "-.", ":"), "os^Dv<>"
    figure = Figure(figsize=(4.4 * len(panels) + 1.9, 3.6), dpi=DPI, layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    for axis, (title, lines) in zip(axes, panels.items(), strict=True):
        for i, (name, values) in enumerate(lines.items()):
            style = {"color": colours[i % 7], "linestyle": dashes[i % 4], "marker": marks[i % 7]}
            axis.plot(x, values, label=name, markersize=4, **style)
        axis.set_title(title, fontsize=11)
        axis.set_xlabel(x_label)
        axis.grid(alpha=0.3)
    axes[0].set_ylabel(y_label)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize=9)
    return figure


def fooling_figure(image: np.ndarray, fooling: np.ndarray, seen: Sequence[str]) -> Figure:
    """An image, one that fools the network, and their difference, as it is and ten times as large;
    below, a quarter of the width and of the height of each, where the difference is largest.

    Args:
        image, fooling: uint8 (H, W, 3).
        seen: what the network takes each of them for.

    Differences are drawn in colour around a middle grey, which stands for no difference.
    """
    difference = np.asarray(fooling, float) - image
    largest = int(np.abs(difference).max())
    titles = (
        f"original,\nseen as {seen[0]}",
        f"fooling image,\nseen as {seen[1]}",
        f"difference\n(at most {largest} of 255)",
        "difference,\n10 times as large",
    )
    signed = [np.clip(0.5 + times * difference / 255, 0, 1) for times in (1, 10)]
    height, width = (max(1, side // 4) for side in difference.shape[:2])
    size = np.abs(difference).sum(axis=2)
    rows, columns = size.shape[0] - height + 1, size.shape[1] - width + 1
    sums = np.pad(size, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    within = sums[height:, width:] - sums[:rows, width:] - sums[height:, :columns]
    top, left = np.unravel_index(np.argmax(within + sums[:rows, :columns]), within.shape)
    figure, axes = _grid(2, 4, ("whole", "4 times as large"))
    for column, (picture, title) in enumerate(zip((image, fooling, *signed), titles, strict=True)):
        axes[0, column].imshow(picture)
        frame = Rectangle((float(left), float(top)), width, height, fill=False, edgecolor="#D55E00")
        axes[0, column].add_patch(frame)
        _title(axes[0, column], title)
        axes[1, column].imshow(picture[top : top + height, left : left + width])
    return figure


def bars_figure(panels: dict[str, dict[str, float]], x_label: str) -> Figure:
    """Panels side by side, by title, each with a bar for each name, from the top down.

    Args:
        panels: the numbers, 0 or more, by name.
        x_label: what they are.
    """
    most = max(len(bars) for bars in panels.values())
    size = (4.6 * len(panels), 0.8 + 0.32 * most)
    figure = Figure(figsize=size, dpi=DPI, layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False, sharex=True)[0]
    for axis, (title, bars) in zip(axes, panels.items(), strict=True):
        drawn = axis.barh([fill(name, 24) for name in bars], list(bars.values()), color="#0072B2")
        axis.bar_label(drawn, fmt="%.2f", padding=3, fontsize=9)
        axis.invert_yaxis()
        axis.margins(x=0.15)
        axis.set_title(title, fontsize=11)
        axis.set_xlabel(x_label)
        axis.spines[["top", "right"]].set_visible(False)
    return figure


def _grid(rows: int, columns: int, row_labels: Sequence[str] = ()) -> tuple[Figure, np.ndarray]:
    # each at least the 224 pixels that images here have: on fewer, a map shows what is not there
    figure = Figure(figsize=(2.5 * columns, 2.72 * rows), dpi=DPI, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_anchor("S")  # what is left of the height is the title's
        axis.set_xticks([])
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
    for axis, label in zip(axes[:, 0], row_labels, strict=False):
        axis.set_ylabel(label, fontsize=11)
    return figure, axes


def _title(axis: Axes, title: str, fontsize: float = 11) -> None:
    axis.set_title("\n".join(fill(line, 22) for line in title.split("\n")), fontsize=fontsize)


def draw_map(axis: Axes, saliency: np.ndarray, brightest: float | None = None) -> None:
    """Draw one map (H, W) into a Matplotlib axis, from 0 to ``brightest``.

    None means what all maps here are drawn to: the map's own brightest 0.5 % share the last colour.
    """
    saliency = np.asarray(saliency)
    last = np.percentile(saliency, BRIGHTEST) if brightest is None else brightest
    axis.imshow(saliency, cmap=COLOUR_MAP, vmin=0, vmax=max(float(last), SMALLEST))


def draw_signed(axis: Axes, attribution: np.ndarray, limit: float | None = None) -> None:
    """Draw signed attributions (H, W, 3), their colours added up, into a Matplotlib axis.

    Orange speaks for the class, violet against it, white is zero. The colours end at ``limit`` on
    both sides; None means that the largest 0.5 % share the last ones. In greyscale both ends are
    dark.
    """
    values = np.sum(attribution, axis=-1)
    end = np.percentile(np.abs(values), BRIGHTEST) if limit is None else limit
    end = max(float(end), SMALLEST)
    axis.imshow(values, cmap=SIGNED_COLOUR_MAP, vmin=-end, vmax=end)


def draw_heat(axis: Axes, image: np.ndarray, heat: np.ndarray) -> None:
    """Lay a heat map (h, w) over an image (H, W, 3), brought to its size bilinearly."""
    height, width = np.shape(image)[:2]
    heat, grey = np.asarray(heat), np.mean(image, axis=-1)
    axis.imshow(grey, cmap="gray", vmin=0, vmax=255)
    axis.imshow(
        heat,
        cmap=COLOUR_MAP,
        vmin=0,
        vmax=max(heat.max(), SMALLEST),
        alpha=0.6,
        interpolation="bilinear",
        extent=(-0.5, width - 0.5, height - 0.5, -0.5),
    )


def write_figure(figure: Figure, file: Any, **options: Any) -> None:
    """``figure.savefig(file, **options)``, but whatever matplotlibrc says, never with LaTeX.

    It may not be here, and takes "%" and "&" in a title for something else.
    """
    for text in figure.findobj(Text):
        text.set_usetex(False)
    with rc_context({"text.usetex": False}):
        figure.savefig(file, **options)


def show_figure(figure: Figure, alt: str) -> None:
    """Put a Matplotlib figure into the notebook, with a text for those who cannot see it."""
    from IPython.display import display

    jpeg = io.BytesIO()
    write_figure(figure, jpeg, format="jpeg", pil_kwargs={"quality": 80, "subsampling": 0})
    source = f"data:image/jpeg;base64,{b64encode(jpeg.getvalue()).decode()}"
    image = f'<img alt="{escape(alt)}" src="{source}" style="max-width: 100%">'
    display({"text/html": image, "text/plain": alt}, raw=True)
