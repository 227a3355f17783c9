# ctest: timeout=300
"""Keys of [bundle] that shape the module: memory, stack, imports, signature mismatches, what is stripped."""

import re
import unittest

from bundles import WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
PAGE = 65536


class ImportedMemory(BundleTest):
    SOURCE = f"""
    static char text[] = "constant";
    static volatile int zero[5000];
    {VISIBLE}const char* get(void) {{ return text; }}
    {VISIBLE}int sum(void) {{ int s = 0; for (int i = 0; i < 5000; ++i) s |= zero[i]; return s; }}
    {VISIBLE}int set(int i) {{ return zero[i] = 7; }}
    """

    def setUp(self):
        super().setUp()
        self.compile("x", self.SOURCE)

    def test_it_is_imported_and_exported(self):
        self.pack(library("x"), bundle='memory = { import = true, initial = "2MiB", max = "4MiB" }')
        imports, exports, section = self.run_js("""
          const module = await WebAssembly.compile((await import('node:fs')).readFileSync(path));
          const [s] = WebAssembly.Module.customSections(module, 'wasmpack.manifest');
          return [WebAssembly.Module.imports(module), WebAssembly.Module.exports(module), JSON.parse(new TextDecoder().decode(s))];""")
        self.assertEqual(imports, [{"module": "env", "name": "memory", "kind": "memory"}])
        self.assertIn({"name": "memory", "kind": "memory"}, exports)
        self.assertEqual(section["memory"], {"imported": True, "initial_pages": 32, "maximum_pages": 64})

    def test_a_host_memory_full_of_garbage(self):
        for optimize in ("none", "Oz"):
            self.pack(library("x"), bundle=f'memory = {{ import = true }}\noptimize = "{optimize}"')
            result = self.run_js("""
              const memory = new WebAssembly.Memory({initial: 10});
              new Uint8Array(memory.buffer).fill(0xff);
              const b = await load(path, {env: {memory}}), e = b.exports;
              const at = e.wasmpack_alloc(1000, 64);
              return [e.memory === memory, b.c_string(e.get()), e.sum(), e.set(9), e.sum(), at % 64, b.find('get'),
                      b.registry().kernels.length, e.wasmpack_error(-1)];""")
            self.assertEqual(result, [True, "constant", 0, 7, 7, 0, 0, 3, 0])

    def test_too_small_a_host_memory_does_not_instantiate(self):
        self.pack(library("x"), bundle='memory = { import = true, initial = "1MiB" }')
        self.assertEqual(self.run_js("const memory = new WebAssembly.Memory({initial: 15});"
                                     "try { await load(path, {env: {memory}}); } catch (e) { return e.constructor.name; }"),
                         "LinkError")

    def test_snapshot_is_refused(self):
        self.assertIn('k.toml:7:21: init = "snapshot" stores the memory in the module, so it cannot be imported',
                      self.refuse(library("x"), bundle='init = "snapshot"\nmemory = { import = true }'))


class Layout(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("x", f"""
          static int data[4] = {{1, 2, 3, 4}};
          {VISIBLE}int* address(void) {{ return data; }}
          {VISIBLE}int* stack(void) {{ volatile int local = 1; return (int*)&local; }}""")

    def places(self, bundle):
        self.pack(library("x"), bundle=bundle)
        return self.run_js("const {exports: e} = await load(path);"
                           "return [e.stack(), e.address(), e.memory.buffer.byteLength];")

    def test_the_stack_has_its_size_and_lies_below_the_data(self):
        for size, expected in (("65536", 65536), ('"256KiB"', 256 << 10), ('"1MiB"', 1 << 20), ("100", 112), ("1", 16)):
            stack, address, _ = self.places(f"stack-size = {size}")
            self.assertLess(stack, expected)
            self.assertGreaterEqual(stack, expected - 16)
            self.assertGreaterEqual(address, expected)
            self.assertEqual(self.run_js("return (await load(path)).manifest().stack_size;"), expected)

    def test_global_base_is_where_data_begins(self):
        for base in (1 << 20, 65536 + 4096, 70000):
            self.places(f"global-base = {base}")
            segments = self.run_tool("wasm-objdump", "-x", "-j", "Data", "out.wasm").stdout
            addresses = [int(at) for at in re.findall(r"init i32=(\d+)", segments)]
            self.assertGreaterEqual(min(addresses), base)
            self.assertLess(min(addresses), base + 1024)
        self.assertEqual(self.run_js("return (await load(path)).exports.address() >= 70000;"), True)

    def test_a_global_base_inside_of_the_stack(self):
        messages = self.refuse(library("x"), bundle='stack-size = "64KiB"\nglobal-base = 1024')
        self.assertIn("global", messages)
        self.assertIn("error: ", messages)

    def test_sizes_of_memory_are_rounded_to_pages(self):
        *_, size = self.places("memory = { initial = 131073 }")
        self.assertEqual(size, 3 * PAGE)
        self.places('memory = { initial = "1MiB", max = "2MiB" }')
        memory = self.run_tool("wasm-objdump", "-x", "-j", "Memory", "out.wasm").stdout
        self.assertIn("initial=16 max=32", memory)


class Signatures(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("x", "int next(int a) { return a; }\n" + VISIBLE + "int g(void) { return 1; }")
        self.compile("y", "float next(void);\n" + VISIBLE + "float f(void) { return next(); }\n" + VISIBLE + "int h(void) { return 2; }")
        self.libraries = [library("one", "x.o", keep_global=["next"], kernels=["g"]), library("two", "y.o")]

    def test_an_error_names_both(self):
        for bundle in ("", 'signature-mismatch = "error"'):
            messages = self.refuse(*self.libraries, bundle=bundle)
            self.assertIn("error: final link: function signature mismatch: next [final-link]\n", messages)
            self.assertIn("defined as () -> f32 in library `two`", messages)
            self.assertIn("defined as (i32) -> i32 in library `one`", messages)

    def test_a_warning_and_a_module_that_traps_there(self):
        self.pack(*self.libraries, bundle='signature-mismatch = "warn"')
        self.assertIn("warning: final link: function signature mismatch: next [final-link]\n", self.messages)
        self.assertIn("library `one`", self.messages)
        self.assertIn("library `two`", self.messages)
        self.assertEqual(self.run_js("const {exports: e} = await load(path); return [e.g(), e.h(), traps(e.f)];"), [1, 2, True])

    def test_within_a_library_it_is_always_an_error(self):
        # Its one object has one type for each function, so there is no module to make.
        for policy in ("error", "warn"):
            messages = self.refuse(library("both", "x.o", "y.o", kernels=["g", "f"]), bundle=f'signature-mismatch = "{policy}"')
            self.assertIn("error: y.o: `next` is called with another signature than it has [signature-mismatch]\n"
                          "  note: defined in x.o as (i32) -> i32\n  note: called in y.o as () -> f32\n"
                          "  note: while linking library `both`\n  help: ", messages)


class Undefined(BundleTest):
    def test_functions_become_imports_of_env_under_their_name(self):
        self.compile("x", "int one(int); long long two(double);\n" + VISIBLE
                     + "long long f(int a) { return one(a) + two(a); }")
        self.pack(library("x"), bundle='undefined = "import"')
        self.assertEqual(
            self.run_js("return (await load(path, {env: {one: (a) => a + 1, two: (d) => BigInt(d) * 10n}})).exports.f(4).toString();"),
            "45")

    def test_builtins_and_other_libraries_come_first(self):
        self.compile("x", "float expf(float); int other(void);\n" + VISIBLE + "float f(float a) { return expf(a) + other(); }")
        self.compile("y", VISIBLE + "int other(void) { return 10; }")
        self.pack(library("x"), library("y"), bundle='undefined = "import"')
        self.assertAlmostEqual(self.run_js("return (await load(path)).exports.f(1);"), 12.7182818, places=5)


class Adapters(BundleTest):  # what the adapter does: tests/hosts/wapc_test.py
    def test_without_and_with(self):
        self.compile("x", VISIBLE + "int f(void) { return 1; }")
        names = "return Object.keys((await load(path, {wapc: new Proxy({}, {get: () => () => {}})})).exports).sort();"
        self.pack(library("x"), bundle="adapters = []")
        without = self.run_js(names)
        self.pack(library("x"), bundle='adapters = ["wapc"]')
        self.assertEqual(self.run_js(names), sorted([*without, "__guest_call", "wapc_init"]))

    def test_no_such_adapter(self):
        self.compile("x", VISIBLE + "int f(void) { return 1; }")
        self.assertIn("k.toml:6:13: this version of wasmpack has no adapter `wap` [bad-manifest]\n  help: did you mean 'wapc'?",
                      self.refuse(library("x"), bundle='adapters = ["wap"]'))

    def test_its_names_stay_reserved(self):
        self.compile("x", VISIBLE + "int __guest_call(int a, int b) { return 1; }")
        for bundle in ("", 'adapters = ["wapc"]'):
            self.assertIn("kernel `__guest_call` of library `x`: hosts or the linker give this name a meaning",
                          self.refuse(library("x"), bundle=bundle))


class Strip(BundleTest):
    def sections(self, strip, *options):
        self.compile("x", VISIBLE + "int f(int a) { return a * 3; }", "-g", *options)
        self.pack(library("x"), bundle=f'strip = "{strip}"')
        headers = self.run_tool("wasm-objdump", "-h", "out.wasm").stdout
        self.assertEqual(self.run_js("return (await load(path)).exports.f(14);"), 42)
        return re.findall(r'Custom .* "([^"]+)"', headers)

    def test_what_remains(self):
        always = {"producers", "target_features", "version", "wasmpack.manifest", "build_id"}
        everything = set(self.sections("none"))
        self.assertLess(always | {"name", ".debug_info", ".debug_line", ".debug_str"}, everything)
        self.assertEqual(set(self.sections("debug")), always | {"name"})
        self.assertEqual(set(self.sections("all")), always)

    def test_constructors_are_found_without_names_too(self):
        self.compile("x", f"static volatile int n;\n__attribute__((constructor)) static void c(void) {{ n = 4; }}\n{VISIBLE}int f(void) {{ return n; }}")
        for init in ("initialize", "start", "lazy", "snapshot"):
            self.pack(library("x"), bundle=f'strip = "all"\ninit = "{init}"')
            self.assertEqual(self.run_js("const {exports: e} = await load(path); e._initialize(); return e.f();"), 4)

    def test_inspect_reads_each(self):
        for strip in ("none", "debug", "all"):
            self.sections(strip)
            self.assertIn("f", self.run_tool(WASMPACK, "inspect", "out.wasm").stdout)


if __name__ == "__main__":
    unittest.main()
