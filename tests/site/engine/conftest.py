"""The engine of the static page in a real Chromium, under a page without anything to see."""

import base64
import functools
import http.server
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from cs231n_vis.making.page import build_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = ["--no-sandbox", "--disable-background-networking", "--disable-sync"]


class _Files(http.server.SimpleHTTPRequestHandler):
    def guess_type(self, path):  # not every machine has these in its table
        kinds = {".js": "text/javascript", ".wasm": "application/wasm"}
        return kinds.get(Path(path).suffix) or super().guess_type(path)

    def log_message(self, *_):
        pass


def serve(folder: Path) -> http.server.ThreadingHTTPServer:
    """A plain server of files; its address is ``address``."""
    handler = functools.partial(_Files, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.address = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("engine") / "page"
    build_page(folder, Path(__file__).parent / "bare")
    return folder


@pytest.fixture(scope="session")
def address(built):
    server = serve(built)
    yield server.address
    server.shutdown()


@pytest.fixture(scope="session")
def browser(playwright):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def page(browser, address):
    """The page, opened once; nothing may go wrong in it."""
    page = browser.new_page()
    page.set_default_timeout(300_000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.goto(address)
    yield page
    assert errors == []


def floats(text: str) -> np.ndarray:
    """The numbers of an array of the page."""
    return np.frombuffer(base64.b64decode(text), "<f4")
