"""xplique 2.0 explains the same Keras model; the numbers are those of this package.

============================ ============================================ ========================
xplique                      differs in                                   and then
============================ ============================================ ========================
Saliency                     nothing: absolute, maximum over channels     compute_saliency_maps
(``reducer=None``)           the absolute value                           as_maps(saliency)
GradientInput                mean over channels, unless ``reducer=None``  input_x_gradient
GuidedBackprop               the same                                     guided_backpropagation
DeconvNet                    the same                                     deconvnet
IntegratedGradients          the same                                     rule="trapezoid"
SmoothGrad, SquareGrad       the same, and takes the noise's deviation    smoothgrad,
                             itself, one for all images                   smoothgrad_squared
VarGrad                      the same, and divides by n - 1               n / (n - 1) of vargrad
GradCAM                      upsamples bicubically, which can be < 0      grad_cam(upsample=False),
                                                                          upsampled otherwise
Occlusion                    summed over the squares that hold a pixel    occlusion times their
                             instead of averaged; no square at the end    number, where the
                             where the strides do not fit                 strides fit
Rise                         divided, pixel by pixel, by the sum of the   rise, times samples *
                             masks, not by what it should be; scores as   keep over that sum
                             the model gives them; shifts a whole batch
                             of masks alike
============================ ============================================ ========================
"""

import numpy as np
import pytest
import xplique.attributions as xplique
from independent import relative_l2
from peers.same_noise import noisy_copies, options
from xplique.attributions.gradient_statistics.gradient_statistic import GradientStatistic

from cs231n_vis import compute_saliency_maps, methods, tf
from cs231n_vis.methods.rise import random_mask


@pytest.fixture
def one_hot(pictures):
    return tf.one_hot(pictures[1], 1000)


def test_saliency(double, pictures, one_hot):
    theirs = xplique.Saliency(double)(pictures[0], one_hot).numpy()[..., 0]
    assert relative_l2(compute_saliency_maps(*pictures, double), theirs).max() < 1e-5
    theirs = xplique.Saliency(double, reducer=None)(pictures[0], one_hot)
    assert relative_l2(np.abs(methods.saliency(*pictures, double)), theirs).max() < 1e-5


def test_input_x_gradient(double, pictures, one_hot):
    theirs = xplique.GradientInput(double, reducer=None)(pictures[0], one_hot)
    assert relative_l2(methods.input_x_gradient(*pictures, double), theirs).max() < 1e-5


@pytest.mark.parametrize(
    ("name", "ours"),
    [("GuidedBackprop", methods.guided_backpropagation), ("DeconvNet", methods.deconvnet)],
)
def test_other_relus(model, pictures, one_hot, name, ours):
    """Theirs compute in single precision only; these two photographs were chosen to allow that.

    Measured: of the 20 there are, two have features so near a kink that the error is 1e-3.
    """
    theirs = getattr(xplique, name)(model, reducer=None)(pictures[0], one_hot)
    assert relative_l2(ours(*pictures, model), theirs).max() < 1e-4


def test_integrated_gradients(double, pictures, one_hot):
    theirs = xplique.IntegratedGradients(double, reducer=None, steps=3)(pictures[0], one_hot)
    ours = methods.integrated_gradients(*pictures, double, steps=3, rule="trapezoid")
    assert relative_l2(ours, theirs).max() < 1e-5


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("SmoothGrad", methods.smoothgrad),
        ("SquareGrad", methods.smoothgrad_squared),
        ("VarGrad", methods.vargrad),
    ],
)
def test_noise(double, pictures, one_hot, monkeypatch, name, ours):
    X, y = pictures
    samples = options()["samples"]
    copies = np.concatenate([noisy_copies(image) for image in X])
    monkeypatch.setattr(
        GradientStatistic, "_perturb_samples", staticmethod(lambda *_: tf.constant(copies))
    )
    explainer = getattr(xplique, name)(double, reducer=None, nb_samples=samples)
    theirs = explainer(X, one_hot)
    factor = samples / (samples - 1) if name == "VarGrad" else 1
    assert relative_l2(factor * ours(X, y, double, **options()), theirs).max() < 1e-5


@pytest.mark.parametrize("layer", ["conv10", "fire9_concat"])
def test_grad_cam(model, pictures, one_hot, layer):
    theirs = xplique.GradCAM(model, conv_layer=layer)(pictures[0], one_hot)
    ours = methods.grad_cam(*pictures, model, layer=layer, upsample=False)
    enlarged = tf.image.resize(ours[..., None], (224, 224), "bicubic")
    assert relative_l2(enlarged, theirs).max() < 1e-4


def test_occlusion(model, pictures, one_hot):
    """Scores have no kinks that matter, so single precision will do; 224 - 96 is twice 64."""
    theirs = xplique.Occlusion(model, patch_size=96, patch_stride=64, occlusion_value=0.25)
    ours = methods.occlusion(*pictures, model, patch=96, stride=64, baseline=0.25)
    times = sum((np.arange(224) >= at) & (np.arange(224) < at + 96) for at in (0, 64, 128))
    times = times[:, None] * times
    found = theirs(pictures[0], one_hot).numpy()[..., 0]
    assert relative_l2(ours * times, found).max() < 1e-4


def test_rise(model, pictures, one_hot, monkeypatch):
    same = {"samples": 12, "cells": 7, "keep": 0.4, "seed": 6}
    masks = np.array([random_mask((224, 224), 7, 0.4, (6, s)) for s in range(12)])[..., None]

    def masked(image, chosen, value):
        return masks * image + (1 - masks) * value, tf.constant(masks)

    probabilities = tf.keras.Model(model.input, tf.keras.layers.Softmax()(model.output))
    monkeypatch.setattr(xplique.Rise, "_apply_masks", staticmethod(masked))
    explainer = xplique.Rise(
        probabilities, nb_samples=12, grid_size=7, preservation_probability=0.4
    )
    theirs = explainer(pictures[0], one_hot).numpy()[..., 0]
    ours = methods.rise(*pictures, model, **same) * 12 * 0.4
    assert relative_l2(ours / (masks.sum(0)[..., 0] + xplique.Rise.EPSILON), theirs).max() < 1e-4
