"""A Rust that can compile wasmtime, where the one at hand cannot.

Debian 12 has a newer rustc and cargo beside its own, in packages that conflict with those and with rustup (rustc-web,
cargo-web: what browsers are built with). So they are not installed but unpacked into the cache.
"""

import os
import re
import shutil
import subprocess

from lib import registries

PACKAGES = ("rustc-web", "cargo-web", "libstd-rust-web-dev")
LIBRARY = re.compile(r"^\s*Depends: (libstd-rust-web-[\d.]+)$", re.MULTILINE)  # it has the compiler's shared library


def version_of(rustc, environment=None):
    """(major, minor), or (0, 0) if there is none."""
    if not shutil.which(rustc):
        return 0, 0
    printed = subprocess.run([rustc, "--version"], env=environment, capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.search(r"(\d+)\.(\d+)", printed).groups()))


def _unpack(fresh):
    lists = fresh / "lists"
    (lists / "partial").mkdir(parents=True)
    options = ["-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={fresh}/cache", "-o", "Debug::NoLocking=1",
               "-o", "APT::Sandbox::User=root", "-qq"]

    def apt(*arguments):
        done = subprocess.run([*arguments, *options], cwd=fresh, env={**os.environ, "LC_ALL": "C"}, capture_output=True,
                              text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise registries.Unreachable(f"Debian packages {' '.join(PACKAGES)} cannot be fetched: "
                                         f"{(done.stderr.splitlines() or ['apt failed'])[-1]}")
        return done.stdout

    apt("apt-get", "update")
    apt("apt-get", "download", *PACKAGES, *LIBRARY.findall(apt("apt-cache", "depends", PACKAGES[-1])))
    for package in fresh.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, fresh], check=True)
        package.unlink()
    shutil.rmtree(lists)
    shutil.rmtree(fresh / "cache", ignore_errors=True)


def find(oldest):
    """Variables (PATH and what goes with it) under which cargo and rustc are at least `oldest`.
    registries.Unreachable if there is none and Debian's cannot be had."""
    if version_of("rustc") >= oldest and shutil.which("cargo"):
        return {}
    usr = registries.cached_folder("debian/rust-web", _unpack) / "usr"
    variables = {"PATH": f"{usr / 'bin'}:{os.environ['PATH']}", "LD_LIBRARY_PATH": str(usr / "lib/x86_64-linux-gnu"),
                 "RUSTC": str(usr / "bin/rustc")}
    found = version_of(usr / "bin/rustc", {**os.environ, **variables})
    if found < oldest:
        raise registries.Unreachable("rustc %d.%d is no Debian package, rustc-web is %d.%d" % (*oldest, *found))
    return variables
