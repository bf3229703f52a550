"""Where SqueezeNet's numbers come from: one reader for each kind of file, none of which runs code.

Every reader returns the same thing, ``{layer name: (kernel, bias)}``: the kernel in TensorFlow's
order (height, width, in, out), both float32, for images preprocessed as CS231n does.
"""

import hashlib
import os
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import safe_pickle, sources
from .files import DamagedFileError, atomic_write, datasets_dir, sha256
from .image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD

Arrays = dict[str, tuple[np.ndarray, np.ndarray]]

CACHE_NAME = "squeezenet_imagenet.safetensors"
CAFFE_MEAN_RGB = np.array([123.68, 116.779, 103.939])


class Convolution(NamedTuple):
    """One convolution of SqueezeNet 1.1: its kernel, and what each kind of file calls it."""

    name: str  # here
    torch: str  # in torchvision's file
    cs231n: str  # in CS231n's checkpoint
    kernel: tuple[int, int, int, int]  # height, width, channels in, channels out


def _convolutions() -> Iterator[Convolution]:
    yield Convolution("conv1", "features.0", "features/layer0", (3, 3, 3, 64))
    fires = [(64, 16, 64), (128, 16, 64), (128, 32, 128), (256, 32, 128)]
    fires += [(256, 48, 192), (384, 48, 192), (384, 64, 256), (512, 64, 256)]
    places = (3, 4, 6, 7, 9, 10, 11, 12)  # in CS231n's and torchvision's lists of layers
    for fire, (place, (inputs, squeeze, expand)) in enumerate(
        zip(places, fires, strict=True), start=2
    ):
        ours, torch, cs231n = f"fire{fire}_", f"features.{place}.", f"features/layer{place}/fire/"
        for name, torch_name, cs231n_name, kernel in (
            ("squeeze1x1", "squeeze", "squeeze", (1, 1, inputs, squeeze)),
            ("expand1x1", "expand1x1", "e11", (1, 1, squeeze, expand)),
            ("expand3x3", "expand3x3", "e33", (3, 3, squeeze, expand)),
        ):
            yield Convolution(ours + name, torch + torch_name, cs231n + cs231n_name, kernel)
    yield Convolution("conv10", "classifier.1", "classifier/layer1", (1, 1, 512, 1000))


CONVOLUTIONS = tuple(_convolutions())


def read_weights(weights: str | os.PathLike = "imagenet") -> Arrays:
    """The weights that ``load_squeezenet`` was asked for; see there for what can be asked.

    Raises:
        FileNotFoundError, ValueError, ConnectionError: as ``load_squeezenet`` says.
    """
    if weights == "imagenet":
        return imagenet_weights()
    if weights == "torchvision":
        (path,) = sources.fetch("squeezenet-torchvision")
    else:
        path = Path(weights).expanduser()
    if path.name.endswith(".ckpt.index"):  # the checkpoint's name is without this
        path = path.with_suffix("")
    if path.suffix not in READERS:
        raise ValueError(
            f"weights={str(weights)!r} is not known: give 'imagenet', 'torchvision', or the path "
            f"of a file that ends in {', '.join(READERS)}."
        )
    if not path.is_file() and not path.with_name(path.name + ".index").is_file():
        raise FileNotFoundError(
            f"There is no weights file {path}: check the path, or leave `weights` out to use the "
            "weights that came with the installation."
        )
    arrays = READERS[path.suffix](path)
    _check_network(arrays, path)
    return arrays


def _check_network(arrays: Arrays, path: Path) -> None:
    """Raise ValueError unless these are finite weights of SqueezeNet 1.1."""
    for name, _, _, kernel in CONVOLUTIONS:
        have = tuple(array.shape for array in arrays.get(name, ()))
        want = (kernel, kernel[-1:])
        if have != want:
            raise ValueError(
                f"{path} does not hold the weights of SqueezeNet 1.1: layer {name} needs a kernel "
                f"and a bias of shapes {want} and the file has {have or 'neither'}. Give a file of "
                "squeezenet1_1 with 1000 classes."
            )
        if not all(np.isfinite(array).all() for array in arrays[name]):
            raise ValueError(
                f"{path} holds NaN or infinity in layer {name}: it is damaged; get it again."
            )


# The default weights ---------------------------------------------------------------------------


def imagenet_weights() -> Arrays:
    """The authors' Caffe weights for CS231n's preprocessing, from the cache if there is one.

    Made from the file that the distribution ``ndf`` carries, whose SHA-256 is checked, and kept
    as safetensors in the datasets folder. A cache that is damaged or was made from another file
    is made anew; where the folder cannot be written, a warning says so and the weights are used
    all the same.

    Raises:
        FileNotFoundError: the distribution is not installed.
        ValueError: its file is not the official one.
    """
    (source,) = sources.locate("squeezenet-caffe")
    cache = datasets_dir() / CACHE_NAME
    made_from = sources.sources()["squeezenet-caffe"].files[0].sha256
    try:
        return read_safetensors(cache, made_from=made_from)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        pass  # not made yet, damaged, or made from another file: make it
    arrays = read_caffe_pickle(source)
    try:
        write_safetensors(cache, arrays, made_from=made_from)
    except OSError as problem:
        warnings.warn(
            f"The weights could not be kept in {cache.parent} ({problem.strerror or problem}), so "
            "they will be made again next time, which takes a moment; to avoid that, make room "
            "there or set CS231N_VIS_DATASETS to a folder you can write to.",
            stacklevel=2,
        )
    return arrays


def read_caffe_pickle(path: Path) -> Arrays:
    """``ndf``'s pickle of the Caffe weights: ``{"fire2/squeeze1x1": [kernel, bias], …}``."""
    with open(path, "rb") as stream:
        stored = safe_pickle.load(stream, str(path))
    arrays = {
        name.replace("/", "_"): (_float32(kernel), _float32(bias).reshape(-1))
        for name, (kernel, bias) in stored.items()
    }
    return fold_caffe_preprocessing(arrays)


def fold_caffe_preprocessing(arrays: Arrays) -> Arrays:
    """Change conv1 so that it takes CS231n's images instead of Caffe's.

    Caffe's convention is BGR in 0..255 minus a mean, CS231n's is RGB in 0..1 minus a mean over a
    standard deviation. Going from one to the other is linear, x_caffe = 255 (std x + mean) -
    mean_caffe, and conv1 has no padding that would have to change too, so the change moves into
    its kernel and bias exactly. Computed in float64, returned in float32.
    """
    kernel, bias = (array.astype(np.float64) for array in arrays["conv1"])
    kernel = kernel[:, :, ::-1, :]  # from BGR to RGB
    std, mean = SQUEEZENET_STD.astype(np.float64), SQUEEZENET_MEAN.astype(np.float64)
    bias = bias + np.einsum("hwco,c->o", kernel, 255 * mean - CAFFE_MEAN_RGB)
    kernel = kernel * (255 * std)[:, None]
    return arrays | {"conv1": (_float32(kernel), _float32(bias))}


# This package's own file -----------------------------------------------------------------------


def content_sha256(arrays: Arrays) -> str:
    """SHA-256 of the numbers themselves, in the order of the layers' names."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        for array in arrays[name]:
            digest.update(f"{name}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array, "<f4").tobytes())
    return digest.hexdigest()


def write_safetensors(path: Path, arrays: Arrays, made_from: str = "") -> None:
    """Write weights as ``.safetensors``, whole or not at all, with a digest of their content."""
    from safetensors.numpy import save

    tensors = {}
    for name, (kernel, bias) in arrays.items():
        tensors[f"{name}/kernel"] = np.ascontiguousarray(kernel)
        tensors[f"{name}/bias"] = np.ascontiguousarray(bias)
    notes = {"content_sha256": content_sha256(arrays), "made_from_sha256": made_from}
    with atomic_write(path) as temporary:
        temporary.write_bytes(save(tensors, metadata=notes))


def read_safetensors(path: Path, made_from: str | None = None) -> Arrays:
    """Read what ``write_safetensors`` wrote; with ``made_from``, only if it was made from that."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as stored:
            notes = stored.metadata() or {}
            arrays = {
                key.removesuffix("/kernel"): (
                    stored.get_tensor(key),
                    stored.get_tensor(key.removesuffix("kernel") + "bias"),
                )
                for key in stored.keys()  # noqa: SIM118 - not a dict
                if key.endswith("/kernel")
            }
    except SafetensorError as problem:
        raise _damaged(path, problem) from problem
    if "content_sha256" in notes and notes["content_sha256"] != content_sha256(arrays):
        raise _damaged(path, "its numbers do not match the SHA-256 written in it")
    if made_from is not None and notes.get("made_from_sha256") != made_from:
        raise _damaged(path, "it was made from another file")
    return arrays


# Other people's files --------------------------------------------------------------------------


class _StoredTensor(NamedTuple):
    """A tensor of a PyTorch file before its bytes are at hand."""

    storage: tuple
    offset: int
    size: tuple
    stride: tuple


_TORCH_DTYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2"}
_TORCH_NAMES = {
    ("collections", "OrderedDict"): dict,
    ("torch._utils", "_rebuild_tensor_v2"): lambda *args: _StoredTensor(*args[:4]),
    ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor,
    **{("torch", name): np.dtype(dtype) for name, dtype in _TORCH_DTYPES.items()},
}


def read_torch(path: Path) -> Arrays:
    """A PyTorch state dict of torchvision's squeezenet1_1, without PyTorch.

    Both of PyTorch's formats are read: the zip archive (since 1.6) and the older plain stream. A
    name such as ``squeezenet1_1-b8a52dc0.pth`` promises the first digits of the file's SHA-256.
    """
    if promised := re.search(r"-([0-9a-f]{8,64})\.pth$", path.name):
        found = sha256(path)
        if not found.startswith(promised[1]):
            raise _damaged(path, f"its SHA-256 begins {found[:8]}, its name says {promised[1]}")
    read = _read_torch_zip if zipfile.is_zipfile(path) else _read_torch_stream
    try:
        tensors, storages = read(path)
        state = {name: _as_array(tensor, storages) for name, tensor in tensors.items()}
    except DamagedFileError:
        raise
    except Exception as problem:  # a damaged file can fail in nearly any way
        raise _damaged(path, problem) from problem
    return {
        name: (
            np.ascontiguousarray(state[f"{torch}.weight"].transpose(2, 3, 1, 0)),
            state[f"{torch}.bias"],
        )
        for name, torch, _, _ in CONVOLUTIONS
        if np.ndim(state.get(f"{torch}.weight")) == 4 and f"{torch}.bias" in state
    }


def _read_torch_zip(path: Path):
    with zipfile.ZipFile(path) as archive:
        pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise _damaged(path, "it is a zip archive, but not PyTorch's")
        folder = pickles[0].removesuffix("data.pkl")
        with archive.open(pickles[0]) as stream:
            tensors = safe_pickle.load(stream, str(path), _TORCH_NAMES, persistent_load=tuple)
        keys = {tensor.storage[2] for tensor in tensors.values()}
        return tensors, {key: archive.read(f"{folder}data/{key}") for key in keys}


def _read_torch_stream(path: Path):
    def load(stream):
        return safe_pickle.load(stream, str(path), _TORCH_NAMES, persistent_load=tuple)

    with open(path, "rb") as stream:
        if load(stream) != 0x1950A86A20F9469CFC6C:  # PyTorch's magic number
            raise _damaged(path, "it is not a PyTorch file")
        load(stream), load(stream)  # the protocol's version, and the sizes of C types
        tensors = load(stream)
        storages = {}
        dtypes = {tensor.storage[2]: tensor.storage[1] for tensor in tensors.values()}
        for key in load(stream):
            count = int.from_bytes(stream.read(8), "little")
            storages[key] = stream.read(count * dtypes[key].itemsize)
    return tensors, storages


def _as_array(tensor: _StoredTensor, storages: dict) -> np.ndarray:
    flat = np.frombuffer(storages[tensor.storage[2]], tensor.storage[1])
    last = tensor.offset + sum((n - 1) * s for n, s in zip(tensor.size, tensor.stride, strict=True))
    if min(tensor.offset, *tensor.size, *tensor.stride) < 0 or last >= flat.size:
        raise EOFError("a tensor is longer than what is stored for it")
    view = np.lib.stride_tricks.as_strided(
        flat[tensor.offset :], tensor.size, [flat.itemsize * step for step in tensor.stride]
    )
    return _float32(view)


def read_checkpoint(path: Path) -> Arrays:
    """CS231n's TensorFlow checkpoint ``squeezenet.ckpt``; TensorFlow checks its checksums."""
    from .tensorflow_quiet import tf

    try:
        stored = tf.train.load_checkpoint(str(path))
        names = stored.get_variable_to_shape_map()
        return {
            name: (
                _float32(stored.get_tensor(f"{cs231n}/weights")),
                _float32(stored.get_tensor(f"{cs231n}/bias")),
            )
            for name, _, cs231n, _ in CONVOLUTIONS
            if f"{cs231n}/weights" in names and f"{cs231n}/bias" in names
        }
    except Exception as problem:  # TensorFlow's own, Python's, and what C++ made of either
        raise _damaged(path, str(problem).splitlines()[0]) from problem


def read_keras_h5(path: Path) -> Arrays:
    """A Keras ``.h5`` of this network, saved by any Keras.

    Understood are whole models and weights alone, by Keras 2 and 3. Files whose layers are named
    in the way of Caffe, ``fire2/squeeze1x1``, hold Caffe's weights and are folded to CS231n's
    preprocessing; this package's own model names them ``fire2_squeeze1x1``.
    """
    import h5py

    ours = [convolution.name for convolution in CONVOLUTIONS]
    try:
        with h5py.File(path, "r") as root:
            group = root.get("model_weights", root)
            caffe = "fire2/squeeze1x1" in group
            if "layers" in group and "conv1" not in group:  # Keras 3 numbers the layers instead
                places = {
                    name: f"layers/conv2d{'' if not i else f'_{i}'}" for i, name in enumerate(ours)
                }
            else:
                places = {name: name.replace("_", "/") if caffe else name for name in ours}
            arrays = {
                name: pair
                for name, place in places.items()
                if place in group and (pair := _kernel_and_bias(group[place]))
            }
    except (OSError, RuntimeError, KeyError) as problem:
        raise _damaged(path, problem) from problem
    return fold_caffe_preprocessing(arrays) if caffe and "conv1" in arrays else arrays


def _kernel_and_bias(group) -> tuple[np.ndarray, np.ndarray] | None:
    found = {}

    def visit(_, item):
        if getattr(item, "ndim", 0) in (1, 4):
            found[item.ndim] = _float32(item[()])

    group.visititems(visit)
    return (found[4], found[1]) if len(found) == 2 else None


READERS = {
    ".safetensors": read_safetensors,
    ".pth": read_torch,
    ".pt": read_torch,
    ".ckpt": read_checkpoint,
    ".h5": read_keras_h5,
    ".hdf5": read_keras_h5,
}


def _float32(array) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=np.float32)


def _damaged(path: Path, why: object) -> DamagedFileError:
    return DamagedFileError(
        f"{path} was not read: {why}. It is damaged or not what its name says; delete it and get "
        "it again from where it came from."
    )
