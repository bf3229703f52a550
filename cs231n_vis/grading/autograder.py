"""Autograders for platforms that run them themselves: a folder with all that grading takes.

    cs231n-vis gradescope 01_saliency_maps --out autograder.zip

It holds the course (``course/``: the package, the assignment's source, the saved maps, the lock,
the Makefile, whose `make setup` installs it) and the platform's own files, from ``platform/``. What
they call is this module:

    python -m cs231n_vis.grading.autograder PLATFORM COURSE SUBMISSION RESULT

which grades the one submission in a folder and leaves the file that the platform reads, whatever
happens: a student never sees an empty page.
"""

import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from string import Template
from uuid import NAMESPACE_URL, uuid5

from ..checking.results import Result
from ..files import atomic_write
from . import platforms
from .find import Submission, in_folder
from .results import folder_of

#: Of a course, what grading one assignment takes, beside its source.
COPIED = (
    *("Makefile", "pyproject.toml", "requirements.lock", "README.md", "LICENSE"),
    *("cs231n_vis", "datasets/manifest.json", "datasets/saved_maps"),
)
PLATFORMS: dict[str, Callable[[Result, Path], dict]] = {
    "gradescope": platforms.gradescope,
    "prairielearn": platforms.prairielearn,
    "classroom50": lambda result, folder: platforms.classroom50(result),
}
_TEMPLATES = Path(__file__).with_name("platform")
SETTINGS = "autograder.json"  # in the course's folder


def write_autograder(
    platform: str, root: Path, assignment: str, out: Path, seed: int | None, walls: bool
) -> None:
    """Write the autograder of one assignment: a .zip, or a folder that is not there yet.

    Args:
        platform: of ``PLATFORMS``.
        root: the course's repository.
        assignment: its name.
        out: ``NAME.zip`` or a folder.
        seed: of the hidden inputs; None draws it anew for each submission.
        walls: whether students' code is walled off; without, the platform's container is the wall.

    Raises:
        FileExistsError: it is there.
        FileNotFoundError: ``root`` is no such repository.
    """
    if out.exists():
        raise FileExistsError(f"{out} is there already; name another, or remove it.")
    source = f"notebooks/source/{assignment}.py"
    for name in (*COPIED, source):
        if not (root / name).exists():
            raise FileNotFoundError(f"There is no {root / name}, which the autograder needs.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "autograder"
        course = folder / "course"
        for name in (*COPIED, source):
            to = course / name
            to.parent.mkdir(parents=True, exist_ok=True)
            if (root / name).is_dir():
                shutil.copytree(root / name, to, ignore=shutil.ignore_patterns("__pycache__", ".*"))
            else:
                shutil.copy(root / name, to)
        settings = {"assignment": assignment, "seed": seed, "walls": walls}
        (course / SETTINGS).write_text(json.dumps(settings), "utf-8")
        for template in sorted((_TEMPLATES / platform).rglob("*")):
            if template.is_file():
                to = folder / Template(str(template.relative_to(_TEMPLATES / platform))).substitute(
                    assignment=assignment
                )
                to.parent.mkdir(parents=True, exist_ok=True)
                text = template.read_text("utf-8").replace("ASSIGNMENT", assignment)
                text = text.replace("UUID", str(uuid5(NAMESPACE_URL, f"cs231n-vis:{assignment}")))
                to.write_text(text, "utf-8", newline="\n")
                to.chmod(0o755 if text.startswith("#!") else 0o644)
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix == ".zip":
            with atomic_write(out) as new:
                _zip(folder, new)
        else:
            shutil.copytree(folder, out)


def _zip(folder: Path, to: Path) -> None:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))


def grade_one(platform: str, course: Path, submission: Path, out: Path) -> None:
    """Grade what lies in a folder, and write what the platform reads.

    Args:
        platform: of ``PLATFORMS``.
        course: the folder that ``write_autograder`` made.
        submission: the student's folder.
        out: the file to write.
    """
    settings = json.loads((course / SETTINGS).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        results = Path(temporary)
        try:
            result = _grade(course, submission, results, **settings)
        except Exception as failure:  # whatever it is, the student is told
            result = Result("student", settings["assignment"], "not graded", message=str(failure))
        folder = folder_of(results, result.student, result.assignment)
        content = json.dumps(PLATFORMS[platform](result, folder), indent=1, ensure_ascii=False)
    with atomic_write(out) as new:
        new.write_bytes(content.encode("utf-8", "backslashreplace"))


def _grade(
    course: Path, given: Path, results: Path, assignment: str, seed: int | None, walls: bool
) -> Result:
    from . import grade as grading

    submission = _the_one(in_folder(given, assignment), given)
    source = course / "notebooks" / "source" / f"{assignment}.py"
    loaded = grading.load_assignment(source, grading.seed_of(results, seed))
    with grading.safe_room([submission], assignment, results, walls) as room:
        (result,) = grading.grade([submission], loaded, results, room=room)
    return result


def _the_one(found: Submission, given: Path) -> Submission:
    """A platform renames what is uploaded: the only notebook there is, is the one."""
    notebooks = [path for path in given.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts]
    if found.problem and len(notebooks) == 1 and not notebooks[0].is_symlink():
        return Submission(found.student, notebooks[0])
    return found


if __name__ == "__main__":
    os.umask(0o022)
    grade_one(sys.argv[1], *map(Path, sys.argv[2:5]))
