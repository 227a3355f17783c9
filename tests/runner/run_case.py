"""A folder with a bundle for the tests of `wasmpack run`, .npy files written by hand, and the engines there are."""

import ast
import json
import math
import os
import struct

from lib import registries
from packager.bundles import WASMPACK, BundleTest

CODES = {"<f4": "f", "<f8": "d", "<i4": "i", "<i8": "q", "|u1": "B", "|i1": "b", "<i2": "h", "<u2": "H", "<u4": "I", "<u8": "Q",
         "|b1": "?"}


def npy(descr, shape, values):
    """The bytes of a file in format version 1."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {tuple(shape)!r}, }}".encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + struct.pack(f"<{len(values)}{CODES[descr]}", *values)


def read_npy(path):
    """(descr, shape, values) of a file in format version 1."""
    data = path.read_bytes()
    assert data[:8] == b"\x93NUMPY\1\0", data[:8]
    end = 10 + struct.unpack_from("<H", data, 8)[0]
    header = ast.literal_eval(data[10:end].decode())
    count = math.prod(header["shape"])
    return header["descr"], header["shape"], list(struct.unpack(f"<{count}{CODES[header['descr']]}", data[end:]))


def wasmtime_path():
    """PATH with a Python that has wasmtime in front; None, with a line on stderr, where PyPI cannot be reached."""
    try:
        python = registries.python_with("wasmtime==50.0.1")
    except registries.Unreachable as error:
        registries.skip(f"the engine wasmtime is not tested: {error}")
        return None
    return f"{python.parent}:{os.environ['PATH']}"


class RunTest(BundleTest):
    def run_kernel(self, *arguments, code=0, engine=None, path=None):
        """`wasmpack run`; what it prints and says, as a pair."""
        options = ["--engine", engine] if engine else []
        environment = {**os.environ, "PATH": path or os.environ["PATH"]}
        done = self.run_env(environment, WASMPACK, "run", *options, *arguments)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def run_env(self, environment, *argv):
        return self.run_tool("env", "-i", *(f"{k}={v}" for k, v in environment.items()), *argv, check=False)

    def run_json(self, *arguments, code=0, **more):
        return json.loads(self.run_kernel("--json", *arguments, code=code, **more)[0])

    def write_npy(self, name, descr, shape, values):
        (self.folder / name).write_bytes(npy(descr, shape, values))

    def engines(self):
        """(name, PATH) of each engine."""
        yield "interp", None
        yield "node", None
        if path := wasmtime_path():
            yield "wasmtime", path
