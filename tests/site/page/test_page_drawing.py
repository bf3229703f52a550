"""What the page draws is what Python draws: noise, the changed image, the map over it, photos."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from cs231n_vis import load_image
from cs231n_vis.explorer.drawing import colours, overlay, perturbed

CHANCE = np.random.default_rng(231)
IMAGE = CHANCE.integers(0, 256, (224, 224, 3), np.uint8)
MAPS = {
    "heavy tail": (CHANCE.standard_normal((224, 224)) ** 4).astype(np.float32),
    "smooth": np.outer(np.hanning(224), np.hanning(224)).astype(np.float32) * 1e-3,
    "zeros": np.zeros((224, 224), np.float32),
}


def test_the_noise_is_numpys(sources):
    here = sources.run("random", "return m.standardNormal(231, a[0])", 150528)
    np.testing.assert_allclose(here, np.random.RandomState(231).standard_normal(150528), rtol=1e-14)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"grain": 37, "brightness": -20},
        {"brightness": 128},
        {"square": 48, "at": (112, 112)},
        {"square": 13, "at": (3, 221), "grain": 100},
        {"square": 160, "at": (224, 0)},
    ],
    ids=str,
)
def test_the_image_is_changed_as_in_python(sources, changes):
    here = sources.run("drawing", "return m.perturbed(a[0], a[1])", IMAGE, changes)
    there = perturbed(IMAGE, **changes)
    np.testing.assert_array_equal(here.reshape(there.shape), there)


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize(
    "display",
    [
        {"opacity": 0.65, "clip": 99.5, "blur": 0, "threshold": 0},
        {"opacity": 1, "clip": 100, "blur": 2.5, "threshold": 0.5},
        {"opacity": 0.33, "clip": 50.1, "blur": 20, "threshold": 0.07},
        {"opacity": 0, "clip": 87.3, "blur": 0.5, "threshold": 1},
    ],
    ids=str,
)
def test_the_map_is_drawn_as_in_python(sources, name, display):
    for colour_map in ("inferno", "gray"):
        table = colours(colour_map).ravel()
        here = sources.run(
            "drawing",
            "return m.overlay(a[0], new m.Drawable(a[1]), a[2], a[3])",
            *(IMAGE, MAPS[name], display, table),
        )
        here = here.reshape(224, 224, 4)
        there = overlay(IMAGE, MAPS[name], colour_map=colour_map, **display)
        assert np.abs(here[..., :3].astype(int) - there).max() <= 1
        assert (here[..., 3] == 255).all()


def photograph(size, mode="RGB"):
    """Something with edges, colours and slopes, of any size."""
    x, y = np.meshgrid(np.linspace(0, 9, size[0]), np.linspace(0, 7, size[1]))
    channels = [np.sin(x * y / 3), np.cos(x), np.sign(np.sin(3 * y))]
    channels += [np.sin(x + y)] if mode == "RGBA" else []
    return Image.fromarray(np.uint8(127 * np.stack(channels, -1) + 127), mode)


def file_of(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def turned(how):
    exif = Image.Exif()
    exif[0x0112] = how
    return {"exif": exif, "quality": 95}


#: files, and what share of their values may be off by a level: decoders of JPEG differ in rounding
PHOTOS = {
    "wide": (file_of(photograph((400, 231)), "png"), 1e-5),
    "tall": (file_of(photograph((313, 1000)), "png"), 1e-5),
    "small": (file_of(photograph((37, 50)), "png"), 1e-5),
    "ribbon": (file_of(photograph((2500, 101)), "png"), 1e-5),
    "square of 256": (file_of(photograph((256, 256)), "webp", lossless=True), 1e-5),
    "grey": (file_of(photograph((300, 300)).convert("L"), "png"), 1e-5),
    "transparent": (file_of(photograph((300, 280), "RGBA"), "png"), 0.5),
    **{
        f"jpeg, orientation {how}": (file_of(photograph((640, 480)), "jpeg", **turned(how)), 0.5)
        for how in (1, 3, 6, 8)
    },
}


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_is_read_as_load_image_does(sources, name):
    content, share = PHOTOS[name]
    here = sources.run(
        "photo",
        "return m.readPhoto(new Blob([Uint8Array.from(atob(a[0]), (s) => s.charCodeAt(0))]))",
        base64.b64encode(content).decode(),
    )
    there = load_image(content).astype(int)
    off = np.abs(here.reshape(there.shape) - there)
    assert off.max() <= 1 and (off > 0).mean() <= share


def test_a_photo_of_more_than_24_megapixels_is_read_nearly_so(sources):
    content = file_of(photograph((775, 500)).resize((6200, 4000)), "jpeg")
    here = sources.run(
        "photo",
        "return m.readPhoto(new Blob([Uint8Array.from(atob(a[0]), (s) => s.charCodeAt(0))]))",
        base64.b64encode(content).decode(),
    )
    there = load_image(content).astype(int)
    assert np.abs(here.reshape(there.shape) - there).mean() < 2


def test_what_is_no_image_is_refused(sources):
    refused = "return m.readPhoto(new Blob(['notes'])).then(() => false, () => true)"
    assert sources.run("photo", refused)
