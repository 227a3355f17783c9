# ctest: timeout=300
"""The TypeScript binding: compiled by tsc --strict without the types of DOM or node, run in node on a real bundle."""

import json
import unittest

from bindgen_case import BindgenTest

TSC = ["tsc", "--strict", "--noImplicitReturns", "--noUnusedLocals", "--noUncheckedIndexedAccess",
       "--exactOptionalPropertyTypes", "--target", "es2021", "--module", "es2020"]

MAIN = """
import { Bundle, kernelInfo, paramInfo, libraries, packageName, packageVersion } from "./bundle.js";

const dtype: "float32" = kernelInfo.t_relu.args[0].dtype;
const shape: readonly [-1, 3, 224, 224] = kernelInfo.t_relu.args[0].shape;

export async function run(bytes: Uint8Array): Promise<unknown> {
  const log: [number, number][] = [];
  const bundle = await Bundle.instantiate(bytes, { env: { log: (n, x) => { log.push([n, x]); } } });
  const k = bundle.kernels;
  const product: bigint = k.m_multiply(-3000000000n, 3n);
  const quotient: [number, number] = k.m_divide(17, 5);
  k.m_report(7, 0.25);

  const x = bundle.put(new Float32Array([1, -2, 3]));
  const y = bundle.alloc(12);
  k.t_relu(x, y, 3);
  const relu: Float32Array = bundle.view("float32", y, 3);
  const doubles = bundle.put(new Float64Array([0.5, 0.25]));

  const through: unknown = bundle.kernel("m_add");
  let unknownKernel = "";
  try { bundle.find("m_ad"); } catch (error) { unknownKernel = String(error); }
  let trapped = false;
  try { k.m_crash(); } catch { trapped = true; }
  const result = {
    add: k.m_add(1, 2), product: String(product), scale: k.m_scale(1.5, 2), quotient, log,
    relu: [...relu], sum: k.t_sum(doubles, 2), table: (through as (a: number, b: number) => number)(3, 4),
    unknownKernel, trapped, error: bundle.error(), param: bundle.param("conv1.weight"),
    dtype, shape, weight: paramInfo.conv1_weight, bias: paramInfo.bias.file, libraries, packageName, packageVersion,
    doc: kernelInfo.m_add, again: (bundle.initialize(), k.m_add(0, 0)),
  };
  bundle.free(x);
  bundle.free(y);
  return result;
}
"""
RUNNER = """
import fs from "node:fs";
import { run } from "./main.js";
console.log(JSON.stringify(await run(fs.readFileSync("k.wasm"))));
"""
DUMP = """
import { kernelInfo, paramInfo, libraries, packageName } from "./bundle.js";
export async function run(): Promise<unknown> {
  return { kernels: Object.values(kernelInfo), params: Object.values(paramInfo), libraries, packageName };
}
"""


class TypeScript(BindgenTest):
    def compile_and_run(self, main, *options):
        self.bindgen("ts")
        self.write("main.ts", main)
        self.write("package.json", '{"type": "module"}')
        self.write("runner.js", RUNNER)
        self.run_tool(*TSC, "--lib", "es2021", *options, "main.ts")
        return json.loads(self.run_tool("node", "runner.js").stdout)

    def check(self, result):
        self.assertEqual(result["add"], 1003)  # the constructor ran once
        self.assertEqual(result["again"], 1000)
        self.assertEqual(result["product"], "-9000000000")
        self.assertEqual(result["scale"], 3)
        self.assertEqual(result["quotient"], [3, 2])
        self.assertEqual(result["log"], [[7, 0.25]])
        self.assertEqual(result["relu"], [1, 0, 3])
        self.assertEqual(result["sum"], 0.75)
        self.assertEqual(result["table"], 1007)
        self.assertEqual(result["unknownKernel"], 'Error: the bundle has no kernel "m_ad"')
        self.assertTrue(result["trapped"])
        self.assertIsNone(result["error"])
        self.assertIsNone(result["param"])  # only the section was told of it
        self.assertEqual((result["dtype"], result["shape"]), ("float32", [-1, 3, 224, 224]))
        self.assertEqual(result["weight"], {"name": "conv1.weight", "dtype": "bfloat16", "shape": [64, 3], "layout": "",
                                            "bytes": 384, "file": None})
        self.assertEqual(result["bias"], "bias.bin")
        self.assertEqual(result["libraries"], ["math", "tensors"])
        self.assertEqual((result["packageName"], result["packageVersion"]), ("test", "1.0.0"))
        self.assertEqual(result["doc"], {"name": "m_add", "type": "(i32,i32)->(i32)", "library": 0, "abi": 0, "args": [],
                                         "results": []})

    def test_it_runs(self):
        self.declare_tensors(self.make_bundle())
        self.check(self.compile_and_run(MAIN))

    def test_kernels_that_are_no_exports(self):
        self.declare_tensors(self.make_bundle(bundle="export-kernels = false"))
        self.check(self.compile_and_run(MAIN))

    def test_it_compiles_beside_the_types_of_a_browser(self):
        self.declare_tensors(self.make_bundle())
        self.check(self.compile_and_run(MAIN, "--lib", "es2021,dom"))

    def test_a_bundle_by_hand_with_memory_of_the_host(self):
        self.make_bundle_by_hand('(import "env" "memory" (memory 2 5))')
        result = self.compile_and_run("""
            import { Bundle } from "./bundle.js";
            declare const WebAssembly: { Memory: new (limits: object) => object };
            export async function run(bytes: Uint8Array): Promise<unknown> {
              const memory = new WebAssembly.Memory({ initial: 3, maximum: 5 });
              const made = await Bundle.instantiate(bytes);
              const given = await Bundle.instantiate(bytes, { env: { memory } });
              let full = "";
              try { made.alloc(8); } catch (error) { full = String(error); }
              return [made.kernels.peek(), given.kernels.peek(), made.error(), full,
                      ["conv1.weight", "bias", "weight"].map((name) => made.param(name))];
            }""")
        self.assertEqual(result, [43, 44, "it failed", "Error: the bundle has no memory for 8 bytes",
                                  [{"address": 4096, "bytes": 384}, None, None]])

    def test_wrong_types_are_refused(self):
        self.declare_tensors(self.make_bundle())
        self.bindgen("ts")
        for wrong, complaint in [
            ("k.m_add(1n, 2)", "'bigint' is not assignable to parameter of type 'number'"),
            ("k.m_add(1)", "Expected 2 arguments"),
            ("k.no_such()", "Property 'no_such' does not exist"),
            ("Bundle.instantiate(new Uint8Array(0))", "Expected 2 arguments"),
        ]:
            self.write("main.ts", f'import {{ Bundle, Kernels }} from "./bundle.js";\ndeclare const k: Kernels;\n'
                                  f"export const x = {wrong};\nexport const b = Bundle;\n")
            done = self.run_tool(*TSC, "--lib", "es2021", "--noEmit", "main.ts", check=False)
            self.assertNotEqual(done.returncode, 0, wrong)
            self.assertIn(complaint, done.stdout)

    def test_hostile_names(self):
        self.add_hostile_names(self.make_bundle())
        result = self.compile_and_run(DUMP)
        names = self.kernel_names()
        self.assertEqual([kernel["name"] for kernel in result["kernels"]], names)
        hostile = [kernel for kernel in result["kernels"] if kernel["args"]]
        self.assertEqual([kernel["args"][0]["layout"] for kernel in hostile], [kernel["name"] for kernel in hostile])
        self.assertEqual([param["file"] for param in result["params"]], [param["name"] for param in result["params"]])
        self.assertEqual(result["libraries"][0], result["packageName"])


if __name__ == "__main__":
    unittest.main()
