# ctest: timeout=300
"""Symbol edits: objcopy's options, plus --export, --unexport and --retain. Flags are read by the tests' own reader; what
the edits mean is seen by linking and running."""

import unittest

from lib import wasm
from link_case import LOG, LinkCase, flags_of, global_names, local_names, objdump, symbols, undefined_names

LIBRARY = LOG + """
int counter;
static int hidden_state = 3;
int conv_one(int x) { return x + hidden_state; }
int conv_two(int x) { counter++; return 2 * x; }
__attribute__((weak)) int helper(int x) { return conv_one(x); }
__attribute__((visibility("hidden"))) int secret(int x) { return x; }
__attribute__((export_name("published"))) int publish(int x) { return helper(x) + secret(x); }
__attribute__((used)) int keep_me(int x) { return x; }
int outside(int);
int call_out(int x) { return outside(x); }
"""
ALL = {"counter", "conv_one", "conv_two", "helper", "secret", "publish", "keep_me", "call_out"}


class EditsCase(LinkCase):
    def setUp(self):
        super().setUp()
        self.library = self.compile("library.c", LIBRARY)


class LocalizeTest(EditsCase):
    def test_keep_global_symbol(self):
        obj = self.linked(self.library, "--keep-global-symbol=conv_one")
        # What its source marked as exported or used stays too.
        self.assertEqual(global_names(obj), {"conv_one", "publish", "keep_me"})
        self.assertLessEqual(ALL - global_names(obj), local_names(obj))
        self.assertIn("outside", undefined_names(obj))
        # Sealed inside, it still computes.
        main = self.compile("main.c", 'int conv_one(int), publish(int);\nint helper(int x) { return 1000; }\n'
                            'int outside(int x) { return x; }\n'
                            '__attribute__((export_name("run"))) int run(int x) { return publish(x) + conv_one(x) + '
                            'helper(x); }\n')
        self.assertIn("run -> 1015", self.run_objects("out.o", main))  # (3+3)+3 + (3+3) + 1000

    def test_patterns(self):
        for pattern, kept in (("conv_*", {"conv_one", "conv_two"}), ("conv_[op]??", {"conv_one"}),
                              ("conv_[!o]*", {"conv_two"}), ("?ounter", {"counter"}), ("*", ALL), ("call\\_out", {"call_out"})):
            with self.subTest(pattern):
                obj = self.linked(self.library, f"--keep-global-symbol={pattern}")
                self.assertEqual(global_names(obj), kept | {"publish", "keep_me"})
        # A pattern matches the whole name or nothing.
        self.call(self.library, "--keep-global-symbol=conv", "-o", "out.o")
        self.assertEqual(global_names(wasm.read(self.path("out.o"))), {"publish", "keep_me"})

    def test_several_patterns_and_files(self):
        self.write("names.txt", "# the kernels\nconv_one   # the first\n\n  coun*\r\n")
        expected = {"conv_one", "conv_two", "counter", "publish", "keep_me"}
        for options in (["--keep-global-symbols=names.txt", "--keep-global-symbol=conv_two"],
                        ["--keep-global-symbol", "conv_one", "--keep-global-symbol", "conv_two",
                         "--keep-global-symbol", "counter"],
                        ["--keep-global-symbols", "names.txt", "--keep-global-symbol", "conv_two"]):
            with self.subTest(options):
                self.assertEqual(global_names(self.linked(self.library, *options)), expected)
        # A file option takes one word: what follows is an input.
        self.assertEqual(global_names(self.linked("--keep-global-symbols", "names.txt", self.library)),
                         expected - {"conv_two"})

    def test_a_pattern_without_a_match_is_a_warning(self):
        self.link(self.library, "--keep-global-symbol=conv_tow", "--keep-global-symbol=conv_one")
        self.assertIn("warning: --keep-global-symbol=conv_tow matches no symbol that the inputs define", self.stderr)
        self.assertIn("did you mean 'conv_two'?", self.stderr)
        self.assertNotIn("conv_one matches", self.stderr)
        # With --gc it would throw everything away, so it is an error.
        self.assertIn("conv_tow", self.fails(self.library, "--keep-global-symbol=conv_tow", "--gc"))

    def test_localize_symbol(self):
        obj = self.linked(self.library, "--localize-symbol=conv_*", "--localize-symbol=counter")
        self.assertEqual(global_names(obj), ALL - {"conv_one", "conv_two", "counter"})
        self.assertEqual(flags_of(obj, "conv_one") & {"local", "weak"}, {"local"})
        self.write("names.txt", "conv_*\ncounter\n")
        self.assertEqual(global_names(self.linked(self.library, "--localize-symbols=names.txt")), global_names(obj))

    def test_localize_hidden(self):
        """clang gives every symbol hidden visibility on wasm unless told otherwise."""
        plain = self.linked(self.library)
        hidden = {n for n in ALL if "hidden" in flags_of(plain, n)}
        self.assertIn("secret", hidden)
        self.assertEqual(global_names(self.linked(self.library, "--localize-hidden")),
                         (ALL - hidden) | {"publish", "keep_me"})
        visible = self.compile("visible.c", LIBRARY, "-fvisibility=default")
        self.assertEqual(global_names(self.linked(visible, "--localize-hidden")), ALL - {"secret"})

    def test_a_localized_symbol_keeps_its_meaning(self):
        """Two libraries with the same names, each sealed: calls, data and tables stay inside."""
        text = LOG + ('int state = {0};\nint step(void) {{ return state++; }}\nint (*table[])(void) = {{ step }};\n'
                      'int {1}(void) {{ table[0](); return step(); }}\n')
        one = self.compile("one.c", text.format(10, "one"), "-O0")
        two = self.compile("two.c", text.format(20, "two"), "-O0")
        self.fails(one, two)
        self.link(one, "--keep-global-symbol=one", output="one_sealed.o")
        self.link(two, "--keep-global-symbol=two", output="two_sealed.o")
        main = self.compile("main.c", LOG + "int one(void), two(void);\n__attribute__((export_name(\"run\"))) "
                                            'int run(int x) { host_log("one", one()); host_log("two", two()); '
                                            'host_log("one", one()); return x; }\n')
        for version in ("14", "22"):
            for inputs in ((main, "one_sealed.o", "two_sealed.o"), (main, "both.o")):
                self.link("one_sealed.o", "two_sealed.o", output="both.o")
                self.assertEqual(self.run_objects(*inputs, version=version), ["one 11", "two 21", "one 13", "run -> 3"])

    def test_undefined_symbols_are_never_localized(self):
        for option in ("--keep-global-symbol=conv_one", "--localize-symbol=*", "--localize-symbol=outside",
                       "--localize-hidden"):
            with self.subTest(option):
                done = self.call(self.library, option, "-o", "out.o")
                self.assertEqual(done.returncode, 0, done.stderr)
                obj = wasm.read(self.path("out.o"))
                self.assertEqual(flags_of(obj, "outside") & {"undefined", "local"}, {"undefined"})
                self.assertTrue({"host_log", "outside", "__stack_pointer"} & undefined_names(obj))

    def test_globalize_symbol(self):
        """Local symbols become global and take part in resolution."""
        text = "static __attribute__((noinline)) int {0}(int x) {{ return x + {1}; }}\nint use_{1}(int x) {{ return {0}(x); }}\n"
        one = self.compile("one.c", text.format("inner", 1), "-O0")
        two = self.compile("two.c", text.format("inner", 2), "-O0")
        user = self.compile("user.c", "int inner(int);\n__attribute__((export_name(\"run\"))) int run(int x) { return "
                                      "inner(x); }\n")
        self.assertNotIn("inner", global_names(self.linked(one)))
        for options in (["--globalize-symbol=inner"], ["--globalize-symbol=inn*"], ["--globalize-symbols=names.txt"]):
            self.write("names.txt", "inner\n")
            with self.subTest(options):
                obj = self.linked(one, user, *options)
                self.assertIn("inner", global_names(obj))
                self.assertNotIn("inner", undefined_names(obj))
                self.assertEqual(self.run_objects("out.o"), ["run -> 4"])
                self.assertIn("duplicate symbol `inner`", self.fails(one, two, *options))

    def test_weaken_symbol(self):
        other = self.compile("other.c", "int conv_one(int x) { return 100 * x; }\n__attribute__((export_name(\"run\"))) "
                                        "int run(int x) { return conv_one(x); }\n")
        self.fails(self.library, other)
        for options in (["--weaken-symbol=conv_one"], ["--weaken-symbol=conv_*"], ["--weaken-symbols=names.txt"]):
            self.write("names.txt", "conv_one\n")
            with self.subTest(options):
                obj = self.linked(self.library, *options)
                self.assertIn("weak", flags_of(obj, "conv_one"))
                self.assertNotIn("weak", flags_of(obj, "counter"))
                self.assertIn("run -> 300", self.run_objects("out.o", other, options=["--export=run"]))
        # An undefined one becomes a weak reference: absent, its address is null.
        obj = self.linked(self.library, "--weaken-symbol=outside")
        self.assertEqual(flags_of(obj, "outside") & {"weak", "undefined"}, {"weak", "undefined"})

    def test_localize_beats_keep_and_is_told(self):
        """--localize-symbol=NAME overrules EXPORTED and NO_STRIP, with a warning; a glob does not."""
        obj = self.linked(self.library, "--localize-symbol=publish")
        self.assertIn("publish", local_names(obj))
        self.assertIn("warning: library.o: --localize-symbol=publish hides a symbol that its source marked", self.stderr)
        self.assertEqual(flags_of(obj, "publish") & {"exported"}, set())
        self.assertEqual([e.name for e in obj.exports], [])
        self.final("out.o")
        self.assertNotIn("published", {e.name for e in wasm.read(self.path("final.wasm")).exports})
        self.assertIn("publish", global_names(self.linked(self.library, "--localize-symbol=publ*")))
        self.assertEqual(self.stderr, "")
        obj = self.linked(self.library, "--localize-symbol=keep_me")
        self.assertIn("keep_me", local_names(obj))
        self.assertIn("warning", self.stderr)
        # The export_name is free for another library.
        again = self.compile("again.c", '__attribute__((export_name("published"))) int publish_again(void) { return 1; }\n')
        obj = self.linked(self.library, again, "--localize-symbol=publish")
        self.assertEqual([e.name for e in obj.exports], ["published"])


class ProtectedTest(EditsCase):
    def test_what_stays_global_is_listed(self):
        self.link(self.library, "--keep-global-symbol=conv_one", "-v")
        self.assertIn("kept global (exported or used): keep_me\n", self.stderr)
        self.assertIn("kept global (exported or used): publish\n", self.stderr)
        self.assertNotIn("(exported or used): conv_one", self.stderr)
        self.link(self.library, "--keep-global-symbol=conv_one", "--keep-global-symbol=publish", "-v")
        self.assertNotIn("(exported or used): publish", self.stderr)

    def test_unexport_overrules(self):
        obj = self.linked(self.library, "--keep-global-symbol=conv_one", "--unexport=publish", "--unexport=keep_me")
        self.assertEqual(global_names(obj), {"conv_one"})
        self.assertEqual(obj.exports, [])
        self.final("out.o")
        self.assertEqual({e.name for e in wasm.read(self.path("final.wasm")).exports}, {"memory"})

    def test_unexport_without_sealing(self):
        obj = self.linked(self.library, "--unexport=pub*")
        self.assertIn("publish", global_names(obj))
        self.assertNotIn("exported", flags_of(obj, "publish"))
        self.assertEqual(obj.exports, [])
        # __attribute__((used)) says something else, and stays.
        self.assertIn("no_strip", flags_of(self.linked(self.library, "--unexport=keep_me"), "keep_me"))
        self.final("out.o")
        self.assertIn("keep_me", wasm.read(self.path("final.wasm")).names.values())

    def test_an_export_entry_alone_protects(self):
        """export_name lives in the EXPORT section: even without a flag on the symbol it is kept."""
        data = bytearray(self.bytes_of(self.library))
        obj = wasm.read(self.path(self.library))
        symbol = symbols(obj)["publish"]
        position = data.index(b"\x07publish", obj.sections[obj.find("linking")].start)
        # kind, flags (two bytes of LEB128), index, name
        flags_at = position - 3
        self.assertEqual(data[flags_at] & 0x7f | data[flags_at + 1] << 7, symbol.flags)
        flags = symbol.flags & ~(wasm.EXPORTED | wasm.NO_STRIP)
        data[flags_at:flags_at + 2] = bytes([flags & 0x7f | 0x80, flags >> 7])
        self.write("bare.o", bytes(data))
        obj = self.linked("bare.o", "--keep-global-symbol=conv_one")
        self.assertIn("publish", global_names(obj))
        self.assertEqual([e.name for e in obj.exports], ["published"])

    def test_export(self):
        obj = self.linked(self.library, "--export=conv_*", "--export=counter")
        for name in ("conv_one", "conv_two", "counter"):
            self.assertIn("exported", flags_of(obj, name))
        self.assertNotIn("exported", flags_of(obj, "helper"))
        self.final("out.o")
        names = {e.name for e in wasm.read(self.path("final.wasm")).exports}
        self.assertEqual(names, {"memory", "conv_one", "conv_two", "counter", "published"})

    def test_exported_symbols_stay_global_when_sealing(self):
        obj = self.linked(self.library, "--keep-global-symbol=conv_one", "--export=call_out")
        self.assertEqual(global_names(obj), {"conv_one", "call_out", "publish", "keep_me"})

    def test_retain(self):
        obj = self.linked(self.library, "--retain=conv_one")
        self.assertIn("no_strip", flags_of(obj, "conv_one"))
        # wasm-ld keeps such functions; the linker's map tells, names are exports only of EXPORTED ones.
        self.final("out.o")
        self.assertIn("conv_one", wasm.read(self.path("final.wasm")).names.values())
        self.final(self.library)
        self.assertNotIn("conv_two", wasm.read(self.path("final.wasm")).names.values())

    def test_linker_owned_names(self):
        """They are common to all libraries of a module: only an exact name touches them."""
        owned = ("__heap_base", "__dso_handle", "__wasm_call_ctors", "__stack_pointer", "__indirect_function_table",
                 "__memory_base", "__tls_base", "__data_end", "__wasm_init_memory", "__start_things", "__stop_things")
        data = self.compile("owned.c", "".join(f"int {n} = 1;\n" for n in owned) + "int mine = 2;\n")
        for option in ("--localize-symbol=*", "--keep-global-symbol=nothing_*", "--localize-hidden"):
            with self.subTest(option):
                self.call(data, option, "-o", "out.o")
                self.assertEqual(global_names(wasm.read(self.path("out.o"))), set(owned))
        obj = self.linked(data, "--prefix-symbols=p_")
        self.assertEqual(global_names(obj), {*owned, "p_mine"})
        obj = self.linked(data, "--weaken-symbol=*")
        self.assertEqual({n for n in owned if "weak" in flags_of(obj, n)}, set())
        self.assertIn("weak", flags_of(obj, "mine"))
        for name in owned:
            with self.subTest(name):
                obj = self.linked(data, f"--localize-symbol={name}")
                self.assertIn(name, local_names(obj))
                obj = self.linked(data, f"--redefine-sym={name}=renamed")
                self.assertIn("renamed", global_names(obj))
                self.assertIn("weak", flags_of(self.linked(data, f"--weaken-symbol={name}"), name))

    def test_init_entries_are_exempt_too(self):
        both = self.compile("both.c", "void _initialize(void) {}\nvoid wapc_init(void) {}\nvoid mine(void) {}\n")
        obj = self.linked(both, "--prefix-symbols=p_")
        self.assertEqual(global_names(obj), {"_initialize", "wapc_init", "p_mine"})
        self.call(both, "--keep-global-symbol=nothing_*", "-o", "out.o")
        self.assertEqual(global_names(wasm.read(self.path("out.o"))), {"_initialize", "wapc_init"})


class RenameTest(EditsCase):
    def test_prefix_symbols(self):
        obj = self.linked(self.library, "--prefix-symbols=lib_")
        self.assertEqual(global_names(obj), {f"lib_{n}" for n in ALL})
        # References to the host and the linker keep their names, local symbols too.
        self.assertTrue({"outside"} <= undefined_names(obj))
        # export_name is the host's contract and stays.
        self.assertEqual([e.name for e in obj.exports], ["published"])
        main = self.compile("main.c", "int lib_conv_one(int);\nint outside(int x) { return x; }\n"
                                      '__attribute__((export_name("run"))) int run(int x) { return lib_conv_one(x); }\n')
        printed = self.run_objects("out.o", main)
        self.assertIn("run -> 6", printed)
        self.assertIn("published -> 9", printed)

    def test_prefix_with_sealing(self):
        obj = self.linked(self.library, "--prefix-symbols=lib_", "--keep-global-symbol=conv_*", "--unexport=publish",
                          "--unexport=keep_me")
        self.assertEqual(global_names(obj), {"lib_conv_one", "lib_conv_two"})
        self.assertIn("helper", local_names(obj))

    def test_redefine_sym(self):
        obj = self.linked(self.library, "--redefine-sym=conv_one=first", "--redefine-sym", "counter=number")
        self.assertEqual(global_names(obj), (ALL - {"conv_one", "counter"}) | {"first", "number"})
        self.write("renames.txt", "# old new\nconv_one first\n\ncounter\tnumber # data\n")
        same = self.linked(self.library, "--redefine-syms=renames.txt")
        self.assertEqual(global_names(same), global_names(obj))
        # Names are exact, not patterns; one that is not there is told.
        self.assertEqual(global_names(self.linked(self.library, "--redefine-sym=conv_*=x")), ALL)
        self.assertIn("warning: --redefine-sym=conv_* matches no symbol", self.stderr)

    def test_redefine_sym_of_an_undefined_symbol_keeps_its_import(self):
        user = self.compile("user.c", '__attribute__((import_module("host"), import_name("f_v1"))) int f(int);\n'
                                      'int plain(int);\nextern int data;\nint (*taken)(int) = plain;\n'
                                      'int use(void) { return f(1) + plain(data); }\n')
        obj = self.linked(user, "--redefine-sym=f=g", "--redefine-sym=plain=other", "--redefine-sym=data=renamed")
        self.assertLessEqual({"g", "other", "renamed"}, undefined_names(obj))
        imports = {(i.module, i.field) for i in obj.imports if i.kind == 0}
        self.assertEqual(imports, {("host", "f_v1"), ("env", "plain")})
        self.assertEqual(flags_of(obj, "other"), {"undefined", "explicit_name"})
        # The oracle reads the same names.
        text = objdump(self.path("out.o"), "-x")
        self.assertIn("sig=0 <g> <- host.f_v1" if "sig=0 <g>" in text else "<- host.f_v1", text)
        self.assertIn("<- env.plain", text)
        # In the final module the host still provides what it did.
        self.final("out.o", output="ours.wasm", options=["--export=use", "--unresolved-symbols=ignore-all"])
        self.assertLessEqual({("host", "f_v1"), ("env", "plain")},
                             {(i.module, i.field) for i in wasm.read(self.path("ours.wasm")).imports})
        # And a definition of the new name satisfies it.
        definition = self.compile("definition.c", "int other(int x) { return x; }\nint renamed = 4;\n")
        obj = self.linked("out.o", definition, output="again.o")
        self.assertEqual({n for n in undefined_names(obj) if not n.startswith("__")}, {"g"})

    def test_redefinition_binds_to_a_definition(self):
        """After renaming, a reference and a definition of one name are the same symbol."""
        user = self.compile("user.c", LOG + "int wanted(int);\n__attribute__((export_name(\"run\"))) int run(int x) "
                                            "{ return wanted(x); }\n")
        offer = self.compile("offer.c", "int offered(int x) { return 7 * x; }\n")
        for option in ("--redefine-sym=wanted=offered", "--redefine-sym=offered=wanted"):
            obj = self.linked(user, offer, option)
            self.assertFalse({"wanted", "offered"} & undefined_names(obj))
            self.assertEqual(self.run_objects("out.o"), ["run -> 21"])
            # Sealed or not.
            obj = self.linked(user, offer, option, "--keep-global-symbol=run")
            self.assertEqual(global_names(obj), {"run"})
            self.assertEqual(self.run_objects("out.o"), ["run -> 21"])

    def test_two_references_become_one(self):
        user = self.compile("user.c", "int a(int), b(int);\nint use(int x) { return a(x) + b(x); }\n")
        stderr = self.fails(user, "--redefine-sym=a=b")
        self.assertIn("imported from two places", stderr)
        # Data is not imported: two references of one name are one.
        data = self.compile("data.c", "extern int a, b;\nint *use(int x) { return x ? &a : &b; }\n")
        self.assertEqual([s.name for s in self.linked(data, "--redefine-sym=a=b").symbols
                          if s.flags & wasm.UNDEFINED and s.kind == 1], ["b"])

    def test_collisions(self):
        self.assertIn("two symbols would both be named `conv_two`",
                      self.fails(self.library, "--redefine-sym=conv_one=conv_two"))
        self.assertIn("two new names", self.fails(self.library, "--redefine-sym=conv_one=a", "--redefine-sym=conv_one=b",
                                                  code=2, needs_help=False))
        self.assertIn("two kinds or types", self.fails(self.library, "--redefine-sym=outside=counter"))
        # A swap is no collision.
        obj = self.linked(self.library, "--redefine-sym=conv_one=conv_two", "--redefine-sym=conv_two=conv_one")
        self.assertEqual(global_names(obj), ALL)
        before, after = symbols(wasm.read(self.path(self.library))), symbols(obj)
        self.assertEqual(before["conv_one"].index < before["conv_two"].index,
                         after["conv_two"].index < after["conv_one"].index)

    def test_prefix_and_redefine_together(self):
        """As in objcopy: the prefix goes before the new name."""
        obj = self.linked(self.library, "--prefix-symbols=p_", "--redefine-sym=conv_one=first")
        self.assertIn("p_first", global_names(obj))
        self.assertNotIn("p_conv_one", global_names(obj))

    def test_local_symbols_can_be_renamed(self):
        local = self.compile("local.c", "static __attribute__((noinline)) int inner(int x) { return x; }\n"
                                        "int outer(int x) { return inner(x); }\n", "-O0")
        obj = self.linked(local, "--redefine-sym=inner=renamed")
        self.assertIn("renamed", local_names(obj))
        self.assertNotIn("inner", local_names(obj))


if __name__ == "__main__":
    unittest.main()
