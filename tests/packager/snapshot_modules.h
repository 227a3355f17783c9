// Modules for the tests of snapshots: written as text, assembled by wabt's wat2wasm.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "object/object.h"
#include "packager/snapshot.h"
#include "support/diagnostic.h"

namespace wasmpack {

// The binary of the text, with a name section unless `options` say otherwise.
std::vector<uint8_t> assemble(const std::string& text,
                              std::vector<std::string> options = {"--debug-names"});

// A module with one memory page whose chain calls each of the functions in `calls` ("$a $b"), which
// `fields` define. The chain is guarded, as a bundle's is: by the byte at address 65535.
std::string chain_module(std::string_view calls, std::string_view fields,
                         std::string_view imports = "", std::string_view memory = "1");

struct Taken {
  std::vector<uint8_t> bytes;
  Object module;
  // What memory holds after instantiation of the result, by our own reading of its segments.
  std::vector<uint8_t> memory() const;
};

// wasm-validate must accept the module.
void expect_valid(const std::vector<uint8_t>& module);

// The snapshot of a module for which there must be one, and a valid one.
Taken take(const std::vector<uint8_t>& module, const SnapshotLimits& limits = {});

// The diagnostics of a module that must be refused, as text.
std::string refusal(const std::vector<uint8_t>& module, const SnapshotLimits& limits = {});

// What wasm-interp prints for calling every export of the module, in their order.
std::string run_exports(const std::vector<uint8_t>& module);

}  // namespace wasmpack
