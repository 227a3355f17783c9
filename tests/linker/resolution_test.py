# ctest: timeout=300
"""Which definition a name gets. The oracle is the direct final link of the same inputs by wasm-ld 22: whatever it
chooses for a program (seen by running it), it must choose after our link too; what it refuses, we refuse."""

import itertools
import json
import unittest

from lib import wasm
from link_case import LinkCase, flags_of, global_names, undefined_names

# How one file may mention f. %d is the file's number.
FUNCTION_KINDS = {
    "strong": 'int f(void) { return %d; }',
    "weak": '__attribute__((weak)) int f(void) { return %d; }',
    "comdat": '__attribute__((used)) inline int f(void) { return %d; }',
    "reference": 'int f(void); int use_%d(void) { return f(); }',
    "weak reference": '__attribute__((weak)) int f(void); int use_%d(void) { return f ? f() : 0; }',
}
DATA_KINDS = {
    "strong": 'int f = %d;',
    "weak": '__attribute__((weak)) int f = %d;',
    "comdat": '__attribute__((used)) inline int f = %d;',
    "reference": 'extern int f; int use_%d(void) { return f; }',
    "weak reference": 'extern __attribute__((weak)) int f; int use_%d(void) { return &f ? f : 0; }',
}
RUN_ALL = """
import fs from 'node:fs';
const results = {};
for (const path of JSON.parse(fs.readFileSync(process.argv[2]))) {
  try {
    const module = new WebAssembly.Module(fs.readFileSync(path));
    const env = {};
    for (const {module: m, name, kind} of WebAssembly.Module.imports(module)) env[name] = () => 42;
    results[path] = new WebAssembly.Instance(module, {env}).exports.run();
  } catch (error) {
    results[path] = error.constructor.name;
  }
}
console.log(JSON.stringify(results));
"""


class ChoiceTest(LinkCase):
    def run_all(self, modules):
        self.write("run_all.mjs", RUN_ALL)
        self.write("modules.json", json.dumps(modules))
        return json.loads(self.run_in("node", "run_all.mjs", "modules.json").stdout)

    def compare(self, kinds, main, depth, options=(), linker_options=()):
        """All sequences of `depth` files: linked by us, then finally; and finally at once."""
        main = self.compile("main.c", main)
        objects = {}
        for number in range(1, depth + 1):
            for place, (kind, text) in enumerate(kinds.items()):
                source = 'extern "C" {\n' + text % number + '\n}\n'
                objects[kind, number] = self.compile(f"k{place}_{number}.cpp", source, "-std=c++17", "-fno-exceptions")
        refused, modules, taken = [], [], {}
        for sequence in itertools.product(kinds, repeat=depth):
            inputs = [objects[kind, number] for number, kind in enumerate(sequence, 1)]
            stem = str(len(taken) + len(refused))
            direct = self.final(main, *inputs, output=f"{stem}.direct.wasm", check=False, options=linker_options)
            ours = self.call(*options, *inputs, "-o", f"{stem}.o")
            if direct.returncode != 0:
                self.assertEqual(ours.returncode, 1, f"{sequence}: wasm-ld says {direct.stderr}")
                self.assertIn("duplicate symbol `f`", ours.stderr)
                refused.append(sequence)
                continue
            self.assertEqual(ours.returncode, 0, f"{sequence}: {ours.stderr}")
            self.final(main, f"{stem}.o", output=f"{stem}.ours.wasm")
            modules += [f"{stem}.direct.wasm", f"{stem}.ours.wasm"]
            taken[sequence] = stem
        results = self.run_all(modules)
        for sequence, stem in taken.items():
            with self.subTest(" ".join(sequence)):
                self.assertEqual(results[f"{stem}.ours.wasm"], results[f"{stem}.direct.wasm"])
        return refused, {sequence: results[f"{stem}.direct.wasm"] for sequence, stem in taken.items()}

    def test_functions(self):
        main = ('__attribute__((weak)) int f(void);\n'
                '__attribute__((export_name("run"))) int run(void) { return f ? f() : -1; }\n')
        refused, results = self.compare(FUNCTION_KINDS, main, 3)
        # The matrix can tell choices apart: some sequences are refused, and every file wins somewhere.
        self.assertIn(("strong", "strong", "weak"), refused)
        self.assertEqual(set(results.values()), {1, 2, 3, 42, -1})
        self.assertEqual(results["weak", "strong", "comdat"], 2)
        self.assertEqual(results["reference", "comdat", "weak"], 2)

    def test_data(self):
        main = ('extern __attribute__((weak)) int f;\n'
                '__attribute__((export_name("run"))) int run(void) { return &f ? f : -1; }\n')
        kinds = {k: v for k, v in DATA_KINDS.items() if k != "reference"}
        refused, results = self.compare(kinds, main, 3)
        self.assertEqual(len(refused), 10)  # at least two strong ones: 3 * 3 + 1
        self.assertEqual(set(results.values()), {1, 2, 3, -1})

    def test_data_that_stays_undefined(self):
        """wasm-ld refuses strong undefined data unless told otherwise; the object still carries the reference."""
        kinds = {k: DATA_KINDS[k] for k in ("reference", "weak", "weak reference")}
        main = ('extern int f;\n__attribute__((export_name("run"))) int run(void) { return f; }\n'
                'int use_0(void) { return f; }')
        _, results = self.compare(kinds, main, 2, linker_options=["--unresolved-symbols=ignore-all"])
        self.assertEqual(set(results.values()), {0, 1, 2})

    def test_multiple_definitions_allowed(self):
        main = 'int f(void);\n__attribute__((export_name("run"))) int run(void) { return f(); }\n'
        kinds = {k: FUNCTION_KINDS[k] for k in ("strong", "weak", "comdat", "reference")}
        refused, results = self.compare(kinds, main, 3, options=["--allow-multiple-definition"],
                                        linker_options=["--allow-multiple-definition"])
        self.assertEqual(refused, [])
        self.assertEqual(results["weak", "strong", "strong"], 2)

    def test_weak_undefined_stays_weak_until_something_needs_it(self):
        weak = self.compile("weak.c", "__attribute__((weak)) int f(void); int g(void) { return f ? f() : 0; }\n")
        strong = self.compile("strong.c", "int f(void); int h(void) { return f(); }\n")
        self.assertEqual(flags_of(self.linked(weak), "f"), {"weak", "undefined"})
        self.assertEqual(flags_of(self.linked(weak, strong), "f"), {"undefined"})
        self.assertEqual(flags_of(self.linked(strong, weak), "f"), {"undefined"})

    def test_a_definition_in_a_discarded_comdat_is_a_reference(self):
        """Both files have the group `g`; only the second one's has `extra`. wasm-ld takes the first group, so `extra`
        is undefined although the second file defines it."""
        head = "\t.functype\tmember () -> (i32)\n\t.functype\textra () -> (i32)\n"
        body = ('\t.section\t.text.{0},"G",@,g,comdat\n\t.weak\t{0}\n{0}:\n\t.functype\t{0} () -> (i32)\n'
                '\ti32.const\t{1}\n\tend_function\n')
        one = self.compile("one.s", head + body.format("member", 1))
        two = self.compile("two.s", head + body.format("member", 2) + body.format("extra", 3))
        obj = self.linked(one, two)
        self.assertEqual(undefined_names(obj), {"extra"})
        self.assertEqual(len(obj.code), 1)
        self.assertEqual([c.name for c in obj.comdats], ["g"])
        self.assertEqual(global_names(obj), {"member"})
        # In the other order the bigger group wins and nothing is missing.
        obj = self.linked(two, one)
        self.assertEqual(undefined_names(obj), set())
        self.assertEqual(len(obj.code), 2)
        main = self.compile("main.c", 'int extra(void);\n__attribute__((export_name("run"))) int run(void) '
                                      '{ return extra(); }\n')
        for inputs, expected in (((one, two), 42), ((two, one), 3)):
            self.link(*inputs)
            self.final(main, "out.o", output="ours.wasm")
            self.final(main, *inputs, output="direct.wasm")
            self.assertEqual(self.run_all(["ours.wasm", "direct.wasm"]), {"ours.wasm": expected, "direct.wasm": expected})

    def test_symbols_of_sections_and_locals_never_meet(self):
        """Two files with local functions and data of the same names: both copies stay and are called by their own."""
        text = ('static int counter = {0};\nstatic __attribute__((noinline)) int next(void) {{ return counter++; }}\n'
                'int next_{0}(void) {{ return next(); }}\n')
        one, two = (self.compile(f"{n}.c", text.format(n), "-g") for n in (100, 200))
        obj = self.linked(one, two)
        self.assertEqual([s.name for s in obj.symbols].count("next"), 2)
        main = self.compile("main.c", 'int next_100(void), next_200(void);\n__attribute__((export_name("run"))) int '
                                      'run(void) { next_100(); return 1000 * next_100() + next_200(); }\n')
        self.final(main, "out.o", output="ours.wasm")
        self.assertEqual(self.run_all(["ours.wasm"]), {"ours.wasm": 101200})


class ConflictTest(LinkCase):
    def test_one_error_a_symbol_with_every_place(self):
        objects = [self.compile(f"{n}.c", "int f(void) { return 1; }\nint g = 2;\n") for n in "abc"]
        archive = self.archive("lib.a", objects[2])
        stderr = self.fails(objects[0], objects[1], archive)
        self.assertEqual(self.errors_in(stderr), ["wasmpack: error: a.o: duplicate symbol `f` [duplicate-symbol]",
                                                  "wasmpack: error: a.o: duplicate symbol `g` [duplicate-symbol]"])
        for place in ("a.o", "b.o", "lib.a(c.o)"):
            self.assertEqual(stderr.count(f"note: defined in {place}\n"), 2, stderr)
        self.assertEqual(self.call(*objects, "-o", "out.o", "--allow-multiple-definition").returncode, 0)

    def test_the_same_file_twice(self):
        one = self.compile("a.c", "int f(void) { return 1; }\n")
        self.assertIn("duplicate symbol `f`", self.fails(one, one))

    def test_kinds_that_differ(self):
        code = self.compile("code.c", "int thing(void) { return 1; }\n")
        data = self.compile("data.c", "extern int thing;\nint get(void) { return thing; }\n")
        for inputs in ((code, data), (data, code)):
            stderr = self.fails(*inputs)
            self.assertEqual(len(self.errors_in(stderr)), 1)
            self.assertIn("`thing` is not the same kind of symbol", stderr)
            self.assertIn("code.o: defined as a function", stderr)
            self.assertIn("data.o: used as a data", stderr)
            self.assertNotEqual(self.final(*inputs, check=False, options=["--export=get", "--export=thing"]).returncode, 0)

    def test_globals_and_tables_of_other_types(self):
        """wasm-ld: "Global type mismatch", "Table type mismatch"; merged they would be an invalid module."""
        cases = {
            "global": ("\t.globaltype\tx, {0}\n\t.globl\tx\nx:\n", "\t.globaltype\tx, {0}\n\t.functype\tg () -> ()\n"
                       "\t.globl\tg\ng:\n\t.functype\tg () -> ()\n\tglobal.get\tx\n\tdrop\n\tend_function\n",
                       ("i32", "i64")),
            "table": ("\t.tabletype\tx, {0}\n\t.globl\tx\nx:\n", "\t.tabletype\tx, {0}\n\t.globl\tg\ng:\n"
                      "\t.functype\tg () -> ()\n\ti32.const\t0\n\ttable.get\tx\n\tdrop\n\tend_function\n",
                      ("funcref", "externref")),
        }
        for kind, (definition, use, (good, bad)) in cases.items():
            with self.subTest(kind):
                flags = ["-mreference-types"]
                defined = self.compile(f"{kind}_def.s", definition.format(good), *flags)
                right = self.compile(f"{kind}_right.s", use.format(good), *flags)
                wrong = self.compile(f"{kind}_wrong.s", use.format(bad), *flags)
                self.link(defined, right)
                self.link(right, defined)
                for inputs in ((defined, wrong), (wrong, defined)):
                    self.assertNotEqual(self.final(*inputs, check=False, options=["--export=g"]).returncode, 0)
                    stderr = self.fails(*inputs)
                    self.assertEqual(len(self.errors_in(stderr)), 1)
                    self.assertIn("`x`", stderr)
                    self.assertIn(good, stderr)
                    self.assertIn(bad, stderr)
                    self.assertIn(f"{kind}_def.o", stderr)
                    self.assertIn(f"{kind}_wrong.o", stderr)

    def test_tags_of_other_types(self):
        flags = ["-mexception-handling"]
        text = "\t.tagtype\tx {0}\n\t.globl\tx\nx:\n"
        use = ("\t.tagtype\tx {0}\n\t.globl\tg{1}\ng{1}:\n\t.functype\tg{1} () -> ()\n\t{0}.const\t0\n\tthrow\tx\n"
               "\tend_function\n")
        defined = self.compile("tag_def.s", text.format("i32"), *flags)
        right = self.compile("tag_right.s", use.format("i32", 1), *flags)
        wrong = self.compile("tag_wrong.s", use.format("i64", 2), *flags)
        self.link(defined, right)
        for inputs in ((defined, right, wrong), (wrong, defined)):
            stderr = self.fails(*inputs)
            self.assertIn("tag `x`", stderr)
            self.assertIn("(i64) -> ()", stderr)
            self.assertIn("(i32) -> ()", stderr)

    def test_imports_of_one_name_from_two_places(self):
        text = ('__attribute__((import_module("{0}"), import_name("{1}"))) int f(int);\nint use_{2}(void) '
                '{{ return f(1); }}\n')
        one = self.compile("one.c", text.format("host", "f_v1", 1))
        same = self.compile("same.c", text.format("host", "f_v1", 2))
        module = self.compile("module.c", text.format("other", "f_v1", 3))
        field = self.compile("field.c", text.format("host", "f_v2", 4))
        plain = self.compile("plain.c", "int f(int);\nint use_5(void) { return f(1); }\n")
        obj = self.linked(one, same)
        found = [i for i in obj.imports if i.kind == 0]
        self.assertEqual([(i.module, i.field) for i in found], [("host", "f_v1")])
        self.assertEqual(flags_of(obj, "f"), {"undefined", "explicit_name"})
        for other, shown in ((module, "other.f_v1"), (field, "host.f_v2")):
            for inputs in ((one, other), (other, one)):
                self.assertNotEqual(self.final(*inputs, check=False, options=["--export-all"]).returncode, 0)
                stderr = self.fails(*inputs)
                self.assertEqual(len(self.errors_in(stderr)), 1)
                self.assertIn("`f` is imported from two places", stderr)
                self.assertIn("one.o imports host.f_v1", stderr)
                self.assertIn(shown, stderr)
        # A declaration without attributes means env.f, for wasm-ld too.
        for inputs in ((one, plain), (plain, one)):
            self.assertNotEqual(self.final(*inputs, check=False, options=["--export-all"]).returncode, 0)
            self.assertIn("plain.o imports env.f\n", self.fails(*inputs))
        # Spelling out the default is no difference.
        default = self.compile("default.c", text.format("env", "f", 6))
        for inputs in ((plain, default), (default, plain)):
            self.assertEqual([(i.module, i.field) for i in self.linked(*inputs).imports if i.kind == 0], [("env", "f")])
        # Only the module must agree with one that names no field: wasm-ld takes the name that is spelled out.
        named = self.compile("named.c", text.format("env", "x", 7))
        for inputs in ((plain, named), (named, plain)):
            direct = self.final(*inputs, options=["--export-all"])
            obj = self.linked(*inputs)
            self.assertEqual([(i.module, i.field) for i in obj.imports if i.kind == 0], [("env", "x")])
            ours = self.final("out.o", output="ours.wasm", options=["--export-all"])
            self.assertEqual(wasm.read(ours).imports, wasm.read(direct).imports)
        # A definition ends the dispute.
        definition = self.compile("definition.c", "int f(int x) { return x; }\n")
        self.assertEqual(undefined_names(self.linked(one, module, definition)), set())

    def test_export_name_conflict(self):
        text = '__attribute__((export_name("entry"))) int f_{0}(void) {{ return {0}; }}\n'
        one, two = (self.compile(f"n{n}.c", text.format(n)) for n in (1, 2))
        # wasm-ld writes a module that no engine takes.
        self.final(one, two)
        self.assertIn('duplicate export "entry"', self.run_in("wasm-validate", "final.wasm", check=False).stderr)
        stderr = self.fails(one, two)
        self.assertEqual(len(self.errors_in(stderr)), 1)
        self.assertIn("`entry`", stderr)
        for word in ("f_1", "f_2", "n1.o", "n2.o"):
            self.assertIn(word, stderr)
        # One function under two names is none, nor is one name for the two copies of a comdat function.
        self.link(self.compile("two.c", '__attribute__((export_name("x"))) int a(void) { return 1; }\n'
                                        '__attribute__((export_name("y"))) int b(void) { return 2; }\n'))
        inline = 'extern "C" __attribute__((export_name("shared"), used)) inline int shared() { return 1; }\n'
        a, b = (self.compile(f"i{n}.cpp", inline) for n in (1, 2))
        self.assertEqual([e.name for e in self.linked(a, b).exports], ["shared"])
        # --unexport of one of them is a way out.
        self.assertEqual([e.name for e in self.linked(one, two, "--unexport=f_2").exports], ["entry"])

    def test_export_name_against_the_name_of_an_exported_symbol(self):
        """A final link exports an EXPORTED symbol by its name: that can clash with an export_name too."""
        one = self.compile("one.c", '__attribute__((export_name("clash"))) int f(void) { return 1; }\n')
        two = self.compile("two.c", "int clash(void) { return 2; }\n")
        self.link(one, two)  # not exported: no conflict
        self.final(one, two, options=["--export=clash"])
        self.assertIn('duplicate export "clash"', self.run_in("wasm-validate", "final.wasm", check=False).stderr)
        self.assertIn("`clash`", self.fails(one, two, "--export=clash"))


    def test_an_alias_that_lost_does_not_take_the_export_name_away(self):
        both = self.compile("both.c", "__attribute__((weak, alias(\"real\"))) int also(void);\n"
                                      '__attribute__((export_name("entry"))) int real(void) { return 1; }\n'
                                      "int (*keep)(void) = also;\n")
        other = self.compile("other.c", "int also(void) { return 2; }\n")
        for inputs in ((both, other), (other, both)):
            obj = self.linked(*inputs)
            self.assertEqual([e.name for e in obj.exports], ["entry"])
            self.assertEqual(self.run_objects("out.o"), ["entry -> 1"])


if __name__ == "__main__":
    unittest.main()
