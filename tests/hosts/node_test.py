# ctest: timeout=120 labels=hosts
"""node, by the WebAssembly API alone."""

import unittest

import host_case


class Node(host_case.HostTest):
    def test_page(self):
        printed = self.check_page("node.md", code=["node/host.mjs"])
        self.assertEqual(printed, host_case.expected_output())


if __name__ == "__main__":
    unittest.main()
