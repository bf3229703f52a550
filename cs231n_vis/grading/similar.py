"""Whose answers are nearly the same: a list to look at, not a verdict.

Short answers to one question are alike when they are right. So two numbers stand beside each other:
how alike two students' code is as they wrote it, with their names and comments, and how alike it is
without them. What more than half of a class of five or more has in common is left out first.
"""

import io
import json
import keyword
import tokenize
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..checking.results import Result
from .results import folder_of

ALIKE = 0.9  # as written; below this a pair is not listed
FEWEST = 20  # tokens of its own that an answer must have to be compared
MOST = 200  # pairs


@dataclass(frozen=True)
class Pair:
    """Two students whose answers are alike.

    Attributes:
        students: who.
        written: of 1, how alike their code is with names and comments.
        structure: the same without them.
        tokens: how many the shorter one has.
    """

    students: tuple[str, str]
    written: float
    structure: float
    tokens: int


def similar(results: Sequence[Result], out: Path) -> list[Pair]:
    """The pairs of students of one assignment whose answers are most alike, those first.

    Args:
        results: who was graded.
        out: the folder with their notebooks.

    Raises:
        ModuleNotFoundError: rapidfuzz is not installed.
    """
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    lines = {
        result.student: own_lines(folder_of(out, result.student, result.assignment))
        for result in results
        if result.graded
    }
    count = Counter(line for those in lines.values() for line in set(those))
    common = {line for line, n in count.items() if len(lines) >= 5 and 2 * n > len(lines)}
    written = {
        student: [token for line in those if line not in common for token in line]
        for student, those in lines.items()
    }
    names = [name for name, tokens in written.items() if len(tokens) >= FEWEST]
    if len(names) < 2:
        return []
    as_written = [written[name] for name in names]
    alike = cdist(as_written, as_written, scorer=Indel.normalized_similarity, score_cutoff=ALIKE)
    found = []
    for i, first in enumerate(names):
        for j in range(i + 1, len(names)):
            if alike[i, j] >= ALIKE:
                structure = Indel.normalized_similarity(_bare(as_written[i]), _bare(as_written[j]))
                tokens = min(len(as_written[i]), len(as_written[j]))
                found.append(Pair((first, names[j]), float(alike[i, j]), structure, tokens))
    return sorted(found, key=lambda pair: (-pair.written, -pair.tokens, pair.students))[:MOST]


def own_lines(folder: Path) -> list[tuple[str, ...]]:
    """The logical lines of a student's answers, each its tokens; none if there are none."""
    found = []
    for path in folder.glob("*.ipynb"):
        try:
            cells = json.loads(path.read_text("utf-8"))["cells"]
            sources = [cell["source"] for cell in cells if cell["metadata"].get("answer")]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        for source in sources:
            found += _lines(source if isinstance(source, str) else "".join(source))
    return found


def _lines(source: str) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    line: list[str] = []
    layout = (tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in (tokenize.NEWLINE, tokenize.NL):
                lines.append(tuple(line))
                line = []
            elif token.type not in layout:
                line.append(" ".join(token.string.split()))
    except (tokenize.TokenError, SyntaxError):  # code that is no Python; what was read counts
        pass
    return [each for each in [*lines, tuple(line)] if each]


def _bare(tokens: Sequence[str]) -> list[str]:
    """Tokens without what is easily exchanged: names, texts, comments."""

    def bare(token: str) -> str:
        if token.isidentifier() and not keyword.iskeyword(token):
            return "name"
        return "text" if token[0] in "\"'" else token

    return [bare(token) for token in tokens if token[0] != "#"]
