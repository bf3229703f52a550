// An image close to one that the network takes for another class, a step at a time: the answer in
// cs231n_vis/references/fooling.py.

import { deprocess, preprocess } from "./images.js";
import { Look } from "./methods.js";

const STEPS = 100;

// Events, one for each step: the image as the network takes it, as a photograph, and its scores.
export async function* fool({ pixels, target }, network) {
  const image = preprocess(pixels);
  for (let step = 0; ; step++) {
    const photograph = deprocess(image);
    const scores = await looked(network, preprocess(photograph), (look) => look.scores());
    const fooled = scores.indexOf(Math.max(...scores)) === target;
    const event = { type: "fooling", image: image.slice(), pixels: opaque(photograph), step };
    yield { ...event, scores, fooled };
    if (fooled || step === STEPS) return;
    const slope = await looked(network, image, (look) => look.gradient(target));
    const length = Math.sqrt(slope.reduce((sum, value) => sum + value * value, 0));
    if (length === 0) return;
    for (let i = 0; i < image.length; i++) image[i] += slope[i] / length;
  }
}

async function looked(network, image, ask) {
  const look = new Look(network, image);
  try {
    return await ask(look);
  } finally {
    look.dispose();
  }
}

// RGBA from RGB.
function opaque(pixels) {
  const four = new Uint8ClampedArray((pixels.length / 3) * 4).fill(255);
  for (let i = 0, j = 0; i < pixels.length; i += 3, j += 4) {
    four.set(pixels.subarray(i, i + 3), j);
  }
  return four;
}
