"""What the tests share: one model and one set of images for a whole run of a worker."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `import independent`


@pytest.fixture(scope="session")
def model():
    from cs231n_vis import load_squeezenet

    return load_squeezenet()


@pytest.fixture(scope="session")
def images():
    """The 20 sample images, preprocessed, and their labels: X (20, 224, 224, 3), y (20,)."""
    from cs231n_vis import load_imagenet_val, preprocess_image

    X_raw, y, _ = load_imagenet_val()
    return preprocess_image(X_raw), y


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    """An empty datasets folder for one test."""
    folder = tmp_path / "datasets"
    monkeypatch.setenv("CS231N_VIS_DATASETS", str(folder))
    return folder
