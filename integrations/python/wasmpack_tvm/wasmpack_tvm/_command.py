"""Runs the command `wasmpack`; what it says becomes an exception or a warning."""

import os
import shutil
import subprocess
import warnings


class WasmpackError(RuntimeError):
    """What wasmpack says, or why it cannot be asked."""


class WasmpackWarning(UserWarning):
    """A warning of wasmpack's about an output that it wrote."""


def find_command():
    """Path of the command: what WASMPACK names, else the one in PATH."""
    named = os.environ.get("WASMPACK")
    path = shutil.which(named or "wasmpack")
    if path is None and named:
        raise WasmpackError(f"the environment variable WASMPACK names {named}, which is no program\n"
                            "  help: give it the path of the command, or unset it to have the command looked for in PATH")
    if path is None:
        raise WasmpackError("the command `wasmpack` is not in PATH\n"
                            "  help: build and install it (`cmake --install build --prefix DIR`), then put DIR/bin into PATH or "
                            "its path into the environment variable WASMPACK")
    return path


def run(words, renamed=(), failed_code=None):
    """Runs `wasmpack WORDS`; its standard output, also after exit code `failed_code` if there is any. `renamed`: (name, shown)
    pairs, for temporary files in messages."""
    done = subprocess.run([find_command(), *words], capture_output=True, text=True, errors="backslashreplace", check=False)
    said = done.stderr.rstrip("\n")
    for name, shown in renamed:
        said = said.replace(name, shown)
    if done.returncode < 0:
        raise WasmpackError(f"`wasmpack {words[0]}` was ended by signal {-done.returncode}\n{said}")
    if done.returncode == failed_code and done.stdout:
        return done.stdout
    if done.returncode != 0:
        raise WasmpackError(f"`wasmpack {words[0]}` failed:\n{said}")
    if "wasmpack: warning: " in said:  # notes alone are no reason to speak
        warnings.warn(said, WasmpackWarning, stacklevel=2)
    return done.stdout
