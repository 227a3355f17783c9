// Random use of several allocators over one memory, held against a map of who owns which bytes that is kept outside of
// it: blocks must lie inside memory, apart from each other and from what was there, and keep their content.

// `sources`: {alloc: size -> address, free: address -> ..., max: bytes}; without `free` the source keeps what it gives.
// Returns what went wrong, by kind: all zero is right. Numbers come from a fixed generator.
export function exercise(bundle, sources, steps, floor = 0) {
  let state = 12345;
  const random = (n) => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return (state >>> 8) % n; };
  const live = [], bad = {none: 0, low: 0, outside: 0, overlap: 0, content: 0};
  const check = ({at, size, mark}) => {
    if (bundle.bytes(at, size).some((byte) => byte !== mark)) ++bad.content;
  };
  for (let step = 0; step < steps; ++step) {
    if (live.length > 0 && random(100) < (step % 1000 < 500 ? 40 : 60)) {
      const [block] = live.splice(random(live.length), 1);
      check(block);
      if (block.source.free) block.source.free(block.at);
      else live.push(block);
      continue;
    }
    const source = sources[random(sources.length)];
    const size = 1 + (random(10) === 0 ? random(source.max ?? 100000) : random(Math.min(600, source.max ?? 600)));
    const at = source.alloc(size) >>> 0;
    if (at === 0) { ++bad.none; continue; }
    if (at < floor) ++bad.low;
    if (at + size > bundle.exports.memory.buffer.byteLength) { ++bad.outside; continue; }
    for (const other of live) if (at < other.at + other.size && other.at < at + size) ++bad.overlap;
    const mark = step % 254 + 1;
    bundle.bytes(at, size).fill(mark);
    live.push({at, size, mark, source});
  }
  live.forEach(check);
  return bad;
}

// The bundle's own allocator as a source.
export const bundle_source = (bundle, align = 16) => ({
  alloc: (size) => bundle.exports.wasmpack_alloc(size, align), free: (at) => bundle.exports.wasmpack_free(at),
});
