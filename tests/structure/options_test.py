# ctest: timeout=60
"""Every option that the command's help shows is named in the documentation and in at least one test."""

import os
import re
import subprocess
import unittest

import project

# "--[no-]x" and "--no-x/--x" stand for two options.
OPTION = re.compile(r"(?<![\w-])--(\[no-\])?([a-z][a-z0-9-]*[a-z0-9])")
ALWAYS = {"--help", "--version"}


def list_options(help_text):
    """The options of a help text, each a tuple of its names: what stands at the start of a line, up to a space."""
    options = set()
    for line in help_text.splitlines():
        if line.lstrip().startswith("-"):
            head = re.sub(r",\s+", ",", line.strip()).split()[0]
            longs = OPTION.findall(head)
            shorts = re.findall(r"(?<![\w-])-\w(?!\w)", head)
            for both, name in longs:
                options.add(("--" + name, *shorts))
                if both:
                    options.add(("--no-" + name,))
            if shorts and not longs:
                options.add(tuple(shorts))
    return {names for names in options if names[0] not in ALWAYS}


def mentions(text, option):
    return re.search(r"(?<![\w-])" + re.escape(option) + r"(?![\w-])", text) is not None


def run_help(*arguments):
    return subprocess.run([os.environ["WASMPACK"], *arguments, "--help"], capture_output=True, text=True, check=False)


def list_commands(*path):
    """The commands of a help text that lists some, "oci check" in place of "oci"; else the command itself."""
    text = run_help(*path).stdout
    if "\nCommands:\n" not in text:
        return [" ".join(path)]
    names = re.findall(r"(?m)^  ([a-z-]+)  ", text.split("Commands:")[1].split("Options:")[0])
    return [command for name in names for command in list_commands(*path, name)]


COMMANDS = list_commands()


class Options(unittest.TestCase):
    def setUp(self):
        self.options = {}
        for command in COMMANDS:
            done = run_help(*command.split())
            self.assertEqual(done.returncode, 0, f"wasmpack {command} --help: {done.stderr}")
            self.options[command] = list_options(done.stdout)

    def check(self, texts, where):
        missing = [
            f"{command} {names[0]}"
            for command, options in self.options.items()
            for names in sorted(options)
            if not any(mentions(text, name) for text in texts for name in names)
        ]
        self.assertFalse(missing, f"not in {where}: {', '.join(missing)}")

    def test_the_help_of_each_command_shows_options(self):
        for command, options in self.options.items():
            self.assertTrue(options, f"no option found in the help of {command}")

    def test_the_help_names_the_commands(self):
        self.assertLessEqual({"link", "pack", "inspect", "bindgen"}, set(COMMANDS))

    def test_options_are_documented(self):
        self.check([project.read(name) for name in project.list_files(".md") if name.startswith("docs/")], "docs/*.md")

    def test_options_are_tested(self):
        names = [name for name in project.list_files(".py", ".cpp", ".test", ".sh", ".txt") if name.startswith("tests/")]
        names = [name for name in names if not name.startswith("tests/structure/")]
        self.check([project.read(name) for name in names], "any file of tests/")


class TheCheckItself(unittest.TestCase):
    def test_options_are_found_in_a_help_text(self):
        text = (
            "Usage: wasmpack link [OPTIONS]\n  -o,--output FILE    The file, see --elsewhere\n"
            "  --[no-]whole-archive  All members\n  --gc --like\n  -h, --help          This\n  -v   More\n"
        )
        expected = {("--output", "-o"), ("--whole-archive",), ("--no-whole-archive",), ("--gc",), ("-v",)}
        self.assertEqual(list_options(text), expected)

    def test_a_longer_name_is_no_mention(self):
        self.assertFalse(mentions("--gc-sections", "--gc"))
        self.assertFalse(mentions("--no-gc", "gc"))
        self.assertTrue(mentions("`--gc`, and", "--gc"))


if __name__ == "__main__":
    unittest.main()
