// NumPy's random numbers: `default_rng(seed)` of the same seed gives the same ones here, so that a
// picture of the page and the Python that it offers agree. PCG64 (O'Neill 2014) behind NumPy's
// SeedSequence; normal numbers by the ziggurat of Marsaglia and Tsang (2000).

// PCG64's multiplier, 128 bits, the lowest first.
const M0 = 0x9fccf645, M1 = 0x4385df64, M2 = 0x1fc65da4, M3 = 0x2360ed05;

export class Generator {
  // seed: nonnegative integers below 2**32, as in default_rng((0, 7)).
  constructor(...seed) {
    const words = seedSequence(seed, 8);
    // two numbers of 128 bits, each as two of 64 of which the upper comes first
    const [start, sequence] = [words.slice(0, 4), words.slice(4)].map(([a, b, c, d]) => [c, d, a, b]);
    const [a, b, c, d] = sequence;
    this._add = Uint32Array.of(
      (a << 1) | 1, (b << 1) | (a >>> 31), (c << 1) | (b >>> 31), (d << 1) | (c >>> 31),
    );
    this._state = Uint32Array.of(0, 0, 0, 0);
    this._step();
    for (let i = 0, carry = 0; i < 4; i++) {
      const sum = this._state[i] + start[i] + carry;
      this._state[i] = sum;
      carry = carried(sum);
    }
    this._step();
    this._low = this._high = 0; // the halves of the last 64 bits
    this._left = false; // whether the upper half has not been given yet
  }

  // state = state * multiplier + add, in digits of 32 bits; what is above 128 falls away.
  _step() {
    const s = this._state, add = this._add;
    const a = s[0], b = s[1], c = s[2], d = s[3];
    let sum = low(a, M0) + add[0];
    s[0] = sum;
    sum = carried(sum) + high(a, M0) + low(a, M1) + low(b, M0) + add[1];
    s[1] = sum;
    sum = carried(sum) + high(a, M1) + high(b, M0) + low(a, M2) + low(b, M1) + low(c, M0) + add[2];
    s[2] = sum;
    sum = carried(sum) + high(a, M2) + high(b, M1) + high(c, M0) + add[3];
    s[3] = sum + low(a, M3) + low(b, M2) + low(c, M1) + low(d, M0);
  }

  // The next 64 bits, to _low and _high.
  _next() {
    this._step();
    const [a, b, c, d] = this._state;
    const turn = d >>> 26;
    const lower = turn & 32 ? b ^ d : a ^ c, upper = turn & 32 ? a ^ c : b ^ d;
    const by = turn & 31;
    this._low = by ? (lower >>> by) | (upper << (32 - by)) : lower;
    this._high = by ? (upper >>> by) | (lower << (32 - by)) : upper;
  }

  // 32 bits, as a number of 0 or more.
  bits() {
    this._left = !this._left;
    if (!this._left) return this._high >>> 0;
    this._next();
    return this._low >>> 0;
  }

  // A float32 in 0..1, without 1.
  float() {
    return (this.bits() >>> 8) / 16777216;
  }

  // A float64 in 0..1, without 1. What is left of 64 bits stays for bits().
  double() {
    const kept = this._high;
    this._next();
    const value = ((this._high >>> 0) * 2097152 + (this._low >>> 11)) / 9007199254740992;
    this._high = kept;
    return value;
  }

  // An integer from 0 to below (Lemire 2019).
  integer(below) {
    if (below === 1) return 0;
    for (;;) {
      const bits = this.bits();
      const rest = low(bits, below);
      if (rest >= below || rest >= (4294967296 - below) % below) return high(bits, below);
    }
  }

  // What rng.permutation makes of an array, in place.
  shuffle(array) {
    for (let i = array.length - 1; i > 0; i--) {
      const mask = 0xffffffff >>> Math.clz32(i);
      let j;
      do j = this.bits() & mask;
      while (j > i);
      const kept = array[j];
      array[j] = array[i];
      array[i] = kept;
    }
    return array;
  }

  // Normal float32 numbers.
  normals(count) {
    const array = new Float32Array(count);
    for (let i = 0; i < count; i++) array[i] = this._normal();
    return array;
  }

  _normal() {
    for (;;) {
      const bits = this.bits();
      const layer = bits & 0xff;
      const share = bits >>> 9;
      const x = Math.fround(share * WIDTHS[layer]) * (bits & 0x100 ? -1 : 1);
      if (share < INSIDE[layer]) return x;
      if (layer === 0) {
        for (;;) {
          const beyond = Math.fround(-Math.fround(1 / TAIL) * log1p(-this.float()));
          const y = -log1p(-this.float());
          if (Math.fround(y + y) > Math.fround(beyond * beyond)) {
            const value = Math.fround(Math.fround(TAIL) + beyond);
            return (share >>> 8) & 1 ? -value : value;
          }
        }
      }
      const step = Math.fround(HEIGHTS[layer - 1] - HEIGHTS[layer]);
      const at = Math.fround(Math.fround(step * this.float()) + HEIGHTS[layer]);
      if (at < height(x)) return x;
    }
  }
}

const log1p = (x) => Math.fround(Math.log1p(x));

// The lower and the upper 32 bits of a product of two numbers of 32; what a sum carries over.
const low = (x, y) => Math.imul(x, y) >>> 0;
const carried = (sum) => Math.floor(sum / 4294967296);
function high(x, y) {
  const a = x & 0xffff, b = x >>> 16, c = y & 0xffff, d = y >>> 16;
  const middle = b * c + ((a * c) >>> 16);
  return b * d + Math.floor(middle / 65536) + Math.floor(((middle & 0xffff) + a * d) / 65536);
}

// NumPy's SeedSequence: so many words of 32 bits from a seed.
function seedSequence(seed, count) {
  let hash = 0x43b0d7e5;
  const mixed = (value) => {
    value ^= hash;
    hash = Math.imul(hash, 0x931e8875);
    value = Math.imul(value, hash);
    return (value ^ (value >>> 16)) >>> 0;
  };
  const pool = [0, 1, 2, 3].map((i) => mixed(seed[i] ?? 0));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) {
      if (from === to) continue;
      const value = Math.imul(pool[to], 0xca01f9dd) - Math.imul(mixed(pool[from]), 0x4973f715);
      pool[to] = (value ^ (value >>> 16)) >>> 0;
    }
  }
  hash = 0x8b51f9dd;
  return Array.from({ length: count }, (_, i) => {
    let value = pool[i % 4] ^ hash;
    hash = Math.imul(hash, 0x58f38ded);
    value = Math.imul(value, hash);
    return (value ^ (value >>> 16)) >>> 0;
  });
}

// The ziggurat: 256 layers of one area under exp(-x**2 / 2). Of layer i: its width over 2**23, how
// many of 2**23 places lie under the curve for sure, and the height of its edge.
const TAIL = 3.6541528853610088, AREA = 0.00492867323399;
const WIDTHS = new Float32Array(256), HEIGHTS = new Float32Array(256), INSIDE = new Uint32Array(256);
const height = (x) => Math.exp(-0.5 * x * x);
for (let layer = 255, x = TAIL; layer > 0; layer--) {
  const inner = layer > 1 ? Math.sqrt(-2 * Math.log(AREA / x + height(x))) : 0;
  WIDTHS[layer] = x / 8388608;
  HEIGHTS[layer] = height(x);
  INSIDE[layer] = (inner / x) * 8388608;
  x = inner;
}
WIDTHS[0] = AREA / height(TAIL) / 8388608;
HEIGHTS[0] = 1;
INSIDE[0] = ((TAIL * height(TAIL)) / AREA) * 8388608;
