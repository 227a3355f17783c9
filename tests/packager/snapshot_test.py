# ctest: timeout=300
"""Bundles with init = "snapshot": the constructors have run before any host sees the module.

The oracle is the same bundle with init = "initialize", whose constructors node runs."""

import unittest

from bundles import BundleTest, library

SNAPSHOT = 'init = "snapshot"'
VISIBLE = '__attribute__((visibility("default"))) '

# Tables made by arithmetic of several kinds, memory that a constructor grows, and how often it ran.
TABLES = f"""
typedef float lanes __attribute__((vector_size(16)));
static float curve[1000];
static double sums[100];
static lanes vectors[16];
static unsigned long long mixed[64];
static unsigned char* grown;
static int runs;
static char sparse[300000];

__attribute__((noinline)) static void fill(unsigned char* to, int size) {{
  volatile unsigned char scratch[2048];  // leaves its traces on the stack
  for (int i = 0; i < 2048; ++i) scratch[i] = (unsigned char)(i * 7 + 1);
  for (int i = 0; i < size; ++i) to[i] = scratch[i % 2048];
}}

__attribute__((constructor(200))) static void make_tables(void) {{
  ++runs;
  for (int i = 0; i < 1000; ++i) {{
    float x = (float)i / 1000;
    curve[i] = x - x * x * x / 6 + __builtin_sqrtf(x) * 0.1f;
  }}
  for (int i = 0; i < 100; ++i) sums[i] = (i ? sums[i - 1] : 0) + 1.0 / (i + 3) - (double)curve[i * 7];
  for (int i = 0; i < 16; ++i) vectors[i] = (lanes){{1, 2, 3, 4}} * (float)i / (lanes){{3, 5, 7, 11}};
  unsigned long long state = 88172645463325252ull;
  for (int i = 0; i < 64; ++i) {{
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    mixed[i] = state;
  }}
  for (int i = 0; i < 300000; i += 9973) sparse[i] = (char)(i % 127 + 1);
  grown = (unsigned char*)(__builtin_wasm_memory_grow(0, 2) * 65536);
  fill(grown, 100000);
}}

static unsigned hash_bytes(unsigned hash, const void* data, int size) {{
  for (int i = 0; i < size; ++i) hash = (hash ^ ((const unsigned char*)data)[i]) * 16777619u;
  return hash;
}}
{VISIBLE}unsigned state_hash(void) {{
  unsigned hash = hash_bytes(2166136261u, curve, sizeof curve);
  hash = hash_bytes(hash, sums, sizeof sums);
  hash = hash_bytes(hash, vectors, sizeof vectors);
  hash = hash_bytes(hash, mixed, sizeof mixed);
  hash = hash_bytes(hash, sparse, sizeof sparse);
  return hash_bytes(hash, grown, 100000);
}}
{VISIBLE}float at(int i) {{ return curve[i]; }}
{VISIBLE}int run_count(void) {{ return runs; }}
{VISIBLE}int bump(void) {{ static int calls; return ++calls; }}
"""

# Runs after the other library's constructors, which shows the order.
SECOND = f"""
float at(int);
static float seen;
__attribute__((constructor(101))) static void look(void) {{ seen = at(999); }}
{VISIBLE}float last_seen(void) {{ return seen; }}
"""

CALL_ALL = """
  const call = (b) => [b.exports.state_hash() >>> 0, [0, 1, 500, 999].map((i) => b.exports.at(i)),
                       b.exports.run_count(), b.exports.last_seen(), b.exports.bump(), b.exports.bump()];
"""


class Snapshots(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("tables", TABLES, "-msimd128")
        self.compile("second", SECOND)
        self.libraries = [library("tables", kernels=["state_hash", "at", "run_count", "bump"]), library("second")]

    def test_results_are_those_of_a_bundle_that_initializes(self):
        self.pack(*self.libraries, output="initialize.wasm")
        self.pack(*self.libraries, bundle=SNAPSHOT)
        expected = self.run_js(CALL_ALL + "const b = await load(path); b.exports._initialize(); return call(b);",
                               "initialize.wasm")
        self.assertEqual(expected[2], 1)
        self.assertNotEqual(expected[3], 0)  # the second library saw the first one's table
        self.assertEqual(self.run_js(CALL_ALL + "return call(await load(path));"), expected)
        self.assertEqual(self.run_js(CALL_ALL + "const b = await load(path); b.exports._initialize(); return call(b);"),
                         expected)

    def test_memory_is_what_node_makes_of_it(self):
        self.pack(*self.libraries, output="initialize.wasm")
        self.pack(*self.libraries, bundle=SNAPSHOT)
        result = self.run_js("""
          const other = await load(path.replace('out.wasm', 'initialize.wasm')), b = await load(path);
          other.exports._initialize();
          const [x, y] = [other.bytes(), b.bytes()];
          const stack = 65536;  // of the default size, and first in memory
          let different = 0;
          for (let i = stack; i < x.length; ++i) if (x[i] !== y[i]) ++different;
          return {sizes: [x.length, y.length], different, dead: y.subarray(0, stack).some((byte) => byte !== 0),
                  used: x.subarray(0, stack).some((byte) => byte !== 0)};""")
        self.assertEqual(result["sizes"][0], result["sizes"][1])
        self.assertEqual(result["different"], 0)
        self.assertTrue(result["used"])  # the constructor did leave traces on the stack
        self.assertFalse(result["dead"])

    def test_no_constructor_runs_in_the_instance(self):
        self.pack(*self.libraries, bundle=SNAPSHOT)
        result = self.run_js("""
          const b = await load(path), before = b.bytes().slice();
          b.exports._initialize(); b.exports._initialize();
          b.exports.wasmpack_entry(0);
          const after = b.bytes();
          const unchanged = after.length === before.length && after.every((byte, i) => byte === before[i]);
          return [unchanged, b.kernel('run_count')(), b.exports.run_count()];""")
        self.assertEqual(result, [True, 1, 1])

    def test_the_instance_starts_with_the_grown_memory(self):
        self.pack(*self.libraries, output="initialize.wasm")
        self.pack(*self.libraries, bundle=SNAPSHOT)
        pages = "const b = await load(path); return b.exports.memory.buffer.byteLength / 65536;"
        self.assertEqual(self.run_js(pages), self.run_js(pages, "initialize.wasm") + 2)
        section = self.run_js("return (await load(path)).manifest();")
        self.assertEqual(section["init"], "snapshot")
        self.assertEqual(section["memory"]["initial_pages"], self.run_js(pages))

    def test_a_second_engine_agrees(self):
        # wasm-interp calls _initialize and every kernel; `at` gets no argument, so it is left out.
        libraries = [library("tables", kernels=["state_hash", "run_count"], keep_global=["at"]), library("second")]
        self.pack(*libraries, bundle=SNAPSHOT)
        expected = self.run_js("const b = await load(path); return b.exports.state_hash() >>> 0;")
        lines = self.run_tool("wasm-interp", "--run-all-exports", "out.wasm").stdout.splitlines()
        self.assertIn(f"state_hash() => i32:{expected}", lines)
        self.assertIn("run_count() => i32:1", lines)

    def test_the_same_bytes_every_time(self):
        first = self.pack(*self.libraries, bundle=SNAPSHOT).read_bytes()
        self.assertEqual(self.pack(*self.libraries, bundle=SNAPSHOT, output="again.wasm").read_bytes(), first)

    def test_an_import_in_a_constructor_is_refused(self):
        self.compile("asks", f"""
          __attribute__((import_module("env"), import_name("ask"))) int ask(void);
          static int answer;
          __attribute__((noinline)) static int helper(void) {{ return ask() + 1; }}
          __attribute__((constructor)) static void ask_the_host(void) {{ answer = helper(); }}
          {VISIBLE}int get_answer(void) {{ return answer; }}""")
        messages = self.refuse(*self.libraries, library("asks"), bundle=SNAPSHOT + '\nallow-imports = ["env.ask"]')
        self.assertIn("constructor `ask_the_host` calls the import `env.ask`", messages)

    def test_an_import_outside_of_constructors_is_fine(self):
        self.compile("asks", f"""
          __attribute__((import_module("env"), import_name("ask"))) int ask(void);
          {VISIBLE}int get_answer(void) {{ return ask(); }}""")
        self.pack(*self.libraries, library("asks"), bundle=SNAPSHOT + '\nallow-imports = ["env.ask"]')
        result = self.run_js("const b = await load(path, {env: {ask: () => 42}}); "
                             "return [b.exports.get_answer(), b.exports.run_count()];")
        self.assertEqual(result, [42, 1])

    def test_a_trap_in_a_constructor_is_refused(self):
        self.compile("traps", f"""
          __attribute__((constructor)) static void give_up(void) {{ __builtin_trap(); }}
          {VISIBLE}int f(void) {{ return 1; }}""")
        messages = self.refuse(*self.libraries, library("traps"), bundle=SNAPSHOT)
        self.assertIn("constructor `give_up` traps: unreachable executed", messages)

    def test_a_bundle_without_constructors(self):
        self.compile("plain", VISIBLE + "int f(void) { return 7; }")
        self.pack(library("plain"), bundle=SNAPSHOT)
        self.assertEqual(self.run_js("const b = await load(path); b.exports._initialize(); return b.kernel('f')();"), 7)


if __name__ == "__main__":
    unittest.main()
