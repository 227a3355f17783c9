// Functions that are there to run the ctor chain, told by their bodies.
#pragma once

#include <cstdint>
#include <optional>

#include "object/object.h"

namespace wasmpack {

enum class ChainShape : uint8_t {
  other,
  call,         // calls the chain and returns: another name of it
  wrapper,      // calls the chain, then with its own arguments `target`, whose results it returns
  destructors,  // the same, and calls a third function at the end
};

struct ChainUser {
  ChainShape shape = ChainShape::other;
  uint32_t target = 0;    // of wrapper and destructors
  uint32_t finisher = 0;  // destructors: the function called last
};

// How `function` uses the chain. A wrapper and its target have the same type.
ChainUser read_chain_user(const Object& module, uint32_t function, uint32_t chain);

// Parameters of a function type; nothing if it is none.
std::optional<uint32_t> count_parameters(const FuncType& type);

}  // namespace wasmpack
