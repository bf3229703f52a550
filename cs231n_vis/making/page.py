"""The explorer as a static page: what it is made of, written and bundled.

    python -m cs231n_vis.making.page build/site/explorer

Any web server can serve the folder; nothing of Python stands behind it.
"""

import base64
import gzip
import hashlib
import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .. import __version__
from ..explorer.drawing import GREY, colours
from ..explorer.parts import thumbnail
from ..explorer.state import BASELINES, COLOUR_MAPS, State, controls_of
from ..explorer.widgets import LAYERS, SLIDERS
from ..imagenet import load_class_names, load_imagenet_val
from ..method_table import METHODS
from ..sources import sources
from ..weights import CONVOLUTIONS, read_weights
from .node import SITE, install_packages, run

SOURCES = SITE / "page"


def build_page(to: Path, page: Path = SOURCES) -> None:
    """Write the page into a folder, which is made anew.

    Args:
        to: the folder.
        page: where index.html and app.js are; another page may stand over the same engine.

    Raises:
        FileNotFoundError: this is no checkout, or Node.js is not installed.
        ValueError: npm or the bundler failed, and said why.
    """
    install_packages()
    shutil.rmtree(to, ignore_errors=True)
    write_data(to / "data")
    run(SOURCES / "build.mjs", to.resolve(), page.resolve())


def write_data(folder: Path) -> None:
    """Write the weights, the images, and ``index.json``, which says what else the page shows.

    Weights are float32 and images lossless: rounded to 16 bits, weights move a saliency map by up
    to 12 %, because a few inputs of ReLUs and max-pools then fall on the other side of a kink.
    """
    folder.mkdir(parents=True)
    images, labels, _ = load_imagenet_val()
    names = load_class_names()
    source = sources()["imagenet-samples"]
    index = {
        "version": __version__,
        "weights": _write_weights(folder),
        "images": [
            {
                "file": _write(folder, f"image{number:02}.webp", _webp(image)),
                "thumbnail": _data_uri(thumbnail(image)),
                "label": int(label),
                "name": names[label],
                "title": f"{number}: {names[label]}",
                "source": f"{source.title}; {source.licence}",
            }
            for number, (image, label) in enumerate(zip(images, labels, strict=True))
        ],
        "classes": [names[label] for label in range(len(names))],
        "methods": {name: method.title for name, method in METHODS.items()},
        "controls": {name: dict(controls_of(name)) for name in METHODS},
        "sliders": {
            name: dict(zip(("label", "low", "high", "step", "written"), slider, strict=True))
            for name, slider in SLIDERS.items()
        },
        "start": _start(),
        "baselines": BASELINES,
        "grey": GREY,
        "grad_cam_layers": LAYERS,
        "layers": [convolution.name for convolution in reversed(CONVOLUTIONS)],
        "colours": {name: np.round(colours(name), 3).tolist() for name in COLOUR_MAPS},
    }
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    (folder / "index.json").write_text(text, encoding="utf-8")


def _start() -> dict[str, Any]:
    """What the explorer shows at first."""
    return vars(State()) | {}


def _write_weights(folder: Path) -> dict[str, Any]:
    """The weights, one layer after another, kernel and bias: the bytes of each number apart.

    A number is turned left by one bit first. So all exponents stand together, and can be packed;
    the rest are as good as random. Most servers pack no file of numbers: so it is packed here.
    """
    arrays = read_weights()
    numbers = np.concatenate(
        [part.ravel() for name, *_ in CONVOLUTIONS for part in arrays[name]]
    ).astype("<f4")
    bits = numbers.view("<u4")
    turned = ((bits << 1) | (bits >> 31)).astype(">u4")
    planes = np.ascontiguousarray(turned.view(np.uint8).reshape(-1, 4).T)
    content = gzip.compress(planes.tobytes(), 9, mtime=0)
    return {
        "file": _write(folder, "weights.bin", content),
        "bytes": len(content),
        "numbers": len(numbers),
        "layers": [(convolution.name, convolution.kernel) for convolution in CONVOLUTIONS],
    }


def _webp(image: np.ndarray) -> bytes:
    """An image without loss."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "webp", lossless=True, quality=100, method=5)
    return file.getvalue()


def _data_uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _write(folder: Path, name: str, content: bytes) -> str:
    """Write a file whose name ends in a digest of its content, and return that name."""
    stem, _, suffix = name.rpartition(".")
    name = f"{stem}-{hashlib.sha256(content).hexdigest()[:8]}.{suffix}"
    (folder / name).write_bytes(content)
    return name


if __name__ == "__main__":
    build_page(Path(sys.argv[1]))
