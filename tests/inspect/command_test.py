# ctest: timeout=120 labels=sanitize
"""The command itself: options, tables, JSON, archives, unreadable files, hostile names, damaged files."""

import io
import json
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

import oracle
from lib import ar, corpus, tools

SOURCE = """
extern int other(int); extern char text[]; __attribute__((weak)) int cell = 3;
__attribute__((constructor(200))) static void late(void) { cell = other(1); }
__attribute__((constructor(100))) static void early(void) { cell = text[0]; }
__attribute__((export_name("renamed"))) int add(int a, int b) { return a + b; }
__attribute__((visibility("default"), used)) double mix(double a, float b, long long c) { return a * b * c; }
"""
TABLES = {"--ctors": "Constructors", "--exports": "Exports", "--imports": "Imports", "--sections": "Sections",
          "--symbols": "Symbols"}
KEYS = {"comdats", "constructors", "dylink", "exports", "features", "file", "findings", "functions", "imports", "init",
        "kernels", "kind", "layout", "metadata", "module_name", "params", "producers", "relocations", "schema", "sections",
        "segments", "size", "sizes", "spaces", "symbols", "validity", "wasm64"}


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


def module(*sections):
    return b"\0asm\1\0\0\0" + b"".join(sections)


def one_export(name):
    """A module with a memory, exported under that name."""
    return module(b"\5" + sized(b"\1\0\1"), b"\7" + sized(b"\1" + sized(name) + b"\2\0"))


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        cls.object = cls.folder / "kernels.o"
        (cls.folder / "kernels.c").write_text(SOURCE)
        tools.run(["clang-22", "--target=wasm32", "-O1", "-c", cls.folder / "kernels.c", "-o", cls.object])

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def text(self, *arguments, **more):
        return oracle.inspect(*arguments, **more).stdout.decode()

    # ---- text ----

    def test_the_answer_comes_first(self):
        lines = self.text(self.object).splitlines()
        self.assertRegex(lines[0], r"^\S+kernels\.o: relocatable object, wasm32, \d+ bytes, 4 functions, \d+ symbols$")
        self.assertEqual(lines[1], "  constructors  2; nothing in this object runs them, that is up to the final link")

    def test_tables_are_chosen(self):
        for chosen, wanted in [([], ["--ctors", "--exports", "--imports"]), *[([t], [t]) for t in TABLES],
                               (["--symbols", "--sections"], ["--symbols", "--sections"])]:
            lines = self.text(self.object, *chosen).splitlines()
            shown = [t for t, title in TABLES.items() if any(line.startswith(title) for line in lines)]
            self.assertEqual(set(shown), set(wanted), f"{chosen}")

    def test_rows(self):
        """One row of each table, from the source and from Linking.md's defaults."""
        text = self.text(self.object, *TABLES)
        for row in [r"0 +100 +early", r"1 +200 +late +other", r"function  \(i32,i32\)->i32 +renamed \(add\)",
                    r"function  \(i32\)->i32 +env\.other", r"memory +1\.\. +env\.__linear_memory",
                    r"0x[0-9a-f]+ +\d+ +\d+ +CODE", r"data +4 +weak hidden +cell \(segment 0 \+ 0x0\)",
                    r"data +undefined +text", r"function +0 +undefined +other"]:
            self.assertRegex(text, rf"(?m)^ +{row}$")

    def test_exports_by_flag(self):
        """For Emscripten clang flags `used` symbols EXPORTED; only `renamed` is in the EXPORT section."""
        path = self.folder / "flagged.o"
        tools.run(["clang-22", "--target=wasm32-unknown-emscripten", "-O1", "-c", self.folder / "kernels.c", "-o", path])
        self.assertRegex(self.text(path), r"(?m)^ +function +\(f64,f32,i64\)->f64 +mix \(by symbol flag, at the final link\)$")
        facts, = oracle.inspect_json(path)
        self.assertEqual([(e["name"], e["by_flag"]) for e in facts["exports"]], [("renamed", False), ("mix", True)])

    def test_several_files_and_unreadable_ones(self):
        bad = self.write("bad.o", self.object.read_bytes()[:100])
        done = oracle.inspect(self.object, self.folder / "missing.o", bad, "/bin/sh", self.folder, self.object,
                              check=False)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout.decode().count("kernels.o: relocatable object"), 2)
        errors = done.stderr.decode()
        for path, message in [("missing.o", "No such file"), ("bad.o", "offset 0x"), ("/bin/sh", "ELF"),
                              (str(self.folder), "directory")]:
            self.assertRegex(errors, rf"error: [^\n]*{path}[^\n]*{message}")

    def test_errors_as_json_lines(self):
        done = oracle.inspect(self.folder / "missing.o", "/bin/sh", "--message-format=json", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertEqual([json.loads(line)["severity"] for line in done.stderr.splitlines()], ["error", "error"])

    def test_standard_input(self):
        with open(self.object, "rb") as source:
            text = self.text("-", stdin=source)
        self.assertTrue(text.startswith("<stdin>: relocatable object"))

    def test_archive(self):
        plain = one_export(b"memory")
        archive = self.folder / "all.a"
        ar.write(archive, [("kernels.o", self.object.read_bytes()), ("lib.rmeta", b"rust\0\0\0\5"),
                           ("text.txt", b"hello\n"), ("plain.wasm", plain)])
        done = oracle.inspect(archive, check=False)
        self.assertEqual(done.returncode, 2)  # for text.txt; lib.rmeta is skipped, as a linker does
        self.assertRegex(done.stderr.decode(), r"^wasmpack: error: \S+all\.a\(text\.txt\): .*text")
        self.assertEqual(done.stderr.decode().count("error:"), 1)
        lines = done.stdout.decode().splitlines()
        self.assertEqual(lines[0], f"{archive}: archive, 2 members, constructors in 1")
        self.assertIn(f"{archive}(plain.wasm): finished module, wasm32, {len(plain)} bytes, 0 functions", lines)
        whole, *facts = [json.loads(line) for line in oracle.inspect("--json", archive, check=False).stdout.splitlines()]
        self.assertEqual([(f["member"], f["kind"]) for f in facts], [("kernels.o", "object"), ("plain.wasm", "module")])
        self.assertEqual((whole["kind"], whole["size"]), ("archive", archive.stat().st_size))
        self.assertEqual([(m["name"], m["read"]) for m in whole["members"]],
                         [("kernels.o", True), ("lib.rmeta", False), ("text.txt", False), ("plain.wasm", True)])

    def test_component_is_named(self):
        path = self.write("component.wasm", b"\0asm\x0d\0\1\0")
        self.assertIn("component, 8 bytes", self.text(path))
        facts, = oracle.inspect_json(path)
        self.assertEqual((facts["kind"], facts["init"]["chain"]), ("component", "unknown"))

    # ---- options ----

    def test_color(self):
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CLICOLOR_FORCE")}
        colored = lambda *arguments, **env: b"\x1b[" in oracle.inspect(
            self.object, *arguments, env={**environment, **env}).stdout
        self.assertFalse(colored())  # a pipe is no terminal
        self.assertTrue(colored("--color=always"))
        self.assertTrue(colored(CLICOLOR_FORCE="1"))
        self.assertFalse(colored(CLICOLOR_FORCE="0"))
        self.assertFalse(colored("--color=auto", CLICOLOR_FORCE="1", NO_COLOR="1"))
        self.assertFalse(colored("--color=never", CLICOLOR_FORCE="1"))
        self.assertTrue(colored("--color=always", NO_COLOR="1"))

    def test_wrong_usage(self):
        for arguments, message in [([], "FILE is required"), (["--symbol", self.object], "did you mean '--symbols'"),
                                   (["--color=blue", self.object], "blue"), (["--json", "--ctors", self.object], "--json"),
                                   (["--message-format=xml", self.object], "xml")]:
            done = oracle.inspect(*arguments, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, b""), arguments)
            self.assertIn(message, done.stderr.decode())

    def test_the_commands_own_options(self):
        run = lambda *arguments: subprocess.run([tools.WASMPACK, *arguments], capture_output=True, text=True, check=False)
        self.assertRegex(run("--version").stdout, r"^wasmpack \d+\.\d+\.\d+\n$")
        self.assertEqual(run("--help").returncode, 0)
        done = run("inspekt")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean 'inspect'?", done.stderr)
        self.assertEqual(run().returncode, 2)

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            for arguments in ([self.object], ["--json", self.object], ["--help"]):
                done = subprocess.run([tools.WASMPACK, "inspect", *map(str, arguments)], stdout=full,
                                      stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn("No space left on device", done.stderr)

    # ---- JSON ----

    def test_an_input_is_never_overwritten(self):
        """Someone forgets the option's FILE, so the first input stands in its place."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for option in ("--html", "--dot"):
            path = folder / "in.wasm"
            path.write_bytes(b"\0asm\1\0\0\0")
            done = oracle.judge(option, path, path)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"would be overwritten", done.stderr)
            self.assertEqual(path.read_bytes(), b"\0asm\1\0\0\0")

    def test_options_that_answer_different_questions(self):
        for options in (["--conflicts", "--html", "x.html"], ["--diff", "a.o", "--run"], ["--link-line", "--why", "f"],
                        ["--fix", "ctors=lazy", "-o", "x", "--check", "r.toml"], ["--diff", "a.o", "--sizes"]):
            done = oracle.judge(*options, "a.o")
            self.assertEqual(done.returncode, 2, options)
            self.assertIn(b"excludes", done.stderr, options)

    def test_json_is_sorted_and_complete(self):
        def check_sorted(pairs):
            keys = [key for key, _ in pairs]
            self.assertEqual(keys, sorted(set(keys)))
            return dict(pairs)

        line = oracle.inspect("--json", self.object).stdout.decode()
        self.assertEqual(line.count("\n"), 1)
        facts = json.loads(line, object_pairs_hook=check_sorted)
        self.assertEqual(set(facts), KEYS)
        self.assertEqual((facts["schema"], facts["kind"], facts["size"]), (1, "object", self.object.stat().st_size))
        self.assertEqual(facts["file"], str(self.object))
        # Headers and payloads together are the file.
        end = 8
        for section in facts["sections"]:
            self.assertEqual(section["header_offset"], end)
            end = section["offset"] + section["size"]
        self.assertEqual(end, facts["size"])

    def test_the_same_bytes_from_every_folder_and_run(self):
        runs = {oracle.inspect("--json", "kernels.o", cwd=self.folder).stdout for _ in range(3)}
        self.assertEqual(len(runs), 1)

    # ---- hostile input ----

    def test_hostile_names(self):
        name = b"\x1b[31mred\x1b]0;title\x07\r\n\xc2\x9b\xff" + "\u00fc".encode()
        path = self.write("hostile.wasm", one_export(name) + custom(b"sec\x1b[2J", b"") + custom(name, b"x"))
        for arguments in ([], ["--sections"], ["--json"], ["--color=always"]):
            out = oracle.inspect(path, *arguments).stdout
            for own in (b"\x1b[1m", b"\x1b[0m", b"\x1b[1;31m", b"\x1b[1;35m", b"\x1b[1;36m"):
                out = out.replace(own, b"")
            for byte in b"\x1b\x07\r\xff":
                self.assertNotIn(bytes([byte]), out)
            out.decode()
        self.assertIn(r"\x1b[31mred\x1b]0;title\x07\x0d\x0a\xc2\x9b\xff" + "\u00fc", self.text(path))
        facts, = oracle.inspect_json(path)
        self.assertTrue(facts["exports"][0]["name"].startswith(r"\x1b[31mred"))

    def test_long_names_are_cut_in_text_only(self):
        path = self.write("long.wasm", one_export(b"n" * 100000))
        self.assertLess(len(self.text(path)), 2000)
        facts, = oracle.inspect_json(path)
        self.assertEqual(facts["exports"][0]["name"], "n" * 100000)

    def test_damaged_files(self):
        """Bits flipped and ends cut off, with a fixed seed: facts or an error, and nothing else."""
        module_path = self.folder / "linked.wasm"
        (self.folder / "other.c").write_text("int other(int x) { return x; } char text[4];")
        tools.run(["clang-22", "--target=wasm32", "-c", self.folder / "other.c", "-o", self.folder / "other.o"])
        tools.final([self.object, self.folder / "other.o"], module_path, "--no-entry", whole=False)
        archive = self.folder / "both.a"
        ar.write(archive, [("kernels.o", self.object.read_bytes()), ("linked.wasm", module_path.read_bytes())])
        generator = random.Random(7)
        codes = {0: 0, 2: 0}
        for seed in (self.object, module_path, archive):
            original = seed.read_bytes()
            for _ in range(100):
                data = bytearray(original)
                for _ in range(generator.choice([1, 1, 2, 8])):
                    data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
                if generator.random() < 0.2:
                    del data[generator.randrange(len(data)):]
                path = self.write("mutant.wasm", data)
                for arguments in (["--json"], list(TABLES)):
                    done = oracle.inspect(path, *arguments, check=False)
                    self.assertIn(done.returncode, codes, done.stderr[:500])
                    codes[done.returncode] += 1
                    self.assertEqual(done.returncode == 2, b"error: " in done.stderr)
                    if arguments == ["--json"]:
                        for line in io.BytesIO(done.stdout):
                            json.loads(line)
        self.assertGreater(codes[0], 100)
        self.assertGreater(codes[2], 100)


class Bundles(unittest.TestCase):
    """A `wasmpack.manifest` section makes a module a bundle; what stands in it is not trusted."""

    def inspect(self, manifest):
        with tempfile.NamedTemporaryFile(suffix=".wasm") as file:
            file.write(module(custom(b"wasmpack.manifest", manifest)))
            file.flush()
            return oracle.inspect_json(file.name)[0], oracle.inspect(file.name).stdout.decode()

    def test_kernels(self):
        manifest = {"schema": 1, "package": {"name": "vision", "version": "1.2.0"}, "libraries": [
            {"name": "conv", "prefix": "c_", "kernels": [{"name": "c_conv", "symbol": "conv2d", "type": "(i32)->i32"}]},
            {"name": "empty"}]}
        facts, text = self.inspect(json.dumps(manifest).encode())
        self.assertEqual(facts["kind"], "bundle")
        self.assertEqual(facts["bundle"], {"init": "", "name": "vision", "problem": "", "version": "1.2.0"})
        self.assertEqual(facts["kernels"],
                         [{"handle": 0, "library": "conv", "name": "c_conv", "symbol": "conv2d", "type": "(i32)->i32"}])
        self.assertIn("vision 1.2.0, 1 kernel\n", text)
        self.assertRegex(text, r"(?m)^ +0 +conv +\(i32\)->i32 +c_conv +conv2d$")

    def test_what_pack_makes(self):
        """The demonstration's bundle: its kernels by their prefixed names, and the guarded chain."""
        demo = corpus.SOURCE_DIR / "testdata/demo"
        with tempfile.TemporaryDirectory() as folder:
            for library, kernels in [("vector", "dot axpy"), ("image", "invert difference")]:
                objects = []
                for part in ("kernels", "setup"):
                    objects.append(f"{folder}/{library}_{part}.o")
                    tools.run(["clang-22", "--target=wasm32", "-msimd128", "-O2", "-ffreestanding", "-c",
                               demo / f"{library}_{part}.c", "-o", objects[-1]])
                keep = [f"--keep-global-symbol={k}" for k in [*kernels.split(), "constructor_runs", "context_owner"]]
                tools.link(objects, f"{folder}/{library}.o", *keep)
            manifest = pathlib.Path(folder, "kernels.toml")
            manifest.write_bytes((demo / "kernels.toml").read_bytes())
            tools.run([tools.WASMPACK, "pack", manifest, "-o", f"{folder}/kernels.wasm"])
            facts, = oracle.inspect_json(f"{folder}/kernels.wasm")
        own = ["constructor_runs", "context_owner"]
        self.assertEqual(sorted((k["library"], k["name"], k["symbol"]) for k in facts["kernels"]), sorted(
            (library, f"{prefix}_{kernel}", kernel) for library, prefix, kernels in
            [("vector", "vec", ["dot", "axpy", *own]), ("image", "img", ["invert", "difference", *own])]
            for kernel in kernels))
        exported = {e["name"] for e in facts["exports"]}
        self.assertLessEqual({k["name"] for k in facts["kernels"]}, exported)
        self.assertEqual((facts["kind"], facts["bundle"]["problem"], facts["init"]["model"]), ("bundle", "", "reactor"))
        # bundle-abi: the chain runs at `_initialize` or at the first `wasmpack_entry`, and from nowhere else.
        self.assertEqual(sorted((c["kind"], c["name"]) for c in facts["init"]["callers"]),
                         [("export", "_initialize"), ("export", "wasmpack_entry")])
        self.assertEqual(len(facts["constructors"]), 2)

    def test_damaged_manifests(self):
        for manifest in [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 100000, b'{"a":' * 100000, b'{"x": "\xff"}',
                         b'{"libraries": 7}', b'{"libraries": [7, {"kernels": [7, {"name": 7}]}], "package": []}',
                         b'"' + b"[" * 1000 + b'"', b'{"package": {"name": "\\u001b[2J"}}']:
            facts, text = self.inspect(manifest)
            self.assertEqual(facts["kind"], "bundle")
            self.assertNotIn("\x1b", text)
        self.assertIn("JSON", self.inspect(b"{")[0]["bundle"]["problem"])
        self.assertIn("deeply", self.inspect(b"[" * 100000)[0]["bundle"]["problem"])


if __name__ == "__main__":
    unittest.main()
