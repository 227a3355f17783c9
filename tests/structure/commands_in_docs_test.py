# ctest: timeout=60
"""Every block of commands in the documentation is run by a test, or stands in a list here with the reason why none runs it."""

import ast
import re
import unittest

import project

# Runs the blocks that are marked `run` and `setup` of its pages.
EXAMPLES = "tests/docs/examples_test.py"

# Pages that another test runs as they are: the test, and whether it takes all blocks or those that are marked.
RUN_BY = {
    "docs/getting-started-tvm.md": ("tests/integrations/tvm_test.py", "marked, set up"),
    "docs/hosts/browser.md": ("tests/hosts/browser_test.py", "marked"),
    "docs/hosts/node-wasi.md": ("tests/hosts/node_wasi_test.py", "marked"),
    "docs/hosts/node.md": ("tests/hosts/node_test.py", "marked"),
    "docs/hosts/wabt.md": ("tests/hosts/wabt_test.py", "marked"),
    "docs/hosts/wapc.md": ("tests/hosts/wapc_test.py", "marked"),
    "docs/hosts/wasmtime-python.md": ("tests/hosts/wasmtime_python_test.py", "marked"),
    "docs/hosts/wasmtime-rust.md": ("tests/hosts/wasmtime_rust_test.py", "marked"),
    "examples/cargo/README.md": ("tests/integrations/cargo_test.py", "marked"),
    "examples/cmake/README.md": ("tests/integrations/cmake_test.py", "marked"),
    "examples/hosts/README.md": ("tests/hosts/node_test.py", "marked"),
    "examples/oci/README.md": ("tests/integrations/oci_test.py", "all"),
    "examples/tvm/README.md": ("tests/integrations/tvm_test.py", "all"),
    "examples/wapc/README.md": ("tests/hosts/wapc_test.py", "marked"),
}

# Blocks whose commands stand, each as it is, in a `run` block of another page.
SAME_AS = {("docs/diagnostics.md", "wasmpack link --keep-global-symbol='conv_*' conv.o -o conv_sealed.o"): "docs/link.md"}

# Blocks that no test runs as they are, by page and first line.
NOT_RUN = {
    ("README.md", "./demo"): "installs Debian packages as root; demo_test.py runs the last step",
    ("README.md", "cmake --install build --prefix /opt/wasmpack"): "root; cmake_test.py installs into a folder of its own",
    ("docs/cmake.md", "cmake --install build --prefix /opt/wasmpack"): "root; cmake_test.py does it elsewhere, deb_test.py runs cpack",
    ("docs/getting-started-tvm.md", "mkdir -p build/tvm"): "network; tvm_test.py has the packages from its cache",
    ("docs/hosts/browser.md", "python3 -m http.server"): "serves for ever; browser_test.py serves the same files",
    ("docs/hosts/wasmtime-python.md", "python3 -m venv venv"): "network; wasmtime_python_test.py has the package from its cache",
    ("docs/oci.md", "skopeo copy oci:layout:1.2.0"): "a registry with an account; oci_test.py copies to a local one and back",
    ("docs/oci.md", "oras pull ghcr.io"): "the network, and tools that Debian does not have",
    ("docs/oci.md", "digest=$(wasmpack pack vision.toml"): "an account to sign with; oci.md runs the same pack above",
    ("examples/wapc/README.md", "npm install"): "network; wapc_test.py has the package from its cache",
}

BLOCK = re.compile(r"^( *)```(?:sh|bash|console)\b *([^\n]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def list_pages():
    def has_commands(name):
        return name == "README.md" or name.startswith(("docs/", "examples/", "integrations/"))

    return [name for name in project.list_files(".md") if has_commands(name)]


def list_blocks(page):
    """(mark, text) of each block of commands."""
    return [(mark.split()[0] if mark else "", text) for _, mark, text in BLOCK.findall(project.read(page))]


def read_example_pages():
    """PAGES of the test of the examples, from the root of the sources."""
    for node in ast.parse(project.read(EXAMPLES)).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "PAGES":
            return {f"docs/{name}".replace("docs/../", "") for name in ast.literal_eval(node.value)}
    raise AssertionError(f"{EXAMPLES} has no PAGES")


def read_with_helpers(test):
    """The text of a test and of the modules of its folder that it imports."""
    text = project.read(test)
    names = re.findall(r"(?m)^(?:import|from) (\w+)", text)
    paths = [f"{test.rsplit('/', 1)[0]}/{name}.py" for name in names]
    return text + "".join(project.read(path) for path in paths if (project.ROOT / path).is_file())


class CommandsInDocs(unittest.TestCase):
    def setUp(self):
        self.examples = read_example_pages()
        self.blocks = [(page, *block) for page in list_pages() for block in list_blocks(page)]

    def is_run(self, page, mark):
        if page in RUN_BY and RUN_BY[page][1] == "all":
            return True
        if mark == "setup":
            return page in self.examples or page in RUN_BY and "set up" in RUN_BY[page][1]
        return mark == "run" and (page in self.examples or page in RUN_BY)

    def test_each_block_is_run_or_has_a_reason(self):
        self.assertGreater(len(self.blocks), 50)
        used, loose = set(), []
        for page, mark, text in self.blocks:
            entry = next((key for key in (*NOT_RUN, *SAME_AS) if key[0] == page and text.startswith(key[1])), None)
            if entry and not self.is_run(page, mark):
                used.add(entry)
            elif not self.is_run(page, mark):
                loose.append(f"{page}: {text.splitlines()[0]}")
        self.assertEqual(loose, [], "mark them `run`, or say in this test why not")
        self.assertEqual({*NOT_RUN, *SAME_AS} - used, set(), "these blocks are gone, or are run")

    def test_what_runs_elsewhere_stands_there(self):
        for (page, first), other in SAME_AS.items():
            lines = {re.sub(r"\s+#.*", "", line) for source, mark, text in self.blocks if source == other and self.is_run(source, mark)
                     for line in text.splitlines()}
            shown = next(text for source, _, text in self.blocks if source == page and text.startswith(first))
            self.assertLessEqual(set(shown.splitlines()), lines, page)

    def test_the_tests_name_their_pages(self):
        with_commands = {page for page, _, _ in self.blocks}
        for page, (test, _) in RUN_BY.items():
            self.assertIn(page, with_commands, "it has no commands")
            folder, name = page.split("/")[-2:]
            text = read_with_helpers(test)
            self.assertIn(f'"{name}"', text.replace(f'/{name}"', f'"{name}"'), test)
            if name == "README.md":
                self.assertTrue(f'examples/{folder}"' in text or f'"examples" / "{folder}"' in text, f"{test}: {folder}")
        self.assertEqual([page for page in self.examples if page not in with_commands], [])
        for name in {name for reason in NOT_RUN.values() for name in re.findall(r"\w+_test\.py", reason)}:
            self.assertTrue(any(path.endswith("/" + name) for path in project.list_files("_test.py")), name)


class TheCheckItself(unittest.TestCase):
    def test_blocks_are_found(self):
        text = "```sh\na\n```\n\n- x:\n\n  ```console run fails\n  $ b\n  ```\n\n```text\nc\n```\n\n```bash setup\nd\n```\n"
        self.assertEqual([(mark, block) for _, mark, block in BLOCK.findall(text)],
                         [("", "a\n"), ("run fails", "  $ b\n"), ("setup", "d\n")])


if __name__ == "__main__":
    unittest.main()
