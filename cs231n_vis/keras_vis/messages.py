"""Whose line a warning is of."""

import sys
import warnings
from pathlib import Path

_HERE = str(Path(__file__).parent)


def warn_user(message: str) -> None:
    """Warn of ``message`` at the line that called this package.

    Between the two lie frames of this package, of TensorFlow and of Keras, as many as they please,
    so the line is found from the outermost frame of this package and not by counting.
    """
    frame, ours = sys._getframe(1), None
    while frame is not None:
        if frame.f_code.co_filename.startswith(_HERE):
            ours = frame
        frame = frame.f_back
    caller = ours.f_back or ours
    warnings.warn_explicit(
        message,
        UserWarning,
        caller.f_code.co_filename,
        caller.f_lineno,
        registry=caller.f_globals.setdefault("__warningregistry__", {}),  # once for each line
    )
