// The guard that `--fix` puts before a ctor chain. Its form stands here, below the repair, so that
// facts see the chain behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "support/bytes.h"

namespace wasmpack {

// The body of a guard: runs `initializer` ([] -> []) at its first call only. `state` is a mutable
// i32 global: 0 new, 1 running, 2 done, 3 failed (docs/bundle-abi.md, "Constructors").
//
// A trap in a constructor leaves the state at 1. Without an imported function nobody can call while
// the chain runs, so whoever finds it running comes after a trap: the state becomes 3, and the
// guard traps. With one, calls go through: the host may be calling back.
std::vector<uint8_t> make_guard_body(uint32_t initializer, uint32_t state, bool imports_functions);

// What a guard runs; nothing if the body is not that of a guard.
std::optional<uint32_t> read_guard_body(Bytes body);

}  // namespace wasmpack
