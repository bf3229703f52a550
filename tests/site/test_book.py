"""The book: what is in it, where its links lead, what it asks for."""

import functools
import re
import threading
from html import unescape
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

import cs231n_vis
from cs231n_vis.making.addresses import read_addresses
from cs231n_vis.making.release import SOLUTION, read_source

ROOT = Path(__file__).resolve().parents[2]
STRAIGHT = str.maketrans("“”‘’", "\"\"''")
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
            if not path.is_file() or (
                anchor and path in pages and anchor not in pages[path].anchors
            ):
                broken.append(f"{page.path.relative_to(site)}: {link}")
    assert broken == []


def test_a_notebook_has_its_pictures_and_its_checks_and_answers_are_folded(site):
    text = (site / "notebooks" / "01_saliency_maps.html").read_text("utf-8")
    assert text.count('src="pictures/') == 5
    assert "data:image" not in text
    assert "5 of 5 maps agree with the saved maps" in text
    assert "### BEGIN SOLUTION" not in text
    for answer in ("tf.gather_nd(scores, ", "Almost zero: "):
        before = without_tags(text)[: without_tags(text).index(answer.replace(" ", ""))]
        assert re.search(r"(Modelanswer|Showthemodelanswer.*?)", before[-2000:])
    assert text.count("<details") == text.count("</details>") > 8


def test_terms_of_the_glossary_are_linked_once_on_a_page_and_say_what_they_are(site):
    text = (site / "notebooks" / "01_saliency_maps.html").read_text("utf-8")
    links = re.findall(r'href="\.\./docs/glossary\.html#term-([\w-]+)" title="([^"]+)"', text)
    terms = [term for term, _ in links]
    assert len(terms) == len(set(terms)) > 8
    assert dict(links)["ReLU"].startswith("Max(0, x).")
    glossary = without_tags((site / "docs" / "glossary.html").read_text("utf-8"))
    for entry in (ROOT / "docs" / "glossary.md").read_text("utf-8").split("**: ")[1:]:
        said = re.sub("[*`]", "", entry.partition("\n\n")[0].translate(STRAIGHT))
        assert "".join(said.split())[1:] in glossary  # but for the first letter, a capital there


def test_every_public_name_is_on_a_page_of_the_package(site):
    text = "".join(path.read_text("utf-8") for path in (site / "api").glob("*.html"))
    described = set(re.findall(r'id="(cs231n_vis[\w.]+)"', text))
    for package in (cs231n_vis, cs231n_vis.methods, cs231n_vis.metrics):
        modules = {"check", "explorer", "keras_vis", "methods", "metrics", "plots", "vis"}
        names = {f"{package.__name__}.{n}" for n in package.__all__ if n not in modules}
        assert names - described - {"cs231n_vis.__version__"} == set()


def test_a_notebook_can_be_opened_elsewhere_and_taken_along_without_its_answers(site):
    addresses = read_addresses(ROOT)
    text = (site / "notebooks" / "02_fooling_images.html").read_text("utf-8")
    assert f'href="{addresses.colab("02_fooling_images")}"' in text
    assert f'href="{addresses.binder("02_fooling_images")}"' in text
    given = site / "notebooks" / "students" / "02_fooling_images.ipynb"
    assert given.read_bytes() == (ROOT / "notebooks" / given.name).read_bytes()


@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_scrolls_sideways_fails_or_asks_another_server(site, chromium, width):
    handler = functools.partial(Quiet, directory=site)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}/"
    page = chromium.new_page(viewport={"width": width, "height": 800})
    wrong = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith((home, "data:")) else wrong.append(r.url))
    for path in [page.path.relative_to(site) for page in pages_of_the_book(site)]:
        if path.name == "the_explorer.html":
            continue  # the page that it frames has tests of its own
        page.goto(f"{home}{path}")
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            wrong.append(f"{path} is {wide} pixels wide")
    page.close()
    server.shutdown()
    assert wrong == []


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


# --- without answers --------------------------------------------------------------------------


def without_tags(html: str) -> str:
    """The text of a page, without any space."""
    return "".join(unescape(re.sub(r"<[^>]*>", "", html)).translate(STRAIGHT).split())


def model_answers():
    """Lines and sentences of model answers that students are given nowhere."""
    given = "".join(p.read_text("utf-8") for p in (ROOT / "notebooks").glob("*.ipynb"))
    given = "".join(given.replace('\\"', '"').split())
    for source in sorted((ROOT / "notebooks" / "source").glob("0*.py")):
        notebook = read_source(source)
        for cell in notebook.cells:
            if not cell.metadata.get("nbgrader", {}).get("solution"):
                continue
            if cell.cell_type == "code":
                parts = SOLUTION.search(cell.source)[0].splitlines()[1:-1]
            else:
                parts = re.split(r"(?<=[.?!])\s|\$[^$]*\$", re.sub(r"[*_`]", "", cell.source))
            for part in parts:
                if len(part.strip()) > 24 and (bare := "".join(part.split())) not in given:
                    yield bare


def test_the_site_without_answers_has_none_anywhere(site, site_without_answers):
    answers = set(model_answers())
    assert len(answers) > 150

    def leaked(folder):
        found = set()
        for path in folder.rglob("*"):
            if path.suffix in (".html", ".js", ".json", ".ipynb", ".txt", ".md", ".py"):
                text = path.read_text("utf-8").replace('\\"', '"')
                text = without_tags(text) if path.suffix == ".html" else "".join(text.split())
                found |= {answer for answer in answers if answer in text}
        return found

    assert len(leaked(site)) > 0.9 * len(answers)  # so it would be found
    assert leaked(site_without_answers) == set()
    assert not (site_without_answers / "docs" / "instructors.html").exists()
