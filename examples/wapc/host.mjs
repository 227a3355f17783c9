import fs from 'node:fs';
import {instantiate} from '@wapc/host';
import {asArray, changed, decode, encode, i32, input, output} from './payload.mjs';

// Instantiating calls wapc_init, which runs the constructors.
const host = await instantiate(fs.readFileSync('signal.wasm'));
const call = async (kernel, ...items) => decode(await host.invoke(kernel, encode(...items)));

const values = Float32Array.of(3, 1, 2, 4);
console.log('mean', ...await call('mean', input(values), i32(4)));

const [amplified] = await call('amplify', input(values), output(16), i32(4));
console.log('amplify', asArray(Float32Array, amplified).join(' '));

const [sorted] = await call('sort', changed(values), i32(4));
console.log('sort', asArray(Float32Array, sorted).join(' '));

console.log('registrations', ...await call('count_registrations'));

for (const [kernel, ...items] of [['median', input(values)], ['mean', input(values)]])
  await call(kernel, ...items).catch((error) => console.log(error.message));
