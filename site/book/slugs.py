"""The anchors of headings, so that a link that holds on GitHub holds in the book."""

import unicodedata


def as_on_github(title: str) -> str:
    """The anchor of a heading: of its signs only letters, digits, joins and hyphens are kept."""
    kept = (
        sign
        for sign in title.strip().lower()
        if sign in " -"
        or unicodedata.category(sign)[:1] in "LM"
        or unicodedata.category(sign) in ("Nd", "Pc")
    )
    return "".join(kept).replace(" ", "-")
