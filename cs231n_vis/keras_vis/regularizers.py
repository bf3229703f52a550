"""Losses that keep an optimised input like a natural image."""

import math

import numpy as np

from ..tensorflow_quiet import tf
from .backend.graph import as_tensor
from .losses import Loss
from .utils import utils

ops = tf.keras.ops


def normalize(input_tensor: tf.Tensor, output_tensor: tf.Tensor) -> tf.Tensor:
    """``output_tensor`` over the number of elements of one sample of ``input_tensor``.

    With it, a weight means about the same for inputs of any size.
    """
    size = math.prod(ops.shape(input_tensor)[1:])
    return output_tensor / ops.cast(size, output_tensor.dtype)


class TotalVariation(Loss):
    """How much neighbouring pixels differ.

    The sum over pixels of ``(squared differences to the next pixel in each direction) **
    (beta / 2)``, over the size of one input. Pixels at the far edge of any direction have no next
    one there and are left out. Mahendran and Vedaldi, "Visualizing Deep Convolutional Neural
    Networks Using Natural Pre-Images", arXiv:1512.02017, section 3.2.2.

    Args:
        img_input: tensor (N, ..., channels) with any number of image dimensions, channels first
            if Keras's ``image_data_format`` says so. With none, (N, features), it is 0.
        beta: less makes images sharper and spikier; 1.5 to 3 make sense.
    """

    def __init__(self, img_input, beta=2.0):
        super().__init__()
        self.name = f"TV({beta}) Loss"
        self.img = img_input
        self.beta = beta

    def build_loss(self) -> tf.Tensor:
        img = as_tensor(self.img)
        dimensions = len(img.shape) - 2
        here = img[_pixels([slice(None, -1)] * dimensions)]
        total = ops.zeros_like(here)
        for i in range(dimensions):
            ahead = [slice(None, -1)] * dimensions
            ahead[i] = slice(1, None)
            total += ops.square(img[_pixels(ahead)] - here)
        return normalize(img, ops.sum(ops.power(total, self.beta / 2)))


def _pixels(slices: list[slice]) -> tuple[slice, ...]:
    everywhere = slice(None)
    where = (everywhere, everywhere, *slices)
    return utils.slicer[where]


class LPNorm(Loss):
    """How large pixels are: ``(sum of |pixel| ** p) ** (1 / p)``, over the size of one input.

    Args:
        img_input: tensor (N, ..., channels), or with channels first.
        p: 1 or more; infinity for the largest pixel (keras-vis takes no absolute value there).

    Raises:
        ValueError: ``p`` is less than 1.
    """

    def __init__(self, img_input, p=6.0):
        super().__init__()
        if p < 1:
            raise ValueError(f"p must be 1 or more (infinity is allowed), not {p}.")
        self.name = f"L-{p} Norm Loss"
        self.p = p
        self.img = img_input

    def build_loss(self) -> tf.Tensor:
        img = as_tensor(self.img)
        if np.isinf(self.p):
            return normalize(img, ops.max(img))
        # the root has no derivative at 0, and a black image is a natural one to start from
        total = ops.maximum(ops.sum(ops.power(ops.abs(img), self.p)), np.finfo(np.float32).tiny)
        return normalize(img, ops.power(total, 1.0 / self.p))
