"""Sphinx's settings. The folder that it reads is laid out by cs231n_vis.making.book."""

import json
import re
import sys
from pathlib import Path

from pygments.lexers.python import PythonLexer

HERE = Path(__file__).parent
SETTINGS = json.loads((HERE / "settings.json").read_text("utf-8"))
sys.path.insert(0, str(HERE))

project = "cs231n-vis"
author = "the cs231n-vis authors"
project_copyright = "the cs231n-vis authors, MIT licence"
html_title = "Saliency maps, taught"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "formulas",
    "term_links",
]
exclude_patterns = ["whole"]

nb_execution_mode = "off"  # the outputs are stored in the notebooks
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_inline", "html_image"]
myst_heading_anchors = 4
myst_heading_slug_func = "slugs.as_on_github"
myst_dmath_double_inline = True

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_theme_options = {
    "source_repository": SETTINGS["repository"],
    "navigation_with_keys": True,
    "top_of_page_buttons": [],
}
html_baseurl = SETTINGS["site"]
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_extra_path = ["whole"]
html_copy_source = False
html_show_sourcelink = False

html_math_renderer = "katex"
glossary_terms = SETTINGS["terms"]


def mark_code(app, what, name, obj, options, lines):
    """Indented lines of a module's docstring are code."""
    if what == "module":
        text = re.sub(
            r"(?m)^(?=[^ .].*\n\n    \S)(.+\n)", r"\1\n.. code-block:: python\n", "\n".join(lines)
        )
        lines[:] = text.split("\n")


def setup(app):
    app.connect("autodoc-process-docstring", mark_code)
    for mark in ("before", "after"):  # of docs/instructors.md, whose test replaces one by the other
        app.add_lexer(mark, PythonLexer)
