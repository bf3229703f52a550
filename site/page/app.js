// A bare page: the first image's saliency map.

import { Engine } from "./engine/engine.js";

const status = document.querySelector("[role=status]");
const canvas = document.querySelector("canvas").getContext("2d");

window.events = [];
window.engine = new Engine({
  data: "data/",
  report(event) {
    window.events.push({ at: performance.now(), ...event });
    if (event.type === "failed") status.textContent = event.message;
    if (event.type === "scores") status.textContent = `class ${event.label}`;
    if (event.type === "map") draw(event.map);
  },
});

function draw(map) {
  const most = map.reduce((a, b) => Math.max(a, b));
  const picture = new ImageData(224, 224);
  map.forEach((value, i) => picture.data.fill((255 * value) / most, 4 * i, 4 * i + 3));
  for (let i = 3; i < picture.data.length; i += 4) picture.data[i] = 255;
  canvas.putImageData(picture, 0, 0);
}

// RGB of one of the images that came with the page.
async function pixelsOf(file) {
  const bitmap = await createImageBitmap(await (await fetch(`data/${file}`)).blob());
  const context = new OffscreenCanvas(224, 224).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, 224, 224).data.filter((_, i) => i % 4 < 3);
}
window.pixelsOf = pixelsOf;

const { images } = await window.engine.index;
const pixels = await pixelsOf(images[0].file);
window.engine.ask({ pixels, methods: ["saliency"], key: images[0].file });
