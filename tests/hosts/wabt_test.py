# ctest: timeout=120 labels=hosts
"""Debian's wabt: wasm-interp runs exports without parameters, spectest-interp calls by name with arguments."""

import re
import unittest

import host_case


def parse_calls(text):
    """What the interpreter printed of each call: name -> results as text; the last call of a name counts."""
    calls = re.findall(r"^(\w+)\(.*?\) =>(.*)$", text, re.MULTILINE)
    return {name: [result.split(":")[1] for result in results.split(",") if result.strip()] for name, results in calls}


class Wabt(host_case.HostTest):
    def test_page(self):
        printed = self.check_page("wabt.md", code=["wabt/calls.json", "wabt/arrays.wat"])
        values, calls = host_case.expected_values(), parse_calls(printed)
        self.assertRegex(printed, r"(?m)^9/9 tests passed\.$")
        self.assertEqual(calls["_initialize"], [])
        for name, kernel in (("registered", "registered"), ("add", "scalar_add"), ("gcd", "scalar_gcd"),
                             ("mix", "scalar_mix"), ("ramp", "vector_ramp")):
            self.assertEqual([float(value) for value in calls[kernel]], [values[name]], kernel)
        self.assertEqual([float(value) for value in calls["axpy"]], values["axpy"])

    def test_all_exports(self):
        printed = self.run_commands("wasm-interp kernels.wasm --run-all-exports").stdout
        values = host_case.expected_values()
        self.assertEqual(parse_calls(printed), {"_initialize": [], "registered": [str(values["registered"])],
                                                "vector_ramp": [f"{values['ramp']:f}"]})

    def test_a_wrong_result_is_found(self):
        calls = self.folder / "wabt/calls.json"
        calls.write_text(calls.read_text().replace('"type": "action", "line": 5', '"type": "assert_return", "line": 5')
                         .replace('"registered", "args": []}, "expected": []',
                                  '"registered", "args": []}, "expected": [{"type": "i32", "value": "3"}]'))
        with self.assertRaises(AssertionError) as raised:
            self.run_commands("wat2wasm wabt/arrays.wat -o wabt/arrays.wasm && spectest-interp wabt/calls.json")
        self.assertIn("8/9 tests passed", str(raised.exception))


if __name__ == "__main__":
    unittest.main()
