# ctest: timeout=600
"""Linking information and validity of real objects: those of the corpus and what linkers make of them have no finding;
objects that a tool rewrote without their relocations do."""

import pathlib
import subprocess
import tempfile
import unittest

import oracle
from lib import corpus, tools

LINKING = ("invalid-linking", "stale-relocation")

FOUR_CALLS = """
int a(int), b(int);
static int *where; int value = 3;
int twice(int x) { where = &value; return a(x) + b(x + *where); }
int more(int x) { return twice(a(x)) + twice(b(x)); }
"""


def ids(path, *options):
    """The ids of linking findings, and the states of validity, of all members."""
    found, states = [], []
    for line in oracle.inspect("--json", *options, path, check=False).stdout.splitlines():
        facts = oracle.json.loads(line)
        if facts["kind"] == "archive":
            continue
        found += [finding["id"] for finding in facts["findings"] if finding["id"] in LINKING]
        states.append(facts["validity"]["state"])
    return found, states


class Linking(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        cls.entries = corpus.build()

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def test_the_corpus_has_no_finding_and_is_valid(self):
        states = []
        for path in sorted({path for entry in self.entries for path in entry.inputs}):
            with self.subTest(path):
                found, more = ids(path)
                self.assertEqual(found, [])
                states += more
        self.assertNotIn("invalid", states)
        self.assertNotIn("not_checked", states)
        self.assertGreater(states.count("valid"), 0.9 * len(states))

    def test_nor_have_the_outputs_of_linkers(self):
        count = 0
        for entry in self.entries:
            output = self.folder / "linked.o"
            with self.subTest(entry.name, linker="wasmpack"):
                if tools.link(entry.inputs, output, check=False).returncode == 0:
                    count += 1
                    self.assertEqual(ids(output, "--no-validate")[0], [])
            if entry.big:
                continue
            for version in ("14", "22"):
                with self.subTest(entry.name, linker=version):
                    if tools.relocatable(entry.unpacked(), output, *entry.machine, version=version,
                                         check=False).returncode == 0:
                        count += 1
                        self.assertEqual(ids(output, "--no-validate")[0], [])
        self.assertGreater(count, 100)

    def make(self):
        source, made = self.folder / "calls.c", self.folder / "calls.o"
        source.write_text(FOUR_CALLS)
        tools.run(["clang-22", "--target=wasm32", "-O1", "-c", source, "-o", made])
        self.assertEqual(ids(made), ([], ["valid"]))
        return made

    def test_a_rewritten_object_is_valid_but_its_relocations_are_stale(self):
        made, rewritten = self.make(), self.folder / "rewritten.o"
        # No pass at all: writing the code anew makes its integers shorter.
        subprocess.run(["wasm-opt", made, "-o", rewritten], check=True, capture_output=True)
        found, states = ids(rewritten)
        self.assertIn("stale-relocation", found)
        self.assertEqual(states, ["valid"])

    def test_an_object_whose_functions_are_gone(self):
        made, rewritten = self.make(), self.folder / "rewritten.o"
        subprocess.run(["wasm-opt", "-O2", made, "-o", rewritten], check=True, capture_output=True)
        self.assertIn("invalid-linking", ids(rewritten)[0])

    def test_no_validate(self):
        self.assertEqual(ids(self.make(), "--no-validate"), ([], ["not_checked"]))

    def test_damaged_linking_is_a_finding_and_not_unreadable(self):
        made = self.make()
        body = bytearray(made.read_bytes())
        at = body.index(b"\x07linking") + 8
        self.assertEqual(body[at], 2)
        body[at] = 1  # the version
        made.write_bytes(body)
        done = oracle.judge("--json", made)
        self.assertEqual(done.returncode, 1, done.stderr)
        facts = oracle.json.loads(done.stdout)
        self.assertEqual(facts["kind"], "object")
        self.assertEqual([f["id"] for f in facts["findings"]][:1], ["invalid-linking"])
        self.assertEqual(facts["validity"]["state"], "valid")

    def test_a_broken_module_stays_unreadable(self):
        made = self.make()
        made.write_bytes(made.read_bytes()[:60])
        done = oracle.inspect("--json", made, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr.decode(), "section [A-Z]+, offset 0x")


if __name__ == "__main__":
    unittest.main()
