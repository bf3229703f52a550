"""Pictures as arrays: load, label, write on, put side by side."""

import math
import os
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def load_img(
    path: str | os.PathLike, grayscale: bool = False, target_size: tuple[int, int] | None = None
) -> np.ndarray:
    """A picture from a file.

    Args:
        path: a file of any format that Pillow reads.
        grayscale: give greys instead of colours.
        target_size: (height, width) to resize to, bilinearly.

    Returns:
        uint8, RGB (H, W, 3) or greys (H, W).

    Raises:
        FileNotFoundError: there is no such file.
        PIL.UnidentifiedImageError: it is not an image.
    """
    with Image.open(path) as file:
        image = file.convert("L" if grayscale else "RGB")
    if target_size:
        height, width = target_size
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.array(image)


def bgr2rgb(img: np.ndarray) -> np.ndarray:
    """An array (..., 3) with its channels in reverse order: BGR to RGB and back."""
    return img[..., ::-1]


def stitch_images(
    images: Sequence[np.ndarray], margin: int = 5, cols: int = 5
) -> np.ndarray | None:
    """Images in rows and columns, with black between.

    Args:
        images: arrays (H, W, channels), all of one shape and dtype.
        margin: pixels between two images.
        cols: images in a row.

    Returns:
        One array (.., .., channels) of the same dtype; None if there are no images.
    """
    if len(images) == 0:
        return None
    height, width, channels = images[0].shape
    rows, cols = math.ceil(len(images) / cols), min(len(images), cols)
    down, across = height + margin, width + margin
    picture = np.zeros((rows * down - margin, cols * across - margin, channels), images[0].dtype)
    for i, image in enumerate(images):
        top, left = i // cols * down, i % cols * across
        picture[top : top + height, left : left + width] = image
    return picture


def draw_text(
    img: np.ndarray,
    text: str,
    position: tuple[int, int] = (10, 10),
    font: str = "FreeSans.ttf",
    font_size: int = 14,
    color: tuple[int, int, int] = (0, 0, 0),
) -> np.ndarray:
    """A copy of a picture with text on it.

    Args:
        img: uint8, (H, W, 3), or greys (H, W, 1) or (H, W).
        text: what to write.
        position: (x, y) of its upper left corner.
        font: file name of a font of the system; Pillow's own is used if it is not there.
        font_size: in pixels.
        color: RGB.

    Returns:
        uint8 of the same shape.
    """
    grey = img.ndim == 2 or img.shape[-1] == 1
    picture = Image.fromarray(img.reshape(img.shape[:2]) if grey else img)
    try:
        face: ImageFont.FreeTypeFont | ImageFont.ImageFont = ImageFont.truetype(font, font_size)
    except OSError:
        face = ImageFont.load_default(font_size)
    fill = round(float(np.mean(color))) if grey else tuple(color)
    ImageDraw.Draw(picture).text(position, text, fill=fill, font=face)
    return np.array(picture).reshape(img.shape)


def lookup_imagenet_labels(indices: int | Iterable[int]) -> list[str]:
    """The short names of ImageNet's classes.

    Args:
        indices: one class or several, 0 to 999.

    Raises:
        ValueError: there is no such class.
    """
    from ...imagenet import load_class_names

    names = load_class_names()
    indices = list(indices) if isinstance(indices, Iterable) else [indices]
    for index in indices:
        if index not in names:
            raise ValueError(f"ImageNet has no class {index}; classes are numbered 0 to 999.")
    return [names[index] for index in indices]


def get_imagenet_label(indices: int | Iterable[int], join: str = ", ") -> str:
    """The names of :func:`lookup_imagenet_labels` as one string; the function of 0.4.1."""
    return join.join(lookup_imagenet_labels(indices))
