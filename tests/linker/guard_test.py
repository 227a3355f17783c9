# ctest: timeout=300
"""--init-guard: constructors run once, whoever runs the chain and however often, in the order of their priorities."""

import os
import unittest

from lib import corpus, facts, tools, wasm
from link_case import LOG, WASI, LinkCase, flags_of, global_names, local_names, undefined_names

CRT = f"{corpus.SYSROOT_LIB}/crt1-reactor.o"
NODE64 = ("--experimental-wasm-memory64",)


def ctor(name, priority=None, function=None):
    suffix = f"({priority})" if priority is not None else ""
    return (f'__attribute__((constructor{suffix})) static void {function or "start_" + name}(void) '
            f'{{ host_log("ctor {name}", 0); }}\n')


class GuardCase(LinkCase):
    def library(self, name, *parts, flags=(), target="wasm32-unknown-unknown", version="22"):
        text = LOG + "".join(parts) + f'__attribute__((export_name("{name}"))) int {name}_kernel(int x) {{ return x; }}\n'
        return self.compile(f"{name}.c", text, *flags, target=target, version=version)

    def guarded(self, name, *parts, options=("--init-guard",), **more):
        self.library(name, *parts, **more)
        self.link(*options, f"{name}.o", output=f"{name}.guarded.o")
        return f"{name}.guarded.o"

    def ctors(self, lines):
        return [line.removeprefix("ctor ").removesuffix(" 0") for line in lines if line.startswith("ctor ")]


class OnceTest(GuardCase):
    def check_once(self, inputs, expected, calls, options=(), versions=("22", "14"), node=()):
        for version in versions:
            module = self.final(*inputs, version=version, options=options)
            for exports in calls:
                with self.subTest(calls=exports, version=version):
                    lines = tools.node("host", module, *exports, options=node).splitlines()
                    self.assertEqual(self.ctors(lines), expected)
            self.check_no_wrappers(module)

    def check_no_wrappers(self, module):
        names = wasm.read(module).names.values()
        self.assertFalse([n for n in names if n.endswith(".command_export")])

    def test_whoever_runs_the_chain(self):
        one = self.guarded("a", ctor("one"), ctor("two"))
        calls = (("_initialize", "a"), ("_initialize", "_initialize", "a"), ("wapc_init", "a", "wapc_init"),
                 ("__wasm_call_ctors", "_initialize", "a", "wapc_init", "__wasm_call_ctors"),
                 ("a", "_initialize", "a", "a"))
        self.check_once([one], ["one", "two"], calls, options=["--export=__wasm_call_ctors"])
        # Nobody who runs it: nothing happens, and nothing happens twice.
        self.check_once([one], [], [("a", "a")])

    def test_without_the_guard_they_rerun(self):
        """The same calls on the same library unguarded: the test above can fail."""
        self.library("a", ctor("one"))
        self.final("a.o")
        lines = self.run_module("final.wasm", "a", "a")
        self.assertEqual(self.ctors(lines), ["one", "one"])  # wasm-ld's wrapper around every export
        self.final("a.o", CRT)
        self.assertEqual(self.ctors(self.run_module("final.wasm", "_initialize")), ["one"])
        self.final("a.o", options=["--export=__wasm_call_ctors"])
        self.assertEqual(self.ctors(self.run_module("final.wasm", "__wasm_call_ctors", "__wasm_call_ctors")), ["one", "one"])

    def test_the_entry_points(self):
        obj = self.linked(self.library("a", ctor("one")), "--init-guard")
        for name in ("_initialize", "wapc_init"):
            self.assertEqual(flags_of(obj, name), {"weak", "exported"})
        self.assertIn("__wasm_call_ctors", undefined_names(obj))
        self.assertEqual(len(obj.init_functions), 1)
        guard = obj.symbols[obj.init_functions[0][1]]
        self.assertTrue(guard.flags & wasm.LOCAL)
        self.assertTrue(guard.name.startswith("__wasmpack_once."))
        self.assertEqual(facts.check_sites(obj), [])

    def test_beside_crt1_reactor(self):
        """Its `_initialize` is strong and wins; the chain it runs is ours. Newer crt1s trap at a second call."""
        one = self.guarded("a", ctor("one"))
        for inputs in ([one, CRT], [CRT, one]):
            self.check_once(inputs, ["one"], [("_initialize", "a"), ("_initialize", "wapc_init", "a")])
        # Linked into the same object, crt1 keeps its place.
        obj = self.linked("a.o", CRT, "--init-guard")
        self.assertNotIn("weak", flags_of(obj, "_initialize"))
        self.assertEqual(self.stderr, "")
        self.check_once(["out.o"], ["one"], [("_initialize", "a"), ("wapc_init", "_initialize")])

    def test_two_libraries_with_interleaved_priorities(self):
        one = self.guarded("a", ctor("a300", 300), ctor("a100", 100), ctor("a"))
        two = self.guarded("b", ctor("b200", 200), ctor("b"), ctor("b100", 100), version="14")
        calls = [("_initialize", "wapc_init", "a", "b", "_initialize")]
        self.check_once([one, two], ["a100", "b100", "b200", "a300", "a", "b"], calls)
        self.check_once([two, one], ["b100", "a100", "b200", "a300", "b", "a"], calls)
        # The same order as without guards.
        self.final("a.o", "b.o", CRT)
        self.assertEqual(self.ctors(self.run_module("final.wasm", "_initialize")), ["a100", "b100", "b200", "a300", "a", "b"])
        # Linked together by us first.
        self.link(one, two, output="both.o")
        self.check_once(["both.o"], ["a100", "b100", "b200", "a300", "a", "b"], calls)
        # And beside code that knows nothing of guards, whose constructors run whenever the chain does.
        plain = self.library("c", ctor("c150", 150))
        self.final(one, two, plain)
        self.assertEqual(self.ctors(self.run_module("final.wasm", "_initialize", "_initialize")),
                         ["a100", "b100", "c150", "b200", "a300", "a", "b", "c150"])

    def test_in_a_rust_cdylib(self):
        one = self.guarded("a", ctor("a200", 200), ctor("a"))
        two = self.guarded("b", ctor("b100", 100), ctor("b300", 300))
        self.write("lib.rs", 'extern "C" { fn a_kernel(x: i32) -> i32; fn b_kernel(x: i32) -> i32; }\n'
                             '#[no_mangle] pub extern "C" fn rust(x: i32) -> i32 { unsafe { a_kernel(x) + b_kernel(x) } }\n')
        self.run_in(corpus.DEBIAN_RUSTC, "--target", "wasm32-unknown-unknown", "--crate-type", "cdylib", "-O", "lib.rs",
                    "-o", "rust.wasm", f"-Clink-arg={one}", f"-Clink-arg={two}", "-Clink-arg=--allow-undefined")
        lines = self.run_module("rust.wasm", "_initialize", "rust", "_initialize", "wapc_init", "rust")
        self.assertEqual(self.ctors(lines), ["b100", "a200", "b300", "a"])
        self.assertEqual(lines.count("rust -> 6"), 2)
        self.check_no_wrappers(self.path("rust.wasm"))

    def test_as_archives_in_a_rust_cdylib(self):
        """By reference, as rustc links static libraries."""
        self.library("a", ctor("one"))
        self.link("a.o", "--init-guard", output="liba.a")
        self.write("lib.rs", '#[link(name = "a", kind = "static")] extern "C" { fn a_kernel(x: i32) -> i32; }\n'
                             '#[no_mangle] pub extern "C" fn rust(x: i32) -> i32 { unsafe { a_kernel(x) } }\n')
        self.run_in(corpus.DEBIAN_RUSTC, "--target", "wasm32-unknown-unknown", "--crate-type", "cdylib", "-O", "lib.rs",
                    "-o", "rust.wasm", "-L", ".", "-Clink-arg=--allow-undefined")
        self.assertEqual(self.ctors(self.run_module("rust.wasm", "_initialize", "rust", "_initialize")), ["one"])

    def test_constructors_with_results(self):
        """`int f(void)` is allowed as a constructor; its result is dropped."""
        text = LOG + ('__attribute__((constructor)) static int start(void) { host_log("ctor int", 0); return 7; }\n'
                      '__attribute__((constructor)) static double other(void) { host_log("ctor double", 0); return 7; }\n'
                      'int a_kernel(int x) { return x; }\n')
        self.compile("a.c", text)
        self.link("a.o", "--init-guard")
        self.check_once(["out.o"], ["int", "double"], [("_initialize", "wapc_init", "_initialize")])

    def test_constructors_with_arguments_are_refused(self):
        bad = self.compile("bad.s", '\t.section\t.init_array,"",@\n\t.p2align\t2\n\t.int32\tstart\n\t.section\t.text.start,"",@\n'
                           "start:\n\t.functype\tstart (i32) -> ()\n\tend_function\n")
        stderr = self.fails(bad)
        self.assertIn("constructor `start` takes arguments", stderr)

    def test_constructors_in_comdats(self):
        """C++17 inline variables: one copy, one guard."""
        text = ('extern "C" void host_log(const char *, int);\nstruct Noisy {{ Noisy() {{ host_log("ctor inline", 0); }} }};\n'
                "inline Noisy noisy;\nNoisy *{0}() {{ return &noisy; }}\n")
        for name in ("a", "b"):
            self.compile(f"{name}.cpp", text.format(f"get_{name}"), "-std=c++17")
            self.link(f"{name}.o", "--init-guard", output=f"{name}.guarded.o")
        self.link("a.o", "b.o", "--init-guard")
        for inputs in (["out.o"], ["a.guarded.o", "b.guarded.o"]):
            with self.subTest(inputs):
                self.check_once(inputs, ["inline"], [("_initialize", "_initialize")])

    def test_one_constructor_listed_twice(self):
        twice = self.compile("twice.s", '\t.functype\thost_log (i32, i32) -> ()\n\t.section\t.init_array,"",@\n\t.p2align\t2\n'
                             "\t.int32\tstart\n\t.int32\tstart\n\t.section\t.text.start,\"\",@\nstart:\n"
                             "\t.functype\tstart () -> ()\n\ti32.const\ttext\n\ti32.const\t0\n\tcall\thost_log\n\tend_function\n"
                             "\t.section\t.rodata.text,\"\",@\ntext:\n\t.asciz\t\"ctor twice\"\n\t.size\ttext, 11\n")
        self.link(twice, "--init-guard")
        self.check_once(["out.o"], ["twice"], [("_initialize", "_initialize")])

    def test_global_constructors_by_name(self):
        """A constructor that other code calls as a function is not guarded against that: only the chain's call is."""
        text = LOG + '__attribute__((constructor)) void start(void) { host_log("ctor", 0); }\n'
        self.compile("a.c", text + '__attribute__((export_name("again"))) int again(int x) { start(); return x; }\n', "-O0")
        self.link("a.o", "--init-guard")
        self.final("out.o")
        self.assertEqual(self.run_module("final.wasm", "_initialize", "again", "_initialize").count("ctor 0"), 2)

    def test_no_constructors(self):
        """The entry points are there all the same: whoever calls them need not know."""
        self.library("a")
        obj = self.linked("a.o", "--init-guard")
        self.assertLessEqual({"_initialize", "wapc_init"}, global_names(obj))
        self.final("out.o")
        self.assertEqual(self.run_module("final.wasm", "_initialize", "a", "wapc_init"),
                         ["_initialize -> undefined", "a -> 3", "wapc_init -> undefined"])


class TargetsTest(GuardCase):
    def test_position_independent_code(self):
        self.library("a", ctor("one", 200), ctor("two", 100), flags=["-fPIC"])
        obj = self.linked("a.o", "--init-guard")
        self.assertEqual(facts.check_sites(obj), [])
        for version in ("22", "14"):
            self.final("out.o", version=version)
            self.assertEqual(self.ctors(self.run_module("final.wasm", "_initialize", "wapc_init")), ["two", "one"])
        # As a side module too.
        self.run_in("wasm-ld-22", "-shared", "--experimental-pic", "--allow-undefined", "out.o", "-o", "side.wasm")
        self.run_in("wasm-validate", "side.wasm")

    def test_wasm64(self):
        for version in ("22", "14"):
            self.library("a", ctor("one", 200), ctor("two", 100), target="wasm64-unknown-unknown", version=version)
            obj = self.linked("a.o", "--init-guard")
            self.assertEqual(facts.check_sites(obj), [])
            self.final("out.o", version="22", options=["-mwasm64"])
            # wabt 1.0.32 and node 20 know no 64-bit tables, which wasm-ld 22 makes.
            self.final("out.o", version="14", options=["-mwasm64"])
            self.run_in("wasm-validate", "--enable-memory64", "final.wasm")
            lines = tools.node("host", self.path("final.wasm"), "_initialize", "_initialize", options=NODE64).splitlines()
            self.assertEqual(self.ctors(lines), ["two", "one"])

    def test_threads(self):
        flags = ["-pthread", "-matomics", "-mbulk-memory"]
        self.library("a", ctor("one"), flags=flags)
        self.link("a.o", "--init-guard")
        options = ["--shared-memory", "--import-memory", "--max-memory=1048576"]
        self.final("out.o", options=options)
        self.assertEqual(self.ctors(self.run_module("final.wasm", "_initialize", "_initialize")), ["one"])


class NamesTest(GuardCase):
    def test_none_for_a_wasi_command(self):
        """node refuses `_initialize` beside `_start`."""
        text = ('#include <stdio.h>\n__attribute__((constructor)) static void start(void) { puts("ctor"); }\n'
                'int main() { puts("main"); return 3; }\n')
        self.compile("main.c", text, target=WASI)
        for option, expected in (("--init-guard=none", "ctor\nmain\nexit code 3\n"), ("--init-guard", None)):
            obj = self.linked("main.o", option)
            self.assertEqual(len([s for s in obj.symbols if s.name.startswith("__wasmpack_once.") and s.kind == 0]), 1)
            self.run_in("wasm-ld-22", f"{corpus.SYSROOT_LIB}/crt1-command.o", "out.o", f"{corpus.SYSROOT_LIB}/libc.a",
                        corpus.BUILTINS["22"], "-o", "command.wasm")
            output = tools.node("wasi", self.path("command.wasm"))
            if expected:
                self.assertEqual(output, expected)
                self.assertNotIn("_initialize", {e.name for e in wasm.read(self.path("command.wasm")).exports})
            else:
                self.assertNotIn("main\n", output)

    def test_names_of_ones_own(self):
        self.library("a", ctor("one"))
        obj = self.linked("a.o", "--init-guard=setup")
        self.assertEqual(global_names(obj) & {"setup", "_initialize", "wapc_init"}, {"setup"})
        self.final("out.o")
        self.assertEqual(self.ctors(self.run_module("final.wasm", "setup", "setup")), ["one"])
        obj = self.linked("a.o", "--init-guard=setup,_initialize")
        self.assertEqual(global_names(obj) & {"setup", "_initialize", "wapc_init"}, {"setup", "_initialize"})
        # Without `=`, the next word is an input.
        obj = self.linked("--init-guard", "a.o")
        self.assertLessEqual({"_initialize", "wapc_init", "a_kernel"}, global_names(obj))

    def test_none_with_no_caller_of_the_chain(self):
        """No entry point and no reference to the chain: wasm-ld wraps exports again, but the guard holds."""
        self.library("a", ctor("one"))
        self.link("a.o", "--init-guard=none")
        self.final("out.o")
        self.assertEqual(self.ctors(self.run_module("final.wasm", "a", "a", "a")), ["one"])

    def test_a_name_that_is_taken(self):
        self.library("a", ctor("one"), "int setup(int x) { return x; }\n")
        self.link("a.o", "--init-guard=setup")
        self.assertIn("warning: a.o: `setup` is defined here and does not run the constructors", self.stderr)

    def test_exempt_from_sealing_prefixing_and_renaming(self):
        self.library("a", ctor("one"))
        for options in (["--keep-global-symbol=a_kernel"], ["--prefix-symbols=p_"], ["--localize-hidden"],
                        ["--localize-symbol=*"]):
            with self.subTest(options):
                obj = self.linked("a.o", "--init-guard", *options)
                self.assertLessEqual({"_initialize", "wapc_init"}, global_names(obj))
                for name in ("_initialize", "wapc_init"):
                    self.assertEqual(flags_of(obj, name), {"weak", "exported"})
                self.assertIn("__wasm_call_ctors", undefined_names(obj))
                self.final("out.o")
                self.assertEqual(self.ctors(self.run_module("final.wasm", "_initialize", "wapc_init", "a")), ["one"])
        # Named exactly, they obey.
        obj = self.linked("a.o", "--init-guard", "--localize-symbol=wapc_init", "--redefine-sym=_initialize=setup")
        self.assertEqual(global_names(obj) & {"_initialize", "wapc_init", "setup"}, {"setup"})

    def test_sealed_guarded_libraries_link_together(self):
        for name in ("a", "b"):
            self.library(name, ctor(name, function="start"), "int helper(void) { return 1; }\n")
            self.link(f"{name}.o", "--init-guard", f"--keep-global-symbol={name}_kernel", f"--prefix-symbols={name}_",
                      output=f"{name}.sealed.o")
        for version in ("22", "14"):
            self.final("a.sealed.o", "b.sealed.o", version=version)
            self.assertEqual(self.ctors(self.run_module("final.wasm", "_initialize", "a", "b", "wapc_init")), ["a", "b"])

    def test_relinking_adds_no_second_guard(self):
        one = self.guarded("a", ctor("one", 100), ctor("two"))
        first = wasm.read(self.path(one))
        again = self.linked(one, "--init-guard", output="again.o")

        def guards(obj):
            return sorted(s.name for s in obj.symbols if s.name.startswith("__wasmpack_once"))

        self.assertEqual(guards(again), guards(first))
        self.assertEqual(len(again.code), len(first.code))
        self.assertEqual(facts.compare(facts.own_facts(first), facts.own_facts(again)), [])
        self.link("again.o", "--init-guard", output="third.o")
        self.assertEqual(self.bytes_of("third.o"), self.bytes_of("again.o"))
        # Beside a new library only its constructors are guarded anew.
        self.library("b", ctor("three"))
        mixed = self.linked(one, "b.o", "--init-guard", output="mixed.o")
        self.assertEqual(len(guards(mixed)), len(guards(first)) + 2)
        self.final("mixed.o")
        self.assertEqual(self.ctors(self.run_module("final.wasm", "_initialize", "wapc_init")), ["one", "two", "three"])

    def test_the_hosts_own_constructors_wait_too(self):
        """Documented: once something refers to the chain, wasm-ld wraps no export, so somebody must call _initialize."""
        one = self.guarded("a", ctor("a"))
        host = self.library("host", ctor("host"))
        self.final(host, one)
        self.assertEqual(self.ctors(self.run_module("final.wasm", "host")), [])
        self.assertEqual(self.ctors(self.run_module("final.wasm", "_initialize", "host")), ["host", "a"])
        self.final(host)
        self.assertEqual(self.ctors(self.run_module("final.wasm", "host")), ["host"])

    def test_library_record(self):
        """A section tells later tools what was done."""
        one = self.guarded("a", ctor("one"), options=("--init-guard", "--keep-global-symbol=a_kernel"))
        obj = wasm.read(self.path(one))
        content = obj.content(obj.find("wasmpack.lib")).decode()
        self.assertIn('"sealed":true', content)
        self.assertIn('"init_guard":["_initialize","wapc_init"]', content)


if __name__ == "__main__":
    unittest.main()
