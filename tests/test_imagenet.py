"""Facts about the sample images, CS231n's file of images, and the class names."""

import io
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from numpy.lib import format as npy
from PIL import Image

from cs231n_vis import imagenet
from cs231n_vis.imagenet import load_class_names, load_imagenet_val
from cs231n_vis.sources import locate

LABELS = [243, 559, 438, 990, 949, 853, 609, 609, 915, 455]
LABELS += [541, 630, 741, 471, 129, 99, 251, 22, 317, 305]

# ------------------------------------------------------------------------------- sample images


def test_the_samples_are_20_squares_with_their_labels_and_1000_names():
    X, y, class_names = load_imagenet_val()
    assert X.shape == (20, 224, 224, 3) and X.dtype == np.uint8
    assert y.tolist() == LABELS and y.dtype == np.int64
    assert class_names == load_class_names()


def test_each_sample_is_resized_to_256_and_cropped_to_224_with_pillow():
    X, _, _ = load_imagenet_val()
    for got, path in zip(X, locate("imagenet-samples"), strict=True):
        image = Image.open(path).convert("RGB")
        w, h = image.size
        size = round(w * 256 / min(w, h)), round(h * 256 / min(w, h))
        left, top = (size[0] - 224) // 2, (size[1] - 224) // 2
        expected = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
        np.testing.assert_array_equal(got, expected[top : top + 224, left : left + 224])


@pytest.mark.parametrize("num", [0, 1, 5, np.int64(3), 20])
def test_num_takes_that_many_from_the_first(num):
    X, y, class_names = load_imagenet_val(num)
    assert X.shape == (num, 224, 224, 3) and X.dtype == np.uint8
    assert y.tolist() == LABELS[:num] and y.dtype == np.int64
    assert len(class_names) == 1000
    np.testing.assert_array_equal(X, load_imagenet_val()[0][:num])


@pytest.mark.parametrize(
    "num, error",
    [(21, ValueError), (-1, ValueError), (2.0, TypeError), ("5", TypeError), (True, TypeError)],
)
def test_a_num_that_cannot_be_is_an_error_that_says_what_can(num, error):
    with pytest.raises(error, match="num must be"):
        load_imagenet_val(num)


# --------------------------------------------------------------------------------- class names


def test_there_are_1000_names_and_no_two_are_alike():
    names = load_class_names()
    assert list(names) == list(range(1000))
    assert all(isinstance(name, str) and name.strip() == name != "" for name in names.values())
    assert len({name.lower() for name in names.values()}) == 1000


@pytest.mark.parametrize(
    "label, name",
    [
        (0, "tench"),
        (22, "bald eagle"),
        (134, "crane bird"),
        (517, "construction crane"),
        (657, "missile"),
        (744, "projectile"),
        (836, "sunglass"),
        (837, "sunglasses"),
        (999, "toilet paper"),
    ],
)
def test_a_label_has_the_name_people_know(label, name):
    assert load_class_names()[label] == name


# -------------------------------------------------------------------------------- CS231n's file

NAMES = {label: f"class {label}, synonym" for label in range(1000)}
X25 = np.random.default_rng(0).integers(0, 256, (25, 224, 224, 3), dtype=np.uint8)
Y25 = np.arange(25) * 40


def boxed(value):
    """A 0-d object array, as NumPy makes of a dict."""
    box = np.empty((), object)
    box[()] = value
    return box


def write(path, **changes):
    arrays = {"X": X25[:3], "y": Y25[:3], "label_map": boxed(NAMES)} | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def write_pickled(path, pickled):
    """As :func:`write`, with any bytes as the pickle of label_map."""
    write(path, label_map=None)
    stream = io.BytesIO()
    npy.write_array_header_1_0(stream, {"descr": "|O", "fortran_order": False, "shape": ()})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("label_map.npy", stream.getvalue() + pickled)
    return path


@pytest.mark.parametrize("compressed", [False, True])
def test_cs231ns_file_is_read_as_numpy_reads_it(tmp_path, compressed):
    path = tmp_path / "imagenet_val_25.npz"
    (np.savez_compressed if compressed else np.savez)(path, X=X25, y=Y25, label_map=NAMES)
    X, y, class_names = load_imagenet_val(source=path)
    np.testing.assert_array_equal(X, X25)
    np.testing.assert_array_equal(y, Y25)
    assert X.dtype == np.uint8 and y.dtype == np.int64
    assert class_names == NAMES
    with np.load(path, allow_pickle=True) as trusted:  # safe here: the file is ours
        assert class_names == trusted["label_map"].item()


def test_num_takes_the_first_of_cs231ns_file_too(tmp_path):
    path = write(tmp_path / "a.npz")
    X, y, class_names = load_imagenet_val(2, source=str(path))
    np.testing.assert_array_equal(X, X25[:2])
    assert y.tolist() == [0, 40] and len(class_names) == 1000
    with pytest.raises(ValueError, match="between 0 and 3"):
        load_imagenet_val(4, source=path)


class Python2Pickler(pickle._Pickler):
    """Writes text and bytes as Python 2's ``str``, and NumPy's names as they were then."""

    def save_python2_str(self, text):
        data = text if isinstance(text, bytes) else text.encode("latin1")
        self.write(b"T" + len(data).to_bytes(4, "little") + data)  # BINSTRING
        self.memoize(text)


Python2Pickler.dispatch = pickle._Pickler.dispatch | dict.fromkeys(
    (str, bytes), Python2Pickler.save_python2_str
)


def test_a_file_written_by_python_2_is_read(tmp_path):
    names = NAMES | {7: "café"}
    stream = io.BytesIO()
    Python2Pickler(stream, protocol=2).dump(boxed(names))
    pickled = stream.getvalue().replace(b"numpy._core.", b"numpy.core.")
    assert b"numpy.core.multiarray" in pickled and b"_codecs" not in pickled
    path = write_pickled(tmp_path / "python2.npz", pickled)
    assert load_imagenet_val(source=path)[2] == names


class Malice:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_code_in_a_file_is_refused_before_it_runs(tmp_path, protocol):
    proof = tmp_path / "it ran"
    for number, value in enumerate([Malice(proof), NAMES | {3: Malice(proof)}]):
        pickled = pickle.dumps(boxed(value), protocol)
        path = write_pickled(tmp_path / f"{number}.npz", pickled)
        with pytest.raises(ValueError, match=r"label_map in .*npz was not read: it asks for"):
            load_imagenet_val(source=path)
        assert not proof.exists()
    pickle.loads(pickled)  # the same bytes do run when they are trusted
    assert proof.is_dir()


@pytest.mark.parametrize("member", ["X", "y"])
def test_code_in_the_other_arrays_is_refused_too(tmp_path, member):
    proof = tmp_path / "it ran"
    path = write(tmp_path / "a.npz", **{member: boxed(Malice(proof))})
    with pytest.raises(ValueError, match=r"a\.npz"):
        load_imagenet_val(source=path)
    assert not proof.exists()


@pytest.mark.parametrize(
    "changes, what",
    [
        ({"X": None}, "X.npy"),
        ({"y": None}, "y.npy"),
        ({"label_map": None}, "label_map.npy"),
        ({"X": X25[:3].astype(np.float32)}, "X must be uint8"),
        ({"X": X25[0]}, "X must be uint8"),
        ({"X": X25[:3, :, :200]}, "X must be uint8"),
        ({"X": X25[:3].transpose(0, 3, 1, 2)}, "X must be uint8"),
        ({"X": np.uint8(3)}, "X must be uint8"),
        ({"y": Y25[:2]}, "y must be 3 labels"),
        ({"y": Y25[:3].astype(float)}, "y must be 3 labels"),
        ({"y": np.array([0, 1, 1000])}, "y must be 3 labels"),
        ({"y": np.array([0, 1, -1])}, "y must be 3 labels"),
        ({"label_map": np.arange(1000)}, "label_map must be a dict"),
        ({"label_map": boxed(list(NAMES.values()))}, "label_map must be a dict"),
        ({"label_map": np.array([NAMES])}, "label_map must be a dict"),
        ({"label_map": boxed({0: "tench"})}, "label_map must be a dict"),
        ({"label_map": boxed({str(k): v for k, v in NAMES.items()})}, "label_map must be a dict"),
        ({"label_map": boxed(NAMES | {5: 5})}, "name that is text"),
    ],
)
def test_a_file_of_another_layout_is_refused_with_what_differs(tmp_path, changes, what):
    path = write(tmp_path / "mine.npz", **changes)
    with pytest.raises(ValueError) as caught:
        load_imagenet_val(source=path)
    for part in (str(path), what, "cs231n-vis fetch imagenet-val-25"):
        assert part in str(caught.value)


def test_damaged_files_are_refused_by_name(tmp_path):
    whole = write(tmp_path / "whole.npz").read_bytes()
    flipped = bytearray(whole)
    flipped[5000] ^= 1
    pickled = write_pickled(tmp_path / "cut pickle.npz", pickle.dumps(boxed(NAMES))[:-20])
    for number, data in enumerate(
        [b"", b"<html>", whole[:9000], bytes(flipped), pickled.read_bytes(), pickle.dumps(NAMES)]
    ):
        path = tmp_path / f"damaged {number}.npz"
        path.write_bytes(data)
        with pytest.raises(ValueError, match=f"damaged {number}.npz"):
            load_imagenet_val(source=path)


def test_a_missing_file_or_a_misspelt_source_says_what_there_is(tmp_path):
    for source in (tmp_path / "no.npz", tmp_path, "sample"):
        with pytest.raises(FileNotFoundError, match=r"'samples', 'cs231n' or the path"):
            load_imagenet_val(source=source)


def test_cs231ns_own_file_is_located_or_the_command_that_fetches_it_is_named(tmp_path, monkeypatch):
    path = write(tmp_path / "fetched.npz")
    monkeypatch.setattr(imagenet, "locate", lambda name: {"imagenet-val-25": [path]}[name])
    np.testing.assert_array_equal(load_imagenet_val(source="cs231n")[0], X25[:3])

    def nothing(name):
        raise FileNotFoundError(name)

    monkeypatch.setattr(imagenet, "locate", nothing)
    with pytest.raises(FileNotFoundError, match="`cs231n-vis fetch imagenet-val-25`"):
        load_imagenet_val(source="cs231n")


def test_the_module_does_not_import_tensorflow():
    code = "import sys, cs231n_vis.imagenet; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
