# ctest: timeout=120
"""tests/lib/registries.py: what is a reason to skip and what an error, said where; a Python is made once."""

import http.server
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import zipfile

from lib import registries

NOBODY = "http://127.0.0.1:9"
WHEEL = {
    "thing.py": "answer = 42\n",
    "thing-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n",
    "thing-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "thing-1.0.dist-info/RECORD": "thing.py,,\n",
}


class RegistriesTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def start(self, script, **variables):
        """A test script of its own, with an empty cache."""
        return subprocess.Popen([sys.executable, "-c", f"from lib import registries\n{script}"], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache"), **variables})

    def say(self, script, **variables):
        out, messages = self.start(script, **variables).communicate(timeout=100)
        return out + messages

    def test_scripts_beside_each_other_make_one_python(self):
        with zipfile.ZipFile(self.folder / "thing-1.0-py3-none-any.whl", "w") as wheel:
            for name, text in WHEEL.items():
                wheel.writestr(name, text)
        local = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.folder)}
        running = [self.start("print(registries.python_with('thing==1.0'))", **local) for _ in range(3)]
        ends = [process.communicate(timeout=100) for process in running]
        self.assertEqual([messages for _, messages in ends], [""] * 3)
        (python,) = {out.strip() for out, _ in ends}
        self.assertEqual(subprocess.run([python, "-c", "import thing; print(thing.answer)"], capture_output=True, text=True,
                                        check=True).stdout, "42\n")

    def test_a_package_that_is_not_there_is_an_error(self):
        for code, kind in ((404, "RuntimeError: there is no npm package a@1"), (410, "RuntimeError"), (503, "Unreachable")):
            class Answer(http.server.BaseHTTPRequestHandler):
                def do_GET(self, code=code):
                    self.send_error(code)

                def log_message(self, *_):
                    pass

            with self.subTest(code), http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
                threading.Thread(target=server.serve_forever, daemon=True).start()
                said = self.say("registries.fetch_npm('a', '1', 'x')", no_proxy="127.0.0.1",
                                NPM_CONFIG_REGISTRY=f"http://127.0.0.1:{server.server_port}")
                server.shutdown()
                self.assertIn(kind, said)
        self.assertIn("Unreachable", self.say("registries.fetch_npm('a', '1', 'x')", NPM_CONFIG_REGISTRY=NOBODY,
                                              no_proxy="127.0.0.1"))

    @unittest.skipUnless(shutil.which("cargo"), "there is no cargo")
    def test_cargo_that_reaches_nobody(self):
        (self.folder / "src").mkdir()
        (self.folder / "src/lib.rs").touch()
        (self.folder / "Cargo.toml").write_text('[package]\nname = "k"\nversion = "1.0.0"\n[dependencies]\nlibc = "0.2"\n')
        said = self.say(f"registries.run_cargo(['cargo', 'build'], 'k', cwd='{self.folder}')", CARGO_HTTP_PROXY=NOBODY,
                        CARGO_NET_RETRY="0")
        self.assertIn("Unreachable: the crates of k cannot be fetched by cargo", said)
        for line in ("[7] Could not connect to server (Failed to connect to index.crates.io port 443)",
                     "[7] Couldn't connect to server", "failed to connect to the repository"):
            self.assertRegex(line, registries.SILENCE)
        self.assertNotRegex("error: no matching package named `k` found", registries.SILENCE)

    def test_skips_are_written_down(self):
        self.assertEqual(self.say("registries.skip('x')\nregistries.skip('y')", WASMPACK_BUILD_DIR=str(self.folder)),
                         "SKIPPED: x\nSKIPPED: y\n")
        self.assertEqual((self.folder / "skipped.txt").read_text(), "-c: SKIPPED: x\n-c: SKIPPED: y\n")


if __name__ == "__main__":
    unittest.main()
