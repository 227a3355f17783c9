"""What the tests of hosts share: the one bundle of examples/hosts, what its kernels must give, and the pages' examples.

The bundle is packed once for all tests, by examples/hosts/build.sh: every host gets the same bytes. What kernels must
give is computed here, not by any of them.
"""

import fcntl
import hashlib
import json
import math
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

WASMPACK = pathlib.Path(os.environ["WASMPACK"])
ROOT = pathlib.Path(os.environ.get("WASMPACK_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("WASMPACK_BUILD_DIR") or ROOT / "build")
EXAMPLE = ROOT / "examples" / "hosts"
LOADER = ROOT / "integrations" / "js"
BLOCK = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IGNORE = shutil.ignore_patterns("target", "node_modules", "site", "*.o", "*.wasm")


def _inputs():
    """A hash of what the bundle is made of, the command and its child programs included."""
    digest = hashlib.sha256()
    files = [path for path in EXAMPLE.glob("*") if path.suffix in (".toml", ".sh", ".bin")]
    files += [*EXAMPLE.glob("kernels/*.c"), *(WASMPACK.parent.parent / "libexec/wasmpack").glob("*")]
    for path in [*sorted(files), ROOT / "testdata/tvm/real_conv.o", WASMPACK]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _run(argv, **more):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=300, check=False, **more)
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode}: {argv}\n{done.stdout}{done.stderr}")
    return done


def environment(path=()):
    return {**os.environ, "PATH": ":".join([*map(str, path), str(WASMPACK.parent), os.environ["PATH"]])}


def bundle():
    """The bundle's path. Tests run beside each other, in processes of their own: the first one packs."""
    folder = BUILD / "tests-hosts"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"kernels-{_inputs()}.wasm"
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            for old in folder.glob("kernels-*"):
                old.unlink()
            with tempfile.TemporaryDirectory() as name:
                example = copy_example(pathlib.Path(name))
                _run([example / "build.sh"], env=environment())
                (folder / "fresh").write_bytes((example / "kernels.wasm").read_bytes())
            (folder / "fresh").rename(target)
    return target


def copy_example(folder):
    """examples/hosts in `folder`, with what it takes from testdata and integrations/js beside it as in the tree."""
    shutil.copytree(EXAMPLE, folder / "examples/hosts", ignore=IGNORE)
    shutil.copytree(LOADER, folder / "integrations/js", ignore=IGNORE)
    (folder / "testdata/tvm").mkdir(parents=True)
    shutil.copy(ROOT / "testdata/tvm/real_conv.o", folder / "testdata/tvm")
    return folder / "examples/hosts"


def conv2d(data, weight, bias):
    """2 channels of 8 x 8, 4 filters of 3 x 3, bias, relu: 4 x 6 x 6 numbers."""
    return [max(0.0, bias[o] + sum(data[64 * c + 8 * (i + y) + j + x] * weight[18 * o + 9 * c + 3 * y + x]
                                   for c in range(2) for y in range(3) for x in range(3)))
            for o in range(4) for i in range(6) for j in range(6)]


def expected_values():
    """What each kernel gives for the arguments that every host passes."""
    weight = struct.unpack("<72f", (EXAMPLE / "weights.bin").read_bytes())
    bias = struct.unpack("<4f", (EXAMPLE / "bias.bin").read_bytes())
    return {
        "registered": 2,  # constructors of two libraries, each once
        "add": 40 + 2,
        "gcd": math.gcd(54, 24),
        "mix": 2 + (4 - 2) * 0.25,
        "ramp": sum(i * i for i in range(16)),
        "axpy": [2 * x + y for x, y in zip([1, 2, 3, 4, 5], [10, 20, 30, 40, 50])],
        "conv2d": conv2d([i % 9 - 4 for i in range(128)], weight, bias),
    }


def expected_output(without=()):
    """The lines that every host prints."""
    values = expected_values()
    convolved = values.pop("conv2d")
    values["axpy"] = " ".join(f"{value:g}" for value in values["axpy"])
    values["conv2d"] = " ".join(f"{value:g}" for value in convolved[:6]) + f" sum {sum(convolved):g}"
    return "".join(f"{name} {value:g}\n" if isinstance(value, (int, float)) else f"{name} {value}\n"
                   for name, value in values.items() if name not in without)


class HostTest(unittest.TestCase):
    """A test of one host: `folder` is a copy of examples/hosts with the bundle in it as kernels.wasm."""

    FOLDER = None  # a fixed one for tools that know what they built by its path

    def setUp(self):
        if self.FOLDER:
            shutil.rmtree(self.FOLDER, ignore_errors=True)
            self.FOLDER.mkdir(parents=True)
        self.root = self.FOLDER or pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        self.folder = copy_example(self.root)
        self.bundle = self.folder / "kernels.wasm"
        shutil.copy(bundle(), self.bundle)
        self.before = hashlib.sha256(self.bundle.read_bytes()).hexdigest()

    def tearDown(self):
        # Each host had the bytes that build/tests-hosts has, and left them alone.
        self.assertEqual(hashlib.sha256(self.bundle.read_bytes()).hexdigest(), self.before)
        self.assertEqual(hashlib.sha256(bundle().read_bytes()).hexdigest(), self.before)

    def check_page(self, page, path=(), code=()):
        """Holds a page of docs/hosts against the example: its code is that of the files, its commands give its output.
        Returns what the commands printed."""
        text = (ROOT / "docs/hosts" / page).read_text(encoding="utf-8")
        printed, shown = "", set()
        for language, words, content in BLOCK.findall(text):
            if words == "run":
                printed = self.run_commands(content, path).stdout
            elif words == "output":
                self.assertEqual(printed, content, page)
            elif words.startswith("file="):
                name = words.removeprefix("file=")
                shown.add(name)
                self.assertIn(content.strip("\n"), (self.folder / name).read_text(encoding="utf-8"), f"{page}: {name}")
            else:
                self.assertIn(language, ("sh", "text", "js", "ts"), f"{page}: a block marked {words}")
        self.assertEqual(shown, set(code), page)
        return printed

    def run_commands(self, script, path=()):
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=self.folder, env=environment(path),
                              capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 0, f"{script}\n{done.stdout}{done.stderr}")
        return done

    def run_js(self, script):
        """What `script` returns, as JSON: a module's body in node, with the loader at hand as the package it is."""
        modules = self.folder / "node_modules"
        if not modules.exists():
            modules.mkdir()
            (modules / "wasmpack-loader").symlink_to(self.root / "integrations/js")
        (self.folder / "script.mjs").write_text(
            "import fs from 'node:fs';\n"
            "import {Bundle, View, instantiate} from 'wasmpack-loader';\n"
            "import {call, tensor} from 'wasmpack-loader/tvm.js';\n"
            "const message = async (make) => { try { await make(); return null; } catch (e) { return e.message; } };\n"
            f"const run = async () => {{\n{script}\n}};\n"
            "console.log(JSON.stringify(await run(), (_, v) => typeof v === 'bigint' ? String(v)\n"
            "  : ArrayBuffer.isView(v) ? [...v] : v));\n", encoding="utf-8")
        done = _run(["node", "--no-warnings", "script.mjs"], cwd=self.folder)
        return json.loads(done.stdout)
