# ctest: timeout=120
"""./demo's last step works, and notices when a kernel or a constructor does not."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("WASMPACK_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])


class Demo(unittest.TestCase):
    def run_demo(self, name=None, old=None, new=None):
        """The demo from a copy of its sources with one change."""
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder, "copy")
            shutil.copytree(ROOT / "testdata" / "demo", copy / "testdata" / "demo")
            (copy / "scripts").mkdir()
            shutil.copy(ROOT / "scripts" / "demo.sh", copy / "scripts")
            if name:
                path = copy / "testdata" / "demo" / name
                text = path.read_text()
                self.assertIn(old, text)
                path.write_text(text.replace(old, new))
            temporary = pathlib.Path(folder, "tmp")
            temporary.mkdir()
            done = subprocess.run([copy / "scripts" / "demo.sh"], capture_output=True, text=True, timeout=100, check=False,
                                  env={**os.environ, "TMPDIR": str(temporary)})
            self.assertEqual(os.listdir(temporary), [])
            return done

    def test_it_works(self):
        done = self.run_demo()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("All results are as expected.", done.stdout)
        self.assertNotIn("WRONG", done.stdout)

    def test_wrong_results_are_noticed(self):
        for name, old, new in [
            ("vector_kernels.c", "wasm_f32x4_mul(wasm_v128_load(a", "wasm_f32x4_add(wasm_v128_load(a"),
            ("image_kernels.c", "wasm_v128_not(", "("),
            ("vector_setup.c", "++library_context->constructor_runs;", "library_context->constructor_runs += 2;"),
            ("image_setup.c", 'register_kernel("image.difference"', 'register_kernel("image.invert"'),
        ]:
            with self.subTest(new):
                done = self.run_demo(name, old, new)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn("WRONG", done.stdout)

    def test_a_step_that_fails_ends_it(self):
        done = self.run_demo("kernels.toml", 'signature = "(i32,i32,i32)->(f32)"', 'signature = "()->()"')
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("Inspect it", done.stdout)


if __name__ == "__main__":
    unittest.main()
