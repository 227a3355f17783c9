# ctest: timeout=240 labels=sanitize
"""`wasmpack inspect --conflicts`: what collides in one link, and commands that part it. wasm-ld is the oracle: what it
refuses is among the collisions, and the suggested commands, run as they are printed, make it go away."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import oracle
from lib import ar, corpus, tools

LD_DUPLICATE = re.compile(r"duplicate symbol: (\S+)")


class Conflicts(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory()
        self.addCleanup(self.holder.cleanup)
        self.folder = pathlib.Path(self.holder.name)

    def compile(self, name, source, *options, language="c"):
        path = self.folder / f"{name}.{language}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        output = path.with_suffix(".o")
        tools.run(["clang-22", "--target=wasm32", "-O1", *options, "-c", path, "-o", output])
        return output

    def conflicts(self, *files, code):
        """The collisions, each once by id and name."""
        done = oracle.judge("--conflicts", "--json", *files)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.found = json.loads(done.stdout)
        text = oracle.judge("--conflicts", *files)
        self.assertEqual(text.returncode, code)
        self.text = text.stdout.decode()
        self.collisions = {(c["id"], c["name"]): c for c in self.found["collisions"]}
        self.assertEqual(len(self.collisions), len(self.found["collisions"]))
        return list(self.collisions)

    def run_commands(self, commands, files):
        """Runs them in a shell; the files with the outputs in the place of what they were made of."""
        environment = {**os.environ, "PATH": f"{pathlib.Path(tools.WASMPACK).parent}:{os.environ['PATH']}"}
        files = list(map(str, files))
        for command in commands:
            done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, f"{command}\n{done.stderr}")
            old, new = re.fullmatch(r"wasmpack link .* (\S+) -o (\S+)", command, re.DOTALL).groups()
            files[files.index(old)] = new
        return files

    def part(self, *files, code, expected):
        """Finds exactly `expected`, and nothing after the suggested commands."""
        self.assertEqual(self.conflicts(*files, code=code), expected)
        for collision in self.found["collisions"]:  # each by itself
            parted = self.run_commands(collision["commands"], files)
            left = self.conflicts(*parted, code=self.code_without(collision))
            self.assertNotIn((collision["id"], collision["name"]), left)
            self.conflicts(*files, code=code)
        parted = self.run_commands(self.found["commands"], files)
        self.assertEqual(self.conflicts(*parted, code=0), [])
        return parted

    def code_without(self, collision):
        return int(any(c["severity"] == "error" for c in self.found["collisions"] if c != collision))

    def final(self, files, *options, check=True):
        return tools.final(files, self.folder / "out.wasm", "--no-entry", *options, check=check)

    # ---- Symbols ----

    def test_duplicates(self):
        helper = "int helper(void) {{ return {0}; }}\n"
        kernel = '__attribute__((visibility("default"))) int kernel(void) {{ return helper() + {0}; }}\n'
        use = '__attribute__((export_name("use_{0}"))) int use_{0}(void) {{ return kernel(); }}\n'
        one, two = (self.compile(f"lib{i}", (helper + kernel + use).format(i)) for i in (1, 2))
        refused = self.final([one, two], check=False)
        self.assertEqual(sorted(LD_DUPLICATE.findall(refused.stderr)), ["helper", "kernel"])
        parted = self.part(one, two, code=1,
                           expected=[("duplicate-symbol", "helper"), ("duplicate-symbol", "kernel")])
        # A hidden helper need not have a name; what others may call keeps one. Each library has its own.
        self.final(parted, "--export=lib2_kernel")
        script = ("const {exports} = new WebAssembly.Instance(new WebAssembly.Module(require('fs').readFileSync("
                  f"{str(self.folder / 'out.wasm')!r}))); console.log(exports.use_1(), exports.use_2(), exports.lib2_kernel());")
        self.assertEqual(tools.run(["node", "-e", script]).stdout, "2 4 4\n")

    def test_three_files_and_files_of_one_name(self):
        files = [self.compile(f"{folder}/kernel", '__attribute__((visibility("default"))) int f(void) { return 1; }')
                 for folder in "abc"]
        parted = self.part(*files, code=1, expected=[("duplicate-symbol", "f")])
        self.final(parted, "--export=f", "--export=kernel2_f", "--export=kernel3_f")

    def test_two_members_of_one_archive(self):
        body = self.compile("one", "int f(void) { return 1; }").read_bytes()
        ar.write(self.folder / "lib.a", [("a.o", body), ("b.o", body)])
        self.part(self.folder / "lib.a", code=1, expected=[("duplicate-symbol", "f")])

    def test_weak_definitions_are_warnings(self):
        weak = self.compile("weak", "__attribute__((weak)) int f(void) { return 1; } int a(void) { return f(); }")
        other = self.compile("other", "__attribute__((weak)) int f(void) { return 2; } int b(void) { return f(); }")
        strong = self.compile("strong", "int f(void) { return 3; } int c(void) { return f(); }")
        self.part(weak, other, code=0, expected=[("weak-shared", "f")])
        self.part(weak, strong, code=0, expected=[("weak-overridden", "f")])
        self.assertIn("nothing collides", self.text)

    def test_a_weak_definition_and_a_strong_one_in_one_archive_are_a_choice(self):
        ar.write(self.folder / "lib.a", [
            ("a.o", self.compile("a", "__attribute__((weak)) int f(void) { return 1; }").read_bytes()),
            ("b.o", self.compile("b", "int f(void) { return 3; }").read_bytes())])
        self.assertEqual(self.conflicts(self.folder / "lib.a", code=0), [])

    def test_kinds(self):
        one = self.compile("one", "int thing; int a(void) { return thing; }")
        two = self.compile("two", "int thing(void); int b(void) { return thing(); }")
        self.assertNotEqual(self.final([one, two], check=False).returncode, 0)
        self.part(one, two, code=1, expected=[("symbol-kind", "thing")])

    def test_signatures(self):
        one = self.compile("one", "int f(int x) { return x; }")
        two = self.compile("two", "double f(double); double b(void) { return f(1); }")
        self.assertIn("function signature mismatch: f", self.final([one, two], "--export=b", check=False).stderr)
        self.part(one, two, code=1, expected=[("signature-mismatch", "f")])
        # Old C: a declaration without parameters whose address alone is taken says nothing of the type.
        address = self.compile("three", "void f(); void *c(void) { return (void *)f; }", "-std=c99")
        self.assertEqual(self.conflicts(one, address, code=0), [])

    def test_imports_from_two_places(self):
        source = '__attribute__((import_module("{0}"), import_name("log"))) void host_log(void); void {0}(void) {{ host_log(); }}'
        one, two = (self.compile(name, source.format(name)) for name in ("one", "two"))
        self.assertIn("import module mismatch", self.final([one, two], "--export=one", "--export=two", check=False).stderr)
        self.part(one, two, code=1, expected=[("import-mismatch", "host_log")])

    def test_shared_references_do_not_collide(self):
        one = self.compile("one", "int f(int); int cell; int a(void) { return f(cell); }")
        two = self.compile("two", "int f(int x) { return x; } extern int cell; int b(void) { return f(cell); }")
        self.assertEqual(self.conflicts(one, two, code=0), [])
        self.assertTrue(self.text.startswith("nothing collides in 2 files\n"))

    # ---- Comdats ----

    def test_comdats(self):
        template = "inline int count() {{ static int n; {0} return ++n; }} int {1}() {{ return count(); }}"
        one = self.compile("one", template.format("", "a"), language="cpp")
        same = self.compile("same", template.format("", "b"), language="cpp")
        other = self.compile("other", template.format("n += 300; n *= 7;", "c"), language="cpp")
        for options in ((), ("-fno-inline",)):
            one, same, other = (self.compile(n, (self.folder / f"{n}.cpp").read_text(), *options, language="cpp")
                                for n in ("one", "same", "other"))
            self.assertEqual(self.conflicts(one, same, code=0), [])
        self.part(one, other, code=0, expected=[("comdat-differs", "_Z5countv")])

    # ---- What is no symbol ----

    def test_export_names(self):
        source = '__attribute__((export_name("run"))) int {0}(void) {{ return 1; }}'
        one, two = (self.compile(name, source.format(name)) for name in ("one", "two"))
        self.assertNotEqual(tools.link([one, two], self.folder / "x.o", check=False).returncode, 0)
        self.part(one, two, code=1, expected=[("export-name", "run")])

    def test_features(self):
        """clang makes no `-` features of its own but for threads: an assembler file says it."""
        uses = self.compile("uses", "int f(void) { return 1; }", "-msimd128")
        forbids = self.folder / "forbids.o"
        (self.folder / "forbids.s").write_text(
            '.section .custom_section.target_features,"",@\n.int8 1\n.int8 45\n.int8 7\n.ascii "simd128"\n')
        tools.run(["clang-22", "--target=wasm32", "-c", self.folder / "forbids.s", "-o", forbids])
        self.assertIn("simd128", self.final([uses, forbids], check=False).stderr)
        self.assertEqual(self.conflicts(uses, forbids, code=1), [("feature-conflict", "simd128")])
        self.assertEqual({p["text"] for p in self.found["collisions"][0]["places"]}, {"uses it", "forbids it"})

    def test_heaps(self):
        source = "extern char __heap_base; static char *at; char *{0}(int n) {{ if (!at) at = &__heap_base; return at += n; }}"
        one, two = (self.compile(name, source.format(name)) for name in ("one", "two"))
        self.assertEqual(self.conflicts(one, two, code=0), [("heap-owners", "")])
        self.assertEqual(self.conflicts(one, code=0), [])

    def test_widths(self):
        one = self.compile("one", "int a(void) { return 1; }")
        two = self.compile("two", "int b(void) { return 1; }", "--target=wasm64")
        self.assertNotEqual(self.final([one, two], check=False).returncode, 0)
        self.assertEqual(self.conflicts(one, two, code=1), [("memory-width", "")])

    # ---- TVM ----

    def test_tvm_libraries_share_a_context(self):
        """What LLVM makes of two modules of TVM without a prefix: a weak cell and a registration in each."""
        source = """
            __attribute__((weak)) void *__tvm_module_ctx;
            int TVMBackendRegisterSystemLibSymbol(const char *, void *);
            __attribute__((visibility("default"))) int {0}(void) {{ return __tvm_module_ctx != 0; }}
            __attribute__((constructor)) static void startup(void) {{
              TVMBackendRegisterSystemLibSymbol("{0}", (void *){0}); }}"""
        one, two = (self.compile(name, source.format(f"kernel_{name}")) for name in ("one", "two"))
        self.assertEqual(self.final([one, two], "--allow-undefined").returncode, 0)  # silently
        self.part(one, two, code=1, expected=[("weak-context-shared", "__tvm_module_ctx")])

    def test_kernels_of_one_name(self):
        """The name is a string in the code, so that no link option reaches it: the printed manifest does."""
        source = """
            int TVMBackendRegisterSystemLibSymbol(const char *, void *);
            int {0}(void *a, void *b, int c, void *d, void *e, void *f) {{ return c; }}
            __attribute__((constructor)) static void startup(void) {{
              TVMBackendRegisterSystemLibSymbol("matmul", (void *){0}); }}"""
        for name in ("one", "two"):
            self.compile(name, source.format(f"impl_{name}"))
        done = oracle.judge("--conflicts", "--json", "one.o", "two.o", cwd=self.folder)
        self.assertEqual(done.returncode, 1, done.stderr)
        collision, = json.loads(done.stdout)["collisions"]
        self.assertEqual((collision["id"], collision["name"]), ("duplicate-kernel", "matmul"))
        manifest = self.folder / "wasmpack.toml"
        head = 'schema = 1\n[package]\nname = "both"\nversion = "1.0.0"\n[[library]]\nname = "one"\ninputs = ["one.o"]\n'
        pack = [tools.WASMPACK, "pack", manifest, "-o", self.folder / "both.wasm"]
        manifest.write_text(head + collision["manifest"].replace("prefix", "# prefix"))
        self.assertIn("matmul", tools.run(pack, check=False).stderr)
        self.assertNotEqual(tools.run(pack, check=False).returncode, 0)
        manifest.write_text(head + collision["manifest"])
        tools.run(pack)
        facts = oracle.inspect_json(self.folder / "both.wasm")[0]
        self.assertEqual(sorted(k["name"] for k in facts["kernels"]), ["matmul", "two_matmul"])

    # ---- wasm-ld as oracle, on what no one here wrote ----

    def test_every_duplicate_of_wasm_ld_is_found(self):
        """Debian's archives linked whole, alone and together with an earlier version of the same."""
        sysroot = pathlib.Path(corpus.SYSROOT_LIB)
        lines = [[sysroot / "libc.a"], [sysroot / "libc++.a"], [sysroot / "libc.a", sysroot / "libc++.a", sysroot / "libc++abi.a"],
                 [corpus.BUILTINS["14"], corpus.BUILTINS["22"]],
                 [sysroot / "libc.a", sysroot / "crt1-command.o", sysroot / "crt1-reactor.o", sysroot / "crt1.o"]]
        total = 0
        for line in lines:
            with self.subTest([p.name if isinstance(p, pathlib.Path) else p for p in line]):
                done = tools.final(line, self.folder / "out.wasm", "--no-entry", "--allow-undefined", "--error-limit=0",
                                   "--no-demangle", check=False)
                expected = set(LD_DUPLICATE.findall(done.stderr))
                total += len(expected)
                self.conflicts(*line, code=1 if expected else 0)
                found = {c["name"] for c in self.found["collisions"] if c["id"] == "duplicate-symbol"}
                self.assertEqual(found, expected)
        self.assertGreater(total, 50)

    # ---- The command ----

    def test_names_that_a_shell_takes_apart(self):
        names = ["a b", "$(touch pwned)", "it's", "`x`", "a*b", "x[0]", "back\\slash", "new\nline", "q\"uote"]
        make = "\n".join(f"define hidden i32 @\"{''.join(f'{chr(92)}{ord(c):02x}' for c in n)}\"() {{ ret i32 1 }}" for n in names)
        files = []
        for name in ("one", "two"):
            (self.folder / f"{name}.ll").write_text(make)
            files.append(self.folder / f"{name}.o")
            tools.run(["clang-22", "--target=wasm32", "-Wno-override-module", "-c", self.folder / f"{name}.ll", "-o", files[-1]])
        self.part(*files, code=1, expected=[("duplicate-symbol", name) for name in names])
        self.assertFalse(pathlib.Path("pwned").exists())

    def test_fail_on(self):
        weak, strong = (self.compile(name, f"{mark} int f(void) {{ return 1; }}")
                        for name, mark in (("weak", "__attribute__((weak))"), ("strong", "")))
        for files, severity, code in (((weak, strong), "error", 0), ((weak, strong), "warning", 1),
                                      ((strong, strong), "error", 1), ((strong, strong), "never", 0)):
            self.assertEqual(oracle.judge("--conflicts", "--fail-on", severity, *files).returncode, code, severity)

    def test_modules_are_refused_with_a_reason(self):
        module = self.folder / "m.wasm"
        self.final([self.compile("one", "int f(void) { return 1; }")])
        (self.folder / "out.wasm").rename(module)
        done = oracle.judge("--conflicts", module, module)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"finished module", done.stderr)
        self.assertIn(b"objects and archives that it was linked from", done.stderr)


if __name__ == "__main__":
    unittest.main()
