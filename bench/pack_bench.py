"""`wasmpack pack` against a final link by hand: bare wasm-ld-22, and wasm-ld-22 with Debian's wasm-opt behind it.

(d) a large bundle: 440 generated C++ objects in 8 libraries, almost all code reachable; (e) a small one: 2 libraries of C;
(f) 2,500 and 10,000 kernels, for how time grows with their number.
"""

import json
import os
import pathlib
import sys

import generate
from measure import WASM_LD, WASM_OPT, Contender, compile_c, take_turns

TITLE = "Pack"
INTRODUCTION = ("`wasmpack pack` against what links the same kernels by hand: `wasm-ld-22`, which makes no registry and checks "
                "nothing,\nand Debian's `wasm-opt` behind it with the same level and the same features. Sizes are those of the "
                "whole module,\nthe manifest section included.")
KEYS = {"d": "a large bundle", "e": "a small bundle", "f": "many kernels"}
RUNS = {"d": 7, "e": 41, "f": 7}

LEVEL = "O2"
LARGE_OBJECTS = 440
LARGE_LIBRARIES = 8
SMALL = {
    "one": "float weights[4];\n"
           "__attribute__((constructor)) static void fill(void) { for (int i = 0; i < 4; ++i) weights[i] = i; }\n"
           "KERNEL float weigh(const float* in) {\n"
           "  float sum = 0;\n  for (int i = 0; i < 4; ++i) sum += in[i] * weights[i];\n  return sum;\n}\n",
    "two": "KERNEL int count(const char* text) { int n = 0; while (text[n]) ++n; return n; }\n",
}
KERNEL = '__attribute__((visibility("default")))'
# What a goal allows: so many times the time of wasm-ld and wasm-opt, so many milliseconds more, and so many times the
# time for four times the kernels.
LARGE_FACTOR = 1.15
SMALL_MORE_MS = 20
GROWTH = 6.0


class Bundle:
    """The same kernels for both contenders: libraries as name -> objects, kernels as symbols, host functions allowed."""

    def __init__(self, folder, libraries, kernels, pattern, imports=()):
        self.folder = pathlib.Path(folder)
        self.libraries, self.kernels, self.pattern, self.imports = libraries, kernels, pattern, imports

    def write_manifest(self, level):
        allowed = json.dumps([f"env.{name}" for name in self.imports])
        text = (f'schema = 1\n[package]\nname = "bench"\nversion = "1.0.0"\n[bundle]\noptimize = "{level}"\n'
                f"allow-imports = {allowed}\n")
        for name, objects in self.libraries.items():
            files = json.dumps([os.path.relpath(o, self.folder) for o in objects])
            text += f'[[library]]\nname = "{name}"\ninputs = {files}\n[[library.kernel]]\nsymbol = "{self.pattern}"\n'
        path = self.folder / f"{level}.toml"
        path.write_text(text)
        return str(path)

    def wasm_ld(self, output):
        """With the options that the packager uses, as far as they concern what both make."""
        (self.folder / "allowed").write_text("".join(f"{name}\n" for name in self.imports))
        arguments = ["--no-entry", "--stack-first", "--export-table", f"--allow-undefined-file={self.folder / 'allowed'}"]
        arguments += [f"--export={kernel}" for kernel in self.kernels]
        arguments += [o for objects in self.libraries.values() for o in objects]
        response = self.folder / "by_hand.rsp"
        response.write_text("\n".join(arguments) + "\n")
        return [WASM_LD, f"@{response}", "-o", output]

    def contenders(self, wasmpack, levels=("none", LEVEL)):
        """Pairs of by hand and ours, for each level."""
        pairs = []
        for level in levels:
            linked, optimized, packed = (str(self.folder / f"{level}.{what}.wasm") for what in ("linked", "optimized", "packed"))
            name, then = WASM_LD, []
            if level != "none":
                name = f"{WASM_LD}, {WASM_OPT} -{level}"
                then = [[WASM_OPT, f"-{level}", "-g", linked, "-o", optimized]]
            pairs.append(Contender(name, self.wasm_ld(linked), optimized if then else linked, then=then))
            if wasmpack:
                pairs.append(Contender("wasmpack pack" + (f", optimize = \"{level}\"" if then else ""),
                                       [wasmpack, "pack", self.write_manifest(level), "--allow-outside", "-o", packed], packed))
        return pairs


def large_bundle(folder):
    objects = generate.build_corpus(folder, count=LARGE_OBJECTS, options=["-fvisibility=default"], debug=False,
                                    log=lambda text: print(text, file=sys.stderr))
    share = len(objects) // LARGE_LIBRARIES
    libraries = {f"library{i}": objects[i * share:(i + 1) * share] for i in range(LARGE_LIBRARIES)}
    return Bundle(folder, libraries, [f"unit_{i}_entry" for i in range(len(objects))], "unit_*_entry",
                  ["host_alloc", "host_free", "host_log"])


def small_bundle(folder):
    os.makedirs(folder, exist_ok=True)
    for name, text in SMALL.items():
        source = os.path.join(folder, f"{name}.c")
        pathlib.Path(source).write_text(text)
        compile_c(source, os.path.join(folder, f"{name}.o"), f"-DKERNEL={KERNEL}")
    return Bundle(folder, {name: [os.path.join(folder, f"{name}.o")] for name in SMALL}, ["weigh", "count"], "*")


def numbered_kernels(folder, count):
    """`count` kernels of one line each in one library; folder/kernels.o."""
    os.makedirs(folder, exist_ok=True)
    source, output = os.path.join(folder, "kernels.c"), os.path.join(folder, "kernels.o")
    pathlib.Path(source).write_text("".join(f"{KERNEL} int kernel_{i:05}(int x) {{ return x + {i}; }}\n" for i in range(count)))
    compile_c(source, output)
    return Bundle(folder, {"numbers": [output]}, [f"kernel_{i:05}" for i in range(count)], "*")


def measure(key, wasmpack, folder, runs):
    """The lines of the table, and the goals that were missed."""
    folder = os.path.join(folder, key)
    runs = runs or RUNS[key]
    if key == "f":
        return measure_growth(wasmpack, folder, runs)
    bundle = large_bundle(folder) if key == "d" else small_bundle(folder)
    contenders = bundle.contenders(wasmpack)
    take_turns(contenders, runs)
    title = "440 C++ objects in 8 libraries, 440 kernels, more than 5 MB of code" if key == "d" else "2 libraries of C, 2 kernels"
    lines = [f"### ({key}) {title}, {runs} runs", "",
             "| | median ms | min ms | max ms | processor ms | times by hand | ms more | bytes | times by hand |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    missed = []
    by_hand = contenders[0]
    for c in contenders:
        is_ours = c.name.startswith("wasmpack")
        by_hand = by_hand if is_ours else c
        factor, more = c.median() / by_hand.median(), (c.median() - by_hand.median()) * 1e3
        compared = f"{factor:.2f} | {more:+.1f} | {c.size:,} | {c.size / by_hand.size:.2f}" if is_ours else f"| | {c.size:,} |"
        times = " | ".join(f"{seconds * 1e3:.1f}" for seconds in (c.median(), min(c.seconds), max(c.seconds), c.median_cpu()))
        lines.append(f"| {c.name} | {times} | {compared} |")
        if not is_ours:
            continue
        if key == "d" and LEVEL in c.name and factor > LARGE_FACTOR:
            missed.append(f"(d) {c.name}: {factor:.2f} times {by_hand.name} > {LARGE_FACTOR}")
        if key == "e" and more > SMALL_MORE_MS:
            missed.append(f"(e) {c.name}: {more:.1f} ms more than {by_hand.name} > {SMALL_MORE_MS}")
    goal = (f"Goal: with optimization at most {LARGE_FACTOR} times by hand" if key == "d"
            else f"Goal: at most {SMALL_MORE_MS} ms more than by hand")
    return lines + ["", f"{goal}: {'missed' if missed else 'reached'}.", ""], missed


def measure_growth(wasmpack, folder, runs):
    contenders = []
    for count in (2500, 10000):
        pair = numbered_kernels(os.path.join(folder, str(count)), count).contenders(wasmpack, ["none"])
        for contender in pair:
            contender.name = f"{contender.name}, {count:,} kernels"
        contenders += pair
    take_turns(contenders, runs)
    lines = [f"### (f) many kernels in one library, {runs} runs", "",
             "| | median ms | processor ms | µs a kernel | bytes | bytes a kernel |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for c in contenders:
        count = int(c.name.split()[-2].replace(",", ""))
        lines.append(f"| {c.name} | {c.median() * 1e3:.1f} | {c.median_cpu() * 1e3:.1f} | {c.median_cpu() / count * 1e6:.1f} "
                     f"| {c.size:,} | {c.size / count:.1f} |")
    ours = [c for c in contenders if c.name.startswith("wasmpack")]
    missed = []
    if ours:
        growth = ours[1].median_cpu() / ours[0].median_cpu()
        lines += ["", f"Goal: four times the kernels in at most {GROWTH:g} times the processor time, reached {growth:.2f}."]
        if growth > GROWTH:
            missed.append(f"(f) four times the kernels take {growth:.2f} times as long > {GROWTH:g}")
    return lines + [""], missed
