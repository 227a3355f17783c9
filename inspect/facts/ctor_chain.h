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

// Fills `facts.constructors` and `facts.init`; of a bundle `facts.bundle` must be there already.
//
// Of an object: its init functions by priority, as a linker sorts them (equal ones stay in file
// order), and the functions whose relocations refer to `__wasm_call_ctors`. Of a finished module:
// the calls in the body of the function of that name (from the `name` section or an export; without
// names by its shape, ctor_chain_shape.h), the exports and start function from which direct calls
// lead there (call_reader.h has the limits), and how often it runs when an export is called
// (ctor_chain_runs.h).
void gather_ctor_chain(const Object& object, const FunctionNames& names, Facts& facts);

}  // namespace wasmpack
