// JSON from files that nobody vouches for: LLVM's parser recurses and takes whatever memory the
// values need, so both are bounded before it gets to see the text.
#pragma once

#include <string>
#include <string_view>

#include <llvm/Support/JSON.h>
#include <tl/expected.hpp>

namespace wasmpack {

// The manifest of a bundle with 10,000 kernels of four tensors takes about 4 MB, 50,000 objects and
// 500,000 values; `pack` nests 7 deep. LLVM takes about 3.6 KB for an object, however small, and 60
// bytes for another value.
inline constexpr size_t kMaxJsonSize = 64 << 20;
inline constexpr unsigned kMaxJsonDepth = 64;
inline constexpr size_t kMaxJsonObjects = 1 << 17;
inline constexpr size_t kMaxJsonValues = 4 << 20;

// Parses one JSON value (UTF-8). The error says what is wrong with "it", without a place.
tl::expected<llvm::json::Value, std::string> parse_bounded_json(std::string_view text);

}  // namespace wasmpack
