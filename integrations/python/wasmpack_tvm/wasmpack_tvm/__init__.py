"""Kernels that TVM compiled, in one WebAssembly module that needs neither TVM's runtime nor dlopen.

    lib = tvm.compile(module.with_attr("system_lib_prefix", ""), target=tvm.target.Target(wasmpack_tvm.target()))
    lib.export_library("kernels.wasm", fcompile=wasmpack_tvm.bundle(prefix="net_"))

Needs the command `wasmpack` (its path in the environment variable WASMPACK, or in PATH), and TVM 0.26 or newer. docs/getting-started-tvm.md
begins at the beginning."""

from ._command import WasmpackError, WasmpackWarning, find_command
from ._export import bundle, library
from ._measure import Measurement, measure
from ._split import Split, Step, split

__all__ = ["Measurement", "Split", "Step", "WasmpackError", "WasmpackWarning", "bundle", "find_command", "library", "measure", "split",
           "target"]


def target(*, simd=True, features=()):
    """What tvm.target.Target takes for wasm32: WebAssembly with 128-bit vectors unless `simd` is False, and with further
    `features` of LLVM ("relaxed-simd", "bulk-memory")."""
    wanted = [*(["simd128"] if simd else []), *features]
    return {"kind": "llvm", "mtriple": "wasm32-unknown-unknown-wasm", "mattr": [f"+{name.lstrip('+')}" for name in wanted]}
