"""What one student is shown: a single HTML page that asks nothing of the network and runs no code.

The page holds its pictures and its style, and a policy that lets a browser load nothing else.
Whatever came from the student, names, messages, what an error said, is made visible and escaped.
"""

import io
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template

from PIL import Image

from ..files import atomic_write
from .results import ERROR, FAILED, MISSING, PASSED, CheckResult, Result

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

_STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --card: #f6f7f9; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de;
  --passed: #116329; --failed: #a40e26; --missing: #7a4b00; --error: #5a32a3;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --card: #1d2229; --ink: #e6e8eb; --soft: #a3adb8; --line: #3a424c;
    --passed: #5bd16c; --failed: #ff938a; --missing: #e3b341; --error: #d2a8ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 66rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
  overflow-wrap: anywhere;
}
h1 { margin: 0 0 1rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 0; font-size: 1.2rem; }
dl { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin: 0 0 1.5rem; }
dt { color: var(--soft); font-size: .875rem; }
dd { margin: 0; font-size: 1.2rem; font-weight: 600; }
section {
  margin: 0 0 1.25rem; padding: 1rem 1.25rem 1.25rem; background: var(--card);
  border: 1px solid var(--line); border-left: .375rem solid var(--status); border-radius: .5rem;
}
section > header {
  display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1.5rem;
}
.passed { --status: var(--passed); } .failed { --status: var(--failed); }
.missing { --status: var(--missing); } .error { --status: var(--error); }
.status { margin: .25rem 0 0; color: var(--status); font-weight: 600; }
.points { color: var(--soft); white-space: nowrap; }
.message { margin: .75rem 0 0; max-width: 46rem; white-space: pre-line; }
code { padding: .1em .3em; background: var(--paper); border-radius: .25rem; font-size: .9em; }
.pictures {
  display: grid; gap: 1rem; margin-top: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr));
}
figure { margin: 0; min-width: 0; }
figure.wide { grid-column: 1 / -1; }
figcaption { margin-bottom: .375rem; font-weight: 600; }
.frame { overflow-x: auto; background: #ffffff; border: 1px solid var(--line); }
.frame:focus-visible { outline: .1875rem solid var(--ink); outline-offset: .125rem; }
img { display: block; width: 100%; height: auto; }
figure.single { max-width: 24rem; }
.wide img { min-width: 38rem; }
footer { color: var(--soft); font-size: .875rem; }
@media print {
  body { max-width: none; padding: 0; font-size: 11pt; }
  section { background: none; }
  .pictures, figure, header { break-inside: avoid; }
  .frame { overflow: visible; }
  .wide img { min-width: 0; }
}
"""

_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()

_PAGE = Template(
    """<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'sha256-$hash'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>$assignment, $student: $score</title>
<style>$style</style>
</head>
<body>
<main>
<h1>Feedback on <bdi>$assignment</bdi></h1>
<dl>
<div><dt>Student</dt><dd><bdi>$student</bdi></dd></div>
<div><dt>Score</dt><dd>$score</dd></div>
</dl>
$sections
</main>
<footer>$versions</footer>
</body>
</html>
"""
)


def write_feedback(
    result: Result,
    pictures: Mapping[str, Sequence[tuple[str, str, bytes]]],
    path: Path,
) -> None:
    """Write the page of one submission, whole or not at all.

    Args:
        result: the submission. Its seed is not shown.
        pictures: name of a check to its pictures, each a title, a text for those who cannot see
            it, and a JPEG. They are shown as they are: none may hold a hidden input's map.
        path: the HTML file.
    """
    with atomic_write(path) as temporary:
        temporary.write_bytes(feedback_page(result, pictures).encode())


def feedback_page(result: Result, pictures: Mapping[str, Sequence[tuple[str, str, bytes]]]) -> str:
    """The page that ``write_feedback`` writes."""
    graded = result.status == "graded"
    sections = [_check(check, pictures.get(check.name, ())) for check in result.checks]
    if not graded:
        sections.insert(0, _notice("error", "! This submission was not graded", result.message))
    elif result.message:
        sections.insert(0, _notice("missing", "About the whole notebook", result.message))
    versions = [
        f"{visible(name)} {visible(what)}"
        for name, what in result.versions.items()
        if not name.endswith("_digest")
    ]
    score = f"{number(result.score)} of {number(result.max_score)} points"
    return _PAGE.substitute(
        hash=_HASH,
        style=_STYLE,
        student=escape(visible(result.student)),
        assignment=escape(visible(result.assignment)),
        score=score if graded else "not graded",
        sections="\n".join(sections),
        versions=escape(f"Graded with {', '.join(versions)}." if versions else ""),
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


def _check(check: CheckResult, pictures: Sequence[tuple[str, str, bytes]]) -> str:
    sign, words = STATUS_WORDS.get(check.status, ("!", visible(check.status)))
    kind = check.status if check.status in STATUS_WORDS else ERROR
    points = f"{number(check.points)} of {number(check.max_points)} points"
    shown = "".join(_picture(*picture) for picture in pictures)
    return (
        f'<section class="{kind}">\n<header><h2>{escape(visible(check.name))}</h2> '
        f'<span class="points">{points}</span></header>\n'
        f'<p class="status"><span aria-hidden="true">{sign}</span> {escape(words)}</p>\n'
        + _message(check.message)
        + (f'<div class="pictures">\n{shown}</div>\n' if shown else "")
        + "</section>"
    )


def _notice(kind: str, title: str, message: str) -> str:
    return f'<section class="{kind}">\n<h2>{escape(title)}</h2>\n{_message(message)}</section>'


def _message(message: str) -> str:
    """A paragraph; what stands between backticks, as in `return`, is set as code."""
    text = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(readable(message)))
    return f'<p class="message" dir="auto">{text}</p>\n' if text else ""


def _picture(title: str, alt: str, jpeg: bytes) -> str:
    """A figure; one much wider than high takes a row, and on a phone is pushed sideways."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        width, height = image.size
    title, alt = escape(readable(title)), escape(readable(alt))
    wide = width > 600
    # what scrolls must be within reach of the keyboard, and so needs a name
    reach = f' tabindex="0" role="region" aria-label="{title}"' if wide else ""
    kind = "wide" if wide else "single"
    return (
        f'<figure class="{kind}"><figcaption>{title}</figcaption>'
        f'<div class="frame"{reach}><img alt="{alt}" width="{width}" height="{height}" '
        f'src="data:image/jpeg;base64,{b64encode(jpeg).decode()}"></div></figure>\n'
    )
