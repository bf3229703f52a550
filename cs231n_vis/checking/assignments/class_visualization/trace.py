"""Assignment 3: how a picture was made, from what each of its steps was given."""

from collections.abc import Callable, Iterator

import numpy as np

from ....image_utils import BLACK, WHITE, blur_image
from ...calls import step
from ...verdict import Wrong, numbers, relative_l2

#: The images of two moments can be the same if the relative L2 error is below this; of several
#: that can be, the nearest is. Right answers come within 2e-7. Another clipping of few pixels can
#: be as near as 1e-4 in one iteration; what was never done shows over all iterations.
SAME = 3e-3


def _clip(X: np.ndarray) -> np.ndarray:
    return np.clip(X, BLACK, WHITE)


def blur(X: np.ndarray, sigma: float = 0.5) -> np.ndarray:
    return blur_image(X, sigma)


WRONG_CLIPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "not clipped": lambda X: X,
    "clipped to 0..1": lambda X: np.clip(X, 0, 1),
    "clipped to -1..1": lambda X: np.clip(X, -1, 1),
    "clipped to 0..255": lambda X: np.clip(X, 0, 255),
    "clipped to one range": lambda X: np.clip(X, BLACK.min(), WHITE.max()),
}


def _after_a_step(X: np.ndarray, before: np.ndarray) -> dict[str, np.ndarray]:
    """What an iteration may make of the result X of its step, by names that say how.

    ``before`` is what the step was given.
    """
    found = {"right": _clip(X), "blurred, right": _clip(blur(X))}
    found |= {name: clip(X) for name, clip in WRONG_CLIPS.items()} | {"thrown away": before}
    found |= {f"{name}, blurred": blur(image) for name, image in found.items()}
    return found | {"right, blurred by 1": blur(_clip(X), 1), "by 1, right": _clip(blur(X, 1))}


class Problem(Wrong):
    """What is wrong with how a picture was made; ``name`` is that of the misconception."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.name = name


def _shift_between(before: np.ndarray, after: np.ndarray) -> tuple[int, int]:
    """By how many pixels ``before`` must be rolled to be most like ``after``, (1, H, W, 3)."""
    before, after = np.fft.fft2(before[0], axes=(0, 1)), np.fft.fft2(after[0], axes=(0, 1))
    likeness = np.fft.ifft2(after * before.conj(), axes=(0, 1)).real.sum(-1)
    place, size = np.unravel_index(likeness.argmax(), likeness.shape), likeness.shape
    down, across = (int(p) - s * (p > s // 2) for p, s in zip(place, size, strict=True))
    return down, across


def _match(candidates: dict, after: np.ndarray) -> tuple[str, tuple[int, int]] | None:
    """Which candidate, rolled by how much, is this image: its name and the shift."""
    best, smallest = None, SAME
    for name, image in candidates.items():
        shift = _shift_between(image, after)
        error = relative_l2(np.roll(image, shift, (1, 2)), after)[0]
        if error < smallest:
            best, smallest = (name, shift), error
        if error < 1e-5:
            break
    if best:
        return best
    for name, image in candidates.items():
        # a blur of an image that is shifted by other amounts has its border elsewhere
        shift = _shift_between(image, after)
        alike = np.abs(np.roll(image, shift, (1, 2)) - after) < SAME
        if "blurred" in name and alike.mean() > 0.7:
            return name, shift
    return None


def findings(returned, inputs: dict) -> Iterator[str]:
    """What is right about how a picture was made, in order; the first Problem is raised.

    ``returned`` is what ``steps_watched`` returns, ``inputs`` are plain.
    """
    array = numbers(returned, "X_new")
    X, n, most = inputs["X"], inputs["num_iterations"], inputs["max_jitter"]
    runs = array if array.ndim == 5 and len(array) == 3 else [array]
    array = runs[0]
    if array.shape == X.shape:
        raise Problem("no_step_taken", "No step was taken: update_step was never called.")
    if array.ndim != 4 or array.shape[1:] != X.shape[1:]:
        raise Problem(
            "image_of_another_shape", f"The shape is {array.shape} and should be {X.shape}."
        )
    if not np.isfinite(array).all():
        raise Problem("not finite", "The image holds NaN or infinity.")
    yield "it returned an image of the shape of X"
    final, seen = array[:1].astype(np.float64), array[1:].astype(np.float64)
    if len(seen) != n:
        raise Problem(
            "number_of_iterations", f"It took {len(seen)} steps and num_iterations is {n}."
        )
    yield "it took num_iterations steps"

    moved, done = [], []
    X = X.astype(np.float64)
    candidates = {"right": X, "right, blurred": blur(X)}
    for t, image in enumerate([*seen[:, None], final]):
        found = _match(candidates, image)
        if found is None:
            raise _no_match(t, n, image, candidates)
        name, shift = found
        moved.append(shift)
        done.append(name)
        if t < n:
            # as if the shift was undone; if it was not, all later shifts say so
            back = (-shift[0], -shift[1])
            stepped = step(image, *(inputs[k] for k in ("target_y", "l2_reg", "learning_rate")))
            stepped = np.roll(stepped, back, (1, 2)).astype(np.float64)
            candidates = _after_a_step(stepped, np.roll(image, back, (1, 2)))
    yield "each step starts from what the one before it left"

    shifts, last = np.array(moved[:-1]), np.array(moved[-1])
    if most and not shifts.any():
        raise Problem("no_jitter", "The image is never shifted before a step.")
    if most and (shifts == shifts[0]).all():
        raise Problem(
            "same_jitter_for_every_step",
            "The image is shifted by the same amount before every step.",
        )
    if most and not shifts.any(0).all():
        raise Problem("jitter_in_one_direction", "The image is shifted in one direction only.")
    if last.any() and ((last == shifts[-1]) | (last == 0)).all():
        raise Problem("jitter_not_undone", "The last shift is still in the image that you return.")
    if last.any() or (np.abs(shifts) > most).any():
        if not last.any() and len(set(map(tuple, shifts))) > 1 and np.abs(shifts).max() <= 16:
            raise Problem("jitter_too_far", "The image is shifted by more than max_jitter pixels.")
        raise Problem("jitter_undone_wrongly", "The shifts add up: the image wanders off.")
    yield "before every step it shifts the image, and afterwards back"
    if len(runs) == 1 or not relative_l2(runs[1], array).max() < SAME:
        raise Problem("another_generator", "Generators of the same seed gave different pictures.")
    if most and relative_l2(runs[2], array).max() < SAME:
        raise Problem("another_generator", "Generators of different seeds gave the same picture.")
    yield "the shifts are those of the generator that it is given"

    if any("thrown away" in name for name in done):
        raise Problem("step_thrown_away", "The image does not change from step to step.")
    if any("clipped to" in name for name in done):
        raise Problem(
            "range_of_pixels", "The pixels are clipped, but not to the range from black to white."
        )
    if any("not clipped" in name for name in done):
        raise Problem("not_clipped", "Some pixels are darker than black or brighter than white.")
    yield "every pixel stays between black and white"

    if any("by 1" in name for name in done):
        raise Problem("width_of_the_blur", "The blur is not that of sigma 0.5.")
    blurred = [t for t, name in enumerate(done) if "blur" in name]
    every = inputs["blur_every"]
    if not blurred and every <= n:
        raise Problem("never_blurred", "The image is never blurred.")
    seldom = every <= n and (np.diff([0, *blurred, n]) > every).any()
    if seldom or (np.diff(blurred) < every).any():
        raise Problem("rhythm_of_the_blur", f"It is not blurred once in {every} iterations.")
    yield "it blurs the image once in blur_every iterations"


def _no_match(t: int, n: int, image, candidates: dict) -> Problem:
    """Why an image is none of those that it could be."""
    if t == 0:
        start = candidates["right"]
        if any(_match({"": np.roll(start, c, 3)}, image) for c in (1, 2)):
            return Problem(
                "colours_shifted",
                "The colours of the image have changed places before the first step.",
            )
        return Problem(
            "starts_from_another_image", "The first step does not start from the X that is given."
        )
    at = "The image that you return" if t == n else f"What step {t + 1} is given"
    if any(
        _match({"": np.roll(each, c, 3)}, image)
        for each in list(candidates.values())[:2]
        for c in (1, 2)
    ):
        return Problem("colours_shifted", f"{at} has its colours in another order.")
    return Problem("other", f"{at} does not follow from the step before it.")
