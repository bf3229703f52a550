"""The course as a book: from notebooks, docs and docstrings to pages, by Sphinx and MyST-NB.

Sphinx reads one folder, so what the book is made of is laid out in one first, at the places where
it stands in the repository, so that its links hold: the docs as they are, the executed notebooks
with answers and checks marked, the pages that only the book has. Nothing in it is kept.
"""

import copy
import json
import re
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode
from html import escape
from pathlib import Path, PurePosixPath
from posixpath import normpath

import nbformat
from nbformat import NotebookNode
from PIL import Image

from ..checking.cells import COLAB
from ..method_table import METHODS
from .addresses import Addresses, read_addresses
from .node import PACKAGES, install_packages
from .release import is_numbered, sources, student_version

#: Of docs/ and the repository's own folder; each is a page, at its place.
PAGES = ("glossary", "methods", "metrics", "keras_vis")
#: Pages for those who teach; the first holds a model answer, and all of them lead to some.
FOR_INSTRUCTORS = ("docs/instructors", "docs/grading", "docs/architecture", "CONTRIBUTING")
ALSO = ("CHANGELOG",)

_LINK = re.compile(r"(?<=\]\()(?!https?://|#|mailto:)([^)\s#]+)(#[^)\s]*)?(?=\))")
_CODE = re.compile(r"(?ms)^(```|~~~).*?^\1|`[^`\n]+`")
_PICTURE = re.compile(r'src="data:image/jpeg;base64,([^"]+)"')
_MARK = re.compile(r"(?m)^[ \t]*### (?:BEGIN|END) SOLUTION.*\n")
_TERM = re.compile(r"\*\*([^*]+)\*\*: (\S)")
_LEFT_OUT = re.compile(r"(?s)% for instructors\n(.*?)% end\n")


def build_book(root: Path, out: Path, answers: bool = True) -> None:
    """Build the book.

    Args:
        root: the course's repository.
        out: the folder of its pages; what is in it stays, but for files of the same names.
        answers: whether model answers, folded, and the instructors' pages are in it.

    Raises:
        ValueError: Sphinx warned of something, which it has printed.
        FileNotFoundError: something that the book needs is not here.
    """
    with tempfile.TemporaryDirectory(prefix="cs231n-vis-book-") as temporary:
        laid_out = Path(temporary) / "book"
        lay_out(root, laid_out, answers)
        command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
        places = ["-d", f"{temporary}/read", str(laid_out), str(out)]
        if subprocess.run([*command, *places]).returncode:
            raise ValueError("The book was not built: Sphinx says why, above.")


def lay_out(root: Path, folder: Path, answers: bool = True) -> None:
    """Lay out in a folder what Sphinx makes the book of; see ``build_book``."""
    addresses = read_addresses(root)
    shutil.copytree(root / "site" / "book", folder)
    for path in folder.rglob("*.md"):
        text = path.read_text("utf-8").replace("REPOSITORY", addresses.repository)
        path.write_text(_LEFT_OUT.sub(r"\1" if answers else "", text), "utf-8")
    pages = [*(f"docs/{name}" for name in PAGES), *ALSO, *(FOR_INSTRUCTORS if answers else ())]
    notebooks = [path.stem for path in sources(root / "notebooks") if is_numbered(path)]
    known = {*(f"{page}.md" for page in pages), *(f"notebooks/{n}.ipynb" for n in notebooks)}

    def with_links(text: str, path: str) -> str:
        return link_outside(text, path, known, root, addresses)

    for page in pages:
        text = with_links((root / f"{page}.md").read_text("utf-8"), f"{page}.md")
        if page == "docs/glossary":
            text = as_glossary(text)
        elif page == "docs/methods":
            text = with_explorer(text)
        path = folder / f"{page}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    for picture in (root / "docs").glob("*.jpg"):
        shutil.copy(picture, folder / "docs")
    whole = folder / "whole"  # files that go into the book as they are
    for part in ("notebooks/pictures", "notebooks/students"):
        (whole / part).mkdir(parents=True)
    (folder / "notebooks").mkdir(exist_ok=True)
    for name in notebooks:
        shutil.copy(root / "notebooks" / f"{name}.ipynb", whole / "notebooks" / "students")
        executed = root / "notebooks" / "solutions" / f"{name}.ipynb"
        page = as_page(nbformat.read(executed, 4), answers)
        for cell in page.cells:
            if cell.cell_type == "markdown":
                cell.source = with_links(cell.source, f"notebooks/{name}.ipynb")
        _with_ways_to_open(page, name, addresses)
        _with_picture_files(page, name, whole / "notebooks" / "pictures")
        nbformat.write(page, folder / "notebooks" / f"{name}.ipynb")
    shutil.copy(root / "site" / "page" / "icon.svg", folder / "_static")
    install_packages()
    katex = PACKAGES / "katex" / "dist"
    fonts = folder / "_static" / "katex" / "fonts"
    fonts.mkdir(parents=True)
    shutil.copy(katex / "katex.min.css", fonts.parent)
    for font in (katex / "fonts").glob("*.woff2"):
        shutil.copy(font, fonts)
    settings = {
        "repository": addresses.repository,
        "site": addresses.site,
        "terms": glossary_terms((root / "docs" / "glossary.md").read_text("utf-8")),
    }
    (folder / "settings.json").write_text(json.dumps(settings), "utf-8")


def link_outside(text: str, path: str, known: set[str], root: Path, addresses: Addresses) -> str:
    """Markdown in which links to files that the book does not hold lead to the repository.

    Args:
        text: the Markdown.
        path: its file, from the repository's folder.
        known: the files that are pages of the book.
        root: the repository's folder.
        addresses: of the repository.

    Raises:
        FileNotFoundError: a link leads nowhere.
    """

    def outside(link: re.Match) -> str:
        target = normpath(PurePosixPath(path).parent / link[1])
        if target in known or (target.startswith("docs/") and target.endswith(".jpg")):
            return link[0]
        if not (root / target).exists():
            raise FileNotFoundError(f"{path} has a link to {link[1]}, which is not there.")
        return addresses.file(target) + (link[2] or "")

    parts, end = [], 0
    for code in _CODE.finditer(text):
        parts += [_LINK.sub(outside, text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, _LINK.sub(outside, text[end:])])


def _entries(text: str) -> tuple[str, dict[str, str]]:
    """The glossary's head, and each entry with what it says."""
    head, *entries = re.split(r"(?m)^(?=\*\*)", text)
    read = {}
    for entry in entries:
        if not (term := _TERM.match(entry)):
            raise ValueError(f"docs/glossary.md: not an entry: {entry[:60]!r}")
        read[term[1]] = term[2].upper() + entry[term.end() :].rstrip()
    return head, read


def glossary_terms(text: str) -> dict[str, str]:
    """Each term of the glossary, and the first sentence of what it says, without marks."""
    return {
        term: re.sub(r"[*`]", "", " ".join(explained.split()).partition(". ")[0]).rstrip(".") + "."
        for entry, explained in _entries(text)[1].items()
        for term in terms(entry)
    }


def as_glossary(text: str) -> str:
    """The glossary, whose paragraphs are ``**Term, other term**: what it is``, as Sphinx reads it,
    so that texts can link to its terms."""
    head, entries = _entries(text)
    written = [
        "\n".join([*terms(entry), *(f"  {line}" for line in explained.splitlines())])
        for entry, explained in entries.items()
    ]
    return f"{head}```{{glossary}}\n" + "\n\n".join(written) + "\n```\n"


def terms(entry: str) -> list[str]:
    """The terms of an entry: ``"Deletion, insertion"``; ``"Fast gradient sign method (FGSM)"``."""
    return [term for term in re.split(r", | \(|\)", entry) if term]


def with_explorer(text: str) -> str:
    """The page of methods, with a way to see each at work."""
    for method in METHODS.values():
        link = f"../explorer/index.html#methods={method.name},saliency"
        button = f'<p><a class="open-notebook" href="{link}">See it at work in the explorer</a></p>'
        text = text.replace(f"\n## {method.title}\n", f"\n## {method.title}\n\n{button}\n")
    return text


def as_page(notebook: NotebookNode, answers: bool) -> NotebookNode:
    """An executed notebook as the book shows it.

    Of an answer there is first what students are given, then, folded, the model answer.
    """
    given = student_version(notebook)
    page = copy.copy(notebook)
    page.cells = []
    for cell, asked in zip(copy.deepcopy(notebook.cells), given.cells, strict=True):
        grade = cell.metadata.get("nbgrader", {})
        is_code = cell.cell_type == "code"
        if grade.get("solution") and is_code:
            asked.outputs, asked.id = [], f"given-{cell.id}"
            asked.metadata.tags = ["given"]
            cell.source = _MARK.sub("", cell.source)
            cell.metadata.tags = ["hide-input", "model-answer"]
            cell.metadata.mystnb = {
                "code_prompt_show": "Show the model answer",
                "code_prompt_hide": "Hide the model answer",
            }
            page.cells += [asked, cell] if answers else [asked]
        elif grade.get("solution"):
            is_guess = cell.id.startswith("question_guess")
            name = "One guess" if is_guess else "Model answer"
            cell.source = (
                f'<details class="model-answer"><summary><b>{name}</b></summary>\n\n'
                f"{cell.source}\n\n</details>"
            )
            page.cells += [cell] if answers else []
        elif cell.id != COLAB:
            if grade.get("grade"):
                cell.metadata.tags = [*cell.metadata.get("tags", ()), "check"]
            page.cells.append(cell)
    return page


def _with_ways_to_open(page: NotebookNode, name: str, addresses: Addresses) -> None:
    """Put under the title where the notebook can be run."""
    links = {
        "Open in Colab": addresses.colab(name),
        "Open on Binder": addresses.binder(name),
        "Download": f"students/{name}.ipynb",
    }
    line = " ".join(
        f'<a class="open-notebook" href="{escape(href)}"{" download" * (text == "Download")}>'
        f"{text}</a>"
        for text, href in links.items()
    )
    title, _, below = page.cells[0].source.partition("\n")
    page.cells[0].source = f"{title}\n\n<p>{line}</p>\n{below}"


def _with_picture_files(page: NotebookNode, name: str, folder: Path) -> None:
    """Take pictures out of the outputs: a page is short, and they load when they are seen."""
    for cell in page.cells:
        for output in cell.get("outputs", ()):
            html = output.get("data", {}).get("text/html", "")
            for number, picture in enumerate(_PICTURE.findall(html)):
                file = folder / f"{name}-{cell.id}-{number}.jpg"
                file.write_bytes(b64decode(picture))
                with Image.open(file) as opened:
                    width, height = opened.size
                size = f'width="{width}" height="{height}"'
                source = f'{size} loading="lazy" src="pictures/{file.name}"'
                html = html.replace(f'src="data:image/jpeg;base64,{picture}"', source)
            if html:
                output.data["text/html"] = html
