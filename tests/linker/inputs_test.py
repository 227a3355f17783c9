# ctest: timeout=120
"""How inputs are named, and what every wrong kind of input is told. Native objects, bitcode and modules are made by the
compilers themselves."""

import os
import re
import unittest

from lib import ar, tools, wasm
from link_case import LinkCase, global_names

SOURCE = "int f(void) { return 1; }\n"
NATIVE = {
    "x86_64-linux-gnu": "an ELF file for x86-64",
    "aarch64-linux-gnu": "an ELF file for AArch64",
    "riscv64-linux-gnu": "an ELF file for RISC-V",
    "x86_64-apple-macosx": "a Mach-O",
    "arm64-apple-macosx": "a Mach-O",
    "x86_64-pc-windows-msvc": "a COFF",
    "aarch64-pc-windows-msvc": "a COFF",
    "i686-pc-windows-msvc": "a COFF",
}


class ManyErrorsTest(LinkCase):
    def test_text_shows_twenty_errors_and_json_all(self):
        ar.write(self.path("native.a"), [(f"m{i}.o", b"\x7fELF" + bytes(60)) for i in range(30)])
        done = self.call("native.a")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("wasmpack: error:"), 20)
        self.assertIn("and 10 more errors (--message-format=json prints them all)", done.stderr)
        done = self.call("--message-format=json", "native.a")
        self.assertEqual(len(done.stderr.splitlines()), 30)


class NamesTest(LinkCase):
    def test_default_output_is_named(self):
        self.compile("a.c", SOURCE)
        done = self.call("a.o")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "linked.o\n", ""))
        self.assertEqual(global_names(wasm.read(self.path("linked.o"))), {"f"})
        # With -o nothing is printed.
        self.link("a.o")
        self.assertEqual((self.stdout, self.stderr), ("", ""))
        self.assertEqual(self.bytes_of("out.o"), self.bytes_of("linked.o"))

    def test_standard_input(self):
        self.compile("a.c", SOURCE)
        self.compile("b.c", "int g(void) { return 2; }\n")
        self.link("a.o", "b.o", output="expected.o")
        with open(self.path("b.o"), "rb") as stdin:
            done = self.call("a.o", "-", "-o", "out.o", stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.bytes_of("out.o"), self.bytes_of("expected.o"))
        # Through a pipe, which cannot be mapped.
        done = self.run_in("sh", "-c", f"cat b.o | {tools.WASMPACK} link a.o - -o out.o")
        self.assertEqual(self.bytes_of("out.o"), self.bytes_of("expected.o"))
        done = self.run_in("sh", "-c", f"echo hello | {tools.WASMPACK} link - -o wrong.o", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("<stdin>: ", done.stderr)
        self.assertFalse(self.exists("wrong.o"))

    def test_standard_output(self):
        self.compile("a.c", SOURCE)
        self.link("a.o", output="expected.o")
        self.run_in("sh", "-c", f"{tools.WASMPACK} link a.o -o - > piped.o")
        self.assertEqual(self.bytes_of("piped.o"), self.bytes_of("expected.o"))
        self.run_in("sh", "-c", f"{tools.WASMPACK} link a.o -o /dev/stdout | cat > piped.o")
        self.assertEqual(self.bytes_of("piped.o"), self.bytes_of("expected.o"))

    def test_response_files(self):
        for name in ("a", "b", "with space", 'quo"te'):
            self.compile("src.c", f"int f_{len(name)}(void) {{ return 1; }}\n", output=f"{name}.o")
        self.link("a.o", "with space.o", 'quo"te.o', "--prefix-symbols=p_", output="expected.o")
        self.write("nested.rsp", "'with space.o'\n")
        self.write("all.rsp", '--prefix-symbols=p_ a.o\n@nested.rsp "quo\\"te.o"\n')
        self.link("@all.rsp")
        self.assertEqual(self.bytes_of("out.o"), self.bytes_of("expected.o"))
        self.write("output.rsp", "a.o -o named.o\n")
        self.assertEqual(self.call("@output.rsp").returncode, 0)
        self.assertTrue(self.exists("named.o"))
        done = self.call("@absent.rsp", "-o", "out2.o")
        self.assertEqual(done.returncode, 2)
        self.assertIn("@absent.rsp", done.stderr)

    def test_a_double_dash_ends_the_options(self):
        self.compile("src.c", SOURCE, output="--weird.o")
        done = self.call("-o", "out.o", "--", "--weird.o")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.exists("out.o"))

    def test_archive_output(self):
        self.compile("a.c", SOURCE)
        self.link("a.o", output="libx.a")
        self.link("a.o")
        ((name, body),) = ar.members(self.bytes_of("libx.a"))
        self.assertEqual(body, self.bytes_of("out.o"))
        self.assertIn("f in " + name, self.run_in("llvm-nm-22", "--print-armap", "libx.a").stdout)

    def test_usage_errors(self):
        self.compile("a.c", SOURCE)
        for words, message in (
                (["a.o", "--no-such-option"], "unknown option '--no-such-option'"),
                (["a.o", "--prefix-symbol=x"], "--prefix-symbols"),
                ([], "inputs"),
                (["a.o", "--redefine-sym=x"], "OLD=NEW"),
                (["a.o", "--color=sometimes"], "auto, always, never"),
                (["a.o", "--keep-global-symbols=absent.txt"], "absent.txt"),
                (["a.o", "--threads=many"], "--threads"),
                (["a.o", "--localize-symbol=[a"], "[a"),
        ):
            with self.subTest(words):
                self.assertIn(message, self.fails(*words, code=2, needs_help=False))


class WrongInputTest(LinkCase):
    def setUp(self):
        super().setUp()
        self.good = self.compile("good.c", SOURCE)

    def reject(self, name, *fragments, code=1, needs_help=True):
        """`name` alone, and before and behind a good input."""
        for inputs in ((name,), (self.good, name), (name, self.good)):
            stderr = self.fails(*inputs, code=code, needs_help=needs_help)
            self.assertEqual(len(self.errors_in(stderr)), 1, stderr)
            self.assertRegex(stderr, rf"^wasmpack: error: {re.escape(name)}(, offset 0x[0-9a-f]+)?: ")
            for fragment in fragments:
                self.assertIn(fragment, stderr)
        return stderr

    def reject_member(self, name, *fragments, code=1):
        with open(self.path(name), "rb") as file:
            body = file.read()
        ar.write(self.path("lib.a"), [("good.o", self.bytes_of("good.o")), ("member", body)])
        for options in ((), ("--lazy-archives",)):
            stderr = self.fails(*options, self.good if options else "lib.a", *(["lib.a"] if options else []), code=code)
            self.assertEqual(len(self.errors_in(stderr)), 1, stderr)
            self.assertRegex(stderr, r"^wasmpack: error: lib\.a\(member\)(, offset 0x[0-9a-f]+)?: ")
            for fragment in fragments:
                self.assertIn(fragment, stderr)

    def reject_both(self, name, *fragments):
        self.reject(name, *fragments)
        self.reject_member(name, *fragments)

    def test_finished_module(self):
        self.final(self.good, output="module.wasm", options=["--export=f"])
        self.reject_both("module.wasm", "a finished WebAssembly module", "pass the objects", "wasmpack inspect")

    def test_shared_library(self):
        self.compile("pic.c", SOURCE, "-fPIC")
        self.run_in("wasm-ld-22", "-shared", "--experimental-pic", "pic.o", "-o", "lib.so")
        self.reject_both("lib.so", "shared", "-shared")

    def test_component(self):
        self.write("component.wasm", b"\0asm\x0d\0\x01\0")
        self.reject_both("component.wasm", "component", "core objects")

    def test_other_version(self):
        self.write("old.wasm", b"\0asm\x0b\0\0\0")
        self.reject_both("old.wasm", "version 11", "current compiler")

    def test_native_objects(self):
        for target, kind in NATIVE.items():
            with self.subTest(target):
                self.compile("native.c", SOURCE, target=target)
                self.reject_both("native.o", kind, "--target=wasm32")

    def test_native_member_of_an_archive_made_by_ar(self):
        self.compile("native.c", SOURCE, target="x86_64-linux-gnu")
        self.archive("mixed.a", self.good, "native.o")
        stderr = self.fails("mixed.a")
        self.assertIn("mixed.a(native.o): ", stderr)
        self.assertIn("an ELF file for x86-64", stderr)

    def test_bitcode(self):
        self.compile("bitcode.c", SOURCE, "-flto")
        self.assertEqual(self.bytes_of("bitcode.o")[:2], b"BC")
        self.reject_both("bitcode.o", "LLVM bitcode", "-flto")

    def test_text(self):
        for name, text, fragments in (
                ("module.wat", "(module (func (export \"f\")))\n", ("WebAssembly text", "wat2wasm -r")),
                ("comment.wat", ";; a comment\n  (; and another ;)\n(func $f)\n", ("WebAssembly text", "wat2wasm")),
                ("source.c", SOURCE, ("text", "--target=wasm32 -c"))):
            with self.subTest(name):
                self.write(name, text)
                self.reject_both(name, *fragments)

    def test_wat2wasm_is_a_way_out(self):
        """What the message for wat text advises makes an object that links."""
        self.write("module.wat", '(module (func (export "from_wat") (result i32) i32.const 5))\n')
        self.run_in("wat2wasm", "-r", "module.wat", "-o", "module.o")
        self.link("module.o", self.good)

    def test_empty(self):
        self.write("empty.o", b"")
        self.reject_both("empty.o", "empty")

    def test_truncated(self):
        whole = self.bytes_of("good.o")
        for size in (1, 2, 3, 4, 7, 20, len(whole) - 1):
            with self.subTest(size):
                self.write("short.o", whole[:size])
                self.reject_both("short.o", "ends" if size < 8 else "")
        self.write("short.o", whole[:len(whole) // 2])
        stderr = self.reject("short.o", "section")
        self.assertRegex(stderr, r"offset 0x[0-9a-f]+")

    def test_truncated_archive(self):
        self.archive("lib.a", self.good)
        whole = self.bytes_of("lib.a")
        self.write("short.a", whole[:-5])
        self.reject("short.a", "offset 0x")
        self.write("garbage.a", whole[:100] + b"\xff" * 60 + whole[160:])
        self.assertIn("garbage.a", self.fails("garbage.a", needs_help=False))

    def test_thin_archive(self):
        self.run_in("llvm-ar-22", "rcs", "--thin", "thin.a", self.good)
        self.reject("thin.a", "thin archive", "--thin")

    def test_archive_in_an_archive(self):
        self.archive("inner.a", self.good)
        self.reject_member("inner.a", "archive", "ar x")

    def test_compressed(self):
        self.run_in("gzip", "-k", "good.o")
        self.reject_both("good.o.gz", "compressed", "unpack")

    def test_unknown(self):
        self.write("noise.bin", bytes(range(128, 256)))
        self.reject_both("noise.bin", "80 81 82 83 84 85 86 87")

    def test_wasm64_among_wasm32(self):
        self.compile("wide.c", "int a[3];\nint *g(void) { return a; }\n", target="wasm64-unknown-unknown")
        self.compile("narrow.c", "int b[3];\nint *h(void) { return b; }\n")
        stderr = self.fails("narrow.o", "wide.o")
        self.assertIn("wide.o: a wasm64 object among wasm32 ones", stderr)
        self.assertIn("narrow.o", stderr)
        self.assertIn("--target", stderr)
        self.assertIn("narrow.o: a wasm32 object among wasm64 ones", self.fails("wide.o", "narrow.o"))
        self.archive("lib.a", "narrow.o", "wide.o")
        self.assertIn("lib.a(wide.o): a wasm64 object", self.fails("lib.a"))

    def test_files_that_cannot_be_read(self):
        os.mkdir(self.path("folder"))
        self.reject("folder", "Is a directory", code=2)
        self.reject("absent.o", "No such file", code=2, needs_help=False)
        self.reject("god.o", "No such file", "did you mean 'good.o'?", code=2)
        if os.geteuid() != 0:
            self.write("secret.o", b"\0asm")
            os.chmod(self.path("secret.o"), 0)
            self.reject("secret.o", "Permission denied", code=2, needs_help=False)

    def test_all_of_them_are_reported(self):
        """One run names every wrong input, in the order of the command line."""
        self.write("empty.o", b"")
        self.write("text.o", "hello, world\n")
        self.compile("native.c", SOURCE, target="x86_64-linux-gnu")
        stderr = self.fails("text.o", self.good, "native.o", "empty.o")
        self.assertEqual([line.split(": ")[2] for line in self.errors_in(stderr)], ["text.o", "native.o", "empty.o"])
        stderr = self.fails("no_1.o", "no_2.o", code=2, needs_help=False)
        self.assertEqual([line.split(": ")[2] for line in self.errors_in(stderr)], ["no_1.o", "no_2.o"])

    def test_no_name_of_a_file_drives_the_terminal(self):
        name = "evil\x1b[31m.o"
        self.write(name, b"")
        done = self.call(name, "-o", "out.o")
        self.assertNotIn("\x1b", done.stderr)
        self.assertIn("evil\\x1b[31m.o", done.stderr)

    def test_objects_with_what_the_convention_cannot_carry(self):
        """A start function, two memories: objects in form, but nothing that could be merged."""
        linking = bytes([0, 9, 7]) + b"linking\x02"
        header = b"\0asm\1\0\0\0"
        two_memories = header + bytes([5, 5, 2, 0, 1, 0, 1]) + bytes([0, 9, 7]) + b"linking\x02"
        self.write("memories.o", two_memories)
        self.reject("memories.o", "more than one memory")
        start = (header + bytes([1, 4, 1, 0x60, 0, 0]) + bytes([3, 2, 1, 0]) + bytes([8, 1, 0]) +
                 bytes([10, 4, 1, 2, 0, 0x0B]) + linking)
        self.write("start.o", start)
        self.reject("start.o", "start function", "constructor")


if __name__ == "__main__":
    unittest.main()
