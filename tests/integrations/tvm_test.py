# ctest: timeout=600 labels=hosts
"""TVM from PyPI: examples/tvm as its README says it, the page for TVM's users, and integrations/python/wasmpack_tvm."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from lib import registries

ROOT = pathlib.Path(os.environ.get("WASMPACK_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
WASMPACK = pathlib.Path(os.environ["WASMPACK"])
PACKAGES = ("apache-tvm==0.27.0.post1", "numpy==2.4.6", "wasmtime==50.0.1", "setuptools==80.9.0")
FOLDERS = ("examples/tvm", "integrations/python/wasmpack_tvm")
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
sys.path.insert(0, str(ROOT / "tests/docs"))

from examples_test import read_blocks  # noqa: E402

# A matmul for wasm32, and what the tests below do with export_library.
HEAD = """
import sys, tvm, warnings
import wasmpack_tvm as w
from tvm import te

def compiled(name="matmul", prefix="", target=None, n=8, **attributes):
    a, b = (te.placeholder((n, n), name=letter) for letter in "ab")
    k = te.reduce_axis((0, n), name="k")
    c = te.compute((n, n), lambda i, j: te.sum(a[i, k] * b[k, j], axis=k), name="c")
    module = tvm.IRModule({name: te.create_prim_func([a, b, c]).with_attr("global_symbol", name)})
    if prefix is not None:
        module = module.with_attr("system_lib_prefix", prefix)
    return tvm.compile(module, target=tvm.target.Target(target or w.target()))

def relax_model():
    from tvm.relax.frontend import nn
    class Dense(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(8, 4)
        def forward(self, x):
            return nn.op.relu(self.layer(x))
    return Dense().export_tvm(spec={"forward": {"x": nn.spec.Tensor((1, 8), "float32")}})[0]

def attempt(what):
    try:
        what()
    except (w.WasmpackError, TypeError, ValueError) as error:
        print(type(error).__name__ + ": " + str(error))
    else:
        print("no error")
"""


class TvmTest(unittest.TestCase):
    """Each test has a folder with a copy of the example and of the package, which is installed beside it."""

    @classmethod
    def setUpClass(cls):
        try:
            cls.python = registries.python_with(*PACKAGES)
        except registries.Unreachable as error:
            registries.skip(error)
            raise unittest.SkipTest(str(error)) from error
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.site = pathlib.Path(temporary.name) / "site"
        shutil.copytree(ROOT / FOLDERS[1], pathlib.Path(temporary.name) / "package")
        # Without isolation pip needs no network: what it builds with is among PACKAGES.
        done = subprocess.run([cls.python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", cls.site,
                               pathlib.Path(temporary.name) / "package"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        path = f"{self.python.parent}:{WASMPACK.parent}:{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": str(self.site), "PYTHONDONTWRITEBYTECODE": "1"}
        del self.environment["WASMPACK"]  # the command is found in PATH

    def run_in(self, *words, folder=None, **environment):
        done = subprocess.run([str(word) for word in words], cwd=folder or self.folder, env={**self.environment, **environment},
                              capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def run_python(self, code, **environment):
        """What `code` prints, behind HEAD."""
        return self.run_in(self.python, "-c", HEAD + code, **environment)

    def plan(self, *words):
        return self.run_in(WASMPACK, "pack", "--dry-run", *words)

    def exports_of(self, name):
        code = "const m = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));" \
               "console.log(JSON.stringify([WebAssembly.Module.exports(m).map(e => e.name), WebAssembly.Module.imports(m).length]))"
        exports, imports = json.loads(self.run_in("node", "-e", code, name))
        self.assertEqual(imports, 0)
        return exports


class Example(TvmTest):
    def test_as_its_readme_says(self):
        for folder in FOLDERS:
            shutil.copytree(ROOT / folder, self.folder / folder, ignore=shutil.ignore_patterns("build", "*.egg-info"))
        here = self.folder / "examples/tvm"
        first, *blocks = SHELL_BLOCK.findall((here / "README.md").read_text())
        # python_with() has done what the first block says, and pip writes into no folder that other tests see.
        self.assertEqual(first.splitlines()[1], "pip install " + " ".join(PACKAGES))
        pip = {"PIP_TARGET": str(self.folder / "site"), "PIP_NO_BUILD_ISOLATION": "0", "PYTHONPATH": str(self.folder / "site")}
        ran, looked = [self.run_in("bash", "-ec", block, folder=here, **pip) for block in blocks]
        size, *lines = [line for line in ran.splitlines() if line.startswith(("ok", "WRONG", "build/"))]
        self.assertRegex(size, r"^build/kernels\.wasm: \d+ KiB$")
        shown = (here / "README.md").read_text().split("```text\n")[1].split("```")[0].splitlines()
        self.assertEqual(len(shown), 6)
        self.assertEqual(lines, shown + shown)  # node, then wasmtime
        self.assertIn("f32x4.mul", looked)

        with self.subTest("nothing is imported, the vectors are in the kernels that were to have them"):
            exports = self.exports_of(here / "build/kernels.wasm")
            for name in ("one_matmul", "two_matmul", "conv_conv2d"):
                self.assertIn(name, exports)
            functions = self.run_in("wasm-objdump", "-d", here / "build/kernels.wasm").split("\n\n")
            vectors = {match[1] for text in re.split(r"\n(?=[0-9a-f]+ func)", "\n".join(functions))
                       if "f32x4.mul" in text and (match := re.match(r"[0-9a-f]+ func\[\d+\] <([^>]+)>", text.lstrip()))}
            self.assertGreaterEqual(len(vectors), 3, vectors)

        with self.subTest("the hosts notice a wrong result"):
            cases = json.loads((here / "build/cases.json").read_text())
            cases[0]["expected"][7] += 1
            (here / "build/cases.json").write_text(json.dumps(cases))
            for words in (("node", "run.mjs"), (self.python, "run.py")):
                done = subprocess.run([str(w) for w in words], cwd=here, env=self.environment, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn("WRONG one_matmul", done.stdout)


class Page(TvmTest):
    def test_the_page_for_its_users(self):
        # In place of the repository: the folder in which the page works, and the one file that it takes from elsewhere.
        here = self.folder / "build/tvm"
        for folder in (here, self.folder / "examples/tvm"):
            folder.mkdir(parents=True)
        shutil.copy(ROOT / "examples/tvm/tensors.mjs", self.folder / "examples/tvm")
        blocks = read_blocks((ROOT / "docs/getting-started-tvm.md").read_text(encoding="utf-8"))
        for words, content in blocks:
            if words[0].startswith("file="):
                (here / words[0].removeprefix("file=")).write_text(content)
        outputs = 0
        for words, content in blocks:
            if words[0] in ("run", "setup"):
                said = self.run_in("bash", "-ec", content, folder=here)
            elif words[0] == "output":
                self.assertEqual(said, content)
                outputs += 1
        self.assertEqual(outputs, 5)


class Bundle(TvmTest):
    def test_what_is_in_it(self):
        self.run_python("""
import numpy as np
params = {"w": np.arange(6, dtype="float32").reshape(2, 3), "b": np.zeros((), "int8")}
path = compiled().export_library("k.wasm", fcompile=w.bundle(prefix="net_", library="net", name="vision", version="1.2.3", params=params,
                                                             stack_size="1MiB", strip="debug", kernels=["matmul"]))
assert path == "k.wasm"
""")
        self.assertIn("net_matmul", self.exports_of("k.wasm"))
        facts = json.loads(self.run_in(WASMPACK, "inspect", "--json", "k.wasm"))
        self.assertEqual((facts["bundle"]["name"], facts["bundle"]["version"]), ("vision", "1.2.3"))
        self.assertEqual([(kernel["name"], kernel["library"]) for kernel in facts["kernels"]], [("net_matmul", "net")])
        self.assertEqual([(p["name"], p["dtype"], p["shape"], p["bytes"]) for p in facts["params"]],
                         [("b", "int8", [], 1), ("w", "float32", [2, 3], 24)])
        self.assertEqual(os.listdir(self.folder), ["k.wasm"])

    def test_same_bytes_from_each_build(self):
        for i in range(2):
            self.run_python(f'compiled().export_library("k{i}.wasm", fcompile=w.bundle(name="k", prefix="n_"))')
        self.assertEqual((self.folder / "k0.wasm").read_bytes(), (self.folder / "k1.wasm").read_bytes())

    def test_beside_others_of_a_manifest(self):
        """Two libraries of one name, TVM's tar file among the inputs; nothing is left beside the manifest."""
        (self.folder / "rest.toml").write_text('schema = 1\npackage = { name = "rest", version = "1.0.0" }\n'
                                               '[[library]]\nname = "one"\ninputs = ["out/one.tar"]\nprefix = "one_"')
        (self.folder / "out").mkdir()
        self.run_python("""
compiled().export_library("out/one.tar")
compiled(n=4).export_library("out/k.wasm", fcompile=w.bundle(manifest="rest.toml", library="two", prefix="two_"))
attempt(lambda: compiled().export_library("k.wasm", fcompile=w.bundle(manifest="rest.toml", library="one")))
""")
        self.assertLessEqual({"one_matmul", "two_matmul"}, set(self.exports_of("out/k.wasm")))
        self.assertEqual(sorted(os.listdir(self.folder)), ["out", "rest.toml"])

    def test_messages_of_the_users_manifest_have_its_name_and_lines(self):
        (self.folder / "rest.toml").write_text('schema = 1\npackage = { name = "rest" }\n')
        said = self.run_python('attempt(lambda: compiled().export_library("k.wasm", fcompile=w.bundle(manifest="rest.toml")))')
        self.assertRegex(said, r"WasmpackError: `wasmpack pack` failed:\nwasmpack: error: rest\.toml:2:11: ")
        self.assertEqual(os.listdir(self.folder), ["rest.toml"])

    def test_options_and_addons(self):
        (self.folder / "c.c").write_text('__attribute__((visibility("default"))) int helper(void) { return 7; }\n')
        self.run_in("clang-22", "--target=wasm32", "-O1", "-c", "c.c")
        self.run_python("""compiled().export_library("k.wasm", fcompile=w.bundle(kernels=["matmul", "helper"]), addons=["c.o"],
                                                     options=["--map", "k.map"])""")
        self.assertIn("helper", self.exports_of("k.wasm"))
        self.assertIn("helper", (self.folder / "k.map").read_text())


class Library(TvmTest):
    def test_one_object_that_links_again(self):
        self.run_python("""
compiled().export_library("one.o", fcompile=w.library(), options=["--strip-debug", "--init-guard"])
compiled().export_library("one.tar")
""")
        self.run_in(WASMPACK, "link", "one.tar", "--strip-debug", "--init-guard", "-o", "expected.o")
        self.assertEqual((self.folder / "one.o").read_bytes(), (self.folder / "expected.o").read_bytes())
        self.assertIn("matmul (i32,i32,i32,i32)->(i32)", self.plan("one.o"))
        self.assertIn("matmul (i32,i32,i32,i32)->(i32)", self.plan("one.tar"))

    def test_a_prefix_of_tvm(self):
        self.run_python('compiled("net_matmul", "net_").export_library("one.o", fcompile=w.library())')
        self.assertIn("net_matmul (i32,i32,i32,i32)->(i32)", self.plan("one.o"))


class Refusals(TvmTest):
    def test_what_tvms_runtime_is_needed_for(self):
        said = self.run_python("""
target = tvm.target.Target(w.target())
for mode in "bytecode", "compiled":
    for fcompile in w.bundle(), w.library():
        attempt(lambda: tvm.relax.build(relax_model(), target, exec_mode=mode).export_library("k.wasm", fcompile=fcompile))
attempt(lambda: tvm.relax.build(relax_model(), target).export_library("k.wasm", fcompile=w.bundle(kernels_only=True)))
""")
        self.assertEqual(re.findall(r"^WasmpackError: this (.*?)(?:,|;|$)", said, re.M),
                         ["is a program of Relax's virtual machine"] * 2 + ["has functions of Relax's virtual machine"] * 2)
        self.assertEqual(said.count("wasmpack_tvm.split(module)"), 4)
        self.assertTrue(said.endswith("no error\n"))
        self.assertIn("matmul", self.exports_of("k.wasm"))

    def test_wrong_inputs(self):
        said = self.run_python("""
attempt(lambda: compiled(prefix=None).export_library("k.wasm", fcompile=w.bundle()))
attempt(lambda: compiled(target="llvm").export_library("k.wasm", fcompile=w.bundle()))
attempt(lambda: compiled(target="c").export_library("k.wasm", fcompile=w.bundle()))
attempt(lambda: compiled().export_library("k.wasm", fcompile=w.bundle(manifest="missing.toml")))
attempt(lambda: w.bundle(manifest="k.toml", name="x", optimize="O3"))
attempt(lambda: w.bundle(kernels="dbl"))
attempt(lambda: w.split(None))
attempt(lambda: compiled().export_library("k.wasm", fcompile=w.bundle(optimise="O3")))
attempt(lambda: compiled().export_library("k.wasm", fcompile=w.bundle(params={"w": "text"})))
""")
        system_library, elf, source, missing, twice, letters, nothing, key, param = re.split(r"\n(?=\w+Error: )", said)
        self.assertIn('with_attr("system_lib_prefix", "")', system_library)
        self.assertIn("lib0.o: this is an ELF file", elf)
        self.assertRegex(source, "lib0.c is source text|need --system-lib option")
        self.assertIn("missing.toml: cannot read the manifest", missing)
        self.assertIn("TypeError: name, optimize: with `manifest`, that stands in k.toml", twice)
        self.assertIn("TypeError: kernels: 'dbl' is a text, and this takes a list: kernels=['dbl']", letters)
        self.assertIn("TypeError: module: NoneType is no tvm.IRModule", nothing)
        self.assertIn("did you mean 'optimize'?", key)
        self.assertIn("param w: str is no array", param)
        self.assertEqual(os.listdir(self.folder), [])

    def test_an_old_output_stays(self):
        (self.folder / "k.wasm").write_text("old")
        self.assertIn("WasmpackError", self.run_python('attempt(lambda: compiled().export_library("k.wasm", fcompile=w.bundle(kernels=["x"])))'))
        self.assertEqual((self.folder / "k.wasm").read_text(), "old")

    def test_no_command(self):
        code = 'attempt(lambda: compiled().export_library("k.wasm", fcompile=w.bundle()))'
        said = self.run_python(code, PATH=str(self.python.parent))
        self.assertIn("WasmpackError: the command `wasmpack` is not in PATH\n  help: ", said)
        said = self.run_python(code, WASMPACK="/nowhere/wasmpack")
        self.assertIn("WASMPACK names /nowhere/wasmpack, which is no program\n  help: ", said)
        self.assertEqual(self.run_python(code, PATH=str(self.python.parent), WASMPACK=str(WASMPACK)), "no error\n")

    def test_models_that_cannot_be_split(self):
        said = self.run_python("""
from tvm.relax.frontend import nn
class Dynamic(nn.Module):
    def forward(self, x):
        return nn.op.relu(x)
class Pair(nn.Module):
    def forward(self, x):
        return nn.op.relu(x), nn.op.exp(x)
for model, shape in (Dynamic(), ("n", 8)), (Pair(), (2, 8)):
    module, _ = model.export_tvm(spec={"forward": {"x": nn.spec.Tensor(shape, "float32")}})
    attempt(lambda: w.split(module, "forward"))
attempt(lambda: w.split(module, "forwards"))
""")
        self.assertNotIn("no error", said)
        self.assertEqual(said.count("WasmpackError: "), 3, said)


class Measure(TvmTest):
    def test_in_each_engine(self):
        """With the right result; the interpreter counts instructions, and a wrong call is a result, too."""
        said = self.run_python("""
import json, numpy as np
compiled().export_library("k.wasm", fcompile=w.bundle())
x = np.arange(64, dtype="float32").reshape(8, 8)
for engine in "node", "wasmtime", "interp":
    found = w.measure("k.wasm", "matmul", x, tvm.runtime.tensor(x), "out:float32[8,8]", engine=engine, warmup=1, repeat=4)
    assert found.median > 0 and found.spread >= 0 and len(found.samples) == 4 and not found.failures
    assert found.report["tensors"][0]["values"] == (x @ x).ravel().tolist()
    print(found.engine.split()[0], found.instructions is not None and found.instructions > 8 * 8)
for number in np.float64(1.5), np.float32(1.5), np.int32(1), np.bool_(True), True:
    found = w.measure("k.wasm", "matmul", x, x, number, engine="interp")
    assert found.failures[0]["kind"] == "kernel", found.report
found = w.measure("k.wasm", "matmul", x, x, 1.5, engine="interp")
print(found.median, found.spread, found.samples, found.failures[0]["kind"])
attempt(lambda: w.measure("k.wasm", "matmull", x, engine="interp"))
attempt(lambda: w.measure("none.wasm", "matmul"))
""")
        self.assertEqual(said.splitlines()[:4], ["node False", "wasmtime False", "wabt True", "None None () kernel"])
        self.assertIn("WasmpackError: `wasmpack run` failed:", said)
        self.assertIn("none.wasm: cannot read", said)
        self.assertNotIn("no error", said)


if __name__ == "__main__":
    unittest.main()
