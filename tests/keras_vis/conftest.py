"""Small models that several of these tests look into."""

import numpy as np
import pytest

from cs231n_vis import tf

keras = tf.keras


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(231)


@pytest.fixture
def classifier():
    """Images (9, 8, 3), a convolution with tanh, another with ReLU, and 5 scores."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((9, 8, 3)),
            layers.Conv2D(6, 3, activation="tanh", name="first"),
            layers.Conv2D(4, 3, activation="relu", name="second"),
            layers.Flatten(name="flat"),
            layers.Dense(5, name="scores"),
        ]
    )


@pytest.fixture
def image():
    return np.random.default_rng(0).normal(size=(9, 8, 3)).astype(np.float32)
