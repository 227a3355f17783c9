# ctest: timeout=120
"""Names that mean something to somebody else: export names, the contract's sections, functions of wasmpack's own."""

import json
import unittest

from bundles import WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '


class ExportNames(BundleTest):
    def names(self):
        return [kernel["name"] for kernel in self.run_js("return (await load(path)).registry().kernels;")]

    def test_an_alias_of_an_exported_function_has_no_part_in_its_name(self):
        self.compile("x", '__attribute__((export_name("E"))) int f(int a) { return a + 1; }\n'
                     + VISIBLE + 'int g(int) __attribute__((alias("f")));')
        self.pack(library("x"))
        self.assertEqual(self.names(), ["E"])

    def test_entries_of_a_host_by_their_export_name_give_way(self):
        for name in ("wapc_init", "_initialize"):
            self.compile("x", f'__attribute__((export_name("{name}"))) void init(void) {{ __builtin_trap(); }}\n'
                         '__attribute__((export_name("k"))) int k(void) { return 4; }')
            self.pack(library("x"))
            self.assertEqual(self.run_js("const {exports: e} = await load(path); e._initialize(); return e.k();"), 4, name)

    def test_a_program_by_its_export_name_is_refused(self):
        self.compile("x", '__attribute__((export_name("_start"))) void run(void) {}\n' + VISIBLE + "int k(void) { return 1; }")
        self.assertIn("library `x` defines `_start`: it is a program", self.refuse(library("x", kernels=["k"])))


class Builtins(BundleTest):
    def test_a_kernel_that_takes_the_place_of_a_math_function_is_warned_about(self):
        self.compile("a", VISIBLE + "float expf(float x) { return x * 1000; }", "-fno-builtin")
        self.compile("b", "float expf(float);\n" + VISIBLE + "float use(float x) { return expf(x); }", "-fno-builtin")
        self.pack(library("a"), library("b"))
        self.assertIn("warning: library `b` needs `expf` and gets the kernel of that name of library `a`", self.messages)
        self.pack(library("a", prefix="a_"), library("b"))
        self.assertEqual(self.messages, "")

    def test_destructors_never_run_and_need_nobody(self):
        self.compile("x", f"""
          static volatile int ran;
          __attribute__((destructor)) static void last(void) {{ ran = 1; }}
          {VISIBLE}int has_run(void) {{ return ran; }}""")
        self.pack(library("x"))
        self.assertEqual(self.run_js("const {exports: e} = await load(path); e._initialize(); return e.has_run();"), 0)


class Sections(BundleTest):
    def test_what_an_input_says_of_itself_is_not_said_of_the_bundle(self):
        self.compile("x", VISIBLE + "int f(void) { return 1; }")
        evil = self.write("evil.json", json.dumps({"schema": 1, "package": {"name": "EVIL", "version": "6.6.6"}}))
        sections = ["wasmpack.manifest", "version", "authors", "build_id", "mine"]
        self.run_tool("llvm-objcopy-22", *[f"--add-section={name}={evil}" for name in sections], "x.o")
        self.pack(library("x"))
        headers = self.run_tool("wasm-objdump", "-h", "out.wasm").stdout
        counts = {name: headers.count(f'"{name}"') for name in sections}
        self.assertEqual(counts, {"wasmpack.manifest": 1, "version": 1, "authors": 0, "build_id": 1, "mine": 1})
        self.assertEqual(self.run_js("return (await load(path)).manifest().package.name;"), "test")


class Reentry(BundleTest):
    def test_a_constructor_may_ask_for_kernels_and_for_the_chain(self):
        self.compile("x", f"""
          unsigned wasmpack_entry(unsigned handle), wasmpack_find(const char* name, unsigned length);
          void __wasm_call_ctors(void);
          static volatile int order, later, slot;
          __attribute__((constructor(101))) static void asks(void) {{
            slot = wasmpack_entry(wasmpack_find("k", 1));
            __wasm_call_ctors();
            order = order * 10 + 1;
          }}
          __attribute__((constructor(102))) static void runs_later(void) {{ order = order * 10 + 2; }}
          {VISIBLE}int k(void) {{ return order; }}
          {VISIBLE}int found(void) {{ return slot; }}""")
        for mode in ("initialize", "start", "lazy", "snapshot"):
            self.pack(library("x"), bundle=f'init = "{mode}"')
            result = self.run_js("""
              const b = await load(path), {exports: e} = b;
              e._initialize(); e._initialize();
              return [e.k(), b.kernel('k')(), e.found() === e.wasmpack_entry(b.find('k'))];""")
            self.assertEqual(result, [12, 12, True], mode)

    def test_a_trap_still_leaves_the_bundle_failed(self):
        self.compile("x", "__attribute__((constructor)) static void c(void) { __builtin_trap(); }\n"
                     + VISIBLE + "int k(void) { return 1; }")
        self.pack(library("x"))
        self.assertEqual(self.run_js("""
          const b = await load(path), {exports: e} = b;
          return [traps(() => e._initialize()), traps(() => e._initialize()), traps(() => e.wasmpack_entry(b.find('k')))];"""),
                         [True, True, True])


class Limits(BundleTest):
    def test_patterns_do_not_go_up(self):
        for i in range(10):
            (self.folder / f"d{i}").mkdir()
        self.compile("a", VISIBLE + "int f(void) { return 1; }")
        self.assertIn("goes up behind a pattern", self.refuse(library("l", "d*/../d*/../d*/../d*/../d*/../d*/../d*/../a.o")))

    def test_a_long_name_beside_tvm_code(self):
        # The lookup of TVM code once had a buffer for the longest name on the stack.
        self.compile("big", f'__attribute__((export_name("{"n" * 70000}"))) int f(void) {{ return 1; }}')
        self.compile("tvm", f"""
          int TVMFFIEnvModRegisterSystemLibSymbol(const char*, void*);
          int TVMFFIEnvModLookupFromImports(void*, const char*, void**);
          {VISIBLE}int __tvm_ffi_other(void* s, void* a, int n, void* r) {{ return 0; }}
          {VISIBLE}int __tvm_ffi_go(void* s, void* a, int n, void* r) {{
            void* out;
            return TVMFFIEnvModLookupFromImports(0, "other", &out);
          }}
          __attribute__((constructor)) static void startup(void) {{
            TVMFFIEnvModRegisterSystemLibSymbol("__tvm_ffi_other", (void*)__tvm_ffi_other);
            TVMFFIEnvModRegisterSystemLibSymbol("__tvm_ffi_go", (void*)__tvm_ffi_go);
          }}""")
        self.pack(library("big"), library("tvm", prefix="t_"))
        self.assertEqual(self.run_js("const {exports: e} = await load(path); e._initialize(); return e.t_go(0, 0, 0, 0);"), 0)


class TvmNames(BundleTest):
    SOURCE = f"""
      int TVMBackendRegisterSystemLibSymbol(const char*, void*);
      int TVMBackendGetFuncFromEnv(void*, const char*, void**);
      int TVMFuncCall(void*, void*, int*, int, void*, int*);
      void* TVMBackendAllocWorkspace(int, int, unsigned long long, int, int);
      void* __tvm_module_ctx;
      typedef int packed(void*, int*, int, void*, int*, void*);
      {VISIBLE}int mul(void* a, int* c, int n, int* r, int* t, void* s) {{ return r[0] = 111, 0; }}
      {VISIBLE}int add(void* a, int* c, int n, int* r, int* t, void* s) {{ return r[0] = 222, 0; }}
      {VISIBLE}int go(void* a, int* c, int n, int* r, int* t, void* s) {{
        void* f;
        return TVMBackendGetFuncFromEnv(__tvm_module_ctx, "add", &f) || TVMFuncCall(f, a, c, n, r, t);
      }}
      {VISIBLE}int space(void* a, int* c, int n, int* r, int* t, void* s) {{
        return r[0] = (int)TVMBackendAllocWorkspace(1, 0, 64, 0, 0), 0;
      }}
      __attribute__((constructor)) static void startup(void) {{
        TVMBackendRegisterSystemLibSymbol("__tvm_module_ctx", &__tvm_module_ctx);
        TVMBackendRegisterSystemLibSymbol("mul", (void*)mul);
        TVMBackendRegisterSystemLibSymbol("add", (void*)add);
        TVMBackendRegisterSystemLibSymbol("go", (void*)go);
        TVMBackendRegisterSystemLibSymbol("space", (void*)space);
      }}"""
    CALL = """
      const b = await load(path), {exports: e} = b;
      e._initialize();
      const at = e.wasmpack_alloc(16, 8);
      const call = (f) => f(0, 0, 0, at, at + 8, 0) === 0 ? b.word(at) : 'failed';"""

    def test_lookups_mean_the_librarys_own_names(self):
        self.compile("x", self.SOURCE)
        self.pack(library("x", kernels=[{"symbol": "mul", "as": "add"}, "go"]))
        self.assertEqual(self.run_js(self.CALL + "return [call(e.go), call(e.add)];"), [222, 111])

    def test_without_a_manifest_what_an_input_defines_is_no_shim(self):
        self.compile("x", self.SOURCE)
        self.compile("rt", "void* TVMBackendAllocWorkspace(int a, int b, unsigned long long c, int d, int e) { return (void*)4242; }")
        self.run_tool(WASMPACK, "pack", "x.o", "rt.o", "-o", "out.wasm")
        self.assertEqual(self.run_js(self.CALL + "return call(e.space);"), 4242)


if __name__ == "__main__":
    unittest.main()
