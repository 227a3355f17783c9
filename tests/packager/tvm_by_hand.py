"""Links TVM libraries with the runtime's shims without the packager: a small C file has what the packager generates."""

import os
import pathlib
import re

from tvm_case import ABI, CONTEXT, FIXTURES, KERNELS, ROOT, SYMBOL_PREFIX

RUNTIME = pathlib.Path(os.environ["WASMPACK_BUILD_DIR"], "runtime")

PARAMETERS = {0: "", 1: "int, int, int", 2: "int, int, int, int, int", 3: "int, int, int, int, int, int", 4: "int, int, int, int"}

# What differs by library: thunk, its parameters, the shim and what it gets.
REDIRECTED = {
    "TVMBackendRegisterSystemLibSymbol": "int register(const char* a, void* b)",
    "TVMFFIEnvModRegisterSystemLibSymbol": "int register(const char* a, void* b)",
    "TVMBackendGetFuncFromEnv": "int lookup(void* a, const char* b, const void** c)",
    "TVMFFIEnvModLookupFromImports": "int lookup(void* a, const char* b, const void** c)",
    "TVMFuncCall": "int call_packed(const void* a, void* b, int* c, int d, void* e, int* f)",
    "TVMFFIFunctionCall": "int call_ffi(const void* a, const void* b, int c, void* d)",
    "TVMAPISetLastError": "void set_error(const char* a)",
    "TVMFFIErrorSetRaisedFromCStr": "void raise(const char* a, const char* b)",
    "TVMFFIErrorSetRaisedFromCStrParts": "void raise_parts(const char* a, const char* const* b, int c)",
}

# What is the same for all libraries.
SHARED = """
void* __wasmpack_tvm_alloc_workspace(int, int, uint64_t, int, int);
int __wasmpack_tvm_free_workspace(int, int, void*), __wasmpack_tvm_parallel_launch(void*, void*, int);
int __wasmpack_tvm_parallel_barrier(int, void*), __wasmpack_tvm_run_once(void*, void*, void*, int);
int __wasmpack_tvm_init_once(void*, void*);
void* shared_alloc(int, int, uint64_t, int, int) __asm__("TVMBackendAllocWorkspace");
int shared_release(int, int, void*) __asm__("TVMBackendFreeWorkspace");
int shared_launch(void*, void*, int) __asm__("TVMBackendParallelLaunch");
int shared_barrier(int, void*) __asm__("TVMBackendParallelBarrier");
int shared_run_once(void*, void*, void*, int) __asm__("TVMBackendRunOnce");
int shared_init_once(void*, void*) __asm__("TVMFFIHandleInitOnce");
void* shared_alloc(int a, int b, uint64_t c, int d, int e) { return __wasmpack_tvm_alloc_workspace(a, b, c, d, e); }
int shared_release(int a, int b, void* c) { return __wasmpack_tvm_free_workspace(a, b, c); }
int shared_launch(void* a, void* b, int c) { return __wasmpack_tvm_parallel_launch(a, b, c); }
int shared_barrier(int a, void* b) { return __wasmpack_tvm_parallel_barrier(a, b); }
int shared_run_once(void* a, void* b, void* c, int d) { return __wasmpack_tvm_run_once(a, b, c, d); }
int shared_init_once(void* a, void* b) { return __wasmpack_tvm_init_once(a, b); }
"""


class Library:
    """`kernels` are registered names; `hidden` are registered but not in the registry. An object, whose symbols keep
    their names, is alone in its module."""

    def __init__(self, name, file, abi, kernels, prefix="", symbol_prefix="__tvm_ffi_", context=CONTEXT[6], hidden=(),
                 error_bytes=200):
        self.name, self.file, self.abi, self.prefix = name, file, abi, prefix
        self.kernels, self.hidden = [k for k in kernels if k not in hidden], list(hidden)
        self.symbol_prefix, self.error_bytes = symbol_prefix, error_bytes
        self.context = context
        self.is_object = file.suffix == ".o"

    def mark(self, i):
        """What its symbols have before their names."""
        return "" if self.is_object else f"L{i}."


def generation(g, prefix="", **keys):
    return Library(f"g{g}", FIXTURES / f"g{g}.ll", ABI[g], KERNELS, prefix, SYMBOL_PREFIX[g], CONTEXT[g], **keys)


def rename_symbols(text, mark):
    """LLVM IR whose functions and context cell have `mark` before their names, and whose imports of REDIRECTED too."""
    names = set(REDIRECTED) | {"__tvm_main__"}
    names |= set(re.findall(r"^define (?:weak )?dllexport [^@]*@([\w.]+)\(", text, re.M))
    names |= set(re.findall(r"^@(\w+_ctx) = ", text, re.M))
    return re.sub(r"@([\w.]+)", lambda m: "@" + (mark if m[1] in names else "") + m[1], text)


def hash_name(name, seed=0):
    """The hash of runtime/hash.h, written down anew."""
    mask = 2**64 - 1
    value = 0xCBF29CE484222325 ^ (seed << 32 | seed)
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & mask
    value ^= value >> 32
    value = value * 0x9E3779B97F4A7C15 & mask
    return value ^ value >> 29


def lookup_tables(names):
    """Displacement and slots for a perfect hash of one bucket."""
    count = 16 * len(names) ** 2
    for displacement in range(1000):
        slots = [2**32 - 1] * count
        for handle, name in enumerate(names):
            value = hash_name(name)
            step = (value & 0xFFFFFFFF) * 0x85EBCA6B & 0xFFFFFFFF | 1
            at = ((value >> 32) + displacement * step & 0xFFFFFFFF) * count >> 32
            if slots[at] != 2**32 - 1:
                break
            slots[at] = handle
        else:
            return displacement, slots
    raise AssertionError("no displacement fits")


def generate(libraries, extra=""):
    """The C file: thunks, records, registry. `registrations(library)` and `context(library)` are for the tests."""
    text = '#include "runtime/tvm.h"\n'
    kernels = []
    for i, library in enumerate(libraries):
        mark = library.mark(i)
        text += f"extern struct wasmpack_tvm_library library{i};\nstatic int registrations{i};\n"
        for symbol, shim in REDIRECTED.items():
            result, name, parameters = re.fullmatch(r"(\w+) (\w+)\((.*)\)", shim).groups()
            arguments = ", ".join(re.findall(r"(\w)(?:,|$)", parameters))
            text += f'{result} {symbol}{i}({parameters}) __asm__("{mark}{symbol}");\n'
            counting = f"++registrations{i}; " if name == "register" else ""
            text += f"{result} {symbol}{i}({parameters}) {{ {counting}"
            text += f"{'return ' if result == 'int' else ''}__wasmpack_tvm_{name}(&library{i}, {arguments}); }}\n"
        for k in library.kernels + library.hidden:
            text += f'int kernel{i}_{k}({PARAMETERS[library.abi]}) __asm__("{mark}{library.symbol_prefix}{k}");\n'
        rows = "".join(f'{{"{k}", {len(k)}, (uint32_t)kernel{i}_{k}, {library.abi}, "", {i}}}, ' for k in library.hidden)
        text += f"static const struct wasmpack_kernel functions{i}[] = {{ {rows}{{0}} }};\n"
        text += f"static char error{i}[{library.error_bytes}];\n"
        text += (f"struct wasmpack_tvm_library library{i} = {{{i}, {library.abi}, functions{i}, {len(library.hidden)}, "
                 f"error{i}, {library.error_bytes}, 0}};\n")
        text += f'extern void* context{i} __asm__("{mark}{library.context}");\n'
        kernels += [(library.prefix + k, f"kernel{i}_{k}", library.abi, i) for k in library.kernels]
    kernels.sort()
    names = [name for name, *_ in kernels]
    displacement, slots = lookup_tables(names)
    rows = ", ".join(f'{{"{name}", {len(name)}, (uint32_t){symbol}, {abi}, "", {i}}}' for name, symbol, abi, i in kernels)
    text += f"static const struct wasmpack_kernel kernels[] = {{ {rows} }};\n"
    rows = ", ".join(f'{{"{l.name}", {len(l.name)}, "{l.prefix}", {len(l.prefix)}}}' for l in libraries)
    text += f"static const struct wasmpack_library libraries[] = {{ {rows} }};\n"
    text += ('const struct wasmpack_bundle __wasmpack_bundle = {1, 48, "t", 1, "1", 1, '
             f"{len(kernels)}, kernels, {len(libraries)}, libraries, 0, 0}};\n")
    text += f"static const uint32_t displacements[] = {{ {displacement} }};\n"
    text += f"static const uint32_t slots[] = {{ {', '.join(f'{slot}u' for slot in slots)} }};\n"
    text += ("const struct wasmpack_private __wasmpack_private = "
             f"{{0, 1, displacements, {len(slots)}, slots, {max(map(len, names))}, 0}};\n")
    records = ", ".join(f"&library{i}" for i in range(len(libraries)))
    text += f"static struct wasmpack_tvm_library* const all[] = {{ {records} }};\n"
    text += f"const struct wasmpack_tvm_libraries __wasmpack_tvm_libraries = {{{len(libraries)}, all}};\n"
    for function, value in (("registrations", "registrations{}"), ("context", "(int)context{}"), ("record", "(int)&library{}")):
        cases = "".join(f"if (i == {i}) return {value.format(i)}; " for i in range(len(libraries)))
        text += f'__attribute__((export_name("{function}"))) int {function}(int i) {{ {cases}return -1; }}\n'
    return text + SHARED + extra


def runtime_objects():
    """All but adapters and the variants for libraries that own the heap."""
    return [path for path in sorted(RUNTIME.glob("*.o"))
            if path.stem not in ("memory_owner", "heap_claim") and not path.stem.startswith("wapc")]


EXPORTS = ["_initialize", "wasmpack_query", "wasmpack_find", "wasmpack_entry", "wasmpack_alloc", "wasmpack_free", "wasmpack_error"]


def link(test, libraries, output="out.wasm", relocation_model="static", extra="", exports=()):
    """Compiles the libraries and links them; expf is left to the host."""
    objects = []
    for i, library in enumerate(libraries):
        if library.is_object:
            objects.append(library.file)
            continue
        test.write(f"l{i}.ll", rename_symbols(library.file.read_text(), library.mark(i)))
        test.run_tool("llc-22", "-O2", "-filetype=obj", f"-relocation-model={relocation_model}", f"l{i}.ll", "-o", f"l{i}.o")
        objects.append(f"l{i}.o")
    test.write("generated.c", generate(libraries, extra))
    test.run_tool("clang-22", "--target=wasm32", "-O1", "-ffreestanding", f"-I{ROOT}", "-c", "generated.c", "-o", "generated.o")
    test.write("allowed", "expf\n")
    test.run_tool("wasm-ld-22", "--no-entry", "--stack-first", "--fatal-warnings", "--export-table", "--allow-undefined-file=allowed",
                  *[f"--export={name}" for name in [*EXPORTS, *exports]], *runtime_objects(), "generated.o", *objects,
                  "-o", output)
    test.run_tool("wasm-validate", output)
