"""From symbolic Keras tensors to TensorFlow tensors of one graph.

keras-vis is written for Keras 2, where ``layer.output`` *was* a tensor of TensorFlow's graph: it
could be put into any expression and differentiated. In Keras 3 it is a ``KerasTensor``, a note of
how a tensor would be computed, which TensorFlow refuses. Here it is computed: while a loss is
traced, every symbolic tensor that TensorFlow meets turns into the tensor behind it, all of one and
the same run through the model, so that ``tf.gradients`` finds its way from any to any other.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from ...tensorflow_quiet import tf

KerasTensor: TypeAlias = tf.keras.KerasTensor

_local = threading.local()  # .graph: the one being traced in this thread


class NotComputable(ValueError):
    """A symbolic tensor does not follow from the inputs that are given."""


class Graph:
    """One run through a Keras graph, as far as it was asked for.

    ``graph[symbolic]`` is the TensorFlow tensor behind a symbolic one, computed at most once. It
    may be an input, the output of any layer, also of one in a nested model, or an expression over
    those. Layers run as in ``model(x, training=False)``.
    """

    def __init__(self, inputs: Iterable[tuple[KerasTensor, tf.Tensor]]):
        self._values = dict(inputs)
        self._inputs = list(self._values)
        self._nested_are_known = False

    def __getitem__(self, symbolic: KerasTensor) -> tf.Tensor:
        try:
            return self._compute(symbolic)
        except NotComputable:
            # it may lie within a nested model, whose inside is known once that has run
            self._run_nested_models()
            return self._compute(symbolic)

    def _compute(self, symbolic: KerasTensor) -> tf.Tensor:
        pending = [symbolic]  # not recursive: networks are deeper than Python's stack
        while pending:
            if pending[-1] in self._values:
                pending.pop()
                continue
            node = node_of(pending[-1])
            if node is None or node.is_input:
                inputs = ", ".join(map(name_of, self._inputs))
                raise NotComputable(
                    f"A tensor needs {name_of(pending[-1])} of shape {tuple(pending[-1].shape)}, "
                    f"which does not follow from {inputs}; use tensors and layers of one model."
                )
            missing = [tensor for tensor in node.input_tensors if tensor not in self._values]
            if missing:
                pending += missing
            else:
                self._run(node)
        return self._values[symbolic]

    def _run(self, node: Any) -> None:
        args, kwargs = node.arguments.convert(
            lambda x: self._values[x] if isinstance(x, tf.keras.KerasTensor) else x
        )
        layer = node.operation
        if is_nested(layer) and _fit(layer.inputs, args):
            values = [
                tf.cast(value, symbolic.dtype)
                for symbolic, value in zip(layer.inputs, tf.keras.tree.flatten(args), strict=True)
            ]
            inside = Graph(zip(layer.inputs, values, strict=True))
            outputs = [inside[tensor] for tensor in layer.outputs]
            # of a model that is used twice, the tensors inside stand for its first use
            self._values = {**inside._values, **self._values}
        else:
            if getattr(layer, "_call_has_training_arg", False) and kwargs.get("training") is None:
                kwargs["training"] = False
            outputs = tf.keras.tree.flatten(layer(*args, **kwargs))
        self._values.update(zip(node.outputs, outputs, strict=True))

    def _run_nested_models(self) -> None:
        if self._nested_are_known:
            return
        self._nested_are_known = True
        pending, seen = list(self._inputs), set()
        while pending:
            history = getattr(pending.pop(), "_keras_history", None)
            for node in history.operation._outbound_nodes if history else ():
                if node in seen:
                    continue
                seen.add(node)
                pending += node.outputs
                if is_nested(node.operation):
                    with contextlib.suppress(NotComputable):  # of another model on these inputs
                        self._compute(node.outputs[0])

    @contextlib.contextmanager
    def tracing(self) -> Iterator[None]:
        """Within it, and in this thread only, symbolic tensors turn into this graph's."""
        before = getattr(_local, "graph", None)
        _local.graph = self
        try:
            yield
        finally:
            _local.graph = before


def current_graph() -> Graph | None:
    """The graph that is being traced in this thread, if one is."""
    return getattr(_local, "graph", None)


def as_tensor(x: Any) -> Any:
    """The tensor behind a symbolic one while a graph is traced; otherwise ``x`` itself."""
    graph = current_graph()
    return graph[x] if graph is not None and isinstance(x, tf.keras.KerasTensor) else x


def node_of(symbolic: KerasTensor) -> Any:
    """Keras's record of the call that made this tensor; None if there is none."""
    history = getattr(symbolic, "_keras_history", None)
    if history is None or history.operation is None:
        return None
    return history.operation._inbound_nodes[history.node_index]


def name_of(symbolic: KerasTensor) -> str:
    """What to call a tensor in an error: by the layer that made it."""
    node = node_of(symbolic)
    if node is None:
        return symbolic.name
    kind = "input" if node.is_input else "the output of"
    return f"{kind} {node.operation.name}"


def is_nested(layer: Any) -> bool:
    """Whether a layer is itself a graph of layers: a functional or a built Sequential model."""
    if isinstance(layer, tf.keras.Sequential):
        return type(layer).call is tf.keras.Sequential.call and layer.built
    # a subclass that computes something else than its graph must be called
    return isinstance(layer, tf.keras.Function) and type(layer).call is _FUNCTIONAL_CALL


def _functional_call() -> Callable:
    x = tf.keras.Input((1,))
    return type(tf.keras.Model(x, tf.keras.layers.Identity()(x))).call


_FUNCTIONAL_CALL = _functional_call()


def _fit(inputs: list[KerasTensor], args: Any) -> bool:
    """Whether arguments can be taken for a nested model's inputs as they are."""
    values = tf.keras.tree.flatten(args)
    return len(values) == len(inputs) and all(
        tf.is_tensor(value) and len(value.shape) == len(symbolic.shape)
        for symbolic, value in zip(inputs, values, strict=True)
    )


def compile_run(inputs: list[KerasTensor], build: Callable[[Graph], list]) -> Callable:
    """Trace a computation once; it then runs on any values without being traced again.

    Args:
        inputs: the symbolic tensors that values will be given for.
        build: takes the Graph and returns tensors; it is called once, with symbolic tensors
            turning into the graph's.

    Returns:
        A function of a list of arrays, one for each input, that returns a list of arrays.
    """
    signature = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in inputs]

    @tf.function(input_signature=[signature], autograph=False)
    def run(values):
        graph = Graph(zip(inputs, values, strict=True))
        with graph.tracing():
            return [tf.convert_to_tensor(tensor) for tensor in build(graph)]

    traced = run.get_concrete_function()

    def computed(values):
        tensors = [
            tf.constant(value, spec.dtype) for value, spec in zip(values, signature, strict=True)
        ]
        return [tensor.numpy() for tensor in traced(tensors)]

    return computed
