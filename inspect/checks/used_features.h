// Which features the code of a module uses, whatever its target_features section says.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "object/object.h"

namespace wasmpack {

struct UsedFeature {
  std::string_view name;           // as in target_features: "simd128"
  std::string_view alternative;    // another feature that includes what is used; may be empty
  std::string_view what;           // what uses it: "a SIMD instruction"
  std::optional<uint64_t> offset;  // in the file
};

struct UsedFeatures {
  std::vector<UsedFeature> features;  // each once, its first use
  bool is_complete = true;            // false: some code was not read, there may be more
};

// Looks at types, memories, segments, tags and at most `code_bytes` of function bodies, from the
// first one on. Features that are not sure (multivalue blocks, memory64) are left out.
UsedFeatures find_used_features(const Object& object, uint64_t code_bytes);

}  // namespace wasmpack
