"""What to do at each step of the optimiser."""

import os
import pprint

import numpy as np
from PIL import Image

from .backend import image_data_format
from .utils import utils

Array = np.ndarray


class OptimizerCallback:
    """Something to do at each step; subclasses define ``callback``."""

    def callback(
        self, i: int, named_losses: list, overall_loss: float, grads: Array, wrt_value: Array
    ) -> None:
        """Called at each step, after the gradient was taken and before the input is changed.

        Args:
            i: number of the step, from 0.
            named_losses: list of (name, weighted loss).
            overall_loss: their sum.
            grads: array, the gradient after the ``grad_modifier``.
            wrt_value: array of the same shape, what the gradient is with respect to.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say what to do; define its callback(self, i, "
            "named_losses, overall_loss, grads, wrt_value)."
        )

    def on_end(self) -> None:
        """Called after the last step; the default does nothing."""


class Print(OptimizerCallback):
    """Print the losses of each step."""

    def callback(
        self, i: int, named_losses: list, overall_loss: float, grads: Array, wrt_value: Array
    ) -> None:
        losses = pprint.pformat([(name, float(loss)) for name, loss in named_losses])
        print(f"Iteration: {i + 1}, named_losses: {losses}, overall loss: {float(overall_loss)}")


class GifGenerator(OptimizerCallback):
    """Write an animation of the optimised image, ten steps a second.

    Args:
        path: the file; ``.gif`` is appended if it does not end so.
        input_range: (min, max) in whole numbers, of the image as it is drawn; within 0..255.

    Raises (at the first step):
        ValueError: what is optimised is not an image of one or three channels.
    """

    def __init__(self, path: str | os.PathLike, input_range: tuple[int, int] = (0, 255)):
        path = os.fspath(path)
        self.path = path if path.endswith(".gif") else f"{path}.gif"
        self.input_range = input_range
        self.frames: list[Image.Image] = []

    def callback(
        self, i: int, named_losses: list, overall_loss: float, grads: Array, wrt_value: Array
    ) -> None:
        img = wrt_value[0]
        if image_data_format() == "channels_first":
            img = np.moveaxis(img, 0, -1)
        if img.ndim != 3 or img.shape[-1] not in (1, 3):
            raise ValueError(
                f"GifGenerator draws images (height, width, 1 or 3), but what is optimised has "
                f"shape {img.shape}; leave it out of callbacks."
            )
        img = utils.deprocess_input(img, self.input_range)
        img = np.clip(img, *self.input_range).astype(np.uint8)
        self.frames.append(Image.fromarray(np.squeeze(utils.draw_text(img, f"Step {i + 1}"))))

    def on_end(self) -> None:
        first, *rest = self.frames
        first.save(self.path, save_all=True, append_images=rest, duration=100, loop=1)
        self.frames = []
