# ctest: timeout=120
"""What a link says and writes besides the object: traces, map, dependencies, reproduction, messages as JSON, colour."""

import json
import os
import re
import tarfile
import time
import unittest

from lib import ar, tools, wasm
from link_case import LinkCase

COLOR = re.compile(r"\x1b\[[0-9;]*m")


class SideFilesCase(LinkCase):
    def setUp(self):
        super().setUp()
        self.compile("a.c", "int b(int);\nint a(int x) { return b(x); }\nint data_a[3] = {1};\n")
        self.compile("b.c", "static __attribute__((noinline)) int local(int x) { return x; }\nint b(int x) { return local(x); }\n"
                            "__attribute__((weak)) int maybe(int x) { return x; }\n", "-O0")

    def text_of(self, name):
        return self.bytes_of(name).decode()


class TraceTest(SideFilesCase):
    def test_two_lines_a_symbol(self):
        self.link("a.o", "b.o", "--trace-symbol=b")
        self.assertEqual(self.stdout, "a.o: reference to b\nb.o: definition of b\n")

    def test_what_each_mention_is(self):
        inline = 'extern "C" __attribute__((used)) inline int shared() { return 1; }\n'
        self.compile("i1.cpp", inline)
        self.compile("i2.cpp", inline)
        self.compile("strong.c", "int maybe(int x) { return 2 * x; }\n")
        self.archive("lib.a", "strong.o")
        self.link("b.o", "i1.o", "i2.o", "lib.a", "--trace-symbol=shared", "--trace-symbol", "maybe", "--trace-symbol=local")
        self.assertEqual(self.stdout.splitlines(), [
            "b.o: local definition of local", "b.o: weak definition of maybe", "i1.o: weak definition of shared",
            "i2.o: discarded definition of shared", "lib.a(strong.o): definition of maybe"])

    def test_a_failing_link_traces_too(self):
        """That is when one needs it."""
        self.compile("twice.c", "int b(int x) { return x; }\n")
        done = self.call("a.o", "b.o", "twice.o", "--trace-symbol=b", "-o", "out.o")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines(), ["a.o: reference to b", "b.o: definition of b", "twice.o: definition of b"])


class MapTest(SideFilesCase):
    ROW = re.compile(r"^  +([0-9a-f]+) +([0-9a-f]+) +(.*)$")

    def read_map(self):
        """{heading: [(offset, size, rest)]}"""
        parts, heading = {}, None
        for line in self.text_of("map.txt").splitlines():
            if line and not line.startswith(" "):
                heading = line.rstrip(":")
                parts[heading] = []
            elif (row := self.ROW.match(line)):
                parts[heading].append((int(row[1], 16), int(row[2], 16), row[3]))
        return parts

    def test_everything_is_in_it_where_it_is(self):
        self.archive("lib.a", "b.o")
        for words in (("a.o", "lib.a"), ("lib.a", "a.o", "--keep-global-symbol=a"), ("a.o", "lib.a", "--prefix-symbols=p_")):
            with self.subTest(words):
                obj = self.linked(*words, "--map", "map.txt")
                parts = self.read_map()
                # The small sections in front are one row.
                places = [(self.header(obj, s), s.name) for s in obj.sections]
                first = [n for _, n in places].index("CODE")
                self.assertEqual([(o, n.strip()) for o, _, n in parts["Sections"]][1:], places[first:])
                self.assertEqual(parts["Sections"][0][:2], (8, places[first][0] - 8))
                code = obj.sections[obj.code_position].start
                self.assertEqual([(o, s) for o, s, _ in parts["Functions"]], [(code + a, b - a) for a, b in obj.code])
                names = {s.index: s.name for s in obj.symbols if s.kind == 0 and not s.flags & wasm.UNDEFINED}
                for i, (_, _, rest) in enumerate(parts["Functions"]):
                    index = obj.imported[0] + i
                    self.assertTrue(rest.startswith(f"{index}  "), rest)
                    self.assertTrue(rest.endswith(f": {names[index]}"), rest)
                    self.assertIn("lib.a(b.o): " if names[index].removeprefix("p_") != "a" else "a.o: ", rest)
                data = obj.sections[obj.data_position].start
                self.assertEqual([(o, s) for o, s, _ in parts["Data"]], [(data + s.start, s.end - s.start)
                                                                       for s in obj.segments])
                self.assertRegex(parts["Data"][0][2], r"^[0-9a-f]{8}  a\.o: \.data\.data_a: (p_)?data_a$")

    @staticmethod
    def header(obj, section):
        """Offset of the id byte in front of a section: ids and sizes are read from the start."""
        at = 8
        while at < len(obj.data):
            size, body = wasm.uleb(obj.data, at + 1)
            if body <= section.start <= body + size and section.end == body + size:
                return at
            at = body + size
        raise AssertionError(section)

    def test_every_function_of_a_big_link(self):
        texts = "".join(f"int f_{n}(int x) {{ return x + {n}; }}\n" for n in range(500))
        self.compile("many.c", texts)
        obj = self.linked("many.o", "a.o", "b.o", "--map=map.txt")
        self.assertEqual(len(self.read_map()["Functions"]), len(obj.code))
        self.assertEqual(len(obj.code), 504)


class DepfileTest(SideFilesCase):
    def test_ninja_and_make_read_it(self):
        """A change of any input, and only that, makes both build again. Names with blanks and dollars included."""
        odd = "with space$and#hash.o"
        os.rename(self.path("b.o"), self.path(odd))
        quoted = odd.replace("$", "$$").replace(" ", "$ ")
        command = f"{tools.WASMPACK} link a.o 'with space$$and#hash.o' -o out.o --depfile out.d"
        self.write("build.ninja", f"rule link\n  command = {command} && echo x >> count\n  depfile = out.d\n"
                                  "build out.o: link a.o\n")
        self.assertIn("$", quoted)

        def runs():
            return len(self.text_of("count").split()) if self.exists("count") else 0

        def touch(name):
            stamp = time.time() + 5
            os.utime(self.path(name), (stamp, stamp))

        for build in (["ninja", "-d", "explain"], ["make", "-f", "Makefile"]):
            with self.subTest(build):
                os.utime(self.path(odd), (1, 1))
                for name in ("out.o", "out.d", "count", ".ninja_log", ".ninja_deps"):
                    if self.exists(name):
                        os.remove(self.path(name))
                if build[0] == "make":
                    self.write("Makefile", f"out.o: a.o\n\t{command}"
                                           " && echo x >> count\n-include out.d\n")
                self.run_in(*build)
                self.assertEqual(runs(), 1)
                stamp = time.time() + 1
                os.utime(self.path("out.o"), (stamp, stamp))
                self.run_in(*build)
                self.assertEqual(runs(), 1, "built again without a change")
                touch(odd)
                self.run_in(*build)
                self.assertEqual(runs(), 2, "the odd input is not in the dependencies")
        # An input that is gone is no error for make: phony targets.
        os.rename(self.path(odd), self.path("elsewhere.o"))
        self.write("Makefile", "out.o: a.o\n\ttouch out.o\n-include out.d\n")
        self.run_in("make", "-f", "Makefile")

    def test_contents(self):
        self.archive("lib.a", "b.o")
        self.link("a.o", "lib.a", "--depfile=out.d")
        self.assertEqual(self.text_of("out.d"), "out.o: \\\n  a.o \\\n  lib.a\n\na.o:\n\nlib.a:\n")

    def test_names_the_files_of_options(self):
        self.write("keep.txt", "b\n")
        self.link("a.o", "b.o", "--keep-global-symbols=keep.txt", "--depfile=out.d")
        self.assertTrue(self.text_of("out.d").startswith("out.o: \\\n  a.o \\\n  b.o \\\n  keep.txt\n"))

    def test_none_after_an_error(self):
        self.compile("twice.c", "int b(int x) { return x; }\n")
        self.fails("a.o", "b.o", "twice.o", "--depfile=out.d", "--map=map.txt")
        self.assertFalse(self.exists("out.d") or self.exists("map.txt"))


class ReproduceTest(SideFilesCase):
    def unpack(self, name):
        folder = self.path("unpacked")
        os.makedirs(folder, exist_ok=True)
        with tarfile.open(self.path(name)) as tar:
            names = tar.getnames()
            tar.extractall(folder)
        (top,) = {n.split("/")[0] for n in names}
        return os.path.join(folder, top)

    def test_the_same_bytes_again(self):
        self.archive("lib.a", "b.o")
        os.mkdir(self.path("sub"))
        os.rename(self.path("a.o"), self.path("sub/a.o"))
        self.write("keep.txt", "a\n# and\nma*\n")
        self.write("words.rsp", "sub/a.o --no-whole-archive lib.a")
        for number, words in enumerate((
                ["sub/a.o", "lib.a"],
                ["--keep-global-symbols=keep.txt", "sub/../sub/a.o", "lib.a"],
                ["--keep-global-symbols", "keep.txt", "--prefix-symbols", "p q\"", self.path("sub/a.o"), "lib.a"],
                ["@words.rsp", "--init-guard", "--gc", "--export=a"])):
            for option in (["--reproduce", f"r{number}.tar"], [f"--reproduce=r{number}.tar"]):
                with self.subTest(words, option=option):
                    self.link(*words, *option, output="out.o")
                    folder = self.unpack(f"r{number}.tar")
                    with open(os.path.join(folder, "response.txt")) as file:
                        response = file.read()
                    self.assertNotIn("--reproduce", response)
                    self.assertNotIn(f"r{number}.tar", response)
                    # The originals are not needed any more: run where they are not.
                    done = tools.run([tools.WASMPACK, "link", "@response.txt"], cwd=folder)
                    with open(os.path.join(folder, "out.o"), "rb") as file:
                        self.assertEqual(file.read(), self.bytes_of("out.o"))
                    self.assertEqual(done.stderr, "")

    def test_of_a_link_that_fails(self):
        """A tar to send with the bug report."""
        self.compile("twice.c", "int b(int x) { return x; }\n")
        done = self.call("a.o", "b.o", "twice.o", "-o", "out.o", "--reproduce=r.tar")
        self.assertEqual(done.returncode, 1)
        folder = self.unpack("r.tar")
        again = tools.run([tools.WASMPACK, "link", "@response.txt"], cwd=folder, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("duplicate symbol `b`", again.stderr)

    def test_the_version_is_in_it(self):
        self.link("a.o", "--reproduce=r.tar")
        with open(os.path.join(self.unpack("r.tar"), "version.txt")) as file:
            self.assertEqual(file.read(), self.run_in(tools.WASMPACK, "--version").stdout)

    def test_a_tar_that_cannot_be_written(self):
        self.assertIn("absent/r.tar", self.fails("a.o", "--reproduce=absent/r.tar", needs_help=False))
        self.write("other.txt", "")
        os.symlink("other.txt", self.path("r.tar"))
        self.link("a.o", "--reproduce=r.tar")
        self.assertTrue(os.path.islink(self.path("r.tar")))
        self.assertTrue(tarfile.is_tarfile(self.path("other.txt")))


class MessagesTest(SideFilesCase):
    def test_json(self):
        self.compile("twice.c", "int b(int x) { return x; }\n")
        self.archive("lib.a", "twice.o")
        for words in (["--message-format=json"], ["--message-format", "json"]):
            done = self.call("b.o", "lib.a", "--keep-global-symbol=nothing", *words, "-o", "out.o")
            self.assertEqual(done.returncode, 1)
            (error,) = [json.loads(line) for line in done.stderr.splitlines()]
            self.assertEqual(error["severity"], "error")
            self.assertEqual(error["id"], "duplicate-symbol")
            self.assertEqual(error["file"], "b.o")
            self.assertEqual(error["message"], "duplicate symbol `b`")
            self.assertEqual(error["notes"], ["defined in b.o", "defined in lib.a(twice.o)"])
            self.assertIn("help", error)

    def test_json_of_a_damaged_member(self):
        ar.write(self.path("lib.a"), [("broken.o", self.bytes_of("a.o")[:-3])])
        done = self.call("b.o", "lib.a", "--message-format=json", "-o", "out.o")
        (error,) = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual((error["file"], error["member"]), ("lib.a", "broken.o"))
        self.assertIsInstance(error["offset"], int)

    def test_json_of_warnings(self):
        self.link("a.o", "--keep-global-symbol=a", "--keep-global-symbol=absent", "--message-format=json")
        (warning,) = [json.loads(line) for line in self.stderr.splitlines()]
        self.assertEqual(warning["severity"], "warning")

    def test_json_of_names_that_are_no_utf8(self):
        """A symbol's name is bytes: the line still parses."""
        data = self.bytes_of("a.o").replace(b"\x06data_a", b"\x06data\xff\x1b")
        self.write("odd.o", data)
        self.write("odd2.o", data)
        done = self.call("odd.o", "odd2.o", "--message-format=json", "--allow-multiple-definition", "-o", "out.o")
        self.assertIn(done.returncode, (0, 1))
        done = self.call("odd.o", "odd2.o", "--message-format=json", "-o", "out.o")
        for line in done.stderr.splitlines():
            json.loads(line)
        self.assertNotIn("\x1b", self.call("odd.o", "odd2.o", "-o", "out.o").stderr)

    def test_color(self):
        words = ["a.o", "a.o", "-o", "out.o"]
        plain = self.call(*words).stderr
        self.assertEqual(COLOR.sub("", plain), plain)
        colored = self.call(*words, "--color=always").stderr
        self.assertNotEqual(colored, plain)
        self.assertEqual(COLOR.sub("", colored), plain)
        self.assertEqual(self.call(*words, "--color=never").stderr, plain)
        self.assertEqual(self.call(*words, "--color", "auto").stderr, plain)  # no terminal
        environment = dict(os.environ, CLICOLOR_FORCE="1")
        self.assertEqual(self.call(*words, env=environment).stderr, colored)
        self.assertEqual(self.call(*words, env=dict(environment, NO_COLOR="1")).stderr, plain)

    def test_messages_go_in_the_order_of_the_inputs(self):
        names = []
        for n in range(12):
            self.compile("x.c", f"int f_{n}(void) {{ return 1; }}\n", output=f"m{n}.o")
            self.compile("x.c", f"int f_{n}(void) {{ return 2; }}\n", output=f"n{n}.o")
            names += [f"m{n}.o", f"n{n}.o"]
        texts = {self.call(*names, f"--threads={n}", "-o", "out.o").stderr for n in (1, 2, 8)}
        self.assertEqual(len(texts), 1)
        self.assertEqual([line.split(":")[2].strip() for line in self.errors_in(texts.pop())], [f"m{n}.o" for n in range(12)])

    def test_many_errors_are_cut_as_text_only(self):
        texts = "".join(f"int f_{n}(void) {{ return 1; }}\n" for n in range(50))
        self.compile("m.c", texts)
        self.compile("n.c", texts)
        stderr = self.call("m.o", "n.o", "-o", "out.o").stderr
        self.assertEqual(len(self.errors_in(stderr)), 20)
        self.assertIn("and 30 more errors (--message-format=json prints them all)", stderr)
        stderr = self.call("m.o", "n.o", "-o", "out.o", "--message-format=json").stderr
        self.assertEqual(len(stderr.splitlines()), 50)

    def test_verbose(self):
        self.link("a.o", "b.o", "-v")
        for phase in ("read and verify", "resolve symbols", "lay out", "total"):
            self.assertRegex(self.stderr, rf"(?m)^ *\d+\.\d\d ms  {phase}$")
        self.link("a.o", "b.o", "--verbose")
        self.assertIn(" ms  total\n", self.stderr)

    def test_threads(self):
        self.link("a.o", "b.o", "--threads=1", output="one.o")
        self.link("a.o", "b.o", "--threads", "8", output="eight.o")
        self.assertEqual(self.bytes_of("one.o"), self.bytes_of("eight.o"))

    def test_help(self):
        done = self.call("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--keep-global-symbol", done.stdout)
        self.assertIn("pulled only by", " ".join(done.stdout.split()))
        self.assertEqual(self.call("-h").stdout, done.stdout)


if __name__ == "__main__":
    unittest.main()
