# ctest: timeout=300
"""Members of archives on demand: the same ones in the same order as wasm-ld 22 takes them."""

import itertools
import os
import unittest

from lib import corpus, tools, wasm
from link_case import LOG, WASI, LinkCase, global_names


def member_names(text):
    """The members that wasm-ld --trace lists."""
    return [line for line in text.splitlines() if "(" in line]


def function_order(path):
    """Names of defined functions in the order of their bodies."""
    module = wasm.read(path)
    return [module.names.get(module.imported[0] + i, "") for i in range(len(module.code))]


class LazyTest(LinkCase):
    def library(self, name, *edges, ctor=True):
        """An archive of members `x` that each define x(), call what their edges name, and log a constructor. An edge is
        "x>yz": member x refers to y and z."""
        members = []
        for edge in edges:
            member, _, targets = edge.partition(">")
            text = LOG + "static volatile int never;\n" + "".join(f"void {t}(void);\n" for t in targets)
            if ctor:
                text += f'__attribute__((constructor)) static void start(void) {{ host_log("ctor {member}", 0); }}\n'
            text += f"void {member}(void) {{ {' '.join(f'if (never) {t}();' for t in targets)} host_log(\"{member}\", 1); }}\n"
            members.append(self.compile(f"{member}.c", text))
        return self.archive(name, *members)

    def main(self, targets, name="main.c"):
        calls = " ".join(f"{t}();" for t in targets)
        return self.compile(name, LOG + "".join(f"void {t}(void);\n" for t in targets) +
                            '__attribute__((constructor)) static void start(void) { host_log("ctor main", 0); }\n'
                            f'__attribute__((export_name("run"))) int run(int x) {{ {calls} return x; }}\n')

    def check_same(self, *inputs, options=("--lazy-archives",)):
        """Our lazy link, linked finally, against the direct link: same functions in the same order, same output."""
        plain = [i for i in inputs if not i.startswith("--")]
        self.final(*inputs, output="direct.wasm")
        self.link(*options, *inputs)
        self.final("out.o", output="ours.wasm")
        self.assertEqual(function_order(self.path("ours.wasm")), function_order(self.path("direct.wasm")), plain)
        printed = self.run_module("ours.wasm")
        self.assertEqual(printed, self.run_module("direct.wasm"))
        return printed

    def test_same_members_same_order(self):
        lib = self.library("lib.a", "d", "c>d", "b>de", "a>b", "e>a", "f")
        for targets in ("a", "c", "ac", "ca", "ad", "f", "ef"):
            main = self.main(targets)
            for inputs in ((main, lib), (lib, main)):
                with self.subTest(targets, inputs=inputs):
                    printed = self.check_same(*inputs)
                    self.assertIn("ctor main 0", printed)

    def test_what_nothing_needs_stays_out(self):
        lib = self.library("lib.a", "a", "b")
        obj = self.linked("--lazy-archives", self.main("a"), lib)
        self.assertEqual(global_names(obj), {"a", "run"})
        # Whole is the default.
        self.assertEqual(global_names(self.linked(self.main("a"), lib)), {"a", "b", "run"})

    def test_two_archives_that_need_each_other(self):
        one = self.library("one.a", "a>x", "b>y")
        two = self.library("two.a", "x>b", "y", "z")
        main = self.main("a")
        for inputs in itertools.permutations((main, one, two)):
            with self.subTest(inputs):
                printed = self.check_same(*inputs)
                self.assertEqual(sum(line.startswith("ctor") for line in printed), 5)  # main a x b y

    def test_the_first_archive_that_defines_a_name_wins(self):
        one = self.library("one.a", "a")
        text = LOG + 'void a(void) { host_log("the other a", 1); }\nvoid other(void) { }\n'
        two = self.archive("two.a", self.compile("other.c", text))
        main = self.main("a")
        for inputs in itertools.permutations((main, one, two)):
            with self.subTest(inputs):
                printed = self.check_same(*inputs)
                first = inputs.index(one) < inputs.index(two)
                self.assertEqual("the other a 1" in printed, not first)

    def test_weak_references_pull_nothing(self):
        lib = self.library("lib.a", "a", "b")
        main = self.compile("weak.c", "__attribute__((weak)) void a(void);\nvoid b(void);\n"
                                      '__attribute__((export_name("run"))) int run(int x) { if (a) a(); return x; }\n')
        self.check_same(main, lib)
        self.assertNotIn("a", global_names(self.linked("--lazy-archives", main, lib)))
        # A strong one elsewhere does.
        strong = self.compile("strong.c", "void a(void);\nvoid use(void) { a(); }\n")
        for inputs in itertools.permutations((main, strong, lib)):
            self.check_same(*inputs)
            self.assertIn("a", global_names(self.linked("--lazy-archives", *inputs)))

    def test_weak_definitions_are_enough(self):
        """An object's weak definition keeps the archive's strong one out."""
        lib = self.library("lib.a", "a")
        weak = self.compile("weak.c", LOG + '__attribute__((weak)) void a(void) { host_log("weak", 1); }\n')
        main = self.main("a")
        for inputs in itertools.permutations((main, weak, lib)):
            with self.subTest(inputs):
                self.check_same(*inputs)

    def test_positional_switches(self):
        one = self.library("one.a", "a", "b")
        two = self.library("two.a", "c", "d")
        three = self.library("three.a", "e", "f")
        main = self.main("a")

        def names(*words):
            return "".join(sorted(global_names(self.linked(*words)) - {"run"}))

        self.assertEqual(names(main, one, two, three), "abcdef")
        self.assertEqual(names(main, "--no-whole-archive", one, "--whole-archive", two, three), "acdef")
        self.assertEqual(names(main, one, "--no-whole-archive", two, three), "ab")
        self.assertEqual(names("--lazy-archives", main, one, "--whole-archive", two, "--no-whole-archive", three), "acd")
        # --lazy-archives changes the default for all, wherever it stands.
        self.assertEqual(names(main, one, two, "--lazy-archives"), "a")
        self.check_same(main, "--whole-archive", two, "--no-whole-archive", one, three)

    def test_an_object_is_never_lazy(self):
        main, extra = self.main("a"), self.compile("extra.c", "int extra;\n")
        lib = self.library("lib.a", "a")
        self.assertIn("extra", global_names(self.linked("--lazy-archives", main, lib, extra)))

    def test_comdat_of_the_one_that_was_read_first(self):
        """wasm-ld takes a member's groups when it begins to read it, before it reads what the member pulls in, although
        that stands in front of it in the end."""
        inline = ('extern "C" void host_log(const char *, int);\ninline __attribute__((noinline)) int shared() {{ '
                  'host_log("shared of {0}", 0); return {1}; }}\n')
        pulled = self.compile("pulled.cpp", inline.format("pulled", 2) +
                              'extern "C" int deep(int x) { return x + shared(); }\n')
        puller = self.compile("puller.cpp", 'extern "C" int deep(int);\n' + inline.format("puller", 1) +
                              'extern "C" int outer(int x) { return deep(x) + shared(); }\n')
        lib = self.archive("lib.a", pulled, puller)
        main = self.compile("main.c", 'int outer(int);\n__attribute__((export_name("run"))) int run(int x) { return '
                                      'outer(x); }\n')
        for inputs in ((main, lib), (lib, main)):
            with self.subTest(inputs):
                self.check_same(*inputs)

    def test_an_archive_without_index(self):
        lib = self.library("lib.a", "a>b", "b", "c")
        main = self.main("a")
        expected = self.link("--lazy-archives", main, lib)
        with open(expected, "rb") as file:
            bytes_with_index = file.read()
        self.run_in("llvm-ar-22", "rcS", "plain.a", "a.o", "b.o", "c.o")
        self.link("--lazy-archives", main, "plain.a")
        self.assertEqual(self.bytes_of("out.o"), bytes_with_index)
        self.assertNotEqual(self.bytes_of("lib.a"), self.bytes_of("plain.a"))

    def test_rust_metadata_is_skipped(self):
        lib = self.library("lib.a", "a", "b")
        self.link(self.main("a"), lib)
        expected = self.bytes_of("out.o")
        self.write("lib.rmeta", b"rust\0\0\0\x09 not an object at all")
        self.archive("lib.a", "lib.rmeta", "a.o", "b.o")
        self.link("main.o", "lib.a")
        self.assertEqual(self.bytes_of("out.o"), expected)
        self.link("main.o", "lib.a", "--lazy-archives")
        # Under any other name such a file is an error.
        os.rename(self.path("lib.rmeta"), self.path("other.bin"))
        self.archive("lib.a", "a.o", "other.bin")
        self.assertIn("lib.a(other.bin)", self.fails("main.o", "lib.a"))


class LibraryTest(LinkCase):
    """Debian's libc, libc++ and libc++abi: hundreds of members."""

    def check_program(self, program, *libraries):
        crt = f"{corpus.SYSROOT_LIB}/crt1-command.o"
        inputs = [crt, program, *libraries]
        direct = self.run_in("wasm-ld-22", "--trace", *inputs, "-o", "direct.wasm")
        self.link("--lazy-archives", *inputs)
        self.run_in("wasm-ld-22", "out.o", "-o", "ours.wasm")
        self.assertGreater(len(member_names(direct.stdout)), 10)
        self.assertEqual(function_order(self.path("ours.wasm")), function_order(self.path("direct.wasm")))
        # The members themselves, from the map.
        self.link("--lazy-archives", "--map", "map.txt", *inputs)
        with open(self.path("map.txt")) as file:
            text = file.read()
        for member in member_names(direct.stdout):
            self.assertTrue(f" {member}:" in text or not self.has_chunks(member), member)

    def has_chunks(self, member):
        archive, _, name = member.removesuffix(")").partition("(")
        self.run_in("llvm-ar-22", "x", archive, name)
        obj = wasm.read(self.path(name))
        return bool(obj.code or obj.segments)

    def test_c_program(self):
        program = self.compile("main.c", '#include <stdio.h>\n#include <stdlib.h>\nint main(int argc, char **argv) { '
                                         'printf("%g %s\\n", atof("1.5"), getenv("HOME")); return 0; }\n', target=WASI)
        self.check_program(program, f"{corpus.SYSROOT_LIB}/libc.a", corpus.BUILTINS["22"])

    def test_cxx_program(self):
        program = self.compile("main.cpp", "#include <map>\n#include <string>\n#include <iostream>\n"
                                           "int main() { std::map<std::string, int> m; m[\"a\"]++; "
                                           "std::cout << m.size() << std::endl; }\n", "-fno-exceptions", target=WASI)
        self.check_program(program, f"{corpus.SYSROOT_LIB}/libc++.a", f"{corpus.SYSROOT_LIB}/libc++abi.a",
                           f"{corpus.SYSROOT_LIB}/libc.a", corpus.BUILTINS["22"])


if __name__ == "__main__":
    unittest.main()
