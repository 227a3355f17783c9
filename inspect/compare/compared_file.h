// One file of a comparison: an object, module or the members of an archive, as facts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inspect/facts/facts.h"
#include "inspect/facts/sizes.h"

namespace wasmpack {

// The bytes that the facts point into must outlive it.
struct ComparedFile {
  std::string path;
  uint64_t size = 0;  // of the whole file in bytes
  bool is_archive = false;
  std::vector<Facts> members;  // of an archive; else exactly one
  std::vector<Sizes> sizes;    // of each member; only where sizes are compared

  // Symbols are linked by name: an object, or an archive of such.
  bool is_relocatable() const { return is_archive || members[0].kind == WasmKind::object; }
};

}  // namespace wasmpack
