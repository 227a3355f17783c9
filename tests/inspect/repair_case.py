"""Makes modules whose constructors tell the host that they run, repairs them, and calls them in node."""

import json
import pathlib
import subprocess
import tempfile
import unittest

from lib import tools

# Three constructors with priorities; each tells the host its number. `count` and `add` are what a host calls.
KERNELS = """
__attribute__((import_module("env"), import_name("reg"))) void reg(int);
__attribute__((constructor(300))) static void third(void) { reg(3); }
__attribute__((constructor(100))) static void first(void) { reg(1); }
__attribute__((constructor(200))) static void second(void) { reg(2); }
int calls;
__attribute__((export_name("count"))) int count(void) { return ++calls; }
__attribute__((export_name("add"))) long long add(int a, long long b, double c) { return a + b + (long long)c; }
"""
# The same without an import: what has run is to be seen in `order`.
CLOSED = """
volatile int order;  // else clang runs the constructors itself
static void note(int digit) { order = order * 10 + digit; }
__attribute__((constructor(300))) static void third(void) { note(3); }
__attribute__((constructor(100))) static void first(void) { note(1); }
__attribute__((constructor(200))) static void second(void) { note(2); }
__attribute__((export_name("get"))) int get(void) { return order; }
__attribute__((export_name("other"))) int other(int x) { return x + order; }
"""
# A reference to the chain in code that nothing reaches: wasm-ld makes no wrappers, and nobody runs the constructors.
NEVER = "void __wasm_call_ctors(void); __attribute__((used)) void nobody(void) { __wasm_call_ctors(); }\n"
INITIALIZE = """
void __wasm_call_ctors(void);
__attribute__((export_name("_initialize"))) void _initialize(void) { __wasm_call_ctors(); }
"""

# For each call: [what it gave, the registrations so far]. The first entry stands for the instantiation. A call in
# brackets is what the host does when a constructor calls it.
HOST = """
const fs = require("fs"), [path, callback, ...calls] = process.argv.slice(1);
const registered = [], results = [];
let exports = null;
const call = (name) => {
  try {
    const value = exports[name](1, name == "add" ? 2n : 2, 3);
    return value === undefined ? null : Number(value);
  } catch (error) { return error instanceof WebAssembly.RuntimeError ? "trap" : String(error); }
};
const env = new Proxy({}, {get: (_, name) => (number) => {
  registered.push(Number(number));
  if (callback && exports) results.push(["in " + number, call(callback)]);
}, has: () => true});
exports = (new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(path)), {env})).exports;
results.push(["instance", [...registered]]);
for (const name of calls) { const value = call(name); results.push([value, [...registered]]); }
console.log(JSON.stringify(results));
"""
MODES = ("initialize", "start", "lazy")


def sections(path):
    """[(id, name of a custom section, bytes of the payload)]."""
    data = pathlib.Path(path).read_bytes()
    found, at = [], 8
    while at < len(data):
        number, size, shift = data[at], 0, 0
        at += 1
        while True:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        payload = data[at:at + size]
        name = payload[1:1 + payload[0]].decode() if number == 0 else ""
        found.append((number, name, payload))
        at += size
    return found


class RepairCase(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def path(self, name):
        return self.folder / name

    def compile(self, source, *options, name="a", compiler="clang-22", target="wasm32", language="c"):
        (self.folder / f"{name}.c").write_text(source)
        output = self.folder / f"{name}.o"
        tools.run([compiler, f"--target={target}", "-O1", *options, "-x", language, "-c", self.folder / f"{name}.c",
                   "-o", output])
        return output

    def link(self, *objects, options=(), version="22", name="module.wasm"):
        output = self.folder / name
        tools.final(objects, output, "--no-entry", *options, version=version, whole=False)
        return output

    def module(self, *sources, options=(), version="22", target="wasm32", name="module.wasm"):
        objects = [self.compile(source, name=f"s{i}", target=target) for i, source in enumerate(sources)]
        return self.link(*objects, options=options, version=version, name=name)

    def wat(self, text, name="module.wasm", *options, features=("--enable-all",)):
        output = self.folder / name
        output.with_suffix(".wat").write_text(text)
        tools.run(["wat2wasm", *features, *options, output.with_suffix(".wat"), "-o", output])
        return output

    def fix(self, mode, path, output=None, check=True):
        """The repaired file, and what was said."""
        output = output or path.with_name(f"{path.stem}.{mode}.wasm")
        done = subprocess.run([tools.WASMPACK, "inspect", "--fix", f"ctors={mode}", "-o", output, path],
                              capture_output=True, text=True, timeout=60)
        if check:
            self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
            tools.run(["wasm-validate", "--enable-all", output])
            return output, done.stderr
        return done

    def refuse(self, path, message, modes=MODES, code=1):
        """No mode writes anything, and each says why and what else to do."""
        for mode in modes:
            output = self.folder / "refused.wasm"
            done = self.fix(mode, path, output, check=False)
            self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
            self.assertRegex(done.stderr.replace("\n", " "), message)
            self.assertFalse(output.exists())
        return done.stderr

    def call(self, path, *exports, callback="", options=()):
        done = tools.run(["node", *options, "-e", HOST, "--", path, callback, *exports])
        return json.loads(done.stdout)

    def registrations(self, path, *exports, options=()):
        """After the instantiation and after each call, what was registered since the one before."""
        seen, answer = 0, []
        for _, all_so_far in self.call(path, *exports, options=options):
            answer.append(all_so_far[seen:])
            seen = len(all_so_far)
        return answer
