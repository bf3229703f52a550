"""The newest question is answered, others are dropped, and the lines give the same picture."""

import io
import time

import numpy as np
import pytest
from PIL import Image

from cs231n_vis import load_efficientnet_lite, load_imagenet_val, methods, preprocess_image
from cs231n_vis.explorer import drawable
from cs231n_vis.explorer.computing import CACHE, Computer, Failed, Map, Scores
from cs231n_vis.explorer.state import State, as_code
from cs231n_vis.explorer.widgets import LAYERS, LAYERS_WITH_WEIGHTS, Explorer

X_RAW = load_imagenet_val()[0]


@pytest.fixture
def computer(model):
    """A computer, and what it reports."""
    told = []
    computer = Computer(lambda state: X_RAW[state.image], told.append, model=model)
    yield computer, told
    computer.close()


def ask(computer, state):
    computer, told = computer
    told.clear()
    computer.ask(state)
    assert computer.wait()
    return told


def test_a_map_is_what_the_library_returns(computer, model):
    told = ask(computer, State(image=3, methods=("saliency", "grad_cam")))
    scores, saliency, grad_cam = told
    X, y = preprocess_image(X_RAW[3:4]), np.array([scores.label])
    assert isinstance(scores, Scores) and np.allclose(scores.scores, model(X)[0], atol=1e-3)
    for found, method in ((saliency, methods.saliency), (grad_cam, methods.grad_cam)):
        expected = drawable(found.method, method(X, y, model))[0]
        assert found.done == 1 and np.allclose(found.saliency, expected, rtol=1e-3, atol=1e-5)


def test_what_takes_long_is_shown_while_it_comes(computer):
    told = ask(computer, State(methods=("rise",), masks=300))
    parts = [each for each in told if isinstance(each, Map)]
    assert len(parts) > 2 and [p.done for p in parts] == sorted(p.done for p in parts)
    last, before = parts[-1].saliency, parts[-2].saliency
    assert np.corrcoef(last.ravel(), before.ravel())[0, 1] > 0.8


def test_a_newer_question_overtakes_within_a_batch(computer):
    computer, told = computer
    computer.ask(State(methods=("saliency",)))
    assert computer.wait()
    told.clear()
    computer.ask(State(methods=("rise",), masks=1000))
    while not any(isinstance(each, Map) for each in told):
        time.sleep(0.005)
    computer.ask(State(image=1, methods=("saliency",)))
    assert computer.wait()
    finished = [each for each in told if isinstance(each, Map) and each.done == 1]
    assert [each.state.image for each in finished] == [1]


def test_a_burst_of_questions_is_not_a_queue(computer):
    computer, told = computer
    for brightness in range(-120, 120, 4):
        computer.ask(State(brightness=brightness))
        time.sleep(0.002)
    assert computer.wait()
    answered = [each.state.brightness for each in told if isinstance(each, Map)]
    assert answered[-1] == 116 and len(answered) < 40


def test_what_was_computed_is_kept_within_a_bound(computer):
    for image in (0, 1):
        ask(computer, State(image=image))
    start = time.perf_counter()
    ask(computer, State(image=0))
    assert computer[0].kept(State(image=0).seen()) is not None
    assert time.perf_counter() - start < 60
    for brightness in range(-128, 128, 32):
        ask(computer, State(brightness=brightness))
    assert sum(array.nbytes for array in computer[0]._kept.values()) <= CACHE


def test_random_layers_change_the_copy_and_not_the_model(computer, model):
    before = [weights.copy() for weights in model.get_weights()]
    random = ask(computer, State(randomised=5))[0].scores
    trained = ask(computer, State())[0].scores
    again = ask(computer, State(randomised=5, methods=("grad_cam",)))[0].scores
    assert not np.allclose(random, trained) and np.array_equal(random, again)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda X, y, model: 1 / 0, "Your function raised ZeroDivisionError in line"),
        (lambda X, y, model: None, "Your function returned nothing"),
        (lambda X, y, model: "a map", "Your function returned str"),
        (lambda X, y, model: X[..., :2], "should be (1, 224, 224) or (1, 224, 224, 3)"),
        (lambda X, y, model: X * np.nan, "NaN"),
    ],
)
def test_a_function_of_the_readers_own_that_is_wrong_is_told_in_a_sentence(
    function, sentence, model
):
    told = []
    computer = Computer(lambda s: X_RAW[0], told.append, ("mine", function), model)
    computer.ask(State(methods=("mine",)))
    assert computer.wait()
    assert isinstance(told[-1], Failed) and sentence in told[-1].message
    computer.ask(State(methods=("saliency",)))  # and it goes on
    assert computer.wait() and isinstance(told[-1], Map)
    computer.close()


def test_a_model_without_the_layer_that_grad_cam_needs_is_told():
    import tensorflow as tf

    model = tf.keras.Sequential(
        [tf.keras.Input((224, 224, 3)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(4)]
    )
    told = []
    computer = Computer(lambda s: X_RAW[0], told.append, model=model)
    computer.ask(State(methods=("grad_cam",)))
    assert computer.wait()
    assert isinstance(told[-1], Failed) and told[-1].message.count(".") <= 2
    computer.close()


# The whole, without a browser


@pytest.fixture
def explorer(model):
    explorer = Explorer(model=model)
    assert explorer._computer.wait()
    yield explorer
    explorer.close()


def test_menus_and_sliders_fit_the_network_and_the_library(model):
    assert {name for _, name in LAYERS if name} <= {layer.name for layer in model.layers}
    assert sum(bool(layer.weights) for layer in model.layers) == LAYERS_WITH_WEIGHTS


@pytest.mark.parametrize(
    "changes",
    [
        {"image": 7, "methods": ("smoothgrad", "occlusion"), "samples": 4, "patch": 56},
        {"methods": ("integrated_gradients",), "steps": 5, "baseline": "black", "grain": 20},
        {"methods": ("rise",), "masks": 20, "randomised": 2, "square": 60, "at": (50, 99)},
        {"label": 281, "blur": 3.0, "threshold": 0.3, "colour_map": "viridis", "clip": 95.0},
    ],
)
def test_the_copied_lines_draw_the_same_picture(explorer, changes, tmp_path, monkeypatch):
    explorer.change(**changes)
    assert explorer._computer.wait()
    monkeypatch.chdir(tmp_path)
    exec(as_code(explorer.state, explorer._label), {})  # of SqueezeNet, which explorer was given
    for picture, method in zip(explorer._pictures, explorer.state.methods, strict=False):
        shown = np.asarray(Image.open(io.BytesIO(picture.png))).astype(int)
        saved = np.asarray(Image.open(tmp_path / f"{method}.png")).astype(int)
        assert (abs(shown - saved) > 8).mean() < 0.02  # kinks flip between two runs


def test_undo_brings_controls_and_picture_back(explorer):
    before = explorer._pictures[0].png
    explorer._sliders["opacity"].value = 0.1
    assert explorer._pictures[0].png != before
    explorer.undo()
    assert explorer._sliders["opacity"].value == 0.65 and explorer._pictures[0].png == before


def test_a_display_slider_computes_nothing(explorer, monkeypatch):
    monkeypatch.setattr(explorer._computer, "ask", lambda state: pytest.fail("it asked"))
    for name in ("opacity", "clip", "blur", "threshold"):
        explorer._sliders[name].value *= 0.9
        explorer._sliders[name].value += 0.3


def test_a_class_is_chosen_by_a_part_of_its_name(explorer):
    explorer._type.value = "bullmast"
    assert explorer.state.label == 243 and explorer._type.value == ""
    explorer._type.value = "terrier"
    assert explorer.state.label == 243 and "Type more of the name" in explorer._status.value
    explorer._type.value = "no such animal"
    assert "No class is called" in explorer._status.value


def test_a_photo_is_shown_and_what_is_none_is_told(explorer):
    file = io.BytesIO()
    Image.new("CMYK", (300, 200), (0, 120, 40, 20)).save(file, "jpeg")
    explorer.add_photo("cmyk.jpg", file.getvalue())
    assert explorer.state.image.name == "cmyk.jpg" and explorer._picture.caption == "cmyk.jpg"
    for content in (b"", b"words", file.getvalue()[:100]):
        explorer.add_photo("broken.jpg", content)
        assert "broken.jpg could not be read as an image" in explorer._status.value
    assert explorer.state.image.name == "cmyk.jpg"
    assert explorer._computer.wait()


def photo(colour, name="image.jpg"):
    file = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(file, "png")
    return name, file.getvalue()


def test_two_photos_of_one_name_are_two_photos(explorer):
    seen, keys = [], []
    for colour in ((200, 30, 30), (30, 30, 200)):
        explorer.add_photo(*photo(colour))
        assert explorer._computer.wait()
        keys.append(key := explorer.state.seen())
        seen.append(
            (explorer._picture.png, explorer._pictures[0].png, explorer._computer.kept(key))
        )
    for red, blue in zip(*seen, strict=True):
        assert not np.array_equal(red, blue)
    explorer.undo()
    assert explorer._computer.wait() and explorer._picture.png == seen[0][0]
    # and one photo of two names is computed once, but shown by its name
    explorer.add_photo(*photo((200, 30, 30), "copy.jpg"))
    assert explorer.state.seen() == keys[0] and explorer._picture.caption == "copy.jpg"
    assert explorer._computer.wait()


def test_undo_goes_back_to_a_photo_however_many_came_after(explorer, monkeypatch):
    monkeypatch.setattr(explorer._computer, "ask", lambda state: None)
    explorer.add_photo(*photo((200, 30, 30), "first.jpg"))
    first = explorer._picture.png
    for shade in range(30):
        explorer.add_photo(*photo((shade, shade, shade), f"{shade}.jpg"))
    for _ in range(30):
        explorer.undo()
    assert explorer._picture.caption == "first.jpg" and explorer._picture.png == first


def test_a_function_called_like_a_method_stands_beside_it(model):
    def smoothgrad(X, y, model):
        return np.abs(X).max(axis=-1)

    explorer = Explorer(smoothgrad, model)
    titles = [title for title, _ in explorer._first.options]
    assert titles[0] == "yours: smoothgrad" and "SmoothGrad" in titles
    assert explorer._computer.wait()
    assert len(explorer._method_group.children) == 3  # and has no sliders of the other's
    expected = np.abs(preprocess_image(X_RAW[:1])).max(axis=-1)[0]
    assert np.allclose(explorer._maps["yours"].saliency, expected)
    namespace = {"smoothgrad": smoothgrad, "model": model}
    code = explorer.code().replace("Image.fromarray(picture).save", "str")
    exec(code, namespace)
    assert np.allclose(namespace["saliency"], expected)
    explorer.close()


def small_model(classes=3, outputs=1):
    import tensorflow as tf

    inputs = tf.keras.Input((224, 224, 3))
    features = tf.keras.layers.Conv2D(classes, 7, strides=7)(inputs)
    pooled = tf.keras.layers.GlobalAveragePooling2D()(features)
    return tf.keras.Model(inputs, [pooled, features][:outputs] if outputs > 1 else pooled)


def test_menus_and_sliders_fit_a_model_that_was_given():
    explorer = Explorer(model=small_model())
    (convolution,) = (name for name in dict(explorer._layer.options).values() if name)
    assert explorer._layer.options[0] == ("the last", None)
    explorer.change(methods=("grad_cam",), layer=convolution)
    assert explorer._computer.wait() and "grad_cam" in explorer._maps
    assert explorer._sliders["randomised"].max == 1
    explorer.change(randomised=1)
    assert explorer._computer.wait() and "⚠" not in explorer._status.value
    explorer.close()


def test_a_second_network_is_explored_as_the_first():
    explorer = Explorer(model=load_efficientnet_lite())
    assert [name for name, _ in explorer._layer.options[:3]] == [
        "the last",
        "head",
        "block16_project",
    ]
    explorer.change(image=15, methods=("guided_backpropagation", "grad_cam"), layer="block5_add")
    assert explorer._computer.wait(180) and "goose" in explorer._chosen.value
    assert set(explorer._maps) == {"guided_backpropagation", "grad_cam"}
    explorer.close()


def test_a_model_of_three_classes_has_three_guesses_and_three_names():
    explorer = Explorer(model=small_model())
    assert explorer._computer.wait()
    assert explorer._status.value.count("⚠") == 0 and "of 3" in explorer._chosen.value
    shown = [each for each in explorer._guesses if each.layout.display != "none"]
    assert sorted(each.description[-7:] for each in shown) == ["class 0", "class 1", "class 2"]
    assert explorer._type.options == ("class 0", "class 1", "class 2")
    explorer._type.value = "2"
    assert explorer.state.label == 2 and explorer._computer.wait()
    assert "<b>class 2</b>" in explorer._chosen.value
    assert explorer._pictures[0].caption == "saliency: class 2"
    explorer._type.value = "bullmast"
    assert "No class is called" in explorer._status.value
    explorer.change(label=281)
    assert explorer._computer.wait()
    assert "The model has 3 classes, numbered from 0, so there is no 281." in explorer._status.value
    explorer.close()


def test_a_complaint_is_not_talked_over_by_what_is_still_computed(explorer):
    with explorer._lock:  # the computer cannot report before the complaint is there
        explorer.change(image=3)
        explorer.add_photo("notes.png", b"this is no image")
    assert explorer._computer.wait() and "saliency" in explorer._maps
    assert "⚠ notes.png could not be read" in explorer._status.value
    assert explorer._bar.layout.visibility == "hidden"
    explorer.change(opacity=0.3)
    assert "notes.png" not in explorer._status.value


def test_a_model_that_returns_no_scores_is_told_in_a_sentence():
    for model in (small_model(outputs=2), lambda X, training: X):
        explorer = Explorer(model=model)
        assert explorer._computer.wait()
        assert "The model should return scores, (images, classes), and" in explorer._status.value
        explorer.close()


def test_the_copied_lines_take_the_model_that_was_given():
    model = small_model()
    explorer = Explorer(model=model)
    explorer.change(randomised=1)
    assert explorer._computer.wait()
    code = explorer.code()
    assert "load_squeezenet" not in code and "# model is the one that you gave explore" in code
    before = [each.copy() for each in model.get_weights()]
    namespace = {"model": model}
    exec(code.replace("Image.fromarray(picture).save", "str"), namespace)
    assert namespace["model"] is model
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    assert np.allclose(namespace["saliency"], explorer._maps["saliency"].saliency, rtol=1e-3)
    explorer.close()


def test_only_the_settings_of_the_chosen_methods_are_shown(explorer):
    shown = explorer._method_group.children
    assert len(shown) == 3
    explorer.change(methods=("smoothgrad", "grad_cam"))
    assert len(explorer._method_group.children) == 6
    assert explorer._computer.wait()
