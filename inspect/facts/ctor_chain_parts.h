// The two halves of ctor_chain.h: relocations tell of an object, calls of a finished module.
#pragma once

#include <cstddef>
#include <string_view>

#include "inspect/facts/facts.h"
#include "inspect/facts/function_names.h"
#include "object/object.h"

namespace wasmpack {

inline constexpr std::string_view kChainName = "__wasm_call_ctors";

// Entries of all ConstructorFact::calls together: a hostile file could name one function with many
// callees as its constructor very often. And entries of a finished module's chain.
inline constexpr size_t kMaxCallsListed = 1 << 16;

void gather_object_chain(const Object& object, const FunctionNames& names, Facts& facts);
void gather_module_chain(const Object& object, const FunctionNames& names, Facts& facts);

}  // namespace wasmpack
