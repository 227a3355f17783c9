# ctest: timeout=600 labels=slow
"""Sealing, prefixing, stripping and collecting change names and leave things out, but never what a program does: each
program of the corpus prints after the edit and a final link what it prints when linked directly."""

import os
import tempfile
import unittest

from lib import corpus, facts, tools, wasm

EDITS = {
    "gc": ["--gc"],
    "prefix": ["--prefix-symbols=p_"],
    "seal": ["--keep-global-symbol=run"],
    "hidden": ["--localize-hidden"],
    "glob": ["--localize-symbol=*"],
    "strip": ["--strip-debug"],
    "seal, gc": ["--keep-global-symbol=run", "--gc"],
    "seal, prefix, strip": ["--keep-global-symbol=run", "--prefix-symbols=p_", "--strip-debug"],
    "gc, prefix": ["--gc", "--prefix-symbols=p_"],
    "everything": ["--localize-symbol=*", "--prefix-symbols=p_", "--gc", "--strip-debug"],
}


class CorpusEditsTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def check(self, entry, edit):
        # Final links name what they export; an edit may hide or rename it, so it is marked in the object instead.
        exports = [o for o in entry.final if o.startswith("--export=")]
        if exports and "--prefix-symbols=p_" in edit:
            return False
        if exports:
            kept = exports[0].removeprefix("--export=")
            edit = [o.replace("-symbol=run", f"-symbol={kept}") for o in edit]
        rest = [o for o in entry.final if o not in exports]
        tools.link(entry.inputs, self.path("out.o"), *edit, *exports)
        self.assertEqual(facts.check_sites(wasm.read(self.path("out.o"))), [])
        version = {"version": entry.run_linker}
        tools.final([self.path("out.o")], self.path("ours.wasm"), *rest, *entry.machine, tail=entry.tail, **version)
        self.assertEqual(tools.node("host", self.path("ours.wasm"), options=entry.node), self.expected)
        return True

    def test_programs_do_the_same(self):
        runs = 0
        for entry in corpus.build():
            if entry.run != "host":
                continue
            tools.final(entry.unpacked(), self.path("direct.wasm"), *entry.final, *entry.machine, tail=entry.tail,
                        version=entry.run_linker)
            self.expected = tools.node("host", self.path("direct.wasm"), options=entry.node)
            for name, edit in EDITS.items():
                with self.subTest(entry.name, edit=name):
                    runs += self.check(entry, edit)
        self.assertGreater(runs, 200)


if __name__ == "__main__":
    unittest.main()
