# ctest: timeout=60
"""docs/diagnostics.md has a section for each diagnostic that the sources can make, and for no other.

How ids are found (find_ids): sources hand them on in a parameter or member that is called `id`. So

- a function with a parameter `id` of a string type is one that makes diagnostics (`fail`, `report`, `problem`, ...); the
  argument in that place of each call is read. A helper of a source file counts in that file, one of a header in all
  files that include it, also through other headers;
- a struct with a member `id` of a string type is one of theirs (`Diagnostic`, `TomlReport`, ...); `.id = ...`,
  `Name{...}` and `return {...}` of a function that returns it are read.

What stands there is a literal, an expression with literals (`in_time ? "a" : "b"`), a constant of the same file, or an
`id` that is handed on. Anything else is reported as unknown, so that no id can hide in it.
"""

import os
import re
import subprocess
import unittest

import project

PAGE = "docs/diagnostics.md"
NO_LAYERS = ("bench/", "examples/", "integrations/", "runtime/", "testdata/", "tests/")
# What these say is a finding of one of the checks, which docs/checks.md explains.
FACTS = "inspect/facts/"
OF_CHECKS = ("inspect/checks/", "object/read.cpp")

STRING_TYPE = r"(?:std::string_view|std::string|const char\s*\*)"
ID_PARAMETER = re.compile(rf"\s*(?:const\s+)?{STRING_TYPE}\s*&?\s*id\b")
LITERAL = re.compile(r'"([^"\\]*)"')
ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
# An id that comes from elsewhere: `id`, `problem.id`, `check->id`.
HANDED_ON = re.compile(r"\s*(?:[\w.>-]*(?:\.|->))?id\s*")
SECTION = re.compile(r"^## (\S+)\n\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
LONGEST_FENCE = 6  # lines


def simplify(text):
    """The text without comments, raw strings and characters; other strings and the numbers of lines stay."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL
    )
    return token.sub(lambda m: m[0] if m[0].startswith('"') else re.sub(r"[^\n]", " ", m[0]), text)


def split_arguments(text, bracket):
    """What stands between the commas behind the opening bracket at that place; [] if it is never closed."""
    arguments, depth, begin, at = [], 0, bracket + 1, bracket
    while at < len(text):
        if text[at] == '"':
            at = re.compile(r'"(?:\\.|[^"\\])*"').match(text, at).end() - 1
        elif text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
            if depth == 0:
                return arguments + [text[begin:at]]
        elif text[at] == "," and depth == 1:
            arguments.append(text[begin:at])
            begin = at + 1
        at += 1
    return []


def find_helpers(text):
    """{name: place of the id} of the functions and lambdas that have a parameter `id`."""
    helpers = {}
    for match in re.finditer(r"\b(\w+)(?:\s*=\s*\[[^\]]*\])?\s*\(", text):
        for place, argument in enumerate(split_arguments(text, match.end() - 1)):
            if ID_PARAMETER.match(argument):
                helpers[match[1]] = place
    return helpers


def find_structs(text):
    """{name: place of the id} of the structs that have a member `id`."""
    structs = {}
    for match in re.finditer(r"\bstruct (\w+) \{(.*?)^\};", text, re.DOTALL | re.MULTILINE):
        members = [line for line in match[2].split(";") if line.strip()]
        for place, member in enumerate(members):
            if ID_PARAMETER.match(member.strip()) and "(" not in member:
                structs[match[1]] = place
    return structs


class Sources:
    """What is known of a set of sources, {path: text}."""

    def __init__(self, texts):
        self.texts = {path: simplify(text) for path, text in texts.items()}
        self.helpers = {path: find_helpers(text) for path, text in self.texts.items()}
        self.structs = {path: find_structs(text) for path, text in self.texts.items()}

    def list_seen(self, path, seen):
        """The file and all it includes."""
        if path in self.texts and path not in seen:
            seen.add(path)
            for included in re.findall(r'#include "([^"]+)"', self.texts[path]):
                self.list_seen(included, seen)
        return seen

    def list_expressions(self, path):
        """(expression, offset, whether it must be an id) of what stands where a file makes an id."""
        text = self.texts[path]
        helpers, structs = {}, {}
        for seen in self.list_seen(path, set()):
            helpers |= self.helpers[seen]
            structs |= self.structs[seen]
        helpers |= self.helpers[path]  # its own ones hide others of that name
        for name, place in helpers.items():
            for match in re.finditer(rf"\b{name}(?:\s*=\s*\[[^\]]*\])?\s*\(", text):
                arguments = split_arguments(text, match.end() - 1)
                # Calls with fewer arguments are of other functions (`cursor.fail("...")`), or have the default.
                if place < len(arguments):
                    yield arguments[place], match.start(), len(arguments) > 1
        for match in re.finditer(r"\.id = ", text):
            end = re.compile(r"[;,}]").search(text, match.end()).start()
            yield text[match.end():end], match.start(), False
        for name, place in structs.items():
            heads = list(re.finditer(rf"\b{name}(?: \w+)?(?=\{{)", text))
            for function in re.finditer(rf"^{name} \w+\([^)]*\) \{{.*?^\}}", text, re.MULTILINE | re.DOTALL):
                heads += re.compile(r"\breturn (?=\{)").finditer(text, function.start(), function.end())
            for match in heads:
                arguments = split_arguments(text, match.end())
                if place < len(arguments) and not arguments[0].strip().startswith("."):
                    yield arguments[place], match.start(), False

    def find_ids(self):
        """({id: [places]}, [places where the id is unknown])."""
        ids, unknown = {}, []
        for path, text in sorted(self.texts.items()):
            constants = dict(re.findall(r'constexpr std::string_view (k\w+) = "([^"]*)";', text))
            for expression, offset, must_be_id in self.list_expressions(path):
                place = f"{path}:{text.count(chr(10), 0, offset) + 1}"
                words = LITERAL.findall(expression)
                words += [constants[name] for name in re.findall(r"\bk\w+", expression) if name in constants]
                words = [word for word in words if ID.fullmatch(word)]
                for word in words:
                    ids.setdefault(word, []).append(place)
                is_told = words or HANDED_ON.fullmatch(expression) or ID_PARAMETER.match(expression)
                if must_be_id and not is_told:
                    unknown.append(f"{place}: {expression.strip()[:60]}")
        return ids, unknown


def read_sources():
    names = project.list_files(".cpp", ".h")
    return Sources({name: project.read(name) for name in names if not name.startswith((*NO_LAYERS, FACTS))})


def list_checks():
    done = subprocess.run([os.environ["WASMPACK"], "inspect", "--list-checks"], capture_output=True, text=True, check=True)
    return {line.split()[0] for line in done.stdout.splitlines()}


class Diagnostics(unittest.TestCase):
    def setUp(self):
        self.ids, self.unknown = read_sources().find_ids()
        self.sections = SECTION.findall(project.read(PAGE))

    def test_each_id_is_known(self):
        self.assertGreater(len(self.ids), 100)
        self.assertFalse(self.unknown, "no id can be read here; see how ids are found, above")

    def test_each_id_has_a_section(self):
        sections = {name for name, _ in self.sections}
        checks = list_checks()
        for name, places in self.ids.items():
            if name in checks:
                places = [place for place in places if not place.startswith(OF_CHECKS)]
            if places and name not in sections:
                self.fail(f"{PAGE} has no section `## {name}`, which {places[0]} makes")

    def test_each_section_has_an_id(self):
        unused = [name for name, _ in self.sections if name not in self.ids]
        self.assertFalse(unused, f"{PAGE} explains what no source makes")

    def test_sections_are_in_order(self):
        names = [name for name, _ in self.sections]
        self.assertEqual(names, sorted(set(names)))

    def test_sections_have_their_shape(self):
        for name, text in self.sections:
            with self.subTest(name):
                self.assertEqual(find_flaws(text), [])


def find_flaws(text):
    """What is wrong with the text of a section."""
    flaws = []
    fences = re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if any(fence.count("\n") > LONGEST_FENCE for fence in fences):
        flaws.append(f"an example has more than {LONGEST_FENCE} lines")
    paragraphs = text.strip().split("\n\n")
    if not re.fullmatch(r"(error|warning|note): [^.]*(\.\S[^.]*)*\.", paragraphs[0]):
        flaws.append("it does not begin with its severity and one sentence")
    if len(paragraphs) < 3 or not paragraphs[2].startswith("Way out: "):
        flaws.append("it is not: what happened, one paragraph of reasons, `Way out: `")
    if any(len(line) > 80 for line in text.splitlines()):
        flaws.append("a line is longer than a terminal is wide")
    return flaws


class TheCheckItself(unittest.TestCase):
    """New ways to make a diagnostic are found where they follow the rules above, and reported where they do not."""

    HEADER = """
        struct Diagnostic {
  Severity severity = Severity::error;
  std::string id;  // a code
};
tl::unexpected<Diagnostic> fail(std::string_view id, Location where, std::string message);
"""

    def find(self, text, **files):
        texts = {"support/diagnostic.h": self.HEADER, "a.cpp": '#include "support/diagnostic.h"\n' + text, **files}
        ids, unknown = Sources(texts).find_ids()
        return sorted(ids), len(unknown)

    def test_calls(self):
        self.assertEqual(self.find('return fail("new-id", {}, "text, \\"more\\"");'), (["new-id"], 0))
        self.assertEqual(self.find('return fail(late ? "one" : "two-2", {}, what(1, 2));'), (["one", "two-2"], 0))
        self.assertEqual(self.find('// fail("in-comment", {}, "")\nfail(problem.id, {}, "");'), ([], 0))

    def test_constants(self):
        constant = 'constexpr std::string_view kId = "bad-thing";\n'
        self.assertEqual(self.find(constant + 'fail(kId, {}, "");'), (["bad-thing"], 0))
        self.assertEqual(self.find('fail(kId, {}, "");'), ([], 1))
        self.assertEqual(self.find('fail(make_id(), {}, "");'), ([], 1))
        self.assertEqual(self.find('fail("run-" + kind, {}, "");'), ([], 1))

    def test_helpers(self):
        helper = "void refuse(int place, const char* id, std::string text) { fail(id, {}, text); }\n"
        self.assertEqual(self.find(helper + 'refuse(1, "by-helper", "");'), (["by-helper"], 0))
        helper = "const auto refuse = [&](std::string_view id, std::string text) { return fail(id, {}, text); };\n"
        self.assertEqual(self.find(helper + 'return refuse("by-lambda", "");'), (["by-lambda"], 0))
        helper = "void refuse(std::string text, std::string_view id = \"a-default\") {}\n"
        self.assertEqual(self.find(helper + 'refuse("text");'), (["a-default"], 0))

    def test_structs(self):
        self.assertEqual(self.find('diagnostic.id = "assigned";'), (["assigned"], 0))
        self.assertEqual(self.find('Diagnostic d{.severity = note, .id = "named", .where = {}};'), (["named"], 0))
        self.assertEqual(self.find('return Diagnostic{Severity::note, "in-place", {}};'), (["in-place"], 0))
        returned = "struct Wrong {\n  const char* id;\n  const char* help;\n};\n"
        returned += 'Wrong wrong_input(int kind) {\n  return {"returned",\n          "help"};\n}\n'
        self.assertEqual(self.find(returned), (["returned"], 0))

    def test_other_functions(self):
        self.assertEqual(self.find('cursor.fail("unexpected end"); sink.report(std::move(problem));'), ([], 0))

    def test_shape(self):
        good = "error: `a.o` is bad.\n\nReasons.\n\nWay out: do it.\n"
        self.assertEqual(find_flaws(good), [])
        for bad in ("error: One. Two.\n\nReasons.\n\nWay out: do it.", "error: a.\n\nWay out: do it.", good + "x" * 81,
                    good.replace("error", "Error"), good + "\n```sh\n" + 7 * "x\n" + "```\n"):
            self.assertEqual(len(find_flaws(bad)), 1, bad)


if __name__ == "__main__":
    unittest.main()
