# ctest: timeout=120
"""Help, manual pages and completions are made of one table. man, bash, zsh and fish themselves read what comes out."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

WASMPACK = os.environ["WASMPACK"]
SOURCES = pathlib.Path(os.environ["WASMPACK_SOURCE_DIR"])
ENVIRONMENT = {**os.environ, "PATH": f"{pathlib.Path(WASMPACK).parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}


def wasmpack(*arguments, code=0, **more):
    done = subprocess.run([WASMPACK, *arguments], capture_output=True, text=True, check=False, **more)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def run(program, *arguments, **more):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, env=ENVIRONMENT, **more)
    assert done.returncode == 0 and not done.stderr, f"{program}: {done.stdout}{done.stderr}"
    return done.stdout


def list_subcommands(command):
    """Those of `oci`, with its name; else the command alone."""
    parts = wasmpack(command, "--help").split("\nCommands:\n")
    return [f"{command} {name}" for name in re.findall(r"(?m)^  ([a-z-]+) ", parts[1])] if len(parts) > 1 else [command]


COMMANDS = re.findall(r"(?m)^  ([a-z-]+) ", wasmpack("--help").split("Commands:")[1].split("Options:")[0])


def options_of(command):
    """The long options of a command's help."""
    return re.findall(r"(?m)^  (?:-\w,)?(--[a-z-]+)", wasmpack(*command.split(), "--help"))


class Help(unittest.TestCase):
    def test_each_command_says_how_it_is_used(self):
        self.assertGreater(len(COMMANDS), 5)
        for command in COMMANDS:
            text = wasmpack(command, "--help")
            self.assertIn(f"\nUsage: wasmpack {command}", text)
            self.assertIn("--help", text)
            self.assertEqual(wasmpack("help", command), text)
            for path in list_subcommands(command):
                self.assertEqual(wasmpack("help", *path.split()), wasmpack(*path.split(), "--help"))

    def test_the_keys_of_manifests(self):
        self.assertEqual(wasmpack("help", "manifest"), wasmpack("pack", "--list-keys"))

    def test_lines_fit(self):
        for command in COMMANDS:
            for line in wasmpack(command, "--help").splitlines():
                if not line.startswith("  ") or line.startswith("   "):  # examples and names of options stay whole
                    self.assertLessEqual(len(line), 80, line)

    def test_an_unknown_command_is_suggested(self):
        self.assertIn("did you mean 'inspect'?", wasmpack("help", "inspct", code=2))
        self.assertIn("did you mean 'check'?", wasmpack("help", "oci", "chek", code=2))
        self.assertIn("'wasmpack pack' has no commands of its own: 'check'", wasmpack("help", "pack", "check", code=2))


class Manual(unittest.TestCase):
    """groff, with all warnings on, is the judge of the pages."""

    def read(self, *names):
        page = wasmpack("help", "--man", *names)
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-P-c", "-P-u", "-P-b", "-rLL=100n", "-rHY=0", "-K", "utf-8"],
                              input=page, capture_output=True, text=True, env=ENVIRONMENT, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return page, re.sub("[‐−–]", "-", done.stdout)

    def test_a_page_has_each_option(self):
        for command in COMMANDS:
            page, text = self.read(command)
            self.assertTrue(page.startswith(".TH "))
            for option in (o for path in list_subcommands(command) for o in options_of(path)):
                self.assertRegex(text, rf"(?m)^ {{7}}(-\w, )?{option}\b", command)

    def test_the_page_of_a_subcommand_is_that_of_its_command(self):
        self.assertEqual(self.read("oci", "check"), self.read("oci"))

    def test_the_overview_has_each_command(self):
        page, text = self.read()
        for command in COMMANDS:
            self.assertRegex(text, rf"(?m)^ {{7}}{command}\b")
        self.assertIn(".BR wasmpack\\-cargo\\-flags (1)", page)
        self.assertRegex(text, r"(?m)^ {7}SOURCE_DATE_EPOCH\b")

    def test_the_page_of_the_manifest_has_each_key(self):
        _, text = self.read("manifest")
        keys = re.findall(r"(?m)^  (\S+)  ", wasmpack("pack", "--list-keys"))
        self.assertGreater(len(keys), 40)
        for key in keys:
            self.assertRegex(text, rf"(?m)^ {{7}}{re.escape(key)}\b")


class Completion(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        (self.folder / "a library.o").touch()

    def bash(self, *words):
        """What bash offers for the last word."""
        script = 'eval "$(wasmpack completion bash)"\nCOMP_WORDS=("$@")\nCOMP_CWORD=$(($# - 1))\n_wasmpack\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
        return run("bash", "-euc", script, "bash", *words, cwd=self.folder).split("\n")[:-1]

    def fish(self, line):
        script = f"wasmpack completion fish | source; complete -C '{line}'"
        return [row.split("\t")[0] for row in run("fish", "--private", "--no-config", "-c", script, cwd=self.folder).splitlines()]

    def test_commands(self):
        self.assertEqual(self.bash("wasmpack", "in"), ["inspect"])
        self.assertEqual(self.bash("wasmpack", ""), [*COMMANDS, "--help", "--version"])
        self.assertEqual(self.fish("wasmpack in"), ["inspect"])
        self.assertEqual(sorted(self.fish("wasmpack ")), sorted(COMMANDS))

    def test_options(self):
        for command in (path for name in COMMANDS for path in list_subcommands(name)):
            expected = sorted(options_of(command))
            self.assertIn("--help", expected)
            self.assertEqual(sorted(self.bash("wasmpack", *command.split(), "--")), expected)
            self.assertEqual(sorted(self.fish(f"wasmpack {command} --")), expected)

    def test_subcommands(self):
        self.assertEqual(self.bash("wasmpack", "oci", ""), ["check", "write"])
        self.assertEqual(sorted(self.fish("wasmpack oci ")), ["check", "write"])

    def test_values(self):
        self.assertEqual(self.bash("wasmpack", "link", "--color", ""), ["auto", "always", "never"])
        self.assertEqual(self.bash("wasmpack", "link", "--color", "=", "al"), ["always"])
        self.assertEqual(self.bash("wasmpack", "completion", "z"), ["zsh"])
        self.assertEqual(self.bash("wasmpack", "run", "--engine", ""), ["interp", "node", "wasmtime"])
        self.assertEqual(self.bash("wasmpack", "run", "--imports", "z"), ["zero"])
        self.assertEqual(self.bash("wasmpack", "cargo-flags", "--entry", ""), ["auto", "always", "none"])
        self.assertEqual(self.bash("wasmpack", "oci", "write", "--media-types", ""), ["cncf", "legacy"])
        self.assertEqual(self.fish("wasmpack link --color al"), ["always"])
        self.assertEqual(self.fish("wasmpack completion z"), ["zsh"])

    def test_files(self):
        self.assertEqual(self.bash("wasmpack", "link", "a"), ["a library.o"])
        self.assertEqual(self.bash("wasmpack", "link", "-o", "a"), ["a library.o"])
        self.assertEqual(self.fish("wasmpack link a"), ["a library.o"])

    def test_zsh_loads_it(self):
        script = ("autoload -Uz compinit && compinit -D && source <(wasmpack completion zsh) && "
                  "whence -w _wasmpack && print -r -- $_comps[wasmpack]")
        self.assertEqual(run("zsh", "-fc", script), "_wasmpack: function\n_wasmpack\n")
        file = self.folder / "_wasmpack"
        file.write_text(wasmpack("completion", "zsh"))
        run("zsh", "-n", str(file))

    def test_an_unknown_shell(self):
        self.assertIn("'tcsh' is none of bash, zsh, fish", wasmpack("completion", "tcsh", code=2))


class ManifestKeys(unittest.TestCase):
    def test_the_tables_of_the_documentation_are_those_of_the_command(self):
        page = (SOURCES / "docs/manifest.md").read_text()
        tables = wasmpack("pack", "--list-keys=markdown").split("<!-- keys of ")[1:]
        self.assertGreater(len(tables), 6)
        stale = [t.split(" -->")[0] for t in tables if "<!-- keys of " + t.rstrip("\n") + "\n\n" not in page]
        self.assertEqual(stale, [], "scripts/update_docs.py writes them anew")


class Explain(unittest.TestCase):
    def test_an_error_and_a_check(self):
        self.assertIn("Way out:", wasmpack("explain", "duplicate-symbol"))
        self.assertIn("`.command_export`", wasmpack("explain", "error[ctor-rerun]").replace("<function>", ""))

    def test_the_case_of_an_id_does_not_matter(self):
        self.assertEqual(wasmpack("explain", "DUPLICATE-SYMBOL"), wasmpack("explain", "duplicate-symbol"))

    def test_each_listed_id_is_explained(self):
        ids = wasmpack("explain", "--list").split()
        self.assertGreater(len(ids), 100)
        self.assertEqual(ids, sorted(set(ids)))
        for text in wasmpack("explain", *ids).split("\n\n\n"):
            self.assertIn("Way out", text)

    def test_an_unknown_id_is_suggested(self):
        self.assertIn("duplicate-symbol", wasmpack("explain", "duplicate-symbl", code=2))
        self.assertIn("duplicate-symbol", wasmpack("explain", "Duplicate-Symbl", code=2))
        self.assertIn("no id given", wasmpack("explain", code=2))


if __name__ == "__main__":
    unittest.main()
