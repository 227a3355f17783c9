# ctest: timeout=120
"""What becomes of each custom section."""

import unittest

from lib import wasm
from link_case import LinkCase, global_names, objdump


def uleb(value):
    out = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def sized(body):
    return uleb(len(body)) + body


def custom(name, body):
    return b"\0" + sized(sized(name.encode()) + body)


def padded(value):
    return bytes([value & 0x7F | 0x80, value >> 7 & 0x7F | 0x80, value >> 14 & 0x7F | 0x80, value >> 21 & 0x7F | 0x80,
                  value >> 28])


class CustomCase(LinkCase):
    def append(self, name, *sections):
        """An object with more sections behind its own."""
        self.write(name, self.bytes_of(name) + b"".join(sections))
        return name

    def section(self, obj, name):
        found = [i for i, s in enumerate(obj.sections) if s.name == name]
        self.assertLessEqual(len(found), 1, f"{len(found)} sections {name}")
        return obj.content(found[0]) if found else None

    def contents(self, name, *words):
        return self.section(self.linked(*words), name)


class PolicyTest(CustomCase):
    def setUp(self):
        super().setUp()
        self.a = self.compile("a.c", "int a(void) { return 1; }\n")
        self.b = self.compile("b.c", "int b(void) { return 2; }\n")

    def test_unknown_sections_are_concatenated(self):
        self.append("a.o", custom("mine", b"from a;"), custom("only_a", b"x"))
        self.append("b.o", custom("mine", b"from b;"), custom("empty", b""))
        obj = self.linked("a.o", "b.o")
        self.assertEqual(self.section(obj, "mine"), b"from a;from b;")
        self.assertEqual(self.section(obj, "only_a"), b"x")
        self.assertEqual(self.section(self.linked("b.o", "a.o"), "mine"), b"from b;from a;")
        # As in a direct final link.
        module = wasm.read(self.final("a.o", "b.o", output="direct.wasm", options=["--export-all"]))
        self.link("a.o", "b.o")
        ours = wasm.read(self.final("out.o", options=["--export-all"]))
        self.assertEqual(self.section(ours, "mine"), self.section(module, "mine"))

    def test_names_that_are_odd(self):
        """Two sections of one name in one input, a name without letters, and one that is no UTF-8... in that order."""
        self.append("a.o", custom("twice", b"1"), custom("", b"nameless"), custom("twice", b"2"))
        obj = self.linked("a.o", "b.o")
        self.assertEqual(self.section(obj, "twice"), b"12")
        self.assertEqual(self.section(obj, ""), b"nameless")

    def test_embedded_bitcode_is_dropped(self):
        bitcode = self.compile("c.c", "int c(void) { return 3; }\n", "-fembed-bitcode=all")
        names = [s.name for s in wasm.read(self.path(bitcode)).sections]
        self.assertLessEqual({".llvmbc", ".llvmcmd"}, set(names))
        obj = self.linked(bitcode, self.a)
        self.assertFalse({".llvmbc", ".llvmcmd"} & {s.name for s in obj.sections})

    def test_producers_are_merged(self):
        old = self.compile("old.c", "int old(void) { return 1; }\n", version="14")
        self.append(self.a)
        obj = self.linked("a.o", "b.o", old)
        self.assertEqual(len([s for s in obj.sections if s.name == "producers"]), 1)
        inputs = [p for name in ("a.o", old) for p in wasm.read(self.path(name)).producers]
        self.assertEqual({p[:2] for p in obj.producers}, {p[:2] for p in inputs} | {("processed-by", "wasmpack")})
        # A value occurs once in its field (ProducersSection.md).
        self.assertEqual(len({p[:2] for p in obj.producers}), len(obj.producers))
        # Linking again adds nothing.
        self.assertEqual(self.linked("out.o", output="again.o").producers, obj.producers)

    def test_features_are_merged(self):
        simd = self.compile("simd.c", "int simd(void) { return 1; }\n", "-msimd128")
        obj = self.linked(self.a, simd)
        self.assertEqual(len([s for s in obj.sections if s.name == "target_features"]), 1)
        expected = {f for name in (self.a, simd) for f in wasm.read(self.path(name)).features}
        self.assertEqual(set(obj.features), expected)
        self.assertIn(("+", "simd128"), expected)

    def test_name_and_datacount_are_not_copied(self):
        self.append("a.o", custom("name", b"\x01\x06\x01\x00\x03old"))
        obj = self.linked("a.o", "b.o")
        self.assertIsNone(self.section(obj, "name"))
        # DataCount is there if, and only if, an input needs it: what a passive segment's instructions name.
        bulk = self.compile("bulk.c", "void *memcpy(void *, const void *, unsigned long);\nvoid bulk(char *d, char *s, int n) "
                                      "{ memcpy(d, s, n); }\n", "-mbulk-memory")
        self.link(self.a, bulk)
        self.final("out.o", options=["--export=bulk"])
        self.run_in("wasm-validate", "final.wasm")

    def test_strip_debug(self):
        debug = self.compile("debug.c", "static int deep(int x) { return x + 1; }\nint debug(int x) { return deep(x); }\n", "-g")
        self.append(debug, custom("mine", b"stays"))
        names = {s.name for s in self.linked(debug).sections}
        self.assertIn(".debug_info", names)
        obj = self.linked(debug, "--strip-debug")
        names = {s.name for s in obj.sections}
        self.assertFalse({n for n in names if n.startswith((".debug_", "reloc..debug_"))})
        self.assertLessEqual({"mine", "producers", "linking"}, names)
        self.assertFalse([s for s in obj.symbols if s.kind == 3])
        # The same as wasm-ld's: nothing but the sections is missing.
        self.final("out.o", options=["--export=debug"])
        self.assertEqual(self.run_module(), ["debug -> 4"])

    def test_remove_section(self):
        self.append("a.o", custom("notes.one", b"1"), custom("notes.two", b"2"), custom("other", b"3"))
        for options, gone in ((["--remove-section=notes.one"], {"notes.one"}), (["--remove-section=notes.*"],
                              {"notes.one", "notes.two"}), (["--remove-section", "notes.?ne", "--remove-section=other"],
                                                            {"notes.one", "other"})):
            with self.subTest(options):
                names = {s.name for s in self.linked("a.o", "b.o", *options).sections}
                self.assertEqual({"notes.one", "notes.two", "other"} - names, gone)
        # What the linker makes itself is not up for removal.
        self.assertIn("linking", {s.name for s in self.linked("a.o", "--remove-section=*").sections})

    def test_removing_what_others_refer_to(self):
        """.debug_info refers into .debug_str: taking only the latter away would leave dangling references."""
        debug = self.compile("debug.c", "int debug(int x) { return x; }\n", "-g", "-gdwarf-4")
        stderr = self.fails(debug, "--remove-section=.debug_str", needs_help=False)
        self.assertIn(".debug_str", stderr)
        self.assertIn(".debug_info", stderr)
        self.assertLessEqual(len(self.errors_in(stderr)), 3, "one error a pair of sections, not one a reference")
        self.link(debug, "--remove-section=.debug_*")

    def test_coverage_sections_are_aligned(self):
        """__llvm_covfun and __llvm_covmap are read in units of 8 bytes."""
        self.append("a.o", custom("__llvm_covmap", b"12345"))
        self.append("b.o", custom("__llvm_covmap", b"67"))
        self.assertEqual(self.contents("__llvm_covmap", "a.o", "b.o"), b"12345\0\0\x0067")

    def test_library_record(self):
        """`wasmpack.lib` says what was done; a plain link leaves none."""
        self.assertIsNone(self.contents("wasmpack.lib", self.a))
        record = self.contents("wasmpack.lib", self.a, "--prefix-symbols=p_").decode()
        self.assertIn('"prefix":"p_"', record)
        self.assertEqual(record.count("\n"), 1)
        # Each library's record comes through another link.
        self.link(self.a, "--prefix-symbols=p_", output="one.o")
        self.link(self.b, "--keep-global-symbol=b", output="two.o")
        both = self.contents("wasmpack.lib", "one.o", "two.o").decode().splitlines()
        self.assertEqual(len(both), 2)
        self.assertIn('"sealed":true', both[1])


class HintsTest(CustomCase):
    """metadata.code.branch_hint: LLVM 22 of Debian does not make it, so it is put into compiled objects by hand, as LLVM's
    main branch does: the function as a padded index with a relocation."""

    BODY = "void g(void);\n{0} void {1}(int x) {{ if (x) g(); }}\n"

    def add_hints(self, name, functions, section="metadata.code.branch_hint", relocated=True):
        obj = wasm.read(self.path(name))
        entries, relocations = uleb(len(functions)), b""
        for function in functions:
            (number,) = [i for i, s in enumerate(obj.symbols) if s.name == function and s.kind == 0]
            relocations += b"\0" + uleb(len(entries)) + uleb(number)
            entries += padded(obj.symbols[number].index) + uleb(1) + uleb(5) + sized(bytes([len(function)]))
        sections = [custom(section, entries)]
        if relocated:
            sections.append(custom("reloc." + section, uleb(len(obj.sections)) + uleb(len(functions)) + relocations))
        return self.append(name, *sections)

    def hints(self, obj, section="metadata.code.branch_hint"):
        """[(function, offset, value)] through the relocations, and that the fields agree with them."""
        position = obj.find(section)
        if position is None:
            return None
        content = obj.content(position)
        sites = {offset: obj.symbols[index] for _, offset, index, _ in obj.relocations.get(position, ())}
        count, at = wasm.uleb(content, 0)
        found = []
        for _ in range(count):
            symbol = sites.pop(at)
            index, at = wasm.uleb(content, at)
            self.assertEqual(index, symbol.index)
            n, at = wasm.uleb(content, at)
            for _ in range(n):
                offset, at = wasm.uleb(content, at)
                size, at = wasm.uleb(content, at)
                found.append((symbol.name, offset, content[at:at + size]))
                at += size
        self.assertEqual(at, len(content))
        self.assertEqual(sites, {})
        return found

    def test_merged_by_count(self):
        one = self.add_hints(self.compile("one.c", self.BODY.format("", "f1")), ["f1"])
        two = self.add_hints(self.compile("two.c", self.BODY.format("", "f_two") + self.BODY.format("", "f_three")),
                             ["f_two", "f_three"])
        plain = self.compile("plain.c", self.BODY.format("", "f_plain"))
        obj = self.linked(one, plain, two)
        self.assertEqual(self.hints(obj), [("f1", 5, b"\2"), ("f_two", 5, b"\5"), ("f_three", 5, b"\7")])
        # After a final link the three functions have hints, and no other has.
        self.final("out.o", options=["--export-all"])
        module = wasm.read(self.path("final.wasm"))
        content = module.content(module.find("metadata.code.branch_hint"))
        count, at = wasm.uleb(content, 0)
        self.assertEqual(count, 3)
        names = []
        for _ in range(count):
            index, at = wasm.uleb(content, at)
            names.append(module.names[index])
            at += 4
        self.assertEqual(names, ["f1", "f_two", "f_three"])

    def test_hints_of_functions_that_lost_go(self):
        """Two hints for one function make engines reject the section."""
        inline = 'extern "C" void g();\nextern "C" __attribute__((used)) inline void f(int x) { if (x) g(); }\n'
        one, two = (self.add_hints(self.compile(f"{n}.cpp", inline), ["f"]) for n in ("one", "two"))
        self.assertEqual(self.hints(self.linked(one, two)), [("f", 5, b"\1")])
        weak = self.add_hints(self.compile("weak.c", self.BODY.format("__attribute__((weak))", "h_weak")), ["h_weak"])
        strong = self.compile("strong.c", "void h_weak(int x) {}\n")
        for inputs in ((weak, strong), (strong, weak)):
            self.assertFalse(self.hints(self.linked(*inputs)))
        self.assertEqual(self.hints(self.linked(weak)), [("h_weak", 5, b"\6")])

    def test_with_gc(self):
        both = self.add_hints(self.compile("both.c", self.BODY.format("", "live") + self.BODY.format("", "dead")),
                              ["live", "dead"])
        self.assertEqual(self.hints(self.linked(both, "--gc", "--export=live")), [("live", 5, b"\4")])

    def test_other_metadata_sections(self):
        """The same rule for every metadata.code.*; each has its own section."""
        name = "metadata.code.trace_inst"
        one, two = (self.add_hints(self.compile(f"{n}.c", self.BODY.format("", n)), [n], name) for n in ("one", "two"))
        obj = self.linked(one, two)
        self.assertEqual([h[0] for h in self.hints(obj, name)], ["one", "two"])
        self.assertIsNone(self.hints(obj))

    def test_without_relocations(self):
        """Such an entry names a function by the input's own numbers, which mean another function in the output."""
        one = self.compile("one.c", self.BODY.format("", "one"))
        two = self.add_hints(self.compile("two.c", self.BODY.format("", "two")), ["two"], relocated=False)
        obj = self.linked(one, two)
        self.assertIn(self.section(obj, "metadata.code.branch_hint"), (None, b"\0"))

    def test_damaged(self):
        name = self.compile("bad.c", self.BODY.format("", "bad"))
        self.append(name, custom("metadata.code.branch_hint", b"\x02\x80"))
        stderr = self.fails(name, needs_help=False)
        self.assertIn("section metadata.code.branch_hint, offset 0x", stderr)


class TableTest(LinkCase):
    """`__indirect_function_table` must be table 0: clang 14 calls through it without a relocation."""

    CALLER = ('int (*{0}_pointer)(int);\nint {0}_double(int x) {{ return 2 * x + {1}; }}\n'
              '__attribute__((export_name("{0}"))) int {0}(int x) {{ {0}_pointer = {0}_double; return {0}_pointer(x); }}\n')

    def test_two_compilers(self):
        old = self.compile("old.c", self.CALLER.format("old", 0), "-O0", version="14")
        new = self.compile("new.c", self.CALLER.format("new", 1), "-O0", "-mreference-types")
        plain = self.compile("plain.c", self.CALLER.format("plain", 2), "-O0")
        for inputs in ((old, new), (new, old), (old, plain, new), (old,), (new,), (plain, old)):
            obj = self.linked(*inputs)
            tables = [i for i in obj.imports if i.kind == 1]
            self.assertEqual([t.field for t in tables], ["__indirect_function_table"])
            for version in ("22", "14"):
                with self.subTest(inputs, version=version):
                    lines = self.run_objects("out.o", version=version)
                    expected = {"old.o": "old -> 6", "new.o": "new -> 7", "plain.o": "plain -> 8"}
                    self.assertEqual(set(lines), {expected[i] for i in inputs})

    def test_beside_another_table(self):
        """Another table pushes in front unless the function table is kept at 0."""
        old = self.compile("old.c", self.CALLER.format("old", 0), "-O0", version="14")
        new = self.compile("new.c", self.CALLER.format("new", 1), "-O0", "-mreference-types")
        table = self.compile("table.s", '\t.tabletype\tmine, externref\n\t.globl\tmine\nmine:\n\t.globl\tuse\n'
                             "use:\n\t.functype\tuse (i32) -> (i32)\n\ttable.size\tmine\n\tend_function\n",
                             "-mreference-types")
        main = ["--export=use"]
        for inputs in ((new, table), (table, new)):
            self.link(*inputs)
            for version in ("22", "14"):
                lines = self.run_objects("out.o", version=version, options=main)
                self.assertEqual(set(lines), {"new -> 7", "use -> 0"})
        # With an object of clang 14 the direct link works as well, and so must ours, now or in a later link.
        for inputs in ((old, table), (table, old), (old, new, table), (table, new, old)):
            with self.subTest(inputs):
                direct = self.run_objects(*inputs, options=main)
                done = self.call(*inputs, "-o", "out.o")
                if done.returncode:
                    self.assertIn("old.o", done.stderr)
                    self.assertIn("table", done.stderr)
                    continue
                self.assertEqual(set(self.run_objects("out.o", options=main)), set(direct))
        for others in (["out.o", table], [table, "out.o"]):
            with self.subTest(others):
                self.link(old)
                self.assertEqual(set(self.run_objects(*others, options=main)), {"old -> 6", "use -> 0"})

    def test_no_table_at_all(self):
        obj = self.linked(self.compile("none.c", "int f(int x) { return x; }\n"))
        self.final("out.o", options=["--export=f"])
        self.run_in("wasm-validate", "final.wasm")
        self.assertIn("f", global_names(obj))

    def test_slots_are_shared(self):
        """A function whose address two inputs take has one slot: pointers to it compare equal."""
        one = self.compile("one.c", "int f(int x) { return x; }\nint (*one(void))(int) { return f; }\n", "-O0")
        two = self.compile("two.c", "int f(int);\nint (*two(void))(int) { return f; }\n", "-O0", version="14")
        main = self.compile("main.c", "int (*one(void))(int);\nint (*two(void))(int);\n__attribute__((export_name(\"same\"))) int "
                                      "same(int x) { return one() == two() && one()(x) == x; }\n", "-O0")
        self.link(one, two)
        self.assertEqual(self.run_objects("out.o", main), ["same -> 1"])
        text = objdump(self.path("out.o"), "-x")
        self.assertIn("Elem[1]", text)
        self.assertIn("elem[1] = func[0] <f>", text)


if __name__ == "__main__":
    unittest.main()
