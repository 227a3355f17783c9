# ctest: timeout=600
"""Kernel libraries in Cargo builds, with Debian's cargo and rustc 1.63: the example as its README says, and what the crate
wasmpack-build promises beside it."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

from cargo_case import EXAMPLE, UNKNOWN, WASI, CargoTest, compile_kernel
from lib import corpus, registries, tools, wasm

HELLO = "#[no_mangle] pub extern \"C\" fn hello(x: i32) -> i32 { x + 1 }\n"
CDYLIB = "[lib]\ncrate-type = [\"cdylib\"]"


class TheExample(CargoTest):
    def setUp(self):
        self.folder = self.root / "examples/cargo"

    def build(self, package="web", target=UNKNOWN, **more):
        return self.cargo(self.folder, "build", "-v", "--target", target, "-p", package, **more)

    def run_web(self):
        return tools.run(["node", "web/host.mjs", f"target/{UNKNOWN}/debug/web.wasm"], cwd=self.folder).stdout

    def test_the_readme(self):
        """Each `run` block is run by bash; the `output` block behind it is what it prints."""
        text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
        blocks = re.findall(r"^```(?:sh|text) (\w[^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        self.assertEqual([words.split()[0] for words, _ in blocks], ["run", "output"] * 4)
        for (words, script), (_, expected) in zip(blocks[::2], blocks[1::2]):
            with self.subTest(script):
                path = self.environment()["PATH"]
                if "wasmtime" in words:
                    try:
                        path = f"{registries.python_with('wasmtime==50.0.1').parent}:{path}"
                    except registries.Unreachable as missing:
                        registries.skip(missing)
                        continue
                done = subprocess.run(["bash", "-e", "-c", script], cwd=self.folder, env=self.environment(PATH=path),
                                      capture_output=True, text=True, timeout=200, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertEqual(done.stdout, expected)

    def test_it_is_built_again_only_when_an_input_changed(self):
        self.build()
        self.assertIn("sum(3, 4) = 7", self.run_web())
        module = self.folder / f"target/{UNKNOWN}/debug/web.wasm"
        before = module.stat().st_mtime_ns
        again = self.build().stderr
        self.assertIn("Fresh web", again)
        self.assertNotRegex(again, "Compiling|Running|Dirty")
        self.assertEqual(module.stat().st_mtime_ns, before)

        source = self.folder / "kernels-sys/c/sum.c"
        text = source.read_text()
        self.addCleanup(source.write_text, text)
        source.write_text(text.replace("return x; }", "return 2 * x; }"))
        touched = self.build().stderr
        self.assertRegex(touched, "Running .*kernels-sys.*build-script-build")
        self.assertIn("Fresh wasmpack-build", touched)
        self.assertIn("Fresh registry", touched)
        self.assertIn("sum(3, 4) = 14", self.run_web())
        self.assertNotRegex(self.build().stderr, "Compiling|Running|Dirty")
        # The command itself is an input.
        other = self.root / "wasmpack"
        if not other.exists():
            other.symlink_to(tools.WASMPACK)
        self.assertRegex(self.build(WASMPACK=other).stderr, "Running .*kernels-sys.*build-script-build")
        self.assertNotRegex(self.build(WASMPACK=other).stderr, "Compiling|Running|Dirty")

    def test_a_missing_command(self):
        path = self.root / "bin"
        path.mkdir()
        for tool in ("clang-22", "cc", "ld", "rust-lld"):
            (path / tool).symlink_to(shutil.which(tool, path="/usr/bin"))
        failed = self.build(target=WASI, package="cli", check=False, WASMPACK=None, PATH=path, RUSTC="/usr/bin/rustc")
        self.assertEqual(failed.returncode, 101)
        self.assertIn("error: the command `wasmpack` was not found: WASMPACK_wasm32-wasi, WASMPACK_wasm32_wasi, WASMPACK are not "
                      "set, and it is not in PATH\n", failed.stderr)
        self.assertIn("help: build it from its sources", failed.stderr)
        self.assertNotIn("panicked", failed.stderr)
        (path / "wasmpack").symlink_to(tools.WASMPACK)
        self.build(target=WASI, package="cli", WASMPACK=None, PATH=path, RUSTC="/usr/bin/rustc")
        wrong = self.build(target=WASI, package="cli", check=False, WASMPACK_wasm32_wasi="/nowhere/wasmpack")
        self.assertIn('WASMPACK_wasm32_wasi is "/nowhere/wasmpack", but there is no such program', wrong.stderr)

    def test_link_deps_is_missing(self):
        for package, target in (("web", UNKNOWN), ("web", WASI), ("cli", UNKNOWN), ("cli", WASI)):
            script = self.folder / package / "build.rs"
            text = script.read_text()
            self.assertIn("wasmpack_build::link_deps();", text)
            try:
                script.write_text("fn main() {}\n")
                failed = self.build(package, target, check=False)
            finally:
                script.write_text(text)
            self.assertEqual(failed.returncode, 101, (package, target))
            for library in ("sum", "norm"):
                self.assertIn("unable to find library "
                              f"-lwasmpack_link_deps_is_missing_in_the_final_build_script_for_kernels-sys_{library}", failed.stderr)

    def test_no_wasm_target_no_command(self):
        done = self.cargo(self.folder, "run", "-p", "cli", WASMPACK="/nowhere/wasmpack")
        self.assertEqual(done.stdout, "registrations: none\n")


class Documentation(CargoTest):
    def test_the_rust_of_the_pages_compiles(self):
        folder = self.root / "pages"
        folder.mkdir()
        for name in ("kernels.wasm", "kernels.rs"):  # what a build script makes, for the program that includes it
            (folder / name).touch()
        rustc = ["/usr/bin/rustc", "--edition", "2021", "--emit", "metadata", "--out-dir", folder, "-L", folder]
        environment = {**os.environ, "OUT_DIR": str(folder)}
        tools.run([*rustc, "--crate-type", "rlib", "--crate-name", "wasmpack_build",
                   self.root / "integrations/cargo/wasmpack-build/src/lib.rs"])
        blocks = []
        for page in ("docs/cargo.md", "docs/getting-started-rust.md", "integrations/cargo/wasmpack-build/README.md"):
            text = (corpus.SOURCE_DIR / page).read_text(encoding="utf-8")
            blocks += [(page, block) for block in re.findall(r"^```rust\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]
        self.assertEqual(len(blocks), 7)
        for i, (page, block) in enumerate(blocks):
            is_program = "fn main()" in block or "static " in block
            source = folder / f"page_{i}.rs"
            source.write_text(block if is_program else f"fn main() {{\n{block}}}\n")
            done = subprocess.run([*rustc, "--crate-type", "lib", "--extern", "wasmpack_build", source], env=environment,
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, f"{page}\n{block}{done.stderr}")


class Packages(CargoTest):
    """Small packages, each for one promise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, factor in (("one", 3), ("two", 5)):
            compile_kernel(cls.root, name, factor)
        tools.run(["llvm-ar-22", "rcs", cls.root / "libtwo.a", cls.root / "two.o"])

    def build(self, folder, target=UNKNOWN, check=True, **more):
        """Paths of the modules, by file name. Warnings of cargo fail the test unless `check` is False."""
        done = self.cargo(folder, "build", "--target", target, check=check, CARGO_TARGET_DIR=self.root / "target", **more)
        if not check:
            return done
        self.assertNotIn("warning", done.stderr)
        return {path.name: path for path in (self.root / f"target/{target}/debug").glob("*.wasm")}

    def libraries(self, more=""):
        return f"""
        wasmpack_build::Library::new("one").objects(["{self.root}/one.o"]).prefix("one_").export("run"){more}.compile();
        wasmpack_build::Library::new("two").archive("{self.root}/libtwo.a").prefix("two_").keep_global("run"){more}.compile();
        """

    def registrations(self, module, *calls):
        return re.findall("registered (.*)", tools.node("host", module, *calls))

    def test_a_cdylib_with_its_own_libraries(self):
        """J2, J3: an archive that nobody refers to, constructors once, however they are called."""
        folder = self.make_package("own", f"fn main() {{ {self.libraries()} }}", {"src/lib.rs": HELLO}, CDYLIB)
        for target in (UNKNOWN, WASI):
            module = self.build(folder, target)["own.wasm"]
            self.assertLessEqual({"_initialize", "wapc_init", "one_run", "hello"}, {e.name for e in wasm.read(module).exports})
            for calls in (["_initialize", "hello", "hello"], ["_initialize", "_initialize"], ["wapc_init", "_initialize", "hello"]):
                self.assertEqual(sorted(self.registrations(module, *calls)), ["one", "two"], (target, calls))
            self.assertIn("one_run -> 9", tools.node("host", module, "_initialize", "one_run"))
            self.assertEqual(self.registrations(module, "hello"), [])

    def test_a_package_with_a_cdylib_and_a_command(self):
        """On WASI the one gets entry points and the other must not."""
        folder = self.make_package("both", f"fn main() {{ {self.libraries()} }}",
                                   {"src/lib.rs": HELLO, "src/main.rs": "fn main() {}\n"},
                                   '[lib]\nname = "library"\ncrate-type = ["rlib", "cdylib"]')
        modules = self.build(folder, WASI)
        exports = {name: {e.name for e in wasm.read(path).exports} for name, path in modules.items()}
        self.assertLessEqual({"_initialize", "wapc_init"}, exports["library.wasm"])
        self.assertFalse({"_initialize", "wapc_init"} & exports["both.wasm"])
        self.assertIn("_start", exports["both.wasm"])
        self.assertEqual(sorted(self.registrations(modules["both.wasm"], "_start")), ["one", "two"])

    def test_entry_points_by_request(self):
        for entry, has in (("Always", True), ("None", False)):
            folder = self.make_package(f"entry{entry.lower()}", "fn main() { %s }" % self.libraries(
                f".entry(wasmpack_build::Entry::{entry})"), {"src/main.rs": "fn main() {}\n"})
            module = self.build(folder, WASI)[f"entry{entry.lower()}.wasm"]
            self.assertEqual("_initialize" in {e.name for e in wasm.read(module).exports}, has, entry)
            self.assertEqual(sorted(self.registrations(module, *["_initialize"] * has, "_start")), ["one", "two"], entry)

    def test_objects_travel_through_a_crate_between(self):
        """own library of the final crate + one of a dependency's dependency, with no word of Rust about it."""
        sys_crate = self.make_package("one-sys", f'fn main() {{ wasmpack_build::Library::new("k").object("{self.root}/one.o")'
                                      '.prefix("one_").compile(); }', {"src/lib.rs": ""}, 'links = "one"')
        between = self.make_package("between", "fn main() { wasmpack_build::link_deps(); }", {"src/lib.rs": ""},
                                    'links = "between"', f'one-sys = {{ path = "{sys_crate}" }}')
        folder = self.make_package("final", f'fn main() {{ wasmpack_build::Library::new("k").object("{self.root}/two.o")'
                                   '.prefix("two_").compile(); wasmpack_build::link_deps(); }', {"src/lib.rs": HELLO}, CDYLIB,
                                   f'between = {{ path = "{between}" }}')
        module = self.build(folder)["final.wasm"]
        self.assertEqual(sorted(self.registrations(module, "_initialize", "_initialize", "hello")), ["one", "two"])

    def test_a_library_crate_without_links(self):
        lost = self.make_package("lost", f'fn main() {{ wasmpack_build::Library::new("k").object("{self.root}/one.o").compile(); }}',
                                 {"src/lib.rs": ""})
        folder = self.make_package("user", "fn main() { wasmpack_build::link_deps(); }",
                                   {"src/lib.rs": "extern crate lost as _;\n" + HELLO}, CDYLIB, f'lost = {{ path = "{lost}" }}')
        failed = self.build(folder, check=False)
        self.assertEqual(failed.returncode, 101)
        self.assertIn("it has neither a program nor `links`", failed.stderr)
        self.assertIn("no dependency hands on a kernel library", failed.stderr)
        self.assertIn("-lwasmpack_link_deps_is_missing_in_the_final_build_script_for_lost_k", failed.stderr)

    def test_errors_are_those_of_the_command(self):
        for name, call, text in (
            ("absent", '.object("absent.o")', "absent.o"),
            ("clash", f'.object("{self.root}/one.o").object("{self.root}/two.o")', "duplicate-symbol|defined|helper"),
            ("nothing", "", "the library `k` has neither objects nor archives"),
            ("option", f'.object("{self.root}/one.o").link_option("--prefix-symbol=x")', "--prefix-symbol"),
        ):
            with self.subTest(name):
                folder = self.make_package(name, f'fn main() {{ wasmpack_build::Library::new("k"){call}.compile(); }}',
                                           {"src/lib.rs": HELLO}, CDYLIB)
                failed = self.build(folder, check=False)
                self.assertEqual(failed.returncode, 101)
                self.assertRegex(failed.stderr, text)
                self.assertNotIn("panicked", failed.stderr)

    def test_a_bundle_in_a_native_program(self):
        folder = self.make_package(
            "host", 'fn main() { wasmpack_build::Bundle::from_manifest("kernels.toml").binding("kernels").build(); }',
            {"src/main.rs": 'include!(concat!(env!("OUT_DIR"), "/kernels.rs"));\n'
                            'static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/kernels.wasm"));\n'
                            'fn main() { println!("{:?} {}", &BYTES[..4], kernels::PACKAGE_NAME); }\n',
             "kernels.toml": 'schema = 1\n[package]\nname = "k"\nversion = "1.0.0"\n[bundle]\nallow-imports = ["host.reg"]\n'
                             '[[library]]\nname = "one"\ninputs = ["one.o"]\nkeep-global = ["run"]\n'
                             '[[library.kernel]]\nsymbol = "run"\nsignature = "(i32)->(i32)"\n'})
        shutil.copy(self.root / "one.o", folder)
        done = self.cargo(folder, "run", "-v")
        self.assertEqual(done.stdout, "[0, 97, 115, 109] k\n")
        self.assertNotRegex(self.cargo(folder, "build", "-v").stderr, "Compiling|Running|Dirty")
        os.utime(folder / "one.o")
        self.assertRegex(self.cargo(folder, "build", "-v").stderr, "Running .*build-script-build")


class TheCrate(CargoTest):
    def test_its_own_tests(self):
        """With Debian's rustc 1.63 and, if there is one, with rustup's."""
        crate = self.root / "integrations/cargo/wasmpack-build"
        programs = [("/usr/bin/cargo", "/usr/bin/rustc", "/usr/bin/rustdoc")]
        home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
        current = [shutil.which(name, path=str(home / "bin")) for name in ("cargo", "rustc", "rustdoc")]
        if all(current):
            programs.append(tuple(current))
        else:
            registries.skip("the crate's tests with a current rustc: there is no cargo of rustup's")
        for number, (cargo, rustc, rustdoc) in enumerate(programs):
            with self.subTest(cargo):
                done = self.cargo(crate, "test", program=cargo, RUSTC=rustc, RUSTDOC=rustdoc, RUSTFLAGS="-D warnings",
                                  CARGO_TARGET_DIR=self.root / f"crate-{number}")
                self.assertRegex(done.stdout, r"test result: ok\. \d\d+ passed; 0 failed")


if __name__ == "__main__":
    unittest.main()
