# ctest: timeout=300
"""wasmpack inspect --fix: modules whose constructors never run, or run at every call, run them exactly once afterwards.
Node runs them before and after and counts; wasm-validate has its word on each result."""

import subprocess
import unittest

import oracle
from lib import corpus, tools
from repair_case import CLOSED, INITIALIZE, KERNELS, MODES, NEVER, RepairCase, sections

ALL = [1, 2, 3]
CPP = """
extern "C" __attribute__((import_module("env"), import_name("reg"))) void reg(int);
struct Kernel { int number; explicit Kernel(int n) : number(n) { reg(n); } };
static Kernel one __attribute__((init_priority(200))) {1};
static Kernel two __attribute__((init_priority(300))) {2};
Kernel three{3};
extern "C" __attribute__((export_name("count"))) int count() { return one.number + two.number + three.number; }
extern "C" __attribute__((export_name("add"))) long long add(int a, long long b, double c) { return a + b + c; }
"""


class RunsOnce(RepairCase):
    def check_modes(self, path, options=()):
        """The three modes of a module that exports `count` and `add`, in different orders of calls."""
        fixed, _ = self.fix("initialize", path)
        self.assertEqual(self.registrations(fixed, "_initialize", "count", "add", "_initialize", "count",
                                            options=options), [[], ALL, [], [], [], []])
        self.assertEqual(self.registrations(fixed, "count", "_initialize", "_initialize", options=options),
                         [[], [], ALL, []])
        fixed, _ = self.fix("start", path)
        self.assertEqual(self.registrations(fixed, "count", "add", "count", options=options), [ALL, [], [], []])
        fixed, _ = self.fix("lazy", path)
        for order in (["count", "add", "_initialize"], ["add", "count", "add"], ["_initialize", "_initialize", "add"]):
            self.assertEqual(self.registrations(fixed, *order, options=options), [[], ALL, [], []])
        # The exports still do what they did.
        self.assertEqual([value for value, _ in self.call(fixed, "add", "count", options=options)[1:]],
                         [6, self.count_value])

    count_value = 1

    def test_wrappers(self):
        for version in ("22", "14"):
            path = self.module(KERNELS, version=version)
            self.assertEqual(self.registrations(path, "count", "add"), [[], ALL, ALL])
            self.check_modes(path)
            self.assertIn("2 wrappers undone, `_initialize` exported", self.fix("initialize", path)[1])
            self.assertIn("2 wrappers undone, the start section runs the constructors", self.fix("start", path)[1])
            self.assertIn("2 wrappers undone, `_initialize` exported, 2 exports check first", self.fix("lazy", path)[1])

    def test_wrappers_without_names(self):
        for version in ("22", "14"):
            path = self.module(KERNELS, version=version, options=["--strip-all"])
            self.assertEqual(self.registrations(path, "count", "add"), [[], ALL, ALL])
            self.check_modes(path)

    def test_constructors_that_never_run(self):
        for version in ("22", "14"):
            path = self.module(KERNELS, NEVER, version=version)
            self.assertEqual(self.registrations(path, "count", "add"), [[], [], []])
            self.check_modes(path)

    def test_static_objects_of_cpp(self):
        for compiler, version in (("clang-22", "22"), ("clang-14", "14")):
            objects = [self.compile(CPP, compiler=compiler, language="c++")]
            self.count_value = 6
            self.check_modes(self.link(*objects, version=version))

    def test_wasm64(self):
        path = self.module(KERNELS, target="wasm64", options=["-mwasm64"], version="14")
        self.check_modes(path, options=["--experimental-wasm-memory64"])

    def test_a_feature_that_the_validator_does_not_know(self):
        """wasm-ld 22 makes 64-bit tables, which neither wabt 1.0.32 nor node 20 knows."""
        path = self.module(KERNELS, target="wasm64", options=["-mwasm64"])
        done = self.fix("lazy", path, self.path("fixed.wasm"), check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("note: ", done.stderr)
        self.assertIn("was not validated: tables may not be 64-bit", done.stderr)
        self.assertIn("2 wrappers undone, `_initialize` exported, 2 exports check first", done.stderr)
        tools.run([tools.WASMPACK, "inspect", self.path("fixed.wasm")])

    def test_a_rust_cdylib_with_a_kernel_library(self):
        self.compile(KERNELS, name="kern")
        tools.run(["llvm-ar-22", "rcs", self.path("libkern.a"), self.path("kern.o")])
        self.path("lib.rs").write_text(
            '#[link(name = "kern", kind = "static")] extern "C" { fn count() -> i32; }\n'
            '#[no_mangle] pub extern "C" fn call() -> i32 { unsafe { count() } }\n')
        # With names, and as one ships it.
        for more in ([], ["-C", "strip=debuginfo"]):
            path = self.path("rust.wasm")
            tools.run([corpus.DEBIAN_RUSTC, "--target", "wasm32-unknown-unknown", "--crate-type", "cdylib", "-O", *more,
                       self.path("lib.rs"), "-L", self.folder, "-o", path])
            self.assertEqual(self.registrations(path, "call", "call"), [[], ALL, ALL])
            self.check_modes(path)
            fixed, _ = self.fix("lazy", path)
            self.assertEqual(self.registrations(fixed, "call", "count"), [[], ALL, []])

    def test_an_exported_chain(self):
        """A host that calls it by name goes on to do so."""
        for strip in ([], ["--strip-all"]):
            path = self.module(KERNELS, options=["--export=__wasm_call_ctors", *strip])
            self.assertEqual(self.registrations(path, "__wasm_call_ctors", "count", "__wasm_call_ctors"),
                             [[], ALL, [], ALL])
            self.check_modes(path)
            fixed, said = self.fix("initialize", path)
            self.assertIn("`_initialize` exported, `__wasm_call_ctors` guarded", said)
            self.assertEqual(self.registrations(fixed, "__wasm_call_ctors", "_initialize", "__wasm_call_ctors"),
                             [[], ALL, [], []])

    def test_a_reactor(self):
        for path in (self.module(KERNELS, INITIALIZE, name="own.wasm"),
                     self.module(KERNELS, INITIALIZE, name="bare.wasm", options=["--strip-all"]),
                     self.module(KERNELS, options=["/usr/lib/wasm32-wasi/crt1-reactor.o"])):
            self.assertEqual(self.registrations(path, "_initialize", "_initialize"), [[], ALL, ALL])
            self.check_modes(path)
            self.assertIn("`_initialize` guarded", self.fix("initialize", path)[1])
            fixed, _ = self.fix("start", path)
            self.assertEqual(self.registrations(fixed, "_initialize", "count"), [ALL, [], []])

    def test_an_initialize_that_does_more(self):
        source = """
        void __wasm_call_ctors(void); void reg(int);
        __attribute__((export_name("_initialize"))) void init(void) { reg(7); __wasm_call_ctors(); reg(8); }
        """
        path = self.module(KERNELS, source, options=["--allow-undefined"])
        whole = [7, *ALL, 8]
        self.assertEqual(self.registrations(path, "_initialize"), [[], whole])
        fixed, _ = self.fix("start", path)
        self.assertEqual(self.registrations(fixed, "_initialize", "count"), [whole, [], []])
        fixed, _ = self.fix("lazy", path)
        self.assertEqual(self.registrations(fixed, "count", "_initialize"), [[], whole, []])

    def test_an_initialize_with_a_guard(self):
        """It is good as it is for hosts that call it; for others it is run as a whole."""
        source = """
        void __wasm_call_ctors(void); static int is_done;
        __attribute__((export_name("_initialize"))) void init(void) {
          if (is_done) return;
          is_done = 1;
          __wasm_call_ctors();
        }
        """
        for options in ([], ["--strip-all"]):
            path = self.module(KERNELS, source, options=options)
            self.refuse(path, "nothing to repair: `_initialize` runs the constructors, once however often it is called"
                        ".*help: .*ctors=start or ctors=lazy", modes=["initialize"])
            self.assertEqual(self.registrations(self.fix("start", path)[0], "_initialize", "count"), [ALL, [], []])
            self.assertEqual(self.registrations(self.fix("lazy", path)[0], "count", "_initialize"), [[], ALL, []])

    def test_an_initialize_that_runs_no_constructors(self):
        """wasm-ld wraps it like any export; it does its own work at every call, as before."""
        source = 'void reg(int); __attribute__((export_name("_initialize"))) void init(void) { reg(7); }'
        path = self.module(KERNELS, source, options=["--allow-undefined"])
        self.assertEqual(self.registrations(path, "_initialize", "_initialize"), [[], [*ALL, 7], [*ALL, 7]])
        for mode, answer in (("initialize", [[], [], [*ALL, 7], [7]]), ("start", [ALL, [], [7], [7]]),
                             ("lazy", [[], ALL, [7], [7]])):
            fixed, _ = self.fix(mode, path)
            self.assertEqual(self.registrations(fixed, "count", "_initialize", "_initialize"), answer, mode)

    def test_a_start_function_is_called_first(self):
        path = self.wat("""(module
          (import "env" "reg" (func $reg (param i32)))
          (func $ctor (call $reg (i32.const 1)))
          (func $__wasm_call_ctors (call $ctor))
          (func $own (call $reg (i32.const 9)))
          (func (export "count"))
          (start $own))""", "module.wasm", "--debug-names")
        self.assertEqual(self.registrations(path, "count"), [[9], []])
        for mode, answer in (("initialize", [[9], [], [1]]), ("start", [[9, 1], [], None]), ("lazy", [[9], [1], []])):
            fixed, _ = self.fix(mode, path)
            calls = ["count"] if mode == "start" else ["count", "_initialize"]
            self.assertEqual(self.registrations(fixed, *calls), [a for a in answer if a is not None], mode)

    def test_many_parameters_results_and_one_function_under_two_names(self):
        path = self.wat("""(module
          (import "env" "reg" (func $reg (param i32)))
          (func $ctor (call $reg (i32.const 1)))
          (func $__wasm_call_ctors (call $ctor))
          (func $f (param i32 f64 externref v128) (result f64 externref) (local.get 1) (local.get 2))
          (func $f.command_export (param i32 f64 externref v128) (result f64 externref)
            (call $__wasm_call_ctors) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (call $f))
          (export "f" (func $f.command_export))
          (export "g" (func $f.command_export)))""", "module.wasm", "--debug-names")
        for mode in MODES:
            fixed, _ = self.fix(mode, path)
            text = tools.run(["wasm-objdump", "-x", fixed]).stdout
            wanted = "f.constructed" if mode == "lazy" else "f"
            for name in ("f", "g"):
                self.assertRegex(text, rf'- func\[\d+\] <{wanted}> -> "{name}"')


class TheGuard(RepairCase):
    def test_a_module_without_imports(self):
        for sources in ((CLOSED,), (CLOSED, NEVER)):
            path = self.module(*sources)
            fixed, _ = self.fix("initialize", path)
            self.assertEqual([value for value, _ in self.call(fixed, "get", "_initialize", "_initialize", "get")[1:]],
                             [0, None, None, 123])
            for mode in ("start", "lazy"):
                fixed, _ = self.fix(mode, path)
                self.assertEqual([value for value, _ in self.call(fixed, "other", "get", "get")[1:]], [124, 123, 123])

    def test_a_trap_in_a_module_without_imports(self):
        """docs/bundle-abi.md: the instance has failed, and every later call traps."""
        path = self.module(CLOSED.replace("note(2)", "if (order == 1) __builtin_trap()"))
        fixed, _ = self.fix("initialize", path)
        self.assertEqual([value for value, _ in self.call(fixed, "_initialize", "_initialize", "get")[1:]],
                         ["trap", "trap", 1])
        fixed, _ = self.fix("lazy", path)
        self.assertEqual([value for value, _ in self.call(fixed, "get", "other", "_initialize")[1:]], ["trap"] * 3)

    def test_a_trap_in_a_module_with_imports(self):
        """There a host may be calling back, so calls go through; the chain is not run again."""
        path = self.module(KERNELS.replace("reg(2)", "__builtin_trap()"))
        fixed, _ = self.fix("lazy", path)
        self.assertEqual(self.call(fixed, "count", "count", "_initialize")[1:], [["trap", [1]], [1, [1]], [None, [1]]])

    def test_a_constructor_calls_a_host_that_calls_back(self):
        fixed, _ = self.fix("lazy", self.module(KERNELS))
        self.assertEqual(self.call(fixed, "count", callback="count"),
                         [["instance", []], ["in 1", 1], ["in 2", 2], ["in 3", 3], [4, [1, 2, 3]]])
        fixed, _ = self.fix("initialize", self.module(KERNELS))
        self.assertEqual(self.call(fixed, "_initialize", callback="_initialize")[-1], [None, [1, 2, 3]])

    def test_start_warns_of_hosts_that_have_no_exports_yet(self):
        path = self.module(KERNELS)
        self.assertRegex(self.fix("start", path)[1], "warning: .*may call the import `env.reg` at instantiation")
        self.assertNotIn("warning", self.fix("lazy", path)[1] + self.fix("start", self.module(CLOSED))[1])


class Lossless(RepairCase):
    CHANGED = {3, 6, 7, 8, 10}  # FUNCTION, GLOBAL, EXPORT, START, CODE

    def test_untouched_sections_keep_their_bytes(self):
        """And changed ones only have something appended, EXPORT aside."""
        path = self.module(KERNELS, options=["--export-table"])
        before = sections(path)
        self.assertIn((5, ""), [section[:2] for section in before])
        for mode in MODES:
            fixed, _ = self.fix(mode, path)
            after = {section[:2]: section[2] for section in sections(fixed)}
            for number, name, payload in before:
                if number in self.CHANGED:
                    if number in (3, 6, 10):  # behind the one byte of the count
                        self.assertEqual(after[number, name][1:len(payload)], payload[1:])
                elif name not in ("name", "producers"):
                    self.assertEqual(after[number, name], payload, name or number)
            added = {section[:2] for section in sections(fixed)} - {section[:2] for section in before}
            self.assertEqual(added, {(8, "")} if mode == "start" else set())

    def test_the_disassembly_of_old_functions_is_the_same(self):
        path = self.module(KERNELS)

        def bodies(module):
            """The instructions of each function by its number, without the offsets."""
            found = {}
            for line in tools.run(["wasm-objdump", "-d", module]).stdout.splitlines():
                if " func[" in line:
                    found[line.split("func[")[1].split("]")[0]] = current = []
                elif "|" in line:
                    current.append(line.split("|", 1)[1])
            return found
        before = bodies(path)
        after = bodies(self.fix("lazy", path)[0])
        self.assertEqual(len(before) + 3, len(after))
        self.assertEqual({number: after[number] for number in before}, before)

    def test_names_and_producers(self):
        fixed, _ = self.fix("lazy", self.module(KERNELS))
        text = tools.run(["wasm-objdump", "-x", fixed]).stdout
        for name in ("__wasmpack_run_constructors_once", "count.constructed", "add.constructed"):
            self.assertRegex(text, rf"- func\[\d+\] <{name}>")
        self.assertRegex(text, r"- global\[\d+\] <__wasmpack_constructors_state>|- global\[\d+\] i32 mutable=1 <__wasmpack_constructors_state>")
        self.assertIn(b"wasmpack", {section[1]: section[2] for section in sections(fixed)}["producers"])
        # wasm-strip takes all custom sections, so there is no name section to add to, and none is made.
        path = self.module(KERNELS, options=["--export=__wasm_call_ctors", "--strip-all"])
        names = [name for number, name, _ in sections(self.fix("lazy", path)[0]) if number == 0]
        self.assertNotIn("name", names)

    def test_a_damaged_name_section_stays_as_it_is(self):
        path = self.module(KERNELS, options=["--export=__wasm_call_ctors", "--strip-all"])
        for damage in (b"\x01\x7f", b"\x01\x03\x05\x00\x00", b"\x01\x04\x01\x7f\x01x", b"\x01\x04\x01\x00\x09x"):
            damaged = self.path("damaged.wasm")
            section = b"\x04name" + damage
            damaged.write_bytes(path.read_bytes() + bytes([0, len(section)]) + section)
            done = self.fix("lazy", damaged, self.path("fixed.wasm"), check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            after = {s[1]: s[2] for s in sections(self.path("fixed.wasm")) if s[0] == 0}
            self.assertEqual(after["name"], section)
            self.assertEqual(self.registrations(self.path("fixed.wasm"), "count", "add"), [[], ALL, []])

    def test_imported_globals_come_first(self):
        path = self.wat("""(module
          (import "env" "reg" (func $reg (param i32)))
          (func $ctor (call $reg (i32.const 1)))
          (func $__wasm_call_ctors (call $ctor))
          (global $own i32 (i32.const 77))
          (func (export "own") (result i32) (global.get $own)))""", "module.wasm", "--debug-names")
        fixed, _ = self.fix("lazy", path)
        self.assertEqual(self.call(fixed, "own", "own")[1:], [[77, [1]], [77, [1]]])
        path = self.wat("""(module
          (import "env" "reg" (func $reg (param i32)))
          (import "spectest" "global_i32" (global i32))
          (func $ctor (call $reg (i32.const 1)))
          (func $__wasm_call_ctors (call $ctor))
          (func (export "f")))""", "module.wasm", "--debug-names")
        text = tools.run(["wasm-objdump", "-x", self.fix("lazy", path)[0]]).stdout
        self.assertRegex(text, r"global\[1\] i32 mutable=1.* init i32=0")

    def test_sections_that_were_not_there(self):
        """GLOBAL, EXPORT and START get their places in the order of sections, between custom ones that stay."""
        path = self.wat("""(module
          (import "env" "reg" (func $reg (param i32))) (memory 1) (table 1 funcref) (elem (i32.const 0) $ctor) (data "x")
          (func $ctor (call $reg (i32.const 1)))
          (func $__wasm_call_ctors (call $ctor)))""", "module.wasm", "--debug-names")
        data = path.read_bytes()
        table = data.index(b"\x04\x04\x01\x70")
        path.write_bytes(data[:table] + b"\0\x05\x04note" + data[table:])
        for mode, added in (("initialize", [6, 7]), ("start", [6, 8]), ("lazy", [6, 7])):
            fixed, _ = self.fix(mode, path)
            order = [number for number, name, _ in sections(fixed) if number or name == "note"]
            self.assertEqual(order, [1, 2, 3, 0, 4, 5, *added, 9, 10, 11])
        fixed, _ = self.fix("initialize", path)
        self.assertEqual(self.registrations(fixed, "_initialize", "_initialize"), [[], [1], []])

    def dwarf(self, path):
        return tools.run(["llvm-dwarfdump-22", "--debug-line", "--debug-info", path]).stdout.split("\n", 1)[1]

    def many(self, functions):
        """Code with that many functions, beside those of KERNELS."""
        return KERNELS + "".join(f"__attribute__((noinline, used)) int f{i}(int x) {{ return x + {i}; }}\n"
                                 for i in range(functions))

    def count_functions(self, path):
        return int(next(line for line in tools.run(["wasm-objdump", "-h", path]).stdout.splitlines()
                        if line.lstrip().startswith("Code")).split("count: ")[1])

    def test_debug_information(self):
        """DWARF's addresses count from the content of CODE: they hold as long as the count keeps its width."""
        path = self.link(self.compile(KERNELS, "-g"))
        for mode in MODES:
            fixed, _ = self.fix(mode, path)
            self.assertIn("DW_TAG_subprogram", self.dwarf(path))
            self.assertEqual(self.dwarf(fixed), self.dwarf(path))

    def test_the_128th_function_moves_the_code(self):
        spare = 127 - self.count_functions(self.link(self.compile(KERNELS)))
        path = self.link(self.compile(self.many(spare), "-g"))
        self.assertEqual(self.count_functions(path), 127)
        self.refuse(path, "all addresses in its debug information would be wrong.*strip debug information")
        stripped = self.path("stripped.wasm")
        tools.run(["llvm-strip-22", "--strip-debug", path, "-o", stripped])
        fixed, _ = self.fix("lazy", stripped)
        self.assertEqual(self.registrations(fixed, "count", "add"), [[], ALL, []])
        # One less, and there is room for the guard, not for what `lazy` adds.
        path = self.link(self.compile(self.many(spare - 1), "-g"))
        self.refuse(path, "all addresses in its debug information", modes=["lazy"])
        fixed, _ = self.fix("initialize", path)
        self.assertEqual(self.dwarf(fixed), self.dwarf(path))

    def test_a_count_that_is_padded_keeps_its_width(self):
        spare = 127 - self.count_functions(self.link(self.compile(KERNELS)))
        path = self.link(self.compile(self.many(spare)))
        out = bytearray(path.read_bytes()[:8])
        for number, _, payload in sections(path):
            if number == 10:
                payload = bytes([payload[0] | 0x80, 0x80, 0]) + payload[1:]
            size = len(payload)
            out += bytes([number, size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14 & 0x7F]) + payload
        padded = self.path("padded.wasm")
        padded.write_bytes(out)
        fixed, _ = self.fix("lazy", padded)
        code = {number: payload for number, _, payload in sections(fixed)}[10]
        self.assertEqual(code[:3], bytes([130 & 0x7F | 0x80, 1 | 0x80, 0]))

    def test_a_source_map_is_off_afterwards(self):
        path = self.module(KERNELS)
        section = b"\x10sourceMappingURL\x05a.map"
        path.write_bytes(path.read_bytes() + bytes([0, len(section)]) + section)
        self.assertIn("its source map counts from the start of the file", self.fix("initialize", path)[1])


class Output(RepairCase):
    def test_the_same_bytes_every_time(self):
        path = self.module(KERNELS)
        for mode in MODES:
            first = self.fix(mode, path)[0].read_bytes()
            self.assertEqual(self.fix(mode, path, self.path("again.wasm"))[0].read_bytes(), first)

    def test_in_place(self):
        path = self.module(KERNELS)
        expected = self.fix("lazy", path)[0].read_bytes()
        self.fix("lazy", path, path)
        self.assertEqual(path.read_bytes(), expected)
        # And a refusal leaves it alone.
        done = self.fix("lazy", path, path, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(path.read_bytes(), expected)

    def test_standard_streams(self):
        path = self.module(KERNELS)
        done = subprocess.run([tools.WASMPACK, "inspect", "--fix=ctors=lazy", "-o", "-", "-"],
                              input=path.read_bytes(), capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, self.fix("lazy", path)[0].read_bytes())

    def test_inspect_agrees_that_it_is_repaired(self):
        path = self.module(KERNELS)
        for mode, words in (("initialize", "run when the host calls `_initialize`"),
                            ("start", "run when the module is instantiated"), ("lazy", "run when the host calls")):
            fixed, _ = self.fix(mode, path)
            self.assertIn(words, tools.run([tools.WASMPACK, "inspect", fixed]).stdout)
            facts, = oracle.inspect_json(fixed)
            runs = {run["name"]: (run["first"], run["again"]) for run in facts["init"]["runs"]}
            count = {"initialize": (0, 0), "start": (1, 1), "lazy": (1, 1)}[mode]
            self.assertEqual((runs["count"], runs.get("_initialize", (1, 1))), (count, (1, 1)))

    def test_no_finding_on_constructors_is_left(self):
        for name, options, sources in (("wrapped", [], [KERNELS]), ("never", [], [KERNELS, NEVER]),
                                       ("exported", ["--export=__wasm_call_ctors"], [KERNELS]),
                                       ("reactor", [], [KERNELS, INITIALIZE])):
            path = self.module(*sources, options=options, name=f"{name}.wasm")
            for mode in MODES:
                fixed, _ = self.fix(mode, path)
                bare = self.path("bare.wasm")
                tools.run(["wasm-strip", fixed, "-o", bare])
                for module in (fixed, bare):
                    with self.subTest(name, mode=mode, module=module.name):
                        facts, = oracle.inspect_json(module)
                        found = [finding["id"] for finding in facts["findings"]]
                        self.assertEqual([i for i in found if i.startswith(("ctor-", "init-"))], [])
                        wrappers = [c for c in facts["init"]["callers"] if c["kind"] == "wrapper"]
                        self.assertEqual(wrappers if module == fixed else [], [])
                facts, = oracle.inspect_json(fixed)
                self.assertEqual(len(facts["constructors"]), 3)

    def test_wrong_command_lines(self):
        path = self.module(KERNELS)
        for arguments, message in ((["--fix", "ctors=initialize", path], "--output"),
                                   (["-o", "x", path], "--fix"),
                                   (["--fix", "ctors=eager", "-o", "x", path], "none of ctors=initialize"),
                                   (["--fix", "lazy", "-o", "x", path], "none of ctors=initialize"),
                                   (["--fix", "ctors=lazy", "-o", "x", path, path], "repairs one file"),
                                   (["--fix", "ctors=lazy", "-o", "x", "--json", path], "--json"),
                                   (["--fix", "ctors=lazy", "-o", "x", "missing.wasm"], "No such file")):
            done = tools.run([tools.WASMPACK, "inspect", *arguments], check=False, cwd=self.folder)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn(message, done.stderr)
            self.assertFalse(self.path("x").exists())
        done = self.fix("lazy", path, self.path("no/folder.wasm"), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not exist", done.stderr)

    def test_messages_as_json(self):
        path = self.module(KERNELS)
        done = tools.run([tools.WASMPACK, "inspect", "--fix", "ctors=initialize", "-o", self.path("x"),
                          "--message-format=json", path])
        self.assertIn('"id":"fixed"', done.stderr.replace(" ", ""))


if __name__ == "__main__":
    unittest.main()
