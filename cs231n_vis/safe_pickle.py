"""Read what a pickle holds without running what it asks for.

A pickle is a small program: loading one from a stranger runs the stranger's code. The files we
read hold nothing but arrays and containers, so only the few constructors that build those are
allowed, by name; anything else is refused before it is called.
"""

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping

import numpy as np

from .files import DamagedFileError

_reconstruct = np.zeros(1).__reduce__()[0]  # private, and it moved between NumPy 1 and 2

#: What NumPy's own pickles name. NumPy 2 renamed ``numpy.core`` to ``numpy._core``.
NUMPY_ARRAYS: dict[tuple[str, str], object] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy.core.multiarray", "scalar"): np.float64(0).__reduce__()[0],
    ("numpy._core.multiarray", "scalar"): np.float64(0).__reduce__()[0],
    ("collections", "OrderedDict"): OrderedDict,
    ("_codecs", "encode"): lambda text, encoding="latin1": text.encode("latin1"),
}


class _AllowList(pickle.Unpickler):
    def __init__(self, stream, allowed, persistent_load, **options):
        super().__init__(stream, **options)
        self._allowed = allowed
        self._persistent = persistent_load

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


def load(
    stream: io.BufferedIOBase,
    where: str,
    allowed: Mapping[tuple[str, str], object] = NUMPY_ARRAYS,
    persistent_load: Callable | None = None,
):
    """The object that a pickle holds, built with the ``allowed`` constructors only.

    Args:
        stream: binary file, read from its position.
        where: what is being read, for the error's sentence.
        allowed: ``{(module, name): object}``, the only globals the pickle may name.
        persistent_load: resolves references to data kept outside the pickle, as PyTorch's files
            have; none means that such a reference is refused.

    Raises:
        DamagedFileError: the pickle is cut, damaged, or names something not allowed. Nothing it
            named was called.
    """
    try:
        # latin1 turns Python 2's byte strings into text and back without loss
        return _AllowList(stream, allowed, persistent_load, encoding="latin1").load()
    except Exception as problem:  # a damaged pickle can raise nearly anything
        raise DamagedFileError(
            f"{where} was not read: {problem or type(problem).__name__}. It is damaged or not "
            "what it claims to be; delete it and get it again from its official source."
        ) from problem
