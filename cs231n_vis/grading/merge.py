"""Put a student's own cells into the pristine notebook, and nothing else of what they handed in.

Taken are the answer cells, found by their ``grade_id``, and code cells that the student added. So
it does not matter what became of the other cells, of outputs, and of metadata: the notebook that
is run is the instructor's.
"""

import copy
import json
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

LARGEST = 64_000_000  # bytes of a submission


class SubmissionError(ValueError):
    """A submission cannot be graded; the message says why in a sentence."""


@dataclass(frozen=True)
class Merged:
    """A notebook ready to be run.

    Attributes:
        notebook: the pristine notebook with the student's cells in it.
        problems: for each answer that is missing or there more than once, its name and a sentence.
    """

    notebook: NotebookNode
    problems: dict[str, str]


def read_submission(path: Path) -> NotebookNode:
    """Read what a student handed in, saved by whatever program in whatever version of the format.

    Raises:
        SubmissionError: it is no notebook that can be read.
    """
    if path.is_symlink() or not path.is_file():
        raise SubmissionError(f"{path.name} is not a file of its own but a link or a folder.")
    if path.stat().st_size > LARGEST:
        raise SubmissionError(
            f"{path.name} has more than {LARGEST // 1_000_000} MB: clear its outputs and save it."
        )
    try:
        content = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise SubmissionError(f"{path.name} is not a notebook: it is not text.") from None
    if not content.strip():
        raise SubmissionError(f"{path.name} is empty.")
    try:
        stored = json.loads(content)
    except (ValueError, RecursionError):
        raise SubmissionError(
            f"{path.name} is not a notebook, or was cut off: it is not valid JSON."
        ) from None
    if not isinstance(stored, dict) or not isinstance(stored.get("nbformat"), int):
        raise SubmissionError(f"{path.name} is not a notebook: it does not say which format.")
    if stored["nbformat"] not in (3, 4):
        raise SubmissionError(f"{path.name} has notebook format {stored['nbformat']}; 4 is needed.")
    try:
        if stored["nbformat"] == 3:
            stored = nbformat.convert(nbformat.from_dict(stored), 4)
        return _cells_only(stored)
    except Exception as problem:  # a hostile notebook can fail in nearly any way
        raise SubmissionError(
            f"{path.name} is not a notebook as Jupyter writes it ({type(problem).__name__})."
        ) from problem


def _cells_only(stored: dict) -> NotebookNode:
    """The code cells with their source, id and grade_id; all else is left behind."""
    notebook = nbformat.v4.new_notebook()
    for cell in stored["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = cell["source"]
        source = source if isinstance(source, str) else "".join(source)
        metadata = cell.get("metadata") or {}
        grade = metadata.get("nbgrader")
        kept = nbformat.v4.new_code_cell(source)
        kept.metadata.grade_id = str(grade.get("grade_id", "")) if isinstance(grade, dict) else ""
        kept.id = str(cell.get("id", ""))
        notebook.cells.append(kept)
    return notebook


def merge(submission: NotebookNode, pristine: NotebookNode) -> Merged:
    """Put the student's cells into a copy of the pristine notebook.

    Args:
        submission: from ``read_submission``.
        pristine: the notebook as it was given out, ``release.student_version``.

    An answer is the cell with its ``grade_id``; if there is none, because the metadata were lost,
    the cell with its id, or else the cells that define the function. Any other code cell that is
    not one of the pristine ones was added, and goes with the answer before it.
    """
    notebook = copy.deepcopy(pristine)
    notebook.cells = []
    for cell in pristine.cells:
        cell = copy.deepcopy(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        notebook.cells.append(cell)
    known_ids = {cell.id for cell in pristine.cells}
    known_sources = {_squeezed(cell.source) for cell in pristine.cells}
    answers = [c.metadata.nbgrader.grade_id for c in pristine.cells if _is_answer(c)]

    found = {name: _candidates(submission, name) for name in answers}
    problems = {
        name: f"There is no answer to {name}: its cell is missing, and no other cell defines it."
        if not cells
        else f"There are {len(cells)} different answers to {name}: keep one and delete the others."
        for name, cells in found.items()
        if len({cell.source for cell in cells}) != 1
    }

    # the student's cells in their order, each an answer or an added one
    taken: list[tuple[str | None, NotebookNode]] = []
    for cell in submission.cells:
        name = next((n for n, cells in found.items() if any(cell is c for c in cells)), None)
        if name is not None:
            if name not in problems and all(name != earlier for earlier, _ in taken):
                taken.append((name, cell))
        elif not (
            cell.metadata.grade_id
            or cell.id in known_ids
            or _squeezed(cell.source) in known_sources
            or not cell.source.strip()
        ):
            taken.append((None, cell))

    place = None
    for number, (name, cell) in enumerate(taken):
        if name is not None:
            at = next(i for i, c in enumerate(notebook.cells) if c.id == name)
            notebook.cells[at].source = cell.source
            place = at + 1
        else:
            if place is None:  # before every answer
                place = next(i for i, c in enumerate(notebook.cells) if _is_answer(c))
            added = nbformat.v4.new_code_cell(cell.source, id=f"added-{number:02d}")
            notebook.cells.insert(place, added)
            place += 1
            if all(earlier is None for earlier, _ in taken[: number + 1]):
                place = next(i for i, c in enumerate(notebook.cells) if _is_answer(c))
    return Merged(notebook, problems)


def _is_answer(cell: NotebookNode) -> bool:
    grade = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(grade.get("solution"))


def _candidates(submission: NotebookNode, name: str) -> list[NotebookNode]:
    defines = re.compile(rf"^((async )?def {name}\b|{name}\s*(:[^=\n]+)?=[^=])", re.M)
    for matches in (
        lambda cell: cell.metadata.grade_id == name,
        lambda cell: cell.id == name,
        lambda cell: defines.search(cell.source),
    ):
        if cells := [cell for cell in submission.cells if matches(cell)]:
            return cells
    return []


def _squeezed(source: str) -> str:
    return re.sub(r"\s+", "", source)
