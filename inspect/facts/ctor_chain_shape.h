// Tells the ctor chain of a finished module by the shape of the code that calls it, where no name
// does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "object/object.h"

namespace wasmpack {

// What wasm-ld adds to the name of a function for its command wrapper.
inline constexpr std::string_view kWrapperSuffix = ".command_export";

// The function that is exported as `_initialize`.
std::optional<uint32_t> find_initialize(const Object& object);

// A body that is as wasm-ld's Writer makes command wrappers: calls of the chain, of the wrapped
// function with the wrapper's own parameters, and perhaps of `__wasm_call_dtors`.
struct CommandWrapper {
  uint32_t chain;
  uint32_t wrapped;
  std::optional<uint32_t> destructors;
};
std::optional<CommandWrapper> read_command_wrapper(const Object& object, uint32_t function);

struct ChainByShape {
  std::optional<uint32_t> function;
  std::string reason;  // why there is none
};

// The chain is a defined function without parameters and results, with which
// - every exported function begins, at least two of which are command wrappers (a guard that a
//   repair put before the chain is seen through); or
// - an exported `_initialize` is done: that is its only call, the rest is a guard at most, and the
//   chain only calls.
// Linear in the exported functions' bodies.
ChainByShape find_chain_by_shape(const Object& object);

}  // namespace wasmpack
