"""Runs programs and measures them: what all benchmarks share."""

import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import time

WASM_LD = "wasm-ld-22"
WASM_OPT = "wasm-opt"


def spawn(argv, stdout=None):
    """Runs a program to its end and returns the seconds it took and its exit code."""
    actions = []
    if stdout:
        actions.append((os.POSIX_SPAWN_OPEN, 1, stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644))
    else:
        actions.append((os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0))
    program = shutil.which(argv[0])
    start = time.perf_counter()
    pid = os.posix_spawn(program, argv, os.environ, file_actions=actions)
    _, status = os.waitpid(pid, 0)
    return time.perf_counter() - start, os.waitstatus_to_exitcode(status)


def peak_memory(argv, stdout=None):
    """Maximum resident size in KB, measured by GNU time so that this program's own size is not in it."""
    with open(stdout or os.devnull, "wb") as out:
        done = subprocess.run(["/usr/bin/time", "-v", *argv], stdout=out, stderr=subprocess.PIPE, text=True)
    for line in done.stderr.splitlines():
        if "Maximum resident set size" in line:
            return int(line.split()[-1])
    raise RuntimeError("/usr/bin/time printed no maximum resident size")


def children_seconds():
    """Processor time of all children so far, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Contender:
    """One program, or several that run one after the other (`then`), and the file that the last one makes (None: it
    only answers by its exit code)."""

    def __init__(self, name, argv, output, to_stdout=False, then=()):
        self.name, self.argv, self.output, self.to_stdout = name, argv, output, to_stdout
        self.then = then
        self.seconds = []
        self.cpu_seconds = []
        self.memory = 0
        self.size = 0  # of the output

    def run_once(self):
        if self.output and os.path.exists(self.output):
            os.remove(self.output)
        total = 0
        for argv in (self.argv, *self.then):
            seconds, code = spawn(argv, self.output if self.to_stdout else None)
            if code != 0:
                raise SystemExit(f"bench: {self.name} failed with exit code {code}: {' '.join(argv[:6])} ...")
            total += seconds
        if self.output:
            self.size = os.path.getsize(self.output)
            if not self.size:
                raise SystemExit(f"bench: {self.name} wrote nothing")
        return total

    def median(self):
        return statistics.median(self.seconds)

    def median_cpu(self):
        return statistics.median(self.cpu_seconds)


def take_turns(contenders, runs):
    """One warm-up round, then `runs` rounds, in each of which every contender runs once."""
    for round_number in range(runs + 1):
        for contender in contenders:
            before = children_seconds()
            seconds = contender.run_once()
            if round_number:
                contender.seconds.append(seconds)
                contender.cpu_seconds.append(children_seconds() - before)


def compile_c(source, output, *options):
    subprocess.run(["clang-22", "--target=wasm32-unknown-unknown", "-O1", "-ffreestanding", *options, "-c", source, "-o", output],
                   check=True)


def first_line(argv):
    return subprocess.run(argv, capture_output=True, text=True).stdout.splitlines()[0].strip()


def machine():
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GB memory, Linux {os.uname().release}"
