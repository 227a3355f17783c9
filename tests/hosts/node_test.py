# ctest: timeout=120 labels=hosts
"""node, by the WebAssembly API alone."""

import re
import unittest

import host_case


class Node(host_case.HostTest):
    def test_page(self):
        printed = self.check_page("node.md", code=["node/host.mjs"])
        self.assertEqual(printed, host_case.expected_output())

    def test_the_readme_of_the_example(self):
        """Its block gives the bundle that the other tests have (tearDown compares), its commands for node give the lines."""
        text = (host_case.EXAMPLE / "README.md").read_text(encoding="utf-8")
        (build,) = [content for _, words, content in host_case.BLOCK.findall(text) if words == "run"]
        self.bundle.unlink()
        self.run_commands(build)
        commands = re.findall(r"`(node [^`]+)`", text)
        self.assertEqual(len(commands), 2)
        for command in commands:
            self.assertIn("add 42\n", self.run_commands(command).stdout)


if __name__ == "__main__":
    unittest.main()
