// SqueezeNet 1.1, forward and backward: the backward by hand, because each ReLU's rule can then be
// exchanged, and because a max-pool's gradient must go where TensorFlow sends it.
//
// Feature maps are a list of parts along the channels: what a fire module's two expanding
// convolutions return is never put together, as two convolutions and a sum do the same for the next.

import * as tf from "@tensorflow/tfjs-core";
import { unpool, whereOn } from "./kernels.js";
import { Generator } from "./random.js";

export const SIDE = 224;
const FIRES = [2, 3, 4, 5, 6, 7, 8, 9];
const POOLED = [3, 5]; // the fire modules with a max-pool behind them

// What a ReLU lets through of the gradient that arrives at it: that where it was on itself, that
// which is positive, or both.
export const RULES = {
  gradient: { on: true },
  guided: { on: true, positive: true },
  rectified: { positive: true },
};

function throughRelu(g, y, { on, positive }) {
  if (positive) g = tf.relu(g);
  return on ? whereOn(g, y) : g;
}

// The same with the max-pool behind the ReLU: where a window's maximum is 0, the ReLU was not on.
function throughPool(g, x, y, { on, positive }) {
  g = unpool(on ? whereOn(g, y) : g, x, y);
  return positive ? tf.relu(g) : g;
}

// A convolution's numbers, as tensors.
export class Layer {
  // kernel: Float32Array (height, width, in, out) in the order of shape; bias: Float32Array.
  constructor(kernel, bias, shape) {
    Object.assign(this, { kernel, bias, shape });
    const [height, , inputs] = shape;
    this.tensors = tf.tidy(() => {
      const whole = tf.tensor4d(kernel, shape);
      const kernels = height === 1 && inputs > 64 ? tf.split(whole, 2, 2) : [tf.clone(whole)];
      const backward = inputs === 3 ? [blockKernel(kernel, shape)] : kernels.map(turned);
      return { kernels, bias: tf.tensor1d(bias), backward };
    });
    this.columns = new Map();
  }

  // Of conv10: the column of each part of the kernel that is one class's, (in).
  column(label) {
    if (!this.columns.has(label)) {
      const [, , inputs, outputs] = this.shape;
      const column = Float32Array.from(
        { length: inputs },
        (_, i) => this.kernel[i * outputs + label],
      );
      const halves = [column.subarray(0, inputs / 2), column.subarray(inputs / 2)];
      this.columns.set(label, halves.map((half) => tf.keep(tf.tensor1d(half))));
    }
    return this.columns.get(label);
  }

  dispose() {
    tf.dispose([this.tensors, ...this.columns.values()]);
  }
}

export class Network {
  // layers: {name: Layer}, in the order of the network.
  constructor(layers) {
    this.layers = layers;
    this.shuffled = new Map();
  }

  // The network with so many layers, from the scores down, whose numbers have changed places: as
  // cs231n_vis.explorer.with_random_layers does it, with the same random numbers.
  randomised(count) {
    const names = Object.keys(this.layers).reverse().slice(0, count);
    names.forEach((name, depth) => {
      if (!this.shuffled.has(name)) {
        const { kernel, bias, shape } = this.layers[name];
        const random = new Generator(0, depth);
        const [first, second] = [kernel, bias].map((array) => random.shuffle(array.slice()));
        this.shuffled.set(name, new Layer(first, second, shape));
      }
    });
    const random = names.map((name) => [name, this.shuffled.get(name)]);
    return new Network({ ...this.layers, ...Object.fromEntries(random) });
  }

  // A convolution of all parts, with its ReLU.
  convolve(name, parts, strides = 1, pad = "same") {
    const { kernels, bias } = this.layers[name].tensors;
    const options = { strides, pad };
    if (parts.length === 1) {
      const [x] = parts;
      return tf.fused.conv2d({ x, filter: kernels[0], bias, activation: "relu", ...options });
    }
    const left = tf.fused.conv2d({ x: parts[0], filter: kernels[0], bias, ...options });
    return tf.relu(tf.add(left, tf.conv2d(parts[1], kernels[1], strides, pad)));
  }

  // The gradient before a convolution, as parts, from that behind it.
  convolveBack(name, g) {
    return this.layers[name].tensors.backward.map((kernel) => tf.conv2d(g, kernel, 1, "same"));
  }

  // Every layer's output that the gradient needs, by name, from images (N, 224, 224, 3).
  features(images) {
    const trace = { conv1: [this.convolve("conv1", [images], 2, "valid")] };
    let parts = (trace.pool1 = trace.conv1.map(pool));
    for (const n of FIRES) {
      const squeezed = [this.convolve(`fire${n}_squeeze1x1`, parts)];
      trace[`squeeze${n}`] = squeezed;
      parts = trace[`fire${n}`] = ["expand1x1", "expand3x3"].map((side) =>
        this.convolve(`fire${n}_${side}`, squeezed),
      );
      if (POOLED.includes(n)) parts = trace[`pool${n}`] = parts.map(pool);
    }
    return trace;
  }

  // The scores (N, 1000).
  scores(trace) {
    return tf.mean(this.convolve("conv10", trace.fire9), [1, 2]);
  }

  // conv10's feature map of one class, (N, 13, 13, 1).
  mapOfClass(trace, label) {
    const [left, right] = this.layers.conv10.column(label).map((column, i) =>
      tf.conv2d(trace.fire9[i], tf.reshape(column, [1, 1, column.size, 1]), 1, "same"),
    );
    return tf.relu(tf.add(tf.add(left, right), this.layers.conv10.bias[label]));
  }

  // The class's scores, (N).
  score(trace, label) {
    return tf.mean(this.mapOfClass(trace, label), [1, 2, 3]);
  }

  // The gradient of the class's score: in blocks, (N, 112, 112, 12), or (parts) with respect to a
  // layer's output. What unblocked() makes of the blocks is the gradient at the pixels.
  gradient(trace, label, rule = RULES.gradient, layer = null) {
    const map = this.mapOfClass(trace, label);
    const cells = map.shape[1] * map.shape[2];
    const above = throughRelu(tf.fill(map.shape, 1 / cells), map, rule);
    let g = this.layers.conv10.column(label).map((column) => tf.mul(above, column));
    for (const n of [...FIRES].reverse()) {
      const outputs = trace[`fire${n}`], pooled = trace[`pool${n}`];
      if (layer === `fire${n}_concat`) {
        return pooled ? g.map((part, i) => unpool(part, outputs[i], pooled[i])) : g;
      }
      const [left, right] = g.map((part, i) =>
        pooled
          ? throughPool(part, outputs[i], pooled[i], rule)
          : throughRelu(part, outputs[i], rule),
      );
      const [one] = this.convolveBack(`fire${n}_expand1x1`, left);
      const [three] = this.convolveBack(`fire${n}_expand3x3`, right);
      const squeezed = throughRelu(tf.add(one, three), trace[`squeeze${n}`][0], rule);
      g = this.convolveBack(`fire${n}_squeeze1x1`, squeezed);
    }
    const behind = [g[0], trace.conv1[0], trace.pool1[0]];
    if (layer === "conv1") return [unpool(...behind)];
    const [kernel] = this.layers.conv1.tensors.backward;
    const around = [[0, 0], [1, 1], [1, 1], [0, 0]];
    return tf.conv2d(throughPool(...behind, rule), kernel, 1, around);
  }
}

// (224, 224, 3) from (112, 112, 12), where each 12 are 2 x 2 pixels.
export function unblocked(blocks) {
  const image = new Float32Array(blocks.length), half = SIDE / 2;
  for (let row = 0, from = 0; row < half; row++) {
    for (let column = 0; column < half; column++) {
      const to = 3 * (2 * row * SIDE + 2 * column);
      for (let i = 0; i < 6; i++, from++) image[to + i] = blocks[from];
      for (let i = 0; i < 6; i++, from++) image[to + 3 * SIDE + i] = blocks[from];
    }
  }
  return image;
}

const pool = (x) => tf.maxPool(x, 3, 2, "valid");

// The kernel of the convolution that takes gradients back.
const turned = (kernel) => tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]);

// The same of conv1, which goes two pixels at a step. Row 2q of the image meets rows 0 and 2 of the
// kernel, at q and at q - 1; row 2q + 1 meets row 1. So 2 x 2 pixels come of 2 x 2 gradients.
function blockKernel(kernel, [height, width, inputs, outputs]) {
  const to = new Float32Array(4 * outputs * 4 * inputs);
  const places = [[1, 0], [1, 1], [0, 0]]; // of each row: which gradient, which pixel of the block
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [a, i] = places[row], [b, j] = places[column];
      for (let c = 0; c < inputs; c++) {
        for (let o = 0; o < outputs; o++) {
          to[((a * 2 + b) * outputs + o) * 4 * inputs + (i * 2 + j) * inputs + c] =
            kernel[((row * width + column) * inputs + c) * outputs + o];
        }
      }
    }
  }
  return tf.tensor4d(to, [2, 2, outputs, 4 * inputs]);
}
