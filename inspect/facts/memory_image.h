// What a finished module's data and element segments put into its first memory and table before any
// code runs, as far as they lie at constant places; also what a start function does that only fills
// memory, as wasm-ld's `__wasm_init_memory`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "object/object.h"

namespace wasmpack {

class MemoryImage {
 public:
  static constexpr size_t kLongestText = 4096;

  // Linear in the number of segments, but for sorting them.
  explicit MemoryImage(const Object& object);

  // The byte at an address before any code runs; nothing if that is not known. Memory that the
  // module defines and no segment covers is zero.
  std::optional<uint8_t> find_byte(uint64_t address) const;
  // The text from an address to its NUL byte; it must lie in one segment and not be longer than
  // kLongestText bytes.
  std::optional<std::string_view> find_text(uint64_t address) const;

 private:
  struct Piece {
    uint64_t address;
    uint64_t size;
    Bytes content;  // empty: zeros
  };
  void read_start(const Object& object);
  const Piece* find_piece(uint64_t address) const;

  std::vector<Piece> pieces_;     // by address, disjoint
  bool is_zero_between_ = false;  // else what no piece covers is not known
};

class TableImage {
 public:
  explicit TableImage(const Object& object);

  // The function in a slot; nothing if none is known to be there.
  std::optional<uint32_t> find_function(uint64_t slot) const;

 private:
  struct Piece {
    uint64_t slot;
    const ElementSegment* segment;
  };
  std::vector<Piece> pieces_;  // by slot, disjoint
};

}  // namespace wasmpack
