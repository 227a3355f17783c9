"""What a bundle costs its host, measured in node.

(g) lookup by name and by handle in bundles of 16, 256 and 4,096 kernels, beside a JavaScript Map and a linear search in
wasm; (h) the time from instantiation to the first result of a kernel, for each init mode. The constructor of that bundle
computes a table of primes, so that there is something to wait for.
"""

import json
import os
import pathlib
import statistics
import subprocess

from measure import compile_c

TITLE = "Hosts"
INTRODUCTION = "In node."
KEYS = {"g": "lookup", "h": "start"}
RUNS = {"g": 15, "h": 21}

HERE = pathlib.Path(__file__).resolve().parent
COUNTS = (16, 256, 4096)
KERNEL = '__attribute__((visibility("default")))'
# A search over the kernels of struct wasmpack_bundle (docs/bundle-abi.md), name by name.
LINEAR = """
typedef unsigned u32;
struct kernel { const char *name; u32 length, entry, abi; const char *signature; u32 library; };
struct bundle { u32 version, size; const char *name; u32 name_length; const char *release; u32 release_length, count;
                const struct kernel *kernels; };
KERNEL u32 find_linear(const struct bundle *bundle, const char *name, u32 length) {
  for (u32 handle = 0; handle < bundle->count; ++handle) {
    const struct kernel *kernel = &bundle->kernels[handle];
    if (kernel->length != length) continue;
    u32 i = 0;
    while (i < length && kernel->name[i] == name[i]) ++i;
    if (i == length) return handle;
  }
  return -1;
}
"""
WAYS = {
    "map": "JavaScript: `map.get(name)`",
    "find_in_memory": "`wasmpack_find`, name in the bundle's memory",
    "find_with_text": "`wasmpack_find`, JavaScript text copied there first",
    "linear": "linear search in wasm, name in memory",
    "entry": "`wasmpack_entry(handle)`",
    "table_call": "`table.get(slot)(x)`",
    "entry_and_call": "`table.get(wasmpack_entry(handle))(x)`",
    "cached_call": "the function itself, kept",
}
# A lookup may take so many times as long in the largest bundle as in the smallest: caches are not constant.
LOOKUP_GROWTH = 4.0

PRIMES = """
enum { count = 1 << 16 };
static unsigned primes[count];
__attribute__((constructor)) static void fill(void) {
  unsigned found = 0;
  for (unsigned n = 2; found < count / 8; ++n) {
    int is_prime = 1;
    for (unsigned i = 0; i < found && primes[i] * primes[i] <= n; ++i) if (n % primes[i] == 0) { is_prime = 0; break; }
    if (is_prime) primes[found++] = n;
  }
}
KERNEL unsigned prime(unsigned i) { return primes[i]; }
"""
PRIME_1000 = 7927  # the 1,001st prime
MODES = ("initialize", "lazy", "start", "snapshot")


def pack(wasmpack, folder, name, sources, init="initialize"):
    """folder/name.wasm from C sources by library."""
    os.makedirs(folder, exist_ok=True)
    text = f'schema = 1\n[package]\nname = "bench"\nversion = "1.0.0"\n[bundle]\ninit = "{init}"\n'
    for library, source in sources.items():
        path = os.path.join(folder, f"{name}.{library}.c")
        pathlib.Path(path).write_text(source)
        compile_c(path, path[:-1] + "o", f"-DKERNEL={KERNEL}")
        text += f'[[library]]\nname = "{library}"\ninputs = ["{name}.{library}.o"]\n'
    manifest, output = os.path.join(folder, f"{name}.toml"), os.path.join(folder, f"{name}.wasm")
    pathlib.Path(manifest).write_text(text)
    subprocess.run([wasmpack, "pack", manifest, "-o", output], check=True)
    return output


def node(script, *arguments):
    done = subprocess.run(["node", str(HERE / script), *map(str, arguments)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def measure(key, wasmpack, folder, runs):
    """The lines of the table, and the goals that were missed."""
    if not wasmpack:
        return [], []
    folder = os.path.join(folder, key)
    runs = runs or RUNS[key]
    return measure_lookup(wasmpack, folder, runs) if key == "g" else measure_start(wasmpack, folder, runs)


def measure_lookup(wasmpack, folder, runs):
    medians = []
    for count in COUNTS:
        kernels = "".join(f"KERNEL int kernel_{i:04}(int x) {{ return x + {i}; }}\n" for i in range(count))
        bundle = pack(wasmpack, folder, str(count), {"numbers": kernels, "linear": LINEAR})
        ways = node("lookup.mjs", bundle, runs)["ways"]
        medians.append({way: statistics.median(rounds) for way, rounds in ways.items()})
    lines = [f"### (g) lookup: ns a call, median of {runs} rounds", "",
             "| | " + " | ".join(f"{count:,} kernels" for count in COUNTS) + " |", "| --- |" + " ---: |" * len(COUNTS)]
    for way, title in WAYS.items():
        lines.append(f"| {title} | " + " | ".join(f"{each[way]:.1f}" for each in medians) + " |")
    growth = medians[-1]["find_in_memory"] / medians[0]["find_in_memory"]
    missed = [] if growth <= LOOKUP_GROWTH else [f"(g) lookup takes {growth:.2f} times as long in the largest bundle"]
    verdict = (f"`wasmpack_find` is one probe whatever the number of kernels. Goal: at {COUNTS[-1]:,} at most {LOOKUP_GROWTH:g} "
               f"times the time at {COUNTS[0]}, for caches; reached {growth:.2f}.")
    return lines + ["", verdict, ""], missed


def measure_start(wasmpack, folder, runs):
    samples = {mode: [] for mode in MODES}
    bundles = {mode: pack(wasmpack, folder, mode, {"primes": PRIMES}, mode) for mode in MODES}
    for _ in range(runs):
        for mode, bundle in bundles.items():
            sample = node("start.mjs", bundle, mode)
            if sample["result"] != PRIME_1000:
                raise SystemExit(f"bench: {mode}: a wrong prime: {sample['result']}")
            samples[mode].append(sample)
    lines = [f"### (h) start: ms to the first result of a kernel, median of {runs} fresh processes", "",
             "| init mode | compile | instantiate | `_initialize` and first call | from instantiation to the result | bytes |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for mode in MODES:
        def median(of):
            return statistics.median(of(sample) for sample in samples[mode])
        lines.append(f"| {mode} | {median(lambda s: s['compile']):.2f} | {median(lambda s: s['instantiate']):.2f} "
                     f"| {median(lambda s: s['first_call']):.2f} | {median(lambda s: s['instantiate'] + s['first_call']):.2f} "
                     f"| {os.path.getsize(bundles[mode]):,} |")
    return lines + [""], []
