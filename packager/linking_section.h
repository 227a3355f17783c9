// Writes an object anew whose symbols and init functions were edited: the `linking` section is all
// that changes.
#pragma once

#include <cstdint>
#include <vector>

#include "object/object.h"

namespace wasmpack {

// The bytes of `object` with `symbols` and `init_functions` as they stand now. Symbols may have
// been added at the end and changed in place, never removed: relocations count them.
std::vector<uint8_t> rewrite_linking(const Object& object);

}  // namespace wasmpack
