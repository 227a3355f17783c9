// Functions that are there to run the ctor chain, told by their bodies.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

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

// The body of a guard: runs `initializer` ([] -> []) at its first call only. `state` is a mutable
// i32 global: 0 new, 1 running, 2 done, 3 failed (docs/bundle-abi.md, "Constructors").
//
// A trap in a constructor leaves the state at 1. Without an imported function nobody can call while
// the chain runs, so whoever finds it running comes after a trap: the state becomes 3, and the
// guard traps. With one, calls go through: the host may be calling back.
std::vector<uint8_t> make_guard_body(uint32_t initializer, uint32_t state, bool imports_functions);

// Whether a body is that of a guard.
bool is_guard_body(Bytes body);

}  // namespace wasmpack
