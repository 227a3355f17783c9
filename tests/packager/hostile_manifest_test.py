# ctest: timeout=300
"""Manifests and inputs that are no such thing end in a clear error, within a second and in little memory."""

import os
import resource
import shutil
import subprocess
import unittest

from bundles import HEAD, WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
MEMORY = 3 << 30  # bytes of address space; a mapped file counts


def processor_time():
    """Seconds that ended child processes took, whatever else this machine was doing."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class HostileTest(BundleTest):
    def run_bounded(self, *arguments, code):
        """The messages of a run that must end in time; it reads k.toml unless `arguments` say otherwise."""
        before = sorted(os.listdir(self.folder))
        used = processor_time()
        done = subprocess.run([WASMPACK, "pack", *(arguments or ["k.toml"]), "-o", "out.wasm"], cwd=self.folder,
                              capture_output=True, timeout=20, check=False, stdin=subprocess.DEVNULL,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)))
        used = processor_time() - used
        messages = done.stderr.decode(errors="backslashreplace")
        self.assertEqual(done.returncode, code, messages[:1000])
        self.assertLess(used, 1)
        self.assertLess(len(messages), 20000)
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        return messages

    def refuse_text(self, text, expected, code=1):
        (self.folder / "k.toml").write_bytes(text.encode() if isinstance(text, str) else text)
        self.assertIn(expected, self.run_bounded(code=code))


class Text(HostileTest):
    def test_deep_nesting(self):
        for opening in ("[", "{a=", "[{a=[", '{"a"={b.c=['):
            self.refuse_text(HEAD + "x = " + opening * 50000, "k.toml:5:")
        self.refuse_text(HEAD + "x = " + "{a=" * 100000, "values are nested more than 32 deep")
        self.refuse_text(HEAD + "x = " + "[" * 100000 + "]" * 100000, "values are nested more than 32 deep")

    def test_a_long_dotted_key(self):
        for key in ("a." * 100000 + "a = 1", "[" + "a." * 100000 + "a]", "[[" + "a." * 100000 + "a]]",
                    '"a".' * 50000 + "a = 1", "x = { " + "a." * 100000 + "a = 1 }"):
            self.refuse_text(HEAD + key + "\n", "a key has at most 16 parts between dots")
        self.refuse_text(HEAD + "a" * 200000 + " = 1\n", "a key or number has at most 1024 bytes")

    def test_nul_bytes_and_text_in_other_encodings(self):
        self.refuse_text(HEAD + "x = \"a\0b\"\n", "k.toml:5:7: a manifest is text: NUL byte")
        self.refuse_text(HEAD.encode() + b'x = "\xff"\n', "k.toml:5:6: a manifest is UTF-8 text: wrong byte sequence")
        self.refuse_text(HEAD.encode("utf-16"), "k.toml:1:")
        self.refuse_text(HEAD.encode() + b'x = "\xed\xa0\x80"\n', "UTF-8")  # a surrogate
        self.refuse_text(b"\0" * 1000, "k.toml")

    def test_a_mebibyte_of_keys(self):
        for line in ("k{} = 1\n", "[t{}]\n", "[[a]]\nb={}\n", "a.b{} = 1\n", "[a.b{}.c]\n", "k{} = [1, 2, [3]]\n"):
            text, i = [HEAD], 0
            size = len(HEAD)
            while True:
                entry = line.format(i)
                size += len(entry)
                if size > 1 << 20:
                    break
                text.append(entry)
                i += 1
            (self.folder / "k.toml").write_text("".join(text))
            # Each of them is an error: at most so many are shown.
            self.assertIn("k.toml:", self.run_bounded(code=1))

    def test_a_mebibyte_of_libraries(self):
        entry = '[[library]]\nname = "l{}"\ninputs = ["none{}.o"]\n'
        count = (1 << 20) // len(entry.format(10000, 10000)) - 10
        (self.folder / "k.toml").write_text(HEAD + "".join(entry.format(i, i) for i in range(count)))
        self.assertIn("none0.o: cannot read: No such file", self.run_bounded(code=2))

    def test_a_mebibyte_of_inputs_beside_many_files(self):
        # Each missing file looks for a similar name in its folder.
        (self.folder / "sub").mkdir()
        for i in range(2000):
            (self.folder / "sub" / f"file{i}.o").touch()
        (self.folder / "k.toml").write_text(HEAD + library("l", *[f"sub/fiel{i}.o" for i in range(50000)]))
        self.assertIn("fiel0.o: cannot read: No such file or directory [cannot-read]\n  note: input of library", self.run_bounded(code=2))

    def test_long_strings(self):
        long = "x" * 500000
        self.refuse_text(HEAD + library(long, "none.o"), "k.toml:6:8: a library's name has at most 4096 bytes")
        self.refuse_text(HEAD + library("l", long), "k.toml:7:11: a path has at most 4096 bytes")
        self.refuse_text(HEAD + library("l", "x" * 4000), "cannot read: File name too long", code=2)
        self.refuse_text(HEAD + library("l", "x" * 4000 + "*"), "matches no file")
        self.refuse_text(HEAD + library("l", "?" * 4000), "matches no file")
        self.refuse_text(HEAD + library("l", "*/" * 2000), "matches no file")
        self.refuse_text(HEAD + library("l", "none.o", kernels=[long]), "a symbol has at most 4096 bytes")
        self.refuse_text(HEAD + f'[bundle]\nstack-size = "{long}"\n' + library("l"), "k.toml:6:14: ")
        self.refuse_text(HEAD + f'[bundle]\ninit = "{long}"\n' + library("l"), "k.toml:6:8: ")
        self.refuse_text(HEAD.replace("1.0.0", long) + library("l"), "k.toml:4:11: ")

    def test_patterns_that_could_take_exponential_time(self):
        self.compile("l", VISIBLE + "int " + "a" * 200 + "(void) { return 1; }\n")
        self.refuse_text(HEAD + library("l", kernels=["a*" * 100 + "b"]), "matches no function")
        self.refuse_text(HEAD + library("l", kernels=["*a" * 100 + "b"]), "matches no function")
        for name in ("a" * 200, "b"):
            shutil.copy(self.folder / "l.o", self.folder / f"{name}.x")
        self.refuse_text(HEAD + library("l", "a*" * 60 + "b.x"), "matches no file")

    def test_no_crash_on_any_prefix_of_a_manifest(self):
        text = HEAD + library("l", "none.o", kernels=[{"symbol": "f", "signature": "()->()"}]) + '[metadata]\n"a b" = "c"\n'
        for end in range(0, len(text), 7):
            (self.folder / "k.toml").write_text(text[:end])
            done = self.run_tool(WASMPACK, "pack", "k.toml", "-o", "x", check=False)
            self.assertIn(done.returncode, (1, 2))
            self.assertIn("error: ", done.stderr)


class Files(HostileTest):
    def test_a_gibibyte(self):
        with open(self.folder / "k.toml", "wb") as file:
            file.truncate(1 << 30)
        self.assertIn("a manifest has at most 1 MiB, this file has 1073741824 bytes", self.run_bounded(code=1))
        with open(self.folder / "k.toml", "r+b") as file:
            file.write(HEAD.encode())
        self.assertIn("a manifest has at most 1 MiB", self.run_bounded(code=1))

    def test_a_folder_an_empty_file_and_an_unreadable_one(self):
        (self.folder / "dir.toml").mkdir()
        self.assertIn("dir.toml: cannot read: Is a directory", self.run_bounded("dir.toml", code=2))
        self.refuse_text("", "k.toml:1:1: the key `schema` is missing")
        (self.folder / "loop.toml").symlink_to("loop.toml")
        self.assertIn("loop.toml: cannot read: ", self.run_bounded("loop.toml", code=2))

    def test_devices_that_never_end(self):
        for name in ("/dev/zero", "/dev/urandom"):
            self.assertIn(f"{name}: cannot read: ", self.run_bounded(name, code=2))
            self.manifest(library("l", name))
            self.assertIn(f"{name}: cannot read: ", self.run_bounded("k.toml", "--allow-outside", code=2))

    def test_a_pipe_that_nobody_writes_into(self):
        os.mkfifo(self.folder / "pipe")
        self.assertIn("pipe: cannot read: nobody writes into this pipe", self.run_bounded("pipe", code=2))
        self.manifest(library("l", "pipe"))
        self.assertIn("pipe: cannot read: nobody writes into this pipe", self.run_bounded(code=2))

    def test_a_manifest_and_inputs_through_pipes(self):
        self.compile("l", VISIBLE + "int f(void) { return 1; }")
        text = HEAD + library("l", "/dev/fd/4", str(self.folder / "l.o"))
        self.compile("m", VISIBLE + "int g(void) { return 1; }")
        self.write("through.sh", f'exec {WASMPACK} pack /dev/fd/3 --allow-outside -o out.wasm 3< <(sleep 0.3; cat <<"END"\n{text}END\n)'
                                 " 4< <(sleep 0.3; cat m.o)\n")
        self.run_tool("bash", "through.sh")
        self.run_tool("wasm-validate", "out.wasm")
        done = subprocess.run([WASMPACK, "pack", "-", "-o", "two.wasm"], cwd=self.folder, capture_output=True, timeout=60,
                              input=(HEAD + library("l")).encode(), check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.run_tool("wasm-validate", "two.wasm")


if __name__ == "__main__":
    unittest.main()
