// Calls the bundle as a WASI reactor, by node's own WASI: node node-wasi/host.mjs kernels.wasm
import fs from 'node:fs';
import {WASI} from 'node:wasi';

const wasi = new WASI({version: 'preview1', args: [], env: {}, preopens: {}});
const module = await WebAssembly.compile(fs.readFileSync(process.argv[2]));
const instance = await WebAssembly.instantiate(module, {wasi_snapshot_preview1: wasi.wasiImport});
wasi.initialize(instance); // runs the constructors: it calls _initialize

const e = instance.exports;
e._initialize(); // as every later call does: nothing
console.log('registered', e.registered());
console.log('add', e.scalar_add(40, 2));
console.log('gcd', String(e.scalar_gcd(54n, 24n)));
console.log('mix', e.scalar_mix(2, 4, 0.25));
console.log('ramp', e.vector_ramp());

const floats = (at, n) => new Float32Array(e.memory.buffer, at, n);
const put = (values) => {
  const at = e.wasmpack_alloc(4 * values.length, 16) >>> 0;
  floats(at, values.length).set(values);
  return at;
};
const x = put([1, 2, 3, 4, 5]), y = put([10, 20, 30, 40, 50]);
e.vector_axpy(2, x, y, 5);
console.log('axpy', floats(y, 5).join(' '));
