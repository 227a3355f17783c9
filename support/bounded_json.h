// JSON from files that nobody vouches for: LLVM's parser recurses and takes whatever memory the
// values need, so both are bounded before it gets to see the text.
#pragma once

#include <string>
#include <string_view>

#include <llvm/Support/JSON.h>
#include <tl/expected.hpp>

namespace wasmpack {

// The manifest of a bundle with 10,000 kernels takes about 2 MB and 50,000 values; `pack` nests 7
// deep.
inline constexpr size_t kMaxJsonSize = 64 << 20;
inline constexpr unsigned kMaxJsonDepth = 64;
inline constexpr size_t kMaxJsonValues = 4 << 20;

// Parses one JSON value (UTF-8). The error says what is wrong with "it", without a place.
tl::expected<llvm::json::Value, std::string> parse_bounded_json(std::string_view text);

}  // namespace wasmpack
