"""What export_library takes as `fcompile`: objects of TVM in, one file out."""

import os
import pathlib
import shutil
import tempfile

from . import _command, _manifest
from ._command import WasmpackError

# What TVM puts the modules into that its runtime loads: its name in 0.21 and newer, and before.
_EMBEDDED = (b"__tvm_ffi__library_bin", b"__tvm_dev_mblob")
_SYSTEM_LIBRARY = ('this takes a system library, so give the module an attribute before compiling it: '
                   'module.with_attr("system_lib_prefix", ""); that is what TVM means where it says that these')


class _Export:
    """Called by export_library with the output's path and the files that TVM wrote."""

    object_format = "o"
    need_system_lib = True

    def __init__(self, name, kernels_only):
        self._name = name
        self._kernels_only = kernels_only

    def __str__(self):  # TVM says "... need --system-lib option"
        return f"wasmpack_tvm.{self._name}(): {_SYSTEM_LIBRARY}"

    def __call__(self, output, files, options=()):
        output = os.fspath(output)
        words = [options] if isinstance(options, str) else list(options)
        self._write(output, self._choose(files), words)
        return output

    def _choose(self, files):
        """The files that go in: TVM's own for its runtime are none of them."""
        chosen = []
        for file in map(os.fspath, files):
            name = os.path.basename(file)
            if pathlib.Path(file).suffix in (".c", ".cc", ".cpp", ".cu"):
                raise WasmpackError(f"{name} is source text\n  help: compile for kind = \"llvm\" (wasmpack_tvm.target()), or export to a "
                                    ".tar and compile what is in it with clang --target=wasm32")
            data = pathlib.Path(file).read_bytes()
            if b"__vmtir__" in data:
                raise WasmpackError("this has functions of Relax's virtual machine, which call TVM's runtime\n"
                                    "  help: compile without exec_mode=\"compiled\", or export the kernels alone: wasmpack_tvm.split(module)")
            if not any(mark in data for mark in _EMBEDDED):
                chosen.append(file)
            elif b"relax.VMExecutable" not in data:
                raise WasmpackError(f"{name} holds modules that TVM's runtime loads (code for accelerators?)\n"
                                    "  help: compile all of it for wasmpack_tvm.target()")
            elif not self._kernels_only:
                raise WasmpackError("this is a program of Relax's virtual machine, which needs TVM's runtime; a bundle has kernels only\n"
                                    "  help: wasmpack_tvm.split(module) makes kernels and a list of calls of it; with kernels_only=True "
                                    "the virtual machine's part and its constants are left out")
        return chosen


class _Library(_Export):
    def __init__(self, kernels_only):
        super().__init__("library", kernels_only)

    def _write(self, output, files, words):
        _command.run(["link", *files, "-o", output, *words], _shown(files))


def _shown(files):
    """Files in temporary folders by their names alone."""
    return [(file, os.path.basename(file)) for file in files]


class _Bundle(_Export):
    def __init__(self, entries, kernels_only):
        super().__init__("bundle", kernels_only)
        self._entries = entries

    def _write(self, output, files, words):
        manifest = self._entries["manifest"]
        if manifest is None:
            with tempfile.TemporaryDirectory(prefix="wasmpack-tvm-") as folder:
                text = self._head(pathlib.Path(output).stem)
                self._pack(output, files, words, pathlib.Path(folder), text, "the manifest of wasmpack_tvm.bundle()")
            return
        path = pathlib.Path(manifest)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise WasmpackError(f"{path}: cannot read the manifest: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise WasmpackError(f"{path}: the manifest is not UTF-8") from error
        self._pack(output, files, words, path.parent, text, str(path))

    def _head(self, stem):
        entries = self._entries
        package = {"name": entries["name"] or stem, "version": entries["version"]}
        head = "schema = 1\n" + _manifest.table("[package]", package)
        return head + _manifest.table("[bundle]", entries["settings"]) if entries["settings"] else head

    def _pack(self, output, files, words, folder, text, shown):
        """Packs the manifest `text` with the library at its end. Paths in a manifest are relative to its folder and stay inside,
        so the library's files are copied there for the time being."""
        try:
            temporary = tempfile.TemporaryDirectory(prefix=".wasmpack-tvm-", dir=folder)
        except OSError as error:
            raise WasmpackError(f"{folder}: cannot write a temporary folder beside the manifest: {error.strerror}") from error
        with temporary as inside:
            here = pathlib.Path(inside)
            inputs = []
            for i, file in enumerate(files):
                part = here / f"{i}"
                part.mkdir()
                inputs.append(str(pathlib.Path(here.name) / part.name / shutil.copy(file, part).rpartition("/")[2]))
            text = text.rstrip("\n") + "\n\n" + self._library(output, inputs) + self._params(here)
            # Beside the manifest that it stands for, under a name that no other run takes.
            complete = folder / f"{here.name}.toml"
            try:
                complete.write_text(text, encoding="utf-8")
                renamed = [(str(complete), shown), (complete.name, shown)]
                renamed += [(str(folder / name), os.path.basename(name)) for name in inputs]
                _command.run(["pack", str(complete), "-o", output, *words], renamed)
            finally:
                complete.unlink(missing_ok=True)

    def _library(self, output, inputs):
        entries = self._entries
        name = entries["library"] or entries["name"] or pathlib.Path(output).stem
        # Its patterns take `[`, `*` and `?` of TVM's file names for what they are.
        escaped = ["".join(f"\\{c}" if c in "*?[\\" else c for c in path) for path in inputs]
        text = _manifest.table("[[library]]", {"name": name, "inputs": escaped, "prefix": entries["prefix"] or None})
        for kernel in entries["kernels"] or ():
            text += _manifest.table("[[library.kernel]]", {"symbol": kernel} if isinstance(kernel, str) else kernel)
        return text

    def _params(self, here):
        text = ""
        for i, (name, tensor) in enumerate((self._entries["params"] or {}).items()):
            path, entries = _manifest.write_param(name, tensor, here, i)
            entries = {"name": name, "path": f"{here.name}/{path.name}", **entries, "embed": self._entries["embed"]}
            text += _manifest.table("[[param]]", entries)
        return text


def library(*, kernels_only=False):
    """An `fcompile` that writes one relocatable object (`wasmpack link`), or an archive for a name that ends in .a: for a
    manifest, or for the link of a Rust or C program.

    export_library's `options` are further words of `wasmpack link`, such as ["--init-guard", "--strip-debug"]; its `addons` are
    further objects. `kernels_only`: see bundle()."""
    return _Library(kernels_only)


def bundle(*, prefix="", library=None, kernels=None, params=None, embed=None, manifest=None, name=None, version=None,
           kernels_only=False, **settings):
    """An `fcompile` that writes one finished module (`wasmpack pack`).

    prefix      goes before the names of this library's kernels
    library     its name, for messages and the bundle's description; the output's without .wasm if there is none
    kernels     which functions become kernels: names, patterns, or tables of docs/manifest.md, "[[library.kernel]]", with args
                and results for bindgen. All of them without it
    params      {name: array}: weights that hosts and kernels find by name
    embed       "data", or "external": written beside the module
    manifest    path of a manifest with everything else, other libraries among it; this library becomes its last one
    name, version, and any key of the manifest's [bundle] with `_` for `-` (optimize="O3", stack_size="1MiB", init="start"):
                where there is no `manifest`
    kernels_only  leaves the virtual machine's part of a Relax program out, which is an error otherwise

    export_library's `options` are further words of `wasmpack pack`, its `addons` further objects. Raises WasmpackError with
    what wasmpack says; then the output is as it was before."""
    if isinstance(kernels, str):
        raise TypeError(f"kernels: {kernels!r} is a text, and this takes a list: kernels=[{kernels!r}]")
    if manifest is not None:
        given = [key for key, value in (("name", name), ("version", version)) if value is not None] + sorted(settings)
        if given:
            raise TypeError(f"{', '.join(given)}: with `manifest`, that stands in {os.fspath(manifest)}")
    entries = {"prefix": prefix, "library": library, "kernels": kernels, "params": params, "embed": embed, "manifest": manifest,
               "name": name, "version": version or "0.0.0", "settings": settings}
    return _Bundle(entries, kernels_only)
