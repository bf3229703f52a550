// The page: controls change the state, the state is drawn at once, and the engine is asked for the rest.
import { Engine } from "./engine/engine.js";
import { classSearch, el, menu, radios, slider, tabs } from "./controls.js";
import { loadImage, readIndex } from "./data.js";
import { Drawable, opaque, overlay, perturbed } from "./drawing.js";
import { Fooling } from "./fooling.js";
import { readPhoto } from "./photo.js";
import { Work } from "./stage.js";
import { History, asCode, differing, fromLink, perturbation, settingsOf, toLink } from "./state.js";
import { METHODS, upper } from "./texts.js";

const DATA = "data/";
const SQUARE = 48; // side of the square that a drag puts down, in pixels
const $ = (id) => document.getElementById(id);

const early = []; // what the engine reports before the page can show it
let started = false;
const engine = new Engine({ data: DATA, report: (event) => (started ? hear(event) : early.push(event)) });
const index = readIndex(await engine.index);
const first = index.start;
const linked = fromLink(location.hash.slice(1), first, index);
const history = new History(first, linked.state);

let image = null; // RGB as it was loaded
let pixels = null; // RGB as the network gets it
let scores = null, label = 0; // of the pixels; label is the class that the maps are for
let maps = {}; // method -> { drawable, label, done }
let current = false; // whether what the engine reports is of what the page shows
let spoken = []; // what a screen reader is to be told next
let complaint = ""; // a sentence that stays until the next change

// ------------------------------------------------------------------------------ what is drawn

const works = ["work0", "work1", "work2"].map((id) => new Work($(id)));
const tables = Object.fromEntries(Object.entries(index.colours).map(([name, table]) => [name, table.flat()]));
const nameOf = (state) => (typeof state.image === "object" ? state.image.name : index.images[state.image].name);

function drawPhotograph() {
  const { state } = history;
  works[0].pixels.data.set(opaque(pixels));
  works[0].paint();
  const changed = state.grain || state.brightness || state.square ? "changed, as the network gets it" : "as the network gets it";
  works[0].label(upper(nameOf(state)), changed, `The photograph: ${nameOf(state)}`);
}

function drawMaps(only) {
  const { state } = history;
  state.methods.forEach((method, n) => {
    if (only && only !== method) return;
    const work = works[n + 1], map = maps[method], title = upper(index.methods[method].title);
    work.figure.classList.toggle("waits", !map);
    if (map) {
      overlay(pixels, map.drawable, state, tables[state.colour_map], work.pixels.data);
      const wanted = index.classes[map.label];
      const part = map.done < 1 ? `, ${Math.round(100 * map.done)} % done` : "";
      work.label(title, `for ${wanted}${part}`, `${title} map for the class ${wanted}`);
    } else {
      work.pixels.data.set(opaque(pixels));
      work.label(title, "is being computed", `${title} map, being computed`);
    }
    work.paint();
  });
}

let frame = 0;
const stale = { photograph: false, maps: false };
/** Draw before the next frame, once, whatever changed until then. */
function draw(photograph, ofMaps = true) {
  stale.photograph ||= photograph;
  stale.maps ||= ofMaps;
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    if (pixels && stale.photograph) drawPhotograph();
    if (pixels && stale.maps && !fooling.shown) drawMaps();
    stale.photograph = stale.maps = false;
  });
}

// ----------------------------------------------------------------------- from a change to the page

function change(changes) {
  const before = history.state;
  follow(before, history.change(changes));
}

function follow(before, state) {
  const names = differing(before, state);
  if (!names.length) return;
  complain("");
  fooling.leave();
  showControls();
  keepLink();
  if (names.includes("image")) {
    maps = {};
    setBusy(true);
    showImage();
    return;
  }
  const ofImage = ["grain", "brightness", "square", "at"].some((name) => names.includes(name));
  if (ofImage) pixels = image && perturbed(image, perturbation(state));
  if (names.includes("randomised")) maps = {};
  draw(ofImage);
  if (asked(before) !== asked(state)) ask();
}

/** All that scores and maps depend on. */
function asked(state) {
  const settings = state.methods.map((method) => [method, settingsOf(state, method, index)]);
  return JSON.stringify([perturbation(state), state.randomised, state.label, settings]);
}

async function showImage() {
  const { state } = history;
  try {
    const found = typeof state.image === "object" ? state.image.pixels : await loadImage(DATA, index.images[state.image]);
    if (history.state.image !== state.image) return; // another was chosen meanwhile
    image = found;
    pixels = perturbed(image, perturbation(history.state));
    draw(true);
    ask();
  } catch {
    complain(`The photograph of ${nameOf(state)} could not be loaded.`);
  }
}

let waiting = 0;
/** Ask the engine, once a frame at most. */
function ask() {
  setBusy(true);
  spoken = []; // what was computed before is no news any more
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    if (!pixels) return;
    const { state } = history;
    const key = JSON.stringify([typeof state.image === "object" ? state.image.id : state.image, perturbation(state)]);
    const settings = { ...state, stride: Math.min(state.stride, state.patch) };
    delete settings.image; // a photo's pixels are long
    current = true;
    say(loaded ? "Computing …" : "Loading the network …");
    engine.ask({ pixels: pixels.slice(), label: state.label, methods: [...state.methods], settings, randomised: state.randomised, key });
  });
}

/** Busy until what is shown has been answered; what the engine still says of older questions is not heard. */
function setBusy(yes) {
  if (yes) current = false;
  document.documentElement.dataset.busy = yes;
}
const isBusy = () => document.documentElement.dataset.busy === "true";

let loaded = false;
function hear(event) {
  if (event.type === "loading") return say(`Loading the network: ${Math.round(100 * event.done)} %`, event.done);
  if (event.type === "ready") {
    loaded = true;
    document.documentElement.dataset.backend = event.backend;
    return say(isBusy() ? "Computing …" : "");
  }
  if (event.type === "failed") return complain(event.message);
  if (event.type === "idle") {
    if (!current) return;
    setBusy(false);
    fooling.idle();
    keep();
    say("");
    if (fooling.shown && !complaint) $("status").textContent = fooling.sentence.textContent;
    return undefined;
  }
  if (event.type === "fooling") return fooling.hear(event);
  if (!current || fooling.shown) return;
  if (event.type === "scores") {
    scores = event.scores;
    label = event.label;
    showGuesses();
    announce(`The network sees ${index.classes[best(scores, 1)[0]]}.`);
  } else if (event.type === "map" && history.state.methods.includes(event.method)) {
    maps[event.method] = { drawable: new Drawable(event.map), label, done: event.done };
    drawMaps(event.method);
    if (event.done < 1) say(`Computing ${index.methods[event.method].title} …`, event.done);
    else announce(`${upper(index.methods[event.method].title)} map for ${index.classes[label]} is ready.`);
  }
}

let offline = false; // whether it has begun
/** Keep the page for days without a network, once all that it needs is here: it would come twice. */
function keep() {
  if (offline || !("serviceWorker" in navigator)) return;
  offline = true;
  navigator.serviceWorker.register("sw.js");
}

// ------------------------------------------------------------------------------- what is said

function say(text, done = null) {
  if (complaint) return;
  $("status").textContent = text;
  const bar = document.querySelector(".status .bar");
  bar.hidden = !text;
  bar.classList.toggle("endless", done === null);
  bar.style.setProperty("--done", done ?? 1);
}

/** A sentence that stays until the next change. */
function complain(text) {
  complaint = text;
  const status = $("status");
  status.classList.toggle("complaint", Boolean(text));
  status.textContent = text;
  document.querySelector(".status .bar").hidden = true;
  if (text) {
    for (const waits of document.querySelectorAll(".waits .note")) waits.textContent = "could not be computed";
    announce(text);
    setBusy(false);
  }
}

let speaking = 0;
/** For screen readers: what happened, together, and not at every move of a slider. */
function announce(text) {
  spoken = [...spoken.filter((said) => said !== text), text].slice(-4);
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    $("live").textContent = spoken.join(" ");
    spoken = [];
  }, 700);
}

// --------------------------------------------------------------------------------- the controls

const best = (of, count) => [...of.keys()].sort((a, b) => of[b] - of[a]).slice(0, count);

const guesses = Array.from({ length: 5 }, () => {
  const button = el("button", { type: "button", click: () => change({ label: button.label }) },
    el("span", { class: "mark", "aria-hidden": "true" }), el("span", { class: "name" }, "…"), el("span", { class: "share" }), el("i", {}));
  $("guesses").append(el("li", {}, button));
  return button;
});

function showGuesses() {
  const top = best(scores, guesses.length), highest = scores[top[0]];
  const sum = scores.reduce((total, score) => total + Math.exp(score - highest), 0);
  guesses.forEach((button, n) => {
    const share = Math.exp(scores[top[n]] - highest) / sum, chosen = top[n] === label;
    const percent = share < 0.001 ? "<0.1 %" : `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
    button.label = top[n];
    button.setAttribute("aria-pressed", chosen);
    button.querySelector(".name").textContent = index.classes[top[n]];
    button.querySelector(".share").textContent = percent;
    button.title = `Score ${scores[top[n]].toFixed(2)}. Show the maps for ${index.classes[top[n]]}.`;
    button.style.setProperty("--share", share);
  });
  search.show(index.classes[label]);
  const place = scores.reduce((above, score) => above + (score > scores[label]), 1);
  $("chosen").textContent = `score ${scores[label].toFixed(1)}, number ${place} of ${scores.length}`;
  $("best").hidden = history.state.label === null;
}

const search = classSearch("Maps for the class", index.classes, (n) => change({ label: n }));
$("class-search").append(search.element, el("p", { class: "chosen" }, el("span", { id: "chosen" }),
  el("button", { type: "button", id: "best", class: "plain", hidden: true, click: () => change({ label: null }) }, "Follow the best guess")));

const controls = Object.fromEntries(Object.entries(index.controls).map(([name, control]) => {
  const make = control.options ? menu : slider;
  return [name, make({ ...control, label: upper(control.label) }, (value) => change({ [name]: value }))];
}));

const titles = Object.entries(index.methods).map(([name, { title }]) => [upper(title), name]);
const menus = [
  menu({ label: "Method", options: titles }, chooseMethods, "menu large"),
  menu({ label: "Beside it", options: [["Nothing", ""], ...titles] }, chooseMethods, "menu large"),
];
function chooseMethods() {
  const chosen = menus.map(({ select }, n) => (n ? [["", ""], ...titles] : titles)[select.selectedIndex][1]);
  change({ methods: [...new Set(chosen.filter(Boolean))] });
}
const methodTexts = el("div", { class: "about" }), methodSettings = el("div", { class: "settings" });

const colours = Object.keys(index.colours);
const swatches = colours.map((name) => el("button", { class: "swatch" },
  el("i", { style: `background: ${gradient(name)}` }), upper(name)));
const colourGroup = el("div", { class: "swatches", role: "radiogroup", "aria-label": "Colours" });
const colourChoice = radios(colourGroup, swatches, (n) => change({ colour_map: colours[n] }));
function gradient(name) {
  const stops = [0, 36, 73, 109, 146, 182, 219, 255].map((level) => `rgb(${index.colours[name][level].map(Math.round)})`);
  return `linear-gradient(90deg, ${stops})`;
}

const squareButton = el("button", { type: "button", class: "plain", click: () => change({ square: history.state.square ? 0 : SQUARE }) });
const randomLayers = el("p", { class: "fine" });
const fooling = new Fooling({ engine, index, works, pixels: () => pixels, randomised: () => history.state.randomised, announce, say, complain,
  showBoth: () => { nameWhich(["Photograph", "The change"]); showLarge(0); },
  showScores: (now, of) => { scores = now; label = of; showGuesses(); },
  back: () => { showControls(); draw(true); ask(); }, drawable: Drawable });

const only = (...names) => names.map((name) => controls[name].element);
const panels = tabs(document.querySelector(".tabs"), document.querySelector(".panels"), [
  { id: "method", title: "Method", content: [el("div", { class: "pair" }, ...menus.map(({ element }) => element)), methodTexts, methodSettings] },
  { id: "drawing", title: "Drawing", content: [...only("opacity", "clip", "blur", "threshold"), colourGroup] },
  { id: "photograph", title: "Photo", content: [...only("grain", "brightness", "square"),
    el("p", { class: "fine" }, "Drag the grey square over a picture, or focus one and use the arrow keys. "), squareButton] },
  { id: "network", title: "Network", content: [...only("randomised"), randomLayers,
    el("p", { class: "fine" }, "A map that shows what the network has learnt must change when its weights are made random. ",
      el("cite", {}, "Adebayo et al., “Sanity Checks for Saliency Maps” (2018)"))] },
  { id: "fooling", title: "Fool it", content: [fooling.element] },
]);

const whichGroup = document.querySelector(".which");
const whichButtons = works.map(() => el("button", {}));
const which = radios(whichGroup, whichButtons, showLarge);
function nameWhich(names) {
  whichButtons.forEach((button, n) => {
    button.textContent = names[n] ?? "";
    button.hidden = !names[n];
  });
}
/** On a phone one picture is shown at a time. */
function showLarge(n) {
  which.show(n);
  works.forEach(({ figure }, m) => figure.classList.toggle("large", m === n));
}

const thumbs = index.images.map(({ name, thumbnail }) => el("button", { "aria-label": name, title: upper(name) },
  el("img", { src: thumbnail, alt: "", width: 64, height: 64, decoding: "async" })));
const strip = radios(document.querySelector(".thumbs"), thumbs, (n) => change({ image: n, label: null }));

let inSight = null;
/** On a phone the strip scrolls: to the photograph that is chosen, and nowhere else. */
function showThumb(thumb) {
  if (!thumb || thumb === inSight) return;
  inSight = thumb;
  const list = thumb.parentElement;
  list.scrollLeft = thumb.offsetLeft - list.offsetLeft - (list.clientWidth - thumb.clientWidth) / 2;
}

function showControls() {
  const { state } = history;
  for (const [name, control] of Object.entries(controls)) control.show(state[name]);
  menus[0].show(state.methods[0]);
  menus[1].show(state.methods[1] ?? "");
  colourChoice.show(colours.indexOf(state.colour_map));
  strip.show(typeof state.image === "object" ? -1 : state.image);
  document.querySelector(".own").classList.toggle("chosen", typeof state.image === "object");
  showThumb(thumbs[state.image]);
  const needed = new Set(state.methods.flatMap((method) => Object.values(index.methods[method].settings)));
  const settings = only(...needed);
  if (settings.length !== methodSettings.children.length || settings.some((e, n) => e !== methodSettings.children[n]))
    methodSettings.replaceChildren(...settings);
  methodTexts.replaceChildren(...state.methods.map((method) => el("p", {}, el("b", {}, upper(index.methods[method].title)), ` ${METHODS[method][0]} `, el("cite", {}, METHODS[method][1]))));
  squareButton.textContent = state.square ? "Take the square off" : "Put a square on";
  const { layers } = index, random = layers.slice(0, state.randomised);
  randomLayers.textContent = !random.length ? "Every layer has the weights that it learnt."
    : `${random.length} of ${layers.length} layers are random, from the scores down: ${random.length > 1 ? `${random[0]} to ` : ""}${random.at(-1)}.`;
  const two = state.methods.length > 1;
  works[2].figure.hidden = !two;
  document.querySelector(".works").classList.toggle("two", two);
  nameWhich(["Photograph", ...state.methods.map((method) => upper(index.methods[method].title))]);
  if (!two && works[2].figure.classList.contains("large")) showLarge(1);
  const stage = $("stage");
  stage.classList.toggle("square", state.square > 0);
  stage.style.setProperty("--colours", gradient(state.colour_map));
  stage.style.setProperty("--threshold", state.threshold);
  for (const scale of stage.querySelectorAll(".scale")) {
    const [least, most] = scale.querySelectorAll("b");
    least.hidden = state.threshold > 0.02; // there is no dark colour behind it then
    most.textContent = `${state.clip.toFixed(1)}th percentile`;
  }
  $("undo").disabled = !history.canUndo;
  $("redo").disabled = !history.canRedo;
  $("best").hidden = state.label === null;
}

for (const work of works)
  work.onPlace({ square: () => history.state.square, at: () => history.state.at,
    move: (at) => change({ at, square: history.state.square || SQUARE }) });

// -------------------------------------------------------------------------------- tools and links

const back = (step) => { const before = history.state; follow(before, step()); };
$("undo").onclick = () => back(() => history.undo());
$("redo").onclick = () => back(() => history.redo());
$("reset").onclick = () => back(() => history.reset());
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.matches?.("input[type=text]")) return;
  const key = event.key.toLowerCase();
  if (key === "z" || key === "y") {
    event.preventDefault();
    back(() => (key === "y" || event.shiftKey ? history.redo() : history.undo()));
  }
});

let keeping = 0;
/** The address follows the state; browsers allow it only so often. */
function keepLink() {
  clearTimeout(keeping);
  keeping = setTimeout(() => globalThis.history.replaceState(null, "", linkNow()), 400);
}
const linkNow = () => {
  const hash = toLink(history.state, first);
  return location.pathname + location.search + (hash && `#${hash}`);
};
addEventListener("hashchange", ({ newURL }) => { // the address itself may have moved on since
  const { state, complaint: about } = fromLink(new URL(newURL).hash.slice(1), first, index);
  back(() => history.change(state));
  if (about) complain(about);
});

async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    tell(done);
    return true;
  } catch {
    return false; // the browser does not allow it here
  }
}
/** Say it for a moment, in sight and aloud. */
function tell(text) {
  announce(text);
  if (!isBusy() && !complaint) {
    $("status").textContent = text;
    setTimeout(() => { if ($("status").textContent === text) $("status").textContent = ""; }, 4000);
  }
}
$("link").onclick = async () => {
  globalThis.history.replaceState(null, "", linkNow());
  const mine = typeof history.state.image === "object" ? " It does not hold your photo." : "";
  if (!(await copy(location.href, `The link is copied.${mine}`)))
    tell(`The link is in the address bar.${mine}`);
};
$("code").onclick = () => {
  const { state } = history;
  const text = asCode(state, state.label ?? label, index);
  const dialog = $("code-dialog");
  dialog.querySelector("code").textContent = text;
  $("code-note").textContent = "With cs231n_vis installed, these lines draw what you see and save it."
    + (typeof state.image === "object" ? " Your photo’s file must lie beside them." : "");
  dialog.showModal();
};
$("code-copy").onclick = async () => {
  const lines = document.querySelector("#code-dialog code");
  if (await copy(lines.textContent, "The lines are copied.")) $("code-copy").textContent = "Copied";
  else getSelection().selectAllChildren(lines);
};
$("code-dialog").addEventListener("close", () => { $("code-copy").textContent = "Copy"; });
$("save").onclick = () => {
  if (fooling.shown) works[0].save("fooling.png");
  else history.state.methods.forEach((method, n) => works[n + 1].save(`${method}.png`));
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
const showTheme = () => $("theme").setAttribute("aria-pressed", isDark());
$("theme").onclick = () => {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("theme", theme); } catch { /* it is not remembered */ }
  showTheme();
};
dark.addEventListener("change", showTheme);
showTheme();

// ------------------------------------------------------------------------------ a photo of one's own

let photos = 0;
async function addPhoto(file) {
  const name = (file.name || "photo.png").slice(0, 100);
  try {
    const found = await readPhoto(file);
    change({ image: Object.freeze({ name, id: `photo ${photos++}`, pixels: found }), label: null });
  } catch {
    complain(`${name} could not be read as an image.`);
  }
}
$("file").onchange = () => {
  const [file] = $("file").files;
  if (file) addPhoto(file);
  $("file").value = "";
};
const held = (transfer) => [...(transfer?.items ?? [])].some((item) => item.kind === "file");
addEventListener("dragover", (event) => {
  if (!held(event.dataTransfer)) return;
  event.preventDefault();
  document.body.classList.add("over");
});
addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("over"); });
addEventListener("drop", (event) => {
  document.body.classList.remove("over");
  if (!held(event.dataTransfer)) return;
  event.preventDefault();
  addPhoto(event.dataTransfer.files[0]);
});
addEventListener("paste", (event) => {
  const file = event.clipboardData?.files[0];
  if (file) addPhoto(file);
});

// ------------------------------------------------------------------------------------- beginning

showLarge(1);
showControls();
say("Loading the network …");
started = true;
early.forEach(hear);
if (linked.complaint) complain(linked.complaint);
showImage();
