# ctest: timeout=300
"""Libraries of LLVM bitcode: what the compiled object keeps, what LTO gains, what is refused. The same sources compiled
to objects are the oracle for everything but speed."""

import fcntl
import hashlib
import os
import re
import struct
import subprocess
import unittest

from bundles import WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '

# Logs constructors, so that their order is seen; `triple` is to be inlined into another file. The counter is volatile,
# or the optimizer, of objects too, would run constructors itself, each file's for itself.
LOG = "extern int entries[16]; extern volatile int entry_count;\n#define LOG(x) (entries[entry_count++] = (x))\n"
STATE = "int entries[16]; volatile int entry_count;\nint triple(int x) { return 3 * x; }\n"
USER = LOG + "int triple(int);\n" + VISIBLE + """int work(int x) { return triple(x) + 1; }
__attribute__((visibility("default"))) int entry(int i) { return i < entry_count ? entries[i] : -1; }
"""
# A function in assembly: int plus(int x) { return x + 100; }
ASSEMBLY = ('asm(".section .text.plus,\\"\\",@\\n.globl plus\\n.type plus,@function\\nplus:\\n.functype plus (i32) -> (i32)\\n'
            'local.get 0\\ni32.const 100\\ni32.add\\nend_function\\n");\n')


def constructor(value, priority=""):
    return f"__attribute__((constructor{priority})) static void log_{value}(void) {{ LOG({value}); }}\n"


class LtoTest(BundleTest):
    def bitcode(self, name, source, *options, language="c"):
        """name.o, as bitcode of -flto."""
        self.compile(name, source, "-flto", *options, language=language)

    def entries(self):
        return self.run_js("const {exports: e} = await load(path); e._initialize(); const all = [];"
                           "for (let i = 0; e.entry(i) >= 0; ++i) all.push(e.entry(i)); return all;")

    def object_of(self, *inputs):
        """What the child program makes of bitcode files."""
        def place():
            opened = [os.open(self.folder / name, os.O_RDONLY) for name in inputs]
            for place, fd in enumerate(fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in opened):
                os.dup2(fd, 3 + place)
        child = WASMPACK.replace("bin/wasmpack", "libexec/wasmpack/wasmpack-lto")
        done = subprocess.run([child, str(len(inputs))], capture_output=True, close_fds=False, preexec_fn=place, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        (self.folder / "lto.o").write_bytes(done.stdout)
        return "lto.o"

    def symbols(self, name):
        """Symbol -> its flags as wasm-objdump names them, of the defined symbols that are not local."""
        text = self.run_tool("wasm-objdump", "-x", name).stdout
        found = {m[1]: m[2] for m in re.finditer(r"^   - \d+: [FDG] <([^>]*)>.*?\[ (.*) \]$", text, re.MULTILINE)}
        return {symbol: flags for symbol, flags in found.items() if "undefined" not in flags and "local" not in flags}

    def init_priorities(self, name):
        text = self.run_tool("wasm-objdump", "-x", name).stdout
        return [int(p) for p in re.findall(r"^   - \d+: priority=(\d+)$", text, re.MULTILINE)]


class Works(LtoTest):
    def test_two_files_are_one_program(self):
        self.bitcode("a", USER + constructor(1))
        self.bitcode("b", STATE + LOG + constructor(2) + constructor(3, "(200)"))
        out = self.pack(library("l", "a.o", "b.o", kernels=["work", "entry"]))
        self.assertEqual(self.messages, "")
        self.assertEqual(self.run_js("return (await load(path)).exports.work(7);"), 22)
        self.assertEqual(self.entries(), [3, 1, 2])
        # The call was inlined across files: `work` multiplies by itself.
        body = self.run_tool("wasm-objdump", "-d", out).stdout.split("<work>:")[1].split("func[")[0]
        self.assertIn("i32.mul", body)
        self.assertNotIn("call", body)

    def test_the_bundle_knows_the_bitcode_files(self):
        self.bitcode("a", USER)
        self.bitcode("b", STATE)
        self.pack(library("l", "a.o", "b.o", kernels=["work"]))
        data = (self.folder / "out.wasm").read_bytes()
        for name in ("a.o", "b.o"):
            self.assertIn(hashlib.sha256((self.folder / name).read_bytes()).hexdigest().encode(), data)

    def test_every_way_to_make_bitcode_gives_the_same_object(self):
        self.write("a.c", USER + constructor(1))
        self.write("b.c", STATE + LOG + constructor(2))
        objects = []
        for options in (["-flto"], ["-flto=thin"], ["-emit-llvm"]):
            for name in "ab":
                self.run_tool("clang-22", "--target=wasm32", "-O2", "-ffreestanding", *options, "-c", f"{name}.c", "-o", f"{name}.o")
            objects.append((self.folder / self.object_of("a.o", "b.o")).read_bytes())
        # Files of several kinds, in the order that LTO's own linker would change.
        self.run_tool("clang-22", "--target=wasm32", "-O2", "-ffreestanding", "-flto", "-c", "a.c", "-o", "a.o")
        objects.append((self.folder / self.object_of("a.o", "b.o")).read_bytes())
        self.wrap("b.o")
        objects.append((self.folder / self.object_of("a.o", "b.o")).read_bytes())
        self.assertEqual([o == objects[0] for o in objects], [True] * len(objects))

    def wrap(self, name):
        """Puts the wrapper header before bitcode, as Darwin's tools do."""
        data = (self.folder / name).read_bytes()
        (self.folder / name).write_bytes(struct.pack("<5I", 0x0B17C0DE, 0, 20, len(data), 0) + data)

    def test_wrapped_bitcode_packs(self):
        self.bitcode("a", USER + STATE)
        self.wrap("a.o")
        self.pack(library("l", "a.o", kernels=["work"]))
        self.assertEqual(self.run_js("return (await load(path)).exports.work(2);"), 7)

    def test_packing_is_deterministic(self):
        self.bitcode("a", USER + constructor(1))
        self.bitcode("b", STATE + LOG + constructor(2))
        text = library("l", "a.o", "b.o", kernels=["work"])
        first = self.pack(text).read_bytes()
        self.assertEqual(self.pack(text, output="again.wasm").read_bytes(), first)

    def test_nothing_is_lost(self):
        """Symbols with their flags, exports, comdats, priorities, features, segments that must stay: those of the objects
        that `link` makes of the same sources."""
        sources = {"a": """
            template <class T> struct Box { static T state; static T next() { return ++state; } };
            template <class T> T Box<T>::state = 5;
            extern "C" int host(int);
            extern "C" int helper(int);
            extern "C" __attribute__((visibility("default"))) int f(int x) { return helper(x) + Box<int>::next(); }
            extern "C" __attribute__((export_name("other"))) int g() { return 4; }
            extern "C" __attribute__((visibility("hidden"))) int hidden_one(int x) { return x * x; }
            extern "C" __attribute__((weak)) int weak_one() { return 1; }
            extern "C" __attribute__((used, visibility("default"))) int used_data = 7;
            extern "C" int plain_data; int plain_data = 9;
            struct S { S(int k) { used_data += host(k); } };
            S s1(1); __attribute__((init_priority(300))) S s2(2);
            """, "b": """
            template <class T> struct Box { static T state; static T next() { return ++state; } };
            template <class T> T Box<T>::state = 5;
            extern "C" int host(int);
            extern "C" int helper(int x) { return x * 3; }
            extern "C" __attribute__((visibility("default"))) int f2() { return Box<int>::next(); }
            extern "C" __attribute__((weak)) int weak_one() { return 2; }
            struct S { S(int k) { host(k); } };
            static S s3(3);
            """}
        for name, source in sources.items():
            self.compile(name, source, "-fno-threadsafe-statics", language="cpp")
        self.run_tool(WASMPACK, "link", "a.o", "b.o", "-o", "linked.o")
        for name, source in sources.items():
            self.bitcode(name, source, "-fno-threadsafe-statics", language="cpp")
        self.object_of("a.o", "b.o")
        self.assertEqual(self.symbols("lto.o"), self.symbols("linked.o"))
        self.assertEqual(self.init_priorities("lto.o"), self.init_priorities("linked.o"))
        self.assertEqual(self.init_priorities("lto.o"), [300, 65535, 65535])
        texts = {name: self.run_tool("wasm-objdump", "-x", name).stdout for name in ("lto.o", "linked.o")}
        for pattern in (r'-> "(.*)"', r"\[[+-]\] (.*)", r"^   - (\S+): \[count=\d+\]$", r"<- (env\.\S+)$"):
            found = {name: sorted(re.findall(pattern, text, re.MULTILINE)) for name, text in texts.items()}
            self.assertEqual(found["lto.o"], found["linked.o"])
            self.assertNotEqual(found["lto.o"], [])

    def test_what_garbage_collection_sees_is_fine(self):
        self.bitcode("a", VISIBLE + "int f(void) { return 1; } int g(void) { return 2; } int x[4] = {1}; int y[4] = {2};")
        text = self.run_tool("wasm-objdump", "-x", self.object_of("a.o")).stdout
        for segment in ("<.data.x>", "<.data.y>"):
            self.assertIn(segment, text)

    def test_inline_assembly(self):
        self.bitcode("a", ASSEMBLY)
        self.bitcode("b", "int plus(int);\n" + VISIBLE + "int f(int x) { return 2 * plus(x); }")
        for order in (("a.o", "b.o"), ("b.o", "a.o")):
            self.pack(library("l", *order, kernels=["f"]))
            self.assertEqual(self.run_js("return (await load(path)).exports.f(1);"), 202)

    def test_exceptions(self):
        """The back end must be told that they are meant: otherwise it drops the handlers without a word."""
        source = 'void thrower(int); extern "C" int f(int x) { try { thrower(x); } catch (int e) { return e; } return 0; }'
        self.compile("n", source, "-fwasm-exceptions", language="cpp")
        self.bitcode("a", source, "-fwasm-exceptions", language="cpp")
        counts = [self.run_tool("wasm-objdump", "-d", name).stdout.count("catch") for name in ("n.o", self.object_of("a.o"))]
        self.assertGreater(counts[0], 0)
        self.assertEqual(counts[1], counts[0])

    def test_older_bitcode(self):
        self.write("a.c", VISIBLE + "int f(int *p) { return *p + 1; }")
        self.run_tool("clang-14", "--target=wasm32", "-O2", "-flto", "-c", "a.c", "-o", "a.o")
        self.bitcode("b", VISIBLE + "int g(int x) { return x + 2; }")
        self.pack(library("l", "a.o", "b.o"))
        self.assertEqual(self.run_js("return (await load(path)).exports.g(1);"), 3)


class Inputs(LtoTest):
    def test_an_archive_of_bitcode(self):
        self.bitcode("a", USER + constructor(1))
        self.bitcode("b", STATE + LOG + constructor(2))
        self.run_tool("llvm-ar-22", "rcs", "l.a", "a.o", "b.o")
        self.pack(library("l", "l.a", kernels=["work", "entry"]))
        self.assertEqual(self.entries(), [1, 2])
        self.assertIn("l.a: an archive of LLVM bitcode cannot be linked on demand [lazy-bitcode]\n  help: write `archives = \"whole\"`",
                      self.refuse(library("l", "l.a", archives="lazy")))

    def test_a_mixed_archive(self):
        self.bitcode("a", USER)
        self.compile("b", STATE)
        self.run_tool("llvm-ar-22", "rcs", "l.a", "a.o", "b.o")
        self.assertIn("l.a: the member `a.o` is LLVM bitcode, `b.o` is not [mixed-archive]\n  help: ", self.refuse(library("l", "l.a")))

    def test_bitcode_among_objects(self):
        """The order of constructors, and which of several weak definitions counts, is that of the inputs."""
        weak = '__attribute__((weak)) int weak_one(void) { return %d; }\n'
        use = "int weak_one(void);\n" + VISIBLE + "int which(void) { return weak_one(); }\n"
        sources = [("a", USER + constructor(1) + use), ("b", LOG + constructor(2) + weak % 2),
                   ("c", LOG + constructor(3) + weak % 3), ("d", STATE + LOG + constructor(4))]
        for bitcodes in ("a", "ac", "bd", "ad", "bc", "abcd"):
            with self.subTest(bitcodes):
                for name, source in sources:
                    (self.bitcode if name in bitcodes else self.compile)(name, source)
                self.pack(library("l", "a.o", "b.o", "c.o", "d.o", kernels=["work", "entry", "which"]))
                self.assertEqual(self.entries(), [1, 2, 3, 4])
                self.assertEqual(self.run_js("return (await load(path)).exports.which();"), 2)

    def test_link_refuses_it_and_says_how_to_go_on(self):
        self.bitcode("a", USER)
        done = self.run_tool(WASMPACK, "link", "a.o", "-o", "x.o", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("without -flto and -emit-llvm", done.stderr)


class Refused(LtoTest):
    def setUp(self):
        super().setUp()
        self.bitcode("good", VISIBLE + "int f(void) { return 1; }")

    def refuse_with(self, name):
        return self.refuse(library("l", "good.o", name))

    def test_bitcode_for_another_machine(self):
        self.write("x.c", "int x;")
        self.run_tool("clang-22", "--target=x86_64-linux-gnu", "-flto", "-c", "x.c", "-o", "x.o")
        messages = self.refuse_with("x.o")
        self.assertRegex(messages, r"error: \S*x\.o: this LLVM bitcode is for `x86_64-unknown-linux-gnu`, not for WebAssembly \[lto\]\n  help: compile")

    def test_bitcode_for_another_abi(self):
        for target in ("wasm64", "wasm32-unknown-emscripten"):
            self.write("x.c", "int x;")
            self.run_tool("clang-22", f"--target={target}", "-flto", "-c", "x.c", "-o", "x.o")
            self.assertRegex(self.refuse_with("x.o"), r"x\.o: this LLVM bitcode is for `wasm.*lays out data otherwise than that of \S*good\.o")

    def test_two_definitions(self):
        self.bitcode("x", "int f(void) { return 2; }")
        self.assertRegex(self.refuse_with("x.o"), r"error: \S*x\.o: `f` is also defined in \S*good\.o")
        # One of them in an object: the linker finds it.
        self.compile("x", "int f(void) { return 2; }")
        self.assertRegex(self.refuse_with("x.o"), r"(?s)`?f`?.*good\.o \(compiled\)")

    def test_damaged_bitcode(self):
        data = (self.folder / "good.o").read_bytes()
        for name, bad in (("cut", data[:100]), ("half", data[:len(data) // 2 & ~3]), ("header", data[:4]),
                          ("zeros", data[:64] + bytes(len(data) - 64)), ("wrapper", b"\xde\xc0\x17\x0b" + bytes(16))):
            with self.subTest(name):
                (self.folder / "bad.o").write_bytes(bad)
                self.assertRegex(self.refuse_with("bad.o"), r"error: \S*bad\.o: cannot read this LLVM bitcode: ")

    def test_flipped_bits_never_crash(self):
        self.bitcode("seed", USER + constructor(1))
        data = (self.folder / "seed.o").read_bytes()
        self.manifest(library("l", "bad.o"))
        step = max(1, len(data) * 8 // 40)
        outcomes = set()
        for bit in range(17, len(data) * 8, step):
            bad = bytearray(data)
            bad[bit // 8] ^= 1 << bit % 8
            (self.folder / "bad.o").write_bytes(bad)
            done = self.run_tool(WASMPACK, "pack", "k.toml", "-o", "out.wasm", check=False)
            outcomes.add(done.returncode)
            self.assertIn(done.returncode, (0, 1), f"bit {bit}: {done.stderr}")
            self.assertNotIn("this helper program", done.stderr)
        self.assertIn(1, outcomes)

    def test_bitcode_of_a_newer_llvm(self):
        """The producer's name stands in six-bit characters at any bit: it becomes LLVM99, and the module is damaged."""
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._"
        data = (self.folder / "good.o").read_bytes()
        bits = "".join(f"{byte:08b}"[::-1] for byte in data)
        encode = lambda text: "".join(f"{letters.index(c):06b}"[::-1] for c in text)
        self.assertEqual(bits.count(encode("LLVM22")), 1)
        bits = bits.replace(encode("LLVM22"), encode("LLVM99"))
        new = bytes(int(bits[i:i + 8][::-1], 2) for i in range(0, len(bits), 8))
        (self.folder / "new.o").write_bytes(new[:len(new) // 2 & ~3])
        self.assertRegex(self.refuse_with("new.o"), r"(?s)new\.o: cannot read this LLVM bitcode: .*help: LLVM99\.1\.8 made it, newer than our LLVM 22")
        # What can be read is read.
        (self.folder / "new.o").write_bytes(new)
        self.pack(library("l", "new.o"))

    def test_assembly_that_defines_what_is_defined(self):
        self.bitcode("x", ASSEMBLY.replace("plus", "f"))
        self.assertRegex(self.refuse_with("x.o"), r"error: .*symbol 'f' is already defined")


if __name__ == "__main__":
    unittest.main()
