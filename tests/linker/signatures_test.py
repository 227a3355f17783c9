# ctest: timeout=300
"""What a link refuses although every name has a definition, or because one has none: signatures, undefined symbols,
target features."""

import itertools
import unittest

import link_case
from lib import wasm
from link_case import LinkCase, symbols, undefined_names


class SignatureTest(LinkCase):
    def setUp(self):
        super().setUp()
        self.definition = self.compile("definition.c", "long long f(int a, double b) { return a + (long long)b; }\n")

    def test_a_call_with_a_wrong_type(self):
        caller = self.compile("caller.c", "int f(int);\nint call(void) { return f(1); }\n")
        for inputs in ((caller, self.definition), (self.definition, caller)):
            stderr = self.fails(*inputs)
            self.assertEqual(len(self.errors_in(stderr)), 1)
            self.assertIn("error: caller.o: `f` is called with another signature than it has", stderr)
            self.assertIn("note: defined in definition.o as (i32, f64) -> i64\n", stderr)
            self.assertIn("note: called in caller.o as (i32) -> i32\n", stderr)
            self.assertIn("prototype", stderr)
            self.assertIn("--redefine-sym", stderr)

    def test_every_wrong_caller_is_named_once(self):
        callers = [self.compile(f"c{n}.c", f"{t} f({t});\n{t} call_{n}(void) {{ return f(1) + f(2); }}\n")
                   for n, t in enumerate(("int", "float", "double"))]
        stderr = self.fails(*callers, self.definition)
        self.assertEqual(len(self.errors_in(stderr)), 1)
        for n, t in enumerate(("i32", "f32", "f64")):
            self.assertEqual(stderr.count(f"called in c{n}.o as ({t}) -> {t}"), 1, stderr)

    def test_two_callers_that_differ_and_no_definition(self):
        one = self.compile("one.c", "int f(int);\nint call_1(void) { return f(1); }\n")
        two = self.compile("two.c", "double f(void);\ndouble call_2(void) { return f(); }\n")
        for inputs in ((one, two), (two, one)):
            stderr = self.fails(*inputs)
            self.assertIn("(i32) -> i32", stderr)
            self.assertIn("() -> f64", stderr)

    def test_taking_the_address_with_an_old_style_declaration(self):
        """`void f();` says nothing of the type; clang gives it one, but only a call could be wrong."""
        taker = self.compile("taker.c", "void f();\nvoid (*pointer)() = f;\n", "-std=c89")
        caller = self.compile("right.c", link_case.LOG + 'extern void (*pointer)(void);\nlong long f(int, double);\n'
                              '__attribute__((export_name("run"))) int run(void) { '
                              'host_log("sum", (int)((long long (*)(int, double))pointer)(20, 22.5)); return 0; }\n')
        for inputs in itertools.permutations((taker, caller, self.definition)):
            self.link(*inputs)
            self.assertEqual(self.run_objects("out.o"), ["sum 42", "run -> 0"])
        # Without the definition, the one that calls decides, whoever comes first.
        direct_caller = self.compile("direct.c", "long long f(int, double);\nlong long g(void) { return f(1, 2); }\n")
        for inputs in ((taker, direct_caller), (direct_caller, taker)):
            obj = self.linked(*inputs)
            (function,) = [i for i in obj.imports if i.kind == 0]
            self.assertEqual(function.type, b"\x60\x02\x7f\x7c\x01\x7e")
            self.assertIn("f", symbols(obj))

    def test_a_call_through_an_old_style_declaration(self):
        """The call itself is wrong: wasm-ld would warn and put `unreachable` there."""
        caller = self.compile("caller.c", "int f();\nint call(void) { return f(1); }\n", "-std=c89",
                              "-Wno-deprecated-non-prototype")
        stderr = self.fails(caller, self.definition)
        self.assertIn("called in caller.o as (i32) -> i32", stderr)

    def test_a_weak_loser_may_have_another_type(self):
        """Nobody calls the weak copy that lost but its own file, whose calls go to the winner: those are wrong."""
        weak = self.compile("weak.c", "__attribute__((weak)) int f(void) { return 1; }\n")
        self.link(weak, self.definition)
        calls = self.compile("calls.c", "__attribute__((weak, noinline)) int f(void) { return 1; }\n"
                                        "int own(void) { return f(); }\n")
        stderr = self.fails(calls, self.definition)
        self.assertIn("called in calls.o as () -> i32", stderr)


class UndefinedTest(LinkCase):
    def test_undefined_symbols_are_no_error_unless_asked(self):
        user = self.compile("user.c", "int missing(int);\nextern int gone;\nint use(void) { return missing(gone); }\n")
        self.assertLessEqual({"missing", "gone"}, undefined_names(self.linked(user)))
        stderr = self.fails(user, "--report-undefined", needs_help=False)
        self.assertEqual(self.errors_in(stderr), ["wasmpack: error: user.o: undefined symbol `gone` (data) [undefined-symbol]",
                                                  "wasmpack: error: user.o: undefined symbol `missing` (function) [undefined-symbol]"])

    def test_the_host_and_the_linker_provide_some(self):
        """Explicit imports, weak references and names that the final linker defines are no mistakes."""
        user = self.compile("user.c", '__attribute__((import_module("host"), import_name("f"))) int f(void);\n'
                                      '__attribute__((weak)) int maybe(void);\nextern char __heap_base;\n'
                                      'extern int __start_things[], __stop_things[];\n'
                                      'int use(void) { int x[9]; void g(int *); return f() + (maybe ? maybe() : 0) + '
                                      '__heap_base + (__stop_things - __start_things); }\n'
                                      'int (*table)(void) = use;\n')
        things = self.compile("things.c", '__attribute__((section("things"), used)) int thing = 1;\n')
        self.link(user, things, "--report-undefined")

    def test_did_you_mean(self):
        user = self.compile("user.c", "int convolve_3x3(int);\nint use(void) { return convolve_3x3(1); }\n")
        near = self.compile("near.c", "int convolve_3X3(int x) { return x; }\nint other(void) { return 1; }\n")
        stderr = self.fails(user, near, "--report-undefined")
        self.assertIn("help: did you mean", stderr)
        self.assertIn("convolve_3X3", stderr)
        far = self.compile("far.c", "int quite_different(int x) { return x; }\n")
        self.assertNotIn("did you mean", self.fails(user, far, "--report-undefined", needs_help=False))

    def test_c_and_cxx_names(self):
        user = self.compile("user.c", "int twice(int);\nint use(void) { return twice(1); }\n")
        near = self.compile("near.cpp", "int twice(int x) { return 2 * x; }\n")
        stderr = self.fails(user, near, "--report-undefined")
        self.assertIn("_Z5twicei", stderr)
        self.assertIn('extern "C"', stderr)


class FeatureTest(LinkCase):
    @staticmethod
    def section(*entries):
        text = f'\t.section\t.custom_section.target_features,"",@\n\t.int8\t{len(entries)}\n'
        for entry in entries:
            text += f'\t.int8\t{ord(entry[0])}\n\t.int8\t{len(entry) - 1}\n\t.ascii\t"{entry[1:]}"\n'
        return text

    def test_conflict_names_the_culprits(self):
        plain = self.compile("plain.s", self.section("+sign-ext"))
        uses = self.compile("uses.s", self.section("+atomics"))
        bans = self.compile("bans.s", self.section("-atomics", "+sign-ext"))
        self.assertNotEqual(self.final(uses, bans, check=False).returncode, 0)
        for inputs in ((plain, uses, bans), (bans, uses, plain)):
            stderr = self.fails(*inputs)
            self.assertEqual(self.errors_in(stderr), ["wasmpack: error: bans.o: section target_features: target feature "
                                                      "`atomics` is forbidden here, but uses.o uses it [feature-conflict]"])
            self.assertNotIn("plain.o", stderr)

    def test_shared_memory_against_a_library_without_atomics(self):
        """clang marks objects without atomics `-shared-mem` once they hold thread-local data."""
        single = self.compile("single.c", "_Thread_local int x;\nint get(void) { return x; }\n", version="14")
        self.assertIn(("-", "shared-mem"), wasm.read(self.path(single)).features)
        uses = self.compile("uses.s", self.section("+shared-mem"))
        stderr = self.fails(single, uses)
        self.assertIn("`shared-mem`", stderr)
        self.assertIn("-pthread", stderr)

    def test_union(self):
        one = self.compile("one.s", self.section("+simd128", "+sign-ext"))
        two = self.compile("two.s", self.section("+sign-ext", "-shared-mem", "+bulk-memory"))
        features = self.linked(one, two).features
        self.assertEqual(sorted(features), [("+", "bulk-memory"), ("+", "sign-ext"), ("+", "simd128"), ("-", "shared-mem")])


if __name__ == "__main__":
    unittest.main()
