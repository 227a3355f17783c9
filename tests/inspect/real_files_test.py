# ctest: timeout=900 labels=slow
"""The facts about the wasm files of npm packages, against wasm-objdump and llvm-readobj: modules of Emscripten (also
minified and stripped), Go and wasm-tools, side modules, and archives of objects that Debian did not build."""

import collections
import pathlib
import tempfile
import unittest

import oracle
from lib import corpus, npm_files, registries
from objects_test import check_objdump, check_readobj

# Imports and exports of modules that are widely used, counted by their own JavaScript when it instantiates them.
COUNTS = {("onnxruntime-web", "ort-wasm-simd-threaded.wasm"): (101, 49),
          ("@tensorflow/tfjs-backend-wasm", "tfjs-backend-wasm.wasm"): (7, 153)}
# Why wasm-objdump 1.0.32 does not read a file.
OBJDUMP_GIVES_UP = "expected valid local type|unexpected opcode|tables may not be 64-bit|unexpected type form"


class RealFiles(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        try:
            cls.paths = npm_files.all_files()
        except registries.Unreachable as error:
            registries.skip(error)
            raise unittest.SkipTest(str(error)) from error

    def test_counts_of_well_known_modules(self):
        for (package, file), (imports, exports) in COUNTS.items():
            facts, = oracle.inspect_json(npm_files.find(package, file))
            self.assertEqual((len(facts["imports"]), len(facts["exports"])), (imports, exports), file)

    def test_every_file_is_read_and_totals_its_size(self):
        kinds = collections.Counter()
        for path in self.paths:
            for facts in oracle.inspect_json(path):
                with self.subTest(path=path.name, member=facts.get("member")):
                    kinds[facts["kind"]] += 1
                    self.assertEqual(sum(entry["size"] for entry in facts["sizes"]), facts["size"])
        self.assertGreaterEqual(kinds["shared"], 30)
        self.assertGreaterEqual(kinds["module"], 10)
        self.assertGreaterEqual(kinds["object"], 100)

    def test_against_wasm_objdump(self):
        compared, given_up = 0, []
        with tempfile.TemporaryDirectory() as folder:
            all_facts = {}
            for path in self.paths:
                files = [facts for facts in oracle.inspect_json(path) if facts["kind"] != "archive"]
                for facts, (_, body) in zip(files, corpus.objects_of(path), strict=True):
                    copy = pathlib.Path(folder) / f"{len(all_facts)}.wasm"
                    copy.write_bytes(body)
                    all_facts[str(copy)] = facts
            dumps = oracle.objdump(list(all_facts))
        for copy, facts in all_facts.items():
            with self.subTest(file=facts["file"], member=facts.get("member")):
                if "error" in dumps[copy]:
                    self.assertRegex(dumps[copy]["error"], OBJDUMP_GIVES_UP)
                    given_up.append(facts["file"])
                    continue
                check_objdump(self, facts, dumps[copy])
                compared += 1
        self.assertGreater(compared, 150)
        self.assertLess(len(given_up), 12, given_up)

    def test_against_llvm_readobj(self):
        for path in self.paths:
            files = [facts for facts in oracle.inspect_json(path) if facts["kind"] != "archive"]
            for facts, expected in zip(files, oracle.readobj(path), strict=True):
                with self.subTest(file=path.name, member=facts.get("member")):
                    check_readobj(self, facts, expected)


if __name__ == "__main__":
    unittest.main()
