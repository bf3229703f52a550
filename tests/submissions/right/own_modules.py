# Imports modules of its own choice and asserts things on the way.
# %%
import functools
import math
from dataclasses import dataclass
from typing import Any


@dataclass
class Batch:
    X: Any
    y: Any


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    batch = Batch(tf.convert_to_tensor(X), y)
    assert math.prod(X.shape) == X.size
    with tf.GradientTape() as tape:
        tape.watch(batch.X)
        scores = model(batch.X)
        assert not math.isclose(float(tf.reduce_sum(scores[0])), 1.0)
        score = tf.gather(scores, batch.y, axis=1, batch_dims=1)
    g = tape.gradient(score, batch.X)
    return functools.reduce(tf.maximum, [tf.abs(g[..., k]) for k in range(3)]).numpy()
