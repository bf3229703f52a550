"""What one student is shown: a single HTML page that asks nothing of the network and runs no code.

The page, laid out in ``feedback.html.jinja``, holds its pictures and its style, and a policy that
lets a browser load nothing else. Whatever came from the student, names, messages, what an error
said, is made visible and escaped.
"""

import io
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from PIL import Image

from ..checking.results import ERROR, FAILED, MISSING, PASSED, Result
from ..files import atomic_write

LONGEST_MESSAGE = 4000  # characters

#: What a status is called, and the sign before it, so that no one has to tell colours apart.
STATUS_WORDS = {
    PASSED: ("✓", "Right"),
    FAILED: ("✗", "Not right yet"),
    MISSING: ("?", "No answer found"),
    ERROR: ("!", "Stopped with an error"),
}

#: Invisible, and yet part of how Persian, Hindi and others are written.
_JOINERS = "\u200c\u200d"
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")

Pictures = Mapping[str, Sequence[tuple[str, str, bytes]]]


def write_feedback(result: Result, pictures: Pictures, path: Path) -> None:
    """Write the page of one submission, whole or not at all.

    Args:
        result: the submission. Its seed is not shown.
        pictures: name of a check to its pictures, each a title, a text for those who cannot see
            it, and a JPEG. They are shown as they are: none may hold a hidden input's map.
        path: the HTML file.
    """
    with atomic_write(path) as temporary:
        temporary.write_bytes(feedback_page(result, pictures).encode())


def feedback_page(result: Result, pictures: Pictures) -> str:
    """The page that ``write_feedback`` writes."""
    versions = ", ".join(
        f"{name} {what}" for name, what in result.versions.items() if not name.endswith("_digest")
    )
    return _page.render(
        result=result,
        pictures={name: [_picture(*each) for each in those] for name, those in pictures.items()},
        status_words=STATUS_WORDS,
        versions=f"Graded with {versions}." if versions else "",
    )


def visible(text: str) -> str:
    r"""The text on one line, with every character that would hide or act written out.

    Line ends, NUL, ANSI escapes, marks that turn the direction of writing and lone surrogates
    become ``\n``, ``\x00``, ``\x1b``, ``\u202e``, ``\udcff``. Different texts stay different, so
    no student can pass for another.
    """
    return "".join(
        c if c.isprintable() or c in _JOINERS else c.encode("unicode_escape").decode()
        for c in str(text)
    )


def readable(message: str, longest: int = LONGEST_MESSAGE) -> str:
    """A message's lines, each ``visible``; ANSI colours dropped, cut to ``longest`` characters."""
    message = str(message)
    cut = message[:longest] + ("…" if len(message) > longest else "")
    # a non-breaking space is invisible to isprintable, and a tab is only a space
    cut = _ANSI.sub("", cut).replace("\t", " ").replace("\xa0", " ")
    return "\n".join(visible(line) for line in cut.splitlines())


def number(points: float) -> str:
    """10.0 as ``10``, 2.5 as ``2.5``."""
    return f"{round(points, 6):.15g}"


def _picture(title: str, alt: str, jpeg: bytes) -> dict:
    """A figure; one much wider than high takes a row, and on a phone is pushed sideways."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        width, height = image.size
    size = {"width": width, "height": height, "wide": width > 600}
    return {"title": title, "alt": alt, "base64": b64encode(jpeg).decode(), **size}


def _shown(value: object) -> Markup:
    """What the page shows of anything that is put into it, unless that is HTML of its own."""
    return value if isinstance(value, Markup) else Markup(escape(visible(str(value))))


def _with_code(message: str) -> Markup:
    """A message's lines; what stands between backticks, as in `return`, is set as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(readable(message))))


_jinja = Environment(
    autoescape=True,
    finalize=_shown,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_jinja.filters["number"] = number
_jinja.filters["sha256"] = lambda text: b64encode(sha256(text.encode()).digest()).decode()
_jinja.filters["with_code"] = _with_code
_page = _jinja.from_string(Path(__file__).with_name("feedback.html.jinja").read_text("utf-8"))
