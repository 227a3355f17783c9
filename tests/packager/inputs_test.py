# ctest: timeout=300
"""Where a library's inputs come from: tar files, pinned hashes, and the bounds of the manifest's folder."""

import hashlib
import os
import pathlib
import shutil
import tempfile
import unittest

from bundles import HEAD, WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class InputsTest(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("f", VISIBLE + "int f(void) { return 1; }")
        self.compile("g", VISIBLE + "int g(void) { return 2; }")


class Tar(InputsTest):
    """As TVM's export_library writes it."""

    def test_objects_and_archives_in_a_tar_file_in_every_format(self):
        self.compile("h", VISIBLE + "int h(void) { return 3; }")
        self.run_tool("llvm-ar-22", "rcs", "libh.a", "h.o")
        folder = self.folder / ("long" * 30)
        folder.mkdir()
        shutil.copy(self.folder / "g.o", folder)
        for form in ("ustar", "gnu", "pax"):
            self.run_tool("tar", f"--format={form}", "-cf", f"{form}.tar", "f.o", "libh.a", f"{folder.name}/g.o")
            self.pack(library("l", f"{form}.tar"))
            self.assertEqual(self.run_js("const {exports: e} = await load(path); return [e.f(), e.g(), e.h()];"), [1, 2, 3])
            section = self.run_js("return (await load(path)).manifest();")
            self.assertEqual(section["libraries"][0]["inputs"], [{"sha256": sha256(self.folder / f"{form}.tar")}])

    def test_archives_in_it_may_be_lazy(self):
        self.compile("unused", "void nobody(void); void unused(void) { nobody(); }\n"
                               "__attribute__((constructor)) static void c(void) { nobody(); }")
        self.run_tool("llvm-ar-22", "rcs", "libu.a", "unused.o")
        self.run_tool("tar", "cf", "x.tar", "f.o", "libu.a")
        self.pack(library("l", "x.tar", archives="lazy"))
        self.assertIn("undefined symbol: nobody", self.refuse(library("l", "x.tar")))

    def test_problems_name_the_member(self):
        self.write("text.o", "hello\n")
        self.run_tool("tar", "cf", "x.tar", "f.o", "text.o")
        self.assertIn("x.tar(text.o): ", self.refuse(library("l", "x.tar")))

    def test_a_damaged_one(self):
        self.run_tool("tar", "cf", "x.tar", "f.o", "g.o")
        data = (self.folder / "x.tar").read_bytes()
        second = data.index(b"g.o\0")
        for what, damaged in (("cut in a member", data[:700]), ("cut in a header", data[:second + 100]),
                              ("a wrong checksum", data[:second + 1] + b"O" + data[second + 2:])):
            with self.subTest(what):
                (self.folder / "x.tar").write_bytes(damaged)
                self.assertRegex(self.refuse(library("l", "x.tar")), r"x\.tar, offset 0x[0-9a-f]+: ")

    def test_an_empty_one(self):
        self.run_tool("tar", "cf", "x.tar", "-T", "/dev/null")
        self.refuse(library("l", "x.tar"))


class Pins(InputsTest):
    def test_right_hashes(self):
        pins = {name: sha256(self.folder / name) for name in ("f.o", "g.o")}
        self.pack(library("l", "f.o", "*.o") + "sha256 = { " + ", ".join(f'"{n}" = "{h}"' for n, h in pins.items()) + " }\n")
        self.pack(library("l", "./f.o") + f'sha256 = {{ "f.o" = "{pins["f.o"]}" }}\n')
        self.pack(library("l", self.folder.as_posix() + "/f.o") + f'sha256 = {{ "{self.folder}/f.o" = "{pins["f.o"]}" }}\n')

    def test_a_wrong_hash_says_which_it_is(self):
        messages = self.refuse(library("l", "f.o") + f'sha256 = {{ "f.o" = "{"0" * 64}" }}\n')
        self.assertIn(f"k.toml:8:12: f.o: the sha256 is {sha256(self.folder / 'f.o')}, the manifest says {'0' * 64} [wrong-hash]\n  help: ",
                      messages)

    def test_a_path_that_is_no_input(self):
        messages = self.refuse(library("l", "f.o") + f'sha256 = {{ "ff.o" = "{"0" * 64}" }}\n')
        self.assertIn("k.toml:8:12: `ff.o` is none of the library's inputs [wrong-hash]\n  help: did you mean 'f.o'?", messages)

    def test_what_is_no_hash(self):
        for text in ("", "0" * 63, "0" * 65, "g" * 64, "A" * 64):
            self.assertIn("a sha256 has 64 digits of 0-9 and a-f",
                          self.refuse(library("l", "f.o") + f'sha256 = {{ "f.o" = "{text}" }}\n'))
        self.assertIn("`sha256` gives each path a hash as text", self.refuse(library("l", "f.o") + 'sha256 = { "f.o" = 1 }\n'))


class Outside(InputsTest):
    """Nothing is read from outside of the manifest's folder unless that is allowed."""

    def setUp(self):
        super().setUp()
        self.outside = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.outside)
        shutil.copy(self.folder / "f.o", self.outside)
        (self.folder / "sub").mkdir()
        shutil.copy(self.folder / "f.o", self.folder / "sub")

    def check_refused(self, path, text="lies outside of the manifest's folder"):
        messages = self.refuse(library("l", path), options=())
        self.assertIn(f"k.toml:7:11: `{path}` {text}", messages)
        self.assertIn("help: move the manifest up, or allow it with --allow-outside", messages)
        self.pack(library("l", path))  # with --allow-outside
        return messages

    def test_paths_that_lead_out(self):
        up = f"../{self.outside.name}/f.o"
        for path in (f"{self.outside}/f.o", up, f"sub/../{up}", f"../{self.outside.name}/*.o", f"{self.outside}/[f].o"):
            with self.subTest(path):
                self.check_refused(path)

    def test_links_that_lead_out(self):
        (self.folder / "link.o").symlink_to(self.outside / "f.o")
        (self.folder / "chain.o").symlink_to("link.o")
        (self.folder / "folder").symlink_to(self.outside)
        for path in ("link.o", "chain.o", "folder/f.o", "folder/*.o", "li*.o"):
            with self.subTest(path):
                self.assertIn(f"note: it is {self.outside.resolve()}/f.o once links are followed", self.check_refused(path))

    def test_a_missing_file_outside_does_not_tell_whether_it_exists(self):
        messages = self.refuse(library("l", f"{self.outside}/none.o"), options=())
        self.assertIn("lies outside of the manifest's folder", messages)
        self.assertNotIn("No such file", messages)

    def test_a_dangling_link_and_a_loop(self):
        (self.folder / "dangling.o").symlink_to("none.o")
        self.assertIn("dangling.o: cannot read: No such file", self.refuse(library("l", "dangling.o"), code=2, options=()))
        (self.folder / "loop.o").symlink_to("loop.o")
        self.assertIn("loop.o: cannot read: Too many levels", self.refuse(library("l", "loop.o"), code=2, options=()))

    def test_what_stays_inside_is_fine(self):
        (self.folder / "inner.o").symlink_to("sub/f.o")
        for path in ("f.o", "./f.o", "sub/f.o", "sub/../f.o", "inner.o", f"../{self.folder.name}/f.o", f"{self.folder}/f.o"):
            with self.subTest(path):
                self.manifest(library("l", path))
                self.run_tool(WASMPACK, "pack", "k.toml", "-o", "out.wasm")

    def test_a_manifest_that_is_reached_through_a_link(self):
        # Paths are relative to the manifest as it was named; its folder is where that name lies.
        self.manifest(library("l", "f.o"))
        (self.outside / "door").symlink_to(self.folder)
        self.run_tool(WASMPACK, "pack", self.outside / "door" / "k.toml", "-o", "out.wasm")

    def test_a_manifest_in_another_folder(self):
        (self.folder / "sub" / "k.toml").write_text(HEAD + library("l", "../g.o"))
        done = self.run_tool(WASMPACK, "pack", "sub/k.toml", "-o", "out.wasm", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("sub/k.toml:7:11: `../g.o` lies outside", done.stderr)
        (self.folder / "sub" / "k.toml").write_text(HEAD + library("l", "f.o"))
        os.chmod(self.folder / "sub" / "f.o", 0o644)
        self.run_tool(WASMPACK, "pack", "sub/k.toml", "-o", "out.wasm")

    def test_params_too(self):
        (self.outside / "p.bin").write_bytes(b"\0" * 4)
        param = f'[[param]]\nname = "p"\npath = "{self.outside}/p.bin"\ndtype = "float32"\nshape = [1]\n'
        self.assertIn(f"`{self.outside}/p.bin` lies outside", self.refuse(library("l", "f.o"), more=param, options=()))
        self.pack(library("l", "f.o"), more=param)


if __name__ == "__main__":
    unittest.main()
