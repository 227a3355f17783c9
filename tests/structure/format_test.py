# ctest: timeout=120
"""Every C and C++ file of ours is formatted by the repository's .clang-format."""

import subprocess
import unittest

import project

COMMAND = ["clang-format-22", "--dry-run", "-Werror"]


class Format(unittest.TestCase):
    def test_files_are_formatted(self):
        names = project.list_files(".cpp", ".h", ".c")
        self.assertTrue(names)
        done = subprocess.run([*COMMAND, *names], cwd=project.ROOT, capture_output=True, text=True, check=False)
        message = f"{done.stderr}\nto fix: git ls-files '*.cpp' '*.h' '*.c' | xargs clang-format-22 -i"
        self.assertEqual(done.returncode, 0, message)

    def test_an_unformatted_source_is_found(self):
        done = subprocess.run(
            [*COMMAND, "--assume-filename=object/a.cpp"], cwd=project.ROOT, capture_output=True, text=True,
            input="int  f( int *a ){return *a ;}\n", check=False
        )
        self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
