"""How the explorer feels: medians from a real browser, and the kernel's memory.

    python benchmarks/bench_explorer.py [--seconds 60]

It needs Chromium (Debian's package `chromium`) and what `make setup` installs.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from browser.conftest import CHROMIUM, SECONDS, Page, Server, start_jupyter

IN_THE_PAGE = """async ([picture, label, key]) => {
  // from the key that moves a slider to the picture that it changed, in milliseconds
  const image = document.querySelectorAll('.cs231n-picture img')[picture];
  const handle = document.querySelector(`[role=slider][aria-label="${label}"]`);
  const drawn = new Promise((done) => {
    new MutationObserver((_, watcher) => { watcher.disconnect(); done(performance.now()); })
      .observe(image, { attributes: true, attributeFilter: ['data-drawn'] });
  });
  const start = performance.now();
  handle.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  return (await drawn) - start;
}"""


def kernel_of(server) -> psutil.Process:
    """The kernel that the page talks to."""
    kernels = [
        p
        for p in psutil.Process(server._process.pid).children(recursive=True)
        if "ipykernel_launcher" in " ".join(p.cmdline())
    ]
    return max(kernels, key=lambda p: p.memory_info().rss)


def moved(page, picture, label, key) -> float:
    return page.page.evaluate(IN_THE_PAGE, [picture, label, key])


def computation() -> float:
    """Seconds that saliency for a new class takes without any page: scores and one map."""
    from cs231n_vis import load_imagenet_val, load_squeezenet, methods, preprocess_image

    model, X = load_squeezenet(), preprocess_image(load_imagenet_val()[0][:1])
    methods.saliency(X, np.array([1]), model)
    took = []
    for label in range(100, 130):
        start = time.perf_counter()
        methods.saliency(X, np.array([label]), model)
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def new_class(page) -> list[float]:
    """Seconds from the press of a guess's button to its map, for five classes in turn."""
    guesses = page.page.locator(".cs231n-explorer .widget-vbox .widget-button")
    took = []
    for turn in range(4):
        page.page.get_by_role("radio", name=("drum", "yurt", "goose", "cannon")[turn]).click()
        page.idle()
        time.sleep(0.5)
        for number in (1, 2, 3, 4):
            took.append(
                page.page.evaluate(
                    """async (button) => {
                      const image = document.querySelectorAll('.cs231n-picture img')[1];
                      const drawn = new Promise((done) => {
                        new MutationObserver((_, w) => { w.disconnect(); done(performance.now()); })
                          .observe(image, { attributes: true, attributeFilter: ['data-drawn'] });
                      });
                      const start = performance.now();
                      button.click();
                      return (await drawn) - start;
                    }""",
                    guesses.nth(number).element_handle(),
                )
                / 1000
            )
            time.sleep(0.3)
    return took


def cell_to_first_map(browser, place: Path) -> None:
    """Print how long the cell takes in JupyterLab: in a new kernel, with TensorFlow's import."""
    server = start_jupyter("lab", place)
    try:
        page = Page(browser.new_page(viewport={"width": 1280, "height": 720}))
        page.page.goto(server.explorer, timeout=SECONDS * 1000)
        page.kernel_is_ready()
        start = time.perf_counter()
        page.run_all()
        page.page.get_by_role("radio").first.wait_for()
        print(f"cell run -> controls there:       {time.perf_counter() - start:.1f} s")
        page.picture_of_the_saved_map()
        print(f"cell run -> the saved map:        {time.perf_counter() - start:.1f} s")
        page.ready()
        print(f"cell run -> first computed map:   {time.perf_counter() - start:.1f} s")
        page.page.close()
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="of dragging, for the memory")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        server = Server("-m", "voila", "notebooks/explore.ipynb", log=Path(place) / "log")
        server.wait("/voila/static/voila.js")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            cell_to_first_map(browser, Path(place))
            page = Page(browser.new_page(viewport={"width": 1280, "height": 720}))
            start = time.perf_counter()
            page.page.goto(server.address, timeout=SECONDS * 1000)
            page.page.get_by_role("radio").first.wait_for()
            controls = time.perf_counter() - start
            page.ready()
            print(f"page asked for -> controls there: {controls:.1f} s")
            print(f"page asked for -> first map:      {time.perf_counter() - start:.1f} s")
            for label in ("opacity", "blur, pixels", "threshold"):
                times = [
                    moved(page, 1, label, "ArrowRight" if n % 20 < 10 else "ArrowLeft")
                    for n in range(40)
                ]
                print(f"{label} -> new picture: median {statistics.median(times):.0f} ms")
            alone, with_page = computation(), statistics.median(new_class(page))
            print(f"saliency for a new class: {1000 * with_page:.0f} ms in the page, computation "
                  f"{1000 * alone:.0f} ms: {with_page / alone:.1f} times")  # fmt: skip
            kernel, end, drags = kernel_of(server), time.monotonic() + seconds, 0
            warm = None
            while time.monotonic() < end:
                label = ("opacity", "brightness", "noise, levels", "random layers")[drags // 40 % 4]
                page.slider(label).focus()
                page.page.keyboard.press("ArrowRight" if drags % 40 < 20 else "ArrowLeft")
                drags += 1
                if warm is None and drags == 160:
                    page.idle()
                    warm = kernel.memory_info().rss
            page.idle()
            grown = (kernel.memory_info().rss - (warm or 0)) / 1e6
            print(f"{drags} steps of dragging in {seconds:.0f} s: memory grew by {grown:.0f} MB")
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
