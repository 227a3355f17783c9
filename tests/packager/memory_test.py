# ctest: timeout=300
"""wasmpack_alloc and wasmpack_free; one memory shared with libraries that grow it; memory and stack options."""

import unittest

from bundles import BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
PLAIN = VISIBLE + "int f(void) { return 1; }"
GROWS = VISIBLE + "int grow(int pages) { return __builtin_wasm_memory_grow(0, pages); }"


class Allocator(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("l", GROWS)
        self.pack(library("l"))

    def test_blocks_are_aligned_apart_and_keep_their_content(self):
        # The oracle is a map of who owns which bytes, kept outside of the bundle; numbers from a fixed generator.
        result = self.run_js("""
          const bundle = await load(path), e = bundle.exports;
          let state = 12345;
          const random = (n) => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return (state >>> 8) % n; };
          const live = [], foreigners = [];
          const static_end = e.memory.buffer.byteLength;  // nothing lies below what was there at the start
          const bad = {alignment: 0, overlap: 0, content: 0, low: 0, outside: 0, none: 0};
          for (let step = 0; step < 20000; ++step) {
            if (live.length > 0 && random(100) < (step % 4000 < 2000 ? 40 : 60)) {
              const [block] = live.splice(random(live.length), 1);
              if (bundle.bytes(block.at, block.size).some((byte) => byte !== block.mark)) ++bad.content;
              e.wasmpack_free(block.at);
              continue;
            }
            const size = random(10) === 0 ? random(300000) : random(600), align = 1 << random(17);
            if (random(50) === 0) {  // somebody else takes memory in between, and keeps it
              const foreign = {at: e.grow(1) * 65536, size: 65536, mark: 255};
              bundle.bytes(foreign.at, foreign.size).fill(foreign.mark);
              foreigners.push(foreign);
            }
            const at = e.wasmpack_alloc(size, align) >>> 0;
            if (at === 0) { ++bad.none; continue; }
            if (at % align !== 0 || at % 16 !== 0) ++bad.alignment;
            if (at < static_end) ++bad.low;
            if (at + size > e.memory.buffer.byteLength) ++bad.outside;
            for (const other of [...live, ...foreigners])
              if (at < other.at + Math.max(other.size, 1) && other.at < at + Math.max(size, 1)) ++bad.overlap;
            const mark = step % 254 + 1;
            bundle.bytes(at, size).fill(mark);
            live.push({at, size, mark});
          }
          for (const {at, size, mark} of [...live, ...foreigners])
            if (bundle.bytes(at, size).some((byte) => byte !== mark)) ++bad.content;
          return bad;""")
        self.assertEqual(result, {"alignment": 0, "overlap": 0, "content": 0, "low": 0, "outside": 0, "none": 0})

    def test_memory_is_used_again(self):
        result = self.run_js("""
          const {exports: e} = await load(path);
          for (let i = 0; i < 10000; ++i) {
            const blocks = [1000, 1, 70000, 16].map((size) => e.wasmpack_alloc(size, 8));
            for (const at of i % 2 ? blocks : blocks.reverse()) e.wasmpack_free(at);
          }
          return e.memory.buffer.byteLength / 65536;""")
        self.assertLess(result, 10)

    def test_neighbours_join_even_across_growth(self):
        # Two blocks of 40 pages make room for one of 79 once they are free.
        result = self.run_js("""
          const {exports: e} = await load(path);
          const a = e.wasmpack_alloc(40 * 65536, 1), b = e.wasmpack_alloc(40 * 65536, 1);
          e.wasmpack_free(a); e.wasmpack_free(b);
          const before = e.memory.buffer.byteLength;
          return [e.wasmpack_alloc(79 * 65536, 1) !== 0, e.memory.buffer.byteLength === before];""")
        self.assertEqual(result, [True, True])

    def test_what_is_no_request_gives_0(self):
        result = self.run_js("""
          const {exports: e} = await load(path);
          const before = e.memory.buffer.byteLength;
          e.wasmpack_free(0);
          return [[16, 0], [16, 3], [16, 131072], [16, -2147483648], [0xffffffff, 1], [0xfffffff0, 65536], [0xfff00001, 16]]
              .map(([size, align]) => e.wasmpack_alloc(size, align)).concat(e.memory.buffer.byteLength - before);""")
        self.assertEqual(result, [0] * 8)

    def test_size_0_gives_a_block_of_its_own(self):
        result = self.run_js("const {exports: e} = await load(path); const a = e.wasmpack_alloc(0, 1), b = e.wasmpack_alloc(0, 1);"
                             "e.wasmpack_free(a); e.wasmpack_free(b); return [a !== 0, a !== b];")
        self.assertEqual(result, [True, True])

    def test_freeing_twice_traps(self):
        self.assertTrue(self.run_js("const {exports: e} = await load(path); const a = e.wasmpack_alloc(8, 1);"
                                    "e.wasmpack_free(a); return traps(() => e.wasmpack_free(a));"))


class Limits(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("l", PLAIN)

    def test_a_full_memory_gives_0_and_stays_usable(self):
        self.pack(library("l"), bundle='memory = { initial = "2MiB", max = "4MiB" }')
        result = self.run_js("""
          const {exports: e} = await load(path);
          const sizes = [e.memory.buffer.byteLength >> 16];
          const got = [];
          for (let at; (at = e.wasmpack_alloc(100000, 16)) !== 0;) got.push(at);
          sizes.push(e.memory.buffer.byteLength >> 16);
          const again = (e.wasmpack_free(got[3]), e.wasmpack_alloc(100000, 16));
          return [sizes, got.length >= 20, again === got[3], e.wasmpack_alloc(3000000, 16)];""")
        self.assertEqual(result, [[32, 64], True, True, 0])

    def test_the_whole_address_space(self):
        self.pack(library("l"), bundle='memory = { max = "4GiB" }')
        result = self.run_js("""
          const bundle = await load(path), {exports: e} = bundle;
          const pieces = [];
          for (let size = 0x40000000; size >= 16; size >>>= 1)
            for (let at; (at = e.wasmpack_alloc(size, 16) >>> 0) !== 0;) pieces.push([at, size]);
          pieces.sort((a, b) => a[0] - b[0]);
          let apart = true;
          for (let i = 1; i < pieces.length; ++i) apart &&= pieces[i - 1][0] + pieces[i - 1][1] <= pieces[i][0];
          const [last, size] = pieces.at(-1);
          bundle.bytes(last + size - 1, 1)[0] = 1;
          for (const [at] of pieces) e.wasmpack_free(at);
          return [e.memory.buffer.byteLength === 2 ** 32, apart, last + size <= 2 ** 32, e.wasmpack_alloc(0xe0000000, 16) !== 0];""")
        self.assertEqual(result, [True, True, True, True])

    def test_the_stack_comes_first_so_that_overflow_traps(self):
        self.compile("l", "int touch(volatile char*);\n" + VISIBLE + """
          int deep(int n) { volatile char room[1000]; room[n % 1000] = (char)n; return n == 0 ? 0 : deep(n - 1) + room[n % 1000]; }
          static int data = 7;
          __attribute__((visibility("default"))) int* address(void) { return &data; }""", "-O0")
        self.pack(library("l"), bundle='stack-size = "128KiB"')
        self.assertEqual(
            self.run_js("const {exports: e} = await load(path); return [e.address() >= 131072, traps(() => e.deep(50)),"
                        "traps(() => e.deep(100000))];"),
            [True, False, True],
        )
        self.assertEqual(self.run_js("return (await load(path)).manifest().stack_size;"), 131072)

    def test_too_small_a_memory_is_an_error_in_lds_words(self):
        self.compile("l", "char big[10000000];\n" + VISIBLE + "char* f(void) { return big; }")
        self.assertRegex(self.refuse(library("l"), bundle='memory = { initial = "1MiB" }'),
                         r"final link: initial memory too small, \d+ bytes needed")


class OwnMalloc(BundleTest):
    """Libraries that bring a malloc that leaves the initial heap alone; heap_test.py has the others."""

    def test_a_malloc_that_does_not_touch_the_heap_is_fine(self):
        self.compile("l", "static char arena[1000]; static int at; void* malloc(unsigned long n) { at += n; return arena + at - n; }\n"
                     + VISIBLE + "void* f(void) { return malloc(10); }")
        self.pack(library("l"))

    def test_what_is_needed_of_a_libc_is_fine(self):
        self.compile("l", "unsigned long strlen(const char*);\n" + VISIBLE + "int f(const char* s) { return strlen(s); }")
        libc = self.run_tool("sh", "-c", "ls /usr/lib/wasm32-wasi/libc.a").stdout.strip()
        self.pack(library("l", "l.o", libc, archives="lazy"))
        self.assertEqual(
            self.run_js("const b = await load(path); const at = b.exports.wasmpack_alloc(6, 1);"
                        "b.bytes().set(new TextEncoder().encode('hello'), at); return b.exports.f(at);"), 5)


if __name__ == "__main__":
    unittest.main()
