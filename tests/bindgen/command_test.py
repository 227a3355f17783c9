# ctest: timeout=120 labels=sanitize
"""`wasmpack bindgen` as a command: where its output goes, and what it says of input that is no bundle."""

import copy
import hashlib
import json
import os
import unittest

from bindgen_case import WASMPACK, BindgenTest, library

LANGUAGES = ("c", "rust", "ts", "python")
SIMD = """
typedef int v4 __attribute__((vector_size(16)));
__attribute__((visibility("default"))) v4 twice(v4 x) { return x + x; }
"""


class Output(BindgenTest):
    def setUp(self):
        super().setUp()
        self.make_bundle()

    def run_command(self, *arguments, code=0, module="k.wasm"):
        done = self.run_tool(WASMPACK, "bindgen", module, *arguments, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_standard_output_and_a_file_get_the_same(self):
        for language in LANGUAGES:
            text = self.run_command("--lang", language).stdout
            self.assertEqual(self.run_command("--lang", language, "--output", "-").stdout, text)
            self.assertEqual(self.run_command("--lang", language, "-o", "out").stdout, "")
            self.assertEqual((self.folder / "out").read_text(), text)
            for name in ("m_add", "t_sum", '"test"', '"1.0.0"', "wasmpack bindgen"):
                self.assertIn(name, text, language)

    def test_it_depends_on_the_content_alone(self):
        os.makedirs(self.folder / "elsewhere")
        (self.folder / "elsewhere" / "x.wasm").write_bytes((self.folder / "k.wasm").read_bytes())
        for language in LANGUAGES:
            texts = {self.run_command("--lang", language, module=m).stdout for m in ("k.wasm", "elsewhere/x.wasm")}
            self.assertEqual(len(texts), 1, language)

    def test_a_failure_leaves_the_old_file(self):
        self.write("out", "old")
        self.write("bad.wasm", "")
        self.run_command("--lang", "c", "-o", "out", module="bad.wasm", code=2)
        self.assertEqual((self.folder / "out").read_text(), "old")
        self.assertIn("cannot write", self.run_command("--lang", "c", "-o", "no/such/folder", code=1).stderr)

    def test_the_module_is_not_overwritten(self):
        before = hashlib.sha256((self.folder / "k.wasm").read_bytes()).digest()
        self.assertIn("this is the module", self.run_command("--lang", "c", "-o", "./k.wasm", code=2).stderr)
        self.assertEqual(hashlib.sha256((self.folder / "k.wasm").read_bytes()).digest(), before)

    def test_wrong_usage(self):
        self.assertIn("'go' is none of c, rust, ts, python", self.run_command("--lang", "go", code=2).stderr)
        self.assertIn("--lang", self.run_command(code=2).stderr)
        self.assertIn("cannot read", self.run_command("--lang", "c", module="none.wasm", code=2).stderr)
        message = self.run_command("--lang", "c", "--message-format", "json", module="none.wasm", code=2).stderr
        self.assertEqual(json.loads(message)["id"], "cannot-read")

    def test_a_kernel_that_a_language_cannot_call_is_left_out(self):
        self.compile("simd", SIMD, "-msimd128")
        self.pack(library("simd"), library("tensors"))
        for language in LANGUAGES:
            text = self.run_command("--lang", language, module="out.wasm").stdout
            self.assertIn('Left out, as this language cannot pass its values: "twice": (v128)->(v128)', text)
            self.assertNotIn("twice(", text)
            self.assertIn("relu(", text)


class Refusals(BindgenTest):
    def refuse(self, module="k.wasm", code=1):
        """The messages, the same in every language."""
        texts = set()
        for language in LANGUAGES:
            done = self.run_tool(WASMPACK, "bindgen", module, "--lang", language, check=False)
            self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
            texts.add(done.stderr)
        self.assertEqual(len(texts), 1)
        return texts.pop()

    def test_what_is_no_bundle(self):
        self.make_bundle()
        self.assertIn("a WebAssembly object", self.refuse("math.o", code=2))
        self.write("text", "hello")
        self.assertIn("`wasmpack pack` makes bundles", self.refuse("text", code=2))
        (self.folder / "cut.wasm").write_bytes((self.folder / "k.wasm").read_bytes()[:300])
        self.assertIn("cut.wasm", self.refuse("cut.wasm", code=2))

    def test_a_module_without_the_section(self):
        self.replace_section(self.make_bundle(), None)
        message = self.refuse()
        self.assertIn("it has no wasmpack.manifest section", message)
        self.assertIn("`wasmpack pack` makes modules that have one", message)

    def test_a_module_that_is_not_what_its_section_says(self):
        module = self.make_bundle()
        sound = module.read_bytes()
        self.edit_section(module, lambda s: s["libraries"][0]["kernels"][0].update(type="(f64)->()"))
        self.assertIn("has another type in the manifest section than as an export", self.refuse())
        self.edit_section(module, lambda s: s["libraries"][0]["kernels"][0].update(name="wasmpack_alloc"))
        self.assertIn("has another type", self.refuse())
        module.write_bytes(sound.replace(b"wasmpack_query", b"wasmpack_qurey"))
        self.assertIn("no export 'wasmpack_query' (function)", self.refuse())

    def test_sections_that_are_not_of_pack(self):
        module = self.make_bundle()
        for content, complaint in [
            (b"", "it is not JSON"), (b"{", "it is not JSON"), (b"[]", "is no JSON object"), (b"\xff", "it is not JSON"),
            (b"[" * 100000, "too deeply nested"), (b"[" + b"0," * 5000000 + b"0]", "too large"),
            (b"[" + b'{"a":0},' * 200000 + b"0]", "too large"), (b"{}", "schema is not 1"),
        ]:
            with self.subTest(content=content[:20]):
                self.replace_section(module, content)
                self.assertIn(complaint, self.refuse())

    def test_values_of_the_wrong_kind_are_named(self):
        module = self.make_bundle()
        self.declare_tensors(module)
        sound = module.read_bytes()
        kernel = lambda section: section["libraries"][1]["kernels"][0]
        for edit, complaint in [
            (lambda s: s.update(schema=2), "schema is not 1"),
            (lambda s: s.update(package=7), "package is missing or no object"),
            (lambda s: s["package"].pop("name"), "package.name is missing or no text"),
            (lambda s: s.update(libraries={}), "libraries is no array"),
            (lambda s: s["libraries"].append(7), "libraries[2] is no object"),
            (lambda s: kernel(s).pop("name"), "libraries[1].kernels[0].name is missing"),
            (lambda s: kernel(s).update(type="(i33)->()"), "libraries[1].kernels[0].type is no function type"),
            (lambda s: kernel(s).update(type="(" + "i32," * 1000 + "i32)->()"), "kernels[0].type is no function type"),
            (lambda s: kernel(s).update(abi=7), "kernels[0].abi is not one that this version knows"),
            (lambda s: kernel(s).update(abi="c"), "kernels[0].abi is no number"),
            (lambda s: kernel(s)["args"][0].update(dtype="int4"), "args[0].dtype is not one"),
            (lambda s: kernel(s)["args"][0].update(shape=[1.5]), "args[0].shape is no shape"),
            (lambda s: kernel(s)["args"][0].update(shape=[-2]), "args[0].shape is no shape"),
            (lambda s: kernel(s)["args"][0].update(shape=[1] * 65), "args[0].shape is missing or no shape"),
            (lambda s: s["params"][0].update(bytes=-1), "params[0].bytes is no number"),
            (lambda s: s["params"].append(copy.deepcopy(s["params"][0])), "the param 'conv1.weight' twice"),
            (lambda s: s["libraries"][0]["kernels"].append(dict(kernel(s))), "the kernel 't_relu' twice"),
        ]:
            with self.subTest(complaint=complaint):
                module.write_bytes(sound)
                self.edit_section(module, edit)
                self.assertIn(complaint, self.refuse())

    def test_absent_and_unknown_keys_are_fine(self):
        module = self.make_bundle()

        def edit(section):
            for key in list(section):
                if key not in ("schema", "package", "libraries"):
                    del section[key]
            section["libraries"][0] = {"name": "math", "kernels": [{"name": "m_add", "type": "(i32,i32)->(i32)", "new": 1}]}
            section["news"] = [{}]

        self.edit_section(module, edit)
        for language in LANGUAGES:
            self.assertIn("m_add", self.bindgen(language).read_text())


if __name__ == "__main__":
    unittest.main()
