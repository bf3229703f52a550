"""Read what a pickle holds without running what it asks for.

A pickle is a small program: loading one from a stranger runs the stranger's code. The files we
read hold nothing but numbers, text, containers and arrays. So only the steps that build those are
taken, with functions of our own for the few names that NumPy's pickles mention: NumPy would trust
what a file says of an array's type, and take its bytes for addresses. Anything else is refused.
"""

import pickle
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import numpy as np

from .files import DamagedFileError

_MOST_STEPS = 100_000  # each makes at most one object, so they also bound the memory
_MOST_BYTES = 64_000_000  # that are made of text, of which one piece can be used again and again
_NUMBERS = frozenset({"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"})
_OBJECTS = frozenset({"O", "O4", "O8"})
_ORDERS = {"<": "<", "=": "<", "|": "|", ">": ">"}  # of bytes


class _Unfinished:
    """What a pickle begins with a name and finishes later, with a step called BUILD."""

    final: object = None


class _Type(_Unfinished):
    """An array's dtype, until its byte order is known."""

    def __init__(self, code, align=False, copy=False):
        if not isinstance(code, str) or code not in _NUMBERS | _OBJECTS:
            raise pickle.UnpicklingError("it has an array of something else than numbers")
        self._code = code

    def finish(self, state: tuple) -> np.dtype:
        _version, order, *fields = state[:5]
        if not isinstance(order, str) or order not in _ORDERS or fields != [None] * 3:
            raise pickle.UnpicklingError("it has an array whose type is not a plain one")
        return np.dtype(object if self._code in _OBJECTS else _ORDERS[order] + self._code)


class _Array(_Unfinished):
    """An array, until its numbers are known."""

    def __init__(self, *_):
        pass

    def finish(self, state: tuple) -> np.ndarray:
        _version, shape, dtype, fortran, data = state
        if type(shape) is not tuple or not all(_small(n, least=0) for n in shape):
            raise pickle.UnpicklingError("it has an array of an impossible shape")
        if isinstance(dtype, np.dtype) and dtype.hasobject and type(data) is list:
            flat = np.empty(len(data), object)
            for number, value in enumerate(data):
                flat[number] = value
        else:
            flat = _numbers(dtype, data)
        return flat.reshape(shape, order="F" if fortran else "C")


def _numbers(dtype: object, data: Any) -> np.ndarray:
    """Bytes as a flat array, which is not a copy of them."""
    if not isinstance(dtype, np.dtype) or dtype.hasobject:
        raise pickle.UnpicklingError("it has an array of something else than numbers")
    return np.frombuffer(_encode(data) if isinstance(data, str) else data, dtype)


def _scalar(dtype: object, data: Any) -> np.generic:
    return _numbers(dtype, data)[0]


def _encode(text: str, encoding: object = "latin1") -> bytes:  # how Python 2 is told of bytes
    return text.encode("latin1")


def _small(number: object, least: int = 1 - (1 << 31)) -> bool:
    return isinstance(number, int | np.integer) and bool(least <= number < 1 << 31)


#: What NumPy's own pickles name. NumPy 2 renamed ``numpy.core`` to ``numpy._core``.
NUMPY_ARRAYS: dict[tuple[str, str], object] = {
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): _Type,
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,
    ("collections", "OrderedDict"): dict,
    ("_codecs", "encode"): _encode,
    ("__builtin__", "bytes"): lambda: b"",  # the way of old protocols to say so
}

# The steps that Python's unpickler may take. Left out are those that make objects of classes, sets,
# and buffers of a size that is only claimed; and those that _Reader takes itself.
_STEPS = (
    *("PROTO", "FRAME", "STOP", "MARK", "POP", "POP_MARK", "NONE", "NEWTRUE", "NEWFALSE"),
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
    *("EMPTY_LIST", "LIST", "APPEND", "APPENDS", "EMPTY_DICT"),
    *("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"),
    *("GLOBAL", "STACK_GLOBAL", "PERSID", "BINPERSID"),
)


class _Reader(pickle._Unpickler):
    """Python's unpickler in Python, with fewer steps, and our own where things are made."""

    stack: list

    def __init__(self, stream, allowed, persistent_load):
        # latin1 turns Python 2's byte strings into text and back without loss
        super().__init__(stream, encoding="latin1")
        self._allowed, self._persistent = allowed, persistent_load
        self._steps = self._bytes = 0
        self.dispatch = self  # asked for each step

    def __getitem__(self, code: int) -> Callable:
        self._count(1)
        try:
            return _HANDLERS[code]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it asks for step {code}, which no file of arrays needs"
            ) from None

    def find_class(self, module, name):
        try:
            return self._allowed[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it asks for {module}.{name}, which no file of arrays needs"
            ) from None

    def persistent_load(self, pid):
        if self._persistent is None:
            raise pickle.UnpicklingError("it refers to data outside the file")
        return self._persistent(pid)

    def _count(self, steps: int, *data: object) -> None:
        self._steps += steps
        self._bytes += sum(len(each) for each in data if isinstance(each, str | bytes))
        if self._steps > _MOST_STEPS or self._bytes > _MOST_BYTES:
            raise pickle.UnpicklingError("it holds far more than such a file needs")

    def _reduce(self):
        arguments, function = self.stack.pop(), self.stack.pop()
        if not callable(function) or type(arguments) is not tuple:
            raise pickle.UnpicklingError("it calls what is no function")
        self._count(0, *arguments)
        if function is dict:  # Python 2 hands over a list of pairs
            made = {}
            for pairs in arguments:
                self._count(len(pairs))
                for key, value in pairs:
                    self._put(made, key, value)
        else:
            made = function(*arguments)
        self.stack.append(made)

    def _build(self):
        state, unfinished = self.stack.pop(), self.stack[-1]
        if isinstance(unfinished, dict):
            return  # an attribute of PyTorch's dicts, the versions of modules
        if not isinstance(unfinished, _Unfinished) or type(state) is not tuple:
            raise pickle.UnpicklingError("it changes what cannot be changed")
        data = state[-1]
        self._count(len(data) if isinstance(data, list) else 0, data)
        self.stack[-1] = unfinished.final = unfinished.finish(state)

    def _set_item(self):
        value, key = self.stack.pop(), self.stack.pop()
        self._put(self.stack[-1], key, value)

    def _set_items(self):
        items = self.pop_mark()
        for key, value in zip(items[::2], items[1::2], strict=True):
            self._put(self.stack[-1], key, value)

    def _dict(self):
        items, made = self.pop_mark(), {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            self._put(made, key, value)
        self.stack.append(made)

    def _put(self, table: object, key: object, value: object) -> None:
        # tuples of tuples of … take for ever to compare, and so do large numbers that were chosen
        if type(table) is not dict or not (isinstance(key, str) or _small(key)):
            raise pickle.UnpicklingError("it has a table by something else than names")
        table[key] = value


def _finished(get: Callable) -> Callable:
    """A step that fetches what was put aside; of what was unfinished then, what became of it."""

    def step(reader: _Reader) -> None:
        get(reader)
        if isinstance(reader.stack[-1], _Unfinished):
            reader.stack[-1] = reader.stack[-1].final

    return step


def _python(name: str) -> tuple[int, Callable]:
    code = ord(getattr(pickle, name))
    return code, pickle._Unpickler.dispatch[code]


_HANDLERS: dict[int, Callable] = {
    **dict(map(_python, _STEPS)),
    **{code: _finished(get) for code, get in map(_python, ("GET", "BINGET", "LONG_BINGET"))},
    ord(pickle.REDUCE): _Reader._reduce,
    ord(pickle.BUILD): _Reader._build,
    ord(pickle.DICT): _Reader._dict,
    ord(pickle.SETITEM): _Reader._set_item,
    ord(pickle.SETITEMS): _Reader._set_items,
}


def load(
    stream: BinaryIO,
    where: str,
    allowed: Mapping[tuple[str, str], object] = NUMPY_ARRAYS,
    persistent_load: Callable | None = None,
) -> Any:
    """The object that a pickle holds, built of Python's containers and with ``allowed`` only.

    Args:
        stream: binary file, read from its position.
        where: what is being read, for the error's sentence.
        allowed: ``{(module, name): function or value}``, the only globals the pickle may name. A
            function must bear any arguments.
        persistent_load: resolves references to data kept outside the pickle, as PyTorch's files
            have; none means that such a reference is refused.

    Raises:
        DamagedFileError: the pickle is cut, damaged, holds far too much, or names something not
            allowed. Nothing it named was called.
    """
    try:
        return _Reader(stream, allowed, persistent_load).load()
    except Exception as problem:  # a damaged pickle can raise nearly anything
        raise DamagedFileError(
            f"{where} was not read: {str(problem) or type(problem).__name__}. It is damaged or not "
            "what it claims to be; delete it and get it again from its official source."
        ) from problem
