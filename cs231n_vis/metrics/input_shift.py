"""Input shift: does an explanation change when the same image is only written in other numbers?

Kindermans, Hooker, Adebayo, Alber, Schütt, Dähne, Erhan and Kim, "The (Un)reliability of Saliency
Methods", arXiv:1711.00867 (2017).
"""

from typing import NamedTuple

import numpy as np

from ..methods import as_maps
from ..methods.checks import checked_baseline
from ..methods.gradients import explains_outputs
from ..tensorflow_quiet import tf
from .checks import MethodFunction, attributions_of, checked_images
from .similarity import rank_correlation, relative_change

SHIFT = 2.0  # after which black, about -2 in preprocessed images, is about 0


class InputShift(NamedTuple):
    """What a shift of the input does to an explanation.

    Attributes:
        change: of the attributions, as relative L2 error ||after - before|| / ||before||, float64
            (N,); 0 if nothing changes.
        rank_correlation: Spearman's, of the maps after and before, float64 (N,).
    """

    change: np.ndarray
    rank_correlation: np.ndarray


def input_shift(
    method: MethodFunction,
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    shift: np.ndarray | float = SHIFT,
) -> InputShift:
    """Compare the attributions of X by the model with those of X + shift by a model for that.

    The second model subtracts the shift first, so both compute the same scores of the same
    pictures, and their explanations should be the same (the paper's *input invariance*). Those that
    compare with a fixed colour, such as 0, are not: 0 has become another colour.

    Args:
        method, X, y, model: as for ``deletion``. X is rounded, by less than a millionth of the
            largest value, so that adding the shift and subtracting it is exact.
        shift: a number or a colour (C,), in units of X.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``; for no image, a shift of another shape,
            and a method that does not return one map for each image.
    """
    X, y = checked_images(X, y, model)
    X, shift = rounded(X, shift)
    before = attributions_of(method, X, y, model)
    after = attributions_of(method, X + shift, y, shifted_model(model, shift))
    return InputShift(
        relative_change(after, before), rank_correlation(as_maps(after), as_maps(before))
    )


def shifted_model(model: tf.keras.Model, shift: np.ndarray) -> tf.keras.Model:
    """A model that subtracts the shift, a colour (C,), from its images and then does as ``model``.

    It has the layers of ``model``, not copies of them.
    """
    inputs = getattr(model, "inputs", None)
    shape = inputs[0].shape[1:] if inputs else (None, None, len(shift))
    image = tf.keras.Input(shape, dtype=inputs[0].dtype if inputs else None, name="shifted_image")
    shifted = tf.keras.Model(image, model(image - shift), name=f"{model.name}_shifted")
    shifted.outputs_are_scores = explains_outputs(model)
    return shifted


def rounded(X: np.ndarray, shift: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """X and the shift on a grid on which float32 adds and subtracts them without an error.

    Args:
        X: float32 (N, H, W, C).
        shift: a number or a colour (C,).

    Returns:
        Both, float32, the shift as a colour (C,).

    Raises:
        TypeError, ValueError: the shift is not made of finite numbers or not of such a shape.
    """
    if np.ndim(shift) > 1:
        raise ValueError(
            f"shift has shape {np.shape(shift)}; it must be a number or a colour ({X.shape[3]},)."
        )
    colour = checked_baseline(shift, X[:1], "shift")[0, 0, 0]
    largest = 2 * max(np.abs(X).max(), np.abs(colour).max(), np.finfo(np.float32).tiny)
    grid = np.exp2(np.ceil(np.log2(largest)) - 23).astype(np.float32)
    return np.rint(X / grid) * grid, np.rint(colour / grid) * grid
