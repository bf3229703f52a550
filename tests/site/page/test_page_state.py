"""The page's state, past, link and lines of Python: those of the explorer in notebooks."""

import json
import random

import pytest

from cs231n_vis.explorer.state import BASELINES, COLOUR_MAPS, Photo, State, as_code
from cs231n_vis.explorer.widgets import LAYERS, SLIDERS
from cs231n_vis.method_table import METHODS

NAMES = ("holiday.jpg", "it's.png", 'a "b" c\'d.png', "straße 東京 🦆.jpg", "a\tb\\n\u200b\xa0.png")
"""Names of files, as cruel as people are."""


@pytest.fixture(scope="session")
def index(built):
    """What Python wrote for the page, but for pictures."""
    index = json.loads((built / "data" / "index.json").read_text(encoding="utf-8"))
    return index | {"images": [{} for _ in index["images"]], "colours": dict.fromkeys(COLOUR_MAPS)}


def any_state(chance):
    """A state that the page's controls can set."""

    def of(name):
        _, low, high, step, written = SLIDERS[name]
        steps = chance.randint(0, round(((high or 26) - low) / step))
        return int(low + steps * step) if written == "d" else round(low + steps * step, 6)

    image = chance.choice([chance.randrange(20), Photo(chance.choice(NAMES), "", None)])
    return State(
        image=image,
        label=chance.choice([None, chance.randrange(1000)]),
        methods=tuple(chance.sample(list(METHODS), chance.randint(1, 2))),
        baseline=chance.choice(BASELINES),
        layer=chance.choice(LAYERS)[1],
        colour_map=chance.choice(COLOUR_MAPS),
        at=(chance.randrange(225), chance.randrange(225)),
        **{name: chance.choice([getattr(State(), name), of(name)]) for name in SLIDERS},
    )


def as_there(state):
    """A state as the page has it."""
    fields = vars(state) | {"methods": list(state.methods), "at": list(state.at)}
    if isinstance(state.image, Photo):
        fields["image"] = {"name": state.image.name}
    return fields


STATES = [any_state(random.Random(number)) for number in range(200)]
READ = "const index = (await import('/source/data.js')).readIndex(a[0]);"


def test_the_lines_of_python_are_the_same(sources, index):
    codes = sources.run(
        "state",
        READ + "return a[1].map((state) => m.asCode(state, 281, index))",
        *(index, [as_there(state) for state in STATES]),
    )
    for state, code in zip(STATES, codes, strict=True):
        assert code == as_code(state, 281)


def test_a_link_holds_the_state_but_for_a_photo(sources, index):
    back = sources.run(
        "state",
        READ + "return a[1].map((state) => {"
        " const link = m.toLink(state, index.start);"
        " return [link, m.fromLink(link, index.start, index)] })",
        *(index, [as_there(state) for state in STATES]),
    )
    for state, (link, found) in zip(STATES, back, strict=True):
        there = as_there(state)
        assert found["complaint"] == "" and not set(link) & set(" \"'<>")
        if isinstance(state.image, Photo):
            there["image"] = 0
        assert found["state"] == there


@pytest.mark.parametrize(
    "link",
    ["image=20", "image=-1", "label=1000", "label=x", "methods=guesswork", "methods=", "at=1",
     "methods=saliency,grad_cam,rise", "opacity=2", "opacity=", "opacity=NaN", "baseline=red",
     "layer=fire99", "colour_map=jet", "__proto__=1", "toString=1", "nothing=1", "%%%"],
)  # fmt: skip
def test_what_a_link_should_not_hold_is_left_out_and_told(sources, index, link):
    found = sources.run(
        "state", READ + "return m.fromLink(a[1], index.start, index)", index, f"{link}&blur=2"
    )
    assert found["state"] == as_there(State(blur=2))
    assert "left out" in found["complaint"]


def test_the_past_is_that_of_the_notebook(sources, index):
    def steps(body):
        return sources.run(
            "state", READ + "const h = new m.History(index.start);" + body, index
        )  # fmt: skip

    assert steps(
        "h.change({ opacity: 0.1 }); h.change({ opacity: 0.2 }); h.change({ blur: 2 });"
        "return [h.undo().opacity, h.undo().opacity, h.undo().opacity, h.redo().opacity]"
    ) == [0.2, 0.65, 0.65, 0.2]
    assert steps(
        "h.change({ image: 1 }); h.change({ image: 2 }); h.undo(); h.change({ image: 3 });"
        "return [h.redo().image, h.undo().image]"
    ) == [3, 1]
    assert steps(
        "h.change({ image: 4 }); h.change({ label: 7 }); h.change({ methods: ['rise'] });"
        "const { image, label, methods } = h.reset();"
        "return [image, label, methods, h.undo().methods]"
    ) == [4, 7, ["saliency"], ["rise"]]
    assert steps(
        "for (let image = 0; image < 1000; image++) h.change({ image });"
        "let n = 0; while (h.canUndo) { h.undo(); n++; } return n"
    ) < 300  # fmt: skip


def test_settings_are_those_that_a_method_takes(sources, index):
    found = sources.run(
        "state",
        READ + "return a[1].map((state) => state.methods.map("
        "(method) => m.settingsOf(state, method, index)))",
        *(index, [as_there(state) for state in STATES]),
    )
    for state, settings in zip(STATES, found, strict=True):
        assert settings == [state.settings(method) for method in state.methods]


def test_every_method_has_an_explanation_and_a_paper(sources):
    texts = sources.run("texts", "return m.METHODS")
    assert texts.keys() == METHODS.keys()
    for sentence, paper in texts.values():
        assert sentence.endswith(".") and 40 < len(sentence) < 240
        assert paper[-1] == ")" and paper[-5:-1].isdecimal()


@pytest.mark.parametrize("asked", ["siamese", "Terrier", "goose", "missile", "xyz", "t-shirt", ""])
def test_a_class_is_found_as_in_python_the_best_first(sources, asked):
    from cs231n_vis.imagenet import load_class_names
    from cs231n_vis.names import matching

    names = load_class_names()
    here = sources.run("controls", "return m.matching(a[0], a[1])", asked, list(names.values()))
    there = matching(asked, names)
    assert here[: len(there)] == there
