"""The explorer's state, its past, and the lines that reproduce it: no browser, no network."""

import ast
import subprocess
import sys
from dataclasses import fields

import pytest

from cs231n_vis.explorer.state import YOURS, History, Photo, State, as_code
from cs231n_vis.method_table import METHODS


def test_a_change_goes_on_and_undo_and_redo_go_back_and_forth():
    history = History(State())
    history.change(image=3)
    history.change(label=281)
    assert history.undo() == State(image=3)
    assert history.undo() == State() == history.undo()
    assert history.redo() == State(image=3)
    assert history.redo() == history.redo() == State(image=3, label=281)


def test_dragging_one_slider_is_one_step():
    history = History(State())
    for opacity in (0.1, 0.2, 0.3):
        history.change(opacity=opacity)
    history.change(blur=2.0)
    assert history.undo().opacity == 0.3
    assert history.undo() == State()


def test_choosing_images_one_after_another_is_a_step_each():
    history = History(State())
    history.change(image=1)
    history.change(image=2)
    assert history.undo().image == 1


def test_a_change_after_undo_forgets_what_was_undone():
    history = History(State())
    history.change(image=1)
    history.undo()
    history.change(image=2)
    assert history.redo().image == 2 and history.undo().image == 0


def test_reset_keeps_image_and_class_and_can_be_undone():
    history = History(State())
    history.change(image=4)
    history.change(label=7)
    history.change(opacity=0.1, methods=("rise",))
    assert history.reset() == State(image=4, label=7)
    assert history.undo().methods == ("rise",)


def test_the_past_is_bounded():
    history = History(State())
    for number in range(1000):
        history.change(image=number)
    steps = 0
    while history.undo().image != 800 and steps < 1000:
        steps += 1
    assert steps < 300


def test_a_map_depends_on_its_own_settings_only():
    state = State(methods=("smoothgrad",))
    asked = state.asked("smoothgrad", 1)
    assert asked != State(noise=0.2).asked("smoothgrad", 1)
    assert asked == State(steps=3, opacity=0.1, patch=8).asked("smoothgrad", 1)
    assert State(at=(3, 4)).seen() == State().seen() != State(square=8).seen()


def test_every_setting_is_a_keyword_of_its_method_and_a_field_of_the_state():
    import inspect

    names = {field.name for field in fields(State)}
    for method in METHODS.values():
        assert method.settings.keys() <= inspect.signature(method.function).parameters.keys()
        assert set(method.settings.values()) <= names


def test_a_stride_larger_than_the_patch_is_not_asked_for():
    assert State(patch=16, stride=56).settings("occlusion") == {"patch": 16, "stride": 16}


@pytest.mark.parametrize("image", [3, Photo('a "photo".jpg', "", None)])
def test_the_lines_are_python_and_hold_no_more_than_is_needed(image):
    code = as_code(State(image=image, methods=("saliency", "grad_cam")), 281)
    ast.parse(code)
    assert "perturbed" not in code and "randomised" not in code
    assert (
        repr(getattr(image, "name", image)) in code
        and "np.array([281])" in code
        and "layer=None" in code
    )


def test_a_photo_is_known_by_its_content():
    here, there = (State(image=Photo("image.jpg", content, None)) for content in ("a", "b"))
    assert here != there and here.seen() != there.seen()
    assert State(image=Photo("copy.jpg", "a", None)).seen() == here.seen()


def test_a_function_without_a_name_is_to_be_put_into_the_lines():
    state = State(methods=(YOURS, "saliency"))
    assert "map1 = mine(X, y, model)" in as_code(state, 1, "mine")
    for name in ("<lambda>", ""):
        code = as_code(state, 1, name)
        ast.parse(code)
        assert "yours = ...  # your function" in code and "map1 = yours(X, y, model)" in code


def test_the_state_needs_neither_widgets_nor_tensorflow():
    code = (
        "import sys, cs231n_vis.explorer.state, cs231n_vis.explorer.drawing\n"
        "sys.exit(bool({'tensorflow', 'ipywidgets', 'anywidget'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
