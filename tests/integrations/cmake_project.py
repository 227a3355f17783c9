"""CMake projects that the tests make: written, configured and built in a folder of their own."""

import contextlib
import fcntl
import os
import pathlib
import re

from lib import corpus, tools

BUILD = corpus.BUILD_DIR
EXAMPLE = corpus.SOURCE_DIR / "examples/cmake"
TOOLCHAIN = EXAMPLE / "debian-wasi.cmake"
GENERATORS = ("Ninja", "Unix Makefiles")
# What both generators print when they run something.
STEP = re.compile(r"(?:Building C object .*?(?=[^/\n]+\.c\b)|Linking (?:wasm library|C executable|C static library) "
                  r"|Packing wasm bundle )([^\n]+)")


def clean_environment(**more):
    """Without what a person may have set for CMake: neither hints nor another generator."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CMAKE_", "WASMPACK", "wasmpack"))}
    return {**kept, "LC_ALL": "C", **more}


@contextlib.contextmanager
def install_lock():
    """Installing writes a file into the build folder: one script at a time."""
    with open(BUILD / ".install.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(prefix):
    with install_lock():
        tools.run(["cmake", "--install", BUILD, "--prefix", prefix])


class Project:
    """A project in `folder`; `files` are the texts by path. It finds wasmpack in the build tree."""

    def __init__(self, folder, files):
        self.folder = pathlib.Path(folder)
        self.build_folder = self.folder / "build"
        for name, text in files.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def configure(self, generator="Ninja", *options, check=True, find=f"-Dwasmpack_DIR={BUILD}"):
        words = ["cmake", "-S", self.folder, "-B", self.build_folder, "-G", generator, *options]
        return tools.run([*words, find] if find else words, check=check, env=clean_environment())

    def build(self):
        """The names of what was compiled, linked and packed, sorted."""
        done = tools.run(["cmake", "--build", self.build_folder], env=clean_environment())
        return sorted(name.removesuffix(".obj").removesuffix(".o").removesuffix(".wasm") for name in
                      STEP.findall(done.stdout))

    def touch(self, name):
        (self.folder / name).touch()
