"""The lines of Python that the page gives draw what the page shows."""

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

LINKS = {
    "all of the photograph's and the drawing's settings": "#image=9&methods=saliency,grad_cam&"
    "grain=20&square=48&at=90,130&brightness=12&blur=1.5&opacity=0.8&clip=97&colour_map=viridis",
    "methods with settings": "#image=17&methods=smoothgrad,occlusion&samples=4&noise=0.2&patch=64&"
    "stride=48&threshold=0.1",
    "another class, a baseline, random layers": "#image=3&label=281&methods=integrated_gradients&"
    "steps=6&baseline=black&randomised=3",
}


def code_of(page):
    page.tab.get_by_role("button", name="Python code").click()
    lines = page.tab.locator("dialog code").text_content()
    page.tab.keyboard.press("Escape")
    return lines


def same_pictures(page, code):
    """Run the lines where one is; what they save must be what the page shows, but for a few pixels
    that the last digits of a map move to the next colour."""
    exec(compile(code, "the page's lines", "exec"), {})
    names = [line.split('"')[1] for line in code.splitlines() if ".save(" in line]
    assert len(names) == page.tab.locator(".work:not([hidden]) .scale").count()
    for number, name in enumerate(names, 1):
        off = np.abs(np.asarray(Image.open(name)).astype(int) - page.picture(number))
        assert (off > 1).mean() < 0.01 and off.mean() < 0.05, (name, off.max(), off.mean())


@pytest.mark.parametrize("name", LINKS)
def test_the_lines_draw_the_same_picture(page, tmp_path, monkeypatch, name):
    page.open(LINKS[name])
    monkeypatch.chdir(tmp_path)
    same_pictures(page, code_of(page))


def test_the_lines_for_a_photo_find_it_beside_them(page, tmp_path, monkeypatch):
    x, y = np.meshgrid(np.linspace(0, 9, 500), np.linspace(0, 7, 333))
    waves = np.stack([np.sin(x * y / 3), np.cos(x), np.sin(y)], -1)
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.uint8(127 * waves + 127)).save("it's mine.png")
    page.tab.locator("#file").set_input_files("it's mine.png")
    expect(page.caption(0)).to_contain_text("It's mine.png")
    page.idle()
    same_pictures(page, code_of(page))
