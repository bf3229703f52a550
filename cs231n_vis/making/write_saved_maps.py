"""Make the saved maps anew, from the reference answers in double precision."""

import json
import platform
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from .. import __version__
from ..checking.assignments import CHECKS
from ..checking.saved_maps import images_sha256, saved_maps_path
from ..files import atomic_write
from ..squeezenet import load_squeezenet
from ..tensorflow_quiet import tf
from ..weights import content_sha256, read_weights


def write_saved_maps(*names: str) -> Iterator[Path]:
    """Make the saved maps of these checks (default: all) anew, and yield where each was written.

    Raises:
        ValueError: there is no such check, or it compares with no saved maps.
    """
    made = {name: check for name, check in CHECKS.items() if check.reference}
    if unknown := [name for name in names if name not in made]:
        raise ValueError(
            f"There are no saved maps for {', '.join(unknown)}; there are for {', '.join(made)}."
        )
    made_with = {
        "weights_sha256": content_sha256(read_weights()),
        "images_sha256": images_sha256(),
        "cs231n-vis": __version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    model = float64_squeezenet()
    for name in names or made:
        expected, check = {}, made[name]
        for number, (_, inputs) in enumerate(check.known()):
            inputs = {key: _in_double(value) for key, value in inputs.items()}
            expected[str(number)] = np.asarray(check.right(inputs, model), np.float32)
        path = saved_maps_path(name)
        with atomic_write(path) as temporary:
            metadata = {"made_with": json.dumps(made_with)}
            temporary.write_bytes(save(expected, metadata=metadata))
        yield path


def _in_double(value: np.ndarray) -> np.ndarray:
    return value.astype(np.float64) if value.dtype == np.float32 else value


def float64_squeezenet() -> tf.keras.Model:
    """The network in double precision, so that rounding pushes no pixel over a kink."""
    model = load_squeezenet()  # whose layers are float32, whatever policy is set
    double = tf.keras.models.clone_model(
        model,
        input_tensors=tf.keras.Input(model.input_shape[1:], dtype="float64"),
        clone_function=lambda layer: type(layer).from_config(
            layer.get_config() | {"dtype": "float64"}
        ),
    )
    double.set_weights(model.get_weights())
    return double
