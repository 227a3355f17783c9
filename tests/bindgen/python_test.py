# ctest: timeout=600
"""The Python binding: byte-compiled always, run with wasmtime from PyPI where that can be had."""

import ast
import json
import py_compile
import sys
import unittest

from bindgen_case import BindgenTest
from lib import registries

WASMTIME = "wasmtime==50.0.1"

MAIN = """
import array, json, sys
import bundle as b

log = []
bundle = b.Bundle.instantiate(open("k.wasm", "rb").read(), {"env": {"log": lambda n, x: log.append([n, x])}})
k = bundle.kernels
k.m_report(7, 0.25)
x = bundle.put(array.array("f", [1, -2, 3]))
y = bundle.alloc(12)
k.t_relu(x, y, 3)
try:
    bundle.find("m_ad")
except b.BundleError as error:
    unknown = str(error)
try:
    k.m_crash()
except Exception as error:
    trap = type(error).__name__
try:
    bundle.view(0xffffffff, 2)
except b.BundleError as error:
    outside = str(error)
result = {
    "add": k.m_add(1, 2), "product": k.m_multiply(-3000000000, 3), "scale": k.m_scale(1.5, 2), "log": log,
    "quotient": k.m_divide(17, 5), "relu": bundle.view(y, 12).cast("f").tolist(),
    "sum": k.t_sum(bundle.put(array.array("d", [0.5, 0.25])), 2), "unknown": unknown, "trap": trap, "outside": outside,
    "table": bundle.kernel("m_add")(bundle.store, 3, 4), "error": bundle.error(), "param": bundle.param("conv1.weight"),
    "relu_info": b.KERNELS["t_relu"], "weight": b.PARAMS["conv1.weight"], "bias": b.PARAMS["bias"].file,
    "imports": b.IMPORTS, "libraries": b.LIBRARIES, "package": [b.PACKAGE_NAME, b.PACKAGE_VERSION],
}
bundle.free(x)
bundle.free(y)
bundle.initialize()
result["again"] = k.m_add(0, 0)
try:
    b.Bundle.instantiate(open("k.wasm", "rb").read())
except b.BundleError as error:
    result["missing"] = str(error)
json.dump(result, sys.stdout)
"""


class Source(BindgenTest):
    """What needs no engine."""

    def compile_binding(self):
        """The binding's syntax tree; a warning of the compiler is an error."""
        path = self.bindgen("python")
        self.run_tool(sys.executable, "-W", "error", "-m", "py_compile", path.name)
        py_compile.compile(str(path), doraise=True)
        return ast.parse(path.read_bytes())

    def test_it_compiles_and_has_a_typed_method_for_each_kernel(self):
        self.declare_tensors(self.make_bundle())
        tree = self.compile_binding()
        kernels = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Kernels")
        signatures = {f.name: ([ast.unparse(a.annotation) for a in f.args.args[1:]], ast.unparse(f.returns))
                      for f in kernels.body if isinstance(f, ast.FunctionDef)}
        del signatures["__init__"]
        self.assertEqual(signatures, {
            "m_add": (["int", "int"], "int"), "m_crash": ([], "None"),
            "m_divide": (["int", "int"], "typing.Tuple[int, float]"), "m_multiply": (["int", "int"], "int"),
            "m_report": (["int", "float"], "None"), "m_scale": (["float", "float"], "float"),
            "t_relu": (["int", "int", "int"], "None"), "t_sum": (["int", "int"], "float"),
        })

    def test_hostile_names(self):
        self.add_hostile_names(self.make_bundle())
        self.compile_binding()
        script = ("import json, bundle as b\n"
                  "methods = [name for name in vars(b.Kernels) if not name.startswith('_')]\n"
                  "print(json.dumps([list(b.KERNELS.values()), list(b.PARAMS.values()), methods, list(b.KERNELS),"
                  "[b.PACKAGE_NAME, b.LIBRARIES[0]]]))\n")
        kernels, params, methods, identifiers, texts = json.loads(self.run_tool(sys.executable, "-c", script).stdout)
        self.assertEqual([kernel[0] for kernel in kernels], self.kernel_names())
        self.assertEqual([kernel[4][0][3] for kernel in kernels if kernel[4]], [k[0] for k in kernels if k[4]])
        self.assertEqual([param[2] for param in params], [param[0][0] for param in params])
        self.assertEqual(methods, identifiers)
        self.assertEqual(len(set(methods)), len(kernels))
        self.assertEqual(texts[0], texts[1])


class Run(BindgenTest):
    @classmethod
    def setUpClass(cls):
        try:
            cls.python = registries.python_with(WASMTIME)
        except registries.Unreachable as error:
            registries.skip(error)
            raise unittest.SkipTest(str(error)) from error

    def run_binding(self, script):
        self.bindgen("python")
        self.write("main.py", script)
        return json.loads(self.run_tool(self.python, "-B", "main.py").stdout)

    def check(self, result):
        self.assertEqual(result["add"], 1003)  # the constructor ran once
        self.assertEqual(result["again"], 1000)
        self.assertEqual(result["product"], -9000000000)
        self.assertEqual(result["scale"], 3)
        self.assertEqual(result["quotient"], [3, 2])
        self.assertEqual(result["log"], [[7, 0.25]])
        self.assertEqual(result["relu"], [1, 0, 3])
        self.assertEqual(result["sum"], 0.75)
        self.assertEqual(result["table"], 1007)
        self.assertEqual(result["unknown"], "the bundle has no kernel 'm_ad'")
        self.assertIn(result["trap"], ("Trap", "WasmtimeError"))
        self.assertEqual(result["outside"], "2 bytes at address 4294967295 are outside the memory")
        self.assertIsNone(result["error"])
        self.assertIsNone(result["param"])  # only the section was told of it
        shape = [-1, 3, 224, 224]
        self.assertEqual(result["relu_info"], ["t_relu", "(i32,i32,i32)->()", 1, 0, [["x", "float32", shape, "NCHW"]],
                                               [["y", "float32", shape, "NCHW"]]])
        self.assertEqual(result["weight"], [["conv1.weight", "bfloat16", [64, 3], ""], 384, None])
        self.assertEqual(result["bias"], "bias.bin")
        self.assertEqual(result["imports"], [["env", "log", "(i32,f64)->()"]])
        self.assertEqual(result["libraries"], ["math", "tensors"])
        self.assertEqual(result["package"], ["test", "1.0.0"])
        self.assertEqual(result["missing"], "the bundle imports env.log")

    def test_it_runs(self):
        self.declare_tensors(self.make_bundle())
        self.check(self.run_binding(MAIN))

    def test_kernels_that_are_no_exports(self):
        self.declare_tensors(self.make_bundle(bundle="export-kernels = false"))
        self.check(self.run_binding(MAIN))

    def test_a_bundle_by_hand_with_memory_of_the_host(self):
        self.make_bundle_by_hand('(import "env" "memory" (memory 2 5))')
        result = self.run_binding("""
import json, wasmtime, bundle as b
code = open("k.wasm", "rb").read()
store = wasmtime.Store()
memory = wasmtime.Memory(store, wasmtime.MemoryType(wasmtime.Limits(3, 5)))
made, given = b.Bundle.instantiate(code), b.Bundle.instantiate(code, {"env": {"memory": memory}}, store)
try:
    made.alloc(8)
except b.BundleError as error:
    full = str(error)
print(json.dumps([made.kernels.peek(), given.kernels.peek(), made.error(), full,
                  [made.param(name) for name in ("conv1.weight", "bias", "weight")]]))
""")
        self.assertEqual(result, [43, 44, "it failed", "the bundle has no memory for 8 bytes", [[4096, 384], None, None]])


if __name__ == "__main__":
    unittest.main()
