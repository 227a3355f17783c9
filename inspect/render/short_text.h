// Names cut to what anyone reads: a hostile file may use a name of a megabyte a million times.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wasmpack {

constexpr size_t kMaxShortText = 512;  // bytes

// How many bytes of `text` fit into `limit` without cutting a UTF-8 sequence.
size_t find_cut(std::string_view text, size_t limit);

// `text`, or its beginning and "... (1048576 bytes)".
std::string shorten(std::string_view text, size_t limit = kMaxShortText);

}  // namespace wasmpack
