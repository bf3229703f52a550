"""What errors and warnings share: names near to a mistyped one, and whose line a warning is of."""

import difflib
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path

_HERE = str(Path(__file__).parent)


def near_names(word: str, names: Iterable[str]) -> str:
    """The end of a sentence that has said ``word`` is unknown: the names it may have meant."""
    names = [str(name) for name in names]
    near = difflib.get_close_matches(str(word), names, n=3, cutoff=0.5) or names[:10]
    return f"did you mean {' or '.join(map(repr, near))}?" if near else "there is none at all."


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
