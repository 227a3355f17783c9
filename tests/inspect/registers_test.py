# ctest: timeout=120
"""What constructors register and where they come from: objects, position independent ones, modules with and without
names, bundles. Expected is what the sources say."""

import pathlib
import tempfile
import unittest

import oracle
from lib import tools

FUNCTIONS = "int alpha(int x) { return x + 1; } static int beta(int x) { return x + 2; }\n"
REGISTER = """
extern void reg(const char*, int (*)(int)); extern void log_text(const char*, int); extern int atexit(void (*)(void));
static void bye(void) {}
__attribute__((noinline)) static void more(void) { reg("ns.beta", beta); }
__attribute__((constructor(200))) static void second(void) { more(); log_text("started", 1); atexit(bye); }
__attribute__((constructor(100))) static void first(void) { reg("alpha", alpha); }
"""
TVM = """
extern int TVMBackendRegisterSystemLibSymbol(const char*, void*);
void* context;
__attribute__((constructor)) static void lib(void) {
  TVMBackendRegisterSystemLibSymbol("__tvm_module_ctx", &context);
  TVMBackendRegisterSystemLibSymbol("add", (void*)alpha);
}
"""
BUNDLE = """
schema = 1
[package]
name = "b"
version = "1.0.0"
[bundle]
allow-imports = ["env.reg", "env.log_text", "env.atexit"]
[[library]]
name = "shapes"
inputs = ["register.o"]
[[library.kernel]]
symbol = "alpha"
"""
EXPECTED = [("first", [("reg", "alpha", "alpha")]), ("second", [("reg", "ns.beta", "beta")])]


def registered(facts):
    return [(c["symbol"], [(r["registrar"], r["name"], r["symbol"]) for r in c["registers"]])
            for c in facts["constructors"]]


class Registers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def compile(self, name, source, *options):
        path = self.folder / f"{name}.c"
        path.write_text(FUNCTIONS + source)
        tools.run(["clang-22", "--target=wasm32", "-O1", *options, "-c", path, "-o", path.with_suffix(".o")])
        return path.with_suffix(".o")

    def link(self, name, *options):
        output = self.folder / "module.wasm"
        tools.final([self.folder / f"{name}.o"], output, "--no-entry", "--allow-undefined", *options, whole=False)
        return oracle.inspect_json(output)[0]

    def test_objects(self):
        for options in ([], ["-O0"], ["-fPIC"]):
            facts, = oracle.inspect_json(self.compile("register", REGISTER, *options))
            self.assertEqual(registered(facts), EXPECTED, options)
            self.assertEqual({c["origin"] for c in facts["constructors"]}, {str(self.folder / "register.o")})

    def test_archive_members(self):
        archive = self.folder / "lib.a"
        tools.run(["llvm-ar-22", "rcs", archive, self.compile("register", REGISTER)])
        facts, = oracle.inspect_json(archive)
        self.assertEqual({c["origin"] for c in facts["constructors"]}, {"register.o"})

    def test_modules(self):
        self.compile("register", REGISTER)
        self.assertEqual(registered(self.link("register", "--export=__wasm_call_ctors")), EXPECTED)
        stripped = self.link("register", "--export=__wasm_call_ctors", "--export=alpha", "--strip-all")
        # The import keeps its name, and exported functions theirs.
        self.assertEqual(registered(stripped), [("", [("reg", "alpha", "alpha")]), ("", [("reg", "ns.beta", "")])])

    def test_a_chain_with_inlined_constructors(self):
        self.compile("register", REGISTER)
        self.link("register", "--export=__wasm_call_ctors", "--export-table")
        output = self.folder / "module.wasm"
        tools.run(["wasm-opt", "-O3", "-g", output, "-o", output])
        facts, = oracle.inspect_json(output)
        self.assertEqual([r for _, entries in registered(facts) for r in entries],
                         [("reg", "alpha", "alpha"), ("reg", "ns.beta", "beta")])

    def test_tvm(self):
        facts, = oracle.inspect_json(self.compile("tvm", TVM))
        registrar = "TVMBackendRegisterSystemLibSymbol"
        self.assertEqual(registered(facts),
                         [("lib", [(registrar, "__tvm_module_ctx", "context"), (registrar, "add", "alpha")])])

    def test_bundle(self):
        self.compile("register", REGISTER)
        (self.folder / "b.toml").write_text(BUNDLE)
        for strip in ("none", "all"):
            (self.folder / "b.toml").write_text(BUNDLE.replace("[bundle]\n", f'[bundle]\nstrip = "{strip}"\n'))
            tools.run([tools.WASMPACK, "pack", self.folder / "b.toml", "-o", self.folder / "b.wasm"])
            facts, = oracle.inspect_json(self.folder / "b.wasm")
            if strip == "none":
                self.assertEqual([c["origin"] for c in facts["constructors"]], ["shapes", "shapes"])
                self.assertEqual(registered(facts), EXPECTED)
            else:
                self.assertEqual(facts["init"]["chain"], "unknown")
                self.assertIn("_initialize", facts["init"]["reason"])

    def test_cplusplus_source_names(self):
        path = self.folder / "shapes.cpp"
        path.write_text('extern "C" void reg(const char*, void (*)()); void f() {} struct A { A() { reg("f", f); } } a;')
        tools.run(["clang++-22", "--target=wasm32", "-O1", "-c", path, "-o", self.folder / "shapes.o"])
        facts = self.link("shapes", "--export=__wasm_call_ctors")
        self.assertEqual([c["origin"] for c in facts["constructors"]], ["shapes.cpp"])
        self.assertEqual([r["name"] for r in facts["constructors"][0]["registers"]], ["f"])

    def test_what_is_no_registration(self):
        self.compile("not", """
            extern void reg(const char*, int (*)(int)); extern void other(const char*, int); extern int flag;
            __attribute__((constructor)) static void c(void) {
              other("text", 1); reg(flag ? "a" : "b", alpha); reg("", alpha); reg("\\001", alpha); }""")
        facts, = oracle.inspect_json(self.folder / "not.o")
        self.assertEqual(registered(facts), [("c", [])])
        self.assertEqual(registered(self.link("not", "--export=__wasm_call_ctors")), [("c", [])])


if __name__ == "__main__":
    unittest.main()
