"""The optimiser, its callbacks and modifiers, and the images it makes."""

import numpy as np
import pytest
from PIL import Image

from cs231n_vis import tf
from cs231n_vis.keras_vis.callbacks import GifGenerator, OptimizerCallback, Print
from cs231n_vis.keras_vis.input_modifiers import InputModifier, Jitter
from cs231n_vis.keras_vis.losses import ActivationMaximization, Loss
from cs231n_vis.keras_vis.optimizer import Optimizer
from cs231n_vis.keras_vis.regularizers import LPNorm
from cs231n_vis.keras_vis.utils import utils
from cs231n_vis.keras_vis.visualization import (
    visualize_activation,
    visualize_activation_with_losses,
)

keras = tf.keras
layers = keras.layers


class Distance(Loss):
    """Squared distance of a tensor from a point; it counts how often it was built."""

    def __init__(self, tensor, point):
        super().__init__()
        self.name, self.tensor, self.point, self.times = "distance", tensor, point, 0

    def build_loss(self):
        self.times += 1
        return tf.reduce_sum(tf.square(tf.convert_to_tensor(self.tensor) - self.point))


class Record(OptimizerCallback):
    def __init__(self):
        self.steps, self.ended = [], 0

    def callback(self, i, named_losses, overall_loss, grads, wrt_value):
        self.steps.append((i, named_losses, overall_loss, grads, wrt_value))

    def on_end(self):
        self.ended += 1


@pytest.fixture
def point():
    return np.array([1.0, -2.0, 3.0], np.float32)


@pytest.mark.parametrize("norm_grads", [False, True])
def test_the_steps_are_those_of_rmsprop(point, norm_grads):
    x = keras.Input((3,))
    start = np.array([4.0, 5.0, -6.0])
    record = Record()
    optimizer = Optimizer(x, [(Distance(x, point), 0.5)], norm_grads=norm_grads)
    best, gradient, value = optimizer.minimize(start, 12, callbacks=[record], verbose=False)

    at, cache, best_by_hand, least = start, 0, None, np.inf
    for i, (number, named, overall, grads, wrt) in enumerate(record.steps):
        by_hand = at - point
        loss = 0.5 * np.sum(by_hand**2)
        if norm_grads:
            by_hand = by_hand / np.sqrt(np.sum(by_hand**2))
        np.testing.assert_allclose(grads[0], by_hand, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(wrt[0], at, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose([overall, named[0][1]], loss, rtol=1e-3)
        assert number == i and named[0][0] == "distance"
        cache = 0.95 * cache + 0.05 * by_hand**2
        at = at - by_hand / np.sqrt(cache + 1e-7)
        if loss < least:
            least, best_by_hand = loss, at
    assert len(record.steps) == 12 and record.ended == 1
    assert np.array_equal(gradient, record.steps[-1][3])
    assert np.array_equal(value, record.steps[-1][4])
    np.testing.assert_allclose(best, utils.deprocess_input(best_by_hand), rtol=1e-2)


def test_a_graph_is_traced_once_for_all_steps_and_calls(point):
    x = keras.Input((3,))
    loss = Distance(x, point)
    optimizer = Optimizer(x, [(loss, 1)])
    for _ in range(3):
        optimizer.minimize(max_iter=20, verbose=False)
    assert loss.times == 1


def test_new_weights_are_seen(point):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    optimizer = Optimizer(
        model.input, [(ActivationMaximization(model.layers[0], 0), -1)], norm_grads=False
    )
    model.layers[0].kernel.assign(point[:, None])
    _, gradient, _ = optimizer.minimize(np.zeros(3), 1, verbose=False)
    np.testing.assert_allclose(gradient[0], point)


def test_several_inputs(point):
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    both = layers.Add()([a, layers.Rescaling(2.0)(b)])
    seen_a, seen_b = Record(), Record()
    optimizer = Optimizer(
        [a, b],
        [(Distance(both, point), 1)],
        input_ranges=[(0, 1), (-1.0, 1.0)],
        norm_grads=False,
    )
    first, second = optimizer.minimize(
        seed_inputs=[np.ones(3), np.ones(3)],
        max_iter=1,
        callbacks=[(a, seen_a), (b, seen_b)],
        verbose=False,
    )
    np.testing.assert_allclose(first[1][0], 2 * (3 - point), rtol=1e-5)
    np.testing.assert_allclose(second[1][0], 4 * (3 - point), rtol=1e-5)
    assert np.array_equal(seen_a.steps[0][3], first[1])
    assert np.array_equal(seen_b.steps[0][3], second[1])
    assert first[0].min() >= 0 and second[0].min() >= -1


def test_with_respect_to_another_tensor_the_input_stays(point):
    x = keras.Input((3,))
    doubled = layers.Rescaling(2.0)(x)
    optimizer = Optimizer(x, [(Distance(doubled, point), 1)], wrt_tensor=doubled, norm_grads=False)
    assert not optimizer.wrt_tensors_is_input_tensors and optimizer.wrt_tensors[0] is doubled
    best, gradient, value = optimizer.minimize(np.ones(3), 5, verbose=False)
    np.testing.assert_allclose(value[0], [2, 2, 2])
    np.testing.assert_allclose(gradient[0], 2 * (2 - point))
    np.testing.assert_allclose(best, utils.deprocess_input(np.ones(3)))


def test_modifiers_go_in_order_before_and_in_reverse_after_each_step(point):
    order = []

    class Named(InputModifier):
        def __init__(self, name):
            self.name = name

        def pre(self, inp):
            order.append(f"{self.name} before")
            return inp + 1

        def post(self, inp):
            order.append(f"{self.name} after")
            return inp

    x = keras.Input((3,))
    record = Record()
    optimizer = Optimizer(x, [(Distance(x, point), 1)])
    optimizer.minimize(
        np.zeros(3),
        1,
        input_modifiers=[Named("f"), (x, Named("g")), InputModifier()],
        callbacks=[record],
        verbose=False,
    )
    assert order == ["f before", "g before", "g after", "f after"]
    np.testing.assert_allclose(record.steps[0][4][0], [2, 2, 2])


def test_what_is_printed(point, capsys):
    x = keras.Input((3,))
    callbacks = []
    optimizer = Optimizer(x, [(Distance(x, point), 2)])
    optimizer.minimize(np.zeros(3), 1, callbacks=callbacks)
    expected = "Iteration: 1, named_losses: [('distance', 28.0)], overall loss: 28.0\n"
    assert capsys.readouterr().out == expected
    assert callbacks == []  # the list of the caller is not added to
    optimizer.minimize(np.zeros(3), 1, callbacks=[Print()], verbose=False)
    assert capsys.readouterr().out == expected


def test_a_callback_must_say_what_to_do(point):
    x = keras.Input((3,))
    with pytest.raises(NotImplementedError, match="OptimizerCallback does not say what to do"):
        Optimizer(x, [(Distance(x, point), 1)]).minimize(callbacks=[OptimizerCallback()])


@pytest.mark.parametrize("channels", [1, 3])
def test_an_animation(tmp_path, channels):
    x = keras.Input((40, 60, channels))
    optimizer = Optimizer(x, [(LPNorm(x), 1)])
    optimizer.minimize(max_iter=3, callbacks=[GifGenerator(tmp_path / "progress")], verbose=False)
    with Image.open(tmp_path / "progress.gif") as picture:
        assert picture.size == (60, 40) and picture.n_frames == 3


def test_what_is_no_image_is_not_animated(tmp_path, point):
    x = keras.Input((3,))
    gif = GifGenerator(str(tmp_path / "x.gif"))
    with pytest.raises(ValueError, match=r"draws images .* has shape \(3,\)"):
        Optimizer(x, [(Distance(x, point), 1)]).minimize(callbacks=[gif], verbose=False)


def test_jitter_moves_the_image_around():
    image = np.arange(2000.0).reshape(1, 20, 50, 2)
    np.random.seed(0)
    shifts = set()
    jitter = Jitter(0.1)
    for _ in range(60):
        moved = jitter.pre(image)
        down, right = np.argwhere(moved[0, :, :, 0] == 0)[0]
        assert np.array_equal(np.roll(image, (down, right), (1, 2)), moved)
        shifts.add(((down + 10) % 20 - 10, (right + 25) % 50 - 25))
    down, right = np.array(sorted(shifts)).T
    assert (down.min(), down.max(), right.min(), right.max()) == (-2, 2, -5, 5)
    assert np.array_equal(Jitter([0, 0]).post(image), image)
    assert np.array_equal(Jitter([0, 0]).pre(image), image)
    with pytest.raises(ValueError, match="must not be negative"):
        Jitter([1, -2])
    with pytest.raises(ValueError, match="jitter has 3 values and the image 2 dimensions"):
        Jitter([1, 2, 3]).pre(image)


# ------------------------------------------------------------------ activation maximisation


def activation(model, x, unit):
    low, high = x.min(), x.max()
    return float(model(((x - low) / (high - low))[None].astype(np.float32))[0, unit])


def test_an_image_that_maximises_an_output(classifier):
    seed = np.random.default_rng(1).uniform(size=(9, 8, 3))
    params = {"seed_input": seed, "input_range": (0.0, 1.0), "max_iter": 40}
    more = visualize_activation(classifier, -1, 2, lp_norm_weight=0, tv_weight=None, **params)
    less = visualize_activation(
        classifier, -1, 2, grad_modifier="negate", lp_norm_weight=0, tv_weight=0, **params
    )
    assert more.shape == (9, 8, 3) and 0 <= more.min() < more.max() <= 1
    by = [activation(classifier, x, 2) for x in (less, seed, more)]
    assert by == sorted(by)


def test_ranges_of_ints_give_bytes_and_of_floats_floats(classifier):
    assert visualize_activation(classifier, 0, 1, max_iter=1).dtype == np.uint8
    floats = visualize_activation(classifier, 0, 1, input_range=(-1.0, 1.0), max_iter=1)
    assert floats.dtype.kind == "f" and -1 <= floats.min() < 0 < floats.max() <= 1


def test_regularisers_and_modifiers_take_part(classifier, capsys):
    utils.set_random_seed(7)
    image = visualize_activation(
        classifier,
        -1,
        [0, 3],
        max_iter=2,
        verbose=True,
        backprop_modifier="guided",
        input_modifiers=[Jitter(2)],
    )
    lines = capsys.readouterr().out
    assert image.shape == (9, 8, 3) and lines.count("Iteration") == 2
    assert all(name in lines for name in ("ActivationMax Loss", "L-6.0 Norm", "TV(2.0)"))
    utils.set_random_seed(7)
    again = visualize_activation(
        classifier, -1, [0, 3], max_iter=2, backprop_modifier="guided", input_modifiers=[Jitter(2)]
    )
    assert np.array_equal(image, again)


def test_losses_of_ones_own_and_several_inputs(point):
    a, b = keras.Input((3,)), keras.Input((3,))
    losses = [(Distance(layers.Add()([a, b]), point), 1)]
    images = visualize_activation_with_losses(
        [a, b], losses, input_range=(0.0, 1.0), input_indices=[1, 0], max_iter=3
    )
    assert [image.shape for image in images] == [(3,), (3,)]
    model = keras.Model([a, b], layers.Dense(2)(layers.Add()([a, b])))
    assert visualize_activation(model, -1, 1, max_iter=2).shape == (3,)


def test_squeezenet_can_be_asked_what_it_wants_to_see(model, images):
    X, label = images[0][0][64:160, 64:160], int(images[1][0])
    weights = {"tv_weight": 0, "lp_norm_weight": 0}
    seen = visualize_activation(
        model, -1, label, seed_input=X, input_range=(-2.0, 2.0), max_iter=30, **weights
    )
    before, after = (float(model(x[None])[0, label]) for x in (X, seen.astype(np.float32)))
    assert seen.shape == (96, 96, 3) and after > before
    with pytest.raises(ValueError, match=r"no size for a random start: input image .* seed_input"):
        visualize_activation(model, -1, label)


# -------------------------------------------------------------------------------- bad inputs


def test_bad_arguments_get_one_clear_sentence(point):
    x = keras.Input((3,))
    good = [(Distance(x, point), 1)]
    for losses in ([], [(Distance(x, point), 0)], [(Distance(x, point), None)]):
        with pytest.raises(ValueError, match="nothing to minimise: give a loss whose weight"):
            Optimizer(x, losses)
    for losses in ([Distance(x, point)], [("loss", 1)]):
        with pytest.raises(TypeError, match=r"losses must be a list of pairs \(Loss, weight\)"):
            Optimizer(x, losses)
    with pytest.raises(TypeError, match=r"input_tensor must be a symbolic tensor.*ndarray"):
        Optimizer(np.zeros(3), good)
    with pytest.raises(ValueError, match="There are 1 inputs and 2 ranges"):
        Optimizer(x, good, [(0, 1), (0, 2)])
    with pytest.raises(ValueError, match="max_iter must be at least 1 step, not 0"):
        Optimizer(x, good).minimize(max_iter=0)
    with pytest.raises(ValueError, match=r"seed_input has shape \(1, 4\) and input .* \(1, 3\)"):
        Optimizer(x, good).minimize(np.zeros(4))


def test_nan_from_a_loss_is_noticed():
    x = keras.Input((3,), name="x")

    class Root(Loss):
        def build_loss(self):
            return keras.ops.sum(keras.ops.sqrt(x - 1.0))

    with pytest.raises(ValueError, match=r"with respect to input x holds NaN at step 1.*root"):
        Optimizer(x, [(Root(), 1)]).minimize(np.zeros(3), verbose=False)
