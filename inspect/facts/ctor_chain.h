// The ctor chain: which constructors there are, in which order they run, and who runs them.
//
// Sources: tool-conventions Linking.md (WASM_INIT_FUNCS, `__wasm_call_ctors`); wasm-ld's Writer
// (command export wrappers are named `<function>.command_export`); WASI's application ABI for
// `_start` and `_initialize`.
#pragma once

#include "inspect/facts/facts.h"
#include "inspect/facts/function_names.h"
#include "object/object.h"

namespace wasmpack {

// Fills `facts.constructors` and `facts.init`.
//
// Of an object: its init functions by priority, as a linker sorts them (equal ones stay in file
// order), and the functions whose relocations refer to `__wasm_call_ctors`. Of a finished module:
// the calls in the body of the function of that name (from the `name` section or an export), and
// the exports and start function from which at most kMaxCallDepth direct calls lead there; at most
// kMaxBytesRead bytes of bodies are read for that.
void gather_ctor_chain(const Object& object, const FunctionNames& names, Facts& facts);

inline constexpr unsigned kMaxCallDepth = 4;
inline constexpr uint64_t kMaxBytesRead = 4 << 20;

}  // namespace wasmpack
