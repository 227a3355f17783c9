# ctest: timeout=300
"""--sizes, --csv: every byte of every file has one owner, and the sizes are those that wasm-objdump and llvm-readobj
see."""

import csv
import io
import json
import pathlib
import re
import tempfile
import unittest

import oracle
from lib import ar, corpus, tools, wasm

OWNERS = ("section", "symbol", "library")
SOURCE = """
struct Big { int numbers[10]; } big = {{1, 2, 3}};
const char text[] = "0123456789";
static int hidden[4] = {5, 6};
int zero[100];
__attribute__((export_name("run"))) int run(int x) { return big.numbers[x] + text[x] + hidden[x & 3] + zero[x]; }
int other(int x) { return x * 3; }
"""
LOGGED = """
int libone_helper(int x) { return x * 7; }
__attribute__((visibility("default"))) int %s(int x) { return %s; }
"""


def table(path, owner):
    """name -> bytes, and the total that the table says."""
    rows = list(csv.DictReader(io.StringIO(oracle.inspect(f"--sizes={owner}", "--csv", path).stdout.decode(), newline="")))
    total = rows.pop()
    assert total[owner] == "[total]", total
    return {row[owner]: int(row["bytes"]) for row in rows}, int(total["bytes"])


class Sizes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        source = cls.folder / "source.c"
        source.write_text(SOURCE)
        cls.object = cls.folder / "source.o"
        tools.run(["clang-22", "--target=wasm32", "-O1", "-g", "-ffunction-sections", "-fdata-sections", "-c", source,
                   "-o", cls.object])
        cls.module = cls.folder / "source.wasm"
        tools.run(["wasm-ld-22", "--no-entry", cls.object, "-o", cls.module])

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def test_totals_of_the_corpus(self):
        """Debian's archives, Rust's libraries, objects of two compilers: 100 % of each."""
        paths = sorted({path for entry in corpus.build() for path in entry.inputs})
        self.assertGreater(len(paths), 50)
        for path in paths:
            size = pathlib.Path(path).stat().st_size
            for owner in OWNERS:
                rows, total = table(path, owner)
                self.assertEqual((sum(rows.values()), total), (size, size), f"{path} by {owner}")

    def test_items_follow_each_other(self):
        for path in (self.object, self.module):
            facts, = (json.loads(line) for line in oracle.inspect("--json", "--sizes", path).stdout.splitlines())
            at = 0
            for item in facts["sizes"]:
                self.assertEqual(item["offset"], at)
                at += item["size"]
            self.assertEqual(at, facts["size"])
            # Without --sizes: the sections, each with its header.
            by_section = oracle.inspect_json(path)[0]
            ends = [s["header_offset"] for s in by_section["sections"]] + [facts["size"]]
            self.assertEqual([(i["section"], i["offset"], i["size"]) for i in by_section["sizes"]],
                             [("[file header]", 0, 8)] + [(s["name"], s["header_offset"], ends[n + 1] - ends[n])
                                                          for n, s in enumerate(by_section["sections"])])

    def test_functions_against_objdump(self):
        for path in (self.object, self.module):
            data = path.read_bytes()
            items = {i["symbol"]: i for i in oracle_items(path) if i["section"] == "CODE"}
            text = tools.run(["wasm-objdump", "-x", "-j", "Code", path]).stdout
            functions = re.findall(r"^ - func\[\d+\] size=(\d+) <(.*)>$", text, re.MULTILINE)
            self.assertEqual(len(functions), 2 if path == self.object else 1)
            for size, name in functions:
                item = items[name]
                value, behind = wasm.uleb(data, item["offset"])
                self.assertEqual((value, behind - item["offset"] + value), (int(size), item["size"]))

    def test_data_against_readobj(self):
        rows, _ = table(self.object, "symbol")
        expected, = oracle.readobj(self.object)
        data = [s for s in expected["symbols"] if s["Type"].startswith("DATA")]
        self.assertEqual(sorted(s["Name"] for s in data), ["big", "hidden", "text", "zero"])
        for symbol in data:
            self.assertEqual(rows[symbol["Name"]], int(symbol["Size"], 16), symbol["Name"])
        self.assertNotIn("[segment .data.big]", rows)

    def test_segments_of_a_module(self):
        rows, _ = table(self.module, "symbol")
        text = tools.run(["wasm-objdump", "-x", "-j", "Data", self.module]).stdout
        segments = re.findall(r"^ - segment\[\d+\] (?:<(.*)> )?memory=0 size=(\d+)", text, re.MULTILINE)
        self.assertTrue(segments)
        self.assertEqual(sum(size for name, size in rows.items() if name.startswith("[segment .")),
                         sum(int(size) for _, size in segments))

    def test_names_are_stripped(self):
        path = self.folder / "stripped.wasm"
        tools.run(["wasm-ld-22", "--no-entry", "--strip-all", "--export=other", self.object, "-o", path])
        rows, total = table(path, "symbol")
        self.assertEqual(total, path.stat().st_size)
        self.assertIn("run", rows)  # by its export
        plain = self.folder / "plain.wasm"
        plain.write_bytes(b"\0asm\1\0\0\0" + bytes.fromhex("010401600000" "03020100" "0a040102000b"))
        rows, total = table(plain, "symbol")
        self.assertEqual((rows["func[0]"], total), (3, plain.stat().st_size))

    def test_archives(self):
        path = self.folder / "lib.a"
        ar.write(path, {"first.o": self.object.read_bytes(), "lib.rmeta": b"metadata", "second.o": self.object.read_bytes()}.items())
        size = self.object.stat().st_size
        rows, total = table(path, "library")
        headers = path.stat().st_size - 2 * size - 8
        self.assertEqual(rows, {"first.o": size, "second.o": size, "[member lib.rmeta]": 8, "[archive headers]": headers})
        rows, _ = table(path, "symbol")
        self.assertEqual(rows["big"], 80)

    def test_damaged_members_are_counted(self):
        path = self.folder / "damaged.a"
        ar.write(path, {"good.o": self.object.read_bytes(), "bad.o": self.object.read_bytes()[:-3]}.items())
        done = oracle.inspect("--sizes=library", "--csv", path, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"[total],{path.stat().st_size},100.00", done.stdout.decode())

    def test_rust_crates(self):
        """A finished module of rustc: nearly all of its code has a crate."""
        source = self.folder / "lib.rs"
        source.write_text('#[no_mangle] pub extern "C" fn show(x: i32) -> usize { format!("{:?}", Some(x)).len() }\n')
        path = self.folder / "rust.wasm"
        tools.run([corpus.DEBIAN_RUSTC, "--target=wasm32-unknown-unknown", "--crate-type=cdylib", "-O", source, "-o", path])
        rows, total = table(path, "library")
        self.assertEqual(total, path.stat().st_size)
        self.assertLessEqual({"core", "alloc", "std", "[other]", "[sections]"}, set(rows))
        code = next(s["size"] for s in oracle.inspect_json(path)[0]["sections"] if s["name"] == "CODE")
        self.assertGreater(rows["core"] + rows["alloc"] + rows["std"], code // 2)

    def test_libraries_of_a_bundle(self):
        for name, body in (("one", "libone_helper(x)"), ("two", "x - 5")):
            (self.folder / f"{name}.c").write_text(LOGGED % (name, body))
            tools.run(["clang-22", "--target=wasm32", "-O1", "-fno-inline", "-c", self.folder / f"{name}.c", "-o",
                       self.folder / f"{name}.o"])
        manifest = self.folder / "kernels.toml"
        manifest.write_text('schema = 1\n[package]\nname = "p"\nversion = "1.0.0"\n' + "".join(
            f'[[library]]\nname = "lib{name}"\ninputs = ["{name}.o"]\n[[library.kernel]]\nsymbol = "{name}"\n'
            for name in ("one", "two")))
        bundle = self.folder / "bundle.wasm"
        tools.run([tools.WASMPACK, "pack", manifest, "-o", bundle])
        libraries = {i["symbol"]: i["library"] for i in oracle_items(bundle) if i["section"] == "CODE"}
        self.assertEqual((libraries["one"], libraries["two"]), ("libone", "libtwo"))
        # Both libraries have a function of this name; only kernels are told.
        self.assertEqual(libraries["libone_helper"], "[other]")

    def test_csv(self):
        """Names that break lines, quote, or would be run by a spreadsheet."""
        names = ['=HYPERLINK("http://x","y")', "a,b", "line\nbreak", "-1", "@x"]
        path = self.folder / "names.wasm"
        path.write_bytes(module_with_functions(names))
        text = oracle.inspect("--sizes", "--csv", path).stdout.decode()
        self.assertTrue(text.endswith("\r\n"))
        self.assertEqual(text.count("\n"), text.count("\r\n"))
        rows = list(csv.reader(io.StringIO(text, newline="")))
        self.assertEqual(rows[0], ["file", "symbol", "bytes", "share", "items"])
        self.assertLessEqual({'\'=HYPERLINK("http://x","y")', "a,b", "line\\x0abreak", "'-1", "'@x"},
                             {row[1] for row in rows})
        self.assertEqual({len(row) for row in rows}, {5})
        self.assertEqual(sum(int(row[2]) for row in rows[1:-1]), path.stat().st_size)

    def test_text(self):
        text = oracle.inspect("--sizes", "--top=3", self.object).stdout.decode()
        total = self.object.stat().st_size
        self.assertRegex(text, rf"\n *{total} +100\.00% +\d+  \[total\]\n")
        self.assertRegex(text, r"\[\d+ more: --top 0 shows all\]\n")
        whole = oracle.inspect("--sizes", "--top=0", self.object).stdout.decode()
        sizes = [int(n) for n in re.findall(r"^ +(\d+) +[\d.]+% +\d+  ", whole, re.MULTILINE)]
        self.assertEqual(sum(sizes[:-1]), sizes[-1])
        self.assertEqual(sizes[:-1], sorted(sizes[:-1], reverse=True))

    def test_wrong_command_lines(self):
        for options in (["--csv"], ["--sizes=colour"], ["--sizes", "--csv", "--json"]):
            self.assertEqual(oracle.inspect(*options, self.object, check=False).returncode, 2, options)


def oracle_items(path):
    return json.loads(oracle.inspect("--json", "--sizes", path).stdout)["sizes"]


def module_with_functions(names):
    """Functions that do nothing, with these names."""
    def section(kind, body):
        return bytes([kind, len(body)]) + body

    count = bytes([len(names)])
    entries = count + b"".join(bytes([n, len(name.encode())]) + name.encode() for n, name in enumerate(names))
    return (b"\0asm\1\0\0\0" + section(1, b"\1\x60\0\0") + section(3, count + bytes(len(names))) +
            section(10, count + b"\2\0\x0b" * len(names)) +
            section(0, b"\4name" + section(1, entries)))


if __name__ == "__main__":
    unittest.main()
