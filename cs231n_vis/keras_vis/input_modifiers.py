"""Changes to the input before and after each step of the optimiser."""

import numpy as np

from .backend import image_data_format
from .utils import utils


class InputModifier:
    """Something to do to the input around each step; subclasses define one or both methods.

    The input is an array (1, ..., channels), or with channels first.
    """

    def pre(self, inp: np.ndarray) -> np.ndarray:
        """The input to take the gradient at; the default leaves it as it is."""
        return inp

    def post(self, inp: np.ndarray) -> np.ndarray:
        """The input after the step; the default leaves it as it is."""
        return inp


class Jitter(InputModifier):
    """Shift the image by a random distance before each step; what leaves comes in opposite.

    Without it, the pixels nearest the strides of a network are favoured; images become crisper.

    Args:
        jitter: the longest distance, one number for all image dimensions or one for each: pixels,
            or if less than 1 a fraction of the dimension.

    Raises:
        ValueError: a distance is negative, or (by ``pre``) their number is not that of the image
            dimensions.
    """

    def __init__(self, jitter=0.05):
        self.jitter = np.atleast_1d(np.asarray(jitter, np.float64))
        if (self.jitter < 0).any():
            raise ValueError(f"jitter must not be negative, but is {jitter}.")

    def pre(self, inp: np.ndarray) -> np.ndarray:
        sizes = np.array(utils.get_img_shape(inp)[2:])
        if len(self.jitter) not in (1, len(sizes)):
            raise ValueError(
                f"jitter has {len(self.jitter)} values and the image {len(sizes)} dimensions; give "
                "one value, or one for each dimension."
            )
        longest = np.where(self.jitter < 1, self.jitter * sizes, self.jitter).astype(int)
        distances = [np.random.randint(-most, most + 1) for most in longest]
        first = 2 if image_data_format() == "channels_first" else 1
        return np.roll(inp, distances, axis=tuple(range(first, first + len(sizes))))
