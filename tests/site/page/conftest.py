"""The explorer as a static page, built once, served below a path, in a real Chromium."""

import base64
import fcntl
import functools
import io
import os
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from browser.conftest import SCREENSHOTS
from PIL import Image
from playwright.sync_api import expect

from cs231n_vis.making.page import SOURCES, build_page


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder with the page, which all test processes of a run have in common."""
    common = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = common.parent
    with (common / "page.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (common / "page" / "index.html").is_file():
            build_page(common / "page")
    return common / "page"


class Handler(SimpleHTTPRequestHandler):
    """Folders below paths, as a web server has them that serves more than this page."""

    def __init__(self, *args, folders, asked, **kwargs):
        self.folders, self.asked = folders, asked
        super().__init__(*args, **kwargs)

    def translate_path(self, path):
        self.asked.append(path)
        for prefix, folder in self.folders.items():
            if path.startswith(prefix):
                self.directory = str(folder)
                return super().translate_path("/" + path[len(prefix) :])
        return "/no such file"

    def log_message(self, *args):
        pass


class Served:
    def __init__(self, folders):
        self.asked = []
        handler = functools.partial(Handler, folders=folders, asked=self.asked)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture(scope="session")
def sources(chromium):
    """A page from which the sources' modules can be imported: no network, no build."""
    server = Served({"/source/": SOURCES})
    tab = chromium.new_page()
    tab.goto(f"{server.address}/source/fonts/OFL.txt")
    yield Modules(tab)
    tab.close()
    server.stop()


PACK = """
const pack = (array) => ({ kind: array.constructor.name,
  bytes: new Uint8Array(array.buffer).toBase64?.() ?? btoa(Array.from(new Uint8Array(array.buffer),
    (byte) => String.fromCharCode(byte)).join("")) });
const unpack = ({ kind, bytes }) => new globalThis[kind](
  Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0)).buffer);
"""
KINDS = {"uint8": "Uint8ClampedArray", "float32": "Float32Array", "float64": "Float64Array"}


class Modules:
    def __init__(self, tab):
        self.tab = tab

    def run(self, module, body, *given):
        """What a function body returns that has the module as ``m`` and what is ``given`` as
        ``a``; arrays go and come as they are, flat."""
        arrays = [
            {"kind": KINDS[each.dtype.name], "bytes": base64.b64encode(each.tobytes()).decode()}
            if isinstance(each, np.ndarray)
            else each
            for each in given
        ]
        answer = self.tab.evaluate(
            "async ([name, given]) => {" + PACK + "const m = await import(name);"
            "const a = given.map((x) => (x?.bytes ? unpack(x) : x));"
            f"const result = await (async () => {{ {body} }})();"
            "return ArrayBuffer.isView(result) ? pack(result) : result; }",
            [f"/source/{module}.js", arrays],
        )
        if isinstance(answer, dict) and answer.keys() == {"kind", "bytes"}:
            dtype = next(name for name, kind in KINDS.items() if kind == answer["kind"])
            return np.frombuffer(base64.b64decode(answer["bytes"]), dtype)
        return answer


class Explorer:
    """The page in a tab, and what a person does there."""

    def __init__(self, browser, address, **options):
        options = {"viewport": {"width": 1280, "height": 720}, "color_scheme": "light"} | options
        self.context = browser.new_context(**options)
        self.address, self.errors = address, []
        self.context.on("request", self._request)
        self.tab = self.context.new_page()
        self.tab.set_default_timeout(30_000)
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("console", self._listen)

    def _request(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.errors.append(f"asked for {request.url}")

    def _listen(self, message):
        if message.type in ("error", "warning") and "blocked by Playwright" not in message.text:
            self.errors.append(message.text)

    def open(self, link=""):
        self.tab.goto("about:blank")
        self.tab.goto(self.address + link)
        self.idle()
        return self

    def follow(self, link):
        """Go to a link without loading the page again."""
        self.tab.evaluate(
            "(link) => location.hash === link || new Promise((done) => {"
            " addEventListener('hashchange', () => setTimeout(done), { once: true });"
            " location.hash = link; })",
            link,
        )

    def idle(self):
        """Wait until all that was asked for is there and drawn."""
        expect(self.tab.locator("html")).to_have_attribute("data-busy", "false")
        self.tab.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

    def picture(self, number):
        """What a canvas holds, uint8 (224, 224, 3)."""
        png = self.tab.evaluate(
            "(n) => document.querySelectorAll('canvas')[n].toDataURL('image/png')", number
        )
        file = io.BytesIO(base64.b64decode(png.partition(",")[2]))
        return np.asarray(Image.open(file).convert("RGB"))

    def part(self, name):
        """Open a part of the controls."""
        self.tab.get_by_role("tab", name=name).click()

    def set(self, label, value):
        """Move a slider there, as a pointer does."""
        self.tab.get_by_label(label, exact=True).evaluate(
            "(e, value) => { e.value = value; e.dispatchEvent(new Event('input')) }", value
        )

    def caption(self, number):
        return self.tab.locator("figcaption").nth(number)

    def guess(self, number=0):
        return self.tab.locator("#guesses button").nth(number)

    def shot(self, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.tab.screenshot(path=SCREENSHOTS / f"page-{name}.png")


@pytest.fixture(scope="session")
def new_server(built):
    """Servers that have the page as a project's site has it, below a path."""
    servers = []

    def new():
        servers.append(Served({"/cs231n-vis/explorer/": built}))
        servers[-1].page = f"{servers[-1].address}/cs231n-vis/explorer/"
        return servers[-1]

    yield new
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def served(new_server):
    return new_server()


@pytest.fixture(scope="session")
def _opened(chromium, served):
    page = Explorer(chromium, served.page, service_workers="block", accept_downloads=True).open()
    yield page
    page.context.close()


@pytest.fixture
def new_page(chromium, served):
    """Tabs of their own, with a browser's options."""
    pages = []

    def new(address=served.page, **options):
        pages.append(Explorer(chromium, address, **options))
        return pages[-1]

    yield new
    for page in pages:
        page.context.close()


@pytest.fixture
def page(_opened):
    """One tab for all that need no other, with the first picture in it; it must not complain."""
    _opened.follow("#image=1")  # another one first: a photo is in no link
    _opened.follow("#")
    _opened.tab.evaluate("scrollTo(0, 0); document.activeElement.blur()")
    _opened.part("Method")
    _opened.idle()
    _opened.errors.clear()
    yield _opened
    assert _opened.errors == []
