// What TensorFlow.js has not, or has slower: the gradients of a ReLU and of a max-pool.

import * as tf from "@tensorflow/tfjs-core";

// The gradient g where y, which a ReLU returned, is positive, and 0 elsewhere.
export function whereOn(g, y) {
  return here() ? tf.engine().runKernel("WhereOn", { g, y }) : tf.mul(g, tf.step(y));
}

// The gradient of a max-pool, 3 x 3 with a step of 2, behind a ReLU: from that behind the pool, what
// the pool took and what it gave. Where several of a window are largest, the first has it all, as in TensorFlow.
export function unpool(g, x, y) {
  return here() ? tf.engine().runKernel("Unpool", { g, x }) : unpoolThere(g, x, y);
}

// Whether the numbers of tensors lie in this thread's memory.
const here = () => tf.getBackend() === "wasm";

function register(kernelName, compute) {
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc({ inputs, backend }) {
      const shape = (inputs.x ?? inputs.g).shape;
      const output = backend.makeOutput(shape, "float32");
      const view = (Kind, { dataId, shape }) => {
        const { memoryOffset } = backend.dataIdMap.get(dataId);
        const size = shape.reduce((product, side) => product * side);
        return new Kind(backend.wasm.HEAPU8.buffer, memoryOffset, size);
      };
      compute(view, output, inputs);
      return output;
    },
  });
}

// Which way a comparison goes is as good as random here, and a processor that guesses wrong loses
// ten times what the rest takes. So these loops have none: floats of 0 and more are in the order of
// their bits, read as an integer, and an integer's sign, shifted down, is a mask.

register("WhereOn", (view, output, { g, y }) => {
  const to = view(Int32Array, output), from = view(Int32Array, g), on = view(Int32Array, y);
  for (let i = 0; i < to.length; i++) to[i] = from[i] & (-on[i] >> 31);
});

register("Unpool", (view, output, { g, x }) => {
  const [images, height, width, channels] = x.shape;
  const [, rows, columns] = g.shape;
  const [to, slopes, values] = [view(Float32Array, output), view(Float32Array, g), view(Int32Array, x)];
  const line = width * channels;
  to.fill(0);
  let from = 0;
  for (let n = 0; n < images; n++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let corner = ((n * height + 2 * row) * width + 2 * column) * channels;
        for (let c = 0; c < channels; c++, corner++, from++) {
          let best = corner, most = values[corner];
          for (let i = 0, first = corner; i < 3; i++, first += line) {
            for (let j = 0, place = first; j < 3; j++, place += channels) {
              const less = most - values[place], larger = less >> 31;
              most -= less & larger;
              best += (place - best) & larger;
            }
          }
          to[best] += slopes[from];
        }
      }
    }
  }
});

// By operations on whole tensors, for a graphics processor.
function unpoolThere(g, x, y) {
  const [images, height, width, channels] = x.shape;
  const [, rows, columns] = g.shape;
  let free = tf.onesLike(g); // windows whose maximum has not been met
  const at = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => {
      const end = [images, i + 2 * rows - 1, j + 2 * columns - 1, channels];
      const place = tf.stridedSlice(x, [0, i, j, 0], end, [1, 2, 2, 1]);
      const largest = tf.mul(free, tf.cast(tf.equal(place, y), "float32"));
      free = tf.sub(free, largest);
      return tf.mul(largest, g);
    }),
  );
  const whole = interleave(at.map((three) => interleave(three, 2)), 1);
  const rest = [[0, 0], [0, height - 2 * rows - 1], [0, width - 2 * columns - 1], [0, 0]];
  return tf.pad(whole, rest);
}

// Sums of what the first, second and third places of windows get, window by window along an axis,
// in the order of the places: 2k has the first of window k and the third of k - 1.
function interleave([first, second, third], axis) {
  const pad = (x, before, after) =>
    tf.pad(x, [0, 1, 2, 3].map((a) => (a === axis ? [before, after] : [0, 0])));
  const even = tf.add(pad(first, 0, 1), pad(third, 1, 0));
  const both = tf.stack([even, pad(second, 0, 1)], axis + 1);
  const doubled = (less) => even.shape.map((side, a) => (a === axis ? 2 * side - less : side));
  return tf.slice(tf.reshape(both, doubled(0)), [0, 0, 0, 0], doubled(1));
}
