"""The explorer as a static page, built once, served below a path, in a real Chromium."""

import base64
import fcntl
import functools
import os
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from browser.conftest import chromium  # noqa: F401

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
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def sources(chromium):  # noqa: F811
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
