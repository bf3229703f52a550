"""How the static page feels in a real browser: bytes, the first map, a new map, a slider's frames.

    python benchmarks/bench_page.py [--times 5]

It needs Chromium (Debian's package `chromium`) and what `make setup` installs. The server is on
this machine, so that no time is a network's; it packs what servers pack, texts and WebAssembly.
"""

import argparse
import functools
import gzip
import hashlib
import http.server
import shutil
import statistics
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

from playwright.sync_api import sync_playwright

from cs231n_vis.making.page import build_page

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
KINDS = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}

NOTED = """
    // when the page was last busy, in milliseconds since it was asked for
    new MutationObserver(() => {
        const { busy } = document.documentElement.dataset;
        if (busy === "false") window.rested ??= performance.now();
    }).observe(document, { attributes: true, attributeFilter: ["data-busy"], subtree: true });
"""

DRAGGED = """async (name) => {
    // the slider moves once a frame; the frames' lengths and what the page itself takes for one
    const slider = [...document.querySelectorAll("input[type=range]")].find(
        ({ labels }) => labels[0]?.textContent.toLowerCase().startsWith(name));
    const canvas = [...document.querySelectorAll("canvas[data-drawn]")].at(-1);
    const drawn = () => canvas.dataset.drawn;
    const frame = () => new Promise(requestAnimationFrame);
    const lengths = [], before = drawn();
    let last = await frame();
    for (let n = 0; n < 120; n++) {
        slider.value = Number(slider.min) + (slider.max - slider.min) * (0.2 + 0.005 * n);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        const now = await frame();
        lengths.push(now - last);
        last = now;
    }
    return { lengths, pictures: drawn() - before };
}"""

MAPS = """async () => {
    const took = [];
    for (let turn = 0; turn < 2; turn++) {
        for (let number = 0; number < 20; number++) {
            const image = await pixels(number), start = performance.now();
            const key = `${turn} ${number}`;
            const told = await answers(() =>
                engine.ask({ pixels: image, methods: ["saliency"], key }));
            took.push(told.map(({ at }) => at - start));
        }
    }
    return took;
}"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files, packed as servers pack them, with what is sent counted."""

    def __init__(self, *args, sent, **kwargs):
        self.sent = sent
        super().__init__(*args, **kwargs)

    def do_GET(self):
        path = Path(self.translate_path(self.path.partition("?")[0]))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            return self.send_error(404)
        content, packed = read(path)
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            return self.end_headers()
        self.send_response(200)
        kind = KINDS.get(path.suffix)
        self.send_header("Content-Type", kind or self.guess_type(str(path)))
        self.send_header("ETag", tag)
        self.send_header("Cache-Control", "max-age=600")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.sent[path.name] += len(content)

    def log_message(self, *_):
        pass


@functools.cache
def read(path: Path) -> tuple[bytes, bool]:
    """What is sent of a file, and whether it is packed."""
    content = path.read_bytes()
    return (gzip.compress(content, 9), True) if path.suffix in KINDS else (content, False)


def serve(folder: Path):
    sent: Counter = Counter()
    handler = functools.partial(Handler, directory=str(folder), sent=sent)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/", sent


def first_map(context, address: str) -> tuple[float, object]:
    """Milliseconds from the address to the first map with nothing left to do; and the page."""
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(NOTED)
    page.goto(address)
    page.wait_for_selector('html[data-busy="false"]', state="attached")
    return page.evaluate("rested"), page


def told(name: str, numbers, unit: str = "ms") -> None:
    middle, worst = statistics.median(numbers), max(numbers)
    print(f"{name:44} median {middle:7.1f} {unit}, at most {worst:.1f}, of {len(numbers)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="visits, cold and warm")
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        build_page(Path(folder) / "page")
        build_page(Path(folder) / "bare", ROOT / "tests" / "site" / "engine" / "bare")
        address, sent = serve(Path(folder) / "page")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        cold, warm = [], []
        for visit in range(times):
            context = browser.new_context()
            took, page = first_map(context, address)
            cold.append(took)
            page.evaluate("navigator.serviceWorker?.ready.then(() => 0)")
            if visit == 0:
                for name, size in sent.most_common(4):
                    print(f"{name:44} {size / 1e6:7.2f} MB")
                print(f"{'all that a first visit downloads':44} {sum(sent.values()) / 1e6:7.2f} MB")
            page.close()
            took, page = first_map(context, address)
            warm.append(took)
            if visit == times - 1:
                for name in ("opacity", "clip", "blur", "threshold"):
                    dragged = page.evaluate(DRAGGED, name)
                    told(f"a frame while {name} is dragged", dragged["lengths"])
                    print(f"{'':44} {dragged['pictures']} pictures in 120 frames")
            context.close()
        told("first map, nothing kept", cold)
        told("first map, a second visit", warm)
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(serve(Path(folder) / "bare")[0])
        page.wait_for_function("'answers' in window")
        asked = page.evaluate(MAPS)[20:]
        told("scores of a new image", [scores for scores, _, _ in asked])
        told("and its saliency map", [drawn for _, drawn, _ in asked])
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
