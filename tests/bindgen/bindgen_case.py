"""A bundle with kernels of every kind for the tests of bindings, and ways to give its manifest section other words."""

import json
import pathlib
import struct

from lib.wasm import uleb
from packager.bundles import HEAD, WASMPACK, BundleTest, library

HERE = pathlib.Path(__file__).resolve().parent

VISIBLE = '__attribute__((visibility("default"))) '
MATH = f"""
extern void host_log(int, double) __attribute__((import_module("env"), import_name("log")));
static int ready;
__attribute__((constructor)) static void start(void) {{ ready += 1000; }}
{VISIBLE}int add(int a, int b) {{ return a + b + ready; }}
{VISIBLE}long long multiply(long long a, long long b) {{ return a * b; }}
{VISIBLE}float scale(float x, double y) {{ return (float)(x * y); }}
{VISIBLE}void report(int n, double x) {{ host_log(n, x); }}
{VISIBLE}void crash(void) {{ __builtin_trap(); }}
struct pair {{ int quotient; double rest; }};
{VISIBLE}struct pair divide(int a, int b) {{ return (struct pair){{a / b, a % b}}; }}
"""
TENSORS = f"""
{VISIBLE}void relu(const float* x, float* y, int n) {{ for (int i = 0; i < n; ++i) y[i] = x[i] > 0 ? x[i] : 0; }}
{VISIBLE}double sum(const double* x, int n) {{ double s = 0; while (n-- > 0) s += *x++; return s; }}
"""
# Structs come back as several values.
MULTIVALUE = ("-mmultivalue", "-Xclang", "-target-abi", "-Xclang", "experimental-mv")

# A bundle by hand, with what pack's have rarely: no memory left, an error text, a registry with params.
BY_HAND = """(module
  {memory}
  (table (export "__indirect_function_table") 1 funcref)
  (export "memory" (memory 0))
  (func (export "_initialize") (i32.store (i32.const 64) (i32.const 41)))
  (func (export "wasmpack_query") (param i32) (result i32) (i32.const 1024))
  (func (export "wasmpack_find") (param i32 i32) (result i32) (i32.const -1))
  (func (export "wasmpack_entry") (param i32) (result i32) (i32.const 0))
  (func (export "wasmpack_alloc") (param i32 i32) (result i32) (i32.const 0))
  (func (export "wasmpack_free") (param i32))
  (func (export "wasmpack_error") (param i32) (result i32) (i32.const 65536))
  (func (export "peek") (result i32) (i32.add (i32.load (i32.const 64)) (memory.size)))
  (data (i32.const 1024) "{registry}")
  (data (i32.const 2048) "biasconv1.weight")
  (data (i32.const 65536) "it failed\\00"))
"""
REGISTRY = struct.pack("<26I",
                       1, 48, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1072,  # struct wasmpack_bundle: two params, right behind it
                       2048, 4, 0, 56, 8, 1, 1128,              # bias is external
                       2052, 12, 4096, 384, 4, 2, 1136)         # conv1.weight
BY_HAND_SECTION = {
    "schema": 1, "package": {"name": "test", "version": "1.0.0"}, "memory": {"imported": True},
    "libraries": [{"name": "l", "kernels": [{"name": "peek", "type": "()->(i32)"}]}],
}

# Names that break out of a careless quotation, comment or identifier of some language.
HOSTILE = [
    "", "1st", "a b", "a-b", "a.b", "a_b", "a_b_2", "class", "fn", "def", "constructor", "__proto__", "__init__", "then",
    "self", "Self", "alloc", "int", "float", "typing", "static_assert", "grün", "\u540d", "\U0001f600", "\u2028x\u2029",
    "\u202eabc", "\0", "a\0b", "line\nbreak", "\r", "\t\x7f\x80", "'", '"', "`${x}`", '"""', "*/ int x; /*", "// x", "# x",
    "??/", "??", "\\", "\\\\n", "end\\", "\\u{41}", "{0}$p$P%s", "--><script>", "@ts-ignore", "coding: latin-1",
    "x" * 3000,
]


def leb(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def custom_section(name, content):
    body = leb(len(name)) + name.encode() + content
    return b"\0" + leb(len(body)) + body


def split_section(module, name="wasmpack.manifest"):
    """(the module without that custom section, the section's content or None)."""
    out, content, at = module[:8], None, 8
    while at < len(module):
        size, begin = uleb(module, at + 1)
        end = begin + size
        if module[at] == 0:
            length, text = uleb(module, begin)
            if module[text:text + length] == name.encode():
                content, at = module[text + length:end], end
                continue
        out += module[at:end]
        at = end
    return out, content


def tensor(name, dtype, shape, **layout):
    return {"name": name, "dtype": dtype, "shape": shape, **layout}


class BindgenTest(BundleTest):
    def make_bundle(self, name="k.wasm", bundle="", package=HEAD):
        """Packs MATH and TENSORS; kernels have the prefixes m_ and t_."""
        self.compile("math", MATH, *MULTIVALUE)
        self.compile("tensors", TENSORS)
        self.write("k.toml", package + f'[bundle]\nallow-imports = ["env.log"]\n{bundle}\n' +
                   library("math", prefix="m_") + library("tensors", prefix="t_"))
        self.run_tool(WASMPACK, "pack", "k.toml", "-o", name)
        return self.folder / name

    def edit_section(self, module, edit):
        """Gives `edit` the section's JSON to change."""
        rest, content = split_section(module.read_bytes())
        section = json.loads(content)
        edit(section)
        self.replace_section(module, json.dumps(section).encode())

    def replace_section(self, module, content):
        rest, _ = split_section(module.read_bytes())
        module.write_bytes(rest + (b"" if content is None else custom_section("wasmpack.manifest", content)))

    def declare_tensors(self, module):
        """What [[library.kernel]] and [[param]] of a manifest can say."""

        def edit(section):
            relu = next(k for k in section["libraries"][1]["kernels"] if k["name"] == "t_relu")
            relu["doc"] = "Keeps what is positive.\nIn C: x, y, n."
            relu["args"] = [tensor("x", "float32", [-1, 3, 224, 224], layout="NCHW")]
            relu["results"] = [tensor("y", "float32", [-1, 3, 224, 224], layout="NCHW")]
            section["params"] = [
                {**tensor("conv1.weight", "bfloat16", [64, 3]), "bytes": 384, "sha256": "0" * 64, "embed": "data"},
                {**tensor("bias", "int64", [7]), "bytes": 56, "embed": "external", "file": "bias.bin"},
                {**tensor("scalar", "uint8", []), "bytes": 1, "embed": "data"},
            ]

        self.edit_section(module, edit)

    def add_hostile_names(self, module):
        """Puts a kernel of each name of HOSTILE into the section, and them into texts of all kinds."""

        def edit(section):
            everything = "\n".join(HOSTILE)
            section["package"].update(name=everything, version=everything)
            section["libraries"][0].update(name=everything)
            section["libraries"][0]["kernels"] += [
                {"name": name, "symbol": "x", "type": "(i32)->(i32)", "abi": i % 7, "doc": everything + "\\",
                 "args": [tensor(name, "float16", [1], layout=name)], "results": []}
                for i, name in enumerate(HOSTILE)
            ]
            section["params"] = [{**tensor(name, "bool", [2]), "bytes": 2, "embed": "external", "file": name}
                                 for name in HOSTILE]

        self.edit_section(module, edit)

    def make_bundle_by_hand(self, memory="(memory 2 5)"):
        registry = "".join(f"\\{byte:02x}" for byte in REGISTRY)
        self.write("k.wat", BY_HAND.format(memory=memory, registry=registry))
        self.run_tool("wat2wasm", "k.wat", "-o", "k.wasm")
        self.replace_section(self.folder / "k.wasm", json.dumps(BY_HAND_SECTION).encode())

    def bindgen(self, language, module="k.wasm", output=None):
        """The path of the binding."""
        output = output or {"c": "bundle.h", "rust": "bundle.rs", "ts": "bundle.ts", "python": "bundle.py"}[language]
        self.run_tool(WASMPACK, "bindgen", module, "--lang", language, "-o", output)
        return self.folder / output

    def kernel_names(self):
        """The names of the bundle with hostile names in the order of the registry."""
        names = HOSTILE + ["m_add", "m_crash", "m_divide", "m_multiply", "m_report", "m_scale", "t_relu", "t_sum"]
        return sorted(names, key=lambda name: name.encode())
