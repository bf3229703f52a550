"""Arrays are read from pickles of any age; nothing a pickle asks for is ever run."""

import io
import os
import pickle
import struct
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest

from cs231n_vis import safe_pickle


def load(content):
    return safe_pickle.load(io.BytesIO(content), "a file")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_and_containers_are_read_from_every_protocol(protocol):
    stored = {"a": np.arange(6.0).reshape(2, 3), "b": [np.float32(0.5), ("text", 7, None)]}
    if protocol == 5:
        stored["a"] = stored["a"].tolist()  # arrays come through numpy's newer door
    loaded = load(pickle.dumps(stored, protocol))
    assert np.array_equal(loaded["a"], stored["a"]) and loaded["b"] == stored["b"]


RECONSTRUCT, SCALAR = np.zeros(1).__reduce__()[0], np.float64(0).__reduce__()[0]


class Asks:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    "bomb",
    [
        lambda path: Asks(os.mkdir, (path,)),
        lambda path: Asks(eval, (f"__import__('os').mkdir({path!r})",)),
        lambda path: Asks(np.load, (path,)),
        lambda path: Asks(os.system, (f"mkdir {path}",)),
    ],
)
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_what_a_pickle_asks_for_is_refused_before_it_is_called(bomb, protocol, tmp_path):
    path = str(tmp_path / "it ran")
    with pytest.raises(ValueError, match=r"a file was not read: it asks for .* no file of arrays"):
        load(pickle.dumps([1, bomb(path)], protocol))
    assert not os.path.exists(path)


@pytest.mark.parametrize("content", [b"", b"\x80\x04", b"not a pickle", b"\x80\x04]\x94(K\x01"])
def test_a_damaged_pickle_is_refused_in_a_sentence(content):
    with pytest.raises(ValueError, match=r"a file was not read: .* official source\."):
        load(content)


def test_a_reference_to_data_elsewhere_is_refused():
    class Pickler(pickle.Pickler):
        def persistent_id(self, thing):
            return "elsewhere" if thing is os else None

    buffer = io.BytesIO()
    Pickler(buffer).dump([os])
    with pytest.raises(ValueError, match="it refers to data outside the file"):
        load(buffer.getvalue())


def test_no_byte_of_an_array_is_taken_for_an_address():
    """NumPy believes a dtype's state, here that eight bytes of anything are a Python object."""
    dtype = Asks(
        np.dtype, ("V8", False, True), (3, "|", None, ("f",), {"f": (np.dtype("O"), 0)}, 8, 1, 0)
    )
    data = struct.pack("<Q", 0x4141414141414141)
    array = Asks(RECONSTRUCT, (np.ndarray, (0,), b"b"), (1, (), dtype, False, data))
    program = (
        "import io, sys; from cs231n_vis import safe_pickle\n"
        "try:\n"
        "    print(safe_pickle.load(io.BytesIO(sys.stdin.buffer.read()), 'a file').item())\n"
        "except ValueError as problem:\n"
        "    print(problem)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=pickle.dumps(array, 2), capture_output=True
    )
    assert done.returncode == 0 and b"a file was not read: it has an array of some" in done.stdout


@pytest.mark.parametrize(
    "dtype", ["V8", "U3", "S3", "M8[s]", "c8", "f16", "f8,O", [("a", "f8")], ("f8", (2,)), {"f": 1}]
)
def test_arrays_of_nothing_but_numbers_and_objects_are_built(dtype):
    for state in (
        (3, "<", None, None, None, -1, -1, 0),
        (3, "|", ("f4", (2,)), None, None, 8, 1, 0),
    ):
        asked = Asks(np.dtype, (dtype, False, True), state)
        for made in (asked, Asks(SCALAR, (asked, bytes(8)))):
            with pytest.raises(ValueError, match="a file was not read: it has an array"):
                load(pickle.dumps(made, 2))


@pytest.mark.parametrize(
    "state",
    [
        (1, (1 << 40,), np.dtype("f8"), False, bytes(8)),
        (1, (-1,), np.dtype("f8"), False, bytes(8)),
        (1, (2,), np.dtype("f8"), False, bytes(8)),
        (1, ("2",), np.dtype("f8"), False, bytes(16)),
        (1, (1,), "f8", False, bytes(8)),
        (1, (1,), np.dtype("f8"), False, [1.0]),
        (1, (2,), np.dtype("O"), False, [1.0]),
        (1, (1,), np.dtype("O"), False, bytes(8)),
    ],
)
def test_an_arrays_shape_type_and_bytes_have_to_fit(state):
    with pytest.raises(ValueError, match="a file was not read: "):
        load(pickle.dumps(Asks(RECONSTRUCT, (np.ndarray, (0,), b"b"), state), 2))


def test_a_file_changes_nothing_but_what_it_began(tmp_path):
    for what in (np.dtype, np.ndarray, RECONSTRUCT, np.float32(1), [], ()):
        content = pickle.dumps(what, 2)[:-1] + b"}U\x07changedK\x01sb."
        with pytest.raises(ValueError, match="it changes what cannot be changed"):
            load(content)


def test_what_pytorch_remembers_of_its_dicts_is_passed_over():
    from collections import OrderedDict

    stored = OrderedDict(a=1)
    stored._metadata = OrderedDict(version=1)
    assert load(pickle.dumps(stored, 2)) == {"a": 1}


@pytest.mark.parametrize("order", "<>=")
@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i1", "u1", "i2", "u4", "i8", "b1"])
def test_numbers_of_every_kind_and_order_are_read(kind, order):
    stored = np.arange(6).reshape(2, 3).astype(order + kind)
    for array in (stored, np.asfortranarray(stored), stored[:0], stored[0, 0]):
        loaded = load(pickle.dumps(array, 2))
        assert np.array_equal(loaded, array) and loaded.dtype == array.dtype


def test_what_python_2_wrote_is_read():
    """``pickle.dumps({'caf\xe9': np.arange(2, dtype='u1')}, protocol)`` of Python 2, by hand."""
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\np1\n(cnumpy\nndarray\np2\n(I0\ntp3\nS'b'\np4\ntp5\nRp6\n"
        b"(I1\n(I2\ntp7\ncnumpy\ndtype\np8\n(S'u1'\np9\nI0\nI1\ntp10\nRp11\n(I3\nS'|'\np12\nNNNI-1\n"
        b"I-1\nI0\ntp13\nbI00\nS'\\x00\\xff'\np14\ntp15\nb"
    )
    loaded = load(b"(dp0\nS'caf\\xe9'\n" + array + b"s.")
    assert list(loaded) == ["café"] and loaded["café"].tolist() == [0, 255]


def doubled(opcode=b"\x86", start=b")", times=60):
    """``((…, …), (…, …))``, each tuple there twice in the next: 2 ** times when it is walked."""
    return b"\x80\x02" + start + b"".join(b"q%c" % n + b"h%c" % n + opcode for n in range(times))


BOMBS = {
    "a table by tuples of tuples": b"\x80\x02}" + doubled()[2:] + b"K\x01s.",
    "a table by large numbers": b"\x80\x02}("
    + b"".join(b"\x8a\x0b" + ((n << 61) - n).to_bytes(11, "little") + b"N" for n in range(1, 9999))
    + b"u.",
    "a place far away": b"\x80\x02Nr\xff\xff\xff\x7fR.",
    "bytes that are only claimed": b"\x80\x04\x8e" + struct.pack("<Q", 1 << 33) + b"x.",
    "a buffer that is only claimed": b"\x80\x05\x96" + struct.pack("<Q", 1 << 33) + b"x.",
    "a million tables": b"\x80\x02(" + b"}" * 1_000_000 + b"l.",
    "a text that is encoded again and again": b"\x80\x02c_codecs\nencode\nq\x00X"
    + struct.pack("<I", 1_000_000)
    + b"a" * 1_000_000
    + b"\x85q\x01"
    + b"h\x00h\x01R" * 5_000
    + b"t.",
    "a list whose pairs are taken again and again": b"\x80\x02ccollections\nOrderedDict\nq\x00("
    + b"".join(b"J%sN\x86" % struct.pack("<i", n) for n in range(10_000))
    + b"l\x85q\x01"
    + b"h\x00h\x01R" * 10_000
    + b"t.",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_small_file_fills_neither_memory_nor_time(bomb):
    start = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="a file was not read: "):
            load(BOMBS[bomb])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000 and time.monotonic() - start < 20
