"""The wasm files of npm packages: made by Emscripten, Go, Rust and wasm-tools, some of them stripped and minified.

registries.py fetches them once and checks the hash below."""

from . import registries

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


def package_files(package):
    """Paths of the package's .wasm and .a files, each content once."""
    return registries.npm_files(*package, (".wasm", ".a"))


def all_files():
    return [path for package in PACKAGES for path in package_files(package)]


def find(name, file):
    """The one file of that package whose name ends so."""
    path, = [p for package in PACKAGES if package[0] == name for p in package_files(package) if p.name.endswith(file)]
    return path
