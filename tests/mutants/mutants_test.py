# ctest: timeout=600 labels=slow serial=1
"""10,000 damaged objects and archives: exit code 0, 1 or 2, no signal, no hang, no appetite for memory. Where the exit
code is 0 the output links again and wasm-ld-22 takes it or refuses with an ordinary error; otherwise there is a message
and no output.

    mutants_test.py [FIRST [COUNT]]    only these mutants

Mutant number N is a function of N and of the seeds. What fails is kept in build/mutants."""

import concurrent.futures
import functools
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

from lib import ar, corpus, tools
from mutate import mutate

COUNT = 10_000
BATCH = 250
SECONDS = 20          # a mutant that takes longer hangs
MEMORY = 1 << 30      # bytes of address space; the inputs are at most 200 KB
KEEP = corpus.BUILD_DIR / "mutants"


@functools.cache
def originals():
    """(name, bytes) of the objects and archives that are damaged."""
    found, small = [], []
    for entry in corpus.build():
        for path in entry.inputs[:3] if not entry.big else []:
            data = pathlib.Path(path).read_bytes()
            if len(data) < 60_000:
                found.append((os.path.basename(path), data))
    for path in (f"{corpus.SYSROOT_LIB}/libc.a", f"{corpus.SYSROOT_LIB}/libc++abi.a", corpus.BUILTINS["wasm64"],
                 next(p for p in corpus.find("rlib-all").inputs if "libhashbrown" in p)):
        small += [(n, d) for n, d in list(ar.members(pathlib.Path(path).read_bytes()))[:40:4] if len(d) < 30_000]
    found += small[::3]
    with tempfile.TemporaryDirectory() as folder:
        for kind, flags in (("gnu", "rcs"), ("bsd", "rcs"), ("gnu", "rcS")):
            files = []
            for i, (name, data) in enumerate(found[:9:3]):
                # One name too long for the header.
                files.append(os.path.join(folder, f"{i}_{name}"))
                pathlib.Path(files[-1]).write_bytes(data)
            archive = os.path.join(folder, f"{kind}{flags}.a")
            tools.run(["llvm-ar-22", f"--format={kind}", flags, archive, *files])
            data = pathlib.Path(archive).read_bytes()
            found += [(f"{kind}{flags}{i}.a", data) for i in range(5)]  # weight
    return list(dict(found).items())


def run(argv, **more):
    return subprocess.run(argv, capture_output=True, close_fds=False, timeout=SECONDS, **more)


def try_mutant(folder, name, data, other):
    """Problems of one mutant, and the exit code."""
    suffix = ".a" if data[:4] == ar.MAGIC[:4] else ".o"
    path, output = os.path.join(folder, "mutant" + suffix), os.path.join(folder, "out.o")
    pathlib.Path(path).write_bytes(data)
    if os.path.exists(output):
        os.remove(output)
    # Every third one beside an object that is in order: damage must not leak into it.
    inputs = [path, other] if other else [path]
    try:
        done = run([tools.WASMPACK, "link", "--threads=1", *inputs, "-o", output])
    except subprocess.TimeoutExpired:
        return ["hangs"], -1
    code = done.returncode
    problems = []
    if code not in (0, 1, 2):
        problems.append(f"exit code {code}: {done.stderr[-300:]!r}")
    elif code:
        if not done.stderr.strip():
            problems.append(f"exit code {code} without a message")
        if os.path.exists(output):
            problems.append(f"exit code {code}, but there is an output")
    else:
        if not os.path.exists(output):
            return ["exit code 0, but no output"], code
        again = run([tools.WASMPACK, "link", "--threads=1", output, "-o", output + ".again"])
        if again.returncode:
            problems.append(f"the output does not link again: {again.stderr[:300]!r}")
        theirs = run(["wasm-ld-22", "-r", "-mwasm64" if b"memory64" in data else "-mwasm32", output, "-o",
                      output + ".theirs"])
        if theirs.returncode not in (0, 1) or (theirs.returncode and b"error:" not in theirs.stderr):
            problems.append(f"wasm-ld: exit code {theirs.returncode}: {theirs.stderr[:400]!r}")
    leftovers = set(os.listdir(folder)) - {"mutant.o", "mutant.a", "out.o", "out.o.again", "out.o.theirs"}
    if leftovers:
        problems.append(f"temporary files stay: {sorted(leftovers)}")
        for leftover in leftovers:
            os.remove(os.path.join(folder, leftover))
    return problems, code


def run_batch(first, count, other):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seeds = originals()
    codes, problems = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            rng = random.Random(f"wasmpack mutant {number}")
            name, data = rng.choice(seeds)
            data = mutate(data, rng)
            found, code = try_mutant(folder, name, data, other if number % 3 == 0 else None)
            codes[code] = codes.get(code, 0) + 1
            if found:
                KEEP.mkdir(exist_ok=True)
                (KEEP / f"{number}.{name}").write_bytes(data)
                problems.append((number, name, found))
    return codes, problems


def main():
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else (1 if len(sys.argv) > 1 else COUNT)
    other = corpus.find("initial").inputs[0]
    originals()  # before the workers, which inherit it
    start = time.monotonic()
    codes, problems = {}, []
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        batches = [pool.submit(run_batch, at, min(BATCH, first + count - at), other)
                   for at in range(first, first + count, BATCH)]
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
        accepted = codes.get(0, 0)
        if not COUNT // 20 < accepted < COUNT // 2:
            print(f"{accepted} mutants of {COUNT} with exit code 0")
            return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
