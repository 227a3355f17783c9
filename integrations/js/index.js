// Loads a bundle of `wasmpack pack` (docs/bundle-abi.md). What is what: index.d.ts.

// By dtype; 16-bit floats come as their bits.
const arrays = [, Uint16Array, Float32Array, Float64Array, Uint16Array, Int8Array, Int16Array, Int32Array,
  BigInt64Array, Uint8Array, Uint16Array, Uint32Array, BigUint64Array, Uint8Array];
const {Module} = WebAssembly;
const decode = (bytes) => new TextDecoder().decode(bytes);
const fail = (text) => { throw new Error(text); };

export class View {
  constructor(bundle, type, address, length) {
    Object.assign(this, {bundle, type, address: address >>> 0, length});
  }
  get array() {
    return new this.type(this.bundle.exports.memory.buffer, this.address, this.length);
  }
  valueOf() { return this.address; }
  free() { this.bundle.free(this); }
}

export class Bundle {
  constructor(manifest, {exports}) {
    const kernels = Object.create(null), params = Object.create(null), libraries = [], info = new Map();
    Object.assign(this, {manifest, exports, kernels, params, libraries, info});
    const {buffer} = exports.memory, words = new Uint32Array(buffer), fields = (at) => words.subarray(at / 4);
    const text = ([address, length]) => decode(new Uint8Array(buffer, address, length));
    const each = ([count, first], size, read) => {
      for (let i = 0; i < count; ++i) read(fields(first + size * i), i);
    };
    const at = exports.wasmpack_query(1) >>> 0 || fail('the bundle needs a loader of a newer ABI than 1');
    each(fields(at + 32), 16, (row) => libraries.push(text(row)));
    each(fields(at + 24), 24, (row, handle) => {
      const [, , , abi, signature, library] = row, name = text(row);
      info.set(name, {handle, abi, signature: this.text(signature), library});
      const get = () => exports.__indirect_function_table.get(exports.wasmpack_entry(handle));
      Object.defineProperty(kernels, name, {enumerable: true, get});
    });
    each(fields(at + 40), 28, (row) => {
      const [, , address, bytes, dtype, rank, sizes] = row, type = arrays[dtype];
      const shape = Array.from(new BigUint64Array(buffer, sizes, rank), Number);
      const view = address ? this.view(type, address, bytes / type.BYTES_PER_ELEMENT) : null;
      params[text(row)] = {dtype, shape, bytes, view};
    });
  }

  initialize() { this.exports._initialize(); }
  find(name) { return this.info.get(name)?.handle ?? -1; }
  alloc(size, align = 16) {
    return this.exports.wasmpack_alloc(size, align) >>> 0 || fail(`no memory for ${size} bytes`);
  }
  free(address) { this.exports.wasmpack_free(address); }
  view(type, address, length) { return new View(this, type, address, length); }
  put(array, align) {
    const type = arrays.find((type) => type && array instanceof type) ?? array.constructor;
    const view = this.view(type, this.alloc(array.byteLength, align), array.length);
    view.array.set(array);
    return view;
  }
  text(address) {
    const rest = new Uint8Array(this.exports.memory.buffer, address >>> 0);
    return address ? decode(rest.subarray(0, rest.indexOf(0))) : null;
  }
  error(library = -1) { return this.text(this.exports.wasmpack_error(library)); }
}

async function compile(source) {
  if (source instanceof Module) return source;
  if (source instanceof URL) {
    const fs = 'node:fs/promises'; // hidden from bundlers
    source = await (source.protocol === 'file:' ? (await import(fs)).readFile : fetch)(source);
  }
  let place = '';
  if (source.arrayBuffer) {
    const type = source.headers?.get('content-type');
    place = `${source.url} (${type}): `;
    if (source.ok === false) fail(`${place}HTTP status ${source.status}`);
    // Streaming takes no other type.
    if (type === 'application/wasm' && WebAssembly.compileStreaming) return WebAssembly.compileStreaming(source);
    source = await source.arrayBuffer();
  }
  const bytes = new Uint8Array(source.buffer ?? source, source.byteOffset, source.byteLength);
  if (decode(bytes.subarray(0, 4)) !== '\0asm') fail(`${place}not a WebAssembly module`);
  return WebAssembly.compile(bytes);
}

export async function instantiate(source, {imports = {}, initialize = true} = {}) {
  const module = await compile(await source);
  if (!Module.exports(module).some((e) => e.name === 'wasmpack_query')) fail('not a bundle of wasmpack');
  const [section] = Module.customSections(module, 'wasmpack.manifest');
  const manifest = section ? JSON.parse(decode(section)) : {};
  const {imported, initial_pages: initial, maximum_pages: maximum} = manifest.memory ?? {};
  if (imported) imports = {...imports, env: {memory: new WebAssembly.Memory({initial, maximum}), ...imports.env}};
  const missing = Module.imports(module).filter((i) => imports[i.module]?.[i.name] == null);
  if (missing[0]) fail('the bundle imports ' + missing.map((i) => `${i.module}.${i.name} (${i.kind})`).join(', '));
  const bundle = new Bundle(manifest, await WebAssembly.instantiate(module, imports));
  if (initialize) bundle.initialize();
  return bundle;
}
