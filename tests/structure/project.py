"""What the structure tests share: the project's files and how to read them."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(os.environ.get("WASMPACK_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("WASMPACK_BUILD_DIR") or ROOT / "build")


def list_files(*suffixes):
    """Paths relative to ROOT of the tracked files that have one of the suffixes; without git, of all files."""
    git = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    if git.returncode == 0:
        names = git.stdout.split("\0")
    else:
        names = [
            os.path.relpath(os.path.join(folder, name), ROOT)
            for folder, _, found in os.walk(ROOT)
            for name in found
        ]
        names = [name for name in names if not name.startswith(("build", ".git/"))]
    return sorted(name for name in names if name.endswith(suffixes) and (ROOT / name).is_file())


def read(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")
