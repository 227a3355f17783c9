// Names that belong to the linker or the host: symbol edits leave them alone unless they are named
// exactly.
#pragma once

#include <string_view>

namespace wasmpack {

// Whether wasm-ld defines, looks up or treats the name specially (lld wasm/Driver.cpp, Symbols.h;
// tool-conventions DynamicLinking.md).
bool is_linker_owned(std::string_view name);

// The guarded entry points that --init-guard makes: every library has the same ones, weakly.
bool is_init_entry(std::string_view name);

}  // namespace wasmpack
