"""The arrays that a right answer must reproduce, with a note of what made them.

One ``.safetensors`` file for each check: the numbers of the sample images, their labels, the
maps, and in its metadata the SHA-256 of weights and images and the versions of the libraries.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..files import shipped
from ..image_utils import preprocess_image
from ..imagenet import load_imagenet_val


@dataclass(frozen=True)
class SavedMaps:
    """A check's inputs and the maps they must give.

    Attributes:
        X_raw: images, uint8 (N, H, W, 3).
        y: labels, int (N,).
        maps: what a right answer returns, float32 (N, H, W).
        made_with: what made the maps: SHA-256 of the weights and the images, versions.
    """

    X_raw: np.ndarray
    y: np.ndarray
    maps: np.ndarray
    made_with: dict[str, str]

    @property
    def X(self) -> np.ndarray:
        """The images as the network takes them, float32 (N, H, W, 3)."""
        return preprocess_image(self.X_raw)


def load_saved_maps(name: str = "saliency_maps") -> SavedMaps:
    """The saved maps of a check.

    Raises:
        FileNotFoundError: no maps were saved under this name.
        ValueError: the file is damaged, or the sample images are not those it was made from.
    """
    from safetensors import SafetensorError, safe_open

    path = saved_maps_path(name)
    try:
        with safe_open(path, framework="numpy") as stored:
            made_with = json.loads(stored.metadata()["made_with"])
            images, y, maps = (stored.get_tensor(key) for key in ("images", "y", "maps"))
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
    X_raw = load_imagenet_val()[0][images]
    if made_with["images_sha256"] != images_sha256(X_raw):
        raise ValueError(
            f"The sample images are not those that {path.name} was made from: this Pillow decodes "
            "them otherwise. Install the versions in requirements.lock."
        )
    return SavedMaps(X_raw, y, maps, made_with)


def saved_maps_path(name: str) -> Path:
    return shipped("saved_maps", f"{name}.safetensors")


def images_sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
