# ctest: timeout=600
"""`optimize` of whole bundles: same results, less code, sections kept; another wasm-opt; features Binaryen does not know.

optimize_test.cpp compares single modules with what wasm-opt makes of them.
"""

import os
import re
import subprocess
import unittest

from bundles import WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
SOURCE = f"""
static volatile int state;
__attribute__((constructor)) static void c(void) {{ state = 1000; }}
static int step(int a, int b) {{ return a * 31 + b; }}
{VISIBLE}int hash(int n) {{ int h = state; for (int i = 0; i < n; ++i) h = step(h, i); return h; }}
{VISIBLE}double mix(double a, int n) {{ double s = 0; for (int i = 1; i <= n; ++i) s += a / i; return s; }}
{VISIBLE}long long wide(long long a) {{ return a * a + state; }}
"""
LEVELS = ("O1", "O2", "O3", "O4", "Os", "Oz")
CALLS = "const {exports: e} = await load(path); e._initialize();" \
        "return [e.hash(100), e.mix(2.5, 50), e.wide(123456789n).toString()];"


class Optimize(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("x", SOURCE, "-O0")
        self.compile("y", SOURCE)
        self.libraries = [library("x", prefix="x_"), library("y")]

    def code_size(self):
        headers = self.run_tool("wasm-objdump", "-h", "out.wasm").stdout
        return int(re.search(r"Code start=\S+ end=\S+ \(size=0x([0-9a-f]+)\)", headers)[1], 16)

    def custom_sections(self, name="out.wasm"):
        headers = self.run_tool("wasm-objdump", "-h", name).stdout
        return re.findall(r'Custom .* "([^"]+)"', headers)

    def features(self):
        """The bytes of target_features, as Node sees the section."""
        return self.run_js("const [s] = WebAssembly.Module.customSections((await load(path)).module, 'target_features');"
                           "return Buffer.from(s).toString('hex');")

    def test_every_level(self):
        self.pack(*self.libraries)
        plain, size, features = self.run_js(CALLS), self.code_size(), self.features()
        sections, exports = self.custom_sections(), self.export_types()
        for level in LEVELS:
            with self.subTest(level):
                self.pack(*self.libraries, bundle=f'optimize = "{level}"')
                self.assertEqual(self.messages, "")
                self.assertEqual(self.run_js(CALLS), plain)
                self.assertLess(self.code_size(), size)
                self.assertEqual(self.features(), features)
                self.assertEqual(self.custom_sections(), sections)
                self.assertEqual(self.export_types(), exports)
                self.assertIn("<hash>", self.run_tool("wasm-objdump", "-x", "-j", "Function", "out.wasm").stdout)

    def export_types(self):
        text = self.run_tool("wasm-objdump", "-x", "-j", "Export", "out.wasm").stdout
        return sorted(re.findall(r'-> "([^"]+)"', text))

    def test_without_names(self):
        self.pack(*self.libraries, bundle='optimize = "O2"\nstrip = "all"')
        self.assertNotIn("name", self.custom_sections())
        self.assertNotIn(b"step", (self.folder / "out.wasm").read_bytes())
        self.assertIn("target_features", self.custom_sections())
        self.run_js(CALLS)

    def test_in_every_init_mode(self):
        self.pack(*self.libraries)
        expected = self.run_js(CALLS)
        for init in ("start", "lazy", "snapshot"):
            self.pack(*self.libraries, bundle=f'optimize = "O3"\ninit = "{init}"')
            self.assertEqual(self.run_js(CALLS), expected)


class AnotherWasmOpt(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("x", SOURCE, "-O0")

    def pack_with(self, *options, environment=None):
        self.manifest(library("x"), bundle='optimize = "O2"')
        return subprocess.run([WASMPACK, "pack", "k.toml", "-o", "out.wasm", *options], cwd=self.folder, text=True,
                              capture_output=True, check=False, timeout=120, env={**os.environ, **(environment or {})})

    def recorder(self):
        """A wasm-opt that writes down that it was asked."""
        self.write("my-opt", f'#!/bin/sh\necho "$@" > {self.folder}/asked\nexec /usr/bin/wasm-opt "$@"\n').chmod(0o755)
        return f"{self.folder}/my-opt"

    def test_by_option_and_by_environment(self):
        for options, environment in ((("--wasm-opt", self.recorder()), None), ((), {"WASM_OPT": self.recorder()}),
                                     (("--wasm-opt", self.recorder()), {"WASM_OPT": "/none"})):
            done = self.pack_with(*options, environment=environment)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("-O2", (self.folder / "asked").read_text())
            (self.folder / "asked").unlink()
            self.assertEqual(self.run_js(CALLS.replace("x_", ""))[0], self.expected())

    def expected(self):
        h = 1000
        for i in range(100):
            h = (h * 31 + i) & 0xffffffff
        return h - 2**32 if h >= 2**31 else h

    def test_debians_gives_what_the_built_in_one_gives(self):
        self.assertEqual(self.pack_with().returncode, 0)
        own = (self.folder / "out.wasm").read_bytes()
        self.assertEqual(self.pack_with("--wasm-opt", "/usr/bin/wasm-opt").returncode, 0)
        self.assertEqual((self.folder / "out.wasm").read_bytes(), own)

    def test_one_that_is_missing_is_an_error(self):
        done = self.pack_with("--wasm-opt", "none/wasm-opt")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none/wasm-opt: cannot run this wasm-opt: No such file or directory [child-missing]\n  help: ", done.stderr)
        self.assertFalse((self.folder / "out.wasm").exists())

    def test_one_that_fails_leaves_the_module_unoptimized(self):
        done = self.pack_with("--wasm-opt", "/bin/false")
        self.assertEqual(done.returncode, 0)
        self.assertIn("warning: the module was not optimized: /bin/false failed with exit code 1", done.stderr)
        self.run_tool("wasm-validate", "out.wasm")

    def test_none_is_asked_when_nothing_is_optimized(self):
        self.manifest(library("x"))
        done = self.run_tool(WASMPACK, "pack", "k.toml", "-o", "out.wasm", "--wasm-opt", "/none")
        self.assertEqual(done.stderr, "")


class UnknownFeatures(BundleTest):
    def test_relaxed_simd_is_packed_but_not_optimized(self):
        self.compile("x", "#include <wasm_simd128.h>\n" + VISIBLE + """
          float fused(const float* a) {
            v128_t v = wasm_v128_load(a);
            v = wasm_f32x4_relaxed_madd(v, v, v);
            return wasm_f32x4_extract_lane(v, 0);
          }""", "-msimd128", "-mrelaxed-simd")
        self.manifest(library("x"), bundle='optimize = "O2"')
        done = self.run_tool(WASMPACK, "pack", "k.toml", "-o", "out.wasm")
        self.assertIn("note: the module was not optimized: the built-in Binaryen cannot read the target feature `relaxed-simd` [optimize]\n"
                      "  help: give a newer wasm-opt with `--wasm-opt FILE` or in the environment variable WASM_OPT", done.stderr)
        self.assertNotIn("warning", done.stderr)
        first = (self.folder / "out.wasm").read_bytes()
        self.manifest(library("x"))
        self.run_tool(WASMPACK, "pack", "k.toml", "-o", "plain.wasm")
        self.assertEqual((self.folder / "plain.wasm").read_bytes(), first)


if __name__ == "__main__":
    unittest.main()
