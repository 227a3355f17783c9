# ctest: timeout=300
"""`wasmpack link -o x.a`: an archive with one member and an index that other tools read."""

import os
import re
import tempfile
import unittest

from lib import ar, corpus, tools, wasm


class ArchivesTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def archive_of(self, entry_name, name="libx.a"):
        entry = corpus.find(entry_name)
        tools.link(entry.inputs, self.path(name))
        return entry, self.path(name)

    def test_one_member_that_is_the_object(self):
        entry, archive = self.archive_of("cxx-clang22")
        tools.link(entry.inputs, self.path("x.o"))
        with open(archive, "rb") as f:
            members = list(ar.members(f.read()))
        self.assertEqual(len(members), 1)
        with open(self.path("x.o"), "rb") as f:
            self.assertEqual(members[0][1], f.read())
        for version in ("14", "22"):
            self.assertEqual(tools.run([f"llvm-ar-{version}", "t", archive]).stdout.split(), [members[0][0]])

    def test_index_names_every_defined_global(self):
        for name in ("cxx-clang22", "c-clang14", "lib-libc++abi", "threads-clang22", "c-clang22-wasm64"):
            with self.subTest(name):
                entry, archive = self.archive_of(name)
                index = {}
                for version in ("14", "22"):
                    text = tools.run([f"llvm-nm-{version}", "--print-armap", archive]).stdout
                    armap = text.split("Archive map\n", 1)[1].split("\n\n", 1)[0]
                    index[version] = set(re.findall(r"^(\S+) in ", armap, re.M))
                self.assertEqual(index["14"], index["22"])
                # The oracle: what llvm-ar makes of the same member.
                tools.link(entry.inputs, self.path("x.o"))
                tools.run(["llvm-ar-22", "rcs", self.path("oracle.a"), self.path("x.o")])
                text = tools.run(["llvm-nm-22", "--print-armap", self.path("oracle.a")]).stdout
                armap = text.split("Archive map\n", 1)[1].split("\n\n", 1)[0]
                self.assertEqual(index["22"], set(re.findall(r"^(\S+) in ", armap, re.M)))
                os.remove(self.path("oracle.a"))

    def test_linkers_pull_it_by_reference_and_whole(self):
        caller = self.path("caller.c")
        with open(caller, "w") as f:
            f.write('int exp_b(int);\n__attribute__((export_name("call"))) int call(int x) { return exp_b(x); }\n')
        tools.run(["clang-22", "--target=wasm32-unknown-unknown", "-O1", "-c", caller, "-o", caller + ".o"])
        entry, archive = self.archive_of("c-clang22")
        for linker in ("14", "22", *tools.rust_llds()):
            with self.subTest(linker):
                module = self.path("x.wasm")
                tools.final([caller + ".o"], module, *entry.final, version=linker, tail=[archive])
                output = tools.node("host", module)
                self.assertIn("call -> 2003", output)
                self.assertIn("ctor one 101", output)  # the whole member came
                # Unreferenced, it is not pulled: documented behaviour of every archive.
                empty = self.path("empty.c")
                with open(empty, "w") as f:
                    f.write("int nothing;\n")
                tools.run(["clang-22", "--target=wasm32-unknown-unknown", "-c", empty, "-o", empty + ".o"])
                tools.final([empty + ".o"], module, *entry.final, version=linker, tail=[archive])
                self.assertNotIn("run", {e.name for e in wasm.read(module).exports})
                tools.final([archive], module, *entry.final, version=linker)
                self.assertIn("run", {e.name for e in wasm.read(module).exports})

    def test_wasmpack_reads_its_own_archive(self):
        _, archive = self.archive_of("c-clang22")
        tools.link([archive], self.path("again.o"))
        tools.link(corpus.find("c-clang22").inputs, self.path("first.o"))
        tools.link([self.path("first.o")], self.path("twice.o"))
        with open(self.path("again.o"), "rb") as a, open(self.path("twice.o"), "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_rustc_takes_the_archive_by_reference(self):
        _, archive = self.archive_of("c-clang22", "libkern.a")
        source = self.path("user.rs")
        with open(source, "w") as f:
            f.write("#[link(name = \"kern\", kind = \"static\")]\nextern \"C\" { fn exp_b(x: i32) -> i32; }\n"
                    "#[no_mangle] pub extern \"C\" fn call(x: i32) -> i32 { unsafe { exp_b(x) } }\n")
        module = self.path("user.wasm")
        tools.run([corpus.DEBIAN_RUSTC, "--target", "wasm32-unknown-unknown", "--crate-type", "cdylib", "-O", source,
                   "-L", self.folder, "-o", module])
        self.assertIn("call -> 2003", tools.node("host", module, "call"))


if __name__ == "__main__":
    unittest.main()
