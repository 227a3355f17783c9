// An object that only runs constructors: `_initialize` and `wapc_init`, weak and exported.
#pragma once

#include <string>

#include "support/diagnostic.h"

namespace wasmpack {

// Writes it to `path`. A final link with it makes no wrappers that run constructors on each call.
Result<void> write_entry_object(const std::string& path);

}  // namespace wasmpack
