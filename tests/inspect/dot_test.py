# ctest: timeout=300
"""`inspect --dot`: Graphviz reads it, and the graph it sees says who runs the constructors, in order."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import make_module
import oracle

HOSTILE = ['"]; evil [label="x', "a\\", "\\N\\G", "</TABLE>", "&lt;b&amp;", "a\nb\u202e", "{a|b}", "ctor"]


class Dot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def graph(self, **parts):
        """The objects (by id) and edges (pairs of ids) of the chain of such a module, as Graphviz sees them."""
        module = self.folder / "m.wasm"
        module.write_bytes(make_module.make_module(**parts))
        oracle.inspect("--dot", self.folder / "m.dot", module)
        drawn = subprocess.run(["dot", "-Tjson0", self.folder / "m.dot"], capture_output=True, text=True, timeout=120,
                               check=True)
        self.assertEqual(drawn.stderr, "")
        data = json.loads(drawn.stdout)
        cluster, = [o for o in data["objects"] if o.get("label", "").startswith("ctor chain of ")]
        objects = {i: data["objects"][i] for i in cluster["nodes"]}
        edges = [(e["tail"], e["head"]) for e in data["edges"] if e["tail"] in objects] if "edges" in data else []
        return objects, edges

    def targets(self, objects, edges, label):
        """What the node of that label points to, as it is drawn from top to bottom."""
        source, = [i for i, o in objects.items() if o["label"] == label]
        heads = [objects[head] for tail, head in edges if tail == source]
        return [head["label"] for head in sorted(heads, key=lambda head: -float(head["pos"].split(",")[1]))]

    def test_the_chain(self):
        objects, edges = self.graph(
            functions=["__wasm_call_ctors", "b", "a", "_initialize", "other"], calls=[(0, 1), (0, 2), (3, 0)],
            exports=[("_initialize", 3), ("other", 4)])
        self.assertEqual(self.targets(objects, edges, "host"), ["_initialize", "1 other export"])
        self.assertEqual(self.targets(objects, edges, "_initialize"), ["__wasm_call_ctors"])
        self.assertEqual(self.targets(objects, edges, "__wasm_call_ctors"), ["0: b", "1: a"])
        self.assertEqual(self.targets(objects, edges, "1 other export"), [])
        classes = {o["label"]: o["class"] for o in objects.values()}
        self.assertEqual(classes["__wasm_call_ctors"], "chain once")
        self.assertEqual(classes["_initialize"], "export once")

    def test_never(self):
        objects, edges = self.graph(functions=["__wasm_call_ctors", "a", "f"], calls=[(0, 1)], exports=[("f", 2)])
        classes = {o["label"]: o["class"] for o in objects.values()}
        self.assertEqual(classes["__wasm_call_ctors"], "chain never")
        self.assertEqual(classes["0: a"], "constructor never")
        self.assertEqual(self.targets(objects, edges, "host"), ["1 export"])

    def test_no_constructors(self):
        objects, _ = self.graph(functions=["f"], exports=[("f", 0)])
        label, = [o["label"] for o in objects.values()]
        self.assertTrue(label.startswith("no constructors known: "), label)

    def test_names_stay_names(self):
        objects, edges = self.graph(functions=["__wasm_call_ctors", *HOSTILE], exports=[("_initialize", 0)],
                                    calls=[(0, 1 + i) for i in range(len(HOSTILE))])
        labels = self.targets(objects, edges, "__wasm_call_ctors")
        self.assertEqual(len(labels), len(HOSTILE))
        self.assertNotIn("evil", [o["name"] for o in objects.values()])
        svg = subprocess.run(["dot", "-Tsvg", self.folder / "m.dot"], capture_output=True, text=True, timeout=120,
                             check=True).stdout
        for shown in ("0: &quot;]; evil [label=&quot;x", "1: a\\", "2: \\N\\G", "3: &lt;/TABLE&gt;",
                      "4: &amp;lt;b&amp;amp;", "5: a\\x0ab", "6: {a|b}"):
            self.assertIn(">" + shown, svg)

    def test_many_constructors_are_counted(self):
        count = 1500
        objects, edges = self.graph(functions=["__wasm_call_ctors", *[f"c{i}" for i in range(count)]],
                                    exports=[("_initialize", 0)], calls=[(0, 1 + i) for i in range(count)])
        labels = self.targets(objects, edges, "__wasm_call_ctors")
        self.assertEqual((len(labels), labels[0], labels[-1]), (1001, "0: c0", "500 more"))

    def test_it_can_go_to_standard_output(self):
        module = self.folder / "o.wasm"
        module.write_bytes(make_module.make_module(["f"], exports=[("f", 0)]))
        self.assertTrue(oracle.inspect("--dot", "-", module).stdout.startswith(b"digraph wasmpack {\n"))


if __name__ == "__main__":
    unittest.main()
