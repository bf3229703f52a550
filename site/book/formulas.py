"""Formulas are drawn by KaTeX when the book is built, so that a page needs no script for them."""

import json
import re
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from cs231n_vis.making.node import run

FORMULA = re.compile(r'<(span|div) class="math formula">(.*?)</\1>', re.DOTALL)
DRAW = """
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
const draw = ([kind, latex]) =>
  require("katex").renderToString(latex, { displayMode: kind === "div", strict: "error" });
process.stdout.write(JSON.stringify(formulas.map(draw)));
"""


def in_text(writer, node):
    writer.body.append(f'<span class="math formula">{escape(node.astext())}</span>')
    raise nodes.SkipNode


def displayed(writer, node):
    writer.body.append(f'<div class="math formula">{escape(node.astext())}</div>')
    raise nodes.SkipNode


def draw_all(app: Sphinx, exception: Exception | None) -> None:
    """Put KaTeX's drawing in the place of each formula, all of the book in one go."""
    if exception:
        return
    texts = {path: path.read_text("utf-8") for path in Path(app.outdir).rglob("*.html")}
    found = list(dict.fromkeys(pair for text in texts.values() for pair in FORMULA.findall(text)))
    asked = json.dumps([(kind, unescape(latex)) for kind, latex in found])
    try:
        said = run("--input-type=commonjs", "-e", DRAW, given=asked)
    except ValueError as problem:
        raise ExtensionError(f"KaTeX could not draw a formula: {problem}") from problem
    drawn = dict(zip(found, json.loads(said), strict=True))
    for path, text in texts.items():
        new = FORMULA.sub(lambda f: f'<{f[1]} class="math">{drawn[f[1], f[2]]}</{f[1]}>', text)
        if new != text:
            path.write_text(new, "utf-8")


def setup(app: Sphinx) -> dict:
    app.add_html_math_renderer("katex", (in_text, None), (displayed, None))
    app.add_css_file("katex/katex.min.css")
    app.connect("build-finished", draw_all)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
