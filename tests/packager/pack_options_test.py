# ctest: timeout=300
"""Options of pack beside its output: --dry-run, --depfile, --map, --verbose, --threads, and the progress line."""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import time
import unittest

from bundles import WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '


class OptionsTest(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("x", VISIBLE + "int f(int a) { return a; }\nstatic volatile int n;\n"
                     "__attribute__((constructor(300))) static void late(void) { n = 2; }\n"
                     "__attribute__((constructor(200))) static void early(void) { n = 1; }")
        self.compile("y", VISIBLE + "double g(double a, long long b) { return a + b; }\nstatic volatile int n;\n"
                     "__attribute__((constructor(250))) static void middle(void) { n = 1; }")
        self.run_tool("llvm-ar-22", "rcs", "liby.a", "y.o")
        (self.folder / "w.bin").write_bytes(b"abcd")
        (self.folder / "v.bin").write_bytes(b"abcdefgh")
        self.write_manifest()

    def write_manifest(self, bundle="", more=""):
        self.manifest(library("x"), library("y", "liby.a", prefix="y_"), bundle=bundle, more=more + """
[[param]]
name = "w"
path = "w.bin"
dtype = "int8"
shape = [4]
[[param]]
name = "v"
path = "v.bin"
dtype = "int32"
shape = [2]
embed = "external"
""")

    def run_pack(self, *arguments, check=True):
        return self.run_tool(WASMPACK, "pack", "k.toml", *arguments, check=check)


class DryRun(OptionsTest):
    def test_the_plan_is_printed_and_nothing_written(self):
        before = sorted(os.listdir(self.folder))
        for option in ("-n", "--dry-run"):
            done = self.run_pack(option, "-o", "out.wasm", "--map", "map.txt", "--depfile", "x.d")
            self.assertEqual(done.stderr, "")
            self.assertEqual(done.stdout, """\
test 1.0.0, init initialize
libraries, 2:
  x: x.o
  y: liby.a
kernels, 2:
  f (i32)->(i32)  `f` of x, c
  y_g (f64,i64)->(f64)  `g` of y, c
constructors, 3, in this order:
  `early` of x, priority 200
  `late` of x, priority 300
  `middle` of y, priority 250
params, 2:
  v, 8 bytes, in v.bin
  w, 4 bytes, embedded
""")
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_the_order_by_priority(self):
        self.write_manifest(more='[ctors]\norder = "priority"\n', bundle='init = "start"')
        out = self.run_pack("-n").stdout
        self.assertIn("init start\n", out)
        self.assertLess(out.index("`early`"), out.index("`middle`"))
        self.assertLess(out.index("`middle`"), out.index("`late`"))

    def test_what_could_not_be_packed_has_no_plan(self):
        for lib, code in ((library("x", kernels=["none"]), 1), (library("x", "none.o"), 2),
                          (library("x", "x.o", "x.o", prefix="wasmpack_", kernels=[{"symbol": "f", "as": "find"}]), 1)):
            self.manifest(lib)
            done = self.run_tool(WASMPACK, "pack", "k.toml", "-n", check=False)
            self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
            self.assertIn("error: ", done.stderr)

    def test_it_runs_no_final_link(self):
        # A library that only lld would find wanting.
        self.compile("z", "int nobody(int);\n" + VISIBLE + "int h(int a) { return nobody(a); }")
        self.manifest(library("z"))
        self.assertEqual(self.run_tool(WASMPACK, "pack", "k.toml", "-n").returncode, 0)


class Depfile(OptionsTest):
    def test_make_rebuilds_when_an_input_changes(self):
        self.write("Makefile", f"out.wasm: k.toml\n\t{WASMPACK} pack k.toml -o out.wasm --depfile out.d\n-include out.d\n")
        self.run_tool("make")
        self.assertIn("up to date", self.run_tool("make").stdout)
        for name in ("x.o", "liby.a", "w.bin", "v.bin", "k.toml"):
            time.sleep(0.02)
            (self.folder / name).touch()
            self.assertIn("wasmpack pack", self.run_tool("make").stdout, name)
            self.assertIn("up to date", self.run_tool("make").stdout)

    def test_it_lists_each_file_once(self):
        self.run_pack("-o", "out.wasm", "--depfile", "out.d")
        rule = (self.folder / "out.d").read_text().split("\n\n")[0]
        target, files = rule.replace("\\\n", "").split(":")
        self.assertEqual((target, files.split()), ("out.wasm", ["k.toml", "x.o", "liby.a", "v.bin", "w.bin"]))

    def test_names_that_make_would_read_otherwise(self):
        for name in ("a b.o", "a$b.o", "a#b.o"):
            shutil.copy(self.folder / "x.o", self.folder / name)
            self.manifest(library("x", name))
            self.run_pack("-o", "out.wasm", "--depfile", "out.d")
            self.write("Makefile", "all: out.wasm\n\t@echo made\n-include out.d\n")
            self.assertIn("made", self.run_tool("make", "all").stdout)
            time.sleep(0.02)
            (self.folder / name).touch()
            self.assertIn("remake", self.run_tool("make", "--debug=b", "all").stdout)

    def test_without_a_manifest(self):
        self.run_tool(WASMPACK, "pack", "x.o", "liby.a", "-o", "out.wasm", "--depfile", "out.d")
        self.assertEqual((self.folder / "out.d").read_text(), "out.wasm: \\\n  x.o \\\n  liby.a\n\nliby.a:\n\nx.o:\n")


class OtherOutputs(OptionsTest):
    def test_the_map_names_the_libraries(self):
        self.run_pack("-o", "out.wasm", "--map", "out.map")
        text = (self.folder / "out.map").read_text()
        for part in ("library `x`", "library `y`", "the bundle's runtime", "the registry", "early"):
            self.assertIn(part, text)
        self.assertNotIn("/proc/self/fd", text)

    def test_outputs_do_not_take_each_others_place(self):
        for options, name in ((("-o", "o", "--map", "o"), "o"), (("-o", "o", "--depfile", "./o"), "./o"),
                              (("-o", "o", "--map", "m", "--depfile", "m"), "m")):
            done = self.run_pack(*options, check=False)
            self.assertEqual((done.returncode, done.stderr), (2, f"wasmpack: error: {name}: two outputs would have this name [usage]\n"))
            self.assertFalse((self.folder / "o").exists())

    def test_outputs_do_not_take_the_place_of_inputs(self):
        before = {name: (self.folder / name).read_bytes() for name in ("k.toml", "x.o")}
        for options, text in ((("-o", "x.o"), "x.o: this is an input"), (("-o", "o", "--map", "k.toml"), "k.toml: this is the manifest"),
                              (("-o", "o", "--depfile", str(self.folder / "liby.a")), "liby.a: this is an input")):
            done = self.run_pack(*options, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(text, done.stderr)
        self.assertEqual({name: (self.folder / name).read_bytes() for name in before}, before)

    def test_null_is_for_everybody(self):
        self.write_manifest()
        self.manifest(library("x"))
        self.run_pack("-o", "/dev/null", "--map", "/dev/null", "--depfile", "/dev/null")

    def test_threads_do_not_change_the_bytes(self):
        results = set()
        for count in ("1", "2", "8", "0"):
            self.run_pack("-o", "out.wasm", "--threads", count)
            results.add((self.folder / "out.wasm").read_bytes())
        self.assertEqual(len(results), 1)
        self.assertEqual(self.run_pack("-o", "out.wasm", "--threads", "x", check=False).returncode, 2)

    def test_verbose_lists_the_phases(self):
        self.write_manifest(bundle='init = "snapshot"\noptimize = "O1"')
        lines = self.run_pack("-o", "out.wasm", "-v").stderr.splitlines()
        self.assertRegex(lines[0], r"^out\.wasm: \d+ bytes, 2 kernels of 2 libraries, 3 constructors$")
        self.assertEqual(int(lines[0].split()[1]), (self.folder / "out.wasm").stat().st_size)
        phases = [line[2:18].strip() for line in lines[1:]]
        self.assertEqual(phases, ["link libraries", "read params", "plan", "seal libraries", "final link", "optimize", "snapshot",
                                  "validate"])
        for line in lines[1:]:
            self.assertRegex(line, r"\d+\.\d ms$")


class Progress(OptionsTest):
    """On a terminal, while a phase takes long. A copy of the command beside a slow child program."""

    def setUp(self):
        super().setUp()
        home = pathlib.Path(WASMPACK).resolve().parents[1]
        libexec = self.folder / "install" / "libexec" / "wasmpack"
        shutil.copytree(home / "libexec" / "wasmpack", libexec)
        self.command = self.folder / "install" / "bin" / "wasmpack"
        self.command.parent.mkdir()
        shutil.copy(WASMPACK, self.command)
        real = libexec / "real-lld"
        (libexec / "wasmpack-lld").rename(real)
        (libexec / "wasmpack-lld").write_text(f"#!/bin/sh\nsleep 1.6\nexec {real}\n")
        (libexec / "wasmpack-lld").chmod(0o755)

    def run_on_terminal(self, *arguments, term="xterm"):
        """Exit code, and what the terminal saw."""
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.folder)
            os.execve(self.command, [str(self.command), "pack", "k.toml", *arguments], {**os.environ, "TERM": term})
        seen = b""
        while select.select([terminal], [], [], 30)[0]:
            try:
                piece = os.read(terminal, 4096)
            except OSError:  # Linux: the other end is closed
                break
            if not piece:
                break
            seen += piece
        _, status = os.waitpid(process, 0)
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), seen

    def test_a_long_phase_is_named_and_the_line_taken_away(self):
        code, seen = self.run_on_terminal("-o", "out.wasm")
        self.assertEqual((code, seen), (0, b"\r\x1b[Kwasmpack pack: final link ...\r\x1b[K"))

    def test_messages_begin_on_an_empty_line(self):
        self.compile("x", "int nobody(void);\n" + VISIBLE + "int f(void) { return nobody(); }")
        code, seen = self.run_on_terminal("-o", "out.wasm", "--color=never")
        self.assertEqual(code, 1)
        self.assertIn(b"final link ...\r\x1b[Kwasmpack: error: final link: library `x`: undefined symbol: nobody", seen)

    def test_none_where_it_would_not_be_read(self):
        self.assertEqual(self.run_on_terminal("-o", "out.wasm", term="dumb"), (0, b""))
        done = subprocess.run([self.command, "pack", "k.toml", "-o", "out.wasm"], cwd=self.folder, capture_output=True, check=True,
                              timeout=60, env={**os.environ, "TERM": "xterm"})
        self.assertEqual((done.stdout, done.stderr), (b"", b""))


if __name__ == "__main__":
    unittest.main()
