"""Scores and maps for what the explorer shows: in a thread, the newest question first and only."""

import contextlib
import inspect
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..image_utils import BLACK, WHITE, preprocess_image
from ..maps import drawable
from ..method_table import METHODS
from .drawing import perturbed
from .state import State

CACHE = 64 << 20  # bytes of maps and scores that are kept
BETWEEN_LOOKS = 0.1  # seconds between two looks at an unfinished map
SEED = 0


@dataclass(frozen=True)
class Scores:
    """The network's scores of an image, (classes,), and the class that the maps are for."""

    state: State
    scores: np.ndarray
    label: int


@dataclass(frozen=True)
class Map:
    """A map (H, W), of which ``done`` of 1 is computed."""

    state: State
    method: str
    saliency: np.ndarray
    done: float


@dataclass(frozen=True)
class Failed:
    """A sentence on what went wrong."""

    state: State
    message: str


class Overtaken(Exception):
    """There is a newer question."""


class Computer:
    """Answers the newest question.

    Args:
        images: ``images(state)`` is the image asked about, uint8 (H, W, 3), as it was loaded.
        report: is given every ``Scores``, ``Map`` and ``Failed``, from the computing thread.
        yours: the reader's own function ``(X, y, model) -> maps``, and its name among the methods.
        model: a Keras model; None means SqueezeNet.
    """

    def __init__(
        self,
        images: Callable[[State], np.ndarray],
        report: Callable[[Scores | Map | Failed], None],
        yours: tuple[str, Callable] | None = None,
        model: Any = None,
    ):
        self._images, self._report, self._yours = images, report, yours
        self._model, self._random_layers = model, 0
        self._copy: Any = None  # of the model, with random layers
        self._kept: OrderedDict[Hashable, np.ndarray] = OrderedDict()
        self._wanted: State | None = None
        self._news = threading.Condition()
        self.computing = False
        threading.Thread(target=self._work, daemon=True, name="explorer").start()

    def ask(self, state: State) -> None:
        """Compute what this state needs, and nothing that an earlier one did and this does not."""
        with self._news:
            self._wanted = state
            self._news.notify()

    def close(self) -> None:
        """End the thread, after the batch that it is at."""
        with self._news:
            self._wanted = _END
            self._news.notify()

    def wait(self, seconds: float = 60) -> bool:
        """Wait until nothing is left to do; whether that came about in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._news:
                if self._wanted is None and not self.computing:
                    return True
            time.sleep(0.01)
        return False

    def kept(self, key: Hashable) -> np.ndarray | None:
        """What was computed for a state's ``seen()`` or ``asked()``, if it is still there."""
        return self._kept.get(key)

    def _work(self) -> None:
        with contextlib.suppress(Exception):  # if it fails, the first question is told why
            self._model_for(State())
        while True:
            with self._news:
                self.computing = False
                while self._wanted is None:
                    self._news.wait()
                state, self._wanted = self._wanted, None
                self.computing = True
            if state is _END:
                return
            try:
                self._answer(state)
            except Overtaken:
                continue
            except Exception as problem:
                self._report(Failed(state, sentence(problem)))

    def _answer(self, state: State) -> None:
        model = self._model_for(state)
        X = preprocess_image(perturbed(self._images(state), **state.perturbation))[None]
        scores = self._keep(state.seen(), lambda: scores_of(X, model))
        label = int(scores.argmax()) if state.label is None else state.label
        if label >= len(scores):
            raise ValueError(
                f"The model has {len(scores)} classes, numbered from 0, so there is no {label}."
            )
        self._report(Scores(state, scores, label))
        for method in state.methods:
            self._check_news()
            saliency = self._keep(
                state.asked(method, label), partial(self._map, state, method, X, label, model)
            )
            self._report(Map(state, method, saliency, 1))

    def _map(self, state: State, method: str, X: np.ndarray, label: int, model: Any) -> np.ndarray:
        y = np.array([label])
        if self._yours and method == self._yours[0]:
            return your_map(self._yours[1], X, y, model)
        from ..methods.gradients import watched

        function = METHODS[method].function
        settings = state.settings(method)
        if "baseline" in settings:
            settings["baseline"] = baseline(settings["baseline"])
        if "progress" in inspect.signature(function).parameters:
            settings["progress"] = False
        last = time.monotonic()

        def after_batch(done, total, so_far):
            nonlocal last
            self._check_news()
            if so_far and done < total and time.monotonic() - last > BETWEEN_LOOKS:
                self._report(Map(state, method, drawable(method, so_far())[0], done / total))
                last = time.monotonic()

        with watched(after_batch):
            return drawable(method, function(X, y, model, **settings))[0]

    def _check_news(self) -> None:
        if self._wanted is not None:
            raise Overtaken

    def _keep(self, key: Hashable, compute: Callable[[], np.ndarray]) -> np.ndarray:
        if key not in self._kept:
            self._kept[key] = compute()
            while sum(array.nbytes for array in self._kept.values()) > CACHE:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _model_for(self, state: State) -> Any:
        if self._model is None:
            from ..squeezenet import load_squeezenet

            self._model = load_squeezenet()
        if not state.randomised:
            return self._model
        if self._copy is None:
            self._copy = with_random_layers(self._model, 0)
        if self._random_layers != state.randomised:
            self._copy.set_weights(self._model.get_weights())
            _randomise(self._copy, state.randomised)
            self._random_layers = state.randomised
        return self._copy


_END = State(image=-1)


def saved_map(first: State) -> Map | None:
    """The saved saliency map of the first image and its class, to be seen at once."""
    from ..checking.saved_maps import load_saved_maps

    if first.methods != ("saliency",):
        return None
    with contextlib.suppress(FileNotFoundError, ValueError):  # then it is seen when it is computed
        return Map(first, "saliency", load_saved_maps("saliency_maps")[0][0], 1)
    return None


def scores_of(X: np.ndarray, model: Any) -> np.ndarray:
    """The model's scores of one image, (classes,).

    Raises:
        ValueError: what it returned is none.
    """
    returned = model(X, training=False)
    try:
        (scores,) = np.asarray(returned, np.float32)
        (_,) = scores.shape
    except (TypeError, ValueError):
        shape = getattr(returned, "shape", type(returned).__name__)
        raise ValueError(
            f"The model should return scores, (images, classes), and returned {shape}."
        ) from None
    return scores


def your_map(function: Callable, X: np.ndarray, y: np.ndarray, model: Any) -> np.ndarray:
    """The map (H, W) that the reader's own function gives for one image.

    Raises:
        ValueError: what it returned is no map.
        Exception: what it raised.
    """
    try:
        returned = function(X.copy(), y.copy(), model)
    except Exception as problem:
        line = traceback.extract_tb(problem.__traceback__)[-1].lineno
        kind = type(problem).__name__
        raise ValueError(f"Your function raised {kind} in line {line}: {problem}") from problem
    if returned is None:
        raise ValueError("Your function returned nothing: end it with return and the maps.")
    try:
        array = np.asarray(returned, np.float32)
    except (TypeError, ValueError):
        raise ValueError(
            f"Your function returned {type(returned).__name__}, which is no array of numbers."
        ) from None
    if array.shape not in (X.shape[:3], X.shape):
        raise ValueError(
            f"Your function returned shape {array.shape}; it should be {X.shape[:3]} or {X.shape}."
        )
    if not np.isfinite(array).all():
        raise ValueError("Your function returned NaN or infinity.")
    return drawable("", array)[0]


def sentence(problem: Exception) -> str:
    """What went wrong, in a line."""
    text = " ".join(str(problem).split())
    if isinstance(problem, ValueError | TypeError | OSError) and text:
        return text[:300]
    return f"{type(problem).__name__}: {text}"[:300]


def baseline(name: str) -> np.ndarray:
    """A colour as the network takes it, float32 (3,): ``"grey"``, ``"black"`` or ``"white"``.

    Grey is ImageNet's mean colour, 0.
    """
    return {"grey": np.zeros(3, np.float32), "black": BLACK, "white": WHITE}[name]


def with_random_layers(model: Any, layers: int) -> Any:
    """A copy of the model in which so many layers, from the scores down, have random weights."""
    from ..tensorflow_quiet import tf

    copy = tf.keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    _randomise(copy, layers)
    return copy


def _randomise(model: Any, layers: int) -> None:
    from ..metrics.randomisation import layers_from_the_top, randomise

    for depth, layer in enumerate(layers_from_the_top(model)[:layers]):
        randomise(layer, (SEED, depth))
