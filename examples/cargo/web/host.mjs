// node host.mjs web.wasm
import fs from 'node:fs';

const {instance} = await WebAssembly.instantiate(fs.readFileSync(process.argv[2]));
const {_initialize, wapc_init, registrations, sum, norm} = instance.exports;
console.log(`before: ${registrations()} registrations`);
_initialize();
console.log(`after _initialize: ${registrations()}`);
_initialize();
wapc_init();
console.log(`after further calls: ${registrations()}`);
console.log(`sum(3, 4) = ${sum(3, 4)}`);
console.log(`norm(3, 4) = ${norm(3, 4)}`);
