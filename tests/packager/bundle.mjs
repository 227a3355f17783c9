// Loads a bundle for the tests: what a host may do by docs/bundle-abi.md, nothing else.
import fs from 'node:fs';

export async function load(path, imports = {}) {
  const module = await WebAssembly.compile(fs.readFileSync(path));
  const instance = await WebAssembly.instantiate(module, imports);
  return new Bundle(module, instance.exports);
}

// Whether a call traps.
export function traps(call) {
  try {
    call();
    return false;
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    return true;
  }
}

export class Bundle {
  constructor(module, exports) {
    this.module = module;
    this.exports = exports;
  }

  bytes(at = 0, length = undefined) { return new Uint8Array(this.exports.memory.buffer, at, length); }
  word(at) { return new DataView(this.exports.memory.buffer).getUint32(at, true); }
  text(at, length) { return new TextDecoder('utf-8', {fatal: true}).decode(this.bytes(at, length)); }
  c_string(at) {
    let length = 0;
    while (this.bytes()[at + length]) ++length;
    return this.text(at, length);
  }

  // wasmpack_find with the name in memory that the bundle gives.
  find(name) {
    const text = typeof name === 'string' ? new TextEncoder().encode(name) : name;
    const at = this.exports.wasmpack_alloc(text.length, 1);
    this.bytes().set(text, at);
    const handle = this.exports.wasmpack_find(at, text.length);
    this.exports.wasmpack_free(at);
    return handle;
  }
  // The kernel as a function; runs constructors.
  kernel(name) { return this.exports.__indirect_function_table.get(this.exports.wasmpack_entry(this.find(name))); }

  // struct wasmpack_bundle, decoded by the offsets that the contract prints.
  registry() {
    const at = this.exports.wasmpack_query(1);
    const kernels = [], libraries = [];
    for (let i = 0; i < this.word(at + 24); ++i) {
      const k = this.word(at + 28) + 24 * i;
      kernels.push({
        name: this.text(this.word(k), this.word(k + 4)), entry: this.word(k + 8), abi: this.word(k + 12),
        signature: this.c_string(this.word(k + 16)), library: this.word(k + 20),
      });
    }
    for (let i = 0; i < this.word(at + 32); ++i) {
      const l = this.word(at + 36) + 16 * i;
      libraries.push({name: this.text(this.word(l), this.word(l + 4)), prefix: this.text(this.word(l + 8), this.word(l + 12))});
    }
    return {
      version: this.word(at), size: this.word(at + 4), name: this.text(this.word(at + 8), this.word(at + 12)),
      release: this.text(this.word(at + 16), this.word(at + 20)), kernels, libraries, params: this.word(at + 40),
    };
  }

  manifest() {
    const [section] = WebAssembly.Module.customSections(this.module, 'wasmpack.manifest');
    return JSON.parse(new TextDecoder().decode(section));
  }
}
