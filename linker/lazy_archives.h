// Which members of lazy archives take part in the link, and in which order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "linker/input.h"

namespace wasmpack {

inline constexpr uint32_t kNotLazy = UINT32_MAX;

struct LazyCandidate {
  Input* input;
  uint32_t archive;  // number of the lazy archive it is a member of, or kNotLazy
};

// Follows wasm-ld: a member is taken when a strong undefined symbol names something it defines,
// wherever on the command line the archive stands; the first archive that defines a name wins; a
// member's place is where it was pulled, behind everything it pulls itself. Without lazy candidates
// the result is all inputs in order. The names `wanted` count as if an input in front of all
// others referred to them. Sets Input::turn of the chosen ones.
std::vector<Input*> choose_inputs(const std::vector<LazyCandidate>& candidates,
                                  std::span<const std::string> wanted = {});

}  // namespace wasmpack
