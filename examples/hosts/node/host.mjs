// Calls the bundle with the WebAssembly API alone: node node/host.mjs kernels.wasm
import fs from 'node:fs';

const {instance} = await WebAssembly.instantiate(fs.readFileSync(process.argv[2]));
const e = instance.exports;
e._initialize(); // runs the constructors; later calls do nothing

console.log('registered', e.registered());
console.log('add', e.scalar_add(40, 2));
console.log('gcd', String(e.scalar_gcd(54n, 24n))); // i64 is bigint
console.log('mix', e.scalar_mix(2, 4, 0.25));
console.log('ramp', e.vector_ramp());

// Arrays lie in the bundle's memory. Any call may grow it, so views are made when they are needed.
const floats = (at, n) => new Float32Array(e.memory.buffer, at, n);
const put = (values) => {
  const at = e.wasmpack_alloc(4 * values.length, 64) >>> 0;
  floats(at, values.length).set(values);
  return at;
};
const x = put([1, 2, 3, 4, 5]), y = put([10, 20, 30, 40, 50]);
e.vector_axpy(2, x, y, 5);
console.log('axpy', floats(y, 5).join(' '));

// The registry: a kernel by a name that is known only now, and the params.
const word = (at) => new DataView(e.memory.buffer).getUint32(at, true);
const text = (at) => new TextDecoder().decode(new Uint8Array(e.memory.buffer, word(at), word(at + 4)));
const registry = e.wasmpack_query(1) >>> 0;
const params = {};
for (let i = 0; i < word(registry + 40); ++i) {
  const row = word(registry + 44) + 28 * i;
  params[text(row)] = word(row + 8);
}
const find = (name) => {
  const bytes = new TextEncoder().encode(name), at = e.wasmpack_alloc(bytes.length, 1) >>> 0;
  new Uint8Array(e.memory.buffer, at, bytes.length).set(bytes);
  const handle = e.wasmpack_find(at, bytes.length);
  e.wasmpack_free(at);
  return e.__indirect_function_table.get(e.wasmpack_entry(handle));
};

// A kernel of TVM takes tensors (docs/tvm.md): a DLTensor of 40 bytes each, and its shape behind it.
const tensor = (data, shape) => {
  const at = e.wasmpack_alloc(40 + 8 * shape.length, 8) >>> 0, memory = new DataView(e.memory.buffer);
  new Uint8Array(e.memory.buffer, at, 40).fill(0);
  memory.setUint32(at, data, true);
  memory.setUint32(at + 4, 1, true); // CPU
  memory.setUint32(at + 12, shape.length, true);
  memory.setUint32(at + 16, 0x12002, true); // float, 32 bits, 1 lane
  memory.setUint32(at + 20, at + 40, true);
  shape.forEach((n, i) => memory.setBigInt64(at + 40 + 8 * i, BigInt(n), true));
  return at;
};
const result = put(new Float32Array(144));
const tensors = [
  tensor(put(Float32Array.from({length: 128}, (_, i) => i % 9 - 4)), [1, 2, 8, 8]),
  tensor(params['net.weight'], [4, 2, 3, 3]),
  tensor(params['net.bias'], [4]),
  tensor(result, [1, 4, 6, 6]),
];
const args = e.wasmpack_alloc(16 * 5, 8) >>> 0; // four arguments, and the place of the result
new Uint8Array(e.memory.buffer, args, 16 * 5).fill(0);
tensors.forEach((at, i) => {
  new DataView(e.memory.buffer).setUint32(args + 16 * i, 7, true);
  new DataView(e.memory.buffer).setUint32(args + 16 * i + 8, at, true);
});
if (find('net_conv2d')(0, args, 4, args + 64) !== 0) throw new Error('net_conv2d failed');
const values = floats(result, 144);
console.log('conv2d', values.slice(0, 6).join(' '), 'sum', values.reduce((a, b) => a + b));
