"""A real Chromium, and a real Voilà, JupyterLab and Notebook 7 on this machine."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = ROOT / "build" / "screenshots"
SECONDS = 180  # for a page to be there: TensorFlow is imported, on a machine that tests keep busy


class Server:
    """A server in a process of its own, with what it printed."""

    def __init__(self, *command, log: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = log
        noise = {"TF_CPP_MIN_LOG_LEVEL": "3"}
        with open(log, "w") as stream:
            self._process = subprocess.Popen(
                [sys.executable, *command, f"--port={self.port}", "--no-browser"],
                cwd=ROOT,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env=os.environ | noise,
                start_new_session=True,
            )

    def wait(self, path: str = "/") -> None:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(self.address + path, timeout=SECONDS).close()
                return
            except OSError:
                assert self._process.poll() is None, self.log.read_text()
                time.sleep(0.3)
        raise TimeoutError(self.log.read_text())

    def complaints(self) -> list[str]:
        words = ("Traceback", "Error", "Exception")
        return [line for line in self.log.read_text().splitlines() if any(w in line for w in words)]

    def stop(self) -> None:
        """End the server and its kernels, which are processes of their own."""
        server = psutil.Process(self._process.pid)
        everyone = [*server.children(recursive=True), server]
        server.terminate()
        _, alive = psutil.wait_procs(everyone, 10)
        for process in alive:
            process.kill()


@pytest.fixture(scope="session")
def voila(tmp_path_factory):
    log = tmp_path_factory.mktemp("voila") / "log"
    server = Server("-m", "voila", "notebooks/explore.ipynb", log=log)
    server.wait("/voila/static/voila.js")
    yield server
    server.stop()


def start_jupyter(app: str, place: Path) -> Server:
    """``"lab"`` or ``"notebook"`` on a copy of the notebooks in ``place``: the real ones stay."""
    shutil.copytree(ROOT / "notebooks", place / "notebooks", ignore=shutil.ignore_patterns("s*"))
    token = secrets.token_hex(8)
    module, name, path = {
        "lab": ("jupyterlab", "LabApp", "/lab/tree/notebooks/explore.ipynb"),
        "notebook": ("notebook", "JupyterNotebookApp", "/notebooks/notebooks/explore.ipynb"),
    }[app]
    server = Server(
        *("-m", module, "--allow-root", f"--IdentityProvider.token={token}"),
        *(f"--ServerApp.root_dir={place}", "--LabApp.news_url=None"),
        f"--{name}.expose_app_in_browser=True",  # so that a test can wait for the kernel
        log=place / "log",
    )
    server.explorer = f"{server.address}{path}?token={token}"
    server.wait("/api")
    return server


@pytest.fixture(params=["lab", "notebook"])
def jupyter(request, tmp_path):
    """JupyterLab, then Notebook 7."""
    server = start_jupyter(request.param, tmp_path)
    yield server
    server.stop()


class Page:
    """A page with the explorer in it, and what a person does there."""

    def __init__(self, page):
        self.page, self.errors = page, []
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._listen)

    def _listen(self, message):
        if message.type == "error":
            self.errors.append(message.text)

    def kernel_is_ready(self):
        """Wait, in JupyterLab or Notebook 7, for the notebook and for its kernel's first answer."""
        self.page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext")
        self.page.evaluate(
            "async () => { const app = window.jupyterapp, panel = app.shell.currentWidget;"
            " await app.restored; await panel.context.ready; await panel.revealed;"
            " await panel.sessionContext.ready; await panel.sessionContext.session.kernel.info; }"
        )

    def run_all(self):
        """Run all cells by the command of the menu: keys that come too early are lost."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def picture_of_the_saved_map(self):
        """Wait for it; the network is still loading."""
        self.page.wait_for_function(
            "document.querySelectorAll('.cs231n-picture img[data-drawn]').length >= 2"
        )
        assert "Loading" in self.status()

    def ready(self):
        """Wait for the first map."""
        self.page.wait_for_function(
            "document.querySelectorAll('.cs231n-picture img[data-drawn]').length >= 2"
        )
        self.idle()

    def idle(self):
        """Wait until nothing is computed any more."""
        self.page.wait_for_function(
            "[...document.querySelectorAll('.cs231n-explorer [role=status]')]"
            ".every(s => !/Comput|Load/.test(s.textContent))"
        )

    def picture(self, number):
        return self.page.locator(".cs231n-picture img").nth(number)

    def drawn(self, number):
        return int(self.picture(number).get_attribute("data-drawn") or 0)

    def redrawn(self, number, before):
        self.page.wait_for_function(
            "([n, before]) => Number(document.querySelectorAll('.cs231n-picture img')[n]"
            ".dataset.drawn) > before",
            arg=[number, before],
        )

    def slider(self, label):
        return self.page.get_by_role("slider", name=label, exact=True)

    def status(self):
        return self.page.locator(".cs231n-explorer [role=status]").inner_text()

    def caption(self, number):
        return self.page.locator(".cs231n-picture figcaption").nth(number)

    def shot(self, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture(scope="session")
def opened(chromium, voila):
    """The explorer as a page of its own, opened once."""
    page = Page(chromium.new_page())
    page.page.goto(voila.address, timeout=SECONDS * 1000)
    page.ready()
    yield page
    page.page.close()


@pytest.fixture
def page(opened):
    """That page as it was when it was opened, in the size of a small screen."""
    opened.page.set_viewport_size({"width": 1280, "height": 720})
    opened.page.get_by_role("button", name="Reset").click()
    for name in ("drum", "Bullmastiff"):  # another one first, so that the map is a new one
        opened.page.get_by_role("radio", name=name).click()
        expect(opened.caption(1)).to_have_text(f"saliency: {name}")
    opened.idle()
    opened.errors.clear()
    return opened
