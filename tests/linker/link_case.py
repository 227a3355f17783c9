"""What the tests of `wasmpack link` share: a folder of their own, compilers, and the two ways a link can end."""

import os
import re
import subprocess
import tempfile
import unittest

from lib import tools, wasm

BARE = "wasm32-unknown-unknown"
WASI = "wasm32-wasi"
# What tests/lib/host.mjs prints as "<text> <value>" when a program calls it.
LOG = "void host_log(const char *, int);\n"
FINAL = ("--no-entry", "--allow-undefined")


class LinkCase(unittest.TestCase):
    """Commands run in a fresh folder with relative file names, so messages show those names and nothing else."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def exists(self, name):
        return os.path.exists(self.path(name))

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, content):
        with open(self.path(name), "wb" if isinstance(content, bytes) else "w") as file:
            file.write(content)
        return name

    def run_in(self, *argv, check=True, **more):
        return tools.run(argv, check=check, cwd=self.folder, **more)

    # ---- Inputs ----

    def compile(self, name, text, *flags, version="22", target=BARE, output=None):
        """Compiles `text` as the file `name` (.c, .cpp, .s); returns the object's name: a.c becomes a.o."""
        self.write(name, text)
        output = output or os.path.splitext(name)[0] + ".o"
        driver = "clang++" if name.endswith(".cpp") else "clang"
        level = [] if name.endswith(".s") or any(f.startswith("-O") for f in flags) else ["-O1"]
        self.run_in(f"{driver}-{version}", f"--target={target}", *level, *flags, "-c", name, "-o", output)
        return output

    def archive(self, name, *members):
        if self.exists(name):
            os.remove(self.path(name))
        self.run_in("llvm-ar-22", "rcs", name, *members)
        return name

    # ---- Linking ----

    def call(self, *words, **more):
        """wasmpack link, whatever comes of it."""
        return self.run_in(tools.WASMPACK, "link", *words, check=False, **more)

    def link(self, *words, output="out.o", **more):
        """A link that must succeed without a word on stderr, unless the caller looks at it: (path, stderr)."""
        done = self.call(*words, "-o", output, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.stderr, self.stdout = done.stderr, done.stdout
        return self.path(output)

    def linked(self, *words, output="out.o", **more):
        """The linked object, read by the tests' own reader."""
        return wasm.read(self.link(*words, output=output, **more))

    def fails(self, *words, code=1, output="out.o", needs_help=True, **more):
        """A link that must fail with that exit code, a message with a way out, and no output; returns stderr."""
        before = sorted(os.listdir(self.folder))
        old = self.bytes_of(output) if self.exists(output) else None
        done = self.call(*words, "-o", output, **more)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn("error: ", done.stderr)
        if needs_help:
            self.assertIn("  help: ", done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), before, "files appeared or went")
        if old is not None:
            self.assertEqual(self.bytes_of(output), old)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def errors_in(self, stderr):
        return [line for line in stderr.splitlines() if line.startswith("wasmpack: error: ")]

    # ---- What comes of it ----

    def final(self, *inputs, output="final.wasm", version="22", options=(), check=True):
        """wasm-ld's final link, as (path, stderr) or the finished process if it may fail."""
        done = self.run_in(f"wasm-ld-{version}", *FINAL, *options, *inputs, "-o", output, check=check)
        return self.path(output) if check else done

    def run_module(self, module="final.wasm", *exports, options=()):
        """The lines that the module printed in node, see tests/lib/host.mjs."""
        return tools.node("host", self.path(module), *exports, options=options).splitlines()[:-1]

    def run_objects(self, *inputs, exports=(), version="22", options=()):
        """Links finally and runs."""
        self.final(*inputs, version=version, options=options)
        return self.run_module("final.wasm", *exports)


def symbols(obj, kind=None):
    """Symbols by name; names that occur more than once (locals) have a list of them joined away: the last."""
    return {s.name: s for s in obj.symbols if s.kind != 3 and (kind is None or s.kind == kind)}


def flags_of(obj, label):
    """The flags of the one symbol of that name, as a set of words."""
    found = [s for s in obj.symbols if s.name == label and s.kind != 3]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} symbols named {label}")
    words = {wasm.WEAK: "weak", wasm.LOCAL: "local", wasm.HIDDEN: "hidden", wasm.UNDEFINED: "undefined",
             wasm.EXPORTED: "exported", wasm.EXPLICIT_NAME: "explicit_name", wasm.NO_STRIP: "no_strip",
             wasm.TLS: "tls", wasm.ABSOLUTE: "absolute"}
    return {word for bit, word in words.items() if found[0].flags & bit}


def global_names(obj):
    """Names of defined symbols that other objects can refer to."""
    return {s.name for s in obj.symbols if s.kind != 3 and not s.flags & (wasm.LOCAL | wasm.UNDEFINED)}


def local_names(obj):
    return {s.name for s in obj.symbols if s.kind != 3 and s.flags & wasm.LOCAL}


def undefined_names(obj):
    return {s.name for s in obj.symbols if s.flags & wasm.UNDEFINED}


def objdump(path, *options):
    """wabt's view of a file: an oracle that shares no code with LLVM or with us."""
    return tools.run(["wasm-objdump", *options, path]).stdout
