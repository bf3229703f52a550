"""TensorFlow, imported once, in full float32, with its fastest kernels and no start-up log.

``TF_CPP_MIN_LOG_LEVEL`` silences most of the log, but a few lines are written to the process's
standard error before TensorFlow reads any setting, so that stream is closed off for the
length of the import. Every module of this package takes ``tf`` from here.
"""

import contextlib
import gc
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Keras 3 on TensorFlow, whatever else this machine is set up for: models and tapes need it.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_USE_LEGACY_KERAS"] = "0"
# oneDNN's convolutions: TensorFlow takes them by itself only on processors with AVX-512, though on
# others too they are much faster (benchmarks/bench_methods.py).
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


@contextlib.contextmanager
def _stderr_closed_off():
    """Send file descriptor 2 to nowhere; an exception still reaches the caller."""
    sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:  # no standard error at all (pythonw on Windows): nothing to silence
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


@contextlib.contextmanager
def _no_garbage_collected():
    """An import makes much that stays, and to look through it again and again is a seventh of its
    time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


with _stderr_closed_off(), _no_garbage_collected():
    import tensorflow as tf

    keras = tf.keras
    if keras.__version__.startswith("2."):  # TensorFlow was imported earlier, and chose
        raise ImportError(
            "TF_USE_LEGACY_KERAS made TensorFlow use Keras 2, and Keras 3 is needed: remove it "
            "from the environment, or import cs231n_vis before tensorflow, and restart the kernel."
        )
    if keras.backend.backend() != "tensorflow":  # so with Keras
        raise ImportError(
            f"Keras was imported with {keras.backend.backend()} as its backend, and TensorFlow is "
            "needed: set KERAS_BACKEND=tensorflow in the environment (it goes before keras.json), "
            "or import cs231n_vis before keras, and restart the kernel."
        )
    # TensorFloat-32, the default on NVIDIA's GPUs since Ampere, puts right maps 5 to 15 % off.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    tf.config.list_physical_devices()  # looks for a GPU, and writes to stderr where there is none

FLOAT32 = 2e-5  # the relative error of a convolution; in float32 it is 2e-7, in TF32 3e-4


def lost_precision() -> str:
    """A sentence that says by what convolutions lose precision in this process, and what to do.

    It is measured, with a convolution of random numbers, once compiled and once not. In TF32,
    bfloat16 or float16 it is far from the same in float64; and as a network of ReLUs has kinks,
    what is derived from it, such as a right answer's maps, comes out 5 to 30 % off.

    Returns:
        An empty string where they compute in float32.
    """
    with tf.init_scope():
        if not tf.executing_eagerly():  # a session of TensorFlow 1 is open
            return ""
        images = tf.random.stateless_normal((1, 16, 16, 64), seed=(1, 2))
        filters = tf.random.stateless_normal((3, 3, 64, 64), seed=(3, 4))
        exact = _convolve(tf.cast(images, tf.float64), tf.cast(filters, tf.float64))
        # some settings are for graphs only; called as a tf.function, it would warn of retracing
        compiled = tf.function(_convolve, autograph=False).get_concrete_function(images, filters)
        found = tf.stack([_convolve(images, filters), compiled(images, filters)])
        difference = tf.abs(tf.cast(found, tf.float64) - exact)
        error = tf.reduce_max(difference) / tf.reduce_max(tf.abs(exact))
    if float(error) < FLOAT32:
        return ""
    return (
        f"TensorFlow computes here with less than float32's precision, because of {_what_lowers()}"
        ", and a right answer comes out too far off: change that, restart the kernel and run "
        "everything again."
    )


def _convolve(images, filters):
    return tf.nn.convolution(images, filters, padding="SAME")


def _what_lowers() -> str:
    """The setting that makes TensorFlow compute in less than float32, as far as it is known."""
    for name in ("ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE"):
        if os.environ.get(name, "STRICT").upper() != "STRICT":
            return f"the environment variable {name}={os.environ[name]}"
    for name in ("TF_ENABLE_AUTO_MIXED_PRECISION", "TF_ENABLE_AUTO_MIXED_PRECISION_GRAPH_REWRITE"):
        if os.environ.get(name, "0") != "0":
            return f"the environment variable {name}={os.environ[name]}"
    options = tf.config.optimizer.get_experimental_options()
    if chosen := [name for name in options if "mixed_precision" in name and options[name]]:
        return f"tf.config.optimizer.set_experimental_options({{{chosen[0]!r}: True}})"
    if tf.config.experimental.tensor_float_32_execution_enabled():
        return "tf.config.experimental.enable_tensor_float_32_execution(True)"
    return (
        "something unknown (on a GPU, tf.config.set_visible_devices([], 'GPU') before all else "
        "makes it use the processor)"
    )


__all__ = ["lost_precision", "tf"]
