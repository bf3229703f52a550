"""Facts about loading, preprocessing, deprocessing and blurring images."""

import http.server
import io
import socket
import struct
import subprocess
import sys
import threading
import time
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from cs231n_vis import image_utils
from cs231n_vis.image_utils import (
    SQUEEZENET_MEAN,
    SQUEEZENET_STD,
    blur_image,
    deprocess_image,
    load_image,
    preprocess_image,
)

EVERY_VALUE = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def encoded(image, format="PNG", **options):
    """The bytes of an image file; ``image`` is an array or a Pillow image."""
    image = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def by_the_book(image, size=224):
    """The recipe of the course, word for word: resize the shorter side, cut out the middle."""
    w, h = image.size
    target = round(size * 256 / 224)
    resized = image.resize(
        (round(w * target / min(w, h)), round(h * target / min(w, h))), Image.Resampling.BILINEAR
    )
    left, top = (resized.width - size) // 2, (resized.height - size) // 2
    return np.asarray(resized)[top : top + size, left : left + size]


# ------------------------------------------------------------------- preprocess and deprocess


@pytest.mark.parametrize("shape", [(5, 7, 3), (2, 5, 7, 3), (2, 1, 5, 7, 3), (0, 5, 7, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float32, np.float64])
def test_preprocess_subtracts_the_mean_and_divides_by_the_deviation(shape, dtype):
    img = noise(*shape).astype(dtype)
    before = img.copy()
    expected = np.empty(shape)
    for channel, (mean, std) in enumerate([(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]):
        expected[..., channel] = (before[..., channel].astype(float) / 255 - mean) / std
    result = preprocess_image(img)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, atol=2e-6)
    np.testing.assert_array_equal(img, before)


def test_the_constants_are_float32_as_in_cs231n():
    assert SQUEEZENET_MEAN.dtype == SQUEEZENET_STD.dtype == np.float32
    assert SQUEEZENET_MEAN.shape == SQUEEZENET_STD.shape == (3,)


@pytest.mark.parametrize("img", [EVERY_VALUE, noise(4, 9, 11, 3)])
def test_deprocess_undoes_preprocess_exactly(img):
    back = deprocess_image(preprocess_image(img))
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, img)


def test_deprocess_clips_what_no_screen_can_show():
    wild = np.zeros((1, 2, 3), np.float32)
    wild[0, 0], wild[0, 1] = -100, 100
    np.testing.assert_array_equal(deprocess_image(wild), [[[0] * 3, [255] * 3]])


def test_rescale_stretches_each_image_of_a_batch_by_itself():
    dim = 100 + noise(6, 6, 3) // 10
    dark = noise(6, 6, 3, seed=1) // 4
    both = deprocess_image(preprocess_image(np.stack([dim, dark])), rescale=True)
    for shown, img in zip(both, (dim, dark), strict=True):
        img = img.astype(float)
        expected = 255 * (img - img.min()) / (img.max() - img.min())
        assert (shown.min(), shown.max()) == (0, 255)
        assert np.abs(shown - expected).max() <= 0.51
        np.testing.assert_array_equal(
            shown, deprocess_image(preprocess_image(img.astype(np.uint8)), rescale=True)
        )


@pytest.mark.parametrize("grey", [0, 1, 64, 127, 200, 255])
def test_rescale_leaves_an_image_of_one_grey_as_it_is(grey):
    img = np.full((1, 4, 4, 3), grey, np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(deprocess_image(preprocess_image(img), rescale=True), img)


@pytest.mark.parametrize("function", [preprocess_image, deprocess_image, blur_image])
@pytest.mark.parametrize(
    "img, error",
    [
        (np.zeros((4, 4)), ValueError),
        (np.zeros((4, 4, 1)), ValueError),
        (np.zeros((4, 4, 4)), ValueError),
        (np.zeros((2, 3, 4, 4)), ValueError),
        (np.float32(3), ValueError),
        ([np.zeros((4, 4, 3)), np.zeros((5, 4, 3))], ValueError),
        (np.full((4, 4, 3), np.nan), ValueError),
        (np.full((4, 4, 3), np.inf), ValueError),
        (np.zeros((4, 4, 3), object), TypeError),
        (np.zeros((4, 4, 3), complex), TypeError),
        (np.zeros((4, 4, 3), bool), TypeError),
        (np.full((4, 4, 3), "red"), TypeError),
        (None, TypeError),
    ],
)
def test_what_is_not_an_image_gets_one_sentence_that_names_the_function(function, img, error):
    with pytest.raises(error) as caught:
        function(img)
    assert function.__name__ in str(caught.value)
    assert str(caught.value).count(".") <= 4 and "\n" not in str(caught.value)


# ---------------------------------------------------------------------------------------- blur


def blurred_by_hand(channel, sigma):
    """Gaussian weights up to 4 sigma, edges mirrored, first down the columns, then the rows."""
    radius = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        padding = [(radius, radius) if a == axis else (0, 0) for a in (0, 1)]
        padded = np.pad(channel, padding, mode="symmetric")
        channel = np.apply_along_axis(np.convolve, axis, padded, weights, mode="valid")
    return channel


@pytest.mark.parametrize("sigma", [0.5, 1, 2.3])
def test_blur_is_a_gaussian_along_height_and_width_only(sigma):
    X = np.random.default_rng(0).normal(size=(2, 12, 17, 3))
    result = blur_image(X, sigma)
    for n in range(2):
        for c in range(3):
            np.testing.assert_allclose(result[n, ..., c], blurred_by_hand(X[n, ..., c], sigma))
    np.testing.assert_array_equal(blur_image(X[1], sigma), result[1])


def test_blur_has_sigma_1_unless_told_and_0_changes_nothing():
    X = np.random.default_rng(0).normal(size=(9, 9, 3)).astype(np.float32)
    before = X.copy()
    np.testing.assert_array_equal(blur_image(X), blur_image(X, 1.0))
    still = blur_image(X, 0)
    np.testing.assert_array_equal(still, X)
    still += 1
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize(
    "dtype, expected",
    [(np.uint8, np.float32), (np.float16, np.float32), (np.float32,) * 2, (np.float64,) * 2],
)
def test_blur_never_rounds_to_integers(dtype, expected):
    X = noise(8, 8, 3).astype(dtype)
    result = blur_image(X)
    assert result.dtype == expected
    np.testing.assert_allclose(result, blur_image(X.astype(np.float64)), rtol=1e-5)


@pytest.mark.parametrize("sigma", [-1, float("nan"), float("inf")])
def test_blur_needs_a_sigma_of_0_or_more(sigma):
    with pytest.raises(ValueError, match="sigma"):
        blur_image(np.zeros((4, 4, 3)), sigma)


# ---------------------------------------------------------------------------- load_image: shape


@pytest.mark.parametrize(
    "width, height",
    [(500, 375), (375, 500), (224, 224), (256, 256), (333, 1000), (7, 5), (1, 1), (1801, 257)],
)
@pytest.mark.parametrize("size", [224, 112, 75])
def test_load_image_resizes_the_shorter_side_and_crops_the_middle(width, height, size):
    picture = Image.fromarray(noise(height, width, 3))
    result = load_image(encoded(picture), size)
    assert result.dtype == np.uint8
    assert result.shape == (size, size, 3)
    np.testing.assert_array_equal(result, by_the_book(picture, size))


def test_path_str_and_every_kind_of_bytes_give_the_same(tmp_path):
    data = encoded(noise(300, 280, 3))
    path = tmp_path / "Bild ä.png"
    path.write_bytes(data)
    expected = load_image(data)
    for source in (path, str(path), bytearray(data), memoryview(data)):
        np.testing.assert_array_equal(load_image(source), expected)


def test_the_result_is_the_callers_own():
    result = load_image(encoded(noise(224, 224, 3)))
    assert result.flags.writeable and result.flags.c_contiguous


@pytest.mark.parametrize("shape", [(1, 5001, 3), (5001, 1, 3), (2, 40000, 3), (3, 30001, 3)])
def test_the_middle_of_a_ribbon_is_shown_without_filling_the_memory(shape):
    ribbon = np.zeros(shape, np.uint8)
    long = int(np.argmax(shape))
    middle = shape[long] // 2
    half = 1 - shape[long] % 2  # an even length has two middle pixels
    index = [slice(None)] * 3
    index[long] = slice(middle - half, middle + 1)
    ribbon[tuple(index)] = (250, 0, 0)
    started = time.monotonic()
    result = load_image(encoded(ribbon))
    assert time.monotonic() - started < 2
    assert result.shape == (224, 224, 3)
    red = result[..., 0].astype(float)
    assert red.max() > 240
    for where in np.indices(red.shape):  # the centre of what is red, to a rounded half pixel
        assert abs((red * where).sum() / red.sum() - 111.5) <= 0.6


# -------------------------------------------------------------------------- load_image: content

# how EXIF says a camera stored what stands upright
STORED = {
    1: lambda up: up,
    2: lambda up: up[:, ::-1],
    3: lambda up: up[::-1, ::-1],
    4: lambda up: up[::-1],
    5: lambda up: up.swapaxes(0, 1),
    6: lambda up: np.rot90(up, 1),
    7: lambda up: up[::-1, ::-1].swapaxes(0, 1),
    8: lambda up: np.rot90(up, -1),
}


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_the_camera_is_turned_upright(orientation, format):
    upright = noise(230, 300, 3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation](upright))
    options = {"lossless": True} if format == "WEBP" else {}
    result = load_image(encoded(stored, format, exif=exif, **options))
    np.testing.assert_array_equal(result, by_the_book(Image.fromarray(upright)))


def test_a_photograph_taken_sideways_is_turned_upright():
    upright = np.zeros((400, 300, 3), np.uint8)
    upright[:200] = (0, 0, 255)  # sky
    exif = Image.Exif()
    exif[0x0112] = 6
    result = load_image(encoded(np.rot90(upright), "JPEG", exif=exif))
    assert (result[:100, :, 2] > 240).all() and (result[124:, :, 2] < 15).all()


def test_exif_that_cannot_be_read_does_not_lose_the_picture():
    data = encoded(np.full((300, 300, 3), 90, np.uint8), "JPEG", exif=b"Exif\0\0nonsense" * 3)
    assert np.abs(load_image(data).astype(int) - 90).max() <= 1


def with_transparency(mode):
    """Left half red and opaque, right half green and transparent."""
    red_green = Image.new("RGB", (448, 448), (255, 0, 0))
    red_green.paste((0, 255, 0), (224, 0, 448, 448))
    if mode == "P":
        image = red_green.convert("P", palette=Image.Palette.ADAPTIVE, colors=2)
        return encoded(image, transparency=image.getpixel((400, 0)))
    if mode == "RGB":
        return encoded(red_green, transparency=(0, 255, 0))
    red_green.putalpha(Image.new("L", (448, 448), 255))
    red_green.paste((0, 255, 0, 0), (224, 0, 448, 448))
    return encoded(red_green)


@pytest.mark.parametrize("mode", ["RGBA", "P", "RGB"])
def test_what_is_transparent_shows_white(mode):
    result = load_image(with_transparency(mode))
    assert (result[:, :100] == (255, 0, 0)).all()
    assert (result[:, 124:] == (255, 255, 255)).all()


@pytest.mark.parametrize("alpha", [0, 1, 64, 128, 200, 255])
@pytest.mark.parametrize("mode, colour", [("RGBA", (200, 100, 0)), ("LA", (80,))])
def test_half_transparent_is_mixed_with_white(mode, colour, alpha):
    result = load_image(encoded(Image.new(mode, (256, 256), (*colour, alpha))))
    expected = np.array(colour) * alpha / 255 + 255 * (1 - alpha / 255)
    assert np.abs(result - np.broadcast_to(expected, 3)).max() <= 1


@pytest.mark.parametrize(
    "image, expected",
    [
        (Image.new("L", (256, 256), 77), (77, 77, 77)),
        (Image.new("1", (256, 256), 1), (255, 255, 255)),
        (Image.new("1", (256, 256), 0), (0, 0, 0)),
        (Image.new("RGB", (256, 256), (9, 99, 199)).quantize(4), (9, 99, 199)),
    ],
    ids=["L", "1 white", "1 black", "P"],
)
def test_grey_bilevel_and_palette_become_rgb(image, expected):
    assert (load_image(encoded(image)) == expected).all()


@pytest.mark.parametrize("ink, expected", [((0, 0, 0, 0), 255), ((255, 255, 255, 255), 0)])
def test_no_ink_is_white_and_all_ink_is_black_in_a_cmyk_jpeg(ink, expected):
    result = load_image(encoded(Image.new("CMYK", (256, 256), ink), "JPEG"))
    assert np.abs(result.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("grey", [0, 1, 128, 129, 257, 1000, 32768, 40000, 65535])
def test_16_bit_greys_are_scaled_not_clipped(grey, format):
    result = load_image(encoded(np.full((256, 256), grey, np.uint16), format))
    assert np.abs(result - grey / 257).max() <= 0.5


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (256, 256), c) for c in [(250, 0, 0), (0, 250, 0), (0, 0, 250)]]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    assert (load_image(data) == (250, 0, 0)).all()


def test_a_jpeg_of_100_megapixels_is_scaled_down_while_decoded():
    ramp = np.linspace(0, 255, 10000).astype(np.uint8)
    data = encoded(np.broadcast_to(ramp, (10000, 10000)), "JPEG")
    started = time.monotonic()
    result = load_image(data)
    assert time.monotonic() - started < 3
    middle = np.linspace(0, 255, 256)[16:-16]
    assert np.abs(result - middle[None, :, None]).max() < 3


def test_reading_leaves_pillows_limit_and_the_warnings_as_they_were():
    before = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    load_image(encoded(noise(10, 10, 3)))
    with pytest.raises(ValueError):
        load_image(b"nothing")
    assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters)) == before


# --------------------------------------------------------------------------- load_image: errors


def claiming(width, height):
    """A small PNG whose header claims another size."""
    data = bytearray(encoded(np.zeros((8, 8), np.uint8)))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<!doctype html><p>not here", id="a web page"),
        pytest.param(encoded(noise(300, 300, 3), "JPEG")[:9000], id="truncated JPEG"),
        pytest.param(encoded(noise(300, 300, 3), "JPEG")[:30], id="only the start of a JPEG"),
        pytest.param(encoded(noise(300, 300, 3))[:9000], id="truncated PNG"),
        pytest.param(encoded(noise(300, 300, 3), "GIF")[:900], id="truncated GIF"),
        pytest.param(claiming(20000, 20000), id="decompression bomb"),
        pytest.param(claiming(0, 10), id="no pixels"),
        pytest.param(encoded(Image.new("RGB", (9, 9)), "EPS"), id="PostScript, a program"),
        pytest.param(encoded(Image.new("F", (9, 9)), "TIFF"), id="measurements"),
        pytest.param(encoded(Image.new("I", (9, 9), -5), "TIFF"), id="32 bits"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name_with_a_way_out(data, tmp_path):
    path = tmp_path / "homework.png"
    path.write_bytes(data)
    for source, name in ((path, str(path)), (data, "given as bytes")):
        with pytest.raises(ValueError) as caught:
            load_image(source)
        assert name in str(caught.value) and "save it again" in str(caught.value)
        assert "\n" not in str(caught.value) and " at 0x" not in str(caught.value)


@pytest.mark.parametrize("limit", [None, 1000])
def test_the_limit_of_size_is_ours_whatever_other_code_set(limit, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    assert load_image(encoded(noise(300, 300, 3))).shape == (224, 224, 3)
    with pytest.raises(ValueError, match="limit of 200000000 pixels"):
        load_image(claiming(20000, 10001))
    with pytest.raises(ValueError, match=r"truncated|broken"):  # 200 megapixels get that far
        load_image(claiming(20000, 10000))


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*dog\.jpg"):
        load_image(tmp_path / "dog.jpg")
    with pytest.raises(FileNotFoundError, match="no file"):
        load_image("x" * 5000)
    with pytest.raises(ValueError, match="folder"):
        load_image(tmp_path)


@pytest.mark.parametrize("source", [None, 3, np.zeros((4, 4, 3)), ["a.png"]])
def test_other_kinds_of_source_are_a_type_error(source):
    with pytest.raises(TypeError, match="path, an http"):
        load_image(source)


@pytest.mark.parametrize(
    "size, error", [(0, ValueError), (-3, ValueError), (2.5, TypeError), (True, TypeError)]
)
def test_size_is_a_number_of_pixels(size, error):
    with pytest.raises(error, match="size must be"):
        load_image(encoded(noise(9, 9, 3)), size)


# ------------------------------------------------------------------------ load_image: addresses

PICTURE = encoded(noise(260, 300, 3))


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/silent.png":
            time.sleep(1)
            return
        if self.path == "/moved.png":
            self.send_response(302)
            self.send_header("Location", "/picture.png")
            self.end_headers()
            return
        body = {"/picture.png": PICTURE, "/broken.png": PICTURE, "/page": b"<html>"}.get(self.path)
        if self.path == "/large.png":
            body = bytes(1_200_000)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write((body or b"")[: 500 if self.path == "/broken.png" else None])

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.mark.parametrize("page", ["/picture.png", "/moved.png"])
def test_an_address_is_fetched(site, page):
    np.testing.assert_array_equal(load_image(site + page), load_image(PICTURE))


@pytest.mark.parametrize(
    "page, error, reason",
    [
        ("/nowhere.png", ConnectionError, "answered 404"),
        ("/silent.png", ConnectionError, "silent for"),
        ("/broken.png", ConnectionError, "broke off"),
        ("/large.png", ValueError, "more than 1 MB"),
        ("/page", ValueError, "could not be read as an image"),
    ],
)
def test_an_address_without_an_image_is_named_with_the_reason(
    site, page, error, reason, monkeypatch
):
    monkeypatch.setattr(image_utils, "_SECONDS", 0.3)
    monkeypatch.setattr(image_utils, "_MEGABYTES", 1)
    with pytest.raises(error, match=reason) as caught:
        load_image(site + page)
    assert site + page in str(caught.value) and "\n" not in str(caught.value)


def test_an_address_where_nobody_listens_is_a_connection_error():
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound but not listening: refused
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/cat.jpg"
        with pytest.raises(ConnectionError, match="no connection"):
            load_image(url)


@pytest.mark.parametrize("url", ["http://", "https://:0:0/cat.jpg", "http://[/"])
def test_an_address_that_is_none_is_a_connection_error(url):
    with pytest.raises(ConnectionError, match="could not be fetched"):
        load_image(url)


def test_the_module_does_not_import_tensorflow():
    code = "import sys, cs231n_vis.image_utils; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
