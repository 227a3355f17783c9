# ctest: timeout=300
"""Libraries among each other and towards the host: what is shared, what clashes, what may be imported."""

import unittest

from bundles import BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '


class Between(BundleTest):
    def test_keep_global_is_what_others_may_use(self):
        self.compile("base", "int state = 5; int next(void) { return ++state; } int hidden_one(void) { return 0; }")
        self.compile("user", "int next(void); extern int state;\n" + VISIBLE + "int f(void) { return next() * 100 + state; }")
        self.pack(library("user"), library("base", keep_global=["next", "stat?"]))
        self.assertEqual(self.run_js("const {exports: e} = await load(path); return [e.f(), e.f()];"), [606, 707])

    def test_a_kernel_that_is_kept_global_keeps_its_name_beside_the_one_in_the_registry(self):
        self.compile("base", VISIBLE + "int square(int a) { return a * a; }")
        self.compile("user", "int square(int), b_square(int);\n" + VISIBLE + "int f(int a) { return square(a) * 1000 + b_square(a); }")
        for init in ("initialize", "lazy"):
            for libraries in ([library("user"), library("base", prefix="b_", keep_global=["sq*"])],
                              [library("base", prefix="b_", seal=False, keep_global=["square"]), library("user")]):
                self.pack(*libraries, bundle=f'init = "{init}"')
                exports = self.run_js("const {exports: e} = await load(path); return [e.f(7), e.b_square(7), typeof e.square];")
                self.assertEqual(exports, [49049, 49, "undefined"])
            self.pack(library("base", keep_global=["square"]), library("user", kernels=["f"]),
                      bundle=f'init = "{init}"\nundefined = "import"')
            self.assertEqual(self.run_js("return (await load(path, {env: {b_square: () => 5}})).exports.f(7);"), 49005)

    def test_what_another_library_sealed_is_suggested(self):
        self.compile("base", "int next(void) { return 1; } int other; \n" + VISIBLE + "int g(void) { return next(); }", "-fno-inline")
        self.compile("user", "int next(void);\n" + VISIBLE + "int f(void) { return next(); }")
        self.assertIn("final link: library `user`: undefined symbol: next [undefined-symbol]\n  note: needed by `f` of library `user`\n"
                      "  help: library `base` defines it, but is sealed: add it to that library's `keep-global`",
                      self.refuse(library("user"), library("base")))

    def test_a_kernel_of_one_library_may_be_used_by_another(self):
        self.compile("x", VISIBLE + "int add(int a, int b) { return a + b; }")
        self.compile("y", "int x_add(int, int);\n" + VISIBLE + "int thrice(int a) { return x_add(a, x_add(a, a)); }")
        self.pack(library("y"), library("x", prefix="x_"))
        self.assertEqual(self.run_js("return (await load(path)).exports.thrice(7);"), 21)

    def test_two_kernels_of_one_name(self):
        self.compile("x", VISIBLE + "int add(int a, int b) { return a + b; }")
        self.compile("y", VISIBLE + "int plus(int a, int b) { return a + b; }")
        messages = self.refuse(library("first", "x.o"), library("second", "y.o", kernels=[{"symbol": "plus", "as": "add"}]))
        self.assertIn("two kernels have the name `add`: `add` of library `first` and `plus` of library `second` [duplicate-kernel]\n  help: ", messages)
        messages = self.refuse(library("first", "x.o", kernels=["add", {"symbol": "add", "as": "add"}]))
        self.assertIn("two kernels have the name `add`: `add` of library `first` and `add` of library `first`", messages)

    def test_reserved_names(self):
        self.compile("x", VISIBLE + "int f(void) { return 1; }")
        for name in ("memory", "_initialize", "wasmpack_find", "_start", "wapc_init", "__guest_call", "__stack_pointer",
                     "__wasm_call_ctors", "__indirect_function_table", "__wasmpack_bundle"):
            with self.subTest(name):
                messages = self.refuse(library("x", kernels=[{"symbol": "f", "as": name}]))
                self.assertIn(f"kernel `{name}` of library `x`: hosts or the linker give this name a meaning", messages)

    def test_a_name_that_the_library_needs_itself(self):
        self.compile("x", "int x_f(void);\n" + VISIBLE + "int f(void) { return x_f(); }")
        self.assertIn("kernel `f` of library `x` would be named `x_f`, the name of something that the library itself needs",
                      self.refuse(library("x", prefix="x_"), bundle='undefined = "import"'))

    def test_one_symbol_defined_twice_names_both_libraries(self):
        self.compile("x", "int shared = 1;\n" + VISIBLE + "int f(void) { return shared; }")
        self.compile("y", "int shared = 2;\n" + VISIBLE + "int g(void) { return shared; }")
        self.assertIn("data `shared` is defined by library `x` and by library `y` [duplicate-symbol]\n  help: ",
                      self.refuse(library("x", seal=False), library("y", keep_global=["shared"])))
        self.pack(library("x", seal=False), library("y"))
        self.compile("y", "int wasmpack_find(int a, int b) { return a; }\n" + VISIBLE + "int g(void) { return wasmpack_find(1, 2); }")
        self.assertIn("function `wasmpack_find` is defined by the bundle's runtime and by library `y`",
                      self.refuse(library("y", seal=False, kernels=["g"])))
        self.pack(library("y"))

    def test_weak_and_inline_functions_may_be_in_several_unsealed_libraries(self):
        source = ("extern \"C\" __attribute__((weak)) int weak_one() { return 1; }\n"
                  "inline int& counter() { static int n = 0; return n; }\n"
                  "extern \"C\" " + VISIBLE + "int %s() { return weak_one() + ++counter(); }")
        for name in ("x", "y"):
            self.compile(name, source % name, "-fno-inline", language="cc")
        self.pack(library("x", seal=False, kernels=["x"]), library("y", seal=False, kernels=["y"]))
        # Not sealed: one counter for both.
        self.assertEqual(self.run_js("const {exports: e} = await load(path); return [e.x(), e.y(), e.x()];"), [2, 3, 4])

    def test_a_comdat_function_may_be_in_several_unsealed_libraries(self):
        # As a compiler's `inline`, but strong: only the group says that the copies are one.
        for name in ("x", "y"):
            self.write(f"{name}.s", f"""
              .section .text.shared,"G",@,shared,comdat
              .globl shared
              .type shared,@function
            shared:
              .functype shared () -> (i32)
              i32.const 4
              end_function
              .section .text.{name},"",@
              .globl {name}
              .type {name},@function
            {name}:
              .functype {name} () -> (i32)
              call shared
              end_function
            """)
            self.run_tool("clang-22", "--target=wasm32", "-c", f"{name}.s", "-o", f"{name}.o")
        self.pack(library("x", seal=False, kernels=["x"]), library("y", seal=False, kernels=["y"]))
        self.assertEqual(self.run_js("const {exports: e} = await load(path); return [e.x(), e.y()];"), [4, 4])
        # Such a function is never offered.
        self.pack(library("x"))
        self.assertEqual(self.run_js("return (await load(path)).registry().kernels.map((k) => k.name);"), ["x"])

    def test_symbols_marked_as_used_stay_apart(self):
        source = "__attribute__((used)) int mark(void) {{ return {0}; }}\n" + VISIBLE + "int f(void) {{ return mark() + {0}; }}"
        self.compile("x", source.format(1))
        self.compile("y", source.format(10))
        self.pack(library("x", prefix="x_", kernels=["f"]), library("y", prefix="y_", kernels=["f"]))
        self.assertEqual(self.run_js("const {exports: e} = await load(path); return [e.x_f(), e.y_f()];"), [2, 20])

    def test_inline_functions_with_statics_of_two_cpp_libraries(self):
        source = "inline int& counter() {{ static int n = {0}; return n; }}\nextern \"C\" " + VISIBLE + "int f() {{ return ++counter(); }}"
        for name, start in (("x", 0), ("y", 100)):
            self.compile(name, source.format(start), language="cc")
        self.pack(library("x", prefix="x_"), library("y", prefix="y_"))
        self.assertEqual(self.run_js("const {exports: e} = await load(path); return [e.x_f(), e.y_f(), e.x_f(), e.y_f()];"),
                         [1, 101, 2, 102])

    def test_a_function_of_another_type_is_an_error(self):
        self.compile("x", "int next(int a) { return a; }\n" + VISIBLE + "int g(void) { return 1; }")
        self.compile("y", "float next(void);\n" + VISIBLE + "float f(void) { return next(); }")
        messages = self.refuse(library("x", keep_global=["next"], kernels=["g"]), library("y"))
        self.assertIn("function signature mismatch: next", messages)
        self.assertIn("library `y`", messages)


class Host(BundleTest):
    """What the finished module may import."""

    PLAIN = "int host_add(int, int);\n" + VISIBLE + "int f(int a) { return host_add(a, 1); }"
    NAMED = ('__attribute__((import_module("sys"), import_name("plus"))) int host_add(int, int);\n'
             + VISIBLE + "int f(int a) { return host_add(a, 1); }")

    def imports(self):
        return self.run_js("const m = await WebAssembly.compile((await import('node:fs')).readFileSync(path));"
                           "return WebAssembly.Module.imports(m).map((i) => i.module + '.' + i.name);")

    def test_an_undefined_function_is_an_error(self):
        self.compile("x", self.PLAIN)
        self.assertIn("final link: library `x`: undefined symbol: host_add [undefined-symbol]\n  note: needed by `f` of library `x`\n"
                      "  help: add a library that defines it, or let the host provide it: "
                      "`allow-imports = [\"env.host_add\"]` in [bundle]", self.refuse(library("x")))

    def test_unless_it_is_allowed(self):
        self.compile("x", self.PLAIN)
        for bundle in ('allow-imports = ["env.host_*"]', 'undefined = "import"'):
            self.pack(library("x"), bundle=bundle)
            self.assertEqual(self.imports(), ["env.host_add"])
            self.assertEqual(self.run_js("return (await load(path, {env: {host_add: (a, b) => a + b}})).exports.f(41);"), 42)
        self.refuse(library("x"), bundle='allow-imports = ["host_add", "sys.*"]')

    def test_a_function_with_an_import_module_passes_no_sooner(self):
        # lld imports such functions unasked.
        self.compile("x", self.NAMED)
        self.assertIn("k.toml: the bundle would import the function `sys.plus` [import-not-allowed]\n  help: ", self.refuse(library("x")))
        self.pack(library("x"), bundle='allow-imports = ["sys.plus"]')
        self.assertEqual(self.imports(), ["sys.plus"])

    def test_dead_code_needs_nothing(self):
        self.compile("x", "void nobody(void); void dead(void) { nobody(); }\n" + VISIBLE + "int f(void) { return 1; }")
        self.pack(library("x"))
        self.assertEqual(self.imports(), [])

    def test_an_undefined_weak_function_is_no_import(self):
        self.compile("x", "__attribute__((weak)) int maybe(void);\n" + VISIBLE + "int f(void) { return maybe ? maybe() : 7; }")
        self.pack(library("x"))
        self.assertEqual(self.run_js("return (await load(path)).exports.f();"), 7)

    def test_undefined_data_is_always_an_error(self):
        self.compile("x", "extern int host_data;\n" + VISIBLE + "int f(void) { return host_data; }")
        for bundle in ("", 'undefined = "import"', 'allow-imports = ["*"]'):
            self.assertIn("undefined symbol: host_data [undefined-symbol]\n  note: needed by `f` of library `x`\n  help: add a library that defines it; hosts cannot provide data",
                          self.refuse(library("x"), bundle=bundle))

    def test_the_64_bit_memory_is_refused(self):
        self.compile("x", VISIBLE + "int f(void) { return 1; }", "--target=wasm64")
        self.assertIn("library `x` is for 64-bit memory", self.refuse(library("x")))

    def test_forty_libraries_are_told_apart(self):
        self.compile("x", VISIBLE + "int f(void) { return 1; }")
        self.compile("y", "int nobody(void);\n" + VISIBLE + "int f(void) { return nobody(); }")
        libraries = [library(f"l{i}", "y.o" if i == 30 else "x.o", prefix=f"l{i}_") for i in range(40)]
        self.assertIn("final link: library `l30`: undefined symbol: nobody [undefined-symbol]\n", self.refuse(*libraries))

    def test_every_library_with_a_problem_is_reported(self):
        self.compile("x", VISIBLE + "int f(void) { return 1; }", "--target=wasm64")
        messages = self.refuse(library("x"), library("y", "x.o"))
        self.assertIn("library `x` is for 64-bit memory", messages)
        self.assertIn("library `y` is for 64-bit memory", messages)


if __name__ == "__main__":
    unittest.main()
