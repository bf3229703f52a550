"""A figure as a file: the place is looked at before the work, and written whole or not at all."""

import errno
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import atomic_write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Endings of files that can be written, and what each calls a title and a description.
FORMATS = {
    ".png": ("Title", "Description"),
    ".jpg": None,
    ".jpeg": None,
    ".webp": None,
    ".tif": None,
    ".tiff": None,
    ".pdf": ("Title", "Subject"),
    ".svg": ("Title", "Description"),
}
_UNDATED = {".pdf": "CreationDate", ".svg": "Date"}  # so that the same figure is the same file


def checked_place(path: str | os.PathLike, option: str = "-o") -> Path:
    """A path that a figure can be written to, or one sentence about why not.

    Args:
        path: of the file to be; ``~`` is understood. A file that is there will be replaced.
        option: what the path was given with, for errors.

    Raises:
        ValueError: the ending is not one of ``FORMATS``.
        OSError: it is a folder, the folder it is to be in is not there, or may not be written to.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        raise IsADirectoryError(
            f"{path} is a folder; give {option} the name of a file in it, as {path / 'maps.png'}."
        )
    if path.suffix.lower() not in FORMATS:
        raise ValueError(
            f"The ending of {path} is not that of a picture that can be written; let {option} end "
            f"in {', '.join(FORMATS)}."
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"There is no folder {path.parent} to write {path.name} to; make it, or give {option} "
            "another place."
        )
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(
            f"{path.parent} may not be written to; give {option} a place that may."
        )
    return path


def save_figure(
    figure: "Figure", path: Path, title: str, description: str, option: str = "-o"
) -> None:
    """Write a figure in the format that the ending says.

    The file is written beside ``path`` under another name and takes its place when it is whole:
    whatever goes wrong, ``path`` is as it was.

    Args:
        figure: what to write, at its own ``dpi``.
        path: from ``checked_place``.
        title: of the picture; PNG, PDF and SVG keep it.
        description: in words, for those who cannot see it; kept in the same formats.
        option: what the path was given with, for errors.

    Raises:
        OSError: the file could not be written; the disk may be full.
    """
    from ..plots import write_figure

    ending = path.suffix.lower()
    options: dict[str, Any] = {"format": ending[1:], "dpi": figure.dpi}
    if keys := FORMATS[ending]:
        options["metadata"] = dict(zip(keys, (title, description), strict=True))
        if ending in _UNDATED:
            options["metadata"][_UNDATED[ending]] = None
    if ending in (".jpg", ".jpeg"):
        options["pil_kwargs"] = {"quality": 90, "subsampling": 0}
    try:
        with warnings.catch_warnings(), atomic_write(path) as temporary:
            # a file's name in letters that the font lacks shows boxes; no need to say so 20 times
            warnings.filterwarnings("ignore", "Glyph")
            write_figure(figure, temporary, **options)
    except OSError as problem:
        full = problem.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None))
        reason = "the disk is full" if full else problem.strerror or str(problem)
        raise OSError(
            f"{path} could not be written ({reason}), and is as it was before; "
            f"{'make room, or ' if full else ''}give {option} another place."
        ) from problem
