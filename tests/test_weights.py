"""Every kind of weights file is read rightly, and a bad one is refused in one sentence."""

import contextlib
import gzip
import multiprocessing
import os
import pickle
import shutil
import struct
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from independent import original_weights

from cs231n_vis import sources, weights
from cs231n_vis.weights import CONVOLUTIONS, read_weights

DATA = Path(__file__).parent / "data"
ZIP, STREAM = "squeezenet_zip-27ea796b.pth", "squeezenet_stream-936b9a04.pth"


def unpack(name: str, folder: Path, as_name: str | None = None) -> Path:
    path = folder / (as_name or name)
    path.write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
    return path


def pattern(*shape):
    """What make_torch_files.py filled a tensor of this shape with."""
    return (np.arange(np.prod(shape), dtype=np.float32) % 251 / 512 - 0.125).reshape(shape)


def random_arrays(seed=231):
    rng = np.random.default_rng(seed)
    return {
        c.name: (rng.normal(0, 0.1, c.kernel).astype("f4"), rng.normal(0, 0.1, c.kernel[-1:]))
        for c in CONVOLUTIONS
    }


def equal(a, b):
    return a.keys() == b.keys() and all(
        np.array_equal(x, np.asarray(y, np.float32)) and x.dtype == np.float32
        for name in a
        for x, y in zip(a[name], b[name], strict=True)
    )


# The default weights


def test_the_fold_is_exact_for_an_image_of_any_colour(datasets):
    original_kernel, original_bias = original_weights()["conv1"]
    kernel, bias = read_weights()["conv1"]
    patch = np.random.default_rng(0).integers(0, 256, (3, 3, 3))  # RGB, 0..255
    caffe = patch[..., ::-1] - [103.939, 116.779, 123.68]
    cs231n = (patch / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    expected = np.einsum("hwc,hwco->o", caffe, original_kernel) + original_bias
    np.testing.assert_allclose(
        np.einsum("hwc,hwco->o", cs231n, kernel) + bias, expected, rtol=1e-4, atol=1e-3
    )


def test_all_other_layers_are_the_original_numbers(datasets):
    arrays, original = read_weights(), original_weights()
    assert {name.replace("/", "_") for name in original} == arrays.keys()
    for name, (kernel, bias) in original.items():
        if name != "conv1":
            assert np.array_equal(arrays[name.replace("/", "_")][0], kernel.astype("f4"))
            assert np.array_equal(arrays[name.replace("/", "_")][1], bias.astype("f4"))


def test_the_cache_is_made_once_and_gives_the_same_numbers(datasets):
    first = read_weights()
    cache = datasets / weights.CACHE_NAME
    made = cache.stat().st_mtime_ns
    assert equal(read_weights(), first)
    assert cache.stat().st_mtime_ns == made
    assert [path.name for path in datasets.iterdir()] == [weights.CACHE_NAME]


@pytest.mark.parametrize("damage", ["flip one byte of a number", "cut it", "empty it", "overwrite"])
def test_a_damaged_cache_is_noticed_and_made_anew(datasets, damage):
    first = read_weights()
    cache = datasets / weights.CACHE_NAME
    content = bytearray(cache.read_bytes())
    content[len(content) // 2] ^= 1
    cut = {"flip one byte of a number": content, "cut it": content[:-1000], "empty it": b""}
    cache.write_bytes(cut.get(damage, b"not a safetensors file"))
    assert equal(read_weights(), first)
    assert equal(weights.read_safetensors(cache), first)


def test_a_cache_made_from_other_weights_is_not_used(datasets):
    weights.write_safetensors(datasets / weights.CACHE_NAME, random_arrays(), made_from="elsewhere")
    assert np.array_equal(read_weights()["conv10"][1], original_weights()["conv10"][1].astype("f4"))


def _read_in_a_process(folder):
    os.environ["CS231N_VIS_DATASETS"] = folder
    return weights.content_sha256(read_weights())


def test_two_notebooks_starting_at_once_do_no_harm(datasets):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        digests = pool.map(_read_in_a_process, [str(datasets)] * 8, chunksize=1)
    assert len(set(digests)) == 1
    assert [path.name for path in datasets.iterdir()] == [weights.CACHE_NAME]


def test_where_the_cache_cannot_be_written_the_weights_come_with_a_warning(tmp_path, monkeypatch):
    (tmp_path / "a file").write_text("in the way of a folder")
    monkeypatch.setenv("CS231N_VIS_DATASETS", str(tmp_path / "a file" / "datasets"))
    with pytest.warns(UserWarning, match="could not be kept in .* make room"):
        arrays = read_weights()
    assert arrays["conv1"][0].shape == (3, 3, 3, 64)


def test_a_disk_that_fills_up_leaves_no_half_written_cache(datasets):
    program = (
        "import resource, signal, warnings\n"
        "from cs231n_vis.weights import read_weights\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        "with warnings.catch_warnings(record=True) as said:\n"
        "    warnings.simplefilter('always')\n"
        "    print(len(read_weights()), said[0].message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("26 The weights could not be kept in")
    assert list(datasets.iterdir()) == []


def test_no_code_of_a_tampered_default_file_is_reached(tmp_path, monkeypatch, datasets):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "it ran"),)

    path = tmp_path / "squeezenet_weights.pkl"
    path.write_bytes(pickle.dumps({"conv1": Bomb()}))
    monkeypatch.setattr(sources, "locate", lambda name: [path])
    with pytest.raises(ValueError, match=r"squeezenet_weights\.pkl was not read: it asks for"):
        read_weights()
    assert not (tmp_path / "it ran").exists()


# PyTorch


@pytest.mark.parametrize("name", [ZIP, STREAM])
def test_both_formats_of_pytorch_are_read(name, tmp_path):
    arrays = read_weights(unpack(name, tmp_path))
    for conv in CONVOLUTIONS:
        height, width, inputs, out = conv.kernel
        kernel, bias = arrays[conv.name]
        assert np.array_equal(kernel, pattern(out, inputs, height, width).transpose(2, 3, 1, 0))
        assert np.array_equal(bias, pattern(out))


def test_a_strided_view_in_a_pytorch_file_is_read(tmp_path):
    tensors, storages = weights._read_torch_zip(unpack("small_strided-66ac75b8.pth", tmp_path))
    view = weights._as_array(tensors["view"], storages)
    assert np.array_equal(view, np.arange(24.0).reshape(4, 6).T[1:5:2])


def test_the_hash_in_a_pytorch_files_name_is_checked(tmp_path):
    path = unpack(ZIP, tmp_path)
    content = bytearray(path.read_bytes())
    content[3_000_000] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"its SHA-256 begins .* its name says 27ea796b"):
        read_weights(path)


def test_one_flipped_byte_is_noticed_without_a_hash_in_the_name(tmp_path):
    path = unpack(ZIP, tmp_path, "renamed.pth")  # zip archives carry checksums of their own
    content = bytearray(path.read_bytes())
    content[3_000_000] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"renamed\.pth was not read: Bad CRC-32"):
        read_weights(path)


@pytest.mark.parametrize("name", [ZIP, STREAM])
@pytest.mark.parametrize("length", [0, 10, 1000, 3_000_000, -1])
def test_a_truncated_pytorch_file_is_refused(name, length, tmp_path):
    path = unpack(name, tmp_path, "cut.pth")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match=r"cut\.pth was not read: .* get it again"):
        read_weights(path)


def test_another_network_is_named_as_such(tmp_path):
    path = unpack("other_network-53a9e305.pth", tmp_path)
    with pytest.raises(ValueError, match=r"does not hold the weights of SqueezeNet 1\.1: .* conv1"):
        read_weights(path)


def test_the_code_in_a_malicious_pytorch_file_is_not_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "it ran"),)

    path = tmp_path / "malicious.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"features.0.weight": Bomb()}))
    with pytest.raises(ValueError, match=r"malicious\.pth was not read: it asks for \w+\.mkdir"):
        read_weights(path)
    assert not (tmp_path / "it ran").exists()


def test_a_tensor_that_reaches_outside_its_storage_is_refused():
    tensor = weights._StoredTensor(("storage", np.dtype("<f4"), "0"), 1, (4,), (1,))
    with pytest.raises(EOFError):
        weights._as_array(tensor, {"0": bytes(16)})


# CS231n's checkpoint


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A real TensorFlow 1 checkpoint with CS231n's variable names, and what is in it."""
    from cs231n_vis import tf

    arrays, path = random_arrays(), tmp_path_factory.mktemp("checkpoint") / "squeezenet.ckpt"
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        variables = []
        for conv in CONVOLUTIONS:
            with tf.compat.v1.variable_scope(conv.cs231n):
                for part, value in zip(("weights", "bias"), arrays[conv.name], strict=True):
                    initial = tf.constant(value, tf.float32)
                    variables.append(tf.compat.v1.get_variable(part, initializer=initial))
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver(variables).save(session, str(path))
    return path, arrays


@pytest.mark.parametrize("ending", ["", ".index"])
def test_cs231ns_checkpoint_is_read(checkpoint, ending):
    path, arrays = checkpoint
    assert equal(read_weights(f"{path}{ending}"), arrays)


@pytest.mark.parametrize("damage", ["flip", "cut", "index", "missing"])
def test_a_damaged_checkpoint_is_refused(checkpoint, damage, tmp_path):
    shutil.copytree(checkpoint[0].parent, tmp_path / "copy")
    data = next((tmp_path / "copy").glob("*.data-*"))
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "flip":
        data.write_bytes(content)
    elif damage == "cut":
        data.write_bytes(content[:1000])
    elif damage == "index":
        (tmp_path / "copy" / "squeezenet.ckpt.index").write_bytes(b"not an index")
    else:
        data.unlink()
    with pytest.raises(ValueError, match=r"squeezenet\.ckpt was not read: .* get it again"):
        read_weights(tmp_path / "copy" / "squeezenet.ckpt")


def test_a_checkpoints_list_of_names_is_short_and_not_compressed(checkpoint, tmp_path):
    shutil.copytree(checkpoint[0].parent, tmp_path / "copy")
    index = tmp_path / "copy" / "squeezenet.ckpt.index"
    content = index.read_bytes()
    found = []
    for place in range(len(content)):  # the two bytes that say how a block is compressed, and few
        changed = bytearray(content)
        changed[place] ^= 1
        with contextlib.suppress(IndexError):
            try:
                weights._check_index(bytes(changed))
            except ValueError:
                found.append(bytes(changed))
    assert 2 <= len(found) < 10
    for changed in found[:2]:
        index.write_bytes(changed)
        with pytest.raises(ValueError, match=r"was not read: its list of names is compressed\."):
            read_weights(index)
    index.write_bytes(bytes(100_000))
    with pytest.raises(ValueError, match=r"\.index is too large, 0\.10 MB where 0\.06 MB"):
        read_weights(index)


# Keras


@pytest.fixture(scope="module")
def keras_model():
    from cs231n_vis.squeezenet import build_squeezenet

    arrays, model = random_arrays(), build_squeezenet()
    for name, pair in arrays.items():
        model.get_layer(name).set_weights(pair)
    return model, arrays


@pytest.mark.parametrize("kind", ["whole model.h5", "only.weights.h5"])
def test_what_keras_3_saves_is_read(keras_model, kind, tmp_path):
    model, arrays = keras_model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras calls the .h5 of whole models a legacy format
        (model.save if kind.startswith("whole") else model.save_weights)(tmp_path / kind)
    assert equal(read_weights(tmp_path / kind), arrays)


def test_a_keras_2_file_with_caffes_names_is_folded(tmp_path, datasets):
    """The layout of keras-squeezenet's release: nested groups, weight names in attributes."""
    import h5py

    with h5py.File(tmp_path / "squeezenet.h5", "w") as root:
        for name, (kernel, bias) in original_weights().items():
            group = root.create_group(name)
            stem = name.rsplit("/", 1)[-1]
            names = [f"{stem}_1/kernel:0", f"{stem}_1/bias:0"]
            group.attrs["weight_names"] = [n.encode() for n in names]
            for weight_name, value in zip(names, (kernel, bias), strict=True):
                group.create_dataset(weight_name, data=value.astype("f4"))
        root.attrs["layer_names"] = [name.encode() for name in original_weights()]
    read, default = read_weights(tmp_path / "squeezenet.h5"), read_weights()
    for name in default:
        np.testing.assert_allclose(read[name][0], default[name][0], rtol=1e-6)
        np.testing.assert_allclose(read[name][1], default[name][1], rtol=1e-5)


@pytest.mark.parametrize("content", [b"", b"not HDF5", "cut"])
def test_a_damaged_keras_file_is_refused(keras_model, content, tmp_path):
    path = tmp_path / "some.weights.h5"
    keras_model[0].save_weights(path)
    path.write_bytes(path.read_bytes()[:100_000] if content == "cut" else content)
    with pytest.raises(ValueError, match=r"some\.weights\.h5 (was not read|does not hold)"):
        read_weights(path)


def test_a_keras_file_of_another_network_is_named_as_such(tmp_path):
    from cs231n_vis import tf

    other = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
    other.save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(ValueError, match=r"does not hold the weights of SqueezeNet 1\.1"):
        read_weights(tmp_path / "other.weights.h5")


# Our own file, and names


def test_what_is_written_as_safetensors_is_read_back(tmp_path):
    arrays = {name: (k, b.astype("f4")) for name, (k, b) in random_arrays().items()}
    weights.write_safetensors(tmp_path / "mine.safetensors", arrays)
    assert equal(read_weights(tmp_path / "mine.safetensors"), arrays)


@pytest.mark.parametrize("damage", ["flip", "cut", "huge header"])
def test_a_damaged_safetensors_file_is_refused(tmp_path, damage):
    arrays = {name: (k, b.astype("f4")) for name, (k, b) in random_arrays().items()}
    path = tmp_path / "mine.safetensors"
    weights.write_safetensors(path, arrays)
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[-1] ^= 1
    elif damage == "cut":
        del content[2_000_000:]
    else:
        content[:8] = struct.pack("<Q", 1 << 60)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"mine\.safetensors was not read: .* get it again"):
        read_weights(path)


def test_nan_in_a_file_is_refused(tmp_path):
    arrays = {name: (k, b.astype("f4")) for name, (k, b) in random_arrays().items()}
    arrays["fire5_expand3x3"][0][0, 0, 0, 0] = np.nan
    weights.write_safetensors(tmp_path / "mine.safetensors", arrays)
    with pytest.raises(ValueError, match="holds NaN or infinity in layer fire5_expand3x3"):
        read_weights(tmp_path / "mine.safetensors")


@pytest.mark.parametrize("name", ["imagenet21k", "weights.onnx", ""])
def test_an_unknown_kind_of_weights_lists_the_known_ones(name):
    with pytest.raises(ValueError, match=r"is not known: give 'imagenet', 'torchvision', or the"):
        read_weights(name)


@pytest.mark.parametrize("name", ["missing.pth", "missing.ckpt", "missing.h5"])
def test_a_missing_file_says_what_to_do(name, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no weights file .* leave `weights` out"):
        read_weights(tmp_path / name)
