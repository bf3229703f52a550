// A photo of the reader's own: decoded by the browser, turned as the camera held it, then resized
// and cut out as cs231n_vis.load_image does, in the arithmetic of Pillow's bilinear filter.
import { SIDE, round } from "./drawing.js";

const SHORT = 256; // the shorter side, before the middle is cut out
const IN_FULL = 24_000_000; // pixels; what is beyond it is made smaller while it is decoded
const RIBBON = 8; // of what is longer than 1:8 only the middle is kept

const AS_IT_IS = { imageOrientation: "from-image", colorSpaceConversion: "none" };

/** RGB (224 * 224 * 3) of an image file. Throws where the browser finds no image in it. */
export async function readPhoto(file) {
  let bitmap = await createImageBitmap(file, AS_IT_IS);
  if (bitmap.width * bitmap.height > IN_FULL) {
    const scale = (5 * SIDE) / Math.min(bitmap.width, bitmap.height);
    bitmap = await createImageBitmap(bitmap, {
      resizeWidth: round(bitmap.width * scale),
      resizeHeight: round(bitmap.height * scale),
      resizeQuality: "high",
    });
  }
  const { width, height } = middle(bitmap.width, bitmap.height);
  return square(pixelsOf(bitmap, width, height), width, height);
}

/** RGB of an image file that has the network's size already. */
export async function readPixels(file) {
  const rgba = pixelsOf(await createImageBitmap(file, AS_IT_IS), SIDE, SIDE);
  return new Uint8ClampedArray(SIDE * SIDE * 3).map((_, n) => rgba[n + ((n / 3) | 0)]);
}

/** RGBA of the middle of a bitmap, of this size. Transparency shows white. */
function pixelsOf(bitmap, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, -((bitmap.width - width) >> 1), -((bitmap.height - height) >> 1));
  bitmap.close();
  return context.getImageData(0, 0, width, height).data;
}

function middle(width, height) {
  const longest = RIBBON * Math.min(width, height);
  const kept = (side) => side - 2 * (Math.max(0, side - longest) >> 1);
  return { width: kept(width), height: kept(height) };
}

/** RGBA of any size to RGB (224 * 224 * 3): the shorter side to 256, then the middle. */
export function square(rgba, width, height) {
  const short = Math.min(width, height);
  const [wide, high] = [width, height].map((side) => round((side * SHORT) / short));
  const across = filter(width, wide), down = filter(height, high);
  const left = (wide - SIDE) >> 1, top = (high - SIDE) >> 1;
  const first = down.starts[top], last = down.starts[top + SIDE - 1] + down.weights[top + SIDE - 1].length;
  const narrow = new Uint8ClampedArray((last - first) * SIDE * 3);
  for (let row = first; row < last; row++)
    for (let column = 0; column < SIDE; column++) {
      const weights = across.weights[left + column];
      for (let channel = 0; channel < 3; channel++) {
        let sum = HALF, from = (row * width + across.starts[left + column]) * 4 + channel;
        for (let n = 0; n < weights.length; n++, from += 4) sum += rgba[from] * weights[n];
        narrow[((row - first) * SIDE + column) * 3 + channel] = sum >> BITS;
      }
    }
  const result = new Uint8ClampedArray(SIDE * SIDE * 3);
  for (let row = 0; row < SIDE; row++) {
    const weights = down.weights[top + row], start = (down.starts[top + row] - first) * SIDE * 3;
    for (let column = 0; column < SIDE * 3; column++) {
      let sum = HALF;
      for (let n = 0; n < weights.length; n++)
        sum += narrow[start + n * SIDE * 3 + column] * weights[n];
      result[row * SIDE * 3 + column] = sum >> BITS;
    }
  }
  return result;
}

const BITS = 22, HALF = 1 << 21;

/** Of each new pixel the first old one that it sees, and the weights from there on, as integers. */
function filter(before, after) {
  const scale = before / after, support = Math.max(scale, 1), starts = [], weights = [];
  for (let pixel = 0; pixel < after; pixel++) {
    const centre = (pixel + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), before);
    const raw = [];
    for (let n = start; n < end; n++)
      raw.push(Math.max(0, 1 - Math.abs((n - centre + 0.5) * (1 / support))));
    const sum = raw.reduce((a, b) => a + b);
    starts.push(start);
    weights.push(Int32Array.from(raw, (weight) => 0.5 + (weight / sum) * (1 << BITS)));
  }
  return { starts, weights };
}
