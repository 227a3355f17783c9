// Calls TVM's kernels in a bundle of wasmpack: float32 tensors in its memory, errors as exceptions. For node and browsers.

const kDLTensorBytes = 40, kAnyBytes = 16, kTensorIndex = 7, kFloatIndex = 3, kCpu = 1;

export async function openBundle(bytes, imports = {}) {
  const {instance} = await WebAssembly.instantiate(bytes, imports);
  instance.exports._initialize();
  return new Bundle(instance.exports);
}

class Bundle {
  constructor(exports) {
    this.exports = exports;
  }

  // Made anew each time: any call may grow memory.
  get view() {
    return new DataView(this.exports.memory.buffer);
  }

  alloc(bytes, align) {
    const at = this.exports.wasmpack_alloc(bytes, align) >>> 0;
    if (at === 0) throw new Error(`out of memory: ${bytes} bytes`);
    new Uint8Array(this.exports.memory.buffer, at, bytes).fill(0);
    return at;
  }

  text(at, length) {
    const bytes = new Uint8Array(this.exports.memory.buffer, at);
    return new TextDecoder().decode(bytes.subarray(0, length ?? bytes.indexOf(0)));
  }

  // A compact float32 tensor: of `values`, of a param's address, or of zeros.
  tensor(shape, values, address) {
    const count = shape.reduce((product, length) => product * length, 1);
    const data = address ?? this.alloc(4 * count, 64);
    if (values) new Float32Array(this.exports.memory.buffer, data, count).set(values);
    const at = this.alloc(kDLTensorBytes + 8 * shape.length, 8), view = this.view;
    view.setUint32(at, data, true);
    view.setInt32(at + 4, kCpu, true);
    view.setInt32(at + 12, shape.length, true);
    view.setUint32(at + 16, 0x00012002, true);  // float, 32 bits, 1 lane
    view.setUint32(at + 20, at + kDLTensorBytes, true);
    shape.forEach((length, i) => view.setBigInt64(at + kDLTensorBytes + 8 * i, BigInt(length), true));
    return {at, values: () => new Float32Array(this.exports.memory.buffer, data, count).slice()};
  }

  // Where the bytes of an embedded param lie.
  param(name) {
    const view = this.view, bundle = this.exports.wasmpack_query(1) >>> 0;
    const count = view.getUint32(bundle + 40, true), params = view.getUint32(bundle + 44, true);
    for (let at = params; at < params + 28 * count; at += 28) {
      if (this.text(view.getUint32(at, true), view.getUint32(at + 4, true)) === name) return view.getUint32(at + 8, true);
    }
    throw new Error(`no param ${name}`);
  }

  // Calls a kernel of TVM FFI (abi 4) with tensors and numbers.
  call(name, ...args) {
    const at = this.alloc(kAnyBytes * (args.length + 1), 8), view = this.view;
    args.forEach((arg, i) => {
      const is_tensor = typeof arg === 'object';
      view.setInt32(at + kAnyBytes * i, is_tensor ? kTensorIndex : kFloatIndex, true);
      if (is_tensor) view.setUint32(at + kAnyBytes * i + 8, arg.at, true);
      else view.setFloat64(at + kAnyBytes * i + 8, arg, true);
    });
    const code = this.exports[name](0, at, args.length, at + kAnyBytes * args.length);
    this.exports.wasmpack_free(at);
    if (code !== 0) throw new Error(`${name}: ${this.text(this.exports.wasmpack_error(-1) >>> 0)}`);
  }
}
