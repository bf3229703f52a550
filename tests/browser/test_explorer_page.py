"""The explorer as people meet it: in a browser, by Voilà, in JupyterLab and in Notebook 7."""

import io
import random
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from .conftest import SECONDS, Page

SLIDERS = ("opacity", "clip, percentile", "blur, pixels", "threshold")


def photo(size=(400, 200), kind="png", **options):
    """A photograph's file, red on the left and green on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("green", (size[0] // 2, 0, *size))
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def rotated_jpeg():
    """A JPEG that the camera held on its side: stored red left, to be shown turned."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return photo(kind="jpeg", exif=exif)


def upload(page, name, content):
    page.page.locator(".cs231n-upload input").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": content}
    )


def test_it_opens_with_an_image_its_classes_and_a_map(page):
    expect(page.page.get_by_role("radio")).to_have_count(20)
    expect(page.caption(0)).to_have_text("Bullmastiff")
    expect(page.caption(1)).to_have_text("saliency: Bullmastiff")
    expect(page.page.get_by_role("button", name=re.compile("33.7 +Bullmastiff"))).to_be_visible()
    page.shot("explorer-light")
    assert page.errors == []


def test_it_fits_a_small_screen_without_scrolling(page):
    page.page.get_by_role("combobox", name="beside it").select_option("occlusion")
    page.idle()
    height, width = page.page.evaluate(
        "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
    )
    assert (height, width) == (720, 1280)
    last = page.page.get_by_role("button", name="Save as PNG").bounding_box()
    assert last["y"] + last["height"] < 720
    page.shot("explorer-two-methods")


@pytest.mark.parametrize("width", [1024, 1280, 1920])
def test_nothing_overlaps(page, width):
    page.page.set_viewport_size({"width": width, "height": 900})
    page.page.get_by_role("combobox", name="beside it").select_option("SmoothGrad")
    page.idle()
    boxes = page.page.evaluate(
        "[...document.querySelectorAll('.cs231n-explorer :is(.cs231n-picture, .widget-slider,"
        " .widget-dropdown, .widget-button, .widget-combobox)')].filter(e => e.offsetParent)"
        ".map(e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom,"
        " e.textContent.slice(0, 30)] })"
    )
    for n, (left, top, right, bottom, text) in enumerate(boxes):
        assert left >= 0 and right <= width, text
        for other_left, other_top, other_right, other_bottom, other in boxes[n + 1 :]:
            apart = (
                right <= other_left + 1
                or other_right <= left + 1
                or bottom <= other_top + 1
                or other_bottom <= top + 1
            )
            assert apart, (text, other)
    page.shot(f"explorer-{width}")


def test_an_image_is_picked_by_mouse_and_by_keyboard(page):
    page.page.get_by_role("radio", name="bald eagle").click()
    expect(page.caption(1)).to_have_text("saliency: bald eagle")
    page.page.get_by_role("radio", name="bald eagle").press("ArrowLeft")
    expect(page.caption(0)).to_have_text("Dalmatian")
    expect(page.page.get_by_role("radio", name="Dalmatian")).to_be_focused()
    assert page.errors == []


def test_a_class_is_typed_or_taken_from_the_best_guesses(page):
    box = page.page.get_by_role("combobox", name="class")
    box.fill("siamese")
    box.press("Enter")
    expect(page.caption(1)).to_have_text(re.compile("saliency: Siamese"))
    page.page.get_by_role("button", name=re.compile("Boxer")).click()
    expect(page.caption(1)).to_have_text("saliency: Boxer")
    box.fill("terrier")
    box.press("Enter")
    expect(page.page.locator("[role=status]")).to_contain_text("Type more of the name")
    assert page.errors == []


@pytest.mark.parametrize("label", SLIDERS)
def test_a_display_slider_redraws_the_map(page, label):
    before = page.drawn(1)
    page.slider(label).focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.page.keyboard.press(key)
    page.redrawn(1, before)
    assert page.errors == []


@pytest.mark.parametrize("label", ["noise, levels", "brightness", "square, pixels"])
def test_a_slider_of_the_image_changes_image_and_scores(page, label):
    guesses = page.page.locator(".cs231n-explorer .widget-vbox .widget-button").nth(0)
    before, text = page.drawn(0), guesses.inner_text()
    page.slider(label).focus()
    for _ in range(8):
        page.page.keyboard.press("ArrowRight")
    page.redrawn(0, before)
    expect(guesses).not_to_have_text(text)
    page.idle()
    assert page.errors == []


def test_dragging_on_the_image_places_the_square(page):
    box = page.picture(0).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    for step in range(10):
        page.page.mouse.move(x + 5 * step, y + 3 * step)
    page.page.mouse.up()
    page.idle()
    expect(page.slider("square, pixels")).to_have_attribute("aria-valuenow", re.compile("48"))
    page.shot("explorer-square")
    before = page.drawn(0)
    page.page.get_by_role("application").press("ArrowDown")
    page.redrawn(0, before)
    assert page.errors == []


def test_the_network_becomes_a_random_one(page):
    page.slider("random layers").focus()
    page.page.keyboard.press("End")
    page.idle()
    guesses = page.page.locator(".cs231n-explorer .widget-vbox .widget-button").nth(0)
    expect(guesses).not_to_contain_text("Bullmastiff")
    page.shot("explorer-random")
    assert page.errors == []


def test_each_method_has_its_own_controls_and_draws(page):
    menu = page.page.get_by_role("combobox", name="method", exact=True)
    for method, control in (
        ("SmoothGrad", "noise"),
        ("integrated gradients", "steps"),
        ("occlusion", "patch, pixels"),
    ):
        menu.select_option(method)
        page.slider(control).focus()
        page.page.keyboard.press("ArrowRight")
        expect(page.caption(1)).to_have_text(f"{method}: Bullmastiff")
        page.idle()
    menu.select_option("Grad-CAM")
    page.page.get_by_role("combobox", name="layer").select_option("fire5")
    page.idle()
    page.shot("explorer-grad-cam")
    assert page.errors == []


def test_another_method_in_the_middle_of_a_computation_overtakes_it(page):
    menu = page.page.get_by_role("combobox", name="method", exact=True)
    menu.select_option("RISE")
    page.slider("masks").focus()
    page.page.keyboard.press("End")
    expect(page.caption(1)).to_have_text("RISE: Bullmastiff")  # a part of it is there
    page.shot("explorer-computing")
    menu.select_option("input × gradient")
    expect(page.caption(1)).to_have_text("input × gradient: Bullmastiff")
    page.idle()
    assert page.errors == []


def colours_of(page):
    """The left and the right pixel in the middle row of the image that is shown."""
    return page.page.evaluate(
        "() => { const img = document.querySelector('.cs231n-picture img');"
        " const c = new OffscreenCanvas(224, 224).getContext('2d'); c.drawImage(img, 0, 0);"
        " const p = (x, y) => [...c.getImageData(x, y, 1, 1).data].slice(0, 3);"
        " return [p(10, 112), p(213, 112), p(112, 10), p(112, 213)] }"
    )


def test_photos_are_shown_upright_and_what_is_none_is_told(page):
    for name in ("drum", "bald eagle"):
        page.page.get_by_role("radio", name=name).click()
    upload(page, "plain.png", photo())  # while the kernel is busy: what was given last is shown
    expect(page.caption(0)).to_have_text("plain.png")
    page.idle()
    expect(page.caption(0)).to_have_text("plain.png")
    left, right, _, _ = colours_of(page)
    assert left == [255, 0, 0] and right == [0, 128, 0]
    upload(page, "turned.jpg", rotated_jpeg())
    expect(page.caption(0)).to_have_text("turned.jpg")
    page.idle()
    _, _, top, bottom = np.array(colours_of(page))
    assert top[0] > 200 > bottom[0] and bottom[1] > 100 > top[1]
    upload(page, "notes.png", b"this is no image")
    expect(page.page.locator("[role=status]")).to_contain_text("notes.png could not be read")
    expect(page.caption(0)).to_have_text("turned.jpg")
    page.shot("explorer-no-image")
    assert page.errors == []


def test_a_photo_too_large_for_the_connection_is_made_smaller_in_the_browser(page):
    noise = np.random.default_rng(0).integers(0, 255, (1900, 1900, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "png")
    assert len(file.getvalue()) > 10 << 20
    upload(page, "large.png", file.getvalue())
    expect(page.caption(0)).to_have_text("large.png")
    upload(page, "large.txt", bytes(11 << 20))
    expect(page.page.locator("[role=status]")).to_contain_text("large.txt could not be read")
    page.idle()
    assert page.errors == []


def test_undo_right_after_dragging_undoes_the_last_value_too(page):
    page.slider("opacity").focus()
    for _ in range(30):  # faster than they are drawn: the browser keeps the last one back
        page.page.keyboard.press("ArrowLeft")
    page.page.get_by_role("button", name="Undo").click()
    page.page.wait_for_timeout(1500)
    expect(page.slider("opacity")).to_have_attribute("aria-valuetext", "0.65")
    lines = page.page.locator(".cs231n-explorer textarea")
    page.page.get_by_role("button", name="Copy as code").click()
    expect(lines).to_have_value(re.compile("opacity=0.65"))


def test_undo_reset_and_the_lines_to_copy(page):
    page.page.get_by_role("combobox", name="colours").select_option("viridis")
    page.page.get_by_role("button", name="Undo").click()
    expect(page.page.get_by_role("combobox", name="colours")).to_have_value("inferno")
    page.page.get_by_role("button", name="Redo").click()
    expect(page.page.get_by_role("combobox", name="colours")).to_have_value("viridis")
    page.page.get_by_role("button", name="Copy as code").click()
    lines = page.page.locator(".cs231n-explorer textarea")
    expect(lines).to_have_value(re.compile("colour_map='viridis'"))
    page.page.get_by_role("button", name="Reset").click()
    expect(page.page.get_by_role("combobox", name="colours")).to_have_value("inferno")
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="Save as PNG").click()
    assert download.value.suggested_filename == "saliency.png"
    assert Image.open(download.value.path()).size == (224, 224)
    assert page.errors == []


def test_every_control_has_a_name(page):
    for role in ("slider", "combobox", "button", "radio"):
        for control in page.page.get_by_role(role).all():
            name = control.evaluate(
                "e => e.ariaLabel || e.textContent.trim() || e.title ||"
                " (e.labels && [...e.labels].map(l => l.textContent).join(' ').trim())"
            )
            assert name, control.evaluate("e => e.outerHTML")


def test_two_hundred_random_actions_leave_no_error(page, voila):
    chance = random.Random(231)
    sliders = [*SLIDERS, "noise, levels", "brightness", "square, pixels", "random layers"]
    keys = ["ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"]
    quick = ["saliency", "input × gradient", "guided backpropagation", "Grad-CAM", "SmoothGrad"]
    for _ in range(200):
        act = chance.randrange(7)
        if act <= 2:
            page.slider(chance.choice(sliders)).focus()
            page.page.keyboard.press(chance.choice(keys))
        elif act == 3:
            page.page.get_by_role("radio").nth(chance.randrange(20)).click()
        elif act == 4:
            which = chance.choice(["method", "beside it"])
            menu = page.page.get_by_role("combobox", name=which, exact=True)
            menu.select_option(chance.choice(quick))
        elif act == 5:
            name = chance.choice(["Undo", "Redo", "Reset", "Copy as code"])
            page.page.get_by_role("button", name=name).click()
        else:
            guesses = page.page.locator(".cs231n-explorer .widget-vbox .widget-button")
            guesses.nth(chance.randrange(5)).click()
    page.idle()
    before = page.drawn(1)
    page.page.get_by_role("radio", name="drum").click()
    page.redrawn(1, before)
    page.idle()
    assert "⚠" not in page.status()
    assert page.errors == [] and voila.complaints() == []


@pytest.mark.parametrize("asked", ["", "?theme=dark"])
def test_it_is_readable_in_the_dark_and_asks_no_other_server(chromium, voila, asked):
    """A browser that prefers the dark gets it, and so does who asks for it."""
    scheme = "light" if asked else "dark"
    tab = chromium.new_page(viewport={"width": 1280, "height": 720}, color_scheme=scheme)
    page, addresses = Page(tab), []
    tab.on("request", lambda request: addresses.append(request.url))
    tab.goto(f"{voila.address}/{asked}", timeout=SECONDS * 1000)
    page.ready()
    page.shot("explorer-dark")
    here = (voila.address, voila.address.replace("http", "ws"), "data:", "blob:")
    assert [address for address in addresses if not address.startswith(here)] == []
    ink, paper = tab.evaluate(
        "[getComputedStyle(document.querySelector('.cs231n-picture figcaption')).color,"
        " getComputedStyle(document.body).backgroundColor]"
    )
    ink, paper = (np.mean([int(x) for x in re.findall(r"\d+", c)[:3]]) for c in (ink, paper))
    assert ink - paper > 125, "light letters on dark ground"
    tab.close()


def test_it_works_in_a_notebook(chromium, jupyter, request):
    tab = chromium.new_page(viewport={"width": 1280, "height": 720})
    page = Page(tab)
    tab.goto(jupyter.explorer, timeout=SECONDS * 1000)
    page.kernel_is_ready()
    page.run_all()
    page.picture_of_the_saved_map()
    page.ready()
    before = page.drawn(1)
    page.slider("opacity").focus()
    tab.keyboard.press("ArrowLeft")
    page.redrawn(1, before)
    tab.get_by_role("radio", name="drum").click()
    expect(page.caption(1)).to_have_text("saliency: drum")
    tab.get_by_role("radio", name="drum").press("ArrowRight")  # a shortcut of notebooks, otherwise
    expect(page.caption(1)).not_to_have_text("saliency: drum")
    page.idle()
    page.shot(f"explorer-{request.node.callspec.id}")
    tab.close()
    assert "Traceback" not in jupyter.log.read_text()
