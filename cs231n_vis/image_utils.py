"""From any picture to the network's numbers and back: load, preprocess, deprocess, blur.

The names and the arithmetic are those of CS231n's ``image_utils.py``.
"""

import contextlib
import io
import math
import os
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from .files import open_regular

#: Mean and standard deviation of ImageNet's RGB values in 0..1. Shape (3,), float32.
SQUEEZENET_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
SQUEEZENET_STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
#: What a preprocessed black and a white pixel are. Shape (3,), float32.
BLACK = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD
WHITE = (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD


def preprocess_image(img: np.ndarray) -> np.ndarray:
    """What the network takes: ``(img / 255 - mean) / std``, channel by channel.

    Args:
        img: RGB in 0..255, any integer or float dtype, shape (..., H, W, 3): one image or a batch.

    Returns:
        float32 of the same shape, about -2.1 to 2.7. ``img`` is not changed.

    Raises:
        TypeError: ``img`` does not hold real numbers.
        ValueError: the shape is not (..., H, W, 3), or a value is NaN or infinite.
    """
    img = _checked(img, "preprocess_image").astype(np.float32)
    return (img / 255 - SQUEEZENET_MEAN) / SQUEEZENET_STD


def deprocess_image(img: np.ndarray, rescale: bool = False) -> np.ndarray:
    """Undo :func:`preprocess_image`: a picture that can be shown.

    CS231n cuts fractions off, so that most pixels come back one darker; here they are rounded, and
    ``deprocess_image(preprocess_image(img))`` is ``img`` exactly if that is uint8.

    Args:
        img: preprocessed, shape (..., H, W, 3).
        rescale: stretch each image so that its smallest value is 0 and its largest 255. An image
            of one value only has nothing to stretch and is left as it is.

    Returns:
        uint8 RGB of the same shape; what lies outside 0..255 is clipped.

    Raises:
        TypeError, ValueError: as :func:`preprocess_image`.
    """
    img = _checked(img, "deprocess_image").astype(np.float64)
    img = img * SQUEEZENET_STD + SQUEEZENET_MEAN
    if rescale:
        low = img.min(axis=(-3, -2, -1), keepdims=True)
        span = img.max(axis=(-3, -2, -1), keepdims=True) - low
        # float32 gives the three channels of one grey values that differ by 1e-7: not to stretch
        flat = span < 1e-6
        img = np.where(flat, img, (img - low) / np.where(flat, 1, span))
    return np.rint(np.clip(255 * img, 0, 255)).astype(np.uint8)


def blur_image(X: np.ndarray, sigma: float = 1) -> np.ndarray:
    """A Gaussian blur along height and width; channels and images do not mix.

    Args:
        X: shape (..., H, W, 3): one image or a batch.
        sigma: standard deviation in pixels; 0 leaves the image as it is.

    Returns:
        A new array of the same shape: float64 if ``X`` is, else float32.

    Raises:
        TypeError: ``X`` or ``sigma`` is not made of real numbers.
        ValueError: the shape is not (..., H, W, 3), a value is NaN or infinite, or ``sigma`` is
            negative.
    """
    X = _checked(X, "blur_image")
    if not 0 <= sigma < math.inf:
        raise ValueError(f"sigma must be a number of pixels, 0 or more, not {sigma}.")
    X = X.astype(np.float64 if X.dtype == np.float64 else np.float32)
    if sigma > 0:
        from scipy.ndimage import gaussian_filter1d  # takes as long to import as all else here

        X = gaussian_filter1d(X, sigma, axis=-3)
        X = gaussian_filter1d(X, sigma, axis=-2)
    return X


def _checked(img: ArrayLike, caller: str) -> np.ndarray:
    """``img`` as an array of real, finite numbers of shape (..., H, W, 3), or an error that
    names the function ``caller``."""
    try:
        img = np.asarray(img)
    except ValueError:
        raise ValueError(
            f"{caller} needs images of one size; give those of different sizes one by one."
        ) from None
    if img.dtype.kind not in "uif":
        raise TypeError(f"{caller} needs an array of real numbers, not of dtype {img.dtype}.")
    if img.ndim < 3 or img.shape[-1] != 3:
        raise ValueError(
            f"{caller} needs shape (..., H, W, 3) with the colours last, not {img.shape}."
        )
    if img.dtype.kind == "f" and not np.isfinite(img).all():
        raise ValueError(f"{caller} needs finite numbers, but this image holds NaN or infinity.")
    return img


# ---------------------------------------------------------------------------- reading pictures

_MEGABYTES = 50  # the most that is fetched from a URL
_LARGEST = 600_000_000  # bytes of a file, which some decoders read as a whole
_PIXELS = 200_000_000  # beyond it, a file of a few kilobytes can fill the memory
_PIXELS_IN_FULL = 24_000_000  # what is beyond it is scaled down while or after it is decoded
_DECODED = 600_000_000  # bytes that decoding may take
_SECONDS = 20  # how long a server may stay silent

# Formats of pictures. Others that Pillow opens start a program (EPS) or hold measurements (FITS).
Image.init()
_FORMATS = sorted(
    {"AVIF", "BMP", "GIF", "ICO", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP"}
    & set(Image.OPEN)
)

# Bytes that decoding a pixel takes, measured: by the picture's mode, and more in some formats.
_OF_A_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}  # others 4
_MORE_OF_A_PIXEL = {"WEBP": 12, "AVIF": 8, "JPEG2000": 16, "TIFF": 4}
_ICON, _PIXELS_OF_AN_ICON = b"\0\0\1\0", 4_000_000  # Pillow decodes it before one can look

_ORIENTATION = 0x0112  # EXIF's tag
# its values -> how to turn the stored picture upright; 1 is upright already
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def load_image(source: str | os.PathLike | bytes, size: int = 224) -> np.ndarray:
    """Any picture as the square the network looks at.

    The shorter side is resized to 256 (for another ``size``, in proportion) with Pillow's bilinear
    filter, and the middle 224 x 224 cut out. The camera's orientation is applied, transparency
    shows white, and an animation gives its first frame. An image of more than 24 megapixels is
    scaled down first, a JPEG by its decoder, which is many times faster.

    Args:
        source: a path, an ``http://`` or ``https://`` address, or the bytes of an image file.
        size: side of the square in pixels.

    Returns:
        uint8 RGB, shape (size, size, 3).

    Raises:
        FileNotFoundError: there is no such file.
        ConnectionError: the address could not be fetched.
        ValueError: what was read is not an image, is damaged or is too large (more than 200
            megapixels, those that would take 600 MB of memory, or 50 MB from an address), or
            ``size`` is less than 1.
        TypeError: ``source`` is none of these, or ``size`` is not an integer.
    """
    if isinstance(size, bool) or not isinstance(size, int | np.integer):
        raise TypeError(f"size must be an integer, not {size!r}.")
    if size < 1:
        raise ValueError(f"size must be at least 1 pixel, not {size}.")
    size = int(size)
    file, name = _open_source(source)
    try:
        with file, _our_limit_of_pixels(file):
            return np.array(_square(_decode(file, size), size))
    except Exception as problem:  # a damaged file can raise nearly anything
        raise ValueError(
            f"{name} could not be read as an image ({_reason(problem)}); open it in an image "
            "viewer and, if it is shown there, save it again as PNG or JPEG."
        ) from problem


def _open_source(source: object) -> tuple[BinaryIO, str]:
    """What Pillow is to open, and how to call it in an error."""
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source), "The image given as bytes"
    if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        return io.BytesIO(_download(source)), source
    if not isinstance(source, str | os.PathLike):
        raise TypeError(
            f"load_image needs a path, an http(s) address or bytes, not {type(source).__name__}."
        )
    path = Path(source).expanduser()
    if not os.path.exists(path):
        raise FileNotFoundError(
            f"There is no file {path}; check the spelling, and the folder it is relative to."
        )
    return open_regular(path, _LARGEST), str(path)


def _download(url: str) -> bytes:
    import requests

    body = bytearray()
    try:
        # without a name of its own, a program is turned away by some museums and encyclopedias
        with requests.get(
            url, stream=True, timeout=_SECONDS, headers={"User-Agent": "cs231n-vis (teaching)"}
        ) as answer:
            answer.raise_for_status()
            for block in answer.iter_content(1 << 16):
                body += block
                if len(body) > _MEGABYTES * 10**6:
                    break
    except requests.HTTPError:
        reason = f"the server answered {answer.status_code} {answer.reason}"
    except requests.Timeout:
        reason = f"the server was silent for {_SECONDS} seconds"
    except (requests.RequestException, UnicodeError):
        reason = "there is no connection to it, or it broke off"
    else:
        if len(body) > _MEGABYTES * 10**6:
            raise ValueError(
                f"{url} holds more than {_MEGABYTES} MB; download it, make it smaller, and give "
                "its path."
            )
        return bytes(body)
    raise ConnectionError(
        f"{url} could not be fetched: {reason}; check the address, or download the image with "
        "your browser and give its path."
    )


def _reason(problem: Exception) -> str:
    if isinstance(problem, Image.UnidentifiedImageError):
        return "it is empty or of no format known here"
    # some of Pillow's messages name an object in memory, or end in a full stop
    return str(problem).partition(" <")[0].rstrip(".") or type(problem).__name__


_pillow = threading.Lock()


@contextlib.contextmanager
def _our_limit_of_pixels(file: BinaryIO) -> Iterator[None]:
    """Pillow refuses images of twice ``MAX_IMAGE_PIXELS``, and warns of those between.

    Its own limit is below the 200 megapixels of some phones, and often switched off by others.
    """
    with _pillow, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = Image.MAX_IMAGE_PIXELS
        icon = file.read(len(_ICON)) == _ICON
        file.seek(0)
        Image.MAX_IMAGE_PIXELS = (_PIXELS_OF_AN_ICON if icon else _PIXELS) // 2
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _decode(file: BinaryIO, size: int) -> Image.Image:
    """The picture, upright, as RGB."""
    with Image.open(file, formats=_FORMATS) as image:
        pixels = image.width * image.height
        each = _MORE_OF_A_PIXEL.get(image.format or "", 0)
        channels = len(image.getbands())
        if image.format in ("JPEG", "MPO") and not _in_one_scan(file, channels):
            each += 2 * channels  # the decoder keeps coefficients of the whole picture
        needed = pixels * each
        if pixels > _PIXELS_IN_FULL:
            image.draft(None, (5 * size, 5 * size))  # only JPEG can; others ignore it
        needed += image.width * image.height * _OF_A_PIXEL.get(image.mode, 4)
        if needed > _DECODED:
            raise ValueError(
                f"decoding its {pixels // 10**6} megapixels would take {needed // 10**6} MB of "
                f"memory, and {_DECODED // 10**6} MB are the most"
            )
        image.load()
        try:
            turn = _UPRIGHT.get(image.getexif().get(_ORIENTATION, 1))
        except Exception:  # EXIF that cannot be read is no reason to refuse the picture
            turn = None
        picture = _smaller(image, size) if pixels > _PIXELS_IN_FULL else _to_rgb(image)
        return picture if turn is None else picture.transpose(turn)


def _in_one_scan(file: BinaryIO, channels: int) -> bool:
    """Whether a JPEG stores its pixels one after the other, all channels of each.

    Others, the progressive ones, store a rough picture before a finer one.
    """
    place = file.tell()
    file.seek(2)
    kind, content = b"", b""
    while kind != b"\xda" and (head := file.read(4)):
        kind, length = head[1:2], int.from_bytes(head[2:], "big")
        content = file.read(max(length - 2, 0))
        if kind == b"\xc2":
            break
    file.seek(place)
    return kind == b"\xda" and content[:1] == bytes([channels])


def _smaller(image: Image.Image, size: int) -> Image.Image:
    """RGB of a large picture, by a whole number smaller, but 5 times ``size`` at least.

    It is done in bands, so that there is no second picture of its size in memory.
    """
    left, first, right, last = _middle(image.size)
    factor = max(1, min(image.size) // (5 * size))
    width, height = (right - left) // factor, (last - first) // factor
    result = Image.new("RGB", (width, height))
    rows = max(1, _PIXELS_IN_FULL // 8 // (width * factor**2))
    for top in range(0, height, rows):
        y, bottom = first + top * factor, first + min(top + rows, height) * factor
        band = image.crop((left, y, left + width * factor, bottom))
        result.paste(_to_rgb(band).reduce(factor), (0, top))
    return result


def _to_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB on white; Pillow's own conversion clips 16-bit greys and drops transparency."""
    if image.mode.startswith("I"):
        grey = np.asarray(image)
        if grey.min() < 0 or grey.max() > 65535:
            raise ValueError("its greys have more than 16 bits")
        image = Image.fromarray(((grey.astype(np.uint32) + 128) // 257).astype(np.uint8))
    if image.mode == "F":
        raise ValueError("its pixels are measurements without a range")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _square(image: Image.Image, size: int) -> Image.Image:
    """Shorter side to 256/224 of ``size``, then the middle ``size`` x ``size``."""
    if (middle := _middle(image.size)) != (0, 0, *image.size):
        image = image.crop(middle)
    short = min(image.size)
    target = round(size * 256 / 224)
    width, height = (round(side * target / short) for side in image.size)
    image = image.resize((width, height), Image.Resampling.BILINEAR)
    left, top = (width - size) // 2, (height - size) // 2
    return image.crop((left, top, left + size, top + size))


def _middle(size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The box of what is kept of a ribbon.

    One of 1 x 5000 would become 256 x 1280000: of anything longer than 1:8 only the middle is kept,
    which still is far more than what the square shows.
    """
    x, y = (max(0, side - 8 * min(size)) // 2 for side in size)
    return x, y, size[0] - x, size[1] - y
