"""Where files are, and how one is written so that it is whole or not there at all."""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


class DamagedFileError(ValueError):
    """A file is cut, tampered with, or not what its name says; the message says what to do."""


_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent / "datasets"


def datasets_dir() -> Path:
    """The folder that fetched and cached files go to.

    ``CS231N_VIS_DATASETS`` if it is set, else ``datasets/`` of the checkout this package runs
    from, else (installed from a wheel) the user's cache folder. It may not exist yet.
    """
    if chosen := os.environ.get("CS231N_VIS_DATASETS"):
        return Path(chosen).expanduser()
    if (_CHECKOUT / "manifest.json").is_file():
        return _CHECKOUT
    import platformdirs

    return Path(platformdirs.user_cache_dir("cs231n-vis", appauthor=False))


def shipped(*parts: str) -> Path:
    """A file that comes with this package: the manifest of sources or a saved map."""
    home = _CHECKOUT if (_CHECKOUT / "manifest.json").is_file() else _PACKAGE / "_datasets"
    return home.joinpath(*parts)


def sha256(path: str | os.PathLike) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its place when the block ends well.

    If the block raises, or the disk fills up, the temporary file is removed and ``path`` is as
    it was. Two processes may write the same path at once: each has its own temporary file, and
    the last to finish wins.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    temporary.touch(exist_ok=False)  # with the umask's permissions, which mkstemp would not give
    try:
        yield temporary
        with open(temporary, "rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
