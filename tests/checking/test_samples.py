"""The images that hidden inputs are made of."""

import numpy as np

from cs231n_vis import deprocess_image
from cs231n_vis.checking import samples


def test_varied_images_are_parts_of_photographs_some_of_them_mirrored(monkeypatch):
    down, across = np.mgrid[:224, :224]
    photograph = np.stack([across, down, np.full((224, 224), 99)], axis=2).astype(np.uint8)
    monkeypatch.setattr(samples, "_photographs", lambda: (photograph[None], None, None))

    X = samples.varied(np.random.default_rng(231), [0] * 30, side=60)
    assert X.shape == (30, 60, 60, 3)

    red, green, blue = np.moveaxis(deprocess_image(X).astype(int), 3, 0)
    assert (np.diff(green, axis=1) > 0).all()  # never upside down
    assert (blue == 99).all()  # in its own colours
    mirrored = red[:, 0, 0] > red[:, 0, -1]
    assert 5 < mirrored.sum() < 25
    assert (np.diff(red, axis=2) * np.where(mirrored, -1, 1)[:, None, None] > 0).all()
    width, height = np.ptp(red, axis=(1, 2)), np.ptp(green, axis=(1, 2))
    assert (abs(width - height) <= 1).all()  # square
    assert width.min() > 112
    assert len(np.unique(width)) > 10
