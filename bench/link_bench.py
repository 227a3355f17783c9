"""`wasmpack link` against `wasm-ld-22 -r` and against `cat` of the same bytes.

Corpora: (a) 600 generated C++ objects with debug information (generate.py), (b) the objects of Debian's Rust
standard library for wasm32-unknown-unknown, (c) two tiny objects.
"""

import glob
import os
import pathlib
import sys

import generate
from lib import ar
from measure import WASM_LD, Contender, compile_c, peak_memory, take_turns

RUST_FOLDER = "/usr/lib/rustlib/wasm32-unknown-unknown/lib"
# Rounds, and what to reach: at least so many times the speed of wasm-ld -r, at most so much memory per input byte.
CORPORA = {
    "a": {"title": "600 C++ objects with -g", "runs": 9, "speed": 4.0, "memory": 2.0},
    "b": {"title": "Rust standard library", "runs": 15, "speed": 2.0, "memory": 2.0},
    "c": {"title": "two tiny objects", "runs": 101, "speed": 4.0, "memory": None},
}
TITLE = "Link"
INTRODUCTION = ("`wasmpack link` against `wasm-ld-22 -r`. The time of `cat` is the limit: reading the inputs and writing as many "
                "bytes.\nPeak memory is GNU time's maximum resident size, mapped inputs included.")
KEYS = {key: corpus["title"] for key, corpus in CORPORA.items()}

# Both define the same helper, once weak, so that there is something to resolve.
TINY = {
    "main.c": 'int add(int, int);\n__attribute__((weak)) int helper(int x) { return x; }\n'
              '__attribute__((export_name("twice"))) int twice(int x) { return add(x, helper(x)); }\n',
    "add.c": "int helper(int x) { return x + 0; }\nint add(int a, int b) { return a + b; }\n",
}


def corpus_a(folder):
    return generate.build_corpus(folder, log=lambda text: print(text, file=sys.stderr))


def corpus_b(folder):
    os.makedirs(folder, exist_ok=True)
    objects = []
    for rlib in sorted(glob.glob(RUST_FOLDER + "/*.rlib")):
        if "panic_unwind" in rlib:
            continue  # defines what panic_abort defines: a program links one of the two
        for number, (name, data) in enumerate(ar.members(pathlib.Path(rlib).read_bytes())):
            if not data.startswith(b"\0asm"):
                continue  # lib.rmeta
            path = os.path.join(folder, f"{pathlib.Path(rlib).stem.split('-')[0]}.{number:03}.o")
            if not os.path.exists(path) or os.path.getsize(path) != len(data):
                pathlib.Path(path).write_bytes(data)
            objects.append(path)
    return objects


def corpus_c(folder):
    os.makedirs(folder, exist_ok=True)
    objects = []
    for name, text in TINY.items():
        source = os.path.join(folder, name)
        pathlib.Path(source).write_text(text)
        objects.append(source[:-1] + "o")
        compile_c(source, objects[-1])
    return objects


BUILDERS = {"a": corpus_a, "b": corpus_b, "c": corpus_c}


def measure(key, wasmpack, folder, runs):
    """The lines of the table, and the goals that were missed."""
    objects = BUILDERS[key](os.path.join(folder, key))
    # Short names and one response file, as a build system would: the length of argv is not what is measured.
    response = os.path.join(folder, f"{key}.rsp")
    pathlib.Path(response).write_text("\n".join(objects) + "\n")
    out = [os.path.join(folder, f"{key}.out{i}") for i in range(4)]
    contenders = [
        Contender("cat", ["cat", *objects], out[0], to_stdout=True),
        Contender("wasm-ld-22 -r", [WASM_LD, "-r", f"@{response}", "-o", out[1]], out[1]),
    ]
    if wasmpack:
        contenders.append(Contender("wasmpack link", [wasmpack, "link", f"@{response}", "-o", out[2]], out[2]))
        contenders.append(Contender("wasmpack link --threads=1",
                                    [wasmpack, "link", "--threads=1", f"@{response}", "-o", out[3]], out[3]))
    take_turns(contenders, runs or CORPORA[key]["runs"])
    for contender in contenders:
        contender.memory = peak_memory(contender.argv, contender.output if contender.to_stdout else None) * 1024
        os.remove(contender.output)
    return table(key, len(objects), sum(os.path.getsize(o) for o in objects), contenders)


def table(key, count, size, contenders):
    goal = CORPORA[key]
    reference = next(c for c in contenders if c.name.startswith("wasm-ld"))
    cat = contenders[0]
    lines = [
        f"### ({key}) {goal['title']}: {count} files, {size / 1e6:.1f} MB, {len(cat.seconds)} runs",
        "",
        "| program | median ms | min ms | max ms | times as fast as wasm-ld -r | times cat | peak MB | peak / input |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for c in contenders:
        lines.append(
            f"| {c.name} | {c.median() * 1e3:.2f} | {min(c.seconds) * 1e3:.2f} | {max(c.seconds) * 1e3:.2f} "
            f"| {reference.median() / c.median():.2f} | {c.median() / cat.median():.2f} "
            f"| {c.memory / 1e6:.1f} | {f'{c.memory / size:.2f}' if goal['memory'] else ''} |")
    missed = []
    ours = next((c for c in contenders if c.name == "wasmpack link"), None)
    if ours:
        speed = reference.median() / ours.median()
        memory = ours.memory / size
        verdict = f"Goal: {goal['speed']:g} times wasm-ld -r, reached {speed:.2f}"
        if speed < goal["speed"]:
            missed.append(f"({key}) speed {speed:.2f} < {goal['speed']:g}")
        if goal["memory"]:
            verdict += f"; memory at most {goal['memory']:g} times the input, reached {memory:.2f}"
            if memory > goal["memory"]:
                missed.append(f"({key}) memory {memory:.2f} > {goal['memory']:g}")
        lines += ["", verdict + "."]
    return lines + [""], missed
