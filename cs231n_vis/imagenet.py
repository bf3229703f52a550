"""Sample images of ImageNet and the names of its 1000 classes."""

import io
import json
import os
import zipfile
from collections import Counter
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from . import safe_pickle
from .files import DamagedFileError, open_zip, unpacked
from .image_utils import load_image, preprocess_image
from .sources import locate

_CLASSES = range(1000)
_LARGEST_PICKLE = 1 << 24  # bytes; 1000 names take some fifty thousand
_MOST_IMAGES = 1000  # of a file
_HEADER = 1 << 14  # bytes of an array that hold its shape and type
_LARGEST_FILE = _MOST_IMAGES * 224 * 224 * 3 + 2 * _LARGEST_PICKLE  # bytes
_GET_IT = "get it with `cs231n-vis fetch imagenet-val-25`"


def load_imagenet_val(
    num: int | None = None, source: str | os.PathLike = "samples"
) -> tuple[np.ndarray, np.ndarray, dict[int, str]]:
    """A handful of photographs with ImageNet labels, as CS231n's function of this name gives them.

    Args:
        num: how many, from the first; all if None.
        source: ``"samples"``, the 20 images that are installed with this package;
            ``"cs231n"``, the 25 of CS231n's ``imagenet_val_25.npz`` once that is fetched; or the
            path of a file laid out like it. None of that file's code is run: its pickled names
            are read with :mod:`cs231n_vis.safe_pickle`.

    Returns:
        ``X``, ``y``, ``class_names``: uint8 RGB of shape (num, 224, 224, 3); int64 labels of shape
        (num,); and the names of all 1000 labels. The samples are resized and cropped as
        :func:`cs231n_vis.load_image` does and have the names of :func:`load_class_names`; an
        ``.npz`` has its own names, which list every synonym.

    Raises:
        TypeError: ``num`` is not an integer.
        ValueError: there are fewer than ``num`` images, or a file is not what it should be.
        FileNotFoundError: a file is not there.
    """
    if source == "samples":
        paths = locate("imagenet-samples")
        paths = paths[: _how_many(num, len(paths))]
        X = np.array([load_image(path) for path in paths], np.uint8).reshape(-1, 224, 224, 3)
        y = np.array([int(path.stem.split("_")[-1]) for path in paths], np.int64)
        return X, y, load_class_names()
    X, y, class_names = _read_npz(_find_npz(source))
    num = _how_many(num, len(X))
    return X[:num], y[:num], class_names


def sample_photographs() -> tuple[np.ndarray, np.ndarray]:
    """The sample images, preprocessed, float32 (20, 224, 224, 3), and their labels, (20,)."""
    X_raw, y, _ = load_imagenet_val()
    return preprocess_image(X_raw), y


def load_class_names() -> dict[int, str]:
    """A short name for each of ImageNet's 1000 labels, no two alike.

    The short names call two pairs of classes the same, missile (657, 744) and sunglasses (836,
    837). Those take the first synonym of their synset instead: missile and projectile, sunglass
    and sunglasses.

    Returns:
        ``{0: "tench", ..., 999: "toilet paper"}``

    Raises:
        FileNotFoundError, ValueError: the files of names are not installed, or not intact.
    """
    short, synsets = (
        json.loads(path.read_text(encoding="utf-8")) for path in locate("class-names")
    )
    times = Counter(short)
    return {
        label: name if times[name] == 1 else synsets[str(label)].split(", ")[0]
        for label, name in enumerate(short)
    }


def _how_many(num: int | None, available: int) -> int:
    if num is None:
        return available
    if isinstance(num, bool) or not isinstance(num, int | np.integer):
        raise TypeError(f"num must be an integer or None, not {num!r}.")
    if not 0 <= num <= available:
        raise ValueError(f"num must be between 0 and {available}, all there are, not {num}.")
    return int(num)


def _find_npz(source: str | os.PathLike) -> Path:
    if source == "cs231n":
        try:
            return locate("imagenet-val-25")[0]
        except FileNotFoundError as problem:
            raise FileNotFoundError(
                f"CS231n's imagenet_val_25.npz is not here; {_GET_IT}, or give the path of your "
                "own copy as source."
            ) from problem
    path = Path(source).expanduser()
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path}; source must be 'samples', 'cs231n' or the path of an .npz "
            "file."
        )
    return path


def _read_npz(path: Path) -> tuple[np.ndarray, np.ndarray, dict[int, str]]:
    """Images, labels and names of a file like CS231n's ``imagenet_val_25.npz``."""

    def unlike(what: object) -> ValueError:
        return ValueError(f"{path} is not like CS231n's imagenet_val_25.npz: {what}; {_GET_IT}.")

    try:
        with open_zip(path, _LARGEST_FILE) as archive:
            shape, dtype = _header(archive, "X")
            if dtype != np.uint8 or shape[1:] != (224, 224, 3) or not 0 < shape[0] <= _MOST_IMAGES:
                raise DamagedFileError(
                    f"X must be uint8 of shape (num, 224, 224, 3), with num at most {_MOST_IMAGES},"
                    f" not {dtype} of {shape}"
                )
            num = shape[:1]
            shape, dtype = _header(archive, "y")
            if dtype.kind not in "iu" or shape != num:
                raise DamagedFileError(f"y must be {num[0]} labels, not {dtype} of {shape}")
            with unpacked(archive, "X.npy") as stream:
                X = npy.read_array(stream, allow_pickle=False)
            with unpacked(archive, "y.npy") as stream:
                y = npy.read_array(stream, allow_pickle=False)
            _, dtype = _header(archive, "label_map")
            with unpacked(archive, "label_map.npy") as stream:
                npy.read_magic(stream)
                npy.read_array_header_1_0(stream)
                pickled = _all_of(stream) if dtype.hasobject else b""
    except Exception as problem:  # a damaged archive can raise nearly anything
        raise unlike(problem.args[0] if problem.args else problem) from problem
    if not np.isin(y, _CLASSES).all():
        raise unlike(f"y must be {len(X)} labels from 0 to 999")
    # np.load would unpickle this, and so run whatever code it names
    box = safe_pickle.load(io.BytesIO(pickled), f"label_map in {path}") if pickled else None
    names = box.item() if isinstance(box, np.ndarray) and box.shape == () else None
    if not isinstance(names, dict) or set(names) != set(_CLASSES):
        raise unlike("label_map must be a dict of the labels 0 to 999")
    if not all(isinstance(name, str) for name in names.values()):
        raise unlike("label_map must give each label a name that is text")
    return X, y.astype(np.int64), {label: names[label] for label in _CLASSES}


def _header(archive: zipfile.ZipFile, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """The shape and dtype that an array of an ``.npz`` claims to have, before it is read."""
    with unpacked(archive, f"{name}.npy") as stream:
        head = io.BytesIO(stream.read(_HEADER))
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    shape, _, dtype = read[npy.read_magic(head)](head)
    return shape, dtype


def _all_of(stream: IO[bytes]) -> bytes:
    content = bytearray()
    while block := stream.read(1 << 16):
        content += block
        if len(content) > _LARGEST_PICKLE:
            raise DamagedFileError("label_map is far larger than 1000 names are")
    return bytes(content)
