"""What the tests share: one model and one set of images for a whole run of a worker."""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `import independent`


# libraries to compare with, of which `make setup` does not install all
PEERS = ("torch", "captum", "xplique", "saliency", "tf_keras_vis")
MISSING = [name for name in PEERS if find_spec(name) is None]

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

IN_BROWSER = ["browser", "site/engine", "site/page"]

collect_ignore = [*(["peers"] if MISSING else []), *([] if BROWSER else IN_BROWSER)]


#: What takes minutes, the longest first. Several processes begin with it, so that none is left
#: alone with it when the others are done.
LONGEST = (
    "tests/grading/test_grade.py",
    "tests/making/test_notebooks.py",
    "tests/answers/",
    "tests/test_forms.py",
    "tests/checking/test_plugin.py",
    "tests/making/",
    "tests/grading/",
    "tests/browser/",
    "tests/site/",
    "tests/methods/",
)


def pytest_collection_modifyitems(config, items):
    if hasattr(config, "workerinput"):  # of pytest-xdist
        items.sort(key=lambda item: [not item.nodeid.startswith(name) for name in LONGEST])


def pytest_report_header():
    lines = []
    if MISSING:
        names = ", ".join(MISSING)
        lines.append(f"tests/peers: left out, without {names}; `make peers` installs them")
    if not BROWSER:
        names = ", ".join(f"tests/{name}" for name in IN_BROWSER)
        lines.append(f"{names}: left out, without Chromium (Debian's package chromium)")
    return lines


@pytest.fixture(scope="session")
def playwright():
    """Playwright, of which a process can have one: it is begun here and nowhere else."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=180_000)  # on a machine that other tests keep busy
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright):
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    browser = playwright.chromium.launch(executable_path=BROWSER, args=options)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def model():
    from cs231n_vis import load_squeezenet

    return load_squeezenet()


@pytest.fixture(scope="session")
def images():
    """The 20 sample images, preprocessed, and their labels: X (20, 224, 224, 3), y (20,)."""
    from cs231n_vis import load_imagenet_val, preprocess_image

    X_raw, y, _ = load_imagenet_val()
    return preprocess_image(X_raw), y


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    """An empty datasets folder for one test."""
    folder = tmp_path / "datasets"
    monkeypatch.setenv("CS231N_VIS_DATASETS", str(folder))
    return folder
