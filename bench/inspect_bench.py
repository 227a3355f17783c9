"""`wasmpack inspect` against llvm-readobj, wasm-objdump and wasm-validate.

(i) an object of about 80 MB with 2.6 million relocations, (j) onnxruntime-web's module of 14 MB, both without
validation of the code, as the other two do; (k) that module with validation against wasm-validate; (l) start-up: a
module of 100 bytes.
"""

import os
import pathlib
import subprocess

import link_bench
from lib import npm_files
from measure import Contender, take_turns

READOBJ, OBJDUMP, VALIDATE = "llvm-readobj-22", "wasm-objdump", "wasm-validate"
ORT = ("onnxruntime-web", "ort-wasm-simd-threaded.wasm")
TITLE = "Inspect"
INTRODUCTION = "`wasmpack inspect` against the tools that answer the same question; all write to a file."
KEYS = {"i": "large object", "j": "large module", "k": "large module, validated", "l": "tiny module"}
RUNS = {"i": 7, "j": 21, "k": 9, "l": 101}
SPEED = 4.0  # times as fast as the fastest of the others
START_MS = 5.0
TINY_WAT = '(module (func (export "one") (result i32) i32.const 1))'


def large_object(wasmpack, folder):
    path = os.path.join(folder, "large.o")
    if not os.path.exists(path):
        objects = link_bench.corpus_a(os.path.join(os.path.dirname(folder), "a"))
        subprocess.run([wasmpack, "link", *objects, "-o", path], check=True)
    return path


def tiny_module(folder):
    source, path = os.path.join(folder, "tiny.wat"), os.path.join(folder, "tiny.wasm")
    pathlib.Path(source).write_text(TINY_WAT)
    subprocess.run(["wat2wasm", source, "-o", path], check=True)
    return path


def measure(key, wasmpack, folder, runs):
    """The lines of the table, and the goals that were missed."""
    if not wasmpack:
        return [], []
    folder = os.path.join(folder, key)
    os.makedirs(folder, exist_ok=True)
    out = [os.path.join(folder, f"out{i}") for i in range(4)]
    inspect = [wasmpack, "inspect", "--fail-on=never"]
    runs = runs or RUNS[key]
    if key == "i":
        path = large_object(wasmpack, folder)
        others = [Contender("llvm-readobj --sections --symbols --relocs",
                            [READOBJ, "--sections", "--symbols", "--relocs", path], out[0], to_stdout=True),
                  Contender("wasm-objdump -x", [OBJDUMP, "-x", path], out[1], to_stdout=True)]
        ours = Contender("wasmpack inspect --no-validate --sections --symbols --relocs",
                         [*inspect, "--no-validate", "--sections", "--symbols", "--relocs", path], out[2], to_stdout=True)
        json = Contender("wasmpack inspect --no-validate --json", [*inspect, "--no-validate", "--json", path], out[3],
                         to_stdout=True)
        return compare(key, path, others, [ours, json], runs, SPEED)
    if key == "j":
        path = str(npm_files.find(*ORT))
        # Of a module llvm-readobj lists sections and exported functions, neither imports nor functions.
        aside = [Contender("llvm-readobj --sections --symbols --relocs (no imports, no functions)",
                           [READOBJ, "--sections", "--symbols", "--relocs", path], out[0], to_stdout=True)]
        others = [Contender("wasm-objdump -x", [OBJDUMP, "-x", path], out[1], to_stdout=True)]
        ours = Contender("wasmpack inspect --no-validate --sections --exports --imports --functions",
                         [*inspect, "--no-validate", "--sections", "--exports", "--imports", "--functions", path], out[2],
                         to_stdout=True)
        json = Contender("wasmpack inspect --no-validate --json", [*inspect, "--no-validate", "--json", path], out[3],
                         to_stdout=True)
        return compare(key, path, others, [ours, json], runs, SPEED, aside)
    if key == "k":
        path = str(npm_files.find(*ORT))
        others = [Contender("wasm-validate", [VALIDATE, "--enable-threads", path], None)]
        ours = Contender("wasmpack inspect", [*inspect, path], out[0], to_stdout=True)
        return compare(key, path, others, [ours], runs, 1.0)
    path = tiny_module(folder)
    others = [Contender("llvm-readobj --sections --symbols", [READOBJ, "--sections", "--symbols", path], out[0], to_stdout=True),
              Contender("wasm-objdump -x", [OBJDUMP, "-x", path], out[1], to_stdout=True)]
    ours = [Contender("wasmpack inspect --no-validate", [*inspect, "--no-validate", path], out[2], to_stdout=True),
            Contender("wasmpack inspect", [*inspect, path], out[3], to_stdout=True)]
    lines, _ = compare(key, path, others, ours, runs, None)
    slowest = max(contender.median() for contender in ours) * 1e3
    lines[-1:] = [f"Goal: less than {START_MS:g} ms; reached {slowest:.2f}.", ""]
    return lines, [] if slowest < START_MS else [f"(l) start-up takes {slowest:.2f} ms"]


def compare(key, path, others, ours, runs, goal, aside=()):
    """`aside` are shown, but answer too little to be the measure."""
    contenders = [*aside, *others, *ours]
    take_turns(contenders, runs)
    fastest = min(others, key=Contender.median)
    lines = [f"### ({key}) {KEYS[key]}: {os.path.getsize(path):,} bytes, {runs} runs", "",
             "| program | median ms | min ms | max ms | processor ms | times as fast as the fastest other |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for c in contenders:
        lines.append(f"| {c.name} | {c.median() * 1e3:.2f} | {min(c.seconds) * 1e3:.2f} | {max(c.seconds) * 1e3:.2f} "
                     f"| {c.median_cpu() * 1e3:.2f} | {fastest.median() / c.median():.2f} |")
    missed = []
    if goal:
        speed = fastest.median() / ours[0].median()
        lines += ["", f"Goal: {goal:g} times as fast as {fastest.name}; reached {speed:.2f}."]
        if speed < goal:
            missed.append(f"({key}) speed {speed:.2f} < {goal:g}")
    else:
        lines.append("")
    return lines + [""], missed
