// The methods, with the names, the settings and the meaning of cs231n_vis/methods/. What they draw
// at random, they draw as the methods there do with the seed 0.
//
// Each is a generator that is given an image that is looked at, a class and settings, and yields
// { done, map }: what share is done, and a function that makes the map (224 x 224, nonnegative) of
// what there is. Between two yields no more is computed than a batch.

import * as tf from "@tensorflow/tfjs-core";
import { colour, largest } from "./images.js";
import { RULES, SIDE, unblocked } from "./network.js";
import { Generator } from "./random.js";

const PIXELS = SIDE * SIDE;
const NUMBERS = 3 * PIXELS;

// An image that a network looks at; what several methods need is computed once.
export class Look {
  // image: preprocessed, Float32Array (224, 224, 3). Others: how many layers of the network are
  // random; photographs, a function that gives a promise of the sample images, preprocessed; and
  // helpers, one that gives other workers.
  constructor(network, image, others = {}) {
    Object.assign(this, { network, image, ...others });
    this.trace = tf.tidy(() => network.features(stack([image])));
    this.gradients = new Map();
  }

  async scores() {
    this._scores ??= await numbers(() => this.network.scores(this.trace));
    return this._scores;
  }

  // The gradient of a class's score at the image, Float32Array (224, 224, 3).
  async gradient(label, rule = "gradient") {
    const name = `${label} ${rule}`;
    if (!this.gradients.has(name)) {
      const compute = () => this.network.gradient(this.trace, label, RULES[rule]);
      this.gradients.set(name, unblocked(await numbers(compute)));
    }
    return this.gradients.get(name);
  }

  dispose() {
    tf.dispose(this.trace);
  }
}

const gradientMethod = (rule) =>
  async function* (look, label) {
    yield whole(await look.gradient(label, rule));
  };

export const METHODS = {
  saliency: gradientMethod("gradient"),
  guided_backpropagation: gradientMethod("guided"),
  deconvnet: gradientMethod("rectified"),

  async *input_x_gradient(look, label) {
    const gradient = await look.gradient(label);
    yield whole(gradient.map((slope, i) => slope * look.image[i]));
  },

  async *smoothgrad(look, label, settings) {
    const mean = new Float32Array(NUMBERS);
    for await (const [slope, done] of noisyGradients(look, label, settings)) {
      for (let i = 0; i < NUMBERS; i++) mean[i] += slope[i] / settings.samples;
      yield { done, map: () => largest(mean) };
    }
  },

  async *smoothgrad_squared(look, label, settings) {
    const mean = new Float32Array(NUMBERS);
    for await (const [slope, done] of noisyGradients(look, label, settings)) {
      for (let i = 0; i < NUMBERS; i++) mean[i] += slope[i] ** 2 / settings.samples;
      yield { done, map: () => largest(mean) };
    }
  },

  async *vargrad(look, label, settings) {
    const mean = new Float32Array(NUMBERS), squares = new Float32Array(NUMBERS);
    let seen = 0;
    for await (const [slope, done] of noisyGradients(look, label, settings)) {
      seen++; // Welford 1962, as in Python
      for (let i = 0; i < NUMBERS; i++) {
        const deviation = slope[i] - mean[i];
        mean[i] += deviation / seen;
        squares[i] += (deviation * (slope[i] - mean[i])) / settings.samples;
      }
      yield { done, map: () => largest(squares) };
    }
  },

  async *integrated_gradients(look, label, { steps, baseline }) {
    const { image } = look, start = colour(baseline);
    const total = new Float32Array(NUMBERS);
    const onTheWay = (s) => between(start, image, (s + 0.5) / steps);
    for await (const [slope, done] of gradients(look, label, steps, onTheWay)) {
      for (let i = 0; i < NUMBERS; i++) total[i] += slope[i] / steps;
      const map = () => largest(total.map((sum, i) => sum * (image[i] - start[i % 3])));
      yield { done, map };
    }
  },

  async *expected_gradients(look, label, { samples }) {
    const { image } = look, photographs = await look.photographs();
    const random = new Generator(0);
    const others = draw(samples, () => photographs[random.integer(photographs.length)]);
    const points = draw(samples, () => random.float());
    const mean = new Float32Array(NUMBERS);
    const onTheWay = (s) => between(others[s], image, points[s]);
    for await (const [slope, done, s] of gradients(look, label, samples, onTheWay)) {
      const other = others[s];
      for (let i = 0; i < NUMBERS; i++) mean[i] += ((image[i] - other[i]) * slope[i]) / samples;
      yield { done, map: () => largest(mean) };
    }
  },

  async *grad_cam(look, label, { layer }) {
    const map = await activationMap(look, label, layer);
    yield { done: 1, map: () => map };
  },

  async *guided_grad_cam(look, label, { layer }) {
    const map = await activationMap(look, label, layer);
    const guided = await look.gradient(label, "guided");
    yield whole(guided.map((slope, i) => slope * map[Math.floor(i / 3)]));
  },

  async *occlusion(look, label, { patch, stride }) {
    stride = Math.min(stride, patch);
    const starts = [];
    for (let at = 0; at < SIDE - patch; at += stride) starts.push(at);
    starts.push(SIDE - patch);
    const squares = starts.flatMap((top) => starts.map((left) => [top, left]));
    const fall = new Float32Array(PIXELS), times = new Float32Array(PIXELS);
    const inside = ([top, left], each) => {
      for (let y = top; y < top + patch; y++) {
        for (let x = left; x < left + patch; x++) each(y * SIDE + x);
      }
    };
    for (const square of squares) inside(square, (place) => times[place]++);
    const covered = (s) => {
      const image = look.image.slice();
      inside(squares[s], (place) => image.fill(0, 3 * place, 3 * place + 3));
      return image;
    };
    const [before] = await numbers(() => look.network.score(look.trace, label));
    for await (const [after, done, s] of single(look, label, squares.length, covered, "score")) {
      inside(squares[s], (place) => (fall[place] += before - after));
      yield { done, map: () => fall.map((sum, i) => Math.max(sum / times[i], 0)) };
    }
  },

  async *rise(look, label, { samples }) {
    const map = new Float32Array(PIXELS), keep = 0.5;
    const masks = new Map(); // those of the batch that is computed
    const masked = (s) => {
      const mask = randomMask(7, keep, s);
      masks.set(s, mask);
      return look.image.map((value, i) => value * mask[Math.floor(i / 3)]);
    };
    for await (const [sure, done, s] of single(look, label, samples, masked, "probability")) {
      const mask = masks.get(s);
      masks.delete(s);
      for (let i = 0; i < PIXELS; i++) map[i] += sure * mask[i];
      yield {
        done,
        map() {
          const least = map.reduce((a, b) => Math.min(a, b));
          return map.map((sum) => (sum - least) / (samples * keep));
        },
      };
    }
  },
};

// Many images ----------------------------------------------------------------------------------

// What a network computes of images that it has looked at, a row for each.
const OF_IMAGES = {
  gradient: (network, trace, label) => network.gradient(trace, label),
  score: (network, trace, label) => network.score(trace, label),
  probability: (network, trace, label) =>
    tf.slice(tf.softmax(network.scores(trace)), [0, label], [-1, 1]),
};

export const rowsOf = (what, network, images, label) =>
  numbers(() => OF_IMAGES[what](network, network.features(stack(images)), label));

// [row, share that is done, number] for so many images, which make(number) gives, in the order in
// which they are ready.
async function* variations(look, count, make, what, label) {
  const ready = [], again = [], running = new Set();
  const helpers = count > 2 ? look.helpers?.() : null;
  let next = 0, done = 0;
  const left = () => again.length + count - next;
  const take = () => again.pop() ?? next++;
  const handOut = (s) => {
    const task = { what, label, image: make(s), randomised: look.randomised };
    const run = helpers.compute(task).then((row) => ready.push([s, row]), () => again.push(s));
    running.add(run);
    run.finally(() => running.delete(run));
  };
  while (done < count) {
    while (helpers?.free.length && left()) handOut(take());
    if (left()) {
      const batch = draw(Math.min(batchSize(), left()), take);
      const rows = await rowsOf(what, look.network, batch.map(make), label);
      const size = rows.length / batch.length;
      batch.forEach((s, i) => ready.push([s, rows.subarray(i * size, (i + 1) * size)]));
    } else if (!ready.length) {
      await Promise.race(running);
    }
    for (const [s, row] of ready.splice(0)) yield [row, ++done / count, s];
  }
}

async function* gradients(look, label, count, make) {
  for await (const [blocks, done, s] of variations(look, count, make, "gradient", label)) {
    yield [unblocked(blocks), done, s];
  }
}

async function* single(look, label, count, make, what) {
  for await (const [[value], done, s] of variations(look, count, make, what, label)) {
    yield [value, done, s];
  }
}

function noisyGradients(look, label, { samples, noise }) {
  const { image } = look;
  const extreme = (pick) => image.reduce((a, b) => pick(a, b));
  const range = Math.fround(extreme(Math.max) - extreme(Math.min));
  const deviation = Math.fround(Math.fround(noise) * range);
  const noisy = (s) => {
    const normal = new Generator(0, s).normals(NUMBERS);
    return image.map((value, i) => value + Math.fround(deviation * normal[i]));
  };
  return gradients(look, label, samples, noisy);
}

const batchSize = () => (tf.getBackend() === "wasm" ? 1 : 5);

const stack = (images) => tf.concat(images.map((image) => tf.tensor4d(image, [1, SIDE, SIDE, 3])));

const draw = (count, each) => Array.from({ length: count }, (_, i) => each(i));

const whole = (attributions) => ({ done: 1, map: () => largest(attributions) });

// The numbers of the tensor that a function makes.
async function numbers(compute) {
  const tensor = tf.tidy(compute);
  const array = await tensor.data();
  tensor.dispose();
  return array;
}

// A share of the way from an image, or a colour, to another.
function between(from, to, share) {
  share = Math.fround(share);
  return to.map((value, i) => {
    const start = from[i % from.length];
    return start + Math.fround(share * Math.fround(value - start));
  });
}

// Maps -----------------------------------------------------------------------------------------

// Grad-CAM of a layer, brought to the size of the image.
async function activationMap(look, label, layer) {
  const { network, trace } = look;
  const map = tf.tidy(() => {
    if (!layer || layer === "conv10") {
      const map = network.mapOfClass(trace, label); // the slope is the same everywhere
      return tf.div(map, map.shape[1] * map.shape[2]);
    }
    const features = trace[layer.replace("_concat", "")];
    const parts = network.gradient(trace, label, RULES.gradient, layer).map((slope, i) => {
      const weights = tf.mean(slope, [1, 2], true);
      return tf.sum(tf.mul(weights, features[i]), 3);
    });
    return tf.relu(parts.length > 1 ? tf.add(...parts) : parts[0]);
  });
  const [side, values] = [map.shape[1], await map.data()];
  map.dispose();
  return enlarged(values, side);
}

// A square of numbers brought to another size, bilinearly, as TensorFlow and Pillow do it.
function enlarged(values, side, size = SIDE) {
  const places = draw(size, (i) => {
    const at = ((i + 0.5) * side) / size - 0.5, low = Math.floor(at);
    return [Math.max(low, 0), Math.min(low + 1, side - 1), at - low];
  });
  const map = new Float32Array(size * size);
  places.forEach(([top, bottom, down], y) => {
    places.forEach(([left, right, across], x) => {
      const row = (at) =>
        values[at * side + left] * (1 - across) + values[at * side + right] * across;
      map[y * size + x] = row(top) * (1 - down) + row(bottom) * down;
    });
  });
  return map;
}

// RISE's mask number s: a grid of cells, each kept with that probability, enlarged to a cell more
// than needed, and shifted.
function randomMask(cells, keep, s) {
  const random = new Generator(0, s);
  const cell = Math.ceil(SIDE / cells), size = (cells + 1) * cell;
  const grid = draw(cells * cells, () => Number(random.double() < keep));
  const [top, left] = draw(2, () => random.integer(cell));
  const large = enlarged(grid, cells, size);
  const mask = new Float32Array(PIXELS);
  for (let y = 0; y < SIDE; y++) {
    const from = (top + y) * size + left;
    mask.set(large.subarray(from, from + SIDE), y * SIDE);
  }
  return mask;
}
