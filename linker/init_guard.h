// --init-guard: constructors that run once, whoever runs the chain.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "linker/init_functions.h"

namespace wasmpack {

// An object that we generate, with the bytes it lives in.
struct GeneratedInput {
  std::vector<uint8_t> bytes;
  std::vector<SymbolRef> preset;
};

// Local symbols of generated guards begin with this; an init function that has one is guarded
// already, so that linking again adds no second guard.
inline constexpr std::string_view kGuardPrefix = "__wasmpack_once.";

// Makes an object with, for each entry of `chain` that is not guarded yet, a local function that
// tests and sets a global and then calls the constructor, and replaces the entry by it in place
// (same priority, same position). Each of `entry_names` becomes a weak, exported function that
// calls `__wasm_call_ctors`: because something refers to that, a final wasm-ld makes no export
// wrappers that would run the chain again.
//
// A name that an input already defines is left to it (crt1-reactor.o, or a guard of our own), with
// a warning if that input does not refer to `__wasm_call_ctors`.
//
// The object must be appended to the inputs as number `input`.
GeneratedInput make_init_guard(const std::vector<Input>& inputs, std::vector<ChainEntry>& chain,
                               const std::vector<std::string>& entry_names, uint32_t input,
                               DiagnosticSink& sink);

}  // namespace wasmpack
