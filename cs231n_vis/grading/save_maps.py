"""Make the saved maps anew, from the reference answers in double precision."""

import json
import platform
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from .. import __version__
from ..files import atomic_write
from ..image_utils import preprocess_image
from ..imagenet import load_imagenet_val
from ..saliency import compute_saliency_maps
from ..squeezenet import load_squeezenet
from ..tensorflow_quiet import tf
from ..weights import content_sha256, read_weights
from .saved_maps import images_sha256, saved_maps_path

#: The sample images that the saliency check uses. The network takes the jeep (7) and the Dalmatian
#: (16) for something else, which finds out an answer that explains the predicted class, not y.
SALIENCY_IMAGES = (0, 7, 14, 16, 17)


def write_saved_maps(name: str = "saliency_maps") -> Path:
    """Make a check's saved maps anew from the reference, and return where they were written."""
    X_raw, y, _ = load_imagenet_val()
    X_raw, y = X_raw[list(SALIENCY_IMAGES)], y[list(SALIENCY_IMAGES)]
    maps = compute_saliency_maps(preprocess_image(X_raw), y, float64_squeezenet())
    made_with = {
        "weights_sha256": content_sha256(read_weights()),
        "images_sha256": images_sha256(X_raw),
        "cs231n-vis": __version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    arrays = {"images": np.array(SALIENCY_IMAGES), "y": y, "maps": maps}
    with atomic_write(saved_maps_path(name)) as temporary:
        temporary.write_bytes(save(arrays, metadata={"made_with": json.dumps(made_with)}))
    return saved_maps_path(name)


def float64_squeezenet():
    """The network in double precision, so that rounding pushes no pixel over a kink."""
    before = tf.keras.config.dtype_policy()
    tf.keras.config.set_dtype_policy("float64")
    try:
        return load_squeezenet()
    finally:
        tf.keras.config.set_dtype_policy(before)
