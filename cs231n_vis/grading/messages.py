"""What the grader and the worker of a submission tell each other, as files in the worker's folder.

All in a message is a plain value, an array or one of ``KINDS``: whatever became of the worker, its
reply can do nothing but say something.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..checking.exchange import Answer, Probe
from .walls import Limits, Room


@dataclass(frozen=True)
class Question:
    """What is asked at the place of a check.

    Attributes:
        check, answer, call: as ``Check.name``, ``Check.answer`` and ``Check.call``.
        probes: without the right results, which the worker never has.
    """

    check: str
    answer: str
    call: str
    probes: list[Probe]

    @classmethod
    def of(cls, check: str, answer: str, call: str, probes: list[Probe]) -> "Question":
        blank = [Probe(probe.name, probe.inputs, None) for probe in probes]
        return cls(check, answer, call, blank)


@dataclass(frozen=True)
class Start:
    """What the worker needs to start a kernel, before it has a submission.

    Attributes:
        room: what kernels run in.
        limits, cell_seconds: what all of the notebook, and one cell of it, may use.
    """

    room: Room
    limits: Limits
    cell_seconds: float


@dataclass(frozen=True)
class Request:
    """What the worker is asked to do.

    Attributes:
        submission: the path of what was handed in.
        pristine: the notebook as it was given out, in JSON.
        questions: by the id of the check's cell.
    """

    submission: str
    pristine: str
    questions: dict[str, Question]


@dataclass
class Reply:
    """What became of a submission.

    Attributes:
        refused: why it could not be read; else empty.
        problems: of each answer that is missing or there more than once, a sentence.
        lost: why not all were asked; else empty.
        answers: of each check that was reached.
        left_out: of each of these, sentences on the cells that were left out before it.
        in_doubt: whether a kernel was lost and a neighbour may be why.
        notebook: as it was run, in JSON; empty if nothing was.
        words: the answers in words, by the id of the question's cell.
    """

    refused: str = ""
    problems: dict[str, str] = field(default_factory=dict)
    lost: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    in_doubt: bool = False
    notebook: str = ""
    words: dict[str, str] = field(default_factory=dict)


M = TypeVar("M", Start, Request, Reply)
KINDS: dict[str, type] = {
    kind.__name__: kind for kind in (Start, Request, Question, Probe, Limits, Room, Reply, Answer)
}
_KIND = " kind"  # begins like no name of a field, a check or an answer


def write(message: Start | Request | Reply, folder: Path) -> None:
    """Write a message; it is there when its JSON file is, which comes last."""
    arrays: dict[str, np.ndarray] = {}

    def plain(value: object) -> dict:
        name = type(value).__name__
        if isinstance(value, np.ndarray | np.generic):
            arrays[str(len(arrays))] = np.asarray(value)
            return {_KIND: "array", "number": str(len(arrays) - 1)}
        if KINDS.get(name) is type(value):
            return {_KIND: name, **vars(value)}
        return {_KIND: "thing", "name": name}  # an answer that is no array of numbers

    path = folder / f"{type(message).__name__.lower()}.json"
    content = json.dumps(message, default=plain)
    np.savez(path.with_suffix(".npz"), **arrays)  # type: ignore[arg-type]
    new = path.with_suffix(".new")
    new.write_text(content, "utf-8")
    new.replace(path)


def read(kind: type[M], folder: Path) -> M:
    """Read what ``write`` wrote.

    Raises:
        FileNotFoundError: there is none.
    """
    path = folder / f"{kind.__name__.lower()}.json"
    content = path.read_text("utf-8")

    arrays: Mapping[str, np.ndarray]

    def whole(stored: dict) -> object:
        name = stored.pop(_KIND, None)
        if name == "array":
            return arrays[stored["number"]]
        if name == "thing":
            return type(stored["name"], (), {})()
        return KINDS[name](**stored) if name else stored

    with np.load(path.with_suffix(".npz")) as arrays:
        return json.loads(content, object_hook=whole)
