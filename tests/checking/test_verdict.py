"""Right answers pass and wrong ones do not: the measurements behind the judge's tolerance.

Measured on the saved maps' five images (Python 3.11, TensorFlow 2.21, AMD EPYC), the largest
relative L2 error of a right answer and the smallest of a wrong one, over the images it touches:

| answer                                     | error   |
|--------------------------------------------|---------|
| float64                                    | 0       |
| reference, eager tape, one at a time       | 1.4e-4  |
| input moved by 1e-6                        | 1.0e-3  |
| XLA                                        | 2.2e-3  |
| **tolerance**                              | 0.03    |
| L2 norm over channels                      | 0.26    |
| mean over channels                         | 0.35    |
| first channel                              | 0.41    |
| gradient times input                       | 0.42    |
| absolute value after the maximum           | 0.48    |
| cross-entropy                              | 0.54    |
| predicted class (images it gets wrong)     | 0.58    |
| mean over the batch                        | 0.80    |
"""

import numpy as np
import pytest

from cs231n_vis import tf
from cs231n_vis.checking.assignments import CHECKS
from cs231n_vis.checking.verdict import TOLERANCE, judge_maps, relative_l2
from cs231n_vis.references.saliency import compute_saliency_maps


def gradient(X, y, model, score=lambda scores, y: tf.gather(scores, y, axis=1, batch_dims=1)):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = score(model(X), y)
    return tape.gradient(target, X)


def magnitude(g):
    return tf.reduce_max(tf.abs(g), axis=-1)


def one_by_one(X, y, model):
    return np.stack(
        [magnitude(gradient(X[i : i + 1], y[i : i + 1], model))[0] for i in range(len(X))]
    )


def in_double_precision(X, y, model):
    from cs231n_vis.making.write_saved_maps import float64_squeezenet

    return magnitude(gradient(X.astype(np.float64), y, float64_squeezenet()))


def with_one_hot(X, y, model):
    return magnitude(gradient(X, y, model, lambda s, y: tf.reduce_sum(s * tf.one_hot(y, 1000), 1)))


RIGHT = {
    "the reference": compute_saliency_maps,
    "eager tape": lambda X, y, model: magnitude(gradient(X, y, model)),
    "one image at a time": one_by_one,
    "float64": in_double_precision,
    "one-hot product": with_one_hot,
    "XLA": lambda X, y, model: tf.function(
        lambda X, y: magnitude(gradient(X, y, model)), jit_compile=True
    )(X, y.astype(np.int32)),
    "with noise of 1e-6": lambda X, y, model: compute_saliency_maps(X + 1e-6, y, model),
}

WRONG = {
    "mean over channels": lambda X, y, m: tf.reduce_mean(tf.abs(gradient(X, y, m)), -1),
    "sum over channels": lambda X, y, m: tf.reduce_sum(tf.abs(gradient(X, y, m)), -1),
    "L2 norm over channels": lambda X, y, m: tf.norm(gradient(X, y, m), axis=-1),
    "first channel": lambda X, y, m: tf.abs(gradient(X, y, m))[..., 0],
    "absolute value after the maximum": lambda X, y, m: tf.abs(
        tf.reduce_max(gradient(X, y, m), -1)
    ),
    "predicted class": lambda X, y, m: magnitude(
        gradient(X, y, m, lambda s, y: tf.reduce_max(s, axis=1))
    ),
    "all classes": lambda X, y, m: magnitude(gradient(X, y, m, lambda s, y: s)),
    "probability": lambda X, y, m: magnitude(
        gradient(X, y, m, lambda s, y: tf.gather(tf.nn.softmax(s), y, axis=1, batch_dims=1))
    ),
    "cross-entropy": lambda X, y, m: magnitude(
        gradient(X, y, m, lambda s, y: tf.nn.sparse_softmax_cross_entropy_with_logits(y, s))
    ),
    "gradient times input": lambda X, y, m: magnitude(X * gradient(X, y, m)),
    "labels in another order": lambda X, y, m: compute_saliency_maps(X, y[::-1], m),
    "mean over the batch": lambda X, y, m: compute_saliency_maps(X, y, m) / len(X),
    "scaled to 0..1": lambda X, y, m: (
        (a := compute_saliency_maps(X, y, m)) / a.max(axis=(1, 2), keepdims=True)
    ),
    "transposed": lambda X, y, m: compute_saliency_maps(X, y, m).swapaxes(1, 2),
    "mirrored": lambda X, y, m: compute_saliency_maps(X, y, m)[:, :, ::-1],
    "zeros": lambda X, y, m: np.zeros(X.shape[:3]),
}


@pytest.fixture(scope="module")
def saved():
    return CHECKS["saliency_maps"].known_probes()[0]


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_passes_with_room_to_spare(name, saved, model):
    answer = RIGHT[name](saved.inputs["X"], saved.inputs["y"], model)
    assert relative_l2(answer, saved.expected).max() < TOLERANCE / 5
    assert judge_maps(answer, saved.expected).passed


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_fails_with_room_to_spare(name, saved, model):
    answer = WRONG[name](saved.inputs["X"], saved.inputs["y"], model)
    assert relative_l2(answer, saved.expected).max() > TOLERANCE * 5
    verdict = judge_maps(answer, saved.expected)
    assert not verdict.passed and verdict.message


EXPECTED = np.random.default_rng(231).random((3, 6, 5), dtype=np.float32) + 0.1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (None, "It returned nothing: fill in"),
        ("a picture", "It returned a str, and an array of numbers is needed"),
        ([[1], [2, 3]], "It returned a list"),
        (EXPECTED.astype(object), "It returned an array of dtype object"),
        (EXPECTED[0], "The shape is (6, 5) and should be (3, 6, 5)"),
        (EXPECTED[..., None], "The shape is (3, 6, 5, 1)"),
        (np.where(EXPECTED > 1, np.nan, EXPECTED), "NaN or infinity"),
        (-EXPECTED, "Some values are negative"),
        (EXPECTED * [[[1]], [[2]], [[1]]], "1 of 3 maps differ from the saved maps, by up to 100%"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(answer, sentence):
    verdict = judge_maps(answer, EXPECTED)
    assert not verdict.passed
    assert sentence in verdict.message


def test_the_wrong_images_are_numbered():
    assert judge_maps(EXPECTED * [[[1]], [[2]], [[1]]], EXPECTED).wrong == (1,)


def test_lists_tensors_and_double_precision_are_taken_for_what_they_hold():
    for answer in (EXPECTED.tolist(), tf.constant(EXPECTED), EXPECTED.astype(np.float64)):
        assert judge_maps(answer, EXPECTED).passed


def test_the_facts_of_a_right_answer_hold_no_measured_number():
    one, other = (judge_maps(EXPECTED * factor, EXPECTED) for factor in (1, 1.001))
    assert one.facts == other.facts and one.passed and other.passed


def test_an_image_without_any_gradient_is_judged_too():
    zero = np.zeros((1, 6, 5), np.float32)
    assert judge_maps(zero, zero).passed
    assert not judge_maps(zero + 1, zero).passed
