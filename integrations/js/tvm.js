// Calls kernels that TVM compiled, of all its calling conventions: docs/tvm.md. Types and comments: tvm.d.ts.

const ffi = 4;                           // abi of TVM FFI; 1 to 3 are the packed functions
const parameters = [, 3, 5, 6];          // of a packed function, by abi
const codes = {int: [0, 1], float: [2, 3], null: [4, 0], tensor: [7, 7]};  // packed, FFI
const dtypes = new Map([                 // DLPack's code, bits
  [Int8Array, [0, 8]], [Int16Array, [0, 16]], [Int32Array, [0, 32]], [BigInt64Array, [0, 64]],
  [Uint8Array, [1, 8]], [Uint16Array, [1, 16]], [Uint32Array, [1, 32]], [BigUint64Array, [1, 64]],
  [Float32Array, [2, 32]], [Float64Array, [2, 64]]]);
const special = {float16: [2, 16], bfloat16: [4, 16]};

const open = (bundle) => new DataView(bundle.exports.memory.buffer);

export class Tensor {
  constructor(view, shape, dtype) {
    const {bundle, type, length} = view;
    const [code, bits] = special[dtype] ?? dtypes.get(type);
    const count = shape.reduce((a, b) => a * b, 1);
    if (count !== length) throw new Error(`shape [${shape}] does not have ${length} elements`);
    const address = bundle.alloc(40 + 8 * shape.length), memory = open(bundle);
    Object.assign(this, {view, shape, address});
    memory.setUint32(address, view.address, true);
    memory.setUint32(address + 4, 1, true);  // CPU
    memory.setUint32(address + 8, 0, true);
    memory.setUint32(address + 12, shape.length, true);
    memory.setUint32(address + 16, code | bits << 8 | 1 << 16, true);
    memory.setUint32(address + 20, address + 40, true);
    memory.setUint32(address + 24, 0, true);  // compact
    memory.setUint32(address + 28, 0, true);
    memory.setBigUint64(address + 32, 0n, true);
    shape.forEach((size, i) => memory.setBigInt64(address + 40 + 8 * i, BigInt(size), true));
  }
  get array() { return this.view.array; }
  free() {
    this.view.bundle.free(this.address);
    if (this.owned) this.view.free();
  }
}

export function tensor(bundle, data, shape = [data.length], dtype = undefined) {
  const owned = ArrayBuffer.isView(data);
  const view = owned ? bundle.put(data, 64) : data;
  try {
    return Object.assign(new Tensor(view, shape, dtype), {owned});
  } catch (error) {
    if (owned) view.free();
    throw error;
  }
}

function write(memory, at, value) {
  memory.setBigUint64(at, 0n, true);
  if (value instanceof Tensor) return memory.setUint32(at, value.address, true), codes.tensor;
  if (typeof value === 'bigint') return memory.setBigInt64(at, value, true), codes.int;
  if (typeof value === 'number') return memory.setFloat64(at, value, true), codes.float;
  if (value === null) return codes.null;
  throw new TypeError('arguments are tensors, numbers (float), bigints (int) or null');
}

function read(memory, at, code, column) {
  if (code === codes.int[column]) return memory.getBigInt64(at, true);
  if (code === codes.float[column]) return memory.getFloat64(at, true);
  return null;
}

export function call(bundle, name, ...args) {
  const info = bundle.info.get(name), count = args.length;
  if (!info) throw new Error(`no kernel ${name}`);
  if (info.abi < 1 || info.abi > ffi) throw new Error(`kernel ${name} is not TVM's: abi ${info.abi}`);
  const packed = info.abi !== ffi, kernel = bundle.kernels[name];
  const block = bundle.alloc(16 * (count + 1)), types = block + 8 * (count + 1);
  try {
    const memory = open(bundle);
    new Uint8Array(memory.buffer, block, 16 * (count + 1)).fill(0);
    args.forEach((value, i) => {
      const pair = write(memory, packed ? block + 8 * i : block + 16 * i + 8, value);
      memory.setUint32(packed ? types + 4 * i : block + 16 * i, pair[packed ? 0 : 1], true);
    });
    const result = block + (packed ? 8 : 16) * count, type = packed ? types + 4 * count : result;
    const code = packed ? kernel(...[block, types, count, result, type, 0].slice(0, parameters[info.abi]))
      : kernel(0, block, count, result);
    if (code !== 0) throw new Error(bundle.error(info.library) ?? `kernel ${name} returned ${code}`);
    const after = open(bundle);
    return read(after, packed ? result : result + 8, after.getUint32(type, true), packed ? 0 : 1);
  } finally {
    bundle.free(block);
  }
}
