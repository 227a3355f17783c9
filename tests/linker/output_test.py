# ctest: timeout=300
"""The output appears under its name only when it is whole: whatever goes wrong, the old file stays and nothing else."""

import os
import resource
import signal
import stat
import subprocess
import time
import unittest

from lib import tools, wasm
from link_case import LinkCase

OLD = b"the old file"


class OutputTest(LinkCase):
    def setUp(self):
        super().setUp()
        self.compile("a.c", "int a(void) { return 1; }\n")
        self.compile("b.c", "int a(void) { return 2; }\nint b[5000] = {1};\n")

    def big_inputs(self):
        """Words that make a link of about 100 MB: one object many times."""
        text = "".join(f"int f{n}(int x) {{ return x * {n} + g(x + {n}); }}\n" for n in range(4000))
        self.compile("big.c", "int g(int);\nchar bytes[1 << 18] = {1};\n" + text, "-g", "-O0")
        self.write("words.rsp", "--allow-multiple-definition\n" + "big.o\n" * max(1, (100 << 20) // os.path.getsize(
            self.path("big.o"))))
        return ["@words.rsp"]

    def check_untouched(self, before, name="out.o"):
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        if name in before:
            self.assertEqual(self.bytes_of(name), OLD)

    def test_errors_leave_the_old_file(self):
        for name in ("out.o", "out.a"):
            self.write(name, OLD)
            self.fails("a.o", "b.o", output=name)
            self.fails("a.o", "absent.o", output=name, code=2, needs_help=False)
            self.fails("a.o", "--gc", output=name)
            self.fails("a.o", "--no-such-option", output=name, code=2)
            # fails() compared the folder; and the old content:
            self.assertEqual(self.bytes_of(name), OLD)

    def test_side_files_that_cannot_be_written(self):
        self.write("out.o", OLD)
        before = sorted(os.listdir(self.folder))
        for option in ("--map", "--depfile", "--reproduce"):
            stderr = self.fails("a.o", option, "absent/x", needs_help=False)
            self.assertIn("absent/x", stderr)
            self.check_untouched(before)

    def test_places_where_no_file_can_be(self):
        os.mkdir(self.path("folder"))
        for output in ("folder", "absent/out.o", "a.o/out.o"):
            with self.subTest(output):
                done = self.call("a.o", "-o", output)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn(output, done.stderr)
        self.assertEqual(os.listdir(self.path("folder")), [])

    def test_the_output_may_be_an_input(self):
        self.link("b.o", output="expected.o")
        self.link("b.o", output="b.o")
        self.assertEqual(self.bytes_of("b.o"), self.bytes_of("expected.o"))

    def test_permissions_and_links(self):
        self.link("a.o")
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("out.o")).st_mode), 0o666 & ~mask)
        os.symlink("out.o", self.path("link.o"))
        self.link("b.o", output="link.o")
        self.assertTrue(os.path.islink(self.path("link.o")))
        self.assertEqual(len(wasm.read(self.path("out.o")).segments), 1)

    def test_streams(self):
        """A device or pipe cannot be replaced: it gets all bytes or, after an error, none."""
        self.link("a.o", output="expected.o")
        self.assertEqual(self.call("a.o", "-o", "/dev/null").returncode, 0)
        os.mkfifo(self.path("pipe"))
        with subprocess.Popen([tools.WASMPACK, "link", "a.o", "-o", "pipe"], cwd=self.folder) as process:
            with open(self.path("pipe"), "rb") as pipe:
                self.assertEqual(pipe.read(), self.bytes_of("expected.o"))
        self.assertEqual(process.returncode, 0)
        done = self.run_in("sh", "-c", f"{tools.WASMPACK} link a.o b.o -o - | wc -c")
        self.assertEqual(done.stdout.strip(), "0")

    def test_a_full_device(self):
        """A private node like /dev/full, so that a mistake cannot harm the machine's."""
        try:
            os.mknod(self.path("full"), stat.S_IFCHR | 0o666, os.makedev(1, 7))
            with open(self.path("full"), "wb", buffering=0) as full:
                full.write(b"x")
        except PermissionError:
            self.skipTest("making device nodes needs privileges")
        except OSError:
            pass  # ENOSPC, as it should be
        for words in (["-o", "full"], ["-o", "out.o", "--map=full"], ["-o", "out.o", "--depfile=full"],
                      ["-o", "out.o", "--reproduce=full"]):
            with self.subTest(words):
                done = self.call("b.o", *words)
                self.assertEqual(done.returncode, 1)
                self.assertIn("No space left on device", done.stderr)
                self.assertTrue(stat.S_ISCHR(os.stat(self.path("full")).st_mode), "the device was replaced")
                self.assertFalse(self.exists("out.o"))

    def test_a_full_disk(self):
        """The limit on a file's size stands for a disk that ends in the middle of a write."""
        for old in (False, True):
            if old:
                self.write("out.o", OLD)
            before = sorted(os.listdir(self.folder))
            done = self.call("b.o", "-o", "out.o",
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("out.o: cannot write: File too large", done.stderr)
            self.check_untouched(before)

    def test_a_small_file_system(self):
        """ENOSPC itself, where a tmpfs of 64 KiB may be mounted."""
        script = (f"mount -t tmpfs -o size=64k none {self.folder}/mnt && echo -n 'the old file' > mnt/out.o && "
                  f"head -c 40000 /dev/zero > mnt/ballast; {tools.WASMPACK} link b.o b2.o -o mnt/out.o; echo code $?; "
                  "ls mnt; cat mnt/out.o")
        os.mkdir(self.path("mnt"))
        self.compile("b2.c", "int c[12000] = {1};\n")
        done = self.run_in("unshare", "-m", "sh", "-c", script, check=False)
        if "code" not in done.stdout or "mount" in done.stderr:
            self.skipTest("no private mounts here: " + done.stderr.strip())
        self.assertIn("No space left on device", done.stderr)
        self.assertEqual(done.stdout, "code 1\nballast\nout.o\nthe old file")

    def interrupt(self, number, words, delay):
        """Starts a link and kills it: `delay` seconds after its temporary file appears (None: at once, before it does).
        Returns the exit code, negative for a signal."""
        before = set(os.listdir(self.folder))
        process = subprocess.Popen([tools.WASMPACK, "link", *words, "-o", "out.o"], cwd=self.folder, stderr=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
        appeared = None
        if delay is not None:
            while process.poll() is None and not appeared:
                appeared = set(os.listdir(self.folder)) - before
            time.sleep(delay)
        process.send_signal(number)
        process.communicate(timeout=60)
        return process.returncode, appeared

    def test_signals(self):
        words = self.big_inputs()
        self.write("out.o", OLD)
        before = sorted(os.listdir(self.folder))
        caught = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for delay in (None, 0, 0.01, 0.05):
                with self.subTest(number.name, delay=delay):
                    code, appeared = self.interrupt(number, words, delay)
                    if code == 0:  # it was quicker than we were
                        self.write("out.o", OLD)
                        continue
                    self.assertEqual(code, -number)
                    self.check_untouched(before)
                    caught += bool(appeared)
        self.assertGreater(caught, 2, "the link was never interrupted while its temporary was there")

    def test_the_same_link_uninterrupted(self):
        """Otherwise the test above could pass because nothing is ever written."""
        self.link(*self.big_inputs())
        self.assertGreater(os.path.getsize(self.path("out.o")), 30 << 20)


if __name__ == "__main__":
    unittest.main()
