// The gradient of a max-pool, 3 x 3 with a step of 2, to the first maximum of each window.

import * as tf from "@tensorflow/tfjs-core";

// From the gradient behind the pool, what it took and what it gave: the gradient before it.
export function unpool(gradient, input, output) {
  return tf.getBackend() === "wasm" ? unpoolHere(gradient, input) : unpoolThere(gradient, input, output);
}

// By a loop over arrays, for a backend whose numbers lie in this thread's memory.
function unpoolHere(gradient, input) {
  const [images, height, width, channels] = input.shape;
  const [, rows, columns] = gradient.shape;
  const x = input.dataSync(), g = gradient.dataSync(), to = new Float32Array(x.length);
  let from = 0;
  for (let n = 0; n < images; n++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const corner = ((n * height + 2 * row) * width + 2 * column) * channels;
        for (let c = 0; c < channels; c++, from++) {
          const slope = g[from];
          if (slope === 0) continue;
          let best = corner + c, most = x[best];
          for (let i = 0; i < 3; i++) {
            let place = corner + c + i * width * channels;
            for (let j = 0; j < 3; j++, place += channels) {
              const value = x[place];
              if (value > most) {
                most = value;
                best = place;
              }
            }
          }
          to[best] += slope;
        }
      }
    }
  }
  return tf.tensor4d(to, input.shape);
}

// By operations on whole tensors, for a graphics processor.
function unpoolThere(gradient, input, output) {
  const [images, height, width, channels] = input.shape;
  const [, rows, columns] = gradient.shape;
  const [down, across] = [2 * rows - 1, 2 * columns - 1];
  let free = tf.onesLike(gradient); // windows whose maximum has not been met
  const at = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => {
      const end = [images, i + down, j + across, channels];
      const x = tf.stridedSlice(input, [0, i, j, 0], end, [1, 2, 2, 1]);
      const here = tf.mul(free, tf.cast(tf.equal(x, output), "float32"));
      free = tf.sub(free, here);
      return tf.mul(here, gradient);
    }),
  );
  const columnsOf = at.map((three) => interleave(three, 2));
  const whole = interleave(columnsOf, 1); // to (2 rows + 1, 2 columns + 1)
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
  const shape = even.shape.map((side, a) => (a === axis ? 2 * side : side));
  const sized = shape.map((side, a) => (a === axis ? side - 1 : side));
  return tf.slice(tf.reshape(both, shape), [0, 0, 0, 0], sized);
}
