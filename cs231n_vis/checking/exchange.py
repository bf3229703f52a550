"""Call a student's function in the student's kernel and take what it returns out as plain arrays.

The kernel is not trusted, and need not be: inputs go in as files, arrays come out as files, and the
arrays are judged elsewhere, against maps that the kernel never had. Whatever a notebook patches,
prints or raises, the only thing it can achieve is other numbers.
"""

import contextlib
import io
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import calls

LONGEST_CALL = 60  # seconds that one call of an answer may take; a right one takes a few
LARGEST_ANSWER = 64_000_000  # bytes of one returned array; twenty maps of 224 x 224 take 4 million

_CALL = """\
from cs231n_vis.checking.exchange import hand_over as _cs231n_vis_call
_cs231n_vis_call({function}, {call!r}, {folder!r}, {number})
del _cs231n_vis_call
"""


@dataclass(frozen=True)
class Probe:
    """One call of a student's function, and what it must return.

    Attributes:
        name: what is tried, in a sentence to the student: ``"five images"``, ``"a single image"``.
        inputs: the arrays of the call, by the names that the check's ``call`` gives them. One
            without axes is handed over as a plain number or text.
        expected: the right result. It stays in the judging process. None if no single result is
            right, and the check looks at what the result does.
        hidden: whether students do not have the inputs.
    """

    name: str
    inputs: dict[str, np.ndarray]
    expected: Any  # np.ndarray | None, which every judge would have to tell apart
    hidden: bool = False


def plain(inputs: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Inputs as an answer is given them: those without axes as plain numbers or text."""
    return {
        name: each if np.ndim(each) else np.asarray(each).item() for name, each in inputs.items()
    }


@dataclass(frozen=True)
class Answer:
    """What came back from one probe.

    Attributes:
        returned: an array of real numbers; None if the function returned nothing; or, for
            anything else, an object whose type has the name of what was returned.
        error: what the function raised, "ZeroDivisionError: division by zero"; else empty.
        changed_input: the function wrote into an array it was given.
        changed_model: the model it was given is not what it was.
        lost_precision: why it could be no more exact, as ``lost_precision`` says; empty
            but for the first probe.
        cause: of the error, in a sentence, if it is not in the function itself.
    """

    returned: object
    error: str = ""
    changed_input: bool = False
    changed_model: bool = False
    lost_precision: str = ""
    cause: str = ""


def call_answer(
    function: Callable, call: str, inputs: Mapping[str, np.ndarray]
) -> tuple[object, bool, dict[str, object]]:
    """Call a function in its own process, with copies of the inputs.

    Returns:
        What it returned, whether it changed its model, and what the inputs are afterwards.

    Raises:
        Whatever the function raises.
    """
    __tracebackhide__ = True
    given = plain({name: np.copy(value) for name, value in inputs.items()})
    names = vars(calls) | given | {"answer": function, "model": calls.given_model()}
    try:
        returned = eval(call, names)
    finally:
        changed_model = calls.model_was_changed()
    return returned, changed_model, given


def hand_over(function: Callable, call: str, folder: str, number: int) -> None:
    """In the kernel: call the function with a probe's inputs, and save what ``examine`` will read.

    Saved without pickle, it can be nothing but plain numbers.
    """
    stem = os.path.join(folder, str(number))
    with np.load(f"{stem}.inputs.npz") as stored:
        inputs = dict(stored)
    returned, changed_model, given = call_answer(function, call, inputs)
    if changed_model:
        open(f"{stem}.model", "w").close()
    if number == 0:
        with contextlib.suppress(Exception), open(f"{stem}.precision", "w") as stream:
            from ..tensorflow_quiet import lost_precision

            stream.write(lost_precision())
    with open(f"{stem}.kind", "w") as stream:
        stream.write(type(returned).__name__)
    try:
        array = np.asarray(returned)
    except Exception:
        array = np.asarray(None)
    if array.dtype.kind in "fiu":
        np.save(f"{stem}.answer.npy", array, allow_pickle=False)
    for name, after in given.items():
        np.save(f"{stem}.after.{name}.npy", np.asarray(after), allow_pickle=False)


def examine(
    run: Callable[[str], str],
    function: str,
    call: str,
    probes: Sequence[Probe],
    folder: Path,
    seen: str | None = None,
) -> list[Answer]:
    """Call ``function`` on every probe.

    Args:
        run: executes code in the student's kernel and returns the error it raised, as one line,
            or an empty string. If it raises itself, the kernel is lost, and that goes through.
        function: name of the student's function in the kernel.
        call: the expression that calls it, as ``Check.call``.
        probes: what to call it with.
        folder: a folder that this process and the kernel can both write.
        seen: the kernel's name for it, if that is another.

    Returns:
        One answer for each probe, in order.
    """
    with _exchange(folder) as exchange:
        answers = []
        for number, probe in enumerate(probes):
            inputs = io.BytesIO()
            np.savez(inputs, **probe.inputs)  # type: ignore[arg-type]
            exchange.write(f"{number}.inputs.npz", inputs.getvalue())
            place = os.path.join(seen or str(folder), exchange.folder.name)
            error = run(_CALL.format(function=function, call=call, folder=place, number=number))
            answers.append(Answer(None, error) if error else _read(exchange, number, probe))
        return answers


def _read(exchange: "_Exchange", number: int, probe: Probe) -> Answer:
    changed = False
    for name, before in probe.inputs.items():
        after = _array(exchange.read(f"{number}.after.{name}.npy", LARGEST_ANSWER))
        changed |= after is not None and not np.array_equal(after, before)
    changed_model = exchange.read(f"{number}.model", 0) is not None
    returned: object = _array(exchange.read(f"{number}.answer.npy", LARGEST_ANSWER))
    if returned is None:
        kind = exchange.read(f"{number}.kind", 100) or b""
        name = re.sub(r"\W", "", kind.decode("ascii", "ignore")) or "unreadable object"
        returned = None if name == "NoneType" else type(name, (), {})()
    lost = (exchange.read(f"{number}.precision", 500) or b"").decode("ascii", "ignore")
    lost = "".join(filter(str.isprintable, lost))
    return Answer(returned, "", changed, changed_model, lost)


def _array(content: bytes | None) -> np.ndarray | None:
    """The array in an ``.npy`` file that a stranger wrote; None if there is none to be had."""
    if content is None:
        return None
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError, MemoryError, SyntaxError):
        return None
    return array if isinstance(array, np.ndarray) and array.dtype.kind in "fiu" else None


class _Exchange:
    """A new folder shared with a stranger, who may put links, pipes and other folders into it.

    It is reached through a handle taken when it was made, so nothing else can be put in its place;
    and nothing in it is opened but regular files of a bearable size.
    """

    def __init__(self, folder: Path, handle: int | None):
        self.folder, self._handle = folder, handle

    def _open(self, name: str, flags: int) -> int:
        for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
            flags |= getattr(os, flag, 0)
        path = name if self._handle is not None else self.folder / name
        return os.open(path, flags, 0o644, dir_fd=self._handle)

    def write(self, name: str, content: bytes) -> None:
        with open(self._open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as stream:
            stream.write(content)

    def read(self, name: str, largest: int) -> bytes | None:
        try:
            descriptor = self._open(name, os.O_RDONLY)
        except OSError:
            return None
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > largest:
            os.close(descriptor)
            return None
        with open(descriptor, "rb") as stream:
            return stream.read(largest)


@contextlib.contextmanager
def _exchange(folder: Path) -> Iterator[_Exchange]:
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"exchange-{secrets.token_hex(4)}"
    new.mkdir()
    if os.open not in os.supports_dir_fd:  # Windows
        yield _Exchange(new, None)
        return
    handle = os.open(new, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchmod(handle, 0o777)  # the kernel may run as somebody else
        yield _Exchange(new, handle)
    finally:
        os.close(handle)
