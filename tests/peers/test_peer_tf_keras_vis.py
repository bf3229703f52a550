"""tf-keras-vis 0.8.7 explains the same Keras model; the numbers are those of this package.

============================ ============================================ ========================
tf-keras-vis                 differs in                                   and then
============================ ============================================ ========================
Saliency                     scaled to 0..1 with ``normalize_map``        compute_saliency_maps
  ``gradient_modifier=None,
  keepdims=True``            nothing                                      saliency
  ``smooth_samples``         takes the absolute value of each sample,     smoothgrad, with
                             unless told not to; 0.2 of noise             gradient_modifier=None
GuidedBackpropagation        not ReLU layers, only activations named      guided_backpropagation
                             "relu"; a model modifier for Saliency
Gradcam                      scaled to 0..1 with ``normalize_cam``        grad_cam(upsample=False)
  ``expand_cam``             upsamples so that the corners' centres meet  grad_cam, upsampled
                                                                          otherwise
============================ ============================================ ========================
"""

import numpy as np
import pytest
from independent import relative_l2
from peers.same_noise import noisy_copies, options
from scipy.ndimage import zoom
from tf_keras_vis.gradcam import Gradcam
from tf_keras_vis.saliency import Saliency
from tf_keras_vis.utils.model_modifiers import GuidedBackpropagation
from tf_keras_vis.utils.scores import CategoricalScore

from cs231n_vis import compute_saliency_maps, methods

SIGNED = {"gradient_modifier": None, "keepdims": True, "normalize_map": False}


@pytest.fixture
def score(pictures):
    return CategoricalScore([int(label) for label in pictures[1]])


def test_saliency(double, pictures, score):
    theirs = Saliency(double)(score, pictures[0], normalize_map=False)
    assert relative_l2(compute_saliency_maps(*pictures, double), theirs).max() < 1e-5
    theirs = Saliency(double)(score, pictures[0], **SIGNED)
    assert relative_l2(methods.saliency(*pictures, double), theirs).max() < 1e-5


def test_guided_backpropagation(double, pictures, score):
    theirs = Saliency(double, GuidedBackpropagation())(score, pictures[0], **SIGNED)
    assert relative_l2(methods.guided_backpropagation(*pictures, double), theirs).max() < 1e-5


@pytest.mark.parametrize("modifier", [None, np.abs])
def test_smoothgrad(double, pictures, score, monkeypatch, modifier):
    X, y = pictures
    copies = np.stack([noisy_copies(image) for image in X], axis=1)  # (samples, N, H, W, C)
    deviations = []

    def normal(mean, deviation, shape):
        deviations.append(np.asarray(deviation))
        return copies - X

    monkeypatch.setattr(np.random, "normal", normal)
    arguments = SIGNED | {"gradient_modifier": modifier and (lambda slope: abs(slope))}
    ours, samples = options(), options()["samples"]
    theirs = Saliency(double)(
        score, X, smooth_samples=samples, smooth_noise=ours["noise"], **arguments
    )
    expected = ours["noise"] * np.ptp(X.reshape(2, -1), axis=1)
    np.testing.assert_allclose(deviations[0][0].ravel(), expected, rtol=1e-6)
    if modifier is None:
        assert relative_l2(methods.smoothgrad(X, y, double, **ours), theirs).max() < 1e-5
    else:  # their default: the mean of absolute values, at least the absolute value of the mean
        assert (np.asarray(theirs) >= np.abs(methods.smoothgrad(X, y, double, **ours)) - 1e-6).all()


@pytest.mark.parametrize("layer", ["conv10", "fire9_expand3x3"])
def test_grad_cam(double, pictures, score, layer):
    arguments = {"penultimate_layer": layer, "normalize_cam": False}
    theirs = Gradcam(double)(score, pictures[0], expand_cam=False, **arguments)
    ours = methods.grad_cam(*pictures, double, layer=layer, upsample=False)
    assert relative_l2(ours, theirs).max() < 1e-5
    theirs = Gradcam(double)(score, pictures[0], **arguments)
    enlarged = zoom(ours, (1, 224 / 13, 224 / 13), order=1)
    assert relative_l2(enlarged, theirs).max() < 1e-5
    assert relative_l2(methods.grad_cam(*pictures, double, layer=layer), theirs).min() > 0.01
