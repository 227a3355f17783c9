// The final link: runtime, registry and libraries become one module, through lld in a child
// program.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "packager/library.h"
#include "packager/manifest.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct FinalLinkInput {
  std::string name;  // for messages: "library `conv`"
  Bytes bytes;
};

struct FinalLink {
  std::vector<FinalLinkInput> inputs;  // in link order
  std::vector<std::string> exports;    // symbols; memory and table are always exported
  std::vector<std::string> imported;   // undefined symbols that become imports
  std::string module_name;             // for the `name` section
  uint64_t stack_size = 65536;         // bytes, a multiple of 16
  std::optional<uint64_t> initial_memory, maximum_memory;  // bytes, whole pages
};

// Runs the link. lld's messages become diagnostics that name the inputs as above; `libraries` is
// looked through for a better explanation of undefined symbols. Nothing is returned after an error.
std::optional<std::vector<uint8_t>> run_final_link(const FinalLink& link,
                                                   std::span<const PreparedLibrary> libraries,
                                                   DiagnosticSink& sink);

}  // namespace wasmpack
