"""Sanity checks: does a map change when what the network has learned is destroyed?

Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim, "Sanity Checks for Saliency Maps",
arXiv:1810.03292 (2018), section 3: model parameter randomisation, cascading.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..methods import as_maps
from ..methods.gradients import explains_outputs, progress_bar
from ..names import near
from ..tensorflow_quiet import tf
from .checks import MethodFunction, attributions_of, checked_images, signed_maps
from .similarity import rank_correlation, structural_similarity


class Randomisation(NamedTuple):
    """How alike the maps are before and after, for S stages and N images.

    Attributes:
        layers: of each stage, the last layer that was randomised; those above it are random too.
        rank_correlation: Spearman's, of attributions with their signs, summed over channels,
            float64 (S, N), from -1 to 1.
        absolute_rank_correlation: Spearman's, of the maps of ``as_maps``, float64 (S, N).
        ssim: structural similarity of the maps, float64 (S, N), at most 1.

    Where a map is 0 everywhere, as a random network can make it, there is nothing to compare, and
    all three are NaN.
    """

    layers: tuple[str, ...]
    rank_correlation: np.ndarray
    absolute_rank_correlation: np.ndarray
    ssim: np.ndarray


def cascading_randomisation(
    method: MethodFunction,
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    *,
    layers: Sequence[str] | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Randomisation:
    """Compare a method's attributions with those of networks whose upper layers are random.

    A method that explains the network must give other maps for another network: similarities near
    1 say that it does not look at the layers that were randomised. The paper compares ranks with
    and without absolute values, as a picture of ``|gradients|`` can stay alike while signs do not,
    and also histograms of gradients, which are left out here.

    Args:
        method, X, y, model: as for ``deletion``; the model is copied, not changed.
        layers, seed: as for ``randomised``.
        progress: show a bar if it takes more than two seconds.

    Returns:
        ``Randomisation``, a stage for each of the layers, the uppermost first.

    Raises:
        TypeError, ValueError: as ``compute_saliency_maps`` and ``randomised``; for no image, and
            for a method that does not return one map for each image.
    """
    X, y = checked_images(X, y, model)
    stages = checked_layers(model, layers)
    original = attributions_of(method, X, y, model)
    results = []
    with progress_bar(len(stages), "randomisation" if progress else "") as bar:
        for _, copy in randomised(model, layers=stages, seed=seed):
            results.append(similarities(attributions_of(method, X, y, copy), original))
            bar.update()
    return Randomisation(stages, *np.array(results).swapaxes(0, 1))


def similarities(attributions: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Rank correlation, the same of the maps, and the maps' SSIM: float64 (3, N)."""
    maps, original_maps = as_maps(attributions), as_maps(original)
    return np.array(
        [
            rank_correlation(signed_maps(attributions), signed_maps(original)),
            rank_correlation(maps, original_maps),
            structural_similarity(maps, original_maps),
        ]
    )


def randomised(
    model: tf.keras.Model, *, layers: Sequence[str] | None = None, seed: int = 0
) -> Iterator[tuple[str, tf.keras.Model]]:
    """Copies of the model in which more and more layers are random, from the scores down.

    In each array of weights the numbers change places at random. So the features stay about as
    large as they were, and nothing need be known of how the weights were once initialised; the
    paper draws from that distribution instead. An array of equal numbers stays as it is.

    Args:
        model: functional or sequential, with its weights built. It is not changed.
        layers: names of layers with weights, at any depth of nested models, in any order: at each
            it stops, when that layer and all above it are random. None means every layer.
        seed: of the permutations. What becomes of a layer depends neither on ``layers`` nor on
            other layers.

    Yields:
        ``name, copy``, the uppermost layer first. It is one copy throughout, changed from stage to
        stage: use it before asking for the next.

    Raises:
        ValueError: a layer is not there or has no weights, none has, or Keras cannot copy the
            model, as those that are classes of their own.
    """
    wanted = set(checked_layers(model, layers))
    try:
        copy = tf.keras.models.clone_model(model, clone_function=_own, recursive=True)
        copy.set_weights(model.get_weights())
        copy.outputs_are_scores = explains_outputs(model)
    except Exception as problem:
        raise ValueError(
            f"Keras cannot copy {model.name}, and its own weights are not to be changed; write it "
            "as a functional or sequential model."
        ) from problem
    for depth, layer in enumerate(layers_from_the_top(copy)):
        randomise(layer, (seed, depth))
        if layer.name in wanted:
            wanted.remove(layer.name)
            yield layer.name, copy
        if not wanted:  # the copy stays as it was yielded last
            return


def _own(layer: tf.keras.layers.Layer) -> tf.keras.layers.Layer:
    """A copy of a layer with weights; others, such as Lambda, which Keras cannot copy, may serve
    two models."""
    return type(layer).from_config(layer.get_config()) if layer.weights else layer


def randomise(layer: tf.keras.layers.Layer, seed: tuple[int, int]) -> None:
    """Let the numbers in each of a layer's arrays of weights change places at random."""
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()])


def checked_layers(model: tf.keras.Model, layers: Sequence[str] | None) -> tuple[str, ...]:
    """The names of layers, from the scores down; None means all that have weights.

    Raises:
        ValueError: a layer is not there or has no weights, none is named, or none has weights.
    """
    names = [layer.name for layer in layers_from_the_top(model)]
    if not names:
        raise ValueError(f"No layer of {model.name} has weights that could be randomised.")
    if layers is None:
        return tuple(names)
    if isinstance(layers, str):
        layers = [layers]
    if not layers:
        raise ValueError("layers names no layer; give at least one, or None for all.")
    for name in layers:
        if name not in names:
            raise ValueError(
                f"{name!r} is not a layer of {model.name} with weights; {near(name, names)}."
            )
    return tuple(name for name in names if name in set(layers))


def layers_from_the_top(model: tf.keras.Model) -> list[tf.keras.layers.Layer]:
    """The layers with weights of their own, at any depth, the last first."""
    layers = dict.fromkeys(_innermost_layers(model))  # each once, if two models share it
    return [layer for layer in reversed(layers) if layer.weights]


def _innermost_layers(layer: tf.keras.layers.Layer) -> list[tf.keras.layers.Layer]:
    # Keras's own recursion turns the order of nested layers round
    inner = list(layer._flatten_layers(include_self=False, recursive=False))
    return [innermost for child in inner for innermost in _innermost_layers(child)] or [layer]
