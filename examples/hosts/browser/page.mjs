import {instantiate} from 'wasmpack-loader';
import {call, tensor} from 'wasmpack-loader/tvm.js';

const print = (...words) => document.getElementById('output').append(words.join(' ') + '\n');

// Compiled while it comes in, constructors run, every kernel of the registry in `kernels`.
const bundle = await instantiate(new URL('kernels.wasm', import.meta.url));
const {kernels, params} = bundle;

print('registered', kernels.registered());
print('add', kernels.scalar_add(40, 2));
print('gcd', kernels.scalar_gcd(54n, 24n)); // i64 is bigint
print('mix', kernels.scalar_mix(2, 4, 0.25));
print('ramp', kernels.vector_ramp());

// A copy in the bundle's memory; kernels take it as an address, `array` is what lies there now.
const x = bundle.put(new Float32Array([1, 2, 3, 4, 5]));
const y = bundle.put(new Float32Array([10, 20, 30, 40, 50]));
kernels.vector_axpy(2, x, y, 5);
print('axpy', y.array.join(' '));

const data = tensor(bundle, Float32Array.from({length: 128}, (_, i) => i % 9 - 4), [1, 2, 8, 8]);
const weight = tensor(bundle, params['net.weight'].view, params['net.weight'].shape);
const bias = tensor(bundle, params['net.bias'].view);
const result = tensor(bundle, new Float32Array(144), [1, 4, 6, 6]);
call(bundle, 'net_conv2d', data, weight, bias, result);
print('conv2d', result.array.slice(0, 6).join(' '), 'sum', result.array.reduce((a, b) => a + b));
for (const used of [x, y, data, weight, bias, result]) used.free();
