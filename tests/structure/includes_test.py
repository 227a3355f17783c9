# ctest: timeout=60
"""Each layer includes only what the table of docs/design.md allows, and every include is written from the root."""

import re
import unittest

import project

LLVM_SUPPORT = ("llvm/ADT/", "llvm/Config/", "llvm/Demangle/", "llvm/Support/")
# First folder of an include that is somebody else's -> its name in the table's last column.
THIRD_PARTY = {"llvm": "llvm", "llvm-c": "llvm", "lld": "lld", "tl": "tl", "toml++": "toml++", "CLI": "CLI", "wabt": "wabt",
               "binaryen-c.h": "binaryen", "zlib.h": "zlib"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def read_table(text):
    """folder -> (folders it may include, third parties it may include), from the marked table."""
    table = {}
    body = text.split("<!-- layers: begin -->")[1].split("<!-- layers: end -->")[0]
    for line in body.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 4 or not cells[0].endswith("/"):
            continue
        split = lambda cell: set() if cell == "-" else {word.strip() for word in cell.split(",")}
        table[cells[0].rstrip("/")] = (split(cells[2]), split(cells[3]))
    return table


def find_layer(name, table):
    """The most specific folder of the table that holds the file, or None."""
    layers = [folder for folder in table if name.startswith(folder + "/")]
    return max(layers, key=len, default=None)


def find_problems(name, text, table, exists):
    """One line for each include of a file that breaks a rule. exists(path) says if the root has that file."""
    problems = []
    layer = find_layer(name, table)
    for quote, target in INCLUDE.findall(text):
        first = target.split("/")[0]
        owner = find_layer(target, table)
        if owner is None and (first in ("tests", "runtime") or "/" not in target and quote == '"'):
            owner = first
        if quote == '"' and first not in THIRD_PARTY:
            if "/" not in target or target.startswith("."):
                problems.append(f'{name}: "{target}" is not written from the root')
            elif first != "runtime" and not exists(target):
                problems.append(f'{name}: "{target}" does not exist from the root')
        if layer is None:
            continue
        allowed, third_party = table[layer]
        if owner is not None and owner != layer and owner not in allowed:
            problems.append(f'{name}: {layer}/ must not include "{target}"')
        if first in THIRD_PARTY and ("/" in target or quote == "<"):
            if THIRD_PARTY[first] not in third_party:
                problems.append(f"{name}: {layer}/ must not include <{target}>")
            elif first in ("llvm", "llvm-c") and "lld" not in third_party and not target.startswith(LLVM_SUPPORT):
                problems.append(f"{name}: <{target}> is not part of LLVM Support")
    return problems


class Includes(unittest.TestCase):
    def setUp(self):
        self.table = read_table(project.read("docs/design.md"))

    def test_the_table_has_every_folder_with_sources(self):
        folders = {name.split("/")[0] for name in project.list_files(".cpp") if "/" in name}
        self.assertEqual(folders - set(self.table) - {"tests", "testdata", "bench", "runtime", "integrations"}, set())

    def test_the_table_has_no_cycle(self):
        order = []
        left = {folder: allowed & set(self.table) for folder, (allowed, _) in self.table.items()}
        while left:
            free = [folder for folder, allowed in left.items() if allowed <= set(order)]
            self.assertTrue(free, f"a cycle among {sorted(left)}")
            order += free
            for folder in free:
                del left[folder]

    def test_every_include_is_allowed(self):
        names = [name for name in project.list_files(".cpp", ".h") if not name.startswith(("testdata/", "runtime/"))]
        self.assertTrue(names)
        problems = []
        for name in names:
            problems += find_problems(name, project.read(name), self.table, lambda p: (project.ROOT / p).is_file())
        self.assertEqual(problems, [], "\n" + "\n".join(problems))


class TheCheckItself(unittest.TestCase):
    """Made-up sources, one defect each."""

    def problems(self, name, line):
        return find_problems(name, line + "\n", read_table(project.read("docs/design.md")), lambda path: True)

    def test_allowed(self):
        for name, line in [
            ("object/a.cpp", '#include "object/object.h"'),
            ("object/a.cpp", '#include "support/cursor.h"'),
            ("object/a.cpp", "#include <vector>"),
            ("object/a.cpp", '#include "llvm/ADT/ArrayRef.h"'),
            ("children/a.cpp", "#include <lld/Common/Driver.h>"),
            ("tools/a.cpp", "#include <CLI/CLI.hpp>"),
            ("tests/object/a_test.cpp", '#include "llvm/Object/Wasm.h"'),
        ]:
            self.assertEqual(self.problems(name, line), [], f"{name}: {line}")

    def test_forbidden(self):
        for name, line in [
            ("support/a.cpp", '#include "object/object.h"'),
            ("inspect/facts/a.cpp", '#include "linker/link.h"'),
            ("inspect/facts/a.cpp", '#include "inspect/checks/check.h"'),
            ("linker/a.cpp", '#include "inspect/facts/facts.h"'),
            ("packager/a.cpp", '#include "tools/options.h"'),
            ("packager/a.cpp", '#include "children/lld.h"'),
            ("object/a.cpp", '#include "object.h"'),
            ("object/a.cpp", '#include "../support/cursor.h"'),
            ("object/a.cpp", '#include "tests/object/helper.h"'),
            ("linker/a.cpp", "#include <CLI/CLI.hpp>"),
            ("object/a.cpp", '#include "llvm/Object/Wasm.h"'),
            ("linker/a.cpp", "#include <wabt/binary.h>"),
            ("packager/a.cpp", "#include <binaryen-c.h>"),
            ("packager/a.cpp", "#include <llvm-c/Target.h>"),
        ]:
            self.assertNotEqual(self.problems(name, line), [], f"{name}: {line}")


if __name__ == "__main__":
    unittest.main()
