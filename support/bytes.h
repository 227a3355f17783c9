// The two views every layer passes around: read-only bytes and names inside them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace wasmpack {

// A read-only view of bytes in a mapped input or in an arena. Never owns.
using Bytes = std::span<const uint8_t>;

inline std::string_view as_string(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace wasmpack
