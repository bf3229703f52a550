"""Arrays and tensors of images, with their channels first or last."""

from typing import Any

import numpy as np

from ..backend import epsilon, image_data_format


def get_img_shape(img: Any) -> tuple[int | None, ...]:
    """The shape as (samples, channels, image dimensions...), wherever the channels are.

    Args:
        img: an array, a tensor or a symbolic tensor, (samples, image dimensions..., channels), or
            with channels second if Keras's ``image_data_format`` is ``"channels_first"``.
    """
    shape = tuple(img.shape)
    if image_data_format() == "channels_last":
        shape = (*shape[:1], *shape[-1:], *shape[1:-1])
    return shape


class _Slicer:
    """``slicer[:, filter, ...]``: an index for (samples, channels, image dimensions...), turned
    into one for arrays laid out as Keras's ``image_data_format`` says."""

    def __getitem__(self, index: tuple) -> tuple:
        if image_data_format() == "channels_first":
            return index
        samples, channels, *image = index
        return (samples, *image, channels)


slicer = _Slicer()


def normalize(array: np.ndarray, min_value: float = 0.0, max_value: float = 1.0) -> np.ndarray:
    """Stretch an array linearly so that its least value is ``min_value`` and its largest (all but
    Keras's epsilon, 1e-7) ``max_value``. An array of one value becomes ``min_value``."""
    low, high = np.min(array), np.max(array)
    return (max_value - min_value) * ((array - low) / (high - low + epsilon())) + min_value


def random_array(shape: tuple[int, ...], mean: float = 128.0, std: float = 20.0) -> np.ndarray:
    """Uniformly distributed random numbers, float64, of exactly this mean and deviation.

    They are drawn from NumPy's global generator, which ``set_random_seed`` seeds.
    """
    x = np.random.random(shape)
    return (x - x.mean()) / (x.std() + epsilon()) * std + mean


def deprocess_input(
    input_array: np.ndarray, input_range: tuple[float, float] = (0, 255)
) -> np.ndarray:
    """An optimised input as something to look at.

    Its mean becomes the middle of the range, its standard deviation a tenth of the range, and
    what then lies outside is clipped.

    Args:
        input_array: floats of any shape; not changed.
        input_range: (min, max).

    Returns:
        Floats of the same shape in that range.
    """
    low, high = input_range
    x = (input_array - input_array.mean()) / (input_array.std() + epsilon())
    return (high - low) * np.clip(0.1 * x + 0.5, 0, 1) + low
