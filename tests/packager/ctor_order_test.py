# ctest: timeout=300
"""The [ctors] table: the order of constructors across libraries, as they really run, and those that must exist."""

import itertools
import unittest

from bundles import BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
LOG = f"""
char ctor_log[64];
static int at;
void note(char c) {{ ctor_log[at++] = c; }}
{VISIBLE}const char* seen(void) {{ return ctor_log; }}
"""
LOG_LIBRARY = library("log", keep_global=["note"], kernels=["seen"])


def constructors(*notes, kernel):
    """C source; notes: (character, priority)."""
    text = "void note(char);\n"
    for character, priority in notes:
        text += (f"__attribute__((constructor({priority}))) static void c_{character}(void) "
                 f"{{ note('{character}'); }}\n")
    return text + f"{VISIBLE}int {kernel}(void) {{ return 1; }}\n"


class Order(BundleTest):
    LIBRARIES = {
        "x": (("a", 300), ("b", 101), ("c", 200), ("d", 200)),
        "y": (("e", 200), ("f", 101), ("g", 65535)),
        "z": (("h", 150), ("i", 200), ("j", 65535), ("k", 65535)),
    }

    def setUp(self):
        super().setUp()
        self.compile("log", LOG)
        for name, notes in self.LIBRARIES.items():
            self.compile(name, constructors(*notes, kernel=name))

    def run_order(self, names, more=""):
        """The order in which constructors ran, and that which the manifest section tells."""
        self.pack(LOG_LIBRARY, *map(library, names), more=more)
        seen, section = self.run_js("const b = await load(path); b.exports._initialize();"
                                    "return [b.c_string(b.exports.seen()), b.manifest()];")
        told = sorted((c["order"], c["symbol"][2:]) for lib in section["libraries"] for c in lib["constructors"])
        self.assertEqual([order for order, _ in told], list(range(11)))
        return seen, "".join(letter for _, letter in told)

    def expected(self, names, by_priority):
        entries = [(priority if by_priority else 0, index, priority, letter)
                   for index, name in enumerate(names) for letter, priority in self.LIBRARIES[name]]
        return "".join(entry[3] for entry in sorted(entries, key=lambda entry: entry[:3]))

    def test_library_by_library(self):
        for names in itertools.permutations("xyz"):
            expected = self.expected(names, False)
            for more in ("", '[ctors]\norder = "manifest"\n'):
                self.assertEqual(self.run_order(names, more), (expected, expected), names)

    def test_by_priority_across_libraries_ties_in_manifest_order(self):
        for names in itertools.permutations("xyz"):
            expected = self.expected(names, True)
            self.assertEqual(self.run_order(names, '[ctors]\norder = "priority"\n'), (expected, expected), names)
        # Once by hand, that the rule above is the one of the documentation.
        self.assertEqual(self.expected("xyz", True), "bfhcdeiagjk")
        self.assertEqual(self.expected("xyz", False), "bcdafeghijk")

    def test_optimization_keeps_the_order(self):
        self.pack(LOG_LIBRARY, *map(library, "xyz"), bundle='optimize = "O3"', more='[ctors]\norder = "priority"\n')
        self.assertEqual(self.run_js("const b = await load(path); b.exports._initialize(); return b.c_string(b.exports.seen());"),
                         "bfhcdeiagjk")

    def test_equal_priorities_inside_of_a_library_run_in_the_order_of_its_inputs(self):
        for order in (("m", "n"), ("n", "m")):
            for name in order:
                self.compile(name, constructors((name, 200), kernel=name))
            for policy in ("manifest", "priority"):
                self.pack(LOG_LIBRARY, library("both", *[f"{name}.o" for name in order]),
                          more=f'[ctors]\norder = "{policy}"\n')
                self.assertEqual(self.run_js("const b = await load(path); b.exports._initialize();"
                                             "return b.c_string(b.exports.seen());"), "".join(order))


class Expect(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("x", "volatile int n;\n__attribute__((constructor)) void init_conv(void) { n = 1; }\n"
                     "__attribute__((constructor)) static void init_local(void) { n = 2; }\n"
                     "void plain(void) { n = 3; }\n" + VISIBLE + "int f(void) { return n; }")
        self.compile("member", "volatile int m;\n__attribute__((constructor)) void init_member(void) { m = 1; }")
        self.run_tool("llvm-ar-22", "rcs", "libm.a", "member.o")

    def expect(self, name):
        return f'[ctors]\nexpect = ["{name}"]\n'

    def test_constructors_that_run_global_or_local(self):
        for name in ("init_conv", "init_local"):
            self.pack(library("x"), more=self.expect(name))

    def test_whole_archives_have_them(self):
        self.pack(library("x", "x.o", "libm.a"), more=self.expect("init_member"))

    def test_a_misspelled_one(self):
        self.assertIn("k.toml:9:11: no library has a constructor `init_cnov` [missing-constructor]\n  help: did you mean 'init_conv'?",
                      self.refuse(library("x"), more=self.expect("init_cnov")))

    def test_every_missing_one_is_reported(self):
        messages = self.refuse(library("x"), more='[ctors]\nexpect = ["one", "init_conv", "two"]\n')
        self.assertIn("k.toml:9:11: no library has a constructor `one`", messages)
        self.assertIn("k.toml:9:31: no library has a constructor `two`", messages)
        self.assertNotIn("init_conv`", messages)

    def test_a_member_that_nothing_pulls_is_named(self):
        messages = self.refuse(library("x", "x.o", "libm.a", archives="lazy"), more=self.expect("init_member"))
        self.assertIn("the constructor `init_member` does not run: libm.a(member.o) of library `x` was not taken into the bundle [missing-constructor]\n"
                      '  help: nothing refers to that member; take it with `archives = "whole"`', messages)

    def test_a_function_that_is_no_constructor(self):
        self.assertIn("`plain` in x.o of library `x` is no constructor [missing-constructor]\n  help: give it __attribute__((constructor))",
                      self.refuse(library("x"), more=self.expect("plain")))

    def test_in_a_tar_file(self):
        self.run_tool("tar", "cf", "all.tar", "x.o", "libm.a")
        self.pack(library("x", "all.tar"), more=self.expect("init_member"))
        messages = self.refuse(library("x", "all.tar", archives="lazy"), more=self.expect("init_member"))
        self.assertIn("`init_member` does not run: all.tar(libm.a)(member.o) of library `x` was not taken", messages)
        self.assertIn("`plain` in all.tar(x.o) of library `x` is no constructor",
                      self.refuse(library("x", "all.tar"), more=self.expect("plain")))

    def test_the_copy_of_a_comdat_group_that_was_taken_counts(self):
        source = """
          volatile int n;
          template <class T> struct Holder { static int value; };
          template <class T> int Holder<T>::value = ++n;
          template struct Holder<int>;
        """
        for name in ("c1", "c2"):
            self.compile(name, source.replace("volatile int n", f"static volatile int n"), language="cc")
        self.compile("k", VISIBLE + "int f(void) { return 1; }")
        self.pack(library("x", "k.o", "c1.o", "c2.o"))
        constructors_ = [c["symbol"] for c in self.run_js("return (await load(path)).manifest();")["libraries"][0]["constructors"]]
        self.assertTrue(constructors_)
        self.pack(library("x", "k.o", "c1.o", "c2.o"), more=self.expect(constructors_[0]))


if __name__ == "__main__":
    unittest.main()
