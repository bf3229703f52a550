"""The arrays that a right answer must reproduce, with a note of what made them.

One ``.safetensors`` file for each check that compares with one: the right results for its known
inputs, "0", "1" and so on, and in its metadata the SHA-256 of weights and images and the versions
of the libraries.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from ..files import shipped
from ..imagenet import load_imagenet_val


def load_saved_maps(name: str) -> list[np.ndarray]:
    """The right results for the known inputs of a check, in their order, float32.

    Raises:
        FileNotFoundError: nothing was saved under this name.
        ValueError: the file is damaged, or the sample images are not those it was made from.
    """
    from safetensors import SafetensorError, safe_open

    path = saved_maps_path(name)
    try:
        with safe_open(path, framework="numpy") as stored:
            made_with = json.loads(stored.metadata()["made_with"])
            expected = [stored.get_tensor(str(n)) for n in range(len(stored.keys()))]
            images = made_with["images_sha256"]
    except FileNotFoundError:
        raise FileNotFoundError(
            f"There are no saved maps {path}; get them back with `git checkout` or install "
            "cs231n-vis again."
        ) from None
    except (SafetensorError, KeyError, TypeError, ValueError) as problem:
        raise ValueError(
            f"{path} was not read ({problem}); get it back with `git checkout` or install "
            "cs231n-vis again."
        ) from problem
    if images != images_sha256():
        raise ValueError(
            f"The sample images are not those that {path.name} was made from: this Pillow decodes "
            "them otherwise. Install the versions in requirements.lock."
        )
    return expected


def saved_maps_path(name: str) -> Path:
    return shipped("saved_maps", f"{name}.safetensors")


def images_sha256() -> str:
    """Of the pixels of the sample images, as they are decoded here."""
    return hashlib.sha256(np.ascontiguousarray(load_imagenet_val()[0]).tobytes()).hexdigest()
