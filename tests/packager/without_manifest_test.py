# ctest: timeout=300
"""Packing without a manifest, and --init, which writes a first one."""

import json
import os
import re
import shutil
import subprocess
import unittest

from bundles import WASMPACK, BundleTest

VISIBLE = '__attribute__((visibility("default"))) '


class CommandLineTest(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("conv", VISIBLE + "int conv_a(int a) { return a * 2; }\n" + VISIBLE + "int conv_b(int a) { return a * 3; }\n"
                     + VISIBLE + "int other(int a) { return a; }")
        self.compile("user", "int conv_a(int); int helper(int);\n" + VISIBLE + "int conv_user(int a) { return conv_a(a) + helper(a); }")
        self.compile("helper", "int helper(int a) { return a + 100; }")
        self.run_tool("llvm-ar-22", "rcs", "libhelp.a", "helper.o")

    def run_pack(self, *arguments, check=True):
        return self.run_tool(WASMPACK, "pack", *arguments, check=check)

    def kernels(self, module="x.wasm"):
        self.run_tool("wasm-validate", module)
        return self.run_js("return (await load(path)).registry().kernels.map((k) => k.name);", module)


class WithoutManifest(CommandLineTest):
    def test_each_file_is_a_library_and_they_may_use_each_other(self):
        done = self.run_pack("user.o", "conv.o", "libhelp.a", "-o", "x.wasm", "--kernel", "conv_*")
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        self.assertEqual(self.kernels(), ["conv_a", "conv_b", "conv_user"])
        self.assertEqual(self.run_js("const {exports: e} = await load(path); return [e.conv_user(5), e.conv_b(5)];", "x.wasm"), [115, 15])
        section = self.run_js("return (await load(path)).manifest();", "x.wasm")
        self.assertEqual([lib["name"] for lib in section["libraries"]], ["user", "conv", "help"])
        self.assertEqual(section["package"], {"name": "x", "version": "0.0.0"})

    def test_without_patterns_all_that_is_offered_is_taken(self):
        self.run_pack("conv.o", "user.o", "libhelp.a", "-o", "x.wasm")
        self.assertEqual(self.kernels(), ["conv_a", "conv_b", "conv_user", "other"])

    def test_one_file_alone(self):
        for name in ("conv.o", "./conv.o", str(self.folder / "conv.o")):
            self.run_pack(name, "-o", "x.wasm")
            self.assertEqual(self.kernels(), ["conv_a", "conv_b", "other"])

    def test_exact_names_and_several_patterns(self):
        self.run_pack("conv.o", "user.o", "libhelp.a", "-o", "x.wasm", "--kernel", "other", "--kernel=conv_user")
        self.assertEqual(self.kernels(), ["conv_user", "other"])
        # A hidden function by its exact name.
        self.run_pack("libhelp.a", "-o", "x.wasm", "--kernel", "helper")
        self.assertEqual(self.kernels(), ["helper"])

    def test_a_pattern_that_no_file_has(self):
        done = self.run_pack("conv.o", "user.o", "libhelp.a", "-o", "x.wasm", "--kernel", "conv_*", "--kernel", "pool_*",
                             "--kernel", "othr", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no input offers a kernel `pool_*`", done.stderr)
        self.assertIn("no input offers a kernel `othr` [bad-kernel]\n  help: did you mean 'other'?", done.stderr)
        self.assertNotIn("conv_*", done.stderr)
        self.assertFalse((self.folder / "x.wasm").exists())

    def test_nothing_that_is_offered(self):
        done = self.run_pack("libhelp.a", "helper.o", "-o", "x.wasm", check=False)
        self.assertEqual(done.returncode, 1)
        done = self.run_pack("helper.o", "-o", "x.wasm", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no input offers a kernel: none of their functions is exported or has default visibility [bad-kernel]\n"
                      "  help: name some: --kernel PATTERN", done.stderr)

    def test_two_files_of_one_name(self):
        (self.folder / "sub").mkdir()
        self.compile("more", VISIBLE + "int more(void) { return 1; }")
        shutil.copy(self.folder / "more.o", self.folder / "sub" / "conv.o")
        self.run_pack("conv.o", "sub/conv.o", "-o", "x.wasm")
        section = self.run_js("return (await load(path)).manifest();", "x.wasm")
        self.assertEqual([lib["name"] for lib in section["libraries"]], ["conv", "conv-2"])

    def test_the_same_kernel_in_two_files(self):
        shutil.copy(self.folder / "conv.o", self.folder / "copy.o")
        done = self.run_pack("conv.o", "copy.o", "-o", "x.wasm", check=False)
        self.assertIn("two kernels have the name `conv_a`: `conv_a` of library `conv` and `conv_a` of library `copy`", done.stderr)

    def test_without_an_output_the_first_file_names_it(self):
        done = self.run_pack("conv.o")
        self.assertEqual(done.stdout, "conv.wasm\n")
        self.run_pack("libhelp.a", "--kernel", "helper")
        self.assertTrue((self.folder / "libhelp.wasm").exists())

    def test_names_with_special_letters(self):
        odd = 'odd "name" [x]*.o'
        shutil.copy(self.folder / "conv.o", self.folder / odd)
        self.run_pack("--output", "x.wasm", odd)
        self.assertEqual(self.kernels(), ["conv_a", "conv_b", "other"])


class WrongCombinations(CommandLineTest):
    def refuse_usage(self, *arguments):
        before = sorted(os.listdir(self.folder))
        done = self.run_pack(*arguments, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        return done.stderr

    def test_a_manifest_stands_alone(self):
        self.write("k.toml", "")
        self.assertIn("k.toml: a manifest stands alone: it lists its libraries itself",
                      self.refuse_usage("k.toml", "conv.o", "-o", "x.wasm"))
        self.assertIn("k.toml: ", self.refuse_usage("k.toml", "k.toml", "-o", "x.wasm"))

    def test_kernel_is_for_a_pack_without_one(self):
        self.write("k.toml", "")
        self.assertIn("k.toml: --kernel is for a pack without a manifest [usage]\n  help: list kernels in the manifest: [[library.kernel]]",
                      self.refuse_usage("k.toml", "--kernel", "x", "-o", "x.wasm"))

    def test_nothing_at_all(self):
        self.assertIn("wasmpack.toml: cannot read: No such file or directory [cannot-read]\n"
                      "  help: give a manifest, or libraries; --init writes a first manifest", self.refuse_usage())

    def test_the_default_manifest(self):
        self.write("wasmpack.toml", 'schema = 1\n[package]\nname = "own"\nversion = "1.0.0"\n[[library]]\nname = "c"\ninputs = ["conv.o"]\n')
        self.assertEqual(self.run_pack().stdout, "own.wasm\n")
        self.assertEqual(self.kernels("own.wasm"), ["conv_a", "conv_b", "other"])

    def test_a_file_that_is_neither(self):
        (self.folder / "junk.bin").write_bytes(b"\x7fELF\x02\x01\x01" + b"\0" * 100)
        done = self.run_pack("junk.bin", "-o", "x.wasm", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("junk.bin: ", done.stderr)
        self.assertIn("none.o: cannot read", self.refuse_usage("conv.o", "none.o", "-o", "x.wasm"))

    def test_a_finished_module(self):
        self.run_pack("conv.o", "-o", "x.wasm")
        done = self.run_pack("x.wasm", "-o", "y.wasm", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("x.wasm", done.stderr)


class Init(CommandLineTest):
    def uncomment_kernels(self, text):
        return re.sub(r"(?m)^# (?=\[\[library\.kernel\]\]|symbol = |signature = )", "", text)

    def test_it_writes_a_manifest_that_packs(self):
        done = self.run_pack("--init", "conv.o")
        self.assertEqual((done.stdout, done.stderr), ("wasmpack.toml\n", ""))
        self.run_pack("-o", "x.wasm")
        self.assertEqual(self.kernels(), ["conv_a", "conv_b", "other"])
        text = (self.folder / "wasmpack.toml").read_text()
        self.write("wasmpack.toml", self.uncomment_kernels(text))
        self.assertIn('\n[[library.kernel]]\nsymbol = "conv_b"\nsignature = "(i32)->(i32)"\n', self.uncomment_kernels(text))
        self.run_pack("-o", "x.wasm")
        self.assertEqual(self.kernels(), ["conv_a", "conv_b", "other"])

    def test_every_commented_key_is_one(self):
        text = self.run_pack("--init", "conv.o", "-o", "-").stdout
        keys = [line[2:] for line in text.splitlines() if re.match(r"# [a-z-]+ = ", line)]
        self.assertGreater(len(keys), 4)
        everything = re.sub(r"(?m)^# (?=[a-z-]+ = |\[\[)", "", text)
        self.write("k.toml", everything)
        self.run_pack("k.toml", "-o", "x.wasm")
        self.assertEqual(self.kernels(), ["conv_conv_a", "conv_conv_b", "conv_other"])

    def test_libraries_that_offer_nothing_show_their_functions(self):
        self.compile("quiet", "int first(int a) { return a; }\nfloat second(float a) { return a; }\n"
                     "static int hidden_deep(void) { return 1; }\nint (*volatile p)(void) = hidden_deep;\n"
                     "__attribute__((weak)) int weakling(void) { return 1; }")
        text = self.run_pack("--init", "quiet.o", "-o", "-").stdout
        self.assertIn('# [[library.kernel]]\n# symbol = "first"\n# [[library.kernel]]\n# symbol = "second"\n', text)
        self.assertNotIn("hidden_deep", text)
        self.write("k.toml", text)
        done = self.run_pack("k.toml", "-o", "x.wasm", check=False)
        self.assertIn("library `quiet` offers no kernel", done.stderr)
        self.write("k.toml", self.uncomment_kernels(text))
        self.run_pack("k.toml", "-o", "x.wasm")
        self.assertEqual(self.kernels(), ["first", "second"])

    def test_it_writes_over_nothing(self):
        self.write("wasmpack.toml", "mine")
        done = self.run_pack("--init", "conv.o", check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (2, "wasmpack: error: wasmpack.toml: this file exists, and --init writes over nothing [usage]\n"
                             "  help: name another file with -o\n"))
        self.assertEqual((self.folder / "wasmpack.toml").read_text(), "mine")
        (self.folder / "dangling.toml").symlink_to("nowhere.toml")
        self.assertEqual(self.run_pack("--init", "conv.o", "-o", "conv.o", check=False).returncode, 2)

    def test_into_another_folder_paths_are_relative_to_the_manifest(self):
        (self.folder / "bundle").mkdir()
        self.run_pack("--init", "conv.o", "-o", "bundle/k.toml")
        self.assertIn('inputs = ["../conv.o"]', (self.folder / "bundle" / "k.toml").read_text())
        self.run_pack("bundle/k.toml", "--allow-outside", "-o", "x.wasm")
        self.assertEqual(self.kernels(), ["conv_a", "conv_b", "other"])

    def test_several_libraries_keep_their_order(self):
        text = self.run_pack("--init", "user.o", "conv.o", "libhelp.a", "-o", "-").stdout
        self.assertEqual(re.findall(r'(?m)^name = "(.*)"', text)[1:], ["user", "conv", "help"])
        self.assertEqual(re.findall(r'(?m)^inputs = \["(.*)"\]', text), ["user.o", "conv.o", "libhelp.a"])

    def test_names_are_quoted(self):
        odd = 'odd "name" \\ [x]*.o'
        shutil.copy(self.folder / "conv.o", self.folder / odd)
        self.write("k.toml", self.run_pack("--init", odd, "-o", "-").stdout)
        self.run_pack("k.toml", "-o", "x.wasm")
        self.assertEqual(self.kernels(), ["conv_a", "conv_b", "other"])

    def test_without_libraries(self):
        done = self.run_pack("--init", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--init writes a manifest for libraries, and none is given", done.stderr)

    def test_it_packs_nothing(self):
        for option in (["-n"], ["--kernel", "x"], ["--map", "m"], ["--depfile", "d"]):
            done = self.run_pack("--init", "conv.o", *option, check=False)
            self.assertEqual((done.returncode, done.stderr),
                             (2, "wasmpack: error: --init takes libraries and -o only: it packs nothing [usage]\n"))
            self.assertFalse((self.folder / "wasmpack.toml").exists())

    def test_broken_libraries_leave_nothing(self):
        self.write("bad.o", "hello")
        self.assertNotEqual(self.run_pack("--init", "bad.o", check=False).returncode, 0)
        self.assertFalse((self.folder / "wasmpack.toml").exists())


class Json(CommandLineTest):
    def test_each_problem_is_an_object_a_line(self):
        done = subprocess.run([WASMPACK, "pack", "conv.o", "none.o", "-o", "x.wasm", "--message-format=json"], cwd=self.folder,
                              capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual([json.loads(line)["severity"] for line in done.stderr.splitlines()], ["error"])


if __name__ == "__main__":
    unittest.main()
