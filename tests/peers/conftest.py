"""What the comparisons with other libraries share. `make peers` installs those libraries."""

import warnings

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def peers_may_warn():
    """Of deprecated functions, of hooks, of inputs as lists: that is theirs to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="session")
def pictures(images):
    """Two photographs and their labels, in steps of 1/1024.

    With so few digits the points halfway, a quarter of the way and so on from 0 to an image are the
    same numbers in single and in double precision.
    """
    X, y = images
    return np.round(X[:2] * 1024).astype(np.float32) / 1024, y[:2]


@pytest.fixture(scope="session")
def double(model):
    """SqueezeNet that computes in double precision, from single to single.

    In single precision about one gradient in four has an input of a ReLU or a max-pool so near a
    kink that another order of summing puts it on its other side, for a relative L2 error of 1e-4 to
    1e-2; of means over several gradients most. In double precision it does not happen.
    """
    from cs231n_vis import tf

    keras = tf.keras
    inside = keras.models.clone_model(
        model,
        input_tensors=keras.Input((None, None, 3), dtype="float32"),
        clone_function=lambda layer: layer.from_config(layer.get_config() | {"dtype": "float64"}),
    )
    inside.set_weights(model.get_weights())
    scores = keras.layers.Activation("linear", dtype="float32", name="single")(inside.output)
    return keras.Model(inside.input, scores)
