# ctest: timeout=600
"""--why, --sizes=retained, --dot and what nothing reaches. Oracles: wasm-ld's garbage collection for objects, node (a
module without the function still does what it did) and wat modules that a reader can check for finished ones."""

import collections
import json
import pathlib
import re
import tempfile
import unittest

import oracle
from lib import ar, corpus, tools

SOURCE = """
int deep(int x) { return x * 3; }
int helper(int x) { return deep(x) + 2; }
static int callback(int x) { return x + 5; }
int (*pointer)(int) = callback;
const int table[4] = {1, 2, 3, 4};
static const int *const chained[2] = {table, table + 1};
int unused(int x) { return deep(x) - 1; }
int unused_data[50] = {1};
int *unused_pointer = unused_data;
extern const int __start_things[], __stop_things[];
__attribute__((section("things"))) const int thing = 7;
__attribute__((section("others"))) const int other_thing = 8;
__attribute__((constructor)) static void construct(void) { unused_data[0] = 0; }
__attribute__((used)) int marked(int x) { return x; }
int external(int);
__attribute__((export_name("run"))) int run(int x) {
  return helper(x) + pointer(x) + *chained[x & 1] + external(x) + (int)(__stop_things - __start_things);
}
"""

WAT = """(module
  (type $unary (func (param i32) (result i32)))
  (type $none (func))
  (import "env" "log" (func $log (type $none)))
  (table $private 4 funcref)
  (global $pointed (mut funcref) (ref.func $by_global))
  (elem (table $private) (i32.const 0) func $one $two)
  (elem $passive func $three)
  (memory 1)
  (data (i32.const 0) "active")
  (data $passive_data "passive")
  (data $unused_data "unused")
  (func $one (type $unary) local.get 0)
  (func $two (type $none) call $log)
  (func $three (type $unary) local.get 0)
  (func $by_global (type $none))
  (func $leaf (type $none))
  (func $tail (type $none) return_call $leaf)
  (func $unused (type $none) call $leaf call $only_unused)
  (func $only_unused (type $none))
  (func $init (type $none) (memory.init $passive_data (i32.const 0) (i32.const 0) (i32.const 1)))
  (func $main (export "main") (type $unary)
    call $tail
    (call_indirect $private (type $unary) (local.get 0) (i32.const 0)))
  (func $start (type $none) call $init)
  (start $start))
"""


def why(path, name, check=True):
    """The steps of the first answer as (how, kind, name), or None if nothing leads there."""
    facts = json.loads(oracle.inspect("--json", "--why", name, path, check=check).stdout)
    path = facts["why"][0]["path"]
    return path and [(step["how"], step["kind"], step["name"]) for step in path]


def unreached(path):
    facts = json.loads(oracle.inspect("--json", "--sizes=retained", path).stdout)
    return facts["unreached"]


def linker_drops(path):
    """What a link with garbage collection drops of an object, by name; None if it does not link."""
    done = tools.run(["wasm-ld-22", "--no-entry", "--allow-undefined", "--gc-sections", "--print-gc-sections", path, "-o",
                      "/dev/null"], check=False)
    if done.returncode != 0:
        return None
    found = re.findall(r"^removing unused section (.*):\((.*)\)$", done.stdout + done.stderr, re.MULTILINE)
    return sorted(name for file, name in found if file == str(path))


class CallGraph(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        (cls.folder / "source.c").write_text(SOURCE)
        cls.object = cls.folder / "source.o"
        tools.run(["clang-22", "--target=wasm32", "-O0", "-ffunction-sections", "-fdata-sections", "-c",
                   cls.folder / "source.c", "-o", cls.object])
        (cls.folder / "module.wat").write_text(WAT)
        cls.module = cls.folder / "module.wasm"
        tools.run(["wat2wasm", "--enable-tail-call", "--debug-names", cls.folder / "module.wat", "-o", cls.module])

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    # ---- Objects

    def test_paths_in_an_object(self):
        run = ("exported", "function", "run")
        self.assertEqual(why(self.object, "run"), [run])
        self.assertEqual(why(self.object, "deep"), [run, ("call", "function", "helper"), ("call", "function", "deep")])
        self.assertEqual(why(self.object, "callback"), [run, ("data address", "data segment", ".data.pointer"),
                                                        ("address taken", "function", "callback")])
        self.assertEqual(why(self.object, "table"), [run, ("data address", "data segment", ".rodata.chained"),
                                                     ("data address", "data segment", ".rodata.table")])
        self.assertEqual(why(self.object, "thing"), [run, ("data address", "undefined data", "__stop_things"),
                                                     ("segment bounds", "data segment", "things")])
        self.assertEqual(why(self.object, "external"), [run, ("call", "function", "external")])
        self.assertEqual(why(self.object, "construct"), [("constructor", "function", "construct")])
        self.assertEqual(why(self.object, "unused_data"), [("constructor", "function", "construct"),
                                                           ("data address", "data segment", ".data.unused_data")])
        self.assertEqual(why(self.object, "marked"), [("no-strip", "function", "marked")])
        for name in ("unused", "unused_pointer", "other_thing"):
            self.assertIsNone(why(self.object, name))

    def test_unreached_against_the_linker(self):
        fact = unreached(self.object)
        # wasm-ld drops what only __start_X and __stop_X bound, unless it is RETAINed: the bounds are then equal.
        self.assertEqual(sorted([e["name"] for e in fact["list"]] + ["things"]), linker_drops(self.object))
        self.assertEqual(sorted(e["name"] for e in fact["list"]), [".data.unused_pointer", "others", "unused"])
        self.assertEqual((fact["items"], fact["bytes"]), (3, sum(e["size"] for e in fact["list"])))

    def test_unreached_against_the_linker_on_the_corpus(self):
        compared = collections.Counter()
        for path in sorted({path for entry in corpus.build() for path in entry.inputs if path.endswith(".o")}):
            fact = unreached(path)
            expected = linker_drops(path)
            if expected is None:
                compared["does not link"] += 1
            elif fact["items"] is None:
                self.assertIn("nothing in the object is exported", fact["reason"])
                compared["no roots"] += 1
            else:
                # The linker also lists tags, globals and tables, which have no bytes of their own.
                others = {s["name"] for s in oracle.inspect_json(path)[0]["symbols"] if s["kind"] in ("tag", "global", "table")}
                self.assertEqual(sorted(e["name"] for e in fact["list"]), [n for n in expected if n not in others], path)
                compared["equal"] += 1
        self.assertGreater(compared["equal"], 20, compared)

    def test_an_object_without_roots(self):
        (self.folder / "plain.c").write_text("int f(int x) { return x; }\n")
        path = self.folder / "plain.o"
        tools.run(["clang-22", "--target=wasm32", "-c", self.folder / "plain.c", "-o", path])
        fact = unreached(path)
        self.assertEqual((fact["items"], fact["bytes"], fact["list"]), (None, None, []))
        self.assertIn("whoever links it decides", fact["reason"])

    # ---- Finished modules

    def test_paths_in_a_module(self):
        main = [("exported", "export", "main"), ("exports", "function", "main")]
        self.assertEqual(why(self.module, "main"), main)
        self.assertEqual(why(self.module, "leaf"), main + [("call", "function", "tail"), ("call", "function", "leaf")])
        # The type decides who is called through the table.
        self.assertEqual(why(self.module, "one"), main + [
            ("indirect call", "calls", "through table 0 as (i32)->i32"), ("table entry", "function", "one")])
        self.assertIsNone(why(self.module, "two"))
        self.assertEqual(why(self.module, "init"), [("start section", "function", "start"), ("call", "function", "init")])

    def test_unreached_in_a_module(self):
        fact = unreached(self.module)
        names = [e["name"] for e in fact["list"]]
        self.assertEqual([n for n in names if not n.isdigit()],
                         ["two", "three", "by_global", "unused", "only_unused", "unused_data"])
        # Node runs main without them: their bodies are replaced by a trap.
        data = bytearray(self.module.read_bytes())
        sizes = json.loads(oracle.inspect("--json", "--sizes", self.module).stdout)["sizes"]
        for item in sizes:
            if item["section"] == "CODE" and item["symbol"] in names:
                begin, end = item["offset"] + 2, item["offset"] + item["size"]
                if end - begin > 1:
                    data[begin:end] = b"\0" + b"\1" * (end - begin - 2) + b"\x0b"  # unreachable, nops, end
        (self.folder / "trapping.wasm").write_bytes(data)
        script = ("const m = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));"
                  "console.log(new WebAssembly.Instance(m, {env: {log() {}}}).exports.main(41));")
        for name in ("module.wasm", "trapping.wasm"):
            done = tools.run(["node", "--experimental-wasm-return_call", "-e", script, self.folder / name])
            self.assertEqual(done.stdout, "41\n")

    def test_an_exported_table_keeps_all_entries(self):
        path = self.folder / "table.wasm"
        (self.folder / "table.wat").write_text(WAT.replace("(table $private 4", '(table $private (export "t") 4'))
        tools.run(["wat2wasm", "--enable-tail-call", "--debug-names", self.folder / "table.wat", "-o", path])
        self.assertEqual(why(path, "two"), [("exported", "export", "t"), ("exports", "table", "t"),
                                            ("table entry", "element segment", "0"), ("table entry", "function", "two")])

    def test_retained(self):
        facts = json.loads(oracle.inspect("--json", "--sizes=retained", self.module).stdout)
        retained = {(e["kind"], e["name"]): (e["size"], e["retained"]) for e in facts["retained"]}
        size = lambda name: next(i["size"] for i in facts["sizes"] if i["symbol"] == name)
        self.assertEqual(retained["function", "leaf"], (size("leaf"), size("leaf")))
        self.assertEqual(retained["function", "tail"], (size("tail"), size("tail") + size("leaf")))
        self.assertEqual(retained["function", "main"][1], sum(map(size, ["main", "tail", "leaf", "one"])))
        self.assertEqual(retained["function", "start"][1], size("start") + size("init") + len("passive"))
        # Whose the data is cannot be told.
        self.assertNotIn("data segment", {kind for kind, _ in retained})

    def test_unknown_instructions(self):
        """Then a missing edge proves nothing."""
        path = self.folder / "unknown.wasm"
        body = bytes.fromhex("02" "0300270b" "02000b")
        path.write_bytes(b"\0asm\1\0\0\0" + bytes.fromhex("010401600000" "0303020000" "070501016d0000") +
                         bytes([10, len(body)]) + body)
        fact = unreached(path)
        self.assertEqual((fact["items"], fact["bytes"]), (None, None))
        self.assertIn("not understood", fact["reason"])
        self.assertIn("no way to it was found, but", oracle.inspect("--why", "func[1]", path).stdout.decode())

    # ---- The command

    def test_text(self):
        text = oracle.inspect("--why", "deep", self.object).stdout.decode()
        self.assertRegex(text, r"\nWhy deep is there: function deep, \d+ bytes, retains \d+\n"
                               r"  exported: function run\n  call: function helper\n  call: function deep\n")
        text = oracle.inspect("--sizes", self.object).stdout.decode()
        self.assertRegex(text, r"\nNot reached: 3 items, \d+ bytes, which --gc-sections or wasm-metadce would drop\n")
        text = oracle.inspect("--sizes=retained", self.module).stdout.decode()
        self.assertRegex(text, r"\n +\d+ +[\d.]+% +\d+  function main\n")

    def test_names(self):
        done = oracle.inspect("--why", "helpr", "--why", "deep", self.object, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no function, data, global or export is named 'helpr'", done.stderr.decode())
        self.assertIn("did you mean 'helper'?", done.stderr.decode())
        self.assertIn("Why deep is there", done.stdout.decode())
        (self.folder / "names.cpp").write_text("namespace ns { int f(int x) { return x; } int f() { return 1; } }\n")
        path = self.folder / "names.o"
        tools.run(["clang-22", "--target=wasm32", "-c", self.folder / "names.cpp", "-o", path])
        facts = json.loads(oracle.inspect("--json", "--why", "ns::f", path).stdout)
        self.assertEqual([a["name"] for a in facts["why"]], ["_ZN2ns1fEi", "_ZN2ns1fEv"])
        facts = json.loads(oracle.inspect("--json", "--why", "_ZN2ns1fEi", path).stdout)
        self.assertEqual([a["name"] for a in facts["why"]], ["_ZN2ns1fEi"])

    def test_archives(self):
        path = self.folder / "lib.a"
        (self.folder / "plain.c").write_text("int alone(int x) { return x; }\n")
        tools.run(["clang-22", "--target=wasm32", "-c", self.folder / "plain.c", "-o", self.folder / "alone.o"])
        ar.write(path, [("a.o", self.object.read_bytes()), ("b.o", (self.folder / "alone.o").read_bytes())])
        text = oracle.inspect("--why", "deep", "--why", "alone", path).stdout.decode()
        self.assertIn("lib.a(a.o):\nWhy deep is there", text)
        self.assertIn("lib.a(b.o):\nWhy alone is there", text)
        self.assertEqual(oracle.inspect("--why", "nobody", path, check=False).returncode, 2)

    def test_dot(self):
        out = self.folder / "graph.dot"
        for path in (self.object, self.module):
            oracle.inspect("--dot", out, path)
            tools.run(["dot", "-Tsvg", out, "-o", self.folder / "graph.svg"])
            svg = (self.folder / "graph.svg").read_text()
            wanted = ["run", "helper", "deep", "callback"] if path == self.object else ["main", "tail", "leaf", "one"]
            for name in wanted:
                self.assertIn(f">{name}</text>", svg)
            self.assertNotIn(">unused</text>", svg)

    def test_dot_escapes_names(self):
        name = 'a"]; evil [label="\\x\n'
        path = self.folder / "evil.wasm"
        encoded = name.encode()
        export = b"\1" + bytes([len(encoded)]) + encoded + b"\0\0"
        path.write_bytes(b"\0asm\1\0\0\0" + bytes.fromhex("010401600000" "03020100") + bytes([7, len(export)]) + export +
                         bytes.fromhex("0a040102000b"))
        out = self.folder / "evil.dot"
        oracle.inspect("--dot", out, path)
        done = tools.run(["dot", "-Tplain", out])
        nodes = [line for line in done.stdout.splitlines() if line.startswith("node ")]
        # The host, the export, the function; and in the other cluster that there are no constructors.
        self.assertEqual(len(nodes), 4)

    def test_dot_is_limited(self):
        out = self.folder / "large.dot"
        oracle.inspect("--dot", out, "/usr/lib/wasm32-wasi/libc.a")
        self.assertIn("digraph", out.read_text())
        count = 6000
        leb = lambda n: bytes([n & 0x7f | 0x80, n >> 7 & 0x7f | 0x80, n >> 14])
        section = lambda kind, body: bytes([kind]) + leb(len(body)) + body
        bodies = leb(count) + b"".join(
            bytes([6, 0, 0x10]) + leb(min(n + 1, count - 1)) + b"\x0b" for n in range(count))
        path = self.folder / "large.wasm"
        path.write_bytes(b"\0asm\1\0\0\0" + bytes.fromhex("010401600000") + section(3, leb(count) + bytes(count)) +
                         section(7, b"\1\1m\0\0") + section(10, bodies))
        oracle.inspect("--dot", out, path)
        text = out.read_text()
        self.assertEqual(text.count("shape=box"), 4998)
        self.assertIn("1002 more nodes and 1 more references are not shown", text)


if __name__ == "__main__":
    unittest.main()
