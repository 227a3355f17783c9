# ctest: timeout=300
"""Comdat groups under symbol edits: resolved first, then dissolved or renamed as a whole. Left as they are they would
miscompile silently, which only running shows."""

import unittest

from lib import wasm
from link_case import LOG, LinkCase, global_names, local_names


class GroupTest(LinkCase):
    TEXT = ('extern "C" void host_log(const char *, int);\n'
            'struct Counter {{ virtual int next() {{ static int n; return ++n; }} virtual ~Counter() {{}} }};\n'
            'inline __attribute__((noinline)) int shared() {{ static Counter c; return c.next(); }}\n'
            'extern "C" int {0}(int x) {{ return shared() + 0 * x; }}\n')
    FLAGS = ("-fno-exceptions", "-fno-threadsafe-statics", "-O1")

    def setUp(self):
        super().setUp()
        self.compile("rt.cpp", 'extern "C" { int __cxa_atexit(void (*)(void *), void *, void *) { return 0; } void *__dso_handle; '
                               'void __cxa_pure_virtual() {} }\nvoid operator delete(void *, unsigned long) noexcept {}\n'
                               'namespace __cxxabiv1 { struct __class_type_info { virtual ~__class_type_info(); }; '
                               '__class_type_info::~__class_type_info() {} }\n', "-fno-exceptions")

    def library(self, name):
        return self.compile(f"{name}.cpp", self.TEXT.format(name), *self.FLAGS)

    def main(self, *names):
        text = LOG + "".join(f"int {n}(int);\n" for n in names)
        calls = " ".join(f'host_log("{n}", {n}(0));' for n in (*names, *names))
        return self.compile("main.c", text + f'__attribute__((export_name("run"))) int run(int x) {{ {calls} return x; }}\n')

    def test_groups_are_dissolved_when_sealed(self):
        self.assertTrue(wasm.read(self.path(self.library("one"))).comdats)
        for name in ("one", "two"):
            obj = self.linked(self.library(name), f"--keep-global-symbol={name}", output=f"{name}_sealed.o")
            self.assertEqual(obj.comdats, [])
            self.assertEqual(global_names(obj), {name})
            self.assertTrue(any(n.startswith("_ZZ") for n in local_names(obj)))
        main = self.main("one", "two")
        for version in ("14", "22"):
            self.assertEqual(self.run_objects(main, "one_sealed.o", "two_sealed.o", "rt.o", version=version),
                             ["one 1", "two 1", "one 2", "two 2", "run -> 3"])
        # Unsealed they share.
        self.assertEqual(self.run_objects(main, "one.o", "two.o", "rt.o"), ["one 1", "two 2", "one 3", "two 4", "run -> 3"])

    def test_resolved_before_dissolved(self):
        """Two objects with the same group, sealed together: one copy of it."""
        self.library("one")
        self.library("two")
        obj = self.linked("one.o", "two.o", "--keep-global-symbol=one", "--keep-global-symbol=two")
        self.assertEqual([s.name for s in obj.symbols].count("_Z6sharedv"), 1)
        self.assertEqual(self.run_objects(self.main("one", "two"), "out.o", "rt.o"),
                         ["one 1", "two 2", "one 3", "two 4", "run -> 3"])

    def test_one_localized_member_takes_its_group_along(self):
        source = ('\t.functype\tfirst () -> (i32)\n\t.functype\tsecond () -> (i32)\n'
                  '\t.section\t.text.first,"G",@,grp,comdat\n\t.globl\tfirst\nfirst:\n\t.functype\tfirst () -> (i32)\n'
                  '\ti32.const\t1\n\tend_function\n'
                  '\t.section\t.text.second,"G",@,grp,comdat\n\t.globl\tsecond\nsecond:\n\t.functype\tsecond () -> (i32)\n'
                  '\ti32.const\t2\n\tend_function\n'
                  '\t.section\t.data.third,"G",@,grp,comdat\n\t.globl\tthird\nthird:\n\t.int32\t3\n\t.size\tthird, 4\n')
        obj = self.compile("group.s", source)
        self.assertEqual(len(wasm.read(self.path(obj)).comdats), 1)
        for option in ("--localize-symbol=first", "--localize-symbol=thi*"):
            edited = self.linked(obj, option)
            self.assertEqual(edited.comdats, [])
            self.assertEqual(global_names(edited), set())
            self.assertLessEqual({"first", "second", "third"}, local_names(edited))
        # A kept member keeps its group together, and global.
        edited = self.linked(obj, "--keep-global-symbol=second")
        self.assertEqual(global_names(edited), {"first", "second", "third"})
        self.assertEqual([len(c.entries) for c in edited.comdats], [3])

    def test_groups_are_renamed_with_their_symbols(self):
        obj = self.linked(self.library("one"), "--prefix-symbols=p_")
        before = {c.name for c in wasm.read(self.path("one.o")).comdats}
        self.assertEqual({c.name for c in obj.comdats}, {f"p_{n}" for n in before})
        for name in ("one", "two"):
            self.link(self.library(name), f"--prefix-symbols={name}_", output=f"{name}_p.o")
        main = self.main("one_one", "two_two")
        for version in ("14", "22"):
            printed = self.run_objects(main, "one_p.o", "two_p.o", "rt.o", version=version)
            self.assertEqual(printed, ["one_one 1", "two_two 1", "one_one 2", "two_two 2", "run -> 3"])

    PAIR = ('\t.functype\tfirst () -> (i32)\n\t.functype\tsecond () -> (i32)\n'
            '\t.section\t.text.first,"G",@,grp,comdat\n\t.weak\tfirst\nfirst:\n\t.functype\tfirst () -> (i32)\n'
            '\ti32.const\t1\n\tend_function\n'
            '\t.section\t.text.second,"G",@,grp,comdat\n\t.weak\tsecond\nsecond:\n\t.functype\tsecond () -> (i32)\n'
            '\ti32.const\t2\n\tend_function\n')

    def test_a_part_of_a_group_cannot_be_renamed(self):
        pair = self.compile("pair.s", self.PAIR)
        stderr = self.fails(pair, "--redefine-sym=first=renamed", "--redefine-sym=grp=renamed_group")
        self.assertIn("pair.o: `first` is renamed, but its comdat group `grp`", stderr)
        self.assertIn("not renamed: `second`", stderr)
        self.assertNotIn("not renamed: the group", stderr)
        stderr = self.fails(pair, "--redefine-sym=first=renamed", "--redefine-sym=second=renamed_too")
        self.assertIn("not renamed: the group `grp`", stderr)
        # Every symbol and the group: that is the whole of it.
        obj = self.linked(pair, "--redefine-sym=first=a", "--redefine-sym=second=b", "--redefine-sym=grp=c")
        self.assertEqual(global_names(obj), {"a", "b"})
        self.assertEqual([c.name for c in obj.comdats], ["c"])

    def test_one_symbol_in_two_groups(self):
        """The same weak function is in group `one` of a file and in group `two` of another (as constructors can be):
        localized there, it must not stay a member here."""
        text = ('\t.functype\tshared () -> (i32)\n\t.section\t.text.shared,"G",@,{0},comdat\n\t.weak\tshared\nshared:\n'
                '\t.functype\tshared () -> (i32)\n\ti32.const\t{1}\n\tend_function\n')
        more = ('\t.functype\textra () -> (i32)\n\t.section\t.text.extra,"G",@,two,comdat\n\t.weak\textra\nextra:\n'
                '\t.functype\textra () -> (i32)\n\ti32.const\t3\n\tend_function\n')
        one = self.compile("one.s", text.format("one", 1))
        two = self.compile("two.s", text.format("two", 2) + more)
        for inputs in ((one, two), (two, one)):
            obj = self.linked(*inputs, "--localize-symbol=extr*")
            self.assertEqual(global_names(obj), set())
            self.assertEqual(obj.comdats, [])
        # A member that is kept keeps all of them.
        obj = self.linked(one, two, "--keep-global-symbol=extra")
        self.assertEqual(global_names(obj), {"shared", "extra"})

    def test_the_group_of_a_definition_that_lost(self):
        """`f` is defined strongly outside of any group, and weakly in a group that was taken. Localized, nothing of it may
        remain for a later linker to confuse with another library's group of that name."""
        group = self.compile("group.s", '\t.functype\tf () -> (i32)\n\t.section\t.text.f,"G",@,f,comdat\n\t.weak\tf\nf:\n'
                                        '\t.functype\tf () -> (i32)\n\ti32.const\t1\n\tend_function\n')
        strong = self.compile("strong.c", "int f(void) { return 2; }\nint one(void) { return f(); }\n", "-O0")
        other = self.compile("other.s", '\t.functype\tf () -> (i32)\n\t.section\t.text.f,"G",@,f,comdat\n\t.weak\tf\nf:\n'
                                        '\t.functype\tf () -> (i32)\n\ti32.const\t3\n\tend_function\n'
                                        '\t.section\t.text.two,"",@\n\t.globl\ttwo\ntwo:\n\t.functype\ttwo () -> (i32)\n'
                                        '\tcall\tf\n\tend_function\n')
        main = self.compile("main.c", LOG + "int {0}one(void), two(void);\n__attribute__((export_name(\"run\"))) int run(int x) "
                                            '{{ host_log("one", {0}one()); host_log("two", two()); return x; }}\n'.format(""))
        prefixed = self.compile("prefixed.c", LOG + "int p_one(void), two(void);\n__attribute__((export_name(\"run\"))) int "
                                                    'run(int x) { host_log("one", p_one()); host_log("two", two()); return x; }\n')
        for inputs in ((group, strong), (strong, group)):
            for option, user in (("--keep-global-symbol=one", main), ("--prefix-symbols=p_", prefixed)):
                with self.subTest(inputs, option=option):
                    self.link(*inputs, option)
                    for version in ("14", "22"):
                        for order in (("out.o", other), (other, "out.o")):
                            self.assertEqual(self.run_objects(user, *order, version=version),
                                             ["one 2", "two 3", "run -> 3"])

    def test_prefix_of_a_group_whose_name_is_no_symbol(self):
        source = ('\t.functype\tf () -> ()\n\t.section\t.text.f,"G",@,group_name,comdat\n\t.weak\tf\nf:\n'
                  '\t.functype\tf () -> ()\n\tend_function\n')
        obj = self.linked(self.compile("named.s", source), "--prefix-symbols=p_")
        self.assertEqual([c.name for c in obj.comdats], ["p_group_name"])
        stderr = self.fails("named.o", "--redefine-sym=f=g")
        self.assertIn("the group `group_name`", stderr)
        obj = self.linked("named.o", "--redefine-sym=f=g", "--redefine-sym=group_name=other_name")
        self.assertEqual(([c.name for c in obj.comdats], global_names(obj)), (["other_name"], {"g"}))

class FormatLimitsTest(LinkCase):
    def test_ranges_of_named_segments_cannot_be_parted(self):
        """Documented: the final linker computes __start_X and __stop_X over all segments named X, sealed or not."""
        text = ('__attribute__((section("things"), used)) static int mine = {1};\nextern int __start_things[], __stop_things[];\n'
                '__attribute__((export_name("{0}"))) int {0}(int x) {{ x = 0; for (int *p = __start_things; p < __stop_things; '
                '++p) x += *p; return x; }}\n')
        for name, value in (("one", 1), ("two", 10)):
            self.compile(f"{name}.c", text.format(name, value))
            self.link(f"{name}.o", f"--keep-global-symbol={name}", output=f"{name}.sealed.o")
        self.assertEqual(self.run_objects("one.sealed.o"), ["one -> 1"])
        self.assertEqual(self.run_objects("one.sealed.o", "two.sealed.o"), ["one -> 11", "two -> 11"])


if __name__ == "__main__":
    unittest.main()
