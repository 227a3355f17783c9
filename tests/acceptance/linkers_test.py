# ctest: timeout=600 labels=slow
"""Our object is accepted by every linker that accepts the inputs themselves, and what comes out is valid."""

import os
import tempfile
import unittest

from lib import corpus, facts, tools, wasm

# wabt 1.0.32 validates neither of these.
NOT_FOR_WABT = ("eh-exnref", "tables")


class LinkersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.entries = corpus.build()
        cls.temporary = tempfile.TemporaryDirectory()
        cls.ours = {}
        for entry in cls.entries:
            cls.ours[entry.name] = cls.path(f"{entry.name}.o")
            tools.link(entry.unpacked() if tools.STANDIN else entry.inputs, cls.ours[entry.name],
                       *(entry.machine if tools.STANDIN else ()))

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.temporary.name, name)

    def check_linker(self, linker):
        direct, linked = self.path("direct.wasm"), self.path("linked.wasm")
        accepted = 0
        for entry in self.entries:
            with self.subTest(entry.name, linker=linker):
                options = [*entry.final, *entry.machine]
                first = tools.final(entry.unpacked(), direct, *options, version=linker, tail=entry.tail, check=False)
                if first.returncode:
                    continue
                second = tools.final([self.ours[entry.name]], linked, *options, version=linker, tail=entry.tail)
                self.assertEqual(second.stderr, first.stderr)
                accepted += 1
                with open(linked, "rb") as module:
                    obj = wasm.Wasm(module.read())
                features = {f for _, f in obj.features}
                if not entry.wasm64 and entry.name not in NOT_FOR_WABT and "shared-mem" not in features:
                    options = ["--enable-exceptions", "--enable-threads"]
                    before = tools.run(["wasm-validate", *options, direct], check=False)
                    if before.returncode == 0:
                        tools.run(["wasm-validate", *options, linked])
        self.assertGreater(accepted, 50)

    def test_wasm_ld_22(self):
        self.check_linker("22")

    def test_wasm_ld_14(self):
        self.check_linker("14")

    def test_rust_lld(self):
        llds = tools.rust_llds()
        if not llds:
            self.skipTest("no rustup toolchain with rust-lld is installed")
        for lld in llds:
            self.check_linker(lld)

    def test_rust_lld_of_debian(self):
        self.check_linker("/usr/bin/rust-lld")

    def test_wasm_ld_r_takes_our_object(self):
        """Another relocatable linker in the chain: symbols, init functions and imports come through."""
        theirs, ours = self.path("theirs.o"), self.path("through.o")
        for entry in self.entries:
            if entry.big:
                continue
            with self.subTest(entry.name):
                tools.relocatable(entry.unpacked(), theirs, *entry.machine)
                tools.relocatable([self.ours[entry.name]], ours, *entry.machine)
                a, b = (facts.own_facts(wasm.read(p), coarse=True) for p in (theirs, ours))
                self.assertEqual(a.symbols, b.symbols)
                self.assertEqual(a.init, b.init)
                self.assertEqual(a.undefined, b.undefined)

    def test_a_library_of_libraries(self):
        """libc and compiler-rt as one object of ours: a program links against it as against the archives."""
        program = corpus.find("wasi-c-clang22")
        library, module = self.path("library.o"), self.path("program.wasm")
        tools.link(program.tail[1:], library)
        tools.final([program.tail[0], *program.inputs, library], module, whole=False)
        output = tools.node("wasi", module)
        self.assertIn("constructor\n", output)
        self.assertIn("apple 5\n", output)
        self.assertTrue(output.endswith("destructor\nexit code 3\n"), output)

    def test_a_whole_program_as_one_object(self):
        """crt1, program and the needed members of libc++ and libc, linked on demand into one object."""
        if tools.STANDIN:
            self.skipTest("stand-in")
        for name in ("wasi-cxx", "wasi-c-clang14"):
            with self.subTest(name):
                entry = corpus.find(name)
                one, direct, module = self.path("one.o"), self.path("direct.wasm"), self.path("one.wasm")
                tools.link([entry.tail[0], *entry.inputs, *entry.tail[1:]], one, "--lazy-archives")
                names = {s.name for s in wasm.read(one).symbols if s.flags & wasm.UNDEFINED and s.kind == 0
                         and not s.flags & wasm.WEAK}
                # What is left is WASI's and the linker's.
                self.assertFalse([n for n in names if not n.startswith(("__imported_wasi", "__wasm_", "__wasi_"))])
                tools.final([one], module, whole=False)
                tools.final(entry.inputs, direct, tail=entry.tail)
                self.assertEqual(tools.node("wasi", module), tools.node("wasi", direct))


if __name__ == "__main__":
    unittest.main()
