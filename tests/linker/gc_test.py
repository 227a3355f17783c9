# ctest: timeout=120
"""--gc: what stays is what the roots reach, whole and running; what goes is listed."""

import unittest

from lib import tools, wasm
from link_case import LOG, LinkCase, global_names, local_names, undefined_names

KERNELS = LOG + """
static int table_one[4] = {1, 2, 3, 4};
static int table_two[4] = {5, 6, 7, 8};
static __attribute__((noinline)) int deep(int x) { return x + table_one[x & 3]; }
int one(int x) { return deep(x); }
int two(int x) { return table_two[x & 3]; }
int unused(int x) { return x * 7; }
int unused_data[100] = {1};
int (*by_pointer)(int) = unused;
"""


class GcTest(LinkCase):
    def setUp(self):
        super().setUp()
        self.kernels = self.compile("kernels.c", KERNELS, "-ffunction-sections", "-fdata-sections")

    def names(self, *words):
        obj = self.linked(*words, "--gc", "-v")
        return {s.name for s in obj.symbols if s.kind != 3 and not s.flags & wasm.UNDEFINED}

    def dropped(self):
        return [line.removeprefix("dropped: ") for line in self.stderr.splitlines() if line.startswith("dropped: ")]

    def test_kept_patterns_are_roots(self):
        self.assertEqual(self.names(self.kernels, "--keep-global-symbol=one"), {"one", "deep", "table_one"})
        self.assertEqual(sorted(self.dropped()), ["kernels.o: data by_pointer", "kernels.o: data table_two",
                                                  "kernels.o: data unused_data", "kernels.o: function two",
                                                  "kernels.o: function unused"])
        self.assertEqual(self.names(self.kernels, "--export=t*"), {"two", "table_two"})
        self.assertEqual(self.names(self.kernels, "--keep-global-symbol=by_pointer"), {"by_pointer", "unused"})
        self.assertEqual(self.names(self.kernels, "--retain=two"), {"two", "table_two"})
        obj = wasm.read(self.path("out.o"))
        self.assertEqual((len(obj.code), len(obj.segments)), (1, 1))

    def test_it_runs(self):
        self.link(self.kernels, "--gc", "--export=one")
        self.assertEqual(self.run_objects("out.o"), ["one -> 7"])
        # Nothing is left for a final linker to collect.
        final = wasm.read(self.path("final.wasm"))
        self.assertEqual(len(final.code), len(wasm.read(self.path("out.o")).code))

    def test_no_roots(self):
        stderr = self.fails(self.kernels, "--gc")
        self.assertIn("--gc would drop everything", stderr)
        self.assertIn("--keep-global-symbol", stderr)
        self.assertIn("did you mean 'one'", self.fails(self.kernels, "--gc", "--keep-global-symbol=onee"))
        # The guard that we make is no root of theirs.
        self.assertIn("--gc would drop everything", self.fails(self.kernels, "--gc", "--init-guard"))

    def test_source_marks_are_roots(self):
        marked = self.compile("marked.c", '__attribute__((export_name("e"))) int exported(int x) { return x; }\n'
                                          "__attribute__((used)) int used(int x) { return x; }\nint plain(int x) "
                                          "{ return x; }\n")
        self.assertEqual(self.names(marked), {"exported", "used"})
        self.assertEqual(self.dropped(), ["marked.o: function plain"])

    def test_retained_segments(self):
        retained = self.compile("retained.s", '\t.section\tnames,"R",@\n\t.globl\tkept\nkept:\n\t.int32\treferred\n'
                                '\t.size\tkept, 4\n\t.section\tother,"",@\n\t.globl\tgone\ngone:\n\t.int32\t1\n\t.size\tgone, 4\n'
                                '\t.section\tpointee,"",@\n\t.globl\treferred\nreferred:\n\t.int32\t2\n\t.size\treferred, 4\n')
        self.assertEqual(self.names(retained), {"kept", "referred"})
        self.assertEqual({s.name: s.flags for s in wasm.read(self.path("out.o")).segments}, {"names": 4, "pointee": 0})

    def test_bounds_of_named_segments(self):
        """__start_X and __stop_X reach every segment X, in any input."""
        user = self.compile("user.c", "extern int __start_things[], __stop_things[];\n"
                            '__attribute__((export_name("sum"))) int sum(int x) { for (int *p = __start_things; p < '
                            "__stop_things; ++p) x += *p; return x; }\n")
        things = [self.compile(f"t{n}.c", f'__attribute__((section("things"))) int thing_{n} = {10 ** n};\n'
                                          f'__attribute__((section("others"))) int other_{n} = 5;\n') for n in (1, 2)]
        self.assertEqual(self.names(user, *things), {"sum", "thing_1", "thing_2"})
        # A final link does not collect by these names; the direct one needs the same option.
        self.assertEqual(self.run_objects("out.o", options=["--no-gc-sections"]), ["sum -> 113"])
        self.assertEqual(self.run_objects(user, *things, options=["--no-gc-sections"]), ["sum -> 113"])
        stop_only = self.compile("stop.c", "extern int __stop_things[];\n__attribute__((export_name(\"end\"))) int *end(void) "
                                           "{ return __stop_things; }\n")
        self.assertEqual(self.names(stop_only, *things), {"end", "thing_1", "thing_2"})

    def test_constructors_live_with_their_input(self):
        text = (LOG + '__attribute__((constructor)) static void start(void) {{ host_log("ctor {0}", 0); }}\n'
                'int kernel_{0}(int x) {{ return {1}; }}\n')
        a = self.compile("a.c", text.format("a", "x"))
        b = self.compile("b.c", "int kernel_a(int);\n" + text.format("b", "kernel_a(x)"))
        c = self.compile("c.c", text.format("c", "x"))
        only = self.compile("only.c", LOG + '__attribute__((constructor)) static void start(void) { host_log("never", 0); }\n')
        self.link(a, b, c, only, "--gc", "--export=kernel_b", "-v")
        self.assertIn("only.o: constructor start", self.dropped())
        self.assertIn("c.o: constructor start", self.dropped())
        self.assertIn("c.o: function kernel_c", self.dropped())
        self.assertNotIn("a.o: constructor start", self.dropped())
        # The direct link keeps every object's constructors; but of an archive it takes the members it needs, and theirs.
        lib = self.archive("lib.a", a, b, c, only)
        self.final(lib, output="direct.wasm", options=["--export=kernel_b"])
        self.final("out.o")
        self.assertEqual(self.run_module("final.wasm"), self.run_module("direct.wasm"))
        self.assertEqual(self.run_module("final.wasm")[:2], ["ctor a 0", "ctor b 0"])

    def test_what_constructors_reach_stays(self):
        text = (LOG + "int state = 5;\nstatic void fill(void) { state = 42; }\n__attribute__((constructor)) static void "
                      "start(void) { fill(); }\nint unrelated(int x) { return x; }\nint get(int x) { return state; }\n")
        a = self.compile("a.c", text, "-O0")
        self.assertLessEqual({"start", "fill", "state", "get"}, self.names(a, "--keep-global-symbol=get"))
        self.assertIn("a.o: function unrelated", self.dropped())
        self.assertEqual(self.run_objects("out.o", options=["--export=get"]), ["get -> 42"])

    def test_with_the_guard(self):
        text = LOG + '__attribute__((constructor)) static void start(void) { host_log("ctor", 0); }\nint k(int x) { return x; }\n'
        a = self.compile("a.c", text)
        unused = self.compile("unused.c", text.replace("int k", "int l").replace('"ctor"', '"never"'))
        self.link(a, unused, "--gc", "--export=k", "--init-guard")
        self.final("out.o")
        self.assertEqual(self.run_module("final.wasm", "_initialize", "k", "_initialize"),
                         ["ctor 0", "_initialize -> undefined", "k -> 3", "_initialize -> undefined"])

    def test_undefined_symbols_of_dropped_code_go(self):
        user = self.compile("user.c", "int a(int), b(int);\nint use_a(int x) { return a(x); }\nint use_b(int x) { return b(x); }\n")
        obj = self.linked(user, "--gc", "--export=use_a")
        self.assertIn("a", undefined_names(obj))
        self.assertNotIn("b", undefined_names(obj))
        self.assertEqual([i.field for i in obj.imports if i.kind == 0], ["a"])

    def test_comdat_groups_live_whole(self):
        """Half a group would win over the whole group of another object in a later link, and lose the other half."""
        def function(name, value):
            return (f'\t.section\t.text.{name},"G",@,grp,comdat\n\t.weak\t{name}\n{name}:\n\t.functype\t{name} () -> (i32)\n'
                    f'\ti32.const\t{value}\n\tend_function\n')

        def user(name, callee):
            return (f'\t.section\t.text.{name},"",@\n\t.globl\t{name}\n{name}:\n\t.functype\t{name} () -> (i32)\n'
                    f'\tcall\t{callee}\n\tend_function\n')

        head = "\t.functype\tc1 () -> (i32)\n\t.functype\tc2 () -> (i32)\n"
        a = self.compile("a.s", head + function("c1", 1) + function("c2", 2) + user("usea", "c1"))
        b = self.compile("b.s", head + function("c1", 1) + function("c2", 2) + user("useb", "c2"))
        obj = self.linked(a, "--gc", "--export=usea")
        self.assertEqual(global_names(obj), {"usea", "c1", "c2"})
        self.assertEqual([len(c.entries) for c in obj.comdats], [2])
        self.assertEqual(self.run_objects("out.o", b, exports=("usea", "useb"), options=["--export=useb"]),
                         ["usea -> 1", "useb -> 2"])
        # A group that nothing reaches goes whole.
        obj = self.linked(a, self.kernels, "--gc", "--export=one")
        self.assertEqual(obj.comdats, [])

    def test_renamed_references_count(self):
        """A reference that finds its definition by --redefine-sym keeps it alive."""
        user = self.compile("user.c", "int foo(int);\nint keepme(int x) { return foo(x); }\n")
        offer = self.compile("offer.c", "int bar(int x) { return 9 * x; }\nint other(int x) { return x; }\n")
        obj = self.linked(user, offer, "--redefine-sym=bar=foo", "--keep-global-symbol=keepme", "--gc")
        self.assertEqual(len(obj.code), 2)
        self.assertEqual(self.run_objects("out.o", options=["--export=keepme"]), ["keepme -> 27"])

    def test_globals_tags_and_tables(self):
        text = ('\t.globaltype\tlive, i32\n\t.globl\tlive\nlive:\n\t.globaltype\tdead, i64\n\t.globl\tdead\ndead:\n'
                '\t.tabletype\tlive_table, externref\n\t.globl\tlive_table\nlive_table:\n'
                '\t.tabletype\tdead_table, externref\n\t.globl\tdead_table\ndead_table:\n'
                '\t.tagtype\tlive_tag i32\n\t.globl\tlive_tag\nlive_tag:\n\t.tagtype\tdead_tag i32\n\t.globl\tdead_tag\ndead_tag:\n'
                '\t.globl\tf\nf:\n\t.functype\tf () -> ()\n\tglobal.get\tlive\n\tdrop\n\ti32.const\t0\n\ttable.get\tlive_table\n'
                '\tdrop\n\ti32.const\t0\n\tthrow\tlive_tag\n\tend_function\n')
        flags = ["-mreference-types", "-mexception-handling"]
        obj = self.linked(self.compile("spaces.s", text, *flags), "--gc", "--export=f")
        self.assertEqual(global_names(obj), {"f", "live", "live_table", "live_tag"})
        self.assertEqual((len(obj.globals), len(obj.tables), len(obj.tags)), (1, 1, 1))

    def test_debug_information_of_dropped_functions(self):
        """References to what went become tombstones, as in wasm-ld; the rest verifies."""
        debug = self.compile("debug.c", KERNELS, "-g", "-ffunction-sections", "-fdata-sections")
        self.link(debug, "--gc", "--keep-global-symbol=one")
        self.final("out.o", options=["--export=one"])
        done = self.run_in("llvm-dwarfdump-22", "--verify", "--quiet", "final.wasm", check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        text = self.run_in("llvm-dwarfdump-22", "--debug-info", "final.wasm").stdout
        self.assertIn('DW_AT_name\t("deep")', text)


if __name__ == "__main__":
    unittest.main()
