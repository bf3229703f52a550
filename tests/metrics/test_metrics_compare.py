"""One call compares methods: its numbers are those of the metrics, and all of them are shown."""

from functools import partial

import numpy as np
import pytest
from rich.console import Console
from small import given, small_network

from cs231n_vis import compute_saliency_maps, methods, metrics

BASELINES = ("edge detector", "random map")


def my_maps(X, y, model):
    return compute_saliency_maps(X, y, model)


@pytest.fixture(scope="module")
def setting():
    X = np.random.default_rng(0).integers(-500, 500, (6, 16, 14, 3)) / 256  # exact when shifted
    game = {"least": 0, "mosaics": 2}
    return {"images": (X, np.array([0, 1, 2, 3, 4, 0])), "model": small_network(), **game}


@pytest.fixture(scope="module")
def comparison(setting):
    return metrics.compare(
        ["input_x_gradient", my_maps], 4, **setting, fractions=np.linspace(0, 1, 7), seed=7
    )


def test_the_numbers_are_those_of_each_metric_called_alone(setting, comparison):
    (X_all, y_all), model = setting["images"], setting["model"]
    X, y = X_all[:4], y_all[:4]
    method, numbers = methods.input_x_gradient, {k: v[0] for k, v in comparison.numbers.items()}

    def agree(name, expected):
        np.testing.assert_allclose(numbers[name], expected, rtol=1e-3, atol=1e-4)

    for name, curve in (("deletion", metrics.deletion), ("insertion", metrics.insertion)):
        curves = curve(method, X, y, model, fractions=np.linspace(0, 1, 7), seed=7)
        agree(name, curves.areas)
        agree(f"{name}_curves", curves.probabilities)
        np.testing.assert_allclose(comparison.numbers["fractions"], curves.fractions)
    shares = metrics.pointing_game(method, X_all, y_all, model, mosaics=2, least=0, seed=7)
    agree("pointing_game", shares)
    random = metrics.cascading_randomisation(method, X, y, model, seed=7)
    assert random.layers == comparison.layers
    for name in ("rank_correlation", "absolute_rank_correlation", "ssim"):
        agree(name, getattr(random, name))
    agree("input_shift", metrics.input_shift(method, X, y, model).change)
    agree("completeness", metrics.completeness(method, X, y, model).gap)


def test_methods_that_know_nothing_of_the_network_are_compared_with(comparison):
    assert comparison.titles == ("input × gradient", "my_maps", *BASELINES)
    for name in ("rank_correlation", "absolute_rank_correlation", "ssim"):
        np.testing.assert_allclose(comparison.numbers[name][2:], 1, atol=1e-5)
    assert (comparison.numbers["input_shift"][2:] < 1e-5).all()


def test_shapes_for_two_methods_and_two_baselines(comparison):
    shapes = {name: array.shape for name, array in comparison.numbers.items()}
    stages = {name: (4, 3, 4) for name in ("rank_correlation", "absolute_rank_correlation", "ssim")}
    images = {name: (4, 4) for name in ("deletion", "insertion", "input_shift", "completeness")}
    curves = {"deletion_curves": (4, 4, 7), "insertion_curves": (4, 4, 7), "fractions": (7,)}
    assert shapes == {"pointing_game": (4, 2, 4), **stages, **images, **curves}
    assert all(np.isfinite(array).all() for array in comparison.numbers.values())


def test_the_table_has_a_row_for_each_method_and_fits_a_narrow_terminal(comparison):
    lines = str(comparison).splitlines()
    (row,) = (line.split() for line in lines if line.strip().startswith("my_maps"))
    numbers = comparison.numbers
    assert row[1] == f"{numbers['deletion'][1].mean():.3f}"
    assert row[3] == f"{numbers['pointing_game'][1].mean():.2f}"
    assert row[4] == f"{numbers['absolute_rank_correlation'][1, 0].mean():.2f}"
    assert len(row) == 9
    assert any("Images: 4. Mosaics: 2." in line for line in lines)
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        console.print(comparison.table())
    assert "…" not in capture.get()


def test_the_figures_show_every_value_of_every_method(comparison):
    figure = comparison.figure()
    assert len(figure.axes) == 8
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == list(comparison.titles)
    values, means = (c.get_offsets() for c in figure.axes[0].collections[:2])
    np.testing.assert_allclose(values[:, 0], comparison.numbers["deletion"].ravel())
    np.testing.assert_allclose(means[:, 0], comparison.numbers["deletion"].mean(axis=1))
    curves = comparison.curves_figure()
    assert [a.get_title() for a in curves.axes if a.get_visible()] == list(comparison.titles)
    line = curves.axes[1].lines[0].get_ydata()
    np.testing.assert_allclose(line, comparison.numbers["deletion_curves"][1].mean(axis=0))


def test_a_method_without_a_map_has_a_dash_and_no_mark(setting):
    def nothing(X, y, model):
        return np.zeros(X.shape[:3])

    got = metrics.compare([nothing], 2, **setting, fractions=np.linspace(0, 1, 3))
    (row,) = (line.split() for line in str(got).splitlines() if line.strip().startswith("nothing"))
    assert row[3:7] == ["0.00", "–", "–", "–"]
    assert "– where there is no map" in str(got)
    got.figure().canvas.draw()


def test_maps_are_drawn_with_their_names():
    maps = [[np.zeros((4, 4, 3), np.uint8), np.ones((4, 4))], [np.ones((4, 4)), np.eye(4)]]
    figure = metrics.maps_figure(maps, ["one", "other"], ["before", "after"])
    assert [axis.get_title() for axis in figure.axes] == ["before", "after", "", ""]
    assert [axis.get_ylabel() for axis in figure.axes] == ["one", "", "other", ""]


def test_the_seed_decides(setting):
    run = partial(
        metrics.compare, [my_maps], 2, **setting, fractions=np.linspace(0, 1, 3), layers=["third"]
    )
    one, again, other = run(seed=1), run(seed=1), run(seed=2)
    assert one.layers == ("third",)
    for name, array in one.numbers.items():
        np.testing.assert_allclose(array, again.numbers[name], atol=1e-5)
    assert np.abs(one.numbers["ssim"] - other.numbers["ssim"]).max() > 0.01


def test_a_title_of_ones_own_and_a_model_that_is_left_as_it_was(setting):
    before = [weights.copy() for weights in setting["model"].get_weights()]
    got = metrics.compare(
        {"mine": my_maps}, 1, **setting, fractions=np.linspace(0, 1, 2), layers=["third"]
    )
    assert got.titles == ("mine", *BASELINES)
    after = setting["model"].get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_the_sample_photographs_and_squeezenet_are_taken_by_default(images):
    got = metrics.compare(
        "grad_cam", 2, mosaics=1, fractions=np.linspace(0, 1, 5), layers=["conv10"]
    )
    assert got.titles == ("Grad-CAM", *BASELINES)
    areas = got.numbers["insertion"].mean(axis=1)
    assert areas[0] > areas[2]


@pytest.mark.parametrize("side", [224, 448])
def test_every_method_has_quick_parameters_that_fit_photographs_and_mosaics(model, images, side):
    X = np.tile(images[0][:1], (1, side // 224, side // 224, 1))
    quick = metrics.quick_methods()
    assert list(quick) == [method.title for method in methods.METHODS.values()]
    for title, method in quick.items():
        if title != "RISE" or side == 224:  # at 448 it only takes long
            assert method(X, images[1][:1], model).shape[:3] == (1, side, side)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"methods": ["salency"]}, "There is no method 'salency'; did you mean saliency"),
        ({"methods": []}, "methods holds no method; give at least one"),
        ({"methods": [my_maps, my_maps]}, "Two methods are called my_maps; give a mapping"),
        ({"methods": [given(np.ones(3))]}, r"<lambda> returned shape \(3,\); it must return"),
        ({"methods": {"edge detector": my_maps}}, "edge detector is compared with anyway"),
        ({"num": 7}, "num is 7, and there are 6 images; give no more"),
        ({"num": 0}, "num must be at least 1"),
        ({"layers": ["thrid"]}, "'thrid' is not a layer of small with weights; did you mean third"),
        ({"least": 0.9}, "A mosaic takes 4 classes, and small is sure of 0"),
        ({"fractions": [1]}, "fractions must be numbers that rise from 0"),
        ({"shift": [1, 2]}, r"shift has shape \(2,\), which does not fit"),
    ],
)
def test_bad_input_gets_one_clear_sentence(setting, arguments, sentence):
    arguments = {"methods": [my_maps], **setting} | arguments
    with pytest.raises(ValueError, match=sentence):
        metrics.compare(**arguments)
