"""What the mistakes of several assignments are computed from: gradients of the network's scores."""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from ..misconceptions import Context
from ..scores import one_hot, softmax

SOFTMAX_OVER_THE_IMAGES = (
    "You have the images compete with each other. A softmax over the scores that you picked goes "
    "from image to image; what has one image to do with the score of another?"
)


class Gradients(Context):
    """What the saliency check's mistakes can be computed from. ``N, H, W, C = X.shape``.

    ``X`` are preprocessed images, float32 (N, H, W, 3), and ``y`` their labels, int (N,).
    """

    def __init__(self, inputs: dict[str, np.ndarray], model, expected: np.ndarray):
        super().__init__(inputs, model, expected)
        self._gradients: dict[tuple, np.ndarray] = {}

    @cached_property
    def scores(self) -> np.ndarray:
        """The model's scores, float64 (N, classes)."""
        return np.asarray(self.model(self.X), np.float64)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Softmax of the scores, (N, classes)."""
        return softmax(self.scores)

    @cached_property
    def right(self) -> np.ndarray:
        """1 at each image's label, 0 elsewhere, (N, classes)."""
        return self.one_hot(self.y)

    def one_hot(self, labels) -> np.ndarray:
        """1 at these labels, (N,) or one for all, and 0 elsewhere: (N, classes)."""
        return one_hot(labels, self.scores)

    def gradient_of(self, weights: np.ndarray, X: np.ndarray) -> np.ndarray:
        """The gradient of the weighted sums of the scores of X by X, (N, H, W, 3).

        Every function of the scores has such a gradient: its weights, (N, classes), are its
        derivatives by the scores.
        """
        from ...tensorflow_quiet import tf

        X = tf.constant(X, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(X)
            scores = self.model(X)
        return tape.gradient(scores, X, tf.cast(weights, scores.dtype)).numpy()

    def gradient_at(
        self,
        n: int,
        weights: Callable[["Gradients"], np.ndarray],
        images: Callable[["Gradients"], np.ndarray],
    ) -> np.ndarray:
        """``gradient_of`` for image n alone, (H, W, 3), computed once: most answers are told apart
        by their first map."""
        key = n, weights, images
        if key not in self._gradients:
            one = slice(n, n + 1)
            self._gradients[key] = self.gradient_of(weights(self)[one], images(self)[one])[0]
        return self._gradients[key]

    @cached_property
    def gradient(self) -> np.ndarray:
        """The signed gradient of the right score, (N, H, W, 3)."""
        return self.gradient_of(self.right, self.X)

    @cached_property
    def magnitude(self) -> np.ndarray:
        """Its absolute value, (N, H, W, 3)."""
        return np.abs(self.gradient)

    def map_for(self, n: int, label: int) -> np.ndarray:
        """The map of image n for any label, (H, W)."""
        key = n, label
        if key not in self._gradients:
            one = slice(n, n + 1)
            self._gradients[key] = self.gradient_of(self.one_hot(label)[one], self.X[one])[0]
        return np.abs(self._gradients[key]).max(-1)
