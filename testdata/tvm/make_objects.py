#!/usr/bin/env python3
"""Makes the *.o of this folder with a real TVM: system libraries for wasm32 with simd128, as its LLVM code generator
writes them. The tests need no TVM, so the objects are committed.

    python3 -m venv /tmp/tvm && /tmp/tvm/bin/pip install apache-tvm==0.27.0.post1 numpy
    /tmp/tvm/bin/python testdata/tvm/make_objects.py

Its LLVM (22) has WebAssembly. The objects are position independent, as TVM's target machine always asks for; up to
LLVM 17 or so the wasm backend did not listen, so objects of an old TVM are not. Two runs give the same bytes.

file         kernels
real_one.o   matmul (16 x 16), scaled (parallel), softmax (workspace, exp, parallel), doubled (calls scaled by name)
real_two.o   the same names: matmul computes A B^T of 8 x 8, scaled adds 1, doubled calls that one
real_conv.o  conv2d: bias and relu on a 3 x 3 convolution; system_lib_prefix "net_", so TVM's own names have one
"""

import pathlib
import sys

import tvm
from tvm import te
from tvm.script import ir as I
from tvm.script import tirx as T

HERE = pathlib.Path(__file__).parent


@I.ir_module
class One:
    @T.prim_func
    def matmul(a: T.handle, b: T.handle, c: T.handle):
        T.func_attr({"global_symbol": "matmul"})
        A = T.match_buffer(a, (16, 16), "float32")
        B = T.match_buffer(b, (16, 16), "float32")
        C = T.match_buffer(c, (16, 16), "float32")
        for i in range(16):
            for j in T.vectorized(16):
                C[i, j] = T.float32(0)
            for k in range(16):
                for j in T.vectorized(16):
                    C[i, j] = C[i, j] + A[i, k] * B[k, j]

    @T.prim_func
    def scaled(a: T.handle, b: T.handle, s: T.float32):
        T.func_attr({"global_symbol": "scaled"})
        A = T.match_buffer(a, (1024,), "float32")
        B = T.match_buffer(b, (1024,), "float32")
        for i in T.parallel(1024):
            B[i] = A[i] * s

    @T.prim_func
    def softmax(a: T.handle, b: T.handle):
        T.func_attr({"global_symbol": "softmax"})
        A = T.match_buffer(a, (1024,), "float32")
        B = T.match_buffer(b, (1024,), "float32")
        exps = T.alloc_buffer((1024,), "float32")
        total = T.alloc_buffer((1,), "float32")
        for i in T.parallel(1024):
            exps[i] = T.exp(A[i])
        total[0] = T.float32(0)
        for i in range(1024):
            total[0] = total[0] + exps[i]
        for i in range(1024):
            B[i] = exps[i] / total[0]

    @T.prim_func
    def doubled(a: T.handle, b: T.handle):
        T.func_attr({"global_symbol": "doubled"})
        A = T.match_buffer(a, (1024,), "float32")
        B = T.match_buffer(b, (1024,), "float32")
        T.evaluate(T.call_packed(
            "scaled",
            T.tvm_stack_make_array(A.data, T.tvm_stack_make_shape(1024, dtype="handle"), 0, 1, T.float32(0), 0, dtype="handle"),
            T.tvm_stack_make_array(B.data, T.tvm_stack_make_shape(1024, dtype="handle"), 0, 1, T.float32(0), 0, dtype="handle"),
            T.float32(2)))


@I.ir_module
class Two:
    @T.prim_func
    def matmul(a: T.handle, b: T.handle, c: T.handle):
        T.func_attr({"global_symbol": "matmul"})
        A = T.match_buffer(a, (8, 8), "float32")
        B = T.match_buffer(b, (8, 8), "float32")
        C = T.match_buffer(c, (8, 8), "float32")
        for i in range(8):
            for j in range(8):
                C[i, j] = T.float32(0)
                for k in range(8):
                    C[i, j] = C[i, j] + A[i, k] * B[j, k]

    @T.prim_func
    def scaled(a: T.handle, b: T.handle, s: T.float32):
        T.func_attr({"global_symbol": "scaled"})
        A = T.match_buffer(a, (1024,), "float32")
        B = T.match_buffer(b, (1024,), "float32")
        for i in range(1024):
            B[i] = A[i] * s + T.float32(1)

    @T.prim_func
    def doubled(a: T.handle, b: T.handle):
        T.func_attr({"global_symbol": "doubled"})
        A = T.match_buffer(a, (1024,), "float32")
        B = T.match_buffer(b, (1024,), "float32")
        T.evaluate(T.call_packed(
            "scaled",
            T.tvm_stack_make_array(A.data, T.tvm_stack_make_shape(1024, dtype="handle"), 0, 1, T.float32(0), 0, dtype="handle"),
            T.tvm_stack_make_array(B.data, T.tvm_stack_make_shape(1024, dtype="handle"), 0, 1, T.float32(0), 0, dtype="handle"),
            T.float32(2)))


def make_conv():
    """2 input and 4 output channels on 8 x 8, from TVM's tensor expressions."""
    data = te.placeholder((1, 2, 8, 8), name="data")
    weight = te.placeholder((4, 2, 3, 3), name="weight")
    bias = te.placeholder((4,), name="bias")
    channel, y, x = (te.reduce_axis((0, n), name=name) for n, name in ((2, "rc"), (3, "ry"), (3, "rx")))
    conv = te.compute((1, 4, 6, 6), lambda n, o, i, j: te.sum(
        data[n, channel, i + y, j + x] * weight[o, channel, y, x], axis=[channel, y, x]), name="conv")
    relu = te.compute((1, 4, 6, 6), lambda n, o, i, j: te.max(conv[n, o, i, j] + bias[o], tvm.tirx.const(0, "float32")),
                      name="relu")
    function = te.create_prim_func([data, weight, bias, relu]).with_attr("global_symbol", "net_conv2d")
    return tvm.IRModule.from_expr(function)


def main():
    if "wasm32" not in tvm.target.codegen.llvm_get_targets():
        sys.exit("this TVM's LLVM has no WebAssembly")
    target = tvm.target.Target({"kind": "llvm", "mtriple": "wasm32-unknown-unknown-wasm", "mattr": ["+simd128"]})
    for name, module, prefix in (("real_one", One, ""), ("real_two", Two, ""), ("real_conv", make_conv(), "net_")):
        # The attribute, even if empty, makes it a system library.
        library = tvm.tirx.build(module.with_attr("system_lib_prefix", prefix), target=target)
        library.write_to_file(str(HERE / f"{name}.o"))


if __name__ == "__main__":
    main()
