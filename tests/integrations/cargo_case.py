"""What the tests of the Cargo integration share: Debian's cargo, offline, on copies of the crate and the example."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from lib import corpus, tools

CARGO = "/usr/bin/cargo"  # Debian's has a standard library for wasm32; another may come first in PATH
CRATE = corpus.SOURCE_DIR / "integrations/cargo/wasmpack-build"
EXAMPLE = corpus.SOURCE_DIR / "examples/cargo"
UNKNOWN, WASI = "wasm32-unknown-unknown", "wasm32-wasi"

KERNEL = """
typedef int (*Kernel)(int);
__attribute__((import_module("host"), import_name("reg"))) void reg(const char *name, Kernel kernel);
int helper(int x) { return x * FACTOR; }
int run(int x) { return helper(x); }
__attribute__((constructor)) static void start(void) { reg("NAME", run); }
"""


def compile_kernel(folder, name, factor):
    """A kernel library's object; all of them define `run` and `helper`."""
    source, target = folder / f"{name}.c", folder / f"{name}.o"
    source.write_text(KERNEL.replace("FACTOR", str(factor)).replace("NAME", name))
    tools.run(["clang-22", "--target=wasm32-unknown-unknown", "-O1", "-c", source, "-o", target])
    return target


class CargoTest(unittest.TestCase):
    """self.root is like the repository's root, in a folder with a space in its name."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="cargo ")
        cls.addClassCleanup(temporary.cleanup)
        cls.root = pathlib.Path(temporary.name).resolve()
        shutil.copytree(CRATE, cls.root / "integrations/cargo/wasmpack-build", ignore=shutil.ignore_patterns("target"))
        shutil.copytree(EXAMPLE, cls.root / "examples/cargo", ignore=shutil.ignore_patterns("target"))

    @classmethod
    def environment(cls, **more):
        """Variables of a run; None removes one."""
        variables = {**os.environ, "CARGO_HOME": str(cls.root / "home"), "CARGO_NET_OFFLINE": "true", "LC_ALL": "C",
                     "CARGO_INCREMENTAL": "0", "CARGO_PROFILE_DEV_DEBUG": "0",
                     "PATH": f"/usr/bin:{os.environ['PATH']}", "WASMPACK": tools.WASMPACK}
        for name in [name for name in variables if name.startswith(("CARGO_TARGET", "CARGO_BUILD", "RUST"))]:
            del variables[name]
        variables.update(more)
        return {name: str(value) for name, value in variables.items() if value is not None}

    def cargo(self, folder, *arguments, check=True, program=CARGO, **variables):
        done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=200, check=False,
                              env=self.environment(**variables))
        if check:
            self.assertEqual(done.returncode, 0, f"cargo {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done

    def make_package(self, name, build, files=(), manifest="", dependencies=""):
        """A package of its own workspace whose build script is `build`."""
        folder = self.root / "packages" / name
        (folder / "src").mkdir(parents=True)
        crate = self.root / "integrations/cargo/wasmpack-build"
        (folder / "Cargo.toml").write_text(
            f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n{manifest}\n[workspace]\n'
            f'[dependencies]\n{dependencies}\n[build-dependencies]\nwasmpack-build = {{ path = "{crate}" }}\n')
        (folder / "build.rs").write_text(build)
        for path, text in dict(files).items():
            (folder / path).write_text(text)
        return folder
