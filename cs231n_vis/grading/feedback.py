"""What one student is shown: a single HTML page that asks nothing of the network and runs no code.

The page, laid out in ``feedback.html.jinja``, holds its pictures and its style, and a policy that
lets a browser load nothing else. Whatever came from the student, names, messages, what an error
said, is made visible and escaped.
"""

import io
import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt  # of which rich is made
from markupsafe import Markup
from PIL import Image

from ..checking.results import (
    ADJUSTED,
    ERROR,
    FAILED,
    LATE,
    MARKED,
    MISSING,
    PASSED,
    WAITING,
    Result,
)
from ..files import atomic_write

LONGEST_MESSAGE = 4000  # characters

#: What a status is called, and the sign before it, so that no one has to tell colours apart.
STATUS_WORDS = {
    PASSED: ("✓", "Right"),
    FAILED: ("✗", "Not right yet"),
    MISSING: ("?", "No answer found"),
    ERROR: ("!", "Stopped with an error"),
    MARKED: ("✎", "Marked by hand"),
    WAITING: ("…", "Not marked yet"),
    ADJUSTED: ("±", "Adjusted by hand"),
    LATE: ("◷", "Late"),
}

#: What the parts of a check are called.
PARTS = {
    "shape": "an array of the right kind and shape",
    "known": "right with the known inputs",
    "hidden": "right with inputs that you do not have",
}

#: Invisible, and yet part of how Persian, Hindi and others are written.
_JOINERS = "\u200c\u200d"
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")


def picture_of(check: str, folder: Path) -> Path:
    """Where the picture of a wrong answer is kept: a JPEG, never of a hidden input."""
    return folder / "pictures" / f"{check}.jpg"


def write_feedback(result: Result, folder: Path) -> None:
    """Write ``feedback.html`` of one submission, whole or not at all.

    Args:
        result: the submission. Its seed is not shown.
        folder: of the submission, with the pictures of its checks.
    """
    with atomic_write(folder / "feedback.html") as temporary:
        temporary.write_bytes(feedback_page(result, folder).encode())


def feedback_page(result: Result, folder: Path) -> str:
    """The page that ``write_feedback`` writes."""
    versions = ", ".join(
        f"{name} {what}" for name, what in result.versions.items() if not name.endswith("_digest")
    )
    return page(
        "feedback.html.jinja",
        result=result,
        pictures={
            check.name: picture_in_page(picture_of(check.name, folder), check.picture)
            for check in result.checks
            if check.picture and picture_of(check.name, folder).is_file()
        },
        status_words=STATUS_WORDS,
        parts=PARTS,
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


def picture_in_page(path: Path, alt: str) -> dict:
    """A figure; one much wider than high takes a row, and on a phone is pushed sideways."""
    jpeg = path.read_bytes()
    title = alt.partition(", for ")[0].rstrip(".")
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


_markdown = MarkdownIt("commonmark", {"html": False})
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
#: Of the course's own text; HTML in it is shown as it stands, as text.
_jinja.filters["markdown"] = lambda text: Markup(_markdown.render(text))
_jinja.filters["safe_json"] = Markup  # of ``marking._in_script``


def page(template: str, **shown: object) -> str:
    """A page of this room's templates; what is put into it is made visible and escaped."""
    text = Path(__file__).with_name(template).read_text("utf-8")
    return _jinja.from_string(text).render(**shown)
