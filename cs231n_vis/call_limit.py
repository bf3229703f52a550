"""A model that may be called so often and no more: for functions that take steps until something
happens, which may be never."""

from .tensorflow_quiet import tf


class TooManyCalls(RuntimeError):
    """A model was called more often than is allowed."""

    _keras_call_info_injected = True  # so that Keras does not wrap the message in one of its own


def limited(model: tf.keras.Model, calls: int) -> tf.keras.Model:
    """The same model, with the same layers, that raises TooManyCalls after so many calls.

    Calls inside one ``tf.function`` count when it is traced.
    """
    count = _Count(calls, name="call_limit")
    limited_model = tf.keras.Model(model.input, count(model.output))
    count.left = calls  # building it was a call too
    return limited_model


class _Count(tf.keras.layers.Layer):
    def __init__(self, calls: int, **options):
        super().__init__(**options)
        self.calls, self.left = calls, calls

    def call(self, scores):
        if self.left <= 0:
            raise TooManyCalls(f"the network was asked more than {self.calls} times")
        self.left -= 1
        return scores

    def get_config(self):
        return super().get_config() | {"calls": self.calls}
