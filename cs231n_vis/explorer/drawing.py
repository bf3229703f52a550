"""From an image and a map to the picture that is shown; and what is done to the image before."""

import io

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

GREY = 124, 116, 104  # ImageNet's mean colour, 0 after preprocessing


def perturbed(
    image: np.ndarray,
    grain: float = 0,
    brightness: float = 0,
    square: int = 0,
    at: tuple[int, int] = (0, 0),
) -> np.ndarray:
    """The image with noise, made brighter or darker, and with a grey square on it.

    Args:
        image: uint8 (H, W, 3).
        grain: standard deviation of the noise, in grey levels; always the same noise.
        brightness: grey levels that are added.
        square: its side, in pixels; 0 is none.
        at: row and column of the square's middle.

    Returns:
        uint8 (H, W, 3).
    """
    changed = image.astype(np.float32) + brightness
    if grain:
        changed += grain * np.random.RandomState(231).standard_normal(image.shape)
    if square:
        top, left = (max(round(place - square / 2), 0) for place in at)
        bottom, right = (round(place + square / 2) for place in at)
        changed[top : max(bottom, 0), left : max(right, 0)] = GREY
    return np.rint(np.clip(changed, 0, 255)).astype(np.uint8)


def overlay(
    image: np.ndarray,
    saliency: np.ndarray,
    opacity: float = 0.65,
    clip: float = 99.5,
    blur: float = 0,
    threshold: float = 0,
    colour_map: str = "inferno",
) -> np.ndarray:
    """The map in colours over the image.

    Args:
        image: uint8 (H, W, 3).
        saliency: nonnegative (H, W).
        opacity: of the colours, 0..1; 0 shows the image alone, 1 the map alone.
        clip: percentile of the map that gets the last colour, 0..100.
        blur: standard deviation of a Gaussian blur of the map, in pixels.
        threshold: where the map is below this share of the last colour's value, the image shows.
        colour_map: a name of Matplotlib's.

    Returns:
        uint8 (H, W, 3).
    """
    values = np.asarray(saliency, np.float32)
    if blur:
        values = gaussian_filter(values, blur)
    values = values / max(np.percentile(values, clip), np.finfo(np.float32).tiny)
    drawn = colours(colour_map)[np.clip(values * 255, 0, 255).astype(np.uint8)]
    share = np.float32(opacity) * (values >= threshold)[..., None]
    return np.rint(image * (1 - share) + drawn * share).astype(np.uint8)


def colours(name: str) -> np.ndarray:
    """The 256 colours of a colour map, float32 (256, 3) in 0..255."""
    if name not in _tables:
        from matplotlib import colormaps

        _tables[name] = (colormaps[name](np.arange(256))[:, :3] * 255).astype(np.float32)
    return _tables[name]


_tables: dict[str, np.ndarray] = {}


def as_png(picture: np.ndarray) -> bytes:
    """The picture as a PNG file; little compressed, because it goes no further than the browser."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png", compress_level=1)
    return file.getvalue()
