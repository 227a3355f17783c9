# ctest: timeout=300
"""What is installed: the CMake package, as projects for wasm find it, and the Debian package that cpack makes."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from cmake_project import BUILD, Project, install, install_lock
from lib import corpus, registries, tools

PROGRAMS = {"bin/wasmpack", *(f"libexec/wasmpack/wasmpack-{name}"
                              for name in ("binaryen", "interpreter", "lld", "lto", "wabt"))}
VERSION = re.search(r'"([0-9.]+)"', (corpus.SOURCE_DIR / "support/version.h").read_text(encoding="utf-8")).group(1)


class FindPackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="wasmpack-install-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.prefix = cls.folder / "prefix"
        install(cls.prefix)

    def find(self, *options, version="", words=""):
        """What find_package() says in a project for wasm32: the program, or the error."""
        project = Project(tempfile.mkdtemp(dir=self.folder), {
            "toolchain.cmake": "set(CMAKE_SYSTEM_NAME Generic)\nset(CMAKE_SYSTEM_PROCESSOR wasm32)\n"
                               f"set(CMAKE_FIND_ROOT_PATH {self.folder}/sysroot)\n"
                               "set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)\n",
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.25)\nproject(find LANGUAGES NONE)\n"
                              "set(CMAKE_SIZEOF_VOID_P 4)\n"
                              f"find_package(wasmpack {version} CONFIG REQUIRED {words})\n"
                              "get_target_property(program wasmpack::wasmpack LOCATION)\n"
                              'message(STATUS "found ${wasmpack_VERSION} ${program}")\n'})
        done = project.configure("Ninja", "--toolchain", project.folder / "toolchain.cmake", *options, find="",
                                 check=False)
        found = re.search(r"found (\S+) (\S+)$", done.stdout, re.MULTILINE)
        return found.groups() if found else re.sub(r"\s+", " ", done.stderr)

    def test_from_build_and_install_trees(self):
        for tree, package in ((BUILD, BUILD), (self.prefix, self.prefix / "lib/cmake/wasmpack")):
            expected = (VERSION, f"{tree}/bin/wasmpack")
            with self.subTest(str(tree)):
                self.assertEqual(self.find(f"-DCMAKE_PREFIX_PATH={tree}"), expected)
                self.assertEqual(self.find(f"-Dwasmpack_DIR={package}"), expected)

    def test_sysroot_only(self):
        """Toolchains that find packages in the sysroot only: by wasmpack_DIR, or asked to look on this machine."""
        only = [f"-DCMAKE_FIND_ROOT_PATH_MODE_{kind}=ONLY" for kind in ("PACKAGE", "LIBRARY", "INCLUDE")]
        expected = (VERSION, f"{self.prefix}/bin/wasmpack")
        where = f"-DCMAKE_PREFIX_PATH={self.prefix}"
        self.assertEqual(self.find(*only, where, words="NO_CMAKE_FIND_ROOT_PATH"), expected)
        self.assertEqual(self.find(*only, f"-Dwasmpack_DIR={self.prefix}/lib/cmake/wasmpack"), expected)
        self.assertIn("Could not find a package", self.find(*only, where))

    def test_versions(self):
        major, minor, _ = (int(part) for part in VERSION.split("."))
        where = f"-DCMAKE_PREFIX_PATH={self.prefix}"
        for version in (VERSION, f"{major}.{minor}"):
            self.assertEqual(self.find(where, version=version), (VERSION, f"{self.prefix}/bin/wasmpack"))
        for version in (f"{major}.{minor + 1}", str(major + 1), f"{VERSION}.1"):
            self.assertIn(f"requested version \"{version}\"", self.find(where, version=version))

    def test_folder_can_be_moved(self):
        moved = self.folder / "moved"
        shutil.copytree(self.prefix, moved)
        self.assertEqual(self.find(f"-DCMAKE_PREFIX_PATH={moved}"), (VERSION, f"{moved}/bin/wasmpack"))


class DebianPackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="wasmpack-deb-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        # cpack installs what is built; it builds nothing.
        with install_lock():
            tools.run(["cpack", "--config", BUILD / "CPackConfig.cmake", "-G", "DEB", "-B", cls.folder], cwd=BUILD)
        (cls.package,) = cls.folder.glob("*.deb")
        cls.root = cls.folder / "root"
        tools.run(["dpkg-deb", "--extract", cls.package, cls.root])

    def field(self, name):
        return tools.run(["dpkg-deb", "--field", self.package, name]).stdout.strip()

    def test_fields(self):
        architecture = tools.run(["dpkg", "--print-architecture"]).stdout.strip()
        self.assertEqual(self.package.name, f"wasmpack_{VERSION}_{architecture}.deb")
        self.assertEqual([self.field(name) for name in ("Package", "Version", "Architecture")],
                         ["wasmpack", VERSION, architecture])

    def test_contents(self):
        lines = tools.run(["dpkg-deb", "--contents", self.package]).stdout.splitlines()
        files = {line.split()[5].removeprefix("./usr/"): line.split()[:2] for line in lines}
        self.assertEqual({name for name in files if name.startswith(("bin/w", "libexec/wasmpack/w"))}, PROGRAMS)
        for name in PROGRAMS:
            self.assertEqual(files[name], ["-rwxr-xr-x", "root/root"], name)
        listed = re.findall(r"^  ([a-z][a-z-]*)  +", tools.run([tools.WASMPACK, "--help"]).stdout, re.MULTILINE)
        self.assertIn("cargo-flags", listed)
        manuals = {f"share/man/man1/wasmpack-{name}.1" for name in listed}
        self.assertEqual({name for name in files if name.startswith("share/man/man1/wasmpack-")}, manuals)
        # Nothing that use of the examples and packages in place left there.
        left = re.compile(r"(\.gitignore|\.o|\.wasm|\.egg-info|__pycache__|node_modules|/build|/target|/venv)$")
        self.assertEqual([name for name in files if left.search(name.rstrip("/"))], [])
        for name in (*manuals, "lib/cmake/wasmpack/wasmpackConfig.cmake", "lib/cmake/wasmpack/wasmpackConfigVersion.cmake",
                     "lib/cmake/wasmpack/wasmpackTargets.cmake", "lib/cmake/wasmpack/wasmpackFunctions.cmake",
                     "share/doc/wasmpack/copyright", "share/doc/wasmpack/LICENSE", "share/doc/wasmpack/THIRD_PARTY.md",
                     "share/doc/wasmpack/docs/cmake.md", "share/doc/wasmpack/examples/cmake/CMakeLists.txt",
                     "share/doc/wasmpack/third-party/wasi-libc",
                     "share/man/man5/wasmpack-manifest.5", "share/bash-completion/completions/wasmpack",
                     "share/zsh/vendor-completions/_wasmpack", "share/fish/vendor_completions.d/wasmpack.fish",
                     "share/wasmpack/cargo/wasmpack-build/Cargo.toml", "share/wasmpack/js/index.js",
                     "share/wasmpack/python/wasmpack_tvm/pyproject.toml"):
            self.assertEqual(files.get(name), ["-rw-r--r--", "root/root"], name)

    def test_depends_has_the_package_of_each_library(self):
        depends = {entry.split()[0] for entry in self.field("Depends").split(", ")}
        for program in PROGRAMS:
            path = self.root / "usr" / program
            dynamic = tools.run(["readelf", "--dynamic", "--wide", path]).stdout
            needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
            self.assertIn("libc.so.6", needed)
            self.assertNotRegex(dynamic, r"\((RPATH|RUNPATH)\)", program)
            libraries = dict(re.findall(r"^\s*(\S+) => (/\S+)", tools.run(["ldd", path]).stdout, re.MULTILINE))
            for library in set(needed) - {"ld-linux-x86-64.so.2"}:
                self.assertIn(owner(libraries[library]), depends, f"{program}: {library}")

    def test_runs_from_another_folder(self):
        """Link, pack with the optimizer, inspect: with nothing in the environment and no build folder."""
        command = str(self.root / "usr/bin/wasmpack")
        work = self.folder / "work"
        work.mkdir()
        (work / "k.c").write_text("__attribute__((visibility(\"default\"))) int run(int x) { return x + 1; }\n",
                                  encoding="utf-8")
        (work / "k.toml").write_text('schema = 1\npackage = { name = "k", version = "1.0.0" }\n'
                                     '[bundle]\noptimize = "O2"\n[[library]]\nname = "k"\ninputs = ["k.lib.o"]\n',
                                     encoding="utf-8")
        tools.run(["clang-22", "--target=wasm32", "-O2", "-c", "k.c", "-o", "k.o"], cwd=work)
        for words in (["link", "k.o", "-o", "k.lib.o"], ["pack", "k.toml", "-o", "k.wasm"], ["inspect", "k.wasm"]):
            done = subprocess.run([command, *words], cwd=work, env={}, capture_output=True, text=True, timeout=60,
                                  check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        self.assertIn("run", done.stdout)

    def test_in_a_root_of_its_own(self):
        """Installed by dpkg beside the libraries it needs and nothing else."""
        if os.geteuid() != 0:
            registries.skip("the package in a root of its own: chroot is for root")
            return
        root = self.folder / "alone"
        for name in ("var/lib/dpkg/updates", "var/lib/dpkg/info", "proc", "work"):
            (root / name).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        tools.run(["dpkg", f"--root={root}", "--force-depends", "--force-script-chrootless", "-i", self.package])
        for program in PROGRAMS:
            for library in re.findall(r"(/\S+) \(0x", tools.run(["ldd", root / "usr" / program]).stdout):
                (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(library, root / library[1:])
        (root / "work/k.c").write_text("int run(int x) { return x + 1; }\n", encoding="utf-8")
        tools.run(["clang-22", "--target=wasm32", "-O2", "-c", "k.c", "-o", "k.o"], cwd=root / "work")
        (root / "work/k.toml").write_text('schema = 1\npackage = { name = "k", version = "1.0.0" }\n'
                                          '[bundle]\noptimize = "O2"\n[[library]]\nname = "k"\ninputs = ["k.o"]\n'
                                          '[[library.kernel]]\nsymbol = "run"\n', encoding="utf-8")
        pack = ["chroot", root, "/usr/bin/wasmpack", "pack", "/work/k.toml", "-o", "/work/k.wasm"]
        failed = tools.run(pack, check=False)
        self.assertEqual(failed.returncode, 1)
        self.assertIn("/proc is not mounted [child-not-started]\n  help: ", failed.stderr)
        self.assertFalse((root / "work/k.wasm").exists())
        if tools.run(["unshare", "--mount", "true"], check=False).returncode != 0:
            registries.skip("the package in a root with /proc: nothing may be mounted here")
            return
        # A namespace that ends with the command.
        mounts = ["unshare", "--mount", "sh", "-ec", 'mount --rbind /proc "$2/proc"; exec "$@"', "sh"]
        done = tools.run([*mounts, *pack])
        self.assertEqual(done.stderr, "")
        self.assertIn("run", tools.run([tools.WASMPACK, "inspect", root / "work/k.wasm"]).stdout)


def owner(path):
    """The Debian package that a library belongs to; the package may name /lib what is /usr/lib."""
    real = os.path.realpath(path)
    for candidate in (path, real, real.removeprefix("/usr"), f"/usr{path}"):
        done = tools.run(["dpkg-query", "--search", candidate], check=False)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise tools.Failure(f"{path} belongs to no package")


if __name__ == "__main__":
    unittest.main()
