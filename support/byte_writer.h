// Appends wasm encodings to a growing buffer.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "support/bytes.h"
#include "support/leb128.h"

namespace wasmpack {

class ByteWriter {
 public:
  void write_u8(uint8_t value) { bytes_.push_back(value); }
  void write_u32_le(uint32_t value) { write_raw(&value, sizeof value); }
  void write_varuint(uint64_t value) {
    uint8_t buffer[kPaddedLeb64];
    write_raw(buffer, static_cast<size_t>(write_uleb(buffer, value) - buffer));
  }
  void write_varint(int64_t value) {
    uint8_t buffer[kPaddedLeb64];
    write_raw(buffer, static_cast<size_t>(write_sleb(buffer, value) - buffer));
  }
  // Exactly `width` bytes; the value must fit.
  void write_padded_varuint(uint64_t value, unsigned width) {
    uint8_t buffer[kPaddedLeb64];
    write_padded_uleb(buffer, value, width);
    write_raw(buffer, width);
  }
  void write_bytes(Bytes bytes) { write_raw(bytes.data(), bytes.size()); }
  void write_name(std::string_view name) {
    write_varuint(name.size());
    write_raw(name.data(), name.size());
  }
  // A length and then the bytes: a subsection's or an entry's payload.
  void write_sized(Bytes bytes) {
    write_varuint(bytes.size());
    write_bytes(bytes);
  }
  // Room for `size` bytes, to be filled by the caller before the next write.
  uint8_t* extend(size_t size) {
    bytes_.resize(bytes_.size() + size);
    return bytes_.data() + bytes_.size() - size;
  }
  void reserve(size_t size) { bytes_.reserve(size); }
  void clear() { bytes_.clear(); }

  size_t size() const { return bytes_.size(); }
  uint8_t* data() { return bytes_.data(); }
  Bytes bytes() const { return bytes_; }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  void write_raw(const void* data, size_t size) {
    if (size == 0) return;  // memcpy from null is undefined even for nothing
    const size_t old = bytes_.size();
    bytes_.resize(old + size);
    std::memcpy(bytes_.data() + old, data, size);
  }

  std::vector<uint8_t> bytes_;
};

}  // namespace wasmpack
