"""CS231n's original interface: SqueezeNet as a graph with placeholders, run in a session.

    from cs231n_vis.tf1 import SqueezeNet, get_session

    sess = get_session()            # from here on, TensorFlow builds a graph
    model = SqueezeNet(sess=sess)
    scores = sess.run(model.classifier, feed_dict={model.image: X})
    sess.close()                    # from here on, TensorFlow is eager again

Code written for TensorFlow 1 that uses only names TensorFlow 2 still has (``tf.gradients``,
``tf.gather_nd``, ...) runs unchanged between these two lines. ``with get_session() as sess:``
does the same and closes by itself.
"""

import contextlib
import os
from collections.abc import Sequence

import numpy as np

from .tensorflow_quiet import tf
from .weights import CONVOLUTIONS, read_weights

_open: list["GraphSession"] = []  # at most one: see get_session


class GraphSession(tf.compat.v1.Session):
    """A session whose graph is the default one until the session is closed."""

    def __init__(self):
        graph = tf.Graph()
        options = tf.compat.v1.ConfigProto()
        options.gpu_options.allow_growth = True  # leave memory for the other notebooks
        super().__init__(graph=graph, config=options)
        self._graph_mode = contextlib.ExitStack()
        self._graph_mode.enter_context(graph.as_default())
        self._graph_mode.enter_context(self.as_default())

    def close(self) -> None:
        """Free the session and go back to eager mode. Closing twice does no harm."""
        self._graph_mode.close()
        super().close()
        if self in _open:
            _open.remove(self)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        # not the parent's: after an error it closes in another thread, whose mode is not ours
        self.close()


def get_session() -> GraphSession:
    """Open a session and switch this thread to graph mode; ``close()`` it to switch back.

    A session still open from an earlier call is closed first, so a notebook cell with this call
    can be run again.
    """
    while _open:
        _open[-1].close()
    _open.append(GraphSession())
    return _open[-1]


class SqueezeNet:
    """SqueezeNet 1.1 as a TensorFlow 1 graph, with CS231n's attributes and variable names.

    Args:
        save_path: CS231n's checkpoint ``squeezenet.ckpt`` or any other file that
            ``load_squeezenet`` reads; none means the default weights.
        sess: the session to put the weights in; none means the one ``get_session`` opened.

    Attributes:
        image: placeholder, float32 (N, H, W, 3), preprocessed.
        labels: placeholder, int32 (N,).
        layers: the output of every layer, in CS231n's numbering.
        features: the last layer before the classifier, (N, h, w, 512).
        classifier, scores: unnormalised class scores, (N, 1000); CS231n called them ``classifier``
            in 2017 and ``scores`` from 2018 on.
        loss: mean cross-entropy of the scores against ``labels``, a scalar.

    Raises:
        RuntimeError: there is no session.
        Otherwise as ``load_squeezenet``.
    """

    def __init__(
        self,
        save_path: str | os.PathLike | None = None,
        sess: tf.compat.v1.Session | None = None,
    ):
        sess = sess or (_open[-1] if _open else None)
        if sess is None:
            raise RuntimeError("There is no session: call `sess = get_session()` first.")
        arrays = read_weights("imagenet" if save_path is None else save_path)
        values = {cs231n: arrays[name] for name, _, cs231n, _ in CONVOLUTIONS}
        with sess.graph.as_default():
            self._variables = {name: self._create(name, pair) for name, pair in values.items()}
            self.image = tf.compat.v1.placeholder(tf.float32, (None, None, None, 3), "input_image")
            self.labels = tf.compat.v1.placeholder(tf.int32, (None,), "labels")
            self.layers = self.extract_features(self.image)
            self.features = self.layers[-1]
            self.layers += self._classify(self.features)
            self.classifier = self.scores = tf.reshape(self.layers[-1], (-1, 1000))
            self.loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(self.labels, self.classifier)
            )
        for name, pair in values.items():
            for variable, value in zip(self._variables[name], pair, strict=True):
                sess.run(variable.initializer, {variable.initializer.inputs[1]: value})

    @staticmethod
    def _create(name: str, pair: Sequence[np.ndarray]) -> list:
        """Variables ``name/weights`` and ``name/bias``, as in CS231n's checkpoint."""
        with tf.compat.v1.variable_scope(name, reuse=tf.compat.v1.AUTO_REUSE):
            return [
                tf.compat.v1.get_variable(
                    part, value.shape, initializer=tf.zeros_initializer(), use_resource=True
                )
                for part, value in zip(("weights", "bias"), pair, strict=True)
            ]

    def _conv(self, x: tf.Tensor, name: str, stride: int = 1, padding: str = "VALID") -> tf.Tensor:
        weights, bias = self._variables[name]
        return tf.nn.bias_add(tf.nn.conv2d(x, weights, stride, padding), bias)

    def _fire(self, x: tf.Tensor, name: str) -> tf.Tensor:
        x = tf.nn.relu(self._conv(x, f"{name}/fire/squeeze"))
        left = tf.nn.relu(self._conv(x, f"{name}/fire/e11"))
        right = tf.nn.relu(self._conv(x, f"{name}/fire/e33", padding="SAME"))
        return tf.concat([left, right], axis=3)

    def extract_features(self, input: tf.Tensor | None = None, reuse: bool = True) -> list:
        """The outputs of layers 0 to 12 for ``input`` (default: the placeholder ``image``).

        ``reuse`` is CS231n's and has no effect: the weights are always shared.
        """
        x = self.image if input is None else input
        outputs = []
        for place in range(13):
            if place == 0:
                x = self._conv(x, "features/layer0", stride=2)
            elif place == 1:
                x = tf.nn.relu(x)
            elif place in (2, 5, 8):
                x = tf.nn.max_pool2d(x, 3, 2, "VALID")
            else:
                x = self._fire(x, f"features/layer{place}")
            outputs.append(x)
        return outputs

    def _classify(self, features: tf.Tensor) -> list:
        """The outputs of layers 13 to 16: dropout (idle once trained), convolution, ReLU, mean."""
        x = self._conv(features, "classifier/layer1")
        return [features, x, tf.nn.relu(x), tf.reduce_mean(tf.nn.relu(x), (1, 2), keepdims=True)]
