"""captum 0.9 explains SqueezeNet in PyTorch; the numbers are those of this package.

============================ ============================================ ========================
captum                       differs in                                   and then
============================ ============================================ ========================
Saliency                     signed with ``abs=False``                    saliency
InputXGradient               nothing                                      input_x_gradient
GuidedBackprop               nothing                                      guided_backpropagation
Deconvolution                nothing                                      deconvnet
IntegratedGradients
  ``riemann_middle``         nothing                                      rule="midpoint"
  ``riemann_trapezoid``      its n weights sum to (n - 1) / n, not to 1   (n - 1) / n of
                                                                          rule="trapezoid"
NoiseTunnel                  takes the noise's deviation itself
  ``smoothgrad``             nothing else                                 smoothgrad
  ``smoothgrad_sq``          nothing else                                 smoothgrad_squared
  ``vargrad``                nothing else: divided by n too               vargrad
LayerGradCam                 a ReLU only with ``relu_attributions=True``  grad_cam(upsample=False)
  ``interpolate``            nothing, if "bilinear"                       grad_cam
GuidedGradCam                upsamples to the nearest unless told         guided_grad_cam
Occlusion                    the last square of a row is cut off by the   occlusion, where the
                             border instead of moved inside it            strides fit
============================ ============================================ ========================
"""

import captum.attr
import numpy as np
import pytest
import torch
from independent import relative_l2
from peers.same_noise import noisy_copies, options
from peers.torch_squeezenet import TorchSqueezeNet, to_numpy, to_torch

from cs231n_vis import methods


@pytest.fixture(scope="module")
def network():
    return TorchSqueezeNet().double()


@pytest.fixture
def x(pictures):
    return to_torch(pictures[0]).double()


@pytest.fixture
def target(pictures):
    return torch.tensor(pictures[1]).long()


def test_the_networks_are_the_same(network, model, double, pictures, x):
    theirs = network(x).detach().numpy()
    assert relative_l2(model(pictures[0]), theirs).max() < 1e-5
    assert relative_l2(double(pictures[0]), theirs).max() < 1e-7


@pytest.mark.parametrize(
    ("name", "ours", "arguments"),
    [
        ("Saliency", methods.saliency, {"abs": False}),
        ("InputXGradient", methods.input_x_gradient, {}),
        ("GuidedBackprop", methods.guided_backpropagation, {}),
        ("Deconvolution", methods.deconvnet, {}),
    ],
)
def test_gradients(network, double, pictures, x, target, name, ours, arguments):
    theirs = getattr(captum.attr, name)(network).attribute(x, target=target, **arguments)
    assert relative_l2(ours(*pictures, double), to_numpy(theirs)).max() < 1e-5


@pytest.mark.parametrize(
    ("method", "rule", "steps", "factor"),
    [("riemann_middle", "midpoint", 2, 1), ("riemann_trapezoid", "trapezoid", 3, 2 / 3)],
)
def test_integrated_gradients(network, double, pictures, x, target, method, rule, steps, factor):
    """From one photograph to the other.

    On an image of one colour all inputs of each max-pool are equal, and which of them gets the
    gradient is for the library to choose: from there, the trapezoid rule's first point would differ
    by 1e-2.
    """
    X, y = pictures
    theirs, gap = captum.attr.IntegratedGradients(network).attribute(
        x,
        x.flip(0),
        target=target,
        n_steps=steps,
        method=method,
        return_convergence_delta=True,
    )
    ours, our_gap = methods.integrated_gradients(
        X, y, double, steps=steps, rule=rule, baseline=X[::-1], return_gap=True
    )
    assert relative_l2(factor * ours, to_numpy(theirs)).max() < 1e-5
    rise = ours.sum((1, 2, 3)) - our_gap
    np.testing.assert_allclose(factor * ours.sum((1, 2, 3)) - rise, gap, atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        ("smoothgrad", methods.smoothgrad),
        ("smoothgrad_sq", methods.smoothgrad_squared),
        ("vargrad", methods.vargrad),
    ],
)
def test_noise(network, double, pictures, x, target, monkeypatch, kind, ours):
    X, y = pictures
    copies = np.concatenate([noisy_copies(image) for image in X])
    samples = options()["samples"]
    noise = to_torch(copies).double() - x.repeat_interleave(samples, dim=0)
    monkeypatch.setattr(torch, "normal", lambda mean, deviation: noise)
    theirs = captum.attr.NoiseTunnel(captum.attr.Saliency(network)).attribute(
        x, target=target, nt_type=kind, nt_samples=samples, abs=False
    )
    assert relative_l2(ours(X, y, double, **options()), to_numpy(theirs)).max() < 1e-5


def module(network, layer):
    return {"conv10": network.conv10, "fire9_concat": network.features[-1]}[layer]


@pytest.mark.parametrize("layer", ["conv10", "fire9_concat"])
def test_grad_cam(network, double, pictures, x, target, layer):
    theirs = captum.attr.LayerGradCam(network, module(network, layer)).attribute(
        x, target=target, relu_attributions=True
    )
    ours = methods.grad_cam(*pictures, double, layer=layer, upsample=False)
    assert relative_l2(ours, to_numpy(theirs)[..., 0]).max() < 1e-5
    theirs = captum.attr.LayerAttribution.interpolate(theirs, (224, 224), "bilinear")
    ours = methods.grad_cam(*pictures, double, layer=layer)
    assert relative_l2(ours, to_numpy(theirs)[..., 0]).max() < 1e-5


@pytest.mark.parametrize("layer", ["conv10", "fire9_concat"])
def test_guided_grad_cam(network, double, pictures, x, target, layer):
    theirs = captum.attr.GuidedGradCam(network, module(network, layer)).attribute(
        x, target=target, interpolate_mode="bilinear"
    )
    ours = methods.guided_grad_cam(*pictures, double, layer=layer)
    assert relative_l2(ours, to_numpy(theirs)).max() < 1e-5


def test_occlusion(model, pictures):
    """Scores have no kinks that matter, so single precision will do; 224 - 96 is twice 64."""
    X, y = pictures
    color = np.array([0.5, 0, -0.5], np.float32)
    theirs = captum.attr.Occlusion(TorchSqueezeNet()).attribute(
        to_torch(X),
        target=torch.tensor(y).long(),
        sliding_window_shapes=(3, 96, 96),
        strides=(3, 64, 64),
        baselines=torch.tensor(color)[None, :, None, None].expand(2, 3, 224, 224),
    )
    ours = methods.occlusion(X, y, model, patch=96, stride=64, baseline=color)
    for channel in range(3):
        assert relative_l2(ours, to_numpy(theirs)[..., channel]).max() < 1e-4


def test_occlusion_where_the_strides_do_not_fit(model, pictures):
    """The squares differ, and with them the maps, but only behind the last that both have."""
    X, y = pictures[0][:1], pictures[1][:1]
    theirs = captum.attr.Occlusion(TorchSqueezeNet()).attribute(
        to_torch(X), target=int(y[0]), sliding_window_shapes=(3, 96, 96), strides=(3, 80, 80)
    )
    ours, theirs = methods.occlusion(X, y, model, patch=96, stride=80), to_numpy(theirs)[..., 0]
    # squares begin at 0, 80 and then at 128 here, at 160 there
    assert relative_l2(ours[:, :128, :128], theirs[:, :128, :128])[0] < 1e-4
    assert relative_l2(ours, theirs)[0] > 0.01
