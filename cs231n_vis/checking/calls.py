"""How checks call an answer where a plain call will not do.

These run beside the answer, in its own process. What they return is an array, or else whatever the
answer returned, which the judge will not take.
"""

from collections.abc import Callable
from functools import cache, wraps

import numpy as np

Losses = list[tuple[Callable, float]]

#: Of the softplus in place of a ReLU: the larger, the more like it.
SHARPNESS = 0.3

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
        softened.cache_clear()
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
    """The model as ``freeze`` compiles it; that is done once, for all probes. For an answer that
    only asks for scores and their gradient: from its second call on it takes a third of the time.
    """
    from ..squeezenet import freeze

    return freeze(_compiled_once(model))


@cache
def softened(model):
    """A copy of the model in which every ReLU is a softplus, as the notebook on wrong reasons has
    it: its gradient has a gradient of its own. Made once, for all probes."""
    from ..relu import with_relu
    from ..tensorflow_quiet import tf

    return with_relu(model, lambda x: tf.nn.softplus(SHARPNESS * x) / SHARPNESS)


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


class NetworkAsked(RuntimeError):
    """An answer that is to know nothing has asked a network."""

    _keras_call_info_injected = True


def without_networks(answer: Callable, X: np.ndarray):
    """``answer(X)``, in which a call of any Keras model or layer raises NetworkAsked."""
    from ..tensorflow_quiet import tf

    layer = tf.keras.layers.Layer
    asked = layer.__call__

    def refuse(*_, **__):
        raise NetworkAsked("it asks a network; this map is made of the image alone")

    layer.__call__ = refuse
    try:
        return answer(X)
    finally:
        layer.__call__ = asked


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


def values_and_gradient(function: Callable, X: np.ndarray, shape):
    """The values of ``function(X)``, of this shape, and a gradient of theirs by X: flat, in a row.

    It is the gradient of their sum, each times a number of its own, so that no two are confused. Of
    values that the tape could not follow it is zero. Values of another shape are returned alone.
    """
    from ..tensorflow_quiet import tf

    shape = tuple(shape)
    point = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(point)
        values = function(point)
        if values is None or np.shape(values) != shape:
            return values
        values = tf.convert_to_tensor(values)
        number = np.random.RandomState(231).uniform(0.5, 1.5, shape)
        total = tf.reduce_sum(tf.cast(number, values.dtype) * values)
    gradient = tape.gradient(total, point, unconnected_gradients="zero")
    return np.concatenate([np.ravel(values), np.ravel(gradient)])


def smaller_view(X, rng: np.random.Generator):
    """A view as ``random_view`` makes it of small images, turned and scaled more."""
    from ..views import random_view

    return random_view(X, rng, max_angle=0.3, max_zoom=0.2, max_shift=6)


def scores_and_again(robust_scores: Callable, X, y, model, seed: int, num_views: int):
    """``robust_scores`` of smaller views, as ``values_and_gradient``, and the scores once more.

    The last are those of a second call, with a generator of the same seed.
    """

    def scores(images):
        return robust_scores(images, y, model, smaller_view, np.random.default_rng(seed), num_views)

    found = values_and_gradient(scores, X, y.shape)
    if np.shape(found) != (len(y) + X.size,):
        return found
    return np.concatenate([found, np.ravel(scores(tensor(X)))])


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
