"""A small model for each module, and SqueezeNet under a name of its own."""

import pytest
from methods.by_hand import small_batch, small_model


@pytest.fixture(scope="session")
def squeezenet():
    from cs231n_vis import load_squeezenet

    return load_squeezenet()


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture
def batch():
    return small_batch()
