# ctest: timeout=300
"""What wasmpack inspect --fix refuses: each with its reason and a way out, and nothing is written."""

import unittest

from lib import tools
from repair_case import CLOSED, INITIALIZE, KERNELS, MODES, NEVER, RepairCase

CHAIN = """
  (import "env" "reg" (func $reg (param i32)))
  (func $ctor (call $reg (i32.const 1)))
  (func $__wasm_call_ctors (call $ctor))
"""


class Refusals(RepairCase):
    def chain(self, text, **options):
        return self.wat(f"(module {CHAIN} {text})", "module.wasm", "--debug-names", **options)

    # ---- Other kinds of files ---------------------------------------------------------------------

    def test_an_object(self):
        self.refuse(self.compile(KERNELS), "cannot be repaired: it is an object.*help: `wasmpack link --init-guard`")

    def test_an_archive(self):
        tools.run(["llvm-ar-22", "rcs", self.path("lib.a"), self.compile(KERNELS)])
        self.refuse(self.path("lib.a"), "it is an archive of objects.*help: `wasmpack link --init-guard`")

    def test_a_shared_module(self):
        path = self.path("shared.wasm")
        tools.run(["wasm-ld-22", "-shared", "--experimental-pic", "--allow-undefined",
                   self.compile(KERNELS, "-fPIC", "-fvisibility=default"), "-o", path])
        self.refuse(path, "it is a shared module: the dynamic loader.*help: ")

    def test_a_component(self):
        self.path("component.wasm").write_bytes(b"\0asm\x0d\0\x01\0")
        self.refuse(self.path("component.wasm"), "it is a component.*help: repair the module that it was made of")

    def test_a_bundle(self):
        path = self.path("bundle.wasm")
        tools.run([tools.WASMPACK, "pack", self.compile(CLOSED), "-o", path])
        self.refuse(path, "nothing to repair: it is a bundle.*help: .*manifest")

    def test_no_wasm(self):
        self.path("text.wasm").write_text("hello, this is text\n")
        self.refuse(self.path("text.wasm"), "text", code=2)
        self.path("cut.wasm").write_bytes(self.module(KERNELS).read_bytes()[:-200])
        self.refuse(self.path("cut.wasm"), "unexpected end of data", code=2)

    # ---- Modules that are not this way ------------------------------------------------------------

    def test_shared_memory(self):
        self.refuse(self.chain('(memory 1 2 shared) (func (export "f"))'), "its memory is shared.*help: link it again")
        path = self.wat(f'(module (import "env" "memory" (memory 1 2 shared)) {CHAIN} (func (export "f")))',
                        "imported.wasm", "--debug-names")
        self.refuse(path, "its memory is shared")

    def test_a_command(self):
        source = "void __wasm_call_ctors(void); __attribute__((export_name(\"_start\"))) void _start(void) { __wasm_call_ctors(); }"
        self.refuse(self.module(KERNELS, source), "it is a command.*help: .*without `_start`")

    def test_wrappers_that_run_destructors(self):
        source = """
        int atexit(void (*)(void)); volatile int gone; static void bye(void) { gone = 1; }
        __attribute__((constructor)) static void hello(void) { atexit(bye); }
        __attribute__((export_name("f"))) int f(int x) { return x; }
        """
        path = self.path("module.wasm")
        tools.run(["wasm-ld-22", "--no-entry", self.compile(source, target="wasm32-wasi"),
                   "/usr/lib/wasm32-wasi/libc.a", "-o", path])
        self.assertIn("<__wasm_call_dtors>", tools.run(["wasm-objdump", "-d", path]).stdout)
        self.refuse(path, "the wrapper of `f` also runs destructors.*help: link it again")

    def test_wrappers_that_an_optimizer_inlined(self):
        path = self.module(KERNELS)
        optimized = self.path("optimized.wasm")
        tools.run(["wasm-opt", "-O2", "-g", path, "-o", optimized])
        # binaryen keeps the chain as a function, since both wrappers call it, and not what was wrapped.
        self.assertNotRegex(tools.run(["wasm-objdump", "-x", optimized]).stdout, r"<add>$")
        self.refuse(optimized, "its export `(add|count)` runs the constructors in code that is no plain wrapper any "
                    "more.*help: repair it before it is optimized")

    def test_a_chain_that_is_inlined(self):
        path = self.wat("(module (import \"env\" \"reg\" (func $reg (param i32)))"
                        "(func $f.command_export (export \"f\") (call $reg (i32.const 1))))", "m.wasm", "--debug-names")
        self.refuse(path, "nothing to repair: no function is named __wasm_call_ctors")

    def test_no_constructors(self):
        self.refuse(self.module(NEVER + "__attribute__((export_name(\"f\"))) int f(void) { return 1; }"),
                    "nothing to repair: its ctor chain calls no constructor")
        self.refuse(self.wat("(module)"), "nothing to repair: the module has no code")

    def test_names_that_are_stripped(self):
        """Nothing else tells the chain where no export calls it, or only one."""
        for sources in ((KERNELS, NEVER), (KERNELS.replace('__attribute__((export_name("add")))', ""),)):
            self.refuse(self.module(*sources, options=["--strip-all"]),
                        "cannot be repaired: names are stripped.*help: repair it before its names are stripped")

    def test_names_that_are_stripped_and_shapes_that_do_not_tell(self):
        """Both exports begin with a call of $lock, which is no chain: that there is a third thing behind it tells."""
        path = self.wat("""(module
          (import "env" "reg" (func $reg (param i32)))
          (func $lock (call $take)) (func $take (call $reg (i32.const 1)))
          (func $work (param i32) (result i32) (local.get 0))
          (func (export "a") (param i32) (result i32) (call $lock) (call $work (local.get 0)))
          (func (export "b") (param i32) (result i32) (call $lock) (i32.add (i32.const 1) (local.get 0))))""")
        self.refuse(path, "names are stripped, and what .* may be something else")

    def test_repaired_and_then_stripped(self):
        for mode, message in (("initialize", "wasmpack has repaired it already"), ("lazy", "repaired it already"),
                              ("start", "names are stripped")):
            stripped = self.path("stripped.wasm")
            tools.run(["wasm-strip", self.fix(mode, self.module(KERNELS))[0], "-o", stripped])
            self.refuse(stripped, message)

    def test_a_chain_with_another_type(self):
        path = self.wat('(module (func $c) (func $__wasm_call_ctors (param i32) (call $c)) (func (export "f")))',
                        "m.wasm", "--debug-names")
        self.refuse(path, "has parameters or results, so it is no ctor chain")

    def test_an_initialize_that_is_no_plain_function(self):
        self.refuse(self.chain('(global (export "_initialize") i32 (i32.const 0))'),
                    "its export `_initialize` is no function")
        self.refuse(self.chain('(func (export "_initialize") (param i32) (call $__wasm_call_ctors))'),
                    "its `_initialize` leads to the constructors and has parameters")

    # ---- Constructors that run already ------------------------------------------------------------

    def test_repaired_already(self):
        for sources in ((KERNELS,), (CLOSED,)):
            for mode in MODES:
                fixed, _ = self.fix(mode, self.module(*sources))
                self.refuse(fixed, "nothing to repair: wasmpack has repaired it already")

    def test_a_start_section_that_runs_them(self):
        self.refuse(self.chain("(func $go (call $__wasm_call_ctors)) (start $go)"),
                    "nothing to repair: its start section runs the constructors")
        self.refuse(self.chain('(start $__wasm_call_ctors) (func $f) (func (export "f") (call $__wasm_call_ctors) (call $f))'),
                    "its start section runs the constructors, and the wrappers of its exports run them again")

    def test_an_export_with_a_way_of_its_own(self):
        source = """
        void __wasm_call_ctors(void); int is_done;
        __attribute__((noinline)) void really(void) { is_done = 1; __wasm_call_ctors(); }
        __attribute__((noinline)) void ensure(void) { if (!is_done) really(); }
        __attribute__((export_name("kernel"))) int kernel(int x) { ensure(); return x; }
        """
        self.refuse(self.module(KERNELS, source),
                    r"its export `kernel` leads to the constructors \(through `ensure`, `really`\).*help: call that export")

    def test_a_way_of_any_length(self):
        text = "".join(f"(func $f{i} (call $f{i + 1}))" for i in range(100))
        self.refuse(self.chain(f'{text} (func $f100 (call $__wasm_call_ctors)) (export "long" (func $f0))'),
                    "its export `long` leads to the constructors")

    def test_a_way_through_the_table(self):
        self.refuse(self.chain('(table 1 funcref) (elem (i32.const 0) $go) (func $go (call $__wasm_call_ctors)) (func (export "f"))'),
                    "`go`, whose address is taken, leads to the constructors")
        # With typed references wat2wasm finds fault with these.
        for text in ('(global funcref (ref.func $go)) (func (export "f"))',
                     '(table 1 funcref) (elem declare func $go) (func (export "f") (result funcref) (ref.func $go))'):
            path = self.chain(f"(func $go (call $__wasm_call_ctors)) {text}", features=())
            self.refuse(path, "leads to the constructors")

    # ---- Damaged and hostile ----------------------------------------------------------------------

    def test_an_unknown_instruction(self):
        path = self.chain('(func (export "f") (i32.const 0x1234) drop)')
        data = path.read_bytes().replace(b"\x41\xb4\x24\x1a", b"\xff\xb4\x24\x1a")
        self.assertNotEqual(data, path.read_bytes())
        path.write_bytes(data)
        self.refuse(path, "`f` has an instruction that wasmpack does not know.*help: ")

    def test_a_module_that_was_not_valid(self):
        path = self.chain('(func (export "f") (i32.const 1) drop)')
        path.write_bytes(path.read_bytes().replace(b"\x41\x01\x1a", b"\x01\x01\x1a"))
        self.refuse(path, "the module is not valid, so it was not repaired: type mismatch.*help: ")

    def test_more_code_than_there_should_be(self):
        params = "i32 " * 900
        functions = "".join(f"(func (export \"{i}\") (type $t))" for i in range(20000))
        path = self.chain(f"(type $t (func (param {params}))) {functions}")
        self.refuse(path, "more than 64 MiB.*help: use --fix ctors=initialize", modes=["lazy"])
        self.fix("initialize", path)

    def test_names_cannot_drive_a_terminal(self):
        path = self.chain('(func (export "\\1b[31m") (nop) (call $__wasm_call_ctors))')
        self.assertNotIn("\x1b", self.refuse(path, r"\\x1b\[31m"))


if __name__ == "__main__":
    unittest.main()
