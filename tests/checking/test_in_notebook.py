"""What a student sees: stable lines when right; a sentence and a picture when not."""

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from cs231n_vis import check, compute_saliency_maps, tf


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


@tf.custom_gradient
def guided_relu(x):
    return tf.nn.relu(x), lambda upstream: tf.where((x > 0) & (upstream > 0), upstream, 0.0)


def guided(model, X, y):
    with tf.GradientTape() as tape:
        X = tf.constant(X)
        tape.watch(X)
        scores = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tape.gradient(scores, X)


def test_the_webs_guided_backpropagation_changes_the_model_and_no_answer_after_it_is_harmed(shown):
    def as_on_the_web(X, y, model):
        shared = tf.keras.Model([model.inputs], [model.get_layer("scores").output])
        for layer in shared.layers[1:]:
            if hasattr(layer, "activation"):
                layer.activation = guided_relu
        return guided(shared, X, y)

    def mended(X, y, model):
        copy = tf.keras.models.clone_model(model)
        copy.set_weights(model.get_weights())
        for layer in copy.layers:
            if hasattr(layer, "activation"):
                layer.activation = guided_relu
        return guided(copy, X, y)

    with pytest.raises(check.NotYetRight, match="the network it was given is another one"):
        check.guided_backpropagation(as_on_the_web)
    check.guided_backpropagation(mended)
    check.saliency_maps(compute_saliency_maps)
    check.smoothgrad(
        lambda X, y, model, noise: sum(guided(model, X + n, y) for n in noise) / len(noise)
    )


def test_a_model_that_an_error_left_changed_is_not_given_to_the_next_answer(shown):
    def fails(X, y, model):
        model.get_layer("conv10").set_weights([0 * w for w in model.get_layer("conv10").weights])
        return X[y]

    with pytest.raises(IndexError):
        check.saliency_maps(fails)
    check.saliency_maps(compute_saliency_maps)


def test_an_answer_that_fails_with_a_single_image_fails_in_the_notebook(shown, capsys):
    def squeezed(X, y, model):
        return tf.squeeze(compute_saliency_maps(X, y, model))

    single = "with another, a single image, not square, it is not. The shape is"
    with pytest.raises(check.NotYetRight, match=f"Right with the first input; {single}"):
        check.saliency_maps(squeezed)
    assert "5 of 5 maps agree" in capsys.readouterr().out

    def fails(X, y, model):
        return compute_saliency_maps(X, y, model) if len(X) > 1 else X[5]

    with pytest.raises(IndexError):
        check.saliency_maps(fails)
    assert "with another, a single image, not square, it raises:" in capsys.readouterr().out


def test_what_fails_with_one_image_alone_says_so(shown, capsys):
    from cs231n_vis.references.class_visualization import robust_scores

    def fails(X, y, *others):
        return robust_scores(X, y, *others) if len(X) > 1 else y[1] * X

    with pytest.raises(IndexError):
        check.robust_scores(fails)
    assert "with another, a single image, a single view, it raises:" in capsys.readouterr().out


def test_a_known_mistake_gets_its_hint(shown):
    from cs231n_vis.checking.assignments.saliency_maps.mistakes import SALIENCY

    hints = {misconception.name: misconception.hint for misconception in SALIENCY}
    with pytest.raises(check.NotYetRight) as told:
        check.saliency_maps(lambda X, y, model: compute_saliency_maps(X, y, model).swapaxes(1, 2))
    assert hints["transposed"] in str(told.value)
    assert told.value.result.misconception == "transposed" and not told.value.result.points


def test_a_notebook_shows_the_message_without_a_traceback(capsys):
    shell = InteractiveShell.instance()
    try:
        shell.run_cell("from cs231n_vis import check; raise check.NotYetRight('a sentence', None)")
    finally:
        InteractiveShell.clear_instance()
    assert capsys.readouterr().out.strip() == "NotYetRight: a sentence"


@pytest.fixture
def cells(capsys):
    """Runs cells as a notebook does, and returns what the last one printed."""
    shell = InteractiveShell()
    shell.events.callbacks["post_run_cell"].clear()

    def run(*sources):
        InteractiveShell._instance, kept = shell, InteractiveShell._instance
        try:
            check._say_why_a_function_is_not_there()
        finally:
            InteractiveShell._instance = kept
        for source in sources:
            capsys.readouterr()
            shell.run_cell(source)
        return capsys.readouterr().out.splitlines()[-1]

    return run


CHECK = "from cs231n_vis import check\ncheck.saliency_maps(compute_saliency_maps)"


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (
            "def compute_saliency_maps(X, y, model):\n    maps = (X\n    return maps",
            "Your cell for compute_saliency_maps does not compile: line 2: '(' was never closed.",
        ),
        (
            "import no_such\ndef compute_saliency_maps(X, y, model): pass",
            "Your cell for compute_saliency_maps raised an error: ModuleNotFoundError: No module "
            "named 'no_such'.",
        ),
        ("1 / 0", "There is no function compute_saliency_maps yet: run the cell that defines it."),
    ],
)
def test_a_check_cell_that_finds_no_function_says_why(cell, told, cells):
    assert cells(cell, "del undefined", cell, CHECK) == told
