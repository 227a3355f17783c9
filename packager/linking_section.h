// Writes an object anew whose symbols, init functions or relocations of code were edited: the
// sections `linking` and `reloc.CODE` are all that changes.
#pragma once

#include <cstdint>
#include <vector>

#include "object/object.h"

namespace wasmpack {

// The bytes of `object` with `symbols` and `init_functions` as they stand now. Symbols may have
// been added at the end and changed in place, never removed: relocations count them.
// `code_relocations` is the new content of reloc.CODE; empty, it stays.
std::vector<uint8_t> rewrite_linking(const Object& object, Bytes code_relocations = {});

}  // namespace wasmpack
