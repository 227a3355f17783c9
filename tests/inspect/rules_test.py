# ctest: timeout=300
"""Demands on a file: rules.toml (--check), a bundle's manifest (--expect), --expect-kind. What is wrong with them is
said with its place, and nothing is inspected then."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

from lib import corpus, tools

SOURCE = """
__attribute__((export_name("add"))) int add(int a, int b) { return a + b; }
__attribute__((export_name("half"))) float half(float x) { return x / 2; }
"""


class WithFolder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        (cls.folder / "m.c").write_text(SOURCE)
        tools.run(["clang-22", "--target=wasm32", "-O1", "-c", cls.folder / "m.c", "-o", cls.folder / "m.o"])
        tools.final([cls.folder / "m.o"], cls.folder / "m.wasm", "--no-entry")

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def inspect(self, *arguments, file="m.wasm"):
        return subprocess.run([tools.WASMPACK, "inspect", "--json", *arguments, file], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)

    def check(self, rules, *arguments, file="m.wasm"):
        """exit code, [(id, severity, message)]"""
        (self.folder / "rules.toml").write_text(rules)
        done = self.inspect("--check", "rules.toml", *arguments, file=file)
        self.assertEqual(done.stderr, "")
        findings = json.loads(done.stdout)["findings"]
        return done.returncode, [(f["id"], f["severity"], f["message"]) for f in findings]

    def ids(self, rules, **more):
        return [finding[0] for finding in self.check(rules, **more)[1]]


class Rules(WithFolder):
    def test_rules_that_are_kept(self):
        text = (corpus.SOURCE_DIR / "docs/rules.md").read_text()
        self.assertEqual(self.check("schema = 1\n"), (0, []))
        code, findings = self.check("""
            schema = 1
            kind = "module"
            max-size = "1MiB"
            only-declared-exports = true
            [exports]
            add = " ( i32 , i32 ) -> ( i32 ) "
            half = "function"
            memory = ""
            [imports]
            allow = []
            [features]
            forbid = ["simd128"]
            [max-section-size]
            CODE = "1KiB"
        """)
        self.assertEqual((code, findings), (0, []))
        # The example of the document is one that can be read.
        code, findings = self.check(re.search(r"```toml\n(.*?)```", text, re.DOTALL)[1])
        self.assertEqual(sorted({finding[0] for finding in findings}), ["missing-export", "undeclared-export"])

    def test_types(self):
        for type, is_right in [("(i32,i32)->i32", True), ("(i32,i32)->(i32)", True), ("function", True), ("", True),
                               ("(i32,i32)->i64", False), ("(i32)->i32", False), ("(i32,i32)->()", False),
                               ("memory", False), ("(i32,i32)->(i32,i32)", False)]:
            expected = [] if is_right else ["wrong-type"]
            self.assertEqual(self.ids(f'schema = 1\n[exports]\nadd = "{type}"\n'), expected, type)
        self.assertEqual(self.ids('schema = 1\n[exports]\nmemory = "1.."\n'), [])
        self.assertEqual(self.ids('schema = 1\n[exports]\nmemory = "2.."\n'), ["wrong-type"])

    def test_a_misspelled_export_is_suggested(self):
        (self.folder / "rules.toml").write_text('schema = 1\n[exports]\nhalv = "(f32)->f32"\n')
        done = self.inspect("--check", "rules.toml")
        finding, = json.loads(done.stdout)["findings"]
        self.assertEqual((finding["id"], done.returncode), ("missing-export", 1))
        self.assertIn("half", finding["help"])

    def test_severities(self):
        missing = 'schema = 1\n[exports]\nnothing = ""\n'
        self.assertEqual(self.check(missing)[0], 1)
        for severity, code in [("error", 1), ("warning", 0), ("note", 0)]:
            got, findings = self.check(missing + f'[severity]\nmissing-export = "{severity}"\n')
            self.assertEqual((got, [f[:2] for f in findings]), (code, [("missing-export", severity)]))
        self.assertEqual(self.check(missing + '[severity]\nmissing-export = "off"\n'), (0, []))

    def test_imports_of_objects_are_not_those_of_the_program(self):
        (self.folder / "user.c").write_text("int other(void); int use(void) { return other(); }\n")
        tools.run(["clang-22", "--target=wasm32", "-O1", "-c", self.folder / "user.c", "-o", self.folder / "user.o"])
        self.assertEqual(self.ids("schema = 1\n[imports]\nallow = []\n", file="user.o"), [])
        self.assertEqual(self.ids('schema = 1\n[imports]\nforbid = ["env.other"]\n', file="user.o"), ["forbidden-import"])

    def test_the_kind_on_the_command_line(self):
        for kind, expected in [("module", []), ("object", ["not-relocatable"]), ("bundle", ["wrong-kind"]),
                               ("shared", ["wrong-kind"]), ("component", ["wrong-kind"])]:
            done = self.inspect("--expect-kind", kind)
            self.assertEqual([f["id"] for f in json.loads(done.stdout)["findings"]], expected, kind)
            self.assertEqual(done.returncode, 1 if expected else 0)
        self.assertEqual(self.inspect("--expect-kind", "objekt").returncode, 2)

    def test_wrong_rules(self):
        for rules, place, message in [
            ("", "1:1", "the key `schema` is missing"),
            ("schema = 2", "1:10", "reads rules of schema 1"),
            ("schema = 1\nkinds = 1", "2:1", "unknown key `kinds`"),
            ('schema = 1\nkind = "objekt"', "2:8", "expected `object`"),
            ('schema = 1\nmax-size = "2Mib"', "2:12", "is no size"),
            ('schema = 1\n[exports]\nadd = "(i33)->i32"', "3:7", "`i33` is no value type"),
            ('schema = 1\n[exports]\nadd = "i32,i32->i32"', "3:7", "is no value type"),
            ('schema = 1\n[exports]\nadd = "(i32)"', "3:7", "a function type is written"),
            ("schema = 1\n[exports]\nadd = 1", "3:7", "expected a string"),
            ('schema = 1\n[imports]\nalow = ["env.*"]', "3:1", "unknown key `alow`"),
            ('schema = 1\n[imports]\nallow = ["env.["]', "3:10", ""),
            ('schema = 1\n[features]\nforbid = ["+simd128"]', "3:11", "features stand without + or -"),
            ('schema = 1\n[severity]\nctor-reran = "off"', "3:1", "unknown key `ctor-reran`"),
            ('schema = 1\n[severity]\nctor-rerun = "fatal"', "3:14", "expected `error`"),
            ("schema = 1\n[severity", "2:", "not TOML"),
        ]:
            with self.subTest(rules=rules):
                (self.folder / "rules.toml").write_text(rules)
                done = self.inspect("--check", "rules.toml")
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(f"rules.toml:{place}", done.stderr)
                self.assertIn(message, done.stderr)
        self.assertIn("ctor-rerun", self.wrong('schema = 1\n[severity]\nctor-reran = "off"'))

    def wrong(self, rules):
        (self.folder / "rules.toml").write_bytes(rules if isinstance(rules, bytes) else rules.encode())
        return self.inspect("--check", "rules.toml").stderr

    def test_hostile_rules(self):
        self.assertIn("nested more than", self.wrong("schema = 1\nx = " + "[" * 100_000))
        self.assertIn("a key has at most", self.wrong("a." * 100_000 + "a = 1"))
        self.assertIn("a file of rules has at most 1 MiB", self.wrong("#" * 2_000_000))
        self.assertIn("NUL byte", self.wrong(b"schema = 1\0"))
        self.assertIn("absent.toml", self.inspect("--check", "absent.toml").stderr)


MANIFEST = """
schema = 1
[package]
name = "demo"
version = "1.0.0"
[features]
deny = ["simd128"]
[[library]]
name = "vision"
inputs = ["kernels.o"]
prefix = "v."
[[library.kernel]]
symbol = "blur"
signature = "(i32)->(i32)"
[[library.kernel]]
symbol = "edge_*"
"""
KERNELS = """
__attribute__((visibility("default"))) int blur(int x) { return x + 1; }
__attribute__((visibility("default"))) int edge_x(int x) { return x + 2; }
__attribute__((visibility("default"))) int edge_y(int x) { return x + 3; }
"""


class Expect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        (cls.folder / "kernels.c").write_text(KERNELS)
        tools.run(["clang-22", "--target=wasm32", "-O1", "-c", cls.folder / "kernels.c", "-o",
                   cls.folder / "kernels.o"])
        (cls.folder / "kernels.toml").write_text(MANIFEST)
        tools.run([tools.WASMPACK, "pack", cls.folder / "kernels.toml", "-o", cls.folder / "demo.wasm"])

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def expect(self, manifest):
        (self.folder / "other.toml").write_text(manifest)
        done = subprocess.run([tools.WASMPACK, "inspect", "--json", "--expect", "other.toml", "demo.wasm"],
                              cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        findings = json.loads(done.stdout)["findings"]
        self.assertEqual(done.returncode, 1 if findings else 0)
        return [(finding["id"], finding["message"]) for finding in findings]

    def check(self, old, new, *expected):
        self.assertIn(old, MANIFEST)
        found = self.expect(MANIFEST.replace(old, new))
        self.assertEqual([finding[0] for finding in found], [part[0] for part in expected], found)
        for (_, message), (_, text) in zip(found, expected):
            self.assertIn(text, message)

    def test_the_manifest_it_was_made_from(self):
        self.assertEqual(self.expect(MANIFEST), [])

    def test_another_name_or_version(self):
        self.check('"demo"', '"other"', ("wrong-bundle", "`demo`"))
        self.check('"1.0.0"', '"1.0.1"', ("wrong-bundle", "`1.0.1`"))

    def test_a_kernel_more(self):
        self.check('symbol = "blur"', 'symbol = "blur"\n[[library.kernel]]\nsymbol = "sharpen"',
                   ("missing-kernel", "`v.sharpen`"))

    def test_a_pattern_that_nothing_matches(self):
        self.check('"edge_*"', '"corner_*"', ("missing-kernel", "`v.corner_*`"), ("undeclared-export", "`v.edge_x`"))

    def test_a_kernel_less(self):
        self.check('"edge_*"', '"edge_x"', ("undeclared-export", "`v.edge_y`"))

    def test_another_type(self):
        self.check("(i32)->(i32)", "(f32)->(i32)", ("wrong-type", "v.blur"))

    def test_another_prefix(self):
        self.check('"v."', '"w."', ("missing-kernel", "`w.blur`"), ("missing-kernel", "`w.edge_*`"),
                   ("undeclared-export", "`v.edge_x`"))

    def test_features(self):
        self.check('deny = ["simd128"]', 'allow = []', ("feature-not-allowed", "target_features lists"))

    def test_a_library_that_offers_all_it_has(self):
        self.assertEqual(self.expect(MANIFEST.split("[[library.kernel]]")[0]), [])

    def test_what_is_no_bundle(self):
        done = subprocess.run([tools.WASMPACK, "inspect", "--json", "--expect", "kernels.toml", "kernels.o"],
                              cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("wrong-kind", [finding["id"] for finding in json.loads(done.stdout)["findings"]])

    def test_a_wrong_manifest(self):
        (self.folder / "wrong.toml").write_text(MANIFEST.replace("[package]", "[pakage]"))
        done = subprocess.run([tools.WASMPACK, "inspect", "--expect", "wrong.toml", "demo.wasm"], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("wrong.toml", done.stderr)


if __name__ == "__main__":
    unittest.main()
