// node host.mjs cli.wasm
import fs from 'node:fs';
import {WASI} from 'node:wasi';

const wasi = new WASI({version: 'preview1', args: ['cli']});
const {instance} = await WebAssembly.instantiate(
    fs.readFileSync(process.argv[2]), {wasi_snapshot_preview1: wasi.wasiImport});
wasi.start(instance);
