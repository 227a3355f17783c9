# ctest: timeout=600
"""How often the ctor chain runs: what inspect reads from the code, and what `--run` counts in wabt's interpreter, against
instances in node. Each module's constructors call the host's `reg`, so node knows how often they ran."""

import json
import pathlib
import resource
import subprocess
import tempfile
import unittest

import oracle
from lib import corpus, tools

# Two constructors that register, and exports that do other things.
KERNELS = """
extern int reg(const char*, int (*)(int));
int alpha(int x) { return x + 1; }
int beta(int x) { return x + 2; }
__attribute__((constructor(101))) static void c1(void) { reg("alpha", alpha); }
__attribute__((constructor(102))) static void c2(void) { reg("beta", beta); }
__attribute__((export_name("add"))) int add(int x, int y) { return x + y; }
__attribute__((export_name("wide"))) double wide(double x, long long y, float z) { return x + y + z; }
__attribute__((export_name("call"))) int call(int (*f)(int)) { return f ? f(1) : 0; }
"""
CTORS = 2
CHAIN = "void __wasm_call_ctors(void);\n"
EXPORT = '__attribute__((export_name("%s"))) '
# Guards of `_initialize`, each in its own way.
GUARDS = {
    "none": "void _initialize(void) { __wasm_call_ctors(); }",
    # wasi-libc's crt1-reactor.c since 2022
    "trap": "static volatile int initialized = 0; "
            "void _initialize(void) { if (initialized != 0) __builtin_trap(); initialized = 1; __wasm_call_ctors(); }",
    "return": "static int done; void _initialize(void) { if (done) return; done = 1; __wasm_call_ctors(); }",
    "bool": "static _Bool done; void _initialize(void) { if (!done) { done = 1; __wasm_call_ctors(); } }",
    "countdown": "static unsigned left = 1; void _initialize(void) { if (left > 0) { --left; __wasm_call_ctors(); } }",
    "twice": "static int n; void _initialize(void) { if (++n <= 2) __wasm_call_ctors(); }",
    "states": "static int s; void _initialize(void) { switch (s) { case 0: s = 1; __wasm_call_ctors(); s = 2; return; "
              "case 1: case 2: return; default: __builtin_trap(); } }",
    "deep": "static int d; __attribute__((noinline)) static void really(void) { d = 1; __wasm_call_ctors(); } "
            "__attribute__((noinline)) static int ensure(void) { if (d == 0) really(); return d; } "
            "void _initialize(void) { ensure(); }",
    "double": "void _initialize(void) { __wasm_call_ctors(); __wasm_call_ctors(); }",
}

NODE = """
const module = new WebAssembly.Module(require("fs").readFileSync(process.argv[1]));
const wasi = process.argv[2] === "wasi";
function instance() {
  const state = {runs: 0, exports: {}};
  const imports = {};
  for (const {module: from, name, kind} of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    if (kind === "function") imports[from][name] = () => { if (name === "reg") ++state.runs; return 0; };
    if (kind === "memory") imports[from][name] = new WebAssembly.Memory({initial: 2});
    if (kind === "table") imports[from][name] = new WebAssembly.Table({initial: 10, element: "anyfunc"});
  }
  state.exports = new WebAssembly.Instance(module, imports).exports;
  return state;
}
const call = (state, name) => {
  // A 64-bit parameter takes a BigInt only.
  for (const zeros of [[0, 0, 0, 0], [0, 0n, 0, 0], [0n, 0, 0, 0]])
    try { state.exports[name](...zeros); return; } catch (error) { if (!(error instanceof TypeError)) return; }
};
const result = {};
for (const {name, kind} of WebAssembly.Module.exports(module)) {
  if (kind !== "function") continue;
  const fresh = instance(), ready = instance();
  call(fresh, name);
  const first = fresh.runs;
  call(fresh, name);
  let after = null;
  if (ready.exports._initialize) { call(ready, "_initialize"); call(ready, name); after = ready.runs; }
  result[name] = [first, fresh.runs, after];
}
console.log(JSON.stringify(result));
"""


class Runs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        cls.compile("kernels", KERNELS)

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    @classmethod
    def compile(cls, name, source, *options):
        path = cls.folder / f"{name}.c"
        path.write_text(source)
        tools.run(["clang-22", "--target=wasm32", "-O1", *options, "-c", path, "-o", path.with_suffix(".o")])

    def link(self, *names, options=(), version="22"):
        self.module = self.folder / "module.wasm"
        inputs = [name if "/" in str(name) else self.folder / f"{name}.o" for name in names]
        tools.final(inputs, self.module, "--no-entry", "--allow-undefined", *options, version=version, whole=False)

    def optimize(self, *options):
        tools.run(["wasm-opt", *options, self.module, "-o", self.module])

    def check_runs(self, unknown=(), chain="present", by_shape=None, trouble=()):
        """Numbers that inspect gives are node's, with and without --run; exports in `unknown` are those of which the
        code does not tell all, and only those. `trouble`: exports of which --run has something to say."""
        counted = json.loads(tools.run(["node", "-e", NODE, self.module]).stdout)
        for options in ([], ["--run"]):
            done = oracle.inspect("--json", *options, self.module)
            facts = json.loads(done.stdout)
            init = facts["init"]
            self.assertEqual(init["chain"], chain)
            if by_shape is not None:
                self.assertEqual(init["by_shape"], by_shape)
            self.assertEqual({run["name"] for run in init["runs"]}, set(counted))
            has_initialize = "_initialize" in counted
            for run in init["runs"]:
                with self.subTest(run["name"], options=options):
                    numbers = [run["first"], run["again"], run["after_initialize"]]
                    expected = [None if n is None else n / CTORS for n in counted[run["name"]]]
                    is_told = [n is not None for n in numbers] == [True, True, has_initialize]
                    for number, node in zip(numbers, expected):
                        self.assertIn(number, (node, None))
                    if options:
                        self.assertTrue(is_told, run)
                        self.assertEqual(run["confirmed"], run["name"] not in trouble and run["name"] not in unknown)
                        self.assertEqual(run["name"] in trouble or run["name"] in unknown, run["reason"] != "", run)
                    else:
                        self.assertEqual(is_told, run["name"] not in unknown, run)
                        self.assertEqual(is_told, run["reason"] == "", run)
                        self.assertFalse(run["confirmed"])
        return facts

    def runs_of(self, name):
        """As read from the code."""
        facts, = oracle.inspect_json(self.module)
        run, = [r for r in facts["init"]["runs"] if r["name"] == name]
        return (run["first"], run["again"], run["after_initialize"])

    def test_command_wrappers(self):
        for version in ("22", "14"):
            for options in ([], ["--strip-all"], ["-s"], ["--export-table"]):
                self.link("kernels", options=options, version=version)
                self.check_runs(by_shape=options in (["--strip-all"], ["-s"]))
                self.assertEqual(self.runs_of("add"), (1, 2, None))

    def test_optimized_command_wrappers(self):
        for options in (["-O1"], ["-O2"], ["-Oz"]):
            for names in ([], ["-g"]):
                self.link("kernels")
                self.optimize(*options, *names, *(f"--{kind}-inline-max-function-size=0" for kind in
                                                  ("always", "flexible", "one-caller")))
                self.check_runs(by_shape=names == [])
                self.assertEqual(self.runs_of("add"), (1, 2, None))

    def test_wrappers_that_lose_their_form_are_not_guessed(self):
        # wasm-opt puts the constructors into the chain, and the chain into the wrappers.
        self.link("kernels")
        self.optimize("-O3", "-g", "--always-inline-max-function-size=1000", "--flexible-inline-max-function-size=1000")
        facts, = oracle.inspect_json(self.module)
        for run in facts["init"]["runs"]:
            self.assertEqual((run["first"], run["again"]), (None, None), run)
            self.assertTrue(run["reason"])

    def test_guards(self):
        for name, source in GUARDS.items():
            for level in ("-O0", "-O2", "-Os"):
                source = source.replace("void _initialize", EXPORT % "_initialize" + "void _initialize")
                self.compile("guard", CHAIN + source, level)
                for options in ([], ["--strip-all"]):
                    with self.subTest(guard=name, level=level, options=options):
                        self.link("kernels", "guard", options=options)
                        facts, = oracle.inspect_json(self.module)
                        if options and facts["init"]["chain"] == "unknown":
                            self.assertIn(name, ("deep", "double", "twice", "countdown"))
                            continue
                        self.check_runs(trouble=["_initialize"] if name == "trap" else [])

    def test_crt1_reactor(self):
        for options in ([], ["--strip-all"]):
            self.link("kernels", "/usr/lib/wasm32-wasi/crt1-reactor.o", options=options)
            self.check_runs(by_shape=options != [])
            self.assertEqual(self.runs_of("_initialize"), (1, 2, 2))
            self.assertEqual(self.runs_of("add"), (0, 0, 1))

    def test_a_kernel_that_makes_sure(self):
        self.compile("lazy", CHAIN + "static int done; static void ensure(void) { if (!done) { done = 1; "
                     "__wasm_call_ctors(); } }" + EXPORT % "lazy" + "int lazy(int x) { ensure(); return x; }" +
                     EXPORT % "maybe" + "int maybe(int x) { if (x) ensure(); return x; }")
        self.link("kernels", "lazy")
        self.check_runs(unknown=["maybe"])
        self.assertEqual(self.runs_of("lazy"), (1, 1, None))

    def test_exported_chain(self):
        for options in ([], ["--strip-all"]):
            self.link("kernels", options=["--export=__wasm_call_ctors", *options])
            facts = self.check_runs(by_shape=False)
            self.assertEqual(self.runs_of("__wasm_call_ctors"), (1, 2, None))
            self.assertEqual(self.runs_of("add"), (0, 0, None))
            self.assertEqual((facts["init"]["model"], facts["init"]["exported_as"]), ("library", "__wasm_call_ctors"))

    def test_start_section(self):
        self.compile("start", CHAIN + "static int done; " + EXPORT % "_initialize" +
                     "void _initialize(void) { if (done) return; done = 1; __wasm_call_ctors(); }")
        self.link("kernels", "start")
        text = tools.run(["wasm2wat", self.module]).stdout
        function = oracle.inspect_json(self.module)[0]["init"]["callers"][0]["function"]
        wat = self.module.with_suffix(".wat")
        wat.write_text(text.rstrip()[:-1] + f"(start {function}))")
        tools.run(["wat2wasm", "--debug-names", wat, "-o", self.module])
        self.check_runs()
        self.assertEqual(self.runs_of("add"), (1, 1, 1))

    def test_a_table_that_leads_to_the_chain(self):
        self.compile("table", CHAIN + EXPORT % "ensure" + "void ensure(void) { __wasm_call_ctors(); } "
                     "void (*volatile pointer)(void) = ensure; " + EXPORT % "through" +
                     "void through(int x) { if (x) pointer(); }")
        self.link("kernels", "table")
        self.check_runs(unknown=["call", "through"])

    def test_imported_memory(self):
        self.compile("guard", CHAIN + "int done; " + EXPORT % "_initialize" +
                     "void _initialize(void) { if (done) return; done = 1; __wasm_call_ctors(); }")
        # wasm-ld's start function fills in zeros.
        self.link("kernels", "guard", options=["--import-memory"])
        self.check_runs()

    def test_command_with_destructors(self):
        (self.folder / "main.cpp").write_text("""
            extern "C" int reg(const char*, int (*)(int)); extern "C" int atexit(void (*)(void)); static void bye() {}
            static int one(int x) { return x; }
            struct A { A() { reg("a", one); reg("b", one); } ~A() { bye(); } } global;
            int main() { return 0; }""")
        tools.run(["clang++-22", "--target=wasm32-wasi", "-O1", "-fno-exceptions", "-c", self.folder / "main.cpp", "-o",
                   self.folder / "main.o"])
        self.module = self.folder / "module.wasm"
        tools.run(["wasm-ld-22", "-L/usr/lib/wasm32-wasi", "/usr/lib/wasm32-wasi/crt1-command.o",
                   self.folder / "main.o", "-lc", "--allow-undefined", "-o", self.module])
        facts = self.check_runs()
        self.assertEqual(facts["init"]["model"], "command")
        self.assertEqual([(c["kind"], c["name"]) for c in facts["init"]["callers"]], [("wrapper", "_start")])
        self.assertIsNotNone(facts["init"]["destructors"])
        self.assertEqual(facts["constructors"][0]["origin"], "main.cpp")

    def test_rust_cdylib(self):
        (self.folder / "lib.rs").write_text("""
            #![no_std] #[panic_handler] fn p(_: &core::panic::PanicInfo) -> ! { loop {} }
            #[no_mangle] pub extern "C" fn triple(x: i32) -> i32 { x.wrapping_mul(3) }
            #[no_mangle] pub extern "C" fn twice(x: i64) -> i64 { x.wrapping_mul(2) }""")
        for strip in ([], ["-Cstrip=symbols"]):
            self.module = self.folder / "rust.wasm"
            tools.run([corpus.DEBIAN_RUSTC, "--crate-type=cdylib", "--target=wasm32-unknown-unknown", "-O", "-Cpanic=abort", *strip,
                       f"-Clink-arg={self.folder / 'kernels.o'}", "-Clink-arg=--allow-undefined",
                       self.folder / "lib.rs", "-o", self.module])
            self.check_runs(by_shape=strip != [])
            self.assertEqual(self.runs_of("triple"), (1, 2, None))

    def test_linked_by_wasmpack(self):
        tools.link([self.folder / "kernels.o"], self.folder / "library.o", "--init-guard")
        self.link("library")
        self.check_runs()


class NotGuessed(unittest.TestCase):
    """Modules of which inspect must not claim a chain, or a number."""

    def inspect_wat(self, text, *options, names=False, features=()):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "module.wasm"
            path.with_suffix(".wat").write_text(text)
            names = ["--debug-names"] if names else []
            tools.run(["wat2wasm", *features, *names, path.with_suffix(".wat"), "-o", path])
            done = oracle.inspect("--json", *options, path, check=False)
            facts, = [json.loads(line) for line in done.stdout.splitlines()]
        return facts

    def test_one_wrapper_is_not_enough(self):
        one = '(func $c) (func $f (param i32)) (func (export "a") (param i32) call $c local.get 0 call $f)'
        init = self.inspect_wat(f"(module {one})")["init"]
        self.assertEqual((init["chain"], init["function"]), ("unknown", None))
        two = one + '(func (export "b") (param i32) call $c local.get 0 call $f)'
        init = self.inspect_wat(f"(module {two})")["init"]
        self.assertEqual((init["chain"], init["function"], init["by_shape"]), ("present", 0, True))

    def test_exports_that_begin_alike(self):
        """A library without constructors, of which two exports first do the same."""
        facts = self.inspect_wat("""(module (func $a) (func $b) (func $tick call $a call $b)
            (func (export "f") (result i32) call $tick i32.const 1)
            (func (export "g") (result i32) call $tick i32.const 2))""")
        self.assertEqual((facts["init"]["chain"], facts["init"]["by_shape"]), ("unknown", False))
        self.assertEqual(facts["findings"], [])

    def test_a_chain_told_by_its_shape_is_no_error(self):
        facts = self.inspect_wat("""(module (func $a) (func $b) (func $tick call $a call $b) (func $do)
            (func (export "f") call $tick call $do) (func (export "g") call $tick call $do))""")
        self.assertTrue(facts["init"]["by_shape"])
        self.assertEqual([(f["id"], f["severity"]) for f in facts["findings"]], [("ctor-rerun", "warning")])
        self.assertIn("by its shape alone", str(facts["findings"][0]["notes"]))

    def test_a_chain_in_a_table_may_run(self):
        facts = self.inspect_wat("""(module (type $f (func)) (table 1 funcref) (elem (i32.const 0) $__wasm_call_ctors)
            (func $__wasm_call_ctors call $c) (func $c)
            (func (export "go") (param i32) (call_indirect (type $f) (local.get 0))))""", names=True)
        self.assertEqual([(f["id"], f["severity"]) for f in facts["findings"]], [("ctor-unreachable", "warning")])
        self.assertIn("perhaps `go` does: it calls through a table", str(facts["findings"][0]["notes"]))

    def test_no_repair_is_offered_that_would_be_refused(self):
        facts = self.inspect_wat("""(module (memory 1 1 shared) (func $__wasm_call_ctors call $c) (func $c)
            (func (export "go")))""", "--no-validate", names=True, features=["--enable-threads"])
        help, = [f["help"] for f in facts["findings"] if f["id"] == "ctor-unreachable"]
        self.assertNotIn("--fix", help)
        self.assertIn("wasmpack pack", help)

    def test_an_inlined_chain_has_no_number(self):
        text = """(module (import "env" "log" (func $log)) (func $__wasm_call_ctors (export "__wasm_call_ctors")
            (local i32) call $log call $log call $c call $c (local.set 0 (i32.const 1))) (func $c))"""
        facts = self.inspect_wat(text, names=True)
        self.assertEqual([(c["order"], c["symbol"]) for c in facts["constructors"]], [(0, "c")])

    def test_one_cause_is_one_finding(self):
        facts = self.inspect_wat("""(module (func $__wasm_call_ctors call $c) (func $c)
            (func (export "go") (result i32) call $__wasm_call_ctors i32.const 1) (func (export "h")))""", names=True)
        self.assertEqual([f["id"] for f in facts["findings"]], ["ctor-rerun"])

    def test_not_all_exports_begin_with_it(self):
        init = self.inspect_wat("""(module (func $c) (func $f)
            (func (export "a") call $c call $f) (func (export "b") call $c call $f) (func (export "c") call $f))""")["init"]
        self.assertEqual((init["chain"], init["by_shape"]), ("unknown", False))

    def test_start_function_of_another_language(self):
        facts = self.inspect_wat('(module (func $init) (func (export "run")) (start $init))')
        self.assertEqual(facts["init"]["chain"], "unknown")
        self.assertIn("start section", facts["init"]["reason"])
        self.assertEqual([r["first"] for r in facts["init"]["runs"]], [None])

    def test_loops(self):
        loop = """(module (func $__wasm_call_ctors (export "__wasm_call_ctors") call $ctor) (func $ctor)
            (func (export "loop") (param i32) (loop (call $__wasm_call_ctors)
              (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
            (func (export "beside") (param i32) (loop
              (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (call $__wasm_call_ctors)))"""
        runs = {r["name"]: (r["first"], r["again"]) for r in self.inspect_wat(loop, names=True)["init"]["runs"]}
        self.assertEqual(runs, {"__wasm_call_ctors": (1, 2), "loop": (None, None), "beside": (1, 2)})

    def test_locals_of_two_ways(self):
        # The condition is unknown, so is the local that each way sets differently.
        text = """(module (func $__wasm_call_ctors call $ctor) (func $ctor)
            (func (export "differ") (param i32) (local i32)
              (if (local.get 0) (then (local.set 1 (i32.const 1))) (else (local.set 1 (i32.const 0))))
              (if (local.get 1) (then (call $__wasm_call_ctors))))
            (func (export "agree") (param i32) (local i32)
              (if (local.get 0) (then (local.set 1 (i32.const 1))) (else (local.set 1 (i32.const 1))))
              (if (local.get 1) (then (call $__wasm_call_ctors)))))"""
        runs = {r["name"]: (r["first"], r["again"]) for r in self.inspect_wat(text, names=True)["init"]["runs"]}
        self.assertEqual(runs, {"differ": (None, None), "agree": (1, 2)})

    def test_endless_and_large_modules_are_not_run(self):
        chain = '(func $__wasm_call_ctors (export "__wasm_call_ctors") call $ctor) (func $ctor)'
        endless = f'(module {chain} (func (export "spin") (loop (br 0))))'
        runs = {r["name"]: r for r in self.inspect_wat(endless, "--run", names=True)["init"]["runs"]}
        self.assertTrue(runs["__wasm_call_ctors"]["confirmed"])
        self.assertFalse(runs["spin"]["confirmed"])
        self.assertIn("instructions", runs["spin"]["reason"])
        start = f'(module {chain} (func $spin (loop (br 0))) (start $spin))'
        run, = self.inspect_wat(start, "--run", names=True)["init"]["runs"]
        self.assertFalse(run["confirmed"])
        large = f"(module (memory 65536) {chain})"
        run, = self.inspect_wat(large, "--run", names=True)["init"]["runs"]
        self.assertIn("256 MiB", run["reason"])
        growing = f'(module (memory 1) {chain} (func (export "grow") (result i32) (memory.grow (i32.const 60000))))'
        runs = {r["name"]: r for r in self.inspect_wat(growing, "--run", names=True)["init"]["runs"]}
        self.assertTrue(runs["grow"]["confirmed"])

    def cpu_seconds(self, text, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "module.wasm"
            path.with_suffix(".wat").write_text(text)
            tools.run(["wat2wasm", "--debug-names", path.with_suffix(".wat"), "-o", path])
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            oracle.inspect(*options, path)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime

    def test_work_is_bounded(self):
        # A long guarded constructor that the chain calls often; and a long wrapper under many names.
        often = f"""(module (global $done (mut i32) (i32.const 0)) (func $ctor)
            (func $guarded (if (i32.eqz (global.get $done)) (then (global.set $done (i32.const 1)) (call $ctor)))
              {"nop " * 400000})
            (func $__wasm_call_ctors (export "__wasm_call_ctors") {"(call $guarded) " * 4096}))"""
        self.assertLess(self.cpu_seconds(often), 4)
        names = " ".join(f'(export "{i}" (func $wrapper))' for i in range(200000))
        wrapper = f"""(module (func $ctor) (func $__wasm_call_ctors call $ctor)
            (func $f (param {"i32 " * 900}))
            (func $wrapper (param {"i32 " * 900}) (call $__wasm_call_ctors)
              {" ".join(f"local.get {i}" for i in range(900))} call $f) {names})"""
        self.assertLess(self.cpu_seconds(wrapper), 2)

    def test_a_trap_is_a_reason(self):
        text = """(module (func $__wasm_call_ctors (export "__wasm_call_ctors") call $ctor) (func $ctor unreachable))"""
        run, = self.inspect_wat(text, "--run", names=True)["init"]["runs"]
        self.assertEqual((run["first"], run["again"], run["confirmed"]), (1, 2, False))
        self.assertIn("unreachable", run["reason"])

    def test_a_run_does_not_hide_what_the_code_tells(self):
        text = """(module (func $__wasm_call_ctors call $ctor) (func $ctor) (func $t unreachable) (export "t" (func $t))
            (func (export "go") (param i32) (if (i32.eqz (local.get 0)) (then unreachable)) call $__wasm_call_ctors)
            (func (export "maybe") (param i32) (if (i32.eqz (local.get 0)) (then call $__wasm_call_ctors))) %s)"""
        for start in ("", "(start $t)"):
            facts = self.inspect_wat(text % start, "--run", names=True)
            runs = {r["name"]: r for r in facts["init"]["runs"]}
            go, maybe = runs["go"], runs["maybe"]
            self.assertEqual((go["first"], go["again"], go["confirmed"]), (1, 2, False))
            self.assertIn("traps: unreachable", go["reason"])
            self.assertFalse(maybe["confirmed"])
            self.assertEqual((maybe["first"], maybe["again"]), (None, None) if start else (1, 2))
            severities = [f["severity"] for f in facts["findings"] if f["id"] == "ctor-rerun"]
            self.assertEqual(severities, ["error"] if start else ["error", "warning"])
            if not start:
                self.assertIn("called with zeros", maybe["reason"])

    def test_a_contradiction_is_told(self):
        # The constructor clears the flag through an address that the code does not tell.
        text = """(module (memory 1) (data (i32.const 16) "\\10\\00\\00\\00")
            (func $__wasm_call_ctors call $ctor)
            (func $ctor (i32.store (i32.load (i32.const 16)) (i32.const 0)))
            (func (export "_initialize") (i32.load (i32.const 16)) (i32.const 16) (i32.ne)
              (br_if 0) (i32.store (i32.const 16) (i32.const 17)) (call $__wasm_call_ctors)
              (i32.store (i32.const 16) (i32.const 16))))"""
        run, = self.inspect_wat(text, names=True)["init"]["runs"]
        self.assertEqual((run["first"], run["again"]), (1, 2))
        cleared = """(module (memory 1)
            (func $__wasm_call_ctors call $ctor)
            (func $ctor (i32.store (i32.const 16) (i32.const 0)))
            (func (export "_initialize") (br_if 0 (i32.load (i32.const 16)))
              (i32.store (i32.const 16) (i32.const 1)) (call $__wasm_call_ctors)))"""
        run, = self.inspect_wat(cleared, names=True)["init"]["runs"]
        self.assertEqual((run["first"], run["again"]), (1, 1))
        run, = self.inspect_wat(cleared, "--run", names=True)["init"]["runs"]
        self.assertEqual((run["first"], run["again"], run["confirmed"]), (1, 2, True))
        self.assertIn("the code tells 1, 1, 1", run["reason"])


if __name__ == "__main__":
    unittest.main()
