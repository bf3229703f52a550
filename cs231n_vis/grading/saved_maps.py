"""The arrays that a right answer must reproduce, with a note of what made them.

One ``.safetensors`` file for each check: the numbers of the sample images, their labels, the
maps, and in its metadata the SHA-256 of weights and images and the versions of the libraries.
"""

import hashlib
import json
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..files import atomic_write, shipped
from ..image_utils import preprocess_image
from ..imagenet import load_imagenet_val

#: The sample images that the saliency check uses. The network takes the jeep (7) and the Dalmatian
#: (16) for something else, which finds out an answer that explains the predicted class, not y.
SALIENCY_IMAGES = (0, 7, 14, 16, 17)


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

    path = _path(name)
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
    if made_with["images_sha256"] != _sha256(X_raw):
        raise ValueError(
            f"The sample images are not those that {path.name} was made from: this Pillow decodes "
            "them otherwise. Install the versions in requirements.lock."
        )
    return SavedMaps(X_raw, y, maps, made_with)


def write_saved_maps(name: str = "saliency_maps") -> Path:
    """Make a check's saved maps anew from the reference, and return where they were written."""
    from safetensors.numpy import save

    from .. import __version__
    from ..saliency import compute_saliency_maps
    from ..tensorflow_quiet import tf
    from ..weights import content_sha256, read_weights

    X_raw, y, _ = load_imagenet_val()
    X_raw, y = X_raw[list(SALIENCY_IMAGES)], y[list(SALIENCY_IMAGES)]
    maps = compute_saliency_maps(preprocess_image(X_raw), y, _float64_squeezenet())
    made_with = {
        "weights_sha256": content_sha256(read_weights()),
        "images_sha256": _sha256(X_raw),
        "cs231n-vis": __version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    arrays = {"images": np.array(SALIENCY_IMAGES), "y": y, "maps": maps}
    with atomic_write(_path(name)) as temporary:
        temporary.write_bytes(save(arrays, metadata={"made_with": json.dumps(made_with)}))
    return _path(name)


def _float64_squeezenet():
    """The network in double precision, so that rounding pushes no pixel over a kink."""
    from ..squeezenet import load_squeezenet
    from ..tensorflow_quiet import tf

    before = tf.keras.config.dtype_policy()
    tf.keras.config.set_dtype_policy("float64")
    try:
        return load_squeezenet()
    finally:
        tf.keras.config.set_dtype_policy(before)


def _path(name: str) -> Path:
    return shipped("saved_maps", f"{name}.safetensors")


def _sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
