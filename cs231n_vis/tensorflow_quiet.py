"""TensorFlow, imported once, with its fastest kernels and without its start-up log.

``TF_CPP_MIN_LOG_LEVEL`` silences most of it, but a few lines are written to the process's
standard error before TensorFlow reads any setting, so that stream is closed off for the
length of the import. Every module of this package takes ``tf`` from here.
"""

import contextlib
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
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


with _stderr_closed_off():
    import tensorflow as tf

    tf.keras.Model  # noqa: B018 - TensorFlow loads Keras on first use; do it while quiet
    tf.config.list_physical_devices()  # looks for a GPU, and writes to stderr where there is none

__all__ = ["tf"]
