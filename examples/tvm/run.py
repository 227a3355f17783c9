"""The calls of run.mjs in wasmtime: makes the calls of build/cases.json in the bundle and compares with numpy's results."""

import json
import math
import pathlib
import struct
import sys

import wasmtime

TENSOR = 7  # type index of an argument that is a tensor


class Bundle:
    def __init__(self, path):
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        instance = wasmtime.Instance(self.store, wasmtime.Module.from_file(engine, str(path)), [])
        self.exports = instance.exports(self.store)
        self.memory = self.exports["memory"]
        self.run("_initialize")

    def run(self, name, *args):
        return self.exports[name](self.store, *args)

    def read(self, at, size):
        return bytes(self.memory.read(self.store, at, at + size))

    def write(self, at, data):
        self.memory.write(self.store, data, at)

    def alloc(self, size, align):
        at = self.run("wasmpack_alloc", size, align) & 0xFFFFFFFF
        if at == 0:
            raise MemoryError(f"{size} bytes")
        self.write(at, bytes(size))
        return at

    def tensor(self, shape, values=None, address=None):
        """(address of a DLTensor, address of its float32 numbers, their count)"""
        count = math.prod(shape)
        data = address or self.alloc(4 * count, 64)
        if values is not None:
            self.write(data, struct.pack(f"<{count}f", *values))
        at = self.alloc(40 + 8 * len(shape), 8)
        header = struct.pack("<IiiiBBHIIxxxxQ", data, 1, 0, len(shape), 2, 32, 1, at + 40, 0, 0)
        self.write(at, header + struct.pack(f"<{len(shape)}q", *shape))
        return at, data, count

    def param(self, name):
        query = self.run("wasmpack_query", 1) & 0xFFFFFFFF
        count, params = struct.unpack("<II", self.read(query + 40, 8))
        for at in range(params, params + 28 * count, 28):
            text, length, address = struct.unpack("<III", self.read(at, 12))
            if self.read(text, length).decode() == name:
                return address
        raise KeyError(name)

    def call(self, name, *tensors):
        """Calls a kernel of TVM FFI (abi 4)."""
        at = self.alloc(16 * (len(tensors) + 1), 8)
        self.write(at, b"".join(struct.pack("<iiQ", TENSOR, 0, tensor) for tensor, _, _ in tensors))
        code = self.run(name, 0, at, len(tensors), at + 16 * len(tensors))
        self.run("wasmpack_free", at)
        if code != 0:
            error = self.run("wasmpack_error", -1) & 0xFFFFFFFF
            raise RuntimeError(f"{name}: {self.read(error, 512).split(bytes(1))[0].decode()}")


def main():
    bundle = Bundle("build/kernels.wasm")
    code = 0
    for case in json.loads(pathlib.Path("build/cases.json").read_text()):
        made = {}
        for key, tensor in case["tensors"].items():
            address = bundle.param(tensor["param"]) if "param" in tensor else None
            made[key] = bundle.tensor(tensor["shape"], tensor.get("data"), address)
        for kernel, *args in case["calls"]:
            bundle.call(kernel, *(made[key] for key in args))
        _, data, count = made[case["result"]]
        values = struct.unpack(f"<{count}f", bundle.read(data, 4 * count))
        near = all(abs(value - x) <= case["tolerance"] * (1 + abs(x)) for value, x in zip(values, case["expected"]))
        tolerance = f"{case['tolerance']:.6f}".rstrip("0")
        print(f"{'ok' if near else 'WRONG'} {case['name']}: {count} numbers within {tolerance} of numpy's")
        code |= not near
    return code


if __name__ == "__main__":
    sys.exit(main())
