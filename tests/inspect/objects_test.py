# ctest: timeout=300
"""The facts about objects, against llvm-readobj and wasm-objdump, on the whole corpus: clang 22 and 14 in every
flavour, Debian's C and C++ libraries, Rust's, crt files."""

import pathlib
import tempfile
import unittest

import oracle
from lib import corpus, tools

# What makes wasm-objdump 1.0.32 give up; llvm-readobj is then the only oracle. 64-bit tables are in wasm64 objects
# of LLVM 22; the local type is exnref.
OBJDUMP_GIVES_UP = "tables may not be 64-bit|expected valid local type"


def check_readobj(case, facts, expected):
    """Sections, symbols with flags, and init functions."""
    sections = []
    for section in facts["sections"]:
        name_bytes = len(section["name"].encode())
        # LLVM subtracts the name, with a one-byte length, from a custom section's size but not from its offset.
        size = section["size"] - (1 + name_bytes if section["id"] == 0 else 0)
        sections.append((section["id"], section["offset"], size, section["name"] if section["id"] == 0 else None))
    case.assertEqual(sections, [
        (int(s["Type"].split("(")[1].rstrip(")"), 16), int(s["Offset"]), int(s["Size"]), s.get("Name"))
        for s in expected["sections"]])

    symbols = []
    for symbol in facts["symbols"]:
        flags = sum(oracle.SYMBOL_FLAGS[word] for word in symbol["flags"])
        place = (symbol.get("offset"), symbol.get("segment"), symbol["size"] if "offset" in symbol else None)
        symbols.append((symbol["name"], symbol["kind"], flags, symbol.get("index"), place))
    wanted = []
    number = lambda entry, key: int(entry[key], 16) if key in entry else None
    for symbol in expected["symbols"]:
        kind = symbol["Type"].split(" ")[0].lower()
        index = number(symbol, "ElementIndex")
        if kind == "section":  # readobj does not print it
            index = next(s["index"] for s in facts["symbols"]
                         if s["kind"] == "section" and s["name"] == symbol["Name"])
            case.assertEqual(facts["sections"][index]["name"], symbol["Name"])
            index = None
        wanted.append((symbol["Name"], kind, symbol["Flags"], index,
                       (number(symbol, "Offset"), number(symbol, "Segment"), number(symbol, "Size"))))
    symbols = [(*s[:3], None if s[1] == "section" else s[3], s[4]) for s in symbols]
    if facts["kind"] != "object":  # a module has no symbols; LLVM makes some up, of exported functions among others
        made_up = {(name, index) for name, kind, _, index, _ in wanted if kind == "function"}
        case.assertLessEqual({(e["name"], e["index"]) for e in facts["exports"] if e["kind"] == "function"}, made_up)
        return
    case.assertEqual(symbols, wanted)

    if facts["kind"] == "object":
        case.assertEqual([(s["name"], s["size"]) for s in facts["segments"]],
                         [(s["Name"], int(s["Size"])) for s in expected["segments"]])
    # A linker runs init functions by priority, equal ones in file order.
    init = sorted(expected["init"], key=lambda entry: entry[1])
    case.assertEqual([(c["order"], c["priority"], c["symbol"]) for c in facts["constructors"]],
                     [(i, priority, facts["symbols"][symbol]["name"])
                      for i, (symbol, priority) in enumerate(init)])


def check_objdump(case, facts, expected):
    """Section extents, imports and exports with types, segment flags, comdats, relocation counts, features."""
    case.assertEqual([(s["name"], s["offset"], s["size"]) for s in facts["sections"]], expected["sections"])
    case.assertEqual([(i["kind"], f"{i['module']}.{i['name']}", i["type"]) for i in facts["imports"]],
                     expected["imports"])
    exports = [e for e in facts["exports"] if not e["by_flag"]]
    case.assertEqual([(e["kind"], e["index"], e["name"]) for e in exports], expected["exports"])
    for entry in facts["exports"]:
        if entry["kind"] == "function":
            case.assertEqual(entry["type"], expected["functions"][entry["index"]])
    if facts["kind"] == "object":  # both print what SEGMENT_INFO tells; a module has none
        case.assertEqual([(s["name"], s["alignment"], s["flags"]) for s in facts["segments"]], expected["segments"])
    case.assertEqual([(c["name"], [(e["kind"], e["index"]) for e in c["entries"] if e["kind"] != "section"])
                      for c in facts["comdats"]], expected["comdats"])
    case.assertEqual([(r["section"], r["count"]) for r in facts["relocations"]], sorted_by_section(facts, expected))
    case.assertEqual([(f["prefix"], f["name"]) for f in facts["features"]], expected["features"])


def sorted_by_section(facts, expected):
    """inspect lists relocations in the order of the sections they apply to, objdump in that of the reloc sections."""
    order = {section["name"]: i for i, section in reversed(list(enumerate(facts["sections"])))}
    return sorted(expected["relocations"], key=lambda entry: order[entry[0]])


class Objects(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        paths = []
        for entry in corpus.build():
            paths += [path for path in entry.inputs if path not in paths]
        cls.paths = paths

    def test_against_llvm_readobj(self):
        compared = 0
        for path in self.paths:
            facts = oracle.inspect_json(path)
            if path.endswith(".rlib"):  # llvm-readobj stops at lib.rmeta
                continue
            expected = list(oracle.readobj(path))
            self.assertEqual(len(facts), len(expected), path)
            for fact, expect in zip(facts, expected):
                with self.subTest(file=path, member=fact.get("member")):
                    self.assertEqual(fact["kind"], "object")
                    check_readobj(self, fact, expect)
                    compared += 1
        self.assertGreater(compared, 1500)

    def test_against_wasm_objdump(self):
        compared, given_up = 0, 0
        with tempfile.TemporaryDirectory() as folder:
            all_facts = {}
            for path in self.paths:
                for fact, (_, body) in zip(oracle.inspect_json(path), corpus.objects_of(path), strict=True):
                    copy = pathlib.Path(folder) / f"{len(all_facts)}.o"
                    copy.write_bytes(body)
                    all_facts[str(copy)] = fact
            dumps = oracle.objdump(list(all_facts))
            for copy, fact in all_facts.items():
                with self.subTest(file=fact["file"], member=fact.get("member")):
                    if "error" in dumps[copy]:
                        self.assertRegex(dumps[copy]["error"], OBJDUMP_GIVES_UP)
                        given_up += 1
                        continue
                    check_objdump(self, fact, dumps[copy])
                    compared += 1
        self.assertGreater(compared, 2000)
        self.assertLess(given_up, 60, "wasm-objdump gave up on more files than the known ones")


class CallsOfConstructors(unittest.TestCase):
    """What an object's constructors call, against the disassembler of LLVM with its relocations."""

    def test_calls(self):
        source = """
            int f(int), g(int); extern void (*pointer)(void); int state;
            __attribute__((constructor(7))) static void first(void) { state = f(g(1)) + f(2); pointer(); }
            __attribute__((constructor(5))) static void second(void) { state = g(3); }
            __attribute__((constructor(7))) static void third(void) { state = 1; }
            void runs_them(void) { extern void __wasm_call_ctors(void); __wasm_call_ctors(); f(1); }
            void unrelated(void) { f(1); }
        """
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "calls.o"
            (path.with_suffix(".c")).write_text(source)
            for version in ("22", "14"):
                tools.run([f"clang-{version}", "--target=wasm32", "-O1", "-c", path.with_suffix(".c"), "-o", path])
                facts, = oracle.inspect_json(path)
                # Derived from the source: 5 before 7, equal priorities in file order; each callee once.
                self.assertEqual(
                    [(c["symbol"], c["priority"], [call["name"] for call in c["calls"]])
                     for c in facts["constructors"]],
                    [("second", 5, ["g"]), ("first", 7, ["g", "f"]), ("third", 7, [])])
                self.assertEqual([(c["kind"], c["name"]) for c in facts["init"]["callers"]],
                                 [("symbol", "runs_them")])
                self.assertEqual(facts["init"]["chain"], "present")
                self.assertIsNone(facts["init"]["function"])


if __name__ == "__main__":
    unittest.main()
