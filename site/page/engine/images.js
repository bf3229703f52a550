// From pixels to the network's numbers and back, in the arithmetic of cs231n_vis/image_utils.py.

const MEAN = Float32Array.of(0.485, 0.456, 0.406);
const STD = Float32Array.of(0.229, 0.224, 0.225);

// What each of 256 levels is in each of three channels: table[3 * level + channel].
const TABLE = Float32Array.from({ length: 3 * 256 }, (_, i) => {
  const share = Math.fround(Math.floor(i / 3) / 255);
  return Math.fround(Math.fround(share - MEAN[i % 3]) / STD[i % 3]);
});

// RGB in 0..255 to float32 of the same order.
export function preprocess(pixels) {
  const image = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) image[i] = TABLE[3 * pixels[i] + (i % 3)];
  return image;
}

// The nearest RGB in 0..255: an array of clamped bytes rounds a half to even, as NumPy does.
export function deprocess(image) {
  const pixels = new Uint8ClampedArray(image.length);
  for (let i = 0; i < image.length; i++) pixels[i] = 255 * (image[i] * STD[i % 3] + MEAN[i % 3]);
  return pixels;
}

// The colours that a baseline can have: "grey" is ImageNet's mean, 0.
export const colour = (name) =>
  name === "grey" ? new Float32Array(3) : TABLE.slice(...(name === "white" ? [765, 768] : [0, 3]));

// A map (224 x 224) from attributions with channels: the largest absolute value of each pixel.
export function largest(attributions) {
  const map = new Float32Array(attributions.length / 3);
  for (let i = 0, j = 0; i < map.length; i++, j += 3) {
    map[i] = Math.max(
      Math.abs(attributions[j]), Math.abs(attributions[j + 1]), Math.abs(attributions[j + 2]),
    );
  }
  return map;
}

// RGB (224, 224, 3) of an image file of that size.
export async function decoded(blob) {
  const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
  const bitmap = await createImageBitmap(blob, options);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return data.filter((_, i) => i % 4 < 3);
}
