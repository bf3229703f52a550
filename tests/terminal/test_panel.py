"""The commands `saliency` and `compare`: what they write, what they say, what may go wrong."""

import errno
import inspect
import os
import re
import shlex
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image
from typer.testing import CliRunner

from cs231n_vis import load_class_names, methods, metrics
from cs231n_vis.cli import app
from cs231n_vis.method_table import METHODS
from cs231n_vis.names import find_class, find_methods
from cs231n_vis.sources import locate
from cs231n_vis.terminal.panel import (
    MOST_PHOTOS,
    ORANGE,
    Explained,
    in_words,
    name_of,
    panel_figure,
)
from cs231n_vis.terminal.picture_file import FORMATS, save_figure

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/methods.md").read_text("utf-8")
NAMES = load_class_names()
FEW = {"samples": 2, "steps": 2, "patch": 112, "stride": 112}


@pytest.fixture(autouse=True)
def quick(model, monkeypatch):
    """One network for all tests, and methods that take two samples."""
    monkeypatch.setattr("cs231n_vis.squeezenet.load_squeezenet", lambda weights: model)
    for name, method in METHODS.items():
        known = inspect.signature(method.function).parameters
        few = {key: value for key, value in FEW.items() if key in known}
        monkeypatch.setattr(methods, name, partial(method.function, **few))


@pytest.fixture
def photo(tmp_path):
    """A dog that the network knows, upright as a phone's."""
    with Image.open(locate("imagenet-samples")[0]) as image:
        image.crop((0, 0, image.height * 3 // 4, image.height)).save(tmp_path / "dog.jpg")
    return tmp_path / "dog.jpg"


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


# --- the picture ------------------------------------------------------------------------------


def test_the_command_as_it_is_installed_writes_a_picture(photo, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "cs231n_vis.cli", "saliency", "dog.jpg", "-o", "why.png"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert re.fullmatch(
        r"dog\.jpg: (\w[\w ]* <?\d+ %(, |;)){3} maps for \w[\w ]*\.\nwrote why\.png\n", ended.stdout
    )
    assert ended.stderr == ""
    assert left_in(tmp_path) == ["dog.jpg", "why.png"]
    with Image.open(tmp_path / "why.png") as picture:
        assert picture.format == "PNG" and picture.size == (1033, 465)
        assert picture.text["Title"] == "Maps of what speaks for a class: saliency"
        assert picture.text["Description"] in ended.stdout


def test_several_photos_stand_below_each_other(photo, tmp_path):
    sizes = {}
    for photos in (1, 3):
        words = ["--method", "saliency", "--method", "Grad-CAM"]
        assert run("saliency", *[photo] * photos, *words, "-o", tmp_path / "a.png").exit_code == 0
        sizes[photos] = Image.open(tmp_path / "a.png").size
    assert sizes[3][0] == sizes[1][0] and 2.9 < sizes[3][1] / sizes[1][1] < 3.1


def test_all_methods_fit_a_picture_that_is_not_much_wider_than_high(photo, tmp_path, monkeypatch):
    drawn = keep_figures(monkeypatch)
    ended = run("saliency", photo, "--method", "all", "-o", tmp_path / "a.webp")
    assert ended.exit_code == 0, ended.output
    titles = [axis.get_title() for axis in drawn[0].axes]
    assert titles[2:] == [method.title for method in METHODS.values()]
    width, height = Image.open(tmp_path / "a.webp").size
    assert 1 < width / height < 2


def test_maps_are_drawn_from_0_and_those_of_rise_from_their_minimum(photo, tmp_path, monkeypatch):
    from cs231n_vis import load_image

    ramp = np.linspace(-1, 1, 224 * 224, dtype=np.float32).reshape(1, 224, 224)
    monkeypatch.setattr(methods, "occlusion", lambda X, y, model: ramp)
    monkeypatch.setattr(methods, "rise", lambda X, y, model: ramp + 5)
    drawn = keep_figures(monkeypatch)
    words = ["--method", "rise", "--method", "occlusion"]
    assert run("saliency", photo, *words, "-o", tmp_path / "a.png").exit_code == 0
    image, rise, occlusion = (axis.images[0] for axis in drawn[0].axes if axis.images)
    assert np.array_equal(image.get_array(), load_image(photo))
    assert np.allclose(rise.get_array(), ramp[0] + 1, atol=1e-6)
    assert np.allclose(occlusion.get_array(), np.maximum(ramp[0], 0))
    assert rise.get_clim()[0] == occlusion.get_clim()[0] == 0


@pytest.mark.parametrize("ending", FORMATS)
def test_every_ending_is_written_in_its_format(ending, tmp_path):
    place = tmp_path / f"a{ending.upper()}"
    save_figure(panel_figure([explained()], NAMES), place, "A title", "ümlaut ×")
    begin = place.read_bytes()[:16]
    assert begin.startswith(
        {
            ".png": b"\x89PNG",
            ".webp": b"RIFF",
            ".pdf": b"%PDF",
            ".svg": b"<?xml",
            ".tif": b"II*",
            ".tiff": b"II*",
        }.get(ending, b"\xff\xd8")
    )


def test_a_class_that_is_not_among_the_best_gets_a_bar_of_its_own():
    figure = panel_figure([explained(label=999)], NAMES)
    bars = figure.axes[1]
    assert [text.get_text() for text in bars.texts[::2]][-1] == "toilet paper"
    orange = [bar for bar in bars.patches if to_hex(bar.get_facecolor()) == ORANGE]
    assert len(bars.texts) == 12 and len(orange) == 1


def test_long_names_do_not_leave_their_place():
    label = max(NAMES, key=lambda label: len(NAMES[label]))
    panel = explained(label, name=name_of("/photos/" + "a very long name of a photo " * 5 + ".jpg"))
    figure = panel_figure([panel], NAMES)
    figure.draw_without_rendering()
    edge = figure.bbox.width
    assert all(text.get_window_extent().x1 <= edge for text in figure.texts)
    bars = figure.axes[1]
    for name, percent in zip(bars.texts[::2], bars.texts[1::2], strict=True):
        assert name.get_window_extent().x1 < percent.get_window_extent().x0


def test_a_class_with_a_score_of_0_is_told_of():
    panel = explained(label=999, score=0)
    assert in_words(panel, NAMES).endswith("toilet paper, whose score is 0; there is no gradient.")
    dark = panel_figure([panel._replace(maps={"saliency": np.zeros((8, 8))})], NAMES).axes[2]
    assert [text.get_text() for text in dark.texts] == ["0 everywhere"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/home/me/holiday.jpg", "holiday.jpg"),
        ("https://example.edu/a%20dog.jpg?size=3", "a dog.jpg"),
        ("https://example.edu/", "example.edu"),
        ("two\nlines.png", "two lines.png"),
        ("not \udcff text.png", "not ? text.png"),
    ],
)
def test_a_photo_is_called_by_the_end_of_its_path_or_address(source, name):
    assert name_of(source) == name


def test_a_name_with_signs_of_mathematics_or_of_another_alphabet_is_drawn(tmp_path, recwarn):
    panel = explained(name="$x_ 犬 %.jpg")
    save_figure(panel_figure([panel], NAMES), tmp_path / "a.png", panel.name, panel.name)
    assert not recwarn.list
    assert Image.open(tmp_path / "a.png").text["Title"] == panel.name


# --- names ------------------------------------------------------------------------------------


def test_the_names_of_methods_are_those_of_the_package():
    assert methods.METHODS is METHODS and list(METHODS) == find_methods(["all"])


def test_methods_are_found_however_they_are_written_and_once():
    asked = ["Grad-CAM", "integrated gradients", "grad_cam", "RISE"]
    assert find_methods(asked) == ["grad_cam", "integrated_gradients", "rise"]


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        ("243", 243),
        ("0", 0),
        ("bullmastiff", 243),
        ("Persian", 283),  # a word of one name
        ("goose", 99),  # a whole name, and a part of mongoose
        ("spoonb", 129),  # a part of a word
        ("  Golden Retriever ", 207),
    ],
)
def test_classes_are_found_by_number_name_or_part(asked, label):
    assert find_class(asked, NAMES) == label


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("1000", "There is no class 1000; they are numbered 0 to 999."),
        ("golden retreiver", "did you mean Golden Retriever"),
        ("retreiver", "did you mean .*Golden Retriever"),
        ("dalmation", "did you mean Dalmatian"),
        ("qqqq", "No class is called 'qqqq'; give a number from 0 to 999"),
        (" ", "No class is called ''"),
        ("terrier", r"'terrier' is a part of 23 names: .*\(\d+\), .* and 15 more; give one"),
    ],
)
def test_a_class_that_is_not_there_or_not_the_only_one_is_told(asked, sentence):
    with pytest.raises(ValueError, match=sentence):
        find_class(asked, NAMES)


def test_every_class_is_found_by_its_own_name():
    assert all(find_class(name, NAMES) == label for label, name in NAMES.items())


@pytest.mark.parametrize("asked", ["label 438", "beaker", "BEAK"])
def test_the_class_asked_for_is_the_one_that_is_explained(asked, photo, tmp_path):
    ended = run(
        "saliency", photo, "--class", asked.removeprefix("label "), "-o", tmp_path / "a.png"
    )
    assert ended.exit_code == 0 and "maps for beaker" in ended.output


# --- what may go wrong ------------------------------------------------------------------------


def test_help_and_mistakes_are_answered_without_tensorflow(photo, tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    out, dog, no_picture = "a.png", "dog.jpg", "notes.txt"
    mistakes = [
        (f"{dog} -o {out} --class terier", "did you mean"),
        (f"{dog} -o {out} --method smothgrad", "did you mean smoothgrad"),
        (f"{dog} -o {out} --weights nothing.pth", "There is no weights file"),
        (f"{no_picture} -o {out}", "could not be read as an image"),
        (f"gone.jpg -o {out}", "There is no file gone.jpg"),
        (f"{dog} -o nowhere/a.png", "There is no folder nowhere to write a.png to; make it"),
        (f"{dog} -o a.docx", "let -o end in .png, .jpg"),
        (f"{dog} -o a", "let -o end in .png, .jpg"),
        (f"{dog} -o .", "is a folder; give -o the name of a file in it"),
        (f"{dog} -o {dog}", "is one of the photos and would be replaced"),
        (f"{' '.join([dog] * (MOST_PHOTOS + 1))} -o {out}", "31 photos are too many"),
    ]
    code = (
        "import sys, shlex; from typer.testing import CliRunner; from cs231n_vis.cli import app\n"
        "for line in sys.stdin.read().splitlines():\n"
        "    ended = CliRunner().invoke(app, shlex.split(line))\n"
        "    print(ended.exit_code, ended.output.replace(chr(10), ' '))\n"
        "print('tensorflow' in sys.modules)"
    )
    lines = ["saliency --help", "compare --help", "compare --method salience", "compare -o a.doc"]
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        input="\n".join(lines + [f"saliency {line}" for line, _ in mistakes]),
        capture_output=True,
        text=True,
    )
    *helps_and_wrong, imported = ended.stdout.splitlines()
    helps, wrong = helps_and_wrong[:2], helps_and_wrong[2:]
    assert imported == "False", ended.stdout + ended.stderr
    assert all(line.startswith("0 ") and "Usage" in line for line in helps)
    sentences = ["did you mean", "let -o end in", *(sentence for _, sentence in mistakes)]
    for line, sentence in zip(wrong, sentences, strict=True):
        assert line.startswith("1 ") and sentence in line and "Traceback" not in line, line
    assert left_in(tmp_path) == ["dog.jpg", "notes.txt"]


def test_a_folder_that_may_not_be_written_to_is_told_of_at_once(photo, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere
    ended = run("saliency", photo, "-o", tmp_path / "a.png")
    assert ended.exit_code == 1 and "may not be written to" in ended.output


@pytest.mark.parametrize("before", [None, b"an older picture"])
def test_a_full_disk_leaves_what_was_there(before, photo, tmp_path, monkeypatch):
    out = tmp_path / "a.png"
    if before:
        out.write_bytes(before)

    def half(self, path, **options):
        Path(path).write_bytes(b"\x89PNG")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Figure, "savefig", half)
    ended = run("saliency", photo, "-o", out)
    assert ended.exit_code == 1
    assert ended.output == (
        f"{out} could not be written (the disk is full), and is as it was before; make room, or "
        "give -o another place.\n"
    )
    assert left_in(tmp_path) == (["a.png", "dog.jpg"] if before else ["dog.jpg"])
    assert before is None or out.read_bytes() == before


def test_a_process_that_is_killed_while_it_writes_leaves_what_was_there(tmp_path):
    (tmp_path / "a.png").write_bytes(b"an older picture")
    code = (
        "import os; from pathlib import Path; from matplotlib.figure import Figure\n"
        "from cs231n_vis.terminal.picture_file import save_figure\n"
        "def half(self, path, **options): Path(path).write_bytes(b'PNG'); os._exit(9)\n"
        "Figure.savefig = half\n"
        "save_figure(Figure(), Path('a.png'), '', '')"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path).returncode == 9
    assert (tmp_path / "a.png").read_bytes() == b"an older picture"


# --- comparing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "top"), [("squeezenet", "conv10"), ("efficientnet-lite", "scores")]
)
def test_compare_prints_the_whole_table_of_a_network_and_writes_its_figure(
    tmp_path, monkeypatch, network, top
):
    asked = []

    def quick_compare(methods, num, model, progress):
        asked.append((list(methods), num))
        few = {"fractions": (0, 0.5, 1), "mosaics": 1, "least": 0.0, "layers": [top]}
        return real(methods, num, model=model, progress=progress, **few)

    real = metrics.compare
    monkeypatch.setattr(metrics, "compare", quick_compare)
    words = ["--num", 1, "--method", "saliency", "--network", network, "-o", tmp_path / "a.png"]
    ended = run("compare", *words)
    assert ended.exit_code == 0, ended.output
    assert asked == [(["saliency"], 1)]
    for word in ("saliency", "random map", "dele-", "compl.", f"wrote {tmp_path}"):
        assert word in ended.output
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width > 500 and "saliency" in picture.text["Description"]
        assert picture.text["Description"].startswith(network)


# --- docs/methods.md --------------------------------------------------------------------------


def test_every_method_has_a_section_a_call_a_picture_in_words_and_a_row():
    sections = {part.split("\n")[0]: part for part in GUIDE.split("\n## ")[1:]}
    for name, method in METHODS.items():
        section = sections[method.title]
        assert f"methods.{name}(X, y, model" in section
        (alt,) = re.findall(rf"!\[([^\]]+)\]\(methods_{name}\.jpg\)", section)
        assert len(alt) > 40
        assert "arxiv.org/abs/" in section and "*Weakness.*" in section and "$$" in section
        assert f"| `{name}` |" in sections["All in a table"]


def test_every_picture_is_there_and_small():
    pictures = re.findall(r"\]\((\w+\.jpg)\)", GUIDE)
    assert len(pictures) == len(METHODS) + 1
    for picture in pictures:
        assert 20_000 < (ROOT / "docs" / picture).stat().st_size < 400_000
        assert Image.open(ROOT / "docs" / picture).width > 900


def test_every_call_in_the_guide_is_one_that_the_method_takes(images, model):
    here = {"X": images[0][:1], "y": images[1][:1], "model": model, "methods": methods}
    calls = re.findall(r"```python\n(\w+(?:, \w+)? = methods\.(\w+)\(.*\))\n```", GUIDE)
    assert [name for _, name in calls] == list(METHODS)
    for code, _ in calls:
        exec(re.sub(r"(samples|steps)=\d+", r"\1=2", code), here)


def test_the_commands_of_the_guide_run(photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("holiday.jpg", "party.jpg"):
        photo.with_name(name).write_bytes(photo.read_bytes())
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.S))
    commands = re.findall(r"^\.venv/bin/cs231n-vis (.+)$", blocks, re.M)
    assert len(commands) == 4
    for command in commands:
        ended = run(*shlex.split(command))
        assert ended.exit_code == 0 and "wrote why." in ended.output, ended.output
    assert {"why.png", "why.jpg", "why.pdf"} < set(left_in(tmp_path))


# --- helpers ----------------------------------------------------------------------------------


def explained(label=243, name="dog.jpg", score=1.0):
    scores = np.linspace(3, 2, 1000, dtype=np.float32)
    scores[label] = score
    image = np.zeros((224, 224, 3), np.uint8)
    drawn = np.random.default_rng(1).random((224, 224), np.float32)
    return Explained(name, image, scores, label, {"saliency": drawn})


def keep_figures(monkeypatch):
    kept, original = [], Figure.savefig

    def keeping(self, *args, **options):
        kept.append(self)
        return original(self, *args, **options)

    monkeypatch.setattr(Figure, "savefig", keeping)
    return kept
