# ctest: timeout=300
"""The same bytes everywhere, and outputs that appear whole or not at all, with all that belongs to them."""

import hashlib
import os
import resource
import shutil
import signal
import subprocess
import unittest

from bundles import WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '


class OutputsTest(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("x", VISIBLE + "int f(int a) { return a * 7; }\nstatic volatile int n;\n"
                     "__attribute__((constructor)) static void c(void) { n = 2; }", "-g")
        self.compile("y", VISIBLE + "double g(double a) { return a / 3; }")
        self.run_tool("llvm-ar-22", "rcs", "liby.a", "y.o")
        (self.folder / "w.bin").write_bytes(b"abcdefgh")
        self.libraries = [library("x"), library("y", "liby.a", prefix="y_")]

    def param(self, embed):
        return f'[[param]]\nname = "w{embed}"\npath = "w.bin"\ndtype = "int8"\nshape = [8]\nembed = "{embed}"\n'

    def run_pack(self, *arguments, **options):
        return subprocess.run([WASMPACK, "pack", *map(str, arguments)], capture_output=True, check=False, timeout=60,
                              **{"cwd": self.folder, **options})


class Determinism(OutputsTest):
    def test_the_bytes_depend_on_the_manifest_and_the_content_of_inputs_only(self):
        for bundle in ("", 'init = "snapshot"\noptimize = "O2"', 'init = "lazy"\nstrip = "debug"', 'init = "start"\noptimize = "Oz"'):
            self.manifest(*self.libraries, bundle=bundle, more=self.param("data"))
            elsewhere = self.folder / "a" / "deeper folder"
            elsewhere.mkdir(parents=True, exist_ok=True)
            for name in ("w.bin", "liby.a", "x.o", "k.toml"):  # in another order
                shutil.copy(self.folder / name, elsewhere)
            digests = set()
            for number, (arguments, options) in enumerate([
                (["k.toml", "-o", "1.wasm"], {}),
                (["k.toml", "-o", "another name"], {"cwd": elsewhere}),
                ([elsewhere / "k.toml", "-o", self.folder / "3.wasm"], {"cwd": "/"}),
                (["k.toml", "-o", "-"], {"env": {**os.environ, "SOURCE_DATE_EPOCH": "1", "TZ": "UTC+9"}}),
                (["k.toml", "-o", "-"], {"env": {**os.environ, "SOURCE_DATE_EPOCH": "2000000000", "TMPDIR": str(elsewhere)}}),
                (["k.toml", "-o", "-"], {"env": {"LANG": "tr_TR.UTF-8", "LC_ALL": "C"}}),
                (["k.toml", "-o", "-", "--threads", "1", "-v"], {}),
                (["k.toml", "-o", "-", "--threads", "8", "--map", "m", "--depfile", "d"], {}),
            ]):
                done = self.run_pack(*arguments, **options)
                self.assertEqual(done.returncode, 0, done.stderr)
                output = arguments[2]
                data = done.stdout if output == "-" else (options.get("cwd", self.folder) / output).read_bytes() \
                    if not str(output).startswith("/") else output.read_bytes()
                digests.add(hashlib.sha256(data).hexdigest())
                self.assertEqual(len(digests), 1, f"{bundle}: run {number} differs")

    def test_the_order_of_libraries_counts(self):
        first = self.pack(*self.libraries).read_bytes()
        self.assertNotEqual(self.pack(*reversed(self.libraries)).read_bytes(), first)


class Whole(OutputsTest):
    OLD = {"out.wasm": b"old module", "wexternal.bin": b"old param", "out.map": b"old map", "out.d": b"old rule"}

    def setUp(self):
        super().setUp()
        self.manifest(*self.libraries, more=self.param("external"))
        (self.folder / "out").mkdir()

    def place_old(self):
        for name, content in self.OLD.items():
            (self.folder / "out" / name).write_bytes(content)

    def check_old(self):
        found = {path.name: path.read_bytes() for path in (self.folder / "out").iterdir()}
        self.assertEqual(found, self.OLD)

    ALL = ("k.toml", "-o", "out/out.wasm", "--map", "out/out.map", "--depfile", "out/out.d")

    def test_everything_is_replaced_when_all_goes_well(self):
        self.place_old()
        done = self.run_pack(*self.ALL)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        found = {path.name: path.read_bytes() for path in (self.folder / "out").iterdir()}
        self.assertEqual(set(found), set(self.OLD))
        for name, content in self.OLD.items():
            self.assertNotEqual(found[name], content)
        self.assertEqual(found["wexternal.bin"], b"abcdefgh")

    def test_nothing_is_when_something_is_wrong_with_the_bundle(self):
        self.place_old()
        for lib in (library("x", kernels=["none"]), library("x", "none.o")):
            self.manifest(lib, more=self.param("external"))
            self.assertNotEqual(self.run_pack(*self.ALL).returncode, 0)
            self.check_old()

    def test_nor_when_one_of_the_outputs_cannot_be_written(self):
        self.place_old()
        (self.folder / "out" / "folder").mkdir()
        for wrong in ("none/file", "out/folder", "k.toml/file"):
            for option in ("--map", "--depfile", "-o"):
                arguments = list(self.ALL)
                arguments[arguments.index(option) + 1] = wrong
                done = self.run_pack(*arguments)
                self.assertEqual(done.returncode, 1, (option, done.stderr))
                self.assertIn(b"cannot write: ", done.stderr)
                (self.folder / "out" / "folder").rmdir()
                self.check_old()
                (self.folder / "out" / "folder").mkdir()

    def test_a_full_disk(self):
        self.manifest(*self.libraries)
        for arguments in (("-o", "/dev/full"), ("-o", "out/x", "--map", "/dev/full"), ("-o", "out/x", "--depfile", "/dev/full")):
            done = self.run_pack("k.toml", *arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"/dev/full: cannot write: No space left on device", done.stderr)
            self.assertEqual(os.listdir(self.folder / "out"), [])
        with open("/dev/full", "wb") as full:
            done = subprocess.run([WASMPACK, "pack", "k.toml", "-o", "-"], cwd=self.folder, stdout=full, stderr=subprocess.PIPE,
                                  check=False, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"<stdout>: cannot write: No space left on device", done.stderr)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([WASMPACK, "pack", "k.toml", "-n"], cwd=self.folder, stdout=full, stderr=subprocess.PIPE,
                                  check=False, timeout=60)
        self.assertEqual(done.returncode, 1)

    def test_a_limit_on_the_size_of_files(self):
        self.place_old()
        for limit in (0, 100, 2000):
            done = self.run_pack(*self.ALL, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            self.assertEqual(done.returncode, 1, f"limit {limit}: {done}")
            self.assertIn(b"error: ", done.stderr)
            self.check_old()

    def test_a_reader_that_goes_away(self):
        self.manifest(*self.libraries)
        end, begin = os.pipe()
        os.close(end)
        process = subprocess.run([WASMPACK, "pack", "k.toml", "-o", "-"], cwd=self.folder, stdout=begin, stderr=subprocess.PIPE,
                                 check=False, timeout=60)
        os.close(begin)
        self.assertIn(process.returncode, (1, -signal.SIGPIPE))

    def test_a_link_is_followed_and_permissions_are_kept(self):
        self.place_old()
        self.manifest(*self.libraries)
        real = self.folder / "out" / "out.wasm"
        real.chmod(0o640)
        (self.folder / "link.wasm").symlink_to("out/out.wasm")
        self.assertEqual(self.run_pack("k.toml", "-o", "link.wasm").returncode, 0)
        self.assertTrue((self.folder / "link.wasm").is_symlink())
        self.assertEqual(real.stat().st_mode & 0o777, 0o640)
        self.run_tool("wasm-validate", real)

    def test_killed_at_any_moment(self):
        self.place_old()
        for milliseconds in range(1, 120, 6):
            process = subprocess.Popen([WASMPACK, "pack", *self.ALL], cwd=self.folder, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            try:
                process.wait(milliseconds / 1000)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGTERM)
                process.wait(20)
            names = sorted(os.listdir(self.folder / "out"))
            self.assertEqual(names, sorted(self.OLD))
            module = (self.folder / "out" / "out.wasm").read_bytes()
            if module != self.OLD["out.wasm"]:
                self.run_tool("wasm-validate", "out/out.wasm")
                self.assertEqual((self.folder / "out" / "wexternal.bin").read_bytes(), b"abcdefgh")


if __name__ == "__main__":
    unittest.main()
