"""Questions to the page's engine: the newest wins, what is known comes at once."""

import gzip
import re
import shutil

import numpy as np
import pytest

from .conftest import floats, serve

SECONDS = 240

OCCLUSION = "{ pixels: image, methods: ['occlusion'], settings: {}, key: 'long', label: 3 }"


@pytest.fixture
def opened(browser):
    """Open an address; what a script did not catch fails the test."""
    pages, errors = [], []

    def open_page(address):
        page = browser.new_page()
        page.set_default_timeout(1000 * SECONDS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.wait_for_function("window.engine")
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert errors == []


def test_the_newest_question_is_answered_and_the_older_one_dropped(page):
    told = page.evaluate(
        f"""async () => {{
            const image = await pixels(4), from = events.length;
            const older = engine.ask({OCCLUSION});
            await until(() => events.slice(from).some((event) => event.type === "map"));
            const asked = events.length;
            const other = await pixels(5);
            const newer = engine.ask({{ pixels: other, methods: ["saliency"], key: "new" }});
            await until(() => events.slice(asked).some((event) => event.type === "idle"));
            await new Promise((resolve) => setTimeout(resolve, 500));
            return [older, newer, events.slice(from).map(({{ type, question, done }}) =>
                [type, question, done])]; }}"""
    )
    older, newer, events = told
    first = [(kind, done) for kind, question, done in events if question == older]
    assert [kind for kind, _ in first[:2]] == ["scores", "map"]
    assert all(0 < done < 1 for kind, done in first if kind == "map")
    assert [kind for kind, question, _ in events if question == newer] == ["scores", "map", "idle"]
    assert events.index(["idle", newer, None]) == len(events) - 1


def test_of_many_questions_at_once_only_the_last_is_computed(page):
    kinds = page.evaluate(
        """async () => {
            const image = await pixels(6);
            for (let n = 0; n < 20; n++) {
                engine.ask({ pixels: image, methods: ["saliency"], key: `many ${n}` });
            }
            const told = await answers(() =>
                engine.ask({ pixels: image, methods: ["saliency"], key: "many" }));
            return [told.map(({ type }) => type), told[0].question - 20,
                events.filter(({ question }) => question >= told[0].question - 20).length]; }"""
    )
    assert kinds[0] == ["scores", "map", "idle"] and kinds[2] == 3


def test_after_a_stop_nothing_comes(page):
    more = page.evaluate(
        f"""async () => {{
            const image = await pixels(4);
            engine.ask({{ ...{OCCLUSION}, key: "stopped" }});
            await until(() => events.at(-1).type === "map");
            engine.stop();
            const from = events.length;
            await new Promise((resolve) => setTimeout(resolve, 500));
            return events.length - from; }}"""
    )
    assert more == 0


def test_a_long_map_is_shown_unfinished(page):
    done = page.evaluate(
        """async () => {
            const image = await pixels(4), settings = { samples: 25 };
            const told = await answers(() =>
                engine.ask({ pixels: image, methods: ["smoothgrad"], settings, key: "grows" }));
            return told.filter(({ type }) => type === "map").map(({ done }) => done); }"""
    )
    assert len(done) > 3 and done == sorted(done) and done[-1] == 1


def test_what_is_known_is_told_before_ask_returns_and_other_settings_are_not_the_same(page):
    told = page.evaluate(
        """async () => {
            const image = await pixels(9), settings = { samples: 2, noise: 0.1, patch: 32 };
            const two = ["saliency", "smoothgrad"], key = "known";
            const ask = (changes, methods = two) =>
                engine.ask({ pixels: image, methods, settings: { ...settings, ...changes }, key });
            await answers(() => ask({}));
            const count = (changes, methods) => {
                const from = events.length;
                ask(changes, methods);
                return events.slice(from).map(({ type }) => type); };
            const all = [count({}), count({ patch: 64 }), count({ noise: 0.2 })];
            all.push(count({}, ["vargrad"]));
            engine.stop();
            return all; }"""
    )
    everything = ["scores", "map", "map", "idle"]
    assert told == [everything, everything, ["scores", "map"], ["scores"]]


def test_an_image_of_another_size_is_refused_in_a_sentence(page):
    told = page.evaluate(
        """() => answers(() => engine.ask({ pixels: new Uint8ClampedArray(12), key: "" }))"""
    )
    assert [event["type"] for event in told] == ["failed"]
    assert told[0]["message"] == ("An image is 224 x 224 pixels of three colours; this one is not.")


WEIGHTS = r"The network's weights, weights-\w+.bin,"


def without(name, content=None):
    """What makes of a copy of the data one without a file, or with another content in it."""

    def change(data):
        (file,) = data.glob(name)
        file.unlink()
        if content is not None:
            file.write_bytes(content)

    return change


@pytest.mark.parametrize(
    "change, message",
    [
        (without("index.json"), "What this page is made of, data/index.json, did not arrive"),
        (without("weights-*"), WEIGHTS + r" did not arrive \(the server answered 404\)"),
        (without("weights-*", b"\x1f\x8bno"), WEIGHTS + " are damaged"),
        (without("weights-*", b"all else"), WEIGHTS + " are damaged"),
        (without("weights-*", gzip.compress(b"\0" * 4000)), WEIGHTS + " are damaged"),
    ],
    ids=["no index", "no weights", "broken", "no gzip", "too few"],
)
def test_a_missing_or_damaged_file_is_told_in_a_sentence(opened, built, tmp_path, change, message):
    shutil.copytree(built, tmp_path / "page")
    change(tmp_path / "page" / "data")
    server = serve(tmp_path / "page")
    page = opened(server.address)
    page.wait_for_function("events.some(({ type }) => type === 'failed')")
    from_then = page.evaluate(
        """async () => {
            const image = new Uint8ClampedArray(150528), from = events.length;
            engine.ask({ pixels: image, methods: ["saliency"], key: "" });
            await until(() => events.length > from && events.at(-1).type === "failed");
            const failed = events.filter(({ type }) => type === "failed");
            return failed.map(({ message }) => message); }"""
    )
    server.shutdown()
    assert len(from_then) == 2 and len(set(from_then)) == 1
    assert re.match(message, from_then[0])
    assert from_then[0].endswith(".") and "\n" not in from_then[0] and "Error" not in from_then[0]


def test_a_graphics_processor_that_software_plays_is_not_taken(opened, address):
    page = opened(address)
    backends = page.evaluate(
        """async () => {
            await maps(0, { methods: ["saliency"] });
            await new Promise((resolve) => setTimeout(resolve, 3000));
            return events.filter(({ type }) => type === "ready").map(({ backend }) => backend); }"""
    )
    assert backends == ["wasm"]


PRETENDED = """
    // the second worker says that it found a graphics processor, and computes without
    const worker = window.Worker;
    window.Worker = class extends worker {
        postMessage(message) {
            const tries = message.kind === "graphics";
            if (tries) message = { ...message, kind: "load", backend: "wasm" };
            (window.workers ??= new Set()).add(this);
            super.postMessage(message);
        }
    };
"""


def test_a_better_worker_takes_over_between_questions_and_if_it_breaks_another_goes_on(
    browser, address
):
    page = browser.new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.add_init_script(PRETENDED)
    page.goto(address)
    page.wait_for_function("window.engine")
    told = page.evaluate(
        """async () => {
            const ready = () => events.filter(({ type }) => type === "ready").length;
            const first = await maps(0, { methods: ["saliency"] });
            await until(() => ready() === 2);
            const second = await maps(1, { methods: ["saliency"] });
            const [, better] = workers;
            engine.ask({ pixels: await pixels(2), methods: ["saliency"], key: "image 2 0" });
            better.onmessage({ data: { type: "failed", broken: true, message: "lost" } });
            await until(() => ready() === 3 && events.at(-1).type === "idle");
            return [first.failed, second.failed, workers.size,
                events.filter(({ type }) => type === "failed").length, events.at(-2).type]; }"""
    )
    assert told == [None, None, 3, 0, "map"]
    page.close()


def test_workers_that_compute_along_change_no_map(opened, address):
    asked = """async (randomised) => {
        const methods = ["smoothgrad", "vargrad", "integrated_gradients", "occlusion", "rise"];
        const settings = { samples: 9, steps: 9, patch: 80, stride: 72, masks: 9 };
        const answer = await maps(2, { methods, settings, randomised, label: 438 });
        return [answer.failed, answer.maps]; }"""
    alone, together = (opened(f"{address}?helpers={number}") for number in (0, 2))
    for randomised in (0, 6):
        _, expected = alone.evaluate(asked, randomised)
        failed, maps = together.evaluate(asked, randomised)
        assert failed is None and len(maps) == 5
        for method, content in maps.items():
            np.testing.assert_allclose(
                floats(content), floats(expected[method]), rtol=1e-3, atol=1e-4, err_msg=method
            )


def test_a_browser_that_is_too_old_is_told_so(opened, built, tmp_path):
    shutil.copytree(built, tmp_path / "page")
    (worker,) = (tmp_path / "page").glob("worker-*.js")
    worker.write_text("delete self.DecompressionStream;" + worker.read_text())
    server = serve(tmp_path / "page")
    page = opened(server.address)
    page.wait_for_function("events.some(({ type }) => type === 'failed')")
    server.shutdown()
    assert page.evaluate("events.at(-1).message").startswith(
        "This browser is too old for the page;"
    )
