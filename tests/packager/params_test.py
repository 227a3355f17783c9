# ctest: timeout=300
"""[[param]]: weights embedded as data or delivered beside the bundle, found through the registry's table."""

import hashlib
import os
import struct
import subprocess
import unittest

from bundles import HEAD, WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
CODES = {"float16": 1, "float32": 2, "float64": 3, "bfloat16": 4, "int8": 5, "int16": 6, "int32": 7, "int64": 8,
         "uint8": 9, "uint16": 10, "uint32": 11, "uint64": 12, "bool": 13}
SIZES = {"float16": 2, "float32": 4, "float64": 8, "bfloat16": 2, "int8": 1, "int16": 2, "int32": 4, "int64": 8,
         "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8, "bool": 1}
# struct wasmpack_param by the offsets of docs/bundle-abi.md, readable before any other call.
READ = """
const b = await load(path), at = b.exports.wasmpack_query(1), params = [];
for (let i = 0; i < b.word(at + 40); ++i) {
  const p = b.word(at + 44) + 28 * i, shape = [];
  for (let d = 0; d < b.word(p + 20); ++d)
    shape.push(Number(new DataView(b.exports.memory.buffer).getBigUint64(b.word(p + 24) + 8 * d, true)));
  const address = b.word(p + 8), bytes = b.word(p + 12);
  params.push({name: b.text(b.word(p), b.word(p + 4)), address, bytes, dtype: b.word(p + 16), shape,
               content: address ? Buffer.from(b.bytes(address, bytes)).toString('hex') : null});
}
return params;
"""


def param(name, path, dtype="float32", shape=(1,), **keys):
    text = f'[[param]]\nname = "{name}"\npath = "{path}"\ndtype = "{dtype}"\nshape = {list(shape)}\n'
    return text + "".join(f'{key} = {value if isinstance(value, int) else chr(34) + value + chr(34)}\n' for key, value in keys.items())


class ParamTest(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("x", VISIBLE + "int f(void) { return 1; }")
        self.data = bytes(i * 7 & 0xff for i in range(4096))
        (self.folder / "p.bin").write_bytes(self.data)

    def pack_params(self, *params, **arguments):
        self.pack(library("x"), more="".join(params), **arguments)
        return self.run_js(READ)

    def refuse_params(self, *params, **arguments):
        return self.refuse(library("x"), more="".join(params), **arguments)

    def blob(self, name, size):
        (self.folder / name).write_bytes(self.data[:size])


class Embedded(ParamTest):
    def test_every_element_type(self):
        params = []
        for dtype, size in SIZES.items():
            self.blob(f"{dtype}.bin", 6 * size)
            params.append(param(dtype, f"{dtype}.bin", dtype, (2, 3)))
        found = {p["name"]: p for p in self.pack_params(*params)}
        self.assertEqual(len(found), 13)
        for dtype, size in SIZES.items():
            self.assertEqual({key: found[dtype][key] for key in ("bytes", "dtype", "shape", "content")},
                             {"bytes": 6 * size, "dtype": CODES[dtype], "shape": [2, 3], "content": self.data[:6 * size].hex()})

    def test_they_are_sorted_by_name_bytewise_whatever_the_manifest_says(self):
        self.blob("four.bin", 4)
        names = ["b", "a.weight", "a", "Z", "ä", "a/0", "conv1.weight"]
        found = self.pack_params(*[param(name, "four.bin") for name in names])
        self.assertEqual([p["name"] for p in found], sorted(names, key=str.encode))
        section = self.run_js("return (await load(path)).manifest().params.map((p) => p.name);")
        self.assertEqual(section, sorted(names, key=str.encode))

    def test_alignment(self):
        self.blob("one.bin", 1)
        aligns = (1, 2, 16, 64, 4096, 65536)
        found = self.pack_params(*[param(f"p{align}", "one.bin", "int8", align=align) for align in aligns],
                                 param("plain", "one.bin", "int8"))
        addresses = {p["name"]: p["address"] for p in found}
        for align in aligns:
            self.assertEqual(addresses[f"p{align}"] % align, 0)
        self.assertEqual(addresses["plain"] % 16, 0)
        self.assertEqual(len(set(addresses.values())), len(addresses))

    def test_slices_of_one_file(self):
        found = self.pack_params(param("a", "p.bin", "uint8", (4096,)),
                                 param("b", "p.bin", "int16", (5, 2), offset=1000),
                                 param("c", "p.bin", "float64", (1,), offset=4088))
        self.assertEqual([p["content"] for p in found],
                         [self.data.hex(), self.data[1000:1020].hex(), self.data[4088:].hex()])

    def test_scalars_and_nothing(self):
        self.blob("four.bin", 4)
        self.blob("none.bin", 0)
        scalar, zero, zero_slice = self.pack_params(param("scalar", "four.bin", shape=()), param("zero", "none.bin", shape=(3, 0)),
                                                    param("zero_slice", "p.bin", shape=(0,), offset=4096))
        self.assertEqual((scalar["shape"], scalar["bytes"], scalar["content"]), ([], 4, self.data[:4].hex()))
        self.assertEqual((zero["shape"], zero["bytes"]), ([3, 0], 0))
        self.assertNotEqual(zero["address"], 0, "0 is for what is delivered beside the bundle")
        self.assertNotEqual(zero_slice["address"], 0)

    def test_kernels_read_them_at_their_address(self):
        (self.folder / "w.bin").write_bytes(struct.pack("<3f", 1.5, 2.5, 4))
        self.compile("x", VISIBLE + "float dot(const float* a, int n) { float s = 0; for (int i = 0; i < n; ++i) s += a[i]; return s; }")
        for init in ("initialize", "lazy", "start", "snapshot"):
            for optimize in ("none", "O2"):
                [w] = self.pack_params(param("w", "w.bin", shape=(3,)), bundle=f'init = "{init}"\noptimize = "{optimize}"')
                self.assertEqual(self.run_js(f"return (await load(path)).exports.dot({w['address']}, 3);"), 8)

    def test_with_imported_memory(self):
        self.pack(library("x"), bundle="memory = { import = true }", more=param("w", "p.bin", "uint8", (4096,)))
        script = READ.replace("load(path)", "load(path, {env: {memory}})")
        [w] = self.run_js("const memory = new WebAssembly.Memory({initial: 4}); new Uint8Array(memory.buffer).fill(9);" + script)
        self.assertEqual(w["content"], self.data.hex())

    def test_the_manifest_section(self):
        self.pack_params(param("w", "p.bin", "uint8", (64, 64), align=32))
        self.assertEqual(self.run_js("return (await load(path)).manifest().params;"),
                         [{"name": "w", "dtype": "uint8", "shape": [64, 64], "bytes": 4096, "embed": "data",
                           "sha256": hashlib.sha256(self.data).hexdigest()}])

    def test_a_slice_may_be_the_first_one(self):
        self.pack_params(param("w", "p.bin", offset=0))
        self.assertIn("dtype and shape make 4 bytes, but p.bin has 4096", self.refuse_params(param("w", "p.bin")))

    def test_a_pinned_hash_is_that_of_the_slice(self):
        right = hashlib.sha256(self.data[16:20]).hexdigest()
        self.pack_params(param("w", "p.bin", offset=16, sha256=right))
        whole = hashlib.sha256(self.data).hexdigest()
        self.assertIn(f"param `w`: the sha256 of its bytes is {right}, the manifest says {whole} [wrong-hash]\n  help: ",
                      self.refuse_params(param("w", "p.bin", offset=16, sha256=whole)))

    def test_many(self):
        self.blob("four.bin", 4)
        found = self.pack_params(*[param(f"layer{i:04}", "four.bin", sha256=hashlib.sha256(self.data[:4]).hexdigest())
                                   for i in range(500)])
        self.assertEqual(len({p["address"] for p in found}), 500)


class External(ParamTest):
    def test_they_lie_beside_the_bundle(self):
        (self.folder / "out").mkdir()
        self.pack(library("x"), output="out/x.wasm",
                  more=param("conv1.weight", "p.bin", "int32", (32, 32), embed="external")
                  + param("bias", "p.bin", "int8", (8,), offset=8, embed="external") + param("in", "p.bin", "int8", (4096,)))
        found = self.run_js(READ, "out/x.wasm")
        self.assertEqual([(p["name"], p["address"] == 0, p["bytes"]) for p in found],
                         [("bias", True, 8), ("conv1.weight", True, 4096), ("in", False, 4096)])
        self.assertEqual(sorted(os.listdir(self.folder / "out")), ["bias.bin", "conv1.weight.bin", "x.wasm"])
        self.assertEqual((self.folder / "out/conv1.weight.bin").read_bytes(), self.data)
        self.assertEqual((self.folder / "out/bias.bin").read_bytes(), self.data[8:16])
        section = self.run_js("return (await load(path)).manifest().params;", "out/x.wasm")
        self.assertEqual([(p["embed"], p.get("file")) for p in section],
                         [("external", "bias.bin"), ("external", "conv1.weight.bin"), ("data", None)])
        self.assertEqual(section[0]["sha256"], hashlib.sha256(self.data[8:16]).hexdigest())

    def test_names_become_names_of_files_that_stay_in_the_folder(self):
        names = {"a/b": "a%2Fb.bin", "../up": "%2E.%2Fup.bin", ".hidden": "%2Ehidden.bin", "ä b": "%C3%A4%20b.bin",
                 "100%": "100%25.bin", "a%2Fb": "a%252Fb.bin", "plain-1_0.w": "plain-1_0.w.bin"}
        self.blob("four.bin", 4)
        (self.folder / "out").mkdir()
        self.pack(library("x"), output="out/x.wasm",
                  more="".join(param(name, "four.bin", embed="external") for name in names))
        self.assertEqual(sorted(os.listdir(self.folder / "out")), sorted([*names.values(), "x.wasm"]))

    def test_standard_output_has_no_beside(self):
        self.manifest(library("x"), more=param("w", "p.bin", "int8", (4096,), embed="external"))
        done = subprocess.run([WASMPACK, "pack", "k.toml", "-o", "-"], cwd=self.folder, capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"external params are delivered beside the bundle [usage]\n  help: name the module's file with -o", done.stderr)

    def refuse_output(self, output, name, more):
        self.manifest(library("x"), more=more)
        before = {file: (self.folder / file).read_bytes() for file in os.listdir(self.folder)}
        done = self.run_tool(WASMPACK, "pack", "k.toml", "-o", output, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(name, done.stderr)
        self.assertEqual({file: (self.folder / file).read_bytes() for file in os.listdir(self.folder)}, before)
        return done.stderr

    def test_a_param_does_not_take_the_place_of_the_module(self):
        self.blob("four.bin", 4)
        self.assertIn("out.bin: two outputs would have this name",
                      self.refuse_output("out.bin", "out.bin", param("out", "four.bin", embed="external")))

    def test_a_slice_does_not_replace_the_file_that_it_is_cut_from(self):
        self.assertIn("p.bin: this is an input, which an output would replace [usage]\n  help: ",
                      self.refuse_output("out.wasm", "p.bin", param("p", "p.bin", offset=4, embed="external")))

    def test_a_file_that_is_the_whole_param_may_stay_where_it_is(self):
        self.pack(library("x"), more=param("p", "p.bin", "int8", (4096,), embed="external"))
        self.assertEqual((self.folder / "p.bin").read_bytes(), self.data)


class Wrong(ParamTest):
    def test_sizes(self):
        for text, expected in (
            (param("w", "p.bin", shape=(1025,)), "param `w`: dtype and shape make 4100 bytes, but p.bin has 4096"),
            (param("w", "p.bin", shape=(1023,)), "param `w`: dtype and shape make 4092 bytes, but p.bin has 4096 [bad-param]\n"
                                                 "  help: give the `offset` of the slice, if it is one"),
            (param("w", "p.bin", offset=4093), "param `w`: dtype and shape make 4 bytes, but p.bin has 3 from `offset` on"),
            (param("w", "p.bin", offset=5000), "make 4 bytes, but p.bin has 0 from `offset` on"),
            (param("w", "p.bin", offset=2**62), "make 4 bytes, but p.bin has 0 from `offset` on"),
            (param("w", "p.bin", shape=(-1,)), "a size in a param's shape is at least 0"),
            (param("w", "p.bin", shape=(2**40,)), "a param has less than 4 GiB"),
            (param("w", "p.bin", shape=(2**31, 2**31, 2**31)), "a param has less than 4 GiB"),
            (param("w", "p.bin", "float99"), "`float99` is no element type"),
            (param("w", "p.bin", align=3), "`align` is a power of two of at most 65536"),
            (param("w", "p.bin", align=131072), "`align` is a power of two of at most 65536"),
            (param("w", "p.bin", embed="inline"), "k.toml:13:9: "),
            (param("w", "*.?", shape=(1024,)), "`*.?` matches several files, a param has one"),
            (param("w", "p.bin", shape=(1024,)) * 2, "two params have the name `w`"),
            ('[[param]]\nname = "w"\npath = "p.bin"\n', "[[param]] needs the key `dtype`"),
        ):
            with self.subTest(expected):
                messages = self.refuse_params(text)
                self.assertIn(expected, messages)
                self.assertIn("k.toml:8:1" if "make" in expected else "k.toml:", messages)

    def test_a_missing_file(self):
        messages = self.refuse_params(param("w", "none.bin"), code=2)
        self.assertIn("none.bin: cannot read: No such file or directory [cannot-read]\n", messages)
        self.assertIn("  note: param `w` at k.toml:10:8\n", messages)

    def test_more_than_memory_holds(self):
        with open(self.folder / "big.bin", "wb") as file:
            file.truncate(3 << 20)
        messages = self.refuse_params(param("w", "big.bin", "int8", (3 << 20,)), bundle='memory = { max = "2MiB" }')
        self.assertIn("memory too small", messages)


if __name__ == "__main__":
    unittest.main()
