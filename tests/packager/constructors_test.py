# ctest: timeout=300
"""Constructors of a bundle run exactly once and in order, whatever the libraries bring; the guard's states."""

import unittest

from bundles import WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
# Writes down in which order constructors ran, for all libraries: another one keeps it global.
LOG = f"""
char ctor_log[64];
static int at;
void note(char c) {{ ctor_log[at++] = c; }}
{VISIBLE}const char* seen(void) {{ return ctor_log; }}
"""
READ = "const seen = (b) => b.c_string(b.exports.seen());\n"


def constructors(*notes, kernel=None):
    """C source; notes: (character, priority)."""
    text = "void note(char);\n"
    for character, priority in notes:
        text += (f"__attribute__((constructor({priority}))) static void c_{character}(void) "
                 f"{{ note('{character}'); }}\n")
    return text + (f"{VISIBLE}int {kernel}(void) {{ return 1; }}\n" if kernel else "")


class Constructors(BundleTest):
    def test_once_in_manifest_order_and_by_priority_within_a_library(self):
        self.compile("log", LOG)
        self.compile("x", constructors(("c", 300), ("a", 101), ("b", 101), kernel="x"))
        self.compile("y", constructors(("e", 65535), ("d", 101), kernel="y"))
        self.pack(library("log", keep_global=["note"], kernels=["seen"]), library("x"), library("y"))
        self.assertEqual(
            self.run_js(READ + """
              const b = await load(path), result = [seen(b)];
              b.exports.x(); b.find('x'); b.exports.wasmpack_query(1);
              b.exports.wasmpack_free(b.exports.wasmpack_alloc(10, 1)); b.exports.wasmpack_error(0);
              result.push(seen(b));  // none of these ran the chain
              b.kernel('x')(); result.push(seen(b));
              b.exports._initialize(); b.exports._initialize();
              for (let i = 0; i < 100; ++i) b.kernel('y')();
              result.push(seen(b));
              return result;"""),
            ["", "", "abcde", "abcde"],
        )
        section = self.run_js("return (await load(path)).manifest();")
        self.assertEqual([lib["constructors"] for lib in section["libraries"]], [
            [],
            [{"symbol": "c_a", "priority": 101, "order": 0}, {"symbol": "c_b", "priority": 101, "order": 1},
             {"symbol": "c_c", "priority": 300, "order": 2}],
            [{"symbol": "c_d", "priority": 101, "order": 3}, {"symbol": "c_e", "priority": 65535, "order": 4}],
        ])

    def test_the_other_order_of_libraries_is_the_other_order_of_constructors(self):
        self.compile("log", LOG)
        self.compile("x", constructors(("x", 101), kernel="x"))
        self.compile("y", constructors(("y", 200), kernel="y"))
        self.pack(library("y"), library("x"), library("log", keep_global=["note"], kernels=["seen"]))
        self.assertEqual(self.run_js(READ + "const b = await load(path); b.exports._initialize(); return seen(b);"), "yx")

    def test_a_library_without_kernels_runs_its_constructors_too(self):
        self.compile("log", LOG)
        self.compile("quiet", constructors(("q", 200), ("p", 101)) + "int anchor;\n")
        self.pack(library("log", keep_global=["note"], kernels=["seen"]), library("quiet", keep_global=["anchor"]))
        self.assertEqual(self.run_js(READ + "const b = await load(path); b.exports._initialize(); return seen(b);"), "pq")

    def test_initialize_before_any_entry_and_entry_before_initialize(self):
        self.compile("log", LOG)
        self.compile("x", constructors(("x", 200), kernel="x"))
        self.pack(library("log", keep_global=["note"], kernels=["seen"]), library("x"))
        self.assertEqual(
            self.run_js(READ + """
              const a = await load(path), b = await load(path), c = await load(path);
              a.exports._initialize(); a.kernel('x');
              b.kernel('x'); b.exports._initialize();
              c.exports.wasmpack_entry(-1); c.exports.wasmpack_entry(99);
              return [seen(a), seen(b), seen(c)];"""),
            ["x", "x", ""],
        )


class WhatLibrariesBring(BundleTest):
    """Entry points and guards of the libraries give way to the bundle's."""

    def check(self, *libraries):
        self.pack(library("log", keep_global=["note"], kernels=["seen"]), *libraries)
        names = self.run_js("return WebAssembly.Module.exports((await load(path)).module).map((e) => e.name);")
        self.assertNotIn("wapc_init", names)
        self.assertEqual(names.count("_initialize"), 1)
        return self.run_js(READ + """
          const b = await load(path);
          b.exports._initialize(); b.exports._initialize();
          for (const {name} of b.registry().kernels) b.kernel(name);
          return seen(b);""")

    # As crt1-reactor.o of wasi-libc: strong, exported, calls __wasm_call_ctors, traps when it is called again.
    REACTOR = """
    extern void __wasm_call_ctors(void);
    __attribute__((export_name("_initialize"))) void _initialize(void) {
      static volatile int initialized;
      if (initialized) __builtin_trap();
      initialized = 1;
      __wasm_call_ctors();
    }
    """

    def setUp(self):
        super().setUp()
        self.compile("log", LOG)

    def test_reactors(self):
        self.compile("crt", self.REACTOR)
        self.compile("x", constructors(("x", 200), kernel="x"))
        self.compile("y", constructors(("y", 200), kernel="y"))
        both = [library("x", "x.o", "crt.o", kernels=["x"]), library("y", "y.o", "crt.o", kernels=["y"])]
        self.assertEqual(self.check(*both), "xy")
        self.assertEqual(self.check(library("x", "x.o", "crt.o", seal=False, kernels=["x"]), both[1]), "xy")

    def test_libraries_with_an_init_guard(self):
        for name in ("x", "y"):
            self.compile(name, constructors((name, 200), kernel=name))
            self.run_tool(WASMPACK, "link", "--init-guard", f"{name}.o", "-o", f"{name}.guarded.o")
        self.assertEqual(self.check(library("x", "x.guarded.o", kernels=["x"]), library("y", "y.guarded.o", kernels=["y"])), "xy")

    def test_a_call_of_the_chain_goes_through_the_guard(self):
        self.compile("x", constructors(("x", 200)) + f"""
          extern void __wasm_call_ctors(void);
          {VISIBLE}int run(void) {{ __wasm_call_ctors(); __wasm_call_ctors(); return 1; }}""")
        self.pack(library("log", keep_global=["note"], kernels=["seen"]), library("x"))
        self.assertEqual(
            self.run_js(READ + "const b = await load(path); const r = [seen(b)];"
                        "b.exports.run(); r.push(seen(b)); b.exports._initialize(); b.exports.run(); r.push(seen(b));"
                        "return r;"),
            ["", "x", "x"],
        )

    def test_destructors_make_no_wrappers(self):
        self.compile("x", constructors(("x", 200), kernel="x") + """
          void __wasm_call_dtors(void) { note('d'); }
          __attribute__((destructor)) static void d(void) { note('D'); }
          int __cxa_atexit(void (*f)(void*), void* p, void* d) { return 0; }
          void* __dso_handle;""")
        self.assertEqual(self.check(library("x", seal=False, kernels=["x"])), "x")

    def test_a_program_is_refused(self):
        self.compile("x", "void _start(void) {}\n" + VISIBLE + "int f(void) { return 1; }")
        self.assertIn("k.toml:5:1: library `x` defines `_start`: it is a program", self.refuse(library("x")))


class Guard(BundleTest):
    TRAPS = f"""
    static int attempts;
    __attribute__((constructor)) static void c(void) {{ ++attempts; __builtin_trap(); }}
    {VISIBLE}int tried(void) {{ return attempts; }}
    """

    def test_a_trap_leaves_the_bundle_failed(self):
        self.compile("x", self.TRAPS)
        self.pack(library("x"))
        self.assertEqual(
            self.run_js("""
              const b = await load(path), e = b.exports, r = [];
              r.push(traps(() => e._initialize()));
              r.push(traps(() => e.wasmpack_entry(0)), traps(() => e._initialize()), traps(() => e._initialize()));
              r.push(traps(() => b.find('tried')), traps(() => e.wasmpack_query(1)));
              return [...r, e.tried()];"""),
            [True, True, True, True, False, False, 1],
        )

    def test_a_trap_at_the_first_entry(self):
        self.compile("x", self.TRAPS)
        self.pack(library("x"))
        self.assertEqual(
            self.run_js("const {exports: e} = await load(path);"
                        "return [traps(() => e.wasmpack_entry(0)), traps(() => e.wasmpack_entry(0)), e.tried()];"),
            [True, True, 1],
        )

    def test_calls_while_the_chain_runs_go_through(self):
        self.compile("x", f"""
          void host(void);
          static int runs;
          __attribute__((constructor)) static void c(void) {{ ++runs; host(); }}
          {VISIBLE}int count(void) {{ return runs; }}""")
        self.pack(library("x"), bundle='allow-imports = ["env.host"]')
        self.assertEqual(
            self.run_js("""
              const inside = [];
              const b = await load(path, {env: {host() { b.exports._initialize(); inside.push(b.kernel('count')()); }}});
              b.exports._initialize(); b.exports._initialize();
              return [inside, b.kernel('count')()];"""),
            [[1], 1],
        )

    def test_a_trap_never_runs_the_chain_twice(self):
        # A bundle with imports cannot tell a call back from a call after a trap; it must not start over.
        self.compile("x", self.TRAPS.replace("++attempts;", "++attempts; host();").replace("static", "void host(void); static", 1))
        self.pack(library("x"), bundle='allow-imports = ["env.host"]')
        self.assertEqual(
            self.run_js("const {exports: e} = await load(path, {env: {host() {}}});"
                        "return [traps(() => e._initialize()), (traps(() => e._initialize()), e.tried())];"),
            [True, 1],
        )


if __name__ == "__main__":
    unittest.main()
