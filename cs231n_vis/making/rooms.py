"""Who may have which part of the package: the folder that a file is in decides, and nothing else.

What lies in the package itself, and in EVERYBODYS rooms, is everybody's. Another room comes with
the assignments that need it. All else, references, making and grading, stays with the instructor.
The repository that students are handed and the room in which their notebooks are graded are both
made here, so a new module goes where its folder goes, and no list has to know it.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
EVERYBODYS = ("checking", "explorer")
#: What assignments go on from, because earlier ones have been handed in.
NEEDS: dict[str, tuple[str, ...]] = {"05_can_you_trust_a_map": ("methods",)}


def rooms_for(assignments: Iterable[str]) -> list[str]:
    """The rooms that come with these assignments."""
    return sorted({*EVERYBODYS, *(room for name in assignments for room in NEEDS.get(name, ()))})


def rooms_without(assignments: Iterable[str], package: Path = PACKAGE) -> list[Path]:
    """The rooms of a copy of the package that do not come with these assignments."""
    allowed = rooms_for(assignments)
    folders = (path for path in package.glob("*/__init__.py") if path.parent.name not in allowed)
    return sorted(path.parent for path in folders)


def copy_package(to: Path, assignments: Iterable[str], package: Path = PACKAGE) -> None:
    """Copy to a new folder what a student of these assignments has of the package."""
    absent = {path.name for path in rooms_without(assignments, package)}

    def left_out(folder: str, names: list[str]) -> set[str]:
        here = absent if Path(folder) == package else set()
        return {n for n in names if n in here or n.startswith((".", "__pycache__", "_datasets"))}

    shutil.copytree(package, to, ignore=left_out)
