# ctest: timeout=120
"""How text output looks: an overview that fits a screen, tables that fit the terminal, whole names in pipes, findings
first and in colour, relocations under their functions."""

import fcntl
import os
import pathlib
import pty
import re
import struct
import subprocess
import tempfile
import termios
import unicodedata
import unittest

import oracle
from lib import ar, tools

LONG = "a_function_with_a_name_that_begins_" + "x" * 120 + "_and_ends_like_this"
MANY = "".join(f'__attribute__((export_name("export_{i:02}"))) int f{i}(void) {{ return {i}; }}\n' for i in range(50))
SOURCE = f"""
extern int other(int); extern int far[4];
__attribute__((constructor)) static void early(void) {{ far[1] = other(1); }}
__attribute__((export_name("{LONG}"))) int long_one(void) {{ return far[2]; }}
int (*pointer)(int) = other; int* address = &far[3];
{MANY}
"""
WRAPPED = """
volatile int runs; __attribute__((constructor)) static void note(void) { ++runs; }
__attribute__((export_name("runs"))) int get(void) { return runs; }
"""
CLEAN = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "TERM")}
COLOR = re.compile(r"\x1b\[[\d;]*m")


def on_terminal(*arguments, columns=80, **environment):
    """What inspect writes to a terminal that is `columns` wide."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen([tools.WASMPACK, "inspect", "--fail-on=never", *map(str, arguments)], stdout=its,
                             stderr=subprocess.DEVNULL, env={**CLEAN, "TERM": "xterm", **environment})
    os.close(its)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    code = child.wait()
    if code != 0:
        raise tools.Failure(f"exit code {code}")
    return b"".join(parts).decode().replace("\r\n", "\n")


def columns_of(line):
    """By Unicode's own table, not LLVM's."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in line)


class Text(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        cls.object = cls.compile("many", SOURCE)
        cls.module = cls.folder / "wrapped.wasm"
        tools.final([cls.compile("wrapped", WRAPPED)], cls.module, "--no-entry", whole=False)

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    @classmethod
    def compile(cls, name, source):
        path = cls.folder / f"{name}.c"
        path.write_text(source)
        tools.run(["clang-22", "--target=wasm32", "-O1", "-c", path, "-o", path.with_suffix(".o")])
        return path.with_suffix(".o")

    def text(self, *arguments):
        return oracle.inspect(*arguments, env=CLEAN).stdout.decode()

    def tables_on_terminal(self, path, *options, columns):
        """The lines from the first table on, which are those that must fit."""
        lines = COLOR.sub("", on_terminal(path, *options, columns=columns)).split("\n")
        return lines[next(i for i, line in enumerate(lines) if re.match("[A-Z][a-z]+( of .*)?$", line)):]

    # ---- overview ----

    def test_an_overview_is_cut_and_says_so(self):
        text = self.text(self.object)
        self.assertEqual(text.count("export_"), 19)  # and the long one
        self.assertIn("\n  and 31 more (--exports shows all)\n", text)
        self.assertLess(text.count("\n"), 60)

    def test_a_table_that_was_asked_for_is_whole(self):
        text = self.text(self.object, "--exports")
        self.assertEqual(text.count("export_"), 50)
        self.assertNotIn("more (", text)

    def test_an_archive_is_a_screenful_too(self):
        archive = self.folder / "many.a"
        module = self.module.read_bytes()
        plain = b"\0asm\1\0\0\0"
        ar.write(archive, [(f"m{i:03}.o", module if i == 77 else plain) for i in range(100)])
        lines = self.text(archive).split("\n")
        self.assertEqual(lines[0], f"{archive}: archive, 100 members, constructors in 1")
        # The one with a constructor is shown, wherever it stands.
        self.assertTrue(any("many.a(m077.o): finished module" in line for line in lines))
        self.assertTrue(any("and 80 more members" in line for line in lines))
        self.assertLess(len(lines), 40)
        self.assertEqual(self.text(archive, "--exports").count(": finished module"), 100)

    # ---- findings ----

    def test_findings_stand_before_what_the_file_offers(self):
        lines = self.text(self.module).split("\n")
        finding = next(i for i, line in enumerate(lines) if line.startswith("error[ctor-rerun]: "))
        self.assertTrue(lines[finding + 1].startswith("  help: "))
        self.assertTrue(lines[1].startswith("  constructors  "))
        self.assertLess(finding, next(i for i, line in enumerate(lines) if line.startswith("  exports ")))

    def test_findings_are_coloured_by_severity(self):
        text = oracle.inspect(self.module, "--color=always", env=CLEAN).stdout.decode()
        self.assertIn("\x1b[1;31merror[ctor-rerun]\x1b[0m: ", text)

    # ---- the terminal ----

    def test_tables_fit_the_terminal(self):
        for columns in (72, 80, 132):
            for option in ("--exports", "--symbols", "--functions", "--sections", "--relocs", "--segments"):
                lines = self.tables_on_terminal(self.object, option, columns=columns)
                with self.subTest(columns=columns, option=option):
                    self.assertGreater(len(lines), 3)
                    self.assertLessEqual(max(map(columns_of, lines)), columns)

    def test_long_names_lose_their_middle_on_a_terminal_only(self):
        line = next(line for line in self.tables_on_terminal(self.object, "--exports", columns=80) if "…" in line)
        self.assertRegex(line, r"  a_function_\w+…\w*x*_and_ends_like_this \(long_one\)$|…")
        self.assertNotIn("…", "\n".join(self.tables_on_terminal(self.object, "--exports", columns=250)))
        self.assertIn(LONG, self.text(self.object, "--exports"))
        self.assertNotIn("…", self.text(self.object, "--symbols", "--relocs", "--exports", "--functions"))

    def test_columns_wins_over_the_terminal(self):
        narrow = COLOR.sub("", on_terminal(self.object, "--exports", columns=200, COLUMNS="60"))
        self.assertIn("…", narrow)
        for nonsense in ("", "0", "-5", "wide", "99999999999"):
            text = on_terminal(self.object, "--exports", columns=250, COLUMNS=nonsense)
            self.assertNotIn("…", text)

    def test_wide_letters_count_double(self):
        name = "漢字" * 60
        path = self.folder / "wide.wasm"
        tools.run(["wat2wasm", "-", "-o", path], input=f'(module (memory (export "{name}") 1))')
        lines = self.tables_on_terminal(path, "--exports", columns=80)
        self.assertTrue(any("漢" in line and "…" in line for line in lines))
        self.assertLessEqual(max(map(columns_of, lines)), 80)

    def test_colour_on_a_terminal(self):
        self.assertRegex(on_terminal(self.module), COLOR)
        self.assertNotRegex(on_terminal(self.module, TERM="dumb"), COLOR)
        self.assertNotRegex(on_terminal(self.module, NO_COLOR="1"), COLOR)
        self.assertNotRegex(on_terminal(self.module, "--color=never"), COLOR)

    # ---- single tables ----

    def test_numbers_stand_at_the_right(self):
        lines = self.text(self.object, "--sections").split("\n")
        start = lines.index("Sections")
        ends = {re.match(r" +\S+ +\d+", line).end() for line in lines[start + 2:] if line}
        self.assertEqual(len(ends), 1)
        self.assertEqual(lines[start + 1].index("size") + 4, ends.pop())

    def test_relocations_stand_under_their_functions(self):
        """Against llvm-readobj, which lists them flat; the functions are those of the source."""
        expected = [(int(m[1], 16), m[2], m[3] + (f" + {m[4]}" if m[4] not in (None, "0") else "")) for m in re.finditer(
            r"0x([0-9A-F]+) (R_WASM_\w+) (\S+)(?: (\d+))?\n",
            tools.run([oracle.READOBJ, "--relocs", self.object]).stdout)]
        found, chunks, chunk = [], {}, None
        for line in self.text(self.object, "--relocs").split("\n"):
            if match := re.fullmatch(r"    0x([0-9a-f]+)  (\w+) +(.*)", line):
                found.append((int(match[1], 16), match[2], match[3]))
                chunks.setdefault(chunk, []).append(match[3])
            elif match := re.fullmatch(r"  (?:func|segment) \d+  (.*)", line):
                chunk = match[1]
        self.assertTrue(found)
        self.assertEqual(found, expected)
        self.assertEqual(chunks["early"], ["other", "far"])
        self.assertEqual(chunks["long_one"], ["far"])
        self.assertEqual(chunks[".data.pointer"], ["other"])
        self.assertEqual(chunks[".data.address"], ["far + 12"])

    def test_functions(self):
        rows = re.findall(r"(?m)^ +(\d+) +(0x[0-9a-f]+) +(\d+)  \(\)->i32 +(f\d+)$", self.text(self.object, "--functions"))
        sizes = dict(re.findall(r"func\[(\d+)\] size=(\d+)", tools.run(["wasm-objdump", "-x", self.object]).stdout))
        self.assertEqual(len(rows), 50)
        for index, offset, size, name in rows:
            self.assertEqual(sizes[index], size)
            self.assertEqual(self.object.read_bytes()[int(offset, 16)], 0, name)  # its body begins: no locals

    def test_memory(self):
        text = self.text(self.module, "--memory")
        self.assertRegex(text, r"(?m)^ +memory +0  2\.\. ")
        self.assertRegex(text, r"(?m)^ +0x10[0-9a-f]+ +stack pointer at the start$")

    def test_hostile_names_in_long_tables(self):
        path = self.folder / "hostile.wasm"
        tools.run(["wat2wasm", "--debug-names", "-", "-o", path],
                  input='(module (func $x (export "\\1b[2J\\07") (nop)) (func (export "\\ff\\u{202e}")))', check=False)
        if not path.exists():  # wat2wasm refuses bytes that are no UTF-8
            tools.run(["wat2wasm", "--debug-names", "-", "-o", path],
                      input='(module (func $x (export "\\1b[2J\\07") (nop)))')
        for option in ("--functions", "--exports", "--sections"):
            for text in (self.text(path, option), COLOR.sub("", on_terminal(path, option, TERM="dumb"))):
                self.assertNotIn("\x1b", text)
                self.assertNotIn("\x07", text)
        self.assertIn(r"\x1b[2J\x07", self.text(path, "--exports"))


if __name__ == "__main__":
    unittest.main()
