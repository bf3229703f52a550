"""What the methods should return, worked out without the package: eager tapes and NumPy.

The small network is written twice, as a Keras model and as a plain function of its weights; the
function takes the ReLU as an argument, so that one with another gradient can be put in by hand.
"""

import numpy as np

from cs231n_vis import tf

keras, layers = tf.keras, tf.keras.layers

CLASSES = 7


def small_model(channels=3, size=(13, 10), dtype=None, seed=231):
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((*size, channels), dtype="float64" if dtype == "float64" else None),
            layers.Conv2D(6, 3, activation="relu", bias_initializer="normal", dtype=dtype),
            layers.MaxPooling2D(2, dtype=dtype),
            layers.Conv2D(8, 3, activation="relu", name="late", dtype=dtype),
            layers.GlobalAveragePooling2D(dtype=dtype),
            layers.Dense(CLASSES, bias_initializer="normal", name="scores", dtype=dtype),
        ]
    )


def small_batch(count=7, channels=3, size=(13, 10), seed=231):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(count, *size, channels)).astype(np.float32)
    return X, rng.integers(0, CLASSES, count)


def linear_model(weights, bias):
    """Scores that are sums of pixels times ``weights`` (H, W, C, classes), plus a bias."""
    model = keras.Sequential(
        [keras.Input(weights.shape[:3]), layers.Flatten(), layers.Dense(weights.shape[3])]
    )
    model.layers[-1].set_weights([weights.reshape(-1, weights.shape[3]), bias])
    return model


def late_features(x, weights, relu):
    """The output of the layer ``late``, (N, h, w, 8)."""
    x = relu(tf.nn.conv2d(x, weights[0], 1, "VALID") + weights[1])
    x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    return relu(tf.nn.conv2d(x, weights[2], 1, "VALID") + weights[3])


def scores_of(features, weights):
    return tf.reduce_mean(features, (1, 2)) @ weights[4] + weights[5]


@tf.custom_gradient
def guided_relu(x):
    return tf.nn.relu(x), lambda g: g * tf.cast(x > 0, g.dtype) * tf.cast(g > 0, g.dtype)


@tf.custom_gradient
def rectified_relu(x):
    return tf.nn.relu(x), lambda g: g * tf.cast(g > 0, g.dtype)


def gradients(X, y, model, relu=tf.nn.relu):
    """The gradient of each image's score in the small network, one image at a time."""
    weights = [tf.constant(w) for w in model.get_weights()]
    found = []
    for image, label in zip(X, y, strict=True):
        x = tf.constant(image[None], weights[0].dtype)
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = scores_of(late_features(x, weights, relu), weights)[0, int(label)]
        found.append(tape.gradient(score, x)[0].numpy())
    return np.array(found).reshape(X.shape)


def eager_gradients(X, y, model):
    """The gradient of each image's score in any model, one image at a time."""
    found = []
    for image, label in zip(X, y, strict=True):
        x = tf.constant(image[None])
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x, training=False)[0, int(label)]
        found.append(tape.gradient(score, x)[0].numpy())
    return np.array(found).reshape(X.shape)


def scores(X, y, model):
    """The score of each image's class, one image at a time, float64 (N,)."""
    found = [model(image[None], training=False)[0, int(k)] for image, k in zip(X, y, strict=True)]
    return np.array(found, np.float64)


def noise(shape, samples, seed):
    """The package's noise: normal numbers from a generator seeded with (seed, sample)."""
    draws = [
        np.random.default_rng((seed, s)).standard_normal(shape, np.float32) for s in range(samples)
    ]
    return np.array(draws)


def bilinear(image, size):
    """An image (h, w) at another size, where pixels are squares and the border is continued."""
    for axis, new in enumerate(size):
        old = image.shape[axis]
        at = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        low = np.floor(at).astype(int)
        share = (at - low).reshape((-1, 1) if axis == 0 else (1, -1))
        high = np.minimum(low + 1, old - 1)
        image = image.take(low, axis) * (1 - share) + image.take(high, axis) * share
    return image


def few(name, X):
    """Arguments that make a method quick: few samples, and a background for images of any size."""
    return {
        "smoothgrad": {"samples": 3},
        "smoothgrad_squared": {"samples": 3},
        "vargrad": {"samples": 3},
        "integrated_gradients": {"steps": 4},
        "expected_gradients": {"samples": 3, "background": np.ones((2, *X.shape[1:]), np.float32)},
        "occlusion": {"patch": 5, "stride": 4},
        "rise": {"samples": 3, "cells": 3},
    }.get(name, {})
