"""What the tests of TVM libraries share: the fixtures of testdata/tvm and JavaScript with tvm.mjs at hand."""

import json
import os
import pathlib

from bundles import HERE, BundleTest

ROOT = pathlib.Path(os.environ.get("WASMPACK_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
FIXTURES = ROOT / "testdata" / "tvm"

KERNELS = ["doubled", "far_doubled", "matmul", "scaled", "softmax"]  # of g0.ll to g6.ll
ABI = [1, 2, 3, 4, 4, 4, 4]  # of docs/bundle-abi.md, by generation
CONTEXT = ["__tvm_module_ctx"] * 3 + ["__tvm_ffi_library_ctx"] + ["__tvm_ffi__library_ctx"] * 3
SYMBOL_PREFIX = [""] * 4 + ["__tvm_ffi_"] * 3

# wasm would trap in such a call.
KIND_ERROR = "function `%s` is of a kind that its caller cannot call"


class TvmTest(BundleTest):
    def compile_generation(self, g, output=None, relocation_model="static"):
        """g<N>.o from g<N>.ll. Old LLVM made static code for wasm whatever it was asked for; TVM always asks for pic."""
        self.run_tool("llc-22", "-O2", "-filetype=obj", f"-relocation-model={relocation_model}", FIXTURES / f"g{g}.ll", "-o",
                      output or f"g{g}.o")

    def compile_file(self, name, *options):
        """<name>.o from <name>.c of the fixtures."""
        self.run_tool("clang-22", "--target=wasm32", "-O2", "-ffreestanding", *options, "-c", FIXTURES / f"{name}.c", "-o",
                      f"{name}.o")

    def run_tvm(self, script, imports="{}"):
        """As run_js, with what tvm.mjs has, a loaded and initialized `bundle`, its exports `e` and a `tvm` over it."""
        return self.run_js(f"""
          const {{Tvm, TensorObject, expected, close}} = await import({json.dumps(str(HERE / 'tvm.mjs'))});
          const bundle = await load(path, {imports}), {{exports: e}} = bundle;
          e._initialize();
          const tvm = new Tvm(bundle);
          const numbers = (n, seed) => Array.from({{length: n}}, (_, i) => (i * 7 + seed) % 11 - 5);
          {script}""")
