// What a file is, by its content alone, and what to tell the user when it is not what `link` takes.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

enum class FileKind : uint8_t {
  object,            // a wasm module with a `linking` section: what `link` takes
  archive,           // so is this
  thin_archive,      // an archive that names its members but does not hold them
  module,            // a finished wasm module
  shared,            // a finished module with `dylink.0`: a shared library, a side module
  component,         // component model
  old_wasm_version,  // "\0asm" with another version than 1
  truncated,         // a wasm file or a magic number that ends too early
  empty,             // no bytes at all
  elf,
  mach_o,
  coff,           // also PE images and import objects
  bitcode,        // LLVM, raw or with the wrapper header
  wat_text,       // WebAssembly text
  rust_metadata,  // content of lib.rmeta
  compressed,     // gzip, zip, xz, zstd, bzip2
  text,           // any other text
  unknown,
};

// Looks at magic numbers; of a wasm module walks the section headers, up to `linking`. Never reads
// section contents.
FileKind identify_file(Bytes bytes);

// "a finished WebAssembly module", "an ELF object", ... for sentences.
std::string_view file_kind_name(FileKind kind);

// The error for an input of `link` that is neither object nor archive, or for an archive member
// that is no object: what it is and the way out. `where` names file and member; `bytes`, if given,
// add details (the machine an ELF object is for, where a truncated file ends).
Diagnostic describe_wrong_input(FileKind kind, Location where, Bytes bytes = {});

// Whether an archive member of that name is the metadata of a Rust crate, which is not linked.
bool is_rust_metadata(std::string_view member_name);

}  // namespace wasmpack
