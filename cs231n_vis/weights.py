"""Where SqueezeNet's numbers come from: one reader for each kind of file, none of which runs code.

Every reader returns the same thing, ``{layer name: (kernel, bias)}``: the kernel in TensorFlow's
order (height, width, in, out), both float32, for images preprocessed as CS231n does.
"""

import glob
import hashlib
import io
import os
import pickle
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from . import safe_pickle, sources
from .files import (
    DamagedFileError,
    atomic_write,
    datasets_dir,
    open_regular,
    open_zip,
    sha256,
    unpacked,
)
from .image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD

Arrays = dict[str, tuple[np.ndarray, np.ndarray]]

CACHE_NAME = "squeezenet_imagenet.safetensors"
LARGEST = 64_000_000  # bytes of a file, and of what is packed in it; the weights take five million
LARGEST_HEADER = 1_000_000  # bytes that a safetensors file may say of its tensors
LARGEST_INDEX = 64_000  # bytes of a checkpoint's list of names, which can be far longer unpacked
CAFFE_MEAN_RGB = np.array([123.68, 116.779, 103.939])


class NotSqueezeNet(ValueError):
    """A file of weights holds those of another network."""


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
_KERNELS = {convolution.name: convolution.kernel for convolution in CONVOLUTIONS}


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
    kept = path.with_name(path.name + ".index") if path.suffix == ".ckpt" else path
    if not kept.exists():
        raise FileNotFoundError(
            f"There is no weights file {path}: check the path, or leave `weights` out to use the "
            "weights that came with the installation."
        )
    arrays = READERS[path.suffix](path)
    _check_network(arrays, path)
    return arrays


def _check_network(arrays: Arrays, path: Path) -> None:
    """Raise ValueError unless these are finite weights of SqueezeNet 1.1."""
    for name, *_ in CONVOLUTIONS:
        _check_shapes(name, (np.shape(array) for array in arrays.get(name, ())), path)
        if not all(np.isfinite(array).all() for array in arrays[name]):
            raise ValueError(
                f"{path} holds NaN or infinity in layer {name}: it is damaged; get it again."
            )


def _check_shapes(name: str, have: Iterable[tuple[int, ...]], path: Path) -> None:
    """Raise NotSqueezeNet unless these are the shapes of a layer's kernel and bias.

    Asked before numbers are read, of which a file may claim to hold any amount.
    """
    have, want = tuple(have), (_KERNELS[name], _KERNELS[name][-1:])
    if have != want:
        raise NotSqueezeNet(
            f"{path} does not hold the weights of SqueezeNet 1.1: layer {name} needs a kernel "
            f"and a bias of shapes {want} and the file has {str(have or 'neither')[:80]}. Give a "
            "file of squeezenet1_1 with 1000 classes."
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
        write_safetensors(cache, arrays, made_from=made_from or "")
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
    with open_regular(path, LARGEST) as stream:
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

    with open_regular(path, LARGEST) as stream:
        header = int.from_bytes(stream.read(8), "little")
        if header > LARGEST_HEADER:
            raise _damaged(path, f"it says {header} bytes of its tensors, which are 52")
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
    except (SafetensorError, TypeError, KeyError, AttributeError) as problem:
        raise _damaged(path, problem) from problem  # the others for types that NumPy lacks
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


def _stored_tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: object) -> _StoredTensor:
    whole = (offset, *size, *stride)
    if not (type(storage) is tuple and type(size) is type(stride) is tuple and len(size) < 9):
        raise pickle.UnpicklingError("it has a tensor that is none")
    if not all(type(number) is int and 0 <= number < 1 << 40 for number in whole):
        raise pickle.UnpicklingError("it has a tensor of an impossible size")
    return _StoredTensor(storage, offset, size, stride)


TorchFile = tuple[dict[str, _StoredTensor], dict[str, bytes]]  # tensors, and what they lie in


def _storage(pid: Any) -> tuple:
    """``("storage", dtype, key)``: where the bytes of a tensor are kept in a PyTorch file."""
    if not (type(pid) is tuple and len(pid) > 2 and type(pid[0]) is type(pid[2]) is str):
        raise pickle.UnpicklingError("it refers to data outside the file")
    if not isinstance(pid[1], np.dtype):
        raise pickle.UnpicklingError("it has a tensor of something else than numbers")
    return pid[:3]


_TORCH_DTYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2"}
_TORCH_DTYPES |= {"LongStorage": "<i8"}  # of how many batches a layer has seen
_TORCH_NAMES = {
    ("collections", "OrderedDict"): dict,
    ("torch._utils", "_rebuild_tensor_v2"): _stored_tensor,
    ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor,
    **{("torch", name): np.dtype(dtype) for name, dtype in _TORCH_DTYPES.items()},
}


def read_torch(path: Path) -> Arrays:
    """A PyTorch state dict of torchvision's squeezenet1_1, without PyTorch.

    A name such as ``squeezenet1_1-b8a52dc0.pth`` promises the first digits of the file's SHA-256.
    """
    if promised := re.search(r"-([0-9a-f]{8,64})\.pth$", path.name):
        with open_regular(path, LARGEST):
            found = sha256(path)
        if not found.startswith(promised[1]):
            raise _damaged(path, f"its SHA-256 begins {found[:8]}, its name says {promised[1]}")
    convolutions = {torch: name for name, torch, _, _ in CONVOLUTIONS}

    def check(tensors: dict[str, _StoredTensor]) -> list[str]:
        wanted: list[str] = []
        for torch, name in convolutions.items():
            pair = f"{torch}.weight", f"{torch}.bias"
            if all(part in tensors for part in pair):
                kernel, bias = (tensors[part].size for part in pair)
                _check_shapes(name, ((*kernel[2:], *kernel[1::-1]), bias), path)
                wanted += pair
        return wanted

    arrays = read_torch_tensors(path, check)
    return {
        name: (
            _float32(arrays[f"{torch}.weight"].transpose(2, 3, 1, 0)),
            arrays[f"{torch}.bias"],
        )
        for torch, name in convolutions.items()
        if f"{torch}.weight" in arrays
    }


def read_torch_tensors(
    path: Path, choose: Callable[[dict[str, _StoredTensor]], Iterable[str]] = list
) -> dict[str, np.ndarray]:
    """The tensors of a PyTorch state dict as float32, without PyTorch, in its order of axes.

    Both of PyTorch's formats are read: the zip archive (since 1.6) and the older plain stream.

    Args:
        path: the file.
        choose: which of them, asked before any number is read.
    """
    with open_regular(path, LARGEST) as stream:
        read = _read_torch_zip if zipfile.is_zipfile(stream) else _read_torch_stream
    try:
        tensors, storages = read(path)
        return {name: _as_array(tensors[name], storages) for name in choose(tensors)}
    except (DamagedFileError, NotSqueezeNet):
        raise
    except Exception as problem:  # a damaged file can fail in nearly any way
        raise _damaged(path, problem) from problem


def _read_torch_zip(path: Path) -> TorchFile:
    with open_zip(path, LARGEST) as archive:
        pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise _damaged(path, "it is a zip archive, but not PyTorch's")
        left = LARGEST

        def content(name: str) -> bytes:
            nonlocal left
            found = bytearray()
            with unpacked(archive, name) as stream:
                while block := stream.read(1 << 16):
                    found += block
                    if len(found) > left:
                        raise _damaged(path, "it holds far more than the weights")
            left -= len(found)
            return bytes(found)

        folder = pickles[0].removesuffix("data.pkl")
        tensors = _tensors(io.BytesIO(content(pickles[0])), path)
        keys = {tensor.storage[2] for tensor in tensors.values()}
        return tensors, {key: content(f"{folder}data/{key}") for key in keys}


def _read_torch_stream(path: Path) -> TorchFile:
    with open_regular(path, LARGEST) as file:
        stream = io.BytesIO(file.read())  # which gives no more than there is, whatever is asked
    if _unpickled(stream, path) != 0x1950A86A20F9469CFC6C:  # PyTorch's magic number
        raise _damaged(path, "it is not a PyTorch file")
    _unpickled(stream, path), _unpickled(stream, path)  # the protocol, and sizes of C types
    tensors = _tensors(stream, path)
    dtypes = {tensor.storage[2]: tensor.storage[1] for tensor in tensors.values()}
    storages = {}
    for key in map(str, _unpickled(stream, path)):
        count = int.from_bytes(stream.read(8), "little")
        storages[key] = stream.read(count * dtypes[key].itemsize)
    return tensors, storages


def _unpickled(stream: io.BytesIO, path: Path) -> Any:
    return safe_pickle.load(stream, str(path), _TORCH_NAMES, persistent_load=_storage)


def _tensors(stream: io.BytesIO, path: Path) -> dict[str, _StoredTensor]:
    """The tensors of a state dict; whatever else is in it is passed over."""
    stored = _unpickled(stream, path)
    if type(stored) is not dict:
        raise _damaged(path, "it does not hold a dict of tensors")
    return {name: each for name, each in stored.items() if isinstance(each, _StoredTensor)}


def _as_array(tensor: _StoredTensor, storages: dict) -> np.ndarray:
    flat = np.frombuffer(storages[tensor.storage[2]], tensor.storage[1])
    last = tensor.offset + sum((n - 1) * s for n, s in zip(tensor.size, tensor.stride, strict=True))
    if min([tensor.offset, *tensor.size, *tensor.stride]) < 0 or last >= flat.size:
        raise EOFError("a tensor is longer than what is stored for it")
    view = np.lib.stride_tricks.as_strided(
        flat[tensor.offset :], tensor.size, [flat.itemsize * step for step in tensor.stride]
    )
    return _float32(view)


def read_checkpoint(path: Path) -> Arrays:
    """CS231n's TensorFlow checkpoint ``squeezenet.ckpt``; TensorFlow checks its checksums."""
    from .tensorflow_quiet import tf

    index = path.with_name(path.name + ".index")
    for part, largest in (
        (index, LARGEST_INDEX),
        *((each, LARGEST) for each in path.parent.glob(f"{glob.escape(path.name)}.data-*")),
    ):
        open_regular(part, largest).close()
    floats = (tf.float16, tf.float32, tf.float64)
    arrays = {}
    try:
        _check_index(index.read_bytes())
        stored = tf.train.load_checkpoint(str(path))
        shapes, dtypes = stored.get_variable_to_shape_map(), stored.get_variable_to_dtype_map()
        for name, _, cs231n, _ in CONVOLUTIONS:
            pair = f"{cs231n}/weights", f"{cs231n}/bias"
            if all(dtypes.get(part) in floats for part in pair):
                _check_shapes(name, (tuple(shapes[part]) for part in pair), path)
                kernel, bias = (_float32(stored.get_tensor(part)) for part in pair)
                arrays[name] = kernel, bias
    except NotSqueezeNet:
        raise
    except Exception as problem:  # TensorFlow's own, Python's, and what C++ made of either
        raise _damaged(path, str(problem).splitlines()[0]) from problem
    return arrays


def _check_index(content: bytes) -> None:
    """Raise ValueError if a checkpoint's list of names is compressed, and so of any length.

    TensorFlow writes it plain. It is a table as LevelDB has it: blocks, one that lists the others,
    and a footer that says where that one is. A byte after each block says how it is compressed.
    """

    def numbers(at: int, count: int) -> tuple[int, ...]:
        """Of variable length, seven bits a byte; and the place after them."""
        found = []
        for _ in range(count):
            number = shift = 0
            while content[at] & 128:
                number, shift, at = number | (content[at] & 127) << shift, shift + 7, at + 1
            number, at = number | content[at] << shift, at + 1
            found.append(number)
        return (*found, at)

    def plain(place: int, size: int) -> None:
        if content[place + size]:
            raise ValueError("its list of names is compressed")

    _, _, place, size, _ = numbers(len(content) - 48, 4)
    plain(place, size)
    end = place + size
    end -= 4 + 4 * int.from_bytes(content[end - 4 : end], "little")
    while place < end:
        _, own, value, place = numbers(place, 3)
        block, size, _ = numbers(place + own, 2)
        plain(block, size)
        place += own + value


def read_keras_h5(path: Path) -> Arrays:
    """A Keras ``.h5`` of this network, saved by any Keras.

    Understood are whole models and weights alone, by Keras 2 and 3. Files whose layers are named
    in the way of Caffe, ``fire2/squeeze1x1``, hold Caffe's weights and are folded to CS231n's
    preprocessing; this package's own model names them ``fire2_squeeze1x1``.
    """
    import h5py

    ours = [convolution.name for convolution in CONVOLUTIONS]
    arrays = {}
    try:
        with open_regular(path, LARGEST) as stream, h5py.File(stream, "r") as root:
            group = _inside(root, "model_weights") or root
            caffe = _inside(group, "fire2/squeeze1x1") is not None
            # Keras 3 numbers the layers instead
            numbered = _inside(group, "layers") is not None and _inside(group, "conv1") is None
            for number, name in enumerate(ours):
                place = f"layers/conv2d_{number}".removesuffix("_0") if numbered else name
                layer = _inside(group, place.replace("_", "/") if caffe else place)
                found = {item.ndim: item for item in _datasets(layer) if item.ndim in (1, 4)}
                if len(found) == 2:
                    _check_shapes(name, (found[4].shape, found[1].shape), path)
                    arrays[name] = _numbers(found[4]), _numbers(found[1])
    except NotSqueezeNet:
        raise
    except Exception as problem:  # a damaged file can fail in nearly any way
        raise _damaged(path, problem) from problem
    return fold_caffe_preprocessing(arrays) if caffe and "conv1" in arrays else arrays


def _inside(group: Any, place: str) -> Any:
    """What an HDF5 group holds itself at this place; a link that may lead elsewhere is none."""
    import h5py

    for name in place.encode().split(b"/"):
        links = group.id.links if isinstance(group, h5py.Group) else None
        if links is None or not links.exists(name):
            return None
        if links.get_info(name).type != h5py.h5l.TYPE_HARD:
            raise ValueError(f"its {place} is a link to elsewhere")
        group = group[name]
    return group


def _datasets(item: Any, depth: int = 4) -> Iterator:
    """The datasets in a layer's group, however Keras nested them."""
    import h5py

    if isinstance(item, h5py.Dataset):
        yield item
    elif isinstance(item, h5py.Group) and depth:
        if len(item) > 9:
            raise ValueError("a layer in it has more than a kernel and a bias")
        for name in item:
            yield from _datasets(_inside(item, name), depth - 1)


def _numbers(dataset: Any) -> np.ndarray:
    """The numbers of a dataset, if they lie in the file as they are."""
    import h5py

    made = dataset.id.get_create_plist()
    chunk = np.prod(dataset.chunks or 0, dtype=float) * dataset.dtype.itemsize
    if dataset.dtype.kind not in "fiu" or chunk > LARGEST:
        raise ValueError("it has weights of something else than numbers")
    if made.get_external_count() or made.get_layout() == h5py.h5d.VIRTUAL or made.get_nfilters():
        raise ValueError("its weights are compressed, or in another file")
    return _float32(dataset[()])


READERS = {
    ".safetensors": read_safetensors,
    ".pth": read_torch,
    ".pt": read_torch,
    ".ckpt": read_checkpoint,
    ".h5": read_keras_h5,
    ".hdf5": read_keras_h5,
}


def _float32(array: ArrayLike) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=np.float32)


def _damaged(path: Path, why: object) -> DamagedFileError:
    return DamagedFileError(
        f"{path} was not read: {why}. It is damaged or not what its name says; delete it and get "
        "it again from where it came from."
    )
