// Which function or segment a relocation lies in, for relocations that mostly come in order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "inspect/facts/facts.h"

namespace wasmpack {

enum class ChunkKind : uint8_t { function, segment, section };
std::string_view chunk_kind_name(ChunkKind kind);  // "function", ...

// Finds chunks for the relocations of one section; constant time if their offsets ascend.
class ChunkFinder {
 public:
  static constexpr size_t kNone = SIZE_MAX;

  ChunkFinder(const Facts& facts, const RelocationsFact& relocations);

  ChunkKind kind() const { return kind_; }
  // Offset in the file of what relocation offsets count from.
  uint64_t base() const { return base_; }

  // Position in Facts::functions or Facts::segments of the chunk that holds the byte; kNone if it
  // lies between chunks, and always for a section that has none.
  size_t find(uint64_t file_offset) {
    if (file_offset - begin_ < size_) return current_;
    return find_other(file_offset);
  }

 private:
  size_t find_other(uint64_t file_offset);
  void enter(size_t position);

  const Facts& facts_;
  ChunkKind kind_ = ChunkKind::section;
  uint64_t base_ = 0;
  size_t count_ = 0;
  size_t current_ = kNone;
  uint64_t begin_ = 0;  // of the current chunk, in the file
  uint64_t size_ = 0;
};

}  // namespace wasmpack
