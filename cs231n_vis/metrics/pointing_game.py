"""The grid pointing game: in a mosaic of four images, is the map in the quadrant of its class?

Böhle, Fritz and Schiele, "Convolutional Dynamic Alignment Networks for Interpretable
Classifications", arXiv:2104.00032 (2021), with mosaics of 2 x 2 and 3 x 3; here they are 2 x 2.
"""

from typing import NamedTuple

import numpy as np

from ..methods.checks import checked_samples
from ..methods.gradients import Network, compiled, in_batches, progress_bar
from ..tensorflow_quiet import tf
from .checks import MethodFunction, attributions_of, checked_images, signed_maps

CHANCE = 0.25  # what a map has that treats all quadrants alike
LEAST = 0.5


class Mosaics(NamedTuple):
    """Mosaics of four images: top left, top right, bottom left, bottom right.

    Attributes:
        X: float32 (M, 2H, 2W, C); (M, H, W, C) of images that were shrunk.
        y: the label of each quadrant, int32 (M, 4).
        images: which image is in each quadrant, int64 (M, 4).
    """

    X: np.ndarray
    y: np.ndarray
    images: np.ndarray


def pointing_game(
    method: MethodFunction,
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    mosaics: int = 4,
    least: float = LEAST,
    shrink: bool = False,
    seed: int = 0,
    progress: bool = True,
) -> np.ndarray:
    """For each quadrant of each mosaic, the share of the map of its class that lies in it.

    As in the paper, attributions are summed over the channels and their positive part is counted.
    1 is perfect, and a map that does not know one class from another has 0.25.

    Args:
        method: as for ``deletion``.
        X, y, model, mosaics, least, shrink, seed: as for ``draw_mosaics``.
        progress: show a bar if it takes more than two seconds.

    Returns:
        float64 (M, 4), from 0 to 1. A map without anything positive has 0.

    Raises:
        TypeError, ValueError: as ``draw_mosaics``, and for a method that does not return one map
            for each image.
    """
    drawn = draw_mosaics(X, y, model, mosaics=mosaics, least=least, shrink=shrink, seed=seed)
    shares = []
    with progress_bar(mosaics, "pointing game" if progress else "") as bar:
        for mosaic, labels in zip(drawn.X, drawn.y, strict=True):
            four = np.repeat(mosaic[None], 4, axis=0)
            shares.append(np.diag(share_in_quadrants(attributions_of(method, four, labels, model))))
            bar.update()
    return np.array(shares)


def draw_mosaics(
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    mosaics: int = 4,
    least: float = LEAST,
    shrink: bool = False,
    seed: int = 0,
) -> Mosaics:
    """Mosaics of four images of four classes, drawn at random.

    Args:
        X: preprocessed images, (N, H, W, C), four or more.
        y: labels, int (N,).
        model: a Keras model from images to scores (N, classes). It must take images of twice the
            height and width, as SqueezeNet does; else ``shrink`` is needed.
        mosaics: how many.
        least: only images are drawn whose class has at least this probability, alone; the paper's
            authors ask for 0.5 (of a sigmoid), for a network cannot point at what it does not see.
            0 takes every image.
        shrink: halve each image first, by the mean of 2 x 2 pixels, so that a mosaic has the size
            of an image. It is four times as fast and works for models of a fixed size, but of many
            a small image the network is less sure.
        seed: of the draw.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps``; for fewer than four classes of which
            the model is sure enough, parameters out of range, and a model of a fixed size.
    """
    X, y = checked_images(X, y, model)
    mosaics = checked_samples(mosaics, "mosaics")
    if len(X) < 4:
        raise ValueError(
            f"A mosaic takes 4 images and X holds {len(X)}; give at least 4, of different classes."
        )
    classes = compiled(Network.probability, model, X.shape).classes
    if classes < 4:
        raise ValueError(
            f"A mosaic takes 4 classes and {model.name} has {classes}; the pointing game is for "
            "models of 4 or more."
        )
    if not 0 <= least <= 1:
        raise ValueError(f"least must be a probability, between 0 and 1, not {least}.")
    inputs = getattr(model, "inputs", None)
    if not shrink and inputs and None not in inputs[0].shape[1:3]:
        raise ValueError(
            f"{model.name} takes images of one size only, and a mosaic has twice that; give "
            "shrink=True."
        )
    if shrink and (X.shape[1] % 2 or X.shape[2] % 2):
        raise ValueError(
            f"Images of {X.shape[1]} x {X.shape[2]} cannot be halved; crop them to even sides."
        )
    usable = np.flatnonzero(in_batches(Network.probability, X, y, model) >= least)
    classes = len(np.unique(y[usable]))
    if classes < 4:
        raise ValueError(
            f"A mosaic takes 4 classes, and {model.name} is sure of {classes} of those in X by "
            f"{least:.0%}; give more images, or a smaller least."
        )
    if shrink:
        X = (X[:, ::2, ::2] + X[:, 1::2, ::2] + X[:, ::2, 1::2] + X[:, 1::2, 1::2]) / 4
    rng = np.random.default_rng(seed)
    images = np.array([_four_classes(rng.permutation(usable), y) for _ in range(mosaics)])
    rows = [np.concatenate([X[images[:, i]], X[images[:, i + 1]]], axis=2) for i in (0, 2)]
    return Mosaics(np.concatenate(rows, axis=1), y[images], images)


def share_in_quadrants(attributions: np.ndarray) -> np.ndarray:
    """The share of the positive attribution in each quadrant.

    Args:
        attributions: (N, H, W) or (N, H, W, C), with even H and W.

    Returns:
        float64 (N, 4): top left, top right, bottom left, bottom right. They sum to 1, or are all 0
        if nothing is positive.
    """
    positive = np.maximum(signed_maps(attributions), 0)
    n, height, width = positive.shape
    quadrants = positive.reshape(n, 2, height // 2, 2, width // 2)
    sums = quadrants.sum(axis=(2, 4), dtype=np.float64).reshape(n, 4)
    total = sums.sum(axis=1, keepdims=True)
    return sums / np.where(total > 0, total, 1)


def _four_classes(order: np.ndarray, y: np.ndarray) -> list[int]:
    """The first four images in this order no two of which have one label."""
    first_of_class = {int(y[i]): int(i) for i in order[::-1]}
    return [i for i in order.tolist() if first_of_class[int(y[i])] == i][:4]
