# ctest: timeout=300
"""What TVM kernels of every generation import, as runtime/tvm_*.c define it: linked by hand and run."""

import json
import os
import unittest

from tvm_by_hand import Library, generation, link
from tvm_case import FIXTURES, KERNELS, KIND_ERROR, TvmTest

class Shims(TvmTest):
    def run_tvm(self, script, imports="{env: {expf: (x) => Math.fround(Math.exp(x))}}"):
        return super().run_tvm(script, imports)


class EachGeneration(Shims):
    def test_kernels_compute_and_registrations_stay(self):
        for g in range(7):
            for model in ("static", "pic"):
                with self.subTest(generation=g, model=model):
                    link(self, [generation(g)], relocation_model=model)
                    result = self.run_tvm("""
                      const a = numbers(36, 1), b = numbers(36, 4), long = numbers(1000, 2);
                      const wrong = [];
                      for (let call = 0; call < 100; ++call) {
                        const added = GENERATION;
                        if (!close(tvm.run('matmul', [6, 6], tvm.tensor(a, [6, 6]), tvm.tensor(b, [6, 6])), expected.matmul(a, b, 6)))
                          wrong.push('matmul');
                        if (!close(tvm.run('scaled', [36], tvm.tensor(a), 2.5), expected.scaled(a, 2.5, added))) wrong.push('scaled');
                        if (!close(tvm.run('softmax', [1000], tvm.tensor(long)), expected.softmax(long))) wrong.push('softmax');
                        if (!close(tvm.run('doubled', [36], tvm.tensor(a)), expected.scaled(a, 2, added))) wrong.push('doubled');
                      }
                      return [wrong, e.registrations(0), e.context(0) === e.record(0), tvm.error(0), tvm.error(-1)];""".replace(
                        "GENERATION", str(g)))
                    # The context cell and five kernels.
                    self.assertEqual(result, [[], 1 + len(KERNELS), True, None, None])

    def test_errors_have_a_text(self):
        for g in range(7):
            with self.subTest(generation=g):
                link(self, [generation(g)])
                result = self.run_tvm("""
                  const a = tvm.tensor(numbers(36, 1), [6, 6]), texts = [];
                  for (const args of [[a], [a, a, 5n], [null, a, a]]) texts.push([tvm.call('matmul', ...args), tvm.error(0)]);
                  texts.push([tvm.call('scaled', a, a, null), tvm.error(-1)]);
                  texts.push([tvm.call('matmul', a, a, tvm.zeros(6, 6)), tvm.error(0)]);  // stays until the next failure
                  return texts;""")
                kind = "" if g < 3 else "TypeError: "
                value = "" if g < 3 else "ValueError: "
                buffer = "Expect a pointer as" if g < 3 else "Expected a Tensor as"
                number = f"{kind}g{g}: Expected a float as argument #2 when calling `scaled`"
                self.assertEqual(result, [
                    [-1, f"{kind}g{g}: Expected 3 arguments when calling `matmul`"],
                    [-1, f"{kind}g{g}: {buffer} argument #2 when calling `matmul`"],
                    [-1, f"{value}g{g}: Expected a tensor that is not null as argument #0 when calling `matmul`"],
                    [-1, number], [0, number]])

    def test_tensor_objects_and_integers(self):
        for g in range(3, 7):
            with self.subTest(generation=g):
                link(self, [generation(g)])
                self.assertEqual(self.run_tvm("""
                  const a = numbers(36, 1), output = tvm.zeros(36);
                  const code = tvm.call('scaled', new TensorObject(tvm.tensor(a)), new TensorObject(output), 3n);
                  return [code, close(tvm.read(output), expected.scaled(a, 3, %d))];""" % g), [0, True])


class ManyLibraries(Shims):
    def test_each_library_calls_its_own_function_of_a_name(self):
        # And so it does where some have a `scaled` that is registered but no kernel.
        for hidden in ((), ("scaled",)):
            with self.subTest(hidden=hidden):
                libraries = [generation(g, f"g{g}_", hidden=hidden if g % 2 == 0 else ()) for g in range(7)]
                link(self, libraries)
                self.assertEqual(self.run_tvm("""
                  const a = numbers(36, 1);
                  return [0, 1, 2, 3, 4, 5, 6].map((g) =>
                      [close(tvm.run(`g${g}_doubled`, [36], tvm.tensor(a)), expected.scaled(a, 2, g)), e.registrations(g),
                       e.context(g) === e.record(g)]);"""), [[True, 6, True]] * 7)

    def test_a_call_into_another_library(self):
        # Every generation calls `other_scaled`; who has it is generation `other`.
        for other in range(7):
            with self.subTest(other=other):
                libraries = [generation(g, "other_" if g == other else f"g{g}_") for g in range(7)]
                link(self, libraries)
                result = self.run_tvm("""
                  const a = tvm.tensor(numbers(36, 1));
                  return tvm.libraries.map((name, g) => {
                    const prefix = g === OTHER ? 'other_' : name + '_', output = tvm.zeros(36);
                    const code = tvm.call(prefix + 'far_doubled', a, output);
                    return [code, code === 0 ? close(tvm.read(output), expected.scaled(numbers(36, 1), 2, OTHER)) : tvm.error(g)];
                  });""".replace("OTHER", str(other)))
                cannot = [-1, KIND_ERROR % "other_scaled"]
                self.assertEqual(result, [[0, True] if (g < 3) == (other < 3) else cannot for g in range(7)])

    def test_a_function_that_nobody_has(self):
        link(self, [generation(2, "a_"), generation(6, "b_")])
        result = self.run_tvm("""
          const a = tvm.tensor(numbers(4, 1)), b = tvm.zeros(4);
          const before = [0, 1, 2, -1].map((i) => tvm.error(i));
          const codes = [tvm.call('b_far_doubled', a, b), tvm.call('b_far_doubled', a, b)];
          const between = [0, 1, -1].map((i) => tvm.error(i));
          codes.push(tvm.call('a_softmax', a));
          return [before, codes, between, [0, 1, -1].map((i) => tvm.error(i))];""")
        missing = "function `other_scaled` was not found"
        softmax = "g2: Expected 2 arguments when calling `softmax`"
        self.assertEqual(result, [[None] * 4, [-1] * 3, [None, missing, missing], [softmax, missing, softmax]])


class OtherSources(Shims):
    def test_objects_of_tvm(self):
        link(self, [Library("one", FIXTURES / "real_one.o", 4, ["doubled", "matmul", "scaled", "softmax"], "a_")])
        self.assertEqual(self.run_tvm("""
          const a = numbers(256, 1), b = numbers(256, 4), long = numbers(1024, 2), wrong = [];
          for (let call = 0; call < 100; ++call) {
            if (!close(tvm.run('a_matmul', [16, 16], tvm.tensor(a, [16, 16]), tvm.tensor(b, [16, 16])), expected.matmul(a, b, 16)))
              wrong.push('matmul');
            if (!close(tvm.run('a_scaled', [1024], tvm.tensor(long), 2.5), expected.scaled(long, 2.5, 0))) wrong.push('scaled');
            if (!close(tvm.run('a_softmax', [1024], tvm.tensor(long)), expected.softmax(long))) wrong.push('softmax');
            if (!close(tvm.run('a_doubled', [1024], tvm.tensor(long)), expected.scaled(long, 2, 0))) wrong.push('doubled');
          }
          return [wrong, e.registrations(0), e.context(0) === e.record(0), tvm.call('a_scaled', tvm.tensor(long)), tvm.error(0)];"""),
            [[], 5, True, -1, "TypeError: Expected 3 arguments when calling:\n  "
             "`scaled(A: Tensor([1024], float32), B: Tensor([1024], float32), s: float32)`"])

    def test_a_tensor_expression_of_tvm(self):
        link(self, [Library("conv", FIXTURES / "real_conv.o", 4, ["net_conv2d"], context="net___tvm_ffi__library_ctx")])
        self.assertEqual(self.run_tvm("""
          const data = numbers(128, 1), weight = numbers(72, 3), bias = numbers(4, 5);
          const output = tvm.run('net_conv2d', [1, 4, 6, 6], tvm.tensor(data, [1, 2, 8, 8]), tvm.tensor(weight, [4, 2, 3, 3]),
                                 tvm.tensor(bias));
          return [close(output, expected.conv2d(data, weight, bias)), e.registrations(0), e.context(0) === e.record(0)];"""),
            [True, 2, True])

    def test_c_source_without_registration(self):
        self.run_tool("clang-22", "--target=wasm32", "-O2", "-ffreestanding", "-c", FIXTURES / "c_source.c", "-o", "c_source.o")
        link(self, [Library("c", self.folder / "c_source.o", 4, ["doubled", "scaled"], "a_")])
        self.assertEqual(self.run_tvm("""
          const a = numbers(36, 1);
          return [close(tvm.run('a_doubled', [36], tvm.tensor(a)), expected.scaled(a, 2, 10)), e.registrations(0), e.context(0),
                  tvm.call('a_doubled'), tvm.error(0)];"""),
            [True, 0, 0, -1, "TypeError: Expected 2 arguments when calling:\n  `doubled(A, B)`"])


# Beside a library, functions that call the shims as no kernel of a sound library does.
PROBES = r"""
#define EXPORT(name) __attribute__((export_name(name)))
int TVMFFIHandleInitOnce(void**, int (*)(void**));
int TVMBackendRunOnce(void**, int (*)(void*), void*, int);
int TVMBackendParallelLaunch(int (*)(int, void*, void*), void*, int);
static int runs;
static int give_one(void** result) { ++runs; *result = (void*)1; return 0; }
static int give_null(void** result) { ++runs; *result = 0; return 0; }
static int give_error(void** result) { ++runs; *result = (void*)1; return 7; }
static int run(void* data) { ++runs; return *(int*)data; }
static int (*const initializers[])(void**) = {give_one, give_null, give_error};
EXPORT("init_once") int init_once(int which) {
  static void* handles[3];
  runs = 0;
  int code = TVMFFIHandleInitOnce(&handles[which], initializers[which]);
  code = code * 10 + TVMFFIHandleInitOnce(&handles[which], initializers[which]);
  return code * 10 + runs;
}
EXPORT("run_once") int run_once(int code) {
  void* handle = 0;
  runs = 0;
  const int first = TVMBackendRunOnce(&handle, run, &code, 4);
  return (first * 10 + TVMBackendRunOnce(&handle, run, &code, 4)) * 10 + runs;
}
static int task(int index, void* group, void* data) {
  return index == 0 && ((int*)group)[1] == 1 && *(int**)group && **(int**)group == 0 && data == &runs ? 5 : 6;
}
EXPORT("launch") int launch(int tasks) { return TVMBackendParallelLaunch(task, &runs, tasks); }
EXPORT("set_error") void set_error(int i, const char* text) { __wasmpack_tvm_set_error(all[i], text); }
EXPORT("raise_parts") void raise_parts(int count) {
  static const char* const parts[] = {"a", 0, "b", "", "c"};
  __wasmpack_tvm_raise_parts(all[0], count < 0 ? 0 : "Kind", parts, count);
}
EXPORT("register_symbol") int register_symbol(const char* name) {
  static int cell;
  cell = 0;
  return __wasmpack_tvm_register(all[0], name, &cell) * 10 + (cell == (int)all[0]);
}
EXPORT("look_up") int look_up(int i, const char* name) {
  const void* handle = 0;
  return __wasmpack_tvm_lookup(all[i], 0, name, &handle) ? 0 : (int)handle;
}
EXPORT("call_ffi") int call_ffi(int i, const void* handle) { return __wasmpack_tvm_call_ffi(all[i], handle, 0, 0, 0); }
EXPORT("call_packed") int call_packed(int i, const void* handle) {
  int value[2], code = -1;
  return __wasmpack_tvm_call_packed(all[i], handle, 0, 0, 0, value, &code);
}
static int fail_silently(int a, int b, int c, int d) { return -3; }
EXPORT("silent_handle") const void* silent_handle(void) {
  static const struct wasmpack_kernel silent = {"silent", 6, (uint32_t)fail_silently, 4, "", 0};
  return &silent;
}
"""


class Probes(Shims):
    def setUp(self):
        super().setUp()
        others = [name for name in KERNELS if name != "scaled"]
        link(self, [generation(2, "a_"), generation(6, "b_", hidden=("scaled",)), generation(0, "c_", error_bytes=24),
                    generation(5, "b_", hidden=others)], extra=PROBES,
             exports=["TVMBackendAllocWorkspace", "TVMBackendFreeWorkspace", "TVMBackendParallelBarrier"])

    def probe(self, script):
        return self.run_tvm("""
          const encode = (text) => {
            const bytes = new TextEncoder().encode(text), at = tvm.alloc(bytes.length + 1, 1);
            bundle.bytes().set(bytes, at);
            return at;
          };""" + script)

    def test_workspace(self):
        result = self.probe("""
          const free = (at) => e.TVMBackendFreeWorkspace(1, 0, at);
          const alloc = (bytes) => e.TVMBackendAllocWorkspace(1, 0, bytes, 2, 32) >>> 0;
          const blocks = [0n, 1n, 63n, 1024n, 4096n, 100001n].map(alloc);
          const codes = [...blocks.map(free), free(0)];
          return [blocks.map((at) => at !== 0 && at % 64), codes,
                  [2n ** 32n, 2n ** 32n + 64n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 32n - 1n].map(alloc)];""")
        self.assertEqual(result, [[0] * 6, [0] * 7, [0] * 5])

    def test_initialization_once(self):
        # Code of the first call, of the second one, and how often the function ran.
        result = self.probe("return [e.init_once(0), e.init_once(1), e.init_once(2), e.run_once(0), e.run_once(4)];")
        self.assertEqual(result, [1, (-1 * 10 - 1) * 10 + 2, 772, 1, 401])

    def test_parallel_loops_are_one_task(self):
        self.assertEqual(self.probe("return [[0, 1, 64].map(e.launch), e.TVMBackendParallelBarrier(0, 0)];"), [[5, 5, 5], 0])

    def test_long_texts_are_cut_between_characters(self):
        result = self.probe("""
          return ['x'.repeat(23), 'x'.repeat(24), 'x'.repeat(22) + 'äöü', 'x'.repeat(21) + '€', 'x'.repeat(20) + '😀', '',
                  '€'.repeat(9)].map((text) => (e.set_error(2, encode(text)), tvm.error(2)));""")
        x = "x"
        self.assertEqual(result, [x * 23, x * 23, x * 22, x * 21, x * 20, "", "€" * 7])

    def test_parts(self):
        result = self.probe("return [5, 2, 0, -1].map((n) => (e.raise_parts(n), tvm.error(0)));")
        self.assertEqual(result, ["Kind: abc", "Kind: a", "Kind: ", ""])

    def test_registration_fills_context_cells_only(self):
        names = ["__tvm_module_ctx", "pre___tvm_module_ctx", "__tvm_ffi_library_ctx", "__tvm_ffi__library_ctx",
                 "x__tvm_ffi__library_ctx", "__tvm_ffi__library_bin", "__tvm_dev_mblob", "matmul", "ctx", "", "_tvm_module_ctx"]
        result = self.probe(f"return {json.dumps(names)}.map((name) => e.register_symbol(encode(name)));")
        self.assertEqual(result, [1] * 5 + [0] * 6)

    def test_lookup(self):
        # Library 0 is a_ (packed), library 1 is b_ (TVM FFI) with a `scaled` that is no kernel: b_scaled is of library 3.
        cases = [(0, "scaled"), (0, "a_scaled"), (0, "__tvm_ffi_scaled"), (0, "b_matmul"), (0, "b_scaled"), (0, "scale"), (0, ""),
                 (0, "x" * 100), (1, "scaled"), (1, "__tvm_ffi_scaled"), (1, "__tvm_ffi_b_matmul"), (1, "b_scaled"),
                 (1, "a_matmul"), (1, "__tvm_ffi_")]
        result = self.probe(f"""
          return {json.dumps(cases)}.map(([library, name]) => {{
            const handle = e.look_up(library, encode(name));
            if (handle === 0) return tvm.error(library).replace(/.*`/, '');
            return bundle.text(bundle.word(handle), bundle.word(handle + 4)) + ' of ' + bundle.word(handle + 20);
          }});""")
        missing, cannot = " was not found", " is of a kind that its caller cannot call"
        self.assertEqual(result[:8], ["a_scaled of 0"] * 3 + [cannot] * 2 + [missing] * 3)
        self.assertEqual(result[8:], ["scaled of 1", "scaled of 1", "b_matmul of 1", "b_scaled of 3", cannot, missing])

    def test_calls_that_cannot_be(self):
        result = self.probe("""
          const packed = e.look_up(0, encode('matmul')), ffi = e.look_up(1, encode('matmul'));
          return [[1, packed], [1, 0]].map(([i, handle]) => [e.call_ffi(i, handle), tvm.error(i)])
              .concat([[0, ffi], [0, 0]].map(([i, handle]) => [e.call_packed(i, handle), tvm.error(i)]));""")
        self.assertEqual(result, [[-1, KIND_ERROR % "a_matmul"], [-1, "function `null` was called"],
                                  [-1, KIND_ERROR % "b_matmul"], [-1, "function `null` was called"]])

    def test_the_text_of_a_failed_call_is_also_its_callers(self):
        result = self.probe("""
          const codes = [e.call_ffi(1, e.silent_handle())], texts = [tvm.error(1)];
          // A call without arguments: `matmul` of library 0 complains, on behalf of library 1's call.
          codes.push(e.call_packed(1, e.look_up(0, encode('matmul'))));
          texts.push(tvm.error(0), tvm.error(1), tvm.error(-1));
          return [codes, texts];""")
        text = "g2: Expected 3 arguments when calling `matmul`"
        self.assertEqual(result, [[-3, -1], ["silent failed without an error text", text, text, text]])


if __name__ == "__main__":
    unittest.main()
