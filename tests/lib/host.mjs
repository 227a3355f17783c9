// Runs a finished module for the tests and prints everything it says.
//   node host.mjs host MODULE [EXPORT...]   prints its imports' calls; calls each EXPORT with 3, in that order. Default:
//                                           _initialize, or __wasm_call_ctors if that is all there is, then every
//                                           export that takes no or one i32
//   node host.mjs wasi MODULE               runs a WASI command
import fs from 'node:fs';
import {WASI} from 'node:wasi';

const [kind, path, ...wanted] = process.argv.slice(2);
const module = await WebAssembly.compile(fs.readFileSync(path));

if (kind === 'wasi') {
  const wasi = new WASI({version: 'preview1', args: ['program'], returnOnExit: true});
  // node 18 has no getImportObject().
  const instance = await WebAssembly.instantiate(module, {wasi_snapshot_preview1: wasi.wasiImport});
  process.exitCode = wasi.start(instance);
} else {
  let memory;
  const text = (at) => {
    const bytes = new Uint8Array(memory.buffer);
    let end = at = Number(at);
    while (bytes[end]) ++end;
    return Buffer.from(bytes.slice(at, end)).toString();
  };
  const known = {
    log: (at, value) => console.log(`${text(at)} ${value}`),
    host_log: (at, value) => console.log(`${text(at)} ${value}`),
    reg: (at) => console.log(`registered ${text(at)}`),
    host_value: (x) => x * 11,
  };
  const imports = {};
  for (const {module: from, name, kind} of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    if (kind === 'function') {
      imports[from][name] = known[name] ?? ((...args) => { console.log(`${from}.${name}(${args})`); return 0; });
    } else if (kind === 'memory') {
      memory = imports[from][name] = new WebAssembly.Memory({initial: 4, maximum: 16, shared: true});
    } else if (kind === 'table') {
      imports[from][name] = new WebAssembly.Table({initial: 100, element: 'anyfunc'});
    } else if (kind === 'global') {
      imports[from][name] = new WebAssembly.Global({value: 'i32', mutable: name === '__stack_pointer'}, 0);
    } else {
      imports[from][name] = new WebAssembly.Tag({parameters: ['i32']});
    }
  }
  const {exports} = await WebAssembly.instantiate(module, imports);
  memory ??= exports.memory;
  const names = wanted.length ? wanted : Object.keys(exports).sort().filter(
      (n) => typeof exports[n] === 'function' && exports[n].length <= 1 && n !== '_initialize' && !n.startsWith('__'));
  const first = wanted.length ? undefined : exports._initialize ?? exports.__wasm_call_ctors;
  first?.();
  for (const name of names) {
    try {
      console.log(`${name} -> ${exports[name](3)}`);
    } catch (error) {
      console.log(`${name} threw ${error.constructor.name}`);
    }
  }
}
