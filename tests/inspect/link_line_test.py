# ctest: timeout=240 labels=sanitize
"""`wasmpack inspect --link-line`: which archive members a link takes. wasm-ld's map tells which ones it really took."""

import json
import pathlib
import re
import tempfile
import unittest

import oracle
from lib import ar, corpus, tools

SYSROOT = pathlib.Path(corpus.SYSROOT_LIB)
LIBC, LIBCXX, LIBCXXABI = SYSROOT / "libc.a", SYSROOT / "libc++.a", SYSROOT / "libc++abi.a"
CRT = SYSROOT / "crt1-command.o"


class LinkLine(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory()
        self.addCleanup(self.holder.cleanup)
        self.folder = pathlib.Path(self.holder.name)

    def compile(self, name, source, *options, language="c"):
        path = self.folder / f"{name}.{language}"
        path.write_text(source)
        tools.run(["clang-22", "--target=wasm32-wasi", "-Wno-deprecated", "-O1", *options, "-c", path, "-o", path.with_suffix(".o")])
        return path.with_suffix(".o")

    def archive(self, name, **sources):
        path = self.folder / f"{name}.a"
        ar.write(path, [(f"{member}.o", self.compile(f"{name}_{member}", source).read_bytes())
                        for member, source in sources.items()])
        return path

    def line(self, *files, code=0, roots=()):
        """The taken archive members: (file, member)."""
        roots = [word for root in roots for word in ("--root", root)]
        done = oracle.judge("--link-line", "--json", *files, *roots)
        self.assertEqual(done.returncode, code, done.stdout.decode()[:1000] + done.stderr.decode())
        self.found = json.loads(done.stdout)
        text = oracle.judge("--link-line", *files, *roots)
        self.text = text.stdout.decode()
        self.by_member = {(i["file"], i.get("member")): i for i in self.found["inputs"]}
        return {(i["file"], i["member"]) for i in self.found["inputs"] if i["taken"] and "member" in i}

    def check_against_wasm_ld(self, files, *options, roots=()):
        files = list(map(str, files))
        ours = self.line(*files, roots=roots)
        # --trace names each input as it is taken.
        trace = tools.run(["wasm-ld-22", "--trace", *files, "-o", self.folder / "out.wasm", "--allow-undefined", *options,
                           *[f"--export={root}" for root in roots]]).stdout
        self.assertEqual(ours, set(re.findall(r"^(\S+)\(([^()\n]+)\)$", trace, re.MULTILINE)))
        return ours

    # ---- Who is taken ----

    def test_debian_libraries(self):
        hello = self.compile("hello", '#include <stdio.h>\nint main(void) { printf("%g\\n", 1.5); return 0; }')
        sort = self.compile("sort", """#include <algorithm>\n#include <vector>\n#include <string>
            int main(int argc, char **argv) { std::vector<std::string> v(argv, argv + argc);
            std::sort(v.begin(), v.end()); return v.size(); }""", "-fno-exceptions", "-std=c++20", language="cpp")
        stream = self.compile("stream", '#include <iostream>\nint main() { std::cout << "hello\\n"; }', "-fno-exceptions",
                              language="cpp")
        builtins = corpus.BUILTINS["22"]
        sizes = []
        for line in ([CRT, hello, LIBC, builtins], [LIBC, builtins, CRT, hello], [CRT, sort, LIBCXX, LIBCXXABI, LIBC, builtins],
                     [CRT, stream, LIBC, LIBCXXABI, LIBCXX, builtins], [hello, LIBC], [sort, LIBCXX, LIBCXXABI]):
            with self.subTest([path.name if isinstance(path, pathlib.Path) else path for path in line]):
                options = [] if CRT in line else ["--no-entry"]
                sizes.append(len(self.check_against_wasm_ld(line, *options)))
        self.assertGreater(min(sizes), 2)
        self.assertGreater(max(sizes), 100)

    def test_roots(self):
        main = self.compile("main", "int main_only(void) { return 1; }")
        without = self.check_against_wasm_ld([main, LIBC], "--no-entry")
        with_malloc = self.check_against_wasm_ld([main, LIBC], "--no-entry", roots=["malloc", "qsort"])
        self.assertIn((str(LIBC), "qsort.o"), with_malloc - without)
        self.assertEqual((self.by_member[str(LIBC), "qsort.o"]["pulled_by"], self.by_member[str(LIBC), "qsort.o"]["symbol"]),
                         (None, "qsort"))

    def test_an_archive_before_its_user(self):
        """Unlike the linkers of Unix, wasm-ld does not mind."""
        lib = self.archive("lib", f="int f(void) { return 1; }", g="int g(void) { return 2; }")
        main = self.compile("main", "int f(void); int a(void) { return f(); }")
        for line in ([lib, main], [main, lib]):
            self.assertEqual(self.check_against_wasm_ld(line, "--no-entry"), {(str(lib), "f.o")})
            self.assertEqual(self.by_member[str(lib), "f.o"]["symbol"], "f")
            self.assertEqual(self.by_member[str(lib), "f.o"]["pulled_by"], {"file": str(main)})
            self.assertIn(f"{lib}(f.o), pulled by {main}: `f`\n", self.text)

    def test_a_weak_reference_pulls_nothing_and_the_first_archive_wins(self):
        one = self.archive("one", f="int f(void) { return 1; }", weak="int w(void) { return 1; }")
        two = self.archive("two", f="int f(void) { return 2; }")
        main = self.compile("main", """int f(void); __attribute__((weak)) int w(void);
                            int a(void) { return f() + (w ? w() : 0); }""")
        self.assertEqual(self.check_against_wasm_ld([main, one, two], "--no-entry"), {(str(one), "f.o")})
        strong = self.compile("strong", "int w(void); int b(void) { return w(); }")
        self.assertEqual(self.check_against_wasm_ld([main, one, two, strong], "--no-entry"),
                         {(str(one), "f.o"), (str(one), "weak.o")})

    def test_long_chains_of_members(self):
        """Each member refers to the next."""
        lib = self.archive("lib", **{f"m{i}": f"int f{i + 1}(void); int f{i}(void) {{ return f{i + 1}() + 1; }}"
                                     for i in range(40)})
        main = self.compile("main", "int f0(void); int a(void) { return f0(); }")
        self.assertEqual(len(self.check_against_wasm_ld([main, lib], "--no-entry")), 40)

    # ---- Constructors that are dropped ----

    KERNELS = """
        int TVMBackendRegisterSystemLibSymbol(const char *, void *);
        static int kernel(void) { return 1; }
        __attribute__((constructor)) static void startup(void) {
          TVMBackendRegisterSystemLibSymbol("kernel", (void *)kernel); }"""

    def test_dropped_constructors_and_the_way_out(self):
        lib = self.archive("kernels", one=self.KERNELS, plain="int f(void) { return 1; }")
        main = self.compile("main", """int f(void); int count; int a(void) { return f(); }
                            int TVMBackendRegisterSystemLibSymbol(const char *name, void *x) { return ++count; }
                            __attribute__((export_name("count"))) int get_count(void) { return count; }""")
        self.assertEqual(self.line(main, lib, code=1), {(str(lib), "plain.o")})
        finding, = self.found["findings"]
        self.assertEqual((finding["id"], finding["file"], finding["member"]), ("ctor-dropped", str(lib), "one.o"))
        self.assertIn("nothing pulls this member, so its constructor never runs, which would register `kernel`", self.text)
        self.assertTrue(self.text.startswith("1 member has constructors that are dropped: 1 of 2 archive members is taken"))
        # That is so: without the fix no kernel is registered, with it one is.
        counts = []
        fixed = self.folder / "kernels.o"
        tools.run(["bash", "-c", finding["help"].split("`")[1].replace("LIB.a", str(lib)).replace("LIB.o", str(fixed))
                   .replace("wasmpack", tools.WASMPACK, 1)])
        for line in ([main, lib], [main, fixed]):
            tools.run(["wasm-ld-22", *line, "-o", self.folder / "out.wasm", "--no-entry"])
            script = ("const {exports} = new WebAssembly.Instance(new WebAssembly.Module(require('fs').readFileSync("
                      f"{str(self.folder / 'out.wasm')!r}))); console.log(exports.count());")
            counts.append(tools.run(["node", "-e", script]).stdout)
        self.assertEqual(counts, ["0\n", "1\n"])
        self.line(main, fixed)
        self.assertEqual(self.found["findings"], [])

    def test_a_pulled_member_drops_nothing(self):
        lib = self.archive("lib", one="""static int cell; __attribute__((constructor)) static void set_up(void) { cell = 1; }
                           int f(void) { return cell; }""")
        main = self.compile("main", "int f(void); int a(void) { return f(); }")
        self.line(main, lib)
        self.assertEqual(self.found["findings"], [])
        self.assertTrue(self.text.startswith("no constructor is dropped: 1 of 1 archive member is taken\n"))

    def test_constructors_that_register_nothing_known_are_a_warning(self):
        lib = self.archive("lib", one="static int x; __attribute__((constructor)) static void up(void) { x = *(volatile int *)8; }"
                                      " int get(void) { return x; }")
        self.line(lib)
        self.assertEqual([f["severity"] for f in self.found["findings"]], ["warning"])

    def test_modules_are_refused(self):
        tools.final([self.compile("one", "int f(void) { return 1; }")], self.folder / "m.wasm", "--no-entry")
        done = oracle.judge("--link-line", self.folder / "m.wasm")
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"finished module", done.stderr)


if __name__ == "__main__":
    unittest.main()
