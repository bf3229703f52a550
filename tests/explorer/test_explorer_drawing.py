"""Pictures of images and maps, number by number."""

import io

import numpy as np
from PIL import Image

from cs231n_vis.explorer import overlay, perturbed
from cs231n_vis.explorer.drawing import as_png

IMAGE = np.full((20, 20, 3), 100, np.uint8)
MAP = np.linspace(0, 1, 400, dtype=np.float32).reshape(20, 20)


def test_opacity_goes_from_the_image_to_the_map():
    assert (overlay(IMAGE, MAP, opacity=0) == IMAGE).all()
    alone = overlay(IMAGE, MAP, opacity=1, colour_map="gray").astype(int)
    half = overlay(IMAGE, MAP, opacity=0.5, colour_map="gray").astype(int)
    assert abs(2 * half - alone - IMAGE).max() <= 1
    assert alone[0, 0].max() == 0 and alone[-1, -1].min() == 255


def test_below_the_threshold_the_image_shows():
    picture = overlay(IMAGE, MAP, opacity=1, threshold=0.5, clip=100, colour_map="gray")
    assert (picture[:9] == 100).all() and (picture[11:] >= 127).all()


def test_the_clip_gives_the_last_colour_to_what_lies_above_it():
    picture = overlay(IMAGE, MAP, opacity=1, clip=50, colour_map="gray")
    assert (picture[11:] == 255).all()


def test_blur_keeps_the_mean_and_smooths():
    spot = np.zeros((20, 20), np.float32)
    spot[10, 10] = 1
    sharp, soft = (
        overlay(IMAGE, spot, opacity=1, blur=blur, clip=100, colour_map="gray") for blur in (0, 2)
    )
    assert (sharp > 0).sum() == 3 < (soft > 0).sum()


def test_a_map_of_zeros_is_drawn():
    assert (overlay(IMAGE, 0 * MAP, opacity=1, colour_map="gray") == 0).all()


def test_the_image_is_perturbed_where_and_as_asked():
    assert (perturbed(IMAGE) == IMAGE).all()
    assert (perturbed(IMAGE, brightness=200) == 255).all()
    covered = perturbed(IMAGE, square=6, at=(0, 10))
    assert (covered[:3, 7:13] == (124, 116, 104)).all() and (covered[3:] == 100).all()
    noisy = perturbed(IMAGE, grain=10)
    assert (noisy == perturbed(IMAGE, grain=10)).all()
    assert 8 < noisy.astype(float).std() < 12


def test_a_png_is_the_picture_exactly():
    picture = overlay(IMAGE, MAP)
    assert (np.asarray(Image.open(io.BytesIO(as_png(picture)))) == picture).all()
