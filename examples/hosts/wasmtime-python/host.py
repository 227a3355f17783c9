"""Calls the bundle in wasmtime: python3 wasmtime-python/host.py kernels.wasm"""

import array
import struct
import sys

import wasmtime

engine = wasmtime.Engine()
store = wasmtime.Store(engine)
module = wasmtime.Module.from_file(engine, sys.argv[1])
exports = wasmtime.Instance(store, module, []).exports(store)
exports["_initialize"](store)  # runs the constructors; later calls do nothing

print("registered", exports["registered"](store))
print("add", exports["scalar_add"](store, 40, 2))
print("gcd", exports["scalar_gcd"](store, 54, 24))
print("mix", exports["scalar_mix"](store, 2.0, 4.0, 0.25))
print("ramp", f"{exports['vector_ramp'](store):g}")

memory = exports["memory"]


def alloc(size, align=64):
    return exports["wasmpack_alloc"](store, size, align) & 0xFFFFFFFF  # results are signed


def put(values):
    data = array.array("f", values).tobytes()
    at = alloc(len(data))
    memory.write(store, data, at)
    return at


def floats(at, count):
    return struct.unpack(f"<{count}f", memory.read(store, at, at + 4 * count))


x, y = put([1, 2, 3, 4, 5]), put([10, 20, 30, 40, 50])
exports["vector_axpy"](store, 2.0, x, y, 5)
print("axpy", *(f"{value:g}" for value in floats(y, 5)))


# The registry: a kernel by a name that is known only now, and the params.
def words(at, count):
    return struct.unpack(f"<{count}I", memory.read(store, at, at + 4 * count))


def find(name):
    at = alloc(len(name), 1)
    memory.write(store, name.encode(), at)
    handle = exports["wasmpack_find"](store, at, len(name))
    exports["wasmpack_free"](store, at)
    return exports["__indirect_function_table"].get(store, exports["wasmpack_entry"](store, handle))


registry = words(exports["wasmpack_query"](store, 1), 12)
params = {}
for row in range(registry[11], registry[11] + 28 * registry[10], 28):
    name, length, address = words(row, 3)
    params[memory.read(store, name, name + length).decode()] = address


# A kernel of TVM takes tensors (docs/tvm.md): a DLTensor of 40 bytes each, and its shape behind it.
def tensor(data, *shape):
    at = alloc(40 + 8 * len(shape), 8)
    head = struct.pack("<IiiIIIIIQ", data, 1, 0, len(shape), 0x12002, at + 40, 0, 0, 0)
    memory.write(store, head + struct.pack(f"<{len(shape)}q", *shape), at)
    return at


result = put([0] * 144)
tensors = [
    tensor(put([i % 9 - 4 for i in range(128)]), 1, 2, 8, 8),
    tensor(params["net.weight"], 4, 2, 3, 3),
    tensor(params["net.bias"], 4),
    tensor(result, 1, 4, 6, 6),
]
args = alloc(16 * 5)  # four arguments, and the place of the result
memory.write(store, b"".join(struct.pack("<IIQ", 7, 0, at) for at in tensors) + bytes(16), args)
if find("net_conv2d")(store, 0, args, 4, args + 64) != 0:
    sys.exit("net_conv2d failed")
values = floats(result, 144)
print("conv2d", *(f"{value:g}" for value in values[:6]), "sum", f"{sum(values):g}")
