# ctest: timeout=120
"""Finished modules: whether their constructors run and who calls them. The expected answers come from the sources and
the way the modules were linked, and node shows that they are true: each module counts its constructor runs."""

import pathlib
import subprocess
import tempfile
import unittest

import oracle
from lib import tools

KERNELS = """
volatile int runs, order;  // else clang runs the constructors itself
static void note(int digit) { ++runs; order = order * 10 + digit; }
__attribute__((constructor(300))) static void third(void) { note(3); }
__attribute__((constructor(100))) static void first(void) { note(1); }
__attribute__((constructor(200))) static void second(void) { note(2); }
__attribute__((export_name("runs"))) int get_runs(void) { return runs; }
__attribute__((export_name("order"))) int get_order(void) { return order; }
"""
PLAIN = '__attribute__((export_name("runs"))) int runs(void) { return 0; }\n'
# What crt1-reactor.o does, and a kernel that makes sure on its own, two calls deep.
INITIALIZE = "void __wasm_call_ctors(void); __attribute__((export_name(\"_initialize\"))) void _initialize(void) { __wasm_call_ctors(); }\n"
LAZY = """
void __wasm_call_ctors(void); int is_done;
__attribute__((noinline)) void really(void) { is_done = 1; __wasm_call_ctors(); }
__attribute__((noinline)) void ensure(void) { if (!is_done) really(); }
__attribute__((export_name("kernel"))) int kernel(int x) { ensure(); return x; }
"""
COMMAND = """
void __wasm_call_ctors(void);
__attribute__((export_name("_start"))) void _start(void) { __wasm_call_ctors(); }
"""
CTORS = ["first", "second", "third"]

NODE = """
const {exports} = new WebAssembly.Instance(new WebAssembly.Module(require("fs").readFileSync(process.argv[1])));
console.log(JSON.stringify(process.argv.slice(2).map((name) => exports[name](5) ?? null)));
"""


class Modules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        for name, source in [("kernels", KERNELS), ("plain", PLAIN), ("initialize", INITIALIZE), ("lazy", LAZY),
                             ("command", COMMAND)]:
            path = cls.folder / f"{name}.c"
            path.write_text(source)
            # -O1 without inlining into constructors' callers: note() must stay for `calls`.
            tools.run(["clang-22", "--target=wasm32", "-O1", "-fno-inline", "-c", path, "-o", path.with_suffix(".o")])

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def link(self, *names, options=(), version="22"):
        output = self.folder / "module.wasm"
        tools.final([self.folder / f"{name}.o" for name in names], output, "--no-entry", *options, version=version,
                    whole=False)
        self.facts, = oracle.inspect_json(output)
        self.text = oracle.inspect(output).stdout.decode()
        return self.facts["init"]

    def call(self, *exports):
        """What node gets from these exports, called in that order in one instance."""
        done = subprocess.run(["node", "-e", NODE, self.folder / "module.wasm", *exports], capture_output=True,
                              text=True, check=True)
        return [int(word) if word != "null" else None for word in done.stdout.strip(" []\n").split(",")]

    def check_constructors(self):
        self.assertEqual([(c["order"], c["priority"], c["symbol"]) for c in self.facts["constructors"]],
                         [(i, None, name) for i, name in enumerate(CTORS)])
        for constructor in self.facts["constructors"]:
            self.assertEqual([call["name"] for call in constructor["calls"]], ["note"])

    def callers(self):
        return [(c["kind"], c["name"], [step["name"] for step in c["path"]]) for c in self.facts["init"]["callers"]]

    def test_command_wrappers_rerun_the_chain(self):
        for version in ("22", "14"):
            init = self.link("kernels", version=version)
            self.check_constructors()
            self.assertEqual((init["model"], init["chain"], init["exported_as"]), ("library", "present", None))
            self.assertEqual(sorted(self.callers()), [("wrapper", "order", []), ("wrapper", "runs", [])])
            self.assertEqual(self.call("runs", "runs"), [3, 6])
            self.assertIn("run AGAIN at every call of `runs` and `order`", self.text)
            self.assertEqual([e["internal_name"] for e in self.facts["exports"] if e["name"] == "runs"],
                             ["get_runs.command_export"])

    def test_reactor(self):
        for other in ("initialize", None):
            if other is None:
                init = self.link("kernels", options=["/usr/lib/wasm32-wasi/crt1-reactor.o"])
            else:
                init = self.link("kernels", other)
            self.check_constructors()
            self.assertEqual((init["model"], init["plain"], init["complete"]), ("reactor", True, True))
            self.assertEqual(self.callers(), [("export", "_initialize", [])])
            self.assertEqual(self.call("runs", "_initialize", "runs", "runs", "order"), [0, None, 3, 3, 123])
            self.assertIn("3, run when the host calls `_initialize`\n", self.text)

    def test_command(self):
        init = self.link("kernels", "command")
        self.assertEqual(init["model"], "command")
        self.assertEqual(self.callers(), [("export", "_start", [])])
        self.assertEqual(self.call("_start", "runs"), [None, 3])

    def test_exported_chain(self):
        init = self.link("kernels", options=["--export=__wasm_call_ctors"])
        self.check_constructors()
        self.assertEqual((init["exported_as"], init["callers"]), ("__wasm_call_ctors", []))
        self.assertEqual(self.call("runs", "__wasm_call_ctors", "runs"), [0, None, 3])
        self.assertIn("3, run when the host calls `__wasm_call_ctors`\n", self.text)

    def test_chain_in_a_stripped_module_with_exported_chain(self):
        self.link("kernels", options=["--export=__wasm_call_ctors", "--strip-all"])
        self.assertEqual([c["symbol"] for c in self.facts["constructors"]], ["", "", ""])
        self.assertEqual(self.facts["init"]["exported_as"], "__wasm_call_ctors")
        self.assertRegex(self.text, r"(?m)^ +0 +func\[\d\] +func\[\d\]$")

    def test_stripped_names_and_one_wrapper_are_unknown_not_guessed(self):
        (self.folder / "one.c").write_text(KERNELS.replace('__attribute__((export_name("order")))', ""))
        tools.run(["clang-22", "--target=wasm32", "-O1", "-c", self.folder / "one.c", "-o", self.folder / "one.o"])
        init = self.link("one", options=["--strip-all"])
        self.assertEqual((init["chain"], init["function"], self.facts["constructors"]), ("unknown", None, []))
        self.assertIn("names are stripped", init["reason"])
        self.assertIn("constructors  unknown: names are stripped", self.text)

    def test_stripped_names_and_two_wrappers(self):
        init = self.link("kernels", options=["--strip-all"])
        self.assertEqual((init["chain"], init["by_shape"], len(self.facts["constructors"])), ("present", True, 3))
        self.assertEqual(sorted(self.callers()), [("wrapper", "order", []), ("wrapper", "runs", [])])

    def test_a_way_through_other_functions(self):
        self.link("kernels", "lazy")
        self.assertEqual(self.callers(), [("export", "kernel", ["ensure", "really"])])
        self.assertEqual(self.call("runs", "kernel", "runs", "kernel", "runs"), [0, 5, 3, 5, 3])
        self.assertIn("run when the host calls `kernel` (through ensure, really)", self.text)

    def test_nobody_runs_them(self):
        # A reference in code that stays, but that no export reaches.
        (self.folder / "never.c").write_text(
            "void __wasm_call_ctors(void); __attribute__((used)) void nobody(void) { __wasm_call_ctors(); }\n")
        tools.run(["clang-22", "--target=wasm32", "-O1", "-c", self.folder / "never.c", "-o", self.folder / "never.o"])
        init = self.link("kernels", "never")
        self.check_constructors()
        self.assertEqual((init["callers"], init["exported_as"], init["complete"]), ([], None, True))
        self.assertEqual(self.call("runs", "runs"), [0, 0])
        self.assertIn("3, which NEVER run", self.text)

    def test_no_constructors(self):
        init = self.link("plain")
        self.assertEqual((init["chain"], self.facts["constructors"]), ("absent", []))
        self.assertIn("constructors  none", self.text)

    def test_start_section(self):
        self.link("kernels", "initialize")
        text = tools.run(["wasm2wat", self.folder / "module.wasm"]).stdout
        names = [line.split("->")[0] for line in
                 tools.run(["wasm-objdump", "-x", self.folder / "module.wasm"]).stdout.splitlines()
                 if line.endswith('-> "_initialize"')]
        index = names[0].split("[")[1].split("]")[0]
        (self.folder / "start.wat").write_text(text.rstrip()[:-1] + f"(start {index}))")
        tools.run(["wat2wasm", "--debug-names", self.folder / "start.wat", "-o", self.folder / "module.wasm"])
        facts, = oracle.inspect_json(self.folder / "module.wasm")
        self.assertEqual([c["kind"] for c in facts["init"]["callers"]], ["start", "export"])
        self.assertEqual(self.call("runs"), [3])
        self.assertIn("run when the module is instantiated",
                      oracle.inspect(self.folder / "module.wasm").stdout.decode())

    def test_shared_module(self):
        tools.run(["clang-22", "--target=wasm32", "-O1", "-fPIC", "-fvisibility=default", "-c",
                   self.folder / "kernels.c", "-o", self.folder / "pic.o"])
        tools.run(["wasm-ld-22", "-shared", "--experimental-pic", self.folder / "pic.o", "-o",
                   self.folder / "module.wasm"])
        facts, = oracle.inspect_json(self.folder / "module.wasm")
        self.assertEqual((facts["kind"], facts["init"]["exported_as"]), ("shared", "__wasm_call_ctors"))
        self.assertEqual([c["symbol"] for c in facts["constructors"]], CTORS)
        self.assertIn("run by the dynamic loader", oracle.inspect(self.folder / "module.wasm").stdout.decode())

    def test_facts_agree_with_wasm_objdump(self):
        modules = []
        for names, options in [(("kernels",), ()), (("kernels", "lazy"), ("--export-table", "--max-memory=1048576")),
                               (("kernels", "initialize"), ("--import-memory", "--import-table")),
                               (("plain",), ("--strip-all",)), (("kernels",), ("--export-all",))]:
            self.link(*names, options=options)
            modules.append(self.folder / f"m{len(modules)}.wasm")
            (self.folder / "module.wasm").rename(modules[-1])
        for path, expected in oracle.objdump(modules).items():
            facts, = oracle.inspect_json(path)
            self.assertEqual([(s["name"], s["offset"], s["size"]) for s in facts["sections"]], expected["sections"])
            self.assertEqual([(i["kind"], f"{i['module']}.{i['name']}", i["type"]) for i in facts["imports"]],
                             expected["imports"])
            self.assertEqual([(e["kind"], e["index"], e["name"]) for e in facts["exports"]], expected["exports"])
            self.assertTrue(facts["exports"])
            for entry in facts["exports"]:
                if entry["kind"] == "function":
                    self.assertEqual(entry["type"], expected["functions"][entry["index"]])


# Every form of immediate that an instruction can have, between the calls of a ctor chain. wat2wasm encodes; if one
# were skipped by a wrong length, a call would be lost or invented. (Exceptions in the form before try_table.)
INSTRUCTIONS = """
(i32.const -1) (i64.const -5000000000) i32.wrap_i64 i32.add drop
(f32.const 1) drop (f64.const 2) drop (v128.const i8x16 16 16 16 16 16 16 16 16 16 16 16 16 16 16 16 16) drop
(block (result i32) (i32.const 16) (br_if 0 (i32.const 0)) (br_table 0 0 0 (i32.const 16))) drop
(block (type $two) (i32.const 16) (i32.const 16)) (drop) (drop)
(loop (nop)) (if (i32.const 16) (then (nop)) (else (nop)))
(local.set $x (i32.const 16)) (drop (local.tee $x (local.get $x))) (global.set $g (global.get $g))
(drop (i32.load offset=16 align=1 (i32.const 0))) (i64.store offset=70000 (i32.const 0) (i64.const 1))
(drop (memory.size)) (drop (memory.grow (i32.const 16)))
(drop (select (result i32) (i32.const 16) (i32.const 16) (i32.const 16)))
(drop (table.get $t (i32.const 16))) (table.set $t (i32.const 16) (ref.null func))
(drop (ref.is_null (ref.func $c))) (call_indirect $t (type $none) (i32.const 16))
(memory.init $d (i32.const 16) (i32.const 16) (i32.const 16)) (data.drop $d)
(memory.copy (i32.const 16) (i32.const 16) (i32.const 16)) (memory.fill (i32.const 16) (i32.const 16) (i32.const 16))
(table.init $t $e (i32.const 16) (i32.const 16) (i32.const 16)) (elem.drop $e)
(table.copy $t $t (i32.const 16) (i32.const 16) (i32.const 16)) (drop (table.size $t))
(drop (table.grow $t (ref.null func) (i32.const 16))) (table.fill $t (i32.const 16) (ref.null func) (i32.const 16))
(drop (i32.trunc_sat_f32_s (f32.const 16))) (drop (i32.extend8_s (i32.const 16)))
(drop (i8x16.shuffle 16 16 16 16 16 16 16 16 16 16 16 16 16 16 16 16 (v128.const i64x2 0 0) (v128.const i64x2 0 0)))
(drop (i8x16.extract_lane_s 15 (v128.load offset=16 (i32.const 16))))
(drop (i32x4.replace_lane 3 (v128.const i64x2 0 0) (i32.const 16)))
(drop (v128.load16_lane offset=16 7 (i32.const 16) (v128.const i64x2 0 0))) (drop (v128.load32_zero (i32.const 16)))
(drop (i8x16.add (v128.const i64x2 0 0) (v128.const i64x2 0 0)))
(drop (i32.atomic.rmw.add offset=16 (i32.const 16) (i32.const 16))) (atomic.fence)
(drop (memory.atomic.notify (i32.const 16) (i32.const 16)))
(try (do (throw $tag (i32.const 16))) (catch $tag (drop)) (catch_all (rethrow 0)))
"""


class Instructions(unittest.TestCase):
    def test_calls_between_all_kinds_of_instructions(self):
        forms = [line for line in INSTRUCTIONS.strip().splitlines()]
        # Each form has a function of its own behind it. Function 16 (0x10, which is also the opcode of `call`) must not be taken from an immediate.
        others = "\n".join(f"(func $f{i})" for i in range(20 + len(forms)))
        body = "\n".join(f"(call $c) {form} (call $f{20 + i})" for i, form in enumerate(forms))
        wat = f"""(module
          (type $none (func)) (type $two (func (result i32 i32))) (tag $tag (param i32))
          (memory 1 2 shared) (table $t 20 funcref) (global $g (mut i32) (i32.const 0))
          (data $d "x") (elem $e func $c)
          {others}
          (func $c)
          (func $__wasm_call_ctors (export "__wasm_call_ctors") (local $x i32) (local f64 f64)
            {body}
            (return_call $c)))"""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "forms.wasm"
            path.with_suffix(".wat").write_text(wat)
            tools.run(["wat2wasm", "--enable-all", "--debug-names", path.with_suffix(".wat"), "-o", path])
            facts, = oracle.inspect_json(path)
        # Each once, since the chain does more than to call.
        expected = ["c"] + [f"f{20 + i}" for i in range(len(forms))]
        self.assertEqual([c["symbol"] for c in facts["constructors"]], expected)
        self.assertTrue(facts["init"]["complete"])
        self.assertFalse(facts["init"]["plain"])


if __name__ == "__main__":
    unittest.main()
