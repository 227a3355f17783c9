# ctest: timeout=600 labels=slow
"""The finished module made of our object against the one made of the inputs directly, by wasm-ld 14 and 22: the same
functions, data, imports and exports; run in node, the same output with constructors in the same order."""

import os
import tempfile
import unittest
from collections import Counter

from lib import corpus, tools, wasm

MODES = {
    # As a user links: garbage collected from the exports.
    "gc": [],
    # Everything that has a global name. (--no-gc-sections is no oracle: with it wasm-ld keeps the bodies of discarded
    # comdats, too.)
    "all": ["--export-all"],
}


def module_facts(path):
    """What can be compared whatever order functions and data have."""
    obj = wasm.read(path)
    imported = obj.imported[0]
    functions = Counter()
    code = obj.content(obj.code_position) if obj.code else b""
    for i, (start, end) in enumerate(obj.code):
        functions[obj.names.get(imported + i, ""), obj.types[obj.function_types[i]].hex(),
                  wasm.padded_mask(code[start:end]).hex()] += 1
    return {
        "functions": functions,
        "exports": Counter((e.name, wasm.EXTERN_NAMES[e.kind]) for e in obj.exports),
        "imports": Counter((i.module, i.field, wasm.EXTERN_NAMES[i.kind]) for i in obj.imports),
        "data": Counter({(s.init_flags, s.end - s.start): 1 for s in obj.segments}),
        "tables": obj.tables, "globals": len(obj.globals), "tags": Counter(obj.tags),
        "memories": obj.memories, "start": obj.start is None,
        "table slots": sum(len(functions) for _, _, functions in obj.elements),
    }


def essence(path):
    """What runs, byte for byte. Exports follow the order of the symbols, and so do the globals that wasm-ld makes for
    exported data; both as sets."""
    obj = wasm.read(path)
    exports = sorted((e.name, e.kind, obj.globals[e.index - obj.imported[3]] if e.kind == 3 else e.index)
                     for e in obj.exports)
    return exports, sorted(obj.globals), [obj.data[s.start:s.end] for s in obj.sections if s.id not in (0, 6, 7)]


def custom_sections(path):
    """The custom sections that come from the inputs. Target features: as a set."""
    obj = wasm.read(path)
    found = {s.name: obj.data[s.start:s.end] for s in obj.sections
             if s.id == 0 and s.name not in ("name", "producers", "target_features")}
    return {"target_features": sorted(obj.features), **found}


def explain(expected, actual):
    out = []
    for key in expected:
        a, b = expected[key], actual[key]
        if a == b:
            continue
        if isinstance(a, Counter):
            out += [f"{key} missing: {str(e)[:300]}" for e in list((a - b))[:6]]
            out += [f"{key} unexpected: {str(e)[:300]}" for e in list((b - a))[:6]]
        else:
            out.append(f"{key}: {b}, expected {a}")
    return "\n".join(out)


class FinalTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.entries = corpus.build()
        cls.temporary = tempfile.TemporaryDirectory()
        folder = cls.temporary.name
        cls.direct, cls.linked = os.path.join(folder, "direct.wasm"), os.path.join(folder, "linked.wasm")
        cls.ours = {}
        for entry in cls.entries:
            cls.ours[entry.name] = os.path.join(folder, f"{entry.name}.o")
            tools.link(entry.unpacked() if tools.STANDIN else entry.inputs, cls.ours[entry.name],
                       *(entry.machine if tools.STANDIN else ()))

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def link_both(self, entry, version, *more):
        """Both final links; False if this linker refuses the inputs themselves."""
        arguments = [*entry.final, *entry.machine, *more]
        if tools.final(entry.unpacked(), self.direct, *arguments, version=version, tail=entry.tail,
                       check=False).returncode:
            return False
        tools.final([self.ours[entry.name]], self.linked, *arguments, version=version, tail=entry.tail)
        return True

    def test_same_module(self):
        identical, total, refused = 0, 0, []
        for entry in self.entries:
            for version in ("22", "14"):
                for mode, more in MODES.items():
                    with self.subTest(entry.name, linker=version, mode=mode):
                        if not self.link_both(entry, version, *more):
                            refused.append((entry.name, version))
                            continue
                        total += 1
                        before, after = custom_sections(self.direct), custom_sections(self.linked)
                        self.assertEqual(sorted(before), sorted(after))
                        self.assertEqual([n for n in before if before[n] != after[n]], [])
                        # Where the numbers of table slots differ, so do bytes: slots are given in the order of first
                        # use, object by object, functions before data.
                        if essence(self.direct) == essence(self.linked):
                            identical += 1
                            continue
                        print("not identical:", entry.name, version, mode)
                        self.assertEqual(explain(module_facts(self.direct), module_facts(self.linked)), "")
        print(f"{identical} of {total} modules are identical; wasm-ld refuses the inputs of {refused}")
        self.assertGreater(total, 200)
        self.assertGreater(identical, total * 9 // 10)

    def test_without_garbage_collection(self):
        """Nothing in our object breaks a final link that keeps everything. (A body without a symbol would: wasm-ld 22
        then writes a name section that nobody can read.)"""
        for entry in self.entries:
            if "pic" in entry.name or entry.name == "tables":
                continue  # wasm-ld itself refuses or fails
            with self.subTest(entry.name):
                tools.final([self.ours[entry.name]], self.linked, *entry.final, *entry.machine, "--no-gc-sections",
                            "--export-all", tail=entry.tail)
                obj = wasm.read(self.linked)
                self.assertEqual(sorted(obj.names), list(range(obj.imported[0] + len(obj.code))))

    def test_same_output(self):
        ran = 0
        for entry in self.entries:
            if not entry.run:
                continue
            for version in {"22", "14"}:
                if version != entry.run_linker and entry.wasm64:
                    continue
                with self.subTest(entry.name, linker=version):
                    if not self.link_both(entry, version):
                        continue
                    expected = tools.node(entry.run, self.direct, options=entry.node, check=False)
                    self.assertEqual(tools.node(entry.run, self.linked, options=entry.node, check=False), expected)
                    self.assertNotIn("CompileError", expected)
                    self.assertGreater(len(expected), 30)
                    ran += 1
        self.assertGreater(ran, 60)


if __name__ == "__main__":
    unittest.main()
