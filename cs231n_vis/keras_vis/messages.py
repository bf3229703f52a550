"""Whose line a warning is of."""

import sys
import traceback
import warnings
from pathlib import Path

_HERE = str(Path(__file__).parent)


def warn_user(message: str) -> None:
    """Warn of ``message`` at the line that called this package.

    Between the two lie frames of this package, of TensorFlow and of Keras, as many as they please,
    so the line is found from the outermost frame of this package and not by counting.
    """
    frames = [frame for frame, _ in traceback.walk_stack(sys._getframe())]
    ours = max(n for n, f in enumerate(frames) if f.f_code.co_filename.startswith(_HERE))
    caller = frames[min(ours + 1, len(frames) - 1)]
    warnings.warn_explicit(
        message,
        UserWarning,
        caller.f_code.co_filename,
        caller.f_lineno,
        registry=caller.f_globals.setdefault("__warningregistry__", {}),  # once for each line
    )
