// The methods, with the names, settings and meaning of cs231n_vis/methods/.
//
// Each is a generator that is given an image that is looked at, a class and settings, and yields
// { done, map }: what share is done, and a function that makes the map (224 x 224, nonnegative) of
// what there is. Between two yields no more is computed than a batch.

import * as tf from "@tensorflow/tfjs-core";
import { largest } from "./images.js";
import { RULES, SIDE } from "./network.js";

// An image that a network looks at; what several methods need is computed once.
export class Look {
  // image: preprocessed, Float32Array (224, 224, 3).
  constructor(network, image) {
    Object.assign(this, { network, image });
    this.trace = tf.tidy(() => network.features(batch([image])));
    this.gradients = new Map();
  }

  async scores() {
    this._scores ??= await numbers(() => this.network.scores(this.trace));
    return this._scores;
  }

  // The gradient of a class's score at the image, Float32Array (224, 224, 3).
  async gradient(label, rule) {
    const name = `${label} ${rule}`;
    if (!this.gradients.has(name)) {
      const compute = () => this.network.gradient(this.trace, label, RULES[rule]);
      this.gradients.set(name, await numbers(compute));
    }
    return this.gradients.get(name);
  }

  dispose() {
    tf.dispose(this.trace);
  }
}

const batch = (images) => tf.concat(images.map((image) => tf.tensor4d(image, [1, SIDE, SIDE, 3])));

// The numbers of the tensor that a function makes.
async function numbers(compute) {
  const tensor = tf.tidy(compute);
  const array = await tensor.data();
  tensor.dispose();
  return array;
}

const whole = (attributions) => ({ done: 1, map: () => largest(attributions) });

const gradientMethod = (rule) =>
  async function* (look, label) {
    yield whole(await look.gradient(label, rule));
  };

export const METHODS = {
  saliency: gradientMethod("gradient"),
  guided_backpropagation: gradientMethod("guided"),
  deconvnet: gradientMethod("rectified"),

  async *input_x_gradient(look, label) {
    const gradient = await look.gradient(label, "gradient");
    yield whole(gradient.map((slope, i) => slope * look.image[i]));
  },
};
