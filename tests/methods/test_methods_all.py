"""What is true of every method, whatever it computes."""

import gc
import inspect
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from independent import relative_l2
from methods import by_hand
from methods.by_hand import few, small_batch, small_model

from cs231n_vis import methods, tf
from cs231n_vis.methods import gradients

keras, layers = tf.keras, tf.keras.layers

ALL = list(methods.METHODS)
RANDOM = ["smoothgrad", "smoothgrad_squared", "vargrad", "expected_gradients", "rise"]
SAMPLED = [*RANDOM, "integrated_gradients", "occlusion"]
WITHOUT_CHANNELS = ["grad_cam", "occlusion", "rise"]

every_method = pytest.mark.parametrize("name", ALL)


def run(name, X, y, model, **more):
    return methods.METHODS[name].function(X, y, model, **few(name, np.asarray(X)), **more)


def assert_close(found, expected, tolerance=1e-5):
    """Relative L2 error over all images: a map that is 0 everywhere has none of its own."""
    assert relative_l2(found[None], expected[None])[0] < tolerance


def test_the_list_holds_every_method_under_its_own_name():
    assert len(ALL) == 13 and set(RANDOM) < set(SAMPLED) < set(ALL)
    for name in ALL:
        method = methods.METHODS[name]
        assert getattr(methods, name) is method.function and name in methods.__all__
        parameters = inspect.signature(method.function).parameters
        assert list(parameters)[:3] == ["X", "y", "model"]
        options = list(parameters.values())[3:]
        assert all(option.kind is option.KEYWORD_ONLY for option in options)
        assert ("seed" in parameters) == (name in RANDOM)
        assert ("progress" in parameters) == (name in SAMPLED)
        documented = inspect.getdoc(method.function)
        assert all(f"{option.name}" in documented for option in options)
    assert len({method.title for method in methods.METHODS.values()}) == len(ALL)


@every_method
@pytest.mark.parametrize("count", [0, 1, 7])
def test_shape_and_dtype(name, model, count):
    X, y = small_batch(count)
    found = run(name, X, y, model)
    assert isinstance(found, np.ndarray) and found.dtype == np.float32
    assert found.shape == (X.shape[:3] if name in WITHOUT_CHANNELS else X.shape)
    assert np.isfinite(found).all()
    if count:
        assert found.any()


@every_method
def test_an_image_is_explained_the_same_in_any_company(name, model, batch, monkeypatch):
    X, y = batch
    together = run(name, X, y, model)
    alone = np.concatenate([run(name, X[n : n + 1], y[n : n + 1], model) for n in range(len(X))])
    assert_close(together, alone)
    order = np.random.default_rng(0).permutation(len(X))
    assert_close(run(name, X[order], y[order], model), together[order])
    for size in (1, 2, 50):
        monkeypatch.setattr(gradients, "BATCH_SIZE", size)
        assert_close(run(name, X, y, model), together)


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_decides_the_draws(name, model, batch):
    X, y = batch
    one, again, other = (run(name, X, y, model, seed=seed) for seed in (4, 4, 5))
    assert np.array_equal(one, again)
    assert relative_l2(other[None], one[None])[0] > 0.01
    np.random.seed(0)
    state = np.random.get_state()[1].copy()
    assert np.array_equal(run(name, X, y, model, seed=4), one)  # nor does it touch NumPy's own
    assert np.array_equal(np.random.get_state()[1], state)


@every_method
def test_inputs_and_model_are_left_as_they_were(name, batch):
    X, y = batch
    model = small_model()
    before = X.copy(), y.copy(), model.get_weights(), model.get_config(), model(X).numpy()
    calls = [layer.call for layer in model.layers]
    run(name, X, y, model)
    assert np.array_equal(X, before[0]) and np.array_equal(y, before[1])
    for weight, old in zip(model.get_weights(), before[2], strict=True):
        assert np.array_equal(weight, old)
    assert model.get_config() == before[3]
    assert [layer.call for layer in model.layers] == calls
    assert not any("call" in vars(layer) for layer in [model, *model.layers])
    with tf.GradientTape() as tape:
        x = tf.constant(X)
        tape.watch(x)
        scores = tf.gather(model(x), y, batch_dims=1)
    assert np.array_equal(model(X).numpy(), before[4])
    assert_close(tape.gradient(scores, x).numpy(), by_hand.gradients(X, y, model))


@every_method
def test_new_weights_are_seen(name, batch):
    X, y = batch
    model, other = small_model(), small_model(seed=7)
    run(name, X, y, model)
    model.set_weights(other.get_weights())
    assert_close(run(name, X, y, model), run(name, X, y, other))


@every_method
def test_a_method_is_compiled_once(name, model, batch, monkeypatch):
    X, y = batch
    run(name, X[:1], y[:1], model)
    monkeypatch.setattr(gradients, "_compile", None)  # would raise if it were called again
    for count in (0, 2, 3, 7):
        run(name, X[:count], y[:count], model)
    if name in RANDOM:
        run(name, X, y, model, seed=3)


@every_method
def test_one_channel(name):
    X, y = small_batch(channels=1)
    model = small_model(channels=1)
    found = run(name, X, y, model)
    assert found.shape == (X.shape[:3] if name in WITHOUT_CHANNELS else X.shape) and found.any()
    if name == "saliency":
        assert_close(found, by_hand.gradients(X, y, model))


@every_method
def test_a_model_in_double_precision(name, model, batch):
    X, y = batch
    double = small_model(dtype="float64")
    double.set_weights(model.get_weights())
    assert double(X[:1]).dtype == tf.float64
    found = run(name, X, y, double)
    assert found.dtype == np.float32
    assert_close(found, run(name, X, y, model), 1e-4)
    assert_close(run(name, X.astype(np.float64), y, double), found, 1e-4)


@every_method
def test_a_model_in_mixed_precision(name, model, batch):
    X, y = batch
    mixed = small_model(dtype="mixed_float16")
    mixed.set_weights(model.get_weights())
    assert mixed(X[:1]).dtype == tf.float16
    found = run(name, X, y, mixed)
    assert found.dtype == np.float32
    # half precision moves some features over a kink, and VarGrad lives on small differences
    assert_close(found, run(name, X, y, model), 0.5 if name == "vargrad" else 0.25)


@every_method
def test_a_softmax_at_the_end_makes_no_difference(name, model, batch):
    X, y = batch
    with_softmax = keras.Sequential([*model.layers, layers.Softmax()])
    assert_close(run(name, X, y, with_softmax), run(name, X, y, model))


class Subclassed(keras.Model):
    def __init__(self, inner):
        super().__init__()
        self.steps = inner.layers

    def call(self, x):
        for step in self.steps:
            x = step(x)
        return x


@every_method
@pytest.mark.parametrize("kind", ["functional", "nested", "subclassed"])
def test_models_of_every_kind(name, model, batch, kind):
    X, y = batch
    if kind == "subclassed":
        same = Subclassed(model)
    else:
        image = same = keras.Input(X.shape[1:])
        if kind == "nested":
            same = model(image)
        else:
            for layer in model.layers:
                same = layer(same)
        same = keras.Model(image, same)
    assert_close(run(name, X, y, same), run(name, X, y, model))


@every_method
def test_images_of_any_size_where_the_model_takes_them(name, model):
    anywhere = small_model(size=(None, None))
    anywhere.set_weights(model.get_weights())
    for size in ((13, 10), (9, 21)):
        X, y = small_batch(3, size=size)
        found = run(name, X, y, anywhere)
        assert found.shape[1:3] == size
    X, y = small_batch(3)
    assert_close(run(name, X, y, anywhere), run(name, X, y, model))


@every_method
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float64])
def test_images_of_every_number(name, model, batch, dtype):
    X = np.clip(10 * np.abs(batch[0]), 0, 100).astype(dtype)
    found = run(name, X, batch[1], model)
    assert_close(found, run(name, X.astype(np.float32), batch[1], model))


@every_method
def test_tensors_and_lists_are_taken(name, model, batch):
    X, y = batch
    expected = run(name, X, y, model)
    assert np.array_equal(run(name, tf.constant(X), tf.constant(y), model), expected)
    assert np.array_equal(run(name, X.tolist(), y.tolist(), model), expected)


def test_a_model_can_be_freed_after_use(batch):
    model = small_model()
    for name in ALL:
        run(name, *batch, model)
    gone = weakref.ref(model)
    del model
    keras.backend.clear_session()
    gc.collect()
    assert gone() is None


def test_threads_may_call_at_once(batch):
    """All methods of one new model, each twice, from four threads: as one after another."""
    X, y = batch
    model = small_model()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda name: run(name, X, y, model), 2 * ALL))
    same = small_model()
    for name, one, two in zip(ALL, found, found[len(ALL) :], strict=False):
        assert_close(one, two)
        assert_close(one, run(name, X, y, same))


def test_a_model_may_be_used_while_grad_cam_is_compiled(batch):
    """Layers take notes while it is compiled, and only of what is computed for it."""
    X, y = batch
    model = small_model()
    expected = run("grad_cam", X, y, small_model())
    with ThreadPoolExecutor(1) as pool:
        used = pool.submit(lambda: [model(X).shape for _ in range(60)])
        assert_close(run("grad_cam", X, y, model), expected)
        assert used.result() == [(7, 7)] * 60


BAD = np.zeros((2, 13, 10, 3), np.float32), np.zeros(2, int)


@every_method
@pytest.mark.parametrize(
    ("X", "y", "error", "sentence"),
    [
        (BAD[0] * np.nan, BAD[1], ValueError, "X holds NaN or infinity"),
        (BAD[0][0], BAD[1], ValueError, r"X has shape \(13, 10, 3\); .* pass X\[None\]"),
        (BAD[0][..., :1], BAD[1], ValueError, r"X has shape \(2, 13, 10, 1\) and .* takes"),
        (BAD[0].astype(str), BAD[1], TypeError, "X has dtype <U"),
        (BAD[0], BAD[1][:1], ValueError, r"X holds 2 images and y has shape \(1,\)"),
        (BAD[0], BAD[1] + 7, ValueError, "Label 7 in y is not a class of .* numbered 0 to 6"),
        (BAD[0], BAD[1] - 1, ValueError, "Label -1 in y is not a class"),
        (BAD[0], BAD[1] + 0.5, TypeError, "y has dtype float64; labels must be integers"),
    ],
)
def test_bad_input_gets_one_clear_sentence(name, model, X, y, error, sentence):
    with pytest.raises(error, match=f"^{sentence}"):
        getattr(methods, name)(X, y, model)


@every_method
def test_a_model_that_is_none(name, batch):
    with pytest.raises(TypeError, match=r"^model must be a Keras model, not function\.$"):
        run(name, *batch, lambda x: x)


@every_method
def test_a_model_that_returns_no_scores(name, batch):
    image = keras.Input((13, 10, 3))
    model = keras.Model(image, layers.Conv2D(4, 3, activation="relu")(image), name="convolution")
    with pytest.raises(ValueError, match=r"^convolution returns \(N, 11, 8, 4\); it must return"):
        run(name, *batch, model)


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, "rounds") for name in ALL if name not in ("occlusion", "rise")]
    + [("saliency", "stops"), ("saliency", "compares")],
)
def test_a_model_without_a_gradient(name, batch, kind):
    cut = {
        "rounds": tf.round,
        "stops": tf.stop_gradient,
        "compares": lambda x: tf.cast(x > 0, tf.float32),
    }[kind]
    image = keras.Input((13, 10, 3))
    features = layers.Lambda(cut)(layers.Conv2D(7, 3, activation="relu", name="conv")(image))
    model = keras.Model(image, layers.Lambda(lambda x: tf.reduce_mean(x, (1, 2)))(features))
    model.name = "flat"
    more = {"layer": "conv"} if name.endswith("cam") else {}
    with pytest.raises(ValueError, match=r"^The scores of flat have no gradient with respect to"):
        run(name, *batch, model, **more)


@pytest.mark.parametrize("name", SAMPLED)
def test_the_progress_bar_waits_and_goes(name, model, batch, monkeypatch, capsys):
    run(name, *batch, model)
    assert capsys.readouterr() == ("", "")  # it took less than two seconds
    monkeypatch.setattr(gradients, "SECONDS_BEFORE_PROGRESS", 0)
    run(name, *batch, model)
    out, err = capsys.readouterr()
    assert out == "" and f"{methods.METHODS[name].title}: " in err and "0%" in err
    *_, last, end = err.split("\r")
    assert last.strip() == "" and end == ""  # the line is wiped
    run(name, *batch, model, progress=False)
    assert capsys.readouterr() == ("", "")


# as_maps -----------------------------------------------------------------------------------------


def test_as_maps():
    rng = np.random.default_rng(0)
    attributions = rng.normal(size=(3, 5, 4, 3))
    maps = methods.as_maps(attributions)
    assert maps.dtype == np.float32 and maps.shape == (3, 5, 4)
    np.testing.assert_array_equal(maps, np.abs(attributions).max(-1).astype(np.float32))
    np.testing.assert_array_equal(methods.as_maps(-attributions), maps)
    flat = methods.as_maps(attributions[..., 0])
    assert flat.dtype == np.float32
    np.testing.assert_array_equal(flat, attributions[..., 0].clip(0).astype(np.float32))
    assert methods.as_maps(np.zeros((0, 5, 4, 3))).shape == (0, 5, 4)
    assert methods.as_maps(np.zeros((0, 5, 4))).shape == (0, 5, 4)
    for shape in ((5, 4), (2, 3, 5, 4, 3), ()):
        with pytest.raises(
            ValueError, match=r"^attributions have shape .*; they must be \(N, H, W"
        ):
            methods.as_maps(np.zeros(shape))


@every_method
def test_every_method_can_be_drawn(name, model, batch):
    maps = methods.as_maps(run(name, *batch, model))
    assert maps.shape == (7, 13, 10) and maps.dtype == np.float32 and maps.min() >= 0
