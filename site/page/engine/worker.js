// The worker: it loads the network, answers the newest question, and drops what is older.

import { graphics, use } from "./backends.js";
import { fool } from "./fooling.js";
import { Helpers, howMany } from "./helpers.js";
import { decoded, preprocess } from "./images.js";
import { Look, METHODS, rowsOf } from "./methods.js";
import { Layer, Network, SIDE } from "./network.js";
import { Sentence, fetchWeights } from "./weights.js";

const BETWEEN_MAPS = 100; // milliseconds between two reports of an unfinished map
const SAME = 0.01; // the relative L2 error of a map that another processor may make of its kinks
const FASTER = 2; // times, or it is not worth the change

let network = null; // a promise, once there is something to load
let photographs = null; // a function that gives a promise of the sample images, preprocessed
let helpers = null; // a function that gives other workers, begun when they are first needed
let known = null; // what data/index.json says
let wanted = null; // the newest question, until it is begun
let working = false;
let look = null; // at what was asked about last

self.onmessage = ({ data: message }) => {
  if (message.kind === "load") {
    network = load(message);
    network.catch((problem) => fail(problem));
    if (wanted && !working) work();
    return;
  }
  if (message.kind === "help") {
    network = networkOn("wasm", message.data, message.index);
    network.then(() => self.postMessage({ kind: "free" }), () => self.close());
    return;
  }
  if (message.kind === "compute") {
    help(message);
    return;
  }
  if (message.kind === "graphics") {
    tryGraphics(message).then((better) => better || self.close());
    return;
  }
  wanted = message;
  if (network && !working) work();
};

async function load(message) {
  const start = performance.now();
  const { data, index, backend = "wasm" } = message;
  const loaded = await networkOn(backend, data, index);
  if (backend === "wasm") {
    helpers = once(() => new Helpers(message.helpers ?? howMany(), message));
  }
  self.postMessage({ type: "ready", backend, milliseconds: performance.now() - start });
  return loaded;
}

async function networkOn(backend, data, index) {
  known = index;
  photographs = once(() => fetchPhotographs(data, index.images));
  const progress = (done) => self.postMessage({ type: "loading", done });
  const arrays = fetchWeights(new URL(index.weights.file, data), index.weights, progress);
  await Promise.all([arrays, use(backend)]);
  const layers = Object.entries(await arrays).map(([name, { kernel, bias, shape }]) => [
    name,
    new Layer(kernel, bias, shape),
  ]);
  return new Network(Object.fromEntries(layers));
}

// Take over from a worker without a graphics processor, if there is one here that makes the same
// map and is much faster. map and milliseconds are of the other worker's.
async function tryGraphics({ data, index, pixels, label, map, milliseconds }) {
  try {
    const start = performance.now();
    const backend = await graphics();
    if (!backend) return false;
    const loaded = await networkOn(backend, data, index);
    let found, took;
    for (let time = 0; time < 3; time++) { // the first compiles
      const begun = performance.now();
      const tried = new Look(loaded, preprocess(pixels));
      for await (const made of METHODS.saliency(tried, label)) found = made.map();
      tried.dispose();
      took = performance.now() - begun;
    }
    if (took * FASTER > milliseconds || !(difference(found, map) < SAME)) return false;
    network = Promise.resolve(loaded);
    self.postMessage({ type: "ready", backend, milliseconds: performance.now() - start });
    return true;
  } catch {
    return false; // and nobody is the worse for it
  }
}

// ||a - b|| / ||b||.
function difference(a, b) {
  const length = (each) => Math.sqrt(b.reduce((sum, _, i) => sum + each(i) ** 2, 0));
  return length((i) => a[i] - b[i]) / length((i) => b[i]);
}

// Compute along with another worker.
async function help({ what, image, label, randomised }) {
  try {
    const whole = await network;
    const asked = randomised ? whole.randomised(randomised) : whole;
    const rows = await rowsOf(what, asked, [image], label);
    self.postMessage({ kind: "free", rows }, [rows.buffer]);
  } catch {
    self.postMessage({ kind: "failed" });
  }
}

async function work() {
  working = true;
  while (wanted) {
    const asked = wanted;
    wanted = null;
    if (asked.kind === "stop") continue;
    const tell = (event) => {
      const buffers = Object.values(event).filter((value) => value instanceof Float32Array);
      self.postMessage({ question: asked.question, ...event }, buffers.map(({ buffer }) => buffer));
    };
    const start = performance.now();
    try {
      for await (const event of answer(asked, await network)) {
        if (event) tell(event);
        await others();
        if (wanted) break;
      }
      if (!wanted) tell({ type: "idle", milliseconds: performance.now() - start });
    } catch (problem) {
      fail(problem, asked.question);
    }
  }
  working = false;
}

function fail(problem, question) {
  if (!(problem instanceof Sentence)) console.error(problem);
  const message =
    problem instanceof Sentence ? problem.message : `The page cannot compute this: ${problem}`;
  self.postMessage({ type: "failed", question, message, broken: !(problem instanceof Sentence) });
}

// Events, and now and then nothing, so that newer questions are met.
async function* answer({ kind, ...asked }, network) {
  if (asked.pixels?.length !== 3 * SIDE * SIDE) {
    throw new Sentence(`An image is ${SIDE} x ${SIDE} pixels of three colours; this one is not.`);
  }
  if (asked.randomised) network = network.randomised(asked.randomised);
  yield* kind === "fool" ? fool(asked, network) : scoresAndMaps(asked, network);
}

async function* scoresAndMaps(asked, network) {
  const { pixels, methods, settings, randomised, seen, told } = asked;
  let { label } = asked;
  if (look?.seen !== seen) {
    look?.dispose();
    look = new Look(network, preprocess(pixels), { randomised, photographs, helpers });
    look.seen = seen;
  }
  if (!told) {
    const scores = await look.scores();
    label ??= scores.indexOf(Math.max(...scores));
    yield { type: "scores", scores: scores.slice(), label, seen };
  }
  for (const method of methods) {
    let last = performance.now();
    const chosen = keywords(method, settings);
    for await (const { done, map } of METHODS[method](look, label, chosen)) {
      const now = performance.now();
      const due = done === 1 || now - last > BETWEEN_MAPS;
      yield due && { type: "map", method, map: map(), done, label, seen };
      if (due) last = now;
    }
  }
}

// A method's keywords; what is not set is as the explorer starts.
function keywords(method, settings) {
  const values = { ...known.start, ...settings };
  const chosen = Object.entries(known.controls[method]);
  return Object.fromEntries(chosen.map(([keyword, name]) => [keyword, values[name]]));
}

// Let the messages in that have arrived.
const channel = new MessageChannel();
const others = () =>
  new Promise((resolve) => {
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(null);
  });

// A function that computes once.
function once(compute) {
  let result = null;
  return () => (result ??= compute());
}

async function fetchPhotographs(data, images) {
  try {
    const answers = await Promise.all(images.map(({ file }) => fetch(new URL(file, data))));
    const blobs = await Promise.all(answers.map((answer) => answer.blob()));
    return (await Promise.all(blobs.map(decoded))).map(preprocess);
  } catch {
    photographs = once(() => fetchPhotographs(data, images));
    throw new Sentence("The images that this method compares with did not arrive; try again.");
  }
}
