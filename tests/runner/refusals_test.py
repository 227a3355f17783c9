# ctest: timeout=120 labels=sanitize
"""What `wasmpack run` refuses before anything runs, and what it says then."""

import json
import os
import unittest

from packager.bundles import WASMPACK, library
from run_case import RunTest, wasmtime_path

VISIBLE = '__attribute__((visibility("default"))) '
KERNELS = f"""
typedef int v4 __attribute__((vector_size(16)));
{VISIBLE}int add(int a, int b) {{ return a + b; }}
{VISIBLE}long long multiply(long long a, long long b) {{ return a * b; }}
{VISIBLE}float scale(float a, float b) {{ return a * b; }}
{VISIBLE}double tenth(double a) {{ return a * 0.1; }}
{VISIBLE}v4 lanes(v4 a, v4 b) {{ return a + b; }}
"""


class Refusals(RunTest):
    def setUp(self):
        super().setUp()
        self.compile("k", KERNELS, "-msimd128")
        self.pack(library("k"), output="k.wasm")

    def refused(self, *arguments, code=2):
        out, messages = self.run_kernel(*arguments, code=code)
        self.assertEqual(out, "")
        return messages

    def test_arguments_that_do_not_fit(self):
        self.write_npy("x.npy", "<f4", (1,), [1])
        for arguments, wanted in [
            (("add", "1"), "it takes 2 arguments, 1 are given [run-argument]\n  note: the kernel is 'add' of type (i32,i32)->(i32)"),
            (("add", "1", "1.5"), "argument 2, '1.5', is no i32: an integer from -2147483648 to 4294967295"),
            (("add", "1", "4294967296"), "is no i32"), (("multiply", "1", "18446744073709551616"), "is no i64"),
            (("scale", "1e39", "1"), "is no f32: a number that fits, nan or inf"),
            (("scale", "x.npy", "1"), "is a tensor, passed as its address, and the parameter is f32"),
            (("lanes", "1", "2"), "is no vector like i32x4:1,2,3,4"), (("tenth", "null"), "is no f64"),
            (("add", "one", "2"), "'one' is neither a number nor a tensor"), (("add", "gone.npy", "2"), "gone.npy: cannot read"),
            (("add", "out:float33[1]", "2"), "'out:float33[1]' has an element type that is none of float16"),
            (("add", "out", "2"), "has no type, and the manifest declares none"),
            (("add", "out:uint8[600000000]", "out:uint8[600000000]"), "the tensors take more than 1024 MiB together"),
            (("add", "1", "2", "-o", "y.npy"), "there are 1 files for 0 output tensors"),
            (("add", "in:", "2"), "'in:' names no file [run-argument]\n  help: write in:x.npy or inout:x.npy"),
            (("add", "inout:", "2"), "'inout:' names no file"),
        ]:
            with self.subTest(arguments):
                self.assertIn(wanted, self.refused("k.wasm", *arguments))

    def test_hostile_npy_files(self):
        for name, content in [("magic", b"PK\3\4"), ("cut", b"\x93NUMPY\1\0\xff\xff{"), ("empty", b""),
                              ("large", b"\x93NUMPY\1\0\x46\0{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }   \n")]:
            (self.folder / f"{name}.npy").write_bytes(content)
            self.assertRegex(self.refused("k.wasm", "add", f"{name}.npy", "1"), rf"^wasmpack: error: {name}\.npy: it ", name)

    def test_outputs_that_would_replace_something(self):
        self.write_npy("x.npy", "<i4", (1,), [1])
        self.write_npy("y.npy", "<i4", (1,), [2])
        before = {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}
        (self.folder / "link").symlink_to(".")
        for files, wanted in [
            (("k.wasm",), "k.wasm: this is an input, which an output would replace"), (("link/k.wasm",), "link/k.wasm: this is an input"),
            (("x.npy",), "x.npy: this is an input"), (("new.npy", str(self.folder / "y.npy")), "y.npy: this is an input"),
            (("a.npy", "a.npy"), "a.npy: two outputs would have this name"), (("a.npy", "./a.npy"), "./a.npy: two outputs would have this name"),
        ]:
            with self.subTest(files):
                options = [word for file in files for word in ("-o", file)]
                self.assertIn(wanted, self.refused("k.wasm", "add", "inout:x.npy", "inout:y.npy", *options))
                self.assertEqual({path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}, before)
        self.run_kernel("k.wasm", "add", "inout:x.npy", "inout:y.npy", "-o", "/dev/null", "-o", "/dev/null")

    def test_outputs_are_written_together(self):
        _, messages = self.run_kernel("k.wasm", "add", "out:uint8[1]", "out:uint8[1]", "-o", "a.npy", "-o", "gone/b.npy", code=1)
        self.assertIn("gone/b.npy: cannot write: the folder 'gone' does not exist", messages)
        self.assertEqual([path.name for path in self.folder.iterdir() if "npy" in path.name or "tmp" in path.name], [])

    def test_lines_of_calls_that_are_refused(self):
        calls = [["k.wasm", "ad"], ["k.wasm", "add", "1"], ["k.wasm", "add\0", "1", "2"], ["k.wasm\0", "add", "1", "2"], ["k.wasm", "add", "1", "2"]]
        (self.folder / "calls").write_text("".join(json.dumps(call) + "\n" for call in calls))
        out, _ = self.run_kernel("--calls", "calls", code=1)
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([line["status"] for line in lines], ["refused"] * 4 + ["ok"])
        failures = [line["failures"][0] for line in lines[:4]]
        self.assertEqual([f["kind"] for f in failures], ["unknown-kernel", "run-argument", "bad-call", "bad-call"])
        self.assertEqual([(f["help"], f["notes"]) for f in failures[:2]],
                         [("did you mean 'add'?", []), (None, ["the kernel is 'add' of type (i32,i32)->(i32)"])])
        self.assertIn("a text has a NUL", failures[2]["message"])
        # What is refused needs no engine to be known.
        without, messages = self.run_kernel("--calls", "calls", engine="node", path="/nowhere", code=1)
        self.assertEqual(without.splitlines(), out.splitlines()[:4])
        self.assertIn("[engine-missing]", messages)

    def test_a_list_takes_nothing_else(self):
        for words in (["add"], ["--bench"], ["-o", "y.npy"]):
            self.assertIn("--list", self.refused("k.wasm", "--list", *words), words)

    def test_what_is_no_kernel_and_no_bundle(self):
        self.assertIn("it has no kernel 'ad' [unknown-kernel]\n  help: did you mean 'add'?", self.refused("k.wasm", "ad"))
        self.assertIn("`wasmpack run k.wasm --list` shows what there is", self.refused("k.wasm", "zzzzzzz"))
        self.assertIn("no kernel is given", self.refused("k.wasm"))
        self.assertIn("no bundle is given", self.refused())
        self.assertIn("not a bundle", self.refused("k.o", "add"))
        self.assertIn("cannot read", self.refused("gone.wasm", "add"))
        self.assertIn("none of interp, node, wasmtime", self.refused("k.wasm", "add", "--engine", "v8"))
        self.assertIn("none of interp, node, wasmtime", self.refused("--engine", "v8", "k.wasm", "add", "--", "1", "-2"))
        self.assertIn("unknown option '--engin'", self.refused("--engin", "node", "k.wasm", "add", "--", "1", "-2"))
        self.assertIn("none of trap, zero", self.refused("k.wasm", "add", "--imports", "none"))
        self.assertIn("no number of seconds", self.refused("k.wasm", "add", "--timeout", "0"))
        self.assertIn("--bench", self.refused("k.wasm", "add", "--warmup", "2"))
        line = json.loads(self.refused("k.wasm", "ad", "--message-format", "json", "--color", "never"))
        self.assertEqual(line["id"], "unknown-kernel")

    def test_engines_that_are_not_there(self):
        out, messages = self.run_kernel("k.wasm", "add", "1", "2", engine="node", path="/nowhere", code=1)
        self.assertIn("no `node` in PATH [engine-missing]\n  help: Debian: apt-get install nodejs", messages)
        out, messages = self.run_kernel("k.wasm", "add", "1", "2", engine="wasmtime", path="/nowhere", code=1)
        self.assertIn("no `python3` in PATH", messages)
        # A Python without packages, whatever this machine has.
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        script = self.write("bin/python3", '#!/bin/sh\nexec /usr/bin/python3 -S "$@"\n')
        script.chmod(0o755)
        out, messages = self.run_kernel("k.wasm", "add", "1", "2", engine="wasmtime", path=f"{bin_folder}:/usr/bin:/bin", code=1)
        self.assertEqual(out, "")
        self.assertIn("has no package wasmtime [engine-missing]\n  help: python3 -m venv V", messages)

    def test_no_file_of_the_current_folder_is_executed(self):
        for name in ("wasmtime", "struct", "threading", "importlib"):
            self.write(f"{name}.py", 'open("executed", "w")')
        for path in (None, wasmtime_path()):
            self.run_env({**os.environ, "PATH": path or os.environ["PATH"]}, WASMPACK, "run", "k.wasm", "add", "1", "2", "--engine", "wasmtime")
            self.assertFalse((self.folder / "executed").exists())


if __name__ == "__main__":
    unittest.main()
