"""Runs wasmpack, the linkers and node for the tests."""

import os
import pathlib
import subprocess

from . import corpus

WASMPACK = os.environ.get("WASMPACK", str(corpus.BUILD_DIR / "bin/wasmpack"))
HOST = str(pathlib.Path(__file__).with_name("host.mjs"))
TIMEOUT = 120
# Debugging a harness without the linker: WASMPACK_STANDIN=1 takes wasm-ld-22 -r in its place.
STANDIN = bool(os.environ.get("WASMPACK_STANDIN"))


class Failure(AssertionError):
    pass


def run(argv, check=True, timeout=TIMEOUT, **more):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, errors="backslashreplace",
                          timeout=timeout, **more)
    if check and done.returncode != 0:
        shown = " ".join(str(a) for a in argv)
        raise Failure(f"exit code {done.returncode}: {shown[:2000]}\n{(done.stdout + done.stderr)[:4000]}")
    return done


def link(inputs, output, *options, check=True, **more):
    """wasmpack link."""
    if STANDIN:
        return relocatable(inputs, output, *[o for o in options if o.startswith(("--allow", "-m"))], check=check)
    return run([WASMPACK, "link", *options, *inputs, "-o", output], check=check, **more)


def relocatable(inputs, output, *options, version="22", check=True):
    """wasm-ld -r of whole archives."""
    return run([f"wasm-ld-{version}", "-r", *options, "--whole-archive", *inputs, "-o", output], check=check)


def final(inputs, output, *options, version="22", whole=True, tail=(), check=True):
    """A final link: `inputs` whole, `tail` on demand. `version` is one of wasm-ld or the path of another lld."""
    program = [f"wasm-ld-{version}"] if version in ("14", "22") else [version, "-flavor", "wasm"]
    wrapped = ["--whole-archive", *inputs, "--no-whole-archive"] if whole else list(inputs)
    return run([*program, *wrapped, *tail, *options, "-o", output], check=check)


def node(kind, module, *exports, options=(), check=True):
    """What the module prints, with its exit code as the last line."""
    done = run(["node", "--no-warnings", *options, HOST, kind, module, *exports], check=False)
    if check and kind == "host" and done.returncode:
        raise Failure(f"node {module}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return f"{done.stdout}{done.stderr if kind != 'host' else ''}exit code {done.returncode}\n"


def rust_llds():
    """rust-lld of each installed rustup toolchain."""
    home = pathlib.Path(os.environ.get("RUSTUP_HOME", pathlib.Path.home() / ".rustup"))
    return sorted(str(p) for p in home.glob("toolchains/*/lib/rustlib/*/bin/rust-lld"))
