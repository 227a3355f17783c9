"""What the tests take from npm, PyPI and crates.io: pinned, fetched once, kept in the user's cache folder outside build/.

A registry that cannot be reached raises Unreachable, whose text is one line that names the missing thing: a test then skips
with it. Everything else that goes wrong is an error."""

import base64
import fcntl
import hashlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request

NPM = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "wasmpack"
# What pip and cargo say when they reach nobody.
SILENCE = re.compile("NewConnectionError|ConnectTimeoutError|ProxyError|ReadTimeoutError|[Nn]ame resolution|Connection refused|"
                     "unreachable|[Cc]ould(n't| not) resolve host|[Ff]ailed to connect|[Cc]ould(n't| not) connect|Timeout was reached")


class Unreachable(Exception):
    """The registry could not be reached; the text says which package is missing."""


def skip(reason):
    """Says on stderr, and in a file that ./check prints at its end, what of the tests does not run."""
    line = f"SKIPPED: {reason}"
    print(line, file=sys.stderr)
    if folder := os.environ.get("WASMPACK_BUILD_DIR"):
        with open(pathlib.Path(folder) / "skipped.txt", "a", encoding="utf-8") as file:
            file.write(f"{pathlib.Path(sys.argv[0]).stem}: {line}\n")


def _into_cache(folder, fill):
    """`folder`, made by `fill(fresh folder)` unless it exists: whole or not at all, also beside other tests."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        try:
            fill(fresh)
            try:
                fresh.rename(folder)
            except OSError:  # another test was faster
                if not folder.is_dir():
                    raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return folder


def cached_folder(name, fill):
    """A folder of the cache for what comes from elsewhere, made by `fill(fresh folder)` unless it exists."""
    return _into_cache(CACHE / name, fill)


def fetch_npm(name, version, integrity):
    """The bytes of an npm package's tarball; `integrity` is its sha512 as `npm view PACKAGE dist.integrity` prints it."""
    url = f"{NPM}/{name}/-/{name.split('/')[-1]}-{version}.tgz"
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            data = answer.read()
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):  # the registry answers: the pin is wrong
            raise RuntimeError(f"there is no npm package {name}@{version} at {url}: {error}") from error
        raise Unreachable(f"npm package {name}@{version} cannot be fetched from {url}: {error}") from error
    except (urllib.error.URLError, OSError) as error:
        raise Unreachable(f"npm package {name}@{version} cannot be fetched from {url}: {error}") from error
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != integrity.removeprefix("sha512-"):
        raise RuntimeError(f"{url} is not the file it was: its sha512 differs")
    return data


def npm_files(name, version, integrity, suffixes):
    """Paths of the package's files that end in one of `suffixes`, each content once, folders as '+' in their names."""

    def fill(fresh):
        seen = set()
        with tarfile.open(fileobj=io.BytesIO(fetch_npm(name, version, integrity))) as tar:
            for member in sorted(tar.getmembers(), key=lambda member: member.name):
                if member.isfile() and member.name.endswith(suffixes):
                    data = tar.extractfile(member).read()
                    if data not in seen:
                        seen.add(data)
                        (fresh / member.name.removeprefix("package/").replace("/", "+")).write_bytes(data)

    return sorted(_into_cache(CACHE / "npm" / f"{name.replace('/', '+')}-{version}", fill).iterdir())


def node_modules(packages):
    """A folder whose node_modules/ holds the packages: (name, version, sha512) each, what they depend on included."""
    key = hashlib.sha256(repr(sorted(packages)).encode()).hexdigest()[:16]

    def fill(fresh):
        for name, version, integrity in packages:
            with tarfile.open(fileobj=io.BytesIO(fetch_npm(name, version, integrity))) as tar:
                for member in tar.getmembers():
                    inside = pathlib.PurePosixPath(*pathlib.PurePosixPath(member.name).parts[1:])
                    if member.isfile() and ".." not in inside.parts:
                        path = fresh / "node_modules" / name / inside
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_bytes(tar.extractfile(member).read())

    return _into_cache(CACHE / "node" / key, fill)


def python_with(*requirements):
    """Path of a Python that has `requirements` (pinned: "wasmtime==50.0.1"), in a virtual environment of their own."""
    key = "-".join([*sorted(requirements), f"{sys.version_info.major}.{sys.version_info.minor}"])
    folder = CACHE / "python" / key
    python = folder / "bin/python"
    if not (folder / "complete").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with open(folder.with_name(f".{key}.lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # other tests want the same one
            if not (folder / "complete").exists():
                _make_python(folder, python, requirements)
    return python


def _make_python(folder, python, requirements):
    shutil.rmtree(folder, ignore_errors=True)  # a virtual environment cannot be moved, so it is made in its place
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", "--retries", "2", *requirements],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        if SILENCE.search(done.stderr):
            raise Unreachable(f"Python package {' '.join(requirements)} cannot be fetched by pip")
        raise RuntimeError(f"pip install {' '.join(requirements)}: {done.stderr}")
    (folder / "complete").touch()


def cargo_environment(name):
    """Variables with which cargo fetches into the cache and builds `name` into a folder that outlives build/."""
    return {**os.environ, "CARGO_HOME": str(CACHE / "cargo"), "CARGO_TARGET_DIR": str(CACHE / "cargo-target" / name)}


def run_cargo(arguments, name, **more):
    """Runs cargo (`arguments` begins with the program). Unreachable if it needs crates that it cannot get."""
    done = subprocess.run([str(a) for a in arguments], env=cargo_environment(name), capture_output=True, text=True,
                          check=False, **more)
    if done.returncode != 0 and SILENCE.search(done.stderr):
        raise Unreachable(f"the crates of {name} cannot be fetched by cargo")
    return done
