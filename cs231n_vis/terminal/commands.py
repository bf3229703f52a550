"""The commands of `cs231n-vis` that draw maps, which students' copies come without.

What can be wrong with the words typed is found before TensorFlow is imported, which takes seconds.
"""

import os
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ..errors import errors_in_a_sentence
from ..method_table import METHODS
from ..names import find_class, find_methods

app = typer.Typer()


class Network(str, Enum):
    """The networks that there are weights of."""

    SQUEEZENET = "squeezenet"
    EFFICIENTNET_LITE = "efficientnet-lite"


METHODS_HELP = f"The methods: {', '.join(METHODS)}."


@app.command(epilog=METHODS_HELP)
def saliency(
    photos: Annotated[
        list[str],
        typer.Argument(metavar="PHOTO", help="Paths or http(s) addresses.", show_default=False),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="The picture: .png, .jpg, .webp, .tif, .pdf or .svg.",
        ),
    ],
    class_: Annotated[
        str,
        typer.Option(
            "--class",
            metavar="NAME",
            help="What the maps explain: one of ImageNet's 1000 classes, by name, part of a name "
            "or number; auto is the network's best guess for each photo.",
        ),
    ] = "auto",
    methods: Annotated[
        list[str] | None,
        typer.Option("--method", metavar="NAME", help="A method, or all; may be repeated."),
    ] = None,
    weights: Annotated[
        str, typer.Option(help="imagenet, torchvision, or a file of SqueezeNet 1.1's weights.")
    ] = "imagenet",
) -> None:
    """Draw what the network takes photos for, and maps of what in them speaks for it.

    All photos go into one picture, one below the other.
    """
    with errors_in_a_sentence():
        asked = find_methods(methods or ["saliency"])

        from .picture_file import checked_place, save_figure

        out = checked_place(out)
        for photo in photos:
            if out.exists() and os.path.exists(photo) and os.path.samefile(out, photo):
                raise ValueError(
                    f"{out} is one of the photos and would be replaced; give -o another name."
                )

        import numpy as np

        from ..image_utils import load_image
        from ..imagenet import load_class_names
        from .panel import MOST_PHOTOS, explain, in_words, name_of, panel_figure

        if len(photos) > MOST_PHOTOS:
            raise ValueError(
                f"{len(photos)} photos are too many for one picture; give at most {MOST_PHOTOS} "
                "at a time."
            )
        class_names = load_class_names()
        label = None if class_.strip().lower() == "auto" else find_class(class_, class_names)
        images = np.array([load_image(photo) for photo in photos])
        names = [name_of(photo) for photo in photos]
        if weights != "imagenet":
            from ..weights import read_weights

            read_weights(weights)  # a mistake in them is said before TensorFlow is imported, too
        panels = explain(images, names, asked, label, weights, progress=sys.stderr.isatty())
        words = [in_words(panel, class_names) for panel in panels]
        title = f"Maps of what speaks for a class: {', '.join(panels[0].maps)}"
        save_figure(panel_figure(panels, class_names), out, title, "\n".join(words))
        typer.echo("\n".join([*words, f"wrote {out}"]))


@app.command(epilog=METHODS_HELP)
def compare(
    num: Annotated[
        int, typer.Option(min=1, max=20, help="On how many of the 20 sample images.")
    ] = 5,
    methods: Annotated[
        list[str] | None,
        typer.Option(
            "--method", metavar="NAME", help="A method, or all, the default; may be repeated."
        ),
    ] = None,
    network: Annotated[
        Network, typer.Option(help="Which network the methods explain.")
    ] = Network.SQUEEZENET,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Also draw it: .png, .jpg, .webp, .tif, .pdf, .svg."
        ),
    ] = None,
) -> None:
    """Measure how faithful the maps of methods are, and print a table.

    An edge detector and a random map, which know nothing of the network, are measured with them.
    All methods on 5 images take some minutes.
    """
    with errors_in_a_sentence():
        asked = find_methods(methods or ["all"])

        from .picture_file import checked_place, save_figure

        out = checked_place(out) if out else None

        from rich.console import Console

        from .. import load_efficientnet_lite, load_squeezenet, metrics

        first = network == Network.SQUEEZENET
        model = load_squeezenet() if first else load_efficientnet_lite()
        found = metrics.compare(asked, num, model=model, progress=sys.stderr.isatty())
        Console().print(found.table())
        if out:
            words = f"{network.value}, on {num} of the sample images.\n{found}"
            save_figure(found.figure(), out, "Methods that explain, compared", words)
            typer.echo(f"wrote {out}")
