"""From what a student handed in, the notebook that the grader runs.

It is the student's own, cell by cell in the student's own order, as the student's CI runs it. Check
cells are the instructor's, and of the cells that were given out only those are run that something
of the student's needs. Of the set-up cells as they were given out, none is missing: if one was
deleted or written over, all of them come first.
"""

import copy
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ..checking.cells import WORDS_GO_HERE, find, judged_at, names
from ..files import open_regular

LARGEST = 64_000_000  # bytes of a submission
#: Of its braces, brackets and commas. Two bytes of them can be 64 in memory, once they are read.
MOST = {b"{": 300_000, b"[": 1_000_000, b",": 4_000_000}
MOST_CELLS = 2_000  # with code
LONGEST = 2_000_000  # characters of code, in all cells together
LONGEST_WORDS = 20_000  # characters of an answer in words
#: With these, code can use a name that does not stand in it.
_LOOKS_INTO_NAMES = {"eval", "exec", "globals", "locals", "vars", "dir", "get_ipython", "sys"}


class SubmissionError(ValueError):
    """A submission cannot be graded; the message says why in a sentence."""


@dataclass(frozen=True)
class Merged:
    """A notebook ready to be run.

    Attributes:
        notebook: with the student's cells, and each check's cell, by its id, where it is judged.
            A cell's metadata say of which ``answer`` it is one, whether it is to be ``run``, and
            whether answers need it (``needed``).
        problems: for each answer that is missing or there more than once, its name and a sentence.
    """

    notebook: NotebookNode
    problems: dict[str, str]


def take_submission(path: Path) -> bytes:
    """What a student handed in, unread.

    Raises:
        SubmissionError: it is no file, or too large.
    """
    if path.is_symlink() or not path.is_file():
        raise SubmissionError(f"{path.name} is not a file of its own but a link or a folder.")
    with open_regular(path) as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise SubmissionError(
            f"{path.name} has more than {LARGEST // 1_000_000} MB: clear its outputs and save it."
        )
    return content


def read_submission(path: Path) -> NotebookNode:
    """Read what a student handed in, saved by whatever program in whatever version of the format.

    Raises:
        SubmissionError: it is no notebook that can be read.
    """
    content = take_submission(path)
    if any(content.count(mark) > most for mark, most in MOST.items()):
        raise SubmissionError(
            f"{path.name} holds far more than a notebook does: clear its outputs and save it."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SubmissionError(f"{path.name} is not a notebook: it is not text.") from None
    if not text.strip():
        raise SubmissionError(f"{path.name} is empty.")
    try:
        stored = json.loads(text)
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
        notebook = _cells_only(stored)
    except Exception as problem:  # a hostile notebook can fail in nearly any way
        raise SubmissionError(
            f"{path.name} is not a notebook as Jupyter writes it ({type(problem).__name__})."
        ) from problem
    length = sum(len(cell.source) for cell in notebook.cells)
    if len(notebook.cells) > MOST_CELLS or length > LONGEST:
        raise SubmissionError(
            f"{path.name} has {len(notebook.cells):,} code cells with {length:,} characters; "
            f"graded are at most {MOST_CELLS:,} cells and {LONGEST:,} characters."
        )
    return notebook


def _cells_only(stored: dict) -> NotebookNode:
    """The code cells with their source, id and grade_id; all else is left behind.

    But for the answers in words, which are in the metadata, by the id of the question's cell.
    """
    notebook = nbformat.v4.new_notebook()
    words = notebook.metadata.words = NotebookNode()
    for cell in stored["cells"]:
        kept = NotebookNode(cell_type="code", metadata=NotebookNode(), id=str(cell.get("id", "")))
        source = cell["source"]
        source = source if isinstance(source, str) else "".join(source)
        # half a surrogate, which no kernel can be sent, as Python writes it
        kept.source = source.encode("utf-8", "backslashreplace").decode()
        grade = (cell.get("metadata") or {}).get("nbgrader")
        if isinstance(grade, dict):
            kept.metadata.nbgrader = {"grade_id": str(grade.get("grade_id", ""))}
        if cell["cell_type"] == "code":
            notebook.cells.append(kept)
            continue
        question = kept.metadata.get("nbgrader", {}).get("grade_id") or kept.id
        if question.startswith("question_") and _squeezed(kept.source) != _squeezed(WORDS_GO_HERE):
            before = words.get(question, "")
            words[question] = f"{before}\n\n{kept.source}".strip()[:LONGEST_WORDS]
    return notebook


def merge(submission: NotebookNode, pristine: NotebookNode) -> Merged:
    """The student's notebook with the instructor's checks.

    Args:
        submission: from ``read_submission``.
        pristine: the notebook as it was given out, ``release.student_version``.
    """
    given = [cell for cell in pristine.cells if cell.cell_type == "code"]
    pairs = [
        (check, cell.source.partition("(")[2].rstrip(") \n"))
        for cell in given
        if (check := _name_of_check(cell))
    ]
    found = find(submission.cells, pairs)
    due: dict[int, list[NotebookNode]] = defaultdict(
        list
    )  # by how many of the student's are before, by the number of the student's cells before them
    for check, answer in pairs:
        place = judged_at(found, check, answer, len(submission.cells))[0]
        due[place] += [cell for cell in given if _name_of_check(cell) == check]
    answer_of = {place: name for name, places in found.answers.items() for place in places}
    left_out = {place for places in found.checks.values() for place in places}
    left_out |= {place for name in found.problems for place in found.answers[name]}

    as_given = {_squeezed(cell.source): cell for cell in given}
    ids = {cell.id for cell in given}
    cells = _set_up_first(submission, given, min(answer_of, default=None))
    for place, cell in enumerate([*submission.cells, None]):
        cells += due[place]
        if cell is None or place in left_out or not cell.source.strip():
            continue
        same, answer = as_given.get(_squeezed(cell.source)), answer_of.get(place)
        id = answer or (same.id if same else f"student-{place}")
        if id not in ids:  # a copy
            id = f"student-{place}"
        ids.discard(id)
        new = nbformat.v4.new_code_cell(cell.source, id=id)
        new.metadata.answer = answer
        new.metadata.as_given = bool(same)
        cells.append(new)
    _mark_what_is_needed(cells)
    notebook = copy.deepcopy(pristine)
    notebook.cells = _with_text(cells, pristine, submission.metadata.get("words", {}))
    return Merged(notebook, found.problems)


def _name_of_check(cell: NotebookNode) -> str | None:
    grade = cell.metadata.get("nbgrader", {})
    is_check = cell.cell_type == "code" and grade.get("grade")
    return cell.id.removeprefix("check_") if is_check else None


def _set_up_first(
    submission: NotebookNode, given: list[NotebookNode], first_answer: int | None
) -> list[NotebookNode]:
    """The set-up cells as given out, if not all of them stand before the first answer still."""
    set_up = []
    for cell in given:
        if "nbgrader" in cell.metadata:
            break
        set_up.append(cell)
    before = "".join(_squeezed(cell.source) for cell in submission.cells[:first_answer])
    if all(_squeezed(cell.source) in before for cell in set_up):
        return []
    first = [nbformat.v4.new_code_cell(cell.source, id=f"given-{cell.id}") for cell in set_up]
    for cell in first:
        cell.metadata = NotebookNode(as_given=True)
    return first


def _mark_what_is_needed(cells: list[NotebookNode]) -> None:
    """Say of each cell whether it is ``run``, and whether answers need what it defines."""
    bound_by = defaultdict(list)
    uses = []
    for cell in cells:
        bound, used = names(cell.source)
        uses.append(used)
        for name in bound:
            bound_by[name].append(len(uses) - 1)

    def with_what_they_need(places: set[int]) -> set[int]:
        waiting, known = list(places), set[str]()
        while waiting:
            new = uses[waiting.pop()] - known
            known |= new
            more = {place for name in new for place in bound_by[name]} - places
            places |= more
            waiting += more
        return places

    numbered = list(enumerate(cells))
    written = {i for i, c in numbered if c.metadata.get("answer") or not c.metadata.get("as_given")}
    checks = {i for i, c in numbered if _name_of_check(c)}
    looks = any(uses[place] & _LOOKS_INTO_NAMES for place in written)
    run = set(range(len(cells))) if looks else with_what_they_need(written - checks)
    needed = with_what_they_need({i for i, c in numbered if c.metadata.get("answer")})
    for place, cell in numbered:
        if place in checks:
            continue
        cell.metadata.run = place in run
        cell.metadata.needed = place in needed or cell.metadata.get("as_given", False)


def _with_text(
    cells: list[NotebookNode], pristine: NotebookNode, words: dict[str, str]
) -> list[NotebookNode]:
    """The cells, with the text that was given out before each, and the answers in words."""
    texts: dict[str, list] = {}
    waiting: list[NotebookNode] = []
    for given in pristine.cells:
        cell = copy.copy(given)
        cell.source = words.get(cell.id, cell.source)
        if cell.cell_type == "code":
            texts[cell.id], waiting = waiting, []
        else:
            waiting.append(cell)
    whole = []
    for cell in cells:
        whole += [*texts.pop(cell.id.removeprefix("given-"), ()), cell]
    return copy.deepcopy([*whole, *waiting])


def _squeezed(source: str) -> str:
    return re.sub(r"\s+", "", source)
