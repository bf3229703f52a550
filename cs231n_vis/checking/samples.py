"""Inputs for checks, made from the sample images."""

from functools import cache

import numpy as np
from PIL import Image

from ..image_utils import preprocess_image
from ..imagenet import load_imagenet_val

_photographs = cache(load_imagenet_val)


def inputs(**values) -> dict[str, np.ndarray]:
    """The inputs of a call, of which a plain number or text becomes an array without axes."""
    return {name: np.asarray(value) for name, value in values.items()}


def samples(*numbers: int) -> tuple[np.ndarray, np.ndarray]:
    """Sample images, preprocessed float32 (N, 224, 224, 3), and their labels, int (N,)."""
    X_raw, y, _ = _photographs()
    return preprocess_image(X_raw[list(numbers)]), y[list(numbers)]


def varied(rng: np.random.Generator, numbers, side: int = 224) -> np.ndarray:
    """Square parts of sample images, some mirrored, resized and preprocessed: (N, side, side, 3).

    A part has more than half of an image's width and height. Left and right may change places;
    up, down and the colours stay as they are.
    """
    X_raw = _photographs()[0]

    def changed(image):
        size = int(rng.integers(120, 224))
        top, left = rng.integers(0, 224 - size, 2)
        image = image[top : top + size, left : left + size][:, :: rng.choice((-1, 1))]
        return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR))

    return preprocess_image(np.stack([changed(X_raw[i]) for i in numbers]))


def unlikely(rng: np.random.Generator, X: np.ndarray, model) -> np.ndarray:
    """For each image a class among its best 30, but not the best; scores of 0 have no gradient."""
    ranking = np.argsort(-model(X).numpy(), axis=1)
    return ranking[np.arange(len(X)), rng.integers(1, 30, len(X))]
