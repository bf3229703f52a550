"""From the text an instructor writes to the notebooks that people open.

    notebooks/source/NAME.py       written by hand: jupytext's percent format, with solutions
    notebooks/NAME.ipynb           for the student: solutions taken out, no outputs
    notebooks/solutions/NAME.ipynb for the instructor: executed (numbered notebooks only)

In the source a cell's first line says what it is, and the generated notebooks say the same to
nbgrader in its own metadata:

    # %% answer="compute_saliency_maps"       the student's code; named as the function it defines
    # %% check="saliency_maps" points=10      judges an answer; locked
    # %% [markdown] question="probability"    an answer in words; its cell is a possible answer
    # %% [markdown] question="why" points=2   the same, marked by hand for so many points

Below the title comes a cell of ours, which installs the course in Colab, from the repository that
pyproject.toml names; it is made here, so that the address stands in one place.

In an answer cell, the lines from ``### BEGIN SOLUTION`` to ``### END SOLUTION`` are the solution.
"""

import copy
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from ..checking.cells import COLAB, WORDS_GO_HERE
from ..files import atomic_write
from .addresses import read_addresses

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
SOLUTION = re.compile(
    r"^(?P<indent>[ \t]*)### BEGIN SOLUTION.*?^[ \t]*### END SOLUTION[^\n]*$", re.DOTALL | re.M
)
CODE_GOES_HERE = "# *** your code goes here ***"
#: The cell below the title, which is not in the source.
FOR_COLAB = """\
# For Colab: this installs the course. Where it is installed already, nothing happens.
from importlib.util import find_spec
from subprocess import check_call
from sys import executable

if find_spec("cs231n_vis") is None:
    check_call([executable, "-m", "pip", "install", "-q", "anywidget", "git+{}"])"""
_LINKS = re.compile(r"(<!-- links: .*-->\n)[^<]*(<!-- end -->)")
COMPARE_OUTPUT = "nbval-check-output"  # nbval's tag


def sources(notebooks: Path, names: Sequence[str] = ()) -> Iterator[Path]:
    """The text sources in a ``notebooks`` folder, in order; with names, only those.

    Raises:
        FileNotFoundError: there is none, or none of a name.
    """
    found = sorted((notebooks / "source").glob("*.py"))
    if not found:
        raise FileNotFoundError(
            f"There is no notebook source in {notebooks / 'source'}; run this from the folder that "
            "holds notebooks/."
        )
    if unknown := set(names) - {path.stem for path in found}:
        raise FileNotFoundError(
            f"There is no notebook source {', '.join(sorted(unknown))}; there are "
            f"{', '.join(path.stem for path in found)}."
        )
    yield from (path for path in found if not names or path.stem in names)


def read_source(path: Path) -> NotebookNode:
    """The notebook of a text source, with solutions, without outputs.

    The same text gives the same notebook to the byte: cells are named by their ``grade_id`` or by
    their place.
    """
    notebook = jupytext.read(path, fmt="py:percent")
    notebook.metadata = NotebookNode(kernelspec=KERNEL, language_info=LANGUAGE)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for place, cell in enumerate(notebook.cells):
        cell.metadata = _metadata(cell.metadata)
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{place:02d}")
    nbformat.validate(notebook)
    return notebook


def for_people(path: Path, root: Path) -> NotebookNode:
    """``read_source``, with the cell that installs the course in Colab.

    The cell is there if the folder ``root`` has a pyproject.toml, which says where the course is.

    The grader does without: where that runs, the course is installed.
    """
    notebook = read_source(path)
    if (root / "pyproject.toml").is_file():
        source = FOR_COLAB.format(read_addresses(root).repository)
        cell = nbformat.v4.new_code_cell(source, id=COLAB)
        cell.metadata = NotebookNode(tags=[COLAB])
        notebook.cells.insert(1, cell)
    return notebook


def _metadata(written: dict) -> NotebookNode:
    """A cell's metadata in the notebook, from what its first line in the source says."""
    tags = list(written.get("tags", ()))
    grade: dict[str, Any] = {
        "schema_version": 3,
        "solution": False,
        "grade": False,
        "locked": False,
        "task": False,
    }
    if "answer" in written:
        grade |= {"grade_id": written["answer"], "solution": True}
    elif "check" in written:
        name, points = f"check_{written['check']}", written["points"]
        grade |= {"grade_id": name, "grade": True, "locked": True, "points": points}
        tags.append(COMPARE_OUTPUT)
    elif "question" in written:
        name, points = f"question_{written['question']}", written.get("points", 0)
        grade |= {"grade_id": name, "grade": True, "solution": True, "points": points}
    else:
        return NotebookNode(tags=tags)
    return NotebookNode(tags=tags, nbgrader=grade)


def points_of_checks(notebook: NotebookNode) -> dict[str, float]:
    """What each check of a notebook is worth, by the check's name.

    Points that somebody gives by hand for an answer in words are in ``points_of_questions``.
    """
    return {
        cell.id.removeprefix("check_"): cell.metadata["nbgrader"]["points"]
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("points")
    }


def points_of_questions(notebook: NotebookNode) -> dict[str, float]:
    """What each question that is marked by hand is worth, by the question's name."""
    return {
        cell.id.removeprefix("question_"): cell.metadata["nbgrader"]["points"]
        for cell in notebook.cells
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("points")
    }


def student_version(notebook: NotebookNode) -> NotebookNode:
    """A copy in which every solution has been taken out.

    Raises:
        ValueError: an answer cell has no marked solution, or a solution is marked elsewhere, where
            it would reach the students.
    """
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        # nbval would compare with outputs that are not there; a wrong answer raises in any case
        cell.metadata.tags = [t for t in cell.metadata.get("tags", []) if t != COMPARE_OUTPUT]
        is_answer = cell.metadata.get("nbgrader", {}).get("solution", False)
        if is_answer and cell.cell_type == "markdown":
            cell.source = WORDS_GO_HERE
        elif is_answer:
            cell.source, found = SOLUTION.subn(rf"\g<indent>{CODE_GOES_HERE}", cell.source)
            if not found:
                raise ValueError(
                    f"The answer cell {cell.id} has no lines between `### BEGIN SOLUTION` and "
                    "`### END SOLUTION`; mark what students are to write."
                )
        if "SOLUTION" in cell.source:
            raise ValueError(
                f"The cell {cell.id} would hand students a solution: its mark is not closed, or "
                "its nbgrader metadata does not say `solution: true`."
            )
    return notebook


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run a notebook from top to bottom in ``folder``, in a kernel of its own.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised.
    """
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        coalesce_streams=True,  # a line printed in pieces is one line on GitHub, too
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],  # its advice on encryption is not for us
    ).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the time of day, different at every run
    return notebook


def release(notebooks: Path, names: Sequence[str] = ()) -> Iterator[Path]:
    """Write the student notebooks and executed solutions anew, and yield each path written.

    The addresses in the README too, if they have changed in pyproject.toml.
    """
    for path, text in _readme(notebooks):
        path.write_text(text, "utf-8", newline="\n")
        yield path
    for source in sources(notebooks, names):
        notebook = for_people(source, notebooks.parent)
        yield _write(student_version(notebook), notebooks / f"{source.stem}.ipynb")
        if is_numbered(source):
            solution = execute(notebook, notebooks)
            yield _write(solution, notebooks / "solutions" / f"{source.stem}.ipynb")


def out_of_step(notebooks: Path) -> Iterator[Path]:
    """The generated notebooks that do not match their source (outputs aside); the README, if the
    addresses in it are not those of pyproject.toml."""
    yield from (path for path, _ in _readme(notebooks))
    for source in sources(notebooks):
        notebook = for_people(source, notebooks.parent)
        for expected, path in (
            (student_version(notebook), notebooks / f"{source.stem}.ipynb"),
            (notebook, notebooks / "solutions" / f"{source.stem}.ipynb"),
        ):
            if path.parent.name == "solutions" and not is_numbered(source):
                continue
            if not path.is_file() or _cells(nbformat.read(path, 4)) != _cells(expected):
                yield path


def _readme(notebooks: Path) -> Iterator[tuple[Path, str]]:
    """The README and what it should be, if its links are not those of pyproject.toml."""
    path = notebooks.parent / "README.md"
    text = path.read_text("utf-8") if path.is_file() else ""
    if not _LINKS.search(text):
        return
    addresses = read_addresses(notebooks.parent)
    numbered = [source.stem for source in sources(notebooks) if is_numbered(source)]
    in_colab = ", ".join(f"[{name[:2]}]({addresses.colab(name)})" for name in numbered)
    links = (
        f"[The course as a book]({addresses.site}) ·\n"
        f"[the explorer in your browser]({addresses.site}explorer/) ·\n"
        f"[on Binder]({addresses.binder(numbered[0])}) ·\nin Colab: {in_colab}\n"
    )
    if (new := _LINKS.sub(rf"\g<1>{links}\g<2>", text)) != text:
        yield path, new


def is_numbered(source: Path) -> bool:
    """Whether a notebook is of the course, 00 to 99; others have nothing to solve or to print."""
    return source.stem[:2].isdecimal()


def _cells(notebook: NotebookNode) -> list[tuple]:
    return [(cell.cell_type, cell.id, cell.source, cell.metadata) for cell in notebook.cells]


def _write(notebook: NotebookNode, path: Path) -> Path:
    with atomic_write(path) as temporary:
        nbformat.write(notebook, temporary)
    return path
