// Calls the kernels of testdata/proof in a bundle, many times and with other arguments each time, and holds their
// results against the same in JavaScript. Whether constructors ran shows: all but Rust's kernels depend on one.
import {Tvm, close, expected} from './tvm.mjs';

const fround = Math.fround;

function smooth_weights() {
  const weights = [-3, -2, -1, 0, 1, 2, 3].map((i) => fround(1 / (1 + i * i)));
  const sum = weights.reduce((total, weight) => fround(total + weight), 0);
  return weights.map((weight) => fround(weight / sum));
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc;
}

const mean = (values) => values.reduce((total, x) => total + x, 0) / values.length;
const variance = (values) => values.length < 2 ? 0 :
    values.reduce((total, x) => total + (x - mean(values)) ** 2, 0) / (values.length - 1);
const u64 = (x) => BigInt.asUintN(64, x);
function mix(a, b) {
  const product = u64((a ^ b) * 0x9e3779b97f4a7c15n);
  return u64((product << 23n | product >> 41n) + b);
}

// Kernels by their names in the registry: `get(name)` gives the function. Returns the names of those that were wrong.
export function find_wrong(bundle, get, calls) {
  const tvm = new Tvm(bundle);
  const weights = smooth_weights();
  const wrong = new Set();
  const check = (name, holds) => holds || wrong.add(name);
  const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
  const floats = (at, n) => [...new Float32Array(bundle.exports.memory.buffer, at, n)];
  const [input, output] = [bundle.exports.wasmpack_alloc(256, 16), bundle.exports.wasmpack_alloc(256, 16)];
  let state = 12345;
  const random = () => state = Math.imul(state, 1664525) + 1013904223 >>> 0;
  const numbers = (n) => Array.from({length: n}, () => (random() >>> 20) / 256 - 8);

  const smoothed_before = get('smooth_calls')();
  for (let call = 0; call < calls; ++call) {
    const n = 1 + (random() >>> 26), values = numbers(n);
    new Float32Array(bundle.exports.memory.buffer, input, n).set(values);
    get('smooth')(input, output, n);
    check('smooth', same(floats(output, n), values.map((_, i) => weights.reduce((sum, weight, k) =>
        fround(sum + fround(weight * values[Math.min(Math.max(i + k - 3, 0), n - 1)])), 0))));
    check('stats_mean', close([get('stats_mean')(input, n)], [mean(values)], 1e-9));
    check('stats_variance', close([get('stats_variance')(input, n)], [variance(values)], 1e-9));
    check('crc32', get('crc32')(input, 4 * n) === crc32(new Uint8Array(bundle.exports.memory.buffer, input, 4 * n)));
    check('median', get('median')(input, n) === [...values].sort((a, b) => a - b)[n >> 1]);
    const [a, b] = [BigInt(random()) << 32n | BigInt(random()), BigInt(random())];
    check('mix', u64(get('mix')(a, b)) === mix(a, b));

    const [left, right] = [numbers(36), numbers(36)];
    for (const [prefix, generation] of [['old_', 2], ['new_', 6]]) {
      const run = (name, shape, ...inputs) => tvm.run(prefix + name, shape, ...inputs);
      check(prefix + 'matmul', close(run('matmul', [6, 6], tvm.tensor(left, [6, 6]), tvm.tensor(right, [6, 6])),
                                     expected.matmul(left, right, 6)));
      check(prefix + 'scaled', close(run('scaled', [n], tvm.tensor(values), 2.5), expected.scaled(values, 2.5, generation)));
      check(prefix + 'doubled', close(run('doubled', [n], tvm.tensor(values)), expected.scaled(values, 2, generation)));
      check(prefix + 'softmax', close(run('softmax', [n], tvm.tensor(values)), expected.softmax(values)));
      // No library of the bundle has the function that it looks up.
      check(prefix + 'far_doubled', tvm.call(prefix + 'far_doubled', tvm.tensor(values), tvm.zeros(n)) === -1);
    }
  }
  check('smooth_calls', get('smooth_calls')() - smoothed_before === calls);
  check('stats_objects', get('stats_objects')() === 2);
  return [...wrong];
}
