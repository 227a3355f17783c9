# ctest: timeout=300
"""D1-D12: what `wasm-ld -r` loses or gets wrong, one test each, numbered as in docs/linking.md. Every check is run on our
object, where it must hold, and on that of `wasm-ld-22 -r`, where it must not: a check that cannot fail proves nothing."""

import os
import re
import tempfile
import unittest

from lib import ar, corpus, facts, tools, wasm

BASE = ["--target=wasm32-unknown-unknown", "-O1"]


class DefectsTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)
        return self.path(name)

    def compile(self, name, text, *flags, compiler=None):
        source = self.write(name, text)
        compiler = compiler or ("clang++-22" if name.endswith(".cpp") else "clang-22")
        tools.run([compiler, *BASE, *flags, "-c", source, "-o", source + ".o"])
        return source + ".o"

    def final(self, *inputs, options=()):
        """A finished module of these objects; the caller's check reads it."""
        output = self.path("final.wasm")
        tools.final(inputs, output, "--no-entry", "--allow-undefined", *options)
        return output

    def holds_for_us_only(self, inputs, check, *options):
        """`check` takes the path of a linked object and raises AssertionError if the defect is there."""
        ours, theirs = self.path("ours.o"), self.path("theirs.o")
        tools.link(inputs, ours, *options)
        tools.relocatable(inputs, theirs)
        check(ours)
        with self.assertRaises(AssertionError, msg="wasm-ld -r passes this check too: it tests nothing"):
            check(theirs)

    def test_d01_export_names_are_kept(self):
        source = self.compile("a.c", '__attribute__((export_name("renamed"))) int exp_a(void) { return 7; }\n')

        def check(linked):
            module = self.final(linked)
            names = {e.name for e in wasm.read(module).exports}
            self.assertIn("renamed", names)
            self.assertNotIn("exp_a", names)
            self.assertIn("renamed -> 7", tools.node("host", module, "renamed"))

        self.holds_for_us_only([source], check)

    def test_d02_one_copy_of_each_comdat(self):
        text = ("inline __attribute__((noinline)) int shared() {{ static int n; return ++n; }}\n"
                "struct S {{ virtual int f() {{ return 1; }} }};\nS object_{0};\n"
                "int use_{0}() {{ return shared() + object_{0}.f(); }}\n")
        inputs = [self.compile(f"{n}.cpp", text.format(n)) for n in "abc"]

        def check(linked):
            obj = wasm.read(linked)
            # use_a, use_b, use_c, shared, S::f
            self.assertEqual(len(obj.code), 5)
            for comdat in obj.comdats:
                self.assertEqual(len(comdat.entries), 1, comdat)
            whole = wasm.read(self.final(linked, options=["--no-gc-sections", "--export-all"]))
            self.assertEqual(len(whole.code), 6)  # and __wasm_call_ctors

        self.holds_for_us_only(inputs, check)

    def test_d03_custom_sections_stay_in_their_comdats(self):
        text = "struct Shared {{ int a, b; }};\nint use_{0}(Shared *s) {{ return s->a + s->b; }}\n"
        flags = ["-g", "-gdwarf-4", "-fdebug-types-section"]
        one, two = (self.compile(f"{n}.cpp", text.format(n), *flags) for n in "ab")

        def check(linked):
            groups = [c for c in wasm.read(linked).comdats if any(kind == 5 for kind, _ in c.entries)]
            self.assertTrue(groups)
            # The final link knows the type units of both objects as one.
            module = self.final(linked, two, options=["--export-all", "--no-gc-sections"])
            text = tools.run(["llvm-dwarfdump-22", "--debug-types", module]).stdout
            signatures = re.findall(r"type_signature = (0x[0-9a-f]+)", text)
            self.assertTrue(signatures)
            self.assertEqual(len(signatures), len(set(signatures)))

        self.holds_for_us_only([one], check)

    def test_d04_segment_flags_are_kept(self):
        features = """
	.section	.custom_section.target_features,"",@
	.int8	2
	.int8	43
	.int8	7
	.ascii	"atomics"
	.int8	43
	.int8	11
	.ascii	"bulk-memory"
"""
        text = """
	.section	names,"R",@
	.globl	kept
kept:	.asciz	"kept because it is retained"
	.size	kept, 28
	.section	.rodata.words,"S",@
	.globl	words
words:	.asciz	"words"
	.size	words, 6
	.section	per_thread,"T",@
	.globl	tls
tls:	.int32	5
	.size	tls, 4
"""
        source = self.compile("flags.s", text + features, "-matomics", "-mbulk-memory")

        def check(linked):
            flags = {s.name: s.flags for s in wasm.read(linked).segments}
            self.assertEqual(flags, {"names": 4, ".rodata.words": 1, "per_thread": 2})

        self.holds_for_us_only([source], check)

        retained = self.compile("retained.s", text.split(".section\t.rodata")[0])

        def check_module(linked):
            with open(self.final(linked), "rb") as module:
                self.assertIn(b"kept because it is retained", module.read())

        check_module(retained)
        self.holds_for_us_only([retained], check_module)

    def test_d05_disallowed_features_are_kept(self):
        banned = self.compile("banned.s", """
	.globl	f
	.functype	f () -> ()
f:
	.functype	f () -> ()
	end_function
	.section	.custom_section.target_features,"",@
	.int8	1
	.int8	45
	.int8	10
	.ascii	"shared-mem"
""")

        def check(linked):
            self.assertIn(("-", "shared-mem"), wasm.read(linked).features)
            done = tools.final([linked], self.path("x.wasm"), "--no-entry", "--shared-memory",
                               "--max-memory=1048576", check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("--shared-memory is disallowed by", done.stderr)

        self.holds_for_us_only([banned], check)

    def test_d06_segments_keep_their_gc_granularity(self):
        text = ('void host_log(const char *, int);\nvoid say_{0}(void) {{ host_log("a text that only {0} says, at some '
                'length", 0); }}\n')
        inputs = [self.compile(f"{n}.c", text.format(n)) for n in "abcd"]
        direct = self.final(*inputs, options=["--export=say_a"])
        expected = sum(s.end - s.start for s in wasm.read(direct).segments)
        self.assertLess(expected, 60)

        def check(linked):
            segments = [s for s in wasm.read(linked).segments if s.name == ".rodata..L.str"]
            self.assertEqual(len(segments), 4)
            module = wasm.read(self.final(linked, options=["--export=say_a"]))
            self.assertEqual(sum(s.end - s.start for s in module.segments), expected)

        self.holds_for_us_only(inputs, check)

    def test_d07_gc_keeps_only_constructors_of_live_inputs(self):
        """A final linker keeps all constructors of one object or none, whatever inputs it was made of; --gc decides
        input by input, as the final link of the members would."""
        text = ('void host_log(const char *, int);\n__attribute__((constructor)) static void start(void) '
                '{{ host_log("ctor {0}", 0); }}\nint kernel_{0}(void) {{ return 1; }}\n')
        members = [self.compile(f"{n}.c", text.format(n)) for n in "abc"]

        def check(linked):
            module = self.final(linked, options=["--export=kernel_b"])
            output = tools.node("host", module)
            self.assertEqual(output.split("\n")[:2], ["ctor b 0", "kernel_b -> 1"])
            self.assertNotIn("ctor a", output)
            self.assertNotIn("ctor c", output)

        self.holds_for_us_only(members, check, "--gc", "--keep-global-symbol=kernel_b")
        # Without --gc nothing goes, and the order is that of the inputs.
        linked = self.path("whole.o")
        tools.link(members, linked)
        output = tools.node("host", self.final(linked, options=["--export=kernel_b"]))
        self.assertEqual(output.split("\n")[:4], ["ctor a 0", "ctor b 0", "ctor c 0", "kernel_b -> 1"])

    def test_d08_never_an_empty_object_with_exit_code_0(self):
        member = self.compile("a.c", "int f(void) { return 1; }\n")
        archive = self.path("lib.a")
        tools.run(["llvm-ar-22", "rcs", archive, member])
        ours, theirs = self.path("ours.o"), self.path("theirs.o")
        tools.run(["wasm-ld-22", "-r", archive, "-o", theirs])
        self.assertEqual(wasm.read(theirs).code, [])  # the defect: exit code 0, nothing in it
        tools.link([archive], ours)
        self.assertEqual(len(wasm.read(ours).code), 1)
        os.remove(ours)
        lazy = tools.link([archive], ours, "--lazy-archives", check=False)
        self.assertEqual(lazy.returncode, 1, lazy.stderr)
        self.assertIn("lazy", lazy.stderr)
        self.assertFalse(os.path.exists(ours))
        # The same for an archive without members.
        empty = self.path("empty.a")
        ar.write(empty, [])
        done = tools.link([empty], ours, check=False)
        self.assertIn(done.returncode, (1, 2))
        self.assertFalse(os.path.exists(ours))

    def test_d09_bytes_do_not_depend_on_the_outputs_name(self):
        inputs = corpus.find("cxx-clang22-dwarf5").inputs

        def bytes_of(link):
            out = []
            for name in ("one.o", "quite another name.wasm"):
                link(inputs, self.path(name))
                with open(self.path(name), "rb") as f:
                    out.append(f.read())
            return out

        first, second = bytes_of(tools.link)
        self.assertEqual(first, second)
        first, second = bytes_of(tools.relocatable)
        self.assertNotEqual(first, second)

    def test_d10_signature_mismatches_are_reported(self):
        caller = self.compile("caller.c", "int f(int);\nint use(void) { return f(1); }\n")
        callee = self.compile("callee.c", "void f(long long a, double b) {}\n")
        done = tools.relocatable([caller, callee], self.path("theirs.o"))
        self.assertEqual(done.returncode, 0)
        stub = [s.name for s in wasm.read(self.path("theirs.o")).symbols if s.name.startswith("signature_mismatch")]
        self.assertTrue(stub)
        done = tools.link([caller, callee], self.path("ours.o"), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertFalse(os.path.exists(self.path("ours.o")))
        self.assertIn("(i32) -> i32", done.stderr)
        self.assertRegex(done.stderr, r"\(i64, f64\) -> (\(\)|void|nothing)")
        self.assertIn("caller.c.o", done.stderr)
        self.assertIn("callee.c.o", done.stderr)
        self.assertIn("help:", done.stderr)

    def test_d10_address_taken_old_style_declaration_is_no_mismatch(self):
        """Only calls can be wrong: `void f();` whose address is taken says nothing of f's type."""
        user = self.compile("user.c", "void f();\nvoid (*pointer)() = f;\n", "-std=c89")
        callee = self.compile("callee.c", "int f(int a) { return a; }\n")
        tools.link([user, callee], self.path("ours.o"))
        obj = wasm.read(self.path("ours.o"))
        self.assertEqual([s.name for s in obj.symbols if s.kind == 0], ["f"])

    def test_d11_several_reactor_crts(self):
        crt = f"{corpus.SYSROOT_LIB}/crt1-reactor.o"
        text = ('void host_log(const char *, int);\n__attribute__((constructor)) static void start(void) '
                '{{ host_log("ctor {0}", 0); }}\nint kernel_{0}(void) {{ return 1; }}\n')
        bundles = []
        for n in "ab":
            bundles.append(self.path(f"bundle_{n}.o"))
            tools.link([self.compile(f"{n}.c", text.format(n)), crt], bundles[-1])
        done = tools.link(bundles, self.path("both.o"), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("_initialize", done.stderr)
        for bundle in bundles:
            self.assertIn(os.path.basename(bundle), done.stderr)
        self.assertRegex(done.stderr, r"help:.*(reactor|init-guard)")
        # The way out: each library brings a guarded, weak _initialize.
        guarded = []
        for n in "ab":
            guarded.append(self.path(f"guarded_{n}.o"))
            tools.link([self.path(f"{n}.c.o")], guarded[-1], "--init-guard")
        tools.link(guarded, self.path("both.o"))
        module = self.final(self.path("both.o"), options=["--export=kernel_a", "--export=kernel_b"])
        output = tools.node("host", module, "_initialize", "kernel_a", "kernel_b", "_initialize", "kernel_a")
        self.assertEqual(output.count("ctor a"), 1)
        self.assertEqual(output.count("ctor b"), 1)

    def test_d12_bss_costs_bytes_in_the_object_only(self):
        """The format has no size without bytes: an object's zeros are stored. A finished module's are not."""
        source = self.compile("bss.c", "char zeros[4 << 20];\nint get(int i) { return zeros[i]; }\n")
        linked = self.path("ours.o")
        tools.link([source], linked)
        self.assertGreater(os.path.getsize(linked), 4 << 20)
        self.assertLess(os.path.getsize(linked), os.path.getsize(source) + 4096)
        module = self.final(linked, options=["--export=get"])
        self.assertLess(os.path.getsize(module), 1000)
        self.assertIn("get -> 0", tools.node("host", module, "get"))


if __name__ == "__main__":
    unittest.main()
