# ctest: timeout=600 labels=hosts
"""wasmtime through its Python package from PyPI."""

import unittest

import host_case
from lib import registries


class WasmtimePython(host_case.HostTest):
    def test_page(self):
        try:
            python = registries.python_with("wasmtime==50.0.1")
        except registries.Unreachable as error:
            registries.skip(error)
            raise unittest.SkipTest(str(error)) from error
        self.assertIn("wasmtime==50.0.1", (host_case.ROOT / "docs/hosts/wasmtime-python.md").read_text())
        printed = self.check_page("wasmtime-python.md", path=[python.parent], code=["wasmtime-python/host.py"])
        self.assertEqual(printed, host_case.expected_output())


if __name__ == "__main__":
    unittest.main()
