"""How checks call an answer where a plain call will not do.

These run beside the answer, in its own process. What they return is an array, or else whatever the
answer returned, which the judge will not take.
"""

from collections.abc import Callable
from functools import cache, wraps

import numpy as np

Losses = list[tuple[Callable, float]]

#: The methods that a Keras model computes by; ``model(X)`` comes to ``call``.
WAYS_TO_ASK = ("call", "predict", "predict_on_batch")


class TooManyCalls(RuntimeError):
    """A model was called more often than is allowed."""

    _keras_call_info_injected = True  # or Keras wraps the sentence in the arguments of the call


_given: list = []  # the network that answers get in this process, and what it was like at first


def given_model():
    """The network for answers: nobody else in this process computes with it."""
    if not _given:
        from ..squeezenet import load_squeezenet

        model = load_squeezenet()
        _given[:] = model, _state(model)
    return _given[0]


def model_was_changed() -> bool:
    """Whether an answer has changed the network it was given; if so, the next gets a new one."""
    if not _given:
        return False
    model, (things_before, weights_before) = _given
    things, weights = _state(model)
    changed = (
        things.keys() != things_before.keys()
        or any(things[name] is not things_before[name] for name in things)
        or not all(map(np.array_equal, weights, weights_before))
    )
    if changed:
        _given.clear()
        _compiled_once.cache_clear()
    return changed


def _state(model) -> tuple[dict[tuple[int, str], object], list[np.ndarray]]:
    """What decides what a model computes: the kinds and attributes of its layers, methods put in
    place of its own, and its weights. ``trainable`` does not; asking the model changes none of it.
    """
    things: dict[tuple[int, str], object] = {(-1, "type"): type(model)}
    things |= {(-1, name): each for name, each in vars(model).items() if name in WAYS_TO_ASK}
    for n, layer in enumerate(model.layers):
        named = {name: each for name, each in vars(layer).items() if name[0] != "_"}
        things |= {(n, name): each for name, each in (named | {"type": type(layer)}).items()}
    return things, model.get_weights()


@cache
def _compiled_once(model):
    from ..squeezenet import freeze

    return freeze(model)


def frozen(model):
    """The model as ``freeze`` compiles it; that is done once, for all probes."""
    from ..squeezenet import freeze

    return freeze(_compiled_once(model))


def limited(model, calls: int):
    """A frozen model that raises TooManyCalls after so many calls: for an answer that takes steps
    until something happens, which may be never.

    Calls inside one ``tf.function`` count when it is traced.
    """
    network, left = frozen(model), calls

    def counted(method: Callable) -> Callable:
        @wraps(method)
        def one_less(*args, **options):
            nonlocal left
            if left <= 0:
                raise TooManyCalls(f"the network was asked more than {calls} times")
            left -= 1
            return method(*args, **options)

        return one_less

    for name in WAYS_TO_ASK:
        setattr(network, name, counted(getattr(network, name)))
    return network


def weighted_losses(classes: np.ndarray, weights: np.ndarray) -> Losses:
    """Losses with weights: the scores of classes, and one that is no weighted sum of scores."""
    from ..tensorflow_quiet import tf

    losses = [
        (lambda scores, label=label: scores[:, label], weight)
        for label, weight in zip(classes.tolist(), weights.tolist(), strict=True)
    ]
    return [*losses, (lambda scores: tf.reduce_logsumexp(scores, axis=1), -0.25)]


def tensor(X: np.ndarray):
    """X as a tensor: what CS231n hands over where steps follow each other."""
    from ..tensorflow_quiet import tf

    return tf.constant(X)


def change_of(X: np.ndarray, X_new):
    """What a step added to X."""
    return np.subtract(X_new, X) if np.shape(X_new) == np.shape(X) else X_new


def value_and_gradient(function: Callable, X: np.ndarray):
    """The value of ``function(X)``, a number, everywhere, and its gradient by X: (2, *X.shape).

    The gradient of a value that the tape could not follow is zero.
    """
    from ..tensorflow_quiet import tf

    point = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(point)
        value = function(point)
    if value is None or np.ndim(value):
        return value
    gradient = tape.gradient(tf.convert_to_tensor(value), point, unconnected_gradients="zero")
    return np.stack([np.full(X.shape, value), gradient])


def weights_of_randomised(randomise: Callable, model, last: str, scale: float, layers, seed: int):
    """Let ``randomise(model, layers, rng)`` make three models, and look at all weights.

    It is given the network up to the layer ``last``, with its weights times ``scale`` so that it is
    no network that can be loaded; twice with generators of one seed, then with one of another.

    Returns:
        The weights of the given model, afterwards, and of the three: flat, one after another.
    """
    from ..tensorflow_quiet import tf

    part = tf.keras.Model(model.inputs, model.get_layer(last).output)
    given = tf.keras.models.clone_model(part)
    given.set_weights([weights * scale for weights in part.get_weights()])
    names = [str(name) for name in layers]
    made = [randomise(given, names, np.random.default_rng(n)) for n in (seed, seed, seed + 1)]
    if not all(hasattr(each, "get_weights") for each in made):
        return made[0]
    return np.concatenate([w.ravel() for each in (given, *made) for w in each.get_weights()])


def steps_watched(create: Callable, X, target_y: int, model, seed: int, **options) -> np.ndarray:
    """Call ``create`` with an ``update_step`` that needs no network and notes what it is given.

    Args:
        create: as ``create_class_visualization``.
        X, target_y, model: for it.
        seed: it is called three times, twice with generators of this seed and once with one of
            another.
        options: its others, all of them, ``l2_reg`` and ``learning_rate`` among them.

    Returns:
        Of each of the three calls the picture and then what each step was given, (3, 1 + steps, H,
        W, 3). If a picture is not of the shape of X or no step was taken, what ``create`` returned;
        if not all took as many steps, those of the first that differs, (1 + steps, H, W, 3).

    Raises:
        ValueError: a step was given other arguments than are its due.
    """
    runs: list[np.ndarray] = []
    for image, number in ((X, seed), (X.copy(), seed), (X.copy(), seed + 1)):
        rng = np.random.default_rng(number)
        result, seen = _watched(create, image, target_y, model, rng, options)
        if not seen or np.shape(result) != X.shape:
            return result
        runs.append(np.concatenate([result, *seen]))
        if len(runs[-1]) != len(runs[0]):
            return runs[-1]
    return np.stack(runs)


def _watched(create: Callable, X, target_y: int, model, rng, options: dict):
    """What ``create`` returns, and what each of its steps was given."""
    seen: list[np.ndarray] = []
    due = model, target_y, options["l2_reg"], options["learning_rate"]

    def update_step(X_now, *rest):
        if len(rest) != 4 or rest[0] is not model or rest != due:
            raise ValueError(
                "update_step(X, model, target_y, l2_reg, learning_rate) was given something else, "
                "or not in this order."
            )
        if np.shape(X_now) != X.shape:
            raise ValueError(f"update_step was given an X of shape {np.shape(X_now)}.")
        seen.append(np.array(X_now, np.float32))
        return step(seen[-1], target_y, *due[2:]).view(_LikeATensor)

    return create(X, target_y, model, update_step, rng, **options), seen


def step(X: np.ndarray, target_y: int, l2_reg: float, learning_rate: float) -> np.ndarray:
    """Adds to X (1, H, W, 3) always the same noise, which depends on the class."""
    noise = np.random.RandomState(target_y).standard_normal(X.shape)
    return (X - l2_reg * X + learning_rate * noise).astype(np.float32)


class _LikeATensor(np.ndarray):
    """An array; steps may also return tensors, and those have this method."""

    def numpy(self):
        return np.asarray(self)
