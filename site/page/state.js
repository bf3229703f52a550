// What the page shows, in one small object; its past; the link that holds it; and the lines of
// Python that reproduce it. As cs231n_vis/explorer/state.py, whose as_code gives the same lines.
//
// A state is a frozen object with the fields of State there, of which index.json's `start` is the
// first; its `image` is the number of a sample or a photo, { name, id, pixels }.

const MOST_UNDONE = 200; // steps that are remembered
const CHOSEN = ["image", "label", "methods", "baseline", "layer", "colour_map"]; // never dragged
const DISPLAY = ["opacity", "clip", "blur", "threshold", "colour_map"];

const same = (a, b) => a === b || (Array.isArray(a) && a.length === b.length && a.every((x, n) => x === b[n]));

/** The names of the fields in which two states differ. */
export const differing = (a, b) => Object.keys(a).filter((name) => !same(a[name], b[name]));

/** The keywords that a method is called with. */
export function settingsOf(state, method, index) {
  const chosen = {};
  for (const [keyword, control] of Object.entries(index.methods[method].settings))
    chosen[keyword] = state[control];
  if ("stride" in chosen) chosen.stride = Math.min(state.stride, state.patch);
  return chosen;
}

export const perturbation = ({ grain, brightness, square, at }) =>
  ({ grain, brightness, square, at: square ? at : [0, 0] });

/** What is shown and the past of it, one state after another. */
export class History {
  constructor(first, now = first) {
    this.first = first;
    this.states = [now];
    this.place = 0;
    this.last = "";
  }

  get state() { return this.states[this.place]; }
  get canUndo() { return this.place > 0; }
  get canRedo() { return this.place < this.states.length - 1; }

  /** Go on to a state that differs in this. Dragging one slider is one step. */
  change(changes) {
    const state = Object.freeze({ ...this.state, ...changes });
    if (!differing(this.state, state).length) return this.state;
    const names = Object.keys(changes), kind = names.join();
    const dragged = names.every((name) => !CHOSEN.includes(name));
    if (dragged && kind === this.last && !this.canRedo && this.states.length > 1) {
      this.states[this.place] = state;
    } else {
      this.states = [...this.states.slice(0, this.place + 1), state].slice(-MOST_UNDONE);
      this.place = this.states.length - 1;
    }
    this.last = kind;
    return state;
  }

  undo() { return this.go(-1); }
  redo() { return this.go(1); }

  go(step) {
    this.place = Math.min(Math.max(this.place + step, 0), this.states.length - 1);
    this.last = "";
    return this.state;
  }

  /** Everything as it was at first, but for image and class. */
  reset() {
    const { image, label } = this.state;
    this.last = "";
    return this.change({ ...this.first, image, label });
  }
}

/** The part of an address behind #, which holds all of a state but a photo. */
export function toLink(state, first) {
  const link = new URLSearchParams();
  for (const name of differing(first, state)) {
    const value = state[name];
    if (typeof value !== "object" || Array.isArray(value)) link.set(name, String(value));
  }
  return link.toString().replaceAll("%2C", ",");
}

/** The state that a link holds, and what of it is to be left out, in words. */
export function fromLink(link, first, index) {
  const changes = {}, complaints = [];
  for (const [name, text] of new URLSearchParams(link)) {
    const value = name in first ? read(name, text, index) : undefined;
    if (value === undefined) complaints.push(`${name}=${text}`.slice(0, 60));
    else changes[name] = value;
  }
  const state = Object.freeze({ ...first, ...changes });
  const complaint = complaints.length
    ? `The link holds what this page does not know, and which is left out: ${complaints.join("; ")}.`
    : "";
  return { state, complaint };
}

function read(name, text, index) {
  const integer = (most) => (/^\d{1,4}$/.test(text) && Number(text) <= most ? Number(text) : undefined);
  if (name === "image") return integer(index.images.length - 1);
  if (name === "label") return integer(index.classes.length - 1);
  if (name === "methods") {
    const names = [...new Set(text.split(","))];
    return names.length <= 2 && names.every((m) => Object.hasOwn(index.methods, m)) ? names : undefined;
  }
  if (name === "at") {
    const place = text.split(",").map(Number);
    return place.length === 2 && place.every((x) => Number.isInteger(x) && x >= 0 && x <= 224)
      ? place : undefined;
  }
  const control = index.controls[name];
  if (control.options) return control.options.map(([, value]) => value).find((v) => String(v) === text);
  const number = text.trim() === "" ? NaN : Number(text);
  if (!(number >= control.min && number <= control.max)) return undefined;
  const steps = Math.round((number - control.min) / control.step);
  return Number((control.min + steps * control.step).toFixed(6));
}

/** The lines of Python that draw what is shown, and save it as PNG. */
export function asCode(state, label, index) {
  const keywords = (chosen) => Object.entries(chosen)
    .map(([name, value]) => `${name}=${literal(value, index.controls[name]?.float)}`).join(", ");
  const lines = ["import numpy as np", "from PIL import Image", "", "import cs231n_vis as vis",
    "from cs231n_vis import explorer", ""];
  lines.push(typeof state.image === "object"
    ? `image = vis.load_image(${literal(state.image.name)})  # your photo`
    : `image = vis.load_imagenet_val()[0][${state.image}]`);
  if (state.grain || state.brightness || state.square)
    lines.push(`image = explorer.perturbed(image, ${keywords(perturbation(state))})`);
  lines.push("X = vis.preprocess_image(image)[None]", `y = np.array([${label}])`,
    "model = vis.load_squeezenet()");
  if (state.randomised)
    lines.push(`model = explorer.with_random_layers(model, ${state.randomised})`);
  lines.push("");
  state.methods.forEach((method, number) => {
    const settings = settingsOf(state, method, index);
    let call = keywords(settings);
    if ("baseline" in settings)
      call = call.replace(/baseline=('\w+')/, "baseline=explorer.baseline($1)");
    const name = state.methods.length > 1 ? `map${number + 1}` : "saliency";
    const display = Object.fromEntries(DISPLAY.map((field) => [field, state[field]]));
    lines.push(
      `${name} = vis.methods.${method}(X, y, model${call && ", "}${call})`,
      `${name} = explorer.drawable('${method}', ${name})[0]`,
      `picture = explorer.overlay(image, ${name}, ${keywords(display)})`,
      `Image.fromarray(picture).save("${method}.png")`);
  });
  return lines.join("\n") + "\n";
}

/** Python's repr of a number, a text, None or a tuple. */
function literal(value, float = false) {
  if (value === null) return "None";
  if (Array.isArray(value)) return `(${value.join(", ")})`;
  if (typeof value === "number") return float && Number.isInteger(value) ? `${value}.0` : `${value}`;
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const inside = value.replace(/[\\'\p{C}\p{Z}]/gu, (sign) => {
    if (sign === " " || (sign === "'" && quote === '"')) return sign;
    const named = { "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t" }[sign];
    if (named) return named;
    const code = sign.codePointAt(0), digits = code < 256 ? 2 : code < 65536 ? 4 : 8;
    return `\\${{ 2: "x", 4: "u", 8: "U" }[digits]}${code.toString(16).padStart(digits, "0")}`;
  });
  return quote + inside + quote;
}
