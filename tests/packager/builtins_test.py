# ctest: timeout=300
"""What a library without a C library gets from wasmpack's builtins, and [features] of libraries and builtins."""

import ctypes
import math
import unittest

from bundles import BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '


class Builtins(BundleTest):
    def imports(self):
        return self.run_js("return WebAssembly.Module.imports((await load(path)).module);")

    def test_math_strings_and_wide_arithmetic(self):
        self.compile("x", f"""
          float expf(float); double sin(double); double pow(double, double); float tanhf(float);
          void* memcpy(void*, const void*, unsigned long); void* memset(void*, int, unsigned long);
          {VISIBLE}float exponential(float a) {{ return expf(a); }}
          {VISIBLE}double sine(double a) {{ return sin(a); }}
          {VISIBLE}double power(double a, double b) {{ return pow(a, b); }}
          {VISIBLE}float hyperbolic(float a) {{ return tanhf(a); }}
          {VISIBLE}int half(float a) {{ __fp16 h = a; short bits; __builtin_memcpy(&bits, &h, 2); return bits & 0xffff; }}
          {VISIBLE}float single(int bits) {{ short s = bits; __fp16 h; __builtin_memcpy(&h, &s, 2); return h; }}
          {VISIBLE}long long high(long long a, long long b) {{ return (__int128)a * b >> 64; }}
          {VISIBLE}long long quotient(long long a, long long b) {{ return (((__int128)a << 20) / b) >> 3; }}
          static char from[3000] = "text", to[3000];
          {VISIBLE}int copy(int n) {{ memset(to, 1, sizeof to); memcpy(to, from, n); return to[0] + to[n]; }}""",
                     "-mno-bulk-memory", "-fno-builtin")
        self.pack(library("x"))
        self.assertEqual(self.imports(), [])
        result = self.run_js("""
          const {exports: e} = await load(path);
          return [e.exponential(1.5), e.sine(2), e.power(1.5, 2.5), e.hyperbolic(0.25), e.half(1.5), e.single(0x3e00),
                  e.high(2n ** 62n, -12n).toString(), e.quotient(10n ** 17n, 7n).toString(), e.copy(100)];""")
        self.assertAlmostEqual(result[0], math.exp(1.5), places=5)
        self.assertAlmostEqual(result[1], math.sin(2), places=14)
        self.assertAlmostEqual(result[2], 1.5**2.5, places=14)
        self.assertAlmostEqual(result[3], math.tanh(0.25), places=6)
        self.assertEqual(result[4:6], [0x3e00, 1.5])
        self.assertEqual(result[6:8], [str(2**62 * -12 >> 64), str(ctypes.c_int64((10**17 << 20) // 7 >> 3).value)])
        self.assertEqual(result[8], ord("t") + 1)

    def test_what_a_library_defines_itself_wins(self):
        own = "int marker; void* memcpy(void* to, const void* from, unsigned long n) {{ marker = {}; return to; }}\n"
        use = VISIBLE + "int used(void) { char a[9], b[9]; memcpy(a, b, 9); return marker; }"
        for name, number in (("x", 11), ("y", 22)):
            self.compile(name, own.format(number) + use, "-fno-builtin", "-mno-bulk-memory")
        self.compile("z", f"void* memcpy(void*, const void*, unsigned long);\nstatic char a[9], b[9] = \"z\";\n"
                     f"{VISIBLE}int used(void) {{ memcpy(a, b, 9); return a[0]; }}", "-fno-builtin", "-mno-bulk-memory")
        self.pack(*[library(name, prefix=f"{name}_", kernels=["used"]) for name in "xyz"])
        self.assertEqual(self.run_js("const {exports: e} = await load(path); return [e.x_used(), e.y_used(), e.z_used()];"),
                         [11, 22, ord("z")])

    def test_one_that_another_library_shares_wins_too(self):
        self.compile("x", "float expf(float a) { return a * 100; }\n" + VISIBLE + "int f(void) { return 0; }")
        self.compile("y", "float expf(float);\n" + VISIBLE + "float g(float a) { return expf(a); }", "-fno-builtin")
        self.pack(library("x", keep_global=["expf"], kernels=["f"]), library("y"))
        self.assertEqual(self.run_js("return (await load(path)).exports.g(2);"), 200)
        self.pack(library("x", kernels=["f"]), library("y"))
        self.assertAlmostEqual(self.run_js("return (await load(path)).exports.g(2);"), math.exp(2), places=4)

    def test_only_what_is_needed_is_taken(self):
        self.compile("x", VISIBLE + "int f(void) { return 1; }")
        small = len(self.pack(library("x")).read_bytes())
        self.compile("x", "double sin(double);\n" + VISIBLE + "double f(double a) { return sin(a); }")
        self.assertGreater(len(self.pack(library("x")).read_bytes()), small + 1000)
        self.assertLess(small, 5000)

    def test_what_nobody_has_names_the_functions_that_need_it(self):
        self.compile("x", "double lgamma_magic(double);\n" + "".join(
            f"{VISIBLE}double user{i}(double a) {{ return lgamma_magic(a) + {i}; }}\n" for i in range(6)))
        self.assertIn("undefined symbol: lgamma_magic [undefined-symbol]\n  note: needed by `user0`, `user1`, `user2`, `user3` and 2 more of library `x`\n  help: ",
                      self.refuse(library("x")))
        self.compile("y", "double lgamma_magic(double);\n" + VISIBLE + "double other(double a) { return lgamma_magic(a); }")
        messages = self.refuse(library("x"), library("y"))
        self.assertIn("  note: needed by `other` of library `y`\n", messages)
        self.assertIn("and 2 more of library `x`\n", messages)


class Features(BundleTest):
    SIMD = ("#include <wasm_simd128.h>\n" + VISIBLE
            + "int f(int a) { v128_t v = wasm_i32x4_splat(a); return wasm_i32x4_extract_lane(wasm_i32x4_add(v, v), 2); }")
    PLAIN = VISIBLE + "int f(int a) { return a; }"

    def validate_first_version(self):
        self.run_tool("wasm-validate", "--disable-bulk-memory", "--disable-sign-extension", "--disable-multi-value",
                      "--disable-saturating-float-to-int", "--disable-reference-types", "--disable-mutable-globals",
                      "--disable-simd", "out.wasm")

    def test_a_denied_feature_names_the_library(self):
        self.compile("simd", self.SIMD, "-msimd128")
        self.compile("plain", self.PLAIN)
        libraries = [library("one", "plain.o", prefix="p_"), library("two", "simd.o")]
        self.pack(*libraries)
        self.pack(*libraries, more='[features]\ndeny = ["relaxed-simd"]\n')
        messages = self.refuse(*libraries, more='[features]\ndeny = ["simd128"]\n')
        self.assertIn("k.toml:9:1: library `two` uses the feature `simd128`, but `deny` in [features] lists it [feature-not-allowed]\n  help: compile it with "
                      "-mno-simd128, or allow the feature", messages)
        self.assertNotIn("library `one`", messages)

    def test_only_allowed_features(self):
        self.compile("simd", self.SIMD, "-mcpu=mvp", "-msimd128")
        self.compile("plain", self.PLAIN, "-mcpu=mvp")
        self.assertIn("library `simd` uses the feature `simd128`, but `allow` in [features] does not list it",
                      self.refuse(library("simd"), more="[features]\nallow = []\n"))
        allow = '[features]\nallow = ["simd128"]\n'
        # The bundle's own runtime must not bring what nobody allowed.
        self.pack(library("simd"), library("plain", prefix="p_"), more=allow)
        self.assertEqual(self.run_js("return (await load(path)).exports.f(21);"), 42)
        self.pack(library("plain"), more="[features]\nallow = []\n")

    def test_a_module_of_the_first_version_of_wasm(self):
        self.compile("plain", self.PLAIN, "-mcpu=mvp")
        self.pack(library("plain"), more="[features]\nallow = []\n")
        self.validate_first_version()

    def test_builtins_bring_no_feature_that_is_not_allowed(self):
        self.compile("x", f"""
          double pow(double, double); float expf(float); void* memcpy(void*, const void*, unsigned long);
          static char a[100], b[100];
          {VISIBLE}double f(double x, int n) {{ memcpy(a, b, n); return pow(x, expf(x)); }}""", "-mcpu=mvp", "-fno-builtin")
        self.pack(library("x"), more="[features]\nallow = []\n")
        self.validate_first_version()

    def test_names_with_a_sign_are_refused(self):
        self.compile("x", self.PLAIN)
        for key in ("allow", "deny"):
            self.assertIn("features stand without + or -", self.refuse(library("x"), more=f'[features]\n{key} = ["+simd128"]\n'))


if __name__ == "__main__":
    unittest.main()
