# ctest: timeout=600
"""TVM libraries of every generation, and what other kernel compilers make, packed with abi = "auto" and run in node."""

import json
import unittest

from bundles import WASMPACK, library
from tvm_case import ABI, CONTEXT, FIXTURES, KERNELS, KIND_ERROR, SYMBOL_PREFIX, TvmTest

SIGNATURES = {1: "iii:i", 2: "iiiii:i", 3: "iiiiii:i", 4: "iiii:i"}

# A host that has TVM's functions itself: it keeps what is registered, and can call what a bundle registers.
HOST_SCRIPT = """
  const registered = [];
  let bundle;
  const register = (name, address) => { registered.push([bundle.c_string(name), address]); return 0; };
  const host = {
    TVMBackendRegisterSystemLibSymbol: register, TVMFFIEnvModRegisterSystemLibSymbol: register,
    TVMBackendParallelLaunch: (lambda, data) => {
      const group = bundle.exports.wasmpack_alloc(8, 8);
      new DataView(bundle.exports.memory.buffer).setInt32(group + 4, 1, true);
      return bundle.exports.__indirect_function_table.get(lambda)(0, group, data);
    },
    TVMBackendParallelBarrier: () => 0,
  };
  const module = await WebAssembly.compile((await import('node:fs')).readFileSync(path));
  const env = {};
  for (const {module: from, name} of WebAssembly.Module.imports(module)) {
    if (from !== 'env' || !name.startsWith('TVM')) throw new Error(`imports ${from}.${name}`);
    env[name] = host[name] ?? (() => { throw new Error(`called ${name}`); });
  }
  bundle = new Bundle(module, (await WebAssembly.instantiate(module, {env})).exports);
  const {exports: e} = bundle;
  e._initialize();
"""


class EachGeneration(TvmTest):
    def test_alone(self):
        for g in range(7):
            for model in ("static", "pic"):
                with self.subTest(generation=g, model=model):
                    self.compile_generation(g, relocation_model=model)
                    self.pack(library(f"g{g}"))
                    result = self.run_tvm("""
                      const a = numbers(36, 1), b = numbers(36, 4), long = numbers(1000, 2);
                      const wrong = new Set();
                      const check = (name, ok) => ok || wrong.add(name);
                      for (let call = 0; call < 100; ++call) {
                        check('matmul', close(tvm.run('matmul', [6, 6], tvm.tensor(a, [6, 6]), tvm.tensor(b, [6, 6])),
                                              expected.matmul(a, b, 6)));
                        check('scaled', close(tvm.run('scaled', [36], tvm.tensor(a), 2.5), expected.scaled(a, 2.5, GENERATION)));
                        check('softmax', close(tvm.run('softmax', [1000], tvm.tensor(long)), expected.softmax(long)));
                        check('doubled', close(tvm.run('doubled', [36], tvm.tensor(a)), expected.scaled(a, 2, GENERATION)));
                      }
                      const exported = Object.keys(e).filter((name) => !name.startsWith('wasmpack_'));
                      return {wrong: [...wrong], imports: WebAssembly.Module.imports(bundle.module), exported: exported.sort(),
                              kernels: bundle.registry().kernels.map(({name, abi, signature}) => [name, abi, signature]),
                              error: tvm.error(-1)};""".replace("GENERATION", str(g)))
                    self.assertEqual(result["wrong"], [])
                    self.assertEqual(result["imports"], [])
                    self.assertEqual(result["kernels"], [[name, ABI[g], SIGNATURES[ABI[g]]] for name in KERNELS])
                    self.assertEqual(result["exported"],
                                     sorted([*KERNELS, "memory", "__indirect_function_table", "_initialize"]))
                    self.assertIsNone(result["error"])

    def test_error_texts(self):
        for g in range(7):
            with self.subTest(generation=g):
                self.compile_generation(g)
                self.compile("plain", '__attribute__((visibility("default"))) int f(void) { return 1; }')
                self.pack(library("plain"), library(f"g{g}"))
                result = self.run_tvm("""
                  const a = tvm.tensor(numbers(36, 1), [6, 6]);
                  const errors = () => [tvm.error('plain'), tvm.error('gGENERATION'), tvm.error(-1), tvm.error(2)];
                  const before = errors();
                  return [before, tvm.call('matmul', a), errors(), tvm.call('matmul', a, a, 5n), errors()];""".replace(
                    "GENERATION", str(g)))
                kind = "" if g < 3 else "TypeError: "
                first = f"{kind}g{g}: Expected 3 arguments when calling `matmul`"
                buffer = "Expect a pointer as" if g < 3 else "Expected a Tensor as"
                second = f"{kind}g{g}: {buffer} argument #2 when calling `matmul`"
                self.assertEqual(result, [[None] * 4, -1, [None, first, first, None], -1, [None, second, second, None]])

    def test_relinked_objects(self):
        # ld.lld -r -O2 merges the tails of strings: `scaled` then lies inside `other_scaled` and `__tvm_ffi_scaled`.
        for g in (2, 4, 6):
            self.compile_generation(g)
            self.run_tool("wasm-ld-22", "-r", "-O2", f"g{g}.o", "-o", "by_lld.o")
            self.run_tool(WASMPACK, "link", f"g{g}.o", "-o", "by_us.o")
            for name in ("by_lld", "by_us"):
                with self.subTest(generation=g, linker=name):
                    self.pack(library(name, prefix="a_"))
                    self.assertEqual(self.run_tvm("""
                      const a = numbers(36, 1);
                      return [[...tvm.kernels.keys()], close(tvm.run('a_doubled', [36], tvm.tensor(a)), expected.scaled(a, 2, %d))];"""
                                                  % g), [["a_" + name for name in KERNELS], True])


class Together(TvmTest):
    def test_all_generations(self):
        for model in ("static", "pic"):
            with self.subTest(model=model):
                for g in range(7):
                    self.compile_generation(g, relocation_model=model)
                self.pack(*[library(f"g{g}", prefix=f"g{g}_") for g in range(7)])
                result = self.run_tvm("""
                  const a = numbers(36, 1), b = numbers(36, 4), long = numbers(500, 2);
                  return [0, 1, 2, 3, 4, 5, 6].map((g) => [
                    close(tvm.run(`g${g}_matmul`, [6, 6], tvm.tensor(a, [6, 6]), tvm.tensor(b, [6, 6])), expected.matmul(a, b, 6)),
                    close(tvm.run(`g${g}_softmax`, [500], tvm.tensor(long)), expected.softmax(long)),
                    close(tvm.run(`g${g}_scaled`, [36], tvm.tensor(a), 0.5), expected.scaled(a, 0.5, g)),
                    close(tvm.run(`g${g}_doubled`, [36], tvm.tensor(a)), expected.scaled(a, 2, g)),
                    tvm.call(`g${g}_matmul`), tvm.error(`g${g}`).replace(/^TypeError: /, ''),
                  ]);""")
                self.assertEqual(result, [[True] * 4 + [-1, f"g{g}: Expected 3 arguments when calling `matmul`"] for g in range(7)])

    def test_two_libraries_with_the_same_names(self):
        for first, second in ((6, 6), (2, 2), (2, 3), (4, 6)):
            with self.subTest(first=first, second=second):
                self.compile_generation(first, "one.o")
                self.compile_generation(second, "two.o")
                self.pack(library("one", prefix="a_"), library("two", prefix="b_"))
                result = self.run_tvm(f"""
                  const a = numbers(36, 1);
                  return [['a_', {first}], ['b_', {second}]].map(([prefix, g]) =>
                      [close(tvm.run(prefix + 'doubled', [36], tvm.tensor(a)), expected.scaled(a, 2, g)),
                       tvm.call(prefix + 'doubled'), tvm.error(prefix === 'a_' ? 'one' : 'two').includes('g' + g)]);""")
                self.assertEqual(result, [[True, -1, True]] * 2)

    def test_without_prefixes_they_collide(self):
        self.compile_generation(2)
        self.compile_generation(6)
        text = self.refuse(library("g2"), library("g6"))
        for word in ("`matmul`", "`g2`", "`g6`"):
            self.assertIn(word, text)

    def test_calls_from_library_to_library(self):
        # far_doubled calls `other_scaled`: the kernel `scaled` of the library with the prefix other_.
        for caller, other in ((2, 0), (0, 2), (1, 2), (6, 3), (3, 5), (6, 2), (1, 4)):
            with self.subTest(caller=caller, other=other):
                self.compile_generation(caller, "caller.o")
                self.compile_generation(other, "other.o")
                self.pack(library("caller", prefix="a_"), library("other", prefix="other_"))
                result = self.run_tvm(f"""
                  const output = tvm.zeros(36), code = tvm.call('a_far_doubled', tvm.tensor(numbers(36, 1)), output);
                  return [code, close(tvm.read(output), expected.scaled(numbers(36, 1), 2, {other})), tvm.error('caller')];""")
                fits = (caller < 3) == (other < 3)
                self.assertEqual(result, [0, True, None] if fits else [-1, False, KIND_ERROR % "other_scaled"])

    def test_functions_that_are_no_kernels_can_be_called(self):
        for g in (0, 2, 3, 6):
            symbol = SYMBOL_PREFIX[g]
            for kernels, names in (([symbol + "doubled"], ["a_doubled"]),
                                   ([symbol + "doubled", {"symbol": symbol + "scaled", "as": "times"}], ["a_doubled", "a_times"])):
                with self.subTest(generation=g, kernels=kernels):
                    self.compile_generation(g)
                    self.pack(library(f"g{g}", prefix="a_", kernels=kernels))
                    self.assertEqual(self.run_tvm("""
                      const a = numbers(36, 1);
                      return [[...tvm.kernels.keys()], close(tvm.run('a_doubled', [36], tvm.tensor(a)), expected.scaled(a, 2, %d))];"""
                                                  % g), [names, True])


class RealObjects(TvmTest):
    def test_two_with_the_same_names_and_one_with_tvms_prefix(self):
        self.pack(*[library(name, str(FIXTURES / f"real_{name}.o"), prefix=prefix)
                    for name, prefix in (("one", "a_"), ("two", "b_"), ("conv", ""))])
        result = self.run_tvm("""
          const a = numbers(256, 1), b = numbers(256, 4), long = numbers(1024, 2);
          const small = numbers(64, 3), other = numbers(64, 5);
          const transposed = other.map((_, at) => other[at % 8 * 8 + Math.floor(at / 8)]);
          const data = numbers(128, 1), weight = numbers(72, 3), bias = numbers(4, 5);
          const wrong = new Set();
          const check = (name, ok) => ok || wrong.add(name);
          for (let call = 0; call < 100; ++call) {
            check('a_matmul', close(tvm.run('a_matmul', [16, 16], tvm.tensor(a, [16, 16]), tvm.tensor(b, [16, 16])),
                                    expected.matmul(a, b, 16)));
            check('a_scaled', close(tvm.run('a_scaled', [1024], tvm.tensor(long), 2.5), expected.scaled(long, 2.5, 0)));
            check('a_softmax', close(tvm.run('a_softmax', [1024], tvm.tensor(long)), expected.softmax(long)));
            check('a_doubled', close(tvm.run('a_doubled', [1024], tvm.tensor(long)), expected.scaled(long, 2, 0)));
            check('b_matmul', close(tvm.run('b_matmul', [8, 8], tvm.tensor(small, [8, 8]), tvm.tensor(other, [8, 8])),
                                    expected.matmul(small, transposed, 8)));
            check('b_doubled', close(tvm.run('b_doubled', [1024], tvm.tensor(long)), expected.scaled(long, 2, 1)));
            check('conv', close(tvm.run('net_conv2d', [1, 4, 6, 6], tvm.tensor(data, [1, 2, 8, 8]), tvm.tensor(weight, [4, 2, 3, 3]),
                                        tvm.tensor(bias)),
                                expected.conv2d(data, weight, bias)));
          }
          return {wrong: [...wrong], imports: WebAssembly.Module.imports(bundle.module), kernels: [...tvm.kernels.keys()],
                  abis: [...new Set([...tvm.kernels.values()].map(({abi}) => abi))],
                  errors: [tvm.call('b_scaled', tvm.tensor(long)), tvm.error('one'), tvm.error('two')]};""")
        self.assertEqual(result["wrong"], [])
        self.assertEqual(result["imports"], [])
        self.assertEqual(result["abis"], [4])
        self.assertEqual(result["kernels"], ["a_doubled", "a_matmul", "a_scaled", "a_softmax", "b_doubled", "b_matmul", "b_scaled",
                                             "net_conv2d"])
        self.assertEqual(result["errors"][:2], [-1, None])
        self.assertTrue(result["errors"][2].startswith("TypeError: Expected 3 arguments when calling:"), result["errors"][2])


class LeftToTheHost(TvmTest):
    def test_the_host_sees_each_registration_once(self):
        for model in ("static", "pic"):
            for first, second in ((2, 6), (0, 1), (3, 4), (6, 6)):
                with self.subTest(first=first, second=second, model=model):
                    self.compile_generation(first, "one.o", model)
                    self.compile_generation(second, "two.o", model)
                    self.pack(library("one", prefix="a_"), library("two", prefix="b_"), bundle='allow-imports = ["env.TVM*"]')
                    result = self.run_js(HOST_SCRIPT + """
                      const names = registered.map(([name]) => name);
                      for (let i = 0; i < 100; ++i) e._initialize();
                      const {Tvm, expected, close} = await import(%s);
                      const tvm = new Tvm(bundle), a = [1, 2, 3, 4];
                      const works = [['a_', FIRST], ['b_', SECOND]].map(([prefix, g]) =>
                          close(tvm.run(prefix + 'scaled', [4], tvm.tensor(a), 3), expected.scaled(a, 3, g)));
                      // Functions are registered by their place in the table, context cells by their address.
                      const cells = registered.filter(([name]) => name.endsWith('_ctx'));
                      const functions = registered.filter(([name]) => !name.endsWith('_ctx')).every(([name, address]) =>
                          e.__indirect_function_table.get(address) === e[name.replace(/^__tvm_ffi_/, '')]);
                      const places = new Set(cells.map(([, address]) => address));
                      return {names, count: registered.length, works, functions, cells: places.size};""".replace(
                        "FIRST", str(first)).replace("SECOND", str(second)) % self.tvm_module())
                    names = [[prefix + CONTEXT[g]] + [SYMBOL_PREFIX[g] + prefix + name for name in KERNELS]
                             for prefix, g in (("a_", first), ("b_", second))]
                    self.assertEqual(result, {"names": names[0] + names[1], "count": 12, "works": [True, True], "functions": True,
                                              "cells": 2})

    def tvm_module(self):
        return json.dumps(str(FIXTURES.parents[1] / "tests" / "packager" / "tvm.mjs"))

    def test_merged_strings_keep_what_they_are_the_tail_of(self):
        # Registered names get a prefix, the names that kernels look up, in the same bytes, do not.
        self.compile_generation(2)
        self.run_tool("wasm-ld-22", "-r", "-O2", "g2.o", "-o", "merged.o")
        self.pack(library("merged", prefix="a_"), bundle='allow-imports = ["env.TVM*"]')
        result = self.run_js(HOST_SCRIPT.replace("const host = {", """const asked = [];
          const host = {TVMBackendGetFuncFromEnv: (context, name) => { asked.push(bundle.c_string(name)); return -1; },""") + """
          const {Tvm} = await import(%s);
          const tvm = new Tvm(bundle), a = tvm.tensor([1]);
          return [registered.map(([name]) => name), tvm.call('a_doubled', a, a), tvm.call('a_far_doubled', a, a), asked];"""
                             % self.tvm_module())
        self.assertEqual(result, [["a_" + name for name in [CONTEXT[2], *KERNELS]], -1, -1, ["scaled", "other_scaled"]])

    def test_some_functions_only(self):
        self.compile_generation(6)
        self.pack(library("g6"), bundle='allow-imports = ["env.TVMBackendParallel*"]')
        self.assertEqual(self.run_js("""
          const module = await WebAssembly.compile((await import('node:fs')).readFileSync(path));
          return WebAssembly.Module.imports(module).map(({module, name}) => `${module}.${name}`).sort();"""),
            ["env.TVMBackendParallelBarrier", "env.TVMBackendParallelLaunch"])

    def test_abi_c_defines_nothing(self):
        self.compile_generation(2)
        text = self.refuse(library("g2", abi="c"))
        for name in ("TVMBackendRegisterSystemLibSymbol", "TVMFuncCall", "TVMBackendAllocWorkspace"):
            self.assertIn(f"library `g2`: undefined symbol: {name} [undefined-symbol]\n", text)

    def test_a_librarys_own_definition_comes_first(self):
        self.compile_generation(6)
        self.compile("workspace", """
          __attribute__((aligned(64))) static char arena[65536];
          static int calls;
          void* TVMBackendAllocWorkspace(int type, int device, unsigned long long bytes, int code, int bits) {
            ++calls;
            return bytes <= sizeof arena ? arena : 0;
          }
          int TVMBackendFreeWorkspace(int type, int device, void* workspace) { return 0; }
          __attribute__((visibility("default"))) int count(void) { return calls; }
        """)
        self.pack(library("g6"), library("workspace", keep_global=["TVMBackend*"]))
        self.assertEqual(self.run_tvm("""
          const a = numbers(1000, 1);
          return [close(tvm.run('softmax', [1000], tvm.tensor(a)), expected.softmax(a)), e.count()];"""), [True, 1])


class Contradictions(TvmTest):
    REGISTERING = """
      target triple = "wasm32-unknown-unknown-wasm"
      @CONTEXT = linkonce global ptr null, align 4
      @context = private constant [LENGTH x i8] c"CONTEXT\\00"
      @one = private constant [14 x i8] c"__tvm_ffi_one\\00"
      @two = private constant [14 x i8] c"__tvm_ffi_two\\00"
      @llvm.global_ctors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 65535, ptr @startup, ptr null }]
      declare i32 @REGISTER(ptr, ptr)
      define i32 @__tvm_ffi_one(ONE) { ret i32 0 }
      define i32 @__tvm_ffi_two(TWO) { ret i32 0 }
      define internal void @startup() {
        %1 = call i32 @REGISTER(ptr @context, ptr @CONTEXT)
        %2 = call i32 @REGISTER(ptr @one, ptr @__tvm_ffi_one)
        %3 = call i32 @REGISTER(ptr @two, ptr @__tvm_ffi_two)
        ret void
      }
    """

    def make(self, register, context, one, two):
        text = self.REGISTERING
        for key, value in (("REGISTER(", register + "("), ("LENGTH", str(len(context) + 1)), ("CONTEXT", context),
                           ("ONE", ", ".join(["i32"] * one)), ("TWO", ", ".join(["i32"] * two))):
            text = text.replace(key, value)
        self.write("l.ll", text)
        self.run_tool("llc-22", "-filetype=obj", "l.ll", "-o", "l.o")

    @staticmethod
    def type_of(parameters):
        return f"({','.join(['i32'] * parameters)})->(i32)"

    def test_a_sound_library_of_this_kind(self):
        self.make("TVMFFIEnvModRegisterSystemLibSymbol", CONTEXT[6], 4, 4)
        self.pack(library("l"))
        self.assertEqual(self.run_tvm("return [...tvm.kernels].map(([name, {abi}]) => [name, abi]);"), [["one", 4], ["two", 4]])

    def test_a_kernel_type_that_the_registration_does_not_have(self):
        for parameters in (5, 6, 3):
            with self.subTest(parameters=parameters):
                self.make("TVMFFIEnvModRegisterSystemLibSymbol", CONTEXT[6], 4, parameters)
                text = self.refuse(library("l"))
                for words in ("__tvm_ffi_two", self.type_of(parameters), self.type_of(4)):
                    self.assertIn(words, text)

    def test_two_types_in_one_library(self):
        self.make("TVMBackendRegisterSystemLibSymbol", CONTEXT[2], 5, 6)
        text = self.refuse(library("l"))
        self.assertRegex(text, "__tvm_ffi_(one|two)")
        self.assertIn(self.type_of(5), text)
        self.assertIn(self.type_of(6), text)

    def test_a_context_cell_of_another_generation(self):
        self.make("TVMBackendRegisterSystemLibSymbol", CONTEXT[2], 4, 4)
        text = self.refuse(library("l"))
        self.assertRegex(text, "__tvm_ffi_(one|two)")
        self.assertIn(CONTEXT[2], text)
        self.assertIn(self.type_of(4), text)

    def test_a_runtime_function_that_there_is_no_shim_for(self):
        self.compile("l", """
          int TVMArrayCopyFromBytes(void* array, void* data, unsigned size);
          __attribute__((visibility("default"))) int __tvm_ffi_copy(void* self, void* args, int count, void* result) {
            return TVMArrayCopyFromBytes(args, result, 4);
          }
        """)
        text = self.refuse(library("l"))
        self.assertIn("library `l`: undefined symbol: TVMArrayCopyFromBytes [undefined-symbol]\n  note: needed by `copy`", text.replace("__tvm_ffi_", ""))


class OtherProducers(TvmTest):
    def test_c_sources_of_tvm_have_no_registration(self):
        self.compile_file("c_source")
        self.compile_generation(6)
        self.pack(library("one", "c_source.o", prefix="a_"), library("two", "c_source.o", prefix="b_"), library("g6"))
        self.assertEqual(self.run_tvm("""
          const a = numbers(36, 1);
          return [['a_', 10], ['b_', 10], ['', 6]].map(([prefix, added]) =>
              [tvm.kernels.get(prefix + 'doubled').abi,
               close(tvm.run(prefix + 'doubled', [36], tvm.tensor(a)), expected.scaled(a, 2, added))])
              .concat([[tvm.kernels.size, tvm.call('b_doubled'), tvm.error('one'), tvm.error('two')]]);"""),
            [[4, True]] * 3 + [[9, -1, None, "TypeError: Expected 2 arguments when calling:\n  `doubled(A, B)`"]])

    def test_iree_halide_and_tvm_in_one_bundle(self):
        self.compile_file("iree")
        self.compile_file("halide")
        self.compile_generation(2)
        self.pack(library("iree"), library("halide", kernels=["brighten"]), library("g2", prefix="tvm_"))
        result = self.run_tvm("""
          const abis = [...tvm.kernels].filter(([, {library}]) => library < 2).map(([name, {abi}]) => [name, abi]);
          const view = () => new DataView(e.memory.buffer);
          const set = (at, ...words) => words.forEach((word, i) => view().setUint32(at + 4 * i, word, true));
          const word = (at) => view().getUint32(at, true);

          // IREE: the query gives a library or null; its exports are at 12 (count, functions).
          const query = bundle.kernel('add_module_linked_llvm_cpu_library_query');
          const iree = query(3, 0);
          const dispatch = e.__indirect_function_table.get(word(word(iree + 16)));
          const a = tvm.tensor([1, 2, 3]), b = tvm.tensor([10, 20, 30]), c = tvm.zeros(3);
          const bindings = tvm.alloc(12, 4), state = tvm.alloc(64, 8), workgroup = tvm.alloc(64, 8);
          set(bindings, a.data, b.data, c.data);
          set(state + 28, bindings);
          const codes = [0, 1, 2].map((x) => (set(workgroup, x), dispatch(0, state, workgroup)));

          // Halide: halide_buffer_t with one dimension.
          const buffer = (tensor) => {
            const dimension = tvm.alloc(16, 4), at = tvm.alloc(40, 8);
            set(dimension, 0, tensor.count, 1, 0);
            set(at + 12, tensor.data);
            set(at + 24, 2 | 32 << 8 | 1 << 16, 1, dimension);
            return at;
          };
          const bright = tvm.zeros(3);
          const code = e.brighten(buffer(a), 1.5, buffer(bright));

          const m = numbers(16, 1);
          return {abis, iree: [query(2, 0), word(iree + 12), codes, tvm.read(c)], halide: [code, tvm.read(bright)],
                  tvm: close(tvm.run('tvm_doubled', [16], tvm.tensor(m)), expected.scaled(m, 2, 2))};""")
        self.assertEqual(result, {"abis": [["add_module_linked_llvm_cpu_library_query", 5], ["brighten", 6]],
                                  "iree": [0, 1, [0, 0, 0], [11, 22, 33]], "halide": [0, [1.5, 3, 4.5]], "tvm": True})


if __name__ == "__main__":
    unittest.main()
