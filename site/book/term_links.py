"""On each page, the first time that a term of the glossary is used, it becomes a link to it."""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

LINKED = ("notebooks/", "docs/methods", "docs/metrics", "index", "the_explorer")
#: Text in these is left alone.
NOT_IN = (
    nodes.FixedTextElement,
    nodes.Inline,
    nodes.title,
    nodes.raw,
    nodes.caption,
    nodes.rubric,
)
STILL_IN = (nodes.emphasis, nodes.strong)  # though they are Inline


class LinkTerms(SphinxTransform):
    """Link the first use of each term."""

    default_priority = 900  # when all that is written is there, and before anything is resolved

    def apply(self) -> None:
        if not self.env.docname.startswith(LINKED):
            return
        if self.env.docname != "the_explorer":
            self._link_explorer()
        waiting = {term.lower(): term for term in self.config.glossary_terms}
        for text in list(self.document.findall(nodes.Text)):
            if waiting and not self._is_left_alone(text):
                self._link(text, waiting)

    @staticmethod
    def _is_left_alone(text: nodes.Text) -> bool:
        node = text.parent
        while node is not None:
            if isinstance(node, NOT_IN) and not isinstance(node, STILL_IN):
                return True
            node = node.parent
        return False

    def _link_explorer(self) -> None:
        """Where the text says ``explore(...)``, the explorer is one click away."""
        for code in list(self.document.findall(nodes.literal)):
            if code.astext().startswith("explore("):
                link = pending_xref(
                    "",
                    code.deepcopy(),
                    refdomain="std",
                    reftype="doc",
                    reftarget="/the_explorer",
                    refdoc=self.env.docname,
                    refexplicit=True,
                    refwarn=True,
                )
                code.parent.replace(code, link)

    def _link(self, text: nodes.Text, waiting: dict[str, str]) -> None:
        words = "|".join(
            re.escape(term).replace(r"\ ", r"\s+") for term in sorted(waiting, key=len)[::-1]
        )
        parts, end = [], 0
        for found in re.finditer(rf"(?i)(?<![\w-])({words})(?:e?s)?(?![\w-])", text):
            term = waiting.pop(" ".join(found[1].lower().split()), None)
            if term is None:
                continue  # twice in this text
            parts.append(nodes.Text(text[end : found.start()]))
            link = pending_xref(
                "",
                nodes.inline("", found[0], classes=["std", "std-term"], term=term),
                refdomain="std",
                reftype="term",
                reftarget=term,
                refdoc=self.env.docname,
                refexplicit=True,
                refwarn=True,
            )
            parts.append(link)
            end = found.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def say_what_it_is(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give each link to a term its explanation, which a mouse shows."""
    for link in doctree.findall(nodes.reference):
        for text in link.findall(nodes.inline):
            if "term" in text:
                link["reftitle"] = app.config.glossary_terms[text["term"]]


def setup(app: Sphinx) -> dict:
    app.add_config_value("glossary_terms", {}, "env")
    app.add_transform(LinkTerms)
    app.connect("doctree-resolved", say_what_it_is)
    return {"version": "1", "parallel_read_safe": True}
