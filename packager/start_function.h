// What runs at instantiation: the ctor chain with init = "start", or only the claim of the initial
// heap.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "object/object.h"
#include "support/diagnostic.h"

namespace wasmpack {

// The function that hosts call to run the ctor chain.
inline constexpr std::string_view kInitialize = "_initialize";

// `module` with a start function that calls its function `name`, of type [] -> [], found in the
// name section. A start function that it has already is called first: the final linker makes one
// that clears .bss in imported memory.
Result<std::vector<uint8_t>> add_start_function(const Object& module, std::string_view name);

// Warns of constructors whose calls lead to an imported function: at instantiation a host has no
// memory to show it yet. Indirect calls are not followed.
void warn_of_imports(const Object& module, DiagnosticSink& sink);

}  // namespace wasmpack
