# ctest: timeout=600 labels=slow
"""What `wasmpack link` writes, against two oracles: what the inputs say a lossless link must contain
(tests/lib/facts.py), and `wasm-ld-22 -r` with every known difference in one table."""

import os
import tempfile
import unittest
from collections import Counter

from lib import corpus, facts, tools, wasm

# What `wasm-ld -r` does otherwise, and why we do not. A row that no corpus entry needs fails the test, and so does a
# difference without a row. (row, reason, test of one difference: category, name, ours, theirs)
KNOWN = [
    ("D1", "wasm-ld -r writes no EXPORT section, so export names are lost",
     lambda category, name, ours, theirs: category == "export" and theirs is None),
    ("D2", "the bodies of discarded comdats stay in its output, without a symbol or with a local one",
     lambda category, name, ours, theirs: category == "function" and ours is None and theirs.comdat is not None),
    ("D2", "and so do they in the group: ours lists each once",
     lambda category, name, ours, theirs: category == "comdat" and ours is not None and theirs is not None
     and not ours[1] - theirs[1] and {e[0] for e in theirs[1] - ours[1]} <= {"function", "data"}),
    ("D3", "custom sections are dropped from comdats: groups of only sections vanish",
     lambda category, name, ours, theirs: category == "comdat" and theirs is None
     and {e[0] for e in ours[1]} == {"section"}),
    ("D3", "so the type units of all objects are in one section, repeated",
     lambda category, name, ours, theirs: category == "custom" and ".debug_types" in name),
    ("D4", "segment flags are written as 0, but for TLS by the segment's name",
     lambda category, name, ours, theirs: category == "segment flags"),
    ("D5", "disallowed features are dropped",
     lambda category, name, ours, theirs: category == "feature" and name[0] == "-" and not theirs),
    ("D6", "same-named segments become one",
     lambda category, name, ours, theirs: category == "segment count" and theirs < ours),
    ("D2", "so do the segments of discarded comdats",
     lambda category, name, ours, theirs: category == "segment count" and theirs > ours),
    ("D9", "the name section holds the name of the output file",
     lambda category, name, ours, theirs: category == "module name" and ours is None),
    ("lost", "the body of a weak definition that a strong one replaced stays, without a symbol",
     lambda category, name, ours, theirs: category == "function" and ours is None and theirs.names == ()),
    ("producers", "we are one of the tools that processed the object; wasm-ld -r does not name itself",
     lambda category, name, ours, theirs: category == "producer" and name == ("processed-by", "wasmpack")),
    ("table", "clang 14 has no symbol for the table it imports, and neither have we; wasm-ld makes one up",
     lambda category, name, ours, theirs: category == "undefined" and name == "__indirect_function_table"
     and ours is None),
]


def module_name(obj):
    position = obj.find("name")
    if position is None:
        return None
    data, at = obj.data, obj.sections[position].start
    return wasm.name(data, at + 2)[0] if data[at] == 0 else None


def differences(ours, theirs, inputs):
    """(category, name, ours, theirs) between the coarse facts of two objects. Debug sections are compared with what the
    inputs say (test_nothing_is_lost compares ours with that): where one names a function that went with its
    discarded comdat, ours already holds a tombstone, theirs still names the dead copy."""
    a, b = facts.own_facts(ours, coarse=True), facts.own_facts(theirs, coarse=True)
    for category, x, y in (("symbol", a.symbols, b.symbols), ("undefined", a.undefined, b.undefined),
                           ("comdat", a.comdats, b.comdats)):
        for label in sorted(x.keys() | y.keys()):
            if x.get(label) != y.get(label):
                yield category, label, x.get(label), y.get(label)
    for category, x, y in (("function", a.functions, b.functions), ("data", a.data_symbols, b.data_symbols),
                           ("export", a.exports, b.exports), ("segment flags", a.segment_flags, b.segment_flags)):
        for key in x - y:
            yield category, key[0], key, None
        for key in y - x:
            yield category, key[0], None, key
    for category, x, y in (("feature", a.features, b.features), ("producer", a.producers, b.producers)):
        for key in sorted(x ^ y):
            yield category, key, key in x, key in y
    if a.init != b.init:
        yield "init", "", a.init, b.init
    custom = []
    facts.compare_custom(facts.expected_facts(inputs, coarse=True).custom, b.custom, custom, 3)
    for line in custom:
        yield "custom", line, None, None
    if len(ours.segments) != len(theirs.segments):
        yield "segment count", "", len(ours.segments), len(theirs.segments)
    if module_name(ours) != module_name(theirs):
        yield "module name", "", module_name(ours), module_name(theirs)


def read_inputs(entry):
    return [wasm.Wasm(data, label) for path in entry.inputs for label, data in corpus.objects_of(path)]


class RelocatableTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.entries = corpus.build()
        cls.temporary = tempfile.TemporaryDirectory()
        cls.ours = {}

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def linked(self, entry):
        """Our object of the entry's inputs, made once."""
        if entry.name not in self.ours:
            path = os.path.join(self.temporary.name, f"{entry.name}.o")
            if tools.STANDIN:
                tools.link(entry.unpacked(), path, *entry.machine)
            else:
                tools.link(entry.inputs, path)
            self.ours[entry.name] = path
        return wasm.read(self.ours[entry.name])

    def test_nothing_is_lost(self):
        for entry in self.entries:
            with self.subTest(entry.name):
                expected = facts.expected_facts(read_inputs(entry))
                self.assertEqual("\n".join(facts.compare(expected, facts.own_facts(self.linked(entry)))), "")

    def test_fields_hold_what_the_relocations_mean(self):
        for entry in self.entries:
            with self.subTest(entry.name):
                self.assertEqual(facts.check_sites(self.linked(entry)), [])

    def test_linking_our_object_alone_changes_nothing(self):
        again = os.path.join(self.temporary.name, "again.o")
        for entry in self.entries:
            with self.subTest(entry.name):
                ours = self.linked(entry)
                tools.link([self.ours[entry.name]], again)
                self.assertEqual(facts.compare(facts.own_facts(ours), facts.own_facts(wasm.read(again))), [])

    def test_differences_to_wasm_ld_are_known(self):
        theirs = os.path.join(self.temporary.name, "theirs.o")
        needed = Counter()
        for entry in self.entries:
            with self.subTest(entry.name):
                tools.relocatable(entry.unpacked(), theirs, *entry.machine)
                unknown = []
                for difference in differences(self.linked(entry), wasm.read(theirs), read_inputs(entry)):
                    rows = [i for i, row in enumerate(KNOWN) if row[2](*difference)]
                    needed.update(rows[:1])
                    if not rows:
                        unknown.append(str(difference)[:500])
                self.assertEqual("\n".join(unknown[:20]), "")
        for i, row in enumerate(KNOWN):
            with self.subTest(row=row[:2]):
                self.assertTrue(needed[i], "no input shows this difference: the row is stale")


if __name__ == "__main__":
    unittest.main()
