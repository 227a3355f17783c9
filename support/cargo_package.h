// What a Cargo.toml says about the kinds of programs that a package builds: which directives of a
// build script cargo takes depends on it, and cargo does not tell build scripts.
#pragma once

#include <string_view>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct CargoPackage {
  bool has_cdylib = false;     // the library's crate-type names it
  bool has_bin_table = false;  // a [[bin]] entry; src/main.rs and src/bin/ are not in the manifest
  bool has_links = false;      // the key `links` of [package]
};

// `path` is for messages. Text that is not TOML is an error ("bad-cargo-manifest"); of keys that
// cargo knows better, those of a wrong type count as absent.
Result<CargoPackage> parse_cargo_package(Bytes bytes, std::string_view path);

}  // namespace wasmpack
