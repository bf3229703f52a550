"""All metrics for all methods in one call: a table, a figure, and the numbers."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..imagenet import sample_photographs
from ..method_table import METHODS
from ..methods.checks import checked_samples
from ..methods.gradients import progress_bar
from ..names import near
from ..squeezenet import load_squeezenet
from ..tensorflow_quiet import tf
from .baselines import edges, random_map
from .checks import MethodFunction, attributions_of, checked_images, name_of
from .completeness import completeness
from .deletion_insertion import FRACTIONS, checked_fractions, deletion, insertion
from .input_shift import SHIFT, rounded, shifted_model
from .pointing_game import LEAST, draw_mosaics, pointing_game
from .randomisation import checked_layers, randomised, similarities
from .similarity import relative_change

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

#: Parameters with which all methods are compared in minutes instead of an hour. The maps are
#: rougher than with the methods' own defaults, those of RISE and occlusion above all.
QUICK = {name: method.quick for name, method in METHODS.items() if method.quick}


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` found, for R methods (the last two know nothing of the network).

    Attributes:
        titles: of the methods.
        layers: of each of S stages of randomisation, the last layer that was randomised.
        numbers: plain arrays by name, for N images and M mosaics:
            ``fractions`` (F,) of ``deletion_curves`` and ``insertion_curves``, both
            (R, N, F), and the areas under them, ``deletion`` and ``insertion`` (R, N);
            ``pointing_game`` (R, M, 4); ``rank_correlation``, ``absolute_rank_correlation`` and
            ``ssim`` (R, S, N); ``input_shift`` (R, N); ``completeness`` (R, N), the gap. What they
            mean is said in the functions of their names, and in docs/metrics.md.
    """

    titles: tuple[str, ...]
    layers: tuple[str, ...]
    numbers: dict[str, np.ndarray]

    def table(self) -> "Table":
        """The means over images as a table for the terminal; of completeness, the median."""
        from .pictures import measures_table

        return measures_table(self.titles, self.numbers)

    def __str__(self) -> str:
        from rich.console import Console

        console = Console(width=120, color_system=None, force_terminal=False)
        with console.capture() as capture:
            console.print(self.table())
        return "\n".join(line.rstrip() for line in capture.get().splitlines())

    def figure(self) -> "Figure":
        """A panel for each metric, a row for each method, a dot for each image and their mean."""
        from .pictures import measures_figure

        return measures_figure(self.titles, self.numbers)

    def curves_figure(self) -> "Figure":
        """The mean deletion and insertion curve of each method."""
        from .pictures import curves_figure

        return curves_figure(self.titles, self.numbers)


def compare(
    methods: Iterable[str | MethodFunction] | Mapping[str, MethodFunction] | None = None,
    num: int | None = 5,
    *,
    images: tuple[np.ndarray, np.ndarray] | None = None,
    model: tf.keras.Model | None = None,
    fractions: ArrayLike = FRACTIONS,
    mosaics: int = 2,
    least: float = LEAST,
    shrink: bool = False,
    layers: Sequence[str] | None = None,
    shift: np.ndarray | float = SHIFT,
    seed: int = 0,
    progress: bool = True,
) -> Comparison:
    """Measure methods by all metrics, beside an edge detector and a random map.

    On two cores, all 13 methods on 5 photographs take about two minutes; the time grows with
    ``num``, but for the pointing game's half, which grows with ``mosaics``.

    Args:
        methods: names in ``methods.METHODS``, with the parameters of ``QUICK``; functions
            ``method(X, y, model)``, such as one's own; or a mapping from a title to a function.
            ``functools.partial`` sets other parameters. None means all of ``METHODS``.
        num: how many of the images, from the first; None means all. The pointing game draws its
            mosaics from all of them.
        images: preprocessed images X (N, H, W, C) and labels y (N,); None means the 20 sample
            photographs.
        model: a Keras model from images to scores (N, classes); None means SqueezeNet. It is not
            changed.
        fractions: of the pixels, at which the deletion and insertion curves are taken.
        mosaics, least, shrink: as for ``pointing_game``.
        layers: at which layers the randomisation, from the top down, is looked at. None means
            three: the uppermost, the middle one, and the lowest, when everything is random.
        shift: of the input, a number or a colour (C,), as for ``input_shift``.
        seed: of the order of equal pixels, the mosaics, the randomisation and the random map.
        progress: show a bar if it takes more than two seconds.

    Raises:
        TypeError, ValueError: as the metrics raise them; for an unknown name, no method, two of
            one title, and fewer images than ``num``.
    """
    model = load_squeezenet() if model is None else model
    X_all, y_all = checked_images(*(sample_photographs() if images is None else images), model)
    functions = _by_title(methods, X_all)
    nothing_known: dict[str, MethodFunction] = {
        "edge detector": edges,
        "random map": partial(random_map, seed=seed),
    }
    for title in nothing_known:
        if title in functions:
            raise ValueError(
                f"The {title} is compared with anyway; give your method another title."
            )
    functions |= nothing_known
    num = _how_many(num, len(X_all))
    X, shift = rounded(X_all[:num], shift)
    y, shifted = y_all[:num], shifted_model(model, shift)
    if layers is None:
        names = checked_layers(model, None)
        layers = (names[0], names[len(names) // 2], names[-1])
    layers = checked_layers(model, layers)
    game: dict[str, Any] = {"mosaics": mosaics, "least": least, "shrink": shrink, "seed": seed}
    draw_mosaics(X_all, y_all, model, **game)  # what is wrong with it is said before the work
    fractions = checked_fractions(fractions)

    known: dict[str, np.ndarray] = {}
    found: dict[str, list] = defaultdict(list)
    stages: list[list[np.ndarray]] = []
    steps_in_all = len(functions) * (3 + len(layers))
    with progress_bar(steps_in_all, "comparing methods" if progress else "") as bar:
        for title, function in functions.items():
            known[title] = attributions_of(function, X, y, model)
            again = partial(_given, known[title])
            for name, curve in (("deletion", deletion), ("insertion", insertion)):
                curves = curve(again, X, y, model, fractions=fractions, seed=seed, progress=False)
                found[name].append(curves.areas)
                found[f"{name}_curves"].append(curves.probabilities)
            found["completeness"].append(completeness(again, X, y, model).gap)
            bar.update()
            after = attributions_of(function, X + shift, y, shifted)
            found["input_shift"].append(relative_change(after, known[title]))
            bar.update()
            shares = pointing_game(function, X_all, y_all, model, progress=False, **game)
            found["pointing_game"].append(shares)
            bar.update()
        for _, copy in randomised(model, layers=layers, seed=seed):
            stages.append([])
            for title, function in functions.items():
                after = attributions_of(function, X, y, copy)
                stages[-1].append(similarities(after, known[title]))
                bar.update()
    numbers = {name: np.array(rows) for name, rows in found.items()}
    # stages, methods, measures, images -> one array (methods, stages, images) for each measure
    alike = np.array(stages).transpose(2, 1, 0, 3)
    numbers |= zip(("rank_correlation", "absolute_rank_correlation", "ssim"), alike, strict=True)
    numbers["fractions"] = curves.fractions
    return Comparison(tuple(functions), layers, numbers)


def quick_methods(
    names: Iterable[str] = tuple(METHODS), background: np.ndarray | None = None
) -> dict[str, MethodFunction]:
    """Methods by title, with the parameters of ``QUICK`` and without bars of their own.

    Args:
        names: in ``methods.METHODS``.
        background: of expected gradients, (M, H, W, C), repeated or cropped to the size of the
            images that are explained, such as mosaics; None means the sample photographs.

    Raises:
        ValueError: a name is not in ``methods.METHODS``.
    """
    functions: dict[str, MethodFunction] = {}
    for name in names:
        if name not in METHODS:
            raise ValueError(f"There is no method {name!r}; {near(name, METHODS)}.")
        function = METHODS[name].function
        parameters = signature(function).parameters
        if "progress" in parameters:
            function = partial(function, progress=False)
        if "background" in parameters:
            background = sample_photographs()[0] if background is None else background
            function = partial(_with_background, function, background)
        functions[METHODS[name].title] = partial(function, **METHODS[name].quick)
    return functions


def _with_background(
    method: Callable[..., np.ndarray],
    background: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    model: tf.keras.Model,
    **parameters: Any,
) -> np.ndarray:
    """The method with a background of the size of X, made from one of another size."""
    height, width = np.shape(X)[1:3]
    times = -(-height // background.shape[1]), -(-width // background.shape[2])
    fitting = np.tile(background, (1, *times, 1))[:, :height, :width]
    return method(X, y, model, background=fitting, **parameters)


def _by_title(
    methods: Iterable[str | MethodFunction] | Mapping[str, MethodFunction] | None,
    background: np.ndarray,
) -> dict[str, MethodFunction]:
    if isinstance(methods, str) or callable(methods):
        methods = [methods]
    functions: dict[str, MethodFunction] = {}
    if isinstance(methods, Mapping):
        functions |= methods
    else:
        for method in METHODS if methods is None else methods:
            if isinstance(method, str):
                one = quick_methods([method], background)
            else:
                one = {name_of(method): method}
            if again := one.keys() & functions.keys():
                raise ValueError(
                    f"Two methods are called {again.pop()}; give a mapping from a title of your "
                    "own to each function."
                )
            functions |= one
    if not functions:
        raise ValueError("methods holds no method; give at least one, or None for all.")
    return functions


def _how_many(num: int | None, available: int) -> int:
    if num is None:
        return available
    if checked_samples(num, "num") > available:
        raise ValueError(f"num is {num}, and there are {available} images; give no more.")
    return int(num)


def _given(attributions: np.ndarray, *_: object) -> np.ndarray:
    """A method that returns what is known already."""
    return attributions
