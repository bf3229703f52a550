// The file of weights that cs231n_vis/making/page.py writes.

// A problem that is told the reader as it is.
export class Sentence extends Error {}

const AGAIN = "load the page again, and if that does not help, tell who runs this site.";

// {layer: {kernel, bias, shape}} from the file that an index's entry describes.
export async function fetchWeights(address, { layers, numbers, bytes }, progress = () => {}) {
  const packed = await download(address, bytes, progress);
  const planes = await unpacked(packed, address);
  if (planes.length !== 4 * numbers) {
    throw new Sentence(`The network's weights, ${nameOf(address)}, are damaged: ${AGAIN}`);
  }
  const all = together(planes, numbers);
  const found = {};
  let from = 0;
  const next = (length) => all.subarray(from, (from += length));
  for (const [name, shape] of layers) {
    const kernel = next(shape.reduce((product, side) => product * side));
    found[name] = { kernel, bias: next(shape[3]), shape };
  }
  return found;
}

async function download(address, bytes, progress) {
  let answer;
  try {
    answer = await fetch(address);
    if (!answer.ok) throw new Error(answer.status);
    const parts = [];
    let done = 0;
    for (const reader = answer.body.getReader(); ; ) {
      const { value } = await reader.read();
      if (!value) break;
      parts.push(value);
      progress(Math.min((done += value.length) / bytes, 1));
    }
    return new Blob(parts);
  } catch (problem) {
    const reason = answer && !answer.ok ? `the server answered ${answer.status}` : "no connection";
    throw new Sentence(`The network's weights, ${nameOf(address)}, did not arrive (${reason}): ${AGAIN}`);
  }
}

// A server may have unpacked it already.
async function unpacked(blob, address) {
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return new Uint8Array(await blob.arrayBuffer());
  if (!self.DecompressionStream) {
    throw new Sentence("This browser is too old for the page; one of 2023 or later can compute it.");
  }
  try {
    const stream = blob.stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (problem) {
    throw new Sentence(`The network's weights, ${nameOf(address)}, are damaged: ${AGAIN}`);
  }
}

// Numbers from the planes of their bytes. Each was turned left by one bit, so that the first plane
// is of exponents, which alone can be packed.
function together(planes, numbers) {
  const bits = new Uint32Array(numbers);
  for (let i = 0; i < numbers; i++) {
    const turned =
      (planes[i] << 24) |
      (planes[numbers + i] << 16) |
      (planes[2 * numbers + i] << 8) |
      planes[3 * numbers + i];
    bits[i] = (turned >>> 1) | (turned << 31);
  }
  return new Float32Array(bits.buffer);
}

const nameOf = (address) => new URL(address).pathname.split("/").pop();
