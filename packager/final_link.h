// The final link: runtime, registry and libraries become one module, through lld in a child
// program.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "packager/bundle_symbols.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct FinalLinkInput {
  std::string name;  // for messages: "library `conv`"
  Bytes bytes;
};

struct FinalLink {
  std::vector<FinalLinkInput> inputs;  // in link order
  Bytes builtins;                      // an archive to take members from as needed; may be empty
  std::vector<std::string> exports;    // symbols; memory and table are always exported
  std::vector<std::string> imported;   // undefined symbols that become imports
  std::string module_name;             // for the `name` section
  uint64_t stack_size = 65536;         // bytes, a multiple of 16
  std::optional<uint64_t> initial_memory, maximum_memory;  // bytes, whole pages
  std::optional<uint64_t> global_base;                     // address
  bool import_memory = false;                              // as env.memory
  bool allow_signature_mismatch = false;                   // a warning, and a function that traps
  bool want_map = false;
};

struct FinalLinkResult {
  std::vector<uint8_t> module;
  std::string map;  // lld's, with the inputs' names
};

// Runs the link. lld's messages become diagnostics that name the inputs as above; `parts`, the
// inputs with symbols, are looked through for a better explanation of undefined ones. Nothing is
// returned after an error.
std::optional<FinalLinkResult> run_final_link(const FinalLink& link,
                                              std::span<const BundlePart> parts,
                                              DiagnosticSink& sink);

}  // namespace wasmpack
