"""What Keras 3 must be able to do for scripts of keras-vis to run unchanged.

Each addition answers where Keras raises an error, and leaves all else as it is:

- While a loss is traced, in the tracing thread only, TensorFlow takes a ``KerasTensor`` for the
  tensor behind it, and its ``dtype`` and ``shape`` also have what Keras 2's backend asks of
  TensorFlow's (``dtype.base_dtype``, ``shape.rank``).
- ``Sequential`` models have ``input`` and ``output`` before they were called as a layer.
- ``keras.backend`` has the functions of Keras 2 again, if they still exist in
  ``tf.keras.backend``.
"""

from importlib import import_module

from ...tensorflow_quiet import tf
from .graph import current_graph


class _DType(str):
    """Keras's name of a dtype with an attribute of TensorFlow's."""

    @property
    def base_dtype(self) -> tf.DType:
        return tf.as_dtype(str(self))


class _Shape(tuple):
    """Keras's shape with attributes of TensorFlow's."""

    __slots__ = ()

    @property
    def rank(self) -> int:
        return len(self)

    ndims = rank

    def as_list(self) -> list[int | None]:
        return list(self)


def _while_tracing(attribute: property, kind: type) -> property:
    def get(self):
        value = attribute.fget(self)
        return value if current_graph() is None else kind(value)

    return property(get, attribute.fset, doc=attribute.__doc__)


def _or_its_own(attribute: property, own: str) -> property:
    """``attribute`` as it is, or where Keras says there is none, the model's own tensors."""

    def get(self):
        try:
            return attribute.fget(self)
        except AttributeError:
            tensors = getattr(self, own)
            return tensors[0] if len(tensors) == 1 else tensors

    return property(get, doc=attribute.__doc__)


def install() -> None:
    """Make the additions; a second time changes nothing."""
    KerasTensor, Sequential = tf.keras.KerasTensor, tf.keras.Sequential
    if getattr(KerasTensor, "_cs231n_vis", False):
        return
    KerasTensor._cs231n_vis = True
    refuse = KerasTensor.__tf_tensor__

    def to_tensor(self, dtype=None, name=None):
        graph = current_graph()
        return refuse(self, dtype, name) if graph is None else tf.convert_to_tensor(graph[self])

    KerasTensor.__tf_tensor__ = to_tensor
    KerasTensor.dtype = _while_tracing(KerasTensor.dtype, _DType)
    KerasTensor.shape = _while_tracing(KerasTensor.shape, _Shape)
    Sequential.input = _or_its_own(Sequential.input, "inputs")
    Sequential.output = _or_its_own(Sequential.output, "outputs")

    ours, theirs = import_module("..backend", __package__), import_module("keras.backend")
    for name in {*dir(tf.keras.backend), "function", "gradients", "learning_phase", "ndim"}:
        if not name.startswith("_") and not hasattr(theirs, name):
            setattr(theirs, name, getattr(ours, name))
