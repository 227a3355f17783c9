# ctest: timeout=300
"""What a module says about itself: sections of wasm-metadata, producers, build_id, and all of wasmpack.manifest."""

import hashlib
import json
import re
import shutil
import unittest

from bundles import HEAD, WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
PACKAGE = """schema = 1
[package]
name = "vision"
version = "1.2.0-rc.1+build.5"
description = "Kernels for \\"vision\\", ä"
license = "Apache-2.0 OR MIT"
authors = ["A. Person <a@example.org>", "B"]
source = "https://example.org/vision"
homepage = "https://example.org"
revision = "abc123"
"""


def read_sections(data):
    """The custom sections of a module, in order: (name, content). By the specification's binary format."""
    def leb(at):
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7f) << shift
            if byte < 0x80:
                return value, at
            shift += 7

    at, sections = 8, []
    while at < len(data):
        kind = data[at]
        size, at = leb(at + 1)
        if kind == 0:
            length, begin = leb(at)
            sections.append((data[begin:begin + length].decode(), data[begin + length:at + size]))
        at += size
    return sections


class MetadataTest(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("x", VISIBLE + "int f(int a) { return a; }\n" + VISIBLE + "int g(int a, int b) { return a + b; }")

    def pack_text(self, text, output="out.wasm"):
        self.write("k.toml", text)
        self.run_tool(WASMPACK, "pack", "k.toml", "-o", output)
        self.run_tool("wasm-validate", output)
        return read_sections((self.folder / output).read_bytes())

    def manifest_of(self, text):
        return json.loads(dict(self.pack_text(text))["wasmpack.manifest"])


class Sections(MetadataTest):
    def test_the_sections_of_wasm_metadata_are_plain_text(self):
        sections = self.pack_text(PACKAGE + library("x"))
        found = dict(sections)
        expected = {"authors": "A. Person <a@example.org>, B", "description": 'Kernels for "vision", ä',
                    "licenses": "Apache-2.0 OR MIT", "source": "https://example.org/vision",
                    "homepage": "https://example.org", "revision": "abc123", "version": "1.2.0-rc.1+build.5"}
        self.assertEqual({name: found[name].decode() for name in expected}, expected)
        names = [name for name, _ in sections]
        self.assertEqual(len(names), len(set(names)))

    def test_what_is_not_given_has_no_section(self):
        names = [name for name, _ in self.pack_text(HEAD + library("x"))]
        self.assertEqual(names, ["name", "producers", "target_features", "version", "wasmpack.manifest", "build_id"])

    def test_producers_tells_of_wasmpack_and_of_the_compilers(self):
        sections = self.pack_text(HEAD + library("x"))
        version = self.run_tool(WASMPACK, "--version").stdout.split()[-1]
        details = self.run_tool(WASMPACK, "inspect", "out.wasm").stdout
        producers = dict(sections)["producers"]
        self.assertIn(b"clang", producers)
        self.assertIn(b"processed-by", producers)
        self.assertEqual(producers.count(b"wasmpack"), 1)
        self.assertIn(b"\x08wasmpack" + bytes([len(version)]) + version.encode(), producers)
        self.assertIn("wasmpack", details)

    def test_inputs_that_wasmpack_linked_name_it_once(self):
        self.run_tool(WASMPACK, "link", "x.o", "-o", "linked.o")
        producers = dict(self.pack_text(HEAD + library("x", "linked.o")))["producers"]
        self.assertEqual(producers.count(b"wasmpack"), 1)

    def test_order(self):
        # tool-conventions: producers behind name, before target_features.
        for options in ("", '[bundle]\noptimize = "O2"\n', '[bundle]\ninit = "snapshot"\n'):
            names = [name for name, _ in self.pack_text(PACKAGE + options + library("x"))]
            self.assertEqual(names[:3], ["name", "producers", "target_features"])
            self.assertEqual(names[-1], "build_id")


class BuildId(MetadataTest):
    def build_id(self, text):
        content = dict(self.pack_text(text))["build_id"]
        self.assertEqual((len(content), content[0]), (21, 20))  # a vector of 20 bytes
        return content[1:]

    def test_it_changes_with_content_and_with_nothing_else(self):
        first = self.build_id(HEAD + library("x"))
        self.assertEqual(self.build_id("# a comment\n" + HEAD + "\n\n" + library("x")), first)
        (self.folder / "sub").mkdir()
        shutil.copy(self.folder / "x.o", self.folder / "sub" / "renamed.o")
        self.assertEqual(self.build_id(HEAD + library("x", "sub/renamed.o")), first)
        others = [self.build_id(HEAD.replace("1.0.0", "1.0.1") + library("x")),
                  self.build_id(HEAD + library("x", license="MIT")),
                  self.build_id(HEAD + library("x", prefix="p")),
                  self.build_id(HEAD + library("x") + '[metadata]\na = "b"\n')]
        self.compile("x", VISIBLE + "int f(int a) { return a + 1; }\n" + VISIBLE + "int g(int a, int b) { return a + b; }")
        others.append(self.build_id(HEAD + library("x")))
        self.assertEqual(len({first, *others}), 6)

    def test_it_is_the_hash_of_what_stands_before_it(self):
        self.pack_text(HEAD + library("x"))
        data = (self.folder / "out.wasm").read_bytes()
        name = data.rindex(b"\x08build_id")
        begin = data.rindex(b"\0", 0, name - 1)  # the section's id, before its size
        self.assertEqual(data[-20:], hashlib.sha256(data[:begin]).digest()[:20])


class ManifestSection(MetadataTest):
    def test_everything_that_the_manifest_tells_of_libraries_and_kernels(self):
        tensor = {"name": "x", "dtype": "float32", "shape": [-1, 3, 224, 224], "layout": "NCHW"}
        plain = {"name": "n", "dtype": "int64", "shape": []}

        def toml(value):
            return ("{ " + ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) + " }") if isinstance(value, dict) else value

        text = PACKAGE + '[bundle]\nallow-imports = ["env.log", "wasi_snapshot_preview1.*"]\nstack-size = "128KiB"\n' \
            'memory = { initial = "1MiB", max = "64MiB" }\n' + \
            library("x", prefix="p_", producer="clang 22", license="MIT", abi="c") + \
            '[[library.kernel]]\nsymbol = "f"\nas = "first"\nsignature = "(i32)->(i32)"\ndoc = "Says \\"f\\"."\n' \
            f"args = [{toml(tensor)}, {toml(plain)}]\nresults = [{toml(plain)}]\n" \
            '[[library.kernel]]\nsymbol = "g"\n[metadata]\nteam = "kernels"\n"a b" = "ü"\n'
        section = self.manifest_of(text)
        digest = hashlib.sha256((self.folder / "x.o").read_bytes()).hexdigest()
        [lib] = section.pop("libraries")
        self.assertIn("+", lib.pop("features")[0])
        self.assertEqual(lib, {
            "name": "x", "prefix": "p_", "producer": "clang 22", "license": "MIT", "abi": "c", "inputs": [{"sha256": digest}],
            "constructors": [], "kernels": [
                {"name": "p_first", "symbol": "f", "type": "(i32)->(i32)", "abi": 0, "doc": 'Says "f".', "args": [tensor, plain],
                 "results": [plain]},
                {"name": "p_g", "symbol": "g", "type": "(i32,i32)->(i32)", "abi": 0}]})
        self.assertRegex(section.pop("tool"), r"^wasmpack \d")
        self.assertEqual(section, {
            "schema": 1, "init": "initialize", "stack_size": 131072, "params": [],
            "memory": {"initial_pages": 16, "maximum_pages": 1024}, "allow_imports": ["env.log", "wasi_snapshot_preview1.*"],
            "metadata": {"team": "kernels", "a b": "ü"},
            "package": {"name": "vision", "version": "1.2.0-rc.1+build.5", "description": 'Kernels for "vision", ä',
                        "license": "Apache-2.0 OR MIT", "authors": ["A. Person <a@example.org>", "B"],
                        "source": "https://example.org/vision", "homepage": "https://example.org", "revision": "abc123"}})

    def test_it_is_canonical(self):
        raw = dict(self.pack_text(PACKAGE + library("x") + '[metadata]\nz = "1"\na = "\\u0001\\u00e9\\U0001f600/<"\n'))["wasmpack.manifest"]

        def no_float(text):
            self.fail(f"a number with a fraction: {text}")

        value = json.loads(raw, parse_float=no_float)
        self.assertEqual(raw.decode(), json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))

    def test_no_path_of_this_machine_is_anywhere_in_the_module(self):
        self.compile("y", VISIBLE + "int h(void) { return 1; }\nstatic volatile int n;\n"
                     "__attribute__((constructor)) static void c(void) { n = 1; }")
        self.run_tool("llvm-ar-22", "rcs", "liby.a", "y.o")
        (self.folder / "param.bin").write_bytes(b"abcd")
        self.write("k.toml", PACKAGE + library("x", str(self.folder / "x.o")) + library("y", "liby.a")
                   + f'[[param]]\nname = "w"\npath = "{self.folder}/param.bin"\ndtype = "int8"\nshape = [4]\n')
        for init in ("", "--verbose"):
            self.run_tool(WASMPACK, "pack", self.folder / "k.toml", "-o", self.folder / "out.wasm", *([init] if init else []))
            data = (self.folder / "out.wasm").read_bytes()
            for text in (str(self.folder), self.folder.name, "liby.a", "x.o", "param.bin", "k.toml", "out.wasm"):
                self.assertNotIn(text.encode(), data)

    def test_calling_conventions(self):
        self.compile("x", VISIBLE + "int k_library_query(int a, int b) { return a; }\n" + VISIBLE + "int h(void* a) { return 0; }\n"
                     + VISIBLE + "int h_argv(void** a) { return 0; }\n" + VISIBLE + "int h_metadata(void) { return 0; }")
        for abi, kernels, expected, library_abi in (
            ("c", ["k_library_query", "h"], [0, 0], "c"), ("iree", ["k_library_query"], [5], "iree"),
            ("halide", ["h"], [6], "halide"), ("auto", ["k_library_query"], [5], "iree"), ("auto", ["h"], [6], "halide"),
        ):
            [lib] = self.manifest_of(HEAD + library("x", abi=abi, kernels=kernels))["libraries"]
            self.assertEqual(([k["abi"] for k in lib["kernels"]], lib["abi"]), (expected, library_abi))
            registry = self.run_js("return (await load(path)).registry().kernels.map((k) => [k.name, k.abi]);")
            self.assertEqual(dict(registry), dict(zip(kernels, expected)))

    def test_a_calling_convention_that_the_type_does_not_have(self):
        self.compile("x", VISIBLE + "float f(float a) { return a; }")
        for abi, expected in (("iree", "(i32,i32)->(i32)"), ("halide", "with an i32 as result"), ("tvm", "of 3, 4, 5 or 6 i32")):
            self.assertRegex(self.refuse(library("x", abi=abi)),
                             rf'kernel `f` of library `x` has the type .* none of abi = "{abi}" \[bad-kernel\]\n  help: it should be '
                             + re.escape(expected))

    def test_export_of_a_library_overrules_the_bundle(self):
        self.compile("y", VISIBLE + "int h(void) { return 1; }")
        for bundle, x, y, expected in (("true", None, False, ["f", "g"]), ("false", True, None, ["f", "g"]),
                                       ("false", None, None, []), ("true", None, True, ["f", "g", "h"])):
            keys = [{} if value is None else {"export": value} for value in (x, y)]
            self.pack(library("x", **keys[0]), library("y", **keys[1]), bundle=f"export-kernels = {bundle}")
            names = self.run_js("return WebAssembly.Module.exports((await load(path)).module).map((e) => e.name);")
            self.assertEqual([name for name in sorted(names) if len(name) == 1], expected)
            self.assertEqual(self.run_js("return (await load(path)).kernel('h')();"), 1)


if __name__ == "__main__":
    unittest.main()
