# ctest: timeout=120
"""The examples of the documentation do what they say.

A fenced block whose first line has one of these words behind the language is part of its page's example:

    file=NAME  is written to that file
    setup      is run by bash before the others, wherever it stands
    run        is run by bash and must succeed; with `fails`, must end with exit code 1
    output     is what the `run` block before it prints, line by line
    messages   is what the `run` block before it says on standard error

Each page has a folder of its own, with a copy of testdata/tvm in it. The blocks are taken in the order of the page, files
first.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

WASMPACK = pathlib.Path(os.environ["WASMPACK"])
ROOT = pathlib.Path(os.environ.get("WASMPACK_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
PAGES = (
    "../README.md", "bundle-abi.md", "cargo.md", "commands.md", "getting-started-c.md", "getting-started-rust.md", "inspect.md",
    "inspect-compare.md", "link.md", "manifest.md", "migrating.md", "oci.md", "pack.md", "repair.md", "run.md", "tvm.md",
)
BLOCK = re.compile(r"^```(\w+) ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_blocks(text):
    """(words behind the language, content) of each block that is part of an example."""
    return [(words.split(), content) for _, words, content in BLOCK.findall(text)]


class Examples(unittest.TestCase):
    def run_block(self, folder, script, code):
        environment = {**os.environ, "PATH": f"{WASMPACK.parent}:{os.environ['PATH']}", "LC_ALL": "C"}
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=folder, env=environment,
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, f"{script}\n{done.stdout}{done.stderr}")
        return done

    def test_pages(self):
        for page in PAGES:
            with self.subTest(page), tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                shutil.copytree(ROOT / "testdata" / "tvm", folder / "testdata" / "tvm")
                blocks = read_blocks((ROOT / "docs" / page).read_text(encoding="utf-8"))
                runs = 0
                for words, content in blocks:
                    if words[0].startswith("file="):
                        path = folder / words[0][len("file="):]
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_text(content, encoding="utf-8")
                for words, content in blocks:
                    if words[0] == "setup":
                        self.run_block(folder, content, 0)
                for words, content in blocks:
                    if words[0] == "run":
                        done = self.run_block(folder, content, 1 if "fails" in words else 0)
                        runs += 1
                    elif words[0] == "output":
                        self.assertEqual(done.stdout, content)
                    elif words[0] == "messages":
                        self.assertEqual(done.stderr, content)
                    else:
                        self.assertTrue(words[0].startswith("file=") or words[0] == "setup", f"{page}: a block marked {words}")
                self.assertGreater(runs, 0, f"{page} has no example")


if __name__ == "__main__":
    unittest.main()
