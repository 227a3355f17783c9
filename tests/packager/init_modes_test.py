# ctest: timeout=300
"""The init modes start and lazy beside initialize and snapshot: when the ctor chain runs, and that it runs once.

snapshot_test.py and constructors_test.py have more of the other two.
"""

import unittest

from bundles import WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
# Writes down in which order constructors ran. `log_mark` finds it in memory, where no call is wanted.
LOG = f"""
struct {{ char mark[16]; char text[64]; int at; }} ctor_log = {{"find the log: 7e", "", 0}};
void note(char c) {{ ctor_log.text[ctor_log.at++] = c; }}
{VISIBLE}const char* seen(void) {{ return ctor_log.text; }}
"""
# What is in the log, read from memory only.
PEEK = """
const peek = (b) => {
  const at = Buffer.from(b.bytes()).indexOf('find the log: 7e');
  return b.c_string(at + 16);
};
"""
LOG_LIBRARY = library("log", keep_global=["note"], kernels=["seen"])


def constructor(name, *more):
    """A library that notes its name when its constructor runs, with a kernel of that name."""
    return (f"void note(char);\n__attribute__((constructor)) static void c_{name}(void) {{ note('{name}'); }}\n"
            f"{VISIBLE}int {name}(int a) {{ return a + 1; }}\n" + "\n".join(more))


class EveryMode(BundleTest):
    def test_exactly_once_over_a_hundred_calls_of_everything(self):
        self.compile("log", LOG)
        self.compile("x", constructor("x"))
        self.compile("y", constructor("y"))
        at_first = {"initialize": "", "start": "xy", "lazy": "", "snapshot": "xy"}
        for mode, expected in at_first.items():
            with self.subTest(mode):
                self.pack(LOG_LIBRARY, library("x"), library("y"), bundle=f'init = "{mode}"')
                result = self.run_js(PEEK + """
                  const b = await load(path), e = b.exports, result = [peek(b)];
                  b.find('x'); e.wasmpack_query(1); e.wasmpack_free(e.wasmpack_alloc(8, 8)); e.wasmpack_error(-1);
                  result.push(peek(b));
                  for (let i = 0; i < 100; ++i) {
                    e._initialize();
                    for (const {name} of b.registry().kernels) { b.kernel(name)(i); e[name](i); }
                  }
                  return [...result, peek(b), e.x(41), b.manifest().init];""")
                self.assertEqual(result, [expected, expected, "xy", 42, mode])

    def test_initialize_may_come_first_in_every_mode(self):
        self.compile("log", LOG)
        self.compile("x", constructor("x"))
        for mode in ("initialize", "start", "lazy", "snapshot"):
            self.pack(LOG_LIBRARY, library("x"), bundle=f'init = "{mode}"')
            self.assertEqual(self.run_js(PEEK + "const b = await load(path); b.exports._initialize(); return peek(b);"), "x")

    def test_a_bundle_without_constructors_packs_in_every_mode(self):
        self.compile("x", VISIBLE + "int f(void) { return 5; }")
        for mode in ("initialize", "start", "lazy", "snapshot"):
            self.pack(library("x"), bundle=f'init = "{mode}"')
            self.assertEqual(self.run_js("const b = await load(path); return [b.exports.f(), b.kernel('f')()];"), [5, 5])


    def test_what_libraries_bring_gives_way_in_every_mode(self):
        self.compile("log", LOG)
        self.compile("crt", """
          extern void __wasm_call_ctors(void);
          __attribute__((export_name("_initialize"))) void _initialize(void) {
            static volatile int initialized;
            if (initialized) __builtin_trap();
            initialized = 1;
            __wasm_call_ctors();
          }""")
        self.compile("x", constructor("x", "extern void __wasm_call_ctors(void);",
                                      VISIBLE + "void again(void) { __wasm_call_ctors(); }"))
        self.compile("y", constructor("y"))
        self.run_tool(WASMPACK, "link", "--init-guard", "y.o", "-o", "guarded.o")
        for mode in ("initialize", "start", "lazy", "snapshot"):
            self.pack(LOG_LIBRARY, library("x", "x.o", "crt.o", kernels=["x", "again"]),
                      library("y", "guarded.o", kernels=["y"]), bundle=f'init = "{mode}"')
            result = self.run_js(PEEK + """
              const b = await load(path), e = b.exports;
              e.again(); e._initialize(); e.again(); e.y(1); b.kernel('x')(1);
              return [peek(b), Object.keys(e).filter((name) => name.includes('init'))];""")
            self.assertEqual(result, ["xy", ["_initialize"]], mode)


class Start(BundleTest):
    def test_the_start_section_runs_the_guarded_chain(self):
        self.compile("x", VISIBLE + "int f(void) { return 1; }")
        self.pack(library("x"), bundle='init = "start"')
        start = self.run_tool("wasm-objdump", "-x", "out.wasm").stdout
        self.assertRegex(start, r"start function: \d+ <_initialize>")

    # .bss that is written by a constructor, beside .bss that is not.
    BSS = f"""
    static volatile int written;
    static int untouched[1000];
    __attribute__((constructor)) static void c(void) {{ written = 77; }}
    {VISIBLE}int value(void) {{ return written; }}
    {VISIBLE}int sum(void) {{ int s = 0; for (int i = 0; i < 1000; ++i) s |= untouched[i]; return s; }}
    {VISIBLE}void dirty(int i) {{ untouched[i] = i; }}
    """

    def test_with_imported_memory_the_linkers_clearing_comes_first(self):
        self.compile("x", self.BSS)
        for optimize in ("none", "O2"):
            for mode in ("start", "initialize", "lazy"):
                self.pack(library("x"), bundle=f'init = "{mode}"\nmemory = {{ import = true }}\noptimize = "{optimize}"')
                result = self.run_js("""
                  const memory = new WebAssembly.Memory({initial: 4});
                  new Uint8Array(memory.buffer).fill(0xa5);
                  const b = await load(path, {env: {memory}});
                  const first = b.exports.value();
                  b.exports._initialize();
                  return [first, b.exports.value(), b.exports.sum()];""")
                self.assertEqual(result, [0 if mode == "initialize" else 77, 77, 0], mode)

    def test_constructors_that_reach_an_import_are_named(self):
        self.compile("x", f"""
          void host_log(int);
          __attribute__((noinline)) static void deeper(int i) {{ host_log(i); }}
          __attribute__((constructor(101))) static void says_hello(void) {{ deeper(1); }}
          static volatile int cell;
          __attribute__((constructor(102))) static void keeps_quiet(void) {{ cell = 1; }}
          {VISIBLE}void talk(void) {{ deeper(2); }}""")
        self.pack(library("x"), bundle='init = "start"\nallow-imports = ["env.host_log"]')
        self.assertIn("warning: the constructor `says_hello` may call the import `env.host_log` at instantiation, "
                      "when the host has no memory to show it yet [start-imports]\n  help: ", self.messages)
        self.assertNotIn("keeps_quiet", self.messages)
        self.assertEqual(self.messages.count("warning"), 1)
        self.assertEqual(self.run_js("const said = []; await load(path, {env: {host_log: (i) => said.push(i)}}); return said;"), [1])
        # The same bundle has nothing to warn of where the host calls first.
        self.pack(library("x"), bundle='allow-imports = ["env.host_log"]')
        self.assertEqual(self.messages, "")

    def test_a_trap_is_a_failed_instantiation(self):
        self.compile("x", "__attribute__((constructor)) static void c(void) { __builtin_trap(); }\n" + VISIBLE
                     + "int f(void) { return 1; }")
        self.pack(library("x"), bundle='init = "start"')
        self.assertEqual(self.run_js("try { await load(path); return 'loaded'; } catch (e) { return e.constructor.name; }"),
                         "RuntimeError")


class Lazy(BundleTest):
    def fresh(self, calls):
        """For each expression in `calls`: what the log holds after it was the first thing done with a new instance."""
        return self.run_js(PEEK + "const result = [];\nfor (const call of [" + ",".join(f"(b, e) => {call}" for call in calls)
                           + "]) { const b = await load(path); call(b, b.exports); result.push(peek(b)); }\nreturn result;")

    def test_the_first_call_of_any_kernel_runs_the_chain(self):
        self.compile("log", LOG)
        self.compile("x", constructor("x"))
        self.compile("y", constructor("y"))
        self.pack(LOG_LIBRARY, library("x"), library("y"), bundle='init = "lazy"')
        slots = "e.__indirect_function_table.get(b.registry().kernels.find((k) => k.name === 'x').entry)"
        self.assertEqual(self.fresh(["0", "b.registry()", "e.x(1)", f"{slots}(1)", f"{slots}", "e.seen()", "b.kernel('y')"]),
                         ["", "", "xy", "xy", "", "xy", "xy"])

    def test_registry_entries_and_exports_are_one_function(self):
        self.compile("x", constructor("x").replace("void note(char);", "static volatile int n; static void note(char c) { n += c; }"))
        self.pack(library("x"), bundle='init = "lazy"')
        self.assertTrue(self.run_js("const b = await load(path), [k] = b.registry().kernels;"
                                    "return b.exports.__indirect_function_table.get(k.entry) === b.exports.x"
                                    "       && b.exports.wasmpack_entry(0) === k.entry;"))

    def test_arguments_and_results_of_every_type_pass_the_check(self):
        self.compile("x", VISIBLE + "double f(int a, long long b, float c, double d) { return a + b + c + d; }\n" + VISIBLE
                     + "long long g(long long a) { return -a; }\n" + VISIBLE + "void nothing(void) {}")
        self.pack(library("x"), bundle='init = "lazy"')
        self.assertEqual(self.run_js("const {exports: e} = await load(path);"
                                     "return [e.f(1, 20n, 0.5, 300.25), String(e.g(2n ** 60n)), e.nothing() === undefined];"),
                         [321.75, str(-2**60), True])

    def test_a_constructor_may_call_kernels_of_its_own_and_of_other_libraries(self):
        # Such calls check nothing: in the middle of the chain a check could only fail (no imports: nobody calls back).
        self.compile("x", VISIBLE + "__attribute__((noinline)) int square(int a) { return a * a; }\n"
                     "static int own;\n__attribute__((constructor)) static void c(void) { own = square(5); }\n"
                     + VISIBLE + "int get(void) { return own; }")
        self.compile("y", "int x_square(int);\nstatic int (*volatile taken)(int) = x_square;\nstatic int other;\n"
                     "__attribute__((constructor)) static void c(void) { other = x_square(3) * 100 + taken(4); }\n"
                     + VISIBLE + "int get(void) { return other; }")
        for mode in ("initialize", "lazy", "start", "snapshot"):
            for libraries in ([library("x", prefix="x_"), library("y", prefix="y_")],
                              [library("y", prefix="y_"), library("x", prefix="x_")]):
                self.pack(*libraries, bundle=f'init = "{mode}"')
                self.assertEqual(self.run_js("const {exports: e} = await load(path); e._initialize();"
                                             "return [e.x_get(), e.y_get(), e.x_square(6)];"), [25, 916, 36], mode)

    def test_calls_inside_of_a_library_go_through_no_check(self):
        self.compile("x", VISIBLE + "__attribute__((noinline)) int inner(int a) { return a * 3; }\n"
                     + VISIBLE + "int outer(int a) { return inner(a) + 1; }")
        self.pack(library("x"), bundle='init = "lazy"')
        code = self.run_tool("wasm-objdump", "-d", "out.wasm").stdout
        bodies = {body.split(">", 1)[0]: body for body in code.split(" <")[1:]}
        wrapper = [name for name in bodies if name.endswith("inner") and name != "inner"]
        self.assertEqual(len(wrapper), 1, "one function behind the check")
        self.assertEqual(self.run_js("return (await load(path)).exports.outer(5);"), 16)

    def test_aliases(self):
        self.compile("x", VISIBLE + "int f(void) { return 5; }")
        self.pack(library("x", kernels=[{"symbol": "f", "as": name} for name in "abc"]), bundle='init = "lazy"')
        self.assertEqual(self.run_js("const {exports: e} = await load(path); return [e.a(), e.b(), e.c()];"), [5, 5, 5])

    TRAPS = f"""
    struct {{ char mark[16]; char attempts[16]; }} state = {{"find the log: 7e", ""}};
    static int count;
    __attribute__((constructor)) static void c(void) {{ state.attempts[count++] = '#'; __builtin_trap(); }}
    {VISIBLE}int f(void) {{ return 1; }}
    """

    def test_a_trap_leaves_every_kernel_failed(self):
        self.compile("x", self.TRAPS)
        self.pack(library("x"), bundle='init = "lazy"')
        self.assertEqual(
            self.run_js(PEEK + """
              const b = await load(path), e = b.exports, f = e.__indirect_function_table.get(b.registry().kernels[0].entry);
              return [traps(e.f), traps(e.f), traps(f), traps(e._initialize), traps(() => e.wasmpack_entry(0)),
                      traps(() => b.find('f')), peek(b)];"""),
            [True, True, True, True, True, False, "#"])

    def test_calls_back_while_the_chain_runs_go_through(self):
        self.compile("x", f"""
          void host(void);
          static int runs;
          __attribute__((constructor)) static void c(void) {{ ++runs; host(); ++runs; }}
          {VISIBLE}int count(void) {{ return runs; }}""")
        self.pack(library("x"), bundle='init = "lazy"\nallow-imports = ["env.host"]')
        self.assertEqual(
            self.run_js("const inside = [];\n"
                        "const b = await load(path, {env: {host() { inside.push(b.exports.count(), b.kernel('count')()); }}});"
                        "return [b.exports.count(), inside, b.exports.count()];"),
            [2, [1, 1], 2])


if __name__ == "__main__":
    unittest.main()
