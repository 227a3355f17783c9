// node run.mjs MODULE: starts a command, a reactor or a bundle, and prints what its kernels say.
import fs from 'node:fs';
import {WASI} from 'node:wasi';

const wasi = new WASI({version: 'preview1', returnOnExit: true});
let registered = 0;
const {instance} = await WebAssembly.instantiate(fs.readFileSync(process.argv[2]), {
  wasi_snapshot_preview1: wasi.wasiImport,
  env: {register_kernel: () => { ++registered; }},
});
const {exports} = instance;

if (exports._start) {
  wasi.start(instance);
} else {
  exports._initialize();
  if (exports.both) {  // the reactor
    exports.both(3);
    console.log(`${exports.registrations()} registrations, both ${exports.both(3)}`);
  } else {             // the bundle
    exports._initialize();
    console.log(`${registered} registrations, conv ${exports.conv_run(3)}, pool ${exports.pool_run(3)}`);
  }
}
