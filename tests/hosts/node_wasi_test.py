# ctest: timeout=120 labels=hosts
"""node:wasi, which takes the bundle for a reactor and calls its _initialize."""

import unittest

import host_case


class NodeWasi(host_case.HostTest):
    def test_page(self):
        printed = self.check_page("node-wasi.md", code=["node-wasi/host.mjs"])
        self.assertEqual(printed, host_case.expected_output(without=("conv2d",)))


if __name__ == "__main__":
    unittest.main()
