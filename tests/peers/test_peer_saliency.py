"""PAIR's saliency 0.2.1 asks for a model's gradients and does the rest; so do its numbers agree.

============================ ============================================ ========================
saliency.core                differs in                                   and then
============================ ============================================ ========================
GradientSaliency             nothing                                      saliency
  ``GetSmoothedMask``        ``magnitude=True`` squares (its default)     smoothgrad_squared
                             ``magnitude=False`` does not                 smoothgrad
IntegratedGradients          n points from end to end, all of weight 1/n  (n - 1) / n of
                                                                          rule="trapezoid" and
                                                                          1 / 2n of both ends
GradCam                      with ``should_resize`` divided by its        grad_cam(upsample=False)
                             maximum, and mirrored at the border          without
Occlusion                    a stride of 1; summed over the squares that  occlusion(stride=1) times
                             hold a pixel instead of averaged             their number
============================ ============================================ ========================
"""

import numpy as np
import pytest
import saliency.core as saliency
from independent import relative_l2
from peers.same_noise import noisy_copies, options

from cs231n_vis import methods, tf


@pytest.fixture
def call(double, model):
    """What the library calls: gradients, features and scores of a batch, from an eager tape."""
    conv10 = double.get_layer("conv10").output
    with_features = tf.keras.Model(double.input, [conv10, double.output])

    def call_model(x, call_model_args, expected_keys):
        if expected_keys == [saliency.OUTPUT_LAYER_VALUES]:
            scores = model(x.astype(np.float32))
            return {saliency.OUTPUT_LAYER_VALUES: scores[:, call_model_args]}
        x = tf.constant(x, tf.float32)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            features, scores = with_features(x)
            score = scores[:, call_model_args]
        return {
            saliency.INPUT_OUTPUT_GRADIENTS: tape.gradient(score, x),
            saliency.CONVOLUTION_LAYER_VALUES: features,
            saliency.CONVOLUTION_OUTPUT_GRADIENTS: tape.gradient(score, features),
        }

    return call_model


def explained(method, pictures, call, *args, **kwargs):
    """One image at a time, as the library does it."""
    pairs = zip(*pictures, strict=True)
    return np.array([method(image, call, int(label), *args, **kwargs) for image, label in pairs])


def test_gradient(double, pictures, call):
    theirs = explained(saliency.GradientSaliency().GetMask, pictures, call)
    assert relative_l2(methods.saliency(*pictures, double), theirs).max() < 1e-5


@pytest.mark.parametrize(
    ("magnitude", "ours"), [(False, methods.smoothgrad), (True, methods.smoothgrad_squared)]
)
def test_smoothgrad(double, pictures, call, monkeypatch, magnitude, ours):
    X, y = pictures
    noise = [copy - image for image in X for copy in noisy_copies(image).astype(float)]
    deviations = []

    def normal(mean, deviation, shape):
        deviations.append(deviation)
        return noise.pop(0)

    monkeypatch.setattr(np.random, "normal", normal)
    same, method = options(), saliency.GradientSaliency().GetSmoothedMask
    theirs = explained(
        lambda x, *args: method(
            x.astype(float),
            *args,
            stdev_spread=same["noise"],
            nsamples=same["samples"],
            magnitude=magnitude,
        ),
        pictures,
        call,
    )
    assert noise == []
    expected = same["noise"] * np.ptp(X.reshape(2, -1), axis=1)
    np.testing.assert_allclose(deviations, np.repeat(expected, same["samples"]), rtol=1e-6)
    assert relative_l2(ours(X, y, double, **same), theirs).max() < 1e-5


def test_integrated_gradients(double, pictures, call):
    X, y = pictures
    theirs = explained(saliency.IntegratedGradients().GetMask, pictures, call, x_steps=3)
    inner = methods.integrated_gradients(X, y, double, steps=3, rule="trapezoid")
    ends = X * methods.saliency(0 * X, y, double) + X * methods.saliency(X, y, double)
    assert relative_l2(inner * 2 / 3 + ends / 6, theirs).max() < 1e-5


def test_grad_cam(double, pictures, call):
    arguments = {"should_resize": False, "three_dims": False}
    theirs = explained(saliency.GradCam().GetMask, pictures, call, **arguments)
    ours = methods.grad_cam(*pictures, double, upsample=False)
    assert relative_l2(ours, theirs).max() < 1e-5
    theirs = explained(saliency.GradCam().GetMask, pictures, call, three_dims=False)
    enlarged = methods.grad_cam(*pictures, double) / ours.max((1, 2), keepdims=True)
    border = -(-224 // 13 // 2) + 1  # half a pixel of the 13 x 13
    inside = np.s_[:, border:-border, border:-border]
    assert relative_l2(enlarged[inside], theirs[inside]).max() < 1e-5


def test_occlusion(model, pictures, call):
    """On a corner of the photographs: a stride of 1 means a forward pass for nearly each pixel."""
    X, y = pictures[0][:, 80:128, 80:124], pictures[1]
    theirs = explained(saliency.Occlusion().GetMask, (X, y), call, size=40, value=0.25)
    ours = methods.occlusion(X, y, model, patch=40, stride=1, baseline=0.25)
    rows, columns = (
        np.convolve(np.ones(side - 39), np.ones(40))  # how many squares hold a row, a column
        for side in (48, 44)
    )
    times = rows[:, None] * columns
    for channel in range(3):
        assert relative_l2(ours * times, theirs[..., channel]).max() < 1e-4
