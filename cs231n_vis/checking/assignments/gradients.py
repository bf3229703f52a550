"""What the mistakes of several assignments are computed from: gradients of the network's scores."""

from functools import cached_property

import numpy as np

from ..misconceptions import Context, kept
from ..scores import Derivative, right_class

SOFTMAX_OVER_THE_IMAGES = (
    "You have the images compete with each other. A softmax over the scores that you picked goes "
    "from image to image; what has one image to do with the score of another?"
)


class Gradients(Context):
    """Gradients of functions of the scores.

    ``X`` are preprocessed images, float32 (N, H, W, 3), and ``y`` their labels, int (N,).
    """

    X: np.ndarray
    y: np.ndarray

    @kept
    def scores_at(self, X: np.ndarray) -> np.ndarray:
        """The model's scores of images, float64 (N, classes)."""
        return np.asarray(self.model(X.astype(np.float32)), np.float64)

    @cached_property
    def scores(self) -> np.ndarray:
        return self.scores_at(self.X)

    @kept
    def gradient_of(self, weights: np.ndarray, X: np.ndarray) -> np.ndarray:
        """The gradient of the weighted sums of the scores of X by X, (N, H, W, 3).

        Every function of the scores has such a gradient: its weights, (N, classes), are its
        derivatives by the scores.
        """
        from ...tensorflow_quiet import tf

        images = tf.constant(X, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            scores = self.model(images)
        return tape.gradient(scores, images, tf.cast(weights, scores.dtype)).numpy()

    def gradient_of_one(self, n: int, weights: np.ndarray, X: np.ndarray) -> np.ndarray:
        """``gradient_of`` for image n alone, (H, W, 3)."""
        return self.gradient_of(weights[n : n + 1], X[n : n + 1])[0]

    def gradient_at(
        self, X: np.ndarray, derivative: Derivative = right_class, y: np.ndarray | None = None
    ) -> np.ndarray:
        """The gradient at these images of a function of their scores, (N, H, W, 3)."""
        return self.gradient_of(derivative(self.scores_at(X), self.y if y is None else y), X)

    @property
    def gradient(self) -> np.ndarray:
        """The signed gradient of the right score, (N, H, W, 3)."""
        return self.gradient_at(self.X)

    @property
    def magnitude(self) -> np.ndarray:
        """Its absolute value, (N, H, W, 3)."""
        return np.abs(self.gradient)
