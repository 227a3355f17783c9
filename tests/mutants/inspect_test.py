# ctest: timeout=1200 labels=slow serial=1
"""10,000 damaged real files, from npm packages and Debian's archives, through `inspect` with all kinds of output: exit
code 0, 1 or 2, no signal, no hang, no appetite for memory; JSON is JSON, a repaired module is valid, and a file that
cannot be read has a message.

    inspect_test.py [FIRST [COUNT]]    only these mutants

Mutant number N is a function of N and of the originals. What fails is kept in build/mutants."""

import concurrent.futures
import functools
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

from lib import ar, corpus, npm_files, registries, tools
from mutate import mutate

COUNT = 10_000
BATCH = 250
SECONDS = 30           # a mutant that takes longer hangs
MEMORY = 12 << 30      # of address space: the child that validates may have 8 GB of its own
SMALL = 1 << 20        # bytes; damaging a large file takes longer than inspecting it
KEEP = corpus.BUILD_DIR / "mutants"
# Each mutant goes through one of them, by its number.
WAYS = [["--json"], ["--no-validate", "--json"], [], ["--no-validate", "--sections", "--symbols", "--relocs"],
        ["--no-validate", "--sizes=symbol"], ["--no-validate", "--ctors", "--exports", "--imports", "--registry"],
        ["--no-validate", "--html", "out.html"], ["--no-validate", "--dot", "out.dot"],
        ["--no-validate", "--diff", "ORIGINAL"], ["--no-validate", "--conflicts", "--json"], ["--run", "--json"],
        ["--fix", "ctors=lazy", "-o", "out.wasm"]]


@functools.cache
def originals():
    """(name, bytes), the same in each run."""
    found = []
    for path in npm_files.all_files():
        if path.stat().st_size < SMALL:
            found.append((path.name, path.read_bytes()))
    for path in (f"{corpus.SYSROOT_LIB}/libc.a", f"{corpus.SYSROOT_LIB}/libc++.a", corpus.BUILTINS["22"]):
        found += [(name, data) for name, data in list(ar.members(pathlib.Path(path).read_bytes()))[::40]]
    with tempfile.TemporaryDirectory() as folder:
        for entry in corpus.build():
            if entry.run and not entry.big and not entry.wasm64:
                output = pathlib.Path(folder) / "final.wasm"
                options = [] if entry.run == "wasi" else ["--no-entry", "--export-all"]
                done = tools.run(["wasm-ld-22", *options, "--allow-undefined", *entry.inputs, *entry.tail, "-o", output],
                                 check=False)
                if done.returncode == 0:
                    found.append((entry.name + ".wasm", output.read_bytes()))
    return found


def validate(path):
    """What wasm-validate says; empty for a valid module."""
    features = ["threads", "exceptions", "tail-call", "extended-const", "multi-memory", "memory64"]
    done = subprocess.run(["wasm-validate", "--ignore-custom-section-errors", *(f"--enable-{f}" for f in features), path],
                          capture_output=True, text=True, errors="replace", check=False)
    return done.stderr if done.returncode else ""


def try_mutant(folder, number, data, original):
    """Problems of one mutant, and the exit code."""
    way = WAYS[number % len(WAYS)]
    suffix = ".a" if data[:4] == ar.MAGIC[:4] else ".wasm"
    path = "mutant" + suffix
    pathlib.Path(folder, path).write_bytes(data)
    if "ORIGINAL" in way:
        pathlib.Path(folder, "original").write_bytes(original)
    way = ["original" if word == "ORIGINAL" else word for word in way]
    inputs = [path, path] if "--conflicts" in way else [path]
    output = pathlib.Path(folder, "out.wasm")
    output.unlink(missing_ok=True)
    try:
        done = subprocess.run([tools.WASMPACK, "inspect", *way, *inputs], capture_output=True, timeout=SECONDS, cwd=folder)
    except subprocess.TimeoutExpired:
        return ["hangs"], -1
    code = done.returncode
    problems = []
    if code not in (0, 1, 2):
        problems.append(f"exit code {code}: {done.stderr[-300:]!r}")
    if code == 2 and not done.stderr.strip():
        problems.append("exit code 2 without a message")
    if "--json" in way:
        try:
            for line in done.stdout.splitlines():
                json.loads(line)
        except ValueError as error:
            problems.append(f"no JSON: {error}")
    if output.exists():
        if code != 0:
            problems.append(f"exit code {code}, but there is an output")
        # What wabt does not know it could not vouch for in the input either.
        if validate(pathlib.Path(folder, path)) == "" and validate(output) != "":
            problems.append(f"the repaired module is not valid: {validate(output)[:300]}")
    return [f"inspect {' '.join(way)}: {problem}" for problem in problems], code


def run_batch(first, count):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seeds = originals()
    codes, problems = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            rng = random.Random(f"wasmpack inspect mutant {number}")
            name, original = rng.choice(seeds)
            data = mutate(original, rng)
            found, code = try_mutant(folder, number, data, original)
            codes[code] = codes.get(code, 0) + 1
            if found:
                KEEP.mkdir(exist_ok=True)
                (KEEP / f"inspect-{number}.{name}").write_bytes(data)
                problems.append((number, name, found))
    return codes, problems


def main():
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else (1 if len(sys.argv) > 1 else COUNT)
    try:
        originals()  # before the workers, which inherit it
    except registries.Unreachable as error:
        print(error)
        return 1
    start = time.monotonic()
    codes, problems = {}, []
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        batches = [pool.submit(run_batch, at, min(BATCH, first + count - at)) for at in range(first, first + count, BATCH)]
        for batch in batches:
            part, found = batch.result()
            problems += found
            for code, number in part.items():
                codes[code] = codes.get(code, 0) + number
    for number, name, found in problems[:50]:
        for problem in found:
            print(f"mutant {number} of {name}: {problem}")
    print(f"{sum(codes.values())} mutants, exit codes {dict(sorted(codes.items()))}, {len(problems)} with problems, "
          f"{time.monotonic() - start:.0f} s")
    if count == COUNT:
        # Too few of a kind would mean that the mutator is too tame or too wild to prove anything.
        readable = codes.get(0, 0) + codes.get(1, 0)
        if not COUNT // 20 < readable < COUNT * 19 // 20:
            print(f"{readable} mutants of {COUNT} could be read")
            return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
