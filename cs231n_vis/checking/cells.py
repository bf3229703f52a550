"""Which cell of a student's notebook is which, when an answer is judged, and what is at fault.

The grader and the pytest plugin both ask here, so that they follow the same rules. Cells are code
cells, with ``source``, ``id`` and nbgrader's ``grade_id``, of which any can have been lost or
copied.
"""

import ast
import re
import symtable
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

COLAB = "colab"  # the id of the cell that installs the course there; nothing is lost without it
WORDS_GO_HERE = "*Your answer goes here.*"  # in the cell of a question, as it is given out

_DEFINES = re.compile(r"^(?:async )?(def )?(\w+)\b(?(1)|[ \t]*(?::[^=\n]+)?=[^=])", re.M)
CHECK_CALL = re.compile(r"^check\.(\w+)\([ \t]*(\w+)[ \t]*\)", re.M)
_MAGIC = re.compile(r"^(%%.*|[ \t]*[%!].*|.*\?[ \t]*)$|(?<==)[ \t]*[%!].*$", re.M)
_NOT_DEFINED = re.compile(r"NameError: name '(\w+)' is not defined")
_DOES_NOT_COMPILE = re.compile(
    r"(?:Syntax|Indentation|Tab)Error: (.*?)(?: \([^()]*line (\d+)\))?", re.DOTALL
)


@dataclass(frozen=True)
class Found:
    """Where in the notebook what is.

    Attributes:
        answers: of each answer the places of its cells. There are several if the cell was copied,
            or split: JupyterLab's *Split Cell* gives both parts its metadata.
        checks: of each check the places of its cells.
        problems: of each answer that cannot be judged, a sentence.
    """

    answers: dict[str, list[int]]
    checks: dict[str, list[int]]
    problems: dict[str, str]


def find(cells: Sequence, pairs: Iterable[tuple[str, str]]) -> Found:
    """Find answers and checks: by ``grade_id``, else by id, else by what the cells define and call.

    Args:
        cells: the code cells, in order.
        pairs: the name of each check and that of its answer.
    """
    by_grade_id, by_id, by_text = defaultdict(list), defaultdict(list), defaultdict(list)
    for place, cell in enumerate(cells):
        by_grade_id[grade_id(cell)].append(place)
        by_id[str(cell.get("id"))].append(place)
        for name in {match[2] for match in _DEFINES.finditer(cell.source)}:
            by_text[name].append(place)
        for call in set(CHECK_CALL.findall(cell.source)):
            by_text[call].append(place)
    answers, checks, problems = {}, {}, {}
    for check, answer in pairs:
        places = by_grade_id[answer] or by_id[answer] or by_text[answer]
        called = f"check_{check}"
        answers[answer] = places
        checks[check] = [
            place
            for place in by_grade_id[called] or by_id[called] or by_text[check, answer]
            if place not in places
        ]
        define = re.compile(rf"^(?:async )?def {answer}\b", re.M)
        different = {cells[p].source for p in places if define.search(cells[p].source)}
        if not places:
            problems[answer] = (
                f"There is no answer to {answer}: its cell is missing, and no other cell defines "
                "it."
            )
        elif len(different) > 1:
            problems[answer] = (
                f"There are {len(different)} different answers to {answer}: keep one and delete "
                "the others."
            )
    return Found(answers, checks, problems)


def grade_id(cell) -> str | None:
    """What nbgrader's metadata call a cell."""
    nbgrader = dict(cell.get("metadata") or {}).get("nbgrader")
    return str(nbgrader.get("grade_id")) if isinstance(nbgrader, dict) else None


def judged_at(found: Found, check: str, answer: str, count: int) -> list[int]:
    """Before which of ``count`` cells an answer is judged: at its check cells behind it.

    Without one, before the next cell of another answer or check, or else at the end.
    """
    last = max(found.answers[answer], default=-1)
    if behind := [place for place in found.checks[check] if place > last]:
        return behind
    others = [
        place for places in (*found.answers.values(), *found.checks.values()) for place in places
    ]
    return [min((place for place in others if place > last), default=count)]


@dataclass(frozen=True)
class Failed:
    """A cell that did not run to its end.

    Attributes:
        source: of the cell.
        answer: the answer that it is a cell of, or None.
        raised: the error, ``"ZeroDivisionError: division by zero"``; empty if it was left out.
        left_out: why it was left out, in a sentence.
    """

    source: str
    answer: str | None
    raised: str = ""
    left_out: str = ""

    @property
    def name(self) -> str:
        """What to call the cell at the beginning of a sentence."""
        if self.answer:
            return f"Your cell for {self.answer}"
        lines = (line.strip() for line in self.source.splitlines())
        first = next((line for line in lines if line and not line.startswith("#")), "")
        return f"The cell that begins with “{first if len(first) < 60 else f'{first[:59]}…'}”"

    def __str__(self) -> str:
        if self.left_out:
            return f"{self.name} was left out: {self.left_out[0].lower()}{self.left_out[1:]}"
        if wrong := _DOES_NOT_COMPILE.fullmatch(self.raised):
            line = f"line {wrong[2]}: " if wrong[2] else ""
            return f"{self.name} does not compile: {line}{wrong[1].rstrip('.')}."
        return f"{self.name} raised an error: {self.raised.rstrip('.')}."


def cause(answer: str, error: str, failed: Sequence[Failed]) -> str:
    """A sentence on whose fault it is that an answer could not be called; empty if it is its own.

    Args:
        answer: the name of the function.
        error: what calling it raised.
        failed: the cells before it that failed, in order.
    """
    if not (missing := _NOT_DEFINED.match(error)):
        return ""
    for number, cell in reversed([*enumerate(failed)]):
        if missing[1] in names(cell.source)[0]:
            return cause(answer, cell.raised, failed[:number]) or str(cell)
    if missing[1] == answer and error.startswith("NameError"):
        return f"There is no function {answer} when its check is reached: no cell defines it."
    return ""


def names(source: str) -> tuple[set[str], set[str]]:
    """The global names that a cell binds, or whose things it changes, and those that it uses, in
    its functions too."""
    plain = _MAGIC.sub(_without_magic, source)
    try:
        top = symtable.symtable(plain, "cell", "exec")
        tree = ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # a mistake, and it does nothing; or another language, and then whatever looks like a name
        used = set(re.findall(r"\w+", source)) if _MAGIC.search(source) else set()
        return {match[2] for match in _DEFINES.finditer(source)}, used
    bound = {name.id for node in ast.walk(tree) for name in _changed(node)}
    used = {word for line in _MAGIC.finditer(source) for word in re.findall(r"\w+", line[0])}
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if table is top or symbol.is_global():
                if symbol.is_assigned() or symbol.is_imported():
                    bound.add(symbol.get_name())
                if symbol.is_referenced():
                    used.add(symbol.get_name())
    return bound, used


def _changed(node: ast.AST) -> Iterator[ast.Name]:
    """The name whose thing a statement may change: ``x.y = 1``, ``x[0] = 1`` or ``x.append(1)``."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        node = node.value.func
    elif not isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
        if isinstance(node, ast.Name):
            yield node


def _without_magic(line: re.Match) -> str:
    indent = line[0][: len(line[0]) - len(line[0].lstrip(" \t"))]
    return "" if line[0].startswith("%%") else f"{indent}None"
