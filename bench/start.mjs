// Times the first result of a fresh process. Arguments: a bundle of bench/host_bench.py, whether the host calls
// `_initialize`. Prints one JSON object, milliseconds.
import fs from 'node:fs';
import {performance} from 'node:perf_hooks';

const bytes = fs.readFileSync(process.argv[2]);
const begin = performance.now();
const module = new WebAssembly.Module(bytes);
const compiled = performance.now();
const {exports} = new WebAssembly.Instance(module, {});
const instantiated = performance.now();
if (process.argv[3] === 'initialize') exports._initialize();
const result = exports.prime(1000);
const done = performance.now();
console.log(JSON.stringify({
  compile: compiled - begin, instantiate: instantiated - compiled, first_call: done - instantiated, result,
}));
