# ctest: timeout=300
"""The command line of pack, and what is left when something fails: a message, an exit code, no output, no leftovers."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from bundles import WASMPACK, BundleTest, library

SOURCE = '__attribute__((visibility("default"))) int f(void) { return 1; }'


class CommandLine(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("l", SOURCE)
        self.manifest(library("l"))

    def run_pack(self, *arguments):
        return self.run_tool(WASMPACK, "pack", *arguments, check=False)

    def test_the_default_output_is_named(self):
        done = self.run_pack("k.toml")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "test.wasm\n", ""))
        self.run_tool("wasm-validate", "test.wasm")
        self.write("k.toml", (self.folder / "k.toml").read_text().replace('"test"', '"@scope/my pack"'))
        self.assertEqual(self.run_pack("k.toml").stdout, "-scope-my-pack.wasm\n")

    def test_output_to_a_name_is_silent(self):
        for option in (["-o", "x.wasm"], ["--output=x.wasm"]):
            done = self.run_pack("k.toml", *option)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_verbose_tells_what_was_packed(self):
        for option in ("-v", "--verbose"):
            self.assertRegex(self.run_pack("k.toml", "-o", "x.wasm", option).stderr,
                             r"(?s)^x\.wasm: \d+ bytes, 1 kernels of 1 libraries, 0 constructors\n.*link libraries.*final link.*validate")

    def test_messages_as_json(self):
        self.manifest(library("l", kernels=["g"]))
        done = self.run_pack("k.toml", "--message-format=json")
        message = json.loads(done.stderr)
        self.assertEqual((done.returncode, message["severity"], message["id"], message["file"]), (1, "error", "bad-kernel", "k.toml:9:10"))
        self.assertIn("\x1b[", self.run_pack("k.toml", "--color=always").stderr)

    def test_wrong_usage(self):
        for arguments in ([], ["none.toml"], ["k.toml", "more"], ["k.toml", "--outptu=x"], [".", "-o", "x"]):
            done = self.run_pack(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("wasmpack: error: ", done.stderr)

    def test_the_manifest_is_not_overwritten(self):
        before = (self.folder / "k.toml").read_bytes()
        for name in ("k.toml", f"{self.folder}/k.toml"):
            done = self.run_pack("k.toml", "-o", name)
            self.assertEqual((done.returncode, done.stderr), (2, f"wasmpack: error: {name}: this is the manifest [usage]\n"))
        self.assertEqual((self.folder / "k.toml").read_bytes(), before)

    def test_an_output_that_cannot_be_written(self):
        done = self.run_pack("k.toml", "-o", "no/folder/x.wasm")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no/folder/x.wasm", done.stderr)

    def test_an_old_output_stays_when_packing_fails(self):
        self.write("out.wasm", "old")
        self.manifest(library("l", kernels=["g"]))
        self.assertEqual(self.run_pack("k.toml", "-o", "out.wasm").returncode, 1)
        self.assertEqual((self.folder / "out.wasm").read_text(), "old")


class Children(BundleTest):
    """A copy of the command beside child programs that misbehave."""

    def setUp(self):
        super().setUp()
        self.compile("l", SOURCE)
        self.manifest(library("l"))
        home = pathlib.Path(WASMPACK).resolve().parents[1]
        self.libexec = self.folder / "install" / "libexec" / "wasmpack"
        shutil.copytree(home / "libexec" / "wasmpack", self.libexec)
        self.command = self.folder / "install" / "bin" / "wasmpack"
        self.command.parent.mkdir()
        shutil.copy(WASMPACK, self.command)
        # Temporary files would be seen here.
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()

    def replace(self, child, script):
        path = self.libexec / child
        path.unlink()
        if script is not None:
            path.write_text("#!/bin/sh\n" + script + "\n")
            path.chmod(0o755)

    def start(self):
        return subprocess.Popen([self.command, "pack", "k.toml", "-o", "out.wasm"], cwd=self.folder, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, "TMPDIR": str(self.temporary)})

    def fail_with(self, child, script):
        self.replace(child, script)
        process = self.start()
        _, messages = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, messages)
        self.check_nothing_left()
        return messages

    def check_nothing_left(self):
        self.assertEqual(sorted(os.listdir(self.folder)), ["install", "k.toml", "l.c", "l.o", "tmp"])
        self.assertEqual(os.listdir(self.temporary), [])

    def test_the_copy_works(self):
        process = self.start()
        self.assertEqual(process.communicate(timeout=60), ("", ""))
        self.assertEqual(process.returncode, 0)
        self.assertEqual(os.listdir(self.temporary), [])

    def test_missing(self):
        for child in ("wasmpack-lld", "wasmpack-wabt"):
            with self.subTest(child):
                self.setUp()
                messages = self.fail_with(child, None)
                self.assertIn(f"install/libexec/wasmpack/{child}: cannot run this helper program: No such file", messages)
                self.assertIn("help: ", messages)

    def test_killed(self):
        for child in ("wasmpack-lld", "wasmpack-wabt"):
            with self.subTest(child):
                self.setUp()
                messages = self.fail_with(child, "echo last words >&2; kill -9 $$")
                self.assertIn(f"{child}: this helper program was ended by signal 9 (Killed) [child-died]\n  note: last words\n", messages)

    def test_failed_without_a_word(self):
        self.assertIn("the final link failed with exit code 3 and no message", self.fail_with("wasmpack-lld", "exit 3"))

    def test_lld_that_makes_no_module(self):
        for script in ("echo hello", ":"):
            with self.subTest(script):
                self.setUp()
                self.assertIn("error: the final link's output, offset 0x0: not a core WebAssembly module",
                              self.fail_with("wasmpack-lld", script))

    def test_lld_that_makes_another_module(self):
        # A module of nothing but its header: valid, and no bundle.
        messages = self.fail_with("wasmpack-lld", r"printf '\0asm\1\0\0\0'")
        self.assertIn("the final link does not export `wasmpack_find`", messages)
        self.assertIn("the final link did not make exactly one memory", messages)

    def test_a_module_that_is_not_valid(self):
        # A function body that leaves nothing for its result.
        real = self.libexec / "real-lld"
        shutil.copy(self.libexec / "wasmpack-lld", real)
        messages = self.fail_with("wasmpack-lld", f"{real} > {self.folder}/tmp/x; perl -0777 -pe 's/\\x04\\x00\\x41\\x01\\x0b/\\x04\\x00\\x01\\x01\\x0b/' "
                                                  f"{self.folder}/tmp/x; rm {self.folder}/tmp/x")
        self.assertRegex(messages, r"the module that was made is not valid: 0x[0-9a-f]+: type mismatch")

    def test_messages_of_lld_are_passed_on(self):
        # Behind the runtime's four objects and the registry; files begin at descriptor 3.
        messages = self.fail_with("wasmpack-lld", "echo 'wasm-ld: error: something is wrong with /proc/self/fd/8' >&2; exit 1")
        self.assertEqual(messages, "wasmpack: error: final link: something is wrong with library `l` [final-link]\n")

    def test_an_interrupt_ends_the_child_and_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            with self.subTest(number):
                self.setUp()
                mark = self.folder / "install" / "mark"
                self.replace("wasmpack-lld", f"echo $$ > {mark}.new; mv {mark}.new {mark}; exec sleep 60")
                process = self.start()
                self.wait_for(mark.exists)
                child = int(mark.read_text())
                process.send_signal(number)
                process.communicate(timeout=10)
                self.assertEqual(process.returncode, -number)
                self.wait_for(lambda: not self.is_running(child))
                self.check_nothing_left()

    def wait_for(self, condition):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    @staticmethod
    def is_running(process):
        try:
            return " Z " not in pathlib.Path(f"/proc/{process}/stat").read_text()
        except FileNotFoundError:
            return False


if __name__ == "__main__":
    unittest.main()
