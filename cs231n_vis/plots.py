"""Pictures of images and maps.

Every ``show_…`` function draws a figure and puts it into the notebook as a JPEG, which keeps
notebooks full of photographs small, in an ``<img>`` with a text for those who cannot see it.
``…_figure`` functions return the figure instead, to save or change.

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

import numpy as np
from matplotlib.figure import Figure

COLOUR_MAP = "inferno"
BRIGHTEST = 99.5  # percentile of a map that gets the last colour
DPI = 96


def show_images(X: np.ndarray, titles: Sequence[str], columns: int = 5) -> None:
    """Show images, uint8 (N, H, W, 3), in a grid with a title over each."""
    _show(images_figure(X, titles, columns), f"{len(X)} images: {', '.join(titles)}.")


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
    _show(saliency_figure(X, y, maps, class_names), f"{alt}on the pixels. The classes: {names}.")


def show_comparison(yours: np.ndarray, expected: np.ndarray, titles: Sequence[str]) -> None:
    """Show maps (N, H, W) in three rows: yours, the expected ones, and the absolute difference."""
    alt = f"Your maps, the expected maps and their difference, for {', '.join(titles)}."
    _show(comparison_figure(yours, expected, titles), alt)


def images_figure(X: np.ndarray, titles: Sequence[str], columns: int = 5) -> Figure:
    """The figure that ``show_images`` shows."""
    rows = -(-len(X) // columns)
    figure, axes = _grid(rows, min(columns, len(X)))
    for axis, image, title in zip(axes.flat, X, titles, strict=False):
        axis.imshow(image)
        _title(axis, title)
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
        axes[0, i].imshow(image)
        _title(axes[0, i], class_names[int(label)])
        draw_map(axes[1, i], saliency)
    return figure


def comparison_figure(yours: np.ndarray, expected: np.ndarray, titles: Sequence[str]) -> Figure:
    """The figure that ``show_comparison`` shows. All three rows of a column share their colours."""
    rows = ("yours", "expected", "difference")
    figure, axes = _grid(3, len(expected), row_labels=rows)
    for i, (mine, right, title) in enumerate(zip(yours, expected, titles, strict=True)):
        brightest = np.percentile(right, BRIGHTEST)
        _title(axes[0, i], title)
        draw_map(axes[0, i], mine, brightest)
        draw_map(axes[1, i], right, brightest)
        draw_map(axes[2, i], np.abs(np.asarray(mine, float) - right), brightest)
    return figure


def _grid(rows: int, columns: int, row_labels: Sequence[str] = ()):
    figure = Figure(figsize=(2.2 * columns, 2.35 * rows), dpi=DPI, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_xticks([])
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
    for axis, label in zip(axes[:, 0], row_labels, strict=False):
        axis.set_ylabel(label, fontsize=11)
    return figure, axes


def _title(axis, title: str) -> None:
    axis.set_title("\n".join(fill(line, 22) for line in title.split("\n")), fontsize=11)


def draw_map(axis, saliency: np.ndarray, brightest: float | None = None) -> None:
    """Draw one map (H, W) into a Matplotlib axis, from 0 to ``brightest``.

    None means what all maps here are drawn to: the map's own brightest 0.5 % share the last colour.
    """
    if brightest is None:
        brightest = np.percentile(saliency, BRIGHTEST)
    axis.imshow(saliency, cmap=COLOUR_MAP, vmin=0, vmax=max(brightest, np.finfo(np.float32).tiny))


def _show(figure: Figure, alt: str) -> None:
    from IPython.display import display

    jpeg = io.BytesIO()
    figure.savefig(jpeg, format="jpeg", pil_kwargs={"quality": 90, "subsampling": 0})
    source = f"data:image/jpeg;base64,{b64encode(jpeg.getvalue()).decode()}"
    image = f'<img alt="{escape(alt)}" src="{source}" style="max-width: 100%">'
    display({"text/html": image, "text/plain": alt}, raw=True)
