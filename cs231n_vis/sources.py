"""Where the course's data comes from: find it, fetch it, and let nothing unverified pass.

``datasets/manifest.json`` lists every source. The default ones are files inside installed
distributions, found without importing those packages; the others are fetched over https into
the datasets folder when asked for. ``locate`` never touches the network, ``fetch`` may.

What is in the datasets folder: ``NAME``, only ever a whole and verified file; ``NAME.part`` and
``NAME.part.etag``, a download that was cut off and can be continued; ``recorded.json``, the
SHA-256 of files whose publisher states none; ``.lock``, held while a process fetches.
"""

import contextlib
import importlib.metadata
import json
import os
import shutil
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .files import (
    DamagedFileError,
    atomic_write,
    datasets_dir,
    open_regular,
    open_zip,
    sha256,
    shipped,
    unpacked,
)
from .names import meant

_LARGEST = 10**9  # bytes; the most that is accepted where the manifest does not know the size
_LARGEST_RECORD = 1_000_000  # bytes
_SILENCE = 20  # seconds a server may stay silent
_PAUSES = (0.5, 1, 2, 4)  # seconds between one try and the next, so five tries in all
_PASSING = {408, 429, 500, 502, 503, 504}  # answers of a server that may think better of it


class UnknownSource(ValueError):
    """There is no source of the name that was asked for."""


@dataclass(frozen=True)
class File:
    """One file of a source.

    Attributes:
        name: its path inside the distribution, or its name in the datasets folder.
        sha256: what it must be; None if its publisher does not say.
        size: in bytes; None if not known.
    """

    name: str
    sha256: str | None
    size: int | None


@dataclass(frozen=True)
class Source:
    """Where some of the course's data comes from: a distribution or an https address.

    Attributes:
        name, title, licence: what it is called, what it is, on which terms.
        files: what ``locate`` returns, in this order.
        distribution, version: the installed distribution that carries the files.
        url: the address they are fetched from.
        archive: the zip file at ``url`` that holds the files; None if ``url`` is the file itself.
        trust_on_first_use: no checksum is published, so that of the first download is recorded
            and every later use checked against it.
    """

    name: str
    title: str
    licence: str
    files: tuple[File, ...]
    distribution: str | None = None
    version: str | None = None
    url: str | None = None
    archive: File | None = None
    trust_on_first_use: bool = False

    @property
    def remedy(self) -> str:
        """The command that gets this source, or gets it again."""
        if self.distribution:
            return f"pip install --force-reinstall --no-deps {self.distribution}=={self.version}"
        return f"cs231n-vis fetch {self.name}"


def sources() -> dict[str, Source]:
    """Every source the course knows, by name, in the manifest's order."""
    manifest = json.loads(shipped("manifest.json").read_text("utf-8"))
    return {name: _source(name, entry) for name, entry in manifest["sources"].items()}


def _source(name: str, entry: dict) -> Source:
    files = tuple(File(**file) for file in entry["files"])
    archive = File(**entry["archive"]) if "archive" in entry else None
    return Source(name=name, **entry | {"files": files, "archive": archive})


def find(name: str) -> Source:
    """The source of this name.

    Raises:
        UnknownSource: there is none; a ValueError that lists the names there are.
    """
    known = sources()
    if name in known:
        return known[name]
    raise UnknownSource(
        f"There is no source {name!r}; {meant(name, known)}there are {', '.join(known)}."
    )


# Finding what is here --------------------------------------------------------------------------


def locate(name: str) -> list[Path]:
    """The verified files of a source, in the manifest's order. Never touches the network.

    Raises:
        UnknownSource: there is no such source (a ValueError).
        FileNotFoundError: a file is not here.
        ValueError: a file is not what it should be: its SHA-256 differs.
        OSError: a file cannot be read.
        All say in a sentence what to do.
    """
    source = find(name)
    if source.distribution:
        folder, recorded = _distribution_folder(source), {}
    else:
        folder, recorded = datasets_dir(), _recorded() if source.trust_on_first_use else {}
    paths = []
    for file in source.files:
        path, expected = folder / file.name, file.sha256 or recorded.get(file.name)
        found = _sha256_of(path, source)
        if expected is None:
            raise FileNotFoundError(
                f"{path} was not checked yet and is not used before; run `{source.remedy}`, which "
                "checks it and records its SHA-256."
            )
        if fault := _fault(path, expected, found):
            raise _not_right(path, fault, source)
        paths.append(path)
    return paths


def kept_files() -> list[Path]:
    """What this package may have put into the datasets folder for itself to use, there or not.

    A notebook that is graded sees these and nothing else of that folder.
    """
    from .weights import CACHE_NAME

    fetched = (file.name for each in sources().values() if each.url for file in each.files)
    return [datasets_dir() / name for name in (CACHE_NAME, "recorded.json", *fetched)]


def state(name: str) -> str:
    """``"ready"``, ``"not fetched"`` (for a distribution, ``"not installed"``) or ``"damaged"``.

    Raises:
        UnknownSource: there is no such source.
    """
    source = find(name)
    try:
        locate(name)
    except FileNotFoundError:
        return "not installed" if source.distribution else "not fetched"
    except (OSError, ValueError):
        return "damaged"
    return "ready"


def _distribution_folder(source: Source) -> Path:
    assert source.distribution
    try:
        return Path(str(importlib.metadata.distribution(source.distribution).locate_file("")))
    except importlib.metadata.PackageNotFoundError:
        needed = f"{source.distribution}=={source.version}"
        raise FileNotFoundError(
            f"The source {source.name} comes with the distribution {needed}, which is not "
            f"installed; run `pip install {needed}`."
        ) from None


def _sha256_of(path: Path, source: Source) -> str:
    try:
        return sha256(path)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(
            f"{path.name} of the source {source.name} is not in {path.parent}; run "
            f"`{source.remedy}`."
        ) from None
    except (OSError, DamagedFileError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not a file"
        raise OSError(
            f"{path} cannot be read ({reason}); move it away and run `{source.remedy}`."
        ) from problem


def _fault(path: Path, expected: str | None, found: str) -> str:
    """Why a file may not be used, or nothing.

    Where no checksum is known yet, the file must at least look like what it claims to be; each
    download of that kind is a zip archive, ``.npz`` included.
    """
    if expected is None:
        return "" if zipfile.is_zipfile(path) else "it is no zip archive"
    if found != expected:
        return f"its SHA-256 should begin {expected[:8]} and begins {found[:8]}"
    return ""


def _not_right(path: Path, fault: str, source: Source) -> ValueError:
    return ValueError(
        f"{path} is damaged or not the right file: {fault}; run `{source.remedy}` to get it again."
    )


def _recorded() -> dict[str, str]:
    """``{file name: SHA-256}`` of the files whose publisher states none."""
    path = datasets_dir() / "recorded.json"
    try:
        with open_regular(path, _LARGEST_RECORD) as stream:
            recorded = json.loads(stream.read())
        if not isinstance(recorded, dict):
            raise ValueError("it holds no table")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (ValueError, RecursionError) as problem:
        raise ValueError(
            f"{path} was not read ({problem}); delete it, and the files it vouched for if you do "
            "not trust them, and run the command again."
        ) from problem
    return recorded


def _record(found: dict[str, str]) -> None:
    recorded = _recorded()
    if recorded | found != recorded:
        with atomic_write(datasets_dir() / "recorded.json") as temporary:
            temporary.write_text(json.dumps(recorded | found, indent=2) + "\n", "utf-8")


# Fetching what is not --------------------------------------------------------------------------


def fetch(name: str, *, offline: bool = False, progress: bool = True) -> list[Path]:
    """The verified files of a source, fetched first if they are missing or damaged.

    A download that is cut off is continued, at once and in a later call. A file that was put
    into the datasets folder by hand is checked and used. Any number of processes may fetch into
    the same folder at once; they take turns.

    Args:
        name: which source.
        offline: use only what is here; no connection is opened.
        progress: show on stderr how far a download is.

    Returns:
        As ``locate``.

    Raises:
        UnknownSource: there is no such source (a ValueError).
        FileNotFoundError: it is not here, and ``offline``, or part of a distribution.
        ValueError: what is here (and ``offline``), or what came, is not what it should be. What
            came was deleted.
        ConnectionError: it could not be fetched.
        OSError: it could not be written; on a full disk, what was fetched was deleted.
        All say in a sentence what to do.
    """
    source, folder = find(name), datasets_dir()
    download = source.archive or source.files[0]
    try:
        return locate(name)
    except (FileNotFoundError, ValueError):
        if source.distribution or (offline and not (folder / download.name).is_file()):
            raise
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _our_turn(folder / ".lock"):
            path = folder / download.name
            found = {download.name: _obtain(source, download, path, offline, progress)}
            if source.archive:
                found |= _unpack(source, path)
            if source.trust_on_first_use:
                _record(found)
    except OSError as problem:
        if problem.errno is None:  # one of our own sentences, not the system's word
            raise
        raise OSError(
            f"The source {name} could not be kept in the folder {folder} ({problem.strerror}); "
            "make room there, or set CS231N_VIS_DATASETS to a folder you can write to."
        ) from problem
    return locate(name)


@contextlib.contextmanager
def _our_turn(lock: Path) -> Iterator[None]:
    """Wait until no other process fetches. The system lets go of the lock of one that dies."""
    with open(lock, "ab") as stream:
        while not _try_to_lock(stream.fileno()):
            time.sleep(0.1)
        yield  # closing the file lets go


def _try_to_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the one on Unix, the other on Windows
        return False
    except OSError:
        return True  # some network folders have no locks
    return True


def _obtain(source: Source, file: File, path: Path, offline: bool, progress: bool) -> str:
    """Have the source's download at ``path``, fetched unless it is there; return its SHA-256."""
    expected = file.sha256 or _recorded().get(file.name)
    try:
        found = _sha256_of(path, source)
    except FileNotFoundError:
        pass
    else:
        if not (fault := _fault(path, expected, found)):
            return found
        if offline:
            raise _not_right(path, fault, source)
        path.unlink()  # without a published checksum, pooch would take it for the right one
    return _retrieve(source, file, path, expected, progress)


def _retrieve(source: Source, file: File, path: Path, expected: str | None, progress: bool) -> str:
    """Download ``file`` to ``path``, verified, and return its SHA-256."""
    import logging

    import pooch

    found = ""

    def download(url: str, output: str, _pooch: object) -> None:
        nonlocal found
        os.unlink(output)  # pooch's empty file would stay if this process were killed
        part = path.with_name(path.name + ".part")
        _download(url, part, source, file.size or _LARGEST, progress)
        found = sha256(part)
        if fault := _fault(part, expected, found):
            _discard(part)
            if expected and not file.sha256:
                fault += " (if its publisher changed it, take its line out of recorded.json)"
            raise ValueError(
                f"What {url} sent is not the right file and was deleted: {fault}; see in a browser "
                "whether your network puts a login page before it and try again, or get the file "
                f"in another way and put it at {path}."
            )
        os.replace(part, output)
        _discard(part)

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)  # it would tell of every step
    try:
        address = _address(source)
        pooch.retrieve(address, expected, fname=path.name, path=path.parent, downloader=download)
    except PermissionError as problem:  # pooch puts words of its own before the system's
        raise problem.__cause__ or problem from None
    finally:
        logger.setLevel(level)
    return found


def _address(source: Source) -> str:
    """The source's url, at the instructor's mirror if CS231N_VIS_MIRROR names one."""
    assert source.url
    mirror = os.environ.get("CS231N_VIS_MIRROR")
    return f"{mirror.rstrip('/')}/{source.url.split('/', 3)[3]}" if mirror else source.url


def _download(url: str, part: Path, source: Source, largest: int, progress: bool) -> None:
    """Bring ``part`` to its full length, trying again a few times when the network fails."""
    import requests

    for pause in (*_PAUSES, None):
        try:
            return _continue(url, part, largest, progress)
        except requests.RequestException as problem:
            answer = getattr(problem, "response", None)
            passing = answer is None or answer.status_code in _PASSING
            no_address = isinstance(problem, ValueError)  # requests' way to say so
            if pause is None or no_address or not passing:
                raise ConnectionError(
                    f"{url} could not be fetched: {_reason(problem)}; check the connection and run "
                    f"`{source.remedy}` again, or get the file in another way and put it at "
                    f"{part.with_suffix('')} (the default weights and images need no network)."
                ) from problem
            if progress:
                print(f"Trying again in {pause} s: {_reason(problem)}", file=sys.stderr)
            time.sleep(pause)


def _reason(problem: Exception) -> str:
    import requests

    if isinstance(problem, requests.HTTPError) and problem.response is not None:
        return f"the server answered {problem.response.status_code} {problem.response.reason}"
    # silence in the middle of a file is told in words alone
    if isinstance(problem, requests.Timeout) or "timed out" in str(problem):
        return f"the server was silent for {_SILENCE} seconds"
    if isinstance(problem, ValueError):
        return "this is not an address on the web"
    return "there is no connection to the server, or it broke off"


def _continue(url: str, part: Path, largest: int, progress: bool) -> None:
    """Ask once for what ``part`` lacks, and append what comes.

    ``part`` is continued only if the server vouches, by an ETag, that the file is still the one
    that ``part`` is the beginning of; or else begun anew.
    """
    import requests
    from tqdm import tqdm

    etag_file = part.with_name(part.name + ".etag")
    have = part.stat().st_size if part.is_file() and etag_file.is_file() else 0
    etag = etag_file.read_text("latin-1") if have else ""
    headers = {"Accept-Encoding": "identity", "User-Agent": "cs231n-vis (teaching)"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": etag}
    with requests.get(url, headers=headers, stream=True, timeout=_SILENCE) as answer:
        range_ = answer.headers.get("Content-Range", "")
        if answer.status_code == 416 and range_ == f"bytes */{have}":
            return  # it was whole already
        continues = answer.status_code == 206 and range_.startswith(f"bytes {have}-")
        if answer.status_code == 416 or (
            answer.status_code == 206
            and not (continues and answer.headers.get("ETag", etag) == etag)
        ):
            _discard(part)
            raise requests.ConnectionError("the server sent another part than was asked for")
        answer.raise_for_status()
        have = have if continues else 0
        length = answer.headers.get("Content-Length", "")
        whole = have + int(length) if length.isdecimal() else None
        bar = tqdm(
            desc=part.stem,
            total=whole,
            initial=have,
            unit="B",
            unit_scale=True,
            disable=not progress,
        )
        try:
            with bar, open(part, "ab" if continues else "wb") as stream:
                if not continues:
                    _remember(answer.headers.get("ETag", ""), etag_file)
                _refuse_more_than(largest, whole or 0, url)
                for block in answer.iter_content(1 << 16):
                    have += len(block)
                    _refuse_more_than(largest, have, url)
                    stream.write(block)
                    bar.update(len(block))
                stream.flush()
                os.fsync(stream.fileno())
        except requests.RequestException:
            raise  # what came so far is kept
        except (OSError, ValueError):
            _discard(part)  # a full disk is not left full
            raise
    if whole is not None and have < whole:
        raise requests.ConnectionError("the connection was cut")


def _refuse_more_than(largest: int, size: int, url: str) -> None:
    if size > largest:
        raise ValueError(
            f"{url} sends more than the {largest} bytes that the file may have, so it is not the "
            "right file, and was deleted; look at the address in a browser."
        )


def _remember(etag: str, etag_file: Path) -> None:
    """Keep an ETag to continue by; a weak one (W/"…") does not vouch for every byte."""
    if etag.startswith('"'):
        etag_file.write_text(etag, "latin-1")
    else:
        etag_file.unlink(missing_ok=True)


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(part.name + ".etag").unlink(missing_ok=True)


def _unpack(source: Source, path: Path) -> dict[str, str]:
    """Write the archive's expected files beside it; return ``{file name: SHA-256}``.

    A file may lie in a folder of the archive; it is written under its own name all the same, so
    no name in the archive can lead elsewhere.
    """
    found = {}
    try:
        with open_zip(path) as archive:
            entries = {file.name: _entry(archive, file) for file in source.files}
            for name, entry in entries.items():
                with atomic_write(path.with_name(name)) as temporary:
                    with unpacked(archive, entry) as packed, open(temporary, "wb") as written:
                        shutil.copyfileobj(packed, written)
                    found[name] = sha256(temporary)
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError) as problem:
        raise ValueError(
            f"{path} was not unpacked: {problem}; delete it and run `{source.remedy}` again."
        ) from problem
    return found


def _entry(archive: zipfile.ZipFile, file: File) -> zipfile.ZipInfo:
    found = [
        entry
        for entry in archive.infolist()
        if entry.filename.split("/")[-1] == file.name and ".." not in entry.filename.split("/")
    ]
    if len(found) != 1:
        raise ValueError(f"it holds {len(found)} files {file.name}, where there should be one")
    if found[0].file_size > (file.size or _LARGEST):
        raise ValueError(f"{file.name} in it is too large, {found[0].file_size} bytes")
    return found[0]
