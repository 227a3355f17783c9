# ctest: timeout=120
"""The functions that come with wasmpack: the list is closed, and kernels without a C library compute with them."""

import math
import os
import pathlib
import unittest

from bundles import BundleTest, library

ARCHIVE = pathlib.Path(os.environ["WASMPACK_BUILD_DIR"]) / "runtime" / "builtins.a"


class Builtins(BundleTest):
    def test_no_member_needs_anything_else(self):
        self.run_tool("wasm-ld-22", "--no-entry", "--whole-archive", ARCHIVE, "-o", "all.wasm")
        self.assertNotIn("Import[", self.run_tool("wasm-objdump", "-x", "all.wasm").stdout)

    def test_they_compute(self):
        unary = ["exp", "log", "sin", "cos", "tan", "tanh", "atan", "erf", "cbrt", "log1p", "expm1", "lgamma"]
        source = '#define E __attribute__((visibility("default")))\n'
        for name in unary:
            source += f"double {name}(double); E double k_{name}(double x) {{ return {name}(x); }}\n"
        source += ("double pow(double, double); E double k_pow(double x, double y) { return pow(x, y); }\n"
                   "E double k_wide(double x, double y) { return (double)((unsigned __int128)x * 3 / (unsigned __int128)y); }\n"
                   "E float k_half(float x) { volatile __fp16 half = x; return half; }\n")
        self.compile("k", source, "-fno-builtin")
        self.pack(library("k"))
        result = self.run_js(f"""
          const {{exports: e}} = await load(path);
          return {{unary: {unary}.map((name) => e['k_' + name](0.7)), pow: e.k_pow(0.7, 2.5), wide: e.k_wide(1e25, 7),
                   half: e.k_half(0.1)}};""")
        for name, value in zip(unary, result["unary"], strict=True):
            expected = math.copysign(abs(0.7) ** (1 / 3), 0.7) if name == "cbrt" else getattr(math, name)(0.7)
            self.assertAlmostEqual(value, expected, delta=1e-15, msg=name)
        self.assertAlmostEqual(result["pow"], 0.7 ** 2.5, delta=1e-15)
        self.assertAlmostEqual(result["wide"], int(1e25) * 3 // 7, delta=1e9)
        self.assertEqual(result["half"], 0.0999755859375)  # the nearest number of half precision


if __name__ == "__main__":
    unittest.main()
