"""The page as people meet it: by mouse, finger and keyboard, in the dark, without a network."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from cs231n_vis import load_image, load_imagenet_val
from cs231n_vis.explorer.drawing import perturbed

FIRST, DRUM, EAGLE = (load_imagenet_val()[0][n] for n in (0, 10, 17))
TABS = ("Method", "Drawing", "Photo", "Network", "Fool it")


def hash_of(page):
    """The address's part behind #, after the moment in which the page writes it."""
    page.tab.wait_for_timeout(600)
    return page.tab.evaluate("location.hash")


def test_it_opens_with_a_photograph_its_classes_and_a_map(page):
    strip = page.tab.get_by_role("radiogroup", name="Photograph")
    expect(strip.get_by_role("radio")).to_have_count(20)
    expect(page.caption(0)).to_contain_text("Bullmastiff")
    expect(page.caption(1)).to_contain_text("Saliency for Bullmastiff")
    expect(page.guess()).to_have_attribute("aria-pressed", "true")
    expect(page.tab.locator("#chosen")).to_have_text("score 33.7, number 1 of 1000")
    np.testing.assert_array_equal(page.picture(0), FIRST)
    assert np.abs(page.picture(1).astype(int) - FIRST).max() > 100
    expect(page.tab.locator("#live")).to_contain_text("map for Bullmastiff is ready")
    page.shot("first")


def test_picture_and_controls_stand_before_the_network_is_there(new_page):
    page = new_page(service_workers="block")
    page.context.route(re.compile("weights"), lambda route: None)  # it never comes
    page.tab.goto(page.address)
    expect(page.caption(0)).to_contain_text("Bullmastiff")
    expect(page.tab.locator("#status")).to_contain_text("Loading the network")
    assert (page.picture(0) == FIRST).all() and (page.picture(1) == FIRST).all()
    page.part("Drawing")
    page.set("Opacity", 0.2)
    page.tab.get_by_role("radio", name="drum").click()
    expect(page.caption(0)).to_contain_text("Drum")
    page.shot("loading")
    assert page.errors == []


@pytest.mark.parametrize("label, value", [("Opacity", 0.2), ("Clip, percentile", 80),
                                          ("Blur, pixels", 6), ("Threshold", 0.4)])  # fmt: skip
def test_a_slider_of_the_drawing_redraws_the_map_alone(page, label, value):
    before = page.picture(1)
    page.part("Drawing")
    page.set(label, value)
    page.idle()
    assert (page.picture(1) != before).any() and (page.picture(0) == FIRST).all()


def test_the_colours_are_chosen_by_name(page):
    before = page.picture(1)
    page.part("Drawing")
    page.tab.get_by_role("radio", name="Gray").click()
    page.idle()
    after = page.picture(1)
    assert (after != before).any()
    page.tab.get_by_role("radio", name="Gray").press("ArrowRight")
    expect(page.tab.get_by_role("radio", name="Inferno")).to_be_focused()
    page.idle()
    assert (page.picture(1) == before).all()


@pytest.mark.parametrize(
    "label, changes",
    [
        ("Noise, levels", {"grain": 60}),
        ("Brightness", {"brightness": 100}),
        ("Square, pixels", {"square": 96, "at": (112, 112)}),
    ],
)
def test_a_slider_of_the_photograph_changes_it_its_scores_and_the_map(page, label, changes):
    before, guesses = page.picture(1), page.tab.locator("#guesses").inner_text()
    page.part("Photo")
    page.set(label, next(iter(changes.values())))
    page.idle()
    assert (page.picture(0) == perturbed(FIRST, **changes)).all()
    assert page.tab.locator("#guesses").inner_text() != guesses
    assert (page.picture(1) != before).any()


def test_the_square_is_dragged_with_the_mouse_and_moved_by_arrow_keys(page):
    frame = page.tab.locator("#work0 .frame")
    box = frame.bounding_box()
    at = [box[side] + box[length] / 2 for side, length in (("x", "width"), ("y", "height"))]
    frame.click()
    page.idle()
    assert (page.picture(0) == FIRST).all(), "a click alone puts no square down"
    page.tab.mouse.move(*at)
    page.tab.mouse.down()
    page.tab.mouse.move(at[0] + box["width"] / 4, at[1], steps=5)
    page.tab.mouse.up()
    page.idle()
    assert (page.picture(0) == perturbed(FIRST, square=48, at=(112, 168))).all()
    page.tab.locator("#work1 .frame").press("ArrowUp")
    page.tab.locator("#work1 .frame").press("ArrowLeft")
    page.idle()
    assert (page.picture(0) == perturbed(FIRST, square=48, at=(104, 160))).all()
    page.part("Photo")
    page.shot("square")
    page.tab.get_by_role("button", name="Take the square off").click()
    page.idle()
    assert (page.picture(0) == FIRST).all()


def test_a_class_is_taken_from_the_guesses_or_found_by_a_part_of_its_name(page):
    before = page.picture(1)
    page.guess(1).click()
    expect(page.caption(1)).to_contain_text("for Boxer")
    expect(page.guess(1)).to_have_attribute("aria-pressed", "true")
    page.idle()
    assert (page.picture(1) != before).any()
    box = page.tab.get_by_role("combobox", name="Maps for the class")
    box.fill("siamese")
    expect(page.tab.locator("#class-search [role=option]")).to_have_count(1)
    page.tab.keyboard.press("Enter")
    expect(page.caption(1)).to_contain_text("for Siamese cat")
    expect(page.tab.locator("#chosen")).to_contain_text("of 1000")
    box.fill("no such class")
    expect(page.tab.locator("#class-search")).to_contain_text("No class is called")
    page.tab.keyboard.press("Escape")
    expect(box).to_have_value("Siamese cat")
    page.tab.get_by_role("button", name="Follow the best guess").click()
    expect(page.caption(1)).to_contain_text("for Bullmastiff")
    page.idle()
    assert (page.picture(1) == before).all()


def test_two_methods_stand_side_by_side(page):
    page.tab.get_by_label("Beside it").select_option("Input × gradient")
    page.idle()
    expect(page.caption(2)).to_contain_text("Input × gradient for Bullmastiff")
    assert (page.picture(1) != page.picture(2)).any()
    expect(page.tab.locator(".about p")).to_have_count(2)
    page.tab.get_by_label("Beside it").select_option("Nothing")
    expect(page.tab.locator("#work2")).to_be_hidden()


def test_the_network_is_made_random_layer_by_layer(page):
    before = page.picture(1)
    page.part("Network")
    page.set("Random layers", 26)
    page.idle()
    expect(page.guess()).not_to_contain_text("Bullmastiff")
    expect(page.tab.locator(".panels")).to_contain_text("26 of 26 layers are random")
    assert (page.picture(1) != before).any()
    page.set("Random layers", 0)
    page.idle()
    assert (page.picture(1) == before).all()


def test_a_fooling_image_is_made_a_step_at_a_time_and_can_be_stopped(page):
    page.part("Fool it")
    target = page.tab.get_by_role("combobox", name="It shall see")
    page.tab.get_by_role("button", name="Start").click()
    expect(page.caption(0)).to_contain_text("Step 1 ")
    page.tab.get_by_role("button", name="Stop").click()
    expect(page.tab.get_by_role("button", name="Start")).to_be_visible()
    target.fill("boxer")
    page.tab.keyboard.press("Enter")
    page.tab.get_by_role("button", name="Start").click()
    panel = page.tab.locator("#panel-fooling")
    expect(panel).to_contain_text(re.compile(r"After \d+ steps? the network sees Boxer"))
    expect(page.tab.locator("#status")).to_contain_text("the network sees Boxer")
    expect(page.guess()).to_contain_text("Boxer")
    expect(page.caption(1)).to_contain_text("The change")
    off = np.abs(page.picture(0).astype(int) - FIRST)
    moved = int(re.search(r"more than (\d+) of 255", panel.inner_text())[1])
    assert off.max() == moved and 0 < off.mean() < 2
    expect(page.tab.locator("#live")).to_contain_text("the network sees Boxer")
    page.shot("fooled")
    page.tab.get_by_role("button", name="Back to the maps").click()
    page.idle()
    expect(page.caption(1)).to_contain_text("Saliency for Bullmastiff")
    assert (page.picture(0) == FIRST).all()


@pytest.mark.parametrize(
    "method, first, then, label",
    [
        ("SmoothGrad", "samples=1", "samples=2", "Samples"),
        ("SmoothGrad", "samples=1", "samples=1&noise=0.5", "Noise"),
        ("integrated gradients", "steps=2", "steps=3", "Steps"),
        ("integrated gradients", "steps=2", "steps=2&baseline=white", "Baseline"),
        ("Grad-CAM", "", "layer=fire5_concat", "Layer"),
        ("occlusion", "patch=112&stride=56", "patch=84&stride=56", "Patch, pixels"),
    ],
)
def test_each_method_has_its_own_settings(page, method, first, then, label):
    name = method.lower().replace(" ", "_").replace("-", "_")
    pictures = []
    for settings in (first, then):
        page.follow(f"#methods={name}&{settings}")
        page.idle()
        expect(page.caption(1)).to_contain_text(f"{method[0].upper()}{method[1:]} for Bullmastiff")
        pictures.append(page.picture(1))
    assert (pictures[0] != pictures[1]).any()
    expect(page.tab.locator("#panel-method").get_by_label(label, exact=True)).to_be_visible()


def test_undo_redo_and_reset_by_button_and_by_key(page):
    page.tab.get_by_role("radio", name="drum").click()
    page.part("Drawing")
    for opacity in (0.5, 0.4, 0.3):
        page.set("Opacity", opacity)
    slider = page.tab.get_by_label("Opacity")
    page.tab.get_by_role("button", name="Undo").click()
    expect(slider).to_have_value("0.65")
    page.tab.keyboard.press("Control+Shift+z")
    expect(slider).to_have_value("0.3")
    page.tab.get_by_role("button", name="Reset").click()
    expect(slider).to_have_value("0.65")
    page.idle()
    assert (page.picture(0) == DRUM).all()
    for _ in range(3):
        page.tab.keyboard.press("Control+z")
    page.idle()
    assert (page.picture(0) == FIRST).all()


def test_a_link_restores_what_is_shown(page, new_page):
    page.tab.get_by_role("radio", name="bald eagle").click()
    page.part("Drawing")
    page.set("Blur, pixels", 2)
    page.part("Photo")
    page.set("Noise, levels", 25)
    page.set("Square, pixels", 32)
    page.tab.get_by_label("Beside it")
    page.idle()
    page.guess(3).click()
    page.idle()
    link = hash_of(page)
    assert "image=17" in link and "blur=2" in link and "label=" in link
    other = new_page(service_workers="block").open(link)
    for number in (0, 1):
        assert (other.picture(number) == page.picture(number)).all()
    assert other.tab.locator("#guesses").inner_text() == page.tab.locator("#guesses").inner_text()
    other.open("#image=17&method=jet&opacity=0.5")
    expect(other.tab.locator("#status")).to_contain_text("left out: method=jet")
    assert (other.picture(0) == EAGLE).all() and other.errors == []


def test_the_link_and_the_lines_are_copied(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.part("Drawing")
    page.set("Opacity", 0.25)
    page.tab.get_by_role("button", name="Copy link").click()
    expect(page.tab.locator("#live")).to_contain_text("The link is copied.")
    copied = "navigator.clipboard.readText()"
    assert page.tab.evaluate(copied) == f"{page.address}#opacity=0.25"
    page.tab.get_by_role("button", name="Python code").click()
    page.shot("code")
    page.tab.get_by_role("button", name="Copy", exact=True).click()
    expect(page.tab.get_by_role("button", name="Copied")).to_be_visible()
    assert "opacity=0.25, clip=99.5" in page.tab.evaluate(copied)
    page.tab.keyboard.press("Escape")
    expect(page.tab.locator("dialog")).to_be_hidden()


def test_the_map_is_saved_as_it_is_shown(page):
    with page.tab.expect_download() as download:
        page.tab.get_by_role("button", name="Save PNG").click()
    assert download.value.suggested_filename == "saliency.png"
    saved = np.asarray(Image.open(download.value.path()).convert("RGB"))
    assert (saved == page.picture(1)).all()


def photo(name="red and green.png", size=(400, 300), kind="png", **options):
    """A file as a browser is given it: red on the left and green on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("green", (size[0] // 2, 0, *size))
    file = io.BytesIO()
    image.save(file, kind, **options)
    return {"name": name, "mimeType": f"image/{kind}", "buffer": file.getvalue()}


def test_a_photo_of_ones_own_is_read_as_python_reads_it_and_goes_nowhere(page):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    for given in (photo(), photo("turned.jpg", kind="jpeg", exif=exif)):
        page.tab.locator("#file").set_input_files(given)
        expect(page.caption(0)).to_contain_text(given["name"], ignore_case=True)
        page.idle()
        assert np.abs(page.picture(0).astype(int) - load_image(given["buffer"])).max() <= 1
    assert "image" not in hash_of(page)
    page.tab.get_by_role("button", name="Python code").click()
    expect(page.tab.locator("dialog code")).to_contain_text("load_image('turned.jpg')")
    page.tab.keyboard.press("Escape")
    page.tab.locator("#file").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no image"}
    )
    expect(page.tab.locator("#status")).to_have_text("notes.txt could not be read as an image.")
    expect(page.caption(0)).to_contain_text("Turned.jpg")
    page.tab.get_by_role("button", name="Undo").click()
    expect(page.caption(0)).to_contain_text("Red and green.png")


@pytest.mark.parametrize("how", ["drop", "paste"])
def test_a_photo_is_dropped_or_pasted(page, how):
    page.tab.evaluate(
        "([how, bytes]) => {"
        " const data = new DataTransfer(), content = Uint8Array.from(bytes);"
        " data.items.add(new File([content], 'given.png', { type: 'image/png' }));"
        " const event = how === 'drop' ? new DragEvent('drop', { dataTransfer: data })"
        " : new ClipboardEvent('paste', { clipboardData: data });"
        " window.dispatchEvent(event); }",
        [how, list(photo()["buffer"])],
    )
    expect(page.caption(0)).to_contain_text("Given.png")
    page.idle()


def test_all_of_it_is_done_by_keyboard(page):
    seen = []
    for _ in range(60):
        page.tab.keyboard.press("Tab")
        seen.append(page.tab.evaluate(
            "(() => { const e = document.activeElement; return e.id || e.getAttribute('aria-label')"
            " || e.textContent.trim() || e.className })()"))  # fmt: skip
        if seen[-1] == seen[0] and len(seen) > 1:
            break
    text = "|".join(seen)
    for name in ("Skip to the controls", "reset", "link", "code", "save", "theme", "Bullmastiff",
                 "file", "The photograph", "Saliency map", "Boxer", "tab-method"):  # fmt: skip
        assert name in text, (name, seen)
    page.tab.get_by_role("radio", name="Bullmastiff").focus()
    page.tab.keyboard.press("ArrowLeft")
    expect(page.caption(0)).to_contain_text("Dung beetle")
    page.tab.keyboard.press("Home")
    expect(page.caption(0)).to_contain_text("Bullmastiff")
    page.tab.get_by_role("tab", name="Method").focus()
    page.tab.keyboard.press("ArrowRight")
    expect(page.tab.get_by_role("tab", name="Drawing")).to_be_focused()
    page.tab.keyboard.press("Tab")
    page.tab.keyboard.press("End")
    expect(page.tab.get_by_label("Opacity")).to_have_value("1")
    page.tab.keyboard.press("Home")
    page.idle()
    assert (page.picture(1) == FIRST).all()


def test_every_control_has_a_name(page):
    nameless = page.tab.evaluate(
        "[...document.querySelectorAll('button, input, select, [tabindex=\"0\"], [role=img]')]"
        ".filter((e) => ![e, ...(e.labels ?? [])].some((n) => n.ariaLabel || n.textContent.trim()))"
        ".filter((e) => e.checkVisibility())"
        ".map((e) => e.outerHTML)"
    )
    assert nameless == []


def test_what_happened_is_said_aloud_once(page):
    page.tab.get_by_role("radio", name="drum").click()
    live = page.tab.locator("#live")
    expect(live).to_have_text("The network sees drum. Saliency map for drum is ready.")
    assert live.get_attribute("aria-live") == "polite"


SIZES = "([...document.querySelectorAll('button, input, select, a, .own')].filter((e) => "
SIZES += "e.checkVisibility() && e.id !== 'file' && !e.matches('p a, .skip')).map((e) => {"
SIZES += " const { width, height } = e.getBoundingClientRect();"
SIZES += " return [e.outerHTML.slice(0, 90), width, height] }))"


def test_it_fits_a_small_phone_and_a_thumb(new_page):
    phone = new_page(
        service_workers="block",
        viewport={"width": 360, "height": 640},
        has_touch=True,
        is_mobile=True,
    ).open("#methods=saliency,input_x_gradient")
    for name in TABS:
        phone.tab.get_by_role("tab", name=name).tap()
        assert phone.tab.evaluate("document.documentElement.scrollWidth") == 360
        small = [size for size in phone.tab.evaluate(SIZES) if min(size[1:]) < 43.9]
        assert small == []
    phone.tab.get_by_role("radio", name="Input × gradient").tap()
    expect(phone.caption(2)).to_be_visible()
    expect(phone.caption(1)).to_be_hidden()
    phone.follow("#image=17")
    phone.tab.evaluate("scrollTo(0, 0)")
    expect(phone.tab.get_by_role("radio", name="bald eagle")).to_be_in_viewport(ratio=1)
    phone.idle()
    phone.shot("phone")
    assert phone.errors == []


@pytest.mark.parametrize("width", [768, 1280, 1920])
def test_nothing_is_wider_than_the_window_or_overlaps(page, width):
    page.tab.set_viewport_size({"width": width, "height": 1000})
    try:
        page.tab.get_by_label("Beside it").select_option("Input × gradient")
        page.idle()
        assert page.tab.evaluate("document.documentElement.scrollWidth") <= width
        boxes = page.tab.evaluate(
            "[...document.querySelectorAll('h1, .lead, .tools button, .thumbs button, .own, .frame,"
            " figcaption, #guesses button, .tabs button, .menu, .about p, article')]"
            ".filter((e) => e.checkVisibility()).map((e) => { const r = e.getBoundingClientRect();"
            " return [r.left, r.top, r.right, r.bottom, e.textContent.slice(0, 30)] })"
        )
        for n, (left, top, right, bottom, text) in enumerate(boxes):
            for x, y, to_x, to_y, other in boxes[n + 1 :]:
                apart = x >= right - 1 or to_x <= left + 1 or y >= bottom - 1 or to_y <= top + 1
                assert apart, (text, other)
        page.shot(f"two-methods-{width}")
    finally:
        page.tab.set_viewport_size({"width": 1280, "height": 720})


CONTRAST = """() => {
  const rgb = (text) => { const c = new OffscreenCanvas(1, 1).getContext('2d'); c.fillStyle = text;
    c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data] };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const ratio = (a, b) => { const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05) };
  const behind = (e) => { for (; e; e = e.parentElement) {
    const colour = rgb(getComputedStyle(e).backgroundColor); if (colour[3] > 250) return colour }
    return rgb('white') };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, style = getComputedStyle(e);
    if (!walker.currentNode.data.trim() || e.matches('.scale b, script, .tools span') ||
        e.closest(':disabled') || !e.checkVisibility({ visibilityProperty: true })) continue;
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const grounds = [behind(e)];
    const bar = e.closest('#guesses button')?.querySelector('i');
    if (bar) grounds.push(rgb(getComputedStyle(bar).backgroundColor));
    for (const ground of grounds) {
      const reached = ratio(rgb(style.color), ground);
      if (reached < (large ? 3 : 4.5)) found.push([walker.currentNode.data.trim(), reached]);
    }
  }
  return found;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(page, theme):
    page.tab.emulate_media(color_scheme=theme)
    try:
        ground = page.tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        levels = [int(x) for x in re.findall(r"\d+", ground)[:3]]
        assert max(levels) < 60 if theme == "dark" else min(levels) > 200
        for name in TABS:
            page.part(name)
            assert page.tab.evaluate(CONTRAST) == []
        page.tab.get_by_role("button", name="Python code").click()
        assert page.tab.evaluate(CONTRAST) == []
        page.tab.keyboard.press("Escape")
        page.shot(theme)
    finally:
        page.tab.emulate_media(color_scheme="light")


def test_the_ends_of_the_scale_can_be_read_on_every_colour_map():
    from cs231n_vis.explorer.drawing import colours
    from cs231n_vis.explorer.state import COLOUR_MAPS

    def light(rgb):
        share = rgb / 255
        return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ [
            0.2126,
            0.7152,
            0.0722,
        ]

    for name in COLOUR_MAPS:
        lightness = light(colours(name))
        assert (1.05 / (lightness[:12] + 0.05) > 4.5).all(), "white, at the dark end"
        assert ((lightness[160:] + 0.05) / 0.05 > 4.5).all(), "black, at the bright end"


def test_the_theme_is_switched_and_remembered(new_page):
    page = new_page(service_workers="block").open()
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.tab.evaluate(ground)
    switch = page.tab.get_by_role("button", name="Dark theme")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    dark = page.tab.evaluate(ground)
    page.tab.reload()
    assert page.tab.evaluate(ground) == dark != light
    assert page.errors == []


def test_nothing_moves_for_those_who_want_no_motion(page):
    moving = (
        "document.querySelector('.status .bar').hidden = false,"
        "document.querySelector('.status .bar').classList.add('endless'),"
        "[...document.querySelectorAll('*')].filter((e) => { const s = getComputedStyle(e);"
        " return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0 }).length"
    )
    assert page.tab.evaluate(moving) > 0
    page.tab.emulate_media(reduced_motion="reduce")
    assert page.tab.evaluate(moving) == 0
    page.tab.emulate_media(reduced_motion="no-preference")
    page.tab.evaluate("document.querySelector('.status .bar').hidden = true")


def test_it_works_without_a_network_after_the_first_visit(new_page, new_server):
    server = new_server()
    page = new_page(address=server.page).open()
    page.tab.evaluate(
        "(async () => { const all = navigator.serviceWorker; await all.ready;"
        " if (!all.controller)"
        " await new Promise((done) => all.addEventListener('controllerchange', done)); })()"
    )
    server.stop()
    page.tab.goto("about:blank")
    page.tab.goto(page.address + "#image=17")
    page.idle()
    assert (page.picture(0) == EAGLE).all()
    expect(page.caption(1)).to_contain_text("for bald eagle")
    assert page.errors == []


def test_the_server_is_asked_for_nothing_that_is_not_there(served, page):
    missing = page.tab.evaluate(
        "Promise.all(['manifest.webmanifest', 'icon.svg', 'OFL.txt'].map((name) =>"
        " fetch(name).then((answer) => answer.ok)))"
    )
    assert missing == [True] * 3
    manifest = json.loads(page.tab.evaluate("fetch('manifest.webmanifest').then((a) => a.text())"))
    assert manifest["start_url"] == "./"


RANDOM = """async () => {
  let seed = 231;
  const chance = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648 * n | 0;
  const of = (list) => list[chance(list.length)];
  const all = (what) => [...document.querySelectorAll(what)].filter((e) => e.checkVisibility());
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const quick = ['Saliency', 'Input × gradient', 'Guided backpropagation', 'Grad-CAM', 'Nothing'];
  let done = 0;
  const acts = [
    () => { const e = of(all('input[type=range]')); if (!e) return;
      e.value = Number(e.min) + (chance(1000) / 1000) * (e.max - e.min);
      e.dispatchEvent(new Event('input')) },
    () => of(all('.thumbs button')).click(),
    () => of(all('.tabs button')).click(),
    () => of(all('#guesses button')).click(),
    () => of(all('.swatch, .which button, #best, .panels button, #undo, #redo, #reset, #theme'))
      .click(),
    () => { const e = of(all('select')); if (!e) return;
      const names = [...e.options].map((option) => option.text);
      const wanted = names.filter((t) => quick.includes(t));
      e.value = of(wanted.length ? wanted : names); e.dispatchEvent(new Event('change')) },
    () => of(all('.frame')).dispatchEvent(new KeyboardEvent('keydown', {
      key: of(['ArrowUp', 'ArrowLeft', 'ArrowRight', 'ArrowDown']), cancelable: true })),
    () => { location.hash = of(['#image=3', '#', '#opacity=0.1', '#randomised=4&nonsense=1']) },
    () => { const e = document.querySelector('#class-search input'); e.focus();
      e.value = of(['cat', 'dog', 'xyz', '']); e.dispatchEvent(new Event('input'));
      e.dispatchEvent(new KeyboardEvent('keydown', {
        key: of(['Enter', 'Escape', 'ArrowDown']), cancelable: true }));
      e.blur() },
  ];
  for (; done < 500; done++) { of(acts)(); if (chance(5) === 0) await frame(); }
  return done;
}"""


def test_five_hundred_random_actions_leave_no_error(page):
    assert page.tab.evaluate(RANDOM) == 500
    page.idle()
    page.tab.evaluate("location.hash = '#image=10'")
    page.idle()
    assert (page.picture(0) == DRUM).all()
    expect(page.caption(1)).to_contain_text("for drum")
    expect(page.tab.locator("#status")).to_have_text("")
