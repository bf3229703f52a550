"""Assignment 2: the mistakes that are known, and their hints."""

from functools import cached_property

import numpy as np

from ....image_utils import SQUEEZENET_MEAN, SQUEEZENET_STD
from ...misconceptions import AXIS_OF_ONE_LOST, WHAT_WAS_RETURNED, Case, Context, Misconception
from ...scores import keras_dense, keras_sparse
from ..gradients import Gradients
from .judge import AGREEMENT, FARTHEST, as_photo, distance_between, is_best, scores_of

# What mistakes about fooling images can be recognised by


class Fooling(Context):
    """``X``, (1, H, W, 3), and ``target_y``, a number; and what the network says of X."""

    @cached_property
    def target(self) -> int:
        return int(self.target_y)

    @cached_property
    def scores(self) -> np.ndarray:
        return scores_of(self.X)


def _image(case: Case) -> np.ndarray | None:
    """The answer in double precision, if it is of the right shape."""
    return case.numbers.astype(np.float64) if case.shape == case.context.X.shape else None


def _not_preprocessed(case: Case) -> bool:
    """The numbers of a picture, 0 to 255 or 0 to 1."""
    image, X = _image(case), case.context.X
    if image is None:
        return False
    picture = X * SQUEEZENET_STD + SQUEEZENET_MEAN
    return any(
        distance_between(image, size * picture) < 0.2 * size * _norm(picture) for size in (1, 255)
    )


def _norm(image: np.ndarray) -> float:
    return float(np.linalg.norm(image.astype(np.float64)))


def _change(case: Case) -> np.ndarray | None:
    image = _image(case)
    return None if image is None else image - case.context.X


def _unchanged(case: Case) -> bool:
    change = _change(case)
    return change is not None and _norm(change) < 1e-2


def _only_the_change(case: Case) -> bool:
    image = _image(case)
    return image is not None and 0 < _norm(image) < 0.15 * _norm(case.context.X)


def _does_not_start_from_the_image(case: Case) -> bool:
    """No more like the original than other images are: it was noise, or grey, to begin with."""
    image, X = _image(case), case.context.X.astype(np.float64)
    return image is not None and (image * X).sum() < 0.3 * _norm(image) * _norm(X)


def _sign_steps(case: Case) -> bool:
    """Each number went up or down by a multiple of one length."""
    change = _change(case)
    if change is None or _norm(change) < 1e-2:
        return False
    sizes = np.abs(change[np.abs(change) > 1e-4])
    if not len(sizes):
        return False
    in_steps = sizes / sizes.min()
    return in_steps.max() < 200 and np.abs(in_steps - np.rint(in_steps)).max() < 0.05


def _goes_down(case: Case) -> bool:
    """The target's score is lower than before."""
    image, c = _image(case), case.context
    return image is not None and scores_of(image)[c.target] < c.scores[c.target] - 0.5


def _more_of_the_same(case: Case) -> bool:
    """It is still the class it was, whose score has risen more than the target's."""
    image, c = _image(case), case.context
    best = int(c.scores.argmax())
    if image is None or best == c.target:
        return False
    after = scores_of(image)
    gain = after - c.scores
    return after.argmax() == best and gain[best] > max(gain[c.target], 0.5)


def _only_before_rounding(case: Case) -> bool:
    image, c = _image(case), case.context
    return (
        image is not None
        and is_best(c.target, scores_of(image))
        and not is_best(c.target, scores_of(as_photo(image)))
    )


def _another_class(case: Case) -> bool:
    image, c = _image(case), case.context
    return image is not None and scores_of(image).argmax() not in (c.target, c.scores.argmax())


def _stops_too_early(case: Case) -> bool:
    """The target's score has risen, but not enough."""
    image, c = _image(case), case.context
    if image is None:
        return False
    after = scores_of(image)
    return after[c.target] > c.scores[c.target] + 0.2 and not is_best(c.target, after)


def _does_not_stop(case: Case) -> bool:
    """Far, and the target is ahead of all others by far more than one step brings."""
    image, c = _image(case), case.context
    if image is None or _norm(image - c.X) < FARTHEST:
        return False
    after = scores_of(image)
    return after[c.target] - np.delete(after, c.target).max() > 10


def _too_far(case: Case) -> bool:
    change = _change(case)
    return change is not None and _norm(change) > FARTHEST


FOOLING: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    Misconception(
        "batch_axis_lost",
        "The first axis is gone. The network takes batches of images, and a batch of one image is "
        "a batch, too.",
        lambda case: case.shape == case.context.X.shape[1:],
    ),
    Misconception(
        "not_an_image_like_x",
        "What comes back has not the axes of an image as the network takes it. What did your loop "
        "change, and is that what you return?",
        lambda case: case.shape != case.context.X.shape,
    ),
    Misconception(
        "not_preprocessed",
        "You return a picture to look at. What is asked for is an image for the network, with the "
        "mean subtracted, like the one you were given.",
        _not_preprocessed,
    ),
    Misconception(
        "unchanged",
        "What comes back is the original. Does your loop run, and does what it computes get into "
        "what you return?",
        _unchanged,
    ),
    Misconception(
        "only_the_change",
        "You return the change alone. The fooling image is the original with that change made.",
        _only_the_change,
    ),
    Misconception(
        "does_not_start_from_the_image",
        "Your image has little to do with the original. Where does the ascent start, and how long "
        "is a step?",
        _does_not_start_from_the_image,
    ),
    Misconception(
        "sign_steps",
        "Every number of your image went equally far. Such a step of a certain size is very long "
        "as a whole; here the gradient keeps its proportions and has length 1 in all.",
        _sign_steps,
    ),
    Misconception(
        "only_before_rounding",
        "Before rounding it does fool the network. Which image should the loop look at when it "
        "decides whether to stop?",
        _only_before_rounding,
    ),
    Misconception(
        "does_not_stop",
        "The target is far ahead of all other classes. It is enough to be just ahead: when does "
        "your loop end?",
        _does_not_stop,
    ),
    Misconception(
        "away_from_the_target",
        "The score of the target is lower than it was. A gradient points to where a function "
        "grows: in which direction do you go, and of which function?",
        _goes_down,
    ),
    Misconception(
        "more_of_the_same",
        "The network is now more certain of what it saw before. Whose score does your gradient "
        "belong to?",
        _more_of_the_same,
    ),
    Misconception(
        "another_class",
        "The network is fooled, but sees something else than it should. What exactly does your "
        "loop wait for, and whose score does it raise?",
        _another_class,
    ),
    Misconception(
        "stops_too_early",
        "The score of the target has risen, but not enough yet. How many steps does your loop "
        "take, how long is each, and does each start where the last one ended?",
        _stops_too_early,
    ),
    Misconception(
        "steps_too_long",
        "A shorter way leads there. How long is one of your steps, all its numbers together, and "
        "does that depend on how steep the score is?",
        _too_far,
    ),
)


# What mistakes about the fast gradient sign can be recognised by


class Signs(Gradients):
    """``X``, (N, H, W, 3), ``y``, (N,), and ``epsilon``; gradients by X, of the same shape."""

    @cached_property
    def of_loss(self) -> np.ndarray:
        return self.gradient_of(self.probabilities - self.one_hot(self.y), self.X)

    @cached_property
    def of_score(self) -> np.ndarray:
        return self.gradient_of(self.one_hot(self.y), self.X)

    @cached_property
    def of_loss_of_best(self) -> np.ndarray:
        """The loss of the class that the network sees."""
        return self.gradient_of(self.probabilities - self.one_hot(self.scores.argmax(1)), self.X)

    @cached_property
    def of_loss_of_first(self) -> np.ndarray:
        """The loss of the first image's label, for every image."""
        return self.gradient_of(self.probabilities - self.one_hot(int(self.y[0])), self.X)

    @cached_property
    def of_loss_with_scores_as_probabilities(self) -> list[np.ndarray]:
        """Keras's cross-entropies of the scores, which they clip: with labels, and one-hot."""
        return [
            self.gradient_of(derivative(self.scores, self.y), self.X)
            for derivative in (keras_sparse, keras_dense)
        ]

    @cached_property
    def of_loss_after_two_softmaxes(self) -> np.ndarray:
        """Cross-entropy of probabilities that it takes for scores."""
        from ....tensorflow_quiet import tf

        X = tf.constant(self.X)
        with tf.GradientTape() as tape:
            tape.watch(X)
            p = tf.nn.softmax(self.model(X))
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(self.y, p)
        return tape.gradient(loss, X).numpy()


def _steps(*wrong):
    """Detects an answer that is X plus one of these, functions of the context."""

    def detect(case: Case) -> bool:
        step = _change(case)
        return step is not None and any(_same(step, each(case.context)) for each in wrong)

    return detect


def _same(step: np.ndarray, other: np.ndarray) -> bool:
    """Whether steps differ by less than a fifth in all but 3 % of the numbers, image by image."""
    other = np.broadcast_to(other, step.shape)
    size = np.abs(other).max(axis=(1, 2, 3), keepdims=True)
    moves = np.abs(other) > 1e-3 * size
    close = np.abs(step - other) < np.where(moves, 0.2 * np.abs(other), 1e-3 * size + 1e-9)
    return bool((close.mean(axis=(1, 2, 3)) > AGREEMENT).all())


def _another_length(case: Case) -> bool:
    """The right signs, all with one length that is not epsilon."""
    step, right = _change(case), case.context.expected - case.context.X
    if step is None:
        return False
    moves = np.abs(right) > case.context.epsilon / 2
    length = np.median(np.abs(step[moves]))
    return length > 1e-7 and _same(step, np.sign(right) * moves * length)


def _right_where_inside(low, high):
    """Detects the right images, cut off at these limits."""

    def detect(case: Case) -> bool:
        image = _image(case)
        return image is not None and _same(
            image - case.context.X, np.clip(case.context.expected, low, high) - case.context.X
        )

    return detect


def _one_map_for_three_colours(case: Case) -> bool:
    """The three colours of a pixel took the same step."""
    step = _change(case)
    epsilon = case.context.epsilon
    return (
        step is not None
        and np.abs(step).max() > epsilon / 2
        and bool((np.ptp(step, axis=-1) < 0.1 * epsilon).mean() > AGREEMENT)
    )


def _one_step_for_all(case: Case) -> bool:
    """Every image took the same step, or its mean over the images."""
    step = _change(case)
    return (
        step is not None
        and len(step) > 1
        and np.abs(step).max() > case.context.epsilon / 100
        and bool((np.ptp(step, axis=0) < 0.1 * case.context.epsilon).mean() > AGREEMENT)
    )


BLACK, WHITE = (
    ((edge - SQUEEZENET_MEAN) / SQUEEZENET_STD).astype(np.float32) for edge in (0.0, 1.0)
)

SIGNS: tuple[Misconception, ...] = (
    *WHAT_WAS_RETURNED,
    AXIS_OF_ONE_LOST,
    Misconception(
        "one_image_only",
        "You return one image, and X is a batch. Each of its images takes a step of its own.",
        lambda case: (
            case.shape is not None
            and case.shape[-3:] == case.context.X.shape[1:]
            and case.shape != case.context.X.shape
        ),
    ),
    Misconception(
        "colours_lost",
        "An axis is missing, or there is one too many. Images come in and images go out: nothing "
        "is reduced on the way.",
        lambda case: case.shape != case.context.X.shape,
    ),
    Misconception(
        "unchanged",
        "What comes back is X. Does the step get into what you return?",
        lambda case: bool(np.abs(_change(case)).max() < 1e-7),
    ),
    Misconception(
        "only_the_step",
        "You return the step alone. What is asked for are the images after they took it.",
        lambda case: _same(_image(case), case.context.expected - case.context.X),
    ),
    Misconception(
        "downhill",
        "Your images go the opposite way: they make the network more certain of the label. Should "
        "the loss rise or fall?",
        _steps(lambda c: -c.epsilon * np.sign(c.of_loss)),
    ),
    Misconception(
        "score_instead_of_loss",
        "You went by the gradient of the score of the label. The loss depends on the scores of all "
        "classes: what else makes it rise?",
        _steps(
            lambda c: c.epsilon * np.sign(c.of_score), lambda c: -c.epsilon * np.sign(c.of_score)
        ),
    ),
    Misconception(
        "scores_taken_for_probabilities",
        "Your loss took the scores for probabilities. Look up what it expects by default, and what "
        "the network returns.",
        _steps(
            *(
                lambda c, kind=kind, sign=sign: (
                    sign * c.epsilon * np.sign(c.of_loss_with_scores_as_probabilities[kind])
                )
                for kind in (0, 1)
                for sign in (1, -1)
            )
        ),
    ),
    Misconception(
        "two_softmaxes",
        "There are two softmaxes in your loss: one that you wrote and one that the loss brings "
        "along.",
        _steps(lambda c: c.epsilon * np.sign(c.of_loss_after_two_softmaxes)),
    ),
    Misconception(
        "labels_not_used",
        "Your images flee from what the network sees, which is not always what the label says.",
        _steps(
            lambda c: c.epsilon * np.sign(c.of_loss_of_best),
        ),
    ),
    Misconception(
        "one_label_for_all",
        "Every image went by the label of the first one. Each has a label of its own.",
        _steps(
            lambda c: c.epsilon * np.sign(c.of_loss_of_first),
        ),
    ),
    Misconception(
        "no_sign",
        "Your steps are in proportion to the gradient: some numbers move a lot and most hardly at "
        "all. What does the sign make of it?",
        _steps(
            lambda c: c.epsilon * c.of_loss,
            lambda c: c.epsilon * c.of_loss / len(c.X),
            lambda c: c.epsilon * c.of_loss / np.linalg.norm(c.of_loss),
            lambda c: (
                c.epsilon * c.of_loss / np.sqrt(np.square(c.of_loss).sum((1, 2, 3), keepdims=True))
            ),
            lambda c: c.epsilon * c.of_loss / np.abs(c.of_loss).max((1, 2, 3), keepdims=True),
            lambda c: c.epsilon * c.of_loss / np.abs(c.of_loss).max(),
        ),
    ),
    Misconception(
        "no_direction",
        "All your numbers went up. The sign of the gradient tells which should go down.",
        _steps(lambda c: c.epsilon, lambda c: c.epsilon * np.abs(np.sign(c.of_loss))),
    ),
    Misconception(
        "one_step_for_three_colours",
        "The three colours of a pixel always went the same way. Each has a derivative of its own.",
        _one_map_for_three_colours,
    ),
    Misconception(
        "one_step_for_all_images",
        "All your images took the same step. The gradient of each image is its own.",
        _one_step_for_all,
    ),
    Misconception(
        "another_length",
        "The directions are right, and the length is not epsilon. Epsilon is in the units of X, "
        "and one step is all there is.",
        _another_length,
    ),
    Misconception(
        "cut_off",
        "Your images are right, but then cut off at some limits. X is preprocessed: its numbers "
        "are neither within 0 and 1 nor within 0 and 255, and the definition cuts nothing.",
        lambda case: any(
            _right_where_inside(*limits)(case) for limits in ((0, 1), (-1, 1), (0, 255))
        ),
    ),
    Misconception(
        "not_preprocessed",
        "You return pictures to look at. What is asked for are images for the network, like those "
        "you were given.",
        _not_preprocessed,
    ),
)
