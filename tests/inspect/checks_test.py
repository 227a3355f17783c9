# ctest: timeout=300
"""Every check by example: testdata/checks/ID/ has files that trigger the check ID (bad.*) and files that do not (good.*).
What is said of a file, notes included, is exactly what it says itself. Comments at its beginning tell how it is made:

    compile: -msimd128         more options for the compiler
    with: other.c              compiled and linked, too
    link: --no-entry           made into a module by wasm-ld with these options; without the line it stays an object
    pack: kernels.toml         made into a bundle; it is kernels.o for the manifest
    wat2wasm: --no-check       options
    inspect: --check rules.toml
    expect: ID ...             the ids of its findings; else ID for bad files and nothing for good ones
"""

import glob
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import oracle
from lib import corpus, tools

FOLDER = corpus.SOURCE_DIR / "testdata/checks"
# Found in several files at once, with --link-line: tests of its own.
ELSEWHERE = {"ctor-dropped"}


def read_header(path):
    header = {}
    for line in path.read_text().splitlines():
        if match := re.match(r"(?://|#|;;) (compile|with|link|pack|wat2wasm|inspect|expect): (.*)", line):
            header[match[1]] = match[2].split()
    return header


def compile_source(source, output, options=()):
    # From its own folder, so that no path of this machine gets into debug information.
    tools.run(["clang-22", "--target=wasm32", "-O1", "-ffreestanding", *options, "-c", source.name, "-o", output],
              cwd=source.parent)


def make(source, header, folder):
    """The file to inspect."""
    made = folder / "made.wasm"
    if source.suffix == ".wat":
        tools.run(["wat2wasm", "--enable-all", *header.get("wat2wasm", []), source, "-o", made])
        return made
    if source.suffix == ".yaml":
        tools.run(["yaml2obj-22", source, "-o", made])
        return made
    objects = [folder / "kernels.o"]
    compile_source(source, objects[0], header.get("compile", []))
    for other in header.get("with", []):
        objects.append(folder / f"{other}.o")
        compile_source(source.parent / other, objects[-1])
    if "pack" in header:
        manifest = shutil.copy(source.parent / header["pack"][0], folder)
        tools.run([tools.WASMPACK, "pack", manifest, "-o", made])
    elif "link" in header:
        tools.final(objects, made, *header["link"])
    else:
        return objects[0]
    return made


class Examples(unittest.TestCase):
    def check(self, source):
        header = read_header(source)
        own = [source.parent.name] if source.name.startswith("bad") else []
        with tempfile.TemporaryDirectory() as folder:
            made = make(source, header, pathlib.Path(folder))
            done = subprocess.run([tools.WASMPACK, "inspect", "--json", made, *header.get("inspect", [])],
                                  cwd=source.parent, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "", source)
        findings = oracle.json.loads(done.stdout)["findings"]
        self.assertEqual(sorted({finding["id"] for finding in findings}), sorted(header.get("expect", own)),
                         f"{source}: {findings}")
        is_error = any(finding["severity"] == "error" for finding in findings)
        self.assertEqual(done.returncode, 1 if is_error else 0, source)

    def test_the_findings_of_every_example(self):
        sources = [path for path in sorted(FOLDER.glob("*/*")) if path.name.startswith(("bad", "good"))]
        self.assertGreater(len(sources), 50)
        for source in sources:
            with self.subTest(source=str(source.relative_to(FOLDER))):
                self.check(source)

    def test_every_check_has_examples(self):
        table = oracle.inspect("--list-checks").stdout.decode()
        ids = {line.split()[0] for line in table.splitlines()}
        self.assertGreaterEqual(len(ids), 24)
        for name in ids - ELSEWHERE:
            for kind in ("bad", "good"):
                self.assertTrue(list(FOLDER.glob(f"{name}/{kind}.*")), f"testdata/checks/{name}/{kind}.* is missing")
        self.assertEqual({path.name for path in FOLDER.iterdir()} - ids, set(), "no such check")


class RealFiles(unittest.TestCase):
    def test_objects_of_debian_and_rust_have_no_errors(self):
        paths = sorted([*glob.glob("/usr/lib/wasm32-wasi/*.[ao]"), *glob.glob("/usr/lib/rustlib/wasm32-*/lib/*.rlib")])
        self.assertGreater(len(paths), 20)
        for path in paths:
            for line in oracle.inspect("--json", path).stdout.splitlines():
                facts = oracle.json.loads(line)
                errors = [finding for finding in facts.get("findings", []) if finding["severity"] == "error"]
                self.assertEqual(errors, [], f"{path}({facts.get('member')})")


class Table(unittest.TestCase):
    def test_the_document_is_made_from_the_table(self):
        made = oracle.inspect("--list-checks=markdown").stdout.decode()
        self.assertEqual((corpus.SOURCE_DIR / "docs/checks.md").read_text(), made,
                         "wasmpack inspect --list-checks=markdown > docs/checks.md")

    def test_the_list_is_sorted_and_each_line_says_why(self):
        lines = oracle.inspect("--list-checks").stdout.decode().splitlines()
        ids = [line.split()[0] for line in lines]
        self.assertEqual(ids, sorted(set(ids)))
        for line in lines:
            self.assertRegex(line, r"^[a-z][a-z-]+ +(error|warning|note) +\S+ ")

    def test_an_unknown_format_is_a_usage_error(self):
        done = oracle.inspect("--list-checks=yaml", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"'yaml' is none of text, markdown", done.stderr)


if __name__ == "__main__":
    unittest.main()
