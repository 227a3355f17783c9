"""Makes bundles for the tests: compiles C, writes manifests, packs, runs JavaScript against the result."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

WASMPACK = os.environ["WASMPACK"]
HERE = pathlib.Path(__file__).parent

HEAD = 'schema = 1\n[package]\nname = "test"\nversion = "1.0.0"\n'


def library(name, *inputs, kernels=None, **keys):
    """A [[library]] with its kernels. A key's underscores become dashes; values are written as JSON, which is TOML."""
    text = f'[[library]]\nname = "{name}"\ninputs = {json.dumps(inputs or [name + ".o"])}\n'
    for key, value in keys.items():
        text += f"{key.replace('_', '-')} = {json.dumps(value)}\n"
    for kernel in kernels or []:
        kernel = {"symbol": kernel} if isinstance(kernel, str) else kernel
        text += "[[library.kernel]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in kernel.items())
    return text


class BundleTest(unittest.TestCase):
    """A test with a folder of its own, removed at its end."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def compile(self, name, source, *options, language="c"):
        """name.o from C source text."""
        self.write(f"{name}.{language}", source)
        self.run_tool("clang-22", "--target=wasm32", "-O2", "-ffreestanding", *options, "-c", f"{name}.{language}",
                      "-o", f"{name}.o")

    def run_tool(self, *argv, check=True):
        done = subprocess.run([str(a) for a in argv], cwd=self.folder, capture_output=True, text=True, timeout=120,
                              errors="backslashreplace", check=False)
        if check and done.returncode != 0:
            self.fail(f"{argv}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def manifest(self, *libraries, bundle="", more=""):
        """k.toml; `more` are further tables."""
        return self.write("k.toml", HEAD + (f"[bundle]\n{bundle}\n" if bundle else "") + "".join(libraries) + more)

    def pack(self, *libraries, bundle="", more="", output="out.wasm", options=()):
        """Packs, and holds the result against the two validators there are. Inputs may lie anywhere on this machine."""
        self.manifest(*libraries, bundle=bundle, more=more)
        done = self.run_tool(WASMPACK, "pack", "k.toml", "--allow-outside", "-o", output, *options)
        self.messages = done.stderr
        self.run_tool("wasm-validate", output)
        return self.folder / output

    def refuse(self, *libraries, bundle="", more="", code=1, options=("--allow-outside",)):
        """The messages of a pack that must fail, and that must leave nothing behind."""
        self.manifest(*libraries, bundle=bundle, more=more)
        before = sorted(os.listdir(self.folder))
        done = self.run_tool(WASMPACK, "pack", "k.toml", *options, "-o", "out.wasm", check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        return done.stderr

    def run_js(self, script, module="out.wasm"):
        """What `script` returns, as JSON. It has load and traps of bundle.mjs, and the module's `path`."""
        text = (f"import {{load, traps, Bundle}} from {json.dumps(str(HERE / 'bundle.mjs'))};\n"
                f"const path = {json.dumps(str(self.folder / module))};\n"
                "const run = async () => {\n" + script + "\n};\n"
                "console.log(JSON.stringify(await run()));\n")
        return json.loads(self.run_tool("node", "--input-type=module", "--no-warnings", "-e", text).stdout)
