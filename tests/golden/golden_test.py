# ctest: timeout=120
"""Runs the cases of this folder: files that hold inputs, commands, and what the commands print.

A case is a text file `NAME.golden`: prose that says what it shows; then parts, each begun by a line `--- FILE`; the last
part is `--- transcript`, in which `$ COMMAND` is followed by the command's output (both streams, as they come) and, if
it failed, by `[CODE]`. Commands run with sh in a folder that holds the other parts as files. Besides what the system
has there are

    as FILE.s [FLAG...]      assembles FILE.o with clang 22 for wasm32
    hex FILE.hex             makes FILE.o of hexadecimal bytes; `;` begins a comment
    yaml FILE.yaml           makes FILE.o with yaml2obj
    objdump FILE [SECTION]   wabt's view of it: one section's details, or all
    disassemble FILE         its functions
    section FILE NAME        the content of a custom section

WASMPACK_BLESS=1 writes what was printed into the cases; read the difference before you commit it.
"""

import glob
import os
import re
import subprocess
import tempfile
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
BLESS = bool(os.environ.get("WASMPACK_BLESS"))
PRELUDE = """
wasmpack() { "$WASMPACK" "$@"; }
as() { file="$1"; shift; clang-22 --target=wasm32-unknown-unknown "$@" -c "$file" -o "${file%.s}.o"; }
hex() { python3 -c 'import re, sys; sys.stdout.buffer.write(bytes.fromhex(re.sub(";.*", "", sys.stdin.read())))' \
        < "$1" > "${1%.hex}.o"; }
yaml() { yaml2obj-22 "$1" -o "${1%.yaml}.o"; }
objdump() { wasm-objdump -x ${2:+-j "$2"} "$1" | sed '1,5d'; }
disassemble() { wasm-objdump -d "$1" | sed -n 's/^ [0-9a-f]*:.*|/   /p; s/^[0-9a-f]* func/func/p'; }
section() { llvm-objcopy-22 --dump-section="$2=$2.tmp" "$1" /dev/null && cat "$2.tmp"; }
"""


class Case:
    def __init__(self, path):
        with open(path) as file:
            text = file.read()
        pieces = re.split(r"^--- (\S+)\n", text, flags=re.M)
        self.path, self.prose = path, pieces[0]
        self.files = dict(zip(pieces[1::2], pieces[2::2]))
        if list(self.files)[-1:] != ["transcript"]:
            raise ValueError(f"{path}: its last part must be `--- transcript`")
        self.transcript = self.files.pop("transcript")

    def commands(self):
        return [line[2:] for line in self.transcript.splitlines() if line.startswith("$ ")]

    def run(self):
        """The transcript as it comes out now."""
        out = []
        with tempfile.TemporaryDirectory() as folder:
            for name, content in self.files.items():
                with open(os.path.join(folder, name), "w") as file:
                    file.write(content)
            for command in self.commands():
                done = subprocess.run(["bash", "-c", PRELUDE + command], cwd=folder, text=True, errors="backslashreplace",
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                                      env=dict(os.environ, LC_ALL="C"))
                out.append(f"$ {command}\n{done.stdout}")
                if done.stdout and not done.stdout.endswith("\n"):
                    out.append("\n")
                if done.returncode:
                    out.append(f"[{done.returncode}]\n")
        return "".join(out)

    def bless(self, transcript):
        parts = "".join(f"--- {name}\n{content}" for name, content in self.files.items())
        with open(self.path, "w") as file:
            file.write(f"{self.prose}{parts}--- transcript\n{transcript}")


class GoldenTest(unittest.TestCase):
    maxDiff = None

    def check(self, pattern, judge):
        """Runs the cases; judge(case, transcript) looks at what holds for all of their kind."""
        paths = sorted(glob.glob(os.path.join(FOLDER, pattern)))
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(os.path.relpath(path, FOLDER)):
                case = Case(path)
                transcript = case.run()
                if BLESS:
                    case.bless(transcript)
                else:
                    self.assertEqual(transcript, case.transcript)
                judge(case, transcript)

    def test_links(self):
        def judge(case, transcript):
            self.assertTrue(case.prose.strip(), "the case does not say what it shows")
            self.assertIn("wasmpack link", transcript)

        self.check("*.golden", judge)

    def test_malformed(self):
        """One defect a file; sound_object.golden is what they all were. The prose ends with `Defect at 0xN`, counted in the
        bytes and not taken from the message, which must say the same: where the entry begins that is wrong (symbol,
        relocation, comdat member, field), or the first byte behind a size that is too big."""
        def judge(case, transcript):
            offset = re.search(r"^Defect at (0x[0-9a-f]+)\.$", case.prose, re.M)
            self.assertTrue(offset, "the prose does not say where the defect is")
            self.assertIn(f", offset {offset[1]}: ", transcript)
            self.assertTrue(transcript.endswith("[1]\n"))
            self.assertEqual(transcript.count("error: "), 1)

        self.check("malformed/*.golden", judge)


class RunnerTest(unittest.TestCase):
    """The runner itself: it must be able to fail."""

    def write(self, folder, transcript):
        path = os.path.join(folder, "x.golden")
        with open(path, "w") as file:
            file.write(f"Prose.\n--- a.txt\nhello\n--- transcript\n{transcript}")
        return path

    def test_transcripts(self):
        with tempfile.TemporaryDirectory() as folder:
            path = self.write(folder, "$ cat a.txt\n$ echo no end | tr -d '\\n'; exit 3\nold text\n")
            case = Case(path)
            expected = "$ cat a.txt\nhello\n$ echo no end | tr -d '\\n'; exit 3\nno end\n[3]\n"
            self.assertEqual(case.run(), expected)
            self.assertNotEqual(case.transcript, expected)
            case.bless(case.run())
            self.assertEqual(Case(path).transcript, expected)
            self.assertEqual((Case(path).prose, Case(path).files), ("Prose.\n", {"a.txt": "hello\n"}))

    def test_a_case_without_a_transcript(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.golden")
            with open(path, "w") as file:
                file.write("Prose.\n--- a.txt\nhello\n")
            with self.assertRaises(ValueError):
                Case(path)


if __name__ == "__main__":
    unittest.main()
