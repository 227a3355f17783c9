# ctest: timeout=300
"""The tests' own reader (tests/lib/wasm.py) against LLVM's (obj2yaml-22): every field the facts are made of."""

import subprocess
import unittest

from lib import corpus, facts, wasm, yaml

FLAGS = {"BINDING_WEAK": wasm.WEAK, "BINDING_LOCAL": wasm.LOCAL, "VISIBILITY_HIDDEN": wasm.HIDDEN,
         "UNDEFINED": wasm.UNDEFINED, "EXPORTED": wasm.EXPORTED, "EXPLICIT_NAME": wasm.EXPLICIT_NAME,
         "NO_STRIP": wasm.NO_STRIP, "TLS": wasm.TLS, "ABSOLUTE": wasm.ABSOLUTE}
SEGMENT_FLAGS = {"STRINGS": 1, "TLS": 2, "RETAIN": 4}
KINDS = {"FUNCTION": 0, "DATA": 1, "GLOBAL": 2, "SECTION": 3, "TAG": 4, "TABLE": 5}
EXTERNS = {"FUNCTION": 0, "TABLE": 1, "MEMORY": 2, "GLOBAL": 3, "TAG": 4}
COMDATS = {"DATA": 0, "FUNCTION": 1, "SECTION": 5}


def number(text, default=0):
    return int(text, 0) if text else default


def llvm_view(data):
    """The fields of one object as obj2yaml tells them, shaped like our_view()."""
    text = subprocess.run(["obj2yaml-22", "-"], input=data, capture_output=True, check=True).stdout.decode()
    view = {"relocations": [], "sections": [], "features": [], "init": [], "comdats": [], "symbols": [],
            "segments": [], "segment info": [], "exports": [], "imports": [], "functions": [], "bodies": 0}
    for section in yaml.parse(text)["Sections"]:
        kind, relocations = section["Type"], section.get("Relocations") or []
        view["sections"].append(section.get("Name", kind) if kind == "CUSTOM" else kind)
        view["relocations"].append([
            (r["Type"].removeprefix("R_WASM_"), number(r["Offset"]), number(r["Index"]), number(r.get("Addend")))
            for r in relocations])
        if kind == "IMPORT":
            view["imports"] = [(i["Module"], i["Field"], EXTERNS[i["Kind"]]) for i in section["Imports"]]
        elif kind == "FUNCTION":
            view["functions"] = [number(t) for t in section["FunctionTypes"]]
        elif kind == "EXPORT":
            view["exports"] = [(e["Name"], EXTERNS[e["Kind"]], number(e["Index"])) for e in section["Exports"]]
        elif kind == "CODE":
            view["bodies"] = len(section["Functions"])
        elif kind == "DATA":
            view["segments"] = [s.get("Content", "") for s in section["Segments"]]
        elif section.get("Name") == "linking":
            for s in section.get("SymbolTable") or []:
                flags = sum(FLAGS[f] for f in s["Flags"])
                index = next((number(s[k]) for k in ("Function", "Global", "Table", "Tag", "Segment") if k in s), None)
                view["symbols"].append((KINDS[s["Kind"]], flags, s.get("Name", ""), index, number(s.get("Offset")),
                                        number(s.get("Size"))))
            view["segment info"] = [(s["Name"], number(s["Alignment"]), sum(SEGMENT_FLAGS[f] for f in s["Flags"]))
                                    for s in section.get("SegmentInfo") or []]
            view["init"] = [(number(f["Priority"]), number(f["Symbol"]))
                            for f in section.get("InitFunctions") or []]
            view["comdats"] = [(c["Name"], sorted((COMDATS[e["Kind"]], number(e["Index"])) for e in c["Entries"]))
                               for c in section.get("Comdats") or []]
        elif section.get("Name") == "target_features":
            view["features"] = [({"USED": "+", "DISALLOWED": "-"}[f["Prefix"]], f["Name"]) for f in section["Features"]]
    return view


def our_view(data):
    obj = wasm.Wasm(data)
    kept = [i for i, s in enumerate(obj.sections) if not s.name.startswith("reloc.")]
    symbols = []
    for s in obj.symbols:
        # obj2yaml gives no name or index that follows from elsewhere.
        label = "" if s.kind == 3 else s.name
        index = s.index
        if s.kind == 3 or (s.kind == 1 and s.flags & wasm.UNDEFINED):
            index = None
        symbols.append((s.kind, s.flags, label, index, s.offset, s.size))
    return {
        "relocations": [[(wasm.RELOCATIONS[k][0], o, i, a) for k, o, i, a in obj.relocations.get(p, [])]
                        for p in kept],
        "sections": [obj.sections[p].name for p in kept],
        "features": obj.features, "init": obj.init_functions, "symbols": symbols,
        "comdats": [(c.name, sorted(c.entries)) for c in obj.comdats],
        "segments": [obj.content(obj.data_position)[s.start:s.end].hex().upper() for s in obj.segments],
        "segment info": [(s.name, s.align, s.flags) for s in obj.segments],
        "exports": [tuple(e) for e in obj.exports], "imports": [i[:3] for i in obj.imports],
        "functions": obj.function_types, "bodies": len(obj.code),
    }


class ReaderTest(unittest.TestCase):
    def test_reader_agrees_with_llvm(self):
        checked = 0
        for entry in corpus.build():
            limit = 12 if entry.big else 100
            for path in entry.inputs[:limit]:
                for label, data in list(corpus.objects_of(path))[:limit]:
                    if len(data) > 400_000:
                        continue
                    with self.subTest(label):
                        ours, theirs = our_view(data), llvm_view(data)
                        for key in ours:
                            self.assertEqual(ours[key], theirs[key], key)
                        checked += 1
        self.assertGreater(checked, 250)

    def test_relocated_fields_hold_what_the_relocation_means(self):
        """Compilers write provisional values; the check that tells must hold for all of them."""
        for entry in corpus.build():
            for path in entry.inputs:
                for label, data in corpus.objects_of(path):
                    with self.subTest(label):
                        self.assertEqual(facts.check_sites(wasm.Wasm(data, label)), [])

    def test_facts_see_each_kind_of_change(self):
        """The comparison is not blind: one changed fact at a time must be reported."""
        path = corpus.find("cxx-clang22-types").inputs[0]
        obj = wasm.read(path)
        base = facts.own_facts(obj)
        self.assertEqual(facts.compare(base, facts.own_facts(wasm.read(path))), [])

        def changed(change):
            other = wasm.read(path)
            change(other)
            return facts.compare(base, facts.own_facts(other))

        def set_flag(other, flag):
            index = next(i for i, s in enumerate(other.symbols)
                         if s.kind == 0 and not s.flags & (wasm.UNDEFINED | wasm.LOCAL))
            other.symbols[index] = other.symbols[index]._replace(flags=other.symbols[index].flags ^ flag)

        def shift(other, name):
            position = other.find(name)
            kind, offset, index, addend = other.relocations[position][3]
            other.relocations[position][3] = kind, offset, index, addend + 1

        def segment(other, **fields):
            other.segments[0] = other.segments[0]._replace(**fields)

        for name, change in {
            "export": lambda o: o.exports.clear(),
            "comdat": lambda o: o.comdats.pop(),
            "section comdat": lambda o: [c.entries.remove(e) for c in o.comdats for e in list(c.entries) if e[0] == 5],
            "segment flags": lambda o: segment(o, flags=4),
            "alignment": lambda o: segment(o, align=5),
            "segment name": lambda o: segment(o, name="other"),
            "feature": lambda o: o.features.pop(),
            "init order": lambda o: o.init_functions.append(o.init_functions.pop(0)[:1] + (5,)),
            "hidden": lambda o: set_flag(o, wasm.HIDDEN),
            "weak": lambda o: set_flag(o, wasm.WEAK),
            "local": lambda o: set_flag(o, wasm.LOCAL),
            "no strip": lambda o: set_flag(o, wasm.NO_STRIP),
            "code relocation": lambda o: shift(o, "CODE"),
            "debug relocation": lambda o: shift(o, ".debug_info"),
        }.items():
            with self.subTest(name):
                self.assertTrue(changed(change))


if __name__ == "__main__":
    unittest.main()
