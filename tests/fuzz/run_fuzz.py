#!/usr/bin/env python3
"""Runs one libFuzzer program for a while and reports what it found.

    run_fuzz.py --seconds 60 --work FOLDER build-asan/bin/TARGET

Seeds come from tests/fuzz/seeds/TARGET/ and make_seeds.py. The corpus stays in FOLDER, so a later run goes on from
there. Exit code 0: nothing found. Otherwise the input is in FOLDER and, if small, on stdout in base64.
"""

import argparse
import base64
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("program", type=pathlib.Path)
    arguments = parser.parse_args()

    work = arguments.work.resolve()
    corpus, seeds = work / "corpus", work / "seeds"
    corpus.mkdir(parents=True, exist_ok=True)
    if not seeds.exists():
        subprocess.run([sys.executable, "-B", HERE / "make_seeds.py", seeds], check=True)
    own_seeds = HERE / "seeds" / arguments.program.stem
    for stale in work.glob("found-*"):
        stale.unlink()

    command = [
        arguments.program.resolve(),
        f"-max_total_time={arguments.seconds}",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-malloc_limit_mb=512",
        "-print_final_stats=1",
        f"-artifact_prefix={work}/found-",
        corpus,
        seeds,
        *([own_seeds] if own_seeds.is_dir() else []),
    ]
    done = subprocess.run(command, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    found = sorted(work.glob("found-*"))
    # Of a quiet run the statistics are enough; of a crash, the report.
    print("\n".join(lines[-100:] if done.returncode or found else lines[-12:]))
    for path in found:
        print(f"\n{path} ({path.stat().st_size} bytes)")
        if path.stat().st_size <= 16384:
            print(base64.b64encode(path.read_bytes()).decode())
    return 1 if done.returncode or found else 0


if __name__ == "__main__":
    sys.exit(main())
