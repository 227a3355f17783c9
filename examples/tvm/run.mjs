// Makes the calls of build/cases.json in the bundle and compares with numpy's results.
import fs from 'node:fs';
import {openBundle} from './tensors.mjs';

const bundle = await openBundle(fs.readFileSync('build/kernels.wasm'));
for (const {name, tensors, calls, result, expected, tolerance} of JSON.parse(fs.readFileSync('build/cases.json'))) {
  const made = {};
  for (const [key, {shape, data, param}] of Object.entries(tensors))
    made[key] = bundle.tensor(shape, data, param && bundle.param(param));
  for (const [kernel, ...args] of calls) bundle.call(kernel, ...args.map((key) => made[key]));
  const values = made[result].values();
  const is_near = expected.every((x, i) => Math.abs(values[i] - x) <= tolerance * (1 + Math.abs(x)));
  console.log(`${is_near ? 'ok' : 'WRONG'} ${name}: ${expected.length} numbers within ${tolerance} of numpy's`);
  if (!is_near) process.exitCode = 1;
}
