"""The two parts that ipywidgets does not have: a picture to point at, and a row of thumbnails."""

import io
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from PIL import Image

_HERE = Path(__file__).parent
THUMBNAIL = 88  # pixels; shown at half of it, for sharp screens


class Picture(anywidget.AnyWidget):
    """A PNG with a caption. If ``place`` is set, ``at`` follows the mouse and the arrow keys."""

    _esm = _HERE / "picture.js"
    _css = _HERE / "explorer.css"
    png = traitlets.Bytes(b"").tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    caption = traitlets.Unicode("").tag(sync=True)
    place = traitlets.Bool(False).tag(sync=True)
    at = traitlets.List(traitlets.Int(), default_value=[112, 112]).tag(sync=True)

    def save(self, name: str) -> None:
        """Let the browser save the picture as a file."""
        self.send({"kind": "save", "name": name})


class Strip(anywidget.AnyWidget):
    """Small pictures in a row, one of them ``chosen`` (-1 for none), and a place for a photo.

    What is chosen in the page arrives as a message ``{"kind": "choose", "number": …}``, a photo as
    ``{"kind": "photo", "name": …}`` with its bytes: in the order in which they were given.
    """

    _esm = _HERE / "strip.js"
    thumbnails = traitlets.List(traitlets.Bytes()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)

    def copy(self, text: str) -> None:
        """Put text on the clipboard, if the browser lets us."""
        self.send({"kind": "copy", "text": text})


def thumbnail(image: np.ndarray) -> bytes:
    """A small JPEG of an image, uint8 (H, W, 3)."""
    file = io.BytesIO()
    Image.fromarray(image).resize((THUMBNAIL, THUMBNAIL)).save(file, "jpeg", quality=85)
    return file.getvalue()
