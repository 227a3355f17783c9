# ctest: timeout=120
"""Tar files among the inputs of `wasmpack link`, as TVM's export_library writes them: `tar -czf`. They are made by tar itself."""

import gzip
import json
import unittest

from lib import tools
from link_case import LinkCase

FORMATS = {"plain": "-cf", "gzip": "-czf"}


class TarCase(LinkCase):
    def setUp(self):
        super().setUp()
        self.compile("a.c", "int b(int);\nint a(int x) { return b(x); }\n")
        self.compile("b.c", "int b(int x) { return x; }\n")
        self.compile("c.c", "int c(void) { return 3; }\n")

    def tar(self, name, *members, how="-czf"):
        self.run_in("tar", how, name, *members)
        return name


class SameAsTheFilesInItTest(TarCase):
    def test_objects(self):
        self.link("c.o", "a.o", "b.o", output="expected.o")
        for what, how in FORMATS.items():
            with self.subTest(what):
                self.tar("x.tar", "a.o", "b.o", how=how)
                self.link("c.o", "x.tar", output="out.o")
                self.assertEqual(self.bytes_of("out.o"), self.bytes_of("expected.o"))

    def test_archives_in_it_are_lazy_if_asked(self):
        self.archive("lib.a", "b.o", "c.o")
        self.tar("x.tar", "lib.a")
        for options in ((), ("--lazy-archives",)):
            with self.subTest(options):
                self.link(*options, "a.o", "lib.a", output="expected.o")
                self.link(*options, "a.o", "x.tar", output="out.o")
                self.assertEqual(self.bytes_of("out.o"), self.bytes_of("expected.o"))

    def test_its_name_and_time_do_not_matter(self):
        self.tar("x.tar", "a.o", "b.o")
        self.link("x.tar", output="expected.o")
        self.run_in("touch", "-d", "2001-01-01", "a.o")
        self.tar("y.tgz", "a.o", "b.o")
        self.assertNotEqual(self.bytes_of("x.tar"), self.bytes_of("y.tgz"))
        self.link("y.tgz", output="out.o")
        self.assertEqual(self.bytes_of("out.o"), self.bytes_of("expected.o"))

    def test_from_standard_input(self):
        self.link("a.o", "b.o", output="expected.o")
        self.run_in("sh", "-c", f"tar -cz a.o b.o | {tools.WASMPACK} link - -o out.o")
        self.assertEqual(self.bytes_of("out.o"), self.bytes_of("expected.o"))


class SideFilesTest(TarCase):
    def test_depfile_names_the_tar_file_in_its_place(self):
        self.tar("x.tar", "a.o", "b.o")
        self.link("c.o", "x.tar", "--depfile", "out.d")
        self.assertEqual(self.bytes_of("out.d").decode().split("\n\n")[0], "out.o: \\\n  c.o \\\n  x.tar")

    def test_a_reproduction_has_the_tar_file(self):
        self.tar("x.tar", "a.o", "b.o")
        self.link("x.tar", "c.o", "--reproduce", "again.tar")
        expected = self.bytes_of("out.o")
        self.run_in("tar", "-xf", "again.tar")
        self.run_in("sh", "-c", f"cd again && {tools.WASMPACK} link @response.txt")
        self.assertEqual(self.bytes_of("again/out.o"), expected)


class MessagesTest(TarCase):
    def test_a_member_is_named(self):
        self.write("text.o", "hello\n")
        self.archive("lib.a", "a.o", "text.o")
        self.tar("x.tar", "text.o", "lib.a")
        errors = self.fails("x.tar")
        self.assertIn("x.tar(text.o): this is a text file", errors)
        self.assertIn("x.tar(lib.a)(text.o): this is a text file", errors)

    def test_both_definitions_are_named(self):
        self.compile("b2.c", "int b(int x) { return 2 * x; }\n")
        self.tar("x.tar", "b.o", "b2.o")
        errors = self.fails("x.tar")
        self.assertIn("x.tar(b.o)", errors)
        self.assertIn("x.tar(b2.o)", errors)

    def test_a_compressed_file_that_is_no_tar(self):
        self.write("a.o.gz", gzip.compress(self.bytes_of("a.o")))
        self.assertIn("a.o.gz: this is a compressed file", self.fails("a.o.gz"))

    def test_a_link_in_it(self):
        self.run_in("ln", "-s", "a.o", "s.o")
        self.tar("x.tar", "s.o")
        self.assertIn("x.tar(s.o), offset 0x0: this member of the tar archive is a link", self.fails("x.tar"))

    def test_two_bad_files_are_reported_in_their_order(self):
        self.write("z.tar", gzip.compress(bytes(10))[:-4])
        done = self.call("z.tar", "missing.o", "--message-format=json", "-o", "out.o")
        self.assertEqual([json.loads(line)["file"] for line in done.stderr.splitlines()], ["z.tar", "missing.o"])


class HostileTest(TarCase):
    def test_every_cut(self):
        for how in FORMATS.values():
            self.tar("x.tar", "a.o", "b.o", how=how)
            whole = self.bytes_of("x.tar")
            for size in range(1, len(whole), len(whole) // 40):
                self.write("cut.tar", whole[:size])
                done = self.call("cut.tar", "-o", "out.o")
                # A plain tar file without its end mark is accepted; what is in it must be whole.
                self.assertIn(done.returncode, (0, 1) if how == "-cf" else (1,), done.stderr)
                if done.returncode:
                    self.assertIn("wasmpack: error: cut.tar", done.stderr)
                    self.assertFalse(self.exists("out.o"))
                else:
                    self.run_in("rm", "out.o")

    def test_a_bomb(self):
        """600 MiB of zeros in 600 KiB."""
        piece = gzip.compress(bytes(50 << 20))
        self.write("bomb.tar", piece * 12)
        errors = self.fails("bomb.tar", needs_help=False)
        self.assertIn("bomb.tar: this gzip file cannot be unpacked: it is larger than 536870912 bytes when unpacked", errors)


if __name__ == "__main__":
    unittest.main()
