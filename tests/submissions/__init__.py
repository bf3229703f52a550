"""Example submissions, one text file each, and the notebooks made of them: see README.md here.

Reading a submission runs none of its code.
"""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

FOLDER = Path(__file__).parent
KINDS = ("right", "wrong", "cheating", "hostile")
ANSWER = "compute_saliency_maps"
#: What an attack is on, for each kind of submission that is one; its first comment names it.
ATTACKED = {
    "cheating": {
        "reference": "a right answer that may be lying about",
        "saved_maps": "the known inputs, whose maps may be found, or answered and nothing else",
        "class": "a classmate's answer, and the seed",
        "environment": "variables, the grader's and those that lead others",
        "exchange": "the arrays that are handed over",
        "judge": "code that may run in the judge: NumPy, the package, the shell",
        "notebook": "which cell is which, and what is run",
        "verdict": "what is read as one: outputs, messages, the exit status",
        "files": "what others read or run later, and where results are",
        "network": "whoever may have the answers elsewhere",
        "processes": "the memory of others, and what calls the answer",
        "namespaces": "the walls themselves: mounts, rooms beside this one",
    },
    "hostile": {
        "time": "the time of whoever waits",
        "processors": "the neighbours' processors",
        "memory": "the machine's memory",
        "hidden_memory": "the same, where nobody counts it",
        "disk": "the disk",
        "hidden_disk": "the same, where nobody sees it",
        "processes": "their number, and what outlives the kernel",
        "descriptors": "open files",
        "sockets": "connections, the grader's too",
        "outputs": "whoever reads what was printed or displayed",
        "signals": "whatever can be ended, and being ended",
        "kernel": "the Python that the notebook runs in",
        "folder": "the folder that it runs in, and whoever clears it away",
    },
}
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}


@dataclass(frozen=True)
class Submission:
    """One file of this folder.

    Attributes:
        kind: "right", "wrong", "cheating" or "hostile".
        name: the file's name without ``.py``.
        about: what it is, in a sentence.
        misconception: the catalogue's name for it; None if no entry is expected.
        attacks: in "cheating" and "hostile", what it attacks, a name in ``ATTACKED``.
        to_the_notebook: names in ``CHANGES``, applied to the whole notebook at the end.
        cells: its cells; their metadata is what their first line says.
    """

    kind: str
    name: str
    about: str
    misconception: str | None
    attacks: str | None
    to_the_notebook: tuple[str, ...]
    cells: tuple[NotebookNode, ...]

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def code(self) -> list[str]:
        """The sources of its code cells, in order."""
        return [c.source for c in self.cells if c.cell_type == "code" and c.source.strip()]


def submissions(*kinds: str) -> list[Submission]:
    """The submissions of these kinds (default: all), in alphabetical order."""
    return [
        read_submission(path)
        for kind in kinds or KINDS
        for path in sorted((FOLDER / kind).glob("*.py"))
    ]


def read_submission(path: Path) -> Submission:
    """Read one file.

    Raises:
        ValueError: it has no sentence, or a line that this format does not know.
    """
    header, marker, body = path.read_text(encoding="utf-8").partition("# %%")
    about, facts = [], {"misconception": [], "notebook": [], "attacks": []}
    for line in header.splitlines():
        fact = re.fullmatch(r"# (misconception|notebook|attacks): *(\S+)", line)
        if fact:
            facts[fact[1]].append(fact[2])
        elif line.strip():
            about.append(line.removeprefix("#").strip())
    if not about or not marker:
        raise ValueError(f"{path} does not begin with a comment and then a cell.")
    if unknown := set(facts["notebook"]) - CHANGES.keys():
        raise ValueError(f"{path} asks for {unknown}; there are {sorted(CHANGES)}.")
    (attacks,) = facts["attacks"] or [None]
    if attacks not in ATTACKED.get(path.parent.name, (None,)):
        raise ValueError(f"{path} attacks {attacks}; there are {ATTACKED.get(path.parent.name)}.")
    cells = jupytext.reads(marker + body, fmt=PERCENT).cells
    for cell in cells:
        cell.metadata.pop("lines_to_next_cell", None)  # jupytext's own
        if unknown := cell.metadata.keys() - {"answer", *EDITS}:
            raise ValueError(
                f"{path} has a cell with {unknown}; there are answer, {sorted(EDITS)}."
            )
    (misconception,) = facts["misconception"] or ["none"]
    return Submission(
        kind=path.parent.name,
        name=path.stem,
        about=" ".join(about),
        misconception=None if misconception == "none" else misconception,
        attacks=attacks,
        to_the_notebook=tuple(facts["notebook"]),
        cells=tuple(cells),
    )


def as_notebook(submission: Submission, student: NotebookNode) -> NotebookNode:
    """The notebook that this student hands in.

    Args:
        submission: what the student did.
        student: the notebook as it was given out, ``release.student_version``; not changed.

    Raises:
        ValueError: a cell is named that the notebook does not have.
    """
    notebook = copy.deepcopy(student)
    after = None  # the cell that the student's next cell is put behind
    helpers: list[NotebookNode] = []
    for number, written in enumerate(submission.cells):
        what, where = next(iter(written.metadata.items()), (None, None))
        if what is None and after is None:
            helpers.append(_added(written, number))
        elif what is None:
            after = _insert(notebook, after, _added(written, number))
        elif what == "answer":
            place = _place(notebook, where)
            notebook.cells[place].source = written.source
            notebook.cells[place:place] = helpers
            after, helpers = notebook.cells[place + len(helpers)].id, []
        else:
            EDITS[what](notebook, _place(notebook, where), _added(written, number))
    if helpers:  # no answer cell in the file: its helper cells go before the untouched one
        place = _place(notebook, ANSWER)
        notebook.cells[place:place] = helpers
    for change in submission.to_the_notebook:
        CHANGES[change](notebook)
    return notebook


def _added(written: NotebookNode, number: int) -> NotebookNode:
    new = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    cell = new[written.cell_type](written.source)
    cell.id = f"added-{number:02d}"
    return cell


def _place(notebook: NotebookNode, id: str) -> int:
    for place, cell in enumerate(notebook.cells):
        if cell.get("id") == id:
            return place
    raise ValueError(f"The notebook has no cell {id}.")


def _insert(notebook: NotebookNode, after: str, cell: NotebookNode) -> str:
    notebook.cells.insert(_place(notebook, after) + 1, cell)
    return cell.id


# What a cell's first line can ask for: EDITS[word](notebook, place of the cell named, cell)


def _replace(notebook, place, cell):
    notebook.cells[place].source = cell.source


def _delete(notebook, place, cell):
    del notebook.cells[place]


def _duplicate(notebook, place, cell):
    """A copy behind the cell, with its metadata; with another source if one is written."""
    twin = copy.deepcopy(notebook.cells[place])
    twin.id, twin.source = cell.id, cell.source or twin.source
    notebook.cells.insert(place + 1, twin)


def _before(notebook, place, cell):
    notebook.cells.insert(place, cell)


def _after(notebook, place, cell):
    notebook.cells.insert(place + 1, cell)


EDITS: dict[str, Callable[[NotebookNode, int, NotebookNode], None]] = {
    "replace": _replace,
    "delete": _delete,
    "duplicate": _duplicate,
    "before": _before,
    "after": _after,
}

# What a line `# notebook: WORD` can ask for: CHANGES[word](notebook)


def _code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _forge_outputs(notebook):
    """The check cell shows what a right answer would have printed."""
    for count, cell in enumerate(_code_cells(notebook), 1):
        cell.execution_count = count
        if cell.metadata.get("nbgrader", {}).get("grade"):
            lines = (
                "✓ it returned an array of numbers\n"
                "✓ one map for each image, of the image's height and width\n"
                "✓ no value is negative, infinite or NaN\n"
                "✓ 5 of 5 maps agree with the saved maps\n"
                "compute_saliency_maps: passed\n"
            )
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=lines)]


def _lose_metadata(notebook):
    """Cells and notebook keep their text and ids only."""
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
    notebook.metadata = NotebookNode()


def _lose_ids(notebook):
    """As nbformat 4.4 and earlier: cells have no ids."""
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        cell.pop("id", None)


def _forge_metadata(notebook):
    """The check cell is worth 1000 points and not graded; every cell says it may be edited."""
    for cell in notebook.cells:
        if grade := cell.metadata.get("nbgrader"):
            grade["locked"] = False
            if grade["grade"] and cell.cell_type == "code":
                grade |= {"grade": False, "points": 1000, "score": 1000, "manual_score": 1000}


def _swap_metadata(notebook):
    """The check cell claims to be the answer and the answer cell to be the check."""
    answer, check = (notebook.cells[_place(notebook, id)] for id in (ANSWER, f"check_{CHECK}"))
    answer.metadata, check.metadata = check.metadata, answer.metadata
    answer.id, check.id = check.id, answer.id


def _reverse(notebook):
    """The cells stand in the opposite order."""
    notebook.cells.reverse()


def _skip_everything(notebook):
    """Every cell asks nbval and others to leave it alone."""
    for cell in notebook.cells:
        cell.metadata["tags"] = ["nbval-skip", "nbval-raises-exception", "raises-exception", "skip"]


def _classic_jupyter(notebook):
    """As saved by classic Jupyter Notebook: nbformat 4.2, no ids, its own metadata."""
    _lose_ids(notebook)
    notebook.nbformat_minor = 2
    notebook.metadata["toc"] = {"nav_menu": {}, "number_sections": True}
    for cell in notebook.cells:
        cell.metadata["collapsed"] = True
        if cell.cell_type == "code":
            cell.metadata["scrolled"] = False


def _vs_code(notebook):
    """As saved by VS Code: 4.2 without ids, a language for each cell, the kernel renamed."""
    _lose_ids(notebook)
    notebook.nbformat_minor = 2
    notebook.metadata["kernelspec"] = {
        "display_name": ".venv (3.11.9)",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata["orig_nbformat"] = 4
    for cell in notebook.cells:
        cell.metadata["vscode"] = {"languageId": "python"}


def _colab(notebook):
    """As saved by Colab: nbformat 4.0, ids of its own in the metadata, provenance."""
    _lose_ids(notebook)
    notebook.nbformat_minor = 0
    notebook.metadata["colab"] = {"provenance": [], "toc_visible": True}
    notebook.metadata["accelerator"] = "GPU"
    for number, cell in enumerate(notebook.cells):
        cell.metadata["id"] = f"Zk3xQ{number:07d}"
        if cell.cell_type == "code":
            cell.metadata["colab"] = {"base_uri": "https://localhost:8080/", "height": 300}
            cell.metadata["outputId"] = f"5b1c0c3e-0000-4a7f-{number:04d}-2f9a2b2a1c11"


CHECK = "saliency_maps"
CHANGES: dict[str, Callable[[NotebookNode], None]] = {
    "forge-outputs": _forge_outputs,
    "lose-metadata": _lose_metadata,
    "lose-ids": _lose_ids,
    "forge-metadata": _forge_metadata,
    "swap-metadata": _swap_metadata,
    "reverse": _reverse,
    "skip-everything": _skip_everything,
    "classic-jupyter": _classic_jupyter,
    "vs-code": _vs_code,
    "colab": _colab,
}
