"""What a graded kernel finds: the system's libraries, Python, the packages that students have, and
a copy of this package as students have it, less what judges.

All of it is listed; what is not on the list is not there.
"""

import compileall
import contextlib
import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..files import shipped
from ..making.rooms import copy_package
from ..making.student_repository import FOR_TESTS
from ..sources import kept_files
from .ours import remove_what_is_nobodys, temporary_folder
from .walls import HOME, NoWalls, Room, within

ENV = {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1"}
COPY = "/course"  # where the room has the copy

_SYSTEM = (
    *("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec"),
    *("/usr/share/fonts", "/usr/share/fontconfig", "/usr/share/zoneinfo", "/usr/local/share/fonts"),
    *("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.conf"),
    *("/etc/ld.so.conf.d", "/etc/localtime"),
)
_MERGED = ("/bin", "/lib", "/lib32", "/lib64")  # on most systems, links into /usr


@contextlib.contextmanager
def room_for(assignment: str, walls: bool = True) -> Iterator[Room]:
    """The room that the kernels of one assignment run in, as long as the block does.

    Raises:
        NoWalls: what students have is not known, or cannot be copied.
    """
    remove_what_is_nobodys()
    with temporary_folder() as copy:
        os.chmod(copy, 0o755)
        try:
            _copy(copy, assignment)
        except OSError as failure:
            raise NoWalls(
                f"The students' copy of the package could not be written to {copy} "
                f"({failure.strerror}): make space there, or set TMPDIR to another folder."
            ) from failure
        env = ENV | {
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), "/usr/bin", "/bin"]),
            "LANG": "C.UTF-8",
            "USER": "student",
        }
        if not walls:
            env |= {"PYTHONPATH": str(copy), "CS231N_VIS_DATASETS": str(copy / "datasets")}
            yield Room((), env, walls=False)
            return
        elsewhere = [
            p for p in _packages_folders() if p in sys.path and not within(p, [sys.prefix])
        ]
        env |= {
            "HOME": HOME,
            "PYTHONPATH": os.pathsep.join([COPY, *elsewhere]),
            "CS231N_VIS_DATASETS": f"{COPY}/datasets",
        }
        yield Room(tuple(_shown(copy)), env)


def _copy(folder: Path, assignment: str) -> None:
    """Write the students' copy of the package, with the network, and who the student is."""
    copy_package(folder / "cs231n_vis", [assignment], catalogues=False)
    (folder / "datasets").mkdir()
    for path in (shipped("manifest.json"), *kept_files()):
        if path.is_file():
            shutil.copyfile(path, folder / "datasets" / path.name)
    (folder / "passwd").write_text(f"student:x:{os.getuid()}:{os.getgid()}::{HOME}:/bin/sh\n")
    compileall.compile_dir(folder, quiet=2, stripdir=folder, prependdir=COPY)
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chmod(os.path.join(root, name), 0o755 if name in folders else 0o644)


def _shown(copy: Path) -> Iterator[tuple[str, str]]:
    for name in _MERGED:
        if os.path.islink(name):
            yield f"->{os.readlink(name)}", name
        elif os.path.isdir(name):
            yield name, name
    packages = [os.path.realpath(path) for path in _packages_folders()]
    seen: list[str] = []
    for path in sorted({*_SYSTEM, *_python()}):
        if os.path.exists(path) and not within(path, seen):
            seen.append(path)
            yield from _without(path, packages)
    yield from _student_packages()
    yield str(copy), COPY
    yield str(copy / "passwd"), "/etc/passwd"


def _without(path: str, absent: list[str]) -> Iterator[tuple[str, str]]:
    """A folder as a whole; or, if it holds what is to be absent, what else it holds."""
    real = os.path.realpath(path)
    if real in absent:
        return
    if not any(within(one, [real]) for one in absent):
        yield real, path
        return
    for name in sorted(os.listdir(path)):
        inner = os.path.join(path, name)
        if os.path.islink(inner) and not os.path.isabs(os.readlink(inner)):
            yield f"->{os.readlink(inner)}", inner
        elif os.path.exists(inner):
            yield from _without(inner, absent)


def _packages_folders() -> list[str]:
    """Where packages are installed: this Python's folders for them, and its base's."""
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    base |= {"installed_base": sys.base_prefix, "installed_platbase": sys.base_exec_prefix}
    own = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    of_base = [sysconfig.get_path(kind, vars=base) for kind in ("purelib", "platlib")]
    return [path for path in dict.fromkeys((*own, *of_base)) if os.path.isdir(path)]


def _python() -> set[str]:
    """What belongs to this Python, which may be anywhere, often below a home folder."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    prefixes |= {os.path.realpath(prefix) for prefix in prefixes}
    # not a prefix as a whole: it may be someone's home
    paths = {os.path.join(one, part) for one in prefixes for part in ("bin", "lib", "pyvenv.cfg")}
    paths |= {os.path.join(one, "lib64") for one in prefixes}
    link = sys.executable
    while os.path.islink(link):
        link = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))
        paths.add(link)
    if within(sys.base_prefix, ["/nix/store"]):
        paths.add("/nix/store")
    return paths


def _student_packages() -> Iterator[tuple[str, str]]:
    """What is installed of this package's requirements, as far as students have them."""
    try:
        ours = map(Requirement, distribution("cs231n-vis").requires or ())
    except PackageNotFoundError:
        raise NoWalls(
            "cs231n-vis is not installed, so what students have is not known: run `make setup`."
        ) from None
    wanted = [
        need
        for need in ours
        if _applies(need, ("", "lab"))
        or (_applies(need, ("test",)) and canonicalize_name(need.name) in FOR_TESTS)
    ]
    seen, entries = set(), dict[str, None]()
    while wanted:
        need = wanted.pop()
        key = (canonicalize_name(need.name), frozenset(need.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            found = distribution(need.name)
        except PackageNotFoundError:
            continue
        for text in found.requires or ():
            if _applies(one := Requirement(text), ("", *need.extras)):
                wanted.append(one)
        for name in _top_level(found):
            entries[str(found.locate_file(name))] = None
    for path in sorted(entries):
        if os.path.exists(path):
            yield os.path.realpath(path), path


def _top_level(found: Distribution) -> set[str]:
    """The names below site-packages of what a distribution installed."""
    record = (found.read_text("RECORD") or "").splitlines()
    names = {re.split("[/,]", line.strip('"'), maxsplit=1)[0] for line in record}
    # older pips install some as .egg-info, whose list of files is that of the sources
    packages = (found.read_text("top_level.txt") or "").split()
    names |= {name for package in packages for name in (package, f"{package}.py")}
    about = f"{found.name.replace('-', '_')}-{found.version}*.egg-info"
    names |= {path.name for path in Path(str(found.locate_file(""))).glob(about)}
    return names - {"", "..", "__pycache__"}


def _applies(need: Requirement, extras: Iterable[str]) -> bool:
    """Whether a requirement is one here, with one of these extras."""
    return not need.marker or any(need.marker.evaluate({"extra": extra}) for extra in extras)
