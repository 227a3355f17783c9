"""The inputs that the proof runs on: objects of two clang versions in every flavour, rustc's, and the wasm archives
of Debian. Built once per build folder; any test may call build(), in parallel."""

import fcntl
import glob
import hashlib
import os
import pathlib
import subprocess
from dataclasses import dataclass, field

from . import ar

SOURCE_DIR = pathlib.Path(os.environ.get("WASMPACK_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BUILD_DIR = pathlib.Path(os.environ.get("WASMPACK_BUILD_DIR", SOURCE_DIR / "build"))
SOURCES = SOURCE_DIR / "testdata/corpus"
FOLDER = BUILD_DIR / "corpus"

SYSROOT_LIB = "/usr/lib/wasm32-wasi"
BUILTINS = {
    "22": "/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a",
    "14": "/usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a",
    "wasm64": "/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm64.a",
}
RUSTLIB = "/usr/lib/rustlib/wasm32-unknown-unknown/lib"
DEBIAN_RUSTC = "/usr/bin/rustc"


@dataclass
class Entry:
    name: str
    inputs: list                    # objects and archives; link them all, whole
    final: list = field(default_factory=list)   # arguments of a final link, besides the inputs
    tail: list = field(default_factory=list)    # inputs of the final link that are not part of ours (crt1, libc)
    run: str = ""                   # "host" (exports run etc.), "wasi" (a command) or "" (not run)
    node: tuple = ()                # options of node
    wasm64: bool = False
    run_linker: str = "22"          # whose final link is run
    relocatable: list = field(default_factory=list)  # more arguments for wasm-ld -r of the inputs
    big: bool = False               # seconds, not milliseconds

    def unpacked(self):
        """The inputs for linkers that cannot read Rust's archives: each rlib as its objects."""
        paths = []
        for path in self.inputs:
            if not path.endswith(".rlib"):
                paths.append(path)
                continue
            folder = FOLDER / "rlib" / pathlib.Path(path).stem
            for number, (_, body) in enumerate(objects_of(path)):
                target = folder / f"{number:03}.o"
                if not target.exists():
                    folder.mkdir(parents=True, exist_ok=True)
                    fresh = target.with_suffix(f".{os.getpid()}")
                    fresh.write_bytes(body)
                    fresh.rename(target)
                paths.append(str(target))
        return paths

    @property
    def machine(self):
        return ["-mwasm64"] if self.wasm64 else []


class Builder:
    def __init__(self, folder):
        self.folder = folder
        self.jobs = []

    def compile(self, source, flags, version="22", suffix=""):
        """Compiles testdata/corpus/<source>; returns the object's path."""
        stem, extension = os.path.splitext(source)
        tag = hashlib.sha256(" ".join([version, *flags]).encode()).hexdigest()[:8]
        output = self.folder / f"{stem}{suffix}.{tag}.o"
        driver = "clang++" if extension == ".cpp" else "clang"
        if not any(f.startswith("--target") for f in flags):
            flags = ["--target=wasm32-unknown-unknown", *flags]
        self.jobs.append([f"{driver}-{version}", *flags, "-c", source, "-o", str(output)])
        return str(output)

    def run(self):
        """Two at a time, with relative source names so that debug information holds no path of this machine."""
        seen, running = set(), []
        for job in self.jobs:
            if job[-1] in seen:
                continue
            seen.add(job[-1])
            if len(running) == 2:
                self._finish(running.pop(0))
            running.append((job, subprocess.Popen(job, cwd=SOURCES, stderr=subprocess.PIPE, text=True)))
        for entry in running:
            self._finish(entry)

    @staticmethod
    def _finish(entry):
        job, process = entry
        _, errors = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{' '.join(job)}\n{errors}")


C_SET = ["c_one.c", "c_two.c", "c_three.c"]
CXX_SET = ["cxx_one.cpp", "cxx_two.cpp"]
HOST = ["--no-entry", "--allow-undefined"]


def _describe(builder):
    """Every entry; the builder collects what must be compiled."""
    entries = []

    def compiled(name, sources, flags, version="22", **more):
        objects = [builder.compile(s, flags, version) for s in sources]
        entries.append(Entry(name, objects, **{"final": HOST, "run": "host", **more}))

    # node 20 has memory64, but not the 64-bit tables that wasm-ld 22 makes; wasm-ld 14 makes 32-bit ones.
    wide = {"wasm64": True, "node": ("--experimental-wasm-memory64",), "run_linker": "14"}
    for version in ("22", "14"):
        tag = f"clang{version}"
        v = {"version": version}
        compiled(f"c-{tag}", C_SET, ["-O1"], **v)
        compiled(f"c-{tag}-O0", C_SET, ["-O0"], **v)
        compiled(f"c-{tag}-g", C_SET, ["-O1", "-g"], **v)
        compiled(f"c-{tag}-sections", C_SET, ["-O2", "-ffunction-sections", "-fdata-sections"], **v)
        compiled(f"cxx-{tag}", CXX_SET, ["-O1", "-std=c++17"], **v)
        compiled(f"cxx-{tag}-O0", CXX_SET, ["-O0", "-std=c++17"], **v)
        compiled(f"cxx-{tag}-dwarf4", CXX_SET, ["-O1", "-std=c++17", "-g", "-gdwarf-4"], **v)
        compiled(f"cxx-{tag}-dwarf5", CXX_SET, ["-O1", "-std=c++17", "-g", "-gdwarf-5"], **v)
        compiled(f"cxx-{tag}-types", CXX_SET, ["-O1", "-std=c++17", "-g", "-fdebug-types-section"], **v)
        compiled(f"cxx-{tag}-pic", CXX_SET, ["-O1", "-std=c++17", "-fPIC"], **v)
        compiled(f"c-{tag}-pic", C_SET, ["-O1", "-fPIC"], **v)
        compiled(f"c-{tag}-simd", C_SET, ["-O3", "-msimd128"], **v)
        compiled(f"c-{tag}-wasm64", C_SET, ["--target=wasm64", "-O1", "-g"], wasm64=True,
                 run="", **v)
        compiled(f"cxx-{tag}-wasm64", CXX_SET, ["--target=wasm64", "-O1", "-std=c++17"], wasm64=True, run="", **v)
        compiled(f"wide-{tag}", ["wide_one.c", "wide_two.c"], ["--target=wasm64", "-O1"], **wide, **v)
        compiled(f"threads-{tag}", ["tls_one.c", "tls_two.c"],
                 ["-O1", "-pthread", "-matomics", "-mbulk-memory", "-ftls-model=local-exec"],
                 final=[*HOST, "--shared-memory", "--import-memory", "--max-memory=1048576"], **v)
    compiled("c-mixed", [], [])
    entries[-1].inputs = [builder.compile("c_one.c", ["-O1"], "14"), builder.compile("c_two.c", ["-O1", "-g"]),
                          builder.compile("c_three.c", ["-O1"], "14")]
    compiled("cxx-mvp", CXX_SET, ["-O1", "-std=c++17", "-mcpu=mvp"])
    compiled("cxx-wasm64-pic", CXX_SET, ["--target=wasm64", "-O1", "-std=c++17", "-fPIC"], wasm64=True, run="")
    compiled("wide-pic", ["wide_one.c", "wide_two.c"], ["--target=wasm64", "-O1", "-fPIC"], **wide)
    compiled("threads-pic", ["tls_one.c", "tls_two.c"],
             ["-O1", "-pthread", "-matomics", "-mbulk-memory", "-fPIC"],
             final=[*HOST, "--shared-memory", "--import-memory", "--max-memory=1048576"])
    # libunwind's tag is not there: eh_tag.s defines it.
    for name, flags, run in (("legacy", [], "host"), ("exnref", ["-mllvm", "-wasm-use-legacy-eh=false"], "")):
        compiled(f"eh-{name}", ["eh_one.cpp", "eh_two.cpp"], ["-O1", "-fwasm-exceptions", *flags], run=run)
        entries[-1].inputs += [builder.compile("eh_runtime.c", ["-O1", "-fwasm-exceptions", *flags]),
                               builder.compile("eh_tag.s", ["-mexception-handling"])]
    references = ["-mreference-types", "-mexception-handling"]
    compiled("tables", ["tables.s", "tables_use.s"], references, run="host")
    entries[-1].final = [*HOST, "--export=throw_it", "--export=set_ref"]
    compiled("initial", ["initial.s"], [])
    compiled("annotated", ["annotated.c", "annotated_two.c"], ["-O1"])
    entries[-1].final = [*HOST, "--export=annotated_two"]

    # WASI programs: ours is made of the objects, crt1 and the libraries join in the final link.
    wasi = ["--target=wasm32-wasi", "-O1"]
    crt1 = f"{SYSROOT_LIB}/crt1-command.o"
    for version in ("22", "14"):
        entries.append(Entry(f"wasi-c-clang{version}", [builder.compile("wasi_main.c", wasi, version)],
                             tail=[crt1, f"{SYSROOT_LIB}/libc.a", BUILTINS[version]], run="wasi"))
    wasi_cxx = [*wasi, "-fno-exceptions", "-std=c++20"]
    for name, flags in (("", []), ("-g", ["-g"]), ("-pic", ["-fPIC"]), ("-types", ["-g", "-fdebug-types-section"])):
        entries.append(Entry(
            f"wasi-cxx{name}", [builder.compile(s, [*wasi_cxx, *flags]) for s in ("wasi_main.cpp", "wasi_part.cpp")],
            tail=[crt1, f"{SYSROOT_LIB}/libc++.a", f"{SYSROOT_LIB}/libc++abi.a", f"{SYSROOT_LIB}/libc.a",
                  BUILTINS["22"]], run="wasi"))

    # Debian's archives, whole.
    archives = {
        "libc": ([f"{SYSROOT_LIB}/libc.a"], {}),
        "libc++": ([f"{SYSROOT_LIB}/libc++.a"], {}),
        "libc++abi": ([f"{SYSROOT_LIB}/libc++abi.a"], {}),
        "libc++experimental": (["/usr/lib/llvm-22/lib/wasm32-wasi/libc++experimental.a"], {}),
        "builtins-14": ([BUILTINS["14"]], {}),
        "builtins-22": ([BUILTINS["22"]], {}),
        "c++-stack": ([f"{SYSROOT_LIB}/libc++.a", f"{SYSROOT_LIB}/libc.a", BUILTINS["22"]], {}),
    }
    for name, (paths, more) in archives.items():
        entries.append(Entry(f"lib-{name}", paths, final=HOST, big=True, **more))
    for crt in ("crt1", "crt1-command", "crt1-reactor"):
        entries.append(Entry(f"crt-{crt}", [f"{SYSROOT_LIB}/{crt}.o"], final=HOST))
    rlibs = [p for p in sorted(glob.glob(f"{RUSTLIB}/*.rlib")) if "panic_unwind" not in p]
    for crate in ("alloc", "compiler_builtins", "core"):
        path = next(p for p in rlibs if f"/lib{crate}-" in p)
        entries.append(Entry(f"rlib-{crate}", [path], final=HOST, big=True))
    entries.append(Entry("rlib-all", rlibs, final=HOST, big=True))
    return entries


def _wide_builtins():
    """The wasm64 compiler-rt without two members that declare __netf2 and others with a wrong type."""
    for number, (name, body) in enumerate(ar.members(pathlib.Path(BUILTINS["wasm64"]).read_bytes())):
        if not name.startswith(("divtc3", "multc3")):
            yield str(FOLDER / f"builtins64.{number:03}.o"), body


def _rust_archive(folder):
    path = folder / "libkernels.a"
    subprocess.run([DEBIAN_RUSTC, "--target", "wasm32-unknown-unknown", "--crate-type", "staticlib", "-O",
                    "--remap-path-prefix", f"{SOURCES}=.", "-o", str(path), str(SOURCES / "kernels.rs")],
                   check=True, capture_output=True)


def _key():
    digest = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    for path in sorted(SOURCES.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def build():
    """All entries, their objects compiled."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    builder = Builder(FOLDER)
    entries = _describe(builder)
    entries.append(Entry("rust-staticlib", [str(FOLDER / "libkernels.a")],
                         final=[*HOST, "--export=run", "--export=rust_sum"], run="host", big=True))
    wide_builtins = list(_wide_builtins())
    entries.append(Entry("lib-builtins-wasm64", [path for path, _ in wide_builtins], final=HOST, wasm64=True))
    key_file = FOLDER / "key"
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not key_file.exists() or key_file.read_text() != _key():
            builder.run()
            _rust_archive(FOLDER)
            for path, body in wide_builtins:
                pathlib.Path(path).write_bytes(body)
            key_file.write_text(_key())
    return entries


def find(name):
    return next(e for e in build() if e.name == name)


def objects_of(path):
    """The wasm objects of an object or archive: (label, bytes). Rust's lib.rmeta is no object."""
    data = pathlib.Path(path).read_bytes()
    if data.startswith(ar.MAGIC):
        for name, body in ar.members(data):
            if body.startswith(b"\0asm"):
                yield f"{path}({name})", body
    else:
        yield str(path), data
