# ctest: timeout=120 labels=sanitize
"""`wasmpack inspect --diff OLD NEW`: what changed, what of it breaks users, and whose bytes grew."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import oracle
from lib import ar, tools

VERSION_1 = """
__attribute__((import_name("log"))) void log_it(int);
static volatile int cell;
__attribute__((constructor(100))) static void set_up(void) { cell = 1; }
__attribute__((export_name("add"))) int add(int a, int b) { return a + b + cell; }
__attribute__((export_name("scale"))) int scale(int a) { log_it(a); return a * 2; }
__attribute__((export_name("gone"))) int gone(void) { return 7; }
"""
# `gone` is removed, `scale` takes another type, `mul` is new, and so is the import env.now.
VERSION_2 = """
__attribute__((import_name("log"))) void log_it(int);
__attribute__((import_name("now"))) double now(void);
static volatile int cell;
__attribute__((constructor(100))) static void set_up(void) { cell = 1; }
__attribute__((export_name("add"))) int add(int a, int b) { return a + b + cell; }
__attribute__((export_name("scale"))) double scale(double a) { log_it(1); return a * 2 + now(); }
__attribute__((export_name("mul"))) int mul(int a, int b) { return a * b; }
"""


def objdump_exports(path):
    """name -> type, as wasm-objdump says; types of functions only."""
    text = tools.run(["wasm-objdump", "-x", path]).stdout
    types = dict(re.findall(r"^ - type\[(\d+)\] (.*)$", text, re.MULTILINE))
    functions = {index: types[sig] for index, sig in re.findall(r"^ - func\[(\d+)\] sig=(\d+)", text, re.MULTILINE)}
    exports = {}
    for kind, index, name in re.findall(r'^ - (func|memory|table|global)\[(\d+)\].* -> "([^"]*)"$', text, re.MULTILINE):
        exports[name] = functions[index].replace(" ", "").replace("nil", "()") if kind == "func" else kind
    return exports


class Diff(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory()
        self.addCleanup(self.holder.cleanup)
        self.folder = pathlib.Path(self.holder.name)

    def compile(self, name, source, *options):
        path = self.folder / f"{name}.c"
        path.write_text(source)
        output = self.folder / f"{name}.o"
        tools.run(["clang-22", "--target=wasm32", "-O1", *options, "-c", path, "-o", output])
        return output

    def module(self, name, source, *options):
        """Linked as a reactor, so that no wrappers come between."""
        output = self.folder / f"{name}.wasm"
        tools.final([self.compile(name, source)], output, "--no-entry", "--allow-undefined",
                    *(options or ["--export=__wasm_call_ctors"]))
        return output

    def wat(self, name, text):
        (self.folder / f"{name}.wat").write_text(text)
        output = self.folder / f"{name}.wasm"
        tools.run(["wat2wasm", "--enable-all", "--debug-names", self.folder / f"{name}.wat", "-o", output])
        return output

    def diff(self, old, new, code):
        done = oracle.judge("--diff", old, new, "--json")
        self.assertEqual(done.returncode, code, done.stderr.decode())
        found = json.loads(done.stdout)
        self.assertEqual([d for d in found["differences"] if d["breaks"]], found["breaks"])
        text = oracle.judge("--diff", old, new)
        self.assertEqual(text.returncode, code)
        self.text = text.stdout.decode()
        return found

    def entries(self, found, group):
        return {(d["change"], d["name"]): d["breaks"] for d in found["differences"] if d["group"] == group}

    # ---- Modules ----

    def test_exports_and_imports_agree_with_objdump(self):
        old, new = self.module("one", VERSION_1), self.module("two", VERSION_2)
        found = self.diff(old, new, 1)
        self.assertEqual(self.entries(found, "exports"), {("removed", "gone"): True, ("changed", "scale"): True,
                                                         ("added", "mul"): False})
        before, after = objdump_exports(old), objdump_exports(new)
        self.assertEqual({name for _, name in self.entries(found, "exports")},
                         {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)})
        scale, = [d for d in found["breaks"] if d["name"] == "scale"]
        self.assertEqual((scale["old"], scale["new"]), ("(i32)->i32", "(f64)->f64"))
        self.assertEqual(self.entries(found, "imports"), {("added", "now"): True})
        self.assertTrue(self.text.startswith(
            "ABI break: 1 export removed, 1 export changed, 1 import added\nbesides: 1 export added\n"), self.text)
        self.assertIn("\n  ~ scale: (i32)->i32  ->  (f64)->f64  BREAK: hosts use it with the old type\n", self.text)
        self.assertNotIn("add:", self.text.replace("added", ""))

    def test_the_other_way_round_the_import_is_no_break(self):
        found = self.diff(self.module("two", VERSION_2), self.module("one", VERSION_1), 1)
        self.assertEqual(self.entries(found, "imports"), {("removed", "now"): False})

    def test_the_same_file(self):
        module = self.module("one", VERSION_1)
        found = self.diff(module, module, 0)
        self.assertEqual((found["differences"], found["sizes"], found["same_file"]), ([], [], True))
        self.assertTrue(self.text.startswith("no ABI break: the files are the same, byte for byte\n"))

    def test_other_code_of_the_same_size_is_not_the_same_file(self):
        old, new = (self.module(f"constant{n}", f'__attribute__((export_name("f"))) int f(void) {{ return {n}; }}')
                    for n in (40, 41))
        found = self.diff(old, new, 0)
        self.assertEqual((found["differences"], found["same_file"]), ([], False))
        self.assertNotIn("same, byte for byte", self.text)

    def test_additions_are_reported_and_pass(self):
        found = self.diff(self.module("one", VERSION_1),
                          self.module("more", VERSION_1 + '__attribute__((export_name("x"))) int x(void) { return 1; }'),
                          0)
        self.assertEqual(self.entries(found, "exports"), {("added", "x"): False})
        self.assertTrue(self.text.startswith("no ABI break: 1 export added\n"))

    def test_limits_of_imports_follow_import_matching(self):
        """A host that gives exactly what the old module asks for instantiates the new one, or it is a break."""
        limits = ["1", "2", "2 4", "2 8", "1 4", "2 4 shared"]
        for old in limits:
            for new in limits:
                with self.subTest(old=old, new=new):
                    before = self.wat("before", f'(module (import "env" "memory" (memory {old})))')
                    after = self.wat("after", f'(module (import "env" "memory" (memory {new})))')
                    # The smallest and the largest memory that satisfy the old import.
                    words = old.split()
                    maximum = f", maximum: {words[1]}" if len(words) > 1 else ""
                    shared = ", shared: true" if "shared" in words else ""
                    script = (f"const memory = new WebAssembly.Memory({{initial: {words[0]}{maximum}{shared}}});"
                              f"new WebAssembly.Instance(new WebAssembly.Module(require('fs').readFileSync({str(after)!r})),"
                              "{env: {memory}});")
                    host = subprocess.run(["node", "-e", script], capture_output=True, check=False)
                    self.diff(before, after, 1 if host.returncode else 0)

    def test_limits_of_exports_bind_nobody(self):
        found = self.diff(self.wat("a", '(module (memory (export "memory") 2 8))'),
                          self.wat("b", '(module (memory (export "memory") 1))'), 0)
        self.assertEqual(self.entries(found, "exports"), {("changed", "memory"): False})
        self.diff(self.wat("a", '(module (memory (export "memory") 1 2))'),
                  self.wat("b", '(module (memory (export "memory") 1 2 shared))'), 1)

    def test_an_export_of_another_kind(self):
        found = self.diff(self.wat("a", '(module (func (export "x")))'),
                          self.wat("b", '(module (global (export "x") i32 (i32.const 0)))'), 1)
        self.assertEqual((found["breaks"][0]["old"], found["breaks"][0]["new"]), ("function ()->()", "global i32"))

    def test_constructors_that_the_host_must_run_from_now_on(self):
        by_wrappers = self.module("wrapped", VERSION_1, "--strip-debug")
        by_host = self.module("reactor", VERSION_1, "/usr/lib/wasm32-wasi/crt1-reactor.o")
        found = self.diff(by_wrappers, by_host, 1)
        self.assertEqual(self.entries(found, "constructors"), {("changed", "run by"): True})
        self.assertEqual((found["breaks"][0]["old"], found["breaks"][0]["new"]),
                         ("every export", "the host by `_initialize`"))
        found = self.diff(by_host, by_wrappers, 1)  # since _initialize is gone
        self.assertEqual([d["name"] for d in found["breaks"]], ["_initialize"])

    def test_constructors_added_removed_and_in_another_order(self):
        source = """volatile int order; static void note(int i) {{ order = order * 10 + i; }}
            __attribute__((constructor({}))) static void first(void) {{ note(1); }}
            __attribute__((constructor({}))) static void second(void) {{ note(2); }}
            __attribute__((constructor(300))) static void {}(void) {{ note(3); }}
            __attribute__((export_name("get"))) int get(void) {{ return order; }}"""
        one, two = source.format(100, 200, "third"), source.format(200, 100, "other")
        found = self.diff(self.module("one", one), self.module("two", two), 0)
        self.assertEqual(self.entries(found, "constructors"), {("removed", "third"): False, ("added", "other"): False,
                                                              ("changed", "order"): False})
        order, = [d for d in found["differences"] if d["name"] == "order"]
        self.assertEqual((order["old"], order["new"]), ("`first`, `second`", "`second`, `first`"))
        found = self.diff(self.folder / "one.o", self.folder / "two.o", 0)
        first, = [d for d in found["differences"] if d["name"] == "first"]
        self.assertEqual((first["old"], first["new"]), ("priority 100", "priority 200"))

    def test_bundles(self):
        kernel = '__attribute__((visibility("default"))) {} {}({} x) {{ return x + 1; }}\n'
        for name, source in (("one", kernel.format("int", "plus", "int") + kernel.format("int", "gone", "int")),
                             ("two", kernel.format("float", "plus", "float") + kernel.format("int", "new", "int"))):
            tools.run([tools.WASMPACK, "pack", self.compile(name, source), "-o", self.folder / f"{name}.wasm"])
        found = self.diff(self.folder / "one.wasm", self.folder / "two.wasm", 1)
        self.assertEqual(self.entries(found, "kernels"), {("removed", "gone"): True, ("changed", "plus"): True,
                                                         ("added", "new"): False})

    # ---- Objects and archives ----

    def test_symbols_of_objects(self):
        one = self.compile("one", """int data[4]; int helper(void); void add(int a) { data[0] = a + helper(); }
                           int gone(void) { return 1; } __attribute__((weak)) int inline_one(void) { return 2; }""")
        two = self.compile("two", """int data[8]; int helper(void); int other(void);
                           int add(int a) { return data[1] = a + helper() + other(); } int fresh(void) { return 3; }""")
        found = self.diff(one, two, 1)
        self.assertEqual(self.entries(found, "symbols"), {
            ("removed", "gone"): True, ("removed", "inline_one"): False, ("changed", "add"): True,
            ("changed", "data"): False, ("added", "fresh"): False})
        self.assertEqual(self.entries(found, "undefined"), {("added", "other"): True})

    def test_a_symbol_that_moved_to_another_member_is_no_break(self):
        f, g = "int f(void) { return 1; }\n", "int g(void) { return 2; }\n"
        both = self.compile("both", f + g).read_bytes()
        one, other = self.compile("one", f).read_bytes(), self.compile("other", g).read_bytes()
        ar.write(self.folder / "old.a", [("a.o", both)])
        ar.write(self.folder / "new.a", [("b.o", other), ("a.o", one)])
        found = self.diff(self.folder / "old.a", self.folder / "new.a", 0)
        self.assertEqual(found["differences"], [])
        self.assertLessEqual({"a.o", "b.o"}, {s["name"] for s in found["sizes"] if s["owner"] == "library"})

    def test_an_object_and_a_module(self):
        module = self.module("one", VERSION_1)
        found = self.diff(self.folder / "one.o", module, 1)
        self.assertIn({"breaks": True, "change": "changed", "group": "file", "name": "kind", "new": "module",
                       "old": "object", "reason": "files of these kinds are used in different ways"}, found["breaks"])

    # ---- Sizes ----

    def test_sizes_of_each_owner_add_up_to_the_file(self):
        old, new = self.module("one", VERSION_1), self.module("two", VERSION_2)
        objects = self.folder / "one.o", self.folder / "two.o"
        archives = self.folder / "one.a", self.folder / "two.a"
        for archive, path in zip(archives, objects):
            ar.write(archive, [("a.o", path.read_bytes()), ("same.o", objects[0].read_bytes())])
        for a, b in ((old, new), objects, archives):
            found = self.diff(a, b, 1)
            for owner in ("section", "symbol", "library"):
                grown = sum((s["new"] or 0) - (s["old"] or 0) for s in found["sizes"] if s["owner"] == owner)
                self.assertEqual(grown, b.stat().st_size - a.stat().st_size, owner)
            self.assertEqual((found["old"]["size"], found["new"]["size"]), (a.stat().st_size, b.stat().st_size))

    def test_sizes_of_functions_have_sign_and_percent(self):
        one = self.wat("a", "(module (func $small nop) (func $gone nop))")
        two = self.wat("b", "(module (func $small nop nop nop) (func $new nop nop))")
        self.diff(one, two, 0)
        # A function owns its size field, the list of locals (1 byte each), the instructions and `end`.
        self.assertRegex(self.text, r"(?m)^ +4 +6 +\+2 +\+50\.0% +small$")
        self.assertRegex(self.text, r"(?m)^ +4 +0 +-4 +gone +gone$")
        self.assertRegex(self.text, r"(?m)^ +0 +5 +\+5 +new +new$")

    # ---- The command ----

    def test_hostile_names_do_not_drive_the_terminal(self):
        self.diff(self.wat("a", '(module (func (export "\\1b[2J")))'), self.wat("b", "(module)"), 1)
        self.assertIn(r"\x1b[2J", self.text)
        self.assertNotIn("\x1b", self.text)

    def test_wrong_use(self):
        module = self.module("one", VERSION_1)
        for arguments in (["--diff", module, module, module], ["--diff", module, module, "--exports"],
                          ["--diff", self.folder / "missing.wasm", module], ["--diff", module, self.folder / "one.c"],
                          ["--diff", module, "--conflicts", module]):
            done = oracle.judge(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""), arguments)
            self.assertNotEqual(done.stderr, b"")


if __name__ == "__main__":
    unittest.main()
