# ctest: timeout=120
"""The command line of `wasmpack pack`: without a manifest, --init, what it writes beside the module, exit codes."""

import json
import re
import unittest

from bundles import HEAD, WASMPACK, BundleTest, library

VISIBLE = '#define E __attribute__((visibility("default")))\n'


class CommandTest(BundleTest):
    def setUp(self):
        super().setUp()
        # One needs what the other defines and hides; both have a `helper`.
        self.compile("one", VISIBLE + "int shared(int); int helper(int x) { return x + 1; }\n"
                                      "E int first(int x) { return helper(shared(x)); }")
        self.compile("two", VISIBLE + "int helper(int x) { return x * 10; } int shared(int x) { return helper(x); }\n"
                                      "E int second(int x) { return helper(x); }\nint hidden(void) { return 7; }")

    def run_pack(self, *argv, code=0):
        done = self.run_tool(WASMPACK, "pack", *argv, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done


class WithoutManifest(CommandTest):
    def test_each_file_is_a_library_and_they_share_what_they_need(self):
        self.run_pack("one.o", "two.o", "-o", "k.wasm")
        self.run_tool("wasm-validate", "k.wasm")
        result = self.run_js("""
          const b = await load(path), {name, release, kernels, libraries} = b.registry();
          return {name, release, libraries, kernels: kernels.map((k) => [k.name, b.kernel(k.name)(4)])};""", "k.wasm")
        self.assertEqual(result, {"name": "k", "release": "0.0.0", "kernels": [["first", 41], ["second", 40]],
                                  "libraries": [{"name": "one", "prefix": ""}, {"name": "two", "prefix": ""}]})

    def test_kernels_are_asked_of_all_together(self):
        self.run_pack("one.o", "two.o", "--kernel", "f*", "--kernel=hidden", "-o", "k.wasm")
        names = self.run_js("return (await load(path)).registry().kernels.map((k) => k.name);", "k.wasm")
        self.assertEqual(names, ["first", "hidden"])
        text = self.run_pack("one.o", "two.o", "--kernel", "hiden", "-o", "n.wasm", code=1).stderr
        self.assertIn("no input offers a kernel `hiden` [bad-kernel]\n  help: did you mean 'hidden'?", text)

    def test_an_archive_and_a_duplicate(self):
        self.run_tool("llvm-ar-22", "rcs", "libtwo.a", "two.o")
        self.run_pack("one.o", "libtwo.a", "-n")
        text = self.run_pack("two.o", "libtwo.a", "-o", "k.wasm", code=1).stderr
        self.assertIn("two kernels have the name `second`", text)
        self.assertIn("library `two-2`", text)

    def test_wrong_usage(self):
        self.write("k.toml", HEAD + library("one"))
        self.assertIn("a manifest stands alone", self.run_pack("k.toml", "one.o", code=2).stderr)
        self.assertIn("--kernel is for a pack without a manifest", self.run_pack("k.toml", "--kernel", "x", code=2).stderr)
        self.assertIn("none.o: cannot read", self.run_pack("one.o", "none.o", code=2).stderr)
        self.assertIn("--init writes a first manifest", self.run_pack(code=2).stderr)


class Init(CommandTest):
    def test_the_draft_packs(self):
        self.assertEqual(self.run_pack("--init", "two.o").stdout, "wasmpack.toml\n")
        text = (self.folder / "wasmpack.toml").read_text()
        self.assertIn('# symbol = "second"\n# signature = "(i32)->(i32)"', text)
        self.assertEqual(self.run_pack().stdout, "two.wasm\n")
        # The commented kernels are true, too.
        self.write("k.toml", re.sub(r"(?m)^# (\[\[|symbol|signature)", r"\1", text))
        self.run_pack("k.toml", "-o", "k.wasm")

    def test_it_writes_over_nothing(self):
        self.run_pack("--init", "two.o", "-o", "k.toml")
        before = (self.folder / "k.toml").read_text()
        self.assertIn("writes over nothing", self.run_pack("--init", "one.o", "-o", "k.toml", code=2).stderr)
        self.assertEqual((self.folder / "k.toml").read_text(), before)
        self.assertEqual(self.run_pack("--init", "two.o", "-o", "-").stdout, before)

    def test_names_that_must_be_quoted(self):
        odd = 'li"b \\ ü.o'
        (self.folder / "two.o").rename(self.folder / odd)
        self.run_pack("--init", odd)
        self.run_pack("-n")


class BesideTheModule(CommandTest):
    def test_depfile_and_map(self):
        self.write("data.bin", "12345678")
        self.write("k.toml", HEAD + library("two") +
                   '[[param]]\nname = "p"\npath = "data.bin"\ndtype = "uint8"\nshape = [8]\n')
        self.run_pack("k.toml", "-o", "k.wasm", "--depfile", "k.d", "--map", "k.map")
        self.run_tool("make", "-f", "k.d", "-n", "k.wasm")
        self.assertTrue((self.folder / "k.d").read_text().startswith("k.wasm: \\\n  k.toml \\\n  two.o \\\n  data.bin\n"))
        text = (self.folder / "k.map").read_text()
        self.assertIn("library `two`:(second)", text)
        self.assertNotIn("/proc/", text)
        # The map changes nothing about the module.
        self.run_pack("k.toml", "-o", "plain.wasm", "--threads", "1")
        self.assertEqual((self.folder / "plain.wasm").read_bytes(), (self.folder / "k.wasm").read_bytes())

    def test_a_map_longer_than_a_pipe_holds(self):
        self.compile("many", VISIBLE + "".join(f"E int k{i}(void) {{ return {i}; }}\n" for i in range(5000)))
        self.run_pack("many.o", "-o", "k.wasm", "--map", "k.map")
        text = (self.folder / "k.map").read_text()
        self.assertEqual([i for i in range(5000) if f":(k{i})" not in text], [])

    def test_external_params_do_not_replace_their_own_file(self):
        def param(name, offset, size):
            return (f'[[param]]\nname = "{name}"\npath = "w.bin"\noffset = {offset}\ndtype = "uint8"\nshape = [{size}]\n'
                    'embed = "external"\n')

        self.write("w.bin", "12345678")
        self.write("k.toml", HEAD + library("two") + param("w", 2, 3) + param("v", 2, 3))
        text = self.run_pack("k.toml", "-o", "k.wasm", code=2).stderr
        self.assertIn("w.bin: this is an input, which an output would replace", text)
        self.assertEqual((self.folder / "w.bin").read_text(), "12345678")
        self.assertFalse((self.folder / "k.wasm").exists())
        (self.folder / "out").mkdir()
        self.run_pack("k.toml", "-o", "out/k.wasm")
        self.assertEqual((self.folder / "out" / "w.bin").read_text(), "345")
        self.assertEqual((self.folder / "out" / "v.bin").read_text(), "345")
        # The whole file is where it belongs already.
        self.write("k.toml", HEAD + library("two") + param("w", 0, 8))
        self.run_pack("k.toml", "-o", "k.wasm")
        self.assertEqual((self.folder / "w.bin").read_text(), "12345678")

    def test_dry_run_writes_nothing(self):
        before = sorted(p.name for p in self.folder.iterdir())
        text = self.run_pack("one.o", "two.o", "--dry-run", "-o", "k.wasm", "--depfile", "k.d").stdout
        self.assertIn("  first (i32)->(i32)  `first` of one, c\n", text)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), before)

    def test_messages_as_json(self):
        text = self.run_pack("one.o", "-o", "k.wasm", "--message-format", "json", code=1).stderr
        message, = (json.loads(line) for line in text.splitlines())
        self.assertEqual((message["severity"], message["id"]), ("error", "undefined-symbol"))


if __name__ == "__main__":
    unittest.main()
