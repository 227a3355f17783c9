# ctest: timeout=300
"""The journeys the project exists for, J1-J4 and J6, each first as it goes without wasmpack."""

import os
import tempfile
import unittest

from lib import corpus, tools, wasm

KERNEL = """
typedef int (*Kernel)(int);
__attribute__((import_module("host"), import_name("reg"))) void reg(const char *name, Kernel kernel);
void *context;
int helper(int x) { return x * FACTOR; }
int NAME(int x) { return helper(x) + (context ? 1000 : 0); }
void set_NAME(int x) { context = &helper; }
__attribute__((constructor)) static void start(void) { reg(TEXT, NAME); }
"""

RUST = """
#[no_mangle] pub extern "C" fn hello(x: i32) -> i32 { x + 1 }
"""

# Debian's wasm32-unknown-unknown lld leaves what the Rust side does not declare; everything else as rustc does it.
RUSTC = [corpus.DEBIAN_RUSTC, "--target", "wasm32-unknown-unknown", "--crate-type", "cdylib", "-O"]


class JourneysTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.kernel = self.compile_kernel("matmul", 3)
        self.rust = self.path("hello.rs")
        with open(self.rust, "w") as f:
            f.write(RUST)

    def path(self, name):
        return os.path.join(self.folder, name)

    def compile_kernel(self, name, factor):
        source, target = self.path(f"{name}.c"), self.path(f"{name}.o")
        with open(source, "w") as f:
            f.write(KERNEL.replace("FACTOR", str(factor)).replace("NAME", name).replace("TEXT", f'"{name}"'))
        tools.run(["clang-22", "--target=wasm32-unknown-unknown", "-O1", "-c", source, "-o", target])
        return target

    def rustc(self, *link_args, check=True):
        module = self.path("hello.wasm")
        done = tools.run([*RUSTC, self.rust, "-o", module, *(f"-Clink-arg={a}" for a in link_args)], check=check)
        return module if done.returncode == 0 else done

    def test_j1_a_library_that_every_linker_takes(self):
        finished = self.path("kernels.wasm")
        tools.final([self.kernel], finished, "--no-entry", "--export-all")
        self.assertIn("not a relocatable wasm file", self.rustc(finished, check=False).stderr)
        # The same mistake with us: it says what the file is and what to give instead.
        wrong = tools.link([finished], self.path("kernels.o"), check=False)
        self.assertIn(wrong.returncode, (1, 2))
        self.assertRegex(wrong.stderr, "finished|linked module")
        self.assertIn("help:", wrong.stderr)
        self.assertFalse(os.path.exists(self.path("kernels.o")))
        # The library as it should be.
        library = self.path("kernels.o")
        tools.link([self.kernel], library)
        for linker in ("14", "22", *tools.rust_llds()):
            tools.final([library], self.path("x.wasm"), "--no-entry", "--export=matmul", version=linker)
            self.assertIn("matmul -> 9", tools.node("host", self.path("x.wasm")))
        module = self.rustc(library, "--export=matmul")
        self.assertIn("matmul -> 9", tools.node("host", module, "matmul"))

    def test_j2_kernels_that_nobody_references(self):
        archive = self.path("libkern.a")
        tools.run(["llvm-ar-22", "rcs", archive, self.kernel])
        names = wasm.read(self.rustc(archive)).names.values()
        self.assertNotIn("matmul", names)  # exit code 0 and no kernel
        library = self.path("kern.o")
        tools.link([archive], library)
        module = self.rustc(library)
        self.assertIn("matmul", wasm.read(module).names.values())
        self.assertIn("registered matmul", tools.node("host", module, "hello"))
        for linker in ("14", "22", *tools.rust_llds()):
            tools.final([library], self.path("x.wasm"), "--no-entry", version=linker, whole=False)
            self.assertIn("matmul", wasm.read(self.path("x.wasm")).names.values())
        # An archive of ours is an archive: pulled by reference only.
        tools.link([archive], self.path("libwhole.a"))
        self.assertNotIn("matmul", wasm.read(self.rustc(self.path("libwhole.a"))).names.values())

    def test_j3_constructors_run_once_in_a_rust_cdylib(self):
        without = self.path("without.o")
        tools.link([self.kernel], without)
        output = tools.node("host", self.rustc(without), "hello", "hello", "hello")
        self.assertEqual(output.count("registered"), 3)  # every call of an export runs them again
        library = self.path("kern.o")
        tools.link([self.kernel], library, "--init-guard")
        for module, host in ((self.rustc(library), "rustc"), (self.rustc(library, "--export=__wasm_call_ctors"), "all")):
            exports = {e.name for e in wasm.read(module).exports}
            self.assertLessEqual({"_initialize", "wapc_init", "hello"}, exports)
            for calls in (["_initialize", "hello", "hello"], ["_initialize", "_initialize", "hello"],
                          ["wapc_init", "hello", "wapc_init"], ["wapc_init", "_initialize", "hello", "_initialize"]):
                with self.subTest(host=host, calls=calls):
                    self.assertEqual(tools.node("host", module, *calls).count("registered matmul"), 1)
            # No rerunning wrapper was made.
            self.assertEqual(tools.node("host", module, "hello").count("registered"), 0)
        module = self.rustc(library, "--export=__wasm_call_ctors")
        output = tools.node("host", module, "__wasm_call_ctors", "_initialize", "__wasm_call_ctors")
        self.assertEqual(output.count("registered"), 1)
        for linker in ("14", "22", *tools.rust_llds()):
            tools.final([library], self.path("x.wasm"), "--no-entry", "--export=matmul", version=linker)
            output = tools.node("host", self.path("x.wasm"), "_initialize", "matmul", "_initialize", "matmul")
            self.assertEqual(output.count("registered matmul"), 1, linker)
            self.assertIn("matmul -> 9", output)

    def test_j3_guarded_libraries_meet(self):
        """Two of them, with and without crt1-reactor.o, in any order; relinked, they get no second guard."""
        guarded = []
        for name, factor in (("one", 3), ("two", 5)):
            guarded.append(self.path(f"{name}.guarded.o"))
            tools.link([self.compile_kernel(name, factor)], guarded[-1], "--init-guard", f"--keep-global-symbol={name}")
        again = self.path("again.o")
        tools.link(guarded, again, "--init-guard")
        once = self.path("once.o")
        tools.link(guarded, once)
        self.assertEqual(len(wasm.read(again).init_functions), len(wasm.read(once).init_functions))
        self.assertEqual(len(wasm.read(again).code), len(wasm.read(once).code))
        crt = f"{corpus.SYSROOT_LIB}/crt1-reactor.o"
        for inputs in (guarded, guarded[::-1], [crt, *guarded], [*guarded, crt], [again], [once], [again, crt]):
            for linker in ("14", "22"):
                with self.subTest(inputs=[os.path.basename(i) for i in inputs], linker=linker):
                    tools.final(inputs, self.path("x.wasm"), "--no-entry", "--export=one", "--export=two",
                                version=linker, tail=[f"{corpus.SYSROOT_LIB}/libc.a"])
                    output = tools.node("host", self.path("x.wasm"), "_initialize", "one", "two", "_initialize")
                    self.assertEqual(output.count("registered one"), 1)
                    self.assertEqual(output.count("registered two"), 1)
                    self.assertIn("one -> 9", output)
                    self.assertIn("two -> 15", output)
        module = self.rustc(*guarded, "--export=one", "--export=two")
        output = tools.node("host", module, "_initialize", "hello", "one", "two")
        self.assertEqual(output.count("registered"), 2)

    def test_j3_a_finished_module_is_repaired(self):
        """Somebody else linked it: nobody runs its constructors once, and there is only the module."""
        plain = self.path("plain.o")
        tools.link([self.kernel], plain)
        broken, mended = self.rustc(plain, "--export=matmul"), self.path("mended.wasm")
        self.assertEqual(tools.node("host", broken, "matmul", "matmul").count("registered"), 2)
        text = tools.run([tools.WASMPACK, "inspect", broken], check=False)
        self.assertEqual(text.returncode, 1)
        self.assertIn("error[ctor-rerun]", text.stdout)
        self.assertIn("--fix ctors=", text.stdout)
        for mode in ("initialize", "lazy"):
            tools.run([tools.WASMPACK, "inspect", "--fix", f"ctors={mode}", "-o", mended, broken])
            output = tools.node("host", mended, "_initialize", "matmul", "hello", "_initialize", "matmul")
            self.assertEqual(output.count("registered matmul"), 1, mode)
            self.assertIn("matmul -> 9", output)
            self.assertEqual(tools.run([tools.WASMPACK, "inspect", mended], check=False).returncode, 0, mode)

    def test_j6_why_a_kernel_is_missing(self):
        archive, main = self.path("libkern.a"), self.path("main.o")
        tools.run(["llvm-ar-22", "rcs", archive, self.kernel])
        with open(self.path("main.c"), "w") as f:
            f.write('__attribute__((export_name("hello"))) int hello(int x) { return x + 1; }\n')
        tools.run(["clang-22", "--target=wasm32-unknown-unknown", "-c", self.path("main.c"), "-o", main])
        tools.final([main, archive], self.path("x.wasm"), "--no-entry", whole=False)
        self.assertNotIn("registered", tools.node("host", self.path("x.wasm"), "hello"))
        why = tools.run([tools.WASMPACK, "inspect", "--link-line", main, archive], check=False)
        self.assertEqual(why.returncode, 1)
        self.assertIn("ctor-dropped", why.stdout)
        self.assertIn("matmul", why.stdout)
        # The way out that it names.
        self.assertIn("wasmpack link", why.stdout)
        library = self.path("kern.o")
        tools.link([archive], library)
        self.assertEqual(tools.run([tools.WASMPACK, "inspect", "--link-line", main, library], check=False).returncode, 0)
        tools.final([main, library], self.path("x.wasm"), "--no-entry", whole=False)
        self.assertIn("registered matmul", tools.node("host", self.path("x.wasm"), "hello"))

    def test_j4_two_libraries_that_share_names(self):
        kernels = [self.compile_kernel("one", 3), self.compile_kernel("two", 5)]
        direct = tools.final(kernels, self.path("x.wasm"), "--no-entry", check=False)
        self.assertIn("duplicate symbol", direct.stderr)

        def check(libraries, one, two, set_one):
            exports = [f"--export={n}" for n in (one, two, set_one)]
            for linker in ("14", "22", *tools.rust_llds()):
                tools.final(libraries, self.path("x.wasm"), "--no-entry", *exports, version=linker)
                output = tools.node("host", self.path("x.wasm"), one, two, set_one, one, two)
                # Each has its helper (x3, x5) and its context cell: setting the one's leaves the other's.
                lines = [line.split(" -> ")[1] for line in output.split("\n") if " -> " in line and "set" not in line]
                self.assertEqual(lines, ["9", "15", "1009", "15"])
            module = self.rustc(*libraries, *exports)
            self.assertIn(f"{two} -> 15", tools.node("host", module, two))

        sealed = []
        for kernel, name in zip(kernels, ("one", "two")):
            sealed.append(self.path(f"{name}.sealed.o"))
            tools.link([kernel], sealed[-1], f"--keep-global-symbol={name}", f"--keep-global-symbol=set_{name}")
        check(sealed, "one", "two", "set_one")

        prefixed = []
        for kernel, name in zip(kernels, ("one", "two")):
            prefixed.append(self.path(f"{name}.prefixed.o"))
            tools.link([kernel], prefixed[-1], f"--prefix-symbols=lib_{name}_")
        check(prefixed, "lib_one_one", "lib_two_two", "lib_one_set_one")


if __name__ == "__main__":
    unittest.main()
