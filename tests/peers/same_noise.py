"""The package's noise, to be fed to other libraries in the place of theirs."""

import numpy as np

SAMPLES, NOISE, SEED = 3, 0.15, 4


def noisy_copies(image):
    """``SAMPLES`` noisy copies of an image, as SmoothGrad makes them, (samples, H, W, C)."""
    deviation = NOISE * (image.max() - image.min())
    draws = [
        np.random.default_rng((SEED, s)).standard_normal(image.shape, np.float32)
        for s in range(SAMPLES)
    ]
    return np.array([image + deviation * draw for draw in draws])


def options():
    """The arguments of our methods that make the same copies."""
    return {"samples": SAMPLES, "noise": NOISE, "seed": SEED}
