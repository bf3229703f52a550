"""The libraries that bench_methods.py compares, each called as its documentation shows.

Every side is made with ``make(model)`` and gives functions ``(X, y) -> array`` for the methods it
has, all with the same weights, images, samples and steps. Those that would hold all samples of a
batch in memory at once are given a batch size, or the larger cases would not fit.
"""

import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from cs231n_vis import compute_saliency_maps, methods, tf

SAMPLES, STEPS, NOISE = 25, 50, 0.15
LAYER = "fire9_concat"  # the last one in SqueezeNet with features of no single class
CHUNK = 25  # images at once, for libraries that ask for it

SALIENCY, SMOOTHGRAD, INTEGRATED, CAM = "saliency", "SmoothGrad", "integrated gradients", "Grad-CAM"
Side = dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]


def ours(model) -> Side:
    return {
        SALIENCY: partial(compute_saliency_maps, model=model),
        SMOOTHGRAD: partial(methods.smoothgrad, model=model, samples=SAMPLES, progress=False),
        INTEGRATED: partial(methods.integrated_gradients, model=model, steps=STEPS, progress=False),
        CAM: partial(methods.grad_cam, model=model, layer=LAYER),
    }


def eager_tape(model) -> Side:
    """As most notebooks write it: a GradientTape around the model, a loop around that."""
    with_features = tf.keras.Model(model.inputs, [model.get_layer(LAYER).output, *model.outputs])

    def correct(scores, y):
        return tf.gather_nd(scores, tf.stack((tf.range(len(y)), tf.cast(y, tf.int32)), axis=1))

    def gradient(X, y):
        X = tf.convert_to_tensor(X)
        with tf.GradientTape() as tape:
            tape.watch(X)
            scores = correct(model(X), y)
        return tape.gradient(scores, X)

    def smoothgrad(X, y):
        deviation = NOISE * (X.max((1, 2, 3), keepdims=True) - X.min((1, 2, 3), keepdims=True))
        noisy = (X + tf.random.normal(X.shape, stddev=deviation) for _ in range(SAMPLES))
        return (sum(gradient(each, y) for each in noisy) / SAMPLES).numpy()

    def integrated(X, y):
        steps = (np.float32((k + 0.5) / STEPS) for k in range(STEPS))
        return (X * sum(gradient(step * X, y) for step in steps) / STEPS).numpy()

    def cam(X, y):
        with tf.GradientTape() as tape:
            features, scores = with_features(X)
            score = correct(scores, y)
        weights = tf.reduce_mean(tape.gradient(score, features), (1, 2), keepdims=True)
        maps = tf.nn.relu(tf.reduce_sum(weights * features, 3, keepdims=True))
        return tf.image.resize(maps, X.shape[1:3])[..., 0].numpy()

    def saliency(X, y):
        return tf.reduce_max(tf.abs(gradient(X, y)), axis=3).numpy()

    return {SALIENCY: saliency, SMOOTHGRAD: smoothgrad, INTEGRATED: integrated, CAM: cam}


def tf_keras_vis(model) -> Side:
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.utils.scores import CategoricalScore

    saliency, gradcam = Saliency(model, clone=False), Gradcam(model, clone=False)

    def call(method, X, y, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it passes its inputs as a list
            return method(CategoricalScore([int(label) for label in y]), X, **options)

    return {
        SALIENCY: partial(call, saliency, normalize_map=False),
        SMOOTHGRAD: partial(
            call, saliency, smooth_samples=SAMPLES, smooth_noise=NOISE, normalize_map=False
        ),
        CAM: partial(call, gradcam, penultimate_layer=LAYER, normalize_cam=False),
    }


def pair_saliency(model) -> Side:
    """One image at a time: that is its interface."""
    import saliency.core as pair

    with_features = tf.keras.Model(model.inputs, [model.get_layer(LAYER).output, *model.outputs])

    def call_model(images, call_model_args, expected_keys):
        label = call_model_args
        with tf.GradientTape() as tape:
            if pair.base.INPUT_OUTPUT_GRADIENTS in expected_keys:
                images = tf.convert_to_tensor(images, tf.float32)
                tape.watch(images)
                score = model(images)[:, label]
                gradient = tape.gradient(score, images)
                return {pair.base.INPUT_OUTPUT_GRADIENTS: gradient.numpy()}
            features, scores = with_features(images)
            gradient = tape.gradient(scores[:, label], features)
        return {
            pair.base.CONVOLUTION_LAYER_VALUES: features.numpy(),
            pair.base.CONVOLUTION_OUTPUT_GRADIENTS: gradient.numpy(),
        }

    plain, integrated, cam = pair.GradientSaliency(), pair.IntegratedGradients(), pair.GradCam()

    def each(method, X, y, reduce=np.asarray, **options):
        return np.stack(
            [
                reduce(method(image, call_model, int(label), **options))
                for image, label in zip(X, y, strict=True)
            ]
        )

    smooth = {"stdev_spread": NOISE, "nsamples": SAMPLES, "magnitude": False}
    return {
        SALIENCY: partial(each, plain.GetMask, reduce=lambda gradient: np.abs(gradient).max(-1)),
        SMOOTHGRAD: partial(each, plain.GetSmoothedMask, **smooth),
        INTEGRATED: partial(each, integrated.GetMask, x_steps=STEPS, batch_size=CHUNK),
        CAM: partial(each, cam.GetMask, should_resize=True, three_dims=False),
    }


def xplique(model) -> Side:
    from xplique.attributions import GradCAM, IntegratedGradients, Saliency, SmoothGrad

    sides = {
        SALIENCY: Saliency(model, batch_size=CHUNK),
        SMOOTHGRAD: SmoothGrad(model, batch_size=CHUNK, nb_samples=SAMPLES, noise=NOISE),
        INTEGRATED: IntegratedGradients(model, batch_size=CHUNK, steps=STEPS, baseline_value=0.0),
        CAM: GradCAM(model, batch_size=CHUNK, conv_layer=LAYER),
    }

    def call(method, X, y):
        return np.asarray(method(X, np.eye(1000, dtype=np.float32)[y]))

    return {name: partial(call, method) for name, method in sides.items()}


def captum(model) -> Side:
    """PyTorch on the same two cores, channels last, and no gradients for the weights."""
    import torch
    from captum.attr import (
        IntegratedGradients,
        LayerAttribution,
        LayerGradCam,
        NoiseTunnel,
        Saliency,
    )

    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "peers"))
    from torch_squeezenet import TorchSqueezeNet

    network = TorchSqueezeNet().requires_grad_(False).to(memory_format=torch.channels_last)
    saliency, integrated = Saliency(network), IntegratedGradients(network)
    smooth = NoiseTunnel(saliency)
    cam = LayerGradCam(network, network.features[-1])

    def tensors(X, y):
        X = torch.from_numpy(X).permute(0, 3, 1, 2)  # of NHWC, so that it is channels last
        return X, torch.from_numpy(np.asarray(y, np.int64))

    def maps(X, y):
        return saliency.attribute(*tensors(X, y), abs=True).amax(1).numpy()

    def smoothgrad(X, y):
        X, y = tensors(X, y)
        deviation = float(NOISE * (X.max() - X.min()))
        return smooth.attribute(
            X,
            nt_type="smoothgrad",
            nt_samples=SAMPLES,
            nt_samples_batch_size=max(1, CHUNK // len(X)),
            stdevs=deviation,
            target=y,
            abs=False,
        ).numpy()

    def integrate(X, y):
        X, y = tensors(X, y)
        options = {"n_steps": STEPS, "internal_batch_size": max(CHUNK, len(X))}
        return integrated.attribute(X, target=y, method="riemann_middle", **options).numpy()

    def gradcam(X, y):
        X, y = tensors(X, y)
        small = cam.attribute(X, y, relu_attributions=True)
        return LayerAttribution.interpolate(small, X.shape[2:], "bilinear").detach().numpy()[:, 0]

    return {SALIENCY: maps, SMOOTHGRAD: smoothgrad, INTEGRATED: integrate, CAM: gradcam}


#: name -> how to make it; the first is what the others are compared with
SIDES: dict[str, Callable[..., Side]] = {
    "cs231n-vis": ours,
    "eager GradientTape": eager_tape,
    "tf-keras-vis": tf_keras_vis,
    "PAIR saliency": pair_saliency,
    "xplique": xplique,
    "captum": captum,
}
METHODS = (SALIENCY, SMOOTHGRAD, INTEGRATED, CAM)
