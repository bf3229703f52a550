"""All that a mark follows from, in digests: a result is kept as long as its key is the same.

The key of a run is found once; that of a submission is added to it. The seed of the hidden inputs
is a part of it too, and stands beside it in ``results.json``, because no page may show it.
"""

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions, version
from pathlib import Path

from nbformat import NotebookNode

from .. import __version__
from ..files import DamagedFileError, open_regular, shipped
from .merge import LARGEST

NAMED = ("tensorflow", "keras", "numpy", "nbval")  # the libraries that are shown by themselves

#: Where a changed mark comes from, in words, by the parts of a key.
REASONS = {
    "submission_sha256": "submission",
    "assignment_digest": "assignment",
    "shares_digest": "points for parts",
    "package_digest": "this package's code",
    "data_digest": "saved maps",
    "installed_digest": "libraries",
    "python": "Python",
    "walls": "walls",
}


def key_of_run(
    pristine: NotebookNode, walls: str, shares: Mapping[str, float] | None = None
) -> dict[str, str]:
    """What is the same for all submissions that are graded together.

    Args:
        pristine: the assignment's notebook; what it says in words does not matter.
        walls: how kernels are walled off, because that changes what a submission can do.
        shares: of a check's points, by its parts.
    """
    counts = (c for c in pristine.cells if c.cell_type == "code" or "nbgrader" in c.metadata)
    cells = [(c.id, c.source, c.metadata) for c in counts]
    # setuptools, once it is imported, puts there a folder of its own, with what nobody else uses
    path = [place for place in sys.path if not place.endswith("_vendor")]
    installed = sorted({(each.name or "", each.version or "") for each in distributions(path=path)})
    package = Path(__file__).resolve().parents[1]
    return {
        "cs231n-vis": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in NAMED},
        "walls": walls,
        "shares_digest": _digest(json.dumps(shares or {}, sort_keys=True).encode()),
        "assignment_digest": _digest(json.dumps(cells, sort_keys=True).encode()),
        "package_digest": _digest_of_files(
            package, (p for p in package.rglob("*") if p.suffix in (".py", ".jinja"))
        ),
        "data_digest": _digest_of_files(
            shipped(), [shipped("manifest.json"), *shipped("saved_maps").glob("*")]
        ),
        "installed_digest": _digest(json.dumps(installed).encode()),
    }


def sha256_of_submission(path: Path) -> str:
    """Of the bytes of a file; empty for what cannot be graded, such as a pipe or a huge file."""
    try:
        with open_regular(path, LARGEST) as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except (OSError, DamagedFileError):
        return ""


def why_other(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """In words, the parts in which two keys differ."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return list(dict.fromkeys(REASONS[name] for name in names if name in REASONS))


def _digest_of_files(folder: Path, paths: Iterable[Path]) -> str:
    # the name with it, or two files could change places
    return _digest(
        b"".join(
            path.relative_to(folder).as_posix().encode()
            + hashlib.sha256(path.read_bytes()).digest()
            for path in sorted(paths)
        )
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
