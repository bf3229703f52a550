"""Small models whose explanations are known by hand, and what the tests of metrics share."""

import numpy as np

from cs231n_vis import tf

layers = tf.keras.layers


def linear_model(height=6, width=4, channels=2, classes=3, seed=1):
    """A linear network without a bias, and its weights, (H, W, C, classes)."""
    weights = np.random.default_rng(seed).normal(size=(height, width, channels, classes))
    model = tf.keras.Sequential(
        [
            tf.keras.Input((height, width, channels)),
            layers.Flatten(),
            layers.Dense(classes, use_bias=False, name="scores"),
        ],
        name="linear",
    )
    weights = weights.astype(np.float32)
    model.layers[-1].set_weights([weights.reshape(-1, classes)])
    return model, weights


def colour_model(classes=4, sharpness=20.0):
    """A network of any image size that sees in channel k how much of class k there is."""
    image = tf.keras.Input((None, None, classes))
    scores = layers.Rescaling(sharpness)(layers.GlobalAveragePooling2D()(image))
    return tf.keras.Model(image, scores, name="colours")


def colour_images(labels, classes=4, size=4):
    """An image of one pure colour for each label: X (N, size, size, classes), y."""
    y = np.array(labels)
    X = np.zeros((len(y), size, size, classes), np.float32)
    X[np.arange(len(y)), :, :, y] = 1
    return X, y


def small_network(seed=231):
    """A convolutional network with ReLUs, for images of any size: (N, H, W, 3) to 5 scores."""
    tf.keras.utils.set_random_seed(seed)
    image = tf.keras.Input((None, None, 3))
    x = layers.Conv2D(6, 3, activation="relu", name="first")(image)
    x = layers.Conv2D(8, 3, activation="relu", name="second")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return tf.keras.Model(image, layers.Dense(5, name="third")(x), name="small")


def softmax(scores):
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def given(maps):
    """A method that returns these maps, whatever it is asked."""
    return lambda X, y, model: maps
