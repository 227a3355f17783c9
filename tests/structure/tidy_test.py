# ctest: timeout=1800 labels=slow
"""clang-tidy with the list of .clang-tidy over our sources, as the compile database has them.

A file that was clean is not looked at again until it, a header of ours that it includes, or the list changes:
ninja knows the headers of each object file.
"""

import concurrent.futures
import hashlib
import json
import pathlib
import subprocess
import tempfile
import unittest

import project

# The database has g++'s -Werror; compiler warnings are the compilers' business, not this test's.
COMMAND = ["clang-tidy-22", "--quiet", "--extra-arg=-Wno-error"]
FOLDERS = ("support/", "object/", "linker/", "inspect/", "packager/", "bindgen/", "runner/", "tools/")


def list_sources():
    """Our files of the compile database -> the output that ninja knows them by."""
    sources = {}
    for entry in json.loads((project.BUILD / "compile_commands.json").read_text()):
        name = pathlib.Path(entry["file"])
        if name.is_relative_to(project.ROOT):
            name = str(name.relative_to(project.ROOT))
            if name.startswith(FOLDERS) and name.endswith(".cpp"):
                sources[name] = entry["output"] if "output" in entry else entry["command"].split(" -o ")[1].split()[0]
    return sources


def list_headers():
    """Object file -> our files that it was made from, as ninja recorded them."""
    headers, current = {}, None
    done = subprocess.run(["ninja", "-C", project.BUILD, "-t", "deps"], capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("    "):
            path = pathlib.Path(project.BUILD, line.strip())
            if path.is_relative_to(project.ROOT):
                headers[current].append(path)
        elif ": #deps" in line:
            current = line.split(": #deps")[0]
            headers[current] = []
    return headers


def hash_inputs(name, headers):
    """A hash of what decides the findings in a file, or None when its headers are not known."""
    if not headers:
        return None
    total = hashlib.sha256(project.read(".clang-tidy").encode())
    for path in sorted({project.ROOT / name, *headers}):
        if not path.is_file():
            return None
        total.update(path.read_bytes())
    return total.hexdigest()


def run_tidy(name):
    """What clang-tidy says about a file; empty when it is clean."""
    done = subprocess.run(
        [*COMMAND, "-p", project.BUILD, project.ROOT / name], cwd=project.ROOT, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


class Tidy(unittest.TestCase):
    def test_sources_are_clean(self):
        cache = project.BUILD / "tidy"
        cache.mkdir(exist_ok=True)
        sources, headers = list_sources(), list_headers()
        self.assertTrue(sources)
        keys = {name: hash_inputs(name, headers.get(output)) for name, output in sources.items()}
        work = [name for name, key in keys.items() if key is None or not (cache / key).exists()]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            findings = dict(zip(work, pool.map(run_tidy, work)))
        for name in work:
            if not findings[name] and keys[name]:
                (cache / keys[name]).touch()
        text = "\n".join(findings[name] for name in work if findings[name])
        self.assertEqual(text, "", "\n" + text)

    def test_a_finding_is_an_error(self):
        with tempfile.TemporaryDirectory(dir=project.BUILD) as folder:
            source = pathlib.Path(folder, "bad.cpp")
            source.write_text("int* f() { return 0; }\n")
            done = subprocess.run(
                [*COMMAND, f"--config-file={project.ROOT}/.clang-tidy", source, "--", "-std=c++20"],
                capture_output=True, text=True, check=False
            )
            self.assertIn("modernize-use-nullptr", done.stdout)
            self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
