"""Figures hold what they should: every image and map, titles, labels, and a text for each."""

import base64
import io
import re

import numpy as np
import pytest
from matplotlib import colormaps
from PIL import Image

from cs231n_vis import plots

X = np.random.default_rng(231).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
Y = np.array([7, 8, 9])
MAPS = np.random.default_rng(1).random((3, 32, 32), dtype=np.float32)
NAMES = {7: "a name long enough to need a second line", 8: "two\nlines", 9: "cat"}


def test_every_image_has_its_map_below_it():
    figure = plots.saliency_figure(X, Y, MAPS, NAMES)
    shown = [np.asarray(axis.images[0].get_array()) for axis in figure.axes]
    assert all(np.array_equal(a, b) for a, b in zip(shown, [*X, *MAPS], strict=True))
    assert figure.axes[0].get_title() == "a name long enough to\nneed a second line"
    assert figure.axes[1].get_title() == "two\nlines"
    assert [figure.axes[i].get_ylabel() for i in (0, 3)] == ["image", "saliency map"]


def test_a_comparison_has_three_rows_in_the_same_colours():
    figure = plots.comparison_figure(MAPS * 2, MAPS, list(NAMES.values()))
    yours, expected, difference = (figure.axes[3 * row].images[0] for row in range(3))
    assert np.allclose(difference.get_array(), MAPS[0])
    assert yours.get_clim() == expected.get_clim() == difference.get_clim()


def test_a_grid_holds_any_number_of_images():
    assert len(plots.images_figure(X, ["a", "b", "c"], columns=2).axes) == 4


def test_the_colour_map_grows_lighter_throughout():
    """So that it reads the same in greyscale and with any colour blindness."""
    red, green, blue = colormaps[plots.COLOUR_MAP](np.linspace(0, 1, 64))[:, :3].T
    assert (np.diff(0.299 * red + 0.587 * green + 0.114 * blue) > 0).all()


@pytest.mark.parametrize("maps", [MAPS, np.zeros_like(MAPS)])
def test_what_is_shown_is_a_picture_with_alternative_text(maps, monkeypatch):
    shown = {}
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.update(data))
    plots.show_saliency_maps(X, Y, maps, NAMES)
    alt, encoded = re.match(
        r'<img alt="([^"]+)" src="data:image/jpeg;base64,([^"]+)"', shown["text/html"]
    ).groups()
    picture = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert picture.width > 500 and "cat" in alt and alt == shown["text/plain"]


def test_maps_of_another_shape_are_refused_in_a_sentence():
    with pytest.raises(
        ValueError, match=r"The maps have shape \(3, 32, 32, 1\); there must be one"
    ):
        plots.show_saliency_maps(X, Y, MAPS[..., None], NAMES)


def test_maps_that_are_not_there_yet_are_said_to_be_so(capsys):
    plots.show_saliency_maps(X, Y, None, NAMES)
    assert capsys.readouterr().out.startswith("There are no maps yet: fill in the answer cell")


def test_a_bar_says_its_number_and_the_first_name_is_at_the_top():
    figure = plots.bars_figure({"before": {"a": 0.5, "b": 0.25}, "after": {"c": 1}}, "share")
    before, after = figure.axes
    assert [text.get_text() for text in before.texts] == ["0.50", "0.25"]
    assert before.get_ylim()[0] > before.get_ylim()[1] and after.get_title() == "after"


@pytest.mark.parametrize(("row", "column"), [(0, 0), (5, 9), (31, 47)])
def test_the_part_of_a_fooling_image_that_is_shown_larger_is_where_it_differs_most(row, column):
    image = np.full((32, 48, 3), 100, np.uint8)
    fooling = image.copy()
    fooling[row, column] = 200
    shown = plots.fooling_figure(image, fooling, ("a", "b")).axes[5].images[0].get_array()
    assert shown.shape == (8, 12, 3) and shown.max() == 200


@pytest.mark.parametrize("title", ["goose", "jeep:\nsays convertible"])
@pytest.mark.parametrize("count", [1, 5, 10])
def test_photographs_are_drawn_at_their_size_and_no_title_is_cut_off(title, count):
    figure = plots.images_figure(np.zeros((count, 224, 224, 3), np.uint8), [title] * count)
    plots.write_figure(figure, io.BytesIO(), format="png")
    for axis in figure.axes[:count]:
        assert axis.get_window_extent().width >= 224
        assert axis.title.get_window_extent().y1 < figure.bbox.y1
