# ctest: timeout=300
"""Bundles of real libraries keep the contract of docs/bundle-abi.md: exports, registry, lookup, manifest section."""

import hashlib
import json
import os
import shutil
import subprocess
import time
import unittest

from bundles import HEAD, WASMPACK, BundleTest, library

CONTRACT = {
    "memory": "memory", "__indirect_function_table": "table", "_initialize": "function", "wasmpack_query": "function",
    "wasmpack_find": "function", "wasmpack_entry": "function", "wasmpack_alloc": "function", "wasmpack_free": "function",
    "wasmpack_error": "function",
}

# Two libraries with the same names inside.
ALPHA = """
static int calls;
int shared_name(int x) { return x * 2; }
__attribute__((weak)) int weak_cell = 10;
__attribute__((visibility("default"))) int add(int a, int b) { ++calls; return a + b + weak_cell; }
__attribute__((visibility("default"))) int twice(int a) { return shared_name(a); }
__attribute__((visibility("default"))) int count(void) { return calls; }
"""
BETA = """
static int calls;
double shared_name(double x) { return x / 2; }
__attribute__((weak)) int weak_cell = 20;
__attribute__((visibility("default"))) int add(int a, int b) { ++calls; return a - b + weak_cell; }
__attribute__((visibility("default"))) double half(double a) { return shared_name(a); }
__attribute__((visibility("default"))) int count(void) { return calls; }
__attribute__((visibility("default"))) long long wide(long long a, float b) { return a + (long long)b; }
"""


class TwoLibraries(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("alpha", ALPHA)
        self.compile("beta", BETA)
        self.pack(library("alpha", prefix="a_"), library("beta", prefix="b_"))

    def test_exports_are_exactly_the_contract_and_the_kernels(self):
        exports = self.run_js("const m = (await load(path)).module; return WebAssembly.Module.exports(m);")
        kernels = ["a_add", "a_twice", "a_count", "b_add", "b_half", "b_count", "b_wide"]
        self.assertEqual({e["name"]: e["kind"] for e in exports}, {**CONTRACT, **{k: "function" for k in kernels}})
        self.assertEqual(len(exports), len(CONTRACT) + len(kernels))
        self.assertEqual(self.run_js("const m = (await load(path)).module; return WebAssembly.Module.imports(m);"), [])

    def test_the_module_has_no_start_function_and_is_no_shared_library(self):
        headers = self.run_tool("wasm-objdump", "-h", "out.wasm").stdout
        self.assertNotRegex(headers, r"(?m)^\s+Start ")
        self.assertNotIn("dylink", headers)

    def test_no_export_is_a_wrapper(self):
        details = self.run_tool("wasm-objdump", "-x", "out.wasm").stdout
        self.assertNotIn("command_export", details)
        self.assertIn("module name: <test>", details)

    def test_kernels_of_both_libraries_compute_apart(self):
        self.assertEqual(
            self.run_js("""
              const {exports} = await load(path);
              return [exports.a_add(5, 3), exports.b_add(5, 3), exports.b_add(1, 1), exports.a_twice(21), exports.b_half(21),
                      exports.a_count(), exports.b_count(), String(exports.b_wide(2n ** 40n, 2.5))];"""),
            [18, 22, 20, 42, 10.5, 1, 2, str(2**40 + 2)],
        )

    def test_registry(self):
        registry = self.run_js("return (await load(path)).registry();")
        names = [(k["name"], k["signature"], k["library"], k["abi"]) for k in registry["kernels"]]
        self.assertEqual(names, [("a_add", "ii:i", 0, 0), ("a_count", ":i", 0, 0), ("a_twice", "i:i", 0, 0),
                                 ("b_add", "ii:i", 1, 0), ("b_count", ":i", 1, 0), ("b_half", "F:F", 1, 0),
                                 ("b_wide", "If:I", 1, 0)])
        self.assertEqual(len({k["entry"] for k in registry["kernels"]}), 7)
        self.assertNotIn(0, [k["entry"] for k in registry["kernels"]])
        self.assertEqual(registry["libraries"], [{"name": "alpha", "prefix": "a_"}, {"name": "beta", "prefix": "b_"}])
        self.assertEqual([registry[key] for key in ("version", "size", "name", "release", "params")],
                         [1, 48, "test", "1.0.0", 0])

    def test_query_gives_the_newest_version_that_is_asked_for(self):
        versions = self.run_js("const {exports: e} = await load(path);"
                               "return [0, 1, 2, 4294967295].map((v) => e.wasmpack_query(v));")
        self.assertEqual(versions[0], 0)
        self.assertNotEqual(versions[1], 0)
        self.assertEqual(versions[1:], [versions[1]] * 3)

    def test_find_knows_the_kernels_and_nothing_else(self):
        result = self.run_js("""
          const bundle = await load(path);
          const names = bundle.registry().kernels.map((k) => k.name);
          const others = ['', 'a', 'a_ad', 'a_addx', 'add', 'A_ADD', 'b_', '_initialize', 'memory', 'x'.repeat(1000), 'a_add\\0'];
          for (let i = 0; i < 2000; ++i) others.push('a_' + i);
          return {found: names.map((n) => bundle.find(n)), lost: [...new Set(others.map((n) => bundle.find(n)))]};""")
        self.assertEqual(result, {"found": list(range(7)), "lost": [-1]})

    def test_entry_gives_the_slot_of_the_exported_function(self):
        result = self.run_js("""
          const bundle = await load(path), table = bundle.exports.__indirect_function_table;
          const kernels = bundle.registry().kernels;
          return {
            same: kernels.every((k, handle) => bundle.exports.wasmpack_entry(handle) === k.entry
                                && table.get(k.entry) === bundle.exports[k.name]),
            null_slot: table.get(0),
            bad: [7, 8, 100000, -1, 0x80000000].map((h) => bundle.exports.wasmpack_entry(h)),
          };""")
        self.assertEqual(result, {"same": True, "null_slot": None, "bad": [0, 0, 0, 0, 0]})

    def test_no_kernel_of_plain_c_reports_an_error_text(self):
        self.assertEqual(self.run_js("const {exports: e} = await load(path); return [0, 1, 2, -1].map(e.wasmpack_error);"),
                         [0, 0, 0, 0])

    def test_manifest_section(self):
        section = self.run_js("return (await load(path)).manifest();")
        alpha, beta = section["libraries"]
        digest = hashlib.sha256((self.folder / "alpha.o").read_bytes()).hexdigest()
        self.assertEqual(alpha["inputs"], [{"sha256": digest}])
        self.assertEqual(alpha["kernels"][0], {"abi": 0, "name": "a_add", "symbol": "add", "type": "(i32,i32)->(i32)"})
        self.assertEqual((beta["name"], beta["prefix"], beta["abi"], beta["constructors"]), ("beta", "b_", "c", []))
        self.assertIn("+bulk-memory", alpha["features"])
        self.assertEqual(section["package"], {"name": "test", "version": "1.0.0"})
        self.assertEqual((section["schema"], section["init"], section["params"], section["allow_imports"]),
                         (1, "initialize", [], []))
        self.assertEqual(section["stack_size"], 65536)
        self.assertRegex(section["tool"], r"^wasmpack \d+\.\d+\.\d+$")

    def test_manifest_section_is_canonical_and_has_no_path(self):
        raw = self.run_js("const [s] = WebAssembly.Module.customSections((await load(path)).module, 'wasmpack.manifest');"
                          "return new TextDecoder().decode(s);")
        self.assertEqual(raw, json.dumps(json.loads(raw), sort_keys=True, separators=(",", ":")))
        self.assertNotIn("/", raw)

    def test_inspect_shows_the_kernels(self):
        done = self.run_tool(WASMPACK, "inspect", "out.wasm")
        self.assertRegex(done.stdout, r"beta\s+\(i64,f32\)->\(i64\)\s+b_wide\s+wide")


class LinkRecords(BundleTest):
    """What `link` wrote down about a library goes into the manifest section, and only there."""

    def test_records_are_folded(self):
        self.compile("alpha", ALPHA)
        self.run_tool(WASMPACK, "link", "--prefix-symbols=p_", "alpha.o", "-o", "linked.o")
        self.assertIn("wasmpack.lib", self.run_tool("wasm-objdump", "-h", "linked.o").stdout)
        self.pack(library("alpha", "linked.o"))
        self.assertNotIn("wasmpack.lib", self.run_tool("wasm-objdump", "-h", "out.wasm").stdout)
        record, = self.run_js("return (await load(path)).manifest();")["libraries"][0]["link"]
        self.assertEqual((record["prefix"], record["schema"]), ("p_", 1))

    def test_records_that_are_none_are_left_out(self):
        for text in ("[" * 1000000, "{" * 100, "nonsense", '{"a": "' + "x" * 100000 + '"}'):
            self.compile("alpha", ALPHA)
            with open(self.folder / "record", "w", encoding="ascii") as record:
                record.write(text + '\n\n{"prefix":"q"}')
            name = b"\x0cwasmpack.lib"
            body = name + (self.folder / "record").read_bytes()
            size = bytes((len(body) >> shift & 0x7f) | (0x80 if shift < 28 else 0) for shift in range(0, 35, 7))
            with open(self.folder / "alpha.o", "ab") as out:
                out.write(b"\0" + size + body)
            self.pack(library("alpha"))
            self.assertEqual(self.run_js("return (await load(path)).manifest().libraries[0].link;"), [{"prefix": "q"}])


class Determinism(BundleTest):
    def test_bytes_depend_on_nothing_but_the_content(self):
        self.compile("alpha", ALPHA + "__attribute__((constructor)) static void c(void) { calls = 1; }")
        self.compile("beta", BETA)
        first = self.pack(library("alpha", prefix="a_"), library("beta", prefix="b_")).read_bytes()
        elsewhere = self.folder / "a" / "much" / "deeper folder"
        elsewhere.mkdir(parents=True)
        for name in ("beta.o", "alpha.o", "k.toml"):  # another order of creation
            shutil.copy(self.folder / name, elsewhere)
        environment = {**os.environ, "TMPDIR": str(elsewhere), "LANG": "C", "TZ": "UTC-9", "HOME": "/"}
        for output, cwd, manifest in (("x", elsewhere, "k.toml"), ("-", "/", elsewhere / "k.toml")):
            done = subprocess.run([WASMPACK, "pack", str(manifest), "-o", output], cwd=cwd, env=environment,
                                  capture_output=True, timeout=60, check=True)
            data = done.stdout if output == "-" else (elsewhere / output).read_bytes()
            self.assertEqual(hashlib.sha256(data).hexdigest(), hashlib.sha256(first).hexdigest())


class Kernels(BundleTest):
    """Which functions become kernels, and under which names."""

    SOURCE = """
    #define VISIBLE __attribute__((visibility("default")))
    VISIBLE int visible(void) { return 1; }
    __attribute__((weak)) VISIBLE int weakling(void) { return 2; }
    int hidden(void) { return 3; }
    static __attribute__((noinline)) int local(void) { return 4; }
    int uses_local(void) { return local(); }
    VISIBLE int main(void) { return 5; }
    """

    def kernels(self, module="out.wasm"):
        return self.run_js("const b = await load(path); return Object.fromEntries(b.registry().kernels.map("
                           "(k) => [k.name, b.kernel(k.name)()]));", module)

    def test_without_entries_what_is_visible_is_taken(self):
        self.compile("l", self.SOURCE)
        self.pack(library("l"))
        self.assertEqual(self.kernels(), {"visible": 1})

    def test_exported_functions_come_before_visible_ones(self):
        self.compile("l", self.SOURCE + """
          __attribute__((export_name("outer"))) int inner(void) { return 6; }
          __attribute__((export_name("other"))) int third(void) { return 7; }""")
        self.pack(library("l"))
        self.assertEqual(self.kernels(), {"outer": 6, "other": 7})
        self.pack(library("l", kernels=["out*"]))
        self.assertEqual(self.kernels(), {"outer": 6})
        self.pack(library("l", kernels=["inner", {"symbol": "third", "as": "3"}]))
        self.assertEqual(self.kernels(), {"outer": 6, "3": 7})

    def test_an_exact_symbol_may_be_any_global_function(self):
        self.compile("l", self.SOURCE)
        self.pack(library("l", prefix="p.", kernels=["weakling", "hidden", {"symbol": "main", "as": "m"}]))
        self.assertEqual(self.kernels(), {"p.weakling": 2, "p.hidden": 3, "p.m": 5})

    def test_one_function_under_several_names(self):
        self.compile("l", self.SOURCE)
        kernels = [{"symbol": "visible", "as": name} for name in ("c", "a", "b")] + ["visible"]
        self.pack(library("l", kernels=kernels))
        self.assertEqual(self.kernels(), {"a": 1, "b": 1, "c": 1, "visible": 1})
        self.assertTrue(self.run_js("const {exports: e} = await load(path); return e.a === e.b && e.b === e.visible;"))

    def test_a_pattern_leaves_exact_requests_alone(self):
        self.compile("l", "#define V __attribute__((visibility(\"default\")))\n"
                          "V int conv_a(void) { return 1; } V int conv_b(void) { return 2; }")
        self.pack(library("l", kernels=["conv_*", {"symbol": "conv_a", "as": "first"}]))
        self.assertEqual(self.kernels(), {"conv_b": 2, "first": 1})

    def test_hidden_functions_are_matched_with_a_note(self):
        self.compile("l", "int conv(void) { return 1; } int other(void) { return 2; }")
        self.pack(library("l", kernels=["c*"]))
        self.assertEqual(self.kernels(), {"conv": 1})
        self.assertIn("note: k.toml:9:10: `c*` is matched against the hidden functions of library `l`", self.messages)

    def test_problems_name_the_place_and_the_way_out(self):
        self.compile("l", self.SOURCE)
        self.compile("h", "int conv(void) { return 1; }")
        for lib, expected in [
            (library("l", kernels=["visibel"]), "k.toml:9:10: library `l` defines no global function `visibel` [bad-kernel]\n"
                                                "  help: did you mean 'visible'?"),
            (library("l", kernels=["local"]), "library `l` defines no global function `local`"),
            (library("l", kernels=["x*"]), "`x*` matches no function that library `l` offers [bad-kernel]\n  help: it offers `visible`"),
            (library("l", kernels=["hid*"]), "`hid*` matches no function"),
            (library("h"), "k.toml:5:1: library `h` offers no kernel"),
            (library("h"), "it has the functions `conv`"),
            (library("l", kernels=[{"symbol": "visible", "signature": "(i32)->(i32)"}]),
             "k.toml:10:13: kernel `visible` of library `l`: the manifest says (i32)->(i32), the function's type is ()->(i32)"),
            (library("l", kernels=[{"symbol": "visible", "signature": "int()"}]), "`int()` is no function type"),
            (library("l", keep_global=["visibel"]), "`visibel` matches no global symbol that library `l` defines [no-such-symbol]\n"
                                                    "  help: did you mean 'visible'?"),
        ]:
            with self.subTest(expected=expected):
                self.assertIn(expected, self.refuse(lib))

    def test_a_right_signature_is_accepted(self):
        self.compile("l", "__attribute__((visibility(\"default\"))) float f(int a, long long b, double c) { return a; }")
        self.pack(library("l", kernels=[{"symbol": "f", "signature": "( i32, i64, f64 ) -> (f32)"}]))

    def test_without_export_kernels_they_are_in_the_table_only(self):
        self.compile("l", self.SOURCE)
        self.pack(library("l"), bundle="export-kernels = false")
        names = self.run_js("const m = (await load(path)).module; return WebAssembly.Module.exports(m).map((e) => e.name);")
        self.assertEqual(sorted(names), sorted(CONTRACT))
        self.assertEqual(self.kernels(), {"visible": 1})

    def test_names_of_any_characters(self):
        self.compile("l", "__attribute__((visibility(\"default\"))) int f(void) { return 1; }")
        names = ["ä€", "with space", "a,b=c", "#x", "-o", "\"q\" \\", "f()", "x" * 3000, "*"]
        self.pack(library("l", kernels=[{"symbol": "f", "as": name} for name in names]))
        self.assertEqual(self.kernels(), {name: 1 for name in names})

    def test_a_part_of_a_name_is_another_name(self):
        # One kernel: about every second name gets as far as the comparison.
        self.compile("l", '__attribute__((visibility("default"))) int abcdefghijklmnopqrstuvwxyz(void) { return 1; }')
        self.pack(library("l"))
        self.assertEqual(
            self.run_js("""
              const b = await load(path), name = 'abcdefghijklmnopqrstuvwxyz';
              const found = [];
              for (let i = 0; i <= 26; ++i) found.push(b.find(name.slice(0, i)));
              for (let i = 0; i < 26; ++i) found.push(b.find(name.slice(0, i) + 'A' + name.slice(i + 1)));
              return found;"""),
            [-1] * 26 + [0] + [-1] * 26)

    def test_ten_thousand_kernels_in_linear_time(self):
        def measure(count):
            self.compile("l", "".join(f"__attribute__((visibility(\"default\"))) int k{i}(void) {{ return {i}; }}\n"
                                      for i in range(count)), "-O0")
            start = time.monotonic()
            self.pack(library("l", prefix="p"))
            return time.monotonic() - start

        small, large = measure(1000), measure(10000)
        # Ten times as many may take ten times as long; the margin is for a busy machine.
        self.assertLess(large, 20 * small + 2)
        wrong = self.run_js("""
          const b = await load(path);
          let wrong = 0;
          for (let i = 0; i < 10000; ++i) wrong += b.kernel('pk' + i)() !== i;
          return wrong;""")
        self.assertEqual(wrong, 0)


class Inputs(BundleTest):
    def test_globs_in_byte_order_and_each_file_once(self):
        # Constructors run in the order of the inputs: it can be observed.
        for name in ("b", "a", "Z", "a1", ".hidden"):
            self.compile(name, f"extern int at; extern char order[8];\n"
                               f"__attribute__((constructor)) static void c(void) {{ order[at++] = '{name[-1]}'; }}")
        self.compile("base", "int at; char order[8];\n__attribute__((visibility(\"default\"))) char* seen(void) { return order; }")
        self.pack(library("l", "b.o", "[!x]*.o", "base.o"))
        self.assertEqual(self.run_js("const b = await load(path); return b.c_string(b.kernel('seen')());"), "bZa1")

    def test_folders_and_literal_brackets(self):
        self.compile("f", "__attribute__((visibility(\"default\"))) int f(void) { return 1; }")
        odd = self.folder / "odd [x]* folder"
        (odd / "sub.o").mkdir(parents=True)  # a folder that the pattern matches is no input
        shutil.copy(self.folder / "f.o", odd / "sub.o" / "g.o")
        shutil.copy(self.folder / "f.o", odd / "f.o")
        (odd / "k.toml").write_text(HEAD + library("l", "*.o"))
        self.run_tool(WASMPACK, "pack", "odd [x]* folder/k.toml", "-o", "out.wasm")

    def test_archives_whole_or_lazy(self):
        self.compile("used", "int used(void) { return 1; }")
        self.compile("unused", "extern void nobody(void); void unused(void) { nobody(); }\n"
                               "__attribute__((constructor)) static void c(void) { nobody(); }")
        self.compile("l", "int used(void); __attribute__((visibility(\"default\"))) int f(void) { return used(); }")
        self.run_tool("llvm-ar-22", "rcs", "x.a", "used.o", "unused.o")
        self.pack(library("l", "l.o", "x.a", archives="lazy"))
        messages = self.refuse(library("l", "l.o", "x.a"))
        self.assertIn("library `l`: undefined symbol: nobody", messages)

    def test_problems(self):
        self.assertIn("k.toml:7:11: `*.o` matches no file", self.refuse(library("l", "*.o")))
        messages = self.refuse(library("l", "none.o"), code=2)
        self.assertIn("none.o: cannot read: No such file or directory [cannot-read]\n"
                      "  note: input of library `l` at k.toml:7:11", messages)
        self.write("text.o", "hello\n")
        self.assertIn("text.o: ", self.refuse(library("l", "text.o")))


if __name__ == "__main__":
    unittest.main()
