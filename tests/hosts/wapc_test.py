# ctest: timeout=300 labels=hosts
"""The waPC adapter with waPC's own host for JavaScript, the npm package @wapc/host: docs/hosts/wapc.md, examples/wapc."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from lib.registries import Unreachable, node_modules, skip
from packager.bundles import WASMPACK, BundleTest, library

ROOT = pathlib.Path(os.environ.get("WASMPACK_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
EXAMPLE = ROOT / "examples" / "wapc"
PAGE = ROOT / "docs" / "hosts" / "wapc.md"
TVM = ROOT / "testdata" / "tvm"
VISIBLE = '__attribute__((visibility("default"))) '
ADAPTER = 'adapters = ["wapc"]'
IMPORTS = ["wapc.__guest_error", "wapc.__guest_request", "wapc.__guest_response"]
PACKAGES = (
    ("@wapc/host", "0.0.3",
     "sha512-Z5HaqYVt9RysloGXjoCprmcaNFHUVHmqUPS+0VUiCE9iHzvgBnIcyheeMutAvn4hCshzrKcb3v2LN0mC079Ivw=="),
    ("debug", "4.3.4", "sha512-PRWFHuSU3eDtQJPvnNY7Jcket1j0t5OuOsFzPPzsekD52Zl8qUfFIPEiswXqIvHWGVHOgX+7G/vCNNhehwxfkQ=="),
    ("ms", "2.1.2", "sha512-sGkPx+VjMtmA6MX27oA4FBFELFCZZ4S4XqeGOXCv68tT+jb3vk/RyaKWP0PTKyWtmLSM0b+adUTEvbs1PEaH2w=="),
)

try:
    MODULES = node_modules(PACKAGES)
except Unreachable as missing:
    skip(missing)
    MODULES = None

NUMBERS = VISIBLE + "double mix(int a, long long b, float c, double d) { return a + (double)b + c + d; }\n" + f"""
{VISIBLE}long long big(long long a) {{ return a * 3; }}
{VISIBLE}float half(float a) {{ return a / 2; }}
{VISIBLE}int negative(int a) {{ return -a; }}
{VISIBLE}void nothing(void) {{}}
"""
COUNTED = f"""
static volatile int runs;
__attribute__((constructor)) static void init(void) {{ ++runs; }}
{VISIBLE}int count(void) {{ return runs; }}
"""


@unittest.skipUnless(MODULES, "@wapc/host cannot be fetched")
class WapcCase(BundleTest):
    def setUp(self):
        super().setUp()
        (self.folder / "node_modules").symlink_to(MODULES / "node_modules")

    def run_host(self, script, module="out.wasm"):
        """What `script` returns, as JSON. It has the example's payload.mjs, and call(kernel, item...) through the real
        host: the values of the response, or the text of an error."""
        # Bytes become lists, an i64 becomes text.
        return self.run_js(f"""
          const wapc = (await import('node:module')).createRequire({json.dumps(str(self.folder) + '/')})('@wapc/host');
          const payloads = await import({json.dumps(str(EXAMPLE / 'payload.mjs'))});
          const {{i32, i64, f32, f64, none, input, output, changed, inputTensor, outputTensor, changedTensor}} = payloads;
          const {{encode, decode, asArray}} = payloads;
          const source = (await import('node:fs')).readFileSync(path);
          const host = await wapc.instantiate(source);
          const plain = (value) => value instanceof Uint8Array ? [...value] : typeof value === 'bigint' ? `${{value}}` : value;
          const send = async (kernel, payload) => {{
            try {{
              return decode(await host.invoke(kernel, payload)).map(plain);
            }} catch (error) {{
              if (error instanceof WebAssembly.RuntimeError) return 'trap';
              return error.message;
            }}
          }};
          const call = (kernel, ...items) => send(kernel, encode(...items));
          const floats = (bytes) => [...asArray(Float32Array, Uint8Array.from(bytes))];
          {script}""", module)

    def run_page(self, path, *more):
        """Runs the blocks of a page in order: files, commands, what these print."""
        for file in more:
            shutil.copy(file, self.folder)
        text = path.read_text(encoding="utf-8")
        environment = {**os.environ, "PATH": f"{pathlib.Path(WASMPACK).parent}:{os.environ['PATH']}", "LC_ALL": "C"}
        blocks = re.findall(r"^```\w+ ([^\n]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for words, content in blocks:
            if words.startswith("file="):
                self.write(words.removeprefix("file="), content)
        kinds = [words for words, _ in blocks]
        self.assertLessEqual({"run", "output"}, set(kinds))
        done = None
        for words, content in blocks:
            if words == "run":
                done = subprocess.run(["bash", "-e", "-c", content], cwd=self.folder, env=environment, capture_output=True,
                                      text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            elif words == "output":
                self.assertEqual(done.stdout, content)


class Pages(WapcCase):
    def test_the_example_does_what_its_readme_says(self):
        wanted = json.loads((EXAMPLE / "package.json").read_text())["dependencies"]
        self.assertEqual(wanted, {PACKAGES[0][0]: PACKAGES[0][1]})  # what `npm install` gives is what this test has
        self.run_page(EXAMPLE / "README.md",
                      *[EXAMPLE / name for name in ("kernels.c", "wasmpack.toml", "payload.mjs", "host.mjs", "package.json")])

    def test_the_page(self):
        self.run_page(PAGE)


class Calls(WapcCase):
    def test_numbers(self):
        self.compile("x", NUMBERS)
        self.pack(library("x"), bundle=ADAPTER)
        self.assertEqual(self.run_host("""
          return [await call('mix', i32(-1), i64(-(2n ** 40n)), f32(0.5), f64(0.25)), await call('big', i64(2n ** 62n)),
                  await call('half', f32(3)), await call('negative', i32(5)), await call('nothing')];"""),
                         [[-(2.0**40) - 0.25], [str(3 * 2**62 - 2**64)], [1.5], [-5], []])

    def test_vectors_and_several_results(self):
        self.compile("v", f"typedef int v4 __attribute__((vector_size(16)));\n{VISIBLE}v4 add(v4 a, v4 b) {{ return a + b; }}",
                     "-msimd128")
        self.compile("m", f"""
          struct three {{ int a; double b; long long c; }};
          {VISIBLE}struct three split(int a, float b) {{ return (struct three){{a + 1, b * 2, a * 3}}; }}""",
                     "-mmultivalue", "-Xclang", "-target-abi", "-Xclang", "experimental-mv")
        self.pack(library("v"), library("m"), bundle=ADAPTER)
        self.assertEqual(self.run_host("""
          const vector = Uint8Array.from([118, ...Array.from({length: 16}, (_, i) => i)]);
          const two = new Uint8Array(34);
          two.set(vector);
          two.set(vector, 17);
          return [await send('add', two), await call('split', i32(4), f32(1.5)),
                  (await load(path, {wapc: {__guest_request() {}, __guest_response() {}, __guest_error() {}}}))
                    .registry().kernels.map((k) => k.signature)];"""),
                         [[[2 * i for i in range(16)]], [5, 3, "12"], ["vv:v", "if:iFI"]])

    def test_memory(self):
        self.compile("x", f"""
          {VISIBLE}int fill(unsigned char* out, const unsigned char* in, int n) {{
            int before = 0;
            for (int i = 0; i < n; ++i) {{ before |= out[i]; out[i] = in[i] + 1; }}
            return before;
          }}
          {VISIBLE}void reverse(unsigned char* x, int n) {{
            for (int i = 0; i < n / 2; ++i) {{ unsigned char t = x[i]; x[i] = x[n - 1 - i]; x[n - 1 - i] = t; }}
          }}
          {VISIBLE}int aligned(int a, int b, int c) {{ return (a | b | c) % 64; }}
          {VISIBLE}int is_null(const void* p) {{ return p == 0; }}
          {VISIBLE}unsigned sum(const unsigned* x, int n) {{ unsigned s = 0; for (int i = 0; i < n; ++i) s += x[i]; return s; }}
        """)
        self.pack(library("x"), bundle=ADAPTER)
        self.assertEqual(self.run_host("""
          const bytes = Uint8Array.of(1, 2, 3, 4, 5), million = new Uint32Array(1 << 20).fill(3);
          const fill = await call('fill', output(5), input(bytes), i32(5));
          const pages = host.getCallerMemory().buffer.byteLength;
          for (let i = 0; i < 50; ++i) await call('sum', input(million), i32(1 << 20));
          const grown = host.getCallerMemory().buffer.byteLength;
          for (let i = 0; i < 50; ++i) await call('sum', input(million), i32(1 << 20));
          return [fill, await call('fill', output(5), input(bytes), i32(5)), await call('reverse', changed(bytes), i32(5)),
                  await call('aligned', input(bytes), output(3), changed(bytes)), await call('is_null', none()),
                  await call('is_null', output(0)), await call('sum', input(million), i32(1 << 20)),
                  host.getCallerMemory().buffer.byteLength - grown, (grown - pages) >> 20];"""),
                         [[0, [2, 3, 4, 5, 6]], [0, [2, 3, 4, 5, 6]], [[5, 4, 3, 2, 1]],
                          [0, [0, 0, 0], [1, 2, 3, 4, 5]], [1], [0, []], [3 << 20], 0, 8])

    def test_tensors_for_plain_c(self):
        self.compile("x", f"""
          typedef struct {{ float* data; int device, number, rank; unsigned char code, bits; unsigned short lanes;
                            long long* shape; long long* strides; unsigned long long offset; }} tensor;
          {VISIBLE}int describe(const tensor* t) {{
            return t->device == 1 && t->number == 0 && t->rank == 2 && t->shape[0] == 2 && t->shape[1] == 3 && t->strides == 0 &&
                   t->offset == 0 && t->lanes == 1 && (unsigned)t->data % 64 == 0 ? t->code * 1000 + t->bits : -1;
          }}
          {VISIBLE}void scale(const tensor* in, tensor* out, float by) {{
            for (int i = 0; i < in->shape[0]; ++i) out->data[i] = in->data[i] * by;
          }}""")
        self.pack(library("x"), bundle=ADAPTER)
        result = self.run_host("""
          const types = ['float16', 'float32', 'float64', 'bfloat16', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16',
                         'uint32', 'uint64', 'bool'];
          const described = [];
          for (const type of types) described.push((await call('describe', outputTensor(type, [2, 3])))[0]);
          const [bytes] = await call('scale', inputTensor('float32', [3], Float32Array.of(1, 2, 3)),
                                     outputTensor('float32', [3]), f32(2));
          return [described, floats(bytes)];""")
        self.assertEqual(result, [[2016, 2032, 2064, 4016, 8, 16, 32, 64, 1008, 1016, 1032, 1064, 1001], [2, 4, 6]])

    def test_a_kernel_without_export(self):
        self.compile("x", NUMBERS)
        self.pack(library("x", prefix="p/"), bundle=ADAPTER + "\nexport-kernels = false")
        self.assertEqual(self.run_host("return [await call('p/half', f32(8)), await call('half', f32(8))];"),
                         [[4], "bundle `test` has no kernel `half`"])


class TvmKernels(WapcCase):
    def test_each_generation(self):
        for g in range(7):
            self.run_tool("llc-22", "-O2", "-filetype=obj", TVM / f"g{g}.ll", "-o", f"g{g}.o")
        self.pack(*[library(f"g{g}", prefix=f"g{g}_") for g in range(7)], bundle=ADAPTER)
        results = self.run_host("""
          const x = Float32Array.of(1, 2, 3), a = Float32Array.of(1, 2, 3, 4);
          const all = [];
          for (let g = 0; g < 7; ++g) {
            const vector = inputTensor('float32', [3], x), matrix = inputTensor('float32', [2, 2], a);
            const [none_, scaled] = await call(`g${g}_scaled`, vector, outputTensor('float32', [3]), f64(2));
            const [, narrow] = await call(`g${g}_scaled`, vector, outputTensor('float32', [3]), f32(2));
            const [, product] = await call(`g${g}_matmul`, matrix, matrix, outputTensor('float32', [2, 2]));
            const [, doubled] = await call(`g${g}_doubled`, vector, outputTensor('float32', [3]));
            all.push([none_, floats(scaled), floats(narrow), floats(product), floats(doubled),
                      await call(`g${g}_matmul`, matrix), await call(`g${g}_matmul`, matrix, matrix, i64(5))]);
          }
          return all;""")
        for g, result in enumerate(results):
            with self.subTest(generation=g):
                scaled = [2 + g, 4 + g, 6 + g]
                kind = "" if g < 3 else "TypeError: "
                buffer = "Expect a pointer as" if g < 3 else "Expected a Tensor as"
                self.assertEqual(result, [None, scaled, scaled, [7, 10, 15, 22], scaled,
                                          f"kernel `g{g}_matmul`: {kind}g{g}: Expected 3 arguments when calling `matmul`",
                                          f"kernel `g{g}_matmul`: {kind}g{g}: {buffer} argument #2 when calling `matmul`"])

    def test_objects_of_tvm(self):
        self.pack(library("one", str(TVM / "real_one.o")), bundle=ADAPTER)
        result = self.run_host("""
          const x = Float32Array.from({length: 1024}, (_, i) => i);
          const [status, bytes] = await call('doubled', inputTensor('float32', [1024], x), outputTensor('float32', [1024]));
          return [status, floats(bytes).slice(0, 4), await call('doubled', inputTensor('float32', [3], x.slice(0, 3))),
                  await call('doubled', inputTensor('int32', [1024], x), outputTensor('float32', [1024])),
                  await call('doubled', input(x), output(4096))];""")
        self.assertEqual(result[:2], [None, [0, 2, 4, 6]])
        self.assertIn("kernel `doubled`: TypeError: Expected 2 arguments when calling:", result[2])
        self.assertRegex(result[3], "^kernel `doubled`: .*(dtype|float32)")
        self.assertEqual(result[4], "kernel `doubled`: argument 1: a function of TVM's takes tensors, integers, floats and null")

    def test_results(self):
        # Packed functions and TVM FFI ones that give a number, nothing, or something that no response can carry.
        self.compile("p", f"""
          {VISIBLE}int packed(long long* args, int* codes, int count, long long* result, int* code, void* resource) {{
            if (count == 0) return 0;
            *result = args[0];
            *code = codes[0] == 7 ? 3 : codes[0];
            return 0;
          }}""")
        self.compile("f", f"""
          typedef struct {{ int index, zero; long long value; }} any;
          {VISIBLE}int ffi(void* self, const any* args, int count, any* result) {{
            if (self || (count && args[0].zero)) return -1;
            if (count) {{ *result = args[0]; }}
            return count > 1;
          }}""")
        self.pack(library("p", abi="tvm"), library("f", abi="tvm"), bundle=ADAPTER)
        many = "...Array.from({length: 1000}, () => i32(-7))"
        self.assertEqual(self.run_host(f"""
          const all = [];
          for (const kernel of ['packed', 'ffi']) {{
            for (const items of [[], [i64(-5)], [i32(-5)], [f64(2.5)], [none()], [outputTensor('int8', [])]])
              all.push(await call(kernel, ...items));
          }}
          return [...all, await call('packed', {many}), await call('ffi', i32(1), i32(2))];"""),
                         [[None], ["-5"], ["-5"], [2.5], [None],
                              "kernel `packed`: its result is neither an integer nor a float",
                              [None], ["-5"], ["-5"], [2.5], [None],
                              "kernel `ffi`: its result is neither an integer nor a float",
                              ["-7"], "kernel `ffi`: it failed and gave no reason"])


class Refusals(WapcCase):
    def test_malformed_payloads(self):
        self.compile("x", NUMBERS)
        self.pack(library("x"), bundle=ADAPTER)
        word = "255, 255, 255, 255"
        cases = [
            ("half", "", "it takes 1 argument, the payload has 0"),
            ("mix", "105, 1, 0, 0, 0", "it takes 4 arguments, the payload has 1"),
            ("half", "102, 0, 0, 0, 0, 102", "it takes 1 argument, the payload has more"),
            ("nothing", "110", "it takes 0 arguments, the payload has more"),
            ("half", "102, 0, 0, 0", "argument 1: the payload ends within it (its first byte is 102)"),
            ("half", "0", "argument 1: there is no such item (its first byte is 0)"),
            ("half", "255", "argument 1: there is no such item (its first byte is 255)"),
            ("half", "105, 0, 0, 0, 0", "argument 1: an item `i` for a parameter `f`"),
            ("half", "110", "argument 1: an item `n` for a parameter `f`"),
            ("big", "98, 0, 0, 0, 0", "argument 1: an item `b` for a parameter `I`"),
            ("negative", "98, 0, 0, 0", "argument 1: the payload ends within it (its first byte is 98)"),
            ("negative", "98, 4, 0, 0, 0, 1, 2, 3", "argument 1: the payload ends within it (its first byte is 98)"),
            ("negative", f"98, {word}", "argument 1: it is larger than a memory (its first byte is 98)"),
            ("negative", f"111, {word}", "argument 1: it is larger than a memory (its first byte is 111)"),
            ("negative", "111, 0, 0, 224, 255", "there is not enough memory for its arguments and results"),
            ("negative", "79", "argument 1: the payload ends within it (its first byte is 79)"),
            ("negative", "79, 2", "argument 1: the payload ends within it (its first byte is 79)"),
            ("negative", "79, 0, 0", "argument 1: there is no such dtype (its first byte is 79)"),
            ("negative", "79, 14, 0", "argument 1: there is no such dtype (its first byte is 79)"),
            ("negative", "79, 2, 1, 1, 0, 0", "argument 1: the payload ends within it (its first byte is 79)"),
            ("negative", f"79, 2, 2, {word}, {word}", "argument 1: it is larger than a memory (its first byte is 79)"),
            ("negative", f"79, 3, 3, {word}, {word}, {word}", "argument 1: it is larger than a memory (its first byte is 79)"),
            ("negative", "66, 2, 1, 1, 0, 0, 0, 1, 2, 3", "argument 1: the payload ends within it (its first byte is 66)"),
        ]
        texts = self.run_host("return [" + ", ".join(f"await send('{kernel}', Uint8Array.of({payload}))"
                                                     for kernel, payload, _ in cases) + ", await call('half', f32(3))];")
        self.assertEqual(texts, [f"kernel `{kernel}`: {text}" for kernel, _, text in cases] + [[1.5]])

    def test_a_dimension_of_0_is_no_overflow(self):
        self.compile("x", f"{VISIBLE}int is_there(const void* t) {{ return t != 0; }}")
        self.pack(library("x"), bundle=ADAPTER)
        self.assertEqual(self.run_host("""
          const big = 0xffffffff;
          return await call('is_there', outputTensor('int64', [big, big, 0, big]));"""), [1, []])

    def test_unknown_operations(self):
        self.compile("x", NUMBERS)
        self.pack(library("x"), bundle=ADAPTER)
        self.assertEqual(self.run_host("""
          return [await call('hal'), await call(''), await call('halfs'), await call('n\\u00e9'), await call('x'.repeat(5000))];"""),
                         ["bundle `test` has no kernel `hal`", "bundle `test` has no kernel ``", "bundle `test` has no kernel `halfs`",
                          "bundle `test` has no kernel `n\u00e9`", f"bundle `test` has no kernel `{'x' * 100}...`"])

    def test_kernels_that_no_payload_fits(self):
        self.compile("r", f"{VISIBLE}void take(__externref_t x) {{}}", "-mreference-types")
        self.run_tool("clang-22", "--target=wasm32", "-O2", "-ffreestanding", "-c", TVM / "iree.c", "-o", "iree.o")
        self.run_tool("clang-22", "--target=wasm32", "-O2", "-ffreestanding", "-c", TVM / "halide.c", "-o", "halide.o")
        self.pack(library("r"), library("iree", kernels=["*_library_query"]),
                  library("halide", kernels=["brighten"]), bundle=ADAPTER)
        names = self.run_js("""
          const nobody = {__guest_request() {}, __guest_response() {}, __guest_error() {}};
          return (await load(path, {wapc: nobody})).registry().kernels.map((k) => k.name);""")
        texts = dict(zip(names, self.run_host(
            f"const texts = []; for (const name of {json.dumps(names)}) texts.push(await call(name)); return texts;")))
        query = next(name for name in names if name.endswith("_library_query"))
        limit = "no payload can describe what IREE's and Halide's functions take"
        self.assertEqual(texts, {"take": "kernel `take`: it takes or gives a reference, which no payload can carry",
                                 query: f"kernel `{query}`: {limit}", "brighten": f"kernel `brighten`: {limit}"})

    def test_a_kernel_that_traps(self):
        self.compile("x", f"{VISIBLE}void stop(void) {{ __builtin_trap(); }}")
        self.pack(library("x"), bundle=ADAPTER)
        self.assertEqual(self.run_host("return await call('stop');"), "trap")


class Constructors(WapcCase):
    def test_they_run_once_in_each_mode(self):
        self.compile("x", COUNTED)
        self.compile("y", COUNTED.replace("count", "count_y"))
        for mode in ("initialize", "start", "lazy", "snapshot"):
            for optimize in ("none", "O2"):
                with self.subTest(mode=mode, optimize=optimize):
                    self.pack(library("x"), library("y"), bundle=f'{ADAPTER}\ninit = "{mode}"\noptimize = "{optimize}"')
                    self.assertEqual(self.run_host("""
                      const {wapc_init, _initialize, wasmpack_entry} = host.instance.exports;
                      const first = await call('count');
                      wapc_init();
                      _initialize();
                      wasmpack_entry(0);
                      return [first, await call('count'), await call('count_y')];"""), [[1], [1], [1]])

    def test_a_call_comes_first(self):
        # A host that knows __guest_call alone; the constructors run before the request is fetched.
        self.compile("x", COUNTED)
        for mode in ("initialize", "start", "lazy", "snapshot"):
            self.pack(library("x"), bundle=f'{ADAPTER}\ninit = "{mode}"')
            self.assertEqual(self.run_js("""
              let bundle, answer;
              const memory = (at, length) => new Uint8Array(bundle.exports.memory.buffer, at, length);
              bundle = await load(path, {wapc: {
                __guest_request: (operation) => memory(operation).set(new TextEncoder().encode('count')),
                __guest_response: (at, length) => { answer = [...memory(at, length)]; },
                __guest_error: (at, length) => { answer = new TextDecoder().decode(memory(at, length)); }}});
              return [bundle.exports.__guest_call(5, 0), answer, bundle.exports.__guest_call(4, 0), answer];"""),
                             [1, [105, 1, 0, 0, 0], 0, "bundle `test` has no kernel `coun`"])

    def test_a_trap_leaves_the_bundle_failed(self):
        # What the adapter imports is no way for constructors to the host, so the guard still knows.
        self.compile("x", f"__attribute__((constructor)) static void init(void) {{ __builtin_trap(); }}\n{VISIBLE}void f(void) {{}}")
        self.pack(library("x"), bundle=ADAPTER)
        self.assertEqual(self.run_js("""
          const never = () => { throw new Error('called'); };
          const {exports: e} = await load(path, {wapc: {__guest_request: never, __guest_response: never, __guest_error: never}});
          return [1, 2, 3].map(() => traps(e.wapc_init)).concat(traps(() => e.__guest_call(1, 0)), traps(e._initialize));"""),
                         [True] * 5)

    def test_a_shared_libc_owns_the_heap(self):
        self.run_tool("cp", "/usr/lib/wasm32-wasi/libc.a", ".")
        self.write("x.c", f"""
          #include <stdlib.h>
          #include <string.h>
          {VISIBLE}int length(const char* text) {{ char* copy = strdup(text); int n = (int)strlen(copy); free(copy); return n; }}""")
        self.run_tool("clang-22", "--target=wasm32-wasip1", "-O2", "-isystem", "/usr/include/wasm32-wasi", "-c", "x.c")
        self.pack(library("libc", "libc.a", archives="lazy", keep_global=["*"]), library("x"), bundle=ADAPTER)
        self.assertEqual(self.run_host("""
          const text = new Uint8Array(100000).fill(65);
          text[99999] = 0;
          const all = new Set();
          for (let i = 0; i < 200; ++i) all.add((await call('length', input(text)))[0]);
          return [...all];"""), [99999])


class Contract(WapcCase):
    def names(self, module="out.wasm"):
        return self.run_js("""
          const module = await WebAssembly.compile((await import('node:fs')).readFileSync(path));
          const name = ({module, name}) => `${module}.${name}`;
          const [section] = WebAssembly.Module.customSections(module, 'wasmpack.manifest');
          return [WebAssembly.Module.imports(module).map(name).sort(), WebAssembly.Module.exports(module).map((e) => e.name),
                  JSON.parse(new TextDecoder().decode(section)).adapters ?? null];""", module)

    def test_what_is_added_and_what_is_not(self):
        self.compile("x", NUMBERS)
        self.pack(library("x"), bundle=ADAPTER)
        imports, exports, adapters = self.names()
        self.assertEqual((imports, adapters), (IMPORTS, ["wapc"]))
        self.pack(library("x"), bundle="adapters = []", output="without.wasm")
        without = self.names("without.wasm")
        self.assertEqual((without[0], without[2]), ([], None))
        self.assertEqual(set(exports) - set(without[1]), {"wapc_init", "__guest_call"})
        self.pack(library("x"), output="plain.wasm")
        self.assertEqual((self.folder / "plain.wasm").read_bytes(), (self.folder / "without.wasm").read_bytes())
        self.assertNotIn(b"wapc", (self.folder / "plain.wasm").read_bytes())

    def test_inspect_knows(self):
        self.compile("x", NUMBERS)
        self.pack(library("x"), bundle=ADAPTER)
        done = self.run_tool(WASMPACK, "inspect", "--expect", "k.toml", "out.wasm", check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.manifest(library("x"))
        done = self.run_tool(WASMPACK, "inspect", "--expect", "k.toml", "out.wasm", check=False)
        self.assertEqual(done.returncode, 1)
        for name in ("__guest_call", "wapc_init", *IMPORTS):
            self.assertIn(name, done.stdout)

    def test_the_plan_says_so(self):
        self.compile("x", NUMBERS)
        self.manifest(library("x"), bundle=ADAPTER)
        self.assertEqual(self.run_tool(WASMPACK, "pack", "-n", "k.toml").stdout.splitlines()[0],
                         "test 1.0.0, init initialize, adapter wapc")

    def test_by_the_bundle_abi_in_a_host_without_wapc(self):
        self.compile("x", COUNTED + NUMBERS)
        self.pack(library("x"), bundle=ADAPTER)
        self.assertEqual(self.run_js("""
          const none = () => { throw new Error('no waPC here'); };
          const b = await load(path, {wapc: {__guest_request: none, __guest_response: none, __guest_error: none}});
          let text;
          try { b.exports.__guest_call(1, 1); } catch (error) { text = error.message; }
          b.exports._initialize();
          return [b.kernel('count')(), b.exports.half(5), b.registry().kernels.length, text];"""), [1, 2.5, 6, "no waPC here"])

    def test_what_a_library_imports_of_wapc_is_its_own_affair(self):
        self.compile("x", f"""
          __attribute__((import_module("wapc"), import_name("__console_log"))) void log_text(const char*, int);
          {VISIBLE}void say(void) {{ log_text("said", 4); }}
          {VISIBLE}void wapc_init(void) {{ __builtin_trap(); }}""")
        self.assertIn("`wapc.__console_log`", self.refuse(library("x"), bundle=ADAPTER))
        self.pack(library("x"), bundle=ADAPTER + '\nallow-imports = ["wapc.__console_log"]')
        self.assertEqual(self.run_host("""
          const said = [], log = console.log;
          console.log = (text) => said.push(text);
          const result = await call('say');
          console.log = log;
          return [result, said];"""), [[], ["said"]])

    def test_imported_memory(self):
        self.compile("x", NUMBERS)
        self.pack(library("x"), bundle=ADAPTER + "\nmemory = { import = true }")
        self.assertEqual(self.names()[0], ["env.memory", *IMPORTS])

    def test_a_bundle_without_kernels(self):
        self.compile("x", "__attribute__((constructor)) void init(void) {}\nvoid shared(void) {}")
        self.pack(library("x", keep_global=["shared"]), bundle=ADAPTER)
        self.assertEqual(self.run_host("return await call('f');"), "bundle `test` has no kernel `f`")


class Fuzz(WapcCase):
    def test_random_payloads(self):
        """Thousands of broken payloads: an answer or an error text each, memory intact, nothing lost."""
        self.compile("x", NUMBERS + f"""
          {VISIBLE}int pair(int a, int b) {{ return a ^ b; }}
          {VISIBLE}double many(int a, int b, float c, double d, long long e, int f, int g) {{ return a + b + c + d + (double)e + f + g; }}
          static const unsigned char constant[4096] = {{1, 2, 3}};
          {VISIBLE}int check(void) {{
            int sum = 0;
            for (int i = 0; i < 4096; ++i) sum += ((volatile const unsigned char*)constant)[i];
            return sum;
          }}""")
        self.pack(library("x"), library("one", str(TVM / "real_one.o")), bundle=ADAPTER + '\nmemory = { max = "16MiB" }')
        result = self.run_host("""
          let bundle, request, answer, text;
          const memory = (at, length) => new Uint8Array(bundle.exports.memory.buffer, at >>> 0, length);
          bundle = await load(path, {wapc: {
            __guest_request: (operation, payload) => {
              memory(operation, request.name.length).set(request.name);
              memory(payload, request.payload.length).set(request.payload);
            },
            __guest_response: (at, length) => { answer = memory(at, length).slice(); },
            __guest_error: (at, length) => { text = new TextDecoder('utf-8').decode(memory(at, length)); }}});
          const e = bundle.exports;
          e.wapc_init();
          let state = 12345;
          const random = (n) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0, Math.floor(state / 4294967296 * n));
          // Blocks of the host's between those of the calls, with a pattern.
          const blocks = Array.from({length: 20}, (_, i) => {
            const bytes = 100 + 500 * i, at = e.wasmpack_alloc(bytes, 16) >>> 0;
            memory(at, bytes).fill(i + 1);
            return {at, bytes, value: i + 1};
          });
          for (let i = 0; i < 20; i += 3) e.wasmpack_free(blocks[i].at), blocks[i] = null;
          const kernels = bundle.registry().kernels;
          const item = (letter) => [
            () => i32(random(100)), () => i64(random(100)), () => f32(1), () => f64(2), () => none(),
            () => input(new Uint8Array(random(300))), () => output(random(300)), () => changed(new Uint8Array(random(300))),
            () => inputTensor('float32', [2, 2], new Float32Array(4)), () => outputTensor('int8', [random(5), random(5)]),
            () => inputTensor('float32', [1024], new Float32Array(1024)), () => outputTensor('float32', [1024]),
          ][letter in fits && random(10) < 8 ? fits[letter][random(fits[letter].length)] : random(12)]();
          const fits = {i: [0, 4, 5, 6, 7, 8, 9], I: [1], f: [2], F: [3]};
          const outcomes = {answer: 0, error: 0}, texts = new Set(), wrong = [];
          for (let round = 0; round < 6000; ++round) {
            const kernel = kernels[random(kernels.length)];
            const letters = kernel.abi === 4 ? 'tttt'.slice(random(4)) : kernel.signature.split(':')[0];
            let payload = encode(...[...letters].map(item));
            const damage = random(6);
            if (damage === 1) payload = payload.slice(0, random(payload.length + 1));
            if (damage === 2) for (let i = random(4); i >= 0 && payload.length; --i) payload[random(Math.min(payload.length, 40))] = random(256);
            if (damage === 3) payload = Uint8Array.from({length: random(60)}, () => random(256));
            if (damage === 4) payload = Uint8Array.from([...payload, ...payload.slice(0, random(20))]);
            if (damage === 5) payload = Uint8Array.from({length: random(40)}, () => 'iIfFvnbouBOU'.charCodeAt(random(12)) * (random(3) > 0));
            request = {name: new TextEncoder().encode(kernel.name), payload};
            if (random(50) === 0) request.name = request.name.slice(1);
            answer = text = undefined;
            let status;
            try { status = e.__guest_call(request.name.length, payload.length); } catch (error) { wrong.push([kernel.name, [...payload], `${error}`]); break; }
            if (status === 1 && answer && text === undefined) { decode(answer); ++outcomes.answer; }
            else if (status === 0 && text && answer === undefined) { ++outcomes.error; texts.add(text.replace(/`[^`]*`|[0-9]+/g, '#').split('\\n')[0]); }
            else wrong.push([kernel.name, [...payload], status, text ?? null]);
            for (const block of blocks)
              if (block && memory(block.at, block.bytes).some((byte) => byte !== block.value)) wrong.push(['overwritten', [...payload]]);
            if (wrong.length) break;
          }
          // Sizes are the host's word, too.
          request = {name: [], payload: []};
          const sizes = [[-1, -1], [-1, 0], [0, -1], [1 << 30, 1 << 30], [0, 64 << 20]].map(([a, b]) => (text = undefined, [e.__guest_call(a, b), typeof text]));
          return {wrong, outcomes, kinds: texts.size, check: e.check(), sizes, pages: memory(0).length >> 16};""")
        self.assertEqual(result["wrong"], [])
        self.assertGreater(result["outcomes"]["answer"], 500)
        self.assertGreater(result["outcomes"]["error"], 2000)
        self.assertGreater(result["kinds"], 12)
        self.assertEqual((result["check"], result["sizes"]), (6, [[0, "string"]] * 5))
        self.assertLessEqual(result["pages"], 256)


if __name__ == "__main__":
    unittest.main()
