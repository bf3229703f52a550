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
  const reach = Math.floor(4 * sigma + 0.5);
  const weights = Float64Array.from({ length: reach + 1 }, (_, n) =>
    Math.exp((-0.5 / (sigma * sigma)) * n * n));
  const sum = 2 * weights.reduce((a, b) => a + b) - weights[0];
  weights.forEach((weight, n) => { weights[n] = weight / sum; });
  const mirror = new Int32Array(SIDE + 2 * reach);
  for (let n = -reach; n < SIDE + reach; n++) {
    const wrapped = ((n % (2 * SIDE)) + 2 * SIDE) % (2 * SIDE);
    mirror[n + reach] = wrapped < SIDE ? wrapped : 2 * SIDE - 1 - wrapped;
  }
  const along = (values, from, to) => {
    const line = new Float64Array(SIDE + 2 * reach), result = new Float32Array(PIXELS);
    for (let row = 0; row < SIDE; row++) {
      for (let n = 0; n < line.length; n++) line[n] = values[from(row, mirror[n])];
      for (let n = 0; n < SIDE; n++) {
        let total = line[n + reach] * weights[0];
        for (let step = reach; step > 0; step--)
          total += (line[n + reach - step] + line[n + reach + step]) * weights[step];
        result[to(row, n)] = total;
      }
    }
    return result;
  };
  const columns = (column, n) => n * SIDE + column, rows = (row, n) => row * SIDE + n;
  return along(along(map, columns, columns), rows, rows);
}

/** np.percentile of sorted single-precision numbers. */
export function percentile(sorted, percent) {
  const last = sorted.length - 1;
  const place = last * (percent / 100), low = Math.floor(place);
  if (low >= last) return sorted[last];
  const share = place - low, step = single(sorted[low + 1] - sorted[low]);
  return share >= 0.5
    ? single(sorted[low + 1] - single(step * single(1 - share)))
    : single(sorted[low] + single(step * single(share)));
}

/** What a map keeps between two drawings: its last blur, and the values in order. */
export class Drawable {
  constructor(map) {
    this.map = map;
    this.sigma = null;
  }

  blur(sigma) {
    if (sigma !== this.sigma) {
      this.values = blurred(this.map, sigma);
      this.sorted = Float32Array.from(this.values).sort();
      this.sigma = sigma;
    }
  }
}

const TINY = 1.1754943508222875e-38; // the smallest normal number in single precision

/** The map in colours over the image, as RGBA (224 * 224 * 4). `table` has 256 RGB colours. */
export function overlay(image, drawable, { opacity, clip, blur, threshold }, table, into) {
  const picture = into ?? new Uint8ClampedArray(PIXELS * 4);
  drawable.blur(blur);
  const { values, sorted } = drawable;
  const top = Math.max(percentile(sorted, clip), TINY);
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
