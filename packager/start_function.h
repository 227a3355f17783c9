// init = "start": the ctor chain as the module's start function.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "object/object.h"
#include "packager/library.h"
#include "support/diagnostic.h"

namespace wasmpack {

// `module` with a start function that calls its export `_initialize`. A start function that it has
// already is called first: the final linker makes one that clears .bss in imported memory.
Result<std::vector<uint8_t>> add_start_function(const Object& module);

// Warns of constructors whose calls lead to an imported function: at instantiation a host has no
// memory to show it yet. Indirect calls are not followed.
void warn_of_imports(const Object& module, DiagnosticSink& sink);

}  // namespace wasmpack
