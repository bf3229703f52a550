"""What a function that makes a picture in many steps does between the steps."""

from collections.abc import Callable

import numpy as np


def steps_watched(create: Callable, X, target_y: int, model, seed: int, **options) -> np.ndarray:
    """Call ``create`` with an ``update_step`` that needs no network and notes what it is given.

    Args:
        create: as ``create_class_visualization``.
        X, target_y, model: for it.
        seed: of the generator that it is given.
        options: its others, all of them, ``l2_reg`` and ``learning_rate`` among them.

    Returns:
        The picture and then what each step was given, (1 + steps, H, W, 3); or, if the picture is
        not of the shape of X or no step was taken, what ``create`` returned.

    Raises:
        ValueError: a step was given other arguments than are its due.
    """
    seen: list[np.ndarray] = []
    due = target_y, model, options["l2_reg"], options["learning_rate"]

    def update_step(X_now, *rest):
        if len(rest) != 4 or rest[1] is not model or rest != due:
            raise ValueError(
                "update_step(X, target_y, model, l2_reg, learning_rate) was given something else, "
                "or not in this order."
            )
        if np.shape(X_now) != X.shape:
            raise ValueError(f"update_step was given an X of shape {np.shape(X_now)}.")
        seen.append(np.array(X_now, np.float32))
        return step(seen[-1], target_y, *due[2:]).view(_LikeATensor)

    result = create(X, target_y, model, update_step, np.random.default_rng(seed), **options)
    if not seen or np.shape(result) != X.shape:
        return result
    return np.concatenate([result, *seen])


def step(X: np.ndarray, target_y: int, l2_reg: float, learning_rate: float) -> np.ndarray:
    """Adds to X (1, H, W, 3) always the same noise, which depends on the class."""
    noise = np.random.RandomState(target_y).standard_normal(X.shape)
    return (X - l2_reg * X + learning_rate * noise).astype(np.float32)


class _LikeATensor(np.ndarray):
    """An array; steps may also return tensors, and those have this method."""

    def numpy(self):
        return np.asarray(self)
