"""Compiles four libraries with TVM for wasm32 with 128-bit vectors and makes build/kernels.wasm of them, and build/cases.json:
calls with their inputs, what numpy makes of the same, and how far a result may be from that.

    one     matmul and softmax, handed over as TVM's own tar file
    two     matmul and softmax again: other functions under the same names
    conv    conv2d + bias + relu
    digits  a model of five layers, from Relax
"""

import json
import pathlib

import numpy as np
import tvm
from tvm import s_tir, te
from tvm.relax.frontend import nn

import wasmpack_tvm

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE / "build"
TARGET = tvm.target.Target(wasmpack_tvm.target())
RANDOM = np.random.default_rng(27)


def compile_library(functions):
    """A system library of TensorIR functions, {name: function or schedule}."""
    functions = {name: f.mod["main"] if isinstance(f, s_tir.Schedule) else f for name, f in functions.items()}
    module = tvm.IRModule({name: f.with_attr("global_symbol", name) for name, f in functions.items()})
    return tvm.compile(module.with_attr("system_lib_prefix", ""), target=TARGET)


def schedule(*tensors):
    return s_tir.Schedule(te.create_prim_func(list(tensors)))


def matmul(n, transposed):
    """a b, or a bT: four columns at a time."""
    a, b = (te.placeholder((n, n), name=name) for name in "ab")
    k = te.reduce_axis((0, n), name="k")
    sch = schedule(a, b, te.compute((n, n), lambda i, j: te.sum(a[i, k] * (b[j, k] if transposed else b[k, j]), axis=k), name="c"))
    block = sch.get_sblock("c")
    i, j, k = sch.get_loops(block)
    outer, inner = sch.split(j, factors=[None, 4])
    sch.reorder(i, outer, k, inner)
    sch.vectorize(inner)
    return sch


def softmax(rows, columns):
    """Of each row; rows in parallel, as far as the host has threads."""
    x = te.placeholder((rows, columns), name="x")
    k = [te.reduce_axis((0, columns), name=f"k{i}") for i in range(2)]
    top = te.compute((rows,), lambda i: te.max(x[i, k[0]], axis=k[0]), name="top")
    power = te.compute((rows, columns), lambda i, j: te.exp(x[i, j] - top[i]), name="power")
    total = te.compute((rows,), lambda i: te.sum(power[i, k[1]], axis=k[1]), name="total")
    sch = schedule(x, te.compute((rows, columns), lambda i, j: power[i, j] / total[i], name="y"))
    for name in ("top", "power", "total", "y"):
        sch.parallel(sch.get_loops(sch.get_sblock(name))[0])
    return sch


def conv2d(channels, filters, size):
    """3 x 3, stride 1, no padding, then bias and relu."""
    out = size - 2
    x = te.placeholder((1, channels, size, size), name="x")
    weight = te.placeholder((filters, channels, 3, 3), name="weight")
    bias = te.placeholder((filters,), name="bias")
    c, i, j = (te.reduce_axis((0, n), name=name) for name, n in (("rc", channels), ("ri", 3), ("rj", 3)))
    conv = te.compute((1, filters, out, out), lambda n, f, y, z: te.sum(x[n, c, y + i, z + j] * weight[f, c, i, j], axis=[c, i, j]),
                      name="conv")
    zero = tvm.tirx.const(0, "float32")
    sch = schedule(x, weight, bias, te.compute((1, filters, out, out), lambda n, f, y, z: te.max(conv[n, f, y, z] + bias[f], zero),
                                               name="relu"))
    n, f, y, z, *reduced = sch.get_loops(sch.get_sblock("conv"))
    sch.reorder(n, f, y, *reduced, z)
    sch.vectorize(z)
    return sch


class Digits(nn.Module):
    """1 x 8 x 8 pixels to ten probabilities."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2D(1, 4, 3, bias=True)
        self.hidden = nn.Linear(4 * 6 * 6, 32)
        self.out = nn.Linear(32, 10)

    def forward(self, x):
        features = nn.op.reshape(nn.op.relu(self.conv(x)), (1, 4 * 6 * 6))
        return nn.op.softmax(self.out(nn.op.relu(self.hidden(features))))


def random(*shape):
    return RANDOM.standard_normal(shape).astype("float32")


def softmax_of(x):
    power = np.exp(x - x.max(axis=-1, keepdims=True))
    return power / power.sum(axis=-1, keepdims=True)


def conv2d_of(x, weight, bias):
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    return np.maximum(np.einsum("ncyzij,fcij->nfyz", windows, weight) + bias[:, None, None], 0)


def case(kernel, inputs, expected, tolerance):
    """One call. `tolerance` is what |result - expected| may be, beside as much of |expected|."""
    tensors = {f"x{i}": {"shape": x.shape, "data": x.ravel().tolist()} for i, x in enumerate(inputs)}
    tensors["y"] = {"shape": expected.shape}
    return {"name": kernel, "tensors": tensors, "calls": [[kernel, *tensors]], "result": "y",
            "expected": expected.ravel().tolist(), "tolerance": tolerance}


def model_case(split, x, expected, tolerance):
    """The calls of a model, one after the other."""
    tensors = {split.inputs[0]: {"shape": x.shape, "data": x.ravel().tolist()}}
    tensors |= {name: {"shape": array.shape, "param": name} for name, array in split.params.items()}
    tensors |= {step.output: {"shape": step.shape} for step in split.steps}
    calls = [[f"digits_{step.kernel}", *step.inputs, step.output] for step in split.steps]
    return {"name": "digits", "tensors": tensors, "calls": calls, "result": split.result,
            "expected": expected.ravel().tolist(), "tolerance": tolerance}


def main():
    BUILD.mkdir(exist_ok=True)
    one = compile_library({"matmul": matmul(64, False), "softmax": softmax(8, 100)})
    one.export_library(str(BUILD / "one.tar"))
    two = compile_library({"matmul": matmul(16, True), "softmax": softmax(2, 10)})
    two.export_library(str(BUILD / "two.o"), fcompile=wasmpack_tvm.library())
    conv = compile_library({"conv2d": conv2d(3, 8, 18)})
    conv.export_library(str(BUILD / "conv.o"), fcompile=wasmpack_tvm.library())

    model, declared = Digits().export_tvm(spec={"forward": {"x": nn.spec.Tensor((1, 1, 8, 8), "float32")}})
    weights = {name: random(*param.shape) / 4 for name, param in declared}
    digits = wasmpack_tvm.split(model, "forward", params=weights)
    library = tvm.compile(digits.kernels, target=TARGET)
    # The last library brings the bundle about: kernels.toml lists the others.
    fcompile = wasmpack_tvm.bundle(manifest=HERE / "kernels.toml", library="digits", prefix="digits_", params=digits.params)
    library.export_library(str(BUILD / "kernels.wasm"), fcompile=fcompile)

    a, b, rows, small = random(64, 64), random(64, 64), random(8, 100), random(2, 10)
    x, weight, bias = random(1, 3, 18, 18), random(8, 3, 3, 3), random(8)
    c, d = random(16, 16), random(16, 16)
    pixels = random(1, 1, 8, 8)
    hidden = conv2d_of(pixels, weights["conv.weight"], weights["conv.bias"]).reshape(1, -1)
    hidden = np.maximum(hidden @ weights["hidden.weight"].T + weights["hidden.bias"], 0)
    digit = softmax_of(hidden @ weights["out.weight"].T + weights["out.bias"])
    cases = [case("one_matmul", [a, b], a @ b, 1e-4), case("two_matmul", [c, d], c @ d.T, 1e-4),
             case("one_softmax", [rows], softmax_of(rows), 1e-5), case("two_softmax", [small], softmax_of(small), 1e-5),
             case("conv_conv2d", [x, weight, bias], conv2d_of(x, weight, bias), 1e-4),
             model_case(digits, pixels, digit, 1e-5)]
    (BUILD / "cases.json").write_text(json.dumps(cases))
    print(f"build/kernels.wasm: {(BUILD / 'kernels.wasm').stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
