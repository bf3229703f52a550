// From an image and a map to the picture that is shown, and what is done to the image before: the
// arithmetic of cs231n_vis/explorer/drawing.py, step by step in the precision that NumPy has there.
import { standardNormal } from "./random.js";

export const SIDE = 224;
export const GREY = [124, 116, 104]; // ImageNet's mean colour, 0 after preprocessing
const PIXELS = SIDE * SIDE;
const single = Math.fround;

/** Python's round: halves go to the even neighbour. */
export function round(x) {
  const low = Math.floor(x);
  const part = x - low;
  return part < 0.5 || (part === 0.5 && low % 2 === 0) ? low : low + 1;
}

let noise = null;

/** RGB (224 * 224 * 3) with noise, made brighter or darker, and with a grey square on it. */
export function perturbed(image, { grain = 0, brightness = 0, square = 0, at = [0, 0] } = {}) {
  const changed = new Uint8ClampedArray(image.length); // which rounds halves to even, as np.rint
  if (grain) {
    noise ??= standardNormal(231, PIXELS * 3);
    for (let n = 0; n < image.length; n++)
      changed[n] = single(image[n] + brightness + grain * noise[n]);
  } else {
    for (let n = 0; n < image.length; n++) changed[n] = image[n] + brightness;
  }
  if (square) {
    const [top, left] = at.map((place) => Math.max(round(place - square / 2), 0));
    const [bottom, right] = at.map((place) => Math.min(round(place + square / 2), SIDE));
    for (let row = top; row < bottom; row++)
      for (let column = left; column < right; column++)
        changed.set(GREY, (row * SIDE + column) * 3);
  }
  return changed;
}

/** A Gaussian blur, cut off at four standard deviations and mirrored at the border. */
export function blurred(map, sigma) {
  if (!sigma) return map;
  const last = Math.floor(4 * sigma + 0.5);
  const reach = 4 * Math.ceil(last / 4); // four at a time are twice as fast; those beyond weigh 0
  const weights = Float64Array.from({ length: reach + 1 }, (_, n) =>
    n > last ? 0 : Math.exp((-0.5 / (sigma * sigma)) * n * n));
  const sum = 2 * weights.reduce((a, b) => a + b) - weights[0];
  weights.forEach((weight, n) => { weights[n] = weight / sum; });
  const mirror = new Int32Array(SIDE + 2 * reach);
  for (let n = -reach; n < SIDE + reach; n++) {
    const wrapped = ((n % (2 * SIDE)) + 2 * SIDE) % (2 * SIDE);
    mirror[n + reach] = wrapped < SIDE ? wrapped : 2 * SIDE - 1 - wrapped;
  }
  // sums of single-precision numbers in double precision, the farthest first, as in SciPy
  const sums = new Float64Array(SIDE);
  const gather = (values, middle, place) => {
    for (let n = 0; n < SIDE; n++) sums[n] = values[middle + n] * weights[0];
    for (let k = reach; k > 0; k -= 4) {
      const [w1, w2, w3, w4] = [weights[k], weights[k - 1], weights[k - 2], weights[k - 3]];
      const [a1, a2, a3, a4] = [place(-k), place(1 - k), place(2 - k), place(3 - k)];
      const [b1, b2, b3, b4] = [place(k), place(k - 1), place(k - 2), place(k - 3)];
      for (let n = 0; n < SIDE; n++)
        sums[n] = sums[n] + (values[a1 + n] + values[b1 + n]) * w1
          + (values[a2 + n] + values[b2 + n]) * w2
          + (values[a3 + n] + values[b3 + n]) * w3
          + (values[a4 + n] + values[b4 + n]) * w4;
    }
  };
  const down = new Float32Array(PIXELS), both = new Float32Array(PIXELS);
  const line = new Float32Array(SIDE + 2 * reach);
  for (let row = 0; row < SIDE; row++) {
    gather(map, row * SIDE, (k) => mirror[row + reach + k] * SIDE);
    down.set(sums, row * SIDE);
  }
  for (let row = 0; row < PIXELS; row += SIDE) {
    for (let n = 0; n < line.length; n++) line[n] = down[row + mirror[n]];
    gather(line, reach, (k) => reach + k);
    both.set(sums, row);
  }
  return both;
}

/** np.percentile of single-precision numbers. */
export function percentile(values, percent) {
  const last = values.length - 1;
  const place = last * (percent / 100), low = Math.min(Math.floor(place), last);
  const some = values.slice();
  const value = select(some, low);
  if (low === last) return value;
  let next = Infinity; // the smallest of those above
  for (let n = low + 1; n <= last; n++) if (some[n] < next) next = some[n];
  const share = place - low, step = single(next - value);
  return share >= 0.5
    ? single(next - single(step * single(1 - share)))
    : single(value + single(step * single(share)));
}

/** The number at a place in the order of all, which is put there, smaller ones before it (Hoare). */
function select(values, place) {
  for (let low = 0, high = values.length - 1; low < high; ) {
    const pivot = values[place];
    let up = low, down = high;
    while (up <= down) {
      while (values[up] < pivot) up++;
      while (values[down] > pivot) down--;
      if (up <= down) {
        const kept = values[up];
        values[up++] = values[down];
        values[down--] = kept;
      }
    }
    if (down < place) low = up;
    if (up > place) high = down;
  }
  return values[place];
}

/** A map and its last blur: most sliders that move leave it as it is. */
export class Drawable {
  constructor(map) {
    this.map = map;
    this.sigma = null;
  }

  blurred(sigma) {
    if (sigma !== this.sigma) {
      this.values = blurred(this.map, sigma);
      this.sigma = sigma;
    }
    return this.values;
  }
}

const TINY = 1.1754943508222875e-38; // the smallest normal number in single precision

/** The map in colours over the image, as RGBA (224 * 224 * 4). `table` has 256 RGB colours. */
export function overlay(image, drawable, { opacity, clip, blur, threshold }, table, into) {
  const picture = into ?? new Uint8ClampedArray(PIXELS * 4);
  const values = drawable.blurred(blur);
  const top = Math.max(percentile(values, clip), TINY);
  const share = single(opacity), rest = single(1 - share), least = single(threshold);
  const below = Float32Array.from({ length: 256 }, (_, level) => level * rest);
  const above = Float32Array.from(table, (level) => level * share);
  for (let pixel = 0, from = 0, to = 0; pixel < PIXELS; pixel++, from += 3, to += 4) {
    const value = single(values[pixel] / top);
    if (value >= least) {
      const scaled = single(value * 255);
      const colour = 3 * (scaled >= 255 ? 255 : scaled | 0);
      picture[to] = single(below[image[from]] + above[colour]);
      picture[to + 1] = single(below[image[from + 1]] + above[colour + 1]);
      picture[to + 2] = single(below[image[from + 2]] + above[colour + 2]);
    } else {
      picture[to] = image[from];
      picture[to + 1] = image[from + 1];
      picture[to + 2] = image[from + 2];
    }
    picture[to + 3] = 255;
  }
  return picture;
}

/** RGB as RGBA, for a canvas. */
export function opaque(image) {
  const picture = new Uint8ClampedArray(PIXELS * 4);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    for (let channel = 0; channel < 3; channel++)
      picture[4 * pixel + channel] = image[3 * pixel + channel];
    picture[4 * pixel + 3] = 255;
  }
  return picture;
}
