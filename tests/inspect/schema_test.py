# ctest: timeout=300
"""docs/inspect.schema.json describes what `inspect --json` prints: real outputs of every kind are valid by it, each of
its properties occurs in some output, and a damaged output is not valid. Keys are sorted, one object a line."""

import copy
import glob
import json
import pathlib
import subprocess
import tempfile
import unittest

import oracle
from lib import ar, corpus, json_schema, tools

SCHEMA = corpus.SOURCE_DIR / "docs/inspect.schema.json"
REGISTERS = """
int TVMBackendRegisterSystemLibSymbol(const char* name, void* function);
int kernel(int x) { return x; }
int nobody_calls_it(int x) { return 3 * x; }
__attribute__((constructor)) static void enroll(void) { TVMBackendRegisterSystemLibSymbol("demo", (void*)kernel); }
__attribute__((export_name("use"))) int use(void) { return 1; }
"""
SHARED = """
volatile int runs; int get(void) { return runs; }
__attribute__((constructor)) static void start(void) { ++runs; }
"""
CXX = """
template <class T> inline T twice(T x) { static T last; last = x; return x + last; }
int use(int x) { return twice(x); }
const char* text() { return "some text"; }
"""
MANIFEST = {"schema": 1, "init": "initialize", "package": {"name": "vision", "version": "1.2.0"}, "libraries": [
    {"name": "conv", "kernels": [{"name": "c_conv", "symbol": "conv2d", "type": "(i32)->i32"}]}],
    "params": [{"name": "weights", "dtype": "float32", "shape": [2, 3], "bytes": 24, "file": "weights.bin"}]}


def leb(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def sized(data):
    return leb(len(data)) + data


def custom(name, content):
    return b"\0" + sized(sized(name) + content)


def check_sorted(pairs):
    keys = [key for key, _ in pairs]
    if keys != sorted(set(keys)):
        raise AssertionError(f"keys are not sorted: {keys}")
    return dict(pairs)


def outputs(*arguments):
    lines = oracle.inspect("--json", *arguments, check=False).stdout.splitlines()
    return [json.loads(line, object_pairs_hook=check_sorted) for line in lines]


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        cls.schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        cls.files = cls.make_files()

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    @classmethod
    def make_files(cls):
        """One file of each kind, and files that have what those lack."""
        folder = cls.folder

        def compile_c(name, source, *options, suffix="c"):
            (folder / f"{name}.{suffix}").write_text(source)
            tools.run(["clang-22", "--target=wasm32", "-O1", *options, "-c", folder / f"{name}.{suffix}", "-o",
                       folder / f"{name}.o"])
            return folder / f"{name}.o"

        enroll = compile_c("enroll", REGISTERS)
        wrapped = folder / "wrapped.wasm"
        tools.final([enroll], wrapped, "--no-entry", "--allow-undefined", whole=False)
        pic = compile_c("pic", SHARED, "-fPIC", "-fvisibility=default")
        shared = folder / "shared.wasm"
        tools.run(["wasm-ld-22", "-shared", "--experimental-pic", pic, "-o", shared])
        reactor = folder / "reactor.wasm"
        tools.final([enroll, "/usr/lib/wasm32-wasi/crt1-reactor.o"], reactor, "--no-entry", "--allow-undefined",
                    whole=False)
        component = folder / "component.wasm"
        component.write_bytes(b"\0asm\x0d\0\1\0")
        bundle = folder / "bundle.wasm"
        bundle.write_bytes(b"\0asm\1\0\0\0" + custom(b"wasmpack.manifest", json.dumps(MANIFEST).encode()) +
                           custom(b"description", b"what it is"))
        archive = folder / "all.a"
        ar.write(archive, [("enroll.o", enroll.read_bytes()), ("text.txt", b"hello\n")])
        rust = sorted(glob.glob(f"{corpus.RUSTLIB}/libcompiler_builtins*.rlib"))
        debug = compile_c("debug", CXX, "-g", suffix="cpp")
        threads = compile_c("threads", "_Thread_local int own = 3; int get(void) { return own; }\n", "-pthread")
        wide = compile_c("wide", "long get(long* p) { return *p; }\n", "--target=wasm64")
        return [enroll, wrapped, pic, shared, reactor, component, bundle, archive, debug, threads, wide,
                "/usr/lib/wasm32-wasi/libc.a", *rust]

    def test_outputs_of_every_kind_are_valid(self):
        validator = json_schema.Validator(self.schema)
        kinds = set()
        for arguments in [*([path] for path in self.files), ["--sizes", "--why=use", self.files[0]]]:
            path = arguments[-1]
            facts = outputs(*arguments)
            self.assertTrue(facts, path)
            for fact in facts:
                kinds.add(fact["kind"])
                self.assertEqual(validator.check(fact), [], path)
        self.assertEqual(kinds, {"object", "archive", "module", "shared", "component", "bundle"})
        self.assertEqual(validator.unused_properties(), [], "no output has these properties of the schema")

    def test_a_wrong_output_is_noticed(self):
        fact, = outputs(self.files[1])
        validator = json_schema.Validator(self.schema)
        self.assertEqual(validator.check(fact), [])

        def with_change(change):
            wrong = copy.deepcopy(fact)
            change(wrong)
            return validator.check(wrong)

        def set_at(*path, value):
            def change(wrong):
                for part in path[:-1]:
                    wrong = wrong[part]
                wrong[path[-1]] = value
            return change

        for change in (set_at("surprise", value=1), set_at("size", value="12"), set_at("size", value=-1),
                       set_at("kind", value="thing"), set_at("schema", value=2), set_at("wasm64", value=0),
                       set_at("exports", 0, "index", value=None), set_at("exports", 0, "more", value=""),
                       set_at("init", "callers", value={}), set_at("constructors", 0, "calls", value=[{"name": ""}]),
                       lambda wrong: wrong.pop("findings"), lambda wrong: wrong["init"].pop("runs")):
            self.assertNotEqual(with_change(change), [])

    def test_the_schema_is_one(self):
        """Every $ref leads somewhere, every object says what it requires and refuses what it does not know."""
        for where, schema in json_schema._walk(self.schema, "$"):
            with self.subTest(where):
                if "$ref" in schema:
                    self.assertIn(schema["$ref"].rsplit("/", 1)[1], self.schema["$defs"])
                elif "properties" in schema:
                    self.assertIs(schema["additionalProperties"], False)
                    self.assertLessEqual(set(schema["required"]), set(schema["properties"]))
                    self.assertEqual(list(schema["properties"]), sorted(schema["properties"]))
                    for name, part in schema["properties"].items():
                        self.assertTrue("description" in part or "$ref" in part or "const" in part, name)

    def test_a_reader_in_javascript_gets_the_same(self):
        """A second parser: node reads each line, and writes it back the same but for numbers beyond 2^53."""
        line = oracle.inspect("--json", self.files[1]).stdout
        script = "process.stdout.write(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8'))) + '\\n')"
        done = subprocess.run(["node", "-e", script], input=line, capture_output=True, check=True)
        self.assertEqual(done.stdout, line)


if __name__ == "__main__":
    unittest.main()
