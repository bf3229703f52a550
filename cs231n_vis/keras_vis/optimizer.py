"""Gradient descent on a model's input, and the gradients it descends along."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..model_ends import gives_channels_first, rounded_for, takes_channels_first
from ..tensorflow_quiet import tf
from .backend import epsilon, image_data_format
from .backend.functions import differentiate
from .backend.graph import KerasTensor, compile_run, name_of
from .callbacks import Print
from .grad_modifiers import get
from .losses import Loss
from .utils import utils


class Optimizer:
    """Minimise weighted losses over a model's input.

    The losses are traced into one TensorFlow graph here; the steps of :meth:`minimize`, and
    further calls of it, run that graph without tracing again.

    Args:
        input_tensor: a model's symbolic input, or a list of them.
        losses: list of (Loss, weight). A loss of weight 0 or None is left out.
        input_range: (min, max), the range of inputs: random ones are drawn from its middle, and
            the result is stretched to it. A list of such pairs for several inputs.
        wrt_tensor: the tensor to take gradients with respect to: any symbolic tensor between the
            inputs and the losses, or a list of them. The inputs, if it is not given.
        norm_grads: divide each gradient by its L2 norm (by 1e-6, if that is larger).
        input_ranges, wrt_tensors: other names of ``input_range`` and ``wrt_tensor``.

    Attributes:
        input_tensors, wrt_tensors: lists; ``input_tensor`` and ``wrt_tensor`` are the same lists.
            If gradients are with respect to the inputs, ``wrt_tensors`` holds stand-ins for them.
        wrt_tensors_is_input_tensors: whether they are; also ``wrt_tensor_is_input_tensor``.
        loss_names: list of the losses' names.

    Raises:
        ValueError: there are no losses, a tensor does not follow from the inputs, or there is no
            gradient.
        TypeError: a loss is not a pair of a Loss and a weight.
    """

    def __init__(
        self,
        input_tensor: Any,
        losses: Iterable,
        input_range: Any = (0, 255),
        wrt_tensor: Any = None,
        norm_grads: bool = True,
        *,
        input_ranges: Any = None,
        wrt_tensors: Any = None,
    ):
        self._is_single = not isinstance(input_tensor, list | tuple)
        self.input_tensors = _list_of_tensors(input_tensor, "input_tensor")
        ranges = utils.listify(input_range if input_ranges is None else input_ranges)
        self.input_ranges = ranges * len(self.input_tensors) if len(ranges) == 1 else ranges
        if len(self.input_ranges) != len(self.input_tensors):
            raise ValueError(
                f"There are {len(self.input_tensors)} inputs and {len(self.input_ranges)} ranges; "
                "give one range, or one for each input."
            )

        wrt = wrt_tensor if wrt_tensors is None else wrt_tensors
        wrt = self.input_tensors if wrt is None else _list_of_tensors(wrt, "wrt_tensor")
        self.wrt_tensors_is_input_tensors = len(wrt) == len(self.input_tensors) and all(
            a is b for a, b in zip(wrt, self.input_tensors, strict=True)
        )
        self.wrt_tensor_is_input_tensor = self.wrt_tensors_is_input_tensors
        self.wrt_tensors = (
            [KerasTensor(t.shape, t.dtype, name=t.name) for t in wrt]
            if self.wrt_tensors_is_input_tensors
            else wrt
        )
        self.input_tensor, self.wrt_tensor = self.input_tensors, self.wrt_tensors

        losses = _checked_losses(losses)
        self.loss_names = [loss.name for loss, _ in losses]

        def build(graph):
            weighted = [_scalar(loss.build_loss()) * weight for loss, weight in losses]
            overall = tf.add_n(weighted)
            tensors = [graph[tensor] for tensor in wrt]
            _check_layout(tensors, list(map(name_of, wrt)))
            grads = differentiate(overall, tensors, list(map(name_of, wrt)))
            if norm_grads:
                grads = [tf.nn.l2_normalize(gradient) for gradient in grads]
            return [*weighted, overall, *grads, *tensors, *self._to_look_at().values()]

        self._losses = [loss for loss, _ in losses]
        self._run = compile_run(self.input_tensors, build)

    def compute_fn(self, values: list[np.ndarray]) -> list[np.ndarray]:
        """[each weighted loss, their sum, each gradient, each tensor it is with respect to, each
        that a loss wants to look at] for arrays of the inputs, which have been checked."""
        return self._run(values)

    def minimize(
        self,
        seed_input: Any = None,
        max_iter: int = 200,
        input_modifiers: Iterable | None = None,
        grad_modifier: str | Callable | None = None,
        callbacks: Iterable | None = None,
        verbose: bool = True,
        *,
        seed_inputs: Any = None,
    ) -> Any:
        """Descend from ``seed_input`` by RMSProp (decay 0.95, steps of learning rate 1).

        If gradients are with respect to something else than the inputs, the inputs stay as they
        are.

        Args:
            seed_input: where to start: an array of the input's shape, with or without the first
                dimension of 1; None for noise. A list for several inputs.
            max_iter: number of steps, 1 or more.
            input_modifiers: list of InputModifier, or of (input tensor, InputModifier): ``pre`` is
                called in this order before each step, ``post`` in reverse after it.
            grad_modifier: a name or a function, see :mod:`~cs231n_vis.keras_vis.grad_modifiers`.
            callbacks: list of OptimizerCallback, or of (tensor, OptimizerCallback).
            verbose: print the losses of each step.
            seed_inputs: another name of ``seed_input``.

        Returns:
            (the best input, stretched to ``input_range``, without the first dimension; the last
            gradient, after ``grad_modifier``; the value it is with respect to). If the Optimizer
            was made with a list of inputs, a list of such triples.

        Raises:
            TypeError: ``seed_input`` is not made of numbers.
            ValueError: its shape does not fit, it or a gradient holds NaN, or ``max_iter`` < 1.
        """
        if max_iter < 1:
            raise ValueError(f"max_iter must be at least 1 step, not {max_iter}.")
        inputs = self.checked_seeds(seed_input if seed_inputs is None else seed_inputs)
        modify = (lambda grads: grads) if grad_modifier is None else get(grad_modifier)
        modifiers = [self._with_targets(m, self.input_tensors) for m in input_modifiers or []]
        targets = self.input_tensors if self.wrt_tensors_is_input_tensors else self.wrt_tensors
        callbacks = [self._with_targets(c, targets) for c in callbacks or []]
        if verbose:
            callbacks.append(self._with_targets(Print(), targets))

        caches = [0.0] * len(inputs)
        best_loss, best_inputs = np.inf, inputs
        for i in range(max_iter):
            for modifier, where in modifiers:
                for j in where:
                    inputs[j] = modifier.pre(inputs[j])

            losses, overall, grads, values, seen = self._split(self.compute_fn(inputs))
            if i == 0:
                for loss, output in zip(self._to_look_at(), seen, strict=True):
                    loss.look_at(output)
            for tensor, gradient in zip(targets, grads, strict=True):
                if np.isnan(gradient).any():
                    raise ValueError(
                        f"The gradient with respect to {name_of(tensor)} holds NaN at step "
                        f"{i + 1}; look for NaN in the model's weights, and in your losses for a "
                        "root or logarithm of 0."
                    )
            grads = [modify(gradient) for gradient in grads]

            for callback, where in callbacks:
                for j in where:
                    callback.callback(i, losses, overall, grads[j], values[j])

            if self.wrt_tensors_is_input_tensors:
                for j, gradient in enumerate(grads):
                    caches[j] = 0.95 * caches[j] + 0.05 * gradient**2
                    inputs[j] = inputs[j] - gradient / np.sqrt(caches[j] + epsilon())

            for modifier, where in reversed(modifiers):
                for j in reversed(where):
                    inputs[j] = modifier.post(inputs[j])

            if overall < best_loss:
                best_loss, best_inputs = overall, list(inputs)

        for callback, _ in callbacks:
            callback.on_end()

        last = len(inputs) - 1  # there may be more tensors to differentiate by than inputs
        results = [
            (
                utils.deprocess_input(
                    best_inputs[min(j, last)][0], self.input_ranges[min(j, last)]
                ),
                gradient,
                value,
            )
            for j, (gradient, value) in enumerate(zip(grads, values, strict=True))
        ]
        return results[0] if self._is_single else results

    def _split(self, computed):
        losses, overall = computed[: len(self.loss_names)], computed[len(self.loss_names)]
        rest = computed[len(self.loss_names) + 1 :]
        named = list(zip(self.loss_names, losses, strict=True))
        count = len(self.wrt_tensors)
        return named, overall, rest[:count], rest[count : 2 * count], rest[2 * count :]

    def _to_look_at(self) -> dict[Any, tf.Tensor]:
        """Losses that want to see what a tensor of theirs holds."""
        tensors = {loss: getattr(loss, "to_look_at", None) for loss in self._losses}
        return {loss: tensor for loss, tensor in tensors.items() if tensor is not None}

    def _with_targets(self, item: Any, tensors: list) -> tuple:
        """A modifier or callback and the numbers of the tensors it is for."""
        if not isinstance(item, tuple):
            return item, list(range(len(tensors)))
        target, item = item
        return item, [j for j, tensor in enumerate(tensors) if tensor is target]

    def checked_seeds(self, seeds: Any) -> list[np.ndarray]:
        """The arrays that :meth:`minimize` starts from: one for each input, (1, ...), in the
        input's dtype, random where ``seeds`` has None. It raises what ``minimize`` does."""
        seeds = list(utils.listify(seeds))
        if len(seeds) > len(self.input_tensors):
            raise ValueError(
                f"seed_input is a list of {len(seeds)}, but there are {len(self.input_tensors)} "
                "inputs; give one array for each."
            )
        seeds += [None] * (len(self.input_tensors) - len(seeds))
        return [
            _checked_seed(*args)
            for args in zip(seeds, self.input_tensors, self.input_ranges, strict=True)
        ]


def _check_layout(tensors: list[tf.Tensor], names: list[str]) -> None:
    for tensor, name in zip(tensors, names, strict=True):
        if (
            tensor.shape.rank == 4
            and image_data_format() == "channels_last"
            and (takes_channels_first(tensor) or gives_channels_first(tensor))
        ):
            raise ValueError(
                f"The channels of {name} come first, and Keras's image_data_format says last; call "
                'keras.backend.set_image_data_format("channels_first") before.'
            )


def _list_of_tensors(tensors: Any, name: str) -> list[KerasTensor]:
    tensors = list(tensors) if isinstance(tensors, list | tuple) else [tensors]
    for tensor in tensors:
        if not isinstance(tensor, tf.keras.KerasTensor):
            raise TypeError(
                f"{name} must be a symbolic tensor, such as model.input or layer.output, not "
                f"{type(tensor).__name__}."
            )
    return tensors


def _checked_losses(losses: Iterable) -> list[tuple[Loss, float]]:
    checked: list[tuple[Loss, float]] = []
    for item in losses:
        if (
            not isinstance(item, tuple | list)
            or len(item) != 2
            or not callable(getattr(item[0], "build_loss", None))
        ):
            raise TypeError(f"losses must be a list of pairs (Loss, weight), but holds {item!r}.")
        if item[1]:
            checked.append((item[0], item[1]))
    if not checked:
        raise ValueError("There is nothing to minimise: give a loss whose weight is not 0.")
    return checked


def _scalar(loss: Any) -> tf.Tensor:
    # differentiating a tensor is differentiating the sum of its elements
    return tf.reduce_sum(tf.cast(tf.convert_to_tensor(loss), tf.float32))


def _checked_seed(seed: Any, tensor: KerasTensor, input_range: tuple[float, float]) -> np.ndarray:
    shape = (1, *tensor.shape[1:])
    if seed is None:
        if None in shape:
            raise ValueError(
                f"There is no size for a random start: {name_of(tensor)} has shape "
                f"{tuple(tensor.shape)}; pass a seed_input of the size you want."
            )
        low, high = input_range
        seed = utils.random_array(shape, mean=(low + high) / 2, std=0.05 * (high - low))
    seed = np.asarray(seed)
    if seed.dtype.kind not in "fiub":
        raise TypeError(f"seed_input has dtype {seed.dtype}; it must be an array of numbers.")
    if seed.ndim == len(shape) - 1:
        seed = seed[None]
    channels_first = np.moveaxis(seed, -1, 1) if seed.ndim > 2 else seed
    if not _fits(seed, shape) and _fits(channels_first, shape):
        seed = channels_first
    if not _fits(seed, shape):
        one_of_many = _fits(seed[:1], shape)
        raise ValueError(
            f"seed_input has shape {seed.shape} and {name_of(tensor)} takes {shape}; "
            f"{'pass one sample at a time' if one_of_many else 'pass an array of that shape'}."
        )
    if not np.isfinite(seed).all():
        raise ValueError("seed_input holds NaN or infinity; a gradient there means nothing.")
    dtype = tf.as_dtype(tensor.dtype)
    seed = rounded_for(dtype, seed, name_of(tensor), "seed_input", exact=True)
    return seed.astype(tensor.dtype)


def _fits(seed: np.ndarray, shape: tuple) -> bool:
    return seed.ndim == len(shape) and all(
        expected in (None, have) for expected, have in zip(shape, seed.shape, strict=True)
    )
