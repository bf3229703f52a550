"""SqueezeNet 1.1, the network that every assignment looks into.

Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model
size", arXiv:1602.07360 (2016); version 1.1 is the authors' own, with 2.4 times less computation.
"""

import os
from collections.abc import Callable
from functools import partial

from .tensorflow_quiet import tf
from .weights import read_weights

layers = tf.keras.layers

# said, because keras.json or a mixed-precision policy may have other defaults
SAME_EVERYWHERE = {"data_format": "channels_last", "dtype": "float32"}
conv2d = partial(layers.Conv2D, activation="relu", **SAME_EVERYWHERE)
pool = partial(layers.MaxPooling2D, 3, strides=2, **SAME_EVERYWHERE)


def fire(x: tf.Tensor, index: int, squeeze: int, expand: int) -> tf.Tensor:
    """A fire module: squeeze to few channels, then expand with 1x1 and 3x3 filters side by side."""

    def conv(name, x, filters, size):
        return conv2d(filters, size, padding="same", name=f"fire{index}_{name}")(x)

    x = conv("squeeze1x1", x, squeeze, 1)
    left, right = conv("expand1x1", x, expand, 1), conv("expand3x3", x, expand, 3)
    return layers.Concatenate(dtype="float32", name=f"fire{index}_concat")([left, right])


def build_squeezenet() -> tf.keras.Model:
    """The network with random weights: images (N, H, W, 3) to scores (N, 1000)."""
    x = image = layers.Input((None, None, 3), dtype="float32", name="image")
    x = conv2d(64, 3, strides=2, name="conv1")(x)
    x = pool(name="pool1")(x)
    x = fire(x, 2, squeeze=16, expand=64)
    x = fire(x, 3, squeeze=16, expand=64)
    x = pool(name="pool3")(x)
    x = fire(x, 4, squeeze=32, expand=128)
    x = fire(x, 5, squeeze=32, expand=128)
    x = pool(name="pool5")(x)
    x = fire(x, 6, squeeze=48, expand=192)
    x = fire(x, 7, squeeze=48, expand=192)
    x = fire(x, 8, squeeze=64, expand=256)
    x = fire(x, 9, squeeze=64, expand=256)
    x = conv2d(1000, 1, name="conv10")(x)
    scores = layers.GlobalAveragePooling2D(name="scores", **SAME_EVERYWHERE)(x)
    return tf.keras.Model(image, scores, name="squeezenet")


def load_squeezenet(weights: str | os.PathLike = "imagenet") -> tf.keras.Model:
    """SqueezeNet 1.1 trained on ImageNet.

    The input is a batch of images (N, H, W, 3), float32, from ``preprocess_image``: RGB over 255,
    minus CS231n's mean, over its standard deviation. H and W are at least 31; the network was
    trained on 227 x 227. The output is the unnormalised class scores, float32 (N, 1000): there
    is no softmax. They are never negative, because this network ends in a ReLU and a mean.

    Args:
        weights: where the numbers come from:

            - ``"imagenet"``, the default: the authors' weights, which came with the installation;
            - ``"torchvision"``: torchvision's own training, fetched once over the network;
            - a path: torchvision's ``.pth``, CS231n's TensorFlow checkpoint ``squeezenet.ckpt``,
              a Keras ``.h5`` or this package's ``.safetensors``. No code in the file is run.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, tampered with, or of another network.
        ConnectionError: ``"torchvision"`` could not be fetched.
    """
    arrays = read_weights(weights)
    model = build_squeezenet()
    for name, kernel_and_bias in arrays.items():
        model.get_layer(name).set_weights(kernel_and_bias)
    return model


class Frozen(tf.keras.Model):
    """What ``freeze`` returns: a model of the same layers whose call is compiled."""

    def __init__(self, model: tf.keras.Model):
        super().__init__(model.input, model.output, name=model.name)
        compiled = model._compiled if isinstance(model, Frozen) else _compiled(model)
        self._compiled: Callable[[tf.Tensor], tf.Tensor] = compiled

    def call(self, inputs: tf.Tensor, training: object = None, mask: object = None) -> tf.Tensor:
        if tf.keras.utils.is_keras_tensor(inputs):  # another model is built on this one
            return super().call(inputs)
        inputs = tf.cast(inputs, tf.float32)
        if not tf.executing_eagerly():  # it is being compiled already; XLA takes minutes over both
            return super().call(inputs)
        return self._compiled(inputs)

    def get_config(self) -> dict:
        return tf.keras.Model(self.input, self.output, name=self.name).get_config()

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> tf.keras.Model:
        """A copy, with new weights as ``clone_model`` makes it, is a model that can be trained."""
        return tf.keras.Model.from_config(config, custom_objects)


def _compiled(model: tf.keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    @tf.function(input_signature=[tf.TensorSpec(model.inputs[0].shape)], autograph=False)
    def scores(images):
        weights = model.trainable_variables, model.non_trainable_variables
        fixed = [[tf.stop_gradient(each.value) for each in some] for some in weights]
        return model.stateless_call(*fixed, images, training=False)[0]

    return scores


def freeze(model: tf.keras.Model) -> Frozen:
    """A model, compiled: the same scores, and gradients for the images only.

    TensorFlow's tape, when it follows a Keras model step by step, also computes the gradient of
    every weight, and Python is busy between the steps. Here both fall away. For SqueezeNet and one
    image that takes a third of the time, for 20 images half of it.

    Args:
        model: one input, images (N, H, W, 3), and one output. It stays as it is; weights that are
            set later are seen, a layer changed in place is not.

    Returns:
        A Keras model of the same layers. It takes a batch of images, an array or a tensor, cast to
        float32, as the model does, and the tape can follow it. ``training`` has no effect: the
        model never trains here. What is made from its parts, ``tf.keras.Model(frozen.inputs, …)``
        or a clone, is an ordinary model.
    """
    return Frozen(model)
