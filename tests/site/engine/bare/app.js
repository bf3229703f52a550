// A page without anything to see: tests ask its engine, and read what it reports.

import { Engine } from "../../../../site/page/engine/engine.js";
import { decoded } from "../../../../site/page/engine/images.js";
import { Generator } from "../../../../site/page/engine/random.js";

const events = [];
const address = new URLSearchParams(location.search);
const engine = new Engine({
  data: address.get("data") ?? "data/",
  backend: address.get("backend") ?? "best",
  helpers: address.has("helpers") ? Number(address.get("helpers")) : undefined,
  report: (event) => events.push({ at: performance.now(), ...event }),
});

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const kept = new Map();
async function pixels(number) {
  if (!kept.has(number)) {
    const { images } = await engine.index;
    kept.set(number, await decoded(await (await fetch(`data/${images[number].file}`)).blob()));
  }
  return kept.get(number);
}

// Base64 of an array's bytes, for which a test need not wait long.
function bytes(array) {
  let text = "";
  const all = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let i = 0; i < all.length; i += 8192) {
    text += String.fromCharCode(...all.subarray(i, i + 8192));
  }
  return btoa(text);
}

// What is reported of a question, until nothing more follows.
async function answers(ask) {
  const from = events.length;
  const question = ask();
  const ended = ({ type }) => type === "idle" || type === "failed";
  await until(() => events.slice(from).some(ended));
  return events.slice(from).filter((event) => event.question === question);
}

// The maps of one image: { label, scores, maps: { method: base64 }, failed }.
async function maps(number, question) {
  const image = await pixels(number);
  const { start } = await engine.index;
  const settings = { ...start, ...question.settings };
  const asked = { pixels: image, key: `image ${number}`, ...question, settings };
  const told = await answers(() => engine.ask(asked));
  const of = (type) => told.filter((event) => event.type === type);
  return {
    failed: of("failed")[0]?.message,
    label: of("scores")[0]?.label,
    scores: bytes(of("scores")[0]?.scores ?? new Float32Array()),
    maps: Object.fromEntries(
      of("map").filter(({ done }) => done === 1).map(({ method, map }) => [method, bytes(map)]),
    ),
  };
}

Object.assign(window, { Generator, answers, bytes, engine, events, maps, pixels, until });
