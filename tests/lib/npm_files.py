"""The wasm files of npm packages: made by Emscripten, Go, Rust and wasm-tools, some of them stripped and minified.

Fetched once from the npm registry, checked against the hash below, and kept in the user's cache folder."""

import base64
import hashlib
import io
import os
import pathlib
import tarfile
import urllib.error
import urllib.request

REGISTRY = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "wasmpack/npm"

# Package, version, sha512 of the tarball as `npm view PACKAGE dist.integrity` prints it.
PACKAGES = [
    ("onnxruntime-web", "1.30.0",
     "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="),
    ("@tensorflow/tfjs-backend-wasm", "4.22.0",
     "/IYhReRIp4jg/wYW0OwbbJZG8ON87mbz0PgkiP3CdcACRSvUN0h8rvC0O3YcDtkTQtFWF/tcXq/KlVDyV49wmA=="),
    ("esbuild-wasm", "0.28.2",
     "GccVwhv3mmOUVQHCQm2Ox/rby8n/EqUwvZxE6Pjfikrq/lWw9g9WX/u9EykWnpot3Ko6j426DgQdea2xWKIAQA=="),
    ("emnapi", "1.11.3",
     "+/ZS90YK/rYfVOHtGLHkGffVsnmD/MAKaBHio+Y4XAtg75RLr4cveV/w0jTkUdLM1CcAlaRgG76mpIemWAlk0A=="),
    ("sql.js", "1.16.0",
     "q/JOZuJfmVh8Zf8Eo+cMJvtxAWeWBqTfJ6AQYGXZmcaLGHMwhA2niH3fQYHrBtPeOss1ttzHec07K5+rHaMRMw=="),
    ("tree-sitter-wasms", "0.1.13",
     "wT+cR6DwaIz80/vho3AvSF0N4txuNx/5bcRKoXouOfClpxh/qqrF4URNLQXbbt8MaAxeksZcZd1j8gcGjc+QxQ=="),
    ("@bytecodealliance/jco", "1.35.0",
     "O53cWIMm/M1SpwLxKRicvAMDnzWf4zWs6I6qFZIGbn3HUovDMCCe9blkGxxYuyocHjVf/cXgNmlMu/x7Tyi77A=="),
]


class Unreachable(Exception):
    """The registry could not be reached; the text says which package is missing."""


def fetch(name, version, integrity):
    """The tarball's bytes."""
    url = f"{REGISTRY}/{name}/-/{name.split('/')[-1]}-{version}.tgz"
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            data = answer.read()
    except (urllib.error.URLError, OSError) as error:
        raise Unreachable(f"npm package {name}@{version} cannot be fetched from {url}: {error}") from error
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != integrity:
        raise RuntimeError(f"{url} is not the file it was: its sha512 differs")
    return data


def package_files(name, version, integrity):
    """Paths of the package's .wasm and .a files, each content once."""
    folder = CACHE / f"{name.replace('/', '+')}-{version}"
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
        fresh.mkdir(exist_ok=True)
        seen = set()
        with tarfile.open(fileobj=io.BytesIO(fetch(name, version, integrity))) as tar:
            for member in sorted(tar.getmembers(), key=lambda member: member.name):
                if not member.isfile() or not member.name.endswith((".wasm", ".a")):
                    continue
                data = tar.extractfile(member).read()
                if data not in seen:
                    seen.add(data)
                    (fresh / member.name.removeprefix("package/").replace("/", "+")).write_bytes(data)
        try:
            fresh.rename(folder)
        except OSError:  # another test was faster
            if not folder.is_dir():
                raise
    return sorted(folder.iterdir())


def all_files():
    return [path for package in PACKAGES for path in package_files(*package)]


def find(package, file):
    """The one file of that package whose name ends so."""
    path, = [p for entry in PACKAGES if entry[0] == package for p in package_files(*entry) if p.name.endswith(file)]
    return path
