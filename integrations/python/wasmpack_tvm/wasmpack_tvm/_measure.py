"""Measures kernels on a WebAssembly engine, for those who compare candidates: `wasmpack run --bench` (docs/run.md)."""

import dataclasses
import json
import os
import pathlib
import tempfile

from . import _command
from ._command import WasmpackError


@dataclasses.dataclass(frozen=True)
class Measurement:
    """`median` and `spread` (the median distance from it) are seconds of one call, and None where no run succeeded; then
    `failures` says why. `instructions` of one call: only the interpreter counts. `report` is all that the command says."""

    engine: str
    median: object
    spread: object
    samples: tuple
    instructions: object
    failures: tuple
    report: dict


def measure(bundle, kernel, *args, engine="node", warmup=3, repeat=10, inner=1, timeout=60):
    """Calls `kernel` of the file `bundle` many times in "node", "wasmtime" or "interp" (the command's own interpreter: slow,
    needs nothing). `args`: arrays, numbers, and for outputs texts such as "out:float32[16,16]". A trap or a time-out is a
    result, not an exception."""
    with tempfile.TemporaryDirectory(prefix="wasmpack-tvm-") as folder:
        words = ["run", os.fspath(bundle), kernel, "--bench", "--engine", engine, "--warmup", str(warmup), "--repeat", str(repeat),
                 "--inner", str(inner), "--timeout", str(timeout), "--"]
        words += [_word(arg, pathlib.Path(folder) / f"{i}.npy") for i, arg in enumerate(args)]
        text = _command.run(words, failed_code=1)
    try:
        report = json.loads(text)
    except ValueError as error:
        raise WasmpackError(f"`wasmpack run` gave no JSON: {text[:200]!r}") from error
    bench = report.get("bench") or {}
    seconds = [bench[key] / 1e9 if bench.get(key) is not None else None for key in ("median", "mad")]
    samples = tuple(sample / 1e9 for sample in bench.get("samples", ()))
    return Measurement(report["engine"], *seconds, samples, report.get("instructions"), tuple(report["failures"]), report)


def _word(arg, path):
    """An argument as the command takes it; an array through a file."""
    if isinstance(arg, str):
        return arg
    if isinstance(arg, int):
        return str(int(arg))
    if isinstance(arg, float):  # numpy's float64 is one, with a repr of its own
        return repr(float(arg))
    import numpy

    if isinstance(arg, numpy.generic):
        return _word(arg.item(), path)
    numpy.save(path, numpy.ascontiguousarray(arg.numpy() if hasattr(arg, "numpy") else arg))
    return str(path)
