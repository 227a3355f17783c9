// Payloads of the waPC adapter of wasmpack: docs/hosts/wapc.md has the format.

const kScalars = {
  i: [4, 'Int32'], I: [8, 'BigInt64'], f: [4, 'Float32'], F: [8, 'Float64'],
};
const kTypes = {
  float16: 1, float32: 2, float64: 3, bfloat16: 4, int8: 5, int16: 6, int32: 7, int64: 8,
  uint8: 9, uint16: 10, uint32: 11, uint64: 12, bool: 13,
};

// Arguments.
export const i32 = (value) => ({tag: 'i', value});
export const i64 = (value) => ({tag: 'I', value: BigInt(value)});
export const f32 = (value) => ({tag: 'f', value});
export const f64 = (value) => ({tag: 'F', value});
export const none = () => ({tag: 'n'});
// Memory for the kernel, which gets its address: typed arrays, or a number of bytes where the
// kernel only writes. Of `output` and `changed` the content comes back.
export const input = (array) => ({tag: 'b', array});
export const output = (bytes) => ({tag: 'o', bytes});
export const changed = (array) => ({tag: 'u', array});
// The same as DLTensors.
export const inputTensor = (dtype, shape, array) => ({tag: 'B', dtype, shape, array});
export const outputTensor = (dtype, shape) => ({tag: 'O', dtype, shape});
export const changedTensor = (dtype, shape, array) => ({tag: 'U', dtype, shape, array});

export function encode(...items) {
  const parts = [];
  const number = (bytes, type, value) => {
    const part = new DataView(new ArrayBuffer(bytes));
    part[`set${type}`](0, value, true);
    parts.push(new Uint8Array(part.buffer));
  };
  for (const {tag, value, array, bytes, dtype, shape} of items) {
    parts.push(Uint8Array.of(tag.charCodeAt(0)));
    if (tag in kScalars) number(...kScalars[tag], value);
    if ('bou'.includes(tag)) number(4, 'Uint32', array ? array.byteLength : bytes);
    if ('BOU'.includes(tag)) {
      parts.push(Uint8Array.of(kTypes[dtype], shape.length));
      for (const length of shape) number(4, 'Uint32', length);
    }
    if (array) parts.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  const payload = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    payload.set(part, at);
    at += part.length;
  }
  return payload;
}

// The values of a response: numbers, BigInts for i64, null, bytes as Uint8Array.
export function decode(response) {
  const view = new DataView(response.buffer, response.byteOffset, response.byteLength);
  const values = [];
  for (let at = 0; at < response.length;) {
    const tag = String.fromCharCode(response[at++]);
    if (tag === 'n') {
      values.push(null);
    } else if (tag === 'b') {
      const length = view.getUint32(at, true);
      values.push(response.slice(at + 4, at + 4 + length));
      at += 4 + length;
    } else if (tag === 'v') {
      values.push(response.slice(at, at + 16));
      at += 16;
    } else {
      const [bytes, type] = kScalars[tag];
      values.push(view[`get${type}`](at, true));
      at += bytes;
    }
  }
  return values;
}

// A response's bytes as numbers of a type: asArray(Float32Array, bytes).
export const asArray = (Type, bytes) => new Type(bytes.slice().buffer);
