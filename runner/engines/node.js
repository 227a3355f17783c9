// Calls kernels for `wasmpack run --engine node`. runner/engine_protocol.h has what is read and
// answered.
'use strict';
const fs = require('fs');
const vm = require('vm');

const kNone = 0xffffffff;
const kMostErrorText = 4096;  // bytes
// Under --imports zero. A libc asks for its preopened folders until there is no other: with zeros it
// would do so for ever.
const kAskedForEver = 'wasi_snapshot_preview1.fd_prestat_get', kNoFile = 8;

class Failure extends Error {
  constructor(kind, message, place = kNone) {
    super(message);
    this.kind = kind;
    this.place = place;
  }
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }
  u32() { this.at += 4; return this.view.getUint32(this.at - 4, true); }
  sized() { const size = this.u32(); this.at += size; return this.bytes.subarray(this.at - size, this.at); }
  text() { return this.sized().toString('utf8'); }
  list(read) { return Array.from({length: this.u32()}, read); }
}

class Writer {
  constructor() { this.pieces = []; }
  u32(value) { const piece = Buffer.alloc(4); piece.writeUInt32LE(value); this.pieces.push(piece); }
  u64(value) { const piece = Buffer.alloc(8); piece.writeBigUInt64LE(value); this.pieces.push(piece); }
  sized(bytes) { this.u32(bytes.length); this.pieces.push(bytes); }
  text(text) { this.sized(Buffer.from(text)); }
}

// A thread of V8's watches the time; what runs too long is ended, in wasm as well.
const script = new vm.Script('wasmpackTask()');
function limited(milliseconds, task) {
  globalThis.wasmpackTask = task;
  try {
    return script.runInThisContext({timeout: milliseconds});
  } catch (error) {
    if (error.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Failure('timeout', `took longer than ${milliseconds} ms`, findPlace(error));
  }
}

function describe(error) {
  const text = error instanceof Error ? error.message : 'an exception that nothing catches';
  return text.split('\n')[0].slice(0, 400);
}

// The innermost function of wasm, by its index.
function findPlace(error) {
  const place = /wasm-function\[(\d+)\]/.exec(error?.stack ?? '');
  return place === null ? kNone : Number(place[1]);
}

class Bundle {
  constructor(module, call, settings) {
    Object.assign(this, {call, settings, imported: null});
    this.step('instantiate', () => { this.instance = new WebAssembly.Instance(module, this.makeImports()); });
    this.exports = this.instance.exports;
    this.step('initialize', () => this.exports._initialize());
  }

  // What fails has that kind, unless it is a time-out or a call of an import.
  step(kind, task) {
    let result;
    try {
      result = limited(this.settings.timeout, task);
    } catch (error) {
      if (this.imported === null) throw error instanceof Failure ? error : new Failure(kind, describe(error), findPlace(error));
    }
    if (this.imported !== null) {
      const [kindOfCall, who] = kind === 'initialize' ? [kind, 'a constructor calls'] : ['import', 'calls'];
      throw new Failure(kindOfCall, `${who} the import '${this.imported}'; --imports zero answers such calls with zeros`);
    }
    return result;
  }

  makeImports() {
    const imports = Object.create(null);  // a module may be named __proto__
    for (const {module, field, isMemory, signature, minimum, maximum} of this.call.imports) {
      imports[module] ??= Object.create(null);
      imports[module][field] = isMemory ?
          new WebAssembly.Memory(maximum === kNone ? {initial: minimum} : {initial: minimum, maximum}) :
          this.makeImport(`${module}.${field}`, signature.split(':')[1]);
    }
    return imports;
  }

  makeImport(name, results) {
    const zeros = [...results].map((letter) => letter === 'I' ? 0n : 'xp'.includes(letter) ? null : 0);
    const answer = name === kAskedForEver && results === 'i' ? kNoFile : results.length > 1 ? zeros : zeros[0];
    return () => {
      if (this.settings.answerImports) return answer;
      this.imported ??= name;
      throw new Failure('import', name);
    };
  }

  bytes(at, size) { return new Uint8Array(this.exports.memory.buffer, at, size); }

  alloc(size, align) {
    const at = this.step('memory', () => this.exports.wasmpack_alloc(Math.max(size, 1), align)) >>> 0;
    if (at === 0) throw new Failure('memory', `the bundle has no memory for ${size} bytes of arguments`);
    try {
      return this.bytes(at, size), at;
    } catch {
      throw new Failure('memory', 'wasmpack_alloc gives memory that is not there');
    }
  }

  // Memory for the arguments, and the function to call.
  prepare(trampoline) {
    const {buffers, kernel} = this.call;
    const name = this.alloc(kernel.length, 1);
    this.bytes(name, kernel.length).set(kernel);
    const handle = this.step('lookup', () => this.exports.wasmpack_find(name, kernel.length));
    const slot = this.step('initialize', () => this.exports.wasmpack_entry(handle)) >>> 0;
    if (slot === 0) throw new Failure('lookup', 'the registry does not have the kernel');
    this.addresses = buffers.map(({size, align}) => this.alloc(size, align));
    buffers.forEach(({size, content, patches}, i) => {
      const bytes = this.bytes(this.addresses[i], size).fill(0);
      bytes.set(content);
      const view = new DataView(bytes.buffer, bytes.byteOffset, size);
      for (const {offset, buffer} of patches) view.setUint32(offset, this.addresses[buffer], true);
    });
    const {memory, __indirect_function_table: table} = this.exports;
    const {exports} = new WebAssembly.Instance(trampoline, {bundle: {memory, table}});
    const frame = this.addresses[this.call.frame], {inner} = this.settings;
    this.run = () => {
      const begin = process.hrtime.bigint();
      exports.call(frame, inner, slot);
      return process.hrtime.bigint() - begin;
    };
  }

  // How long the kernel took, in ns.
  measure() {
    const time = this.step('trap', this.run);
    const {sign, resultOffset, frame, library} = this.call;
    if (sign === 0) return time;
    const code = new DataView(this.exports.memory.buffer).getInt32(this.addresses[frame] + resultOffset, true);
    if (code === 0) return time;
    const at = sign === 1 ? this.step('trap', () => this.exports.wasmpack_error(library)) >>> 0 : 0;
    const memory = Buffer.from(this.exports.memory.buffer);
    if (at === 0 || at >= memory.length) throw new Failure('kernel', `the kernel returned ${code}`);
    const text = memory.subarray(at, at + kMostErrorText);
    const end = text.indexOf(0);
    throw new Failure('kernel', text.toString('utf8', 0, end < 0 ? text.length : end));
  }
}

function runCall(module, call, settings, out) {
  const failures = [], samples = [];
  let bundle = null, trampoline = null, outputs = null;
  const fail = (run, error) => {
    if (!(error instanceof Failure)) error = new Failure('engine', describe(error));
    failures.push({run, error});
    outputs = null;
    if (error.kind !== 'kernel') bundle = null;
  };
  for (let run = 0; run < settings.warmup + settings.repeat && failures.length < settings.mostFailures; ++run) {
    try {
      if (bundle === null) {
        trampoline ??= new WebAssembly.Module(call.trampoline);
        const fresh = new Bundle(module(), call, settings);
        fresh.prepare(trampoline);
        bundle = fresh;
      }
    } catch (error) {
      fail(kNone, error);
      break;
    }
    try {
      const time = bundle.measure();
      if (run >= settings.warmup) samples.push(time);
      outputs = bundle;
    } catch (error) {
      fail(run, error);
    }
  }
  out.u32(failures.length);
  for (const {run, error} of failures) {
    out.u32(run);
    out.u32(error.place);
    out.text(error.kind);
    out.text(error.message);
  }
  out.u32(samples.length);
  for (const time of samples) out.u64(time);
  out.u64(0xffffffffffffffffn);
  out.u32(outputs === null ? 0 : 1);
  if (outputs === null) return;
  for (const i of call.outputs)
    out.sized(Buffer.from(outputs.bytes(outputs.addresses[i], call.buffers[i].size)));
}

function compile(bytes) {
  let module = null;
  return () => {
    try {
      return module ??= new WebAssembly.Module(bytes);
    } catch (error) {
      throw new Failure('instantiate', describe(error));
    }
  };
}

const input = new Reader(fs.readFileSync(0));
const modules = input.list(() => compile(input.sized()));
const settings = {
  warmup: input.u32(), repeat: input.u32(), inner: input.u32(), timeout: input.u32(),
  answerImports: input.u32() === 1, mostFailures: input.u32(), pages: input.u32(),
};
const calls = input.list(() => ({
  module: input.u32(), kernel: input.sized(), trampoline: input.sized(), library: input.u32(),
  sign: input.u32(), resultOffset: input.u32(),
  imports: input.list(() => ({
    module: input.text(), field: input.text(), isMemory: input.u32() === 1, signature: input.text(),
    minimum: input.u32(), maximum: input.u32(),
  })),
  buffers: input.list(() => ({
    size: input.u32(), align: input.u32(), content: input.sized(),
    patches: input.list(() => ({offset: input.u32(), buffer: input.u32()})),
  })),
  frame: input.u32(), outputs: input.list(() => input.u32()),
}));
const out = new Writer();
out.text(`node ${process.versions.node}`);
for (const call of calls) runCall(modules[call.module], call, settings, out);
const answer = Buffer.concat(out.pieces);
for (let at = 0; at < answer.length;) at += fs.writeSync(1, answer, at);
