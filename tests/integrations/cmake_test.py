# ctest: timeout=300
"""CMake projects use wasmpack: libraries that link whole, bundles, rebuilds of just what changed, with Ninja and
Makefiles. The example runs as its README says."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import cmake_project
from cmake_project import BUILD, EXAMPLE, GENERATORS, TOOLCHAIN, Project, install
from lib import corpus, tools

HEAD = """cmake_minimum_required(VERSION 3.25)
project(test LANGUAGES C)
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
find_package(wasmpack CONFIG REQUIRED NO_CMAKE_FIND_ROOT_PATH)
"""
BLOCK = re.compile(r"^```(?:sh|text) (run|output)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COUNTING_MAIN = """#include <stdio.h>
static int count;
void reg(void) { ++count; }
int main(void) { printf("%d registrations\\n", count); }
"""
CONSTRUCTOR = "void reg(void);\n__attribute__((constructor)) static void init(void) { reg(); }\n"
KERNELS = """schema = 1
package = { name = "kernels", version = "1.0.0" }
[[library]]
name = "conv"
inputs = ["conv.o"]
[[library.kernel]]
symbol = "conv_run"
"""


class CMakeTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="wasmpack cmake ")  # a space: generators and depfiles must quote
        self.addCleanup(shutil.rmtree, self.folder)

    def project(self, name, files):
        return Project(os.path.join(self.folder, name), files)

    def run_module(self, module):
        return tools.run(["node", "--no-warnings", EXAMPLE / "run.mjs", module]).stdout


class ExampleTest(CMakeTest):
    def run_readme(self, generator, environment):
        folder = os.path.join(self.folder, generator)
        shutil.copytree(EXAMPLE, folder)
        blocks = BLOCK.findall((EXAMPLE / "README.md").read_text(encoding="utf-8"))
        self.assertEqual([kind for kind, _ in blocks], ["run", "output"])
        done = subprocess.run(["bash", "-e", "-c", blocks[0][1]], cwd=folder, timeout=120, text=True, check=False,
                              capture_output=True, env={**environment, "CMAKE_GENERATOR": generator})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("\n" + blocks[1][1], done.stdout)
        self.assertNotRegex(done.stdout + done.stderr, "(?m)^CMake .*Warning|warning: ")

    def test_from_the_build_tree(self):
        self.run_readme("Ninja", cmake_project.clean_environment(CMAKE_PREFIX_PATH=str(BUILD)))

    def test_from_an_install_tree_in_path(self):
        prefix = os.path.join(self.folder, "some where")
        install(prefix)
        environment = cmake_project.clean_environment()
        environment["PATH"] = f"{prefix}/bin:{environment['PATH']}"
        self.run_readme("Unix Makefiles", environment)


class DocumentationTest(CMakeTest):
    def test_examples_of_the_page(self):
        page = (corpus.SOURCE_DIR / "docs/cmake.md").read_text(encoding="utf-8")
        blocks = re.findall(r"^```cmake\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(blocks), 2)
        project = self.project("page", {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.25)\nproject(page LANGUAGES C)\n"
                              "add_executable(program main.c)\n" + "".join(blocks),
            "conv.c": "static int scale(void) { return 2; }\nint run(void) { return scale(); }\n",
            "main.c": "int conv_run(void);\nint main(void) { return conv_run() - 2; }\n",
            "kernels.toml.in": KERNELS})
        project.configure("Ninja", "--toolchain", TOOLCHAIN)
        self.assertEqual(project.build(), ["conv", "conv.c", "kernels", "main.c", "program"])
        self.assertIn("conv_run", (project.build_folder / "program.html").read_text(encoding="utf-8"))


class LinkLineTest(CMakeTest):
    """The object of a library reaches every executable exactly once, by whatever way."""

    FILES = {
        "CMakeLists.txt": HEAD + """
add_subdirectory(kernels)
add_library(middle STATIC middle.c)
target_link_libraries(middle PRIVATE kernels)
add_library(top STATIC top.c)
target_link_libraries(top PUBLIC middle)
add_executable(through top.c main.c)      # only through a static library, whose member nobody needs
target_link_libraries(through PRIVATE top)
add_executable(often main.c)              # several ways at once
target_link_libraries(often PRIVATE kernels top kernels middle kernels)
""",
        "kernels/CMakeLists.txt": "add_library(members STATIC kernel.c constructor.c)\n"
                                  "add_library(loose OBJECT loose.c)\n"
                                  "wasmpack_add_library(other SOURCES other.c)\n"
                                  "wasmpack_add_library(kernels OBJECTS members loose other)\n",
        "kernels/kernel.c": "int kernel(void) { return 1; }\n" + CONSTRUCTOR,
        "kernels/constructor.c": CONSTRUCTOR,
        "kernels/loose.c": CONSTRUCTOR,
        "kernels/other.c": CONSTRUCTOR,
        "middle.c": "int middle(void) { return 1; }\n",
        "top.c": "int top(void) { return 1; }\n",
        "main.c": COUNTING_MAIN,
    }

    def test_each_constructor_runs_once(self):
        for generator in (*GENERATORS, "Ninja Multi-Config"):
            with self.subTest(generator):
                project = self.project(generator, self.FILES)
                # An emulator is for programs of the target; wasmpack is none.
                project.configure(generator, "--toolchain", TOOLCHAIN, "-DCMAKE_CROSSCOMPILING_EMULATOR=/bin/false")
                project.build()
                for name in ("through", "often"):
                    module = next(project.build_folder.rglob(f"{name}.wasm"))
                    self.assertEqual(self.run_module(module), "4 registrations\n", name)


class RebuildTest(CMakeTest):
    FILES = {
        "CMakeLists.txt": HEAD + """
wasmpack_add_library(conv SOURCES conv.c PREFIX conv_ OPTIONS --keep-global-symbols=${CMAKE_SOURCE_DIR}/conv.list)
wasmpack_add_library(pool SOURCES pool.c helper.c PREFIX pool_ KEEP_GLOBAL run)
add_executable(program main.c)
target_link_libraries(program PRIVATE conv pool)
configure_file(weights.bin weights.bin COPYONLY)
wasmpack_add_bundle(bundle MANIFEST kernels.toml.in DEPENDS pool)
""",
        "conv.c": "int run(void) { return 1; }\n",
        "conv.list": "run\n",
        "pool.c": "int help(void);\nint run(void) { return help(); }\n",
        "helper.c": "int help(void) { return 2; }\n",
        "main.c": "int conv_run(void), pool_run(void);\nint main(void) { return conv_run() + pool_run() - 3; }\n",
        "kernels.toml.in": """schema = 1
package = { name = "bundle", version = "1.0.0" }
[[library]]
name = "pool"
inputs = ["pool.o"]
[[library.kernel]]
symbol = "pool_run"
[[param]]
name = "weights"
path = "weights.bin"
dtype = "uint8"
shape = [4]
""",
        "weights.bin": "abcd",
    }

    def test_only_what_depends_on_a_change_is_built(self):
        for generator in GENERATORS:
            with self.subTest(generator):
                project = self.project(generator, self.FILES)
                project.configure(generator, "--toolchain", TOOLCHAIN)
                self.assertEqual(project.build(), ["bundle", "conv", "conv.c", "helper.c", "main.c", "pool", "pool.c",
                                                   "program"])
                self.assertEqual(project.build(), [])
                for changed, expected in (
                        ("conv.c", ["conv", "conv.c", "program"]),
                        ("helper.c", ["bundle", "helper.c", "pool", "program"]),
                        ("conv.list", ["conv", "program"]),             # known from the depfile of link only
                        ("build/weights.bin", ["bundle"]),              # known from the depfile of pack only
                        ("build/kernels.toml", ["bundle"]),
                        ("main.c", ["main.c", "program"])):
                    project.touch(changed)
                    self.assertEqual(project.build(), expected, changed)
                    self.assertEqual(project.build(), [], f"again after {changed}")
                (project.build_folder / "pool.o").unlink()
                self.assertEqual(project.build(), ["bundle", "pool", "program"])
                # A library that loses a source: nothing is newer, but another command.
                project.write("CMakeLists.txt", self.FILES["CMakeLists.txt"].replace("pool.c helper.c", "pool.c"))
                project.write("pool.c", "int run(void) { return 2; }\n")
                self.assertEqual(project.build(), ["bundle", "pool", "pool.c", "program"])

    def test_a_failed_link_leaves_nothing_behind(self):
        project = self.project("failed", self.FILES)
        project.write("helper.c", "int run(void) { return 2; }\n")
        project.configure("Ninja", "--toolchain", TOOLCHAIN)
        done = tools.run(["cmake", "--build", project.build_folder], check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("run", done.stdout)
        self.assertFalse((project.build_folder / "pool.o").exists())
        project.write("helper.c", "int help(void) { return 2; }\n")
        self.assertIn("pool", project.build())


class OptionsTest(CMakeTest):
    def test_guard_of_a_target_without_start_up_code(self):
        """No crt1 there: the library brings _initialize, unless it is told not to."""
        files = {
            "CMakeLists.txt": HEAD + """
foreach(guard IN ITEMS auto off none start_kernels)
  wasmpack_add_library(kernel_${guard} SOURCES kernel.c EXPORTS kern* INIT_GUARD ${guard} OUTPUT made/${guard}.o)
  add_executable(${guard} main.c)
  target_link_libraries(${guard} PRIVATE kernel_${guard})
  target_link_options(${guard} PRIVATE -nostdlib -Wl,--no-entry -Wl,--allow-undefined)
endforeach()
""",
            "main.c": "",
            "kernel.c": "int kernel(void) { return 1; }\n" + CONSTRUCTOR,
            "call.mjs": """import fs from 'node:fs';
let count = 0;
const {instance} = await WebAssembly.instantiate(fs.readFileSync(process.argv[2]), {env: {reg: () => { ++count; }}});
const {memory, ...functions} = instance.exports;
for (const name of Object.keys(functions).sort()) { functions[name](); functions[name](); }
console.log(Object.keys(functions).sort().join(' '), count);
""",
        }
        project = self.project("bare", files)
        project.configure("Ninja", "-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_C_COMPILER=clang-22",
                          "-DCMAKE_C_COMPILER_TARGET=wasm32", "-DCMAKE_C_COMPILER_WORKS=1")
        project.build()
        said = {}
        for guard in ("auto", "off", "none", "start_kernels"):
            module = project.build_folder / f"{guard}.wasm"
            said[guard] = tools.run(["node", project.folder / "call.mjs", module]).stdout.strip()
        self.assertEqual(said, {"auto": "_initialize kernel 1", "off": "kernel 2", "none": "kernel 1",
                                "start_kernels": "kernel start_kernels 1"})
        self.assertTrue((project.build_folder / "made/auto.o").exists())

    def test_oci_dir(self):
        project = self.project("oci", {
            "CMakeLists.txt": HEAD + """
wasmpack_add_library(conv SOURCES conv.c PREFIX conv_)
wasmpack_add_bundle(bundle MANIFEST kernels.toml.in DEPENDS conv OCI_DIR layout)
""",
            "conv.c": "int run(void) { return 1; }\n",
            "kernels.toml.in": KERNELS,
        })
        for generator in GENERATORS:
            with self.subTest(generator):
                shutil.rmtree(project.build_folder, ignore_errors=True)
                project.configure(generator, "--toolchain", TOOLCHAIN)
                layout = project.build_folder / "layout"
                self.assertIn("bundle", project.build())
                tools.run([tools.WASMPACK, "oci", "check", layout])
                self.assertEqual(project.build(), [])
                project.touch("conv.c")
                self.assertEqual(project.build(), ["bundle", "conv", "conv.c"])
                self.assertEqual(project.build(), [])
                (layout / "index.json").unlink()
                self.assertEqual(project.build(), ["bundle"])
                tools.run([tools.WASMPACK, "oci", "check", layout])


class BadUseTest(CMakeTest):
    CALLS = (
        ("wasmpack_add_library(kern)", "wasmpack_add_library(kern): neither SOURCES nor OBJECTS"),
        ("wasmpack_add_library(kern SOURCES)", "nothing stands behind SOURCES"),
        ("wasmpack_add_library(kern a.c)", "not understood: a.c; the keywords are PREFIX"),
        ("wasmpack_add_library(kern OBJECTS a.o KEEPGLOBAL x)", "KEEPGLOBAL is no file and no keyword"),
        ("add_library(headers INTERFACE)\nwasmpack_add_library(kern OBJECTS headers)",
         "target headers (INTERFACE_LIBRARY) has no objects"),
        ("add_custom_target(step)\nwasmpack_add_library(kern OBJECTS step)", "target step (UTILITY) has no objects"),
        ("wasmpack_add_library(kern OBJECTS a.o OUTPUT kern.a)", "OUTPUT kern.a must end in .o"),
        ("wasmpack_add_library(kern OBJECTS a.o INIT_GUARD=none)", "INIT_GUARD=none is no file and no keyword"),
        ("wasmpack_add_library(kern OBJECTS a.o INIT_GUARD -x)", "INIT_GUARD -x is none of"),
        ("wasmpack_add_library(\"a b\" OBJECTS a.o)", "this is no name for a target"),
        ("wasmpack_add_library(kern OBJECTS a.o)\nwasmpack_add_library(kern OBJECTS b.o)",
         "there is a target kern already"),
        ("wasmpack_add_bundle(kern OUTPUT k.wasm)", "no MANIFEST; `wasmpack pack --init` writes one"),
        ("wasmpack_add_bundle(kern MANIFEST no.toml)", "there is no manifest no.toml, neither in"),
        ("wasmpack_add_bundle(kern MANIFEST m.toml DEPENDS x OCIDIR y)", "OCIDIR is no file and no keyword"),
        ("wasmpack_add_bundle(kern MANIFEST m.toml)\nadd_subdirectory(sub)", "there is a target kern already"),
    )

    def test_messages(self):
        for number, (call, message) in enumerate(self.CALLS):
            with self.subTest(call):
                project = self.project(str(number), {
                    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.25)\nproject(bad LANGUAGES NONE)\n"
                                      f"find_package(wasmpack CONFIG REQUIRED)\n{call}\n",
                    "m.toml": "",
                    "sub/CMakeLists.txt": "wasmpack_add_library(kern OBJECTS a.o)\n"})
                done = project.configure(check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(message, re.sub(r"\s+", " ", done.stderr))
                self.assertIn("CMakeLists.txt:", done.stderr)


if __name__ == "__main__":
    unittest.main()
