// What Python wrote for the page: names, controls, colours and the photographs' pixels.
import { readPixels } from "./photo.js";

/** `index.json`, with every control that a state has a field for in one list. */
export function readIndex(raw) {
  const controls = {};
  for (const [name, { label, low, high, step, written }] of Object.entries(raw.sliders)) {
    const float = written.endsWith("f"), decimals = float ? Number(written[1]) : 0;
    controls[name] = { label, min: low, max: high ?? raw.layers.length, step, decimals, float };
  }
  const menus = {
    baseline: ["baseline", raw.baselines.map((name) => [name, name])],
    layer: ["layer", raw.grad_cam_layers],
    colour_map: ["colours", Object.keys(raw.colours).map((name) => [name, name])],
  };
  for (const [name, [label, options]] of Object.entries(menus)) controls[name] = { label, options };
  const methods = Object.fromEntries(Object.entries(raw.methods).map(
    ([name, title]) => [name, { title, settings: raw.controls[name] }]));
  return { ...raw, controls, methods, start: Object.freeze(raw.start) };
}

const kept = new Map();

/** RGB (224 * 224 * 3) of a sample photograph. */
export function loadImage(folder, { file }) {
  if (!kept.has(file)) {
    const pixels = fetch(folder + file).then((answer) => answer.blob()).then(readPixels);
    pixels.catch(() => kept.delete(file));
    kept.set(file, pixels);
  }
  return kept.get(file);
}
