"""Who handed in what: the submissions in the files and folders that a class handed in.

Every file is spoken of: it is graded, or is the reason why its student is not, or is told as passed
over. Only what no student made goes without a word: hidden files, what macOS adds to archives, and
the folder that the results go to. Nothing is opened here, and no link is followed.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .results import STUDENTS, folder_name

DEEPEST = 4  # folders below a student's, where the notebook is looked for
MOST_ENTRIES = 20_000  # of one student's folder that are looked at
_ARCHIVE = re.compile(r"\.(zip|rar|7z|gz|tgz|bz2|xz|zst|tar)$", re.I)
_NEARLY = re.compile(r"\.ipynb|\.json$", re.I)


@dataclass(frozen=True)
class Submission:
    """A file to grade; ``problem`` says why it cannot be, if it cannot."""

    student: str
    path: Path
    problem: str = ""


def find_submissions(
    paths: Sequence[Path],
    assignment: str,
    out: Path | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
) -> list[Submission]:
    """The submissions in files and folders.

    A folder holds ``STUDENT.ipynb``, or folders ``STUDENT`` with ``ASSIGNMENT.ipynb`` in them or,
    as in the repository that students are given, in ``notebooks``. Of a student with two files
    neither is graded, because nobody can say which one was meant.

    Args:
        paths: what was handed in; a link to a folder is followed here, and nowhere else.
        assignment: the name of its source.
        out: where results go, which may be inside a folder of submissions.
        tell: is told, in a sentence each, which files belong to no submission.

    Raises:
        FileNotFoundError: one of the paths is not there.
        OSError: a folder that was given cannot be read.
    """
    found: list[Submission] = []
    doubtful: list[Submission] = []  # count only if there is nothing better of the student
    passed_over: list[str] = []
    for path in paths:
        if path.is_dir():
            for entry in sorted(path.iterdir()):
                if not _of_no_student(entry, out):
                    _sort(entry, assignment, found, doubtful, passed_over)
        elif os.path.lexists(path):
            where = path.absolute().parent
            where = where.parent if where.name == "notebooks" else where
            student = where.name if path.stem == assignment else path.stem
            found.append(Submission(student or path.stem, path, _not_a_notebook(path.name)))
        else:
            raise FileNotFoundError(f"There is no {path}: give a notebook or a folder of them.")
    together: dict[str, list[Submission]] = {}
    for each in found:
        together.setdefault(_who(each), []).append(each)
    for each in doubtful:
        if _who(each) in together:
            passed_over.append(each.path.name)
        else:
            together[_who(each)] = [each]
    if passed_over:
        tell(f"Passed over: {_listed(passed_over, 20)}.")
    return [_one(those) for those in together.values()]


def _sort(
    entry: Path,
    assignment: str,
    found: list[Submission],
    doubtful: list[Submission],
    passed_over: list[str],
) -> None:
    """Put what is in the folder of a class where it belongs."""
    name = entry.name
    student = name.removesuffix(".ipynb")
    try:
        if entry.is_symlink() and (name.endswith(".ipynb") or entry.is_dir()):
            link = f"{name} is a link; put the file or folder itself in its place."
            found.append(Submission(student, entry, link))
        elif entry.is_dir() and (entry / "seed.txt").is_file() and (entry / STUDENTS).is_dir():
            passed_over.append(f"{name} (results of grading)")
        elif entry.is_dir():
            found.append(in_folder(entry, assignment))
        elif problem := _not_a_notebook(name):
            stem = _ARCHIVE.sub("", re.split(r"\.ipynb|\.tar\.|\.json$", name, flags=re.I)[0])
            doubtful.append(Submission(stem or name, entry, problem))
        elif name.endswith(".ipynb") and not name.startswith("."):
            found.append(Submission(student, entry))
        else:
            passed_over.append(name)
    except OSError as problem:
        reason = f"{name} cannot be read: {problem.strerror}."
        found.append(Submission(student, entry, reason))


def _of_no_student(entry: Path, out: Path | None) -> bool:
    """Whether it is hidden, added by a program, or where the results go."""
    name = entry.name
    if name in ("__MACOSX", "__pycache__") or name.startswith("._"):
        return True
    if name.startswith(".") and not name.endswith(".ipynb"):
        return True
    return out is not None and out.resolve().is_relative_to(entry.parent.resolve() / name)


def _not_a_notebook(name: str) -> str:
    """What to do about a file that nearly is a notebook; nothing for all others."""
    if name.endswith(".ipynb"):
        return ""
    if _ARCHIVE.search(name):
        return f"{name} is an archive: unpack it into a folder with the student's name."
    if not _NEARLY.search(name):
        return ""
    stem = re.split(r"\.ipynb|\.json$", name, maxsplit=1, flags=re.I)[0]
    return f"{name} does not end in .ipynb: if it is the notebook, rename it to {stem}.ipynb."


def in_folder(folder: Path, assignment: str) -> Submission:
    """The submission in a student's folder: the notebook of the right name that is least deep."""
    student = folder.name.removesuffix(".ipynb")
    wanted = f"{assignment}.ipynb"
    for place in (folder / wanted, folder / "notebooks" / wanted):
        if os.path.lexists(place):
            return Submission(student, place)
    files = list(_files(folder))
    those = [path for path in files if path.name == wanted]
    if those:
        least = min(len(path.parts) for path in those)
        first = [path for path in those if len(path.parts) == least]
        names = _listed(path.relative_to(folder) for path in first)
        problem = f"There are {len(first)} files {wanted}: {names}; keep one." if first[1:] else ""
        return Submission(student, first[0], problem)
    others = [p for p in files if p.suffix == ".ipynb" or _not_a_notebook(p.name)]
    if not others:
        return Submission(student, folder / wanted, f"There is no {wanted}.")
    problem = f"There is no {wanted}, only {_listed(p.relative_to(folder) for p in others)}."
    what_to_do = next(filter(None, (_not_a_notebook(path.name) for path in others)), "")
    return Submission(student, others[0], f"{problem} {what_to_do}".strip())


def _files(folder: Path) -> Iterator[Path]:
    """The files in a folder that a stranger filled, as far as they are looked at."""
    count = 0
    for root, folders, files in os.walk(folder, onerror=_raise):
        here = Path(root)
        deep = len(here.relative_to(folder).parts)
        folders[:] = sorted(
            each
            for each in folders
            if deep < DEEPEST and not _of_no_student(here / each, None) and each != "solutions"
        )
        count += len(folders) + len(files)
        if count > MOST_ENTRIES:
            return
        for name in sorted(files):
            if not name.startswith("."):
                yield here / name


def _raise(problem: OSError) -> None:
    raise problem


def _who(submission: Submission) -> str:
    """What tells students apart; equal too where a file system makes no difference."""
    return folder_name(submission.student).casefold()


def _one(those: list[Submission]) -> Submission:
    """What counts of one student."""
    if len(those) == 1:
        return those[0]
    common = os.path.commonpath([each.path.absolute() for each in those])
    names = _listed(sorted(os.path.relpath(each.path.absolute(), common) for each in those))
    twice = f"There are two files of this student; remove one of them: {names}."
    return replace(those[0], problem=twice)


def _listed(names: Iterator | Sequence, most: int = 5) -> str:
    names = [str(name) for name in names]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
