"""Who may have which part of the package: the folder that a file is in decides, and nothing else.

What lies in the package itself, and in EVERYBODYS rooms, is everybody's. Another room comes with
the assignments that need it. All else, references, making and grading, stays with the instructor.
Of the catalogues of mistakes, from which an answer follows in a line, students have those of their
assignments, and a graded kernel has none.
The repository that students are handed and the room in which their notebooks are graded are both
made here, so a new module goes where its folder goes, and no list has to know it.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
EVERYBODYS = ("checking", "explorer")
#: What assignments go on from, because earlier ones have been handed in.
NEEDS: dict[str, tuple[str, ...]] = {
    "05_can_you_trust_a_map": ("methods",),
    "06_right_for_the_wrong_reason": ("methods",),
}


def rooms_for(assignments: Iterable[str]) -> list[str]:
    """The rooms that come with these assignments."""
    return sorted({*EVERYBODYS, *(room for name in assignments for room in NEEDS.get(name, ()))})


def rooms_without(assignments: Iterable[str], package: Path = PACKAGE) -> list[Path]:
    """The rooms of a copy of the package that do not come with these assignments."""
    allowed = rooms_for(assignments)
    folders = (path for path in package.glob("*/__init__.py") if path.parent.name not in allowed)
    return sorted(path.parent for path in folders)


def copy_package(
    to: Path, assignments: Iterable[str], package: Path = PACKAGE, catalogues: bool = True
) -> None:
    """Copy to a new folder what a student of these assignments has of the package.

    Args:
        to: the new folder.
        assignments: by the names of their sources, ``"01_saliency_maps"``.
        package: what is copied.
        catalogues: whether the checks and mistakes of these assignments come with it.
    """
    assignments = list(assignments)
    absent = set(rooms_without(assignments, package))
    absent |= {package / "_datasets"}
    checks = package / "checking" / "assignments"
    theirs = {name.partition("_")[2] for name in assignments}
    if catalogues:
        absent |= {path for path in checks.iterdir() if path.is_dir() and path.name not in theirs}
    else:
        absent.add(checks)

    def left_out(folder: str, names: list[str]) -> set[str]:
        here = Path(folder)
        return {n for n in names if here / n in absent or n.startswith((".", "__pycache__"))}

    shutil.copytree(package, to, ignore=left_out)
