"""Formulas are drawn by KaTeX when the book is built, so that a page needs no script for them."""

import json
import re
import subprocess
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

FORMULA = re.compile(r'<(span|div) class="math formula">(.*?)</\1>', re.DOTALL)
DRAW = """
const [katex, formulas] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const draw = ([kind, latex]) =>
  require(katex).renderToString(latex, { displayMode: kind === "div", strict: "error" });
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
    asked = json.dumps([app.config.katex, [(kind, unescape(latex)) for kind, latex in found]])
    ended = subprocess.run(
        [app.config.node, "-e", DRAW], input=asked, capture_output=True, encoding="utf-8"
    )
    if ended.returncode:
        raise ExtensionError(f"KaTeX could not draw a formula: {ended.stderr}")
    drawn = dict(zip(found, json.loads(ended.stdout), strict=True))
    for path, text in texts.items():
        new = FORMULA.sub(lambda f: f'<{f[1]} class="math">{drawn[f[1], f[2]]}</{f[1]}>', text)
        if new != text:
            path.write_text(new, "utf-8")


def setup(app: Sphinx) -> dict:
    app.add_html_math_renderer("katex", (in_text, None), (displayed, None))
    app.add_config_value("node", "node", "html", str)
    app.add_config_value("katex", "katex", "html", str)
    app.add_css_file("katex/katex.min.css")
    app.connect("build-finished", draw_all)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
