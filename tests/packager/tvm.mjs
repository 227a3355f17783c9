// Calls TVM kernels of a bundle as a host without TVM does: arguments are laid out in the bundle's memory by the
// tables of TVM's headers (DLTensor, TVMValue with type codes, TVMFFIAny), everything else is docs/bundle-abi.md.
//
// An argument is a Tensor, a number (float), a bigint (int) or null; for TVM FFI also new TensorObject(tensor).

const kPacked = {1: 3, 2: 5, 3: 6};  // parameters by abi
const kFfi = 4;
const kOldCode = {int: 0, float: 2, null: 4, tensor: 7};
const kFfiIndex = {null: 0, int: 1, float: 3, tensor: 7, object: 70};

class Tensor {
  constructor(address, data, count) { Object.assign(this, {address, data, count}); }
}

export class TensorObject {
  constructor(tensor) { this.tensor = tensor; }
}

export class Tvm {
  constructor(bundle) {
    this.bundle = bundle;
    this.exports = bundle.exports;
    const registry = bundle.registry();
    this.kernels = new Map(registry.kernels.map((kernel) => [kernel.name, kernel]));
    this.libraries = registry.libraries.map(({name}) => name);
  }

  view() { return new DataView(this.exports.memory.buffer); }

  alloc(bytes, align) {
    const at = this.exports.wasmpack_alloc(bytes, align) >>> 0;
    if (at === 0) throw new Error(`no memory for ${bytes} bytes`);
    this.bundle.bytes(at, bytes).fill(0);
    return at;
  }

  // A compact tensor of float32 on the CPU.
  tensor(values, shape = [values.length]) {
    const data = this.alloc(4 * values.length, 64);
    values.forEach((value, i) => this.view().setFloat32(data + 4 * i, value, true));
    const sizes = this.alloc(8 * shape.length, 8);
    shape.forEach((size, i) => this.view().setBigInt64(sizes + 8 * i, BigInt(size), true));
    const address = this.alloc(40, 8);
    const view = this.view();
    view.setUint32(address, data, true);
    view.setInt32(address + 4, 1, true);  // device type: CPU
    view.setInt32(address + 12, shape.length, true);
    view.setUint8(address + 16, 2);  // dtype code: float
    view.setUint8(address + 17, 32);
    view.setUint16(address + 18, 1, true);
    view.setUint32(address + 20, sizes, true);
    return new Tensor(address, data, values.length);
  }

  zeros(...shape) { return this.tensor(Array(shape.reduce((a, b) => a * b)).fill(0), shape); }

  read(tensor) { return [...new Float32Array(this.exports.memory.buffer, tensor.data, tensor.count)]; }

  // Writes the 8 bytes of a value; gives the name of its kind.
  write_value(at, argument) {
    const view = this.view();
    if (argument === null) return 'null';
    if (typeof argument === 'number') return view.setFloat64(at, argument, true), 'float';
    if (typeof argument === 'bigint') return view.setBigInt64(at, argument, true), 'int';
    if (argument instanceof Tensor) return view.setUint32(at, argument.address, true), 'tensor';
    // A header of 24 bytes, then the DLTensor.
    const object = this.alloc(64, 8);
    this.bundle.bytes().copyWithin(object + 24, argument.tensor.address, argument.tensor.address + 40);
    this.view().setInt32(object + 8, kFfiIndex.object, true);
    this.view().setUint32(at, object, true);
    return 'object';
  }

  // The code that the kernel returns: 0, or -1 for an error.
  call(name, ...args) {
    const kernel = this.kernels.get(name);
    if (!kernel) throw new Error(`no kernel ${name}`);
    return this.call_function(this.bundle.kernel(name), kernel.abi, args);
  }

  call_function(entry, abi, args) {
    const n = args.length;
    if (abi === kFfi) {
      const anys = this.alloc(16 * (n + 1), 8);  // the last one is the result
      args.forEach((argument, i) => {
        const kind = this.write_value(anys + 16 * i + 8, argument);
        this.view().setInt32(anys + 16 * i, kFfiIndex[kind], true);
      });
      const code = entry(0, anys, n, anys + 16 * n);
      this.exports.wasmpack_free(anys);
      return code;
    }
    if (!(abi in kPacked)) throw new Error(`not a TVM function: abi ${abi}`);
    const values = this.alloc(8 * (n + 1), 8), codes = this.alloc(4 * (n + 1), 4);
    args.forEach((argument, i) => {
      const kind = this.write_value(values + 8 * i, argument);
      this.view().setInt32(codes + 4 * i, kOldCode[kind], true);
    });
    const all = [values, codes, n, values + 8 * n, codes + 4 * n, 0];
    const code = entry(...all.slice(0, kPacked[abi]));
    this.exports.wasmpack_free(values);
    this.exports.wasmpack_free(codes);
    return code;
  }

  // Calls a kernel that must work, with an output of that shape behind its input tensors; gives the output.
  run(name, shape, ...inputs) {
    const scalars = inputs.filter((input) => typeof input === 'number');
    const output = this.zeros(...shape);
    const tensors = inputs.filter((input) => typeof input !== 'number');
    const code = this.call(name, ...tensors, output, ...scalars);
    if (code !== 0) throw new Error(`${name}: ${code}: ${this.error(this.kernels.get(name).library)}`);
    return this.read(output);
  }

  // wasmpack_error, of a library's name or index, or of any with -1.
  error(library) {
    const index = typeof library === 'string' ? this.libraries.indexOf(library) : library;
    const at = this.exports.wasmpack_error(index) >>> 0;
    return at === 0 ? null : this.bundle.c_string(at);
  }
}

// The same in plain JavaScript, rounded to float32 where a kernel stores.
export const expected = {
  matmul(a, b, n) {
    return Array.from({length: n * n}, (_, at) => {
      let sum = 0;
      for (let k = 0; k < n; ++k)
        sum = Math.fround(sum + Math.fround(a[Math.floor(at / n) * n + k] * b[k * n + at % n]));
      return sum;
    });
  },
  scaled: (a, s, added) => a.map((x) => Math.fround(Math.fround(x * s) + added)),
  // 2 channels of 8 x 8, 4 filters of 3 x 3; bias and relu.
  conv2d(data, weight, bias) {
    return Array.from({length: 4 * 6 * 6}, (_, at) => {
      const o = Math.floor(at / 36), y = Math.floor(at / 6) % 6, x = at % 6;
      let sum = 0;
      for (let c = 0; c < 2; ++c)
        for (let i = 0; i < 3; ++i)
          for (let j = 0; j < 3; ++j) sum += data[c * 64 + (y + i) * 8 + x + j] * weight[((o * 2 + c) * 3 + i) * 3 + j];
      return Math.max(Math.fround(sum + bias[o]), 0);
    });
  },
  softmax(a) {
    const exps = a.map((x) => Math.fround(Math.exp(x)));
    const sum = exps.reduce((total, e) => Math.fround(total + e), 0);
    return exps.map((e) => Math.fround(e / sum));
  },
};

// Whether all numbers agree to `tolerance`, relative to the larger ones.
export const close = (a, b, tolerance = 1e-5) => a.length === b.length && a.length > 0 &&
    a.every((x, i) => Math.abs(x - b[i]) <= tolerance * Math.max(1e-3, Math.abs(x), Math.abs(b[i])));
