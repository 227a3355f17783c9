// Checks the relocations of an object by the validation rules of Linking.md (October 2025).
#pragma once

#include <cstdint>
#include <vector>

#include "object/object.h"
#include "support/diagnostic.h"

namespace wasmpack {

// How an object's relocations use a symbol, as bits.
inline constexpr uint8_t kUsedInTable = 1;       // its address is taken
inline constexpr uint8_t kUsedByDirectCall = 2;  // R_WASM_FUNCTION_INDEX_LEB in CODE
inline constexpr uint8_t kUsedByGot = 4;         // a global index relocation on data or a function
inline constexpr uint8_t kUsedOtherwise = 8;
// With kUsedInTable or kUsedByGot: (also) by a custom section, such as debug info.
inline constexpr uint8_t kUsedByCustom = 16;

// Whether a relocation that names a symbol may name one of that kind.
bool is_symbol_kind_allowed(RelocationTarget target, SymbolKind kind);

// Checks every relocation section of `object`: known kind, symbol kind against relocation kind,
// index in range, field inside one chunk of the target section and encoded as the kind says, sites
// in order. Returns how each symbol is used, one byte a symbol. Only objects that passed may be
// given to the linker: its passes decode relocations unchecked.
Result<std::vector<uint8_t>> verify_object(const Object& object, uint32_t order = 0);

// The same rules for those who want to know all that is wrong: the first `limit` problems, in file
// order. Whether the fields in CODE are encoded as they must be is left out: only a walk through
// the instructions tells what stands there.
std::vector<Diagnostic> find_relocation_problems(const Object& object, size_t limit);

}  // namespace wasmpack
