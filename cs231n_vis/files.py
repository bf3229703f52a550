"""Where files are; how one is written so that it is whole or not there at all; how one is opened
that a stranger made."""

import contextlib
import hashlib
import io
import os
import secrets
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO


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


def open_regular(path: str | os.PathLike, largest: int | None = None) -> BinaryIO:
    """Open a file to be read as bytes, unless reading it could wait or go on for ever.

    Args:
        path: of a file, or of a link to one.
        largest: in bytes.

    Raises:
        DamagedFileError: it is a folder, a pipe or a device, or has more than ``largest`` bytes.
        OSError: it is not there or may not be read.
    """
    flags = os.O_RDONLY
    for flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, flag, 0)  # a pipe to which nobody writes is not waited for
    handle = os.open(path, flags)
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise DamagedFileError(
                f"{path} is a folder, a pipe or a device; give the path of a file."
            )
        if largest is not None and about.st_size > largest:
            raise DamagedFileError(
                f"{path} is too large, {about.st_size / 1e6:.2f} MB where {largest / 1e6:.2f} MB "
                "are the most; see whether it is the right file."
            )
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


_TABLE = 1 << 20  # bytes of a zip archive's table of contents; each takes some ten of memory


class _InPieces(io.FileIO):
    """A zip archive's file: all that Python reads of one at once is the table of contents."""

    def read(self, size: int | None = -1) -> bytes:
        left = os.fstat(self.fileno()).st_size - self.tell()
        if min(left, left if size is None or size < 0 else size) > _TABLE:
            raise zipfile.BadZipFile("its table of contents is too long")
        return super().read(size)


@contextlib.contextmanager
def open_zip(path: str | os.PathLike, largest: int | None = None) -> Iterator[zipfile.ZipFile]:
    """A zip archive to be read with :func:`unpacked`.

    Raises:
        DamagedFileError, OSError: as :func:`open_regular`.
        zipfile.BadZipFile: it is none, or its table of contents is too long.
    """
    with (
        open_regular(path, largest) as stream,
        _InPieces(stream.fileno(), closefd=False) as pieces,
        zipfile.ZipFile(pieces) as archive,
    ):
        yield archive


@contextlib.contextmanager
def unpacked(archive: zipfile.ZipFile, name: str | zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """A file of an archive, to be read in pieces of less than a megabyte.

    Raises:
        KeyError: there is none of this name.
        zipfile.BadZipFile: it is packed in a way that cannot be unpacked piece by piece.
    """
    entry = archive.getinfo(name) if isinstance(name, str) else name
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(f"{entry.filename} in it is packed in a way that is not read here")
    with archive.open(entry) as stream:
        yield stream


def place_for_sockets() -> str | None:
    """Where to make a folder that sockets are put into, whose paths may have some 100 characters.

    None stands for the usual place; it is ``/tmp`` where that one's path is long.
    """
    usual_is_long = len(tempfile.gettempdir()) > 50
    return "/tmp" if usual_is_long and os.access("/tmp", os.W_OK) else None


def sha256(path: str | os.PathLike) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with open_regular(path) as stream:
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
