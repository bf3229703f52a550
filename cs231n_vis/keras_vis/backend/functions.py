"""Functions of Keras 2's backend that work on symbolic tensors, which Keras 3 dropped."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...tensorflow_quiet import tf
from .graph import KerasTensor, compile_run, current_graph, name_of


def learning_phase() -> int:
    """0, for inference: the one phase in which anything here runs."""
    return 0


def ndim(x: Any) -> int:
    """Number of dimensions of a symbolic tensor, a tensor or an array."""
    return len(x.shape)


@dataclass(frozen=True, eq=False)
class Gradient:
    """The gradient of one symbolic tensor with respect to another, still to be computed."""

    of: KerasTensor
    wrt: KerasTensor


def gradients(loss: Any, variables: Any) -> list:
    """The gradients of ``loss``, summed over its elements, with respect to each of ``variables``.

    Args:
        loss: a symbolic tensor, or within ``build_loss`` any tensor.
        variables: one such tensor or a list of them.

    Returns:
        A list with one gradient for each. Within ``build_loss`` they are tensors; elsewhere they
        are to be computed by :func:`function`.
    """
    variables = variables if isinstance(variables, list | tuple) else [variables]
    if current_graph() is None:
        return [Gradient(loss, variable) for variable in variables]
    return tf.gradients(tf.convert_to_tensor(loss), [tf.convert_to_tensor(v) for v in variables])


def function(inputs: list, outputs: list) -> Callable:
    """Compile a function from values of ``inputs`` to values of ``outputs``.

    Args:
        inputs: symbolic tensors. ``learning_phase()`` may be among them and is of no effect.
        outputs: symbolic tensors and results of :func:`gradients`.

    Returns:
        A function of a list of arrays that returns a list of arrays.

    Raises:
        ValueError: an output does not follow from the inputs, or there is no gradient.
    """
    symbolic = [tensor for tensor in inputs if isinstance(tensor, tf.keras.KerasTensor)]
    positions = [i for i, tensor in enumerate(inputs) if isinstance(tensor, tf.keras.KerasTensor)]

    def build(graph):
        return [
            differentiate(graph[x.of], [graph[x.wrt]], [name_of(x.wrt)])[0]
            if isinstance(x, Gradient)
            else graph[x]
            for x in outputs
        ]

    run = compile_run(symbolic, build)
    return lambda values: run([values[i] for i in positions])


def differentiate(loss: tf.Tensor, tensors: list[tf.Tensor], names: list[str]) -> list[tf.Tensor]:
    """Gradients of ``loss``, or a sentence about the tensor, by its name, that has none."""
    found = []
    for tensor, name, gradient in zip(tensors, names, tf.gradients(loss, tensors), strict=True):
        if not tensor.dtype.is_floating:
            raise ValueError(
                f"There is no gradient with respect to {name}, which holds integers "
                f"({tensor.dtype.name}); set wrt_tensor to the first tensor of floats after it, "
                "such as the output of the Embedding layer."
            )
        if gradient is None:
            raise ValueError(
                f"The losses have no gradient with respect to {name}: they do not depend on it, "
                "or only through a step without derivative, such as a comparison or a cast to "
                "integers; set wrt_tensor to a tensor between that step and the losses."
            )
        found.append(tf.convert_to_tensor(gradient))
    return found
