# ctest: timeout=60
"""No two types of the project that other files can see share a name: their inline members (destructors above all) would be
one symbol to the linker, which keeps either. A compiler that inlines hides it, another one crashes."""

import collections
import re
import unittest

import project

TYPE = re.compile(r"(?:enum class|struct|class|enum|union)\s+(\w+)(?!\w)(?!::)[^;]*\{")


def list_types(text):
    """Names and lines of the types defined at namespace scope, outside of unnamed namespaces."""
    is_unnamed = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("namespace {"):
            is_unnamed = True
        elif line.strip() == "}  // namespace":
            is_unnamed = False
        found = TYPE.match(line)
        if found and not is_unnamed:
            yield found[1], number


class TypeNames(unittest.TestCase):
    def test_each_type_has_a_name_of_its_own(self):
        places = collections.defaultdict(list)
        for name in project.list_files(".h", ".cpp"):
            if name.startswith(("testdata/", "examples/", "runtime/")):
                continue  # programs of their own
            for type_name, line in list_types(project.read(name)):
                places[type_name].append(f"{name}:{line}")
        self.assertGreater(len(places), 100)
        shared = {name: where for name, where in places.items() if len(where) > 1}
        self.assertEqual(shared, {})

    def test_a_second_type_is_seen(self):
        text = "struct A {\n};\nnamespace {\nstruct B {\n};\n}  // namespace\nclass C final : D {\nclass E::F {\nstruct G;\n"
        self.assertEqual([name for name, _ in list_types(text)], ["A", "C"])


if __name__ == "__main__":
    unittest.main()
