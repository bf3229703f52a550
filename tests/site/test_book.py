"""The book: what is in it, where its links lead, what it asks for."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
FETCHED = {("img", "src"), ("script", "src"), ("iframe", "src"), ("source", "src")}


class Page(HTMLParser):
    """A page's anchors, its links and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        is_style = tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload")
        self.loads += [given["href"]] if is_style else []
        self.loads += [value for name, value in given.items() if (tag, name) in FETCHED]


def pages_of_the_book(site):
    return [Page(p) for p in sorted(site.rglob("*.html")) if "explorer" not in p.parts]


def test_every_notebook_and_every_page_for_reading_is_in_the_book(site):
    notebooks = [path.stem for path in (ROOT / "notebooks" / "solutions").glob("*.ipynb")]
    assert len(notebooks) == 7
    docs = ["glossary", "methods", "metrics", "keras_vis", "instructors", "grading", "architecture"]
    wanted = [*(f"notebooks/{name}" for name in notebooks), *(f"docs/{name}" for name in docs)]
    assert [name for name in wanted if not (site / f"{name}.html").is_file()] == []


def test_no_page_loads_anything_from_another_server(site):
    loaded = {load for page in pages_of_the_book(site) for load in page.loads}
    assert loaded
    assert [load for load in loaded if re.match(r"(https?:)?//", load)] == []
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import )['\"]?(https?:)?//", style.read_text("utf-8")), style


def test_every_link_within_the_book_leads_somewhere(site):
    pages = {page.path: page for page in pages_of_the_book(site)}
    broken = []
    for page in pages.values():
        for link in {*page.links, *page.loads}:
            if re.match(r"[a-z]+:|$", link):
                continue
            target, _, anchor = unquote(link).partition("#")
            target = re.sub(r"\?.*", "", target)
            path = (page.path.parent / target).resolve() if target else page.path
            path = path / "index.html" if path.is_dir() else path
            if not path.is_file() or (anchor and anchor not in pages[path].anchors):
                broken.append(f"{page.path.relative_to(site)}: {link}")
    assert broken == []
