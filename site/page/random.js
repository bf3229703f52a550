// The random numbers of NumPy's RandomState(seed).standard_normal: the Mersenne Twister (Matsumoto
// and Nishimura 1998) and Marsaglia's polar method, so that the noise here is the noise in Python.
export function standardNormal(seed, count) {
  const next = twister(seed);
  const uniform = () => {
    const high = next() >>> 5;
    return (high * 67108864 + (next() >>> 6)) / 9007199254740992;
  };
  const numbers = new Float64Array(count);
  for (let n = 0; n < count; n += 2) {
    let x, y, square;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    numbers[n] = scale * y; // NumPy hands out the second of the pair first
    if (n + 1 < count) numbers[n + 1] = scale * x;
  }
  return numbers;
}

function twister(seed) {
  const size = 624, state = new Uint32Array(size);
  state[0] = seed;
  for (let n = 1; n < size; n++) {
    const previous = state[n - 1] ^ (state[n - 1] >>> 30);
    state[n] = Math.imul(1812433253, previous) + n;
  }
  let place = size;
  return () => {
    if (place === size) {
      for (let n = 0; n < size; n++) {
        const bits = (state[n] & 0x80000000) | (state[(n + 1) % size] & 0x7fffffff);
        state[n] = state[(n + 397) % size] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
      }
      place = 0;
    }
    let word = state[place++];
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  };
}
