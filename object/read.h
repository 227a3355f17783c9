// Reads one wasm file into an Object.
#pragma once

#include <cstdint>
#include <string_view>

#include "object/object.h"
#include "support/diagnostic.h"

namespace wasmpack {

// Parses `bytes`, a core wasm module or object (magic and version included). The views in the
// result point into `bytes`, `file` and `member`, which must outlive it. The error names file,
// member, section and byte offset. Work and memory are linear in the size of `bytes`.
//
// Structure is checked here (nothing points outside its index space); the rules that only concern
// relocations are checked by verify_object (object/verify.h).
Result<Object> read_object(Bytes bytes, std::string_view file, std::string_view member = {},
                           uint32_t order = 0);

}  // namespace wasmpack
