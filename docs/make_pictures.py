"""Make the pictures of docs/methods.md anew, from the sample images that are installed.

    .venv/bin/python docs/make_pictures.py            # all, about two minutes on two cores
    .venv/bin/python docs/make_pictures.py rise       # that of one method
    .venv/bin/python docs/make_pictures.py panel      # the panel

Every method is called with its defaults, and random numbers have a fixed seed, so the pictures
change only when a method does. Look at each before it is committed: docs/methods.md says what is to
be seen in it.
"""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from cs231n_vis import load_imagenet_val, load_squeezenet, preprocess_image
from cs231n_vis.maps import drawable
from cs231n_vis.methods import METHODS
from cs231n_vis.plots import saliency_figure
from cs231n_vis.sources import locate

DOCS = Path(__file__).resolve().parent
SAMPLES = [
    0,
    7,
    14,
    17,
]  # a dog and a man, a car on rocks, a small bird and a part of one, an eagle
PANEL_SAMPLES = [0, 7, 14]
PANEL_METHODS = ["saliency", "smoothgrad", "grad_cam", "occlusion"]
PANEL_WIDTH = 1500  # pixels


def make_pictures_of_methods(names: list[str]) -> None:
    """docs/methods_NAME.jpg: the four images, and under each its map for the label it came with."""
    X_raw, y, class_names = load_imagenet_val()
    X_raw, y = X_raw[SAMPLES], y[SAMPLES]
    model = load_squeezenet()
    X = preprocess_image(X_raw)
    guesses = np.argmax(model(X, training=False), axis=1)
    titles = dict(class_names)
    for label, guess in zip(y, guesses, strict=True):
        if guess != label:
            titles[label] = f"{class_names[label]}\nnamed {class_names[guess]}"
    for name in names:
        title, function = METHODS[name].title, METHODS[name].function
        maps = drawable(name, function(X, y, model))
        figure = saliency_figure(X_raw, y, maps, titles, title)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", dpi=110)  # about one pixel for each of a map
        write_jpeg(Image.open(drawn).convert("RGB"), DOCS / f"methods_{name}.jpg")


def make_panel() -> None:
    """docs/panel.jpg, by the command that docs/methods.md shows; smaller, for the page."""
    paths = locate("imagenet-samples")
    photos = [str(paths[sample]) for sample in PANEL_SAMPLES]
    options = [word for name in PANEL_METHODS for word in ("--method", name)]
    command = [sys.executable, "-m", "cs231n_vis.cli", "saliency", *photos, *options]
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "panel.png")
        subprocess.run([*command, "-o", str(written)], check=True)
        with Image.open(written) as picture:
            picture = picture.convert("RGB")
            picture.thumbnail((PANEL_WIDTH, picture.height), Image.Resampling.LANCZOS)
            write_jpeg(picture, DOCS / "panel.jpg")


def write_jpeg(picture: Image.Image, path: Path) -> None:
    picture.save(path, quality=88, optimize=True)
    print(f"{path}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    asked = sys.argv[1:] or [*METHODS, "panel"]
    if unknown := set(asked) - {*METHODS, "panel"}:
        sys.exit(f"No picture is called {', '.join(sorted(unknown))}; see docs/methods.md.")
    if methods := [name for name in METHODS if name in asked]:
        make_pictures_of_methods(methods)
    if "panel" in asked:
        make_panel()
