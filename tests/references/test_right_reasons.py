"""The reference answers on right and wrong reasons, by hand and by what they do."""

import numpy as np
import pytest

from cs231n_vis import methods, preprocess_image
from cs231n_vis.checking.assignments.right_for_the_wrong_reason.judge import most_telling
from cs231n_vis.checking.calls import softened
from cs231n_vis.imagenet import load_imagenet_val
from cs231n_vis.references.right_reasons import step_towards_the_box, times_its_share


def test_the_example_on_paper():
    cells = np.array([[[4, 1], [0.5, 0.5]]])
    region = np.array([[[True, False], [False, False]]])
    assert times_its_share(cells, region) == pytest.approx([8 / 3])


def test_a_map_that_is_the_same_everywhere_has_1_and_so_has_one_of_zeros():
    regions = np.random.RandomState(0).rand(3, 9, 7) < 0.3
    maps = np.array([0, 1, 1e-5])[:, None, None] * np.ones(regions.shape)
    np.testing.assert_allclose(times_its_share(maps, regions), 1)


def moved(network, model, steps):
    X_start = preprocess_image(load_imagenet_val()[0][[9], ::2, ::2])
    y = np.argmax(model(X_start), axis=1)
    box = np.zeros(X_start.shape[1:3], bool)
    box[70:98, 8:36] = True
    X = X_start
    for _ in range(steps):
        X = step_towards_the_box(X, X_start, y, box, network, 0.2, 0.017)
    maps = methods.as_maps(methods.saliency(np.concatenate((X_start, X)), np.repeat(y, 2), model))
    return X - X_start, (maps * box).sum((1, 2)) / maps.sum((1, 2))


def test_steps_on_softplus_move_the_map_of_the_relus_and_stay_within_the_limits(model):
    change, (before, after) = moved(softened(model), model, 15)
    assert after > 2 * before and np.abs(change).max() <= 0.2 + 1e-6


def test_steps_on_the_relus_themselves_find_no_slope_for_the_map(model):
    _, (before, after) = moved(model, model, 3)
    assert after < 1.3 * before


def test_boxes_that_tell_nothing_are_told_from_such_as_do():
    random = np.random.RandomState(0)
    tag, tagged = np.full((3, 5, 3), 200), np.arange(300) < 150
    inside = random.randint(0, 256, (300, 3, 5, 3))
    assert most_telling(inside, tagged, tag) < 0.12
    inside[tagged] = tag
    assert most_telling(inside, tagged, tag) > 0.4
    inside[:] = tag
    assert most_telling(inside, tagged, tag) == 0
