"""What a student sees: stable lines when right; a sentence and a picture when not."""

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from cs231n_vis import check, compute_saliency_maps


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, as [{MIME type: content}, ...]."""
    displayed = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: displayed.append(data))
    return displayed


def test_a_right_answer_prints_lines_without_any_measured_number(capsys, shown):
    check.saliency_maps(compute_saliency_maps)
    assert capsys.readouterr().out.splitlines() == [
        "✓ it returned an array of numbers",
        "✓ one map for each image, of the image's height and width",
        "✓ no value is negative, infinite or NaN",
        "✓ 5 of 5 maps agree with the saved maps",
        "compute_saliency_maps: passed",
    ]
    assert shown == []


def test_a_wrong_answer_shows_yours_expected_and_difference(capsys, shown):
    with pytest.raises(check.NotYetRight, match="2 of 5 maps differ from the saved maps"):
        check.saliency_maps(
            lambda X, y, model: compute_saliency_maps(
                X, np.argmax(model(X), axis=1), model
            )  # explains what the network says; it is wrong about two images
        )
    (data,) = shown
    assert data["text/plain"] == (
        "Your maps, the expected maps and their difference, for jeep, Dalmatian."
    )
    assert "passed" not in capsys.readouterr().out


def test_the_untouched_answer_says_what_to_do(shown):
    with pytest.raises(check.NotYetRight, match=r"It returned nothing: fill in the answer cell"):
        check.saliency_maps(lambda X, y, model: None)


def test_an_error_in_the_answer_is_the_students_own():
    def answer(X, y, model):
        return X[y]

    with pytest.raises(IndexError):
        check.saliency_maps(answer)


def test_changing_the_input_in_place_is_told_and_does_not_spoil_the_next_check(shown, capsys):
    def answer(X, y, model):
        maps = compute_saliency_maps(X, y, model)
        X[:], y[:] = 0, 0
        return maps

    with pytest.raises(check.NotYetRight, match="not right yet"):
        check.saliency_maps(answer)
    check.saliency_maps(compute_saliency_maps)


def test_a_known_mistake_gets_its_hint(shown):
    from cs231n_vis.checking.assignments.saliency_maps import SALIENCY

    hints = {misconception.name: misconception.hint for misconception in SALIENCY}
    with pytest.raises(check.NotYetRight) as told:
        check.saliency_maps(lambda X, y, model: compute_saliency_maps(X, y, model).swapaxes(1, 2))
    assert hints["transposed"] in str(told.value)


def test_a_notebook_shows_the_message_without_a_traceback(capsys):
    shell = InteractiveShell.instance()
    try:
        shell.run_cell("from cs231n_vis import check; raise check.NotYetRight('a sentence')")
    finally:
        InteractiveShell.clear_instance()
    assert capsys.readouterr().out.strip() == "NotYetRight: a sentence"
