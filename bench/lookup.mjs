// Times the ways from a kernel's name to its function. Arguments: a bundle of bench/host_bench.py and the number of
// rounds. Prints one JSON object, way -> nanoseconds for one call, one number a round.
import fs from 'node:fs';

const [path, rounds] = [process.argv[2], Number(process.argv[3])];
const {instance} = await WebAssembly.instantiate(fs.readFileSync(path), {});
const e = instance.exports;
e._initialize();

const text = new TextDecoder();
const bundle = e.wasmpack_query(1);
const word = (at) => new DataView(e.memory.buffer).getUint32(at, true);
const names = [];
for (let i = 0; i < word(bundle + 24); ++i) {
  const kernel = word(bundle + 28) + 24 * i;
  names.push(text.decode(new Uint8Array(e.memory.buffer, word(kernel), word(kernel + 4))));
}
const asked = names.filter((name) => name.startsWith('kernel_'));
const table = e.__indirect_function_table;
const encoder = new TextEncoder();
// Each asked name once in memory, in an order without pattern.
const order = asked.map((_, i) => (i * 7919) % asked.length);
const places = asked.map((name) => {
  const bytes = encoder.encode(name), at = e.wasmpack_alloc(bytes.length, 1);
  new Uint8Array(e.memory.buffer).set(bytes, at);
  return [at, bytes.length];
});
const scratch = e.wasmpack_alloc(64, 1);
let memory = new Uint8Array(e.memory.buffer);
const functions = new Map(asked.map((name) => [name, e[name]]));
const handles = places.map(([at, length]) => e.wasmpack_find(at, length));
const slots = handles.map((handle) => e.wasmpack_entry(handle));
const cached = slots.map((slot) => table.get(slot));

const find = (name) => {
  const {written} = encoder.encodeInto(name, memory.subarray(scratch, scratch + 64));
  return e.wasmpack_find(scratch, written);
};
// Each returns a number, so that no engine can leave the call out.
const ways = {
  map: (i) => functions.get(asked[i]).length,
  find_in_memory: (i) => e.wasmpack_find(places[i][0], places[i][1]),
  find_with_text: (i) => find(asked[i]),
  linear: (i) => e.find_linear(bundle, places[i][0], places[i][1]),
  entry: (i) => e.wasmpack_entry(handles[i]),
  table_call: (i) => table.get(slots[i])(i),
  entry_and_call: (i) => table.get(e.wasmpack_entry(handles[i]))(i),
  cached_call: (i) => cached[i](i),
};

for (const i of order) {
  if (ways.find_in_memory(i) !== ways.find_with_text(i) || ways.linear(i) !== handles[i] || names[handles[i]] !== asked[i])
    throw new Error(`${asked[i]} is found at different places`);
  if (ways.entry_and_call(i) !== ways.cached_call(i)) throw new Error(`${asked[i]} is two functions`);
}

let sum = 0;
const time = (way, calls) => {
  const start = process.hrtime.bigint();
  for (let call = 0; call < calls; ++call) sum += way(order[call % order.length]);
  return Number(process.hrtime.bigint() - start) / calls;
};
const result = {};
for (const [name, way] of Object.entries(ways)) {
  // A linear search of many names takes long: fewer calls, and enough for the compilers to be done.
  const calls = Math.min(200000, Math.max(2000, Math.round(2e7 / time(way, 20000))));
  result[name] = Array.from({length: rounds}, () => time(way, calls));
}
console.log(JSON.stringify({ways: result, sum}));
