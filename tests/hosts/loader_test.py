# ctest: timeout=300 labels=hosts
"""integrations/js: the loader's size, package, types, and what it does with bundles of every kind, in node."""

import json
import os
import re
import shutil
import subprocess
import unittest

import host_case
from lib import registries

TSC = ["tsc", "--strict", "--noImplicitReturns", "--noUnusedLocals", "--noUncheckedIndexedAccess",
       "--exactOptionalPropertyTypes", "--target", "es2021", "--module", "es2020", "--moduleResolution", "node"]

TYPED = """
import { Bundle, Kernel, View, instantiate } from "wasmpack-loader";
import { Tensor, call, tensor } from "./node_modules/wasmpack-loader/tvm.js";

interface Kernels {
  scalar_add(a: number, b: number): number;
  vector_axpy(a: number, x: number, y: number, n: number): void;
}

export async function run(bytes: Uint8Array, url: { href: string; protocol: string }): Promise<unknown> {
  const typed: Bundle<Kernels> = await instantiate<Kernels>(bytes, { imports: { env: { log: (n: number) => n } } });
  const sum: number = typed.kernels.scalar_add(40, 2);
  const bundle: Bundle = await instantiate(url, { initialize: false });
  bundle.initialize();
  const x: View<Float32Array> = bundle.put(new Float32Array([1, 2, 3]), 64);
  const kernel: Kernel | undefined = bundle.kernels["scalar_add"];
  const array: Float32Array = x.array;
  const view: View<BigInt64Array> = bundle.view(BigInt64Array, bundle.alloc(8), 1);
  const weight = bundle.params["net.weight"];
  const shape: number[] | undefined = weight?.shape;
  const y: Tensor<Float32Array> = tensor(bundle, x, [3]);
  const result: number | bigint | null = call(bundle, "net_conv2d", y, 1, 2n, null);
  const handle: number = bundle.find("scalar_add");
  const error: string | null = bundle.error();
  bundle.free(x);
  y.free();
  return [sum, kernel?.(1, 2), array.length, view.length, shape, result, handle, error, bundle.info.get("x")?.abi];
}
"""
# Each must be an error of the compiler.
MISTYPED = ["await instantiate(5);", "await instantiate(bytes, { initialise: true });",
            "typed.kernels.scalar_sub(1, 2);", "typed.kernels.scalar_add('1', 2);", "bundle.put([1, 2]);",
            "new Bundle();",
            "const n: number = bundle.error();", "tensor(bundle, [1]);"]

HEAD = 'schema = 1\npackage = { name = "made", version = "1.0.0" }\n'
GROWS = """
static int ready;
__attribute__((constructor)) static void start(void) { ready += 1; }
#define KERNEL __attribute__((visibility("default")))
KERNEL int grow(int pages) { return __builtin_wasm_memory_grow(0, pages); }
KERNEL int is_ready(void) { return ready; }
KERNEL float first(const float* x) { return x[0]; }
"""


class Package(host_case.HostTest):
    def test_size(self):
        self.assertLess((host_case.LOADER / "index.js").stat().st_size, 5000)
        self.assertLess((host_case.LOADER / "tvm.js").stat().st_size, 5000)

    def test_files(self):
        package = json.loads((host_case.LOADER / "package.json").read_text())
        present = {path.name for path in host_case.LOADER.iterdir() if path.suffix in (".js", ".ts")}
        self.assertEqual(set(package["files"]), present)
        targets = {target for entry in package["exports"].values()
                   for target in (entry.values() if isinstance(entry, dict) else [entry])}
        self.assertEqual({target.removeprefix("./") for target in targets}, present | {"package.json"})
        self.assertNotIn("dependencies", package)
        for name in present:  # nothing but each other
            text = (host_case.LOADER / name).read_text()
            self.assertLessEqual(set(re.findall(r'^import .* from ["\'](.*)["\']', text, re.MULTILINE)), {"./index.js"})

    def test_npm_pack(self):
        if not shutil.which("npm"):  # Debian's node comes without; test_files compares by hand what npm would take
            registries.skip("npm is not installed, so `npm pack --dry-run` was not run")
            self.skipTest("no npm")
        done = subprocess.run(["npm", "pack", "--dry-run", "--json", "--offline"], cwd=self.root / "integrations/js",
                              env={**os.environ, "npm_config_cache": str(self.root / "npm")}, capture_output=True,
                              text=True, timeout=120, check=True)
        files = {entry["path"] for entry in json.loads(done.stdout)[0]["files"]}
        self.assertEqual(files, {"README.md", "index.d.ts", "index.js", "package.json", "tvm.d.ts", "tvm.js"})

    def compile(self, source, *options):
        modules = self.folder / "node_modules"
        if not modules.exists():
            modules.mkdir()
            shutil.copytree(host_case.LOADER, modules / "wasmpack-loader")
        (self.folder / "main.ts").write_text(source)
        return subprocess.run([*TSC, "--noEmit", *options, "main.ts"], cwd=self.folder, capture_output=True, text=True,
                              timeout=120, check=False)

    def test_types(self):
        for libraries in ("es2021", "es2021,dom"):  # with and without the types of a browser
            done = self.compile(TYPED, "--lib", libraries)
            self.assertEqual((done.returncode, done.stdout), (0, ""), libraries)
        done = self.compile('import { instantiate } from "wasmpack-loader";\n'
                            'export const a = await instantiate(new URL("https://example.org/")),\n'
                            '  b = await instantiate(fetch("k.wasm")), c = await instantiate(new ArrayBuffer(0)),\n'
                            '  d = await instantiate(new WebAssembly.Module(new Uint8Array(0)));\n',
                            "--lib", "es2021,dom", "--module", "es2022")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_mistakes_are_found(self):
        lines = "\n".join(f"  {line}" for line in MISTYPED)
        done = self.compile(TYPED.replace("  bundle.free(x);", f"{lines}\n  bundle.free(x);"), "--lib", "es2021")
        first = TYPED[:TYPED.index("  bundle.free(x);")].count("\n") + 1
        found = {int(line) for line in re.findall(r"^main\.ts\((\d+),", done.stdout, re.MULTILINE)}
        self.assertEqual(found, set(range(first, first + len(MISTYPED))), done.stdout)

    def test_types_of_bindgen_fit(self):
        self.run_commands("wasmpack bindgen kernels.wasm --lang ts -o kernels.ts")
        done = self.compile('import { instantiate } from "wasmpack-loader";\n'
                            'import type { Kernels } from "./kernels.js";\n'
                            'export async function run(bytes: Uint8Array): Promise<bigint> {\n'
                            '  return (await instantiate<Kernels>(bytes)).kernels.scalar_gcd(54n, 24n);\n}\n',
                            "--lib", "es2021")
        self.assertEqual((done.returncode, done.stdout), (0, ""))


class Loader(host_case.HostTest):
    def pack(self, name, manifest, **sources):
        """name.wasm of C sources, compiled to <key>.o."""
        for key, source in sources.items():
            (self.folder / f"{key}.c").write_text(source)
            self.run_commands(f"clang-22 --target=wasm32 -O2 -ffreestanding -c {key}.c -o {key}.o")
        (self.folder / f"{name}.toml").write_text(HEAD + manifest)
        self.run_commands(f"wasmpack pack {name}.toml --allow-outside -o {name}.wasm")

    def test_every_kernel(self):
        result = self.run_js("""
          const bundle = await instantiate(new URL('kernels.wasm', import.meta.url));
          bundle.initialize();
          const {kernels, params} = bundle;
          const x = bundle.put(new Float32Array([1, 2, 3, 4, 5]));
          const y = bundle.put(new Float32Array([10, 20, 30, 40, 50]));
          kernels.vector_axpy(2, x, y, 5);
          const {weight, bias} = {weight: params['net.weight'], bias: params['net.bias']};
          const tensors = [tensor(bundle, Float32Array.from({length: 128}, (_, i) => i % 9 - 4), [1, 2, 8, 8]),
            tensor(bundle, weight.view, weight.shape), tensor(bundle, bias.view),
            tensor(bundle, new Float32Array(144), [1, 4, 6, 6])];
          const returned = call(bundle, 'net_conv2d', ...tensors);
          return {registered: kernels.registered(), add: kernels.scalar_add(40, 2), gcd: kernels.scalar_gcd(54n, 24n),
            mix: kernels.scalar_mix(2, 4, 0.25), ramp: kernels.vector_ramp(), axpy: y.array, conv2d: tensors[3].array,
            returned, names: Object.keys(kernels), same: kernels.scalar_add === kernels.scalar_add,
            handles: Object.keys(kernels).map((name) => bundle.find(name)), unknown: bundle.find('scalar_ad'),
            absent: [kernels.toString ?? null, kernels.__proto__ ?? null, params.constructor ?? null],
            info: bundle.info.get('net_conv2d'), libraries: bundle.libraries, name: bundle.manifest.package.name,
            weight: [weight.dtype, weight.shape, weight.bytes, weight.view.length], error: bundle.error()};""")
        for name, value in host_case.expected_values().items():
            self.assertEqual(result[name], str(value) if name == "gcd" else value, name)
        names = ["net_conv2d", "registered", "scalar_add", "scalar_gcd", "scalar_half", "scalar_mix", "vector_axpy",
                 "vector_ramp"]
        self.assertEqual(result["names"], names)
        self.assertEqual(result["handles"], list(range(len(names))))
        self.assertEqual((result["unknown"], result["same"], result["returned"]), (-1, True, None))
        self.assertEqual(result["absent"], [None, None, None])
        self.assertEqual(result["info"], {"handle": 0, "abi": 4, "signature": "iiii:i", "library": 3})
        self.assertEqual(result["libraries"], ["operations", "scalar", "vector", "net"])
        self.assertEqual(result["name"], "kernels")
        self.assertEqual(result["weight"], [2, [4, 2, 3, 3], 288, 72])
        self.assertIsNone(result["error"])

    def test_failed_calls_of_tvm(self):
        result = self.run_js("""
          const bundle = await instantiate(fs.readFileSync('kernels.wasm'));
          const x = tensor(bundle, new Float32Array(4));
          return {few: await message(() => call(bundle, 'net_conv2d', x)), error: bundle.error(3),
            other: bundle.error(0), unknown: await message(() => call(bundle, 'conv')),
            plain: await message(() => call(bundle, 'scalar_add')),
            shape: await message(() => tensor(bundle, new Float32Array(4), [5])),
            argument: await message(() => call(bundle, 'net_conv2d', 'text'))};""")
        self.assertRegex(result["few"], "^TypeError: Expected 4 arguments")
        self.assertEqual(result["error"], result["few"])
        self.assertIsNone(result["other"])
        self.assertEqual(result["unknown"], "no kernel conv")
        self.assertEqual(result["plain"], "kernel scalar_add is not TVM's: abi 0")
        self.assertEqual(result["shape"], "shape [5] does not have 4 elements")
        self.assertEqual(result["argument"], "arguments are tensors, numbers (float), bigints (int) or null")

    def test_every_calling_convention_of_tvm(self):
        for generation, abi in ((0, 1), (1, 2), (2, 3), (6, 4)):
            source = host_case.ROOT / "testdata/tvm" / f"g{generation}.ll"
            self.run_commands(f"llc-22 -O2 -filetype=obj -relocation-model=static {source} -o g.o")
            self.pack("tvm", '[[library]]\nname = "g"\ninputs = ["g.o"]\n')
            result = self.run_js("""
              const bundle = await instantiate(fs.readFileSync('tvm.wasm'));
              const x = tensor(bundle, new Float32Array([1, 2, 3, 4])), y = tensor(bundle, new Float32Array(4));
              call(bundle, 'scaled', x, y, 2.5);
              return {abi: bundle.info.get('scaled').abi, y: y.array};""")
            # The fixture's `scaled` adds the number of its generation.
            self.assertEqual(result, {"abi": abi, "y": [2.5 * x + generation for x in (1, 2, 3, 4)]}, f"G{generation}")

    def test_views_survive_growth(self):
        self.pack("grows", '[[library]]\nname = "grows"\ninputs = ["grows.o"]\n', grows=GROWS)
        result = self.run_js("""
          const bundle = await instantiate(fs.readFileSync('grows.wasm'));
          const x = bundle.put(new Float32Array([1.5, 2, 3])), old = x.array;
          bundle.kernels.grow(3);
          const filled = bundle.put(fs.readFileSync('weights.bin'));
          const large = bundle.put(new Uint8Array(1 << 20).fill(7));
          x.array[0] = 9;
          return {old: old.length, array: x.array, first: bundle.kernels.first(x), aligned: x.address % 16,
            bytes: [filled.length, filled.array.constructor.name], large: large.array[(1 << 20) - 1],
            none: await message(() => bundle.alloc(0xfffffff0)),
            ints: bundle.put(new BigInt64Array([-5n, 7n])).array, ready: bundle.kernels.is_ready()};""")
        self.assertEqual(result, {
            "old": 0, "array": [9, 2, 3], "first": 9, "aligned": 0, "bytes": [288, "Uint8Array"], "large": 7,
            "none": "no memory for 4294967280 bytes", "ints": ["-5", "7"], "ready": 1})

    def test_kernels_that_are_no_exports(self):
        self.pack("hidden", '[bundle]\nexport-kernels = false\n[[library]]\nname = "g"\ninputs = ["g.o"]\n', g=GROWS)
        result = self.run_js("""
          const bundle = await instantiate(fs.readFileSync('hidden.wasm'), {initialize: false});
          return [bundle.exports.is_ready ?? null, bundle.kernels.is_ready()];""")
        self.assertEqual(result, [None, 1])

    def test_imports(self):
        source = """void host_log(int) __attribute__((import_module("env"), import_name("log")));
            extern int twice(int) __attribute__((import_module("math"), import_name("twice")));
            __attribute__((visibility("default"))) int run(int n) { host_log(n); return twice(n); }"""
        self.pack("imports", '[bundle]\nallow-imports = ["env.log", "math.twice"]\n'
                  'memory = { import = true, initial = "256KiB" }\n'
                  '[[library]]\nname = "i"\ninputs = ["i.o"]\n', i=source)
        result = self.run_js("""
          const bytes = fs.readFileSync('imports.wasm'), log = [];
          const imports = {env: {log: (n) => log.push(n)}, math: {twice: (n) => 2 * n}};
          const made = await instantiate(bytes, {imports});
          const memory = new WebAssembly.Memory({initial: 9});
          const given = await instantiate(bytes, {imports: {...imports, env: {...imports.env, memory}}});
          return {result: made.kernels.run(21), log, pages: made.exports.memory.buffer.byteLength >> 16,
            given: given.exports.memory === memory, left: Object.keys(imports.env),
            none: await message(() => instantiate(bytes)),
            one: await message(() => instantiate(bytes, {imports: {env: imports.env}}))};""")
        self.assertEqual(result, {
            "result": 42, "log": [21], "pages": 4, "given": True, "left": ["log"],
            "none": "the bundle imports env.log (function), math.twice (function)",
            "one": "the bundle imports math.twice (function)"})

    def test_external_params_and_stripped_sections(self):
        (self.folder / "data.bin").write_bytes(bytes(range(8)))
        params = "".join(f'[[param]]\nname = "{name}"\npath = "data.bin"\ndtype = "{dtype}"\nshape = {shape}\n{more}'
                         for name, dtype, shape, more in (("e", "uint8", "[8]", 'embed = "external"\n'),
                                                          ("h", "float16", "[2, 2]", ""), ("l", "int64", "[]", ""),
                                                          ("t", "bool", "[8]", "")))
        self.pack("params", '[[library]]\nname = "g"\ninputs = ["g.o"]\n' + params, g=GROWS)
        self.run_commands("cp params.wasm bare.wasm; wasm-strip bare.wasm")
        script = """
          const {params, manifest} = await instantiate(fs.readFileSync('%s'));
          return {names: Object.keys(params), e: params.e, h: [params.h.shape, params.h.view.array],
            l: [params.l.shape, params.l.view.array], t: params.t.view.array, keys: Object.keys(manifest).length};"""
        for module, keys in (("params.wasm", True), ("bare.wasm", False)):
            result = self.run_js(script % module)
            self.assertEqual(bool(result.pop("keys")), keys)
            self.assertEqual(result, {
                "names": ["e", "h", "l", "t"], "e": {"dtype": 9, "shape": [8], "bytes": 8, "view": None},
                "h": [[2, 2], [0x100, 0x302, 0x504, 0x706]], "l": [[], [str(0x706050403020100)]],
                "t": list(range(8))})

    def test_what_is_no_bundle(self):
        (self.folder / "newer.wat").write_text(
            '(module (memory (export "memory") 1)\n'
            '  (func (export "wasmpack_query") (param i32) (result i32) (i32.const 0)))\n')
        self.run_commands("wat2wasm newer.wat -o newer.wasm; echo '(module (import \"a\" \"b\" (func)))' >other.wat;"
                          "wat2wasm other.wat -o other.wasm")
        result = self.run_js("""
          const file = (name) => message(() => instantiate(new URL(name, import.meta.url)));
          const answer = (type) =>
            message(() => instantiate(new Response('<html>', {headers: {'content-type': type}})));
          return {newer: await file('newer.wasm'), other: await file('other.wasm'), text: await file('README.md'),
            bytes: await message(() => instantiate(new Uint8Array(0))), absent: await file('absent.wasm'),
            response: await answer('text/html'), streamed: await answer('application/wasm')};""")
        self.assertEqual(result["newer"], "the bundle needs a loader of a newer ABI than 1")
        self.assertEqual(result["other"], "not a bundle of wasmpack")
        self.assertEqual((result["text"], result["bytes"]), ("not a WebAssembly module",) * 2)
        self.assertIn("no such file", result["absent"])
        self.assertEqual(result["response"], " (text/html): not a WebAssembly module")
        self.assertIn("compileStreaming", result["streamed"])  # the engine's own words

    def test_wasi(self):
        result = self.run_js("""
          const {WASI} = await import('node:wasi');
          const wasi = new WASI({version: 'preview1'});
          const bundle = await instantiate(fs.readFileSync('kernels.wasm'),
            {imports: {wasi_snapshot_preview1: wasi.wasiImport}, initialize: false});
          wasi.initialize({exports: bundle.exports});
          return bundle.kernels.registered();""")
        self.assertEqual(result, 2)

    def test_the_readme(self):
        """Its examples run: the first two blocks, one after the other."""
        text = (host_case.LOADER / "README.md").read_text()
        blocks = [content for language, _, content in host_case.BLOCK.findall(text) if language == "js"]
        body = "\n".join(line for block in blocks for line in block.splitlines() if not line.startswith("import "))
        self.assertEqual(len(blocks), 2)
        result = self.run_js("const lines = [], console = {log: (a) => lines.push([...a])};\n" + body +
                             "\nreturn [lines, result.array.length];")
        self.assertEqual(result, [[[2, 4, 6]], 144])


if __name__ == "__main__":
    unittest.main()
