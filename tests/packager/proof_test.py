# ctest: timeout=600
"""The whole of `pack` against linking by hand: libraries of C, C++, Rust, assembly and two generations of TVM in one
bundle, in every init mode, in node and in wabt's interpreter; what the bundle adds to their size; many kernels."""

import json
import re
import unittest

from bundles import HERE, WASMPACK, library
from tvm_case import ROOT, TvmTest

SOURCES = ROOT / "testdata" / "proof"
MODES = ("initialize", "start", "lazy", "snapshot")
CHECKS = ["check_smooth", "check_stats", "check_checksum", "check_mix", "check_old", "check_new"]
TVM_KERNELS = ["doubled", "far_doubled", "matmul", "scaled", "softmax"]
KERNELS = sorted(["smooth", "smooth_calls", "stats_mean", "stats_objects", "stats_variance", "crc32", "median", "mix", *CHECKS,
                  *("old_" + name for name in TVM_KERNELS), *("new_" + name for name in TVM_KERNELS)])
CALLS = 1000
LIBM = ["expf.o", "exp2f_data.o", "__math_oflowf.o", "__math_uflowf.o", "__math_xflowf.o"]

# Library -> its prefix and its files. Linked by hand, the driver knows TVM's kernels by other names.
LIBRARIES = {
    "c": ("", ["smooth.o"]),
    "cpp": ("", ["stats_mean.o", "stats_variance.o"]),
    "rust": ("", ["checksum.a"]),
    "old": ("old_", ["g2.o"]),
    "new": ("new_", ["g6.o"]),
    "assembly": ("", ["mix.o"]),
    "driver": ("", ["driver.o"]),
}

CODE, DATA = 10, 11  # numbers of sections
FIXED_BYTES = 6 * 1024
KERNEL_BYTES = 64
TRIVIAL = '__attribute__((visibility("default"))) int {0}(int x) {{ return x + {1}; }}\n'


def read_leb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def section_bytes(path):
    """Bytes of each section with its header, by number, those of custom sections by name."""
    data = path.read_bytes()
    sizes, at = {}, 8
    while at < len(data):
        start, number = at, data[at]
        size, at = read_leb(data, at + 1)
        if number == 0:
            length, name_at = read_leb(data, at)
            number = data[name_at:name_at + length].decode()
        at += size
        sizes[number] = sizes.get(number, 0) + at - start
    return sizes


def read_map(text):
    """Bytes of code and data by input, of a map that lld wrote."""
    sizes = {}
    part = None
    for line in text.splitlines()[1:]:
        _, _, size, rest = re.fullmatch(r" *(\S+) +(\S+) +(\S+) (.*)", line).groups()
        if not rest.startswith(" "):
            # An output section, or a data segment of one; zeros are not in the file.
            part = {"CODE": "code", "DATA": "data", ".rodata": "data", ".data": "data"}.get(rest.split("(")[0])
        elif part and not rest.startswith(" " * 16):
            name = rest.strip().rpartition(":(")[0]
            # Of an archive's member, the archive.
            key = (re.sub(r"\(.*\)$", "", name).removeprefix("hand/"), part)
            sizes[key] = sizes.get(key, 0) + int(size, 16)
    return sizes


class ProofTest(TvmTest):
    def compile_libraries(self):
        for name in ("smooth", "driver"):
            self.run_tool("clang-22", "--target=wasm32", "-O2", "-ffreestanding", "-c", SOURCES / f"{name}.c", "-o", f"{name}.o")
        for name in ("stats_mean", "stats_variance"):
            self.run_tool("clang++-22", "--target=wasm32", "-O2", "-ffreestanding", "-fno-exceptions", "-c",
                          SOURCES / f"{name}.cpp", "-o", f"{name}.o")
        self.run_tool("clang-22", "--target=wasm32", "-c", SOURCES / "mix.s", "-o", "mix.o")
        # Debian's, which brings the wasm target; another rustc may come first in PATH.
        self.run_tool("/usr/bin/rustc", "--target=wasm32-unknown-unknown", "-O", SOURCES / "checksum.rs", "-o", "checksum.a")
        self.compile_generation(2)
        self.compile_generation(6)

    def pack_libraries(self, bundle="", options=()):
        libraries = [library(name, *files, prefix=prefix) for name, (prefix, files) in LIBRARIES.items()]
        return self.pack(*libraries, bundle=bundle, output="bundle.wasm", options=options)

    def link_by_hand(self, *options):
        """by_hand.wasm, which wasmpack has no part in. Rust's archive has an expf of its own, which gives other last digits:
        TVM's kernels get that of the C library, as they do in a bundle, where no library gets another's by accident."""
        self.run_tool("llvm-ar-22", "x", "/usr/lib/wasm32-wasi/libc.a", *LIBM)
        self.write("hand/keep", "")
        for name in ("driver", "by_hand"):
            self.run_tool("clang-22", "--target=wasm32", "-O2", "-ffreestanding", "-DBY_HAND", "-c", SOURCES / f"{name}.c", "-o",
                          f"hand/{name}.o")
        inputs = [file for _, files in LIBRARIES.values() for file in files if file != "driver.o"]
        self.run_tool("wasm-ld-22", "--no-entry", "--stack-first", "--fatal-warnings", "--export-table", "--export=_initialize",
                      *(f"--export={check}" for check in CHECKS), *LIBM, *inputs, "hand/driver.o", "hand/by_hand.o", "-o",
                      "by_hand.wasm", *options)
        self.run_tool("wasm-validate", "by_hand.wasm")
        return self.folder / "by_hand.wasm"

    def run_checks_in_node(self, module, initialize):
        return self.run_js("""
          const {instance} = await WebAssembly.instantiate((await import('node:fs')).readFileSync(path), {});
          if (INITIALIZE) instance.exports._initialize();
          return Object.fromEntries(CHECKS.map((name) => [name, BigInt.asUintN(64, instance.exports[name]()).toString()]));
        """.replace("INITIALIZE", json.dumps(initialize)).replace("CHECKS", json.dumps(CHECKS)), module)

    def run_checks_in_wabt(self, module):
        """The interpreter calls all exports without parameters, in their order, in one instance."""
        lines = self.run_tool("wasm-interp", module, "--run-all-exports").stdout.splitlines()
        return {match[1]: match[2] for match in (re.fullmatch(r"(check_\w+)\(\) => i64:(\d+)", line) for line in lines) if match}


class AgainstALinkByHand(ProofTest):
    def test_same_results_in_every_mode_and_engine(self):
        self.compile_libraries()
        self.link_by_hand()
        expected = self.run_checks_in_node("by_hand.wasm", True)
        self.assertEqual(sorted(expected), sorted(CHECKS))
        self.assertEqual(len(set(expected.values())), len(CHECKS), expected)
        for mode in MODES:
            for level in ("none", "O2"):
                with self.subTest(mode=mode, optimize=level):
                    self.pack_libraries(bundle=f'init = "{mode}"\noptimize = "{level}"')
                    self.assertNotIn("warning", self.messages)
                    self.assertEqual(self.run_checks_in_node("bundle.wasm", mode == "initialize"), expected)
                    self.assertEqual(self.run_checks_in_wabt("bundle.wasm"), expected)

    def test_a_thousand_calls_against_javascript(self):
        self.compile_libraries()
        for mode in MODES:
            for way in ("handles", "exports"):
                with self.subTest(mode=mode, way=way):
                    self.pack_libraries(bundle=f'init = "{mode}"')
                    result = self.run_js("""
                      const {find_wrong} = await import(PROOF);
                      const bundle = await load(path), {exports: e} = bundle;
                      if (MODE === 'initialize' && WAY === 'exports') e._initialize();
                      const kernels = bundle.registry().kernels.map(({name}) => name);
                      // By its name once, then by what it is.
                      const by_handle = WAY === 'handles' && new Map(kernels.map((name) => [name, bundle.kernel(name)]));
                      const wrong = find_wrong(bundle, (name) => by_handle ? by_handle.get(name) : e[name], CALLS);
                      return {kernels, wrong, imports: WebAssembly.Module.imports(bundle.module)};""".replace(
                        "PROOF", json.dumps(str(HERE / "proof.mjs"))).replace("MODE", json.dumps(mode)).replace(
                        "WAY", json.dumps(way)).replace("CALLS", str(CALLS)), "bundle.wasm")
                    self.assertEqual(result, {"kernels": KERNELS, "wrong": [], "imports": []})

    def test_code_and_data_of_the_libraries(self):
        self.compile_libraries()
        by_hand = self.link_by_hand("--Map=by_hand.map")
        bundle = self.pack_libraries(options=["--map", "bundle.map"])
        ours, theirs = (read_map((self.folder / name).read_text()) for name in ("bundle.map", "by_hand.map"))
        for module, sizes in ((bundle, ours), (by_hand, theirs)):
            # The maps are about these modules: but for headers and alignment, both sections are in them whole.
            sections = section_bytes(module)
            for part, number in (("code", CODE), ("data", DATA)):
                self.assertLess(abs(sections[number] - sum(size for (_, of), size in sizes.items() if of == part)), 64, part)
        ours_in_all = theirs_in_all = 0
        for name, (_, objects) in LIBRARIES.items():
            for part in ("code", "data"):
                packed = ours.get((f"library `{name}`", part), 0)
                linked = sum(theirs.get((file, part), 0) for file in objects)
                self.assertLessEqual(packed, 1.03 * linked, (name, part))
                ours_in_all, theirs_in_all = ours_in_all + packed, theirs_in_all + linked
        # Names that are registered under a prefix are new texts, in an object beside the libraries.
        ours_in_all += ours[("TVM's records", "data")]
        self.assertGreater(theirs_in_all, 20000)
        self.assertLessEqual(ours_in_all, 1.03 * theirs_in_all)

    def test_the_rest_of_the_bundle(self):
        self.compile_libraries()
        by_hand = section_bytes(self.link_by_hand())
        bundle = section_bytes(self.pack_libraries())
        # Rust's archive has debug information, of which the two keep more or less.
        more = sum(size for name, size in bundle.items() if isinstance(name, int)) - sum(
            size for name, size in by_hand.items() if isinstance(name, int))
        names = sum(2 * len(name) + 1 for name in KERNELS)  # in the registry, and of the export
        self.assertLessEqual(more, FIXED_BYTES + KERNEL_BYTES * len(KERNELS) + names)


class Overhead(ProofTest):
    """What a bundle of trivial kernels has more than a bare module of them, the manifest section apart."""

    def measure(self, count, mode):
        names = [f"kernel_{i:04}" for i in range(count)]
        self.compile("kernels", "".join(TRIVIAL.format(name, i) for i, name in enumerate(names)))
        self.run_tool("wasm-ld-22", "--no-entry", "--stack-first", "--export-table", *(f"--export={name}" for name in names),
                      "kernels.o", "-o", "bare.wasm")
        packed = section_bytes(self.pack(library("kernels"), bundle=f'init = "{mode}"'))
        bare = section_bytes(self.folder / "bare.wasm")
        more = sum(packed.values()) - sum(bare.values()) - packed["wasmpack.manifest"]
        # In the registry, and for engines' messages: in `lazy`, each kernel is two functions.
        names_of_functions = packed["name"] - bare["name"]
        return more, more - names_of_functions - sum(len(name) + 1 for name in names)

    def test_fixed_and_for_each_kernel(self):
        for mode in MODES:
            with self.subTest(mode=mode):
                whole, without_names = zip(*(self.measure(count, mode) for count in (1, 100, 1000)))
                self.assertLessEqual(whole[0], FIXED_BYTES)
                for count, more in zip((1, 100, 1000), without_names):
                    self.assertLessEqual(more, without_names[0] + KERNEL_BYTES * (count - 1))
                self.assertGreater(without_names[2], 24 * 1000)  # at least the registry's table


class ManyKernels(ProofTest):
    def test_ten_thousand(self):
        """That time grows with their number only is for bench/run; the steps of the lookup's table are counted in
        perfect_hash_test.cpp."""
        count = 10000
        self.compile("kernels", "".join(TRIVIAL.format(f"kernel_{i:04}", i) for i in range(count)))
        self.pack(library("kernels", prefix="p_"))
        result = self.run_js("""
          const bundle = await load(path);
          const {kernels} = bundle.registry();
          const wrong = [];
          for (let i = 0; i < COUNT; ++i) {
            const name = 'p_kernel_' + String(i).padStart(4, '0');
            const handle = bundle.find(name);
            if (kernels[handle]?.name !== name || bundle.exports.__indirect_function_table.get(kernels[handle].entry)(5) !== i + 5)
              wrong.push(name);
          }
          const names = kernels.map(({name}) => name);
          return {count: names.length, wrong, sorted: names.every((name, i) => i === 0 || names[i - 1] < name),
                  absent: ['p_kernel_10000', 'kernel_0000', '', 'p_kernel_000'].map((name) => bundle.find(name))};"""
                             .replace("COUNT", str(count)))
        self.assertEqual(result, {"count": count, "wrong": [], "sorted": True, "absent": [-1] * 4})


if __name__ == "__main__":
    unittest.main()
