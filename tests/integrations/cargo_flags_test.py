# ctest: timeout=120
"""`wasmpack cargo-flags`: what it prints and writes, that a build script without the crate works with it, and its errors."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from cargo_case import UNKNOWN, WASI, CargoTest, compile_kernel
from lib import registries, tools, wasm

WITNESS = "wasmpack_link_deps_is_missing_in_the_final_build_script_for_"


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.inputs = pathlib.Path(temporary.name).resolve()
        compile_kernel(cls.inputs, "one", 3)
        tools.run(["llvm-ar-22", "rcs", cls.inputs / "libone.a", cls.inputs / "one.o"])

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name).resolve()

    def flags(self, *words, code=0, **variables):
        keep = {name: value for name, value in os.environ.items() if not re.match("CARGO|DEP_|OUT_DIR|TARGET", name)}
        done = subprocess.run([tools.WASMPACK, "cargo-flags", *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                              timeout=60, check=False, env={**keep, **{name: str(value) for name, value in variables.items()}})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done if code else done.stdout

    def test_what_it_prints(self):
        out = self.folder / "wasmpack"
        expected = (f"cargo:rerun-if-changed={self.inputs}/libone.a\n"
                    f"cargo:rustc-link-lib=dylib={WITNESS}one\n"
                    f"cargo:rustc-link-arg=-L{out}\n"
                    f"cargo:rustc-link-arg={out}/one.o\n"
                    f"cargo:rustc-link-arg={out}/entry/entry.o\n"
                    f"cargo:object={out}/one.o\n")
        self.assertEqual(self.flags(self.inputs / "libone.a"), expected)
        self.assertEqual(self.flags(self.inputs / "libone.a", OUT_DIR=self.folder, TARGET=UNKNOWN), expected)
        self.assertEqual(self.flags(os.path.relpath(self.inputs / "libone.a", self.folder), "--out-dir", "."), expected)
        self.assertEqual((out / f"lib{WITNESS}one.a").read_bytes(), b"!<arch>\n")
        self.assertEqual({e.name for e in wasm.read(out / "entry/entry.o").exports}, set())
        again = self.flags(self.inputs / "one.o", "--name=other", CARGO_PKG_NAME="pack")
        self.assertIn(f"cargo:rustc-link-lib=dylib={WITNESS}pack_other\n", again)
        self.assertIn(f"cargo:object={out}/other.o\n", again)
        self.assertEqual((out / "other.o").read_bytes(), (out / "one.o").read_bytes())

    def test_both_kinds_are_kept_and_run_once(self):
        """What it prints, as a cargo would pass it to a linker."""
        for given in ("one.o", "libone.a"):
            text = self.flags(self.inputs / given)
            arguments = re.findall("cargo:rustc-link-arg=(.*)", text) + ["-l" + x for x in re.findall("link-lib=dylib=(.*)", text)]
            for linker in ("14", "22", *tools.rust_llds()):
                module = self.folder / "x.wasm"
                tools.final([], module, *arguments, "--no-entry", version=linker)
                output = tools.node("host", module, "_initialize", "wapc_init", "_initialize")
                self.assertEqual(output.count("registered one"), 1, (given, linker))

    def test_who_exports_entry_points(self):
        def programs(*words, manifest=None, **variables):
            if manifest is not None:
                (self.folder / "Cargo.toml").write_text(manifest)
                variables["CARGO_MANIFEST_DIR"] = self.folder
            text = self.flags(self.inputs / "one.o", *words, **variables)
            return re.findall("cargo:rustc-link-arg(.*)=.*/entry.o", text)

        cdylib = '[lib]\ncrate-type = ["rlib", "cdylib"]\n'
        bins = '[[bin]]\nname = "x"\n'
        self.assertEqual(programs(), [""])
        for target in (WASI, "wasm32-wasip1"):
            self.assertEqual(programs(TARGET=target), [])
            self.assertEqual(programs("--target", target, "--crate-type=bin", "--crate-type=cdylib"), ["-cdylib"])
            self.assertEqual(programs(manifest=cdylib, TARGET=target), ["-cdylib"])
            self.assertEqual(programs(manifest='lib = { crate_type = ["cdylib"] }\n', TARGET=target), ["-cdylib"])
            self.assertEqual(programs(manifest=bins, TARGET=target), [])
            self.assertEqual(programs("--crate-type=bin", manifest=cdylib, TARGET=target), [])
            self.assertEqual(programs("--entry=always", manifest=bins, TARGET=target), [""])
        self.assertEqual(programs(TARGET="wasm32-unknown-emscripten"), [])
        self.assertEqual(programs("--entry=none"), [])

    def test_options_of_link(self):
        names = self.inputs / "names"
        names.write_text("run\n")
        text = self.flags(self.inputs / "one.o", "--", "--prefix-symbols=a_", f"--keep-global-symbols={names}")
        self.assertIn(f"cargo:rerun-if-changed={names}\n", text)
        self.assertIn("a_run", [symbol.name for symbol in wasm.read(self.folder / "wasmpack/one.o").symbols])
        # What the build script made is always newer than its last run.
        made = self.folder / "made.o"
        shutil.copy(self.inputs / "one.o", made)
        self.assertNotIn("rerun-if-changed", self.flags(made, OUT_DIR=self.folder))
        self.assertIn(f"cargo:rerun-if-changed={made}\n", self.flags(made, OUT_DIR=self.folder / "mad"))
        self.assertIn(f"cargo:rerun-if-changed={made}\n", self.flags(made))
        wrong = self.flags(self.inputs / "one.o", "--", "--prefix-symbol=a_", code=2)
        self.assertIn("--prefix-symbols", wrong.stderr)

    def test_dependencies(self):
        for name in ("a", "b"):
            self.flags(self.inputs / "one.o", f"--name={name}", "--out-dir", self.folder / name)
        objects = {name: f"{self.folder}/{name}/wasmpack/{name}.o" for name in ("a", "b")}
        text = self.flags("--deps", DEP_X_OBJECT=objects["b"], DEP_A_OBJECT=f"{objects['a']}:{objects['b']}", DEP_A_OTHER="z")
        self.assertEqual(re.findall("cargo:rustc-link-arg=(.*)", text),
                         [f"-L{self.folder}/a/wasmpack", f"-L{self.folder}/b/wasmpack", objects["a"], objects["b"],
                          f"{self.folder}/wasmpack/entry/entry.o"])
        self.assertNotIn("cargo:object", text)
        self.assertIn(f"cargo:object={objects['a']}\n", self.flags("--deps", DEP_A_OBJECT=objects["a"], CARGO_MANIFEST_LINKS="me"))
        foreign = subprocess.run([tools.WASMPACK, "cargo-flags", "--deps"], cwd=self.folder, capture_output=True, text=True,
                                 check=False, env={"DEP_Q_OBJECT": "/etc/passwd", "PATH": os.environ["PATH"]})
        self.assertEqual((foreign.returncode, foreign.stdout), (0, ""))
        self.assertIn("DEP_Q_OBJECT names no wasm object: /etc/passwd", foreign.stderr)
        self.assertIn("no dependency hands on a kernel library", foreign.stderr)

    def test_other_targets_are_left_alone(self):
        self.assertEqual(self.flags("absent.o", TARGET="x86_64-unknown-linux-gnu"), "")
        self.assertEqual(os.listdir(self.folder), [])
        self.assertIn("wasm32", self.flags("a.o", "--target=wasm64-unknown-unknown", code=2).stderr)

    def test_wrong_usage(self):
        one = self.inputs / "one.o"
        (self.folder / "bad").mkdir()
        (self.folder / "bad/Cargo.toml").write_text("[package\n")
        (self.folder / "file").write_text("")
        for words, variables, text in (
            ([], {}, "no inputs given"),
            (["--deps", one], {}, "--deps takes no inputs"),
            (["--deps", "--", "--gc"], {}, "nothing may follow --"),
            ([one, "--", "--help"], {}, "behind -- are options with which to link"),
            ([one, "--", "-h"], {}, "behind -- are options with which to link"),
            (["-"], {}, "reads files only"),
            ([one, "--name=a/b"], {}, "`a/b` is no name for a library"),
            ([one, "--entry=sometimes"], {}, "'sometimes' is none of auto, always, none"),
            ([one, "--crate-typ=bin"], {}, "--crate-type"),
            ([one, "--out-dir=a:b"], {}, "':' stands between paths"),
            (["absent.o"], {}, "absent.o"),
            (["a\nb.o"], {}, "line break"),
            ([one], {"CARGO_MANIFEST_DIR": self.folder / "bad"}, "Cargo.toml:1:.*not TOML"),
        ):
            with self.subTest(words):
                failed = self.flags(*words, code=2, **variables)
                self.assertRegex(failed.stderr, text)
                self.assertEqual(failed.stdout, "")
        (self.folder / "words").write_text("--help")
        failed = self.flags(one, "--", "@words", code=2)
        self.assertIn("`wasmpack link` reads nothing", failed.stderr)
        self.assertNotIn("cargo:", failed.stdout)
        self.assertIn("file/wasmpack", self.flags(one, "--out-dir=file", code=1).stderr)
        self.assertRegex(self.flags(one, self.inputs / "one.c", code=1).stderr, r"one\.c")
        message = self.flags("absent.o", "--message-format=json", "--color=never", code=2).stderr
        self.assertEqual(json.loads(message)["severity"], "error")


class BuildScripts(CargoTest):
    def test_without_the_crate(self):
        """A build script that prints what the command says; cargo and the linker take it."""
        compile_kernel(self.root, "one", 3)
        tools.run(["llvm-ar-22", "rcs", self.root / "libone.a", self.root / "one.o"])
        folder = self.make_package("plain", """fn main() {
            let flags = std::process::Command::new(std::env::var("WASMPACK").unwrap())
                .args(["cargo-flags", "../../libone.a"]).output().unwrap();
            assert!(flags.status.success(), "{}", String::from_utf8_lossy(&flags.stderr));
            print!("{}", String::from_utf8_lossy(&flags.stdout));
        }""", {"src/lib.rs": '#[no_mangle] pub extern "C" fn hello(x: i32) -> i32 { x + 1 }\n'},
                                   '[lib]\ncrate-type = ["cdylib"]')
        for target in (UNKNOWN, WASI):
            done = self.cargo(folder, "build", "--target", target)
            self.assertNotIn("warning", done.stderr)
            module = folder / f"target/{target}/debug/plain.wasm"
            output = tools.node("host", module, "_initialize", "hello", "_initialize", "wapc_init")
            self.assertEqual(output.count("registered one"), 1)
        self.assertNotRegex(self.cargo(folder, "build", "-v", "--target", UNKNOWN).stderr, "Compiling|Running|Dirty")

    def test_the_link_line_of_the_current_rustc(self):
        """rustup's has no wasm32 standard library here, so the crates have no core."""
        home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
        rustc = shutil.which("rustc", path=str(home / "bin"))
        if rustc is None:
            registries.skip("the link line of the current rustc: there is no rustc of rustup's")
            return
        version = tools.run([rustc, "--version"]).stdout.split()[1]
        if not version.startswith("1.95."):  # crates without core are made of what each rustc names anew
            registries.skip(f"the link line of the current rustc: the test knows the lang items of 1.95, not of {version}")
            return
        folder = self.root / "current"
        folder.mkdir()
        compile_kernel(folder, "one", 3)
        text = tools.run([tools.WASMPACK, "cargo-flags", folder / "one.o", "--out-dir", folder]).stdout
        library = re.search("cargo:rustc-link-lib=(.*)", text)[1]
        arguments = [f"-Clink-arg={argument}" for argument in re.findall("cargo:rustc-link-arg=(.*)", text)]
        (folder / "dep.rs").write_text(
            "#![feature(no_core, lang_items)]\n#![no_core]\n#![allow(internal_features)]\n#[lang = \"pointee_sized\"] pub trait A {}\n"
            "#[lang = \"meta_sized\"] pub trait B: A {}\n#[lang = \"sized\"] pub trait C: B {}\n#[lang = \"copy\"] pub trait D {}\n"
            "impl D for i32 {}\n")
        (folder / "last.rs").write_text(
            "#![feature(no_core)]\n#![no_core]\n#![allow(internal_features)]\nextern crate dep;\n"
            "#[no_mangle] pub extern \"C\" fn hello(x: i32) -> i32 { x }\n")
        for target in (UNKNOWN, "wasm32-wasip1"):
            def run(*words, check=True):
                return tools.run([rustc, "--target", target, "-Cpanic=abort", *words], cwd=folder, check=check,
                                 env={**os.environ, "RUSTC_BOOTSTRAP": "1"})
            run("--crate-type=rlib", "-l", library, "dep.rs", "-o", "libdep.rlib")
            last = ["--crate-type=cdylib", "--extern", "dep=libdep.rlib", "last.rs", "-o", "last.wasm"]
            failed = run(*last, check=False)
            self.assertNotEqual(failed.returncode, 0)
            self.assertIn(f"unable to find library -l{WITNESS}one", failed.stderr)
            run(*last, *arguments)
            output = tools.node("host", folder / "last.wasm", "_initialize", "hello", "_initialize", "wapc_init")
            self.assertEqual(output.count("registered one"), 1)


if __name__ == "__main__":
    unittest.main()
