"""In less than float32 a right answer's maps are far off: it is prevented, or else it is named."""

import os
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from cs231n_vis import check, check_installation, compute_saliency_maps, freeze, tf
from cs231n_vis.checking import calls
from cs231n_vis.checking.assignments import CHECKS
from cs231n_vis.checking.checks import judge_answers
from cs231n_vis.checking.exchange import Answer
from cs231n_vis.checking.verdict import relative_l2
from cs231n_vis.tensorflow_quiet import lost_precision

CHECK = CHECKS["saliency_maps"]


def run(code: str, **environment: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout


@pytest.fixture
def ten_bits_of_mantissa(monkeypatch):
    """Convolutions see their inputs as TF32 has them, which needs a GPU otherwise."""
    convolution = tf.nn.convolution

    @tf.custom_gradient
    def rounded(x):
        if x.dtype != tf.float32:
            return x, lambda gradient: gradient
        bits = (tf.bitcast(x, tf.int32) + (1 << 12)) & ~((1 << 13) - 1)
        return tf.bitcast(bits, tf.float32), lambda gradient: gradient

    def of_rounded(input, filters, *rest, **options):
        both = (rounded(tf.convert_to_tensor(each)) for each in (input, filters))
        return convolution(*both, *rest, **options)

    monkeypatch.setattr(tf.nn, "convolution", of_rounded)
    monkeypatch.setattr(calls, "_given", [])  # what is compiled already would stay exact


def test_tensor_float_32_is_off_and_nothing_here_turns_it_on_again(model, images):
    from cs231n_vis.tf1 import get_session

    freeze(model)(images[0][:1])
    get_session().close()
    assert not tf.config.experimental.tensor_float_32_execution_enabled()


@pytest.mark.parametrize("order", ["tensorflow, cs231n_vis.tf1", "cs231n_vis.tf1, tensorflow"])
def test_a_notebook_that_imports_tensorflow_itself_has_it_off_too(order):
    code = f"import {order}; import tensorflow as tf; print(tf.config.experimental."
    assert run(code + "tensor_float_32_execution_enabled())") == "False\n"


def test_in_tensor_float_32_a_right_answer_is_too_far_off_and_told_why(
    ten_bits_of_mantissa, capsys
):
    probe = CHECK.known_probes()[0]
    answer = CHECK.ask(compute_saliency_maps, probe)
    errors = relative_l2(answer.returned, probe.expected)
    assert (errors > 0.03).all() and (errors < 0.2).all()

    judgement = judge_answers(CHECK, [probe], [answer])
    assert not judgement.passed and judgement.undecided and judgement.misconception is None
    with pytest.raises(check.NotYetRight) as told:
        check.saliency_maps(compute_saliency_maps)
    assert str(told.value).startswith(
        "compute_saliency_maps cannot be judged here. TensorFlow computes here with less than "
        "float32's precision, because of "
    )
    assert not check_installation()
    assert "less than float32's precision" in capsys.readouterr().out


def test_what_passes_all_the_same_has_passed(ten_bits_of_mantissa):
    probe = CHECK.known_probes()[0]
    answer = CHECK.ask(lambda X, y, model: probe.expected, probe)
    assert answer.lost_precision and judge_answers(CHECK, [probe], [answer]).passed


@contextmanager
def options(**chosen):
    tf.config.optimizer.set_experimental_options(chosen)
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options(dict.fromkeys(chosen, False))


def test_the_setting_that_lowers_precision_is_named(ten_bits_of_mantissa, monkeypatch):
    assert "because of something unknown (on a GPU, " in lost_precision()
    tf.config.experimental.enable_tensor_float_32_execution(True)
    try:
        assert "because of tf.config.experimental.enable_tensor_float_32" in lost_precision()
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(False)
    with options(auto_mixed_precision=True):
        assert "set_experimental_options({'auto_mixed_precision': True})" in lost_precision()
    monkeypatch.setenv("ONEDNN_DEFAULT_FPMATH_MODE", "bf16")
    assert "environment variable ONEDNN_DEFAULT_FPMATH_MODE=bf16, and" in lost_precision()


def test_a_setting_without_effect_is_not_spoken_of(monkeypatch):
    monkeypatch.setenv("ONEDNN_DEFAULT_FPMATH_MODE", "bf16")  # oneDNN has long read it
    assert lost_precision() == ""


def test_a_mixed_precision_policy_does_not_touch_the_network(images):
    from cs231n_vis import load_squeezenet

    policy = tf.keras.config.dtype_policy()
    tf.keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = load_squeezenet()
        maps = compute_saliency_maps(images[0][:2], images[1][:2], network)
    finally:
        tf.keras.config.set_dtype_policy(policy)
    assert network(images[0][:1]).dtype == np.float32
    expected = compute_saliency_maps(images[0][:2], images[1][:2], load_squeezenet())
    assert relative_l2(maps, expected).max() < 1e-3


def test_the_grader_says_it_too():
    from types import SimpleNamespace

    from cs231n_vis.grading import submission
    from cs231n_vis.grading.messages import Reply

    probe = CHECK.known_probes()[0]
    assignment = SimpleNamespace(probes={CHECK.name: [probe]})
    answer = Answer(1.1 * probe.expected, lost_precision="It is not exact.")
    reply = Reply(answers={CHECK.name: [answer]}, left_out={CHECK.name: []})
    judgement = submission._judge(CHECK, assignment, reply)
    result = judgement.result(CHECK.name, 10)
    assert (result.status, result.message) == ("error", "It is not exact.")
    assert (result.points, result.max_points) == (0, 10)
