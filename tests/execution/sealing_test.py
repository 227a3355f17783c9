# ctest: timeout=600
"""Sealing: two libraries that share inline functions with statics, template statics, vtables and type units must
compute apart once each is sealed, in every flavour and under each final linker, and debug information stays right."""

import os
import re
import tempfile
import unittest

from lib import corpus, facts, tools, wasm

SOURCE = corpus.SOURCES / "sealed_one.cpp"
MAIN = corpus.SOURCES / "sealed_main.c"
FLAVOURS = {
    "plain": [],
    "O0": ["-O0"],
    "g": ["-g"],
    "dwarf5": ["-g", "-gdwarf-5"],
    "types": ["-g", "-gdwarf-4", "-fdebug-types-section"],
    "pic": ["-fPIC"],
    "pic-g": ["-fPIC", "-g"],
    "sections": ["-ffunction-sections", "-fdata-sections", "-O2"],
}


class SealingTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def compile(self, source, output, *flags, version="22"):
        driver = "clang++" if str(source).endswith("pp") else "clang"
        standard = ["-std=c++17"] if driver == "clang++" else []
        tools.run([f"{driver}-{version}", "--target=wasm32-unknown-unknown", "-O1", *standard, *flags, "-c",
                   os.path.basename(source), "-o", self.path(output)], cwd=os.path.dirname(source))
        return self.path(output)

    def libraries(self, flags, version="22"):
        """Two libraries of two objects each, so that there is something to resolve inside them."""
        for name in ("one", "two"):
            yield name, [self.compile(SOURCE, f"{name}.o", f"-DLIBRARY={name}", *flags, version=version),
                         self.compile(corpus.SOURCES / "cxx_two.cpp", f"{name}_more.o", *flags, version=version)]

    def seal(self, flags, *options, version="22"):
        sealed = []
        for name, objects in self.libraries(flags, version):
            sealed.append(self.path(f"{name}.sealed.o"))
            tools.link(objects, sealed[-1], *(o.replace("LIBRARY", name) for o in options))
        return sealed

    def alone(self, flags, version="22"):
        """What a program of one library prints, linked directly by wasm-ld: the oracle. Two calls."""
        objects = dict(self.libraries(flags, version))["one"]
        source = self.path("alone.c")
        with open(source, "w") as f:
            f.write('#include "host.h"\nint one_count(void);\n__attribute__((export_name("run"))) int run(int x) {\n'
                    '  host_log("count", one_count());\n  host_log("count", one_count());\n  return x;\n}\n')
        tools.run(["clang-22", "--target=wasm32-unknown-unknown", f"-I{corpus.SOURCES}", "-c", source, "-o",
                   source + ".o"])
        tools.final([source + ".o", *objects], self.path("alone.wasm"), "--no-entry", "--allow-undefined")
        output = tools.node("host", self.path("alone.wasm"))
        self.assertEqual(output.count("inline variable"), 1)
        return output

    def check_apart(self, sealed, main, alone):
        for linker in ("14", "22"):
            module = self.path("x.wasm")
            tools.final([main, *sealed], module, "--no-entry", "--allow-undefined", version=linker)
            output = tools.node("host", module)
            # Four calls, one, two, one, two: each library's numbers are those it has when it is alone.
            first, second = re.findall(r"^count (\d+)$", alone, re.M)
            self.assertNotEqual(first, second)
            numbers = re.findall(r"^(?:one|two) (\d+)$", output, re.M)
            self.assertEqual(numbers, [first, first, second, second], output)
            tables = re.findall("^through table .*$", output, re.M)
            self.assertEqual(tables, ["through table 6"] * 2 + ["through table 8"] * 2, output)
            # Each library's constructors ran once.
            for text in ("noise in two", "inline variable"):
                self.assertEqual(output.count(text), 2, output)

    def test_unsealed_they_are_one(self):
        """The other side of the coin: without sealing the numbers run on, so the check above can fail."""
        objects = [o for _, pair in self.libraries([]) for o in pair]
        main, alone = self.compile(MAIN, "main.o"), self.alone([])
        tools.link(objects, self.path("both.o"), "--allow-multiple-definition")
        with self.assertRaisesRegex(AssertionError, "Lists differ"):
            self.check_apart([self.path("both.o")], main, alone)

    def test_sealed_libraries_compute_apart(self):
        for version in ("22", "14"):
            for flavour, flags in FLAVOURS.items():
                with self.subTest(flavour, compiler=version):
                    main = self.compile(MAIN, "main.o")
                    sealed = self.seal(flags, "--keep-global-symbol=LIBRARY_count", version=version)
                    for path in sealed:
                        obj = wasm.read(path)
                        self.assertEqual(facts.check_sites(obj), [])
                        kept = {s.name for s in obj.symbols if s.kind != 3 and not s.flags & (wasm.LOCAL | wasm.UNDEFINED)}
                        self.assertEqual(kept, {os.path.basename(path).split(".")[0] + "_count"})
                        # A group with a localized member is dissolved; type units may stay one.
                        for comdat in obj.comdats:
                            self.assertEqual({kind for kind, _ in comdat.entries}, {5})
                    self.check_apart(sealed, main, self.alone(flags, version))

    def test_localized_by_name(self):
        main = self.compile(MAIN, "main.o")
        self.check_apart(self.seal([], "--localize-symbol=_Z*", "--localize-symbol=inline_variable",
                                   "--localize-symbol=weak_*"), main, self.alone([]))

    def test_prefixed_libraries_compute_apart(self):
        """Prefixing renames groups with their members; what is left of the names must not clash."""
        for flavour in ("plain", "types", "pic"):
            with self.subTest(flavour):
                sealed = self.seal(FLAVOURS[flavour], "--prefix-symbols=LIBRARY_")
                for path in sealed:
                    obj = wasm.read(path)
                    self.assertEqual(facts.check_sites(obj), [])
                    prefix = os.path.basename(path).split(".")[0] + "_"
                    names = {s.name for s in obj.symbols if s.kind != 3 and not s.flags & (wasm.LOCAL | wasm.UNDEFINED)}
                    self.assertEqual({n for n in names if not n.startswith(prefix)}, set())
                source = self.path("main.c")
                with open(source, "w") as f:
                    f.write('#define one_count one_one_count\n#define two_count two_two_count\n'
                            '#include "sealed_main.c"\n')
                main = self.path("main.o")
                tools.run(["clang-22", "--target=wasm32-unknown-unknown", "-O1", f"-I{corpus.SOURCES}", "-c", source,
                           "-o", main])
                self.check_apart(sealed, main, self.alone(FLAVOURS[flavour]))

    def test_weak_aliases_stay_right(self):
        """weak_name is a weak alias of weak_target: sealed with or without it, both names mean the same function."""
        for options in (["--keep-global-symbol=*_count"], ["--keep-global-symbol=*_count", "--keep-global-symbol=weak_name"],
                        ["--keep-global-symbol=*_count", "--keep-global-symbol=weak_target"],
                        ["--localize-symbol=weak_target"], ["--localize-symbol=weak_name"]):
            with self.subTest(options):
                linked = self.path("alias.o")
                tools.link([self.compile(SOURCE, "one.o", "-DLIBRARY=one")], linked, *options)
                obj = wasm.read(linked)
                by_name = {s.name: s for s in obj.symbols if s.kind == 0}
                self.assertEqual(by_name["weak_name"].index, by_name["weak_target"].index)
                source = self.path("call.c")
                with open(source, "w") as f:
                    f.write('int one_count(void);\n__attribute__((export_name("run"))) int run(int x) { return '
                            'one_count(); }\n')
                tools.run(["clang-22", "--target=wasm32-unknown-unknown", "-c", source, "-o", source + ".o"])
                tools.final([source + ".o", linked], self.path("x.wasm"), "--no-entry", "--allow-undefined")
                self.assertIn("through table 6", tools.node("host", self.path("x.wasm")))

    def test_debug_information_stays_right(self):
        """llvm-dwarfdump verifies the final module of the sealed libraries as it does that of the plain objects. -O0,
        since it rejects the tails of strings that lld shares otherwise."""
        for version in ("22", "14"):
            for flavour in ("g", "dwarf5", "types", "pic-g"):
                with self.subTest(flavour, compiler=version):
                    main = self.compile(MAIN, "main.o", "-g")
                    sealed = self.seal(FLAVOURS[flavour], "--keep-global-symbol=LIBRARY_count", version=version)
                    module = self.path("sealed.wasm")
                    tools.final([main, *sealed], module, "--no-entry", "--allow-undefined", "-O0")
                    # The oracle: the first library alone, linked directly, and sealed.
                    first = dict(self.libraries(FLAVOURS[flavour], version))["one"]
                    self.assertEqual(dwarf_errors(module), 0)
                    direct, ours = self.path("direct.wasm"), self.path("ours.wasm")
                    final = ["--no-entry", "--allow-undefined", "-O0", "--export=one_count"]
                    tools.final(first, direct, *final)
                    tools.final([sealed[0]], ours, *final)
                    self.assertEqual(dwarf_errors(direct), 0)
                    self.assertEqual(subprograms(ours), subprograms(direct))
                    self.assertEqual(lines_of(ours), lines_of(direct))


def dwarf_errors(module):
    done = tools.run(["llvm-dwarfdump-22", "--verify", "--quiet", module], check=False)
    return done.returncode


def subprograms(module):
    """Names of functions with the code range the debug information gives them, as sizes."""
    text = tools.run(["llvm-dwarfdump-22", "--debug-info", module]).stdout
    found = []
    for block in re.split(r"\n\n", text):
        if "DW_TAG_subprogram" in block:
            low = re.search(r"DW_AT_low_pc\s+\((0x[0-9a-f]+)\)", block)
            high = re.search(r"DW_AT_high_pc\s+\((0x[0-9a-f]+)\)", block)
            label = re.search(r'DW_AT_(?:linkage_)?name\s+\("([^"]*)"\)', block)
            if low and high and label and int(low[1], 16) not in (0, 0xFFFFFFFF):
                found.append((label[1], int(high[1], 16) - int(low[1], 16)))
    return sorted(found)


def lines_of(module):
    """The (file line, column) pairs of the line tables of live code, without addresses."""
    text = tools.run(["llvm-dwarfdump-22", "--debug-line", module]).stdout
    return sorted(re.findall(r"^0x[0-9a-f]+\s+(\d+)\s+(\d+)\s+(\d+)", text, re.M))


if __name__ == "__main__":
    unittest.main()
