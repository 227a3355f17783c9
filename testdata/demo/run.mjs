// Runs the demo's bundle: node run.mjs MODULE. Prints each kernel's result beside the expected one,
// which is computed here, and how often each constructor ran. Exit code 1 if anything differs.
import fs from 'node:fs';

const registrations = new Map();  // name -> how often
const imports = {env: {register_kernel}};
const {instance} = await WebAssembly.instantiate(fs.readFileSync(process.argv[2]), imports);
const {exports} = instance;

// Views are made anew for each use: any call may grow the memory.
const bytes = () => new Uint8Array(exports.memory.buffer);
const floats = (at, length) => new Float32Array(exports.memory.buffer, at, length);

function read_text(at) {
  const view = bytes();
  let end = at;
  while (view[end]) ++end;
  return new TextDecoder().decode(view.slice(at, end));
}

function register_kernel(name) {
  name = read_text(name);
  registrations.set(name, (registrations.get(name) ?? 0) + 1);
}

// The kernel of that name as a function, found as any host may find it: through the registry.
function find_kernel(name) {
  const text = new TextEncoder().encode(name);
  const at = exports.wasmpack_alloc(text.length, 1);
  bytes().set(text, at);
  const handle = exports.wasmpack_find(at, text.length);
  exports.wasmpack_free(at);
  if (handle < 0) throw new Error(`the bundle has no kernel ${name}`);
  return exports.__indirect_function_table.get(exports.wasmpack_entry(handle));
}

// Memory of the bundle with `values` (a typed array) in it.
function place(values) {
  const at = exports.wasmpack_alloc(values.byteLength, 16);
  if (at === 0) throw new Error('no memory');
  bytes().set(new Uint8Array(values.buffer), at);
  return at;
}

let failures = 0;
function report(what, result, expected) {
  const same = String(result) === String(expected);
  if (!same) ++failures;
  console.log(`  ${what.padEnd(34)} ${String(result).padEnd(24)} ${String(expected).padEnd(24)} ${same ? 'ok' : 'WRONG'}`);
}

// Small whole numbers: every sum is exact, in whatever order the lanes are added.
const a = Float32Array.from({length: 64}, (_, i) => i % 7);
const b = Float32Array.from({length: 64}, (_, i) => i % 5 - 2);
const pixels = Uint8Array.from({length: 64}, (_, i) => i * 37 % 256);
const others = Uint8Array.from({length: 64}, (_, i) => i * 59 % 256);
const sum = (values) => values.reduce((total, value) => total + value, 0);

console.log(`  ${'kernel'.padEnd(34)} ${'result'.padEnd(24)} expected`);
const at_a = place(a), at_b = place(b), at_pixels = place(pixels), at_others = place(others);
report('vec_dot(a, b)', find_kernel('vec_dot')(at_a, at_b, 64), sum(a.map((value, i) => value * b[i])));
find_kernel('vec_axpy')(3, at_a, at_b, 64);
report('vec_axpy(3, a, b), b[60..63]', floats(at_b, 64).slice(60), b.map((value, i) => value + 3 * a[i]).slice(60));
report('img_difference(p, q)', find_kernel('img_difference')(at_pixels, at_others, 64) >>> 0,
    sum([...pixels].map((value, i) => Math.abs(value - others[i]))));
find_kernel('img_invert')(at_pixels, 64);
report('img_invert(p), p[60..63]', bytes().slice(at_pixels + 60, at_pixels + 64), pixels.map((value) => 255 - value).slice(60));
report('export img_invert is that kernel', exports.img_invert === find_kernel('img_invert'), true);

exports._initialize();
exports._initialize();
for (let i = 0; i < 100; ++i) find_kernel(['vec_dot', 'img_difference'][i % 2]);
console.log('  after two more _initialize and 100 more entries:');
for (const [library, prefix] of [['vector', 'vec_'], ['image', 'img_']]) {
  report(`constructor of ${library} ran`, find_kernel(`${prefix}constructor_runs`)(), 1);
  report(`context of ${library} belongs to`, read_text(find_kernel(`${prefix}context_owner`)()), library);
}
for (const name of ['vector.dot', 'vector.axpy', 'image.invert', 'image.difference'])
  report(`${name} registered`, registrations.get(name), 1);
report('registered in all', registrations.size, 4);

console.log(failures === 0 ? 'All results are as expected.' : `${failures} results differ.`);
process.exitCode = failures === 0 ? 0 : 1;
