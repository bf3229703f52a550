"""The same picture, seen a little differently: turned, nearer or farther, moved."""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_matrix

from .tensorflow_quiet import tf


def random_view(
    X: tf.Tensor,
    rng: np.random.Generator,
    max_angle: float = 0.2,
    max_zoom: float = 0.2,
    max_shift: float = 16,
) -> tf.Tensor:
    """Images turned, scaled and shifted a little, by chance: all of a batch by the same amounts.

    The picture of a class is to be robust to these: Olah, Mordvintsev and Schubert,
    "Feature Visualization", Distill (2017), doi:10.23915/distill.00007.

    Args:
        X: images, float tensor or array (N, H, W, C).
        rng: where the amounts come from; it is asked for four numbers.
        max_angle: the largest turn about the middle, in radians, to either side.
        max_zoom: images are scaled by 1 - max_zoom to 1 + max_zoom.
        max_shift: the largest shift, in pixels, up or down and to either side.

    Returns:
        A tensor of the shape and dtype of X, which stays as it is. Each pixel is a weighted mean
        of four of X; beyond the border, X is mirrored. A tape can follow it, exactly.
    """
    X = tf.convert_to_tensor(X)
    angle, zoom, down, across = rng.uniform(-1, 1, 4)
    scale = 1 + max_zoom * zoom
    places = _places(X.shape[1:3], max_angle * angle, scale, max_shift * np.array([down, across]))
    weights = _bilinear(*places).astype(X.dtype.as_numpy_dtype)
    return _times(weights, X)


def _places(
    size: tuple[int, int], angle: float, scale: float, shift: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where in the image each pixel of the view looks: rows and columns, both of this size."""
    middle = (np.array(size) - 1) / 2
    rows, columns = np.indices(size) - middle[:, None, None]
    cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
    down, across = middle - shift
    return cosine * rows - sine * columns + down, sine * rows + cosine * columns + across


def _bilinear(rows: np.ndarray, columns: np.ndarray) -> csr_matrix:
    """The matrix that takes images, flat, to what is at these places: each row four weights."""
    near, part = [], []
    for place, size in zip((rows, columns), rows.shape, strict=True):
        mirrored = np.abs(place) % (2 * (size - 1))
        mirrored = np.minimum(mirrored, 2 * (size - 1) - mirrored)
        first = np.minimum(mirrored.astype(int), size - 2)
        near.append((first, first + 1))
        part.append((1 - (mirrored - first), mirrored - first))
    corners = [(i, j) for i in (0, 1) for j in (0, 1)]
    indices = np.stack([near[0][i] * rows.shape[1] + near[1][j] for i, j in corners], -1)
    weights = np.stack([part[0][i] * part[1][j] for i, j in corners], -1)
    starts = np.arange(0, 4 * rows.size + 1, 4)
    return csr_matrix((weights.ravel(), indices.ravel(), starts), (rows.size, rows.size))


def _times(weights: csr_matrix, X: tf.Tensor) -> tf.Tensor:
    """Every channel of every image, flat, multiplied with a matrix of pixels by pixels."""

    def product(matrix: csr_matrix, flat: tf.Tensor) -> tf.Tensor:
        return tf.ensure_shape(tf.numpy_function(matrix.__matmul__, [flat], flat.dtype), flat.shape)

    @tf.custom_gradient
    def multiply(flat: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        return product(weights, flat), lambda upstream: product(weights.T, upstream)

    count, height, width, channels = X.shape
    flat = tf.reshape(tf.transpose(X, (1, 2, 0, 3)), (height * width, count * channels))
    seen = tf.reshape(multiply(flat), (height, width, count, channels))
    return tf.transpose(seen, (2, 0, 1, 3))
