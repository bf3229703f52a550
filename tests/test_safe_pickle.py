"""Arrays are read from pickles of any age; nothing a pickle asks for is ever run."""

import io
import os
import pickle

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
