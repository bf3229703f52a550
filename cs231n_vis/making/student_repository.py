"""The repository that students are handed: all they need to work and to be checked, and no more.

Of the package, students get the rooms that are theirs (``rooms``); what else goes in is listed
here, and what is missing is an error. Notebooks are made from their source, so that an instructor's
own trial of one stays at home. The rest is copied, or made from the course's own file by leaving
parts out: ``pyproject.toml``, ``requirements.lock`` and ``Makefile``.
"""

import re
import secrets
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
import tomli_w
from packaging.utils import canonicalize_name

from .release import for_people, points_of_checks, sources, student_version
from .rooms import NEEDS, copy_package

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

COPIED = (
    ".github/workflows/grade.yml",
    "LICENSE",
    "datasets/README.md",
    "datasets/manifest.json",
    "docs/glossary.md",
    "environment.yml",
    "postBuild",
)
SAVED_MAPS = "datasets/saved_maps"
START = "00_start_here"  # it comes with every assignment
EXPLORER = "explore"  # it shows the methods, which students do not get; their own they can explore
#: Written for students: the name in their repository, and that of its template.
WRITTEN = {"README.md": "README.md", ".gitignore": "gitignore", ".gitattributes": "gitattributes"}
#: Of the packages for tests, those that students run and build with.
FOR_TESTS = ("nbval", "pytest", "hatchling", "editables")

_TEMPLATES = Path(__file__).with_name("templates")
_ENTRY = re.compile(r"(?m)^(?=[a-z0-9])")  # where an entry of the lock begins
_VIA = re.compile(r"    # via(?: .+)?\n(?:    #   .+\n)*")


def write_student_repository(root: Path, out: Path, names: Sequence[str] = ()) -> list[str]:
    """Write the students' repository: the same files, to the byte, whenever it is written.

    Args:
        root: the course's own repository.
        out: a folder that does not exist or is empty. It appears when it is complete.
        names: of the assignments that it holds; without, all that need no answers of others.

    Returns:
        The names of the notebooks in it.

    Raises:
        FileExistsError: there is something in ``out``.
        FileNotFoundError: ``root`` is not the course's repository, or a file is missing in it.
        ValueError: a file is not as expected, or a notebook would hand out its solution.
    """
    out = out.absolute()
    if out.is_symlink() or out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise FileExistsError(f"{out} is not empty; name a new folder for the students' copy.")
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.with_name(f".{out.name}.{secrets.token_hex(4)}.tmp")
    try:
        written = _write_into(temporary, root, names)
        if out.is_dir():
            out.rmdir()
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return written


def _write_into(folder: Path, root: Path, names: Sequence[str]) -> list[str]:
    def write(name: str, text: str) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")

    chosen = list(sources(root / "notebooks", (START, *names) if names else ()))
    if not names:
        chosen = [source for source in chosen if source.stem not in (*NEEDS, EXPLORER)]
    points = {}
    for source in chosen:
        notebook = student_version(for_people(source, root))
        points[source.stem] = points_of_checks(notebook)
        write(f"notebooks/{source.stem}.ipynb", nbformat.writes(notebook) + "\n")
    names = [source.stem for source in chosen]
    copy_package(folder / "cs231n_vis", names, root / "cs231n_vis")
    saved = sorted((root / SAVED_MAPS).glob("*.safetensors"))
    for name in (*COPIED, *(f"{SAVED_MAPS}/{path.name}" for path in saved)):
        if not (root / name).is_file():
            raise FileNotFoundError(f"There is no {root / name}, which students need.")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, folder / name)  # and whether it can be run
    listed = "\n".join(f"* `notebooks/{source.stem}.ipynb`" for source in chosen[1:])
    for name, template in WRITTEN.items():
        text = (_TEMPLATES / template).read_text("utf-8")
        write(name, text.replace("NOTEBOOKS\n", f"{listed}\n"))
    project = student_project(tomllib.loads((root / "pyproject.toml").read_text("utf-8")))
    project["tool"]["cs231n-vis"] = {"points": {name: of for name, of in points.items() if of}}
    extras = project["project"]["optional-dependencies"]
    needed = [*project["project"]["dependencies"], *extras["lab"], *extras["test"]]
    lock = (root / "requirements.lock").read_text("utf-8")
    write("pyproject.toml", tomli_w.dumps(project))
    write("requirements.lock", student_lock(lock, needed))
    write("Makefile", student_makefile((root / "Makefile").read_text("utf-8")))
    return [source.stem for source in chosen]


def student_project(pyproject: dict) -> dict:
    """What stays of pyproject.toml: no packages for making or comparing, no settings of tests."""
    hatch = pyproject["tool"]["hatch"]
    project = dict(pyproject["project"])
    extras = project["optional-dependencies"]
    project["optional-dependencies"] = {
        "lab": extras["lab"],
        "test": [need for need in extras["test"] if package(need) in FOR_TESTS],
    }
    return {
        "build-system": pyproject["build-system"],
        "project": project,
        "tool": {
            "hatch": {"build": {"targets": {"wheel": hatch["build"]["targets"]["wheel"]}}},
            "pytest": {"ini_options": {"testpaths": ["notebooks"]}},
        },
    }


def student_lock(lock: str, needed: list[str]) -> str:
    """The entries of requirements.lock for what is needed and, in turn, for what that needs.

    uv writes under each entry by what it is needed (``# via``).
    """
    entries = _ENTRY.split(lock)[1:]
    names = [package(entry) for entry in entries]
    because = [set(re.findall(r"(?m)^    # +(?:via )?([a-z0-9-]+)$", entry)) for entry in entries]
    kept = {package(need) for need in needed}
    if missing := kept - set(names):
        raise ValueError(
            f"requirements.lock has no {', '.join(sorted(missing))}; run `make lock` first."
        )
    before: set[str] = set()
    while kept != before:
        before = set(kept)
        kept |= {name for name, others in zip(names, because, strict=True) if others & kept}
    entries = [
        _VIA.sub("", entry) for name, entry in zip(names, entries, strict=True) if name in kept
    ]
    return "# Pinned by the course, with the hash of every file.\n" + "".join(entries)


def package(requirement: str) -> str:
    """The name of the package that a requirement is for, as the lock writes it."""
    return canonicalize_name(re.split(r"[^\w.-]", requirement, maxsplit=1, flags=re.ASCII)[0])


def student_makefile(makefile: str) -> str:
    """The template, with the course's own rules for setting up and opening JupyterLab."""
    try:
        begin, end = makefile.index("# A stamp is written last"), makefile.index("demo: $(READY)")
    except ValueError:
        raise ValueError(
            "The Makefile's rules for setting up were not found: student_repository.py looks for "
            "them from `# A stamp is written last` to `demo: $(READY)`."
        ) from None
    rules = re.sub(
        r"(?m)^\.PHONY: help .+$", ".PHONY: help setup lab test clean", makefile[begin:end]
    )
    template = (_TEMPLATES / "Makefile").read_text("utf-8")
    return template.replace("# RULES FOR SETTING UP\n", rules)
